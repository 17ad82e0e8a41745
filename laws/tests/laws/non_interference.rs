//! Who did not authorise a purpose does not influence its answers: for that purpose, a house with
//! them and a house without them say the same, byte for byte.

use laws::brand::{Sent, batch, customer, deed, messages, play, world};
use laws::client::{Answer, Client};
use laws::house::{Home, NEWSLETTER, NOW_MS, PRIVACY, WEB};
use model::IdentifierKind;
use serde_json::Value;
use store::Store;
use tempfile::TempDir;

const GUESTS: u64 = 12;

/// An answer without the index of its ledger entry. The length of the ledger is public, it is in
/// every checkpoint, and it grows with every batch whoever it is about; nothing else may differ.
fn told(answer: &Answer) -> String {
    let text = answer.text();
    let Ok(mut json) = serde_json::from_str::<Value>(&text) else { return text };
    forget_entries(&mut json);
    format!("{} {json}", answer.status)
}

fn forget_entries(json: &mut Value) {
    if let Some(map) = json.as_object_mut() {
        map.remove("entry");
        map.values_mut().for_each(forget_entries);
    } else if let Some(list) = json.as_array_mut() {
        list.iter_mut().for_each(forget_entries);
    }
}

struct Served {
    client: Client,
    running: app::command::Running,
    _dir: TempDir,
}

fn serve(home: Home) -> Served {
    let Home { house, dir, .. } = home;
    let running = app::command::start(house, "127.0.0.1:0").unwrap();
    Served { client: Client::new(running.address), running, _dir: dir }
}

/// The same guests in both houses, and in one of them strangers who refuse, or say nothing, or
/// withdraw: before, between and after them.
fn houses() -> [Served; 2] {
    let keys = Home::memory();
    [false, true].map(|crowded| {
        let home = Home::with_keys_of(keys.dir.path(), Store::memory());
        let send = |events: &[Value]| {
            let sent = Sent { source: "web", gpc: false, received_ms: NOW_MS, body: batch(events) };
            play(&home.house, &home.clock, &[sent], 1);
        };
        for nth in 0..GUESTS {
            if crowded {
                send(&[
                    customer(&format!("refuser{nth}"), Some(false)),
                    customer(&format!("silent{nth}"), None),
                    customer(&format!("fickle{nth}"), Some(true)),
                    deed(&format!("refuser{nth}"), nth, "2026-11-21T10:00:00Z"),
                ]);
            }
            let name = format!("guest{nth}");
            send(&[customer(&name, Some(true)), deed(&name, nth, "2026-11-21T10:00:00Z")]);
        }
        if crowded {
            let shop = world(3, 40, 400, None);
            let others = messages(&shop).into_iter().filter(|sent| !sent.body.contains("consent"));
            play(&home.house, &home.clock, &others.collect::<Vec<_>>(), 50);
            for nth in 0..GUESTS {
                let mut no = customer(&format!("fickle{nth}"), Some(false));
                no["messageId"] = format!("no-{nth}").into();
                no["timestamp"] = "2026-11-22T10:00:00Z".into();
                send(&[no]);
            }
        }
        serve(home)
    })
}

#[test]
fn marketing_is_told_the_same_with_and_without_those_who_did_not_allow_it() {
    let [mut alone, mut crowded] = houses();
    let mut same = |path: &str| {
        let one = told(&alone.client.read(NEWSLETTER, "marketing", path));
        let other = told(&crowded.client.read(NEWSLETTER, "marketing", path));
        assert_eq!(one, other, "{path}");
        one
    };
    assert!(same("/api/people/count").contains(&format!("\"people\":{GUESTS}")));
    for limit in [1, 5, 500] {
        let mut after = String::new();
        for page in 0.. {
            let path = format!("/api/people?limit={limit}{after}");
            let told: Value = serde_json::from_str(same(&path).split_once(' ').unwrap().1).unwrap();
            let Some(next) = told["after"].as_str() else { break };
            after = format!("&after={next}");
            assert!(page <= GUESTS, "the pages have no end");
        }
    }
    let mut names: Vec<String> = (0..GUESTS).map(|nth| format!("guest{nth}")).collect();
    // Somebody who refused, somebody silent, somebody who withdrew, and nobody at all: the answer
    // does not say which.
    names.extend(["refuser1", "silent1", "fickle1", "nobody1"].map(str::to_owned));
    for name in names {
        let found = same(&format!("/api/people/lookup?type=email&value={name}%40post.example"));
        assert_eq!(found.starts_with("200"), name.starts_with("guest"), "{name}: {found}");
        let blind = &crowded.running.house.intake;
        let blind = blind.identifier(IdentifierKind::Email, &format!("{name}@post.example"));
        let people = crowded.running.house.people.lookup(blind.unwrap()).unwrap();
        let id = people.first().map_or("0".repeat(32), ToString::to_string);
        for part in ["", "/timeline", "/links"] {
            same(&format!("/api/people/{id}{part}"));
        }
    }
}

/// The law above must be able to fail.
#[test]
fn one_more_who_allows_it_is_noticed() {
    let [mut alone, mut crowded] = houses();
    crowded.client.sent(WEB, &batch(&[customer("guest99", Some(true))]));
    let path = "/api/people/count";
    let one = told(&alone.client.read(NEWSLETTER, "marketing", path));
    let other = told(&crowded.client.read(NEWSLETTER, "marketing", path));
    assert_ne!(one, other);
    let own = crowded.client.read(PRIVACY, "subject_access", "/api/people/count");
    assert!(own.json()["people"].as_u64().unwrap() > GUESTS * 4);
}
