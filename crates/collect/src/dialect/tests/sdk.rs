//! What each SDK puts on the wire.

use super::*;
use crate::consent::ConsentSubject;

struct Request {
    path: &'static str,
    query: &'static str,
    headers: &'static [(&'static str, &'static str)],
    gzip: bool,
    body: &'static str,
}

const PLAIN: Request =
    Request { path: "/v1/batch", query: "", headers: &[], gzip: false, body: "" };

/// The key and the messages of a request.
fn check(request: &Request, key: Option<&str>, wanted: &[&str]) {
    let headers = headers(request.query, request.headers);
    let body = if request.gzip { gzip(request.body.as_bytes()) } else { request.body.into() };
    let intake = read(request.path, &headers, &body).unwrap();
    assert_eq!(intake.write_key.as_ref().map(WriteKey::expose), key, "{}", request.body);
    let seen: Vec<_> = intake.items.iter().map(|item| shown(item.as_ref().unwrap())).collect();
    assert_eq!(seen, wanted, "{}", request.body);
}

#[test]
fn segment_for_node() {
    let body = r#"{"batch":[{"type":"track","event":"Sold","userId":"u1","properties":{"n":1},
        "timestamp":"2026-11-24T02:00:00.000Z","messageId":"node-next-1-a","_metadata":{},
        "context":{"library":{"name":"@segment/analytics-node"}},"integrations":{}}],
        "writeKey":"K","sentAt":"2026-11-24T02:00:01.000Z"}"#;
    let basic = &[("authorization", "Basic Szo="), ("content-type", "application/json")];
    let wanted = "track u1 - Sold node-next-1-a 1795485600000 1795485601000 {} {\"n\":1}";
    check(&Request { headers: basic, body, ..PLAIN }, Some("K"), &[wanted]);
}

#[test]
fn segment_for_node_before_version_1() {
    let body = r#"{"batch":[{"type":"identify","userId":7,"traits":{"a":null},"messageId":"m"}],
        "timestamp":"2026-11-24T02:00:00.000Z","sentAt":"2026-11-24T02:00:01.000Z"}"#;
    let wanted = "identify 7 - - m - 1795485601000 {\"a\":null} {}";
    check(
        &Request { headers: &[("authorization", "Basic Szo=")], body, ..PLAIN },
        Some("K"),
        &[wanted],
    );
}

#[test]
fn segment_for_python_without_any_header() {
    let body = r#"{"batch": [{"integrations": {}, "anonymousId": null, "properties": {"x": 1.5},
        "timestamp": "2026-11-24T02:00:00.123456+00:00", "context": {"library": {}},
        "userId": "u1", "type": "track", "event": "Sold", "messageId": "b7"}],
        "sentAt": "2026-11-24T02:00:01.123456+00:00", "writeKey": "K"}"#;
    let wanted = "track u1 - Sold b7 1795485600123 1795485601123 {} {\"x\":1.5}";
    check(&Request { body, ..PLAIN }, Some("K"), &[wanted]);
    check(&Request { body, gzip: true, ..PLAIN }, Some("K"), &[wanted]);
}

#[test]
fn segment_in_the_browser() {
    let body = r#"{"timestamp":"2026-11-24T02:00:00.000Z","integrations":{},"type":"page",
        "properties":{"path":"/"},"category":"Docs","name":"Home","anonymousId":"a1","userId":null,
        "context":{"page":{"path":"/"}},"messageId":"ajs-next-1-b","writeKey":"K",
        "sentAt":"2026-11-24T02:00:00.500Z","_metadata":{"bundled":["Segment.io"]}}"#;
    let request =
        Request { path: "/v1/p", headers: &[("content-type", "text/plain")], body, ..PLAIN };
    let wanted = "page - a1 Home ajs-next-1-b 1795485600000 1795485600500 {} \
        {\"path\":\"/\",\"category\":\"Docs\"}";
    check(&request, Some("K"), &[wanted]);
    let batch: String = format!(r#"{{"batch":[{body}],"sentAt":"2026-11-24T02:00:09Z"}}"#);
    let request = Request { path: "/v1/b", body: Box::leak(batch.into_boxed_str()), ..PLAIN };
    check(&request, Some("K"), &[wanted]);
}

#[test]
fn rudder_for_node_with_the_wrong_content_type() {
    let body = r#"{"batch":[{"type":"group","groupId":"g","userId":"u","traits":{"size":3},
        "originalTimestamp":"2026-11-24T02:00:00.000Z","sentAt":"2026-11-24T02:00:02.000Z",
        "timestamp":"2026-11-24T01:00:00.000Z","messageId":"m","channel":"server"}]}"#;
    let headers = &[
        ("Authorization", "Basic Szo="),
        ("Content-Type", "application/x-www-form-urlencoded"),
        ("Content-Encoding", "gzip"),
    ];
    let wanted = "group u - - m 1795485600000 1795485602000 {\"size\":3} {}";
    check(&Request { headers, body, gzip: true, ..PLAIN }, Some("K"), &[wanted]);
    // A proxy decompressed it and left the header.
    check(&Request { headers, body, ..PLAIN }, Some("K"), &[wanted]);
}

