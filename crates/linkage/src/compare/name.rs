//! Names: given and family name, each also at the other's place, and the words between them.

use super::text::distance;
use super::{Comparison, Pattern, alike, edits_exceed};
use crate::record::{Kind, NONE, Pool, Row, TOKENS_MAX, ValueId};

/// How alike two single names are.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Likeness {
    Different,
    Alike,
    Initial,
    Close,
    Exact,
}

pub(super) fn compare(pool: &Pool, a: &Row, b: &Row, pattern: &mut Pattern) {
    let given = both(a.given, b.given).map(|(x, y)| likeness(pool, x, y, true));
    let family = both(a.family, b.family).map(|(x, y)| likeness(pool, x, y, false));
    let low = |found: Option<Likeness>| found.is_none_or(|found| found < Likeness::Close);
    let crossed = low(given) && low(family) && is_crossed(pool, a, b);
    if let Some(found) = given {
        let elsewhere = found < Likeness::Initial
            && (stands_in(a.given, b, b.given) || stands_in(b.given, a, a.given));
        pattern.set(
            Comparison::Given,
            match found {
                _ if crossed => 4,
                _ if elsewhere => 3,
                Likeness::Different => 0,
                Likeness::Alike => 1,
                Likeness::Initial => 2,
                Likeness::Close => 4,
                Likeness::Exact => 5,
            },
        );
    }
    if let Some(found) = family {
        let elsewhere = found < Likeness::Close
            && (stands_in(a.family, b, b.family) || stands_in(b.family, a, a.family));
        pattern.set(
            Comparison::Family,
            match found {
                _ if crossed => 3,
                _ if elsewhere => 2,
                Likeness::Different => 0,
                Likeness::Alike | Likeness::Initial => 1,
                Likeness::Close => 3,
                Likeness::Exact => 4,
            },
        );
    }
    if let Some(level) = middle(pool, a, b) {
        pattern.set(Comparison::Middle, level);
    }
}

fn both(a: ValueId, b: ValueId) -> Option<(ValueId, ValueId)> {
    (a != NONE && b != NONE).then_some((a, b))
}

/// Whether given and family name stand at each other's place.
fn is_crossed(pool: &Pool, a: &Row, b: &Row) -> bool {
    let alike = |x: ValueId, y: ValueId| {
        x != NONE && y != NONE && likeness(pool, x, y, true) >= Likeness::Close
    };
    let (first, second) = (alike(a.given, b.family), alike(a.family, b.given));
    // With one of the four missing, one crossing must do.
    let missing = [a.given, a.family, b.given, b.family].iter().filter(|id| **id == NONE).count();
    (first && second) || (missing > 0 && (first || second))
}

/// Whether a name is a word of the other record's name, at another place than `same`.
fn stands_in(name: ValueId, other: &Row, same: ValueId) -> bool {
    name != same && (other.given == name || other.family == name || other.tokens.contains(&name))
}

#[expect(clippy::many_single_char_names, reason = "two sides and what is taken of each")]
fn likeness(pool: &Pool, a: ValueId, b: ValueId, nicknames: bool) -> Likeness {
    if a == b {
        return Likeness::Exact;
    }
    let (x, y) = (pool.value(a), pool.value(b));
    if nicknames && x.alias == y.alias && x.kind == Kind::Name {
        return Likeness::Close;
    }
    let (p, q) = (pool.letters(x), pool.letters(y));
    let least = p.len().min(q.len());
    if least <= 1 {
        return if p.first() == q.first() { Likeness::Initial } else { Likeness::Different };
    }
    let most = if least >= 7 { 2 } else { 1 };
    if least >= 3 && !edits_exceed(x, y, most) {
        match distance(p, q, most as usize) {
            // Only blanks differ.
            Some(0) => return Likeness::Exact,
            Some(_) => return Likeness::Close,
            None => {}
        }
    }
    if (x.signature & y.signature).count_ones() < 2 {
        return Likeness::Different;
    }
    let alike = alike(x, y, p, q);
    if alike >= 0.93 {
        return Likeness::Close;
    }
    if least >= 3 && (p.starts_with(q) || q.starts_with(p)) {
        return Likeness::Initial;
    }
    if alike >= 0.82 || (x.sound == y.sound && least >= 3) {
        return Likeness::Alike;
    }
    Likeness::Different
}

/// The words of a name beside given and family name.
fn rest(row: &Row) -> ([ValueId; TOKENS_MAX], usize) {
    let mut words = [NONE; TOKENS_MAX];
    let mut count = 0;
    let spare =
        row.tokens.iter().filter(|id| **id != NONE && **id != row.given && **id != row.family);
    for (place, word) in words.iter_mut().zip(spare) {
        *place = *word;
        count += 1;
    }
    (words, count)
}

fn middle(pool: &Pool, a: &Row, b: &Row) -> Option<u8> {
    let (of_a, in_a) = rest(a);
    let (of_b, in_b) = rest(b);
    if in_a == 0 || in_b == 0 {
        return None;
    }
    let of_a = of_a.iter().take(in_a);
    let of_b = || of_b.iter().take(in_b);
    let shared = of_a.clone().filter(|word| of_b().any(|other| other == *word));
    let telling = shared.clone().filter(|word| pool.letters(pool.value(**word)).len() > 1).count();
    if telling > 0 {
        return Some(if telling > 1 { 3 } else { 2 });
    }
    if shared.count() > 0 {
        return Some(1);
    }
    let close = |x: &ValueId, y: &ValueId| likeness(pool, *x, *y, true) >= Likeness::Initial;
    Some(u8::from(of_a.clone().any(|x| of_b().any(|y| close(x, y)))))
}
