//! What arrives: facts about records, ready to be stored.

use crate::household::HomeFacts;
use crate::row::{EventKind, FeatureFact};
use crate::suppress::Returns;
use gate::{Dated, Manner, Signal};
use model::{
    Bit, Blind, Category, IdentifierKind, Jurisdiction, RecordId, RecordKind, Sensitive, SourceId,
    Timestamp,
};
use std::sync::Arc;
use vault::FieldToken;

/// Everything one micro-batch says about one record.
#[derive(Clone, Debug)]
pub struct Facts {
    /// The record.
    pub record: RecordId,
    /// Its source.
    pub source: SourceId,
    /// Which of the source's own ids it bears.
    pub kind: RecordKind,
    /// The source's namespace of user ids.
    pub namespace: u32,
    /// Its own user id, blinded, if it has one.
    pub own_user: Option<Blind>,
    /// The earliest and latest of the events, by corrected time.
    pub first: Timestamp,
    /// See `first`.
    pub last: Timestamp,
    /// Identifiers seen.
    pub identifiers: Vec<(IdentifierKind, Blind)>,
    /// Features seen.
    pub features: Vec<FeatureFact>,
    /// Traits said.
    pub traits: Vec<TraitFact>,
    /// Where the customer lives, and under what family name.
    pub home: HomeFacts,
    /// Events to keep.
    pub events: Vec<EventFact>,
    /// Consent said, with how.
    pub signals: Vec<(Signal, Manner)>,
    /// Under whose law the source's customers live when nothing else is said.
    pub place: Jurisdiction,
    /// Where the customer lives, as far as it was said.
    pub lives: Option<Dated<Option<Jurisdiction>>>,
    /// How old a child is, in years; nothing for an adult.
    pub age: Option<Dated<Option<u8>>>,
    /// When it arrived.
    pub received: Timestamp,
    /// The grant without which nothing but the signals may be kept; nothing where the source
    /// collects what is necessary.
    pub under: Option<Bit>,
    /// What of it brings somebody back who was erased.
    pub returns: Returns,
}

/// One trait said about a record.
#[derive(Clone, Debug)]
pub struct TraitFact {
    /// The pseudonym of its name.
    pub field: FieldToken,
    /// When it was said.
    pub at: Timestamp,
    /// Orders two values said at one instant: a pseudonym of the value.
    pub tie: [u8; 8],
    /// What kind of data it is.
    pub category: Category,
    /// The value; nothing when it was erased by an explicit null.
    pub value: Option<Arc<Sensitive<TraitValue>>>,
}

/// A trait's content, sealed as one.
#[derive(Clone, PartialEq, serde::Serialize, serde::Deserialize)]
pub struct TraitValue {
    /// The canonical attribute, or the name the source gave it.
    pub name: String,
    /// As the source said it.
    pub raw: String,
    /// Perfected, where it could be.
    pub perfected: Option<String>,
    /// How sure the perfected form is, 0 to 1.
    pub confidence: f32,
    /// What was changed or found in perfecting, or why it could not be.
    pub note: String,
}

/// A JSON object of one category.
pub type Part = (Category, Sensitive<Vec<u8>>);

/// One event to keep. Its content is shared, because a batch may be decided more than once.
#[derive(Clone, Debug)]
pub struct EventFact {
    /// Its kind.
    pub kind: EventKind,
    /// When it happened, corrected.
    pub at: Timestamp,
    /// A pseudonym of the message id.
    pub message: [u8; 8],
    /// The pseudonym of its name.
    pub name: FieldToken,
    /// Its content as JSON objects by category.
    pub parts: Arc<[Part]>,
}

impl std::fmt::Debug for TraitValue {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("<trait>")
    }
}
