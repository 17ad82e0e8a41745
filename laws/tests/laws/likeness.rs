//! Linking by likeness inside the house: people are a function of what is stored, whatever happened
//! on the way, and whoever refuses linking is not compared.

use crate::order::difference;
use gate::SubjectAccess;
use laws::account;
use laws::brand::{Sent, batch, event, hand_in, messages, play, world};
use laws::chance::Seeded;
use laws::house::{By, Home, NOW_MS, PRIVACY};
use laws::rounds;
use model::{Grant, IdentifierKind, PersonId, Purpose, RecordId, RecordKind};
use serde_json::{Value, json};
use std::collections::BTreeSet;
use store::Store;
use store::memory::{Fault, faulty};

const CUSTOMERS: usize = 150;
const EVENTS: usize = 2_000;
const ORDERS: usize = 5;

fn sent(events: &[Value]) -> Sent {
    Sent { source: "web", gpc: false, received_ms: NOW_MS, body: batch(events) }
}

pub(crate) fn take(home: &Home, events: &[Value]) {
    play(&home.house, &home.clock, &[sent(events)], 1);
    assert_eq!(home.examine(), [""; 0]);
}

/// A card in a file: somebody without an account in common with anybody.
pub(crate) fn card(id: &str, given: &str, family: &str, born: &str) -> Value {
    let more = json!({
        "userId": id,
        "traits": {
            "firstName": given, "lastName": family, "birthday": born,
            "address": { "street": "12 Quillon Street", "city": "Penzance", "postalCode": "TR18 4AA" },
        },
    });
    event("identify", &format!("card-{id}"), "2026-11-20T10:00:00Z", &more)
}

fn linking(id: &str, allowed: bool, hour: u8) -> Value {
    let answer = json!({ "consent": { "categoryPreferences": { "linking": allowed } } });
    let more = json!({ "userId": id, "context": answer });
    event(
        "identify",
        &format!("linking-{id}-{hour}"),
        &format!("2026-11-21T{hour:02}:00:00Z"),
        &more,
    )
}

/// Zebulon twice, once mistyped, and his sister.
pub(crate) fn quists() -> [Value; 3] {
    [
        card("z1", "Zebulon", "Quist", "1961-04-17"),
        card("z2", "Zebulom", "Quist", "1961-04-17"),
        card("m1", "Marigold", "Quist", "1964-09-02"),
    ]
}

pub(crate) fn house() -> Home {
    Home::opened(tempfile::tempdir().unwrap(), Some(Store::memory()), 1, By::Likeness)
}

pub(crate) fn record(home: &Home, id: &str) -> RecordId {
    home.house.vault.record_id("web", RecordKind::User, id)
}

pub(crate) fn find(home: &Home, id: &str) -> PersonId {
    let found = home.find(IdentifierKind::UserId, id);
    assert_eq!(found.len(), 1, "{id}");
    found[0]
}

fn people(home: &Home) -> usize {
    ["z1", "z2", "m1"].map(|id| find(home, id)).into_iter().collect::<BTreeSet<_>>().len()
}

fn reopened(home: Home, by: By) -> Home {
    let Home { house, dir, .. } = home;
    let store = house.store.clone();
    house.close().unwrap();
    Home::opened(dir, Some(store), 3, by)
}

#[test]
fn who_is_alike_is_one_person_and_a_sister_is_not() {
    let home = house();
    take(&home, &quists());
    assert_eq!(find(&home, "z1"), find(&home, "z2"));
    assert_ne!(find(&home, "z1"), find(&home, "m1"));
}

