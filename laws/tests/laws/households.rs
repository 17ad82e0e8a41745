//! Households: the same in any order; who refuses is in none and changes nobody else's; a move changes
//! them from that day on; nothing of them is left of the erased, and no address is on disk.

use gate::SubjectAccess;
use laws::account;
use laws::brand::{Sent, batch, event, play};
use laws::chance::Seeded;
use laws::client::{Answer, Client};
use laws::house::{Home, NOW_MS, PLANNER, PRIVACY};
use laws::rounds;
use laws::search::{Marker, each_row, holds};
use linkage::household::SHARERS_MAX;
use model::{Grant, IdentifierKind, PersonId, Purpose, RecordId, Timestamp};
use proptest::prelude::*;
use serde_json::{Value, json};
use std::collections::BTreeSet;
use std::fmt::Write;
use store::Store;
use tempfile::TempDir;

const DAY_MS: i64 = 86_400_000;

fn sent(events: &[Value]) -> Sent {
    Sent { source: "web", gpc: false, received_ms: NOW_MS, body: batch(events) }
}

/// Somebody says where they live on a day of November.
fn lives(name: &str, family: &str, street: &str, day: u32) -> Value {
    let address = json!({ "street": street, "postalCode": "LS1 4AP", "city": "Leeds" });
    let traits = json!({
        "firstName": name, "lastName": family,
        "email": format!("{name}@post.example"), "address": address,
    });
    let more = json!({ "userId": format!("user-{name}"), "traits": traits });
    event(
        "identify",
        &format!("{name}-{street}-{day}"),
        &format!("2026-11-{day:02}T10:00:00Z"),
        &more,
    )
}

fn allows(name: &str, allowed: bool, hour: u32) -> Value {
    let preferences = json!({ "household": allowed });
    let more = json!({
        "userId": format!("user-{name}"),
        "context": { "consent": { "categoryPreferences": preferences } },
    });
    let message = format!("{name}-allows-{allowed}-{hour}");
    event("identify", &message, &format!("2026-11-22T{hour:02}:00:00Z"), &more)
}

fn person(home: &Home, name: &str) -> PersonId {
    home.find(IdentifierKind::UserId, &format!("user-{name}"))[0]
}

/// With whom somebody lived at noon of a day of November, ascending.
fn mates(home: &Home, name: &str, day: i64) -> Vec<PersonId> {
    // NOW_MS is the 24th.
    let at = Timestamp(NOW_MS + (day - 24) * DAY_MS + DAY_MS / 2);
    home.house.people.housemates(person(home, name), at).unwrap()
}

fn of(home: &Home, names: &[&str]) -> Vec<PersonId> {
    let people: BTreeSet<_> = names.iter().map(|name| person(home, name)).collect();
    people.into_iter().collect()
}

#[test]
fn a_move_changes_the_household_from_that_day_on() {
    let home = Home::memory();
    let family = ["ada", "ben", "cy"];
    let elm = family.map(|name| lives(name, "Archer", "12 Elm Street", 2));
    let moved = ["ada", "ben"].map(|name| lives(name, "Archer", "7 Oak Road", 10));
    // The later address arrives first.
    play(&home.house, &home.clock, &[sent(&moved), sent(&elm)], 1);
    for day in [3, 9] {
        assert_eq!(mates(&home, "ada", day), of(&home, &family));
        assert_eq!(mates(&home, "cy", day), of(&home, &family));
    }
    for day in [10, 20] {
        assert_eq!(mates(&home, "ada", day), of(&home, &["ada", "ben"]));
        assert_eq!(mates(&home, "cy", day), of(&home, &["cy"]));
    }
    assert_eq!(mates(&home, "ada", 1), of(&home, &["ada"]), "nobody said anything yet");
    assert_eq!(home.examine(), [""; 0]);
}

