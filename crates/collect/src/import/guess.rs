//! A first proposal of a mapping, from the names of columns alone, for somebody to look over.

use super::{Mapping, Target};
use std::collections::BTreeSet;

/// Names of columns that are a key, the surest first; letters and digits only.
const KEYS: [&str; 17] = [
    "customerid",
    "userid",
    "uniqueid",
    "personid",
    "memberid",
    "clientid",
    "contactid",
    "accountid",
    "customernumber",
    "customerno",
    "kundennummer",
    "kundennr",
    "externalid",
    "recordid",
    "recid",
    "id",
    "key",
];

/// Names of columns that are the time of the row.
const TIMES: [&str; 10] = [
    "updatedat",
    "lastupdated",
    "modifiedat",
    "lastmodified",
    "timestamp",
    "ts",
    "eventtime",
    "createdat",
    "datetime",
    "date",
];

/// Parts of names that speak of consent.
const CONSENT: [&str; 11] = [
    "consent",
    "optin",
    "optout",
    "permission",
    "newsletter",
    "subscrib",
    "gdpr",
    "dsgvo",
    "marketingallowed",
    "donot",
    "werbung",
];

/// A proposal.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Guess {
    /// The mapping; its `source` is empty.
    pub mapping: Mapping,
    /// What somebody should look at before it is used.
    pub doubts: Vec<Doubt>,
}

/// Something a proposal is not sure of.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Doubt {
    /// No column looks like a key.
    NoKey,
    /// No column looks like the time of the row: the time of the import is taken.
    NoTime,
    /// The column looks like consent. It is ignored: consent is read, never guessed.
    LooksLikeConsent(String),
    /// Two columns would become the same trait; the second is ignored.
    SameTrait(String),
}

impl Mapping {
    /// Proposes a mapping to traits. It never proposes consent.
    pub fn guess<S: AsRef<str>>(columns: &[S]) -> Guess {
        let names: Vec<&str> = columns.iter().map(AsRef::as_ref).collect();
        let mut mapping = Self::default();
        let mut doubts = Vec::new();
        match first_of(&KEYS, &names) {
            Some(key) => mapping.key.push(key.to_owned()),
            None => doubts.push(Doubt::NoKey),
        }
        mapping.timestamp = first_of(&TIMES, &names).map(str::to_owned);
        if mapping.timestamp.is_none() {
            doubts.push(Doubt::NoTime);
        }
        let mut traits = BTreeSet::new();
        for name in names {
            if mapping.key.iter().any(|key| key == name)
                || mapping.timestamp.as_deref() == Some(name)
            {
                continue;
            }
            let plain = plain(name);
            let said = trait_name(name);
            if CONSENT.iter().any(|part| plain.contains(part)) {
                mapping.ignore.insert(name.to_owned());
                doubts.push(Doubt::LooksLikeConsent(name.to_owned()));
            } else if said.is_empty() || !traits.insert(said.clone()) {
                mapping.ignore.insert(name.to_owned());
                doubts.push(Doubt::SameTrait(name.to_owned()));
            } else {
                mapping.columns.insert(name.to_owned(), Target::Trait(said));
            }
        }
        Guess { mapping, doubts }
    }
}

fn first_of<'a>(wanted: &[&str], names: &[&'a str]) -> Option<&'a str> {
    wanted.iter().find_map(|wanted| names.iter().copied().find(|name| plain(name) == *wanted))
}

fn plain(name: &str) -> String {
    name.chars().filter(|char| char.is_alphanumeric()).flat_map(char::to_lowercase).collect()
}

/// `First Name`, `firstName` and `FIRST-NAME` are `first_name`; dots stay.
fn trait_name(name: &str) -> String {
    let mut said = String::with_capacity(name.len() + 2);
    let mut small_before = false;
    for char in name.trim().chars() {
        if char.is_alphanumeric() || char == '.' {
            if char.is_uppercase() && small_before {
                said.push('_');
            }
            said.extend(char.to_lowercase());
        } else if !said.is_empty() && !said.ends_with('_') {
            said.push('_');
        }
        small_before = char.is_lowercase() || char.is_numeric();
    }
    said.trim_end_matches('_').to_owned()
}
