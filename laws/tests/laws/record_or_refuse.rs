//! What cannot be recorded does not happen.

use app::house::House;
use gate::{Refusal, SubjectAccess, View};
use laws::brand::{Sent, batch, customer, deed, hand_in, play};
use laws::chance::Seeded;
use laws::client::Client;
use laws::house::{DESK, Home, NEWSLETTER, NOW_MS, WEB, config};
use model::{Grant, IdentifierKind, PersonId, Purpose};
use std::fs;
use store::memory::{Fault, Faults, faulty};
use store::{RawBatch, RawKey, Store};

fn sent(body: String) -> Sent {
    Sent { source: "web", gpc: false, received_ms: NOW_MS, body }
}

/// A house over a store that can be made to fail, with Ada in it.
fn home_of_ada() -> (Home, Faults, PersonId) {
    let (store, faults) = faulty();
    let home = Home::over(store);
    let body = batch(&[customer("ada", Some(true)), deed("ada", 1, "2026-11-21T10:00:00Z")]);
    play(&home.house, &home.clock, &[sent(body)], 1);
    let ada = home.find(IdentifierKind::Email, "ada@post.example")[0];
    (home, faults, ada)
}

fn ask(home: &Home, person: PersonId) -> Result<gate::Permit<View>, Refusal> {
    let grant = Grant::whole(Purpose::Marketing);
    home.house.gate.ask::<View>(&home.caller(NEWSLETTER), person, &grant)
}

#[test]
fn a_use_that_the_store_does_not_take_is_refused() {
    for fault in [Fault::Full, Fault::Unavailable] {
        let (home, faults, ada) = home_of_ada();
        let size = home.house.gate.ledger().size();
        faults.next_applies([Some(fault)]);
        let refusal = ask(&home, ada).unwrap_err();
        assert!(
            matches!(refusal, Refusal::StoreUnavailable(_) | Refusal::LedgerUnavailable(_)),
            "{refusal:?}"
        );
        assert_eq!(home.house.gate.ledger().size(), size);
        assert!(ask(&home, ada).is_ok(), "the next one is taken again after {fault:?}");
    }
}

#[test]
fn a_use_that_does_not_reach_the_disk_is_refused_and_so_is_every_later_one() {
    let (home, faults, ada) = home_of_ada();
    faults.fail_next_sync();
    for _ in 0..3 {
        assert!(ask(&home, ada).is_err());
    }
    assert!(home.house.gate.ledger().alive().is_err());
    let body = batch(&[customer("bob", None)]);
    let reply = hand_in(&home.house, &home.clock, &sent(body)).recv().unwrap();
    assert!(reply.is_err(), "events are not acknowledged either");
}

#[test]
fn a_cohort_that_cannot_be_recorded_is_refused() {
    let (home, faults, _) = home_of_ada();
    let grant = Grant::whole(Purpose::Marketing);
    faults.next_applies([Some(Fault::Full)]);
    assert!(home.house.gate.ask_cohort::<View>(&home.caller(NEWSLETTER), &grant).is_err());
    assert!(home.house.gate.ask_cohort::<View>(&home.caller(NEWSLETTER), &grant).is_ok());
}

#[test]
fn an_erasure_that_cannot_be_recorded_does_not_happen() {
    let (home, faults, ada) = home_of_ada();
    let caller = home.caller(laws::house::PRIVACY);
    let grant = Grant::whole(Purpose::SubjectAccess);
    let permit = home.house.gate.ask::<SubjectAccess>(&caller, ada, &grant).unwrap();
    let before = laws::account::of(&home.house);
    let permit_again = home.house.gate.ask::<SubjectAccess>(&caller, ada, &grant).unwrap();
    faults.next_applies([Some(Fault::Full)]);
    assert!(home.house.people.erase(permit).is_err());
    assert_eq!(laws::account::of(&home.house), before);
    assert_eq!(home.examine(), [""; 0]);
    home.house.people.erase(permit_again).unwrap();
    assert!(home.find(IdentifierKind::Email, "ada@post.example").is_empty());
    assert_eq!(home.examine(), [""; 0]);
}

/// Over the real server: with the storage gone, nothing is answered that would have to be recorded.
#[test]
fn a_server_without_its_storage_refuses_everything() {
    let (home, faults, ada) = home_of_ada();
    let Home { house, dir: _dir, .. } = home;
    let running = app::command::start(house, "127.0.0.1:0").unwrap();
    let mut client = Client::new(running.address);
    assert_eq!(client.read(DESK, "service_provision", "/healthz").status, 200);
    let path = format!("/api/people/{ada}");
    assert_eq!(client.read(DESK, "service_provision", &path).status, 200);
    faults.gone(true);
    refuses_everything(&mut client, &path);
    faults.gone(false);
    assert_eq!(client.read(DESK, "service_provision", &path).status, 200);
}

