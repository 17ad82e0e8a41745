//! Services look at people: through the gate, for a purpose, or not at all.

use crate::house::{House, NEWS, OFFICE};
use serde_json::json;

const EMAIL: &str = "ada.lovelace@shop-customers.net";
const NOBODY: &str = "00000000000000000000000000000000";

fn value<'a>(profile: &'a serde_json::Value, category: &str) -> Option<&'a serde_json::Value> {
    profile["values"].as_array().unwrap().iter().find(|value| value["category"] == category)
}

#[tokio::test]
async fn a_profile_opens_what_the_purpose_may_see() {
    let house = House::new();
    let person = house.customer("u1", EMAIL).await;
    let path = format!("/api/people/{person}?purpose=subject_access");
    let own = house.office("GET", &path, "").await;
    assert_eq!(own.status, 200, "{}", own.text());
    let own = own.json();
    assert_eq!(own["person"], person);
    assert_eq!(value(&own, "contact").unwrap()["value"], EMAIL);
    assert_eq!(value(&own, "contact").unwrap()["source"], "shop");
    assert_eq!(own["records"].as_array().unwrap().len(), 1);
    assert!(own["entry"].is_u64());

    let path = format!("/api/people/{person}?purpose=household_linking");
    let linking = house.office("GET", &path, "").await.json();
    assert!(value(&linking, "contact").is_some());
    let path = format!("/api/people/{person}?purpose=operations");
    let nothing = house.office("GET", &path, "").await.json();
    assert_eq!(nothing["values"], json!([]));
    assert!(nothing["sealed"].as_u64().unwrap() >= 2);
}

#[tokio::test]
async fn a_refusal_names_the_grant_and_nothing_else() {
    let house = House::new();
    let person = house.customer("u1", EMAIL).await;
    let path = |person: &str, purpose: &str| format!("/api/people/{person}?purpose={purpose}");
    let refused = house.service(NEWS, "GET", &path(&person, "marketing"), "").await;
    assert_eq!(refused.status, 403);
    assert_eq!(refused.header("content-type"), Some("application/problem+json"));
    let problem = refused.json();
    assert_eq!(problem["code"], "not_granted");
    assert_eq!(problem["grant"], "marketing");
    assert_eq!(problem["status"], 403);
    assert_eq!(problem.get("entry"), None);
    // Whoever has not granted it and whoever does not exist are answered alike, byte for byte.
    let nobody = house.service(NEWS, "GET", &path(NOBODY, "marketing"), "").await;
    assert_eq!((nobody.status, nobody.bytes), (refused.status, refused.bytes));

    for (key, purpose, status, code) in [
        (NEWS, "analytics", 403, "not_authorised"),
        (OFFICE, "marketing/fax", 403, "unknown_grant"),
        (OFFICE, "spying", 400, "unknown_purpose"),
        ("wrong-key-wrong-key", "marketing", 401, "unknown_key"),
    ] {
        let answer = house.service(key, "GET", &path(&person, purpose), "").await;
        assert_eq!(answer.status, status, "{}", answer.text());
        assert_eq!(answer.json()["code"], code);
    }
    let nobody = house.office("GET", &path(NOBODY, "subject_access"), "").await;
    assert_eq!(
        (nobody.status.as_u16(), nobody.json()["code"].as_str()),
        (404, Some("unknown_person"))
    );

    house.say(&person, "marketing", true).await;
    let granted = house.service(NEWS, "GET", &path(&person, "marketing"), "").await;
    assert_eq!(granted.status, 200, "{}", granted.text());
    house.say(&person, "marketing", false).await;
    let withdrawn = house.service(NEWS, "GET", &path(&person, "marketing"), "").await;
    assert_eq!(withdrawn.status, 403);
}

