//! Street lines: name, house number, unit, post office box.

use super::place::cased;
use super::words::{BOXES, DIRECTIONS, ENDINGS, KINDS, Kind, UNITS, language};
use super::{Country, Junk, Note, Perfected, Unreadable, Verdict, junk, match_form, text};

/// A street line in its parts.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Street {
    /// The street in full words; empty for a post office box.
    pub name: String,
    /// House number with its letter or range, small letters, no blanks: `12a`, `12-14`.
    pub number: Option<String>,
    /// Flat, floor or door as written.
    pub unit: Option<String>,
    /// The number of a post office box.
    pub po_box: Option<String>,
    /// The key of the name, in which abbreviations are one.
    key: String,
    number_first: bool,
}

impl Street {
    /// The street line in one text, the number where the country puts it.
    pub fn display(&self) -> String {
        if let Some(po_box) = &self.po_box {
            return format!("PO Box {po_box}");
        }
        let mut out = match (&self.number, self.number_first) {
            (Some(number), true) => format!("{number} {}", self.name),
            (Some(number), false) => format!("{} {number}", self.name),
            (None, _) => self.name.clone(),
        };
        if let Some(unit) = &self.unit {
            out.push_str(", ");
            out.push_str(unit);
        }
        out
    }

    /// The key in which spellings of one street, number and unit are equal: `hauptstr|5a|`.
    pub fn match_form(&self) -> String {
        if let Some(po_box) = &self.po_box {
            return format!("po box|{}|", match_form(po_box));
        }
        let unit = self.unit_form().unwrap_or_default();
        let number = self.number_form().unwrap_or_default();
        format!("{}|{number}|{unit}", self.key)
    }

    /// The key of a house in its street, in which streets that sound alike are one.
    pub(super) fn house_form(&self) -> Option<String> {
        Some(format!("{}|{}", super::heard(&self.key), self.number_form()?))
    }

    /// The key of a flat within its house.
    pub(super) fn unit_form(&self) -> Option<String> {
        self.unit.as_deref().map(unit_key)
    }

    fn number_form(&self) -> Option<String> {
        self.number.as_deref().map(|number| number.replace(' ', ""))
    }

    /// Whether it names a house, not a whole street.
    pub(super) fn is_precise(&self) -> bool {
        self.number.is_some() || self.po_box.is_some()
    }
}

/// What tells flats apart: numbers and single letters, not the word for "flat".
fn unit_key(unit: &str) -> String {
    let folded = match_form(unit);
    let telling: Vec<&str> = folded
        .split(' ')
        .filter(|word| !UNITS.contains(word) && !matches!(*word, "no" | "nr"))
        .collect();
    if telling.is_empty() { folded } else { telling.join(" ") }
}

/// Reads a street line.
pub fn street(raw: &str, country: Option<Country>) -> Verdict<Street> {
    let (clean, mut notes) = match text::clean(raw) {
        Ok(clean) => clean,
        Err(reason) => return Verdict::Unreadable(reason),
    };
    if let Some(reason) = junk::text(&clean) {
        return Verdict::Junk(reason);
    }
    if clean.len() > super::LINE_MAX {
        return Verdict::Unreadable(Unreadable::TooLong);
    }
    if let Some(po_box) = post_box(&clean) {
        let value = Street { po_box: Some(po_box), ..Street::default() };
        return Verdict::Good(Perfected { value, confidence: 0.95, notes });
    }
    let (line, unit) = split_unit(&clean);
    let (name, number, number_first) = split_number(line, country);
    if !name.chars().any(char::is_alphanumeric) {
        return Verdict::Unreadable(Unreadable::Malformed);
    }
    if junk::text(&name) == Some(Junk::Filler) && number.is_none() {
        return Verdict::Junk(Junk::Filler);
    }
    let (shown, key) = standard(&name, country);
    notes.add_if(shown != name, Note::Expanded);
    let confidence = if number.is_some() { 0.9 } else { 0.6 };
    let value = Street { name: shown, number, unit, po_box: None, key, number_first };
    Verdict::Good(Perfected { value, confidence, notes })
}

