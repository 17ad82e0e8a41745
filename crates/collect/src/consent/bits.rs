//! The bits of IAB consent strings: six to a letter of the URL-safe alphabet, most significant first
//! (GPP "Consent String Specification", section on encodings; TCF "TC String Format").

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use std::fmt;
use std::iter;
use std::ops::RangeInclusive;

/// The longest consent string that is read, in bytes. Real ones have a few thousand at most.
pub const STRING_BYTES_MAX: usize = 32 * 1024;

/// The longest number in Fibonacci coding, in bits; it holds numbers beyond 100,000.
const FIBONACCI_BITS_MAX: usize = 24;

/// The widest number: with up to seven bits on either side it fits 63.
const NUMBER_BITS_MAX: usize = 48;

/// Letters of the alphabet that make whole bytes.
const GROUP_LETTERS: usize = 4;

/// Bits that one letter carries.
const LETTER_BITS: usize = 6;

/// Why a consent string, or a part of it, is not read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Fault {
    /// What is wrong.
    pub code: Code,
    /// In which segment or section.
    pub segment: &'static str,
    /// In which field, as its specification calls it; empty when it is the segment as a whole.
    pub field: &'static str,
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { code, segment, field } = self;
        let dot = if field.is_empty() { "" } else { "." };
        write!(f, "{} at `{segment}{dot}{field}`", code.message())
    }
}

impl std::error::Error for Fault {}

/// What can be wrong with a consent string.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Code {
    /// It is longer than [`STRING_BYTES_MAX`].
    TooLong,
    /// It has more segments or sections than are read.
    TooMany,
    /// It has letters outside the URL-safe alphabet.
    Alphabet,
    /// It ends within a field.
    Ends,
    /// Its kind or its version is none we know.
    Version,
    /// It was made for a scope that no longer exists (TCF: `IsServiceSpecific` is 0).
    Scope,
    /// It was made under a policy that no longer held then (TCF 2.2).
    Policy,
    /// A segment that may come once comes twice.
    Twice,
    /// A range is empty or begins at nothing.
    Range,
    /// A pair of letters is none.
    Letters,
    /// A field has a value that its specification does not define.
    Undefined,
    /// The header names another number of sections than there are.
    Sections,
    /// It may be well formed, but we do not know its layout.
    Unknown,
}

impl Code {
    /// The code for programs.
    pub const fn word(self) -> &'static str {
        match self {
            Self::TooLong => "too_long",
            Self::TooMany => "too_many",
            Self::Alphabet => "alphabet",
            Self::Ends => "ends",
            Self::Version => "version",
            Self::Scope => "scope",
            Self::Policy => "policy",
            Self::Twice => "twice",
            Self::Range => "range",
            Self::Letters => "letters",
            Self::Undefined => "undefined",
            Self::Sections => "sections",
            Self::Unknown => "unknown",
        }
    }

    const fn message(self) -> &'static str {
        match self {
            Self::TooLong => "the consent string is too long",
            Self::TooMany => "the consent string has too many parts",
            Self::Alphabet => "the consent string is not base64url",
            Self::Ends => "the consent string ends within a field",
            Self::Version => "the consent string has another kind or version",
            Self::Scope => "the consent string is not of one service",
            Self::Policy => "the consent string is of a policy that no longer held",
            Self::Twice => "the consent string has a segment twice",
            Self::Range => "the consent string has a range of nothing",
            Self::Letters => "the consent string has letters that are none",
            Self::Undefined => "the consent string has a value without a meaning",
            Self::Sections => "the consent string has other sections than its header says",
            Self::Unknown => "the consent string has a section of unknown layout",
        }
    }
}

/// Numbers from 1 to 64, such as purposes.
#[derive(Clone, Copy, Default, PartialEq, Eq)]
pub struct Ids(u64);

impl Ids {
    /// Whether a number is among them.
    pub fn contains(self, id: u8) -> bool {
        self.intersection([id]) != Self::default()
    }

    /// The numbers, ascending.
    pub fn iter(self) -> impl Iterator<Item = u8> {
        (1..=64).filter(move |id| self.contains(*id))
    }

