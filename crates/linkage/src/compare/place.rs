//! Birth dates and the parts of addresses.

use super::text::distance;
use super::{Comparison, Pattern, alike, edits_exceed, likeness};
use crate::record::{NONE, Pool, Row, ValueId};

/// The level of two packed dates; nothing when either is missing.
#[expect(clippy::many_single_char_names, reason = "two sides and what is taken of each")]
pub(super) fn birth(a: u32, b: u32) -> Option<u8> {
    if a == 0 || b == 0 {
        return None;
    }
    if a == b {
        return Some(5);
    }
    let (x, y) = (parts(a), parts(b));
    if x.1 == 0 || y.1 == 0 {
        return Some(if x.0 == y.0 { 3 } else { 0 });
    }
    let (p, q) = (digits(a), digits(b));
    let wrong = p.iter().zip(&q).filter(|(x, y)| x != y).count();
    let crossed = x.0 == y.0 && x.1 == y.2 && x.2 == y.1;
    if wrong == 1 || crossed || (wrong == 2 && distance(&p, &q, 1).is_some()) {
        return Some(4);
    }
    let same = u8::from(x.0 == y.0) + u8::from(x.1 == y.1) + u8::from(x.2 == y.2);
    let year_near = x.0.abs_diff(y.0) <= 1;
    Some(match same {
        2.. => 3,
        _ if wrong == 2 || (year_near && x.1 == y.2 && x.2 == y.1) => 2,
        _ if x.0 == y.0 => 1,
        _ => 0,
    })
}

fn parts(date: u32) -> (u32, u32, u32) {
    (date / 10_000, date / 100 % 100, date % 100)
}

fn digits(mut date: u32) -> [u8; 8] {
    let mut digits = [0; 8];
    for digit in digits.iter_mut().rev() {
        *digit = u8::try_from(date % 10).unwrap_or(0);
        date /= 10;
    }
    digits
}

pub(super) fn compare(pool: &Pool, a: &Row, b: &Row, pattern: &mut Pattern) {
    if a.unit != NONE && b.unit != NONE {
        pattern.set(Comparison::Unit, likeness(pool, a.unit, b.unit).saturating_sub(1));
    }
    for (comparison, x, y) in
        [(Comparison::Suburb, a.suburb, b.suburb), (Comparison::City, a.city, b.city)]
    {
        if x != NONE && y != NONE {
            pattern.set(comparison, likeness(pool, x, y));
        }
    }
    if a.state != NONE && b.state != NONE {
        pattern.set(Comparison::State, u8::from(a.state == b.state));
    }
    if a.postcode != NONE && b.postcode != NONE {
        pattern.set(Comparison::Postcode, postcode(pool, a.postcode, b.postcode));
    }
    let mut level = street(pool, a, b);
    if level.is_some_and(|level| level < 2) && are_lines_crossed(pool, a, b) {
        let same_number = a.number != NONE && a.number == b.number;
        level = Some(if same_number { 3 } else { 2 });
        pattern.drop(Comparison::Unit);
    }
    if let Some(level) = level {
        pattern.set(Comparison::Street, ladder(level, *pattern));
    }
    explain(pattern);
}

/// Whether the first address line of one is the second of the other.
#[expect(clippy::many_single_char_names, reason = "two sides and what is taken of each")]
fn are_lines_crossed(pool: &Pool, a: &Row, b: &Row) -> bool {
    let alike = |street: ValueId, unit: ValueId| {
        let (x, y) = (pool.value(street), pool.value(unit));
        let (p, q) = (pool.letters(x), pool.letters(y));
        p.len().min(q.len()) >= 5 && !edits_exceed(x, y, 2) && distance(p, q, 2).is_some()
    };
    alike(a.street, b.unit) || alike(b.street, a.unit)
}

/// Street and place on one ladder: who moved differs in all of them at once.
fn ladder(street: u8, pattern: Pattern) -> u8 {
    let town = pattern.reaches(Comparison::City, 2) || pattern.reaches(Comparison::Postcode, 2);
    match street {
        2.. => street + 1,
        _ if town => 2,
        _ => u8::from(pattern.reaches(Comparison::State, 1)),
    }
}

/// Drops what another part of the address says already: parts of one address are no independent
/// witnesses. What contradicts is kept.
fn explain(pattern: &mut Pattern) {
    let agree = [(Comparison::City, 2), (Comparison::Postcode, 2), (Comparison::State, 1)];
    if let Some(street) = pattern.level(Comparison::Street) {
        for (comparison, level) in agree {
            if street <= 2 || pattern.reaches(comparison, level) {
                pattern.drop(comparison);
            }
        }
        return;
    }
    let city = pattern.level(Comparison::City);
    let postcode = pattern.level(Comparison::Postcode);
    match (city, postcode) {
        (Some(0 | 1), Some(0 | 1)) => {
            pattern.drop(Comparison::Postcode);
            pattern.drop(Comparison::State);
        }
        (Some(2..), Some(2..)) => {
            pattern.drop(Comparison::City);
            pattern.drop(Comparison::State);
        }
        (Some(_), _) | (_, Some(_)) => pattern.drop(Comparison::State),
        (None, None) => {}
    }
}

/// 4 same street and number; 3 one of them with a slip; 2 same street, other or no number.
#[expect(clippy::many_single_char_names, reason = "two sides and what is taken of each")]
fn street(pool: &Pool, a: &Row, b: &Row) -> Option<u8> {
    if a.street == NONE || b.street == NONE {
        return None;
    }
    let known = a.number != NONE && b.number != NONE;
    let same_number = known && a.number == b.number;
    if a.street == b.street {
        let near = known && number_near(pool, a.number, b.number);
        return Some(match () {
            () if same_number => 4,
            () if near => 3,
            () if a.number == b.number => 3,
            () => 2,
        });
    }
    let (x, y) = (pool.value(a.street), pool.value(b.street));
    if edits_exceed(x, y, 8) {
        return Some(0);
    }
    let (p, q) = (pool.letters(x), pool.letters(y));
    let most = if p.len().min(q.len()) >= 9 { 3 } else { 2 };
    let close = (!edits_exceed(x, y, most) && distance(p, q, most as usize).is_some())
        || alike(x, y, p, q) >= if same_number { 0.88 } else { 0.95 };
    let short = || p.len().min(q.len()) >= 4 && (p.starts_with(q) || q.starts_with(p));
    Some(match () {
        () if same_number && (close || short()) => 3,
        () if close => 2,
        () => u8::from(alike(x, y, p, q) >= 0.87),
    })
}

fn number_near(pool: &Pool, a: ValueId, b: ValueId) -> bool {
    let (p, q) = (pool.letters(pool.value(a)), pool.letters(pool.value(b)));
    p.len().min(q.len()) >= 2 && distance(p, q, 1).is_some()
}

fn postcode(pool: &Pool, a: ValueId, b: ValueId) -> u8 {
    if a == b {
        return 3;
    }
    let (p, q) = (pool.letters(pool.value(a)), pool.letters(pool.value(b)));
    if distance(p, q, 1).is_some() {
        return 2;
    }
    // The inward part of British codes has three letters; elsewhere the first three name the area.
    let area = |code: &[u8]| {
        if code.first().is_some_and(u8::is_ascii_alphabetic) && code.len() > 5 {
            code.len() - 3
        } else {
            3
        }
    };
    let same =
        p.len() >= 4 && q.len() >= 4 && area(p) == area(q) && p.get(..area(p)) == q.get(..area(q));
    u8::from(same)
}
