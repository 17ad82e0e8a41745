//! Who was erased does not come back by a file that still knows them, and comes back by their own deed.

use collect::Verdict;
use laws::brand::{Sent, batch, event, hand_in};
use laws::house::{Home, NOW_MS, PRIVACY};
use model::{Grant, IdentifierKind, PersonId, Purpose};
use serde_json::{Value, json};

const DAY_MS: i64 = 86_400_000;

fn row(message: &str, at: &str, more: &Value) -> Value {
    let traits =
        json!({ "firstName": "Ada", "email": "ada@post.example", "phone": "+442079460001" });
    let mut whole = json!({ "userId": "card-1", "traits": traits });
    whole.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    event("identify", message, at, &whole)
}

fn sends(home: &Home, source: &'static str, at_ms: i64, event: Value) -> Verdict {
    let sent = Sent { source, gpc: false, received_ms: at_ms, body: batch(&[event]) };
    let replied = hand_in(&home.house, &home.clock, &sent);
    replied.recv().unwrap().unwrap().remove(0)
}

fn bears(home: &Home, email: &str) -> Vec<PersonId> {
    let blind = home.house.intake.identifier(IdentifierKind::Email, email).unwrap();
    home.house.people.lookup(blind).unwrap()
}

fn erase(home: &Home, person: PersonId) {
    let caller = home.caller(PRIVACY);
    let grant = Grant::whole(Purpose::SubjectAccess);
    let permit = home.house.gate.ask::<gate::SubjectAccess>(&caller, person, &grant).unwrap();
    home.house.people.erase(permit).unwrap();
}

#[test]
fn the_erased_come_back_by_their_own_deed_only() {
    let home = Home::memory();
    let none = json!({});
    let first = row("first", "2026-11-20T10:00:00Z", &none);
    assert_eq!(sends(&home, "loyalty", NOW_MS, first), Verdict::Accepted);
    let bob = json!({ "userId": "card-2", "traits": { "email": "bob@post.example" } });
    let bob = event("identify", "bob", "2026-11-20T10:00:00Z", &bob);
    sends(&home, "loyalty", NOW_MS, bob);
    let before = bears(&home, "ada@post.example");
    erase(&home, before[0]);

    // The same again, another row of the same address, and one that a copy says was consented to since.
    let later_ms = NOW_MS + DAY_MS;
    let yes = json!({ "context": { "consent": { "categoryPreferences": { "marketing": true } } } });
    let other = json!({ "userId": "card-9" });
    for (message, more) in [("again", &none), ("other", &other), ("copied", &yes)] {
        let copy = row(message, "2026-11-24T20:00:00Z", more);
        assert_eq!(sends(&home, "loyalty", later_ms, copy), Verdict::Suppressed, "{message}");
    }
    assert_eq!(bears(&home, "ada@post.example"), []);
    let phone = home.house.intake.identifier(IdentifierKind::Phone, "+442079460001").unwrap();
    assert_eq!(home.house.people.lookup(phone).unwrap(), []);
    let more = json!({ "userId": "card-2", "traits": { "city": "York" } });
    let more = event("identify", "bob-2", "2026-11-24T20:00:00Z", &more);
    assert_eq!(sends(&home, "loyalty", later_ms, more), Verdict::Accepted, "others are taken");

    // A page says what they did there: not without consent, not what was consented to before, and not by
    // somebody who is not signed in.
    let visit = |message: &str, at: &str, more: &Value| {
        let mut event = row(message, at, &json!({ "userId": "web-1" }));
        event.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        event
    };
    let silent = visit("silent", "2026-11-24T21:00:00Z", &none);
    assert_eq!(sends(&home, "web", later_ms, silent), Verdict::Suppressed);
    let old = visit("old", "2026-11-21T21:00:00Z", &yes);
    assert_eq!(sends(&home, "web", later_ms, old), Verdict::Suppressed);
    let mut stranger = visit("stranger", "2026-11-24T21:00:00Z", &yes);
    stranger.as_object_mut().unwrap().remove("userId");
    stranger["anonymousId"] = json!("browser-1");
    assert_eq!(sends(&home, "web", later_ms, stranger), Verdict::Suppressed);
    assert_eq!(bears(&home, "ada@post.example"), []);

    let anew = visit("anew", "2026-11-24T22:00:00Z", &yes);
    assert_eq!(sends(&home, "web", later_ms, anew), Verdict::Accepted);
    let after = bears(&home, "ada@post.example");
    assert!(after.len() == 1 && after != before, "a new person");
    // From then on they are a customer like others.
    let card = row("card", "2026-11-24T23:00:00Z", &none);
    assert_eq!(
        sends(&home, "loyalty", later_ms, card),
        Verdict::Suppressed,
        "of the card nothing was said"
    );
    assert_eq!(home.examine(), [""; 0]);
}

#[test]
fn what_somebody_else_bears_too_stands_in_nobodys_way() {
    let home = Home::memory();
    let customer = |name: &str, message: &str| {
        let traits = json!({ "firstName": name, "phone": "+442079460002" });
        let more = json!({ "userId": format!("card-{name}"), "traits": traits });
        event("identify", message, "2026-11-20T10:00:00Z", &more)
    };
    sends(&home, "loyalty", NOW_MS, customer("Ada", "a"));
    sends(&home, "loyalty", NOW_MS, customer("Zoe", "z"));
    let ada = home.house.intake.identifier_in("card", IdentifierKind::UserId, "card-Ada").unwrap();
    erase(&home, home.house.people.lookup(ada).unwrap()[0]);
    assert_eq!(sends(&home, "loyalty", NOW_MS, customer("Eve", "e")), Verdict::Accepted);
    assert_eq!(sends(&home, "loyalty", NOW_MS, customer("Ada", "again")), Verdict::Suppressed);
}

#[test]
fn tombstones_do_not_stand_for_ever() {
    let home = Home::memory();
    sends(&home, "loyalty", NOW_MS, row("first", "2026-11-20T10:00:00Z", &json!({})));
    erase(&home, bears(&home, "ada@post.example")[0]);
    home.clock.set(NOW_MS + people::TOMBSTONE_MS - 1);
    assert_eq!(home.house.people.forget_tombstones().unwrap(), 0);
    home.clock.set(NOW_MS + people::TOMBSTONE_MS);
    assert_eq!(home.house.people.forget_tombstones().unwrap(), 3, "card, address, phone");
}
