//! Identical records of an index: the one with the least key stands for all, as in a batch.

use crate::record::{Map, RecordKey};
use std::collections::{BTreeMap, BTreeSet};

/// Who stands for whom.
#[derive(Default)]
pub(super) struct Copies {
    /// The record that stands for each identity.
    stands: Map<u64, RecordKey>,
    /// The others by identity.
    others: BTreeSet<(u64, RecordKey)>,
    /// The identity of each of them.
    identities: BTreeMap<RecordKey, u64>,
}

/// What becomes of a record that came.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Came {
    /// It stands for itself.
    Alone,
    /// Another one stands for it.
    Behind(RecordKey),
    /// It stands for another one from now on, which is to be let go.
    Before(RecordKey),
}

/// What becomes of the others when a record goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Went {
    /// Nothing: it stood for itself.
    Alone,
    /// Another one stood for it and stays.
    Behind(RecordKey),
    /// This one stands in its place from now on.
    Before(RecordKey),
}

impl Copies {
    /// How many records others stand for.
    pub(super) fn len(&self) -> usize {
        self.identities.len()
    }

    /// The record that stands for a record.
    pub(super) fn of(&self, key: RecordKey) -> RecordKey {
        let identity = self.identities.get(&key);
        identity.and_then(|identity| self.stands.get(identity)).copied().unwrap_or(key)
    }

    /// The records that one of an identity stands for.
    pub(super) fn behind(&self, key: RecordKey, identity: u64) -> impl Iterator<Item = RecordKey> {
        let stands = self.stands.get(&identity) == Some(&key);
        let all = self.others.range((identity, 0)..=(identity, RecordKey::MAX));
        all.filter(move |_| stands).map(|(_, copy)| *copy)
    }

    pub(super) fn come(&mut self, key: RecordKey, identity: u64) -> Came {
        let Some(stands) = self.stands.get(&identity).copied() else {
            self.stands.insert(identity, key);
            return Came::Alone;
        };
        let copy = key.max(stands);
        self.others.insert((identity, copy));
        self.identities.insert(copy, identity);
        if key > stands {
            return Came::Behind(stands);
        }
        self.stands.insert(identity, key);
        Came::Before(stands)
    }

    /// Lets a record go; `identity` is asked of one that stands for itself.
    pub(super) fn go(&mut self, key: RecordKey, identity: Option<u64>) -> Went {
        if let Some(identity) = self.identities.remove(&key) {
            self.others.remove(&(identity, key));
            return self.stands.get(&identity).map_or(Went::Alone, |stands| Went::Behind(*stands));
        }
        let Some(identity) = identity.filter(|known| self.stands.get(known) == Some(&key)) else {
            return Went::Alone;
        };
        let Some(next) = self.behind(key, identity).next() else {
            self.stands.remove(&identity);
            return Went::Alone;
        };
        self.others.remove(&(identity, next));
        self.identities.remove(&next);
        self.stands.insert(identity, next);
        Went::Before(next)
    }
}
