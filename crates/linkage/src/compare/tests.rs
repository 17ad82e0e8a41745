//! Examples of levels.

use super::*;
use crate::record::{Field, Options, Reader, Records, Schema};

fn pair(fields: &[Field], a: &[&str], b: &[&str]) -> Pattern {
    let mut records = Records::default();
    let mut reader = Reader::new(Schema::new(fields.to_vec()), Options::default());
    reader.push(&mut records, 1, a);
    reader.push(&mut records, 2, b);
    let pattern = compare(&records.pool, &records.rows[0], &records.rows[1]);
    let back = compare(&records.pool, &records.rows[1], &records.rows[0]);
    assert_eq!(pattern, back, "symmetric");
    pattern
}

fn check(field: Field, comparison: Comparison, cases: &[(&str, &str, &str)]) {
    for (a, b, level) in cases {
        let found = pair(&[field], &[a], &[b]).level(comparison);
        let word = found.and_then(|found| comparison.levels().get(found)).copied();
        assert_eq!(word.unwrap_or("missing"), *level, "{a} {b}");
    }
}

#[test]
fn names_have_levels() {
    check(
        Field::Given,
        Comparison::Given,
        &[
            ("Robert", "ROBERT", "exact"),
            ("Robert", "Bob", "close"),
            ("Robert", "Robret", "close"),
            ("Robert", "R", "initial"),
            ("Mary Jane", "Mary", "close"),
            ("elk i", "elki", "exact"),
            ("Robert", "Alice", "different"),
            ("Robert", "n/a", "missing"),
            ("山田", "山田", "exact"),
        ],
    );
    check(
        Field::Family,
        Comparison::Family,
        &[
            ("Null", "null", "exact"),
            ("McCarthy", "Mc Carthy", "exact"),
            ("Meier", "Maier", "close"),
            ("Smith", "Jones", "different"),
        ],
    );
    let crossed = pair(&[Field::Given, Field::Family], &["Ada", "Byron"], &["Byron", "Ada"]);
    assert!(crossed.reaches(Comparison::Given, 4) && crossed.reaches(Comparison::Family, 3));
}

#[test]
fn dates_have_levels() {
    check(
        Field::BirthDate,
        Comparison::Birth,
        &[
            ("1984-03-05", "5 March 1984", "exact"),
            ("1984-03-05", "1984-05-03", "one slip"),
            ("1984-03-05", "1984-03-06", "one slip"),
            ("1984-03-05", "1984-30-05", "one slip"),
            ("1984-03-05", "1984-03-27", "two parts"),
            ("1984-03-05", "1984-11-27", "same year"),
            ("1630-08-01", "1630-08-01", "exact"),
            ("1984-03-05", "1900-01-01", "missing"),
            ("1984-03-05", "1991-11-27", "different"),
        ],
    );
}

#[test]
fn contacts_have_levels() {
    check(
        Field::Email,
        Comparison::Email,
        &[
            ("Ada.L@gmail.com", "adal@gmail.com", "exact"),
            ("ada.lovelace@web.de", "ada.lovelace@gmx.de", "local part"),
            ("ada.lovelace@web.de", "ada.lovelaec@web.de", "close"),
            ("na@na.com", "na@na.com", "missing"),
        ],
    );
    check(
        Field::Phone,
        Comparison::Phone,
        &[
            ("(370) 205-6729", "+1 370 205 6729", "exact"),
            ("+33 6 12 34 56 78", "06 12 34 56 78", "exact"),
            ("3702056729", "3702056792", "close"),
            ("999-999-9999", "999-999-9999", "missing"),
        ],
    );
}

/// An email that is a name says what the name says; one more letter than that says something.
#[test]
fn emails_made_of_the_shared_name_are_no_evidence() {
    let fields = [Field::Given, Field::Family, Field::Email];
    let level = |a: [&str; 3], b: [&str; 3]| {
        let found = pair(&fields, &a, &b).level(Comparison::Email);
        found.and_then(|found| Comparison::Email.levels().get(found)).copied().unwrap_or("missing")
    };
    let ada = |email| ["Ada", "Lovelace", email];
    for (a, b, expected) in [
        ("ada.lovelace@web.de", "ada.lovelace@gmx.de", "different"),
        ("alovelace@web.de", "a.lovelace@gmx.de", "different"),
        ("lovelace.ada7@web.de", "lovelace.ada7@gmx.de", "different"),
        ("ada.lovelace71@web.de", "ada.lovelace71@gmx.de", "local part"),
        ("enchantress@web.de", "enchantress@gmx.de", "local part"),
        ("ada.lovelace@web.de", "ada.lovelaec@web.de", "close"),
        ("ada.lovelace@web.de", "ada.lovelace@web.de", "exact"),
    ] {
        assert_eq!(level(ada(a), ada(b)), expected, "{a} {b}");
    }
    // Of the one's name, and not of the other's: the same from either side.
    let (a, b) = (ada("ada.lovelace@web.de"), ["Adah", "Lovelace", "ada.lovelace@gmx.de"]);
    assert_eq!(level(a, b), "local part");
}
