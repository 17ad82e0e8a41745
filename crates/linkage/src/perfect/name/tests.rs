//! Names as people and systems in many countries write them.

use super::*;

fn country(code: &str) -> Option<Country> {
    Country::of_code(code)
}

#[test]
fn case_that_was_lost_is_put_right() {
    for (raw, land, right) in [
        ("MCDONALD", "US", "McDonald"),
        ("o'brien", "IE", "O'Brien"),
        ("O’BRIEN", "IE", "O’Brien"),
        ("VAN DER BERG", "NL", "van der Berg"),
        ("de la cruz", "ES", "de la Cruz"),
        ("MÜLLER-LÜDENSCHEIDT", "DE", "Müller-Lüdenscheidt"),
        ("von goethe", "DE", "von Goethe"),
        ("IŞIK", "TR", "Işık"),
        ("inci", "TR", "İnci"),
        ("dos santos", "BR", "dos Santos"),
        ("al-rashid", "SA", "al-Rashid"),
        ("STRAUSS", "AT", "Strauss"),
        ("DeVito", "US", "DeVito"),
        ("MacLeod", "GB", "MacLeod"),
        ("ŁUKASIŃSKI", "PL", "Łukasiński"),
        ("ŐRSÉG", "HU", "Őrség"),
        ("иванов", "RU", "Иванов"),
        ("山田", "JP", "山田"),
        ("De", "FR", "De"),
        ("Smith Jr.", "US", "Smith"),
        ("null", "US", "Null"),
        ("d'angelo", "IT", "D'Angelo"),
    ] {
        assert_eq!(
            family(raw, country(land)).good().map(|good| good.value).as_deref(),
            Some(right),
            "{raw}"
        );
    }
}

#[test]
fn given_names_lose_their_titles() {
    for (raw, right) in [
        ("Dr. Ada", "Ada"),
        ("PROF. DR. HANS", "Hans"),
        ("mary-jane", "Mary-Jane"),
        ("J.R.", "J.R."),
        ("JP", "JP"),
        ("Mme Claire", "Claire"),
        ("josé maría", "José María"),
        ("\"Bob\"", "Bob"),
        ("Maj", "Maj"),
    ] {
        assert_eq!(given(raw, None).good().map(|good| good.value).as_deref(), Some(right), "{raw}");
    }
    for raw in ["n/a", "-", "Unknown", "test", "xxx", "null", "'"] {
        assert!(matches!(given(raw, None), Verdict::Junk(_)), "{raw}");
    }
    for raw in ["ada@x.org", "123", "  "] {
        assert!(matches!(given(raw, None), Verdict::Unreadable(_)), "{raw}");
    }
}

#[test]
fn full_names_are_split() {
    for (raw, land, [title, given, middle, family, suffix]) in [
        ("Ada Lovelace", "GB", ["", "Ada", "", "Lovelace", ""]),
        ("Dr. Ada M. Lovelace", "GB", ["Dr.", "Ada", "M.", "Lovelace", ""]),
        ("LOVELACE, ADA KING", "GB", ["", "Ada", "King", "Lovelace", ""]),
        ("john smith jr.", "US", ["", "John", "", "Smith", "Jr"]),
        ("Smith, John, Jr.", "US", ["", "John", "", "Smith", "Jr"]),
        ("John Smith, PhD", "US", ["", "John", "", "Smith", "PhD"]),
        ("John Q. Public III", "US", ["", "John", "Q.", "Public", "III"]),
        ("Robert \"Bob\" Null", "US", ["", "Robert", "", "Null", ""]),
        ("Jean DUPONT", "FR", ["", "Jean", "", "Dupont", ""]),
        ("Mme Marie-Claire de La Tour", "FR", ["Mme", "Marie-Claire", "", "de La Tour", ""]),
        (
            "Herr Prof. Dr. Karl von der Heide",
            "DE",
            ["Herr Prof. Dr.", "Karl", "", "von der Heide", ""],
        ),
        ("María José García López", "ES", ["", "María", "José", "García López", ""]),
        ("José Ortega y Gasset", "ES", ["", "José", "", "Ortega y Gasset", ""]),
        ("Juan de la Cruz", "MX", ["", "Juan", "", "de la Cruz", ""]),
        ("João da Silva Santos Filho", "BR", ["", "João", "da Silva", "Santos", "Jr"]),
        ("Vincent van Gogh", "NL", ["", "Vincent", "", "van Gogh", ""]),
        ("Nagy János", "HU", ["", "János", "", "Nagy", ""]),
        ("Nguyễn Văn An", "VN", ["", "An", "Văn", "Nguyễn", ""]),
        ("山田 太郎 様", "JP", ["", "太郎", "", "山田", ""]),
        ("김철수", "KR", ["", "철수", "", "김", ""]),
        ("欧阳娜娜", "CN", ["", "娜娜", "", "欧阳", ""]),
        ("Иванов Иван Иванович", "RU", ["", "Иван", "Иванович", "Иванов", ""]),
        ("Abdul Rahman Al Saud", "SA", ["", "Abdul Rahman", "", "Al Saud", ""]),
        ("MEHMET ALİ IŞIK", "TR", ["", "Mehmet", "Ali", "Işık", ""]),
        ("Shri Rajesh Kumar", "IN", ["Shri", "Rajesh", "", "Kumar", ""]),
        ("Cher", "US", ["", "Cher", "", "", ""]),
    ] {
        let name = full(raw, country(land)).good().map(|good| good.value);
        let name = name.unwrap_or_else(|| panic!("{raw}"));
        let title = if raw.contains('様') { "" } else { title };
        assert_eq!(
            [&*name.given, &*name.middle, &*name.family, &*name.suffix],
            [given, middle, family, suffix],
            "{raw}"
        );
        assert_eq!(name.title, title, "{raw}");
        let again = full(&name.display(), country(land)).good().unwrap().value;
        assert_eq!(FullName { title: name.title.clone(), ..again }, name, "{raw} again");
    }
}

#[test]
fn a_full_name_is_compared_by_its_full_given_and_folded_family_name() {
    for (raw, form) in
        [("Bob O'Brien", "robert obrien"), ("Müller, Liz", "elizabeth muller"), ("Cher", "cher")]
    {
        assert_eq!(full(raw, None).good().unwrap().value.match_form(), form);
    }
}
