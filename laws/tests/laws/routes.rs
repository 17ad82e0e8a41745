//! Every route passes the gate, or stands on a short list with a reason. The list is here and not
//! in the table, so that opening a route is a decision somebody reads.

use laws::brand::{batch, customer};
use laws::client::{Answer, Client};
use laws::house::{ANALYST, Home, MUTE, NEWSLETTER, PRIVACY, WEB};
use model::IdentifierKind;
use std::sync::Arc;
use web::{Auth, ROUTES, Route, Verb};

/// Routes that anybody may call.
const OPEN: &[(&str, &str, &str)] = &[
    ("POST", "/v1/m", "what a client measures about itself is thanked for and forgotten"),
    ("GET", "/v1/projects/{key}/settings", "what a public write key stands for; no person's data"),
    ("GET", "/analytics.js/v1/{key}/analytics.min.js", "a script for public pages; no data"),
    ("GET", "/p.js", "a script for public pages; no data"),
    ("GET", "/analytics-next/bundles/{file}", "a part of a script for public pages; no data"),
    ("GET", "/api/ledger/checkpoint", "the ledger is public: commitments that verify, no data"),
    ("GET", "/api/ledger/tile/{*path}", "the ledger is public: commitments that verify, no data"),
    ("GET", "/api/ledger/proof/{index}", "the ledger is public: commitments that verify, no data"),
    ("GET", "/api/ledger/consistency", "the ledger is public: commitments that verify, no data"),
    ("GET", "/api/notices/{hash}", "what is promised is for everybody to read"),
    ("GET", "/api/ledger/vkey", "the key that verifies, which is no secret"),
    ("GET", "/healthz", "states of the program, for those who run it"),
    ("GET", "/readyz", "states of the program, for those who run it"),
    ("GET", "/metrics", "counts of the program, for those who run it"),
    ("GET", "/openapi.json", "a document about the program"),
    ("GET", "/problems", "a document about the program"),
    ("GET", "/", "a document about the program"),
];

/// Routes for operators, who change what the house does: they read nobody, except where the last
/// column says that the call is a use which the ledger records.
const OPERATED: &[(&str, &str, bool)] = &[
    ("POST", "/api/people/merge", true),
    ("POST", "/api/people/{id}/unmerge", true),
    ("POST", "/api/households/{id}/members", true),
    ("POST", "/api/contracts/{id}/signals", true),
    ("GET", "/api/requests", false),
    ("POST", "/api/requests/{request}/steps", true),
    ("GET", "/api/sources", false),
    ("GET", "/api/sources/{slug}", false),
    ("PUT", "/api/sources/{slug}", false),
    ("DELETE", "/api/sources/{slug}", false),
    ("GET", "/api/quarantine", false),
    ("GET", "/api/quarantine/{item}", true),
    ("DELETE", "/api/quarantine/{item}", true),
    ("POST", "/api/quarantine/{item}/replay", true),
];

fn key_of(route: &Route) -> (&'static str, &'static str) {
    (route.method.as_str(), route.path)
}

#[test]
fn every_open_route_is_on_the_list() {
    let open = ROUTES.iter().filter(|route| matches!(route.auth, Auth::Open(_)));
    let open: Vec<_> = open.map(key_of).collect();
    let listed: Vec<_> = OPEN.iter().map(|(method, path, _)| (*method, *path)).collect();
    assert_eq!(open, listed);
    let operated = ROUTES.iter().filter(|route| route.auth == Auth::Operator);
    let operated: Vec<_> = operated.map(key_of).collect();
    let listed: Vec<_> = OPERATED.iter().map(|(method, path, _)| (*method, *path)).collect();
    assert_eq!(operated, listed);
}

#[test]
fn whatever_is_under_people_or_subjects_asks_as_a_service() {
    for route in ROUTES {
        let of_people = route.path.starts_with("/api/people") && route.method == Verb::Get
            || route.path.starts_with("/api/people/lookup")
            || route.path.starts_with("/api/households") && route.method == Verb::Get
            || route.path.starts_with("/api/subjects")
            || (route.path, route.method) == ("/api/requests", Verb::Post);
        assert_eq!(of_people, matches!(route.auth, Auth::Service(_)), "{route:?}");
    }
}

