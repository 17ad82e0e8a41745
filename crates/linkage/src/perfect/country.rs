//! Countries by ISO 3166-1 code or by name in a dozen languages.

use super::{Note, Perfected, Unreadable, Verdict, junk, match_form, text};
use std::collections::HashMap;
use std::fmt;
use std::sync::LazyLock;

/// A country, by its ISO 3166-1 alpha-2 code. `XK` stands for Kosovo, as in the CLDR.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Country(&'static str);

impl Country {
    /// The country of an alpha-2 or alpha-3 code in upper case, or nothing.
    pub fn of_code(code: &str) -> Option<Self> {
        TABLE.codes.get(code).copied()
    }

    /// The alpha-2 code, upper case.
    pub const fn word(self) -> &'static str {
        self.0
    }

    /// Whether the country is one of these alpha-2 codes.
    pub(super) fn is_in(self, codes: &[&str]) -> bool {
        codes.contains(&self.0)
    }
}

impl fmt::Debug for Country {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.0)
    }
}

struct Table {
    codes: HashMap<&'static str, Country>,
    names: HashMap<String, Country>,
}

/// One country a line: alpha-2, alpha-3, names separated by bars (ISO 3166-1 and its translations).
static TABLE: LazyLock<Table> = LazyLock::new(|| {
    let mut table = Table { codes: HashMap::new(), names: HashMap::new() };
    for line in include_str!("data/countries.txt").lines() {
        let mut columns = line.splitn(3, ' ');
        let (Some(two), Some(three), Some(names)) =
            (columns.next(), columns.next(), columns.next())
        else {
            continue;
        };
        let country = Country(two);
        table.codes.insert(two, country);
        table.codes.insert(three, country);
        for name in names.split('|') {
            table.names.entry(key(name)).or_insert(country);
        }
    }
    table
});

fn key(name: &str) -> String {
    let folded = match_form(name);
    folded.strip_prefix("the ").unwrap_or(&folded).replace(' ', "")
}

/// Reads a code (any case, "UK" and "EL" too) or a name in one of a dozen languages.
pub fn parse(raw: &str) -> Verdict<Country> {
    let (text, mut notes) = match text::clean_compatible(raw) {
        Ok(clean) => clean,
        Err(reason) => return Verdict::Unreadable(reason),
    };
    let upper = text.to_ascii_uppercase();
    let found = Country::of_code(&upper).or_else(|| TABLE.names.get(&key(&text)).copied());
    let Some(value) = found else {
        return match junk::text(&text) {
            Some(reason) => Verdict::Junk(reason),
            None => Verdict::Unreadable(Unreadable::Malformed),
        };
    };
    notes.add_if(value.word() != text, Note::Expanded);
    Verdict::Good(Perfected { value, confidence: 1.0, notes })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_and_names_name_a_country() {
        for (raw, code) in [
            ("de", "DE"),
            ("DEU", "DE"),
            ("Deutschland", "DE"),
            ("Allemagne", "DE"),
            ("Alemania", "DE"),
            ("uk", "GB"),
            ("England", "GB"),
            ("U.S.A.", "US"),
            ("the United States", "US"),
            ("États-Unis", "US"),
            ("Brasil", "BR"),
            ("日本", "JP"),
            ("Turkey", "TR"),
            ("TÜRKİYE", "TR"),
            ("Polska", "PL"),
            ("Sverige", "SE"),
            ("السعودية", "SA"),
            ("Côte d’Ivoire", "CI"),
            ("Elfenbeinküste", "CI"),
            ("NA", "NA"),
        ] {
            assert_eq!(parse(raw).good().map(|good| good.value.word()), Some(code), "{raw}");
        }
        assert_eq!(parse("Atlantis"), Verdict::Unreadable(Unreadable::Malformed));
        assert!(matches!(parse("n/a"), Verdict::Junk(_)));
    }
}
