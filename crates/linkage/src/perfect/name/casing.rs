//! Upper and lower case of names that came all in one.

use super::words::is_particle;
use crate::perfect::{Country, text};

/// The name with its case put right where it was lost; a name in mixed case knows best, except for
/// parts shouted in capitals (`Jean DUPONT`).
pub(super) fn cased(name: &str, country: Option<Country>) -> String {
    let turkish =
        country.is_some_and(|country| country.is_in(&["TR", "AZ"])) || name.contains(['İ', 'ı']);
    let parts: Vec<&str> = name.split(' ').filter(|part| !part.is_empty()).collect();
    let mixed = parts.iter().any(|part| is_mixed(part));
    let last = parts.len().saturating_sub(1);
    let mut out = String::with_capacity(name.len() + 2);
    for (at, part) in parts.iter().enumerate() {
        if at > 0 {
            out.push(' ');
        }
        let shouted = is_shouted(part);
        let whispered = !part.chars().any(char::is_uppercase);
        let wrong = if mixed { shouted } else { shouted || whispered };
        if !wrong {
            out.push_str(part);
        } else if at < last && is_particle(&lower(part, turkish)) {
            out.push_str(&lower(part, turkish));
        } else {
            capitalise(part, turkish, &mut out);
        }
    }
    text::composed(out)
}

/// Upper and lower case letters together, as in `McDonald`.
fn is_mixed(part: &str) -> bool {
    part.chars().any(char::is_lowercase) && part.chars().any(char::is_uppercase)
}

/// Capitals only; two of them without a vowel are initials (`JP`).
fn is_shouted(part: &str) -> bool {
    let letters: Vec<char> = part.chars().filter(|letter| letter.is_alphabetic()).collect();
    let shouted = !part.chars().any(char::is_lowercase) && part.chars().any(char::is_uppercase);
    let initials = letters.len() < 2
        || part.contains('.')
        || (letters.len() == 2
            && !letters.iter().any(|letter| "AEIOUYÄÖÜÁÉÍÓÚØÅ".contains(*letter)));
    shouted && !initials
}

/// Capitals after blanks, hyphens, dots and the apostrophes of `O'Brien`; `Mc` is followed by one too.
fn capitalise(part: &str, turkish: bool, out: &mut String) {
    let mut start = true;
    let lowered = lower(part, turkish);
    let letters: Vec<char> = lowered.chars().collect();
    let is_mc = lowered.starts_with("mc") && letters.len() > 4;
    let is_particle_al =
        ["al-", "el-"].iter().any(|prefix| lowered.starts_with(prefix)) && letters.len() > 4;
    for (at, letter) in letters.iter().enumerate() {
        let upper_here = start || (is_mc && at == 2);
        if upper_here && letter.is_alphabetic() && !(is_particle_al && at == 0) {
            match (turkish, letter) {
                (true, 'i') => out.push('İ'),
                _ => out.extend(title(*letter)),
            }
        } else {
            out.push(*letter);
        }
        // The apostrophe of O'Brien, D'Angelo, L'Hôpital; not the one of Hawai'i or Nasser's.
        let apostrophe = matches!(letter, '\'' | '’') && at == 1 && letters.len() > 3;
        start = matches!(letter, '-' | '.' | '‐' | '/') || apostrophe;
    }
}

/// The upper-case letter, unless that would be several (`ß`, ligatures).
fn title(letter: char) -> impl Iterator<Item = char> {
    let mut upper = letter.to_uppercase();
    match (upper.next(), upper.next()) {
        (Some(one), None) => std::iter::once(one),
        _ => std::iter::once(letter),
    }
}

fn lower(part: &str, turkish: bool) -> String {
    if turkish {
        return part.replace('I', "ı").replace('İ', "i").to_lowercase();
    }
    // `İ` lower-cases to two characters; outside Turkish text it does not come here.
    part.to_lowercase()
}
