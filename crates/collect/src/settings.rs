//! What SDKs are answered: settings documents, verdicts, errors, a picture, cross-origin rules. Values
//! only; HTTP itself is the edge's.

use crate::message::{EventError, Refused};
use serde_json::{Value, json};

/// The longest wait SDKs accept in `Retry-After`, in seconds.
pub const RETRY_AFTER_S_MAX: u32 = 300;

/// A transparent GIF of one pixel.
pub const PIXEL_GIF: &[u8; 43] = b"GIF89a\x01\x00\x01\x00\x80\x00\x00\x00\x00\x00\xff\xff\xff\
    !\xf9\x04\x01\x00\x00\x00\x00,\x00\x00\x00\x00\x01\x00\x01\x00\x00\x02\x02D\x01\x00;";

/// The settings of analytics-next for a write key. `host` is where it sends to, with its port;
/// `https` says how. Only `Segment.io` may stand among the integrations: for any other name the
/// SDK loads a script from elsewhere.
pub fn analytics_next(key: &str, host: &str, https: bool) -> Value {
    json!({
        "integrations": {
            "Segment.io": {
                "apiKey": key,
                "apiHost": format!("{host}/v1"),
                "protocol": if https { "https" } else { "http" },
                "addBundledMetadata": true,
            },
        },
        "plan": {
            "track": { "__default": { "enabled": true, "integrations": {} } },
            "identify": { "__default": { "enabled": true } },
            "group": { "__default": { "enabled": true } },
        },
        "metrics": { "sampleRate": 0 },
        "analyticsNextEnabled": true,
        "enabledMiddleware": {},
        "remotePlugins": [],
    })
}

/// The configuration of Rudder's browser SDK. A source that is not `enabled` makes the SDK stop.
pub fn rudder_source_config(slug: &str, name: &str, enabled: bool, updated_at: &str) -> Value {
    json!({
        "source": {
            "id": slug,
            "name": name,
            "workspaceId": "bonafide",
            "enabled": enabled,
            "config": {
                "statsCollection": {
                    "errors": { "enabled": false },
                    "metrics": { "enabled": false },
                },
            },
            "destinations": [],
        },
        "updatedAt": updated_at,
    })
}

/// The answer to a request whose events were dealt with, good or bad: HTTP 200, because clients send
/// again after any other. Events that were refused are listed with their place and reason.
pub fn taken<'a>(refused: impl IntoIterator<Item = &'a EventError>) -> Value {
    let events: Vec<Value> = refused.into_iter().map(event).collect();
    if events.is_empty() {
        json!({ "success": true, "ok": true })
    } else {
        json!({ "success": true, "ok": true, "events": events })
    }
}

fn event(error: &EventError) -> Value {
    json!({
        "index": error.index,
        "status": "quarantined",
        "code": error.code,
        "pointer": error.pointer,
        "message": error.message,
        "remedy": error.remedy,
    })
}

/// The answer to a request that was refused whole. Old clients parse both `code` and `message`, and
/// send again for ever when one is missing.
pub fn refused(refused: &Refused) -> Value {
    error(refused.code, refused.message, refused.remedy)
}

/// An answer with `code` and `message`.
pub fn error(code: &str, message: &str, remedy: &str) -> Value {
    json!({ "success": false, "ok": false, "code": code, "message": message, "remedy": remedy })
}

/// What goes with HTTP 429, the only status whose `Retry-After` most clients keep: whole seconds, not
/// more than [`RETRY_AFTER_S_MAX`], not less than one.
pub fn overloaded(wait_ms: u64) -> [(&'static str, String); 2] {
    let seconds = wait_ms.div_ceil(1_000).clamp(1, u64::from(RETRY_AFTER_S_MAX)).to_string();
    [("retry-after", seconds.clone()), ("x-ratelimit-reset", seconds)]
}

/// What a browser asks across origins.
#[derive(Clone, Copy, Debug, Default)]
pub struct CrossOrigin<'a> {
    /// The `Origin` header.
    pub origin: Option<&'a str>,
    /// The `Access-Control-Request-Headers` header of a preflight.
    pub asked_headers: Option<&'a str>,
    /// Whether it is a preflight: `OPTIONS` with `Access-Control-Request-Method`.
    pub preflight: bool,
}

/// The headers of the answer (WHATWG Fetch §3.2). What is asked for is echoed, because `*` covers
/// neither `Authorization` nor a request with credentials. A preflight is answered 204, before any key
/// is asked for: browsers send none with it.
pub fn cross_origin(asked: CrossOrigin<'_>) -> Vec<(&'static str, String)> {
    let Some(origin) = asked.origin else { return Vec::new() };
    let mut headers = vec![
        ("access-control-allow-origin", origin.to_owned()),
        ("access-control-allow-credentials", "true".to_owned()),
        ("vary", "Origin, Access-Control-Request-Headers".to_owned()),
    ];
    if asked.preflight {
        headers.push(("access-control-allow-methods", "GET, POST, OPTIONS".to_owned()));
        headers.push(("access-control-max-age", "7200".to_owned()));
        let list = asked.asked_headers.filter(|list| !list.trim().is_empty());
        headers.extend(list.map(|list| ("access-control-allow-headers", list.to_owned())));
    } else {
        let exposed = "Retry-After, X-RateLimit-Reset".to_owned();
        headers.push(("access-control-expose-headers", exposed));
    }
    headers
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_wait_is_whole_seconds_that_clients_accept() {
        for (ms, wanted) in [(0, "1"), (1, "1"), (1_001, "2"), (u64::MAX, "300")] {
            let [(name, seconds), _] = overloaded(ms);
            assert_eq!((name, seconds.as_str()), ("retry-after", wanted));
        }
    }

    #[test]
    fn a_preflight_gets_what_it_asks_for() {
        let asked = CrossOrigin {
            origin: Some("https://shop.example"),
            asked_headers: Some("authorization,anonymousid,x-retry-count"),
            preflight: true,
        };
        let headers = cross_origin(asked);
        let of = |name| headers.iter().find(|(known, _)| *known == name).map(|(_, value)| &**value);
        assert_eq!(of("access-control-allow-origin"), asked.origin);
        assert_eq!(of("access-control-allow-headers"), asked.asked_headers);
        assert_eq!(of("access-control-allow-credentials"), Some("true"));
        assert_eq!(of("access-control-max-age"), Some("7200"));
        assert!(cross_origin(CrossOrigin::default()).is_empty());
    }

    #[test]
    fn answers_have_what_clients_look_for() {
        let settings = analytics_next("K", "cdp.example:8080", false);
        assert_eq!(settings["integrations"].as_object().unwrap().len(), 1);
        assert_eq!(settings["integrations"]["Segment.io"]["apiHost"], "cdp.example:8080/v1");
        assert_eq!(settings["metrics"]["sampleRate"], 0);
        let config = rudder_source_config("shop", "Shop", false, "2026-11-24T00:00:00Z");
        assert_eq!(config["source"]["enabled"], false);
        assert_eq!(taken([]), json!({ "success": true, "ok": true }));
        let error = error("body_empty", "the body is empty", "send one");
        assert!(error["code"].is_string() && error["message"].is_string());
        assert!(PIXEL_GIF.starts_with(b"GIF89a") && PIXEL_GIF.ends_with(b";"));
    }
}
