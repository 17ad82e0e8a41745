//! Titles, suffixes and particles, and which countries write names how.

use crate::perfect::{Country, match_form};

/// Countries where two family names are usual.
pub(in crate::perfect) const SPANISH: &[&str] = &[
    "ES", "MX", "AR", "CO", "CL", "PE", "VE", "EC", "GT", "CU", "BO", "DO", "HN", "PY", "SV", "NI",
    "CR", "PA", "UY", "PR", "GQ",
];

/// Whether family names come first there, in Latin script too.
pub(super) fn is_family_first(country: Option<Country>) -> bool {
    country.is_some_and(|country| country.is_in(&["HU", "VN", "CN", "KR", "TW", "HK", "KP"]))
}

/// Titles, folded, without dots.
const TITLES: &[&str] = &[
    "mr",
    "mrs",
    "ms",
    "miss",
    "mx",
    "mister",
    "dr",
    "doctor",
    "drs",
    "prof",
    "professor",
    "sir",
    "dame",
    "lady",
    "rev",
    "reverend",
    "hon",
    "capt",
    "captain",
    "col",
    "lt",
    "sgt",
    "maj",
    "herr",
    "hr",
    "frau",
    "fr",
    "hrn",
    "frl",
    "fraulein",
    "dipl",
    "dipling",
    "ing",
    "mag",
    "mme",
    "mlle",
    "monsieur",
    "madame",
    "mademoiselle",
    "me",
    "senor",
    "senora",
    "senorita",
    "sr",
    "sra",
    "srta",
    "dna",
    "lic",
    "dott",
    "dottssa",
    "dottor",
    "dottoressa",
    "sig",
    "sigra",
    "signor",
    "signora",
    "signorina",
    "avv",
    "pan",
    "pani",
    "dra",
    "prof dr",
    "meneer",
    "mevrouw",
    "mevr",
    "dhr",
    "mw",
    "ir",
    "shri",
    "smt",
    "kum",
    "bay",
    "bayan",
    "sayin",
    "sn",
    "fru",
    "froken",
    "herra",
    "rouva",
    "sheikh",
    "ustadh",
    "med",
    "phil",
    "rer",
    "nat",
    "jur",
    "habil",
    "hc",
];

/// Titles that stand only before another title or with a dot: they are given names too.
const TITLES_WITH_DOT: &[&str] = &[
    "m", "fr", "me", "pan", "sn", "maj", "mag", "ing", "ir", "med", "nat", "bay", "hon", "kum",
    "rer", "phil", "sr", "col", "mw",
];

/// The name without the titles before it and the honorifics behind it.
pub(super) fn without_titles(name: &str) -> &str {
    let mut rest = name;
    let mut titled = false;
    while let Some((word, behind)) = next_word(rest) {
        let folded = match_form(word).replace(' ', "");
        let dotted = word.ends_with('.');
        let known = TITLES.contains(&folded.as_str()) || (folded == "m" && dotted);
        let doubtful = TITLES_WITH_DOT.contains(&folded.as_str());
        if !known || (doubtful && !dotted && !titled) || behind.is_empty() {
            break;
        }
        titled = true;
        rest = behind;
    }
    for honorific in ["様", "さん", "殿", "先生", "氏", "님", "씨"] {
        if let Some(before) =
            rest.strip_suffix(honorific).filter(|before| before.chars().count() >= 2)
        {
            return before.trim_end();
        }
    }
    rest
}

/// `Dr.Ada` and `Dr. Ada` alike: a word ends at a blank or behind its dot.
fn next_word(text: &str) -> Option<(&str, &str)> {
    let end = text.find([' ', '.'])?;
    let dot = text.get(end..)?.starts_with('.');
    let (word, rest) = text.split_at_checked(if dot { end + 1 } else { end })?;
    Some((word, rest.trim_start_matches([' ', '-', ','])))
}

/// The standard form of a suffix, if the word is one.
pub(super) fn suffix(word: &str) -> Option<&'static str> {
    let folded = match_form(word).replace(' ', "");
    Some(match folded.as_str() {
        "jr" | "jnr" | "jun" | "junior" | "filho" | "fils" | "hijo" => "Jr",
        "sr" | "snr" | "sen" | "senior" | "pere" => "Sr",
        "neto" => "Neto",
        "ii" | "2nd" => "II",
        "iii" | "3rd" => "III",
        "iv" | "4th" => "IV",
        "v" | "5th" => "V",
        "phd" => "PhD",
        "md" => "MD",
        "dds" => "DDS",
        "esq" | "esquire" => "Esq",
        "cpa" => "CPA",
        "mba" => "MBA",
        "msc" => "MSc",
        "bsc" => "BSc",
        "rn" => "RN",
        "obe" => "OBE",
        "mbe" => "MBE",
        "ret" => "Ret",
        _ => return None,
    })
}

/// Takes the suffixes off the end: the rest, and the suffixes in their standard form.
pub(super) fn split_suffix(name: &str) -> (&str, String) {
    let mut rest = name;
    let mut found: Vec<&str> = Vec::new();
    while let Some((before, word)) = rest.rsplit_once([' ', ',']) {
        let before = before.trim_end_matches([' ', ',']);
        // A lone V is more often an initial than the Fifth; Neto and Filho need a name before them.
        let doubtful =
            matches!(match_form(word).as_str(), "v" | "neto" | "sen" | "ret" | "filho" | "hijo");
        let Some(known) =
            suffix(word).filter(|_| !before.is_empty() && (!doubtful || before.contains(' ')))
        else {
            break;
        };
        found.insert(0, known);
        rest = before;
    }
    (rest, found.join(" "))
}

const PARTICLES: &[&str] = &[
    "van", "von", "der", "den", "de", "del", "della", "dello", "di", "da", "das", "do", "dos",
    "du", "des", "la", "las", "le", "los", "ten", "ter", "te", "zu", "zum", "zur", "vom", "af",
    "av", "bin", "ibn", "bint", "binti", "al", "el", "ap", "y", "e", "und", "und zu", "'t", "d'",
    "op", "het", "in", "san", "santa", "abu", "ben", "st", "st.", "saint", "mac", "ul", "ud",
    "degli", "dei", "dal", "lo",
];

/// Words that are written small inside a name and belong to what follows.
pub(super) fn is_particle(lower: &str) -> bool {
    PARTICLES.contains(&lower)
        && !matches!(
            lower,
            "san"
                | "santa"
                | "abu"
                | "ben"
                | "st"
                | "st."
                | "saint"
                | "mac"
                | "al"
                | "el"
                | "in"
                | "e"
                | "la"
                | "le"
                | "lo"
                | "te"
                | "do"
        )
        || matches!(lower, "la" | "do" | "e" | "te")
}

/// Words that belong to the family name that follows them.
pub(super) fn binds_to_family(word: &str) -> bool {
    PARTICLES.contains(&word.to_lowercase().as_str())
}

/// Arabic beginnings that make one given name with the word behind them.
pub(super) fn binds_to_given(word: &str) -> bool {
    matches!(match_form(word).as_str(), "abd" | "abdul" | "abdel" | "abdal" | "عبد" | "ابو")
}

/// Chinese and Korean family names of two characters.
pub(super) const COMPOUND_FAMILIES: &[&str] = &[
    "欧阳", "歐陽", "司马", "司馬", "诸葛", "諸葛", "上官", "司徒", "东方", "皇甫", "尉迟", "남궁",
    "황보", "선우", "제갈", "독고",
];