#[test]
fn rudder_in_the_browser() {
    let body = r#"{"properties":{"name":"Home"},"userId":"","channel":"web","messageId":"m",
        "originalTimestamp":"2026-11-24T02:00:00.000Z","type":"page","integrations":{"All":true},
        "context":{"traits":{"tier":"gold"}}}"#;
    let headers = &[
        ("authorization", "Basic Szo="),
        ("anonymousid", "YTE="),
        ("sentat", "2026-11-24T02:00:03.000Z"),
        ("rsa-recovered", "true"),
    ];
    let wanted = "page - a1 Home m 1795485600000 1795485603000 {} {\"name\":\"Home\"}";
    check(&Request { path: "/v1/page", headers, body, ..PLAIN }, Some("K"), &[wanted]);
    let body = r#"{"type":"identify","userId":"u","messageId":"m","traits":{"a":1},
        "context":{"traits":{"a":2,"b":3}}}"#;
    let wanted = "identify u - - m - - {\"a\":1,\"b\":3} {}";
    let query = "writeKey=K";
    check(&Request { path: "/v1/identify", query, body, ..PLAIN }, Some("K"), &[wanted]);
    let body =
        r#"{"batch":[{"type":"identify","userId":"u","messageId":"m","traits":{"a":1,"b":3}}]}"#;
    check(&Request { path: "/beacon/v1/batch", query, body, ..PLAIN }, Some("K"), &[wanted]);
}

#[test]
fn jitsu() {
    let body = r#"{"type":"track","event":"sold","userId":null,"anonymousId":"a","messageId":"m",
        "timestamp":"2026-11-24T02:00:00.000Z","writeKey":"key:***","properties":[]}"#;
    let request = Request { headers: &[("x-write-key", "key:secret")], body, ..PLAIN };
    let wanted = "track - a sold m 1795485600000 - {} {}";
    for path in ["/api/s/track", "/api/s/s2s/track", "/v1/api/s/track", "/api/s/event"] {
        check(&Request { path, ..request }, Some("key:secret"), &[wanted]);
    }
}

#[test]
fn pixels() {
    let check = |query: &str, key: Option<&str>, wanted: &str| {
        let path = IntakePath::of("GET", "/pixel/v1/track").unwrap();
        let intake = read_body(b"", &headers(query, &[]), &path, &LIMITS).unwrap();
        assert_eq!(intake.write_key.as_ref().map(WriteKey::expose), key);
        assert_eq!(intake.items.len(), 1);
        assert_eq!(shown(intake.items[0].as_ref().unwrap()), wanted);
    };
    check(
        "writeKey=K&anonymousId=a&event=Opened+mail&properties.mail.id=3",
        Some("K"),
        "track - a Opened mail - - - {} {\"mail\":{\"id\":\"3\"}}",
    );
    check(
        "data=eyJ3cml0ZUtleSI6IksiLCJ1c2VySWQiOiJ1IiwiZXZlbnQiOiJPIn0",
        Some("K"),
        "track u - O - - - {} {}",
    );
}

