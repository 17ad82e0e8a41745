//! Unicode, blanks, digits and the folded form in which all texts are compared.

use super::{Note, Notes, Unreadable, VALUE_MAX};
use unicode_normalization::{UnicodeNormalization, is_nfc};

/// A raw value in NFC without control characters, invisible characters and superfluous blanks.
pub(super) fn clean(raw: &str) -> Result<(String, Notes), Unreadable> {
    if raw.len() > VALUE_MAX {
        return Err(Unreadable::TooLong);
    }
    let mut notes = Notes::NONE;
    let normal = if is_nfc(raw) { squeeze(raw.chars()) } else { squeeze(raw.nfc()) };
    // Dropping an invisible character can bring a letter and its accent together.
    let text = composed(normal);
    if text.is_empty() {
        return Err(Unreadable::Empty);
    }
    notes.add_if(text != raw, if raw.is_ascii() { Note::Trimmed } else { Note::Unicode });
    Ok((text, notes))
}

/// Like [`clean`] in NFKC and with ASCII digits: for codes, numbers and addresses of machines.
pub(super) fn clean_compatible(raw: &str) -> Result<(String, Notes), Unreadable> {
    if raw.is_ascii() {
        return clean(raw);
    }
    if raw.len() > VALUE_MAX {
        return Err(Unreadable::TooLong);
    }
    let plain: String = raw.nfkc().map(ascii_digit).take(VALUE_MAX / 4).collect();
    let (text, mut notes) = clean(&plain)?;
    notes.add_if(text != raw, Note::Unicode);
    Ok((text, notes))
}

/// The text in NFC again, after letters of it were changed.
pub(super) fn composed(text: String) -> String {
    if is_nfc(&text) { text } else { text.nfc().collect() }
}

fn squeeze(letters: impl Iterator<Item = char>) -> String {
    let mut out = String::new();
    let mut blank = false;
    for letter in letters {
        if letter.is_whitespace() {
            blank = true;
        } else if !is_invisible(letter) {
            if blank && !out.is_empty() {
                out.push(' ');
            }
            blank = false;
            out.push(letter);
        }
    }
    out
}

fn is_invisible(letter: char) -> bool {
    letter.is_control()
        || matches!(letter, '\u{ad}' | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}'
            | '\u{2060}'..='\u{2069}' | '\u{feff}' | '\u{fffd}')
}

/// The ASCII digit of an Arabic, Persian, Devanagari, Bengali or Thai one; others as they are.
fn ascii_digit(letter: char) -> char {
    let code = u32::from(letter);
    [0x660, 0x6f0, 0x966, 0x9e6, 0xe50]
        .into_iter()
        .find_map(|zero| code.checked_sub(zero).filter(|digit| *digit < 10))
        .and_then(|digit| char::from_digit(digit, 10))
        .unwrap_or(letter)
}

/// The form in which texts are compared: lower case, no accents, Latin, Cyrillic and Greek letters
/// in ASCII, apostrophes dropped, every other run of punctuation one blank.
///
/// `Müller` is `muller`; that `Mueller` is the same name is known to [`super::name::phonetic`].
pub fn match_form(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut blank = false;
    let mut push = |letter: char| {
        if is_apostrophe(letter) || is_accent(letter) {
            return;
        }
        if is_separator(letter) {
            blank = true;
            return;
        }
        let letters = latin(letter);
        if letters == Some("") {
            return;
        }
        if blank && !out.is_empty() {
            out.push(' ');
        }
        blank = false;
        match letters {
            Some(letters) => out.push_str(letters),
            None => out.push(letter),
        }
    };
    if text.is_ascii() {
        text.chars().map(|letter| letter.to_ascii_lowercase()).for_each(push);
        return out;
    }
    for letter in text.chars() {
        if is_apostrophe(letter) || is_separator(letter) {
            push(letter);
        } else {
            letter.to_lowercase().nfkd().flat_map(char::to_lowercase).for_each(&mut push);
        }
    }
    if out.is_ascii() { out } else { out.nfc().collect() }
}

fn is_apostrophe(letter: char) -> bool {
    matches!(
        letter,
        '\'' | '`' | '\u{b4}' | '\u{2019}' | '\u{2018}' | '\u{2bc}' | '\u{2b9}' | '\u{2032}'
    )
}

