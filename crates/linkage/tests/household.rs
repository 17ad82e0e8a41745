//! Who lives together, in cases small enough to be checked by hand.

use linkage::household::households;
use linkage::record::{Field, Options, Reader, Records, Schema};

const FIELDS: &[Field] = &[
    Field::Given,
    Field::Family,
    Field::Street,
    Field::Unit,
    Field::City,
    Field::Postcode,
    Field::Phone,
    Field::Time,
];

type Said<'a> = [&'a str; 8];

/// The household of each row, where row `n` says `rows[n].1` of person `rows[n].0`.
fn homes(rows: &[(u32, Said<'_>)], declared: &[(u32, u32)]) -> Vec<u32> {
    let mut records = Records::default();
    let mut reader = Reader::new(Schema::new(FIELDS.to_vec()), Options::default());
    let mut people = Vec::new();
    for ((person, said), number) in rows.iter().zip(0_u32..) {
        reader.push(&mut records, u128::from(number), said);
        // A person is named by its first row, as the engine does.
        let first = rows.iter().position(|(other, _)| other == person).unwrap_or_default();
        people.push(u32::try_from(first).unwrap_or(number));
    }
    households(&records, &people, declared)
}

/// Whether the first and the last live together.
fn together(rows: &[(u32, Said<'_>)]) -> bool {
    let homes = homes(rows, &[]);
    homes.first() == homes.last()
}

const ELM: [&str; 4] = ["12 Elm Street", "", "Springfield", "12345"];

fn at<'a>(given: &'a str, family: &'a str, home: [&'a str; 4], phone: &'a str) -> Said<'a> {
    let [street, unit, city, postcode] = home;
    [given, family, street, unit, city, postcode, phone, ""]
}

#[test]
fn a_family_at_one_house_is_one_household() {
    assert!(together(&[(1, at("Ada", "Myers", ELM, "")), (2, at("Ben", "Myers", ELM, ""))]));
    let mistyped = ["12 Elm Sreet", "", "Springfield", "12345"];
    assert!(together(&[(1, at("Ada", "Myers", ELM, "")), (2, at("Ben", "Myers", mistyped, ""))]));
    let moved = ["12 Oak Avenue", "", "Shelbyville", "54321"];
    assert!(!together(&[(1, at("Ada", "Myers", ELM, "")), (2, at("Ben", "Myers", moved, ""))]));
}

#[test]
fn flats_of_one_house_are_several() {
    let flat = |unit| ["12 Elm Street", unit, "Springfield", "12345"];
    let rows =
        [(1, at("Ada", "Myers", flat("Apt 1"), "")), (2, at("Ben", "Myers", flat("Apt 7"), ""))];
    assert!(!together(&rows));
}

#[test]
fn a_few_of_other_names_at_one_house_are_a_household_and_many_are_not() {
    let line = "370 205 6729";
    assert!(together(&[(1, at("Ada", "Myers", ELM, "")), (2, at("Ben", "Okafor", ELM, ""))]));
    let crowd = |line| {
        [
            (1, at("Ada", "Myers", ELM, line)),
            (2, at("Cem", "Demir", ELM, "")),
            (3, at("Dai", "Pugh", ELM, "")),
            (4, at("Ben", "Okafor", ELM, line)),
        ]
    };
    assert!(!together(&crowd("")));
    assert!(together(&crowd(line)));
}

#[test]
fn a_line_that_leads_to_many_houses_is_no_home() {
    let line = "370 205 6729";
    let oak = ["7 Oak Avenue", "", "Shelbyville", "54321"];
    let ash = ["3 Ash Lane", "", "Ogdenville", "65432"];
    let two = [(1, at("Ada", "Myers", ELM, line)), (2, at("Ben", "Myers", oak, line))];
    assert!(together(&two));
    let [ada, ben] = two;
    assert!(!together(&[ada, (3, at("Eve", "Myers", ash, line)), ben]));
}

#[test]
fn what_was_declared_holds() {
    let rows = [(1, at("Ada", "Myers", ELM, "")), (2, at("Ben", "Okafor", ["", "", "", ""], ""))];
    assert!(!together(&rows));
    let declared = homes(&rows, &[(0, 1)]);
    assert_eq!(declared.first(), declared.last());
}

#[test]
fn who_moves_out_alone_leaves_from_that_day() {
    let stay = |given, home: [&'static str; 4], time| {
        let mut said = at(given, "Myers", home, "");
        said[7] = time;
        said
    };
    let oak = ["7 Oak Avenue", "", "Shelbyville", "54321"];
    let rows = [
        (1, stay("Ada", ELM, "100")),
        (2, stay("Ben", ELM, "110")),
        (2, stay("Ben", oak, "500")),
        (1, stay("Ada", ELM, "600")),
    ];
    let homes = homes(&rows, &[]);
    let [ada, ben, away, later] = homes[..] else { unreachable!("four rows") };
    assert_eq!((ada, ada), (ben, later));
    assert_ne!(ben, away);
}
