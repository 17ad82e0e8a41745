//! The mapping of a file: which column is what, and from a row to a message.

use super::{Row, RowError};
use crate::consent::{ConsentSubject, ConsentWord, Resolution};
use crate::json::{Map, Value};
use crate::message::Message;
use crate::time;
use model::{Purpose, Sensitive};
use people::EventKind;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

/// Between the parts of a key of several columns: a character no key has (ASCII unit separator).
const KEY_SEPARATOR: &str = "\u{1f}";

/// What the columns of a file are. Every column must be named somewhere: a column nobody thought of is
/// an error, because it may hold anything.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Mapping {
    /// The slug of the source the rows come from.
    pub source: String,
    /// The columns that together are the row's key: the customer's id at the source.
    pub key: Vec<String>,
    /// The column of the time at which the row was true.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub timestamp: Option<String>,
    /// Makes each row a track event of this name instead of traits of a customer.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub event: Option<String>,
    /// What else the columns are.
    pub columns: BTreeMap<String, Target>,
    /// Columns that hold consent.
    pub consent: BTreeMap<String, ConsentColumn>,
    /// Traits, or properties of an event, that are the same in every row.
    pub constants: BTreeMap<String, String>,
    /// Columns that are left out.
    pub ignore: BTreeSet<String>,
}

/// What a column becomes. A dot in a name goes one object deeper.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum Target {
    /// A trait of the customer.
    Trait(String),
    /// A property of the event.
    Property(String),
}

/// A column that holds consent. A value that is neither a yes nor a no, an empty one too, says
/// nothing.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ConsentColumn {
    /// What it is consent to.
    pub purposes: Vec<Purpose>,
    /// The values that mean yes; capitals do not matter.
    #[serde(default = "yes")]
    pub yes: Vec<String>,
    /// The values that mean no.
    #[serde(default = "no")]
    pub no: Vec<String>,
}

fn yes() -> Vec<String> {
    ["1", "true", "yes", "y"].map(str::to_owned).to_vec()
}

fn no() -> Vec<String> {
    ["0", "false", "no", "n"].map(str::to_owned).to_vec()
}

/// A mapping that does not fit itself or its file. Names columns, which the operator named.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum MappingError {
    /// It names no key.
    NoKey,
    /// The file has no such column.
    Absent(String),
    /// A column of the file is named nowhere.
    Unnamed(String),
    /// A column is named more than once.
    Twice(String),
    /// A column becomes a property, but rows are no events.
    PropertyOfNoEvent(String),
    /// A consent column names no purpose, or one value as both yes and no.
    Consent(String),
}

impl fmt::Display for MappingError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NoKey => write!(f, "key: name the columns that are the customer's id"),
            Self::Absent(column) => {
                write!(f, "the file has no column `{column}`: check the mapping's names")
            }
            Self::Unnamed(column) => {
                write!(f, "the mapping does not name column `{column}`: map it or ignore it")
            }
            Self::Twice(column) => {
                write!(f, "the mapping names column `{column}` twice: leave one out")
            }
            Self::PropertyOfNoEvent(column) => {
                write!(f, "columns.{column}: only events have properties: set event, or use trait")
            }
            Self::Consent(column) => {
                write!(f, "consent.{column}: name purposes, and no value as both yes and no")
            }
        }
    }
}

impl std::error::Error for MappingError {}

impl Mapping {
    /// Checks the mapping against the columns of its file.
    ///
    /// # Errors
    ///
    /// [`MappingError`], the first that is found.
    pub fn check<S: AsRef<str>>(&self, columns: &[S]) -> Result<(), MappingError> {
        if self.key.is_empty() {
            return Err(MappingError::NoKey);
        }
        let mut named: BTreeSet<&str> = self.key.iter().map(String::as_str).collect();
        // The key may be a trait or property too, and so may the time.
        named.extend(self.timestamp.as_deref());
        named.extend(self.columns.keys().map(String::as_str));
        for column in self.consent.keys().chain(&self.ignore) {
            if !named.insert(column) {
                return Err(MappingError::Twice(column.clone()));
            }
        }
        for (column, target) in &self.columns {
            if self.event.is_none() && matches!(target, Target::Property(_)) {
                return Err(MappingError::PropertyOfNoEvent(column.clone()));
            }
        }
        for (column, consent) in &self.consent {
            if consent.purposes.is_empty() || consent.yes.iter().any(|yes| consent.says_no(yes)) {
                return Err(MappingError::Consent(column.clone()));
            }
        }
        let there: BTreeSet<&str> = columns.iter().map(AsRef::as_ref).collect();
        if let Some(absent) = named.difference(&there).next() {
            return Err(MappingError::Absent((*absent).to_owned()));
        }
        match there.difference(&named).next() {
            Some(unnamed) => Err(MappingError::Unnamed((*unnamed).to_owned())),
            None => Ok(()),
        }
    }

