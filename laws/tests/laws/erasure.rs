//! After an erasure nothing of the person can be read: not in the house, not in a restored backup
//! from before. Everybody else is as they were.

use app::house::House;
use laws::account;
use laws::brand::{Sent, batches, play, world};
use laws::chance::{Seeded, TestClock};
use laws::house::{Home, NOW_MS, copy_dir, examine};
use laws::process::Site;
use laws::search::{each_row, holds};
use model::{IdentifierKind, RecordId};
use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

/// Opens the house that the program left in a directory.
fn open(data: &Path) -> House {
    let clock = TestClock::at(NOW_MS);
    House::open(&laws::house::config(data), clock, Seeded::new(5)).unwrap()
}

/// Everything known about everybody, without the person whose block begins with `person`.
fn without(account: &str, person: &str) -> String {
    let mut inside = false;
    let kept = account.lines().filter(|line| {
        if let Some(id) = line.strip_prefix("person ") {
            inside = id == person;
        }
        !inside
    });
    kept.collect::<Vec<_>>().join("\n")
}

fn person_of(house: &House, email: &str) -> Option<model::PersonId> {
    let blind = house.intake.identifier(IdentifierKind::Email, email).unwrap();
    house.people.lookup(blind).unwrap().first().copied()
}

#[test]
fn the_erased_are_nowhere_and_everybody_else_is_as_before() {
    let dir = tempfile::tempdir().unwrap();
    let site = Site::new(dir.path());
    let shop = world(11, 60, 600, None);
    let heroine = shop.heroine();
    let clock = TestClock::at(NOW_MS);
    let config = laws::house::config(&site.data());
    let house = House::open(&config, clock.clone(), Seeded::new(4)).unwrap();
    play(&house, &clock, &batches(&shop, 20), 8);
    let steps = heroine.steps.iter().map(|step| Sent {
        source: step.source,
        gpc: false,
        received_ms: step.received_ms,
        body: step.body.clone(),
    });
    play(&house, &clock, &steps.collect::<Vec<_>>(), 1);
    let before = account::of(&house);
    let her = person_of(&house, heroine.email).unwrap();
    let view = house.people.view().unwrap();
    let contract = house.gate.contracts(&view, &[her]).unwrap().remove(0).unwrap().value;
    drop(view);
    assert!(contract.records.len() >= 2, "web and card");
    house.close().unwrap();

    let backup = dir.path().join("backup");
    site.done(&["backup", backup.to_str().unwrap()]);
    site.done(&["erase", "--email", heroine.email, "--yes"]);
    let expected = without(&before, &her.to_string());
    assert_ne!(expected.len(), before.len());
    gone_from(&site.data(), &contract.records, &expected, &heroine);
    let refused = site.run(&["erase", "--email", heroine.email, "--yes"]);
    assert!(!refused.status.success(), "nobody has that address any more");

    // The keys as they are now; the store as it was then.
    let other = tempfile::tempdir().unwrap();
    let restored = Site::new(other.path());
    fs::create_dir_all(restored.data()).unwrap();
    copy_dir(&site.data().join("keys"), &restored.data().join("keys"));
    fs::copy(site.data().join("witness"), restored.data().join("witness")).unwrap();
    restored.done(&["restore", backup.to_str().unwrap()]);
    restored.done(&["doctor"]);
    gone_from(&restored.data(), &contract.records, &expected, &heroine);
    restored.done(&["ledger", "verify"]);
}

fn gone_from(
    data: &Path,
    records: &[RecordId],
    expected: &str,
    heroine: &app::demo::world::Heroine,
) {
    let house = open(data);
    assert_eq!(examine(&house), [""; 0]);
    let words = [
        (IdentifierKind::Email, heroine.email),
        (IdentifierKind::Phone, heroine.phone),
        (IdentifierKind::Loyalty, heroine.loyalty_number),
    ];
    for (kind, word) in words {
        let blind = house.intake.identifier(kind, word).unwrap();
        assert_eq!(house.people.lookup(blind).unwrap(), [], "{word} still finds somebody");
        let mut rows = BTreeSet::new();
        each_row(&house.store, &mut |table, row| {
            if holds(row, &blind.0) {
                rows.insert(table.to_owned());
            }
        });
        // An identifier's empty posting may stay: it names nobody.
        rows.remove("people.postings");
        assert_eq!(rows, BTreeSet::new(), "{word}'s pseudonym is left");
    }
    for record in records {
        assert!(house.people.locate((*record).into()).is_err(), "{record} is still known");
        let mut rows = BTreeSet::new();
        each_row(&house.store, &mut |table, row| {
            if holds(row, &record.0) {
                rows.insert(table.to_owned());
            }
        });
        assert_eq!(rows, BTreeSet::new(), "{record} is left");
    }
    let now = account::of(&house);
    let line = now.lines().zip(expected.lines()).find(|(now, then)| now != then);
    assert_eq!((line, now.lines().count()), (None, expected.lines().count()));
    house.close().unwrap();
}

/// An erasure in the middle of the crowd, again and again: each time only the one is gone.
#[test]
fn everybody_can_be_erased_one_after_the_other() {
    let home = Home::memory();
    let shop = world(12, 12, 120, None);
    play(&home.house, &home.clock, &batches(&shop, 30), 1);
    let caller = home.caller(laws::house::PRIVACY);
    let grant = model::Grant::whole(model::Purpose::SubjectAccess);
    loop {
        let account = account::of(&home.house);
        let Some(first) = account.lines().find_map(|line| line.strip_prefix("person ")) else {
            break;
        };
        let person = first.parse().unwrap();
        let permit = home.house.gate.ask::<gate::SubjectAccess>(&caller, person, &grant).unwrap();
        home.house.people.erase(permit).unwrap();
        assert_eq!(home.examine(), [""; 0], "after erasing {first}");
        assert!(home.house.people.locate(person).is_err());
    }
    let mut left = BTreeSet::new();
    each_row(&home.house.store, &mut |table, _| {
        left.insert(table.to_owned());
    });
    for table in ["people.records", "people.traits", "people.events", "gate.contracts", "gate.uses"]
    {
        assert!(!left.contains(table), "rows of {table} are left");
    }
}
