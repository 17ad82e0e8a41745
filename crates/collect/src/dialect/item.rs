//! One item of a body: from its text to a message.

use super::envelope::Envelope;
use super::headers::WriteKey;
use super::path::kind_of_word;
use crate::consent::{self, ConsentWord};
use crate::json::{self, Cause, Fault, Map, Number, Value};
use crate::message::{EventError, MESSAGE_ID_BYTES_MAX, Message, Note, Rejected};
use crate::time;
use model::{Limits, Sensitive, Timestamp};
use people::EventKind;

/// The greatest whole number a double holds without gaps.
const DOUBLE_WHOLE_MAX: f64 = 9_007_199_254_740_991.0;

/// Fields that dialects add and nobody needs: who made the event and how it travelled.
const FIELDS_IGNORED: [&str; 12] = [
    "_metadata",
    "channel",
    "version",
    "receivedAt",
    "projectId",
    "projectKey",
    "rudderId",
    "request_ip",
    "ip",
    "userAgent",
    "library",
    "options",
];

/// Reads the items of one request.
pub(super) struct ItemReader<'a> {
    pub(super) envelope: &'a Envelope,
    /// What the path says about items that do not say it themselves.
    pub(super) kind: Option<EventKind>,
    pub(super) limits: &'a Limits,
}

/// Why an item is refused, before its place in the batch is known.
pub(super) struct Fail {
    code: &'static str,
    pointer: String,
    message: String,
    remedy: &'static str,
}

impl Fail {
    fn new(code: &'static str, pointer: &str, message: &str, remedy: &'static str) -> Self {
        Self { code, pointer: pointer.to_owned(), message: message.to_owned(), remedy }
    }
}

impl ItemReader<'_> {
    /// Reads an item; gives its own write key too.
    pub(super) fn read(
        &self,
        index: usize,
        raw: &[u8],
    ) -> Result<(Message, Option<WriteKey>), Rejected> {
        self.parse(raw)
            .and_then(|map| self.message(map, raw.len()))
            .map_err(|fail| self.reject(index, raw, fail))
    }

    /// Reads an event that never was JSON text.
    pub(super) fn read_map(&self, index: usize, map: Map) -> Result<Message, Rejected> {
        let text = map.to_string().into_bytes();
        let read = if text.len() > self.limits.event_max {
            Err(too_large(self.limits))
        } else {
            self.message(map, text.len()).map(|(message, _)| message)
        };
        read.map_err(|fail| self.reject(index, &text, fail))
    }

    /// An item with another write key than its neighbours.
    pub(super) fn reject_key(&self, index: usize, raw: &[u8]) -> Rejected {
        let fail = Fail::new(
            "write_key_differs",
            "/writeKey",
            "the event has another write key than the events before it",
            "send one batch for each source",
        );
        self.reject(index, raw, fail)
    }

    fn reject(&self, index: usize, raw: &[u8], fail: Fail) -> Rejected {
        let Fail { code, pointer, message, remedy } = fail;
        let error = EventError { code, index, pointer, message, remedy };
        Rejected { error, raw: self.envelope.wrap(raw, self.kind) }
    }

    fn parse(&self, raw: &[u8]) -> Result<Map, Fail> {
        if raw.len() > self.limits.event_max {
            return Err(too_large(self.limits));
        }
        let text = std::str::from_utf8(raw).map_err(|_| {
            Fail::new("not_utf8", "", "the event is not UTF-8", "send JSON as UTF-8 (RFC 8259)")
        })?;
        json::read(text, self.limits.depth_max).map_err(|fault| unreadable(&fault, self.limits))
    }

    fn message(&self, map: Map, bytes: usize) -> Result<(Message, Option<WriteKey>), Fail> {
        let mut fields = Fields::default();
        for (key, value) in map {
            fields.take(&key, value)?;
        }
        let kind = fields.kind.or(self.kind).or(self.envelope.kind).ok_or_else(|| {
            Fail::new(
                "type_unknown",
                "/type",
                "the event has no type that is known",
                "use one of identify, track, page, screen, group, alias",
            )
        })?;
        let Fields { mut traits, mut properties, mut context, mut integrations, mut notes, .. } =
            fields;
        context.merge_under(&self.envelope.context);
        integrations.merge_under(&self.envelope.integrations);
        let said = consent::read(&context).map_err(consent_unreadable)?;
        if kind == EventKind::Identify
            && let Some(Value::Object(under)) = context.take("traits")
        {
            traits.merge_under(&under);
        }
        if let Some(category) = fields.category
            && properties.get("category").is_none()
        {
            properties.set("category", category);
        }
        let name = name_of(kind, fields.event, fields.name, &properties);
        let no_visitor = fields.anonymous_id.is_none() && fields.user_id.is_none();
        let anonymous_id = fields.anonymous_id.map(Sensitive::new);
        let from_header = || self.envelope.anonymous_id.clone().filter(|_| no_visitor);
        if fields.message_id.is_none() && !notes.contains(&Note::LongMessageId) {
            notes.push(Note::NoMessageId);
        }
        let mut words = said.words;
        words.extend_from_slice(&self.envelope.consent);
        if words.iter().filter_map(ConsentWord::evidence).any(|found| found.fault.is_some()) {
            notes.push(Note::UnreadConsent);
        }
        let message = Message {
            kind,
            message_id: fields.message_id,
            user_id: fields.user_id.map(Sensitive::new),
            anonymous_id: anonymous_id.or_else(from_header),
            previous_id: fields.previous_id.map(Sensitive::new),
            group_id: fields.group_id.map(Sensitive::new),
            preference: name.as_deref() == Some(consent::PREFERENCE_EVENT)
                && kind == EventKind::Track,
            name: name.map(Sensitive::new),
            original: fields.original.or(fields.timestamp),
            sent: fields.sent.or(self.envelope.sent),
            traits: Sensitive::new(traits),
            properties: Sensitive::new(properties),
            context: Sensitive::new(context),
            integrations: Sensitive::new(integrations),
            consent: words,
            resolution: said.resolution,
            bytes,
            notes,
        };
        complete(&message)?;
        Ok((message, fields.write_key))
    }
}