/// A served house in which Ada allows marketing, Bob refuses it, and one event is quarantined.
struct Served {
    running: app::command::Running,
    _dir: tempfile::TempDir,
    client: Client,
    ada: String,
    bob: String,
    item: String,
    request: String,
}

impl Served {
    fn new() -> Self {
        let home = Home::memory();
        let Home { house, dir, .. } = home;
        let running = app::command::start(house, "127.0.0.1:0").unwrap();
        let mut client = Client::new(running.address);
        let broken = serde_json::json!({ "type": "trak", "userId": "u" });
        let events = [customer("ada", Some(true)), customer("bob", Some(false)), broken];
        let taken = client.sent(WEB, &batch(&events));
        let item = taken["events"][0]["item"].as_str().unwrap().to_owned();
        let house = Arc::clone(&running.house);
        let find = |email| {
            let blind = house.intake.identifier(IdentifierKind::Email, email).unwrap();
            house.people.lookup(blind).unwrap()[0].to_string()
        };
        let (ada, bob) = (find("ada@post.example"), find("bob@post.example"));
        let body = format!(r#"{{"person":"{bob}","kind":"access","through":"service"}}"#);
        let asked = client.change(PRIVACY, "POST", "/api/requests", &body);
        let request = asked.json()["id"].as_str().unwrap().to_owned();
        Self { running, _dir: dir, client, ada, bob, item, request }
    }

    /// Calls a route about a person and says by how many entries the ledger grew.
    fn call(
        &mut self,
        route: &Route,
        person: &str,
        key: Option<&str>,
        purpose: &str,
    ) -> (Answer, u64) {
        let path = route
            .path
            .replace("{id}", person)
            .replace("{slug}", "web")
            .replace("{request}", &self.request)
            .replace("{recall}", &"0".repeat(32))
            .replace("{item}", &self.item);
        let email = if person == self.ada { "ada" } else { "bob" };
        let query = if route.params.iter().any(|param| param.name == "value") {
            format!("?type=email&value={email}%40post.example")
        } else if route.params.iter().any(|param| param.name == "other") {
            format!("?other={person}")
        } else {
            String::new()
        };
        let body = match route.path {
            "/api/people/lookup" => {
                format!(r#"{{"type":"email","value":"{email}@post.example"}}"#)
            }
            "/api/people/merge" => format!(r#"{{"a":"{}","b":"{}"}}"#, self.ada, self.bob),
            "/api/households/{id}/members" => {
                let other = if person == self.ada { &self.bob } else { &self.ada };
                format!(r#"{{"person":"{other}","together":true}}"#)
            }
            "/api/people/{id}/unmerge" => format!(r#"{{"records":["{}"]}}"#, self.ada),
            "/api/contracts/{id}/signals" => {
                r#"{"grant":"marketing","allowed":true,"signed_in":true}"#.to_owned()
            }
            "/api/requests" => {
                format!(r#"{{"person":"{person}","kind":"access","through":"service"}}"#)
            }
            "/api/requests/{request}/steps" => r#"{"step":"acknowledge"}"#.to_owned(),
            "/api/subjects/{id}/rectify" => r#"{"name":"email","value":"a@b.example"}"#.to_owned(),
            "/api/subjects/{id}/lift" => r#"{"reason":"asked"}"#.to_owned(),
            _ => String::new(),
        };
        let body = if route.request.is_some() { body } else { String::new() };
        let key = key.map(|key| format!("Bearer {key}"));
        let mut headers = vec![("Content-Type", "application/json")];
        headers.extend(key.as_deref().map(|key| ("Authorization", key)));
        if route.purpose {
            headers.push(("Bonafide-Purpose", purpose));
        }
        let before = self.running.house.gate.ledger().size();
        let (method, path) = (route.method.as_str(), format!("{path}{query}"));
        let answer = self.client.call(method, &path, &headers, body.as_bytes()).unwrap();
        (answer, self.running.house.gate.ledger().size() - before)
    }
}

/// A route that reads a person it is told, or finds one by an identifier.
fn is_about_one(route: &Route) -> bool {
    route.path.contains("{id}") || route.path.ends_with("/lookup")
}

#[test]
fn no_key_and_a_wrong_key_open_nothing() {
    let mut served = Served::new();
    let ada = served.ada.clone();
    for route in ROUTES {
        let guarded = matches!(route.auth, Auth::Service(_) | Auth::Recipient | Auth::Operator);
        for key in [None, Some("nobody-0123456789abcdef")] {
            if !guarded {
                continue;
            }
            let (answer, grown) = served.call(route, &ada, key, "marketing");
            assert_eq!((answer.status, grown), (401, 0), "{route:?}: {}", answer.text());
        }
    }
}

#[test]
fn a_service_without_the_purpose_is_refused_and_the_refusal_is_recorded() {
    let mut served = Served::new();
    let ada = served.ada.clone();
    for route in ROUTES.iter().filter(|route| matches!(route.auth, Auth::Service(_))) {
        for key in [MUTE, ANALYST] {
            let (answer, grown) = served.call(route, &ada, Some(key), "marketing");
            assert_eq!(answer.status, 403, "{route:?}: {}", answer.text());
            assert_eq!(answer.json()["code"], "not_authorised", "{route:?}");
            assert!(grown >= 1, "{route:?}: the refusal is not in the ledger");
        }
    }
}

#[test]
fn a_service_that_does_not_operate_changes_nothing() {
    let mut served = Served::new();
    let ada = served.ada.clone();
    for route in ROUTES.iter().filter(|route| route.auth == Auth::Operator) {
        let (answer, grown) = served.call(route, &ada, Some(NEWSLETTER), "marketing");
        assert_eq!((answer.status, grown), (403, 0), "{route:?}: {}", answer.text());
    }
}

#[test]
fn what_the_person_did_not_grant_is_refused_by_name_and_recorded() {
    let mut served = Served::new();
    let bob = served.bob.clone();
    for route in ROUTES.iter().filter(|route| route.purpose) {
        let (answer, grown) = served.call(route, &bob, Some(NEWSLETTER), "marketing");
        assert!(grown >= 1, "{route:?}: the decision is not in the ledger");
        assert!(!answer.text().contains("bob@"), "{route:?}: {}", answer.text());
        if route.path.ends_with("/lookup") {
            assert_eq!(answer.status, 404, "{route:?}: {}", answer.text());
            assert!(answer.text().contains("marketing"), "{route:?}: {}", answer.text());
        } else if is_about_one(route) {
            assert_eq!(answer.status, 403, "{route:?}: {}", answer.text());
            assert_eq!(answer.json()["grant"], "marketing", "{route:?}");
        } else {
            assert_eq!(answer.json()["people"], 1, "{route:?}: only Ada");
        }
    }
}

#[test]
fn what_the_person_granted_is_answered_and_recorded() {
    let mut served = Served::new();
    let ada = served.ada.clone();
    for route in ROUTES.iter().filter(|route| route.purpose) {
        let (answer, grown) = served.call(route, &ada, Some(NEWSLETTER), "marketing");
        assert_eq!(answer.status, 200, "{route:?}: {}", answer.text());
        assert!(grown >= 1, "{route:?}: the use is not in the ledger");
        assert!(answer.json()["entry"].is_u64() || answer.json()["profiles"].is_array());
    }
}

#[test]
fn a_purpose_must_be_named() {
    let mut served = Served::new();
    let ada = served.ada.clone();
    for route in ROUTES.iter().filter(|route| route.purpose) {
        for (purpose, status) in [("", 400), ("spying", 400), ("marketing/fax", 403)] {
            let (answer, _) = served.call(route, &ada, Some(NEWSLETTER), purpose);
            assert_eq!(answer.status, status, "{route:?} {purpose}: {}", answer.text());
        }
    }
}

/// Runs last what changes the house: each change by an operator leaves its entry.
#[test]
fn what_an_operator_does_to_data_is_recorded() {
    for (method, path, recorded) in OPERATED {
        let mut served = Served::new();
        let route = ROUTES.iter().find(|route| key_of(route) == (*method, *path)).unwrap();
        let ada = served.ada.clone();
        if path.ends_with("/unmerge") {
            let merge = ROUTES.iter().find(|route| route.path.ends_with("/merge")).unwrap();
            assert_eq!(served.call(merge, &ada, Some(PRIVACY), "").0.status, 200);
        }
        let (answer, grown) = served.call(route, &ada, Some(PRIVACY), "");
        if *recorded {
            assert_eq!(answer.status, 200, "{route:?}: {}", answer.text());
            assert!(grown >= 1, "{route:?}: it is not in the ledger");
        }
        assert!(!answer.text().contains("ada@"), "{route:?}: {}", answer.text());
    }
}