/// A field of its own for the unit, unless it is empty or junk.
pub(super) fn unit_field(raw: &str) -> Option<String> {
    let (clean, _) = text::clean(raw).ok()?;
    (junk::text(&clean).is_none() && clean.len() <= 64).then_some(clean)
}

fn post_box(clean: &str) -> Option<String> {
    let folded = match_form(clean);
    let number = BOXES.iter().find_map(|start| folded.strip_prefix(start)?.strip_prefix(' '))?;
    let digits = number.bytes().filter(u8::is_ascii_digit).count();
    (digits >= 1
        && number.len() <= 16
        && number.split(' ').all(|word| word.bytes().any(|byte| byte.is_ascii_digit())))
    .then(|| number.to_ascii_uppercase())
}

pub(super) fn looks_like_unit(piece: &str) -> bool {
    let folded = match_form(piece);
    let has_digit = folded.bytes().any(|byte| byte.is_ascii_digit());
    piece.starts_with('#')
        || (has_digit || folded.len() <= 4)
            && folded.split(' ').any(|word| UNITS.contains(&word))
            && folded.split(' ').count() <= 4
}

/// Splits the unit off: behind a comma, or at a word for "flat", or at `#`.
fn split_unit(clean: &str) -> (&str, Option<String>) {
    let behind_comma = clean.split_once([',', ';']).filter(|(line, unit)| {
        let plain = unit.trim();
        let starts_with_number = plain.split(' ').next().is_some_and(is_number);
        let numbered = line.bytes().any(|byte| byte.is_ascii_digit());
        (numbered || !starts_with_number)
            && (looks_like_unit(plain)
                || plain.contains(['º', 'ª'])
                || (plain.len() <= 4 && !is_number(plain)))
    });
    if let Some((line, unit)) = behind_comma {
        return (line.trim(), Some(unit.trim().to_owned()).filter(|unit| !unit.is_empty()));
    }
    if let Some((line, unit)) = clean.rsplit_once('#')
        && let (line, unit) = (line.trim_end_matches([' ', ',']), unit.trim())
        && !line.is_empty()
        && unit.chars().any(char::is_alphanumeric)
    {
        return (line, Some(format!("# {unit}")));
    }
    let mut at = 0;
    let mut seen_number = false;
    let words: Vec<&str> = clean.split(' ').collect();
    for (index, word) in words.iter().enumerate() {
        let folded = match_form(word);
        let next = words.get(index + 1).copied().unwrap_or_default();
        let short = folded.len() < 3;
        let numbered =
            next.bytes().any(|byte| byte.is_ascii_digit()) || (!short && next.len() == 1);
        let rank_before = index > 0 && matches!(folded.as_str(), "og" | "stock" | "etage");
        if index > 0
            && seen_number
            && UNITS.contains(&folded.as_str())
            && (numbered || rank_before || matches!(folded.as_str(), "eg" | "dg"))
        {
            let start = if rank_before && !numbered {
                at - words.get(index - 1).map_or(0, |rank| rank.len() + 1)
            } else {
                at
            };
            let (line, unit) = clean.split_at_checked(start).unwrap_or((clean, ""));
            let line = line.trim_end_matches([' ', ',', '-', '–']);
            if line.bytes().any(|byte| byte.is_ascii_digit()) {
                return (line, Some(unit.trim().to_owned()));
            }
        }
        seen_number |= word.bytes().any(|byte| byte.is_ascii_digit());
        at += word.len() + 1;
    }
    (clean, None)
}

/// `12`, `12a`, `12-14`, `12/3`, `1-2-3`; not `5th`, not `17.`.
fn is_number(word: &str) -> bool {
    let lower = word.to_lowercase();
    let lower = ["bis", "ter"].iter().find_map(|more| lower.strip_suffix(more)).unwrap_or(&lower);
    let letters = lower.chars().filter(|letter| letter.is_alphabetic()).count();
    let ordinal = ["st", "nd", "rd", "th"].iter().any(|end| lower.ends_with(end));
    lower.starts_with(|first: char| first.is_ascii_digit())
        && !ordinal
        && letters <= 1
        && word.len() <= 12
        && lower.chars().all(|letter| letter.is_alphanumeric() || matches!(letter, '-' | '/' | '–'))
}