    /// Those that are among `ids`, too.
    #[must_use]
    pub fn intersection(self, ids: impl IntoIterator<Item = u8>) -> Self {
        Self(self.0 & ids.into_iter().collect::<Self>().0)
    }

    /// Those that are not among `ids`.
    #[must_use]
    pub const fn without(self, ids: Self) -> Self {
        Self(self.0 & !ids.0)
    }
}

/// Numbers beyond 64 are left out.
impl FromIterator<u8> for Ids {
    fn from_iter<T: IntoIterator<Item = u8>>(ids: T) -> Self {
        let mask = |id: u8| 1_u64.checked_shl(u32::from(id.wrapping_sub(1))).unwrap_or_default();
        Self(ids.into_iter().fold(0, |all, id| all | mask(id)))
    }
}

impl fmt::Debug for Ids {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_set().entries(self.iter()).finish()
    }
}

/// Holds a whole string to [`STRING_BYTES_MAX`], by which all work on it is bounded.
pub(super) const fn bounded(string: &str, segment: &'static str) -> Result<(), Fault> {
    if string.len() > STRING_BYTES_MAX {
        return Err(Fault { code: Code::TooLong, segment, field: "" });
    }
    Ok(())
}

/// Reads fields one after the other; each method fails where the string ends within the field.
pub(super) struct Bits {
    bytes: Vec<u8>,
    at: usize,
    end: usize,
    segment: &'static str,
}

impl Bits {
    /// The bits of one segment. Padding does not matter: spare bits and `=` at the end are passed
    /// over, and so is a last letter that encoders of whole bytes would never write (`DBABM`).
    pub(super) fn of(text: &str, segment: &'static str) -> Result<Self, Fault> {
        let text = text.trim_end_matches('=');
        // The letter of zero fills the last group, so that its bits come out as bytes.
        let missing = text.len().next_multiple_of(GROUP_LETTERS) - text.len();
        let mut filled = text.to_owned();
        filled.extend(iter::repeat_n('A', missing));
        let bytes = URL_SAFE_NO_PAD.decode(filled).map_err(|_| Fault {
            code: Code::Alphabet,
            segment,
            field: "",
        })?;
        Ok(Self { bytes, at: 0, end: text.len() * LETTER_BITS, segment })
    }

    /// How many bits the segment has, spare ones included.
    pub(super) const fn len(&self) -> usize {
        self.end
    }

    /// The same bits, once it is known what segment they are.
    pub(super) fn named(self, segment: &'static str) -> Self {
        Self { segment, ..self }
    }

    /// A fault at a field of this segment.
    pub(super) const fn fault(&self, code: Code, field: &'static str) -> Fault {
        Fault { code, segment: self.segment, field }
    }

    /// A whole number of up to [`NUMBER_BITS_MAX`] bits.
    pub(super) fn number(&mut self, width: usize, field: &'static str) -> Result<i64, Fault> {
        assert!(width <= NUMBER_BITS_MAX, "the bytes around {width} bits fit no number");
        let next = self.at + width;
        let (first, last) = (self.at / 8, next.div_ceil(8));
        let around = self.bytes.get(first..last).filter(|_| next <= self.end);
        let around = around.ok_or_else(|| self.fault(Code::Ends, field))?;
        let whole = around.iter().fold(0, |whole, byte| whole << 8 | i64::from(*byte));
        self.at = next;
        Ok(whole >> (last * 8 - next) & ((1 << width) - 1))
    }

    /// A whole number of up to 16 bits.
    pub(super) fn short(&mut self, width: usize, field: &'static str) -> Result<u16, Fault> {
        self.number(width, field).map(|value| u16::try_from(value).unwrap_or(u16::MAX))
    }

    /// A whole number of up to 8 bits.
    pub(super) fn small(&mut self, width: usize, field: &'static str) -> Result<u8, Fault> {
        self.number(width, field).map(|value| u8::try_from(value).unwrap_or(u8::MAX))
    }

    /// One bit.
    pub(super) fn flag(&mut self, field: &'static str) -> Result<bool, Fault> {
        self.number(1, field).map(|bit| bit == 1)
    }