#[test]
fn a_correction_is_compared_again() {
    let home = house();
    // A name that says little by itself.
    let [one, other] = [("z1", "Mary"), ("z2", "Marry")];
    let [one, other] = [one, other].map(|(id, given)| card(id, given, "Smith", "1961-04-17"));
    let mut wrong = card("z2", "Aurelio", "Fantini", "1999-01-01");
    wrong["traits"]["address"] = json!({ "street": "3 Elm Row", "city": "Leeds" });
    take(&home, &[one, wrong]);
    // In two steps: what is not said again is opened from what was sealed.
    let correct = |message: &str, traits: Value| {
        let mut event = other.clone();
        event["messageId"] = message.into();
        event["timestamp"] = "2026-11-21T10:00:00Z".into();
        event["traits"] = traits;
        assert_ne!(find(&home, "z1"), find(&home, "z2"), "before {message}");
        take(&home, &[event]);
    };
    correct("name", json!({ "firstName": "Marry", "lastName": "Smith" }));
    let address = other["traits"]["address"].clone();
    correct("the rest", json!({ "birthday": "1961-04-17", "address": address }));
    assert_eq!(find(&home, "z1"), find(&home, "z2"));
}

#[test]
fn what_was_asserted_outweighs_likeness() {
    let home = house();
    take(&home, &quists());
    let caller = home.caller(PRIVACY);
    let (one, other) = (find(&home, "z1"), record(&home, "z2"));
    home.house.people.unmerge(&caller, one, &[other]).unwrap();
    assert_eq!(people(&home), 3);
    assert_eq!(home.examine(), [""; 0]);
    let home = reopened(home, By::Likeness);
    assert_eq!(people(&home), 3, "for ever");
    let caller = home.caller(PRIVACY);
    home.house.people.merge(&caller, find(&home, "z1"), find(&home, "m1")).unwrap();
    assert_eq!(find(&home, "z1"), find(&home, "m1"));
    assert_eq!(home.examine(), [""; 0]);
}

#[test]
fn who_refuses_linking_is_not_compared_until_they_allow_it() {
    let home = house();
    take(&home, &quists());
    assert_eq!(people(&home), 2);
    take(&home, &[linking("z2", false, 10)]);
    assert_eq!(people(&home), 3);
    take(&home, &[linking("z2", true, 11)]);
    assert_eq!(people(&home), 2);
    let first = house();
    take(&first, &[linking("z2", false, 9)]);
    take(&first, &quists());
    assert_eq!(people(&first), 3);
}

#[test]
fn an_erased_record_is_compared_with_nobody() {
    let home = house();
    take(&home, &quists());
    let caller = home.caller(PRIVACY);
    let grant = Grant::whole(Purpose::SubjectAccess);
    let person = find(&home, "z1");
    let permit = home.house.gate.ask::<SubjectAccess>(&caller, person, &grant).unwrap();
    assert_eq!(home.house.people.erase(permit).unwrap().records, 2);
    assert_eq!(home.examine(), [""; 0]);
    let again = card("z9", "Zebulon", "Quist", "1961-04-17");
    take(&home, &[again]);
    assert_eq!(RecordId::from(find(&home, "z9")), record(&home, "z9"));
}

#[test]
fn likeness_can_be_introduced_and_taken_back() {
    let keys = Home::memory();
    let sent = messages(&world(7, CUSTOMERS, EVENTS, None));
    let plain = Home::linking(keys.dir.path(), Store::memory(), By::Identifiers);
    play(&plain.house, &plain.clock, &sent, 50);
    let by_identifiers = account::of(&plain.house);
    let home = reopened(plain, By::Likeness);
    assert_eq!(home.examine(), [""; 0]);
    let introduced = account::of(&home.house);
    let alike = Home::linking(keys.dir.path(), Store::memory(), By::Likeness);
    play(&alike.house, &alike.clock, &sent, 50);
    assert_eq!(difference(&introduced, &account::of(&alike.house)), None, "as if from the start");
    assert!(difference(&introduced, &by_identifiers).is_some(), "it joins somebody");
    let home = reopened(home, By::Likeness);
    assert_eq!(difference(&introduced, &account::of(&home.house)), None);
    let home = reopened(home, By::Identifiers);
    assert_eq!(home.examine(), [""; 0]);
    assert_eq!(difference(&by_identifiers, &account::of(&home.house)), None);
}

