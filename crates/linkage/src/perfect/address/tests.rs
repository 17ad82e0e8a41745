//! Addresses as people in many countries write them.

use super::*;

fn land(code: &str) -> Option<Country> {
    Country::of_code(code)
}

#[test]
fn street_lines_are_taken_apart() {
    for (raw, code, name, number, unit) in [
        ("1600 Pennsylvania Ave NW", "US", "Pennsylvania Avenue NW", "1600", ""),
        ("123 N. Main St., Apt. 4B", "US", "N Main Street", "123", "Apt. 4B"),
        ("123 north main street #4b", "US", "N Main Street", "123", "# 4b"),
        ("350 5th Ave Suite 3300", "US", "5th Avenue", "350", "Suite 3300"),
        ("10 DOWNING STREET", "GB", "Downing Street", "10", ""),
        ("12 St James St", "GB", "St James Street", "12", ""),
        ("Hauptstr. 5a", "DE", "Hauptstraße", "5a", ""),
        ("HAUPTSTRASSE 5 A", "DE", "Hauptstraße", "5a", ""),
        ("Berliner Str. 12-14, 2. OG", "DE", "Berliner Straße", "12-14", "2. OG"),
        ("Straße des 17. Juni 135", "DE", "Straße des 17. Juni", "135", ""),
        ("Hauptstr.5", "DE", "Hauptstraße", "5", ""),
        ("12 bis, rue de la Paix", "FR", "Rue de la Paix", "12bis", ""),
        ("5 av. Foch", "FR", "Avenue Foch", "5", ""),
        ("C/ Mayor 5, 2º B", "ES", "Calle Mayor", "5", "2º B"),
        ("Avda. de América, 12", "ES", "Avenida de América", "12", ""),
        ("R. das Flores, 123 - Apto 45", "BR", "Rua das Flores", "123", "Apto 45"),
        ("Via Roma, 10/A", "IT", "Via Roma", "10/a", ""),
        ("Kerkstr. 12", "NL", "Kerkstraat", "12", ""),
        ("Storgatan 12 lgh 1101", "SE", "Storgatan", "12", "lgh 1101"),
        ("ul. Marszałkowska 10/12 m. 5", "PL", "ulica Marszałkowska", "10/12", "m. 5"),
        ("Atatürk Cad. No: 5 Daire 3", "TR", "Atatürk Caddesi", "5", "Daire 3"),
        ("1-2-3 Shibuya", "JP", "Shibuya", "1-2-3", ""),
        ("221B MG Road", "IN", "MG Road", "221b", ""),
    ] {
        let value = street(raw, land(code)).good().unwrap_or_else(|| panic!("{raw}")).value;
        let got = (
            &*value.name,
            value.number.as_deref().unwrap_or(""),
            value.unit.as_deref().unwrap_or(""),
        );
        assert_eq!(got, (name, number, unit), "{raw}");
        let again = street(&value.display(), land(code)).good().unwrap().value;
        assert_eq!((&again, again.match_form()), (&value, value.match_form()), "{raw} again");
    }
}

#[test]
fn spellings_of_one_address_have_one_key() {
    for (code, spellings) in [
        (
            "US",
            &["123 North Main Street Apt 4B", "123 N Main St #4b", "123 N. MAIN ST., UNIT 4B"][..],
        ),
        ("DE", &["Hauptstraße 5a", "Hauptstr. 5 A", "HAUPTSTRASSE 5A", "Haupt Str. 5a"]),
        ("FR", &["12 bis rue de la Paix", "12BIS, Rue de la paix", "12 bis r. la Paix"]),
        ("ES", &["Calle Mayor 5", "C/ Mayor, 5", "c/Mayor nº 5", "CALLE MAYOR 5"]),
        ("BR", &["Avenida Paulista, 1000", "Av. Paulista 1000", "AV PAULISTA 1000"]),
        ("NL", &["Kerkstraat 12", "Kerkstr. 12"]),
        ("SE", &["Storgatan 12", "Storg. 12"]),
        ("PL", &["ul. Długa 5", "ulica Długa 5", "UL. DLUGA 5"]),
        ("US", &["PO Box 123", "P.O. Box 123", "p.o. box #123"]),
        ("DE", &["Postfach 12 34", "Postfach 12 34"]),
    ] {
        let keys: Vec<String> = spellings
            .iter()
            .map(|raw| {
                street(raw, land(code)).good().unwrap_or_else(|| panic!("{raw}")).value.match_form()
            })
            .collect();
        assert!(keys.windows(2).all(|pair| pair[0] == pair[1]), "{spellings:?} {keys:?}");
    }
}

