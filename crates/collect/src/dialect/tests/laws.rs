//! What holds for every body.

use super::*;
use proptest::prelude::*;

const BODY: &str = r#"{"batch":[{"type":"identify","userId":"u1","traits":{"email":"a@b.example",
    "n":-1.5e3,"list":[1,"\u00e9",null,true]},"timestamp":"2026-11-24T02:00:00.000Z"},
    {"type":"track","event":"Sold","anonymousId":"a","context":{"consent":{"categoryPreferences":
    {"ads":true}}},"properties":{"deep":{"deeper":[{}]}}}],"context":{"ip":"::1"},"sentAt":"x",
    "writeKey":"K"}"#;

const PATHS: [&str; 4] = ["/v1/batch", "/v1/track", "/api/s/event", "/beacon/v1/batch"];

proptest! {
    #![proptest_config(ProptestConfig::with_cases(512))]

    #[test]
    fn any_bytes_are_read_or_refused(
        body in proptest::collection::vec(any::<u8>(), 0..200),
        path in 0..PATHS.len(),
        zipped in any::<bool>(),
    ) {
        let body = if zipped { gzip(&body) } else { body };
        drop(read(PATHS[path], &IntakeHeaders::default(), &body));
    }

    #[test]
    fn any_brackets_are_read_or_refused(body in r#"[\[\]{}:,"\\a1. ]{0,60}"#) {
        drop(read("/v1/batch", &IntakeHeaders::default(), body.as_bytes()));
    }

    #[test]
    fn any_mutation_is_read_or_refused(
        changes in proptest::collection::vec((0..BODY.len(), any::<u8>()), 1..6),
        cut in 0..=BODY.len(),
    ) {
        let mut body = BODY.as_bytes().to_vec();
        for (at, byte) in changes {
            body[at] = byte;
        }
        drop(read("/v1/batch", &IntakeHeaders::default(), &body));
        body.truncate(cut);
        drop(read("/v1/batch", &IntakeHeaders::default(), &body));
    }

    #[test]
    fn one_changed_item_never_changes_another(
        at in 0..40_usize,
        byte in proptest::sample::select(b"x1 .,:\\\xff\x00".as_slice()),
    ) {
        let mut item = br#"{"type":"page","userId":"u","traits":[1]}"#.to_vec();
        // Brackets and quotes hold the batch together; all else is the item's own affair.
        prop_assume!(!br#"{}[]""#.contains(&item[at]) && byte != b'\\');
        item[at] = byte;
        let good = br#"{"type":"page","userId":"v","messageId":"m"}"#;
        let body = [b"[", &item[..], b",", good, b"]"].concat();
        let intake = read("/v1/batch", &IntakeHeaders::default(), &body).unwrap();
        prop_assert_eq!(intake.items.len(), 2);
        prop_assert_eq!(shown(intake.items[1].as_ref().unwrap()), "page v - - m - - {} {}");
    }

    #[test]
    fn a_message_sent_again_is_the_same_message(id in "[a-z]{1,8}", name in "\\PC{0,12}", ms in 0..4_102_444_800_000_i64) {
        let name = serde_json::to_string(&format!("x{name}")).unwrap();
        let event = format!(
            r#"{{"type":"track","userId":"{id}","event":{name},"timestamp":{ms},"properties":{{"a":{name}}}}}"#
        );
        let first = message(&event);
        let again = read("/v1/batch", &IntakeHeaders::default(), first.to_body().reveal()).unwrap();
        prop_assert_eq!(shown(&first), shown(again.items[0].as_ref().unwrap()));
    }

    #[test]
    fn any_query_is_read_or_refused(query in "\\PC{0,60}") {
        let path = IntakePath::of("GET", "/pixel/v1/track").unwrap();
        drop(read_body(b"", &headers(&query, &[]), &path, &LIMITS));
    }
}