#[test]
fn a_world_in_any_order_gives_the_same_people_by_likeness() {
    let keys = Home::memory();
    let sent = messages(&world(5, CUSTOMERS, EVENTS, None));
    let account_of = |sent: &[Sent], at_once: usize| {
        let home = Home::linking(keys.dir.path(), Store::memory(), By::Likeness);
        play(&home.house, &home.clock, sent, at_once);
        assert_eq!(home.examine(), [""; 0]);
        account::of(&home.house)
    };
    let expected = account_of(&sent, 1);
    for round in 0..rounds(ORDERS) {
        let chance = Seeded::new(round as u64);
        let mut again = sent.clone();
        chance.shuffle(&mut again);
        let at_once = [700, 40, 1, 5, 2_500][round % 5];
        let found = account_of(&again, at_once);
        assert_eq!(difference(&expected, &found), None, "order {round}, {at_once} at once");
    }
}

/// A house that learned goes on as one that knew from the start, and opens as it was closed.
#[test]
fn what_was_learned_holds_for_later_input_and_openings() {
    let keys = Home::memory();
    let sent = messages(&world(9, 1_600, 12_000, None));
    let (first, later) = sent.split_at(sent.len() / 2);
    let home = Home::linking(keys.dir.path(), Store::memory(), By::Learned);
    play(&home.house, &home.clock, first, 50);
    let before = account::of(&home.house);
    let learned = home.house.people.learn(&mut |_| {}).unwrap().unwrap();
    assert!(learned.records >= people::LEARNED_MIN);
    assert!(difference(&before, &account::of(&home.house)).is_some());
    play(&home.house, &home.clock, later, 50);
    assert_eq!(home.examine(), [""; 0]);
    let account = account::of(&home.house);
    let home = reopened(home, By::Learned);
    assert_eq!(difference(&account, &account::of(&home.house)), None);
    take(&home, &quists());
    home.house.people.learn(&mut |_| {}).unwrap().unwrap();
    assert_eq!(home.examine(), [""; 0]);
}

/// Events go on coming while a house learns, and while it introduces what it learned.
#[test]
fn what_comes_while_it_learns_is_linked_as_what_stood_before() {
    let keys = Home::memory();
    let sent = messages(&world(11, 1_600, 12_000, None));
    let (first, later) = sent.split_at(sent.len() / 2);
    let home = Home::linking(keys.dir.path(), Store::memory(), By::Learned);
    play(&home.house, &home.clock, first, 50);
    for part in later.chunks(later.len().div_ceil(3)) {
        std::thread::scope(|scope| {
            // Two at once, as an impatient operator has it.
            let learn = || home.house.people.learn(&mut |_| {}).unwrap().unwrap();
            let learning = [scope.spawn(learn), scope.spawn(learn)];
            play(&home.house, &home.clock, part, 20);
            for one in learning {
                one.join().unwrap();
            }
        });
        assert_eq!(home.examine(), [""; 0]);
    }
    let account = account::of(&home.house);
    let home = reopened(home, By::Learned);
    assert_eq!(difference(&account, &account::of(&home.house)), None);
}

#[test]
fn too_little_teaches_nothing() {
    let home = Home::opened(tempfile::tempdir().unwrap(), Some(Store::memory()), 1, By::Learned);
    take(&home, &quists());
    assert_eq!(home.house.people.learn(&mut |_| {}).unwrap(), None);
    assert_eq!(people(&home), 3);
}

/// A commit that the store refuses leaves the index as it was.
#[test]
fn what_is_not_committed_was_never_compared() {
    for fault in [Fault::Full, Fault::Unavailable] {
        let (store, faults) = faulty();
        let home = Home::opened(tempfile::tempdir().unwrap(), Some(store), 1, By::Likeness);
        let [one, two, sister] = quists();
        take(&home, &[one, sister]);
        faults.next_applies([Some(fault)]);
        let reply =
            hand_in(&home.house, &home.clock, &sent(std::slice::from_ref(&two))).recv().unwrap();
        assert!(reply.is_err());
        assert_eq!(home.examine(), [""; 0]);
        take(&home, &[two]);
        assert_eq!(people(&home), 2);
    }
}
