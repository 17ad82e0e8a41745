//! Events that no server should take and none should fall over: for the quarantine.

use super::json::quote;
use super::session::Session;

/// One broken event. It is JSON, so that its neighbours in the batch are not lost with it; most
/// still carry personal data, which a quarantine must not show.
pub(super) fn event(session: &mut Session<'_>) -> String {
    let id = session.message_id();
    let mut email = String::new();
    let canary = session.world.canary(session.person).unwrap_or_default();
    quote(&mut email, &format!("{canary}{}", session.person.email));
    match session.chance.below(11) {
        0 => format!(
            r#"{{"type":"track","messageId":"{id}","event":"Product Viewed","properties":{{"email":{email}}}}}"#
        ),
        1 => format!(
            r#"{{"type":"trak","messageId":"{id}","userId":{email},"event":"Product Viewed"}}"#
        ),
        2 => format!(r#"{{"messageId":"{id}","userId":{email},"event":"Cart Viewed"}}"#),
        3 => format!(
            r#"{{"type":"identify","messageId":"{id}","userId":{{"email":{email}}},"traits":{{}}}}"#
        ),
        4 => format!(
            r#"{{"type":"identify","messageId":"{id}","anonymousId":"a1","traits":{email}}}"#
        ),
        5 => format!(
            r#"{{"type":"track","messageId":"{id}","anonymousId":"a1","event":42,"timestamp":"yesterday"}}"#
        ),
        6 => {
            let (open, close) = (r#"{"a":"#.repeat(40), "}".repeat(40));
            format!(
                r#"{{"type":"track","messageId":"{id}","anonymousId":"a1","event":"Deep","properties":{open}{email}{close}}}"#
            )
        }
        7 => format!("[{email},1,2]"),
        8 => "42".to_owned(),
        9 => {
            let much = "na ".repeat(24_000);
            format!(
                r#"{{"type":"track","messageId":"{id}","anonymousId":"a1","event":"Large","properties":{{"note":"{much}","email":{email}}}}}"#
            )
        }
        _ => format!(
            r#"{{"type":"track","messageId":["{id}"],"anonymousId":null,"userId":"","event":"","properties":{{"email":{email}}}}}"#
        ),
    }
}
