//! Requests as the SDKs send them, and as nobody should.
#![expect(clippy::disallowed_methods, reason = "the examples are nobody's data")]

mod bad;
mod laws;
mod sdk;

use super::*;
use crate::message::Note;
use flate2::Compression;
use flate2::write::GzEncoder;
use std::io::Write;

const LIMITS: Limits = Limits::DEFAULT;

fn headers(query: &str, list: &[(&str, &str)]) -> IntakeHeaders {
    IntakeHeaders::read(Some(query), list.iter().map(|(name, value)| (*name, value.as_bytes())))
}

fn gzip(plain: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::default());
    encoder.write_all(plain).unwrap();
    encoder.finish().unwrap()
}

fn read(path: &str, headers: &IntakeHeaders, body: &[u8]) -> Result<Intake, Refused> {
    let path = IntakePath::of("POST", path).unwrap();
    read_body(body, headers, &path, &LIMITS)
}

/// One event's message on `/v1/batch` without headers.
fn message(event: &str) -> Message {
    let body = format!(r#"{{"batch":[{event}]}}"#);
    let read = read("/v1/batch", &IntakeHeaders::default(), body.as_bytes()).unwrap();
    read.items.into_iter().next().unwrap().unwrap()
}

/// A message in one line: kind, ids, name, times, objects, consent, notes.
fn shown(message: &Message) -> String {
    let text = |text: &Option<Sensitive<String>>| {
        text.as_ref().map_or("-".to_owned(), |text| text.reveal().clone())
    };
    let ids = [&message.user_id, &message.anonymous_id, &message.name].map(text).join(" ");
    let time = |at: Option<Timestamp>| at.map_or("-".to_owned(), |at| at.0.to_string());
    format!(
        "{} {ids} {} {} {} {} {}",
        message.kind_word(),
        message.message_id.as_deref().unwrap_or("-"),
        time(message.original),
        time(message.sent),
        message.traits.reveal(),
        message.properties.reveal(),
    )
}

use model::Sensitive;