/// The fields of an event as they come.
#[derive(Default)]
struct Fields {
    kind: Option<EventKind>,
    message_id: Option<String>,
    user_id: Option<String>,
    anonymous_id: Option<String>,
    previous_id: Option<String>,
    group_id: Option<String>,
    event: Option<String>,
    name: Option<String>,
    category: Option<Value>,
    original: Option<Timestamp>,
    timestamp: Option<Timestamp>,
    sent: Option<Timestamp>,
    write_key: Option<WriteKey>,
    traits: Map,
    properties: Map,
    context: Map,
    integrations: Map,
    notes: Vec<Note>,
}

impl Fields {
    fn take(&mut self, key: &str, value: Value) -> Result<(), Fail> {
        match key {
            "type" => self.kind = value.as_text().and_then(kind_of_word),
            "messageId" => self.message_id = self.message_id_of(value)?,
            "userId" => self.user_id = id(value, "/userId")?,
            "anonymousId" => self.anonymous_id = id(value, "/anonymousId")?,
            "previousId" => self.previous_id = id(value, "/previousId")?,
            "groupId" => self.group_id = id(value, "/groupId")?,
            "event" => self.event = id(value, "/event")?,
            "name" => self.name = id(value, "/name")?,
            "category" => self.category = Some(value).filter(|value| !value.is_blank()),
            "originalTimestamp" => self.original = self.instant(&value, "/originalTimestamp")?,
            "timestamp" => self.timestamp = self.instant(&value, "/timestamp")?,
            "sentAt" => self.sent = self.sent_at(&value),
            "writeKey" => self.write_key = value.as_text().and_then(WriteKey::new),
            "traits" => self.traits = object(value, "/traits")?,
            "properties" => self.properties = object(value, "/properties")?,
            "context" => self.context = object(value, "/context")?,
            "integrations" => self.integrations = object(value, "/integrations")?,
            key if FIELDS_IGNORED.contains(&key) => {}
            _ if self.notes.contains(&Note::UnknownFields) => {}
            _ => self.notes.push(Note::UnknownFields),
        }
        Ok(())
    }

    fn message_id_of(&mut self, value: Value) -> Result<Option<String>, Fail> {
        let found = id(value, "/messageId")?;
        if found.as_ref().is_some_and(|id| id.len() > MESSAGE_ID_BYTES_MAX) {
            self.notes.push(Note::LongMessageId);
            return Ok(None);
        }
        Ok(found)
    }

    fn instant(&mut self, value: &Value, pointer: &str) -> Result<Option<Timestamp>, Fail> {
        if value.is_blank() {
            return Ok(None);
        }
        let read = time::read_value(value).ok_or_else(|| {
            let message = "the time cannot be read";
            let remedy = "send RFC 3339, such as 2026-11-24T08:30:00.000Z";
            Fail::new("timestamp_unreadable", pointer, message, remedy)
        })?;
        if !read.zoned {
            self.notes.push(Note::NoZone);
        }
        Ok(Some(read.at))
    }

    /// A bad `sentAt` only costs the correction of the clock, so it costs no event.
    fn sent_at(&mut self, value: &Value) -> Option<Timestamp> {
        if value.is_blank() {
            return None;
        }
        let read = time::read_value(value);
        if read.is_none() {
            self.notes.push(Note::UnreadableSentAt);
        }
        read.map(|read| read.at)
    }
}

