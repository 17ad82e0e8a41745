//! What a world promises.

use super::*;
use serde_json::Value;
use std::collections::{HashMap, HashSet};

fn small(seed: u64) -> WorldSpec {
    WorldSpec { seed, customers: 1_500, events: 12_000, ..WorldSpec::default() }
}

fn events(world: &World) -> Vec<(Batch, Vec<Value>)> {
    let parsed = world.batches(100).map(|batch| {
        let body: Value = serde_json::from_str(&batch.body).unwrap();
        let list = body["batch"].as_array().unwrap().clone();
        (batch, list)
    });
    parsed.collect()
}

#[test]
fn a_seed_decides_everything() {
    let bytes = |seed| {
        let world = World::new(small(seed));
        let bodies: Vec<_> = world.batches(64).map(|batch| batch.body).collect();
        (bodies, world.crm_csv(), world.heroine())
    };
    assert_eq!(bytes(1), bytes(1));
    assert_ne!(bytes(1).0, bytes(2).0);
}

#[test]
fn exactly_as_many_events_as_asked_for() {
    for (customers, count) in [(1, 1), (1, 500), (1_500, 12_000), (5_000, 700), (3, 0)] {
        let world = World::new(WorldSpec { customers, events: count, ..small(3) });
        assert_eq!(world.population.people.len(), customers);
        assert_eq!(world.batches(50).map(|batch| batch.events).sum::<usize>(), count);
    }
}

#[test]
fn batches_are_json_and_come_in_the_order_of_arrival() {
    let world = World::new(small(4));
    let batches = events(&world);
    assert!(batches.is_sorted_by_key(|(batch, _)| batch.received_ms));
    for (batch, list) in &batches {
        assert_eq!(batch.events, list.len());
        assert!(batch.received_ms <= world.spec.now_ms);
        assert!(batch.source == "web" || !batch.gpc);
    }
    let sources: HashSet<_> = batches.iter().map(|(batch, _)| batch.source).collect();
    assert_eq!(sources, HashSet::from(["web", "app", "till", "loyalty"]));
    assert!(batches.iter().any(|(batch, _)| batch.gpc));
}

#[test]
fn ids_are_unique() {
    let world = World::new(WorldSpec { customers: 30_000, events: 0, ..small(5) });
    let people = || world.population.people.iter().enumerate();
    let mut ids = HashSet::new();
    for (nth, person) in people() {
        assert!(ids.insert(world.user_id(nth, person, false)));
        assert!(ids.insert(world.user_id(nth, person, true)));
        assert!(ids.insert(world.card(nth, person)));
        assert!(ids.insert(world.customer_no(nth, person, false)));
        assert!(ids.insert(world.customer_no(nth, person, true)));
    }
    let own = people()
        .filter(|(_, person)| !person.email.is_empty() && !person.flags.has(Flags::FAMILY_EMAIL));
    let emails: Vec<_> = own.map(|(_, person)| &person.email).collect();
    assert_eq!(emails.iter().collect::<HashSet<_>>().len(), emails.len());
    let heroine = world.heroine();
    assert!(people().all(|(_, person)| {
        person.email != heroine.email
            && person.phone.shown(0) != heroine.phone
            && person.sketch.family != heroine.family_name
    }));
}

#[test]
fn nothing_reaches_anybody() {
    let world = World::new(small(6));
    for person in &world.population.people {
        for email in [&person.email, &person.second_email] {
            let domain = email.split_once('@').map_or("mail.example", |(_, domain)| domain);
            let reserved = domain.ends_with(".example")
                || ["example.com", "example.org", "example.net"].contains(&domain);
            assert!(reserved, "{domain}");
        }
    }
}

#[test]
fn proportions_lie_within_bands() {
    let world = World::new(small(7));
    let list: Vec<Value> = events(&world).into_iter().flat_map(|(_, list)| list).collect();
    let all = list.len();
    let share = |name: &str, low: usize, high: usize, test: &dyn Fn(&Value) -> bool| {
        let count = list.iter().filter(|event| test(event)).count();
        assert!((low..=high).contains(&(count * 10_000 / all)), "{name}: {count} of {all}");
    };
    share("track", 4_500, 8_000, &|event| event["type"] == "track");
    share("identify", 500, 3_000, &|event| event["type"] == "identify");
    share("broken", 15, 60, &|event| !event["context"].is_object());
    share("signed in", 2_500, 7_500, &|event| {
        event["userId"].as_str().is_some_and(|user| !user.is_empty())
    });
    share("categories", 2_000, 7_000, &|event| {
        event["context"]["consent"]["categoryPreferences"].is_object()
    });
    share("rudder", 600, 2_500, &|event| event["context"]["consentManagement"].is_object());
    share("updated", 100, 900, &|event| event["event"] == "Segment Consent Preference Updated");
    share("wrong clock", 100, 900, &|event| event["sentAt"].is_string());
    share("address in url", 20, 400, &|event| {
        event["context"]["page"]["url"].as_str().is_some_and(|url| url.contains("?email="))
    });
    let mut seen = HashMap::new();
    for event in &list {
        *seen.entry(event["messageId"].as_str().unwrap_or_default()).or_insert(0) += 1;
    }
    let repeated: usize = seen.values().map(|count| count - 1).sum();
    assert!((all / 300..all / 60).contains(&repeated), "{repeated}");
}

