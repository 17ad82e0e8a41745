//! What machines and the public see: health, metrics, the API's description, the ledger.

use crate::house::House;
use gate::Verifier;
use gate::log::{Checkpoint, Hash, Proof, tile, tree};
use serde_json::Value;
use web::{Auth, ROUTES, document};

#[tokio::test]
async fn health_fails_when_a_write_could_not_be_accepted() {
    let house = House::new();
    for path in ["/healthz", "/readyz"] {
        let well = house.call("GET", path, &[], "").await;
        assert_eq!((well.status.as_u16(), well.json()["status"].as_str()), (200, Some("ok")));
    }
    house.faults.gone(true);
    for path in ["/healthz", "/readyz"] {
        let ill = house.call("GET", path, &[], "").await;
        assert_eq!((ill.status.as_u16(), ill.json()["status"].as_str()), (503, Some("failing")));
        assert!(ill.json()["reason"].is_string());
    }
    house.faults.gone(false);
    assert_eq!(house.call("GET", "/healthz", &[], "").await.status, 200);
}

#[tokio::test]
async fn a_room_s_failure_is_not_told_outside() {
    let house = House::new();
    let person = house.customer("u1", "a@shop-customers.net").await;
    house.faults.gone(true);
    let path = format!("/api/people/{person}?purpose=subject_access");
    let answer = house.office("GET", &path, "").await;
    assert_eq!(answer.status, 503);
    assert_eq!(answer.json()["code"], "unavailable");
    assert!(!answer.text().contains("test"), "{}", answer.text());
}

#[tokio::test]
async fn metrics_can_be_read_by_prometheus() {
    let house = House::new();
    let person = house.customer("u1", "a@shop-customers.net").await;
    house.office("GET", &format!("/api/people/{person}?purpose=marketing"), "").await;
    let answer = house.call("GET", "/metrics", &[], "").await;
    assert_eq!(answer.header("content-type"), Some("text/plain; version=0.0.4; charset=utf-8"));
    let text = answer.text();
    assert!(!text.contains(&person) && !text.contains("shop-customers"));
    let mut described = std::collections::BTreeSet::new();
    for line in text.lines() {
        if let Some(described_now) = line.strip_prefix("# TYPE ") {
            described.insert(described_now.split(' ').next().unwrap().to_owned());
        } else if !line.starts_with('#') {
            let (series, value) = line.rsplit_once(' ').unwrap();
            value.parse::<f64>().unwrap();
            let name = series.split('{').next().unwrap();
            let family = ["_bucket", "_sum", "_count"]
                .iter()
                .find_map(|end| name.strip_suffix(end).filter(|name| described.contains(*name)));
            assert!(described.contains(family.unwrap_or(name)), "{line}");
        }
    }
    for wanted in [
        "bonafide_intake_events_total{status=\"accepted\"} 1",
        "bonafide_gate_asks_total{outcome=\"not_granted\"} 1",
        "bonafide_http_requests_total{method=\"GET\",route=\"/api/people/{id}\",status=\"403\"} 1",
        "bonafide_healthy 1",
    ] {
        assert!(text.lines().any(|line| line == wanted), "{wanted}\n{text}");
    }
    assert!(text.contains("le=\"+Inf\"") && text.contains("process_start_time_seconds "));
}

#[tokio::test]
async fn the_description_covers_every_route() {
    let house = House::new();
    let described = house.call("GET", "/openapi.json", &[], "").await.json();
    assert_eq!(described, document("0.0.0-test"));
    assert_eq!(described["openapi"], "3.1.1");
    let mut ids = std::collections::BTreeSet::new();
    for route in ROUTES {
        let path = route.path.replace("{*", "{");
        let operation = &described["paths"][&path][route.method.as_str().to_lowercase()];
        assert_eq!(operation["summary"], route.summary, "{route:?}");
        assert!(ids.insert(operation["operationId"].as_str().unwrap().to_owned()), "{route:?}");
        let named = operation["parameters"].as_array().unwrap();
        for param in route.params {
            assert!(named.iter().any(|named| named["name"] == param.name), "{route:?}");
        }
    }
    references(&described, &described);
}

