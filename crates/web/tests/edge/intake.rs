//! What SDKs send, in every form they send it, and what they are answered.

use crate::house::{CLOSED, House, SHOP};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use flate2::Compression;
use flate2::write::GzEncoder;
use serde_json::json;
use std::io::Write;

const DONE: &str = r#"{"success":true,"ok":true}"#;

fn track(id: &str) -> serde_json::Value {
    json!({ "type": "track", "event": "Seen", "userId": "u1", "messageId": id })
}

fn batch(id: &str) -> String {
    json!({ "batch": [track(id)] }).to_string()
}

fn basic(key: &str) -> String {
    format!("Basic {}", STANDARD.encode(format!("{key}:")))
}

#[tokio::test]
async fn a_key_is_taken_from_the_first_place_that_has_one() {
    let house = House::new();
    let (good, bad) = (basic(SHOP), basic("nobody"));
    let in_body = |key: &str| json!({ "batch": [track("m")], "writeKey": key }).to_string();
    let in_event = json!({ "batch": [{
        "type": "track", "event": "Seen", "userId": "u1", "messageId": "m", "writeKey": SHOP,
    }] });
    for (query, headers, body, status) in [
        ("", vec![("authorization", good.as_str())], in_body("nobody"), 200),
        ("", vec![("authorization", bad.as_str()), ("x-write-key", SHOP)], in_body(SHOP), 401),
        ("?writeKey=nobody", vec![("x-write-key", SHOP)], in_body("id:***"), 200),
        ("?writeKey=shop-write-key", vec![], in_body("nobody"), 200),
        ("?writekey=shop-write-key", vec![], batch("m"), 200),
        ("", vec![], in_body(SHOP), 200),
        ("", vec![("authorization", "Bearer token")], in_body(SHOP), 200),
        ("", vec![], in_event.to_string(), 200),
        ("", vec![], batch("m"), 401),
        ("", vec![("authorization", bad.as_str())], batch("m"), 401),
    ] {
        let path = format!("/v1/batch{query}");
        let answer = house.call("POST", &path, &headers, body).await;
        assert_eq!(answer.status, status, "{query} {headers:?}: {}", answer.text());
    }
}

#[tokio::test]
async fn every_spelling_and_media_type_is_taken() {
    let house = House::new();
    for (index, path) in [
        "/v1/batch",
        "/v1/batch/",
        "/batch",
        "/batch/",
        "/v1/v1/batch",
        "/v1/b",
        "/v1/import",
        "/v1/t",
        "/t",
        "/t/",
        "/v1/track",
        "/track",
        "/beacon/v1/batch",
        "/beacon/batch",
        "/api/s/track",
        "/api/s/s2s/batch",
        "/api/s/s2s/track/",
    ]
    .into_iter()
    .enumerate()
    {
        for media in
            ["application/json;charset=UTF-8", "text/plain", "application/x-www-form-urlencoded"]
        {
            let headers = [("x-write-key", SHOP), ("content-type", media)];
            let body = batch(&format!("{index}-{media}"));
            let answer = house.call("POST", path, &headers, body).await;
            assert_eq!((answer.status.as_u16(), answer.text().as_str()), (200, DONE), "{path}");
            assert_eq!(answer.header("content-type"), Some("application/json"));
        }
    }
}

#[tokio::test]
async fn gzip_is_read_whatever_the_headers_say() {
    let house = House::new();
    for (index, headers) in [
        vec![("content-encoding", "gzip")],
        vec![("content-encoding", "gzip"), ("content-type", "application/x-www-form-urlencoded")],
        vec![],
    ]
    .into_iter()
    .enumerate()
    {
        let mut packed = GzEncoder::new(Vec::new(), Compression::default());
        packed.write_all(batch(&index.to_string()).as_bytes()).unwrap();
        let headers: Vec<_> = headers.into_iter().chain([("x-write-key", SHOP)]).collect();
        let answer = house.call("POST", "/v1/batch", &headers, packed.finish().unwrap()).await;
        assert_eq!(answer.text(), DONE, "{headers:?}");
    }
}