/// An id or a name: a text or a whole number; blank is absent.
fn id(value: Value, pointer: &str) -> Result<Option<String>, Fail> {
    match value {
        Value::Null => Ok(None),
        Value::Text(text) if text.trim().is_empty() => Ok(None),
        Value::Text(text) => Ok(Some(text.into_string())),
        Value::Number(Number::Whole(number)) => Ok(Some(number.to_string())),
        Value::Number(Number::Negative(number)) => Ok(Some(number.to_string())),
        // Beyond this a double has gaps: two customers could share the rounded id.
        Value::Number(Number::Real(number))
            if number.fract() == 0.0 && number.abs() <= DOUBLE_WHOLE_MAX =>
        {
            Ok(Some(format!("{number:.0}")))
        }
        Value::Number(Number::Real(_)) | Value::Bool(_) | Value::List(_) | Value::Object(_) => {
            let message = "it is not a text or a whole number";
            Err(Fail::new("wrong_type", pointer, message, "send it as a text"))
        }
    }
}

/// An object; null and PHP's empty array are empty ones.
fn object(value: Value, pointer: &str) -> Result<Map, Fail> {
    match value {
        Value::Object(map) => Ok(map),
        Value::Null => Ok(Map::default()),
        Value::List(list) if list.is_empty() => Ok(Map::default()),
        Value::List(_) | Value::Text(_) | Value::Bool(_) | Value::Number(_) => {
            Err(Fail::new("wrong_type", pointer, "it is not an object", "send it as an object"))
        }
    }
}

/// The name of what was done or seen; Rudder has the name of a page in its properties only.
fn name_of(
    kind: EventKind,
    event: Option<String>,
    name: Option<String>,
    properties: &Map,
) -> Option<String> {
    match kind {
        EventKind::Track => event,
        EventKind::Page | EventKind::Screen => {
            name.or_else(|| properties.get("name").and_then(Value::as_text).map(str::to_owned))
        }
        EventKind::Identify | EventKind::Group | EventKind::Alias => None,
    }
}

/// Whether the event has what its kind needs.
fn complete(message: &Message) -> Result<(), Fail> {
    let missing = |code, pointer, what, remedy| Err(Fail::new(code, pointer, what, remedy));
    if message.user_id.is_none() && message.anonymous_id.is_none() {
        let what = "the event is about nobody";
        return missing("identity_missing", "/userId", what, "send userId or anonymousId");
    }
    match message.kind {
        EventKind::Track if message.name.is_none() => {
            missing("event_missing", "/event", "the track event has no name", "send event")
        }
        EventKind::Group if message.group_id.is_none() => {
            missing("group_missing", "/groupId", "the group event has no group", "send groupId")
        }
        EventKind::Alias
            if message.user_id.is_none()
                || (message.previous_id.is_none() && message.anonymous_id.is_none()) =>
        {
            let what = "the alias does not name two ids";
            missing("alias_incomplete", "/previousId", what, "send userId and previousId")
        }
        EventKind::Track
        | EventKind::Group
        | EventKind::Alias
        | EventKind::Identify
        | EventKind::Page
        | EventKind::Screen => Ok(()),
    }
}

fn too_large(limits: &Limits) -> Fail {
    let message = format!("the event is larger than {} bytes", limits.event_max);
    Fail::new("event_too_large", "", &message, "send less, or raise the source's event limit")
}

fn consent_unreadable(unreadable: consent::Unreadable) -> Fail {
    let pointer = format!("/context{}", unreadable.pointer);
    let message = format!("the consent is not {}", unreadable.wanted);
    Fail::new("consent_unreadable", &pointer, &message, "send consent as its specification says")
}

fn unreadable(fault: &Fault, limits: &Limits) -> Fail {
    let deep = format!("the event is nested deeper than {} levels", limits.depth_max);
    let (code, message, remedy) = match fault.cause {
        Cause::Syntax => ("not_json", "the event is not JSON", "send JSON (RFC 8259)"),
        Cause::NotAnObject => ("not_an_object", "the event is not an object", "send an object"),
        Cause::TooDeep => ("too_deep", deep.as_str(), "send flatter events"),
        Cause::DuplicateKey => ("duplicate_key", "a key comes twice", "send each key once"),
        Cause::NumberRange => {
            ("number_out_of_range", "a number is too large for a double", "send it as a text")
        }
        Cause::Text => {
            ("text_broken", "a text has an escape that is no character", "send whole characters")
        }
    };
    Fail::new(code, &fault.pointer, message, remedy)
}