/// A few people who say, on some days, one of a few addresses and names, and allow or refuse.
fn tangled() -> impl Strategy<Value = Vec<Value>> {
    let maybe = || proptest::option::of(0..3_u8);
    let one = (0..5_u8, maybe(), maybe(), maybe(), proptest::option::of(any::<bool>()), 1..20_u32);
    proptest::collection::vec(one, 2..16).prop_map(|list| {
        let events = list.into_iter().enumerate();
        events
            .map(|(nth, (who, house, family, line, allowed, day))| {
                let mut traits =
                    json!({ "firstName": (["Ada", "Ben", "Cy", "Dot", "Eve"][usize::from(who)]) });
                if let Some(house) = house {
                    let street = ["12 Elm Street", "Flat 2, 12 Elm Street", "7 Oak Road"];
                    let street = street[usize::from(house)];
                    traits["address"] = json!({ "street": street, "postalCode": "LS1 4AP" });
                }
                if let Some(family) = family {
                    traits["lastName"] = ["Archer", "Birch", "Cooper"][usize::from(family)].into();
                }
                if let Some(line) = line {
                    traits["phone"] = format!("+44 113 496 010{line}").into();
                }
                let mut more = json!({ "userId": format!("user-{who}"), "traits": traits });
                if let Some(allowed) = allowed {
                    let preferences = json!({ "household": allowed });
                    more["context"] = json!({ "consent": { "categoryPreferences": preferences } });
                }
                let at = format!("2026-11-{day:02}T10:{nth:02}:00Z");
                event("identify", &format!("m-{nth}"), &at, &more)
            })
            .collect()
    })
}

/// Everybody's home, now and on some day before.
fn homes(home: &Home) -> String {
    let mut text = String::new();
    let view = home.house.people.view().unwrap();
    let mut people = Vec::new();
    let visit = &mut |person, _: &gate::Contract| {
        people.push(person);
        true
    };
    home.house.gate.each_contract(&view, None, visit).unwrap();
    drop(view);
    people.sort_unstable();
    for person in people {
        for back in [0, 8, 16] {
            let at = Timestamp(NOW_MS - back * DAY_MS);
            let line = account::home_line(&home.house, person, at);
            writeln!(text, "{person} {back}: {line}").unwrap();
        }
    }
    text
}

/// Two of the people are merged and parted again, some are declared to live together.
fn meddle(home: &Home) -> (String, String) {
    let operator = home.caller(PRIVACY);
    let people = &home.house.people;
    let find = |who: u8| home.find(IdentifierKind::UserId, &format!("user-{who}")).first().copied();
    let known: Vec<PersonId> = (0..5).filter_map(find).collect();
    let (Some(first), Some(last)) = (known.first(), known.last()) else {
        return (String::new(), String::new());
    };
    if first == last {
        return (homes(home), homes(home));
    }
    people.declare_home(&operator, *first, *last, true).unwrap();
    let merged = people.merge(&operator, *first, *last).unwrap();
    let after = homes(home);
    let records = home.house.people.view().unwrap();
    let contract = home.house.gate.contracts(&records, &[merged]).unwrap().remove(0).unwrap();
    drop(records);
    let apart = [contract.value.records[0]];
    people.unmerge(&operator, merged, &apart).unwrap();
    (after, homes(home))
}

proptest! {
    #![proptest_config(ProptestConfig {
        cases: u32::try_from(rounds(40)).unwrap(),
        failure_persistence: None,
        max_shrink_iters: 60,
        ..ProptestConfig::default()
    })]

    #[test]
    fn homes_are_the_same_in_any_order(
        events in tangled(),
        seed in any::<u64>(),
        size in 1_usize..6,
    ) {
        let keys = Home::memory();
        let house = || Home::with_keys_of(keys.dir.path(), Store::memory());
        let (one, other) = (house(), house());
        let each: Vec<_> = events.iter().map(|event| sent(std::slice::from_ref(event))).collect();
        play(&one.house, &one.clock, &each, 1);
        let chance = Seeded::new(seed);
        let mut again = events.clone();
        again.extend(events.iter().filter(|_| chance.below(4) == 0).cloned());
        chance.shuffle(&mut again);
        let batches: Vec<_> = again.chunks(size).map(sent).collect();
        play(&other.house, &other.clock, &batches, 1 + chance.below(4));
        prop_assert_eq!(homes(&one), homes(&other));
        prop_assert_eq!(meddle(&one), meddle(&other));
        prop_assert_eq!(one.examine(), [""; 0]);
        prop_assert_eq!(other.examine(), [""; 0]);
    }
}

