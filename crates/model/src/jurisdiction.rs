//! Under whose law somebody is.

use serde::{Deserialize, Deserializer, Serialize, Serializer};
use std::fmt;
use std::str::FromStr;

/// Bytes of the longest code: a country, a hyphen, a subdivision of three.
const CODE_MAX: usize = 6;

/// A country (ISO 3166-1, two letters) or a part of one (ISO 3166-2): `de`, `us-ca`. The reserved
/// codes `eu` and `uk` are known; `uk` is read as `gb`.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Jurisdiction([u8; CODE_MAX]);

/// A text that is no code of a country or of a part of one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NoJurisdiction;

impl fmt::Display for NoJurisdiction {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(
            "a jurisdiction is a country (ISO 3166-1) or a part of one: `eu`, `de`, `us-ca`",
        )
    }
}

impl std::error::Error for NoJurisdiction {}

impl Jurisdiction {
    /// The European Union: where nothing else is said, its law is assumed.
    pub const EU: Self = Self(*b"eu\0\0\0\0");

    /// The country, without the part of it.
    #[must_use]
    pub const fn country(self) -> Self {
        let [a, b, ..] = self.0;
        Self([a, b, 0, 0, 0, 0])
    }

    fn code(&self) -> &[u8] {
        let end = self.0.iter().position(|byte| *byte == 0).unwrap_or(CODE_MAX);
        self.0.get(..end).unwrap_or_default()
    }
}

impl FromStr for Jurisdiction {
    type Err = NoJurisdiction;

    fn from_str(text: &str) -> Result<Self, NoJurisdiction> {
        let text = text.trim().to_ascii_lowercase();
        let text = if text == "uk" { "gb" } else { &text };
        let (country, part) = text.split_once('-').map_or((text, None), |(a, b)| (a, Some(b)));
        let letters = country.len() == 2 && country.bytes().all(|at| at.is_ascii_lowercase());
        let of_part = part.is_none_or(|part| {
            (1..=3).contains(&part.len()) && part.bytes().all(|at| at.is_ascii_alphanumeric())
        });
        if !letters || !of_part {
            return Err(NoJurisdiction);
        }
        let mut code = [0; CODE_MAX];
        code.iter_mut().zip(text.bytes()).for_each(|(at, byte)| *at = byte);
        Ok(Self(code))
    }
}

impl fmt::Display for Jurisdiction {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(std::str::from_utf8(self.code()).unwrap_or("??"))
    }
}

impl fmt::Debug for Jurisdiction {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Jurisdiction({self})")
    }
}

/// Written as its code.
impl Serialize for Jurisdiction {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Jurisdiction {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        text.parse().map_err(serde::de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_are_read_in_any_case_and_written_in_one() {
        for (text, wanted) in
            [("DE", "de"), ("us-CA", "us-ca"), (" uk ", "gb"), ("au-nsw", "au-nsw")]
        {
            let read: Jurisdiction = text.parse().unwrap();
            assert_eq!(read.to_string(), wanted);
            assert!(wanted.starts_with(&read.country().to_string()));
        }
        for text in ["", "d", "deu", "de-", "de-abcd", "d1", "us_ca", "dé"] {
            assert_eq!(text.parse::<Jurisdiction>(), Err(NoJurisdiction), "{text}");
        }
    }
}
