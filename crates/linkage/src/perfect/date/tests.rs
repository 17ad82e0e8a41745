//! Dates as customers, spreadsheets and software write them.

use super::*;

const TODAY: Date = Date { year: 2026, month: 11, day: 24 };

fn read_birth(raw: &str, country: &str) -> Option<String> {
    birth(raw, Country::of_code(country), TODAY).good().map(|good| good.value.to_string())
}

#[test]
fn dates_are_read_in_many_notations() {
    for (raw, country, iso) in [
        ("1984-03-05", "", "1984-03-05"),
        ("1984-03-05T00:00:00.000Z", "", "1984-03-05"),
        ("05.03.1984", "DE", "1984-03-05"),
        ("5.3.84", "DE", "1984-03-05"),
        ("03/05/1984", "US", "1984-03-05"),
        ("05/03/1984", "GB", "1984-03-05"),
        ("03/25/1984", "", "1984-03-25"),
        ("25/03/1984", "US", "1984-03-25"),
        ("19840305", "", "1984-03-05"),
        ("05031984", "", "1984-03-05"),
        ("5 March 1984", "GB", "1984-03-05"),
        ("March 5th, 1984", "US", "1984-03-05"),
        ("Mar 5, 1984 10:30 PM", "US", "1984-03-05"),
        ("5. März 1984", "DE", "1984-03-05"),
        ("1er janvier 1984", "FR", "1984-01-01"),
        ("5 de marzo de 1984", "ES", "1984-03-05"),
        ("5 de março de 1984", "BR", "1984-03-05"),
        ("5 marca 1984", "PL", "1984-03-05"),
        ("5 Şubat 1984", "TR", "1984-02-05"),
        ("5 mars 1984", "SE", "1984-03-05"),
        ("1984年3月5日", "JP", "1984-03-05"),
        ("昭和59年3月5日", "JP", "1984-03-05"),
        ("٠٥/٠٣/١٩٨٤", "SA", "1984-03-05"),
        ("05-Mar-84", "IN", "1984-03-05"),
        ("5/3/2527", "TH", "1984-03-05"),
        ("1984", "", "1984"),
        ("03/1984", "", "1984-03"),
        ("March 1984", "", "1984-03"),
        ("198403", "", "1984-03"),
        ("5.3.30", "DE", "1930-03-05"),
    ] {
        assert_eq!(read_birth(raw, country).as_deref(), Some(iso), "{raw}");
    }
}

#[test]
fn what_software_and_hurried_people_write_is_junk() {
    for raw in [
        "1900-01-01",
        "1970-01-01",
        "0001-01-01",
        "9999-12-31",
        "11/11/1111",
        "00.00.0000",
        "01/01/1900",
        "31.12.9999",
        "n/a",
        "1970-01-01T00:00:00Z",
    ] {
        assert!(matches!(birth(raw, None, TODAY), Verdict::Junk(_)), "{raw}");
    }
}

#[test]
fn days_that_never_were_are_impossible() {
    for raw in
        ["31.04.1984", "29.02.1983", "1984-13-05", "2031-01-01", "1850-01-01", "5 March 2027"]
    {
        assert_eq!(birth(raw, None, TODAY), Verdict::Unreadable(Unreadable::Impossible), "{raw}");
    }
    for raw in ["yesterday", "30746", "1234", "5", "1.2.3.4", "03 05", "March", "5.3.1984.7"] {
        assert!(matches!(birth(raw, None, TODAY), Verdict::Unreadable(_)), "{raw}");
    }
}

#[test]
fn doubt_lowers_the_confidence() {
    let confidence = |raw: &str, country: &str| {
        birth(raw, Country::of_code(country), TODAY).good().unwrap().confidence
    };
    assert!(confidence("03/05/1984", "") < confidence("03/05/1984", "DE"));
    assert!(confidence("03/05/1984", "DE") < confidence("1984-05-03", "DE"));
    assert!(confidence("5.3.84", "DE") < confidence("5.3.1984", "DE"));
}