struct Served {
    client: Client,
    running: app::command::Running,
    _dir: TempDir,
}

/// An answer without the index of its ledger entry.
fn told(answer: &Answer) -> String {
    let mut json = answer.json();
    json.as_object_mut().unwrap().remove("entry");
    format!("{} {json}", answer.status)
}

const GUESTS: [&str; 5] = ["ada", "ben", "cy", "dot", "eve"];

/// The same guests in two houses; in one of them people who refuse live at their addresses, bear their
/// names, outnumber them, came before them, or left the purpose after them.
fn houses() -> [Served; 2] {
    let keys = Home::memory();
    [false, true].map(|crowded| {
        let home = Home::with_keys_of(keys.dir.path(), Store::memory());
        let send = |events: &[Value]| play(&home.house, &home.clock, &[sent(events)], 1);
        let stranger = |nth: usize| format!("stranger{nth}");
        let strangers = SHARERS_MAX + 3;
        if crowded {
            for nth in 0..strangers {
                // Half of them allow it at first.
                send(&[allows(&stranger(nth), nth % 2 == 0, 8)]);
                send(&[lives(&stranger(nth), "Archer", "12 Elm Street", 1)]);
            }
        }
        send(&[lives("ada", "Archer", "12 Elm Street", 2), lives("ben", "Archer", "12 Elm St", 3)]);
        send(&[lives("cy", "Cooper", "7 Oak Road", 4), lives("dot", "Birch", "7 Oak Road", 5)]);
        send(&[lives("eve", "Archer", "12 Elm Street", 6), lives("eve", "Archer", "1 Ash Way", 9)]);
        if crowded {
            for nth in 0..strangers {
                send(&[allows(&stranger(nth), false, 9)]);
            }
            for nth in 20..24 {
                send(&[lives(&stranger(nth), "Cooper", "7 Oak Road", 7)]);
                send(&[allows(&stranger(nth), false, 10)]);
            }
        }
        assert_eq!(home.examine(), [""; 0]);
        let Home { house, dir, .. } = home;
        let running = app::command::start(house, "127.0.0.1:0").unwrap();
        Served { client: Client::new(running.address), running, _dir: dir }
    })
}

impl Served {
    fn reads(&mut self, path: &str) -> Answer {
        let key = format!("Bearer {PLANNER}");
        self.client.call("GET", path, &[("Authorization", &key)], b"").unwrap()
    }

    fn id(&self, name: &str) -> Option<String> {
        let house = &self.running.house;
        let email = format!("{name}@post.example");
        let blind = house.intake.identifier(IdentifierKind::Email, &email).unwrap();
        house.people.lookup(blind).unwrap().first().map(ToString::to_string)
    }
}

