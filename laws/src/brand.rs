//! Who sends: the demo's world, and customers that a test describes itself.

use crate::chance::TestClock;
use crate::house::NOW_MS;
use app::demo::world::{World, WorldSpec};
use app::house::House;
use collect::dialect::{IntakeHeaders, IntakePath, read_body};
use collect::{Reply, Turned};
use serde_json::{Value, json};
use std::sync::mpsc::{self, Receiver};
use std::thread;
use std::time::Duration;

/// One message on its way.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sent {
    /// The source's slug.
    pub source: &'static str,
    /// Whether it carries `Sec-GPC: 1`.
    pub gpc: bool,
    /// When it arrives.
    pub received_ms: i64,
    /// The request's body.
    pub body: String,
}

/// A world that ends where the time of a test begins.
pub fn world(seed: u64, customers: usize, events: usize, canary: Option<&str>) -> World {
    let canary = canary.map(str::to_owned);
    World::new(WorldSpec { seed, customers, events, now_ms: NOW_MS, days: 90, canary })
}

/// The messages of a world, each by itself, in the order of their arrival.
pub fn messages(world: &World) -> Vec<Sent> {
    batches(world, 1)
}

/// The messages of a world, in requests of `size`.
pub fn batches(world: &World, size: usize) -> Vec<Sent> {
    let batches = world.batches(size);
    batches
        .map(|batch| Sent {
            source: batch.source,
            gpc: batch.gpc,
            received_ms: batch.received_ms,
            body: batch.body,
        })
        .collect()
}

/// The write key of a source of the brand.
pub fn write_key(source: &str) -> String {
    format!("{source}-write-key")
}

/// Hands a message to the intake at the instant it arrives. Waits while the intake is full.
pub fn hand_in(house: &House, clock: &TestClock, sent: &Sent) -> Receiver<Reply> {
    let source = house.intake.sources().get(sent.source).unwrap();
    let gpc = [("sec-gpc", &b"1"[..])];
    let headers = IntakeHeaders::read(None, gpc.into_iter().filter(|_| sent.gpc));
    loop {
        let body = sent.body.as_bytes();
        let read = read_body(body, &headers, &IntakePath::Batch, &source.limits).unwrap();
        let (reply, replied) = mpsc::channel();
        clock.set(sent.received_ms);
        let waiting = Box::new(move |verdicts| drop(reply.send(verdicts)));
        match house.intake.take(&source, "/v1/batch", read.items, waiting) {
            Ok(()) => return replied,
            Err(Turned::Overloaded { .. }) => thread::sleep(Duration::from_millis(5)),
            Err(turned) => panic!("turned away: {turned:?}"),
        }
    }
}

/// Hands messages in, `at_once` of them before the first answer is waited for.
pub fn play(house: &House, clock: &TestClock, sent: &[Sent], at_once: usize) {
    for group in sent.chunks(at_once.max(1)) {
        let replies: Vec<_> = group.iter().map(|sent| hand_in(house, clock, sent)).collect();
        for reply in replies {
            reply.recv().unwrap().unwrap();
        }
    }
    clock.set(NOW_MS);
}

/// An event as JSON; `more` is laid over it.
pub fn event(kind: &str, message: &str, at: &str, more: &Value) -> Value {
    let mut event = json!({ "type": kind, "messageId": message, "timestamp": at });
    if let (Some(event), Some(more)) = (event.as_object_mut(), more.as_object()) {
        event.extend(more.clone());
    }
    event
}

/// A request with these events.
pub fn batch(events: &[Value]) -> String {
    json!({ "batch": events }).to_string()
}

/// A customer who signs in with a name and an address, and answers the banner (or says nothing).
pub fn customer(name: &str, marketing: Option<bool>) -> Value {
    let mut more = json!({
        "userId": format!("user-{name}"),
        "anonymousId": format!("browser-{name}"),
        "traits": { "firstName": name, "email": format!("{name}@post.example") },
    });
    if let (Some(allowed), Some(map)) = (marketing, more.as_object_mut()) {
        let preferences = json!({ "marketing": allowed, "analytics": allowed });
        let consent = json!({ "consent": { "categoryPreferences": preferences } });
        map.insert("context".to_owned(), consent);
    }
    event("identify", &format!("hello-{name}"), "2026-11-20T10:00:00Z", &more)
}

/// What a customer does.
pub fn deed(name: &str, serial: u64, at: &str) -> Value {
    let more = json!({
        "userId": format!("user-{name}"),
        "event": "Product Viewed",
        "properties": { "serial": serial, "sku": format!("sku-{serial}") },
    });
    event("track", &format!("deed-{name}-{serial}"), at, &more)
}
