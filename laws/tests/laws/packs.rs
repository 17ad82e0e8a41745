//! The law of where a customer lives holds from intake to read: silence, children, confirmation, ends,
//! pauses; and a change of policy reaches contracts that stand.

use gate::{Manner, Method, Refusal, Signal, Standing, View, Voice, Wishes};
use laws::brand::{Sent, event, hand_in};
use laws::house::{Home, NEWSLETTER, NOW_MS, PRIVACY, config};
use model::{Grant, IdentifierKind, PersonId, Timestamp};
use serde_json::{Value, json};
use std::sync::Arc;
use store::Store;

const DAY_MS: i64 = 86_400_000;

/// Somebody who says where they live, and more.
fn comes(home: &Home, name: &str, traits: &Value, consent: &Value) -> PersonId {
    let mut all = json!({ "firstName": name, "email": format!("{name}@post.example") });
    all.as_object_mut().unwrap().extend(traits.as_object().unwrap().clone());
    let more = json!({
        "userId": format!("user-{name}"), "traits": all, "context": { "consent": consent },
    });
    let hello = event("identify", &format!("hello-{name}"), "2026-11-20T10:00:00Z", &more);
    let body = json!({ "batch": [hello] }).to_string();
    let sent = Sent { source: "web", gpc: false, received_ms: NOW_MS, body };
    hand_in(&home.house, &home.clock, &sent).recv().unwrap().unwrap();
    home.find(IdentifierKind::Email, &format!("{name}@post.example"))[0]
}

fn lives(country: &str, region: &str) -> Value {
    json!({ "address": { "country": country, "region": region } })
}

/// Whether the newsletter may look at somebody for marketing.
fn may(home: &Home, person: PersonId) -> bool {
    let marketing = Grant::whole(model::Purpose::Marketing);
    match home.house.gate.ask::<View>(&home.caller(NEWSLETTER), person, &marketing) {
        Ok(permit) => {
            let view = home.house.people.view().unwrap();
            home.house.gate.spend(permit, &view).is_ok()
        }
        Err(Refusal::NotGranted(_)) => false,
        Err(other) => panic!("{other}"),
    }
}

fn says(home: &Home, person: PersonId, signal: &Signal) {
    let people = &home.house.people;
    let manner = Manner::by(Method::Api);
    people.say(&home.caller(PRIVACY), person, &[*signal], manner).unwrap();
}

fn marketing(home: &Home, allowed: bool) -> Signal {
    let bit = home.house.gate.grants().whole(model::Purpose::Marketing).unwrap();
    Signal::here(bit, allowed, Timestamp(NOW_MS))
}

#[test]
fn silence_means_what_the_law_of_the_place_says() {
    let home = Home::memory();
    let silent = json!({});
    let ada = comes(&home, "ada", &lives("US", "California"), &silent);
    let bob = comes(&home, "bob", &lives("France", ""), &silent);
    let cy = comes(&home, "cy", &json!({}), &silent);
    let dee = comes(&home, "dee", &lives("Japan", ""), &silent);
    assert_eq!([ada, bob, cy, dee].map(|person| may(&home, person)), [true, false, false, false]);
    says(&home, ada, &marketing(&home, false));
    says(&home, bob, &marketing(&home, true));
    assert_eq!([ada, bob].map(|person| may(&home, person)), [false, true]);
    // Whoever moves lives under the law of where they live now.
    let cy = comes(&home, "cy", &json!({}), &silent);
    assert!(!may(&home, cy));
    let more = json!({ "userId": "user-cy", "traits": lives("US", "TX") });
    let body = json!({ "batch": [event("identify", "moved", "2026-11-21T10:00:00Z", &more)] });
    let sent = Sent { source: "web", gpc: false, received_ms: NOW_MS, body: body.to_string() };
    hand_in(&home.house, &home.clock, &sent).recv().unwrap().unwrap();
    assert!(may(&home, cy));
    assert_eq!(home.examine(), [""; 0]);
}