    /// A bit for each number from 1 to `count`, which is at most 64.
    pub(super) fn ids(&mut self, count: u8, field: &'static str) -> Result<Ids, Fault> {
        let mut found = Vec::new();
        for id in 1..=count {
            if self.flag(field)? {
                found.push(id);
            }
        }
        Ok(found.into_iter().collect())
    }

    /// Two letters, A to Z from 0.
    pub(super) fn letters(&mut self, field: &'static str) -> Result<[char; 2], Fault> {
        let mut letters = ['A'; 2];
        for letter in &mut letters {
            let place = self.small(LETTER_BITS, field)?;
            let known = (place < 26).then(|| char::from(b'A' + place));
            *letter = known.ok_or_else(|| self.fault(Code::Letters, field))?;
        }
        Ok(letters)
    }

    /// A positive number in Fibonacci coding (GPP, "Fibonacci Encoding"): the sum of the Fibonacci
    /// numbers whose bits are set, ended by a second 1 after a 1.
    pub(super) fn fibonacci(&mut self, field: &'static str) -> Result<u32, Fault> {
        let (mut sum, mut this, mut next) = (0_u32, 1_u32, 2_u32);
        let mut before = false;
        for _ in 0..FIBONACCI_BITS_MAX {
            let bit = self.flag(field)?;
            if bit && before {
                return Ok(sum);
            }
            if bit {
                sum += this;
            }
            before = bit;
            (this, next) = (next, this + next);
        }
        Err(self.fault(Code::Range, field))
    }

    /// Numbers as a list of ranges (TCF, "`RangeEntry`"). Ranges are not spread out: a few bits can
    /// name all numbers there are.
    pub(super) fn ranges(
        &mut self,
        field: &'static str,
    ) -> Result<Vec<RangeInclusive<u16>>, Fault> {
        let count = self.short(12, field)?;
        let mut ranges = Vec::new();
        for _ in 0..count {
            let is_range = self.flag(field)?;
            let first = self.short(16, field)?;
            let last = if is_range { self.short(16, field)? } else { first };
            if first == 0 || last < first {
                return Err(self.fault(Code::Range, field));
            }
            ranges.push(first..=last);
        }
        Ok(ranges)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, wanted: Result<i64, Code>) {
        let read = Bits::of(text, "s").and_then(|mut bits| bits.number(12, "f"));
        assert_eq!(read.map_err(|fault| fault.code), wanted, "{text}");
    }

    #[test]
    fn letters_carry_six_bits_however_they_are_padded() {
        check("DB", Ok(0b000_011_000_001));
        check("DBA", Ok(0b000_011_000_001));
        check("DB==", Ok(0b000_011_000_001));
        check("_-", Ok(0b111_111_111_110));
        check("D", Err(Code::Ends));
        check("", Err(Code::Ends));
        check("D/", Err(Code::Alphabet));
        check("D~BB", Err(Code::Alphabet));
        check("=DB", Err(Code::Alphabet));
        check("äöü", Err(Code::Alphabet));
    }

    /// GPP, "Fibonacci Encoding": the first seven numbers.
    #[test]
    fn numbers_are_sums_of_fibonacci_numbers() {
        let letters: String = ["11", "011", "0011", "1011", "00011", "10011", "01011"].concat();
        let mut bits = Bits::of(&super::super::encode::letters(&letters), "s").unwrap();
        let read: Vec<u32> = (0..7).map(|_| bits.fibonacci("f").unwrap()).collect();
        assert_eq!(read, [1, 2, 3, 4, 5, 6, 7]);
        let mut bits = Bits::of("AAAAAAAA", "s").unwrap();
        assert_eq!(bits.fibonacci("f").map_err(|fault| fault.code), Err(Code::Range));
    }

    #[test]
    fn ids_are_a_set() {
        let ids: Ids = [1, 24, 64, 65, 0].into_iter().collect();
        assert_eq!(ids.iter().collect::<Vec<_>>(), [1, 24, 64]);
        assert!(ids.contains(64) && !ids.contains(0) && !ids.contains(65));
        assert_eq!(format!("{:?}", ids.without([24].into_iter().collect())), "{1, 64}");
    }
}
