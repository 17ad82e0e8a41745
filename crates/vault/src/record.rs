//! Record keys: one random key a record, wrapped under a leaf of the key tree.

use crate::keys::{Keys, aead_key};
use crate::sealed::{Sealed, associated, open_bytes, seal_bytes};
use crate::{FieldToken, VaultError};
use aws_lc_rs::aead::LessSafeKey;
use aws_lc_rs::hmac;
use model::{Category, RecordId};
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::sync::Arc;
use store::{AsOf, Batch, StoreError, Table, View};
use zeroize::Zeroizing;

/// Wrapped record keys by shard.
pub(crate) const KEYS: Table<u16, RecordId, KeyRow> = store::table!("keys", 2);

/// The number of the last group of erasures that was committed.
pub(crate) const ERASURES: Table<(), (), u64> = store::table!("erasures", 1);

/// How many partitions the wrapped keys have: the first twelve bits of a record's id.
pub(crate) const SHARD_COUNT: u16 = 4_096;

/// A wrapped record key: nonce (12) ‖ ciphertext (32) ‖ tag (16), bound to record and leaf.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct KeyRow {
    /// The leaf of the key tree whose key wraps it. No other record has had it.
    pub(crate) leaf: u64,
    #[serde(with = "serde_bytes")]
    pub(crate) wrapped: Vec<u8>,
}

/// The shard of a record: its first twelve bits.
pub(crate) const fn shard_of(record: RecordId) -> u16 {
    let [a, b, ..] = record.0;
    u16::from_be_bytes([a, b]) >> 4
}

fn wrap_context(record: RecordId, leaf: u64) -> [u8; 24] {
    let mut context = [0; 24];
    let parts = record.0.into_iter().chain(leaf.to_be_bytes());
    for (place, byte) in context.iter_mut().zip(parts) {
        *place = byte;
    }
    context
}

/// Wraps a record's key under a leaf of its own.
fn wrap(keys: &Keys, record: RecordId, raw: &[u8; 32]) -> Result<KeyRow, VaultError> {
    let leaf = keys.new_leaf();
    let key = keys.leaf_key(leaf)?.ok_or(VaultError::Shredded)?;
    let wrapped = seal_bytes(&key, &*keys.rng, &wrap_context(record, leaf), raw)?;
    Ok(KeyRow { leaf, wrapped })
}

/// Unwraps a record's key; [`VaultError::Shredded`] when its leaf was cut out.
pub(crate) fn unwrap(
    keys: &Keys,
    record: RecordId,
    row: &KeyRow,
) -> Result<Zeroizing<[u8; 32]>, VaultError> {
    let key = keys.leaf_key(row.leaf)?.ok_or(VaultError::Shredded)?;
    let context = wrap_context(record, row.leaf);
    let plain = Zeroizing::new(open_bytes(&key, &context, &row.wrapped)?);
    let raw: [u8; 32] = plain.as_slice().try_into().map_err(|_| VaultError::Damaged)?;
    Ok(Zeroizing::new(raw))
}

/// The number of the last group of erasures that a store has committed.
pub(crate) fn erasures(view: &View<'_>) -> Result<u64, StoreError> {
    Ok(view.get(&ERASURES, &(), &())?.map_or(0, |row| row.value))
}

/// A record's key, ready to use.
struct Open {
    raw: Zeroizing<[u8; 32]>,
    key: LessSafeKey,
    fresh: bool,
}

impl Open {
    fn new(raw: Zeroizing<[u8; 32]>, fresh: bool) -> Self {
        Self { key: aead_key(&raw), raw, fresh }
    }
}

enum Held {
    Open(Open),
    /// There is no key row: the record is new, or was erased.
    None,
    /// The row is there, its leaf is not.
    Shredded,
}

/// The keys of some records, for one piece of work.
pub struct RecordKeys {
    keys: Arc<Keys>,
    loaded: Loaded,
}

/// What was read.
pub(crate) struct Loaded {
    held: BTreeMap<RecordId, Held>,
    at: AsOf,
}

impl Loaded {
    /// Reads and unwraps the keys of `records`.
    pub(crate) fn read(
        keys: &Keys,
        view: &View<'_>,
        records: &[RecordId],
    ) -> Result<Self, VaultError> {
        let records: BTreeSet<_> = records.iter().copied().collect();
        let places: Vec<_> = records.iter().map(|record| (shard_of(*record), *record)).collect();
        let rows = view.get_many(&KEYS, &places)?;
        let mut held = BTreeMap::new();
        for ((_, record), row) in places.into_iter().zip(rows) {
            let found = match row {
                None => Held::None,
                Some(row) => match unwrap(keys, record, &row.value) {
                    Ok(raw) => Held::Open(Open::new(raw, false)),
                    Err(VaultError::Shredded) => Held::Shredded,
                    Err(error) => return Err(error),
                },
            };
            held.insert(record, found);
        }
        if held.values().any(|held| matches!(held, Held::None)) && erasures(view)? > keys.newest() {
            // Another process has erased somebody: what it destroyed is not to be kept here.
            keys.reload()?;
        }
        Ok(Self { held, at: view.as_of() })
    }

