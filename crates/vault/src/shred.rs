//! Destroying keys so that nothing opens again, from a restored backup either.
//!
//! A record's key row is deleted, its shard gets a new key, the shard's survivors are wrapped under
//! it, and the old shard key is destroyed. Before the commit both shard keys exist; after it only
//! the new one is needed; a crash between is finished at the next opening. Nothing that was wrapped
//! under the old key, here or in any backup, can be unwrapped any more.

use crate::VaultError;
use crate::keys::{Keys, Turn};
use crate::record::{EPOCHS, KEYS, KeyRow, shard_of, unwrap, wrap};
use crate::vault::Vault;
use model::RecordId;
use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::sync::Arc;
use store::{Batch, Row, Store, StoreError, Version, View, limits};

/// How often survivors are wrapped again while others write to the shard.
const ATTEMPTS_MAX: usize = 16;

/// A destruction that is prepared and waits for the caller's commit.
#[must_use = "finish it after the commit, or abandon it"]
pub struct Shredding {
    store: Store,
    keys: Arc<Keys>,
    shards: Vec<u16>,
    /// Whose keys go, and which writes of their rows are to be deleted.
    gone: BTreeMap<RecordId, Version>,
    /// Rotations take turns, from the first new key to the end of the last old one.
    _turn: Turn,
}

impl Vault {
    /// Prepares to destroy the keys of `records`: the new shard keys are on disk when this returns,
    /// and `batch` deletes the key rows and wraps the survivors again.
    ///
    /// # Errors
    ///
    /// A conflict when a shard was rotated since `view` was taken: take a fresh one. Otherwise when
    /// the store or a key file fails; then nothing was destroyed.
    pub fn stage_shred(
        &self,
        view: &View<'_>,
        batch: &mut Batch,
        records: &[RecordId],
    ) -> Result<Shredding, VaultError> {
        let gone: BTreeSet<_> = records.iter().copied().collect();
        let shards: BTreeSet<_> = gone.iter().map(|record| shard_of(*record)).collect();
        let shards: Vec<_> = shards.into_iter().collect();
        let turn = self.keys.turn()?;
        // A key made in a rotation that failed half-way may stand in a backup by now: end that
        // rotation first, so that what goes now is under a key that goes too.
        let left: Vec<_> = self.keys.unfinished();
        let (store, keys) = (self.store.clone(), Arc::clone(&self.keys));
        let mut shredding =
            Shredding { store, keys, shards: left, gone: BTreeMap::new(), _turn: turn };
        shredding.complete()?;
        for shard in &shards {
            // An old view would only make a rotation that cannot be committed.
            let seen = view.get(&EPOCHS, shard, &())?;
            if seen.is_some_and(|row| row.value != self.keys.epoch(*shard)) {
                return Err(StoreError::Conflict.into());
            }
        }
        self.keys.begin_rotation(&shards, &gone)?;
        shredding.shards.clone_from(&shards);
        for shard in shards {
            shredding.gone.extend(rotate(&self.keys, view, batch, shard, &gone)?);
        }
        Ok(shredding)
    }

    /// Finishes rotations that were interrupted: wraps what is still under an old key, destroys the
    /// old keys.
    pub(crate) fn recover(&self) -> Result<(), VaultError> {
        if self.keys.unfinished().is_empty() {
            return Ok(());
        }
        let turn = self.keys.turn()?;
        let (store, keys, shards) =
            (self.store.clone(), Arc::clone(&self.keys), self.keys.unfinished());
        Shredding { store, keys, shards, gone: BTreeMap::new(), _turn: turn }.complete()
    }
}

impl Shredding {
    /// Destroys the old shard keys. Call it when the commit is durable.
    ///
    /// # Errors
    ///
    /// [`VaultError::NotErased`] when the caller's batch was never committed; not when it was and the
    /// record has come back since. When the store or a
    /// key file fails, both keys stay, and the next opening finishes.
    pub fn finish(self) -> Result<(), VaultError> {
        let view = self.store.read()?;
        let places: Vec<_> = self.gone.keys().map(|record| (shard_of(*record), *record)).collect();
        let left = view.get_many(&KEYS, &places)?;
        // Another write of the row is that of somebody who came back after the commit, with a new key.
        let stands = |(left, gone): (Option<Row<KeyRow>>, &Version)| {
            left.is_some_and(|row| row.version == *gone)
        };
        let committed = !left.into_iter().zip(self.gone.values()).any(stands);
        drop(view);
        self.complete()?;
        if committed { Ok(()) } else { Err(VaultError::NotErased) }
    }

