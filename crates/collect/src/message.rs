//! One event, after its dialect has been read and before anything is decided about it.

use crate::consent::{ConsentSubject, ConsentWord, Resolution};
use crate::json::{Map, Value};
use crate::time;
use model::{Sensitive, Timestamp};
use std::fmt;

pub use people::EventKind;

/// The longest message id that is kept, in bytes (Segment's limit).
pub const MESSAGE_ID_BYTES_MAX: usize = 100;

/// One event in the words of the Segment specification, whichever dialect it came in.
#[derive(Clone, Debug)]
pub struct Message {
    /// What sort of event.
    pub kind: EventKind,
    /// The sender's own id of it. Nothing when absent or too long, which `notes` says.
    pub message_id: Option<String>,
    /// The customer's id at the source. Never empty.
    pub user_id: Option<Sensitive<String>>,
    /// The visitor's id. Never empty.
    pub anonymous_id: Option<Sensitive<String>>,
    /// Of an alias: the id the customer had before. Never empty.
    pub previous_id: Option<Sensitive<String>>,
    /// The group's id. Never empty.
    pub group_id: Option<Sensitive<String>>,
    /// What was done, or the page or screen seen. Always there on a track event.
    pub name: Option<Sensitive<String>>,
    /// When it happened, by the client's clock; see [`crate::time::correct`].
    pub original: Option<Timestamp>,
    /// When it was sent, by the client's clock: of the event, else the envelope, else the header.
    pub sent: Option<Timestamp>,
    /// Identify: traits of the customer, `context.traits` under them. Group: of the group. An
    /// explicit null erases.
    pub traits: Sensitive<Map>,
    /// What else the event says.
    pub properties: Sensitive<Map>,
    /// Where it happened, the envelope's context under it.
    pub context: Sensitive<Map>,
    /// Which tools the sender wants it to go to, the envelope's under it.
    pub integrations: Sensitive<Map>,
    /// What it says about consent. Empty is not a grant: the standing contract applies.
    pub consent: Vec<ConsentWord>,
    /// How several words about one purpose combine.
    pub resolution: Resolution,
    /// Whether it is the reserved track event [`crate::consent::PREFERENCE_EVENT`].
    pub preference: bool,
    /// Its length as JSON, in bytes.
    pub bytes: usize,
    /// What was odd about it, though acceptable.
    pub notes: Vec<Note>,
}

impl Message {
    /// A body that says what this event says: sent again, without any header, it is read as the
    /// same event.
    #[expect(clippy::disallowed_methods, reason = "goes into a body that is sensitive itself")]
    pub fn to_body(&self) -> Sensitive<Vec<u8>> {
        let mut event = Map::default();
        event.set("type", self.kind_word().into());
        let name_key = if self.kind == EventKind::Track { "event" } else { "name" };
        let texts = [
            ("userId", &self.user_id),
            ("anonymousId", &self.anonymous_id),
            ("previousId", &self.previous_id),
            ("groupId", &self.group_id),
            (name_key, &self.name),
        ];
        for (key, text) in texts {
            if let Some(text) = text {
                event.set(key, text.reveal().as_str().into());
            }
        }
        if let Some(id) = &self.message_id {
            event.set("messageId", id.as_str().into());
        }
        let times = [("originalTimestamp", self.original), ("sentAt", self.sent)];
        for (key, at) in times {
            if let Some(text) = at.and_then(time::write) {
                event.set(key, text.into());
            }
        }
        let objects = [
            ("traits", &self.traits),
            ("properties", &self.properties),
            ("context", &self.context),
            ("integrations", &self.integrations),
        ];
        for (key, map) in objects {
            if !map.reveal().is_empty() {
                event.set(key, Value::Object(map.reveal().clone()));
            }
        }
        let mut body = Map::default();
        body.set("batch", Value::List(vec![Value::Object(event)]));
        let headers = headers_of(&self.consent);
        if !headers.is_empty() {
            body.set("headers", Value::Object(headers));
        }
        Sensitive::new(body.to_string().into_bytes())
    }