fn refuses_everything(client: &mut Client, person: &str) {
    let lookup = "/api/people/lookup?type=email&value=ada%40post.example";
    for path in [person, lookup, "/api/people", "/api/people/count"] {
        let answer = client.read(DESK, "service_provision", path);
        assert_eq!(answer.status, 503, "{path}: {}", answer.text());
        assert!(!answer.text().contains("ada@"), "{path}: {}", answer.text());
    }
    let health = client.read(DESK, "service_provision", "/healthz");
    assert_eq!(health.status, 503, "{}", health.text());
    let taken = client.send(WEB, &batch(&[customer("eve", None)])).unwrap();
    assert!(matches!(taken.status, 429 | 503), "{}: {}", taken.status, taken.text());
    assert!(taken.header("retry-after").is_some());
}

#[test]
fn a_server_whose_witness_or_data_is_taken_away_refuses_everything() {
    for taken in ["witness", ""] {
        let Home { house, dir, .. } = Home::embedded();
        let running = app::command::start(house, "127.0.0.1:0").unwrap();
        let mut client = Client::new(running.address);
        client.sent(WEB, &batch(&[customer("ada", Some(true))]));
        let blind = running.house.intake.identifier(IdentifierKind::Email, "ada@post.example");
        let ada = running.house.people.lookup(blind.unwrap()).unwrap()[0];
        let path = format!("/api/people/{ada}");
        assert_eq!(client.read(DESK, "service_provision", &path).status, 200);
        let gone = dir.path().join(taken);
        if gone.is_dir() {
            fs::remove_dir_all(&gone).unwrap();
        } else {
            fs::remove_file(&gone).unwrap();
        }
        refuses_everything(&mut client, &path);
    }
}

/// What a forger does to the ledger's rows before the house opens again.
fn reopened(forge: &dyn Fn(&Store)) -> Result<House, String> {
    let store = Store::memory();
    let home = Home::over(store.clone());
    let body = batch(&[customer("ada", Some(true)), deed("ada", 1, "2026-11-21T10:00:00Z")]);
    play(&home.house, &home.clock, &[sent(body)], 1);
    let ada = home.find(IdentifierKind::Email, "ada@post.example")[0];
    for _ in 0..300 {
        drop(ask(&home, ada).unwrap());
    }
    let Home { house, clock, dir } = home;
    house.close().unwrap();
    forge(&store);
    House::over(store, &config(dir.path()), clock, Seeded::new(9)).map_err(|e| format!("{e:#}"))
}

#[test]
fn a_house_that_nobody_touched_opens_again() {
    reopened(&|_| {}).unwrap();
}

/// The ledger's tables.
const LEDGER: [&str; 3] = ["gate.ledger_chunks", "gate.ledger_tiles", "gate.ledger_head"];

#[test]
fn altered_or_shortened_ledger_rows_are_found_when_the_house_opens() {
    for table in LEDGER {
        for row in [0, usize::MAX] {
            for forgery in [Forgery::Delete, Forgery::FlipFirst, Forgery::FlipLast] {
                let opened = reopened(&|store| forge(store, table, row, forgery));
                assert!(opened.is_err(), "{forgery:?} of row {row} of {table} went unnoticed");
            }
        }
    }
}

/// The whole store set back to an earlier state: every row is genuine, and yet.
#[test]
fn a_store_that_was_set_back_is_found_when_the_house_opens() {
    let store = Store::memory();
    let home = Home::over(store.clone());
    play(&home.house, &home.clock, &[sent(batch(&[customer("ada", Some(true))]))], 1);
    let before = Store::memory();
    store::backup::migrate(&store, &before, &mut |_, _| {}).unwrap();
    play(&home.house, &home.clock, &[sent(batch(&[customer("bob", Some(true))]))], 1);
    let Home { house, clock, dir } = home;
    house.close().unwrap();
    let opened = House::over(before, &config(dir.path()), clock, Seeded::new(9));
    let error = format!("{:#}", opened.map(drop).unwrap_err());
    assert!(error.contains("witness"), "{error}");
}

#[derive(Clone, Copy, Debug)]
enum Forgery {
    Delete,
    FlipFirst,
    FlipLast,
}

/// Changes the first or the last row of a table beneath everything that checks.
fn forge(store: &Store, table: &'static str, row: usize, forgery: Forgery) {
    let view = store.read().unwrap();
    let rows = view.raw().scan(table, None, 10_000).unwrap();
    let row = rows.get(row).or(rows.last()).unwrap();
    let mut value = row.value.clone();
    let at = match forgery {
        // Behind the byte that says which version of the table wrote the row.
        Forgery::Delete | Forgery::FlipFirst => 1,
        Forgery::FlipLast => value.len() - 1,
    };
    value[at] ^= 1;
    let sort = row.sort.clone();
    let key = RawKey { table, partition: row.partition.clone(), sort };
    let value = (!matches!(forgery, Forgery::Delete)).then_some(value);
    let batch = RawBatch { writes: vec![(key, value)], ..RawBatch::default() };
    drop(view);
    let ticket = store.engine().apply(&batch).unwrap();
    store.sync(ticket).unwrap();
}
