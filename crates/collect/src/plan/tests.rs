//! Examples of events under plans.
#![expect(clippy::disallowed_methods, reason = "the examples are nobody's data")]

use super::*;
use crate::dialect::{IntakeHeaders, IntakePath, read_body};
use model::Limits;

const PLAN: &str = r#"
    unknown_events = "quarantine"
    unknown_fields = "drop"
    [events."Order Completed".fields]
    order_id = { type = "text", required = true, length_max = 5, category = "transactional" }
    total = { type = "number" }
    items = { type = "whole" }
    currency = { one_of = ["EUR", "USD"] }
    "ship.city" = { type = "text", category = "address" }
    [traits]
    email = { type = "text", category = "contact" }
    address = { category = "address" }
"#;

fn message(event: &str) -> Message {
    let event = format!(r#"{{"userId":"u","messageId":"m",{event}}}"#);
    let headers = IntakeHeaders::default();
    let path = IntakePath::Event(None);
    let read = read_body(event.as_bytes(), &headers, &path, &Limits::DEFAULT).unwrap();
    read.items.into_iter().next().unwrap().unwrap()
}

fn check(plan: &str, event: &str, found: &[(Cause, &str)], left: Option<&str>) {
    let plan: Plan = toml::from_str(plan).unwrap();
    let mut message = message(event);
    let violations = plan.check(&message);
    let seen: Vec<_> =
        violations.iter().map(|found| (found.cause, found.pointer.as_str())).collect();
    assert_eq!(seen, found, "{event}");
    let refused = plan.apply(&mut message, &violations);
    assert_eq!(refused.is_none(), left.is_some(), "{event}");
    if let Some(left) = left {
        let part =
            if message.kind == EventKind::Track { &message.properties } else { &message.traits };
        assert_eq!(part.clone().into_revealed().to_string(), left, "{event}");
    }
}

fn order(properties: &str, found: &[(Cause, &str)], left: Option<&str>) {
    let event =
        format!(r#""type":"track","event":"Order Completed","properties":{{{properties}}}"#);
    check(PLAN, &event, found, left);
}

#[test]
fn an_event_is_checked_against_its_plan() {
    let id = "/properties/order_id";
    order(r#""order_id":"1""#, &[], Some(r#"{"order_id":"1"}"#));
    order("", &[(Cause::Missing, id)], None);
    order(r#""order_id":null"#, &[(Cause::Missing, id)], None);
    order(r#""order_id":1"#, &[(Cause::WrongType, id)], None);
    order(r#""order_id":"123456""#, &[(Cause::TooLong, id)], None);
    order(r#""order_id":"äöüßé""#, &[], Some(r#"{"order_id":"äöüßé"}"#));
    order(r#""order_id":"1","items":1.5"#, &[(Cause::WrongType, "/properties/items")], None);
    order(r#""order_id":"1","currency":"DM""#, &[(Cause::NotOneOf, "/properties/currency")], None);
    order(
        r#""order_id":"1","ship":{"city":3}"#,
        &[(Cause::WrongType, "/properties/ship/city")],
        None,
    );
    let unknown = (Cause::UnknownField, "/properties/*");
    order(r#""order_id":"1","ada@example.org":1"#, &[unknown], Some(r#"{"order_id":"1"}"#));
}

#[test]
fn what_a_plan_does_not_name_goes_the_planned_way() {
    let event = r#""type":"track","event":"Danced","properties":{"with":"Bob"}"#;
    let unknown = &[(Cause::UnknownEvent, "/event")];
    check(PLAN, event, unknown, None);
    check("unknown_events = 'drop'\n[events.A]", event, unknown, Some("{}"));
    check("[events.A]", event, unknown, Some(r#"{"with":"Bob"}"#));
    check("", event, &[], Some(r#"{"with":"Bob"}"#));
    let event = r#""type":"identify","traits":{"email":"a","shoe":43,"address":{"x":1}}"#;
    let left = r#"{"email":"a","address":{"x":1}}"#;
    check(PLAN, event, &[(Cause::UnknownField, "/traits/*")], Some(left));
    let event = r#""type":"track","event":"Segment Consent Preference Updated""#;
    check(PLAN, event, &[], Some("{}"));
}

#[test]
fn a_plan_says_what_kind_of_data_a_field_is() {
    let plan: Plan = toml::from_str(PLAN).unwrap();
    let event = "Order Completed";
    let of = |name| plan.property_category(event, name);
    assert_eq!(of("order_id"), Some(Category::Transactional));
    assert_eq!(of("ship.city"), Some(Category::Address));
    assert_eq!(of("total"), None);
    assert_eq!(of("other"), Some(Category::Unclassified));
    assert_eq!(plan.property_category("Danced", "with"), Some(Category::Unclassified));
    assert_eq!(plan.trait_category("address.city"), Some(Category::Address));
    assert_eq!(plan.trait_category("shoe"), Some(Category::Unclassified));
    assert_eq!(Plan::default().trait_category("shoe"), None);
}

#[test]
fn a_refused_event_is_kept_as_a_body_that_says_the_same() {
    let plan: Plan = toml::from_str(PLAN).unwrap();
    let mut first = message(
        r#""type":"track","event":"Danced","timestamp":"2026-01-02T03:04:05Z","context":{"consent":{"tcf":"CO"}}"#,
    );
    let violations = plan.check(&first);
    let refusing = plan.apply(&mut first, &violations).unwrap();
    let body = refusing.rejected(&first).raw.into_revealed();
    let headers = IntakeHeaders::default();
    let again = read_body(&body, &headers, &IntakePath::Batch, &Limits::DEFAULT).unwrap();
    let again = again.items.into_iter().next().unwrap().unwrap();
    assert_eq!(again.to_body(), first.to_body());
    assert_eq!(again.original, first.original);
}
