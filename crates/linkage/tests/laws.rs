//! Laws that hold for every text: no panic, bounded output, and perfecting twice is perfecting once.

use linkage::perfect::attribute::value;
use linkage::perfect::{
    Attribute, Context, Country, Date, RawAddress, VALUE_MAX, Verdict, address_parts, match_form,
    name, pii,
};
use proptest::prelude::*;
use proptest::test_runner::RngSeed;

const TODAY: Date = Date { year: 2026, month: 11, day: 24 };

fn context(code: &str) -> Context {
    Context { country_default: Country::of_code(code), today: TODAY }
}

fn countries() -> impl Strategy<Value = &'static str> {
    prop::sample::select(vec![
        "", "US", "GB", "DE", "FR", "ES", "BR", "JP", "IN", "SE", "SA", "TR", "PL", "NL", "HU",
        "CN",
    ])
}

/// What values are made of.
const PIECES: &[&str] = &[
    "Dr. ",
    "van ",
    "DE LA ",
    "o'",
    "Mc",
    "smith",
    "MÜLLER",
    "İ",
    "ı",
    "ß",
    "ﬁ",
    "Jr",
    ", ",
    " ",
    "-",
    ".",
    "@",
    "gmail.com",
    "+",
    "info",
    "12",
    "5a",
    "Str.",
    "Hauptstr. ",
    "rue ",
    "St ",
    "N ",
    "Apt ",
    "#",
    "10115",
    "PO Box ",
    "1984",
    "/",
    "03",
    "T00:00",
    "March ",
    "(0)",
    "+49",
    "00",
    "30",
    "ext ",
    "山",
    "田",
    "Иван",
    "عبد ",
    "\u{301}",
    "\u{200b}",
    "\"",
    "(",
    ")",
    "<",
    ">",
    "n/a",
    "null",
    "%40",
    "=",
    "email",
    "?",
    "&",
    "C/ ",
    "c/",
    "º",
    "No: ",
    "Ave",
    "bis",
    "x",
    "bin ",
    "al-",
    "y ",
    "USA",
    "Berlin",
    "昭和",
    "年",
    "K",
    "ς",
    "Σ",
    "ǅ",
    "\u{345}",
];

/// Noise, and pieces that values are made of in any order.
fn texts() -> impl Strategy<Value = String> {
    let pieces = prop::sample::select(PIECES);
    prop_oneof![
        any::<String>(),
        "\\PC{0,40}",
        "[ -~]{0,40}",
        prop::collection::vec(pieces, 0..10).prop_map(|pieces| pieces.concat()),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 4_000, failure_persistence: None, rng_seed: RngSeed::Fixed(7), ..ProptestConfig::default() })]

    #[test]
    fn perfecting_twice_is_perfecting_once(text in texts(), code in countries()) {
        for attribute in Attribute::ALL.iter().copied() {
            let Verdict::Good(first) = value(attribute, &text, &context(code)) else { continue };
            prop_assert!((0.0..=1.0).contains(&first.confidence));
            prop_assert!(first.value.text.len() <= 4 * VALUE_MAX.max(text.len()));
            // Noise has no order of parts to keep; real names, streets and addresses do (unit tests).
            if matches!(attribute, Attribute::Name | Attribute::Street | Attribute::Address) {
                continue;
            }
            let again = value(attribute, &first.value.text, &context(code));
            let second = again.good().map(|second| second.value.text);
            prop_assert_eq!(second.as_ref(), Some(&first.value.text), "{:?} {:?} {:?}", attribute, code, text);
        }
    }

    #[test]
    fn folding_twice_is_folding_once(text in texts()) {
        let once = match_form(&text);
        prop_assert_eq!(match_form(&once), once);
        let key = name::phonetic(&text);
        prop_assert!(key.chars().count() <= name::KEY_MAX);
        let full = name::canonical_given(&text);
        prop_assert_eq!(name::canonical_given(&full), full);
    }

    #[test]
    fn a_clean_text_holds_nothing_more(text in texts()) {
        let clean = pii::cut(&text).clean.into_owned();
        let again = pii::cut(&clean);
        prop_assert_eq!(again.clean.as_ref(), clean.as_str());
    }

    #[test]
    fn an_address_of_any_parts_has_an_answer(street in texts(), city in texts(), postcode in texts(), country in texts(), code in countries()) {
        let raw = RawAddress {
            street: Some(&street), unit: Some(&city), city: Some(&city), region: Some(&postcode),
            postcode: Some(&postcode), country: Some(&country),
        };
        let home = Country::of_code(code);
        if let Verdict::Good(good) = address_parts(&raw, home) {
            prop_assert!(good.value.display().len() <= 8 * VALUE_MAX);
        }
        let _ = linkage::perfect::address::line(&street, home);
    }
}
