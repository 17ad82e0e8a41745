//! Which difficulties a record carries: the last column of the truth.

use std::ops::BitOrAssign;

/// A set of difficulties.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Flags(u32);

macro_rules! flags {
    ($($(#[$doc:meta])* $name:ident = $bit:literal, $word:literal;)*) => {
        impl Flags {
            $($(#[$doc])* pub(super) const $name: Self = Self(1 << $bit);)*
            const WORDS: &[(Self, &'static str)] = &[$((Self::$name, $word)),*];
        }
    };
}

flags! {
    /// A letter wrong in a name, an email or a street.
    TYPO = 0, "typo";
    /// A short name in place of the full one.
    NICKNAME = 1, "nickname";
    /// First and last name changed places.
    SWAPPED = 2, "swapped";
    /// A field that this source usually has is empty.
    MISSING = 3, "missing";
    /// Digits of a phone number or a date out of order.
    DIGITS = 4, "digits";
    /// ALL CAPS.
    CAPS = 5, "caps";
    /// A placeholder in place of a value.
    JUNK = 6, "junk";
    /// The shop's own email, typed by a till.
    SHOP_EMAIL = 7, "shop_email";
    /// An email that a family shares.
    FAMILY_EMAIL = 8, "family_email";
    /// A phone number that was somebody else's before.
    RECYCLED_PHONE = 9, "recycled_phone";
    /// A device that several people use.
    SHARED_DEVICE = 10, "shared_device";
    /// A kiosk in a store.
    KIOSK = 11, "kiosk";
    /// A twin.
    TWIN = 12, "twin";
    /// Father and son of one name.
    JUNIOR = 13, "junior_senior";
    /// The household moved.
    MOVED = 14, "moved";
    /// The family name changed by marriage.
    RENAMED = 15, "renamed";
    /// The person has two accounts.
    SECOND_ACCOUNT = 16, "second_account";
    /// The person stands twice in the same file.
    TWICE = 17, "twice";
    /// A visitor who never says who it is.
    STRANGER = 18, "stranger";
    /// A family name that looks like no value.
    NULL_NAME = 19, "null_name";
    /// The landline of a home.
    LANDLINE = 20, "landline";
    /// Carries the marker of a test.
    CANARY = 21, "canary";
    /// Has an account at the web shop.
    ACCOUNT = 22, "";
    /// Uses the app.
    APP = 23, "";
    /// Carries a loyalty card.
    CARD = 24, "";
    /// Stands in the file of the customer-relations desk.
    DESK = 25, "";
    /// Browses with Global Privacy Control.
    GPC = 26, "gpc";
    /// Clears or loses its cookies now and then.
    FORGETS = 27, "";
    /// The clock of the device is wrong.
    SKEWED = 28, "clock_skew";
}

impl Flags {
    /// Whether any of `other` is in the set.
    pub(super) fn has(self, other: Self) -> bool {
        self.0 & other.0 != 0
    }

    /// Both sets.
    #[must_use]
    pub(super) fn with(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }

    /// The set without `other`.
    #[must_use]
    pub(super) fn without(self, other: Self) -> Self {
        Self(self.0 & !other.0)
    }

    /// Only what `other` also has.
    #[must_use]
    pub(super) fn only(self, other: Self) -> Self {
        Self(self.0 & other.0)
    }

    /// Their words, parted by semicolons; facts that are no difficulty have none.
    pub(super) fn words(self) -> String {
        let words = Self::WORDS.iter().filter(|(flag, word)| self.has(*flag) && !word.is_empty());
        words.map(|(_, word)| *word).collect::<Vec<_>>().join(";")
    }
}

impl BitOrAssign for Flags {
    fn bitor_assign(&mut self, other: Self) {
        self.0 |= other.0;
    }
}
