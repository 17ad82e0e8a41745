//! `Debug` of what holds personal data shows none of it: neither as text nor as a list of bytes.

use collect::Call;
use collect::dialect::{IntakeHeaders, IntakePath, read_body};
use gate::{SubjectAccess, View};
use laws::brand::{Sent, batch, customer, deed, play};
use laws::house::{Home, NOW_MS, PRIVACY};
use laws::search::Marker;
use model::{Grant, IdentifierKind, Limits, Purpose};
use std::fmt::Debug;

const CANARY: &str = "q7canaryq7";

fn check(what: &str, value: &dyn Debug) {
    let marker = Marker::new(CANARY);
    for shown in [format!("{value:?}"), format!("{value:#?}").replace([' ', '\n'], "")] {
        let listed = shown.replace(',', ", ");
        let found = marker.found_in(shown.as_bytes()).or(marker.found_in(listed.as_bytes()));
        assert_eq!(found, None, "{what} shows it: {}", shown.chars().take(400).collect::<String>());
    }
}

fn body() -> String {
    let broken = serde_json::json!({ "type": "trak", "userId": CANARY });
    let mut deed = deed(CANARY, 1, "2026-11-21T10:00:00Z");
    let mut customer = customer(CANARY, Some(true));
    // A message's id names the message and nobody: SDKs draw it.
    deed["messageId"] = "message-1".into();
    customer["messageId"] = "message-2".into();
    deed["properties"]["note"] = CANARY.into();
    batch(&[customer, deed, broken])
}

#[test]
fn what_comes_in_does_not_show() {
    let body = body();
    let headers = IntakeHeaders::read(
        Some(&format!("writeKey={CANARY}&email={CANARY}")),
        [("authorization", CANARY.as_bytes()), ("anonymousid", CANARY.as_bytes())],
    );
    let read = read_body(body.as_bytes(), &headers, &IntakePath::Batch, &Limits::DEFAULT).unwrap();
    assert_eq!(read.items.len(), 3);
    check("a message or a rejection", &read.items);
    check("an intake", &read);
    check("headers", &headers);
    let path = IntakePath::Batch;
    let call = Call { path, shown: "/v1/batch", headers, body: body.clone().into_bytes() };
    check("a call", &call);
    let json = collect::json::read(&format!(r#"{{"{CANARY}":["{CANARY}"]}}"#), 8).unwrap();
    check("a map of JSON", &json);
    check("a value of JSON", &json.iter().map(|(_, value)| value).collect::<Vec<_>>());
    check("a fault of JSON", &collect::json::read(&format!("{{\"a\":{CANARY}}}"), 8));
}

#[test]
fn what_is_read_does_not_show() {
    let home = Home::memory();
    let sent = Sent { source: "web", gpc: false, received_ms: NOW_MS, body: body() };
    play(&home.house, &home.clock, &[sent], 1);
    let (house, caller) = (&home.house, home.caller(PRIVACY));
    let email = format!("{CANARY}@post.example");
    let person = home.find(IdentifierKind::Email, &email)[0];
    let grant = Grant::whole(Purpose::SubjectAccess);
    let ask = || house.gate.ask::<SubjectAccess>(&caller, person, &grant).unwrap();
    let permit = ask();
    check("a permit", &permit);
    let profile = house.people.profile(permit, &|_| 0).unwrap();
    assert!(!profile.values.is_empty());
    check("a profile", &profile);
    let timeline = house.people.timeline(ask(), None, 10).unwrap();
    assert!(!timeline.events.is_empty());
    check("a timeline", &timeline);
    check("links", &house.people.links(ask()).unwrap());
    let view = house.people.view().unwrap();
    let items = collect::quarantine::list(&view, None, 10).unwrap();
    assert_eq!(items.len(), 1);
    check("the quarantine", &items);
    let permit = house.gate.ask_item(&caller, items[0].1).unwrap();
    let opened = collect::quarantine::open(&house.gate, &house.vault, &view, permit).unwrap();
    check("an opened item", &opened);
    let cohort = house.gate.ask_cohort::<View>(&caller, &grant).unwrap();
    check("a cohort", &cohort);
    check("a cohort's page", &house.people.cohort_profiles(&cohort, None, 10, &|_| 0));
    check("a caller", &caller);
    check("the house", house);
}

#[test]
fn facts_on_their_way_do_not_show() {
    use people::{EventFact, EventKind, TraitFact, TraitValue};
    let value = TraitValue {
        name: CANARY.to_owned(),
        raw: CANARY.to_owned(),
        perfected: Some(CANARY.to_owned()),
        confidence: 1.0,
        note: String::new(),
    };
    check("a trait's value", &value);
    let fact = TraitFact {
        field: vault::FieldToken([1; 8]),
        at: model::Timestamp(NOW_MS),
        tie: [0; 8],
        category: model::Category::Contact,
        value: Some(model::Sensitive::new(value).into()),
    };
    check("a trait", &fact);
    let event = EventFact {
        kind: EventKind::Track,
        at: model::Timestamp(NOW_MS),
        message: [0; 8],
        name: vault::FieldToken([1; 8]),
        parts: vec![(
            model::Category::Behavioural,
            model::Sensitive::new(CANARY.as_bytes().to_vec()),
        )]
        .into(),
    };
    check("an event", &event);
}
