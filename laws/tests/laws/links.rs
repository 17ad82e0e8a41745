//! Merging and unmerging: nothing is lost, what was asserted holds, and consent follows.

use gate::{Manner, Method, Signal, Standing, View, Voice};
use laws::account::of_person;
use laws::brand::{Sent, batch, customer, deed, event, play};
use laws::chance::Seeded;
use laws::house::{Home, NEWSLETTER, NOW_MS, PRIVACY};
use model::{Grant, IdentifierKind, PersonId, Purpose, RecordId, Timestamp};
use serde_json::{Value, json};
use std::thread;

fn take(home: &Home, events: &[Value]) {
    let body = batch(events);
    let sent = Sent { source: "web", gpc: false, received_ms: NOW_MS, body };
    play(&home.house, &home.clock, &[sent], 1);
}

fn find(home: &Home, name: &str) -> PersonId {
    let found = home.find(IdentifierKind::UserId, &format!("user-{name}"));
    assert_eq!(found.len(), 1, "{name}: {found:?}");
    found[0]
}

fn ada_and_bob() -> (Home, PersonId, PersonId) {
    let home = Home::memory();
    take(
        &home,
        &[
            customer("ada", Some(true)),
            customer("bob", Some(true)),
            deed("ada", 1, "2026-11-21T10:00:00Z"),
            deed("bob", 2, "2026-11-21T11:00:00Z"),
        ],
    );
    let (ada, bob) = (find(&home, "ada"), find(&home, "bob"));
    (home, ada, bob)
}

fn may_be_mailed(home: &Home, person: PersonId) -> bool {
    let grant = Grant::whole(Purpose::Marketing);
    let person = home.house.people.locate(person).unwrap();
    home.house.gate.ask::<View>(&home.caller(NEWSLETTER), person, &grant).is_ok()
}

#[test]
fn unmerging_gives_both_sides_their_own_back() {
    let (home, ada, bob) = ada_and_bob();
    let people = &home.house.people;
    let before = [ada, bob].map(|person| of_person(&home.house, person));
    let caller = home.caller(PRIVACY);
    let one = people.merge(&caller, ada, bob).unwrap();
    assert_eq!((find(&home, "ada"), find(&home, "bob")), (one, one));
    let merged = of_person(&home.house, one);
    for serial in ["\"serial\":1", "\"serial\":2"] {
        assert!(merged.contains(serial), "{merged}");
    }
    people.unmerge(&caller, one, &[RecordId::from(bob)]).unwrap();
    assert_eq!((find(&home, "ada"), find(&home, "bob")), (ada, bob));
    let after = [ada, bob].map(|person| of_person(&home.house, person));
    assert_eq!(after, before);
    assert_eq!(home.examine(), [""; 0]);
}

#[test]
fn what_was_asserted_holds_for_later_input() {
    let (home, ada, bob) = ada_and_bob();
    let caller = home.caller(PRIVACY);
    home.house.people.merge(&caller, ada, bob).unwrap();
    take(&home, &[deed("ada", 3, "2026-11-22T10:00:00Z"), deed("bob", 4, "2026-11-22T10:00:00Z")]);
    assert_eq!(find(&home, "ada"), find(&home, "bob"), "merged for ever");
    let one = find(&home, "ada");
    home.house.people.unmerge(&caller, one, &[RecordId::from(bob)]).unwrap();
    // A shared browser and a shared address would link them.
    let shared = |name: &str, at: &str| {
        let more = json!({
            "userId": format!("user-{name}"),
            "anonymousId": "kitchen-tablet",
            "traits": { "email": "family@post.example" },
        });
        event("identify", &format!("share-{name}"), at, &more)
    };
    take(&home, &[shared("ada", "2026-11-22T11:00:00Z"), shared("bob", "2026-11-22T11:01:00Z")]);
    assert_ne!(find(&home, "ada"), find(&home, "bob"), "apart for ever");
    assert_eq!(home.examine(), [""; 0]);
}

