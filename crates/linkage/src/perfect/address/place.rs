//! Towns and regions.

use super::postcode::postcode;
use super::{Country, Note, Perfected, Unreadable, Verdict, junk, match_form, text};

/// Reads the name of a town: case put right, junk recognised.
pub fn city(raw: &str, country: Option<Country>) -> Verdict<String> {
    let raw_town = postcode_and_city(raw, country).map(|(_, town)| town);
    named(raw_town.as_deref().unwrap_or(raw), country)
}

/// Reads a state, province or county; states of the US, Canada, Australia and Brazil become codes.
pub fn region(raw: &str, country: Option<Country>) -> Verdict<String> {
    let Verdict::Good(mut good) = named(raw, country) else {
        return named(raw, country);
    };
    if let Some(code) = code(&good.value, country) {
        good.notes.add_if(code != good.value, Note::Expanded);
        code.clone_into(&mut good.value);
    }
    Verdict::Good(good)
}

fn named(raw: &str, country: Option<Country>) -> Verdict<String> {
    let (clean, mut notes) = match text::clean(raw) {
        Ok(clean) => clean,
        Err(reason) => return Verdict::Unreadable(reason),
    };
    if let Some(reason) = junk::text(&clean) {
        // Two-letter codes such as NA and KA are regions.
        if clean.len() != 2 || !clean.bytes().all(|byte| byte.is_ascii_alphabetic()) {
            return Verdict::Junk(reason);
        }
    }
    let bare = clean.trim_matches([',', ';', '.', ' ', '"']);
    if !bare.chars().any(char::is_alphanumeric) {
        return Verdict::Unreadable(Unreadable::Malformed);
    }
    let value = cased(bare, country);
    notes.add_if(value != bare, Note::Case);
    Verdict::Good(Perfected { value, confidence: 0.9, notes })
}

/// Words inside names of towns that are written small.
const SMALL: &[&str] = &[
    "am", "an", "der", "im", "in", "bei", "ob", "auf", "und", "von", "vor", "de", "la", "le",
    "les", "du", "des", "sur", "sous", "en", "et", "del", "y", "do", "da", "dos", "das", "e", "di",
    "upon", "on", "of", "the", "by", "aan", "den", "het", "op", "nad", "under", "och", "al", "el",
    "los", "las",
];

pub(super) fn cased(name: &str, country: Option<Country>) -> String {
    if name.chars().any(char::is_lowercase) && name.chars().any(char::is_uppercase) {
        return name.to_owned();
    }
    if name.len() <= 3 && name.bytes().all(|byte| byte.is_ascii_alphabetic()) {
        return name.to_ascii_uppercase();
    }
    let turkish =
        country.is_some_and(|country| country.is_in(&["TR", "AZ"])) || name.contains(['İ', 'ı']);
    let lowered = if turkish {
        name.replace('I', "ı").replace('İ', "i").to_lowercase()
    } else {
        name.to_lowercase()
    };
    let mut out = String::with_capacity(name.len());
    let mut first = true;
    for part in lowered.split_inclusive([' ', '-', '/', '.', '(']) {
        let word = part.trim_end_matches([' ', '-', '/', '.', '(']);
        let capital = first || !SMALL.contains(&word);
        let start = part.chars().position(char::is_alphanumeric).filter(|_| capital);
        for (at, letter) in part.chars().enumerate() {
            match (start == Some(at), turkish && letter == 'i') {
                (true, true) => out.push('İ'),
                (true, false) => push_upper(letter, &mut out),
                (false, _) => out.push(letter),
            }
        }
        first = false;
    }
    text::composed(out)
}

fn push_upper(letter: char, out: &mut String) {
    let mut upper = letter.to_uppercase();
    match (upper.next(), upper.next()) {
        (Some(one), None) => out.push(one),
        _ => out.push(letter),
    }
}

/// `10115 Berlin`, `D-10115 Berlin`, `London SW1A 1AA`, `Springfield IL 62701`: code and town.
pub(super) fn postcode_and_city(raw: &str, country: Option<Country>) -> Option<(String, String)> {
    country?;
    if raw.len() > super::LINE_MAX {
        return None;
    }
    let words: Vec<&str> =
        raw.split([' ', ',', '\t', '\u{a0}']).filter(|word| !word.is_empty()).collect();
    for length in [2_usize, 1] {
        let Some(left) = words.len().checked_sub(length).filter(|left| *left > 0) else {
            continue;
        };
        for (code, town) in [
            words.split_at_checked(length)?,
            words.split_at_checked(left).map(|(town, code)| (code, town))?,
        ] {
            let has_digit = code.concat().bytes().any(|byte| byte.is_ascii_digit());
            let long = code.concat().len() >= 4;
            let Some(good) = Some(code)
                .filter(|_| has_digit && long)
                .and_then(|code| postcode(&code.join(" "), country).good())
            else {
                continue;
            };
            let town = town.join(" ");
            if !good.notes.has(Note::ZeroRestored)
                && !town.bytes().any(|byte| byte.is_ascii_digit())
                && town.chars().any(char::is_alphabetic)
            {
                return Some((good.value, cased(&town, country)));
            }
        }
    }
    None
}