    /// What `type` says.
    pub const fn kind_word(&self) -> &'static str {
        kind_word(self.kind)
    }
}

/// What `type` says of a kind.
pub(crate) const fn kind_word(kind: EventKind) -> &'static str {
    match kind {
        EventKind::Identify => "identify",
        EventKind::Track => "track",
        EventKind::Page => "page",
        EventKind::Screen => "screen",
        EventKind::Group => "group",
        EventKind::Alias => "alias",
    }
}

/// Words of consent that can come in headers, as the `headers` of a body that is sent again.
#[expect(clippy::disallowed_methods, reason = "goes into a body that is sensitive itself")]
pub(crate) fn headers_of(words: &[ConsentWord]) -> Map {
    let mut headers = Map::default();
    for word in words {
        match &word.subject {
            ConsentSubject::Gpc => headers.set("gpc", Value::Bool(true)),
            ConsentSubject::Tcf(tcf) => headers.set("tcf", Value::from(&**tcf.string.reveal())),
            ConsentSubject::Gpp(gpp) => headers.set("gpp", Value::from(&**gpp.string.reveal())),
            ConsentSubject::Category(_)
            | ConsentSubject::EveryCategory
            | ConsentSubject::Purpose(_) => None,
        };
    }
    headers
}

/// Something odd about an event that was accepted all the same; for counters.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Note {
    /// It had no message id: a repetition cannot be recognised by it.
    NoMessageId,
    /// Its message id was longer than [`MESSAGE_ID_BYTES_MAX`] and was left out.
    LongMessageId,
    /// `sentAt` was not a time and was left out.
    UnreadableSentAt,
    /// A time had no zone and was taken for UTC.
    NoZone,
    /// It had fields that no dialect knows; they were left out.
    UnknownFields,
    /// A TCF or GPP string was not read, or not in full; see [`crate::consent::Evidence`].
    UnreadConsent,
}

impl Note {
    /// The word for it in metrics.
    pub const fn word(self) -> &'static str {
        match self {
            Self::NoMessageId => "no_message_id",
            Self::LongMessageId => "long_message_id",
            Self::UnreadableSentAt => "unreadable_sent_at",
            Self::NoZone => "no_zone",
            Self::UnknownFields => "unknown_fields",
            Self::UnreadConsent => "unread_consent",
        }
    }
}

/// Why one event is refused. Holds no personal data.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EventError {
    /// For programs.
    pub code: &'static str,
    /// Its place in the batch, from 0.
    pub index: usize,
    /// Where in the event: a JSON pointer (RFC 6901) with unknown keys as `*`.
    pub pointer: String,
    /// What is wrong, for people.
    pub message: String,
    /// What to do about it.
    pub remedy: &'static str,
}

impl fmt::Display for EventError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "event {} at `{}`: {}: {}", self.index, self.pointer, self.message, self.remedy)
    }
}

impl std::error::Error for EventError {}

/// A refused event with what came, for the quarantine.
#[derive(Clone, Debug)]
pub struct Rejected {
    /// Why.
    pub error: EventError,
    /// A body that, sent again, says what the event said.
    pub raw: Sensitive<Vec<u8>>,
}

impl Rejected {
    /// A message that names nobody.
    pub fn nobody(message: &Message) -> Self {
        let error = EventError {
            code: "identity_missing",
            index: 0,
            pointer: "/userId".to_owned(),
            message: "the event is about nobody".to_owned(),
            remedy: "send userId or anonymousId",
        };
        Self { error, raw: message.to_body() }
    }
}

/// Why a whole request is refused. Holds no personal data.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Refused {
    /// The HTTP status: 400, 401 or 413.
    pub status: u16,
    /// For programs.
    pub code: &'static str,
    /// What is wrong, for people.
    pub message: &'static str,
    /// What to do about it.
    pub remedy: &'static str,
    /// Where: `body`, `batch`, `header` or `query`.
    pub place: &'static str,
}

impl fmt::Display for Refused {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.message, self.remedy)
    }
}

impl std::error::Error for Refused {}