#[tokio::test]
async fn bad_questions_are_refused_with_their_place() {
    let house = House::new();
    let person = house.customer("u1", EMAIL).await;
    let to = |rest: &str| rest.replace("ID", &person);
    for (path, status, code, place) in [
        ("/api/people/ID", 400, "missing_purpose", None),
        (
            "/api/people/ID?purpose=analytics&purpos=x",
            400,
            "unknown_parameter",
            Some("query: parameter 2"),
        ),
        (
            "/api/people/ID?purpose=analytics&purpose=analytics",
            400,
            "bad_parameter",
            Some("query: parameter 2"),
        ),
        ("/api/people/xyz?purpose=analytics", 400, "malformed_id", Some("path: id")),
        (
            "/api/people/ID/timeline?purpose=analytics&limit=-1",
            400,
            "bad_parameter",
            Some("query: limit"),
        ),
        (
            "/api/people/ID/timeline?purpose=analytics&limit=99999",
            400,
            "bad_parameter",
            Some("query: limit"),
        ),
        (
            "/api/people/ID/timeline?purpose=analytics&before=noon",
            400,
            "bad_parameter",
            Some("query: before"),
        ),
        ("/api/people?purpose=analytics&after=x", 400, "malformed_id", Some("query: after")),
        (
            "/api/people/lookup?purpose=analytics&type=email",
            400,
            "bad_parameter",
            Some("query: value"),
        ),
        (
            "/api/people/lookup?purpose=analytics&type=shoe&value=1",
            400,
            "bad_parameter",
            Some("query: type"),
        ),
        (
            "/api/people/lookup?purpose=analytics&type=email&value=nonsense",
            400,
            "bad_parameter",
            Some("query: value"),
        ),
    ] {
        let answer = house.office("GET", &to(path), "").await;
        assert_eq!(answer.status, status, "{path}: {}", answer.text());
        let problem = answer.json();
        let said = (problem["code"].as_str(), problem["place"].as_str());
        assert_eq!(said, (Some(code), place), "{path}");
        assert!(problem["remedy"].is_string());
    }
}

#[tokio::test]
async fn a_purpose_is_named_once() {
    let house = House::new();
    let person = house.customer("u1", EMAIL).await;
    let header = format!("Bearer {OFFICE}");
    let headers = [("authorization", header.as_str()), ("bonafide-purpose", "subject_access")];
    let path = format!("/api/people/{person}");
    assert_eq!(house.call("GET", &path, &headers, "").await.status, 200);
    let twice = format!("{path}?purpose=marketing");
    let answer = house.call("GET", &twice, &headers, "").await;
    assert_eq!(answer.json()["code"], "bad_parameter");
}

#[tokio::test]
async fn a_lookup_finds_only_who_granted_the_purpose() {
    let house = House::new();
    let person = house.customer("u1", EMAIL).await;
    let look = |purpose: &'static str, value: &str| {
        let body = json!({ "type": "email", "value": value }).to_string();
        let path = format!("/api/people/lookup?purpose={purpose}");
        let house = &house;
        async move { house.office("POST", &path, &body).await }
    };
    let found = look("subject_access", " ADA.Lovelace@shop-customers.net ").await;
    assert_eq!(found.json()["person"], person, "{}", found.text());
    let hidden = look("marketing", EMAIL).await;
    let nobody = look("marketing", "bertha.benz@shop-customers.net").await;
    assert_eq!(hidden.status, 404);
    assert_eq!(hidden.bytes, nobody.bytes);
    assert!(!hidden.text().contains("ada"));
    house.say(&person, "marketing", true).await;
    assert_eq!(look("marketing", EMAIL).await.json()["person"], person);

    let unknown =
        house.office("POST", "/api/people/lookup?purpose=marketing", r#"{"kind":"email"}"#);
    let unknown = unknown.await.json();
    assert_eq!(unknown["code"], "bad_body");
    assert!(unknown["place"].as_str().unwrap().starts_with("body: line 1 column"));
}

#[tokio::test]
async fn an_event_keeps_where_its_sender_did_not_want_it() {
    let house = House::new();
    let person = house.customer("u1", "ada@post.example").await;
    let path = format!("/api/people/{person}/timeline?purpose=subject_access&limit=1");
    for (id, said, kept) in [
        ("1", json!({ "All": true }), json!(null)),
        (
            "2",
            json!({ "All": false, "Acme": { "session": 7 } }),
            json!({ "All": false, "Acme": true }),
        ),
    ] {
        let event =
            json!({ "userId": "u1", "messageId": id, "event": "Viewed", "integrations": said });
        house.shop("/v1/track", event).await;
        let page = house.office("GET", &path, "").await.json();
        assert_eq!(page["events"][0]["parts"]["behavioural"]["integrations"], kept, "{page}");
    }
}

