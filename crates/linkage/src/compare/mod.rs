//! Comparing two rows: one ordered level per comparison, packed into a [`Pattern`].
//!
//! Levels are ordered by how much they speak for one person; the model learns how much, and keeps
//! the order. A comparison for which either row has no value is missing: no evidence.

mod contact;
mod name;
mod place;
mod text;

pub use text::{distance, jaro_winkler};

use crate::record::{NONE, Pool, Row, Value, ValueId};

macro_rules! comparisons {
    ($($(#[$doc:meta])* $name:ident = $word:literal, [$($level:literal),*];)*) => {
        /// What is compared.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
        #[repr(u8)]
        pub enum Comparison { $($(#[$doc])* $name,)* }

        impl Comparison {
            /// Every comparison.
            pub const ALL: &'static [Self] = &[$(Self::$name),*];

            /// The word for it in model files and explanations.
            pub const fn word(self) -> &'static str {
                match self { $(Self::$name => $word,)* }
            }

            /// The words for its levels, from the one that speaks most against one person.
            pub const fn levels(self) -> &'static [&'static str] {
                match self { $(Self::$name => &[$($level),*],)* }
            }
        }
    };
}

comparisons! {
    /// Given names.
    Given = "given_name", ["different", "alike", "initial", "elsewhere", "close", "exact"];
    /// Family names.
    Family = "family_name", ["different", "alike", "elsewhere", "close", "exact"];
    /// Further words of the name.
    Middle = "middle_name", ["different", "close", "shared", "several shared"];
    /// Generations.
    Suffix = "suffix", ["different", "exact"];
    /// Sex.
    Sex = "sex", ["different", "exact"];
    /// Birth dates.
    Birth = "birth_date", ["different", "same year", "alike", "two parts", "one slip", "exact"];
    /// Street and number.
    Street = "street", ["elsewhere", "same state", "same town", "street", "close", "exact"];
    /// Unit or second address line.
    Unit = "unit", ["different", "close", "exact"];
    /// Suburb.
    Suburb = "suburb", ["different", "alike", "close", "exact"];
    /// Town.
    City = "city", ["different", "alike", "close", "exact"];
    /// State.
    State = "state", ["different", "exact"];
    /// Postal code.
    Postcode = "postcode", ["different", "area", "close", "exact"];
    /// Emails, the best pair.
    Email = "email", ["different", "alike", "local part", "close", "exact"];
    /// Phones, the best pair.
    Phone = "phone", ["different", "close", "exact"];
    /// Numbers given by authorities.
    Government = "government_id", ["different", "alike", "close", "exact"];
    /// The one's email against the other's name, where emails do not agree.
    EmailName = "email_of_name", ["no", "in part", "whole"];
    /// First other column.
    Other0 = "other_1", ["different", "alike", "close", "exact"];
    /// Second other column.
    Other1 = "other_2", ["different", "alike", "close", "exact"];
    /// Third other column.
    Other2 = "other_3", ["different", "alike", "close", "exact"];
    /// Fourth other column.
    Other3 = "other_4", ["different", "alike", "close", "exact"];
}

/// How many comparisons there are.
pub const COMPARISONS: usize = Comparison::ALL.len();
/// The levels of a comparison, at most.
pub const LEVELS_MAX: usize = 6;

/// The levels of one pair, three bits each: 0 missing, otherwise level + 1.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Pattern(pub u64);

impl Pattern {
    /// The level of a comparison; nothing when missing.
    #[inline]
    pub const fn level(self, comparison: Comparison) -> Option<usize> {
        match (self.0 >> (comparison as u8 * 3)) & 7 {
            0 => None,
            level => Some((level & 7) as u8 as usize - 1),
        }
    }

    /// The raw three bits of the comparison with this number.
    #[inline]
    pub(crate) const fn bits(self, number: usize) -> usize {
        ((self.0 >> (number * 3)) & 7) as u8 as usize
    }

    fn drop(&mut self, comparison: Comparison) {
        self.0 &= !(7 << (comparison as u8 * 3));
    }

    #[inline]
    fn set(&mut self, comparison: Comparison, level: u8) {
        self.0 |= (u64::from(level) + 1) << (comparison as u8 * 3);
    }

    /// Whether the level of a comparison is at least `level`.
    #[inline]
    pub fn reaches(self, comparison: Comparison, level: usize) -> bool {
        self.level(comparison).is_some_and(|found| found >= level)
    }
}

const _: () = assert!(COMPARISONS * 3 <= 64, "a pattern is a u64");

/// Compares two rows of one pool. Symmetric.
pub fn compare(pool: &Pool, a: &Row, b: &Row) -> Pattern {
    let mut pattern = Pattern::default();
    name::compare(pool, a, b, &mut pattern);
    if a.sex != 0 && b.sex != 0 {
        pattern.set(Comparison::Sex, u8::from(a.sex == b.sex));
    }
    if a.suffix != 0 && b.suffix != 0 {
        pattern.set(Comparison::Suffix, u8::from(a.suffix == b.suffix));
    }
    if let Some(level) = place::birth(a.birth_date, b.birth_date) {
        pattern.set(Comparison::Birth, level);
    }
    place::compare(pool, a, b, &mut pattern);
    contact::compare(pool, a, b, &mut pattern);
    for (comparison, (x, y)) in OTHERS.iter().zip(a.others.iter().zip(&b.others)) {
        if *x != NONE && *y != NONE {
            pattern.set(*comparison, likeness(pool, *x, *y));
        }
    }
    pattern
}

const OTHERS: [Comparison; 4] =
    [Comparison::Other0, Comparison::Other1, Comparison::Other2, Comparison::Other3];

/// Four levels of likeness of two free texts: 3 equal, 2 an edit or two, 1 alike.
#[expect(clippy::many_single_char_names, reason = "two sides and what is taken of each")]
fn likeness(pool: &Pool, a: ValueId, b: ValueId) -> u8 {
    if a == b {
        return 3;
    }
    let (x, y) = (pool.value(a), pool.value(b));
    if edits_exceed(x, y, 8) {
        return 0;
    }
    let (p, q) = (pool.letters(x), pool.letters(y));
    let least = p.len().min(q.len());
    let most = if least >= 8 { 2 } else { 1 };
    if least >= 3 && !edits_exceed(x, y, most) && distance(p, q, most as usize).is_some() {
        return 2;
    }
    let contained = least >= 4 && (contains(p, q) || contains(q, p));
    u8::from(contained || alike(x, y, p, q) >= 0.87)
}

/// Jaro–Winkler similarity, or 0 where letters alone show that it is below 0.82.
fn alike(a: &Value, b: &Value, p: &[u8], q: &[u8]) -> f32 {
    let lacking = |x: u32, y: u32| (x & !y).count_ones();
    let lacking = (lacking(a.signature, b.signature), lacking(b.signature, a.signature));
    if text::jaro_winkler_most(p, q, lacking) < 0.82 { 0.0 } else { jaro_winkler(p, q) }
}

fn contains(long: &[u8], short: &[u8]) -> bool {
    short.len() < long.len() && long.windows(short.len()).any(|part| part == short)
}

/// Whether the letters alone show that more than `edits` edits are between two values. One edit
/// changes two letters at most.
#[inline]
fn edits_exceed(a: &Value, b: &Value, edits: u32) -> bool {
    (a.signature ^ b.signature).count_ones() > 2 * edits
}

#[cfg(test)]
mod tests;
