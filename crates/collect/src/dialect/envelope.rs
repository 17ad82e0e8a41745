//! The envelope of a body: its items, and what it says about all of them.

use super::cut::{Broken, Cutter};
use super::headers::{IntakeHeaders, WriteKey};
use super::path::kind_of_word;
use crate::consent::{ConsentWord, GPC_WORD, gpp_word, tcf_word};
use crate::json::{self, Map, Value};
use crate::message::{Refused, headers_of, kind_word};
use crate::time;
use model::{Limits, Sensitive, Timestamp};
use people::EventKind;

/// The member in which [`Envelope::wrap`] keeps what only the headers said.
const HEADERS: &str = "headers";

/// What a request says about all of its items.
#[derive(Debug, Default)]
pub(super) struct Envelope {
    pub(super) write_key: Option<WriteKey>,
    pub(super) sent: Option<Timestamp>,
    pub(super) anonymous_id: Option<Sensitive<String>>,
    pub(super) consent: Vec<ConsentWord>,
    pub(super) context: Map,
    pub(super) integrations: Map,
    /// What the path said when the items first came; only in a body that is sent again.
    pub(super) kind: Option<EventKind>,
}

/// The parts of a body as they are written.
#[derive(Default)]
struct Parts<'a> {
    batch: Option<&'a [u8]>,
    context: Option<&'a [u8]>,
    integrations: Option<&'a [u8]>,
    headers: Option<&'a [u8]>,
    sent_at: Option<&'a [u8]>,
    timestamp: Option<&'a [u8]>,
    write_key: Option<&'a [u8]>,
}

impl Envelope {
    /// Cuts a body into its envelope and the texts of its items: those of `batch`, those of an
    /// array, or the body itself when it is a single event.
    ///
    /// # Errors
    ///
    /// [`Refused`] when the body is no JSON object or array, has too many items, or its envelope is
    /// not what it should be.
    pub(super) fn open<'a>(
        body: &'a [u8],
        headers: &IntakeHeaders,
        limits: &Limits,
    ) -> Result<(Self, Vec<&'a [u8]>), Refused> {
        let mut envelope = Self::of_headers(headers);
        if body.trim_ascii_start().starts_with(b"[") {
            return Ok((envelope, elements(body, limits)?));
        }
        let parts = Parts::of(body)?;
        let Some(batch) = parts.batch else {
            return Ok((envelope, vec![body.trim_ascii()]));
        };
        let items = elements(batch, limits)?;
        envelope.fill(&parts, limits)?;
        let shared = [parts.context, parts.integrations].into_iter().flatten();
        let copied = shared.map(<[u8]>::len).sum::<usize>().saturating_mul(items.len());
        if copied > limits.body_plain_max {
            return Err(TOO_MUCH_SHARED);
        }
        Ok((envelope, items))
    }

    /// What the headers alone say.
    pub(super) fn of_headers(headers: &IntakeHeaders) -> Self {
        Self {
            sent: headers.sent_at(),
            anonymous_id: headers.anonymous_id(),
            consent: headers.consent(),
            ..Self::default()
        }
    }

    fn fill(&mut self, parts: &Parts<'_>, limits: &Limits) -> Result<(), Refused> {
        self.context = object(parts.context, limits)?;
        self.integrations = object(parts.integrations, limits)?;
        // Segment's old Node SDK sends `timestamp` in the envelope, where it means `sentAt`.
        let sent = [parts.sent_at, parts.timestamp].into_iter().flatten().find_map(instant);
        self.sent = sent.or(self.sent);
        self.write_key =
            scalar(parts.write_key).as_ref().and_then(Value::as_text).and_then(WriteKey::new);
        let kept = object(parts.headers, limits)?;
        let text = |key| kept.get(key).and_then(Value::as_text);
        if let Some(id) = text("anonymousId") {
            self.anonymous_id = Some(Sensitive::new(id.to_owned()));
        }
        self.kind = text("type").and_then(kind_of_word);
        let gpc = (kept.get("gpc") == Some(&Value::Bool(true))).then_some(GPC_WORD);
        self.consent.extend(gpc);
        self.consent.extend(text("tcf").map(tcf_word));
        self.consent.extend(text("gpp").map(gpp_word));
        self.consent.dedup();
        Ok(())
    }

    /// A body of this envelope and one item, whose kind the path said: sent again without any header,
    /// and wherever, it says the same.
    pub(super) fn wrap(&self, item: &[u8], kind: Option<EventKind>) -> Sensitive<Vec<u8>> {
        let mut envelope = Map::default();
        if let Some(sent) = self.sent.and_then(time::write) {
            envelope.set("sentAt", sent.into());
        }
        if !self.context.is_empty() {
            envelope.set("context", Value::Object(self.context.clone()));
        }
        if !self.integrations.is_empty() {
            envelope.set("integrations", Value::Object(self.integrations.clone()));
        }
        let headers = self.said_by_headers(kind);
        if !headers.is_empty() {
            envelope.set(HEADERS, Value::Object(headers));
        }
        let mut body = br#"{"batch":["#.to_vec();
        body.extend_from_slice(item);
        body.push(b']');
        let text = envelope.to_string();
        match text.strip_prefix('{') {
            Some(rest) if !envelope.is_empty() => {
                body.push(b',');
                body.extend_from_slice(rest.as_bytes());
            }
            _ => body.push(b'}'),
        }
        Sensitive::new(body)
    }

    fn said_by_headers(&self, kind: Option<EventKind>) -> Map {
        let mut headers = headers_of(&self.consent);
        if let Some(id) = &self.anonymous_id {
            #[expect(clippy::disallowed_methods, reason = "goes into a sensitive body")]
            headers.set("anonymousId", id.reveal().as_str().into());
        }
        if let Some(kind) = kind {
            headers.set("type", kind_word(kind).into());
        }
        headers
    }
}