#[tokio::test]
async fn timeline_links_contract_and_uses_are_shown() {
    let house = House::new();
    let person = house.customer("u1", EMAIL).await;
    for index in 0..3 {
        let event = json!({
            "userId": "u1", "event": "Order Completed", "messageId": format!("t{index}"),
            "properties": { "total": 10 + index },
            "timestamp": format!("2026-11-2{index}T10:00:00Z"),
        });
        assert_eq!(house.shop("/v1/track", event).await.status, 200);
    }
    let get = |rest: String| {
        let (house, path) = (&house, format!("/api/people/{person}/{rest}"));
        async move {
            let answer = house.office("GET", &path, "").await;
            assert_eq!(answer.status, 200, "{path}: {}", answer.text());
            answer.json()
        }
    };
    let page = get("timeline?purpose=subject_access&limit=3".to_owned()).await;
    let events = page["events"].as_array().unwrap();
    assert_eq!((events.len(), &events[1]["kind"]), (3, &json!("track")), "{page}");
    assert!(!events[1]["parts"].as_object().unwrap().is_empty());
    let before = page["before"].as_str().unwrap();
    let rest = get(format!("timeline?purpose=subject_access&before={before}")).await;
    assert_eq!(rest["events"].as_array().unwrap().len(), 1);

    let links = get("links?purpose=identity_linking".to_owned()).await;
    assert_eq!(links["records"].as_array().unwrap().len(), 1);

    house.say(&person, "marketing", true).await;
    let contract = get("contract?purpose=subject_access".to_owned()).await;
    let table = contract["grants"].as_array().unwrap();
    let of = |grant: &str| table.iter().find(|line| line["grant"] == grant).unwrap();
    assert_eq!(of("marketing")["allowed"], true);
    assert_eq!(of("marketing/email")["allowed"], true);
    assert_eq!(of("analytics")["allowed"], false);
    assert_eq!(contract["signals"].as_array().unwrap().len(), 1);
    assert_eq!(contract["signals"][0]["method"], "api");

    let log = get("uses?purpose=subject_access&limit=500".to_owned()).await;
    let uses = log["uses"].as_array().unwrap();
    let kinds: Vec<_> = uses.iter().map(|line| line["kind"].as_str().unwrap()).collect();
    assert!(kinds.contains(&"subject_access") && kinds.contains(&"resolve"), "{kinds:?}");
    assert!(uses.iter().all(|line| line["service"].is_string() && line["entry"].is_u64()));
    assert!(
        uses.is_sorted_by_key(|line| std::cmp::Reverse(line["at"].as_str().unwrap().to_owned()))
    );
}

#[tokio::test]
async fn cohorts_hold_who_granted_the_purpose_page_by_page() {
    let house = House::new();
    let mut granted = Vec::new();
    for index in 0..5 {
        let person =
            house.customer(&format!("u{index}"), &format!("c{index}@shop-customers.net")).await;
        if index < 3 {
            house.say(&person, "marketing", true).await;
            granted.push(person);
        }
    }
    granted.sort_unstable();
    let count = house.office("GET", "/api/people/count?purpose=marketing", "").await.json();
    assert_eq!(count["people"], 3);
    let (mut seen, mut after) = (Vec::new(), String::new());
    loop {
        let path = format!("/api/people?purpose=marketing&limit=2{after}");
        let page = house.office("GET", &path, "").await.json();
        let profiles = page["profiles"].as_array().unwrap();
        seen.extend(profiles.iter().map(|profile| profile["person"].as_str().unwrap().to_owned()));
        match page.get("after") {
            Some(last) => after = format!("&after={}", last.as_str().unwrap()),
            None => break,
        }
    }
    assert_eq!(seen, granted);
}