#[test]
fn a_withdrawal_while_merged_denies_both() {
    let (home, ada, bob) = ada_and_bob();
    let caller = home.caller(PRIVACY);
    let people = &home.house.people;
    let one = people.merge(&caller, ada, bob).unwrap();
    assert!(may_be_mailed(&home, one));
    let bit = home.house.gate.grants().whole(Purpose::Marketing).unwrap();
    let no = Signal {
        bit,
        allowed: false,
        at: Timestamp(NOW_MS),
        standing: Standing::Anonymous,
        voice: Voice::House,
    };
    people.say(&caller, bob, &[no], Manner::by(Method::Api)).unwrap();
    assert!(!may_be_mailed(&home, ada) && !may_be_mailed(&home, bob));
    // Once they are two again, the word stays with the side that heard it, and no closed door opens
    // that was not that person's own.
    people.unmerge(&caller, one, &[RecordId::from(bob)]).unwrap();
    let open = [ada, bob].map(|person| may_be_mailed(&home, person));
    assert_eq!(open.iter().filter(|open| **open).count(), 1, "{open:?}");
    assert_eq!(home.examine(), [""; 0]);
}

#[test]
fn a_refusal_on_one_side_denies_the_merged_person() {
    let home = Home::memory();
    take(&home, &[customer("ada", Some(true)), customer("bob", Some(false))]);
    let (ada, bob) = (find(&home, "ada"), find(&home, "bob"));
    let one = home.house.people.merge(&home.caller(PRIVACY), ada, bob).unwrap();
    assert!(!may_be_mailed(&home, one), "deny wins");
    home.house.people.unmerge(&home.caller(PRIVACY), one, &[RecordId::from(bob)]).unwrap();
    assert!(may_be_mailed(&home, ada) && !may_be_mailed(&home, bob), "each has their own back");
}

/// Threads merge and unmerge the same people while more is taken in.
#[test]
fn concurrent_merges_end_in_a_house_that_hangs_together() {
    let home = Home::memory();
    let names: Vec<String> = (0..8).map(|n| format!("guest{n}")).collect();
    take(&home, &names.iter().map(|name| customer(name, Some(true))).collect::<Vec<_>>());
    let people: Vec<_> = names.iter().map(|name| find(&home, name)).collect();
    let caller = home.caller(PRIVACY);
    thread::scope(|scope| {
        for thread in 0..4_u64 {
            let (home, people, caller) = (&home, &people, &caller);
            scope.spawn(move || {
                let chance = Seeded::new(thread);
                for _ in 0..laws::rounds(40) {
                    let (a, b) = (chance.below(8), chance.below(8));
                    let done = if chance.below(3) == 0 {
                        let apart = [RecordId::from(people[b])];
                        home.house.people.unmerge(caller, people[a], &apart).map(drop)
                    } else {
                        home.house.people.merge(caller, people[a], people[b]).map(drop)
                    };
                    // Out of attempts, or nothing to cut: both say so and change nothing.
                    let known = matches!(done, Ok(()) | Err(people::PeopleError::Unknown))
                        || done.as_ref().is_err_and(people::PeopleError::is_conflict);
                    assert!(known, "{done:?}");
                }
            });
        }
        let (home, names) = (&home, &names);
        scope.spawn(move || {
            for round in 0..laws::rounds(40) as u64 {
                let events: Vec<_> = names
                    .iter()
                    .map(|name| deed(name, round, &format!("2026-11-21T10:{:02}:00Z", round % 60)))
                    .collect();
                take(home, &events);
            }
        });
    });
    assert_eq!(home.examine(), [""; 0]);
    // Everybody together, whatever happened before; then everybody apart.
    for person in &people {
        home.house.people.merge(&caller, people[0], *person).unwrap();
    }
    for (nth, one) in people.iter().enumerate() {
        for other in people.iter().skip(nth + 1) {
            home.house.people.merge(&caller, *one, *other).unwrap();
        }
    }
    let one = home.house.people.locate(people[0]).unwrap();
    assert!(people.iter().all(|person| home.house.people.locate(*person).unwrap() == one));
    assert_eq!(home.examine(), [""; 0]);
}
