//! After an erasure nothing of the person can be read: not in the house, not in a restored backup
//! from before. Everybody else is as they were.

use app::house::House;
use gate::{Fact, Refusal, SubjectAccess};
use laws::account;
use laws::brand::{Sent, batches, play, world};
use laws::chance::{Seeded, TestClock};
use laws::house::{Home, NOW_MS, PRIVACY, copy_dir, examine};
use laws::process::Site;
use laws::search::{each_row, holds};
use model::{Grant, IdentifierKind, PersonId, Purpose, RecordId};
use people::{Erased, PeopleError};
use std::collections::BTreeSet;
use std::fs;
use std::path::Path;
use std::thread;

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

fn person_of(house: &House, email: &str) -> Option<PersonId> {
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
    let caller = home.caller(PRIVACY);
    let grant = Grant::whole(Purpose::SubjectAccess);
    loop {
        let account = account::of(&home.house);
        let Some(first) = account.lines().find_map(|line| line.strip_prefix("person ")) else {
            break;
        };
        let person = first.parse().unwrap();
        let permit = home.house.gate.ask::<SubjectAccess>(&caller, person, &grant).unwrap();
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

#[test]
fn who_are_erased_at_once_go_each_with_a_certificate_of_their_own() {
    const GOING: usize = 12;
    let home = Home::embedded();
    let shop = world(12, 60, 400, None);
    play(&home.house, &home.clock, &batches(&shop, 20), 8);
    let caller = home.caller(PRIVACY);
    let view = home.house.people.view().unwrap();
    let mut people = Vec::new();
    home.house
        .gate
        .each_contract(&view, None, &mut |person, contract| {
            people.push((person, contract.records.clone()));
            true
        })
        .unwrap();
    drop(view);
    let before = account::of(&home.house);
    let grant = Grant::whole(Purpose::SubjectAccess);
    let ask = |person| home.house.gate.ask::<SubjectAccess>(&caller, person, &grant);
    // Each is asked for twice: one finds them, and the other finds nobody.
    let going: Vec<_> = people.iter().step_by(people.len() / GOING).take(GOING).collect();
    let erased: Vec<Erased> = thread::scope(|scope| {
        let each = |person: PersonId| {
            loop {
                match ask(person).map(|permit| home.house.people.erase(permit)) {
                    Ok(Ok(erased)) => return Some(erased),
                    Ok(Err(error)) if error.is_conflict() => {}
                    Ok(Err(PeopleError::Refused(Refusal::Stale))) | Err(Refusal::UnknownPerson) => {
                        return None;
                    }
                    other => panic!("{other:?}"),
                }
            }
        };
        let twice = going.iter().chain(&going).map(|(person, _)| *person);
        let erasing: Vec<_> = twice.map(|person| scope.spawn(move || each(person))).collect();
        erasing.into_iter().filter_map(|erasing| erasing.join().unwrap()).collect()
    });
    let gone: BTreeSet<_> = erased.iter().map(|erased| erased.person).collect();
    assert_eq!((erased.len(), gone.len()), (GOING, GOING), "each once");
    for erased in &erased {
        let (_, records) = people.iter().find(|(person, _)| *person == erased.person).unwrap();
        let verifier = home.house.gate.ledger().verifier();
        let proven: BTreeSet<_> = erased
            .certificate
            .iter()
            .map(|evidence| match evidence.verify(verifier).unwrap().fact {
                Fact::Erased(record) => record,
                Fact::Said(_) | Fact::Asked(_) => panic!("no erasure"),
            })
            .collect();
        assert_eq!(proven, records.iter().copied().collect(), "their records and nobody else's");
        assert_eq!(erased.records, records.len());
        assert!(matches!(ask(erased.person), Err(Refusal::UnknownPerson)));
    }
    let expected = gone.iter().fold(before, |kept, person| without(&kept, &person.to_string()));
    let after = account::of(&home.house);
    // Whoever lived with somebody who is gone lives with others now.
    let without_homes = |account: &str| {
        let kept = account.lines().filter(|line| !line.trim_start().starts_with("home "));
        kept.collect::<Vec<_>>().join("\n")
    };
    let (expected, after) = (without_homes(expected.trim()), without_homes(after.trim()));
    assert_eq!(crate::order::difference(&expected, &after), None);
    assert_eq!(home.examine(), [""; 0]);
}
