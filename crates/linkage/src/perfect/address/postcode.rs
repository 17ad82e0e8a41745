//! Postal codes in the notation of their country (Universal Postal Union, S42).

use super::{Country, Junk, Note, Perfected, Unreadable, Verdict, junk, text};

/// Country and its notations: `9` a digit, `A` a letter, everything else itself.
const NOTATIONS: &[(&str, &[&str])] = &[
    ("US PR", &["99999", "99999-9999"]),
    ("GB IM JE GG", &["A9 9AA", "A99 9AA", "AA9 9AA", "AA99 9AA", "A9A 9AA", "AA9A 9AA"]),
    ("CA", &["A9A 9A9"]),
    ("NL", &["9999 AA"]),
    (
        "IE",
        &[
            "A99 AAAA", "A99 A9AA", "A99 AA9A", "A99 AAA9", "A99 9AAA", "A99 A999", "A99 99A9",
            "A99 9A99", "A99 AA99", "A99 99AA", "A99 9999", "A9A AAAA", "A9A A999",
        ],
    ),
    ("SE CZ SK GR", &["999 99"]),
    ("BR", &["99999-999"]),
    ("JP", &["999-9999"]),
    ("PL", &["99-999"]),
    ("PT", &["9999-999"]),
    ("IN", &["999999"]),
    ("CN RU SG KZ RO VN CO EC", &["999999"]),
    (
        "DE FR ES IT FI TR SA MX KR ID MY TH UA EG MA PK EE HR RS LT ME SM VA MC MM KE PE LK",
        &["99999"],
    ),
    ("AT CH BE DK NO AU NZ HU LU SI BG CY ZA PH TN LI AM GE", &["9999"]),
    ("AR", &["9999", "A9999AAA"]),
    ("TW", &["999", "99999", "999999"]),
    ("IL CL", &["9999999"]),
    ("LV", &["LV-9999"]),
    ("IR", &["9999999999"]),
];

/// Countries whose codes begin with zeros that spreadsheets eat.
const ZERO_FIRST: &[&str] = &[
    "US", "PR", "DE", "FR", "ES", "IT", "FI", "TR", "MX", "KR", "EE", "UA", "MY", "BR", "PL", "JP",
    "AU", "NO",
];

/// Reads a postcode. Without a country, or with one that has no notation here, letters are put in
/// capitals and nothing is checked.
pub fn postcode(raw: &str, country: Option<Country>) -> Verdict<String> {
    let (clean, mut notes) = match text::clean_compatible(raw) {
        Ok(clean) => clean,
        Err(reason) => return Verdict::Unreadable(reason),
    };
    if let Some(reason) = junk::text(&clean) {
        // 11111 and 99999 are postcodes; 00000 is none.
        if reason == Junk::Placeholder || !clean.bytes().all(|byte| (b'1'..=b'9').contains(&byte)) {
            return Verdict::Junk(reason);
        }
    }
    let upper = clean.trim_start_matches('〒').to_uppercase();
    let code: String = upper.chars().filter(char::is_ascii_alphanumeric).collect();
    if code.is_empty() || code.len() > 12 || !upper.is_ascii() {
        return Verdict::Unreadable(Unreadable::Malformed);
    }
    let Some((known, notations)) = country.and_then(notations) else {
        let tidy = upper.split(' ').filter(|part| !part.is_empty()).collect::<Vec<_>>().join(" ");
        if !code.bytes().any(|byte| byte.is_ascii_digit()) {
            return Verdict::Unreadable(Unreadable::Malformed);
        }
        return Verdict::Good(Perfected { value: tidy, confidence: 0.6, notes });
    };
    // `D-10115`, `SE-114 55`: the country before a code that has no letters itself.
    let bare = Some(code.trim_start_matches(|letter: char| letter.is_ascii_alphabetic()))
        .filter(|bare| (1..=3).contains(&(code.len() - bare.len())))
        .filter(|_| !notations.iter().any(|notation| notation.contains('A')));
    if bare.unwrap_or(&code).bytes().all(|byte| byte == b'0') {
        return Verdict::Junk(Junk::Filler);
    }
    for candidate in [Some(code.as_str()), bare].into_iter().flatten() {
        if let Some(value) = notations.iter().find_map(|notation| written(candidate, notation)) {
            notes.add_if(value != clean, Note::Expanded);
            return Verdict::Good(Perfected { value, confidence: 0.98, notes });
        }
    }
    restored(bare.unwrap_or(&code), known, notations, notes)
}

/// The code with the one or two zeros in front that a spreadsheet ate.
fn restored(
    code: &str,
    country: Country,
    notations: &[&str],
    mut notes: super::Notes,
) -> Verdict<String> {
    let digits = code.bytes().all(|byte| byte.is_ascii_digit());
    if digits && code.len() >= 3 && country.is_in(ZERO_FIRST) {
        for zeros in ["0", "00"] {
            let longer = format!("{zeros}{code}");
            if let Some(value) = notations.iter().find_map(|notation| written(&longer, notation)) {
                notes.add(Note::ZeroRestored);
                return Verdict::Good(Perfected { value, confidence: 0.7, notes });
            }
        }
    }
    Verdict::Unreadable(Unreadable::Malformed)
}

fn notations(country: Country) -> Option<(Country, &'static [&'static str])> {
    NOTATIONS
        .iter()
        .find(|(countries, _)| countries.split(' ').any(|code| code == country.word()))
        .map(|(_, notations)| (country, *notations))
}

/// The code in a notation, if it fits: its letters and digits in their places, nothing left over.
fn written(code: &str, notation: &str) -> Option<String> {
    let mut out = String::with_capacity(notation.len());
    let mut given = code.chars();
    for place in notation.chars() {
        match place {
            '9' => out.push(given.next().filter(char::is_ascii_digit)?),
            'A' => out.push(given.next().filter(char::is_ascii_uppercase)?),
            ' ' | '-' => out.push(place),
            _ => out.push(given.next().filter(|letter| *letter == place)?),
        }
    }
    given.next().is_none().then_some(out)
}
