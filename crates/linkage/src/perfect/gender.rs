//! Gender from the words and codes of many languages.

use super::{Country, Note, Perfected, Unreadable, Verdict, junk, match_form, text};

/// What a person says their gender is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Gender {
    /// Female.
    Female,
    /// Male.
    Male,
    /// Neither, both, or another.
    Diverse,
    /// Asked, and not said.
    Unknown,
}

impl Gender {
    /// The word for it in API, files and documents.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Female => "female",
            Self::Male => "male",
            Self::Diverse => "diverse",
            Self::Unknown => "unknown",
        }
    }
}

const FEMALE: &[&str] = &[
    "f",
    "w",
    "female",
    "woman",
    "women",
    "girl",
    "lady",
    "ms",
    "mrs",
    "miss",
    "fem",
    "femenino",
    "femenina",
    "mujer",
    "weiblich",
    "frau",
    "dame",
    "feminin",
    "feminine",
    "femme",
    "fille",
    "madame",
    "mme",
    "mlle",
    "femminile",
    "femmina",
    "donna",
    "feminino",
    "feminina",
    "mulher",
    "vrouw",
    "vrouwelijk",
    "v",
    "kvinna",
    "kvinnlig",
    "kvinde",
    "kvinne",
    "k",
    "kobieta",
    "zenska",
    "kadin",
    "bayan",
    "nainen",
    "no",
    "zhenskii",
    "zhenshchina",
    "女",
    "女性",
    "أنثى",
    "انثى",
    "انثي",
    "امراه",
    "महिला",
    "स्त्री",
    "여",
    "여성",
    "2",
    "zena",
    "gynaika",
    "srta",
    "sra",
];

const MALE: &[&str] = &[
    "m",
    "male",
    "man",
    "men",
    "boy",
    "mr",
    "mister",
    "masc",
    "masculino",
    "hombre",
    "h",
    "varon",
    "maennlich",
    "mannlich",
    "herr",
    "mann",
    "masculin",
    "masculine",
    "homme",
    "monsieur",
    "maschile",
    "maschio",
    "uomo",
    "homem",
    "mannelijk",
    "manlig",
    "mand",
    "mezczyzna",
    "meska",
    "erkek",
    "bay",
    "e",
    "mies",
    "ferfi",
    "muzhskoi",
    "muzhchina",
    "男",
    "男性",
    "ذكر",
    "رجل",
    "पुरुष",
    "남",
    "남성",
    "1",
    "muz",
    "andras",
    "sr",
];

const DIVERSE: &[&str] = &[
    "d",
    "x",
    "diverse",
    "divers",
    "nonbinary",
    "non binary",
    "nb",
    "enby",
    "other",
    "another",
    "andere",
    "anderes",
    "autre",
    "otro",
    "otra",
    "outro",
    "altro",
    "anders",
    "annat",
    "inny",
    "diger",
    "intersex",
    "inter",
    "genderqueer",
    "genderfluid",
    "agender",
    "no binario",
    "nao binario",
    "non binaire",
    "mx",
    "third gender",
    "third",
    "その他",
    "其他",
    "transgender",
];

const UNKNOWN: &[&str] = &[
    "u",
    "0",
    "9",
    "unspecified",
    "undisclosed",
    "prefer not to say",
    "prefer not to answer",
    "rather not say",
    "not say",
    "keine angabe",
    "prefiero no decirlo",
    "ne se prononce pas",
    "回答しない",
];

/// Reads a word, an initial, a form of address or an ISO/IEC 5218 code.
///
/// `m` is male, but in Spanish it may be `mujer`: there it is read with little confidence.
pub fn parse(raw: &str, country: Option<Country>) -> Verdict<Gender> {
    let (clean, mut notes) = match text::clean_compatible(raw) {
        Ok(clean) => clean,
        Err(reason) => return Verdict::Unreadable(reason),
    };
    let folded = match_form(&clean);
    let word = folded.as_str();
    let value = if FEMALE.contains(&word) {
        Gender::Female
    } else if MALE.contains(&word) {
        Gender::Male
    } else if DIVERSE.contains(&word) {
        Gender::Diverse
    } else if UNKNOWN.contains(&word) || junk::text(&clean).is_some() {
        Gender::Unknown
    } else {
        return Verdict::Unreadable(Unreadable::Malformed);
    };
    let spanish = country.is_some_and(|country| country.is_in(super::name::SPANISH));
    let doubtful =
        (word == "m" && spanish) || matches!(word, "e" | "h" | "k" | "v" | "no" | "1" | "2");
    notes.add_if(doubtful, Note::Ambiguous);
    notes.add_if(clean != value.word(), Note::Expanded);
    Verdict::Good(Perfected { value, confidence: if doubtful { 0.6 } else { 0.98 }, notes })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_of_many_languages_say_a_gender() {
        for (raw, word) in [
            ("F", "female"),
            ("weiblich", "female"),
            ("Frau", "female"),
            ("Mujer", "female"),
            ("女性", "female"),
            ("kadın", "female"),
            ("kobieta", "female"),
            ("kvinna", "female"),
            ("أنثى", "female"),
            ("M", "male"),
            ("männlich", "male"),
            ("homme", "male"),
            ("erkek", "male"),
            ("पुरुष", "male"),
            ("mężczyzna", "male"),
            ("divers", "diverse"),
            ("Non-Binary", "diverse"),
            ("prefer not to say", "unknown"),
            ("n/a", "unknown"),
        ] {
            assert_eq!(parse(raw, None).good().map(|good| good.value.word()), Some(word), "{raw}");
        }
        assert_eq!(parse("shoe", None), Verdict::Unreadable(Unreadable::Malformed));
    }

    #[test]
    fn m_is_doubtful_in_spanish() {
        let spain = Country::of_code("ES");
        assert!(parse("M", spain).good().unwrap().confidence < 0.9);
    }
}
