//! Phone numbers: to E.164 (ITU-T E.164) by the numbering plans of libphonenumber's metadata.
//!
//! The first call reads the plans, about 0.1 s; [`warm_up`] moves that to the start of the program.

use super::{Country, Junk, Note, Notes, Perfected, Unreadable, Verdict, junk, text};
use phonenumber::country::Id;
use phonenumber::metadata::DATABASE;
use phonenumber::{Mode, Type};

/// The longest number that is read, in digits: fifteen of E.164, a trunk prefix and an escape code.
pub const DIGITS_MAX: usize = 20;

/// What a number rings.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Line {
    /// A phone that moves with one person.
    Mobile,
    /// A phone in a house or an office.
    Fixed,
    /// The plan does not say which (North America).
    FixedOrMobile,
    /// Toll-free, premium, shared-cost and company-wide numbers: not of one person.
    Service,
    /// Not known.
    Unknown,
}

impl Line {
    /// The word for it in API and explanations.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Mobile => "mobile",
            Self::Fixed => "fixed",
            Self::FixedOrMobile => "fixed_or_mobile",
            Self::Service => "service",
            Self::Unknown => "unknown",
        }
    }
}

/// A phone number.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Phone {
    /// `+`, country calling code and subscriber number, digits only.
    pub e164: String,
    /// The extension behind it, digits only.
    pub extension: Option<String>,
    /// What it rings.
    pub line: Line,
    /// The country of the plan, unless it is a number of several countries or of none.
    pub country: Option<Country>,
}

/// Regular expressions of numbering plans that are kept compiled. The library keeps a hundred, which
/// customers of ten countries exceed; compiling one anew costs more than all the rest of a record.
const PATTERNS_MAX: usize = 4_096;

/// Reads the numbering plans, so that the first customer does not wait for them.
pub fn warm_up() {
    if let Ok(mut patterns) = DATABASE.cache().lock() {
        patterns.set_capacity(PATTERNS_MAX);
    }
    drop(parse("+493012345678", None));
}

/// Reads a number as written in `country`, unless it names its own.
pub fn parse(raw: &str, country: Option<Country>) -> Verdict<Phone> {
    let (clean, mut notes) = match text::clean_compatible(raw) {
        Ok(clean) => clean,
        Err(reason) => return Verdict::Unreadable(reason),
    };
    let (main, extension) = split_extension(&clean);
    let Some(dialled) = dial(main) else {
        return match junk::text(&clean) {
            Some(reason) => Verdict::Junk(reason),
            None => Verdict::Unreadable(Unreadable::Malformed),
        };
    };
    let digits = dialled.trim_start_matches('+');
    if is_filler(digits) {
        return Verdict::Junk(Junk::Filler);
    }
    if !(6..=DIGITS_MAX).contains(&digits.len()) {
        return Verdict::Unreadable(Unreadable::Malformed);
    }
    let named = dialled.starts_with('+');
    notes.add_if(!named, Note::CountryAssumed);
    notes.add_if(extension.is_some(), Note::ExtensionRemoved);
    let home = country.and_then(|country| country.word().parse::<Id>().ok());
    let Some(number) = read(&dialled, home) else {
        return Verdict::Unreadable(if named || home.is_some() {
            Unreadable::Impossible
        } else {
            Unreadable::Malformed
        });
    };
    judge(&number, extension, named, notes)
}

/// The number in its plan: as dialled, or, when that is no valid number, with the `+` that was left out.
fn read(dialled: &str, home: Option<Id>) -> Option<phonenumber::PhoneNumber> {
    // A number that names its country is read the same everywhere.
    let home = home.filter(|_| !dialled.starts_with('+'));
    let direct = phonenumber::parse(home, dialled).ok();
    if direct.as_ref().is_some_and(phonenumber::PhoneNumber::is_valid) || dialled.starts_with('+') {
        return direct;
    }
    let abroad = dialled.strip_prefix("00").unwrap_or(dialled);
    phonenumber::parse(None, format!("+{abroad}"))
        .ok()
        .filter(phonenumber::PhoneNumber::is_valid)
        .or(direct)
}

