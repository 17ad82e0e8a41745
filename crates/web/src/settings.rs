//! What SDKs in browsers ask for before they send anything. A client that gets no settings sends no
//! events, so these are answered for every source, also from another origin.

use crate::answer::Answer;
use crate::edge::Server;
use crate::intake::{NotTaken, Way, headers};
use crate::shape::instant;
use axum::http::request::Parts;
use axum::http::{HeaderMap, header};
use collect::dialect::{IntakePath, WriteKey, write_key};
use collect::{Source, Turned};
use schemars::JsonSchema;
use serde::Serialize;
use std::sync::Arc;

/// The settings of analytics-next.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(rename = "AnalyticsSettings")]
pub(crate) struct SettingsBody {
    integrations: Integrations,
    plan: Plan,
    metrics: Metrics,
    analytics_next_enabled: bool,
    enabled_middleware: Empty,
    remote_plugins: [Empty; 0],
}

#[derive(Serialize, JsonSchema)]
struct Empty {}

/// Only `Segment.io`: for any other integration the client would load a script from elsewhere.
#[derive(Serialize, JsonSchema)]
struct Integrations {
    #[serde(rename = "Segment.io", skip_serializing_if = "Option::is_none")]
    segment: Option<Segment>,
}

#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
struct Segment {
    api_key: String,
    api_host: String,
    protocol: &'static str,
    add_bundled_metadata: bool,
}

#[derive(Serialize, JsonSchema)]
struct Plan {
    track: Defaults,
    identify: Defaults,
    group: Defaults,
}

#[derive(Serialize, JsonSchema)]
struct Defaults {
    #[serde(rename = "__default")]
    default: Enabled,
}

#[derive(Serialize, JsonSchema)]
struct Enabled {
    enabled: bool,
}

#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
struct Metrics {
    sample_rate: u8,
}

/// The configuration of `RudderStack`'s browser SDK.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(rename = "SourceConfig")]
pub(crate) struct SourceConfigBody {
    source: SourceSettings,
    updated_at: String,
}

#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
struct SourceSettings {
    id: String,
    name: String,
    workspace_id: &'static str,
    enabled: bool,
    config: Config,
    destinations: [Empty; 0],
}

#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
struct Config {
    stats_collection: Statistics,
}

#[derive(Serialize, JsonSchema)]
struct Statistics {
    errors: Enabled,
    metrics: Enabled,
}

pub(crate) fn answer(server: &Arc<Server>, way: Way, parts: &Parts) -> Result<Answer, NotTaken> {
    let of_path = match IntakePath::of(parts.method.as_str(), parts.uri.path()) {
        Some(IntakePath::Settings(key)) => WriteKey::new(&key),
        _other => None,
    };
    let key = of_path.or_else(|| write_key(&headers(parts), None));
    let key = key.ok_or(Turned::MissingKey)?;
    let source = server.edge.intake.sources().by_key(&key).ok_or(Turned::UnknownKey)?;
    Ok(if way == Way::SourceConfig {
        Answer::json(&source_config(&source, instant(server.started)))
    } else {
        Answer::json(&settings(&source, &key, &parts.headers))
    })
}

fn settings(source: &Source, key: &WriteKey, headers: &HeaderMap) -> SettingsBody {
    let host = headers.get(header::HOST).and_then(|host| host.to_str().ok());
    let segment = Segment {
        api_key: key.expose().to_owned(),
        api_host: format!("{}/v1", host.unwrap_or("localhost")),
        protocol: protocol(headers),
        add_bundled_metadata: true,
    };
    let defaults = || Defaults { default: Enabled { enabled: true } };
    SettingsBody {
        // Without it the client keeps its events to itself: the switch for a disabled source.
        integrations: Integrations { segment: source.enabled.then_some(segment) },
        plan: Plan { track: defaults(), identify: defaults(), group: defaults() },
        metrics: Metrics { sample_rate: 0 },
        analytics_next_enabled: true,
        enabled_middleware: Empty {},
        remote_plugins: [],
    }
}

/// How the client reached us, as far as we can know behind a proxy: what the proxy says, else what
/// the page was loaded over, because browsers do not let a secure page call an insecure address.
fn protocol(headers: &HeaderMap) -> &'static str {
    let says = |name: &str| headers.get(name).and_then(|value| value.to_str().ok());
    let secure = match says("x-forwarded-proto") {
        Some(forwarded) => forwarded.trim_start().starts_with("https"),
        None => says("origin").is_some_and(|origin| origin.starts_with("https://")),
    };
    if secure { "https" } else { "http" }
}

fn source_config(source: &Source, updated_at: String) -> SourceConfigBody {
    let off = || Enabled { enabled: false };
    SourceConfigBody {
        source: SourceSettings {
            id: source.slug.clone(),
            name: source.slug.clone(),
            workspace_id: "bonafide",
            enabled: source.enabled,
            config: Config { stats_collection: Statistics { errors: off(), metrics: off() } },
            destinations: [],
        },
        updated_at,
    }
}
