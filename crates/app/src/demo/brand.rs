//! The brand's house: its configuration, its keys, and how the software of each source sends.

use super::world::{Batch, Dialect};
use crate::config::Config;
use crate::load::Request;
use anyhow::{Context, Result};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use flate2::Compression;
use flate2::write::GzEncoder;
use model::Timestamp;
use std::io::{self, Write};

/// The configuration, for people to read and copy.
pub(super) const BRAND: &str = include_str!("brand.toml");

/// The keys of the services in [`BRAND`].
pub(super) mod key {
    pub(in crate::demo) const CONCIERGE: &str = "demo-key-concierge";
    pub(in crate::demo) const NEWSLETTER: &str = "demo-key-newsletter";
    pub(in crate::demo) const PRIVACY_DESK: &str = "demo-key-privacy-desk";
}

const SENT_AT: &str = r#""sentAt":""#;

/// The configuration of the house.
pub(super) fn config() -> Result<Config> {
    Config::parse(BRAND).context("the brand's configuration")
}

/// A request body as the software of a source sends it.
pub(super) fn request(source: &str, dialect: Dialect, gpc: bool, body: String) -> Request {
    let key = format!("demo-write-{source}");
    let basic = || format!("Basic {}", STANDARD.encode(format!("{key}:")));
    let request = match dialect {
        Dialect::Segment => Request::post("/v1/batch", body)
            .header("Authorization", basic())
            .header("Content-Type", "application/json"),
        // Verified on the wire: rudder-sdk-node compresses and calls it a form.
        Dialect::Rudder => match gzipped(body.as_bytes()) {
            Ok(zipped) => Request::post("/v1/batch", zipped).header("Content-Encoding", "gzip"),
            // Memory takes whatever is written to it; were it not so, the body would go as it is.
            Err(_) => Request::post("/v1/batch", body),
        }
        .header("Authorization", basic())
        .header("Content-Type", "application/x-www-form-urlencoded"),
        Dialect::Jitsu => Request::post("/api/s/s2s/batch", body)
            .header("X-Write-Key", key.clone())
            .header("Content-Type", "application/json"),
    };
    if gpc { request.header("Sec-GPC", "1") } else { request }
}

/// A batch of the past as a request of now; see [`sent_at`].
pub(super) fn replayed(batch: &Batch, now: Timestamp) -> Request {
    request(batch.source, batch.dialect, batch.gpc, sent_at(&batch.body, now))
}

fn gzipped(bytes: &[u8]) -> io::Result<Vec<u8>> {
    let mut zip = GzEncoder::new(Vec::with_capacity(bytes.len() / 4), Compression::fast());
    zip.write_all(bytes)?;
    zip.finish()
}

/// The body as if it were sent at `now`. A server takes an event to have happened at `received −
/// (sentAt − timestamp)`. A year that is replayed in a minute has to say that it is sent now, as a
/// device does that was without a network for long: then every event keeps its own time. All
/// `sentAt` move by the same step, so a device whose clock is wrong, which says so by a `sentAt` of
/// its own, stays wrong by as much.
pub(super) fn sent_at(body: &str, now: Timestamp) -> String {
    let instants = body.match_indices(SENT_AT).filter_map(|(at, _)| {
        let start = at + SENT_AT.len();
        let length = body.get(start..)?.find('"')?;
        let said = collect::time::read(body.get(start..start + length)?)?;
        Some((start, start + length, said.at))
    });
    // INVARIANT: the envelope's `sentAt` is the last one, and is by the server's clock.
    let instants: Vec<_> = instants.collect();
    let Some((_, _, envelope)) = instants.last().copied() else { return body.to_owned() };
    let step_ms = now.ms_since(envelope);
    let mut out = String::with_capacity(body.len());
    let mut copied = 0;
    for (start, end, said) in instants {
        out.push_str(body.get(copied..start).unwrap_or_default());
        out.push_str(&collect::time::write(said.plus_ms(step_ms)).unwrap_or_default());
        copied = end;
    }
    out.push_str(body.get(copied..).unwrap_or_default());
    out
}

#[cfg(test)]
mod tests {
    use super::super::world::{World, WorldSpec};
    use super::*;

    #[test]
    fn the_brand_is_a_configuration_that_knows_every_source() {
        let config = config().unwrap();
        let slugs: Vec<_> = config.source.iter().map(|source| source.slug.as_str()).collect();
        assert_eq!(slugs, ["web", "app", "till", "loyalty", "crm"]);
        for key in [key::CONCIERGE, key::NEWSLETTER, key::PRIVACY_DESK] {
            let shown = model::Sensitive::new(key.to_owned());
            assert!(config.services().unwrap().authenticate(&shown).is_some(), "{key}");
        }
    }

    #[test]
    fn all_times_of_sending_move_by_one_step() {
        let now = Timestamp(1_795_478_400_000);
        let check = |body: &str, want: &str| assert_eq!(sent_at(body, now), want);
        check("{}", "{}");
        check(
            r#"{"batch":[{"sentAt":"2026-11-23T02:00:00.000Z","timestamp":"2026-11-23T01:59:00.000Z"}],"sentAt":"2026-11-23T00:00:00.000Z"}"#,
            r#"{"batch":[{"sentAt":"2026-11-24T02:00:00Z","timestamp":"2026-11-23T01:59:00.000Z"}],"sentAt":"2026-11-24T00:00:00Z"}"#,
        );
    }

    #[test]
    fn a_replayed_world_keeps_its_times() {
        let spec = WorldSpec { customers: 300, events: 2_000, ..WorldSpec::default() };
        let now = Timestamp(spec.now_ms + 1_000);
        for batch in World::new(spec).batches(50) {
            let body = sent_at(&batch.body, now);
            let read: serde_json::Value = serde_json::from_str(&body).unwrap();
            let envelope = collect::time::read(read["sentAt"].as_str().unwrap()).unwrap();
            assert_eq!(envelope.at, now);
            assert_eq!(read["batch"].as_array().unwrap().len(), batch.events);
        }
    }
}
