//! Texts that stand where a value is missing.

use super::{Junk, match_form};
use std::collections::HashSet;
use std::sync::LazyLock;

/// Words that say "there is no value", folded, without blanks.
static PLACEHOLDERS: LazyLock<HashSet<&str>> =
    LazyLock::new(|| include_str!("data/placeholders.txt").split_whitespace().collect());

/// Words people type to get past a form, folded, without blanks.
static FILLERS: LazyLock<HashSet<&str>> =
    LazyLock::new(|| include_str!("data/fillers.txt").split_whitespace().collect());

/// Why a text stands for no value, or nothing when it may be one.
///
/// Words that are surnames too (`Null`, `Test`, `Guest`, `Blank`, `Private`) are junk here;
/// [`super::name`] knows better.
pub fn text(raw: &str) -> Option<Junk> {
    if raw.len() > 96 {
        return None;
    }
    let folded = match_form(raw).replace(' ', "");
    if folded.is_empty() || PLACEHOLDERS.contains(folded.as_str()) {
        return Some(Junk::Placeholder);
    }
    if FILLERS.contains(folded.as_str()) || is_repeated(&folded) {
        return Some(Junk::Filler);
    }
    None
}

/// Three or more times the same ASCII letter or digit: "xxx", "000".
pub(super) fn is_repeated(folded: &str) -> bool {
    let first = folded.bytes().next();
    folded.len() >= 3 && folded.is_ascii() && folded.bytes().all(|byte| Some(byte) == first)
}

/// Surnames and given names that real people have although they are in the lists above.
const REAL_NAMES: &[&str] = &[
    "null",
    "test",
    "guest",
    "blank",
    "private",
    "gast",
    "bar",
    "ka",
    "na",
    "nan",
    "kunde",
    "ohne",
    "leer",
    "nil",
    "yok",
    "net",
    "missing",
    "fake",
    "tester",
    "nc",
    "asd",
    "tuntematon",
    "mustermann",
    "sample",
    "teste",
    "prova",
    "abc",
    "brak",
    "nombre",
];

/// Like [`text`] for a surname: "Null", "Test" and "Na" are surnames.
pub(super) fn surname(raw: &str) -> Option<Junk> {
    let folded = match_form(raw);
    if REAL_NAMES.contains(&folded.as_str()) && raw.chars().all(char::is_alphabetic) {
        return None;
    }
    text(raw)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn placeholders_in_many_languages_are_junk() {
        for raw in [
            "n/a",
            "N.A.",
            "none",
            "-",
            "--",
            "?",
            "…",
            "Unknown",
            "unbekannt",
            "keine Angabe",
            "k.A.",
            "sin nombre",
            "inconnu",
            "não informado",
            "nieznany",
            "bilinmiyor",
            "不明",
            "なし",
            "غير معروف",
            "okänd",
            "onbekend",
            "null",
        ] {
            assert_eq!(text(raw), Some(Junk::Placeholder), "{raw}");
        }
        for raw in ["test", "asdf", "xxx", "XXXX", "000", "qwerty", "Max Mustermann", "テスト"] {
            assert_eq!(text(raw), Some(Junk::Filler), "{raw}");
        }
        for raw in ["Ada", "Li", "O", "Xu", "No", "Nadia", "Testa", "北京"] {
            assert_eq!(text(raw), None, "{raw}");
        }
    }

    #[test]
    fn null_is_a_surname() {
        for raw in ["Null", "null", "NULL", "Test", "Na", "Blank"] {
            assert_eq!(surname(raw), None, "{raw}");
        }
        assert_eq!(surname("n/a"), Some(Junk::Placeholder));
        assert_eq!(surname("unknown"), Some(Junk::Placeholder));
    }
}