#[test]
fn who_refuses_changes_nobody_elses_household() {
    let [mut alone, mut crowded] = houses();
    let mut sizes = Vec::new();
    for name in GUESTS {
        let id = alone.id(name).unwrap();
        for path in [
            format!("/api/people/{id}/household"),
            format!("/api/households/{id}"),
            format!("/api/households/{id}?at=2026-11-08T10:00:00Z"),
        ] {
            let one = alone.reads(&path);
            assert_eq!(one.status, 200, "{}", one.text());
            assert_eq!(told(&one), told(&crowded.reads(&path)), "{name}: {path}");
            sizes.push(one.json()["members"].as_array().unwrap().len());
        }
    }
    // Ada, Ben, and Eve until she moved; Cy and Dot.
    assert_eq!(sizes, [2, 2, 3, 2, 2, 3, 2, 2, 2, 2, 2, 2, 1, 1, 3]);
    // Who refuses, and who does not exist, is answered alike.
    let stranger = crowded.id("stranger1").unwrap();
    for id in [stranger, "0".repeat(32)] {
        let path = format!("/api/households/{id}");
        let (one, other) = (alone.reads(&path), crowded.reads(&path));
        assert_eq!((one.status, other.status), (403, 403));
        assert_eq!(one.text(), other.text());
    }
}

#[test]
fn a_declaration_counts_at_one_address_and_only_with_leave() {
    let home = Home::memory();
    let names = ["ada", "ben", "cy", "dot"];
    let families = ["Archer", "Birch", "Cooper", "Doyle"];
    let all: Vec<Value> = names
        .iter()
        .zip(families)
        .map(|(name, family)| lives(name, family, "12 Elm Street", 2))
        .chain([lives("eve", "Archer", "7 Oak Road", 2)])
        .collect();
    play(&home.house, &home.clock, &[sent(&all)], 1);
    let operator = home.caller(PRIVACY);
    let declare = |a: &str, b: &str, together: bool| {
        let people = &home.house.people;
        people.declare_home(&operator, person(&home, a), person(&home, b), together).unwrap();
    };
    assert_eq!(mates(&home, "ada", 24), of(&home, &["ada"]), "four of other names");
    declare("ada", "dot", true);
    assert_eq!(mates(&home, "ada", 24), of(&home, &["ada", "dot"]));
    declare("ada", "eve", true);
    assert_eq!(mates(&home, "eve", 24), of(&home, &["eve"]), "another address");
    declare("dot", "ada", false);
    assert_eq!(mates(&home, "ada", 24), of(&home, &["ada"]));
    declare("ada", "dot", true);
    play(&home.house, &home.clock, &[sent(&[allows("dot", false, 9)])], 1);
    // Without Dot they are three, who need nothing in common: as if she had never been there.
    assert_eq!(mates(&home, "ada", 24), of(&home, &["ada", "ben", "cy"]));
    assert_eq!(mates(&home, "dot", 24), of(&home, &["dot"]));
    assert_eq!(home.examine(), [""; 0]);
}

#[test]
fn of_the_erased_no_home_is_left_and_of_nobody_an_address() {
    let home = Home::memory();
    let names = ["ada", "ben"];
    let all = names.map(|name| lives(name, "Archer", "12 Q7canaryq7 Street", 2));
    play(&home.house, &home.clock, &[sent(&all)], 1);
    let (ada, ben) = (person(&home, "ada"), person(&home, "ben"));
    home.house.people.declare_home(&home.caller(PRIVACY), ada, ben, true).unwrap();
    assert_eq!(mates(&home, "ben", 24).len(), 2);
    assert_eq!(Marker::new("q7canaryq7").found_in_rows(&home.house.store), [""; 0]);
    let rows_of = |record: RecordId| {
        let mut rows = BTreeSet::new();
        each_row(&home.house.store, &mut |table, row| {
            if holds(row, &record.0) {
                rows.insert(table.to_owned());
            }
        });
        rows
    };
    assert!(rows_of(ada.into()).contains("people.homes"));
    let grant = Grant::whole(Purpose::SubjectAccess);
    let permit = home.house.gate.ask::<SubjectAccess>(&home.caller(PRIVACY), ada, &grant).unwrap();
    home.house.people.erase(permit).unwrap();
    assert_eq!(rows_of(ada.into()), BTreeSet::new());
    assert_eq!(mates(&home, "ben", 24), [ben]);
    assert_eq!(home.examine(), [""; 0]);
}
