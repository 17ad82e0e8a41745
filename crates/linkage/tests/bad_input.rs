//! Input that nobody wishes for: it ends, in bounded time, without a panic, and invents no people.

use linkage::engine::{Settings, dedupe};
use linkage::record::{Field, Options, Reader, Records, Schema};

const FIELDS: &[Field] = &[
    Field::Given,
    Field::Family,
    Field::BirthDate,
    Field::Street,
    Field::City,
    Field::Postcode,
    Field::Email,
    Field::Phone,
    Field::GovernmentId,
];

/// How many people are found among `rows`.
fn people(rows: impl Iterator<Item = Vec<String>>) -> (usize, usize) {
    let mut records = Records::default();
    let mut reader = Reader::new(Schema::new(FIELDS.to_vec()), Options::default());
    for (key, row) in rows.enumerate() {
        let values: Vec<&str> = row.iter().map(String::as_str).collect();
        reader.push(&mut records, key as u128, &values);
    }
    let (output, _) = dedupe(&mut records, &Settings::default(), &[]);
    let mut found = output.people.clone();
    found.sort_unstable();
    found.dedup();
    (found.len(), output.people.len())
}

fn row(values: [&str; 9]) -> Vec<String> {
    values.map(str::to_owned).to_vec()
}

#[test]
fn nothing_is_nobody() {
    assert_eq!(people(std::iter::empty()), (0, 0));
    let blank = || row(["", "", "", "", "", "", "", "", ""]);
    assert_eq!(people((0..500).map(|_| blank())), (500, 500));
    let junk = || {
        row(["n/a", "unknown", "1900-01-01", "-", "none", "?", "na@na.com", "0000000000", "0000"])
    };
    assert_eq!(people((0..500).map(|_| junk())), (500, 500));
}

#[test]
fn short_and_ragged_rows_are_read() {
    assert_eq!(
        people([vec![], vec!["Ada".to_owned()], vec!["x".repeat(5_000); 40]].into_iter()).1,
        3
    );
}

#[test]
fn one_value_in_a_column_is_no_evidence() {
    let rows = (0..600).map(|n| {
        row([
            "Anna",
            "Smith",
            "",
            "",
            "Springfield",
            "12345",
            "",
            "",
            &format!("{}", 7_000_000 + n * 7_919),
        ])
    });
    let (found, all) = people(rows);
    assert!(found > all / 2, "{found} of {all}");
}

#[test]
fn many_copies_of_one_record_end() {
    let copies = if cfg!(debug_assertions) { 3_000 } else { 100_000 };
    let copy = || {
        row([
            "Ada",
            "Lovelace",
            "1985-12-10",
            "12 St James Square",
            "London",
            "SW1Y 4JH",
            "ada@lovelace.example.org",
            "020 7930 1234",
            "AB123456",
        ])
    };
    assert_eq!(people((0..copies).map(|_| copy())), (1, copies));
    let born = || row(["Ada", "Lovelace", "1985-12-10", "", "", "", "ada@example.net", "", ""]);
    assert_eq!(people((0..300).map(|_| born())), (1, 300));
    assert_eq!(people((0..2).map(|_| born())), (1, 2));
}

#[test]
fn copies_that_say_little_are_not_one() {
    let name = || row(["Ada", "Lovelace", "", "", "", "", "", "", ""]);
    assert_eq!(people((0..300).map(|_| name())), (300, 300));
    let phone = || row(["", "", "", "", "", "", "", "020 7930 1234", ""]);
    assert_eq!(people((0..300).map(|_| phone())), (300, 300));
}

#[test]
fn every_script_is_a_name() {
    let names = [
        "山田 太郎",
        "Иванов",
        "Παπαδόπουλος",
        "محمد",
        "שרה",
        "अमित",
        "สมชาย",
        "김민수",
        "Łukasz",
        "👩‍🚀",
        "\u{200b}\u{202e}x",
    ];
    let rows = names.iter().flat_map(|name| {
        (0..2).map(move |_| row([name, name, "1984-03-05", "", "", "", "", "", ""]))
    });
    assert_eq!(people(rows).1, names.len() * 2);
}

#[test]
fn dates_before_1900_and_the_name_null_are_real() {
    let null =
        || row(["Christopher", "Null", "1815-12-10", "", "", "", "null@example.net", "", ""]);
    assert_eq!(people([null(), null()].into_iter()).0, 1);
}