    fn complete(&self) -> Result<(), VaultError> {
        if self.shards.is_empty() {
            return Ok(());
        }
        for shard in &self.shards {
            self.rotate_rest(*shard)?;
            self.bridge(*shard)?;
        }
        self.keys.end_rotation(&self.shards)
    }

    /// Completes the rotation without the caller's commit: nobody's key row was deleted, everybody
    /// survives.
    ///
    /// # Errors
    ///
    /// As [`Self::finish`].
    pub fn abandon(self) -> Result<(), VaultError> {
        self.complete()
    }

    /// Writes down how a shard's survivors are wrapped: those in the store, and those that an
    /// earlier bridge knows and a restored older store has lost for now, so that a newer backup
    /// still opens for them. Who is being erased is carried over only if the commit did not happen.
    fn bridge(&self, shard: u16) -> Result<(), VaultError> {
        let view = self.store.read()?;
        let rows = rows_of(&view, shard)?;
        drop(view);
        let erasing = self.keys.erasing()?;
        let mut survivors = BTreeMap::new();
        for (record, row) in self.keys.bridge(shard)?.unwrap_or_default() {
            if rows.contains_key(&record) || erasing.contains(&record) {
                continue;
            }
            match unwrap(&self.keys, record, &row) {
                Ok(raw) => {
                    survivors.insert(record, wrap(&self.keys, record, &raw)?);
                }
                Err(VaultError::Shredded) => {}
                Err(error) => return Err(error),
            }
        }
        survivors.extend(rows.into_iter().map(|(record, row)| (record, row.value)));
        self.keys.write_bridge(shard, &survivors)
    }

    /// Wraps again what others have written to the shard meanwhile, and what an interrupted
    /// rotation left. From the first commit on that says the new epoch, nobody adds to the old.
    fn rotate_rest(&self, shard: u16) -> Result<(), VaultError> {
        for _ in 0..ATTEMPTS_MAX {
            let view = self.store.read()?;
            let mut batch = Batch::default();
            rotate(&self.keys, &view, &mut batch, shard, &BTreeSet::new())?;
            drop(view);
            if batch.is_empty() {
                return Ok(());
            }
            match self.store.commit(batch) {
                Ok(()) | Err(StoreError::Conflict) => {}
                Err(error) => return Err(error.into()),
            }
        }
        Err(StoreError::Conflict.into())
    }
}

/// Adds to `batch` whatever brings a shard to its present key: the epoch, the survivors that are
/// under another, the deletion of those that go. Adds nothing when nothing is left to do. Gives
/// which writes of rows are to be deleted.
fn rotate(
    keys: &Keys,
    view: &View<'_>,
    batch: &mut Batch,
    shard: u16,
    gone: &BTreeSet<RecordId>,
) -> Result<Vec<(RecordId, Version)>, VaultError> {
    let mut going = Vec::new();
    let epoch = keys.shard(shard)?.current.epoch;
    let known = view.get(&EPOCHS, &shard, &())?;
    if known.as_ref().map(|row| row.value) != Some(epoch) {
        batch.check(&EPOCHS, &shard, &(), known.map(|row| row.version));
        batch.put(&EPOCHS, &shard, &(), &epoch);
    }
    for (record, row) in rows_of(view, shard)? {
        if gone.contains(&record) {
            batch.check(&KEYS, &shard, &record, Some(row.version));
            batch.delete(&KEYS, &shard, &record);
            going.push((record, row.version));
        } else if row.value.epoch != epoch {
            match unwrap(keys, record, &row.value) {
                Ok(raw) => {
                    batch.check(&KEYS, &shard, &record, Some(row.version));
                    batch.put(&KEYS, &shard, &record, &wrap(keys, record, &raw)?);
                }
                // Of an epoch that is long gone, as in a restored backup: healing decides.
                Err(VaultError::Shredded) => {}
                Err(error) => return Err(error),
            }
        }
    }
    Ok(going)
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
        f.debug_struct("Shredding").field("shards", &self.shards.len()).finish_non_exhaustive()
    }
}
