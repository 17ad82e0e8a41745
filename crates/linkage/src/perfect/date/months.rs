//! The words and numbers of a written date.

use crate::perfect::match_form;

/// A part of a written date that says something.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Token {
    /// A number and how many digits it was written with.
    Number {
        /// Its value.
        value: u32,
        /// Its digits.
        digits: usize,
    },
    /// The name of a month, from 1 to 12.
    Month(u8),
}

/// Month names, folded, by their shortest unmistakable beginnings: en de fr es pt it nl sv pl tr fi.
const MONTHS: &[(u8, &[&str])] = &[
    (1, &["jan", "janner", "jaenner", "ene", "gen", "sty", "oca", "tammi"]),
    (2, &["feb", "fev", "lut", "sub", "helmi"]),
    (3, &["mar", "maa", "mae", "mrz", "mrt"]),
    (4, &["apr", "avr", "abr", "kwi", "nis", "huhti"]),
    (5, &["may", "mai", "maj", "mei", "mag", "touko"]),
    (6, &["jun", "juin", "giu", "cze", "haz", "kesa"]),
    (7, &["jul", "juil", "lug", "lip", "tem", "heina"]),
    (8, &["aug", "aou", "ago", "sie", "agu", "elo"]),
    (9, &["sep", "set", "wrz", "eyl", "syys"]),
    (10, &["oct", "okt", "out", "ott", "paz", "eki", "loka"]),
    (11, &["nov", "lis", "kas", "marras"]),
    (12, &["dec", "dez", "dic", "gru", "ara", "joulu"]),
];

/// Words of a date that say nothing.
const FILLERS: &[&str] =
    &["of", "de", "del", "den", "the", "le", "er", "st", "nd", "rd", "th", "o", "r"];

const WEEKDAYS: &[&str] = &[
    "mon",
    "tue",
    "wed",
    "thu",
    "fri",
    "sat",
    "sun",
    "montag",
    "dienstag",
    "mittwoch",
    "donnerstag",
    "freitag",
    "samstag",
    "sonntag",
    "lun",
    "mardi",
    "mer",
    "jeu",
    "ven",
    "sam",
    "dim",
    "mie",
    "jue",
    "vie",
    "dom",
];

/// The first years of Japanese eras, less one.
const ERAS: &[(&str, u32)] =
    &[("令和", 2018), ("平成", 1988), ("昭和", 1925), ("大正", 1911), ("明治", 1867)];

/// The parts in order, or nothing when a word is no part of a date or there are too many.
pub(super) fn tokens(body: &str) -> Option<Vec<Token>> {
    let (era, rest) = ERAS
        .iter()
        .find_map(|(name, before)| body.strip_prefix(name).map(|rest| (*before, rest)))
        .unwrap_or((0, body));
    let spaced = rest.replace(['年', '月', '日', '년', '월', '일'], " ").replace('元', "1");
    let mut found = Vec::new();
    for piece in runs(&spaced) {
        if piece.starts_with(|letter: char| letter.is_ascii_digit()) {
            let value: u32 = piece.parse().ok()?;
            let first_of_era = era > 0 && found.is_empty();
            let (value, digits) =
                if first_of_era { (value + era, 4) } else { (value, piece.len()) };
            found.push(Token::Number { value, digits });
        } else {
            word(&piece, &mut found)?;
        }
        if found.len() > 3 {
            return None;
        }
    }
    Some(found)
}

fn word(piece: &str, found: &mut Vec<Token>) -> Option<()> {
    let folded = match_form(piece);
    if folded.is_empty() || FILLERS.contains(&folded.as_str()) {
        return Some(());
    }
    if let Some(month) = month(&folded) {
        found.push(Token::Month(month));
        return Some(());
    }
    WEEKDAYS.iter().any(|day| folded.starts_with(day)).then_some(())
}

/// The month of the longest beginning that fits: `marras` is November, `mars` is March.
fn month(folded: &str) -> Option<u8> {
    MONTHS
        .iter()
        .flat_map(|(month, starts)| starts.iter().map(move |start| (*month, *start)))
        .filter(|(_, start)| folded.starts_with(start))
        .max_by_key(|(_, start)| start.len())
        .map(|(month, _)| month)
}

/// Runs of digits and runs of letters; everything between them separates.
fn runs(text: &str) -> Vec<String> {
    let mut out: Vec<String> = Vec::new();
    let mut kind = 0;
    for letter in text.chars() {
        let now = if letter.is_ascii_digit() {
            1
        } else if letter.is_alphabetic() || unicode_normalization::char::is_combining_mark(letter) {
            2
        } else {
            0
        };
        if now != 0 {
            match out.last_mut() {
                Some(last) if now == kind => last.push(letter),
                _ => out.push(letter.to_string()),
            }
        }
        kind = now;
    }
    out
}
