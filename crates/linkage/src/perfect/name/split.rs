//! Splitting a full name into its parts.

use super::casing::cased;
use super::words::{
    COMPOUND_FAMILIES, SPANISH, binds_to_family, binds_to_given, is_family_first, split_suffix,
    suffix, without_titles,
};
use super::{FullName, start};
use crate::perfect::{Country, Note, Notes, Perfected, Unreadable, Verdict, junk, match_form};

/// Reads a whole name: `Dr. Ada M. Lovelace`, `Lovelace, Ada`, `JOHN SMITH JR.`, `山田 太郎 様`.
pub fn full(raw: &str, country: Option<Country>) -> Verdict<FullName> {
    let (clean, mut notes) = match start(raw) {
        Ok(clean) => clean,
        Err(reason) => return Verdict::Unreadable(reason),
    };
    if let Some(reason) = junk::text(&clean) {
        return Verdict::Junk(reason);
    }
    if !clean.chars().any(char::is_alphabetic) || clean.contains(['@', '/', '<', '>', '{', '}']) {
        return Verdict::Unreadable(Unreadable::Malformed);
    }
    let plain = without_quoted(&clean);
    let rest = without_titles(&plain);
    notes.add_if(rest.len() != plain.len(), Note::TitleRemoved);
    let title = plain.strip_suffix(rest).unwrap_or_default().trim().to_owned();
    let (mut value, confidence) = parts(rest, country, &mut notes);
    notes.add_if(!value.suffix.is_empty(), Note::SuffixRemoved);
    value.title = title;
    value.called_by_last = called_by_last(country);
    recase(&mut value, country, &mut notes);
    Verdict::Good(Perfected { value, confidence, notes })
}

/// Case is judged over the whole name: `Jean DUPONT` shouts one part only.
fn recase(value: &mut FullName, country: Option<Country>, notes: &mut Notes) {
    for part in [&mut value.given, &mut value.middle, &mut value.family] {
        let right = cased(part, country);
        notes.add_if(right != *part, Note::Case);
        *part = right;
    }
}

/// Takes nicknames in quotes or brackets out: `Robert "Bob" Smith`.
fn without_quoted(clean: &str) -> String {
    let mut out = String::with_capacity(clean.len());
    let mut until = None;
    for letter in clean.chars() {
        match (until, letter) {
            (None, '"' | '“' | '”' | '„') => until = Some('"'),
            (None, '(') => until = Some(')'),
            (Some('"'), '"' | '“' | '”') | (Some(')'), ')') => until = None,
            (None, _) => out.push(letter),
            (Some(_), _) => {}
        }
    }
    let words: Vec<&str> = out.split(' ').filter(|word| !word.is_empty()).collect();
    if until.is_some() || words.is_empty() {
        clean.replace(['"', '“', '”', '„', '(', ')'], "")
    } else {
        words.join(" ")
    }
}

fn parts(rest: &str, country: Option<Country>, notes: &mut Notes) -> (FullName, f32) {
    let mut pieces = rest.split(',').map(str::trim).filter(|piece| !piece.is_empty());
    let first = pieces.next().unwrap_or(rest);
    let mut given_pieces: Vec<&str> = Vec::new();
    let mut suffixes: Vec<&str> = Vec::new();
    for piece in pieces {
        let known: Option<Vec<&str>> = piece.split(' ').map(suffix).collect();
        match known {
            Some(known) => suffixes.extend(known),
            None => given_pieces.push(piece),
        }
    }
    let (mut value, confidence) = if given_pieces.is_empty() {
        natural(first, country, notes)
    } else {
        notes.add(Note::FamilyFirst);
        let (family, own) = split_suffix(first);
        let behind = given_pieces.join(" ");
        let (givens, more) = split_suffix(without_titles(&behind));
        suffixes.extend(
            [own.as_str(), more.as_str()]
                .into_iter()
                .filter(|word| !word.is_empty())
                .map(known_suffix),
        );
        let (given, middle) = split_given(givens);
        (
            FullName {
                given,
                middle,
                family: family.to_owned(),
                family_first: is_family_first(country),
                ..FullName::default()
            },
            0.95,
        )
    };
    if !suffixes.is_empty() {
        let mut all: Vec<&str> = value.suffix.split(' ').filter(|word| !word.is_empty()).collect();
        all.extend(suffixes);
        all.dedup();
        value.suffix = all.join(" ");
    }
    (value, confidence)
}

/// The one suffix a row of suffixes begins with; rows are rare and their first decides.
fn known_suffix(row: &str) -> &'static str {
    row.split(' ').find_map(suffix).unwrap_or_default()
}