#[test]
fn households_are_as_people_live() {
    let world = World::new(WorldSpec { customers: 20_000, events: 0, ..small(8) });
    let mut sizes = HashMap::new();
    for person in &world.population.people {
        *sizes.entry(person.household).or_insert(0_usize) += 1;
    }
    assert!(sizes.values().all(|size| (1..=6).contains(size)));
    let flagged =
        |flag| world.population.people.iter().filter(|person| person.flags.has(flag)).count();
    for (flag, low, high) in [
        (Flags::TWIN, 40, 900),
        (Flags::JUNIOR, 60, 900),
        (Flags::FAMILY_EMAIL, 400, 3_000),
        (Flags::MOVED, 900, 2_000),
        (Flags::RENAMED, 150, 900),
        (Flags::RECYCLED_PHONE, 200, 900),
        (Flags::NULL_NAME, 1, 60),
    ] {
        assert!((low..high).contains(&flagged(flag)), "{} {}", flag.words(), flagged(flag));
    }
}

#[test]
fn the_file_has_its_columns_and_no_key_twice() {
    let world = World::new(small(9));
    let text = world.crm_csv();
    let mut lines = text.lines();
    assert!(lines.next().unwrap().starts_with("customer_no,first_name,last_name,email"));
    let keys: Vec<_> = lines.map(|line| line.split(',').next().unwrap()).collect();
    assert!(keys.len() > 600 && keys.len() < 1_100, "{}", keys.len());
    assert_eq!(keys.iter().collect::<HashSet<_>>().len(), keys.len());
}

#[test]
fn the_story_is_told_in_six_steps_by_one_address() {
    let world = World::new(small(10));
    let heroine = world.heroine();
    let sources: Vec<_> = heroine.steps.iter().map(|step| step.source).collect();
    assert_eq!(sources, ["web", "web", "web", "till", "web", "web"]);
    assert!(heroine.steps.is_sorted_by_key(|step| step.received_ms));
    for (step, named) in heroine.steps.iter().zip([false, false, true, true, false, false]) {
        let body: Value = serde_json::from_str(&step.body).unwrap();
        assert_eq!(body["batch"].as_array().unwrap().len(), step.events);
        assert_eq!(step.body.contains(heroine.email), named, "{}", step.title);
    }
    let marketing = |nth: usize| {
        let body: Value = serde_json::from_str(&heroine.steps[nth].body).unwrap();
        body["batch"][0]["context"]["consent"]["categoryPreferences"]["marketing"].clone()
    };
    assert_eq!((marketing(4), marketing(5)), (Value::Bool(true), Value::Bool(false)));
}

#[test]
fn the_marker_is_in_every_kind_of_field() {
    let marker = "q7canaryq7";
    let spec = WorldSpec { customers: 300, canary: Some(marker.to_owned()), ..small(11) };
    let world = World::new(spec.clone());
    let list: Vec<Value> = events(&world).into_iter().flat_map(|(_, list)| list).collect();
    for pointer in [
        "/userId",
        "/anonymousId",
        "/traits/firstName",
        "/traits/lastName",
        "/traits/email",
        "/traits/address/street",
        "/traits/address/city",
        "/traits/nick",
        "/context/traits/firstName",
        "/context/page/url",
        "/context/device/id",
        "/properties/query",
        "/properties/message",
        "/properties/told_by",
        "/properties/ship_to",
    ] {
        let holds = |event: &&Value| {
            event.pointer(pointer).and_then(Value::as_str).is_some_and(|text| text.contains(marker))
        };
        assert!(list.iter().any(|event| holds(&event)), "{pointer}");
    }
    for keys in ["properties", "traits"] {
        let in_key = |event: &Value| {
            event[keys].as_object().is_some_and(|map| map.keys().any(|key| key.contains(marker)))
        };
        assert!(list.iter().any(in_key), "{keys}");
    }
    assert!(world.crm_csv().contains(marker));
    let without = World::new(WorldSpec { canary: None, ..spec });
    assert!(!without.batches(100).any(|batch| batch.body.contains(marker)));
}

#[test]
fn every_record_of_the_files_has_its_truth() {
    let world = World::new(WorldSpec { customers: 200, events: 3_000, ..small(12) });
    let dir = std::env::temp_dir().join(format!("bonafide-world-{}", std::process::id()));
    world.write_labelled(&dir).unwrap();
    let read = |name| std::fs::read_to_string(dir.join(name)).unwrap();
    let (events, truth) = (read("events.ndjson"), read("truth.csv"));
    assert_eq!(read("crm.csv"), world.crm_csv());
    std::fs::remove_dir_all(&dir).unwrap();
    let known: HashSet<(&str, &str)> = truth
        .lines()
        .skip(1)
        .map(|line| line.split(',').collect::<Vec<_>>())
        .map(|fields| (fields[0], fields[2]))
        .collect();
    assert_eq!(events.lines().count(), 3_000);
    for line in events.lines() {
        let value: Value = serde_json::from_str(line).unwrap();
        let source = value["source"].as_str().unwrap();
        if let Some(user) = value["event"]["userId"].as_str().filter(|user| user.len() > 2) {
            let broken = user.contains('@') || value["event"]["context"].is_null();
            assert!(broken || known.contains(&(source, user)), "{line}");
        }
    }
}