/// Name, number, and whether the number stood before the name.
fn split_number(line: &str, country: Option<Country>) -> (String, Option<String>, bool) {
    let plain = line.replace(',', " ");
    let words: Vec<&str> = plain.split(' ').filter(|word| !word.is_empty()).collect();
    if let [first, rest @ ..] = words.as_slice()
        && is_number(first)
        && rest.iter().any(|word| word.chars().any(char::is_alphabetic))
        && !(language(country) == Some("de") && rest.last().is_some_and(|last| is_number(last)))
    {
        let more = addition(rest.first()).filter(|more| {
            rest.len() > 1 && !is_direction(more) && !(rest.len() == 2 && more.len() == 1)
        });
        let name = rest.get(usize::from(more.is_some())..).unwrap_or_default().join(" ");
        return (name, Some(number(&[first, more.unwrap_or_default()])), true);
    }
    // `No: 5`, `nº 5`, `Nr. 5`, `5 a` at the end.
    let mut end = words.len();
    let letter = addition(words.last())
        .filter(|_| end > 2 && words.get(end - 2).is_some_and(|word| is_number(word)));
    end -= usize::from(letter.is_some());
    if let Some(last) = end.checked_sub(1).and_then(|at| words.get(at)).filter(|_| end > 1) {
        let bare = ["no:", "no.", "nr.", "nº", "n°", "n.", "no"]
            .iter()
            .find_map(|mark| last.to_lowercase().strip_prefix(mark).map(str::to_owned));
        let digits = bare.filter(|bare| !bare.is_empty()).unwrap_or_else(|| (*last).to_owned());
        if is_number(&digits) {
            let mut name_end = end - 1;
            let marked = words.get(name_end.saturating_sub(1)).map(|word| match_form(word));
            if name_end > 1
                && marked.is_some_and(|mark| {
                    matches!(mark.as_str(), "no" | "nr" | "num" | "numero" | "n")
                })
            {
                name_end -= 1;
            }
            let name = words.get(..name_end).unwrap_or_default().join(" ");
            return (name, Some(number(&[&digits, letter.unwrap_or_default()])), false);
        }
    }
    glued(words.join(" "))
}

/// What follows a number and belongs to it: `bis`, `a`.
fn addition<'a>(word: Option<&&'a str>) -> Option<&'a str> {
    let word = *word?;
    let letter = word.len() == 1 && word.bytes().all(|byte| byte.is_ascii_alphabetic());
    (letter || matches!(word.to_lowercase().as_str(), "bis" | "ter" | "quater")).then_some(word)
}

/// `Hauptstr.5`: the number stuck to the street.
fn glued(name: String) -> (String, Option<String>, bool) {
    let split = name.rfind('.').map(|dot| name.split_at(dot + 1));
    match split {
        Some((street, digits)) if is_number(digits) && street.len() > 3 => {
            (street.to_owned(), Some(number(&[digits])), false)
        }
        _ => (name, None, false),
    }
}

fn number(parts: &[&str]) -> String {
    parts.concat().to_lowercase().replace('–', "-")
}

fn is_direction(word: &str) -> bool {
    direction(&match_form(word)).is_some()
}

fn direction(folded: &str) -> Option<&'static str> {
    DIRECTIONS.iter().find(|(_, written)| written.contains(&folded)).map(|(key, _)| *key)
}

