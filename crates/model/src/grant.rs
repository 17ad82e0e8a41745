//! What a customer allows, compiled to one bit each.

use crate::{Purpose, UnknownWord};
use serde::{Deserialize, Serialize};
use std::fmt;
use std::str::FromStr;

/// How many grants a house can have, ever: bit numbers are never reused.
pub const GRANTS_MAX: usize = 256;

/// How far a grant reaches within its purpose.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Scope {
    /// The purpose as a whole.
    #[default]
    Whole,
    /// One channel, such as `email`.
    Channel(String),
    /// One recipient, such as a partner company.
    Recipient(String),
}

/// One thing a customer can allow or refuse.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Grant {
    /// Why.
    pub purpose: Purpose,
    /// How far.
    pub scope: Scope,
}

impl Grant {
    /// A purpose as a whole.
    pub const fn whole(purpose: Purpose) -> Self {
        Self { purpose, scope: Scope::Whole }
    }
}

/// `marketing`, `marketing/email` or `third_party_sharing@acme`.
impl fmt::Display for Grant {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.scope {
            Scope::Whole => write!(f, "{}", self.purpose),
            Scope::Channel(channel) => write!(f, "{}/{channel}", self.purpose),
            Scope::Recipient(recipient) => write!(f, "{}@{recipient}", self.purpose),
        }
    }
}

/// Why a text is no grant.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum GrantError {
    /// The purpose is unknown.
    Purpose(UnknownWord),
    /// The channel or recipient is no short plain name.
    Scope,
}

impl fmt::Display for GrantError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Purpose(unknown) => unknown.fmt(f),
            Self::Scope => {
                f.write_str("a channel or recipient is a short name of letters, digits, _ - .")
            }
        }
    }
}

impl std::error::Error for GrantError {}

/// A scope's name may be this long.
const SCOPE_CHARS_MAX: usize = 64;

/// Reads what is written.
impl FromStr for Grant {
    type Err = GrantError;

    fn from_str(text: &str) -> Result<Self, GrantError> {
        let (word, scope) = match text.split_once(['/', '@']) {
            None => (text, Scope::Whole),
            Some((word, name)) => {
                let plain = |at: char| at.is_ascii_alphanumeric() || "_-.".contains(at);
                if name.is_empty() || name.len() > SCOPE_CHARS_MAX || !name.chars().all(plain) {
                    return Err(GrantError::Scope);
                }
                let recipient = text.as_bytes().get(word.len()) == Some(&b'@');
                let name = name.to_owned();
                (word, if recipient { Scope::Recipient(name) } else { Scope::Channel(name) })
            }
        };
        let purpose = Purpose::of_word(word).map_err(GrantError::Purpose)?;
        Ok(Self { purpose, scope })
    }
}

/// The number of a grant's bit.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Bit(pub u8);

/// What one person allows: one bit for each grant, set when allowed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Mask([u64; 4]);

impl Mask {
    /// Nothing is allowed.
    pub const NOTHING: Self = Self([0; 4]);

    /// Whether the grant of `bit` is allowed.
    pub const fn allows(&self, bit: Bit) -> bool {
        let [a, b, c, d] = self.0;
        let word = match bit.0 >> 6 {
            0 => a,
            1 => b,
            2 => c,
            _ => d,
        };
        word >> (bit.0 & 63) & 1 == 1
    }

    /// The same mask with the grant of `bit` allowed or not.
    #[must_use]
    pub const fn with(self, bit: Bit, allowed: bool) -> Self {
        let [mut a, mut b, mut c, mut d] = self.0;
        let word = match bit.0 >> 6 {
            0 => &mut a,
            1 => &mut b,
            2 => &mut c,
            _ => &mut d,
        };
        let one = 1 << (bit.0 & 63);
        *word = if allowed { *word | one } else { *word & !one };
        Self([a, b, c, d])
    }

    /// The allowed bits, ascending.
    pub fn bits(&self) -> impl Iterator<Item = Bit> + use<> {
        let mask = *self;
        (0..=u8::MAX).map(Bit).filter(move |bit| mask.allows(*bit))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_bit_stands_alone() {
        for bit in (0..=u8::MAX).map(Bit) {
            let mask = Mask::NOTHING.with(bit, true);
            assert_eq!(mask.bits().collect::<Vec<_>>(), [bit]);
            assert_eq!(mask.with(bit, false), Mask::NOTHING);
        }
    }
}
