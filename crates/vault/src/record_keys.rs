//! The keys of the records somebody works with.

use crate::VaultError;
use crate::cipher::{Cipher, Secret, random_secret};
use crate::keys::Keys;
use crate::row::{EPOCHS, KEYS, KeyRow, shard_of};
use crate::sealed::{FieldToken, Sealed};
use aws_lc_rs::hmac;
use model::{Category, RecordId};
use std::collections::btree_map::{BTreeMap, Entry};
use std::fmt;
use std::sync::{Arc, OnceLock};
use store::{Batch, Version};

/// One record's key.
pub(crate) struct RecordKey {
    secret: Secret,
    /// Made when first used: whoever only wants ledger keys need not pay for it.
    cipher: OnceLock<Cipher>,
}

impl RecordKey {
    pub(crate) const fn new(secret: Secret) -> Self {
        Self { secret, cipher: OnceLock::new() }
    }

    pub(crate) fn cipher(&self) -> &Cipher {
        self.cipher.get_or_init(|| Cipher::new(&self.secret))
    }

    /// HMAC-SHA-256 of a label under the record's key.
    pub(crate) fn ledger_key(&self) -> [u8; 32] {
        let key = hmac::Key::new(hmac::HMAC_SHA256, &*self.secret);
        let tag = hmac::sign(&key, b"bonafide ledger key 1");
        tag.as_ref().first_chunk().copied().unwrap_or_default()
    }
}

/// What is known of a record's key.
pub(crate) enum State {
    /// It is there.
    Open(RecordKey),
    /// It was made just now and is not in the store.
    Fresh { key: RecordKey, row: KeyRow, fence: Option<Version> },
    /// Its epoch is over and it was not carried over.
    Shredded,
    /// Its row is not what was written.
    Damaged,
}

/// The keys of a set of records as one view showed them, and fresh ones. Only
/// [`Vault::load`](crate::Vault::load) makes it. It seals; it does not open.
pub struct RecordKeys {
    keys: Arc<Keys>,
    states: BTreeMap<RecordId, State>,
}

impl RecordKeys {
    pub(crate) const fn new(keys: Arc<Keys>, states: BTreeMap<RecordId, State>) -> Self {
        Self { keys, states }
    }

    /// Whether the record has a key, in the store or fresh.
    pub fn has(&self, record: RecordId) -> bool {
        self.find(record).is_ok()
    }

    /// Makes a key for a record that has none. The record must have been loaded, or be new for
    /// certain: the batch that [`Self::stage`] adds to conflicts with a key that is there.
    ///
    /// # Errors
    ///
    /// [`VaultError::Shredded`] or [`VaultError::Damaged`] when it has one that cannot be used: a
    /// fresh one would hide the loss.
    pub fn ensure(&mut self, record: RecordId) -> Result<(), VaultError> {
        let free = match self.states.entry(record) {
            Entry::Occupied(_) => return self.find(record).map(|_| ()),
            Entry::Vacant(free) => free,
        };
        let secret = random_secret(self.keys.rng());
        let (writing, fence) = {
            let ring = self.keys.ring.read();
            let shard = ring.shard(shard_of(record));
            (Arc::clone(shard.writing()), shard.fence)
        };
        let row = writing.wrap(record, &secret, self.keys.rng());
        free.insert(State::Fresh { key: RecordKey::new(secret), row, fence });
        Ok(())
    }

    /// Adds the fresh keys to a batch, which conflicts when one of the records has got a key, or
    /// when somebody was erased from its shard, since.
    pub fn stage(&self, batch: &mut Batch) {
        let mut fences = BTreeMap::new();
        for (record, state) in &self.states {
            let State::Fresh { row, fence, .. } = state else { continue };
            let shard = shard_of(*record);
            batch.check(&KEYS, &shard, record, None);
            batch.put(&KEYS, &shard, record, row);
            if fences.insert((shard, row.epoch), ()).is_none() {
                batch.check(&EPOCHS, &shard, &(), *fence);
            }
        }
    }

    /// Seals a value, bound to its record, field and category.
    ///
    /// # Errors
    ///
    /// As [`Self::ensure`], and [`VaultError::Shredded`] for a record without a key.
    pub fn seal(
        &self,
        record: RecordId,
        field: FieldToken,
        category: Category,
        plain: &[u8],
    ) -> Result<Sealed, VaultError> {
        let cipher = self.find(record)?.cipher();
        Ok(Sealed::seal(cipher, (record, field, category), plain, self.keys.rng()))
    }

    /// The record's key for ledger commitments: what [`gate::LedgerKeys`] gives. Nothing for a
    /// record without a usable key.
    pub fn ledger_key(&self, record: RecordId) -> Option<[u8; 32]> {
        self.find(record).ok().map(RecordKey::ledger_key)
    }

    /// The plain value. Reached only by way of an opening.
    pub(crate) fn open(
        &self,
        record: RecordId,
        field: FieldToken,
        sealed: &Sealed,
    ) -> Result<Vec<u8>, VaultError> {
        let cipher = self.find(record)?.cipher();
        sealed.open(cipher, record, field).ok_or(VaultError::Damaged(record))
    }

    fn find(&self, record: RecordId) -> Result<&RecordKey, VaultError> {
        match self.states.get(&record) {
            Some(State::Open(key) | State::Fresh { key, .. }) => Ok(key),
            Some(State::Shredded) | None => Err(VaultError::Shredded(record)),
            Some(State::Damaged) => Err(VaultError::Damaged(record)),
        }
    }
}

impl fmt::Debug for RecordKeys {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RecordKeys").field("records", &self.states.len()).finish_non_exhaustive()
    }
}
