//! `kill -9` under load, again and again: nothing acknowledged is lost, nothing is applied twice.

use laws::brand::{batch, deed, event};
use laws::client::Client;
use laws::house::{PRIVACY, WEB};
use laws::process::Site;
use laws::rounds;
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};
use std::net::SocketAddr;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::Duration;

const KILLS: usize = 100;
const SENDERS: u64 = 3;
const BATCH: u64 = 10;
/// Of these, how many more say who somebody is.
const CARDS: u64 = 4;
/// What customers are called: as unlike each other as can be, so that nobody is taken for another.
const GIVEN: [&str; 8] =
    ["Zebulon", "Marigold", "Fitzroy", "Ottilie", "Quentin", "Beatrix", "Hyacinth", "Ulysses"];
const FAMILY: [&str; 3] = ["Quist", "Abernathy", "Featherstone"];
/// How many customers each sender has.
const CUSTOMERS: u64 = 8;
/// How long the senders send before the kill, milliseconds: at least, and up to so much more.
const LOAD_MS: (u64, u64) = (40, 240);

/// Sends numbered batches, and what was not acknowledged again, as a client does.
struct Sender {
    number: u64,
    next: u64,
    /// Sent, and nobody knows whether it was taken.
    open: Option<u64>,
    acknowledged: BTreeSet<u64>,
}

impl Sender {
    fn body(&self, of: u64) -> String {
        let events: Vec<Value> = (0..BATCH)
            .map(|nth| {
                let serial = of * BATCH + nth;
                let name = format!("s{}c{}", self.number, serial % CUSTOMERS);
                let (minute, second) = (serial / 60 % 60, serial % 60);
                let hour = serial / 3_600;
                let at = format!(
                    "2026-11-{:02}T{:02}:{minute:02}:{second:02}Z",
                    1 + hour / 24,
                    hour % 24
                );
                deed(&name, serial, &at)
            })
            .chain((0..CARDS).map(|nth| self.card(of, nth)))
            .collect();
        batch(&events)
    }

    /// A customer says who they are, by one of two accounts that only likeness makes one person's.
    fn card(&self, of: u64, nth: u64) -> Value {
        let customer = (of + nth) % CUSTOMERS;
        let name = format!("s{}c{customer}", self.number);
        let account =
            if nth.is_multiple_of(2) { format!("user-{name}") } else { format!("card-{name}") };
        let given = GIVEN[usize::try_from(customer).unwrap()];
        let family = FAMILY[usize::try_from(self.number).unwrap()];
        let city = ["Leeds", "York", "Bath"][usize::try_from(of % 3).unwrap()];
        let more = json!({
            "userId": account,
            "traits": {
                "firstName": given, "lastName": family,
                "birthday": format!("19{}{customer}-0{}-1{customer}", 4 + self.number, 3 + 2 * self.number),
                "address": { "street": format!("{} {family} Lane", 10 + 7 * customer), "city": city },
            },
        });
        event(
            "identify",
            &format!("card-{}-{of}-{nth}", self.number),
            "2026-11-20T10:00:00Z",
            &more,
        )
    }

    fn send_until(&mut self, address: SocketAddr, stop: &AtomicBool) {
        let mut client = Client::new(address);
        while !stop.load(Ordering::SeqCst) {
            let of = self.open.unwrap_or(self.next);
            self.open = Some(of);
            self.next = self.next.max(of + 1);
            match client.send(WEB, &self.body(of)) {
                Ok(answer) if answer.status == 200 => {
                    self.acknowledged.insert(of);
                    self.open = None;
                }
                Ok(answer) => assert!(matches!(answer.status, 429 | 503), "{}", answer.text()),
                Err(_) => return,
            }
        }
    }
}

/// How often each deed of a customer stands in the timeline.
fn deeds(client: &mut Client, name: &str) -> BTreeMap<u64, usize> {
    let path = format!("/api/people/lookup?type=user_id&value=user-{name}");
    let found = client.read(PRIVACY, "subject_access", &path);
    assert_eq!(found.status, 200, "{name}: {}", found.text());
    let person = found.json()["person"].as_str().unwrap().to_owned();
    let (mut counts, mut before) = (BTreeMap::new(), String::new());
    loop {
        let path = format!("/api/people/{person}/timeline?limit=500{before}");
        let page = client.read(PRIVACY, "subject_access", &path).json();
        for event in page["events"].as_array().unwrap() {
            let mut parts = event["parts"].as_object().unwrap().values();
            // Who says who they are does no deed.
            if let Some(serial) = parts.find_map(serial) {
                *counts.entry(serial).or_default() += 1;
            }
        }
        match page["before"].as_str() {
            Some(next) => before = format!("&before={next}"),
            None => return counts,
        }
    }
}

fn serial(part: &Value) -> Option<u64> {
    let map = part.as_object()?;
    map.get("serial").and_then(Value::as_u64).or_else(|| map.values().find_map(serial))
}

#[test]
fn nothing_acknowledged_is_lost_and_nothing_is_applied_twice() {
    let dir = tempfile::tempdir().unwrap();
    let site = Site::new(dir.path()).by_likeness();
    let chance = laws::chance::Seeded::new(99);
    let mut senders: Vec<_> = (0..SENDERS)
        .map(|number| Sender { number, next: 0, open: None, acknowledged: BTreeSet::new() })
        .collect();
    for _ in 0..rounds(KILLS) {
        let server = site.serve("warn");
        let (address, stop) = (server.address, AtomicBool::new(false));
        thread::scope(|scope| {
            for sender in &mut senders {
                let stop = &stop;
                scope.spawn(move || sender.send_until(address, stop));
            }
            let more = chance.below(usize::try_from(LOAD_MS.1).unwrap()) as u64;
            thread::sleep(Duration::from_millis(LOAD_MS.0 + more));
            server.kill();
            stop.store(true, Ordering::SeqCst);
        });
    }
    let said = site.done(&["doctor"]);
    assert!(said.contains("every invariant holds"), "{said}");
    let server = site.serve("warn");
    let mut client = Client::new(server.address);
    let mut acknowledged = 0;
    for sender in &senders {
        let mut found = BTreeMap::new();
        for customer in 0..CUSTOMERS {
            found.extend(deeds(&mut client, &format!("s{}c{customer}", sender.number)));
        }
        for of in &sender.acknowledged {
            for serial in of * BATCH..(of + 1) * BATCH {
                acknowledged += 1;
                assert!(found.contains_key(&serial), "sender {}: {serial} is lost", sender.number);
            }
        }
        assert!(found.values().all(|count| *count == 1), "applied twice");
        let sent = sender.next * BATCH;
        assert!(found.keys().all(|serial| *serial < sent), "nobody sent that");
    }
    assert!(acknowledged > rounds(KILLS) * 10, "only {acknowledged} events: no load");
    server.stop();
    site.done(&["ledger", "verify"]);
}
