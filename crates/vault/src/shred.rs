//! Destroying keys so that nothing opens again, from a restored backup either.
//!
//! A record's key is wrapped under a leaf of the key tree. Its key row is deleted, and its leaf is cut out of the
//! tree: what is kept beside the way to it is written down first, and what it could be derived from is overwritten
//! when the deletion is committed. Nobody else's keys change. A crash between is settled at the next
//! opening, by what the store says: whether the group was committed.

use crate::VaultError;
use crate::keys::{Keys, Turn};
use crate::record::{ERASURES, KEYS, KeyRow, erasures, shard_of};
use crate::vault::Vault;
use model::RecordId;
use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::sync::Arc;
use store::{Batch, Row, Store, StoreError, View, limits};

/// How often a group is settled again while others write.
const ATTEMPTS_MAX: usize = 16;

/// A destruction that is prepared and waits for the caller's commit.
#[must_use = "finish it after the commit, or abandon it"]
pub struct Shredding {
    store: Store,
    keys: Arc<Keys>,
    /// The group's number; nothing when nobody had a key.
    number: Option<u64>,
    /// Erasures take turns, from what is first written down to what is last destroyed.
    turn: Turn,
}

impl Vault {
    /// Prepares to destroy the keys of `records`: what is kept of the key tree is on disk when this returns,
    /// and `batch` deletes the key rows.
    ///
    /// # Errors
    ///
    /// When the store or a key file fails; then nothing was destroyed.
    pub fn stage_shred(
        &self,
        view: &View<'_>,
        batch: &mut Batch,
        records: &[RecordId],
    ) -> Result<Shredding, VaultError> {
        let records: BTreeSet<_> = records.iter().copied().collect();
        let places: Vec<_> = records.into_iter().map(|record| (shard_of(record), record)).collect();
        let rows = view.get_many(&KEYS, &places)?;
        let turn = self.keys.turn()?;
        let (store, keys) = (self.store.clone(), Arc::clone(&self.keys));
        let mut shredding = Shredding { store, keys, number: None, turn };
        if self.keys.is_unsettled() {
            shredding.settle()?;
        }
        let mut leaves = BTreeSet::new();
        for ((shard, record), row) in places.into_iter().zip(rows) {
            let Some(row) = row else { continue };
            batch.check(&KEYS, &shard, &record, Some(row.version));
            batch.delete(&KEYS, &shard, &record);
            leaves.insert(row.value.leaf);
        }
        if leaves.is_empty() {
            return Ok(shredding);
        }
        // Not of the caller's view: nobody else counts on, and the rows that go are checked by themselves.
        let known = self.store.read()?.get(&ERASURES, &(), &())?;
        self.keys.fits(known.as_ref().map_or(0, |row| row.value))?;
        let number = self.keys.begin(&mut shredding.turn, &leaves)?;
        batch.check(&ERASURES, &(), &(), known.map(|row| row.version));
        batch.put(&ERASURES, &(), &(), &number);
        shredding.number = Some(number);
        Ok(shredding)
    }

    /// Settles erasures that were interrupted: destroys what is still to be destroyed, or takes back what
    /// was written down for those that were not committed.
    pub(crate) fn recover(&self) -> Result<(), VaultError> {
        if !self.keys.is_unsettled() {
            return Ok(());
        }
        let turn = self.keys.turn()?;
        let (store, keys) = (self.store.clone(), Arc::clone(&self.keys));
        Shredding { store, keys, number: None, turn }.settle()
    }
}

impl Shredding {
    /// Destroys what the keys could be derived from. Call it when the commit is durable.
    ///
    /// # Errors
    ///
    /// [`VaultError::NotErased`] when the caller's batch was never committed; not when it was and the
    /// record has come back since. When the store or a key file fails, the next erasure or opening
    /// finishes.
    pub fn finish(self) -> Result<(), VaultError> {
        let Some(number) = self.number else { return Ok(()) };
        self.settle()?;
        if self.keys.done() == number { Ok(()) } else { Err(VaultError::NotErased) }
    }

    /// Takes back what was prepared, unless the caller's batch was committed after all.
    ///
    /// # Errors
    ///
    /// As [`Self::finish`].
    pub fn abandon(self) -> Result<(), VaultError> {
        if self.number.is_none() { Ok(()) } else { self.settle() }
    }

    /// Ends what was begun, as the store says.
    fn settle(&self) -> Result<(), VaultError> {
        self.keys.finish_overdue(&self.turn)?;
        for _ in 0..ATTEMPTS_MAX {
            let known = self.store.read()?.get(&ERASURES, &(), &())?;
            let stored = known.as_ref().map_or(0, |row| row.value);
            if self.keys.pending() == Some(stored) {
                return self.keys.finish(&self.turn);
            }
            // Neither of before nor of after: of another moment than the keys.
            self.keys.fits(stored)?;
            if self.keys.pending().is_some() {
                // From here on a batch that is still under way is refused.
                let mut batch = Batch::default();
                batch.check(&ERASURES, &(), &(), known.map(|row| row.version));
                batch.put(&ERASURES, &(), &(), &stored);
                match self.store.commit(batch) {
                    Ok(()) => {}
                    Err(StoreError::Conflict) => continue,
                    Err(error) => return Err(error.into()),
                }
            }
            return self.keys.withdraw(&self.turn);
        }
        Err(StoreError::Conflict.into())
    }
}

impl Keys {
    /// Ends what was begun for a store that went back in time: who was about to be erased stays
    /// erased, for they had asked for it.
    pub(crate) fn end_for_restored(&self, view: &View<'_>) -> Result<(), VaultError> {
        let turn = self.turn()?;
        self.finish_overdue(&turn)?;
        if self.pending().is_some() {
            self.finish(&turn)?;
        }
        if erasures(view)? > self.done() {
            return Err(self.older());
        }
        self.withdraw(&turn)
    }
}

/// All key rows of a shard.
pub(crate) fn rows_of(
    view: &View<'_>,
    shard: u16,
) -> Result<BTreeMap<RecordId, Row<KeyRow>>, StoreError> {
    let mut rows = BTreeMap::new();
    let mut from: Option<RecordId> = None;
    loop {
        let page = view.range(&KEYS, &shard, from.as_ref(), limits::PAGE_MAX)?;
        let full = page.len() == limits::PAGE_MAX;
        from = page.last().map(|(record, _)| *record);
        rows.extend(page);
        if !full {
            return Ok(rows);
        }
    }
}

impl fmt::Debug for Shredding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Shredding").field("group", &self.number).finish_non_exhaustive()
    }
}
