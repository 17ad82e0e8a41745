//! What the server answers, as far as the story looks at it.

use serde::Deserialize;

/// A profile, as far as the purpose opens it.
#[derive(Deserialize)]
pub(super) struct Profile {
    pub(super) person: String,
    pub(super) entry: u64,
    pub(super) sealed: u64,
    pub(super) values: Vec<Attribute>,
    pub(super) records: Vec<Record>,
}

/// One attribute.
#[derive(Deserialize)]
pub(super) struct Attribute {
    pub(super) name: String,
    pub(super) value: String,
    pub(super) category: String,
    pub(super) source: String,
}

/// One source's view of her.
#[derive(Deserialize)]
pub(super) struct Record {
    pub(super) id: String,
    pub(super) source: String,
    pub(super) kind: String,
    pub(super) events: u64,
}

/// Why something was refused.
#[derive(Deserialize)]
pub(super) struct Problem {
    #[serde(default)]
    pub(super) grant: String,
    pub(super) remedy: String,
}

/// Her use log.
#[derive(Deserialize)]
pub(super) struct Uses {
    pub(super) uses: Vec<Use>,
}

/// One line of it.
#[derive(Deserialize)]
pub(super) struct Use {
    pub(super) service: String,
    pub(super) purpose: String,
    pub(super) outcome: String,
    pub(super) entry: u64,
}

/// The certificate of her erasure.
#[derive(Deserialize)]
pub(super) struct Erased {
    pub(super) records: u64,
    pub(super) rows: u64,
    pub(super) entry: u64,
}

/// What became of the events of a request; those simply stored are not listed.
#[derive(Deserialize)]
pub(super) struct Taken {
    #[serde(default)]
    pub(super) events: Vec<Verdict>,
}

/// What became of one event.
#[derive(Deserialize)]
pub(super) struct Verdict {
    pub(super) status: String,
}