#[test]
fn postcodes_are_written_as_at_home() {
    for (raw, code, right) in [
        ("62701", "US", Some("62701")),
        ("627010001", "US", Some("62701-0001")),
        ("2134", "US", Some("02134")),
        ("sw1a1aa", "GB", Some("SW1A 1AA")),
        ("EC1A 1BB", "GB", Some("EC1A 1BB")),
        ("D-10115", "DE", Some("10115")),
        ("1067", "DE", Some("01067")),
        ("75 001", "FR", Some("75001")),
        ("1234ab", "NL", Some("1234 AB")),
        ("11455", "SE", Some("114 55")),
        ("k1a0b1", "CA", Some("K1A 0B1")),
        ("01310100", "BR", Some("01310-100")),
        ("〒１５０００４１", "JP", Some("150-0041")),
        ("110 001", "IN", Some("110001")),
        ("00950", "PL", Some("00-950")),
        ("34000", "TR", Some("34000")),
        ("11564", "SA", Some("11564")),
        ("123", "GB", None),
        ("1234567", "DE", None),
    ] {
        assert_eq!(
            postcode(raw, land(code)).good().map(|good| good.value).as_deref(),
            right,
            "{raw}"
        );
    }
    assert!(matches!(postcode("00000", land("US")), Verdict::Junk(_)));
}

#[test]
fn towns_and_regions_are_named() {
    for (raw, code, right) in [
        ("BERLIN", "DE", "Berlin"),
        ("frankfurt am main", "DE", "Frankfurt am Main"),
        ("10115 Berlin", "DE", "Berlin"),
        ("SÃO PAULO", "BR", "São Paulo"),
        ("rio de janeiro", "BR", "Rio de Janeiro"),
        ("İSTANBUL", "TR", "İstanbul"),
        ("stoke-on-trent", "GB", "Stoke-on-Trent"),
        ("東京都", "JP", "東京都"),
    ] {
        assert_eq!(
            city(raw, land(code)).good().map(|good| good.value).as_deref(),
            Some(right),
            "{raw}"
        );
    }
    for (raw, code, right) in [
        ("california", "US", "CA"),
        ("ca", "US", "CA"),
        ("Québec", "CA", "QC"),
        ("São Paulo", "BR", "SP"),
        ("bayern", "DE", "Bayern"),
    ] {
        assert_eq!(
            region(raw, land(code)).good().map(|good| good.value).as_deref(),
            Some(right),
            "{raw}"
        );
    }
}

#[test]
fn parts_make_an_address() {
    let raw = RawAddress {
        street: Some("123 N Main St"),
        unit: Some("Apt 4b"),
        city: Some("SPRINGFIELD"),
        region: Some("illinois"),
        postcode: Some("62701-1234"),
        country: Some("United States"),
    };
    let good = address_parts(&raw, None).good().unwrap();
    assert_eq!(good.value.match_form().as_deref(), Some("us|62701|n main st|123|4b"));
    assert_eq!(good.value.display(), "123 N Main Street, Apt 4b, Springfield IL 62701-1234, US");
    assert_eq!(
        address_parts(&RawAddress::default(), land("DE")),
        Verdict::Unreadable(Unreadable::Empty)
    );
    let junk = RawAddress { street: Some("n/a"), ..RawAddress::default() };
    assert_eq!(address_parts(&junk, None), Verdict::Junk(Junk::Placeholder));
}

#[test]
fn one_line_makes_an_address() {
    for (raw, code, key) in [
        ("Hauptstr. 5, 10115 Berlin", "DE", "de|10115|hauptstr|5|"),
        ("Hauptstraße 5, 10115 Berlin, Germany", "US", "de|10115|hauptstr|5|"),
        ("123 Main St, Apt 4, Springfield, IL 62701", "US", "us|62701|main st|123|4"),
        ("10 Downing Street, London SW1A 2AA, UK", "", "gb|sw1a2aa|downing st|10|"),
        ("5 av. Foch\n75116 PARIS\nFrance", "", "fr|75116|ave foch|5|"),
        ("Av. Paulista, 1000, São Paulo, 01310-100", "BR", "br|01310100|av paulista|1000|"),
    ] {
        let good = line(raw, land(code)).good().unwrap_or_else(|| panic!("{raw}"));
        assert_eq!(good.value.match_form().as_deref(), Some(key), "{raw}: {:?}", good.value);
    }
}