fn judge(
    number: &phonenumber::PhoneNumber,
    extension: Option<String>,
    named: bool,
    mut notes: Notes,
) -> Verdict<Phone> {
    let e164 = number.format().mode(Mode::E164).to_string();
    let digits = e164.trim_start_matches('+');
    if !(7..=15).contains(&digits.len()) || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
        return Verdict::Unreadable(Unreadable::Impossible);
    }
    let national = number.national().value().to_string();
    if is_filler(&national) || is_fictional(&e164) {
        return Verdict::Junk(Junk::Filler);
    }
    let valid = number.is_valid();
    // Outside the plan a leading zero may be a trunk prefix to one reading and a digit to the next.
    let stable = valid
        || phonenumber::parse(None, &e164)
            .is_ok_and(|again| again.format().mode(Mode::E164).to_string() == e164);
    if !stable {
        return Verdict::Unreadable(Unreadable::Impossible);
    }
    notes.add_if(!valid, Note::NotInPlan);
    let line = match number.number_type(&DATABASE) {
        Type::Mobile | Type::PersonalNumber | Type::Pager => Line::Mobile,
        Type::FixedLine => Line::Fixed,
        Type::FixedLineOrMobile => Line::FixedOrMobile,
        Type::TollFree
        | Type::PremiumRate
        | Type::SharedCost
        | Type::Uan
        | Type::Voicemail
        | Type::ShortCode
        | Type::StandardRate
        | Type::Carrier
        | Type::NoInternational
        | Type::Emergency => Line::Service,
        Type::Voip | Type::Unknown => Line::Unknown,
    };
    let country = number.country().id().and_then(|id| Country::of_code(id.as_ref()));
    let confidence = match (valid, named) {
        (true, true) => 0.99,
        (true, false) => 0.95,
        (false, true) => 0.5,
        (false, false) => 0.4,
    };
    Verdict::Good(Perfected { value: Phone { e164, extension, line, country }, confidence, notes })
}

/// Digits with at most a leading `+`; nothing when there are letters or too few digits to be a number.
fn dial(main: &str) -> Option<String> {
    let trimmed = main.strip_prefix("tel:").unwrap_or(main);
    let trimmed =
        trimmed.trim_start_matches(|letter: char| !letter.is_ascii_digit() && letter != '+');
    // "+49 (0)30 …": the zero in brackets is dialled only inside the country.
    let national =
        if trimmed.starts_with('+') { trimmed.replace("(0)", "") } else { trimmed.to_owned() };
    let mut out = String::new();
    for letter in national.chars() {
        match letter {
            '0'..='9' => out.push(letter),
            '+' if out.is_empty() => out.push('+'),
            _ if letter.is_alphanumeric() || letter == '@' => return None,
            _ => {}
        }
        if out.len() > DIGITS_MAX + 1 {
            return None;
        }
    }
    (out.len() > 1).then_some(out)
}

/// Splits `x12`, `ext. 12`, `#12`, `Durchwahl 12`, `;ext=12` off.
fn split_extension(clean: &str) -> (&str, Option<String>) {
    let lower = clean.to_ascii_lowercase();
    for mark in [
        ";ext=",
        "extension",
        "durchwahl",
        "anexo",
        "ramal",
        "poste",
        "ext.",
        "ext",
        "dw",
        "int.",
        "app.",
        "x",
        "#",
    ] {
        let Some(at) = lower.rfind(mark).filter(|at| *at >= 6) else {
            continue;
        };
        let behind = lower.get(at + mark.len()..).unwrap_or_default();
        let behind = behind.trim_matches([' ', '.', ':', '-', '=', ')']);
        if (1..=7).contains(&behind.len()) && behind.bytes().all(|byte| byte.is_ascii_digit()) {
            let main = clean.get(..at).unwrap_or(clean);
            return (main.trim_end_matches([' ', ',', ';', '-', '(']), Some(behind.to_owned()));
        }
    }
    (clean, None)
}

