//! The outside JSON of people: what a permit opened, and nothing else, leaves the house through
//! these structs.

use crate::edge::Server;
use collect::Source;
use gate::{Grants, Used, UsedFor};
use model::{RecordKind, SourceId, Timestamp};
use people::{EventKind, Links, Profile, ProfileValue, RecordView, Timeline, TimelineEvent};
use schemars::JsonSchema;
use serde::Serialize;
use serde_json::value::RawValue;
use std::collections::BTreeMap;
use std::sync::Arc;

/// An instant as RFC 3339 in UTC, always with milliseconds, so that texts sort as instants do.
pub(crate) fn instant(at: Timestamp) -> String {
    let instant = jiff::Timestamp::from_millisecond(at.0).unwrap_or(if at.0 < 0 {
        jiff::Timestamp::MIN
    } else {
        jiff::Timestamp::MAX
    });
    format!("{instant:.3}")
}

/// The sources as they were when an answer was begun.
pub(crate) struct Slugs(Arc<[Arc<Source>]>);

impl Slugs {
    pub(crate) fn of(server: &Server) -> Self {
        Self(server.edge.intake.sources().list())
    }

    /// A source's slug; its number when it was removed.
    pub(crate) fn slug(&self, source: SourceId) -> String {
        let known = self.0.iter().find(|known| known.id == source);
        known.map_or_else(|| format!("removed-{}", source.0), |known| known.slug.clone())
    }
}

/// The source of what customers say of themselves.
pub(crate) const OWN: &str = "preference_centre";

/// What a permit lets one see of a person.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "Profile")]
pub(crate) struct ProfileBody {
    /// The person's id now; ids of merged people lead to it.
    person: String,
    /// The ledger entry that records this use.
    entry: u64,
    /// How many values the purpose does not open.
    sealed: usize,
    /// The values it opens.
    values: Vec<ValueBody>,
    /// The records it is folded from.
    records: Vec<RecordBody>,
}

/// One attribute.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "Value")]
pub(crate) struct ValueBody {
    /// The canonical attribute, or the name the source gave it.
    name: String,
    /// The value, perfected where it could be.
    value: String,
    /// As the source said it, where that differs.
    #[serde(skip_serializing_if = "Option::is_none")]
    raw: Option<String>,
    /// What kind of data it is.
    category: &'static str,
    /// How sure it is, 0 to 1.
    confidence: f32,
    /// What was changed or found in perfecting.
    #[serde(skip_serializing_if = "String::is_empty")]
    note: String,
    /// Who said it; `preference_centre` for the customer's own word.
    source: String,
    /// On which record.
    record: String,
    /// When.
    at: String,
    /// How many records say something else.
    disagreeing: usize,
    /// What held before the customer corrected it.
    #[serde(skip_serializing_if = "Option::is_none")]
    corrected: Option<String>,
}

/// One source's view of the person.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "Record")]
pub(crate) struct RecordBody {
    /// Its id.
    id: String,
    /// Its source.
    source: String,
    /// Which of the source's ids it bears: `user`, `anonymous` or `row`.
    kind: &'static str,
    /// Its earliest event.
    first: String,
    /// Its latest event.
    last: String,
    /// How many events it has.
    events: u64,
}

pub(crate) fn profile(profile: Profile, slugs: &Slugs) -> ProfileBody {
    let Profile { person, entry, values, sealed, records } = profile;
    ProfileBody {
        person: person.to_string(),
        entry,
        sealed,
        values: values.into_iter().map(|said| value(said, slugs)).collect(),
        records: records.iter().map(|of| record(of, slugs)).collect(),
    }
}

#[expect(
    clippy::disallowed_methods,
    reason = "the answer to a caller whose permit opened these values: the only way out of a profile"
)]
fn value(said: ProfileValue, slugs: &Slugs) -> ValueBody {
    let (value, raw) = (said.value.into_revealed(), said.raw.into_revealed());
    ValueBody {
        name: said.name.into_revealed(),
        raw: (raw != value).then_some(raw),
        value,
        category: said.category.word(),
        confidence: said.confidence,
        note: said.note,
        source: if said.own { OWN.to_owned() } else { slugs.slug(said.source) },
        record: said.record.to_string(),
        at: instant(said.at),
        disagreeing: said.disagreeing,
        corrected: said.corrected.map(model::Sensitive::into_revealed),
    }
}

fn record(of: &RecordView, slugs: &Slugs) -> RecordBody {
    let kind = match of.kind {
        RecordKind::User => "user",
        RecordKind::Anonymous => "anonymous",
        RecordKind::Row => "row",
    };
    let (first, last) = (instant(of.first), instant(of.last));
    let (id, source) = (of.id.to_string(), slugs.slug(of.source));
    RecordBody { id, source, kind, first, last, events: of.events }
}

/// A page of a person's timeline, newest first.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "Timeline")]
pub(crate) struct TimelineBody {
    /// The ledger entry that records this use.
    entry: u64,
    /// The events.
    events: Vec<HappenedBody>,
    /// Give this as `before` for the next page, if there may be one.
    #[serde(skip_serializing_if = "Option::is_none")]
    before: Option<String>,
}