    /// The message of a row: its key is the user id, and its message id a hash of source, key and
    /// content, so that importing a file twice changes nothing.
    ///
    /// # Errors
    ///
    /// [`RowError`] when the key is empty, or the time is there but cannot be read.
    #[expect(clippy::disallowed_methods, reason = "each value is wrapped again in the message")]
    pub fn message(&self, row: &Row) -> Result<Message, RowError> {
        let fields = row.fields.reveal();
        let value = |column: &str| {
            let found = fields.iter().find(|(name, _)| **name == *column);
            found.and_then(|(_, value)| value.as_deref()).filter(|value| !value.trim().is_empty())
        };
        let key: Option<Vec<&str>> = self.key.iter().map(|column| value(column)).collect();
        let key = key.ok_or(RowError {
            number: row.number,
            code: "key_missing",
            message: "a column of the row's key is empty",
            remedy: "fill it, or choose another key",
        })?;
        let key = key.join(KEY_SEPARATOR);
        let original = match self.timestamp.as_deref().and_then(value) {
            None => None,
            Some(text) => Some(time::read(text).ok_or(RowError {
                number: row.number,
                code: "timestamp_unreadable",
                message: "the row's time cannot be read",
                remedy: "write RFC 3339, such as 2026-11-24T08:30:00Z, or seconds since 1970",
            })?),
        };
        let (mut traits, mut properties) = (Map::default(), Map::default());
        let constants = if self.event.is_some() { &mut properties } else { &mut traits };
        for (name, text) in &self.constants {
            set(constants, name, text);
        }
        for (column, target) in &self.columns {
            if let Some(text) = value(column) {
                match target {
                    Target::Trait(name) => set(&mut traits, name, text),
                    Target::Property(name) => set(&mut properties, name, text),
                }
            }
        }
        let mut context = Map::default();
        let kind = if self.event.is_some() { EventKind::Track } else { EventKind::Identify };
        let bytes = fields
            .iter()
            .map(|(name, text)| name.len() + text.as_ref().map_or(0, String::len))
            .sum();
        if kind == EventKind::Track && !traits.is_empty() {
            context.set("traits", Value::Object(std::mem::take(&mut traits)));
        }
        Ok(Message {
            kind,
            message_id: Some(self.message_id(&key, row)),
            user_id: Some(Sensitive::new(key)),
            anonymous_id: None,
            previous_id: None,
            group_id: None,
            name: self.event.clone().map(Sensitive::new),
            original: original.map(|read| read.at),
            sent: None,
            traits: Sensitive::new(traits),
            properties: Sensitive::new(properties),
            context: Sensitive::new(context),
            integrations: Sensitive::default(),
            consent: self.words(value),
            resolution: Resolution::And,
            preference: false,
            bytes,
            notes: Vec::new(),
        })
    }

    /// Hashes lengths too, so that no two rows run together to the same bytes.
    fn message_id(&self, key: &str, row: &Row) -> String {
        #[expect(clippy::disallowed_methods, reason = "only its hash goes on")]
        let fields = row.fields.reveal();
        let mut hash = Sha256::new();
        let event = self.event.as_deref().unwrap_or_default();
        let values =
            fields.iter().flat_map(|(name, text)| [&**name, text.as_deref().unwrap_or_default()]);
        for part in [self.source.as_str(), event, key].into_iter().chain(values) {
            hash.update((part.len() as u64).to_be_bytes());
            hash.update(part.as_bytes());
        }
        let digest: [u8; 32] = hash.finalize().into();
        digest.iter().fold("row-".to_owned(), |id, byte| id + &format!("{byte:02x}"))
    }

    fn words<'a>(&self, value: impl Fn(&str) -> Option<&'a str>) -> Vec<ConsentWord> {
        let mut words = Vec::new();
        for (column, consent) in &self.consent {
            let Some(allowed) = value(column).and_then(|text| consent.verdict(text)) else {
                continue;
            };
            let of = |purpose: &Purpose| ConsentSubject::Purpose(*purpose);
            let subjects = consent.purposes.iter().map(of);
            words.extend(subjects.map(|subject| ConsentWord { subject, allowed }));
        }
        words
    }
}

impl ConsentColumn {
    fn verdict(&self, text: &str) -> Option<bool> {
        let text = text.trim();
        if self.says_no(text) {
            Some(false)
        } else {
            self.yes.iter().any(|yes| same(yes, text)).then_some(true)
        }
    }

    fn says_no(&self, text: &str) -> bool {
        self.no.iter().any(|no| same(no, text))
    }
}

fn same(one: &str, other: &str) -> bool {
    one.to_lowercase() == other.to_lowercase()
}

/// Sets a text at a dotted name.
fn set(map: &mut Map, name: &str, text: &str) {
    match name.split_once('.') {
        None => {
            map.set(name, text.into());
        }
        Some((first, rest)) => {
            if map.get(first).is_none() {
                map.set(first, Value::Object(Map::default()));
            }
            match map.get_mut(first) {
                Some(Value::Object(inside)) => set(inside, rest, text),
                _ => {
                    map.set(name, text.into());
                }
            }
        }
    }
}