/// Accents that languages with Latin, Greek, Cyrillic, Hebrew or Arabic script leave out at will.
/// The marks of kana and of Indian scripts make other letters and stay.
fn is_accent(letter: char) -> bool {
    matches!(letter, '\u{300}'..='\u{36f}' | '\u{591}'..='\u{5c7}' | '\u{640}'
        | '\u{64b}'..='\u{65f}' | '\u{670}')
}

fn is_separator(letter: char) -> bool {
    letter.is_whitespace()
        || letter.is_ascii_punctuation()
        || is_invisible(letter)
        || matches!(letter, '\u{a0}'..='\u{a9}' | '\u{ab}'..='\u{b1}' | '\u{b6}'..='\u{b8}' | '\u{bb}'
            | '\u{bf}' | '×' | '÷' | '\u{2000}'..='\u{206f}' | '\u{2190}'..='\u{2bff}'
            | '\u{3000}'..='\u{3004}' | '\u{3008}'..='\u{3020}' | '\u{30fb}' | '\u{ff65}')
}

/// The ASCII letters of a lower-case letter that has no decomposition.
fn latin(letter: char) -> Option<&'static str> {
    if letter.is_ascii() {
        return None;
    }
    Some(match letter {
        'ß' => "ss",
        'ł' | 'л' | 'λ' => "l",
        'æ' => "ae",
        'œ' => "oe",
        'đ' | 'ð' | 'д' | 'δ' => "d",
        'þ' | 'θ' => "th",
        'ħ' => "h",
        'ı' | 'и' | 'і' | 'ι' | 'η' => "i",
        'ŋ' | 'н' | 'ν' => "n",
        'ə' | 'е' | 'э' | 'ε' => "e",
        'а' | 'α' => "a",
        'б' => "b",
        'в' | 'β' => "v",
        'г' | 'ґ' | 'γ' => "g",
        'є' => "ie",
        'ж' => "zh",
        'з' | 'ζ' => "z",
        'к' | 'κ' => "k",
        'м' | 'μ' => "m",
        'ø' | 'о' | 'ο' | 'ω' => "o",
        'п' | 'π' => "p",
        'р' | 'ρ' => "r",
        'с' | 'σ' | 'ς' => "s",
        'т' | 'τ' => "t",
        'у' | 'υ' => "u",
        'ф' | 'φ' => "f",
        'х' => "kh",
        'ц' => "ts",
        'ч' | 'χ' => "ch",
        'ш' => "sh",
        'щ' => "shch",
        'ъ' | 'ь' => "",
        'ы' => "y",
        'ю' => "iu",
        'я' => "ia",
        'ψ' => "ps",
        'ξ' => "x",
        'أ' | 'إ' | 'آ' | 'ٱ' => "ا",
        'ى' | 'ی' => "ي",
        'ة' => "ه",
        'ک' => "ك",
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_fold_to_one_form() {
        for (raw, folded) in [
            ("Müller", "muller"),
            ("STRASSE", "strasse"),
            ("Straße", "strasse"),
            ("Łukasz Żółć", "lukasz zolc"),
            ("Sørensen", "sorensen"),
            ("İstanbul", "istanbul"),
            ("Işık", "isik"),
            ("O’Brien-O'Neil", "obrien oneil"),
            ("François  Lefèvre", "francois lefevre"),
            ("Иванов", "ivanov"),
            ("Παπαδόπουλος", "papadopoulos"),
            ("مُحَمَّد", "محمد"),
            ("أحمد", "احمد"),
            ("ガギグ", "ガギグ"),
            ("ｶﾞ", "ガ"),
            ("山田・太郎", "山田 太郎"),
            ("हिन्दी", "हिन्दी"),
            ("--", ""),
        ] {
            assert_eq!(match_form(raw), folded, "{raw}");
        }
    }

    #[test]
    fn invisible_characters_and_blanks_go() {
        assert_eq!(clean(" \u{feff}Ada\u{200b}\t Lovelace\u{a0}").unwrap().0, "Ada Lovelace");
        assert_eq!(clean(" \u{a0}\u{200b}"), Err(Unreadable::Empty));
        assert_eq!(clean(&"a".repeat(VALUE_MAX + 1)), Err(Unreadable::TooLong));
        assert_eq!(clean_compatible("٠١٢३４").unwrap().0, "01234");
    }
}