#[test]
fn the_envelope_lies_under_its_items() {
    let body = r#"{"batch":[{"userId":"u","type":"track","event":"e","context":{"a":{"b":1}},
        "integrations":{"All":false}}],"context":{"a":{"b":2,"c":3},"ip":"x"},
        "integrations":{"All":true,"Y":true}}"#;
    let read = read("/v1/batch", &IntakeHeaders::default(), body.as_bytes()).unwrap();
    let message = read.items[0].as_ref().unwrap();
    assert_eq!(message.context.reveal().to_string(), r#"{"a":{"b":1,"c":3},"ip":"x"}"#);
    assert_eq!(message.integrations.reveal().to_string(), r#"{"All":false,"Y":true}"#);
}

#[test]
fn consent_is_read_in_every_dialect() {
    let check = |context: &str, header: &[(&str, &str)], wanted: &[(&str, bool)]| {
        let body = format!(r#"{{"type":"page","userId":"u","context":{{{context}}}}}"#);
        let read = read("/v1/page", &headers("", header), body.as_bytes()).unwrap();
        let words = &read.items[0].as_ref().unwrap().consent;
        let seen: Vec<_> = words
            .iter()
            .map(|word| match &word.subject {
                ConsentSubject::Category(id) => (id.as_str(), word.allowed),
                ConsentSubject::Gpc => ("gpc", word.allowed),
                ConsentSubject::Tcf(text) | ConsentSubject::Gpp(text) => {
                    (&**text.string.reveal(), word.allowed)
                }
                ConsentSubject::Purpose(_) => ("purpose", word.allowed),
                ConsentSubject::EveryCategory => ("everything", word.allowed),
            })
            .collect();
        assert_eq!(seen, wanted, "{context}");
    };
    check("", &[], &[]);
    check(r#""consent":null"#, &[("sec-gpc", "1")], &[("gpc", false)]);
    let segment = r#""consent":{"categoryPreferences":{"ads":true,"sale":false}}"#;
    check(segment, &[], &[("ads", true), ("sale", false)]);
    check(r#""consent":{}"#, &[], &[]);
    check(r#""consent":{"categoryPreferences":{}}"#, &[], &[("everything", false)]);
    check(r#""consent":{"gpc":true}"#, &[], &[("gpc", false)]);
    check(r#""consent":{"gpc":false}"#, &[], &[]);
    let rudder = r#""consentManagement":{"provider":"custom","allowedConsentIds":["a"],
        "deniedConsentIds":["b"],"resolutionStrategy":"or"}"#;
    check(rudder, &[], &[("a", true), ("b", false)]);
    check(r#""consent":{"tcf":"CO","gpp":"DB"}"#, &[], &[("CO", false), ("DB", false)]);
    check("", &[("x-consent-tcf", "CO"), ("x-consent-gpp", "DB")], &[("CO", false), ("DB", false)]);
}

/// From the wire to purposes, for a source that maps no category.
#[test]
fn iab_strings_become_signals_about_purposes() {
    use model::Purpose::{
        Analytics, CrossContextAdvertising as Ads, ModelTraining, Personalisation,
        ThirdPartySharing as Sharing,
    };
    let check = |consent: &str, header: &[(&str, &str)], wanted: &[(model::Purpose, bool)]| {
        let body = format!(r#"{{"type":"page","userId":"u","context":{{"consent":{consent}}}}}"#);
        let read = read("/v1/page", &headers("", header), body.as_bytes()).unwrap();
        let message = read.items[0].as_ref().unwrap();
        let map = crate::consent::ConsentMap::default();
        let verdicts = map.verdicts(&message.consent, message.resolution);
        assert_eq!(verdicts.purposes, wanted, "{consent} {header:?}");
    };
    let tcf = crate::consent::encode::tcf(&[1, 2, 3, 4, 7, 8, 9]);
    let yes = &[(Personalisation, false), (Analytics, true), (ModelTraining, false), (Ads, true)];
    check(&format!(r#"{{"tcf":"{tcf}"}}"#), &[], yes);
    check("{}", &[("x-consent-tcf", &tcf)], yes);
    let no = &[(Sharing, false), (Ads, false)];
    check(r#"{"gpp":"DBABL~BVQVAAAAAg"}"#, &[], no);
    check("{}", &[("x-consent-gpp", "DBABL~BVQqAAAAAgA.YA")], no);
    check(r#"{"gpp":"DBABL~BVQqAAAAAg"}"#, &[], &[]);
    let both = &[
        (Personalisation, false),
        (Analytics, true),
        (ModelTraining, false),
        (Sharing, false),
        (Ads, false),
    ];
    check(&format!(r#"{{"tcf":"{tcf}"}}"#), &[("x-consent-gpp", "DBABTA~1YYN")], both);
    check(r#"{"tcf":"CO"}"#, &[("sec-gpc", "1")], no);
}

#[test]
fn the_reserved_event_is_known() {
    let event = |name| format!(r#"{{"userId":"u","type":"track","event":"{name}"}}"#);
    assert!(message(&event("Segment Consent Preference Updated")).preference);
    assert!(!message(&event("Preference Updated")).preference);
}

#[test]
fn ids_are_texts_whatever_they_came_as() {
    for (id, wanted) in [
        ("\"x\"", Some("x")),
        ("7", Some("7")),
        ("-7", Some("-7")),
        ("18446744073709551615", Some("18446744073709551615")),
        ("7.0", Some("7")),
        ("\"\"", None),
        ("\" \"", None),
        ("null", None),
    ] {
        let read = message(&format!(r#"{{"anonymousId":"a","userId":{id},"type":"page"}}"#));
        assert_eq!(read.user_id, wanted.map(|id| Sensitive::new(id.to_owned())), "{id}");
    }
}

#[test]
fn oddities_are_noted() {
    let check = |fields: &str, notes: &[Note]| {
        let read = message(&format!(r#"{{"userId":"a","type":"page",{fields}}}"#));
        assert_eq!(read.notes, notes, "{fields}");
    };
    let long = "x".repeat(101);
    check(r#""messageId":"m""#, &[]);
    check(r#""messageId":null"#, &[Note::NoMessageId]);
    check(&format!(r#""messageId":"{long}""#), &[Note::LongMessageId]);
    check(r#""messageId":"m","sentAt":"soon""#, &[Note::UnreadableSentAt]);
    check(r#""messageId":"m","timestamp":"2026-01-02T03:04:05""#, &[Note::NoZone]);
    check(r#""messageId":"m","shoe":1,"size":2"#, &[Note::UnknownFields]);
    let consent =
        |strings: &str| format!(r#""messageId":"m","context":{{"consent":{{{strings}}}}}"#);
    check(&consent(r#""tcf":"CO","gpp":"DBABL~BVQVAAAAAg""#), &[Note::UnreadConsent]);
    check(&consent(r#""gpp":"DBABL~BVQVAAAAAg""#), &[]);
}
