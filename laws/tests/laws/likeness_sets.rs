//! Labelled sets through the intake: the house finds people about as well as the engine does in files,
//! and far better than by identifiers.

use laws::brand::{Sent, batch, event, play};
use laws::house::{By, Home, NOW_MS};
use linkage::evaluate::{Quality, pairwise};
use model::{PersonId, RecordKind};
use serde_json::json;
use std::collections::HashMap;
use std::fs;
use std::path::Path;
use store::Store;

/// The quality of people among the first `rows` of a set, taken in as one event a row.
fn quality(file: &str, rows: usize, by: By) -> Quality {
    let data = Path::new(env!("CARGO_MANIFEST_DIR")).join("../crates/linkage/tests/data");
    let text = fs::read_to_string(data.join(file)).unwrap();
    let mut lines = text.lines().map(|line| line.split(',').map(str::trim).collect::<Vec<_>>());
    let header = lines.next().unwrap();
    let truth = header.iter().position(|name| *name == "entity_id").unwrap();
    let known = ["entity_id", "household_id", "dwelling_id", "flags", "ts", "source"];
    let (mut events, mut people) = (Vec::new(), Vec::new());
    for (nth, row) in lines.take(rows).enumerate() {
        let cells = header.iter().zip(&row).skip(1);
        let said = cells.filter(|(name, value)| !known.contains(name) && !value.is_empty());
        let traits: serde_json::Map<_, _> =
            said.map(|(name, value)| ((*name).to_owned(), json!(value))).collect();
        let more = json!({ "userId": format!("row-{nth}"), "traits": traits });
        events.push(event("identify", &format!("row-{nth}"), "2026-11-20T10:00:00Z", &more));
        people.push(row[truth].to_owned());
    }
    let home = Home::opened(tempfile::tempdir().unwrap(), Some(Store::memory()), 1, by);
    let sent = events.chunks(50).map(|events| Sent {
        source: "web",
        gpc: false,
        received_ms: NOW_MS,
        body: batch(events),
    });
    play(&home.house, &home.clock, &sent.collect::<Vec<_>>(), 20);
    if by == By::Learned {
        let learned = home.house.people.learn(&mut |_| {}).unwrap().unwrap();
        assert!(learned.records <= people.len() as u64);
        assert_eq!(home.examine(), [""; 0]);
    }
    let found = (0..people.len()).map(|nth| {
        let record = home.house.vault.record_id("web", RecordKind::User, &format!("row-{nth}"));
        home.house.people.locate(PersonId::from(record)).unwrap().to_string()
    });
    pairwise(&numbered(found), &numbered(people.into_iter()))
}

fn numbered(names: impl Iterator<Item = String>) -> Vec<u32> {
    let mut known = HashMap::new();
    let mut number = |name| {
        let next = u32::try_from(known.len()).unwrap();
        *known.entry(name).or_insert(next)
    };
    names.map(&mut number).collect()
}

fn check(file: &str, rows: usize, least: f64) {
    let [plain, shipped, learned] =
        [By::Identifiers, By::Likeness, By::Learned].map(|by| quality(file, rows, by));
    let said = |q: &Quality| format!("{:.3} {:.3} {:.3}", q.precision, q.recall, q.f1);
    let told = format!(
        "{file}: precision, recall, F1 by identifiers {}, by the shipped model {}, learned {}",
        said(&plain),
        said(&shipped),
        said(&learned),
    );
    println!("{told}");
    assert!(learned.f1 >= least && learned.f1 > plain.f1 && shipped.f1 > plain.f1, "{told}");
}

#[test]
fn fake_1000_is_linked_in_the_house() {
    check("fake_1000.csv", 1_000, 0.95);
}

#[test]
fn people_10k_is_linked_in_the_house() {
    check("people_10k.csv", 10_000, 0.90);
}

#[test]
fn febrl_3_is_linked_in_the_house() {
    check("febrl_3.csv", 5_000, 0.99);
}
