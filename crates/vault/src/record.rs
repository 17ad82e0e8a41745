//! Record keys: one random key a record, wrapped under its shard's.

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
use store::{AsOf, Batch, Table, Version, View};
use zeroize::Zeroizing;

/// Wrapped record keys by shard.
pub(crate) const KEYS: Table<u16, RecordId, KeyRow> = store::table!("keys", 1);

/// The epoch of each shard that was ever rotated. A batch that makes keys checks it, so that no
/// key is wrapped under a shard key that is about to be destroyed.
pub(crate) const EPOCHS: Table<u16, (), u32> = store::table!("epochs", 1);

/// A wrapped record key: nonce (12) ‖ ciphertext (32) ‖ tag (16), bound to record and epoch.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct KeyRow {
    pub(crate) epoch: u32,
    #[serde(with = "serde_bytes")]
    pub(crate) wrapped: Vec<u8>,
}

/// The shard of a record: its first twelve bits.
pub(crate) const fn shard_of(record: RecordId) -> u16 {
    let [a, b, ..] = record.0;
    u16::from_be_bytes([a, b]) >> 4
}

fn wrap_context(record: RecordId, epoch: u32) -> [u8; 20] {
    let mut context = [0; 20];
    let parts = record.0.into_iter().chain(epoch.to_be_bytes());
    for (place, byte) in context.iter_mut().zip(parts) {
        *place = byte;
    }
    context
}

/// Wraps a record's key under its shard's present one.
pub(crate) fn wrap(keys: &Keys, record: RecordId, raw: &[u8; 32]) -> Result<KeyRow, VaultError> {
    let shard = keys.shard(shard_of(record))?.current;
    let context = wrap_context(record, shard.epoch);
    let wrapped = seal_bytes(&shard.key, &*keys.rng, &context, raw)?;
    Ok(KeyRow { epoch: shard.epoch, wrapped })
}

/// Unwraps a record's key; [`VaultError::Shredded`] when its epoch's key is gone.
pub(crate) fn unwrap(
    keys: &Keys,
    record: RecordId,
    row: &KeyRow,
) -> Result<Zeroizing<[u8; 32]>, VaultError> {
    let number = shard_of(record);
    let mut shard = keys.shard(number)?;
    if row.epoch > shard.current.epoch {
        keys.reload()?;
        shard = keys.shard(number)?;
    }
    let key = shard.of(row.epoch).ok_or(VaultError::Shredded)?;
    let plain =
        Zeroizing::new(open_bytes(&key.key, &wrap_context(record, row.epoch), &row.wrapped)?);
    let raw: [u8; 32] = plain.as_slice().try_into().map_err(|_| VaultError::Damaged)?;
    Ok(Zeroizing::new(raw))
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
    /// The row is there, its shard key is not.
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
    epochs: BTreeMap<u16, Option<Version>>,
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
        let mut shards = BTreeSet::new();
        for ((shard, record), row) in places.into_iter().zip(rows) {
            let found = match row {
                None => {
                    shards.insert(shard);
                    Held::None
                }
                Some(row) => match unwrap(keys, record, &row.value) {
                    Ok(raw) => Held::Open(Open::new(raw, false)),
                    Err(VaultError::Shredded) => Held::Shredded,
                    Err(error) => return Err(error),
                },
            };
            held.insert(record, found);
        }
        let shards: Vec<_> = shards.into_iter().map(|shard| (shard, ())).collect();
        let versions = view.get_many(&EPOCHS, &shards)?;
        for ((shard, ()), row) in shards.iter().zip(&versions) {
            // Another process rotated it: new keys must not be wrapped under what was destroyed.
            if row.as_ref().is_some_and(|row| row.value > keys.epoch(*shard)) {
                keys.reload()?;
            }
        }
        let epochs = shards
            .into_iter()
            .zip(versions)
            .map(|((shard, ()), row)| (shard, row.map(|row| row.version)))
            .collect();
        Ok(Self { held, epochs, at: view.as_of() })
    }

    /// The records whose rows are there and whose shard keys are not.
    pub(crate) fn shredded(&self) -> Vec<RecordId> {
        let shredded = self.held.iter().filter(|(_, held)| matches!(held, Held::Shredded));
        shredded.map(|(record, _)| *record).collect()
    }

    /// Takes over what a later look has found.
    pub(crate) fn replace(&mut self, later: Self) {
        self.at = self.at.and(later.at);
        self.held.extend(later.held);
        self.epochs.extend(later.epochs);
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

    /// Adds the new keys to a batch, to hold only if no shard concerned was rotated since they were
    /// loaded.
    ///
    /// # Errors
    ///
    /// When a shard's key cannot be used.
    pub fn stage(&self, batch: &mut Batch) -> Result<(), VaultError> {
        let mut shards = BTreeSet::new();
        for (record, held) in &self.loaded.held {
            let Held::Open(Open { raw, fresh: true, .. }) = held else { continue };
            let shard = shard_of(*record);
            let row = wrap(&self.keys, *record, raw)?;
            batch.check_read(&KEYS, &shard, record, None, self.loaded.at);
            batch.put(&KEYS, &shard, record, &row);
            shards.insert(shard);
        }
        for shard in shards {
            let seen = self.loaded.epochs.get(&shard).copied().flatten();
            batch.check_read(&EPOCHS, &shard, &(), seen, self.loaded.at);
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