    /// The records whose rows are there and whose leaves are not.
    pub(crate) fn shredded(&self) -> Vec<RecordId> {
        let shredded = self.held.iter().filter(|(_, held)| matches!(held, Held::Shredded));
        shredded.map(|(record, _)| *record).collect()
    }

    /// Takes over what a later look has found.
    pub(crate) fn replace(&mut self, later: Self) {
        self.at = self.at.and(later.at);
        self.held.extend(later.held);
    }

    pub(crate) fn ledger_key(&self, record: RecordId) -> Option<[u8; 32]> {
        let Some(Held::Open(open)) = self.held.get(&record) else { return None };
        let key = hmac::Key::new(hmac::HMAC_SHA256, &*open.raw);
        let tag = hmac::sign(&key, b"bonafide ledger commitments");
        tag.as_ref().try_into().ok()
    }
}

impl RecordKeys {
    pub(crate) const fn new(keys: Arc<Keys>, loaded: Loaded) -> Self {
        Self { keys, loaded }
    }

    /// Whether the record has a key.
    pub fn has(&self, record: RecordId) -> bool {
        matches!(self.loaded.held.get(&record), Some(Held::Open(_)))
    }

    /// Makes a key for a record that has none; [`Self::stage`] keeps it.
    ///
    /// # Errors
    ///
    /// [`VaultError::NotLoaded`] when the record was not among those loaded;
    /// [`VaultError::Shredded`] when its key was destroyed and its row is still there.
    pub fn ensure(&mut self, record: RecordId) -> Result<(), VaultError> {
        match self.loaded.held.get_mut(&record) {
            Some(Held::Open(_)) => Ok(()),
            Some(none @ Held::None) => {
                let mut raw = Zeroizing::new([0; 32]);
                self.keys.rng.fill(&mut *raw);
                *none = Held::Open(Open::new(raw, true));
                Ok(())
            }
            Some(Held::Shredded) => Err(VaultError::Shredded),
            None => Err(VaultError::NotLoaded),
        }
    }

    /// Adds the new keys to a batch, to hold only if the records still have none.
    ///
    /// # Errors
    ///
    /// When the key tree cannot be read.
    pub fn stage(&self, batch: &mut Batch) -> Result<(), VaultError> {
        for (record, held) in &self.loaded.held {
            let Held::Open(Open { raw, fresh: true, .. }) = held else { continue };
            let shard = shard_of(*record);
            let row = wrap(&self.keys, *record, raw)?;
            batch.check_read(&KEYS, &shard, record, None, self.loaded.at);
            batch.put(&KEYS, &shard, record, &row);
        }
        Ok(())
    }

    /// Seals a value under its record's key, bound to record, field and category.
    ///
    /// # Errors
    ///
    /// [`VaultError::NotLoaded`] when the record has no key here.
    pub fn seal(
        &self,
        record: RecordId,
        field: FieldToken,
        category: Category,
        plain: &[u8],
    ) -> Result<Sealed, VaultError> {
        let key = self.key(record)?;
        let bytes = seal_bytes(key, &*self.keys.rng, &associated(record, field, category), plain)?;
        Ok(Sealed { category, bytes })
    }

    pub(crate) fn open(
        &self,
        record: RecordId,
        field: FieldToken,
        sealed: &Sealed,
    ) -> Result<Vec<u8>, VaultError> {
        let key = self.key(record)?;
        open_bytes(key, &associated(record, field, sealed.category), &sealed.bytes)
    }

    fn key(&self, record: RecordId) -> Result<&LessSafeKey, VaultError> {
        match self.loaded.held.get(&record) {
            Some(Held::Open(open)) => Ok(&open.key),
            Some(Held::Shredded | Held::None) => Err(VaultError::Shredded),
            None => Err(VaultError::NotLoaded),
        }
    }

    /// The record's key for ledger commitments; nothing when it has no key.
    pub fn ledger_key(&self, record: RecordId) -> Option<[u8; 32]> {
        self.loaded.ledger_key(record)
    }
}

impl fmt::Debug for RecordKeys {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RecordKeys")
            .field("records", &self.loaded.held.len())
            .finish_non_exhaustive()
    }
}
