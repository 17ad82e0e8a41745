//! Names of things. None of them shows personal data: what is derived from it is keyed.

use serde::{Deserialize, Serialize};
use std::fmt;
use std::str::FromStr;

macro_rules! sixteen_bytes {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(
            Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize,
        )]
        pub struct $name(pub [u8; 16]);

        /// Thirty-two lower-case hexadecimal digits.
        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
            }
        }

        impl FromStr for $name {
            type Err = UnreadableId;

            fn from_str(text: &str) -> Result<Self, UnreadableId> {
                from_hex(text).map(Self).ok_or(UnreadableId)
            }
        }
    };
}

sixteen_bytes! {
    /// One source's view of one customer. Derived with a secret key from the source and the
    /// source's own id, so the same customer of the same source always has the same record.
    RecordId
}

sixteen_bytes! {
    /// A set of linked records. It is the id of the person's oldest record, so every record id
    /// also names the person that holds the record now.
    PersonId
}

sixteen_bytes! {
    /// A keyed pseudonym of a value (HMAC-SHA-256, first 16 bytes): equal values of one kind have
    /// equal blinds, and nobody without the key can go back or guess.
    Blind
}

impl From<RecordId> for PersonId {
    fn from(record: RecordId) -> Self {
        Self(record.0)
    }
}

impl From<PersonId> for RecordId {
    fn from(person: PersonId) -> Self {
        Self(person.0)
    }
}

/// A text that is not thirty-two hexadecimal digits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct UnreadableId;

impl fmt::Display for UnreadableId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("not an id: give its thirty-two hexadecimal digits")
    }
}

impl std::error::Error for UnreadableId {}

fn from_hex(text: &str) -> Option<[u8; 16]> {
    if text.len() != 32 || !text.bytes().all(|digit| digit.is_ascii_hexdigit()) {
        return None;
    }
    u128::from_str_radix(text, 16).ok().map(u128::to_be_bytes)
}

/// A system that sends data, numbered by the order in which the house learnt of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct SourceId(pub u32);

/// Which of its own ids a source gave a record.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum RecordKind {
    /// The source's id of a signed-in or known customer.
    User,
    /// A browser, an app installation or another visitor nobody has named yet.
    Anonymous,
    /// A row of a file or table, by its key.
    Row,
}

/// What sort of identifier a value is; blinds of different kinds never meet.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum IdentifierKind {
    /// A customer id shared by all sources of one namespace.
    UserId,
    /// A visitor id shared by all sources of one namespace.
    AnonymousId,
    /// An email address, canonical.
    Email,
    /// A phone number, E.164.
    Phone,
    /// An advertising or hardware id.
    DeviceId,
    /// The number of a loyalty card.
    Loyalty,
}

impl IdentifierKind {
    /// Every kind, in the order of their strength.
    pub const ALL: [Self; 6] =
        [Self::UserId, Self::Loyalty, Self::AnonymousId, Self::Email, Self::Phone, Self::DeviceId];

    /// The word for it in API, files and documents.
    pub const fn word(self) -> &'static str {
        match self {
            Self::UserId => "user_id",
            Self::AnonymousId => "anonymous_id",
            Self::Email => "email",
            Self::Phone => "phone",
            Self::DeviceId => "device_id",
            Self::Loyalty => "loyalty",
        }
    }

    /// The kind of a word, if it is one.
    pub fn of_word(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.word() == word)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_is_read_as_it_is_written() {
        let id = RecordId([0xa5; 16]);
        assert_eq!(id.to_string().parse(), Ok(id));
    }

    #[test]
    fn rubbish_is_not_an_id() {
        for text in ["", "a5", "+5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5", "zz", &"a".repeat(33)] {
            assert_eq!(text.parse::<RecordId>(), Err(UnreadableId), "{text}");
        }
    }
}