/// The name in full words, and its key.
fn standard(name: &str, country: Option<Country>) -> (String, String) {
    let tongue = language(country);
    let name = &cased(name, country);
    let spaced = if tongue == Some("es") {
        name.replace("C/", "Calle ").replace("c/", "Calle ")
    } else {
        name.to_owned()
    };
    let words: Vec<&str> = spaced.split(' ').filter(|word| !word.is_empty()).collect();
    let mut shown: Vec<String> = Vec::with_capacity(words.len());
    let mut keys: Vec<String> = Vec::with_capacity(words.len());
    for (at, word) in words.iter().enumerate() {
        let folded = match_form(word);
        let (show, key) = one_word(word, &folded, at, words.len(), tongue);
        shown.push(show);
        if !key.is_empty() {
            keys.push(key);
        }
    }
    (shown.join(" "), key_of(&keys))
}

/// Whether `Haupt Straße` and `Hauptstraße` are one: the kind is joined to the word before it.
fn key_of(keys: &[String]) -> String {
    match keys {
        [before @ .., kind]
            if matches!(kind.as_str(), "str" | "pl" | "allee" | "weg" | "ln" | "g" | "v")
                && !before.is_empty() =>
        {
            format!("{}{kind}", before.join(" "))
        }
        _ => keys.join(" "),
    }
}

fn one_word(
    word: &str,
    folded: &str,
    at: usize,
    count: usize,
    tongue: Option<&str>,
) -> (String, String) {
    let kind = |languages: &str| find_kind(folded, languages);
    match tongue {
        Some("en") | None => {
            if let Some(key) =
                direction(folded).filter(|_| count > 1 && (at == 0 || at + 1 == count))
            {
                return (key.to_owned(), key.to_ascii_lowercase());
            }
            // The kind of an English street stands last, before a direction at most; `St` in front is a saint.
            let late = at > 0 && at + 2 >= count;
            if let Some(kind) =
                kind("en").filter(|_| late && !(tongue.is_none() && folded == "str"))
            {
                return (kind.shown.to_owned(), kind.key.to_owned());
            }
            if tongue.is_none() {
                return ending(word, folded, "de")
                    .unwrap_or_else(|| (word.to_owned(), folded.to_owned()));
            }
        }
        Some(language @ ("fr" | "es" | "pt" | "it" | "pl")) => {
            if let Some(kind) = kind(language).filter(|_| at == 0 && count > 1) {
                return (kind.shown.to_owned(), kind.key.to_owned());
            }
            // Articles come and go in these languages.
            if matches!(
                folded,
                "de" | "del"
                    | "la"
                    | "las"
                    | "los"
                    | "do"
                    | "da"
                    | "dos"
                    | "das"
                    | "du"
                    | "des"
                    | "di"
                    | "della"
                    | "le"
                    | "les"
            ) {
                return (word.to_owned(), String::new());
            }
        }
        Some(language) => {
            if let Some(kind) = kind(language).filter(|_| at > 0) {
                return (kind.shown.to_owned(), kind.key.to_owned());
            }
            if let Some(found) = ending(word, folded, language) {
                return found;
            }
        }
    }
    (word.to_owned(), folded.to_owned())
}

fn find_kind(folded: &str, language: &str) -> Option<&'static Kind> {
    KINDS.iter().find(|kind| kind.languages == language && kind.written.contains(&folded))
}

/// `Hauptstr.` is `Hauptstraße`.
fn ending(word: &str, folded: &str, language: &str) -> Option<(String, String)> {
    let lower = word.to_lowercase();
    ENDINGS.iter().filter(|(tongue, ..)| *tongue == language).find_map(|(_, short, full, key)| {
        let end = short.iter().find(|end| lower.ends_with(**end) && lower.len() > end.len() + 2)?;
        let stem = word.get(..word.len().checked_sub(end.len())?)?;
        let folded_end = match_form(end);
        let key_stem = folded.strip_suffix(folded_end.as_str()).unwrap_or(folded);
        let shouted = stem.chars().all(|letter| !letter.is_lowercase());
        let shown = if shouted {
            cased(&format!("{stem}{full}").to_lowercase(), None)
        } else {
            format!("{stem}{full}")
        };
        Some((shown, format!("{key_stem}{key}")))
    })
}
