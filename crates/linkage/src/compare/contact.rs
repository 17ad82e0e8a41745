//! Emails, phones, numbers given by authorities, and whether one's email is made of the other's name.

use super::text::distance;
use super::{Comparison, Pattern, alike, edits_exceed};
use crate::record::{NONE, Pool, Row, ValueId};

pub(super) fn compare(pool: &Pool, a: &Row, b: &Row, pattern: &mut Pattern) {
    // Emails of one name are alike because the names are.
    let named = pattern.reaches(Comparison::Given, 4) || pattern.reaches(Comparison::Family, 3);
    let level = best(&a.emails, &b.emails, |x, y| match email(pool, x, y) {
        1 if named => 0,
        2 | 3 if named && is_name(pool, x, a) && is_name(pool, y, b) => 0,
        level => level,
    });
    if let Some(level) = level {
        pattern.set(Comparison::Email, level);
    }
    if let Some(level) = best(&a.phones, &b.phones, |x, y| phone(pool, x, y)) {
        pattern.set(Comparison::Phone, level);
    }
    if a.government != NONE && b.government != NONE {
        pattern.set(Comparison::Government, government(pool, a.government, b.government));
    }
    if !pattern.reaches(Comparison::Email, 2)
        && let Some(level) = derived(pool, a, b).max(derived(pool, b, a))
    {
        pattern.set(Comparison::EmailName, level);
    }
}

fn best(a: &[ValueId], b: &[ValueId], level: impl Fn(ValueId, ValueId) -> u8) -> Option<u8> {
    let mut found = None;
    for x in a.iter().filter(|id| **id != NONE) {
        for y in b.iter().filter(|id| **id != NONE) {
            found = found.max(Some(level(*x, *y)));
        }
    }
    found
}

#[expect(clippy::many_single_char_names, reason = "two sides and what is taken of each")]
fn email(pool: &Pool, a: ValueId, b: ValueId) -> u8 {
    if a == b {
        return 4;
    }
    let (x, y) = (pool.value(a), pool.value(b));
    let (p, q) = (pool.letters(x), pool.letters(y));
    let most = if p.len().min(q.len()) >= 16 { 2 } else { 1 };
    if !edits_exceed(x, y, most) && distance(p, q, most as usize).is_some() {
        return if only_numbers_differ(p, q) { 1 } else { 3 };
    }
    let (x, y) = (pool.value(x.alias), pool.value(y.alias));
    if x.hash == y.hash {
        return 2;
    }
    if (x.signature & y.signature).count_ones() < 3 {
        return 0;
    }
    let (p, q) = (pool.letters(x), pool.letters(y));
    let long = p.len().min(q.len()) >= 6;
    if long && !edits_exceed(x, y, 1) && distance(p, q, 1).is_some() {
        return if only_numbers_differ(p, q) { 1 } else { 2 };
    }
    u8::from(long && alike(x, y, p, q) >= 0.88)
}

/// Whether the local part of an email is the name of a row and no more, as anybody's of that name may be:
/// family name and given name or its initial, and a figure at most.
fn is_name(pool: &Pool, email: ValueId, row: &Row) -> bool {
    let letters = |id: ValueId| if id == NONE { &[] } else { pool.letters(pool.value(id)) };
    let (local, given, family) =
        (letters(pool.value(email).alias), letters(row.given), letters(row.family));
    let numbers = local.iter().filter(|letter| letter.is_ascii_digit()).count();
    let rest: Vec<u8> = local.iter().filter(|l| l.is_ascii_alphabetic()).copied().collect();
    let made_of = |first: &[u8], second: &[u8]| {
        if first.len() < 3 {
            return false;
        }
        let left = rest.strip_prefix(first).or_else(|| rest.strip_suffix(first));
        left.is_some_and(|left| {
            left.is_empty() || left == second || (left.len() == 1 && second.first() == left.first())
        })
    };
    numbers < 2 && (made_of(family, given) || made_of(given, family))
}

/// Whether the same letters bear numbers more than a slip apart: providers hand out `ada71` and
/// `ada35` to two people.
fn only_numbers_differ(p: &[u8], q: &[u8]) -> bool {
    let letters = |text: &[u8]| {
        text.iter().filter(|letter| letter.is_ascii_alphabetic()).copied().collect::<Vec<u8>>()
    };
    let numbers = |text: &[u8]| {
        text.iter().filter(|letter| letter.is_ascii_digit()).copied().collect::<Vec<u8>>()
    };
    let (x, y) = (numbers(p), numbers(q));
    let short = x.len().max(y.len()) < 3;
    letters(p) == letters(q) && x != y && (short || distance(&x, &y, 1).is_none())
}

fn phone(pool: &Pool, a: ValueId, b: ValueId) -> u8 {
    if a == b {
        return 2;
    }
    let (p, q) = (pool.letters(pool.value(a)), pool.letters(pool.value(b)));
    // One with and one without calling code.
    if p.len().min(q.len()) >= 9 && p.len() != q.len() && (p.ends_with(q) || q.ends_with(p)) {
        return 2;
    }
    u8::from(p.len().min(q.len()) >= 7 && distance(p, q, 1).is_some())
}

fn government(pool: &Pool, a: ValueId, b: ValueId) -> u8 {
    if a == b {
        return 3;
    }
    let (p, q) = (pool.letters(pool.value(a)), pool.letters(pool.value(b)));
    match distance(p, q, 2) {
        Some(0 | 1) => 2,
        Some(_) => 1,
        None => 0,
    }
}

/// Whether the email of `a` contains those names of `b` that `a` does not say itself: 2 all, 1 the
/// family name and an initial; nothing where that cannot be asked.
fn derived(pool: &Pool, a: &Row, b: &Row) -> Option<u8> {
    let email = a.emails.iter().copied().find(|id| *id != NONE)?;
    let wanted = |own: ValueId, other: ValueId| own == NONE && other != NONE;
    let (given_wanted, family_wanted) = (wanted(a.given, b.given), wanted(a.family, b.family));
    if !given_wanted && !family_wanted {
        return None;
    }
    let local = pool.letters(pool.value(pool.value(email).alias));
    let letters = |id: ValueId| pool.letters(pool.value(id));
    let (given, family) = (letters(b.given), letters(b.family));
    let has = |part: &[u8]| part.len() >= 3 && local.windows(part.len()).any(|at| at == part);
    let initial = given.first().is_some_and(|first| local.first() == Some(first));
    Some(match (given_wanted, family_wanted) {
        (true, true) if has(family) && has(given) => 2,
        (true, false) if has(given) => 2,
        (true, _) if has(family) && initial => 1,
        (false, true) if has(family) => 2,
        _ => 0,
    })
}