/// Every reference leads somewhere.
fn references(whole: &Value, part: &Value) {
    match part {
        Value::Object(map) => {
            if let Some(Value::String(target)) = map.get("$ref") {
                assert!(whole.pointer(target.strip_prefix('#').unwrap()).is_some(), "{target}");
            }
            map.values().for_each(|part| references(whole, part));
        }
        Value::Array(parts) => parts.iter().for_each(|part| references(whole, part)),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
}

#[test]
fn every_route_passes_the_gate_or_says_why_not() {
    for route in ROUTES {
        match route.auth {
            Auth::Open(reason) => assert!(!reason.is_empty(), "{route:?}"),
            Auth::WriteKey => assert!(route.tag == "intake", "{route:?}"),
            Auth::Service(_) => assert!(
                route.purpose
                    || route.path.starts_with("/api/subjects/")
                    || route.path == "/api/requests"
                    // There is one purpose for which households are looked at.
                    || route.path.contains("/household"),
                "{route:?} reads people without a purpose"
            ),
            Auth::Recipient | Auth::Operator => assert!(!route.purpose, "{route:?}"),
        }
    }
}

#[tokio::test]
async fn services_need_a_key_on_every_route_that_is_not_open() {
    let house = House::new();
    for route in ROUTES.iter().filter(|route| matches!(route.auth, Auth::Service(_))) {
        let path = route.path.replace("{id}", &"0".repeat(32));
        let answer = house.call(route.method.as_str(), &path, &[], "").await;
        assert_eq!(
            (answer.status.as_u16(), answer.json()["code"].as_str()),
            (401, Some("missing_key"))
        );
    }
}

#[tokio::test]
async fn anybody_can_verify_the_ledger() {
    let house = House::new();
    house.customer("u1", "a@shop-customers.net").await;
    let get = |path: String| {
        let house = &house;
        async move {
            let answer = house.call("GET", &path, &[], "").await;
            assert_eq!(answer.status, 200, "{path}: {}", answer.text());
            answer
        }
    };
    let key = get("/api/ledger/vkey".to_owned()).await.text();
    let verifier: Verifier = Verifier::parse(key.trim()).unwrap();
    let note = get("/api/ledger/checkpoint".to_owned()).await.text();
    let checkpoint = Checkpoint::open(&note, &verifier).unwrap();
    let size = checkpoint.size;
    assert!(size > 0);
    let bundle = get(format!("/api/ledger/tile/entries/000.p/{size}")).await;
    assert!(bundle.header("cache-control").unwrap().contains("immutable"));
    let entries = tile::entries(&bundle.bytes).unwrap();
    for (index, entry) in entries.iter().enumerate() {
        let proof = get(format!("/api/ledger/proof/{index}")).await.text();
        Proof::parse(&proof).unwrap().verify(entry, &verifier).unwrap();
    }
    let proof = get(format!("/api/ledger/consistency?from=1&to={size}")).await.json();
    let hashes: Vec<_> = proof["proof"]
        .as_array()
        .unwrap()
        .iter()
        .map(|hash| Hash::parse(hash.as_str().unwrap()).unwrap())
        .collect();
    let first = Hash::leaf(entries[0]);
    assert!(tree::consistency_holds((1, first), (size, checkpoint.root), &hashes));

    for (path, status) in [
        ("/api/ledger/proof/99999", 404),
        ("/api/ledger/proof/x", 400),
        ("/api/ledger/tile/9/000", 404),
        ("/api/ledger/tile/../../etc", 400),
        ("/api/ledger/consistency", 400),
        ("/api/ledger/consistency?from=9&to=99999", 404),
    ] {
        assert_eq!(house.call("GET", path, &[], "").await.status, status, "{path}");
    }
}

#[tokio::test]
async fn pages_are_plain_and_strict() {
    let house = House::new();
    for path in ["/", "/problems"] {
        let page = house.call("GET", path, &[], "").await;
        assert_eq!(page.status, 200);
        assert!(page.header("content-security-policy").unwrap().starts_with("default-src 'none'"));
        assert_eq!(page.header("x-content-type-options"), Some("nosniff"));
        assert!(page.text().contains("<html lang=\"en\">") && !page.text().contains("<script"));
    }
}

#[tokio::test]
async fn what_is_not_there_is_a_problem_too() {
    let house = House::new();
    for (method, path, status, code) in [
        ("GET", "/nowhere", 404, "unknown_route"),
        ("GET", "/v1/batch", 405, "method_not_allowed"),
        ("PATCH", "/api/people", 405, "method_not_allowed"),
    ] {
        let answer = house.call(method, path, &[], "").await;
        assert_eq!(answer.status, status);
        let problem = answer.json();
        assert_eq!(problem["code"], code);
        assert_eq!(problem["type"], format!("/problems#{code}"));
        assert!(answer.header("x-request-id").is_some());
    }
}