/// `Springfield IL`: town (missing for a bare `IL`) and the region's code.
pub(super) fn city_and_region(
    town: &str,
    country: Option<Country>,
) -> Option<(Option<String>, String)> {
    let (before, last) =
        town.rsplit_once(' ').map_or((None, town), |(before, last)| (Some(before), last));
    let known = states(country)?.iter().find(|(code, _)| last.eq_ignore_ascii_case(code))?;
    Some((before.map(str::to_owned), known.0.to_owned()))
}

/// The code of a region's name or code.
fn code(name: &str, country: Option<Country>) -> Option<&'static str> {
    let folded = match_form(name);
    let plain = folded.replace(' ', "");
    states(country)?
        .iter()
        .find(|(code, state)| plain.eq_ignore_ascii_case(code) || folded == *state)
        .map(|(code, _)| *code)
}

type States = &'static [(&'static str, &'static str)];

fn states(country: Option<Country>) -> Option<States> {
    match country?.word() {
        "US" => Some(US),
        "CA" => Some(CA),
        "AU" => Some(AU),
        "BR" => Some(BR),
        _ => None,
    }
}

const US: States = &[
    ("AL", "alabama"),
    ("AK", "alaska"),
    ("AZ", "arizona"),
    ("AR", "arkansas"),
    ("CA", "california"),
    ("CO", "colorado"),
    ("CT", "connecticut"),
    ("DE", "delaware"),
    ("DC", "district of columbia"),
    ("FL", "florida"),
    ("GA", "georgia"),
    ("HI", "hawaii"),
    ("ID", "idaho"),
    ("IL", "illinois"),
    ("IN", "indiana"),
    ("IA", "iowa"),
    ("KS", "kansas"),
    ("KY", "kentucky"),
    ("LA", "louisiana"),
    ("ME", "maine"),
    ("MD", "maryland"),
    ("MA", "massachusetts"),
    ("MI", "michigan"),
    ("MN", "minnesota"),
    ("MS", "mississippi"),
    ("MO", "missouri"),
    ("MT", "montana"),
    ("NE", "nebraska"),
    ("NV", "nevada"),
    ("NH", "new hampshire"),
    ("NJ", "new jersey"),
    ("NM", "new mexico"),
    ("NY", "new york"),
    ("NC", "north carolina"),
    ("ND", "north dakota"),
    ("OH", "ohio"),
    ("OK", "oklahoma"),
    ("OR", "oregon"),
    ("PA", "pennsylvania"),
    ("PR", "puerto rico"),
    ("RI", "rhode island"),
    ("SC", "south carolina"),
    ("SD", "south dakota"),
    ("TN", "tennessee"),
    ("TX", "texas"),
    ("UT", "utah"),
    ("VT", "vermont"),
    ("VA", "virginia"),
    ("WA", "washington"),
    ("WV", "west virginia"),
    ("WI", "wisconsin"),
    ("WY", "wyoming"),
];

const CA: States = &[
    ("AB", "alberta"),
    ("BC", "british columbia"),
    ("MB", "manitoba"),
    ("NB", "new brunswick"),
    ("NL", "newfoundland and labrador"),
    ("NS", "nova scotia"),
    ("NT", "northwest territories"),
    ("NU", "nunavut"),
    ("ON", "ontario"),
    ("PE", "prince edward island"),
    ("QC", "quebec"),
    ("SK", "saskatchewan"),
    ("YT", "yukon"),
];

const AU: States = &[
    ("ACT", "australian capital territory"),
    ("NSW", "new south wales"),
    ("NT", "northern territory"),
    ("QLD", "queensland"),
    ("SA", "south australia"),
    ("TAS", "tasmania"),
    ("VIC", "victoria"),
    ("WA", "western australia"),
];

const BR: States = &[
    ("AC", "acre"),
    ("AL", "alagoas"),
    ("AP", "amapa"),
    ("AM", "amazonas"),
    ("BA", "bahia"),
    ("CE", "ceara"),
    ("DF", "distrito federal"),
    ("ES", "espirito santo"),
    ("GO", "goias"),
    ("MA", "maranhao"),
    ("MT", "mato grosso"),
    ("MS", "mato grosso do sul"),
    ("MG", "minas gerais"),
    ("PA", "para"),
    ("PB", "paraiba"),
    ("PR", "parana"),
    ("PE", "pernambuco"),
    ("PI", "piaui"),
    ("RJ", "rio de janeiro"),
    ("RN", "rio grande do norte"),
    ("RS", "rio grande do sul"),
    ("RO", "rondonia"),
    ("RR", "roraima"),
    ("SC", "santa catarina"),
    ("SP", "sao paulo"),
    ("SE", "sergipe"),
    ("TO", "tocantins"),
];
