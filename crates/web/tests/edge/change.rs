//! Operators change what belongs together, what is allowed, who sends, and what was refused.

use crate::house::{House, NEWS};
use serde_json::json;

#[tokio::test]
async fn only_operators_change_anything() {
    let house = House::new();
    for route in web::ROUTES.iter().filter(|route| route.auth == web::Auth::Operator) {
        let path = route.path.replace("{id}", "x").replace("{slug}", "x").replace("{item}", "x");
        let answer = house.service(NEWS, route.method.as_str(), &path, "").await;
        assert_eq!(answer.status, 403, "{route:?}: {}", answer.text());
        assert_eq!(answer.json()["code"], "not_operator");
        let answer = house.call(route.method.as_str(), &path, &[], "").await;
        assert_eq!(
            (answer.status.as_u16(), answer.json()["code"].as_str()),
            (401, Some("missing_key"))
        );
        assert!(answer.header("www-authenticate").is_some());
    }
}

#[tokio::test]
async fn people_are_merged_and_unmerged() {
    let house = House::new();
    let a = house.customer("u1", "a@shop-customers.net").await;
    let b = house.customer("u2", "b@shop-customers.net").await;
    assert_ne!(a, b);
    let body = json!({ "a": a, "b": b }).to_string();
    let merged = house.office("POST", "/api/people/merge", &body).await;
    assert_eq!(merged.status, 200, "{}", merged.text());
    let one = merged.json()["person"].as_str().unwrap().to_owned();
    let path = format!("/api/people/{b}?purpose=subject_access");
    let profile = house.office("GET", &path, "").await.json();
    assert_eq!(profile["person"], one);
    assert_eq!(profile["records"].as_array().unwrap().len(), 2);
    let cut = json!({ "records": [b] }).to_string();
    let path = format!("/api/people/{one}/unmerge");
    let apart = house.office("POST", &path, &cut).await;
    assert_eq!(apart.status, 200, "{}", apart.text());
    assert_eq!(apart.json()["apart"], b);
    let again = house.office("POST", &path, &json!({ "records": [one] }).to_string()).await;
    assert_eq!(
        (again.status.as_u16(), again.json()["code"].as_str()),
        (404, Some("unknown_person"))
    );
    let bad = house.office("POST", &path, r#"{"records":["x"]}"#).await;
    assert_eq!(
        (bad.status.as_u16(), bad.json()["place"].as_str()),
        (400, Some("body: records[0]"))
    );
}

#[tokio::test]
async fn a_word_from_the_future_is_refused() {
    let house = House::new();
    let person = house.customer("u1", "a@shop-customers.net").await;
    let path = format!("/api/contracts/{person}/signals");
    for (body, code) in [
        (
            json!({ "grant": "marketing", "allowed": true, "at": "2030-01-01T00:00:00Z" }),
            "bad_body",
        ),
        (json!({ "grant": "marketing", "allowed": true, "at": "soon" }), "bad_body"),
        (json!({ "grant": "marketing/fax", "allowed": true }), "unknown_grant"),
        (json!({ "grant": "spying", "allowed": true }), "unknown_purpose"),
        (json!({ "grant": "marketing", "allowed": "yes" }), "bad_body"),
    ] {
        let answer = house.office("POST", &path, &body.to_string()).await;
        assert_eq!(answer.json()["code"], code, "{body}");
    }
}

#[tokio::test]
async fn an_erased_person_is_gone() {
    let house = House::new();
    let person = house.customer("u1", "a@shop-customers.net").await;
    let path = format!("/api/subjects/{person}");
    let refused = house.service(NEWS, "DELETE", &path, "").await;
    assert_eq!(refused.json()["code"], "not_authorised");
    let erased = house.office("DELETE", &path, "").await;
    assert_eq!(erased.status, 200, "{}", erased.text());
    assert_eq!(erased.json()["records"], 1);
    let look =
        house.office("GET", &format!("/api/people/{person}?purpose=subject_access"), "").await;
    assert_eq!(look.status, 404);
    assert_eq!(house.office("DELETE", &path, "").await.status, 404);
}

#[tokio::test]
async fn sources_are_put_shown_and_removed() {
    let house = House::new();
    let body =
        json!({ "kind": "app", "write_keys": ["app-write-key"], "country": "DE" }).to_string();
    let put = house.office("PUT", "/api/sources/app", &body).await;
    assert_eq!(put.status, 200, "{}", put.text());
    assert!(!put.text().contains("app-write-key"));
    let shown = house.office("GET", "/api/sources/app", "").await;
    assert_eq!(shown.json()["kind"], "app");
    assert_eq!(shown.text(), put.text());
    // What is shown can be put back as it is.
    let again = house.office("PUT", "/api/sources/app", &shown.text()).await;
    assert_eq!(again.text(), shown.text());
    let event = json!({ "userId": "u1", "event": "Seen" }).to_string();
    let sent = house.call("POST", "/v1/track", &[("x-write-key", "app-write-key")], event).await;
    assert_eq!(sent.status, 200);

    let sources = house.office("GET", "/api/sources", "").await.json();
    assert_eq!(sources["sources"].as_array().unwrap().len(), 3);
    for (path, body, status, code) in [
        ("/api/sources/shop", "{}", 409, "conflict"),
        ("/api/sources/other", r#"{"write_keys":["app-write-key"]}"#, 409, "conflict"),
        ("/api/sources/other", r#"{"slug":"another"}"#, 400, "bad_body"),
        ("/api/sources/other", r#"{"colour":1}"#, 400, "bad_body"),
        ("/api/sources/Other", "{}", 400, "bad_body"),
    ] {
        let answer = house.office("PUT", path, body).await;
        assert_eq!(
            (answer.status.as_u16(), answer.json()["code"].as_str()),
            (status, Some(code)),
            "{path} {body}"
        );
    }
    assert_eq!(house.office("DELETE", "/api/sources/app", "").await.status, 200);
    assert_eq!(house.office("DELETE", "/api/sources/app", "").await.status, 404);
    assert_eq!(house.office("GET", "/api/sources/app", "").await.status, 404);
}

#[tokio::test]
async fn what_was_refused_is_mended_and_sent_again() {
    let house = House::new();
    let bad = json!({ "type": "track", "event": "Seen", "messageId": "m1", "properties": { "email": "a@shop-customers.net" } });
    let answer = house.shop("/v1/batch", json!({ "batch": [bad] })).await.json();
    let item = answer["events"][0]["item"].as_str().unwrap().to_owned();
    let list = house.office("GET", "/api/quarantine", "").await;
    assert!(!list.text().contains("shop-customers"));
    assert_eq!(list.json()["items"][0]["item"], item);
    assert_eq!(list.json()["items"][0]["source"], "shop");
    let path = format!("/api/quarantine/{item}");
    let opened = house.office("GET", &path, "").await;
    assert_eq!(opened.json()["event"]["batch"][0]["messageId"], "m1", "{}", opened.text());

    let same = house.office("POST", &format!("{path}/replay"), "").await.json();
    assert_eq!(
        (same["status"].as_str(), same["dropped"].as_bool()),
        (Some("quarantined"), Some(false))
    );
    assert_eq!(same["item"], item, "refused again, it is the same item");
    let mended = json!({ "type": "track", "event": "Seen", "messageId": "m1", "userId": "u1" });
    let mended = house.office("POST", &format!("{path}/replay"), &mended.to_string()).await.json();
    assert_eq!(
        (mended["status"].as_str(), mended["dropped"].as_bool()),
        (Some("accepted"), Some(true))
    );
    assert_eq!(house.office("GET", &path, "").await.status, 404);
    assert_eq!(house.office("GET", "/api/quarantine", "").await.json()["items"], json!([]));
}

#[tokio::test]
async fn what_was_refused_can_be_dropped() {
    let house = House::new();
    let bad = json!({ "type": "track", "event": "Seen", "messageId": "m1" });
    for _ in 0..2 {
        let answer = house.shop("/v1/batch", json!({ "batch": [&bad] })).await.json();
        assert_eq!(answer["events"][0]["status"], "quarantined");
    }
    let list = house.office("GET", "/api/quarantine", "").await.json();
    assert_eq!(list["items"].as_array().unwrap().len(), 1, "sent again, it is the same item");
    let item = list["items"][0]["item"].as_str().unwrap();
    let dropped = house.office("DELETE", &format!("/api/quarantine/{item}"), "").await;
    assert_eq!(dropped.json()["item"], item);
    assert_eq!(house.office("GET", "/api/quarantine", "").await.json()["items"], json!([]));
}
