//! The dialects that SDKs speak: from a request to messages.
//!
//! Bodies are judged by their content, not by what their headers claim. What is wrong with one event
//! never hurts its neighbours: the envelope is cut into the texts of its items first, and each text is
//! read on its own.

mod cut;
mod envelope;
mod headers;
mod inflate;
mod item;
mod path;
mod pixel;

pub use headers::{IntakeHeaders, WriteKey, write_key};
pub use path::IntakePath;

use crate::message::{Message, Refused, Rejected};
use envelope::Envelope;
use item::ItemReader;
use model::{Limits, Timestamp};
use people::EventKind;

/// What a request says.
#[derive(Debug)]
pub struct Intake {
    /// Who says it, by the precedence of [`write_key`].
    pub write_key: Option<WriteKey>,
    /// When it was sent, by the client's clock: of the envelope, else the `SentAt` header.
    pub sent_at: Option<Timestamp>,
    /// Its events in the order they came, each read or refused on its own.
    pub items: Vec<Result<Message, Rejected>>,
    /// Its length after decompression, in bytes.
    pub bytes_plain: usize,
}

/// Reads a request. A body with a `batch` is a batch and one without is a single event, on whichever
/// path; the path names the kind of a single event. A pixel is read from its query alone.
///
/// A write key in the body is known only afterwards, so call it with the limits of the source the
/// headers name, or else with those of the house.
///
/// # Errors
///
/// [`Refused`] when the body as a whole is no JSON, breaks a limit or cannot be decompressed.
pub fn read_body(
    body: &[u8],
    headers: &IntakeHeaders,
    path: &IntakePath,
    limits: &Limits,
) -> Result<Intake, Refused> {
    match path {
        IntakePath::Batch | IntakePath::Beacon => read_json(body, headers, None, limits),
        IntakePath::Event(kind) => read_json(body, headers, *kind, limits),
        IntakePath::Pixel(kind) => pixel::read(headers, *kind, limits),
        IntakePath::Metrics
        | IntakePath::Settings(_)
        | IntakePath::SourceConfig
        | IntakePath::Script(_) => Ok(Intake {
            write_key: write_key(headers, None),
            sent_at: None,
            items: Vec::new(),
            bytes_plain: body.len(),
        }),
    }
}

fn read_json(
    body: &[u8],
    headers: &IntakeHeaders,
    kind: Option<EventKind>,
    limits: &Limits,
) -> Result<Intake, Refused> {
    let plain = inflate::plain(body, headers.encoding(), limits)?;
    let (envelope, texts) = Envelope::open(&plain, headers, limits)?;
    let reader = ItemReader { envelope: &envelope, kind, limits };
    let named = write_key(headers, envelope.write_key.as_ref());
    let mut key = named.clone();
    let mut items = Vec::with_capacity(texts.len());
    for (index, text) in texts.into_iter().enumerate() {
        items.push(match reader.read(index, text) {
            Ok((_, Some(own)))
                if named.is_none() && key.as_ref().is_some_and(|key| *key != own) =>
            {
                Err(reader.reject_key(index, text))
            }
            Ok((message, own)) => {
                key = key.or(own);
                Ok(message)
            }
            Err(rejected) => Err(rejected),
        });
    }
    Ok(Intake { write_key: key, sent_at: envelope.sent, items, bytes_plain: plain.len() })
}

#[cfg(test)]
mod tests;
