//! Bodies that are broken, hostile or too large.

use super::*;

const GOOD: &str = r#"{"type":"page","userId":"u"}"#;

/// A bad item between two good ones: they survive, and it says what is wrong and where.
fn check(item: &[u8], code: &str, pointer: &str) {
    let body =
        [br#"{"batch":["#, GOOD.as_bytes(), b",", item, b",", GOOD.as_bytes(), b"]}"].concat();
    let intake = read("/v1/batch", &IntakeHeaders::default(), &body).unwrap();
    let [Ok(_), Err(bad), Ok(_)] = &intake.items[..] else {
        panic!("neighbours of {}", String::from_utf8_lossy(item));
    };
    assert_eq!((bad.error.code, bad.error.pointer.as_str()), (code, pointer));
    assert_eq!(bad.error.index, 1);
    // What is kept says the same when it is sent again.
    let again = read("/v1/batch", &IntakeHeaders::default(), bad.raw.reveal()).unwrap();
    assert_eq!(again.items.len(), 1);
    assert_eq!(again.items[0].as_ref().unwrap_err().error.code, code);
}

#[test]
fn a_bad_item_never_hurts_its_neighbours() {
    let deep = format!(r#"{{"userId":"u","properties":{}1{}}}"#, "[".repeat(40), "]".repeat(40));
    // The event and its properties are two levels already.
    let deep_at = format!("/properties{}", "/0".repeat(LIMITS.depth_max - 1));
    let deepest = format!("{}{}", "[".repeat(100_000), "]".repeat(100_000));
    let large = format!(r#"{{"userId":"{}"}}"#, "x".repeat(LIMITS.event_max));
    let cases: &[(&[u8], &str, &str)] = &[
        (b"1", "not_an_object", ""),
        (b"null", "not_an_object", ""),
        (b"NaN", "not_json", ""),
        (b"\"x\"", "not_an_object", ""),
        (br#"{"properties":{"price":NaN}}"#, "not_json", "/properties/*"),
        (br#"{"properties":{"price":1e999}}"#, "number_out_of_range", "/properties/*"),
        (br#"{"properties":{"products":[1,-1e999]}}"#, "number_out_of_range", "/properties/products/1"),
        (br#"{"userId":"\ud800"}"#, "text_broken", "/userId"),
        (b"{\"userId\":\"\xff\"}", "not_utf8", ""),
        (b"{\"userId\":\"a\nb\"}", "not_json", "/userId"),
        (br#"{"userId":"a","userId":"b"}"#, "duplicate_key", "/userId"),
        (br#"{"traits":{"ada@example.org":1,"ada@example.org":2}}"#, "duplicate_key", "/traits/*"),
        (deep.as_bytes(), "too_deep", &deep_at),
        (deepest.as_bytes(), "event_too_large", ""),
        (large.as_bytes(), "event_too_large", ""),
        (br#"{"type":"page"}"#, "identity_missing", "/userId"),
        (br#"{"type":"page","userId":""}"#, "identity_missing", "/userId"),
        (br#"{"userId":"u"}"#, "type_unknown", "/type"),
        (br#"{"type":"dance","userId":"u"}"#, "type_unknown", "/type"),
        (br#"{"type":"track","userId":"u"}"#, "event_missing", "/event"),
        (br#"{"type":"group","userId":"u"}"#, "group_missing", "/groupId"),
        (br#"{"type":"alias","userId":"u"}"#, "alias_incomplete", "/previousId"),
        (br#"{"type":"page","userId":{}}"#, "wrong_type", "/userId"),
        (br#"{"type":"page","userId":1.5}"#, "wrong_type", "/userId"),
        (br#"{"type":"page","userId":123456789012345678901234567890}"#, "wrong_type", "/userId"),
        (br#"{"type":"page","userId":true}"#, "wrong_type", "/userId"),
        (br#"{"type":"page","userId":"u","properties":"p"}"#, "wrong_type", "/properties"),
        (br#"{"type":"page","userId":"u","context":[1]}"#, "wrong_type", "/context"),
        (br#"{"type":"page","userId":"u","timestamp":"soon"}"#, "timestamp_unreadable", "/timestamp"),
        (
            br#"{"type":"page","userId":"u","context":{"consent":{"categoryPreferences":{"a":"no"}}}}"#,
            "consent_unreadable",
            "/context/consent/categoryPreferences/*",
        ),
        (
            br#"{"type":"page","userId":"u","context":{"consentManagement":{"deniedConsentIds":"a"}}}"#,
            "consent_unreadable",
            "/context/consentManagement/deniedConsentIds",
        ),
    ];
    for (item, code, pointer) in cases {
        check(item, code, pointer);
    }
}

fn refused(body: &[u8], list: &[(&str, &str)], code: &str, status: u16) {
    let error = read("/v1/batch", &headers("", list), body).unwrap_err();
    assert_eq!((error.code, error.status), (code, status), "{}", String::from_utf8_lossy(body));
}

#[test]
fn a_bad_body_is_refused_with_a_code() {
    refused(b"", &[], "body_empty", 400);
    refused(b" \n", &[], "body_empty", 400);
    refused(b"hello", &[], "body_not_json", 400);
    refused(b"data=1", &[], "body_not_json", 400);
    refused(br#"{"batch":[{}"#, &[], "body_not_json", 400);
    refused(br#"{"batch":[{},]}"#, &[], "body_not_json", 400);
    refused(br#"{"batch":[]} {}"#, &[], "body_not_json", 400);
    refused(br#"{"batch":{}}"#, &[], "batch_not_array", 400);
    refused(br#"{"batch":[],"batch":[]}"#, &[], "envelope_duplicate_key", 400);
    refused(br#"{"batch":[],"context":1}"#, &[], "envelope_unreadable", 400);
    refused(br#"{"batch":[],"context":{"a":1,"a":2}}"#, &[], "envelope_unreadable", 400);
    refused(b"\x1f\x8b\x08 rubbish", &[], "gzip_broken", 400);
    refused(b"\x1b\x00", &[("content-encoding", "br")], "encoding_unknown", 400);
    refused(&gzip(br#"{"batch":[]}"#)[..20], &[], "gzip_broken", 400);
    refused(&vec![b' '; LIMITS.body_wire_max + 1], &[], "body_too_large", 413);
    let many = format!(r#"{{"batch":[{}]}}"#, vec!["{}"; LIMITS.batch_events_max + 1].join(","));
    refused(many.as_bytes(), &[], "batch_too_many_events", 413);
    let context = "x".repeat(10_000);
    let shared = format!(
        r#"{{"batch":[{}],"context":{{"x":"{context}"}}}}"#,
        vec![GOOD; LIMITS.batch_events_max].join(",")
    );
    refused(shared.as_bytes(), &[], "envelope_too_large", 413);
}

#[test]
fn a_gzip_bomb_stops_at_the_limit() {
    let bomb = gzip(&vec![b' '; 64 << 20]);
    assert!(bomb.len() < 100_000);
    refused(&bomb, &[], "body_too_large_decompressed", 413);
    let mut body = br#"{"batch":[],"x":""#.to_vec();
    body.resize(LIMITS.body_plain_max - 2, b' ');
    body.extend_from_slice(b"\"}");
    assert_eq!(body.len(), LIMITS.body_plain_max);
    assert!(read("/v1/batch", &IntakeHeaders::default(), &gzip(&body)).is_ok());
}

#[test]
fn bodies_of_other_shapes_are_taken() {
    for body in [&b"{\"batch\":[]}"[..], b"\xef\xbb\xbf{\"batch\":[]}\n", b"[]"] {
        let read = read("/v1/batch", &IntakeHeaders::default(), body).unwrap();
        assert!(read.items.is_empty());
    }
    let list = format!("[{GOOD},{GOOD}]");
    let taken = read("/v1/batch", &IntakeHeaders::default(), list.as_bytes()).unwrap();
    assert_eq!(taken.items.iter().filter(|item| item.is_ok()).count(), 2);
    let halves = [gzip(br#"{"batch":["#), gzip(b"]}")].concat();
    assert!(read("/v1/batch", &IntakeHeaders::default(), &halves).unwrap().items.is_empty());
}

#[test]
fn a_batch_speaks_for_one_source() {
    let body = r#"{"batch":[{"type":"page","userId":"u","writeKey":"A"},
        {"type":"page","userId":"u"},{"type":"page","userId":"u","writeKey":"B"}]}"#;
    let intake = read("/v1/batch", &IntakeHeaders::default(), body.as_bytes()).unwrap();
    assert_eq!(intake.write_key.as_ref().map(WriteKey::expose), Some("A"));
    let [Ok(_), Ok(_), Err(bad)] = &intake.items[..] else { panic!("one is refused") };
    assert_eq!(bad.error.code, "write_key_differs");
}

#[test]
fn what_is_kept_remembers_what_the_request_said() {
    let body = br#"{"userId":""}"#;
    let list = [("sec-gpc", "1"), ("sentat", "2026-11-24T02:00:00Z"), ("x-consent-tcf", "CO")];
    let first = read("/v1/page", &headers("", &list), body).unwrap();
    let kept = first.items[0].as_ref().unwrap_err().raw.reveal().clone();
    let mended = String::from_utf8(kept).unwrap().replace(r#""userId":"""#, r#""userId":"u""#);
    let again = read("/v1/batch", &IntakeHeaders::default(), mended.as_bytes()).unwrap();
    let message = again.items[0].as_ref().unwrap();
    assert_eq!(shown(message), "page u - - - - 1795485600000 {} {}");
    assert_eq!(message.consent.len(), 2);
}

#[test]
fn many_keys_cost_no_more_than_their_length() {
    let keys: Vec<String> = (0..6_000).map(|key| format!(r#""{key}":1"#)).collect();
    let many = keys.join(",");
    let body = format!(
        r#"{{"batch":[{{"type":"page","userId":"u","context":{{{many}}}}}],"context":{{{many},"last":2}}}}"#
    );
    let read = read("/v1/batch", &IntakeHeaders::default(), body.as_bytes()).unwrap();
    assert_eq!(read.items[0].as_ref().unwrap().context.reveal().len(), 6_001);
}