#[tokio::test]
async fn what_cannot_be_taken_is_answered_with_code_message_and_remedy() {
    let house = House::new();
    let long = "x".repeat(5 << 20);
    for (key, body, status, code) in [
        (SHOP, "{", 400, None),
        (SHOP, "", 400, Some("body_empty")),
        (SHOP, long.as_str(), 413, Some("body_too_large")),
        ("nobody", r#"{"batch":[]}"#, 401, Some("unknown_write_key")),
        ("", r#"{"batch":[]}"#, 401, Some("missing_write_key")),
        (CLOSED, r#"{"batch":[]}"#, 403, Some("source_disabled")),
    ] {
        let answer =
            house.call("POST", "/v1/batch", &[("x-write-key", key)], body.to_owned()).await;
        assert_eq!(answer.status, status, "{}", answer.text());
        let json = answer.json();
        assert_eq!(json["success"], false);
        for part in ["code", "message", "remedy"] {
            assert!(json[part].as_str().is_some_and(|text| !text.is_empty()), "{part}: {json}");
        }
        if let Some(code) = code {
            assert_eq!(json["code"], code);
        }
    }
}

#[tokio::test]
async fn good_events_do_not_suffer_from_bad_neighbours() {
    let house = House::new();
    let nobody = json!({ "type": "track", "event": "Seen", "messageId": "n" });
    let events = json!({ "batch": [track("a"), nobody, track("a")] });
    let answer = house.shop("/v1/batch", events).await;
    assert_eq!(answer.status, 200);
    let json = answer.json();
    assert_eq!((json["success"].as_bool(), json["accepted"].as_u64()), (Some(true), Some(1)));
    let events = json["events"].as_array().unwrap();
    assert_eq!(events.len(), 2, "{json}");
    assert_eq!((&events[0]["index"], &events[0]["status"]), (&json!(1), &json!("quarantined")));
    assert!(events[0]["code"].is_string());
    assert_eq!(events[0]["item"].as_str().unwrap().len(), 32);
    assert_eq!(events[1], json!({ "index": 2, "status": "duplicate" }));
}

#[tokio::test]
async fn a_pixel_is_a_picture_whatever_happens() {
    let house = House::new();
    for path in [
        "/pixel/v1/page?writeKey=shop-write-key&anonymousId=a1",
        "/pixel/v1/track?writeKey=nobody",
        "/pixel/v1/nonsense",
        "/api/px/page/",
    ] {
        let answer = house.call("GET", path, &[], "").await;
        assert_eq!(answer.status, 200, "{path}");
        assert_eq!(answer.header("content-type"), Some("image/gif"));
        assert!(answer.bytes.starts_with(b"GIF89a"));
    }
}

#[tokio::test]
async fn a_client_s_metrics_are_thanked_for() {
    let house = House::new();
    for body in [r#"{"series":[]}"#, "", "nonsense"] {
        let headers = [("content-type", "text/plain")];
        let answer = house.call("POST", "/v1/m", &headers, body).await;
        assert_eq!((answer.status.as_u16(), answer.text().as_str()), (200, DONE));
    }
}

#[tokio::test]
async fn browsers_get_settings_that_let_them_send() {
    let house = House::new();
    let path = format!("/v1/projects/{SHOP}/settings");
    let headers = [("host", "cdp.example:8080"), ("origin", "https://shop.example")];
    let settings = house.call("GET", &path, &headers, "").await.json();
    let segment = &settings["integrations"]["Segment.io"];
    assert_eq!(segment["apiKey"], SHOP);
    assert_eq!(segment["apiHost"], "cdp.example:8080/v1");
    assert_eq!(segment["protocol"], "https");
    assert_eq!(settings["integrations"].as_object().unwrap().len(), 1);
    assert_eq!(settings["metrics"]["sampleRate"], 0);
    assert_eq!(settings["plan"]["track"]["__default"]["enabled"], true);

    let closed = format!("/v1/projects/{CLOSED}/settings");
    assert_eq!(house.call("GET", &closed, &[], "").await.json()["integrations"], json!({}));

    for (key, enabled) in [(SHOP, true), (CLOSED, false)] {
        let key = basic(key);
        let path = "/sourceConfig/?p=npm&v=3.34.1&build=modern&lockIntegrationsVersion=false";
        let config = house.call("GET", path, &[("authorization", &key)], "").await.json();
        assert_eq!(config["source"]["enabled"], enabled);
        assert_eq!(config["source"]["destinations"], json!([]));
        assert_eq!(config["source"]["config"]["statsCollection"]["errors"]["enabled"], false);
    }
}

#[tokio::test]
async fn what_cannot_be_stored_is_not_acknowledged() {
    let house = House::new();
    house.faults.gone(true);
    let answer = house.call("POST", "/v1/batch", &[("x-write-key", SHOP)], batch("m")).await;
    assert_eq!(answer.status, 503);
    assert_eq!(answer.json()["code"], "unavailable");
    assert_eq!(answer.header("retry-after"), Some("1"));
    house.faults.gone(false);
    let answer = house.call("POST", "/v1/batch", &[("x-write-key", SHOP)], batch("m")).await;
    assert_eq!(answer.text(), DONE);
}