#[test]
fn a_child_needs_more_than_a_yes_and_grows_up() {
    let home = Home::memory();
    let yes = json!({ "categoryPreferences": { "marketing": true } });
    let born = |date: &str| {
        let mut traits = lives("France", "");
        traits.as_object_mut().unwrap().insert("birthday".to_owned(), json!(date));
        traits
    };
    let child = comes(&home, "kim", &born("2013-05-01"), &yes);
    let adult = comes(&home, "lee", &born("1983-05-01"), &yes);
    assert!(!may(&home, child) && may(&home, adult));
    says(&home, child, &marketing(&home, true));
    assert!(!may(&home, child), "their own yes is not enough");
    let guardian = Signal { voice: Voice::Guardian, ..marketing(&home, true) };
    says(&home, child, &guardian);
    assert!(may(&home, child));
    says(&home, child, &Signal { at: Timestamp(NOW_MS + 1), ..marketing(&home, false) });
    assert!(!may(&home, child), "their own no is");
    // Another child, of whom nobody asks again: at sixteen their own yes counts.
    let other = comes(&home, "max", &born("2011-05-01"), &yes);
    assert!(!may(&home, other));
    home.clock.set(NOW_MS + 3 * 366 * DAY_MS);
    assert!(may(&home, other));
}

#[test]
fn a_yes_to_mail_waits_for_its_confirmation_in_germany() {
    let home = Home::memory();
    let email: Grant = "marketing/email".parse().unwrap();
    let Some(bit) = home.house.gate.grants().bit(&email) else {
        panic!("the brand of tests has a grant for mail")
    };
    let ada = comes(&home, "ada", &lives("Deutschland", ""), &json!({}));
    let allowed = || {
        let view = home.house.people.view().unwrap();
        let contract = home.house.gate.contracts(&view, &[ada]).unwrap().remove(0).unwrap();
        contract.value.allowed.at(bit, home.house.gate.now())
    };
    let yes = Signal::here(bit, true, Timestamp(NOW_MS));
    says(&home, ada, &yes);
    assert!(!allowed());
    says(&home, ada, &Signal { standing: Standing::Confirmed, ..yes });
    assert!(allowed());
}

#[test]
fn who_pauses_is_left_in_peace_until_then() {
    let home = Home::memory();
    let yes = json!({ "categoryPreferences": { "marketing": true } });
    let ada = comes(&home, "ada", &json!({}), &yes);
    assert!(may(&home, ada));
    let gate = &home.house.gate;
    let own = Grant::whole(model::Purpose::SubjectAccess);
    let permit = gate.ask(&home.caller(PRIVACY), ada, &own).unwrap();
    let subject = gate.subject(&gate.enter(&gate.link(permit, DAY_MS).unwrap()).unwrap()).unwrap();
    let until = Timestamp(NOW_MS + 7 * DAY_MS);
    let wishes = Wishes { paused_until: Some(until), ..Wishes::default() };
    let manner = Manner::by(Method::PreferenceCentre);
    home.house.people.wish_own(&subject, wishes, manner).unwrap();
    assert!(!may(&home, ada));
    home.clock.set(until.0 - 1);
    assert!(!may(&home, ada));
    home.clock.set(until.0);
    assert!(may(&home, ada));
    assert_eq!(home.examine(), [""; 0]);
}

#[test]
fn a_change_of_policy_reaches_contracts_that_stand() {
    let store = Store::memory();
    let home = Home::over(store.clone());
    let silent = json!({});
    let ada = comes(&home, "ada", &json!({}), &silent);
    let bob = comes(&home, "bob", &lives("US", "CA"), &silent);
    assert_eq!([ada, bob].map(|person| may(&home, person)), [false, true]);
    let Home { house, clock, dir } = home;
    house.close().unwrap();
    // Marketing rests on an objection now, and linking on consent, so that nobody may be linked.
    let mut other = config(dir.path());
    let policy = "[policy.marketing]\nbasis = \"legitimate_interest\"\n\
                  [policy.identity_linking]\nbasis = \"consent\"\n";
    other.policy = app::config::Config::parse(policy).unwrap().policy;
    let rng = laws::chance::Seeded::new(7);
    let house = app::house::House::over(store, &other, Arc::clone(&clock) as Arc<_>, rng).unwrap();
    let home = Home { house, clock, dir };
    assert_eq!([ada, bob].map(|person| may(&home, person)), [true, true]);
    assert_eq!(home.examine(), [""; 0]);
}
