//! Single values of a record: dates, streets, units, postcodes, emails.

use super::read::{Memo, Options, one, plain, squeezed};
use super::{Kind, NONE, Pool, ValueId};
use crate::perfect::{Country, Verdict, address, date, email};

/// A birth date. One that is impossible is kept as its eight digits: it is a typing error.
pub(super) fn birth(pool: &mut Pool, raw: &str, options: &Options) -> Memo {
    if matches!(date::birth(raw, options.country, options.today), Verdict::Junk(_)) {
        return Memo::default();
    }
    let packed = match date::parse(raw, options.country, options.today) {
        Verdict::Good(good) => {
            let born = good.value;
            let (month, day) = (born.month.unwrap_or(0), born.day.unwrap_or(0));
            u32::from(born.year) * 10_000 + u32::from(month) * 100 + u32::from(day)
        }
        Verdict::Unreadable(_) => eight_digits(raw),
        Verdict::Junk(_) => 0,
    };
    if packed == 0 {
        return Memo::default();
    }
    Memo { more: packed, ..one(pool.intern(Kind::Birth, &format!("{packed:08}"))) }
}

fn eight_digits(raw: &str) -> u32 {
    let digits: String = raw.chars().filter(char::is_ascii_digit).collect();
    let strange = raw.chars().filter(|letter| letter.is_alphabetic()).count();
    match digits.parse() {
        Ok(number) if digits.len() == 8 && strange == 0 => number,
        _ => 0,
    }
}

/// Splits a street line: the street, and in the place of tokens its number and unit.
pub(super) fn street(pool: &mut Pool, raw: &str, country: Option<Country>) -> Memo {
    let Some(good) = address::street(raw, country).good() else { return Memo::default() };
    let key = good.value.match_form();
    let mut parts = key.split('|');
    let mut memo = one(pool.intern(Kind::Street, parts.next().unwrap_or_default()));
    let number = pool.intern(Kind::Number, parts.next().unwrap_or_default());
    let unit = pool.intern(Kind::Unit, &unit(parts.next().unwrap_or_default()));
    memo.tokens = [number, unit, NONE, NONE];
    memo
}

/// A unit without the words for unit.
pub(super) fn unit(raw: &str) -> String {
    const WORDS: &[&str] =
        &["apt", "apartment", "unit", "flat", "suite", "ste", "no", "nr", "floor", "fl", "wohnung"];
    // A second address line is often the street in the wrong place: written as streets are.
    let letters = raw.bytes().filter(u8::is_ascii_alphabetic).count();
    let street = (letters >= 6).then(|| address::street(raw, None).good()).flatten();
    if let Some(good) =
        street.filter(|good| good.value.number.is_none() && good.value.unit.is_none())
    {
        return good.value.match_form().split('|').next().unwrap_or_default().to_owned();
    }
    let folded = plain(raw);
    let rest: Vec<&str> = folded.split(' ').filter(|word| !WORDS.contains(word)).collect();
    rest.concat()
}

pub(super) fn postcode(raw: &str, country: Option<Country>) -> String {
    let known = address::postcode(raw, country).good().map(|good| good.value);
    let folded = known.map_or_else(|| squeezed(raw), |known| squeezed(&known));
    let american = folded.len() == 9 && folded.bytes().all(|byte| byte.is_ascii_digit());
    if american { folded.chars().take(5).collect() } else { folded }
}

/// An email's mailbox. What is no email for a slip of the finger is kept: it can still be compared.
pub(super) fn read_email(pool: &mut Pool, raw: &str) -> ValueId {
    match email::parse(raw) {
        Verdict::Good(good) if good.value.shared => NONE,
        Verdict::Good(good) => pool.intern(Kind::Email, &good.value.canonical),
        Verdict::Junk(_) => NONE,
        Verdict::Unreadable(_) => {
            let folded = raw.trim().to_lowercase();
            let plausible = (6..=64).contains(&folded.len())
                && !folded.contains(' ')
                && folded.contains(['@', '.']);
            if plausible { pool.intern(Kind::Email, &folded) } else { NONE }
        }
    }
}

pub(super) fn government(pool: &mut Pool, raw: &str) -> ValueId {
    let folded = squeezed(raw);
    if folded.len() < 4 { NONE } else { pool.intern(Kind::Government, &folded) }
}