/// A name in the order of its country.
fn natural(text: &str, country: Option<Country>, notes: &mut Notes) -> (FullName, f32) {
    let (rest, suffix) = split_suffix(text);
    let words: Vec<&str> = rest.split(' ').filter(|word| !word.is_empty()).collect();
    let (given, middle, family, confidence) = match words.as_slice() {
        [] => (String::new(), String::new(), rest.to_owned(), 0.3),
        [one] => single(one, country, notes),
        [family, givens @ ..] if is_east_asian(rest) || is_russian_order(&words) => {
            notes.add(Note::FamilyFirst);
            let (given, middle) = split_given(&givens.join(" "));
            (given, middle, (*family).to_owned(), 0.9)
        }
        [family, givens @ ..] if is_family_first(country) => {
            notes.add(Note::FamilyFirst);
            notes.add(Note::SplitAssumed);
            let (given, middle) = family_first_given(givens, country);
            (given, middle, (*family).to_owned(), 0.6)
        }
        _ => western(&words, country, notes),
    };
    let family_first = notes.has(Note::FamilyFirst);
    (FullName { given, middle, family, suffix, family_first, ..FullName::default() }, confidence)
}

fn called_by_last(country: Option<Country>) -> bool {
    country.is_some_and(|country| country.is_in(&["VN"]))
}

/// Vietnamese people are called by the last of their names.
fn family_first_given(givens: &[&str], country: Option<Country>) -> (String, String) {
    match givens {
        [middles @ .., called] if called_by_last(country) => {
            ((*called).to_owned(), middles.join(" "))
        }
        _ => split_given(&givens.join(" ")),
    }
}

/// One word: a given name, or family and given name written together in Chinese or Korean.
fn single(
    word: &str,
    country: Option<Country>,
    notes: &mut Notes,
) -> (String, String, String, f32) {
    notes.add(Note::SplitAssumed);
    let letters = word.chars().count();
    let hangul = word.chars().all(|letter| matches!(letter, '가'..='힣'));
    let chinese = is_east_asian(word)
        && country.is_some_and(|country| country.is_in(&["CN", "TW", "HK", "KR"]));
    if (hangul || chinese) && (2..=4).contains(&letters) {
        let long =
            COMPOUND_FAMILIES.iter().find(|family| word.starts_with(**family) && letters > 2);
        let at = long
            .map_or_else(|| word.chars().next().map_or(0, char::len_utf8), |family| family.len());
        let (family, given) = word.split_at_checked(at).unwrap_or((word, ""));
        notes.add(Note::FamilyFirst);
        return (given.to_owned(), String::new(), family.to_owned(), 0.85);
    }
    if is_east_asian(word) {
        return (String::new(), String::new(), word.to_owned(), 0.4);
    }
    (word.to_owned(), String::new(), String::new(), 0.5)
}

fn is_east_asian(text: &str) -> bool {
    text.chars().all(|letter| {
        matches!(letter, ' ' | '々' | '\u{3041}'..='\u{30ff}' | '\u{3400}'..='\u{9fff}' | '가'..='힣')
    })
}

/// Family, given, patronymic: the last word ends like a patronymic.
fn is_russian_order(words: &[&str]) -> bool {
    let [_, _, last] = words else {
        return false;
    };
    let folded = match_form(last);
    ["ovich", "evich", "ovna", "evna", "ichna"]
        .iter()
        .any(|end| folded.ends_with(end) && folded.len() > end.len() + 1)
}

fn western(
    words: &[&str],
    country: Option<Country>,
    notes: &mut Notes,
) -> (String, String, String, f32) {
    let mut from = words.len().saturating_sub(1);
    from = with_particles(words, from);
    let spanish = country.is_some_and(|country| country.is_in(SPANISH));
    let joined =
        words.get(from).is_some_and(|word| matches!(word.to_lowercase().as_str(), "y" | "e" | "i"));
    if from >= 2 && (spanish || joined) && !is_initial(words.get(from - 1)) {
        from = with_particles(words, from - 1);
    }
    let from = from.max(given_words(words, 2)).min(words.len().saturating_sub(1)).max(1);
    let family = words.get(from..).unwrap_or_default().join(" ");
    let (given, middle) = split_given(&words.get(..from).unwrap_or_default().join(" "));
    notes.add_if(words.len() > 3, Note::SplitAssumed);
    (
        given,
        middle,
        family,
        if words.len() <= 2 {
            0.9
        } else if words.len() == 3 {
            0.85
        } else {
            0.7
        },
    )
}

/// Where the family name that ends at `from` begins, with its particles; the first word stays given.
fn with_particles(words: &[&str], mut from: usize) -> usize {
    while from > 1 && words.get(from - 1).is_some_and(|word| binds_to_family(word)) {
        from -= 1;
    }
    from
}

/// How many words make the first given name, when there are more than `least`.
fn given_words(words: &[&str], least: usize) -> usize {
    if words.first().is_some_and(|word| binds_to_given(word)) && words.len() > least {
        2
    } else {
        1
    }
}

fn is_initial(word: Option<&&str>) -> bool {
    word.is_some_and(|word| word.chars().filter(|letter| letter.is_alphabetic()).count() == 1)
}

/// The first given name, and the others.
fn split_given(givens: &str) -> (String, String) {
    let words: Vec<&str> = givens.split(' ').filter(|word| !word.is_empty()).collect();
    let at = given_words(&words, 1).min(words.len());
    let (first, others) = words.split_at_checked(at).unwrap_or((&words, &[]));
    (first.join(" "), others.join(" "))
}