/// All digits equal, counting up or down, or nothing but zeros after two digits.
fn is_filler(digits: &str) -> bool {
    let core = digits.trim_start_matches('0');
    let counting = |digits: &str| {
        digits.len() >= 6 && ["01234567890", "9876543210"].iter().any(|row| row.contains(digits))
    };
    let equal = |digits: &str| {
        let first = digits.bytes().next();
        digits.len() >= 6 && digits.bytes().all(|byte| Some(byte) == first)
    };
    core.is_empty()
        || equal(digits)
        || equal(core)
        || counting(digits)
        || counting(core)
        || core
            .strip_prefix('1')
            .is_some_and(|rest| rest.len() == 10 && (equal(rest) || counting(rest)))
        || (core.len() >= 7 && core.trim_end_matches('0').len() <= 2)
}

/// North American numbers kept for films: 555-0100 to 555-0199 in every area (ATIS-0300115).
fn is_fictional(e164: &str) -> bool {
    e164.strip_prefix("+1")
        .is_some_and(|number| number.len() == 10 && number.get(3..8) == Some("55501"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn country(code: &str) -> Option<Country> {
        Country::of_code(code)
    }

    #[test]
    fn numbers_of_many_countries_become_e164() {
        for (raw, home, e164, line) in [
            ("(415) 555-2671", "US", "+14155552671", Line::FixedOrMobile),
            ("1-415-555-2671", "US", "+14155552671", Line::FixedOrMobile),
            ("07911 123456", "GB", "+447911123456", Line::Mobile),
            ("+44 (0)20 7946 0958", "DE", "+442079460958", Line::Fixed),
            ("030 / 901820", "DE", "+4930901820", Line::Fixed),
            ("0049 171 2345678", "DE", "+491712345678", Line::Mobile),
            ("06 12 34 56 78", "FR", "+33612345678", Line::Mobile),
            ("612 345 678", "ES", "+34612345678", Line::Mobile),
            ("(11) 96123-4567", "BR", "+5511961234567", Line::Mobile),
            ("090-1234-5678", "JP", "+819012345678", Line::Mobile),
            ("98765 43211", "IN", "+919876543211", Line::Mobile),
            ("070-123 45 67", "SE", "+46701234567", Line::Mobile),
            ("٠٥٠ ١٢٣ ٤٥٦٧", "SA", "+966501234567", Line::Mobile),
            ("0532 123 45 67", "TR", "+905321234567", Line::Mobile),
            ("512 345 679", "PL", "+48512345679", Line::Mobile),
            ("447911123456", "GB", "+447911123456", Line::Mobile),
            ("0800 1234567", "DE", "+498001234567", Line::Service),
        ] {
            let good = parse(raw, country(home)).good().unwrap_or_else(|| panic!("{raw}"));
            assert_eq!((&*good.value.e164, good.value.line), (e164, line), "{raw}");
        }
    }

    #[test]
    fn an_extension_is_split_off() {
        for raw in [
            "+1 415 555 2671 x12",
            "+1 415 555 2671, ext. 12",
            "+14155552671;ext=12",
            "(415) 555-2671 #12",
        ] {
            let good = parse(raw, country("US")).good().unwrap();
            assert_eq!(
                (&*good.value.e164, good.value.extension.as_deref()),
                ("+14155552671", Some("12")),
                "{raw}"
            );
        }
    }

    #[test]
    fn nobodys_numbers_are_junk() {
        for raw in [
            "0000000000",
            "1234567890",
            "5555555555",
            "+11111111111",
            "n/a",
            "0123456789",
            "9999999999",
            "+49 000000",
            "1-555-555-5555",
            "415-555-0123",
            "-",
        ] {
            assert!(matches!(parse(raw, country("US")), Verdict::Junk(_)), "{raw}");
        }
    }

    #[test]
    fn rubbish_is_not_a_number() {
        for raw in ["call me", "12", "ada@x.org", "+49 12a4567", "123456789012345678901234"] {
            assert!(matches!(parse(raw, None), Verdict::Unreadable(_)), "{raw}");
        }
        assert!(matches!(parse("030 901820", None), Verdict::Unreadable(_)));
    }
}