impl<'a> Parts<'a> {
    fn of(body: &'a [u8]) -> Result<Self, Refused> {
        let mut parts = Self::default();
        let mut twice = false;
        let mut cutter = Cutter::into(body, b'{').map_err(not_json)?;
        while let Some((key, value)) = cutter.member().map_err(not_json)? {
            let part = match key {
                b"batch" => &mut parts.batch,
                b"context" => &mut parts.context,
                b"integrations" => &mut parts.integrations,
                b"headers" => &mut parts.headers,
                b"sentAt" => &mut parts.sent_at,
                b"timestamp" => &mut parts.timestamp,
                b"writeKey" => &mut parts.write_key,
                _ => continue,
            };
            twice |= part.replace(value).is_some();
        }
        // A single event with a key twice is refused by itself, as an item.
        if twice && parts.batch.is_some() { Err(TWICE) } else { Ok(parts) }
    }
}

fn elements<'a>(array: &'a [u8], limits: &Limits) -> Result<Vec<&'a [u8]>, Refused> {
    if !array.trim_ascii_start().starts_with(b"[") {
        return Err(NO_ARRAY);
    }
    let mut cutter = Cutter::into(array, b'[').map_err(not_json)?;
    let mut items = Vec::new();
    while let Some(item) = cutter.element().map_err(not_json)? {
        if items.len() == limits.batch_events_max {
            return Err(TOO_MANY);
        }
        items.push(item);
    }
    Ok(items)
}

fn object(part: Option<&[u8]>, limits: &Limits) -> Result<Map, Refused> {
    match part {
        None | Some(b"null" | b"[]") => Ok(Map::default()),
        Some(part) => std::str::from_utf8(part)
            .ok()
            .and_then(|text| json::read(text, limits.depth_max.saturating_sub(1)).ok())
            .ok_or(ENVELOPE_UNREADABLE),
    }
}

fn scalar(part: Option<&[u8]>) -> Option<Value> {
    let text = std::str::from_utf8(part?).ok()?;
    json::read_scalar(text)
}

fn instant(part: &[u8]) -> Option<Timestamp> {
    time::read_value(&scalar(Some(part))?).map(|read| read.at)
}

/// A cut that fails says that the body is no JSON.
fn not_json(Broken: Broken) -> Refused {
    Refused {
        status: 400,
        code: "body_not_json",
        message: "the body is not JSON",
        remedy: "send one event as an object, or several as {\"batch\": [...]}",
        place: "body",
    }
}

const NO_ARRAY: Refused = Refused {
    status: 400,
    code: "batch_not_array",
    message: "`batch` is not an array",
    remedy: "send the events as {\"batch\": [...]}",
    place: "batch",
};

const TWICE: Refused = Refused {
    status: 400,
    code: "envelope_duplicate_key",
    message: "a key of the envelope comes twice",
    remedy: "send each key once",
    place: "body",
};

const TOO_MANY: Refused = Refused {
    status: 413,
    code: "batch_too_many_events",
    message: "the batch has more events than the source may send at once",
    remedy: "send smaller batches or raise the source's limit of events",
    place: "batch",
};

const TOO_MUCH_SHARED: Refused = Refused {
    status: 413,
    code: "envelope_too_large",
    message: "the envelope's context is too large for so many events",
    remedy: "send smaller batches, or a smaller context",
    place: "body",
};

const ENVELOPE_UNREADABLE: Refused = Refused {
    status: 400,
    code: "envelope_unreadable",
    message: "`context`, `integrations` or `headers` of the envelope is not a readable object",
    remedy: "send objects without duplicate keys and no deeper than the source's limit",
    place: "body",
};
