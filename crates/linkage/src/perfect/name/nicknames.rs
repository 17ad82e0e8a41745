//! Short and pet forms of given names.

use crate::perfect::match_form;
use std::collections::HashMap;
use std::sync::LazyLock;

/// One name a line: the full form, a colon, its short forms; all folded. A short form of several
/// full forms stands with the most frequent one. A full form is no short form of another.
static FULL_FORMS: LazyLock<HashMap<&'static str, &'static str>> = LazyLock::new(|| {
    let mut forms = HashMap::new();
    for line in include_str!("../data/nicknames.txt").lines() {
        if let Some((full, short)) = line.split_once(": ") {
            for short in short.split(' ') {
                forms.entry(short).or_insert(full);
            }
        }
    }
    forms
});

/// The form in which given names are compared: the first of them, folded, in its full form.
///
/// `Bob` is `robert`, `Pepe` is `jose`, `Mary-Jane` is `mary`; an unknown name is itself.
pub fn canonical_given(given: &str) -> String {
    let folded = match_form(given);
    let whole = FULL_FORMS.get(folded.as_str());
    let first = folded.split(' ').find(|word| word.chars().count() > 1).unwrap_or(&folded);
    let full = whole.or_else(|| FULL_FORMS.get(first)).copied().unwrap_or(first);
    full.to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pet_forms_are_the_name() {
        for (short, full) in [
            ("Bob", "robert"),
            ("Bill", "william"),
            ("Liz", "elizabeth"),
            ("Peggy", "margaret"),
            ("Pepe", "jose"),
            ("Paco", "francisco"),
            ("Sascha", "alexander"),
            ("Hans", "johannes"),
            ("Sepp", "josef"),
            ("Zé", "jose"),
            ("Gosia", "malgorzata"),
            ("Саша", "alexander"),
            ("Mehmet", "mehmet"),
            ("Mary-Jane", "mary"),
            ("J. Robert", "robert"),
            ("太郎", "太郎"),
            ("", ""),
        ] {
            assert_eq!(canonical_given(short), full, "{short}");
        }
    }

    #[test]
    fn the_table_is_folded_and_has_no_chains() {
        assert!(FULL_FORMS.len() >= 250, "{}", FULL_FORMS.len());
        for (short, full) in FULL_FORMS.iter() {
            assert_eq!(match_form(short).as_str(), *short);
            assert_eq!(match_form(full).as_str(), *full);
            assert!(!FULL_FORMS.contains_key(full), "{full} is short for something else");
        }
    }
}
