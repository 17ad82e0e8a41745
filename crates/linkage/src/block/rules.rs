//! The rules by which keys are made. Redundancy beats finesse: a pair that errors hide from one rule
//! is found by another.

macro_rules! rules {
    ($($(#[$doc:meta])* $name:ident = $word:literal, $width:literal;)*) => {
        /// One way to find candidates.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
        #[repr(u8)]
        pub enum Rule { $($(#[$doc])* $name,)* }

        /// All rules, in the order in which a pair is ascribed to them.
        pub const RULES: &[Rule] = &[$(Rule::$name),*];

        const WIDTHS: [usize; RULES.len()] = [$($width),*];

        impl Rule {
            /// The word for it in reports.
            pub const fn word(self) -> &'static str {
                match self { $(Self::$name => $word,)* }
            }

            /// How many keys a row can have by it.
            pub const fn width(self) -> usize {
                match self { $(Self::$name => $width,)* }
            }
        }
    };
}

rules! {
    /// The same email.
    Email = "email", 2;
    /// The same phone, by its last seven digits.
    Phone = "phone", 3;
    /// The same number given by an authority.
    Government = "government_id", 1;
    /// The same birth date.
    Birth = "birth_date", 1;
    /// Given and family name sound alike, in either order.
    Sounds = "name_sounds", 1;
    /// The same local part of an email.
    Local = "email_local", 2;
    /// Family name by sound, and birth year.
    FamilyYear = "family+year", 1;
    /// Given name by sound, birth year and month.
    GivenMonth = "given+month", 1;
    /// Given name by sound, birth month and day.
    GivenDay = "given+day", 1;
    /// Family name by sound, birth month and day.
    FamilyDay = "family+day", 1;
    /// Initials, birth year and day.
    InitialsYearDay = "initials+year+day", 1;
    /// Initials, birth year and month.
    InitialsYearMonth = "initials+year+month", 1;
    /// Family name by sound, and postcode.
    FamilyPostcode = "family+postcode", 1;
    /// Given name by sound, and postcode.
    GivenPostcode = "given+postcode", 1;
    /// Family name by sound, and town.
    FamilyCity = "family+city", 1;
    /// Given name by sound, and town.
    GivenCity = "given+city", 1;
    /// Street and house number.
    House = "house", 1;
    /// The first four letters of the street or second address line, and postcode or town.
    Street = "street+place", 2;
    /// House number, and family name by sound.
    NumberFamily = "number+family", 1;
    /// Half of a number given by an authority, and postcode.
    GovernmentHalf = "half_government_id+postcode", 2;
    /// House number and postcode.
    NumberPostcode = "number+postcode", 1;
    /// Postcode and birth year.
    PostcodeBirth = "postcode+year", 1;
    /// The first three letters of given and family name.
    Starts = "name_starts", 1;
    /// A further word of the name, and birth year.
    TokenYear = "token+year", 4;
    /// A further word of the name, and postcode.
    TokenPostcode = "token+postcode", 4;
    /// Another column, and family name by sound.
    OtherFamily = "other+family", 4;
    /// Another column, given name by sound, and birth year.
    OtherGiven = "other+given+year", 4;
    /// The letters of an email's local part are a name.
    NameOfEmail = "email_of_name", 5;
}

/// The keys of a row, at most.
pub const SLOTS: usize = total(RULES.len());

const fn total(rules: usize) -> usize {
    let (mut sum, mut rule, mut rest) = (0, 0, WIDTHS.as_slice());
    while let [width, after @ ..] = rest {
        if rule < rules {
            sum += *width;
        }
        rest = after;
        rule += 1;
    }
    sum
}

impl Rule {
    /// The largest block of the rule. Rules whose keys say little are kept to small blocks.
    pub const fn block_max(self) -> usize {
        let weak =
            matches!(self, Self::Starts | Self::TokenYear | Self::GivenCity | Self::FamilyCity);
        if matches!(self, Self::NameOfEmail) {
            super::BLOCK_MAX / 3
        } else if weak {
            super::BLOCK_MAX / 2
        } else {
            super::BLOCK_MAX
        }
    }

    /// The first slot of the rule.
    pub const fn start(self) -> usize {
        total(self as usize)
    }
}