/// One event.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "Event")]
pub(crate) struct HappenedBody {
    /// When it happened, corrected for the client's clock.
    at: String,
    /// When it arrived.
    received: String,
    /// `identify`, `track`, `page`, `screen`, `group` or `alias`.
    kind: &'static str,
    /// Its source.
    source: String,
    /// The record it is a fact of.
    record: String,
    /// What the purpose opens, by category.
    #[schemars(with = "BTreeMap<String, serde_json::Map<String, serde_json::Value>>")]
    parts: BTreeMap<&'static str, Box<RawValue>>,
    /// How many parts it does not open.
    sealed: usize,
}

pub(crate) fn timeline(timeline: Timeline, slugs: &Slugs) -> TimelineBody {
    let Timeline { entry, events, before } = timeline;
    let events = events.into_iter().map(|event| happened(event, slugs)).collect();
    TimelineBody { entry, events, before: before.map(instant) }
}

fn happened(event: TimelineEvent, slugs: &Slugs) -> HappenedBody {
    let mut parts = BTreeMap::new();
    let mut sealed = event.sealed;
    for (category, plain) in event.parts {
        #[expect(
            clippy::disallowed_methods,
            reason = "the answer to a caller whose permit opened this part: the only way out of a timeline"
        )]
        let plain = String::from_utf8(plain.into_revealed()).ok();
        // A part that is not JSON cannot be shown; the doctor finds out why.
        match plain.and_then(|plain| RawValue::from_string(plain).ok()) {
            Some(json) => drop(parts.insert(category.word(), json)),
            None => sealed += 1,
        }
    }
    let kind = match event.kind {
        EventKind::Identify => "identify",
        EventKind::Track => "track",
        EventKind::Page => "page",
        EventKind::Screen => "screen",
        EventKind::Group => "group",
        EventKind::Alias => "alias",
    };
    HappenedBody {
        at: instant(event.at),
        received: instant(event.received),
        kind,
        source: slugs.slug(event.source),
        record: event.record.to_string(),
        parts,
        sealed,
    }
}

/// Why a person's records belong together. Pseudonyms only.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "Links")]
pub(crate) struct LinksBody {
    /// The ledger entry that records this use.
    entry: u64,
    /// The records.
    records: Vec<RecordBody>,
    /// The identifiers that more than one of them bear, or that are too common to count.
    shared: Vec<SharedBody>,
    /// What was asserted about two records.
    asserted: Vec<AssertedBody>,
}

/// An identifier that records share.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "SharedIdentifier")]
pub(crate) struct SharedBody {
    /// What sort it is.
    kind: &'static str,
    /// Its pseudonym.
    pseudonym: String,
    /// The person's records that bear it.
    records: Vec<String>,
    /// Whether it is too common to link anybody.
    generic: bool,
}

/// What an operator said about two records.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "Asserted")]
pub(crate) struct AssertedBody {
    /// One record.
    a: String,
    /// The other.
    b: String,
    /// Whether they are one person (true) or not (false).
    joined: bool,
}

pub(crate) fn links(links: Links, slugs: &Slugs) -> LinksBody {
    let Links { entry, records, shared, asserted } = links;
    let shared = shared.into_iter().map(|shared| SharedBody {
        kind: shared.kind.word(),
        pseudonym: shared.blind.to_string(),
        records: shared.records.iter().map(ToString::to_string).collect(),
        generic: shared.generic,
    });
    let asserted = asserted.into_iter().map(|(a, b, joined)| AssertedBody {
        a: a.to_string(),
        b: b.to_string(),
        joined,
    });
    LinksBody {
        entry,
        records: records.iter().map(|of| record(of, slugs)).collect(),
        shared: shared.collect(),
        asserted: asserted.collect(),
    }
}

/// One line of a person's use log.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "Use")]
pub(crate) struct UseBody {
    /// When.
    at: String,
    /// Who asked.
    service: String,
    /// What was done.
    kind: &'static str,
    /// Why.
    purpose: &'static str,
    /// The grant it stands on.
    #[serde(skip_serializing_if = "Option::is_none")]
    grant: Option<String>,
    /// How the gate answered.
    outcome: &'static str,
    /// Which kinds of data it could see, for uses of this one person.
    #[serde(skip_serializing_if = "Option::is_none")]
    categories: Option<Vec<&'static str>>,
    /// How many people were in it, for uses of many at once.
    #[serde(skip_serializing_if = "Option::is_none")]
    people: Option<u64>,
    /// The ledger entry that commits to it.
    entry: u64,
}

pub(crate) fn used(used: &Used, grants: &Grants) -> UseBody {
    let (service, kind, purpose, bit, answer, categories, people) = match &used.of {
        UsedFor::Own(row) => {
            let categories = row.categories.iter().map(model::Category::word).collect();
            (&row.service, row.kind, row.purpose, row.bit, row.outcome, Some(categories), None)
        }
        UsedFor::Among(row) => {
            (&row.service, row.kind, row.purpose, row.bit, row.outcome, None, Some(row.people))
        }
    };
    UseBody {
        at: instant(used.at),
        service: service.clone(),
        kind: kind.word(),
        purpose: purpose.word(),
        grant: bit.and_then(|bit| grants.grant(bit)).map(ToString::to_string),
        outcome: outcome(answer),
        categories,
        people,
        entry: used.entry(),
    }
}

const fn outcome(outcome: gate::Outcome) -> &'static str {
    match outcome {
        gate::Outcome::Permitted => "permitted",
        gate::Outcome::NotGranted => "not_granted",
        gate::Outcome::NotAuthorised => "not_authorised",
        gate::Outcome::UnknownPerson => "unknown_person",
        gate::Outcome::UnknownGrant => "unknown_grant",
    }
}
