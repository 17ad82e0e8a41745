//! Who did not authorise a purpose does not influence its answers: for that purpose, a house with
//! them and a house without them say the same, byte for byte.

use laws::brand::{Sent, batch, customer, deed, event, messages, play, world};
use laws::client::{Answer, Client};
use laws::house::{By, Home, NEWSLETTER, NOW_MS, PRIVACY, WEB};
use model::IdentifierKind;
use people::limits::POSTING_MAX;
use serde_json::{Value, json};
use std::collections::BTreeSet;
use store::Store;
use tempfile::TempDir;

const GUESTS: u64 = 12;

/// More than may share an identifier before it means nothing.
const CROWD: usize = POSTING_MAX + 12;

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

/// A guest's other account: one person with the guest by name and address, unless somebody makes
/// the address mean nothing.
fn other_account(name: &str) -> Value {
    let mut again = customer(name, Some(true));
    again["userId"] = format!("member-{name}").into();
    again["anonymousId"] = format!("phone-{name}").into();
    again["messageId"] = format!("again-{name}").into();
    again
}

/// The guest's address said on a tablet, without a name: the guest's, unless it is shared.
fn unnamed(name: &str) -> Value {
    let more = json!({
        "anonymousId": format!("tablet-{name}"),
        "traits": { "email": format!("{name}@post.example") },
        "context": { "consent": { "categoryPreferences": { "marketing": true } } },
    });
    event("identify", &format!("tablet-{name}"), "2026-11-21T11:00:00Z", &more)
}

/// Somebody with a name and account of their own, at the address and in the browser of another.
fn sharer(nth: usize, of: &str, hour: usize, linking: bool) -> Value {
    let more = json!({
        "userId": format!("sharer-{nth}-{of}"),
        "anonymousId": format!("browser-{of}"),
        "traits": { "firstName": format!("Sharer{nth}"), "email": format!("{of}@post.example") },
        "context": { "consent": { "categoryPreferences": { "linking": linking } } },
    });
    let message = format!("shared-{nth}-{of}-{linking}");
    event("identify", &message, &format!("2026-11-20T{hour:02}:00:00Z"), &more)
}

/// Who shares what guests go by, and does not let it link them: one with the first guest, a crowd
/// with the second; with the third somebody, and with the fourth a crowd, who allowed it at first.
fn sharers(linking: bool, hour: usize) -> Vec<Value> {
    let crowd = |of: &'static str| (0..CROWD).map(move |nth| sharer(nth, of, hour, linking));
    [sharer(0, "guest1", hour, linking)].into_iter().chain(crowd("guest2")).collect()
}

fn fickle_sharers(linking: bool, hour: usize) -> Vec<Value> {
    let crowd = |of: &'static str| (0..CROWD).map(move |nth| sharer(nth, of, hour, linking));
    [sharer(0, "guest3", hour, linking)].into_iter().chain(crowd("guest4")).collect()
}

/// The same guests in both houses, and in one of them strangers who refuse, or say nothing, or
/// withdraw: before, between and after them.
fn houses(by: By) -> [Served; 2] {
    let keys = Home::memory();
    [false, true].map(|crowded| {
        let home = Home::linking(keys.dir.path(), Store::memory(), by);
        let send = |events: &[Value]| {
            let sent = Sent { source: "web", gpc: false, received_ms: NOW_MS, body: batch(events) };
            play(&home.house, &home.clock, &[sent], 1);
        };
        if crowded {
            send(&sharers(false, 9));
            send(&fickle_sharers(true, 9));
        }
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
            send(&[other_account(&name), unnamed(&name)]);
        }
        if crowded {
            send(&fickle_sharers(false, 12));
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
    told_the_same(houses(By::Identifiers));
}

#[test]
fn it_is_told_the_same_where_likeness_links_too() {
    told_the_same(houses(By::Likeness));
}

fn told_the_same([mut alone, mut crowded]: [Served; 2]) {
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
        // Everybody who bears the address in either house.
        let mut ids = BTreeSet::from(["0".repeat(32)]);
        for house in [&alone.running.house, &crowded.running.house] {
            let email = format!("{name}@post.example");
            let blind = house.intake.identifier(IdentifierKind::Email, &email).unwrap();
            let people = house.people.lookup(blind).unwrap();
            ids.extend(people.iter().map(ToString::to_string));
        }
        for id in ids {
            for part in ["", "/timeline", "/links", "/how"] {
                same(&format!("/api/people/{id}{part}"));
            }
            same(&format!("/api/people/{id}/why?other={id}"));
        }
    }
}

/// The strangers of the law are such as part guests when they may be linked.
#[test]
fn sharers_who_allow_linking_part_the_guests() {
    let home = Home::memory();
    let send = |events: &[Value]| {
        let sent = Sent { source: "web", gpc: false, received_ms: NOW_MS, body: batch(events) };
        play(&home.house, &home.clock, &[sent], 1);
    };
    let people = |name| {
        let tablet = home.find(IdentifierKind::AnonymousId, &format!("tablet-{name}"));
        let ids = [format!("user-{name}"), format!("member-{name}")];
        let found = ids.map(|id| home.find(IdentifierKind::UserId, &id));
        found.into_iter().chain([tablet]).collect::<BTreeSet<_>>().len()
    };
    for name in ["guest1", "guest2"] {
        send(&[customer(name, Some(true)), other_account(name), unnamed(name)]);
    }
    assert_eq!(["guest1", "guest2"].map(people), [1, 1]);
    send(&sharers(true, 9));
    assert_eq!(["guest1", "guest2"].map(people), [2, 3], "one is shared, one means nothing");
    send(&sharers(false, 12));
    assert_eq!(["guest1", "guest2"].map(people), [1, 1], "who no longer may be linked is gone");
    assert_eq!(home.examine(), [""; 0]);
}

/// The law above must be able to fail.
#[test]
fn one_more_who_allows_it_is_noticed() {
    let [mut alone, mut crowded] = houses(By::Identifiers);
    crowded.client.sent(WEB, &batch(&[customer("guest99", Some(true))]));
    let path = "/api/people/count";
    let one = told(&alone.client.read(NEWSLETTER, "marketing", path));
    let other = told(&crowded.client.read(NEWSLETTER, "marketing", path));
    assert_ne!(one, other);
    let own = crowded.client.read(PRIVACY, "subject_access", "/api/people/count");
    assert!(own.json()["people"].as_u64().unwrap() > GUESTS * 4);
}
