//! What this room keeps: rows of records, traits, events, postings and components.

use crate::household::Home;
use gate::Grounds;
use model::{Blind, IdentifierKind, PersonId, RecordId, RecordKind, SourceId, Timestamp};
use serde::{Deserialize, Serialize};
use store::Table;
use vault::{FieldToken, Sealed};

pub(crate) use vault::Feature;

/// Records by id.
pub(crate) const RECORDS: Table<RecordId, (), RecordRow> = store::table!("records", 5);

/// The sealed traits of a record.
pub(crate) const TRAITS: Table<RecordId, (), TraitsRow> = store::table!("traits", 1);

/// What customers say of themselves: sealed as traits are, and outranking them.
pub(crate) const CORRECTIONS: Table<RecordId, (), TraitsRow> = store::table!("corrections", 1);

/// The events of a record by corrected time and message.
pub(crate) const EVENTS: Table<RecordId, (Timestamp, [u8; 8]), EventRow> =
    store::table!("events", 1);

/// Which records that may be linked bear an identifier.
pub(crate) const POSTINGS: Table<Blind, (), PostingRow> = store::table!("postings", 1);

/// The members of a posting beyond those in its row.
pub(crate) const POSTINGS_MORE: Table<Blind, RecordId, ()> = store::table!("postings_more", 1);

/// Which records bear an identifier that must not be linked: found by it, and counted for nothing.
pub(crate) const POSTINGS_APART: Table<Blind, RecordId, ()> = store::table!("postings_apart", 1);

/// Which records say that their customer lives in a house, of people who let households be recognised.
pub(crate) const HOMES: Table<Blind, RecordId, ()> = store::table!("homes", 1);

/// Of which state of the index the records' likeness is: one row.
pub(crate) const LIKENESS: Table<u8, (), LikenessRow> = store::table!("likeness", 1);

/// The model that was learned from this house, sealed in parts under a key of its own.
pub(crate) const MODELS: Table<RecordId, u32, Sealed> = store::table!("models", 1);

/// Records that hang together and are decided together, by the id of one of them.
pub(crate) const COMPONENTS: Table<RecordId, (), ComponentRow> = store::table!("components", 1);

/// One source's view of one customer.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct RecordRow {
    pub(crate) source: SourceId,
    pub(crate) kind: RecordKind,
    /// The earliest and latest event, by corrected time.
    pub(crate) first: Timestamp,
    pub(crate) last: Timestamp,
    pub(crate) events: u64,
    /// The person that holds it now.
    pub(crate) person: PersonId,
    /// The component it is in, unless it stands alone.
    pub(crate) component: Option<RecordId>,
    pub(crate) grounds: Grounds,
    pub(crate) links: Links,
    /// Whether its own grounds let it be linked, which says in whose postings it stands.
    pub(crate) linkable: bool,
    /// Where its customer lives, and with whom not.
    pub(crate) home: Home,
}

/// What links a record to others, or keeps it apart. Pseudonyms only.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Links {
    /// Every identifier ever seen on it, ascending.
    pub(crate) identifiers: Vec<(IdentifierKind, Blind)>,
    /// The source's namespace of user ids, and the record's own user id in it.
    pub(crate) namespace: u32,
    pub(crate) own_user: Option<Blind>,
    /// What tells people apart, by kind.
    pub(crate) features: Vec<FeatureFact>,
    /// What somebody who knows has said: one with that record (true) or not (false). Ascending.
    pub(crate) asserted: Vec<(RecordId, bool)>,
    /// Records that may be one person with this one by likeness, with the weight of the pair, in
    /// units of [`linkage::cluster::UNIT`]. Ascending.
    pub(crate) alike: Vec<(RecordId, i32)>,
}

/// What tells people who share an identifier apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum FeatureKind {
    /// The given name, nicknames resolved.
    Given,
    /// The given name as it sounds.
    GivenSound,
    /// A full birth date.
    BirthDate,
    /// Jr, Sr, III.
    Suffix,
}

/// A feature's latest value; at one instant the greater wins, so that order does not matter.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct FeatureFact {
    /// Which.
    pub kind: FeatureKind,
    /// When it was said.
    pub at: Timestamp,
    /// The pseudonym of the value; nothing when it was erased or unusable.
    pub value: Option<Feature>,
}

/// The traits of a record.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct TraitsRow(pub(crate) Vec<TraitRow>);

/// One trait's latest value.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct TraitRow {
    pub(crate) field: FieldToken,
    pub(crate) at: Timestamp,
    /// Orders two values said at one instant.
    pub(crate) tie: [u8; 8],
    /// Name, raw form and perfected form, sealed together; nothing when it was erased.
    pub(crate) value: Option<Sealed>,
}

/// One event.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct EventRow {
    pub(crate) kind: EventKind,
    pub(crate) received: Timestamp,
    /// The pseudonym of the event's name, for counting.
    pub(crate) name: FieldToken,
    /// The event's content, one sealed part for each category in it.
    pub(crate) parts: Vec<Sealed>,
}

/// The kinds of event in the Segment specification.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum EventKind {
    /// Who somebody is.
    Identify,
    /// Something somebody did.
    Track,
    /// A page seen.
    Page,
    /// A screen seen.
    Screen,
    /// A group somebody belongs to.
    Group,
    /// Two ids of one customer.
    Alias,
}

/// The records that bear one identifier and may be linked.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct PostingRow {
    /// Up to [`crate::limits::POSTING_MAX`] of them, ascending.
    pub(crate) members: Vec<RecordId>,
    /// How many there are in all.
    pub(crate) total: u64,
}

/// Records that hang together.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct ComponentRow {
    /// Ascending.
    pub(crate) members: Vec<RecordId>,
}

/// Which model compared, and how often what is compared has changed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct LikenessRow {
    /// The SHA-256 of the model's file, first half.
    pub(crate) model: [u8; 16],
    /// Counts the commits that changed what is compared.
    pub(crate) serial: u64,
    /// Whether every record's likeness is by this model; not so while it is being introduced.
    pub(crate) complete: bool,
}
