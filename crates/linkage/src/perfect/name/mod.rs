//! Personal names: case, titles, suffixes, splitting into parts, nicknames and sound.

mod casing;
mod nicknames;
mod phonetic;
mod split;
mod words;

pub use nicknames::canonical_given;
pub use phonetic::{KEY_MAX, phonetic};
pub use split::full;
pub(super) use words::SPANISH;

use super::{Country, Note, Perfected, Unreadable, Verdict, junk, match_form, text};

/// The longest name that is read, in bytes.
pub const NAME_MAX: usize = 256;

/// A name in its parts. Parts that are missing are empty.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct FullName {
    /// Forms of address and academic titles, as written.
    pub title: String,
    /// The first given name.
    pub given: String,
    /// Further given names, patronymics and initials.
    pub middle: String,
    /// The family name with its particles.
    pub family: String,
    /// `Jr`, `Sr`, `II` … and degrees. Generations tell father and son apart.
    pub suffix: String,
    /// Whether people of this name write the family name first.
    pub family_first: bool,
    /// Whether the given name stands behind the middle ones, as in Viet Nam.
    called_by_last: bool,
}

impl FullName {
    /// The parts without title, in the order in which people of this name write them.
    pub fn display(&self) -> String {
        let [given, middle, family] = [&self.given, &self.middle, &self.family];
        let parts = match (self.family_first, self.called_by_last) {
            (true, true) => [family, middle, given, &self.suffix],
            (true, false) => [family, given, middle, &self.suffix],
            (false, _) => [given, middle, family, &self.suffix],
        };
        let present: Vec<&str> =
            parts.into_iter().map(String::as_str).filter(|part| !part.is_empty()).collect();
        present.join(" ")
    }

    /// Canonical given name and folded family name: `robert smith`.
    pub fn match_form(&self) -> String {
        let given = canonical_given(&self.given);
        let family = match_form(&self.family);
        if given.is_empty() || family.is_empty() {
            given + &family
        } else {
            format!("{given} {family}")
        }
    }
}

/// Reads a field of given names: `MARY-JANE`, `Dr. Ada`, `"Bob"`.
pub fn given(raw: &str, country: Option<Country>) -> Verdict<String> {
    let (clean, mut notes) = match start(raw) {
        Ok(clean) => clean,
        Err(reason) => return Verdict::Unreadable(reason),
    };
    if let Some(reason) = junk::text(&clean) {
        return Verdict::Junk(reason);
    }
    let rest = untitled(&clean);
    notes.add_if(rest.len() != clean.len(), Note::TitleRemoved);
    if let Some(reason) = junk::text(rest) {
        return Verdict::Junk(reason);
    }
    finish(rest, country, notes)
}

/// Reads a field of family names: `VAN DER BERG`, `o'brien`, `Smith Jr.`; "Null" is a name.
pub fn family(raw: &str, country: Option<Country>) -> Verdict<String> {
    let (clean, mut notes) = match start(raw) {
        Ok(clean) => clean,
        Err(reason) => return Verdict::Unreadable(reason),
    };
    if let Some(reason) = junk::surname(&clean) {
        return Verdict::Junk(reason);
    }
    let mut rest = clean.as_str();
    loop {
        let bare = untitled(rest);
        notes.add_if(bare.len() != rest.len(), Note::TitleRemoved);
        let (stem, suffix) = words::split_suffix(bare);
        notes.add_if(!suffix.is_empty(), Note::SuffixRemoved);
        let stem = if unquoted(stem).is_empty() { bare } else { unquoted(stem) };
        if stem.len() == rest.len() {
            break;
        }
        rest = stem;
    }
    if let Some(reason) = junk::surname(rest) {
        return Verdict::Junk(reason);
    }
    finish(rest, country, notes)
}

/// Reads a field of suffixes: `jr.` is `Jr`, `the third` is not read.
pub fn suffix(raw: &str) -> Verdict<String> {
    let (clean, mut notes) = match start(raw) {
        Ok(clean) => clean,
        Err(reason) => return Verdict::Unreadable(reason),
    };
    if let Some(reason) = junk::text(&clean) {
        return Verdict::Junk(reason);
    }
    let known: Option<Vec<&str>> =
        clean.split([' ', ',']).filter(|word| !word.is_empty()).map(words::suffix).collect();
    let Some(value) = known.map(|known| known.join(" ")) else {
        return Verdict::Unreadable(Unreadable::Malformed);
    };
    notes.add_if(value != clean, Note::Case);
    Verdict::Good(Perfected { value, confidence: 0.95, notes })
}

fn start(raw: &str) -> Result<(String, super::Notes), Unreadable> {
    let (clean, mut notes) = text::clean(raw)?;
    if clean.len() > NAME_MAX {
        return Err(Unreadable::TooLong);
    }
    let bare = unquoted(&clean);
    notes.add_if(bare.len() != clean.len(), Note::Trimmed);
    if bare.is_empty() {
        // Punctuation alone is a placeholder; the caller's junk check says so.
        return Ok((clean, notes));
    }
    Ok((bare.to_owned(), notes))
}

/// Without quotes, brackets and stray punctuation around it.
fn unquoted(name: &str) -> &str {
    const QUOTES: &[char] = &[
        '"', '\'', ',', ';', ':', '*', '(', ')', '[', ']', '_', ' ', '“', '”', '„', '`', '´', '’',
        '‘',
    ];
    name.trim_matches(QUOTES)
}

/// Without titles and quotes, however they are nested; a name of titles only keeps the last.
fn untitled(name: &str) -> &str {
    let mut rest = name;
    loop {
        let next = unquoted(words::without_titles(rest));
        if next.len() == rest.len() || next.is_empty() {
            return rest;
        }
        rest = next;
    }
}

fn finish(rest: &str, country: Option<Country>, mut notes: super::Notes) -> Verdict<String> {
    if !rest.chars().any(char::is_alphabetic) || rest.contains(['@', '/', '<', '>', '{', '}']) {
        return Verdict::Unreadable(Unreadable::Malformed);
    }
    let value = casing::cased(rest, country);
    notes.add_if(value != rest, Note::Case);
    let digits = rest.bytes().any(|byte| byte.is_ascii_digit());
    Verdict::Good(Perfected { value, confidence: if digits { 0.4 } else { 0.95 }, notes })
}

#[cfg(test)]
mod tests;
