//! Erasing records: their keys go, their neighbours' keys move to the next epoch, the old epoch's
//! key is destroyed. `docs/design/vault.md` walks through every place where it can be interrupted.

use crate::ring::EpochKey;
use crate::row::{EPOCHS, KEYS, each_key, shard_of};
use crate::settle::Claim;
use crate::{Vault, VaultError};
use model::RecordId;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use store::{Batch, Row, Store, StoreError, Version, View};

/// A shredding whose batch is about to be committed. Dropping it leaves the end to
/// [`Vault::recover`]; until then both epochs' keys exist.
#[derive(Debug)]
#[must_use = "the old keys are destroyed by finishing"]
pub struct Shredding {
    claim: Claim,
    store: Store,
}

/// A shard's key, the one that follows, and the fence between them.
struct Turn {
    key: Arc<EpochKey>,
    next: Arc<EpochKey>,
    fence: Option<Version>,
}

impl Vault {
    /// Adds the destruction of the records' keys to a batch, and writes the next epochs' keys to
    /// the key directory. Commit the batch, then [`Shredding::finish`]; when the commit fails,
    /// [`Shredding::abandon`]. Records without a key are fine. After an error the batch must not
    /// be committed.
    ///
    /// Costs the rewrapping of all keys in the shards of the records: one in 4096 of the house's
    /// keys for each shard, a few microseconds each.
    ///
    /// # Errors
    ///
    /// A conflict ([`VaultError::is_conflict`]) when somebody else shreds in one of the shards, or
    /// did after `view` was opened: take a new view and decide again. [`VaultError::File`] when
    /// the key directory cannot be written; [`VaultError::Store`].
    pub fn stage_shred(
        &self,
        view: &View<'_>,
        batch: &mut Batch,
        records: &[RecordId],
    ) -> Result<Shredding, VaultError> {
        self.recover()?;
        let records: BTreeSet<_> = records.iter().copied().collect();
        let places: Vec<_> = records.iter().map(|record| (shard_of(*record), *record)).collect();
        let mut erased = BTreeSet::new();
        for ((shard, record), row) in places.iter().zip(view.get_many(&KEYS, &places)?) {
            batch.check(&KEYS, shard, record, row.as_ref().map(|row| row.version));
            if row.is_some() {
                batch.delete(&KEYS, shard, record);
                erased.insert(*record);
            }
        }
        let shards = erased.iter().map(|record| shard_of(*record)).collect();
        let claim = Claim::take(&self.keys, shards).ok_or_else(VaultError::conflict)?;
        let turns = self.turns(view, &claim)?;
        if !turns.is_empty() {
            self.keys.change(&|ring| {
                turns.iter().for_each(|(shard, turn)| ring.begin(*shard, Arc::clone(&turn.next)));
                ring.erased.extend(&erased);
            })?;
        }
        for (shard, turn) in &turns {
            batch.check(&EPOCHS, shard, &(), turn.fence);
            batch.put(&EPOCHS, shard, &(), &turn.next.epoch);
            self.stage_survivors(view, batch, (*shard, turn), &erased)?;
        }
        Ok(Shredding { claim, store: self.store.clone() })
    }

    /// The next epochs of claimed shards, if the view shows the present ones.
    fn turns(&self, view: &View<'_>, claim: &Claim) -> Result<BTreeMap<u16, Turn>, VaultError> {
        let places: Vec<_> = claim.shards.iter().map(|shard| (*shard, ())).collect();
        let rows = view.get_many(&EPOCHS, &places)?;
        let ring = self.keys.ring.read();
        let mut turns = BTreeMap::new();
        for ((shard, ()), row) in places.into_iter().zip(rows) {
            let at = ring.shard(shard);
            if row.map(|row| row.version) != at.fence || at.next.is_some() {
                return Err(VaultError::conflict());
            }
            let key = Arc::clone(&at.key);
            let next = EpochKey::random(key.epoch + 1, self.keys.rng());
            turns.insert(shard, Turn { key, next, fence: at.fence });
        }
        Ok(turns)
    }

    fn stage_survivors(
        &self,
        view: &View<'_>,
        batch: &mut Batch,
        (shard, turn): (u16, &Turn),
        erased: &BTreeSet<RecordId>,
    ) -> Result<(), StoreError> {
        each_key(view, shard, &mut |record, Row { version, value }| {
            if erased.contains(&record) {
                return;
            }
            batch.check(&KEYS, &shard, &record, Some(version));
            // A damaged row stays as it is: it must not stand in the way of somebody's erasure.
            if let Some(secret) = turn.key.unwrap(record, &value) {
                let row = turn.next.wrap(record, &secret, self.keys.rng());
                batch.put(&KEYS, &shard, &record, &row);
            }
        })
    }

    /// Ends shreddings that a crash or a failure left half done. Opening does it; calling it now
    /// and then ends those whose disk was full sooner. Gives in how many shards there were any.
    ///
    /// # Errors
    ///
    /// When the store or the key directory fails; what is left stays as safe as it was.
    pub fn recover(&self) -> Result<usize, VaultError> {
        let claim = Claim::orphaned(&self.keys);
        claim.settle(&self.store)?;
        Ok(claim.shards.len())
    }
}

impl Shredding {
    /// Destroys the old epochs' keys, on disk and in memory. Call it once the batch is durable;
    /// when it returns, nothing can open the records any more, an old backup of the store neither.
    ///
    /// # Errors
    ///
    /// [`VaultError::Uncommitted`] when the store does not have the batch: then it never will, and
    /// nothing was erased. When the store or the key directory fails, the records are gone from the
    /// store, but old backups stay readable until [`Vault::recover`] succeeds.
    pub fn finish(self) -> Result<(), VaultError> {
        if self.claim.settle(&self.store)? { Ok(()) } else { Err(VaultError::Uncommitted) }
    }

    /// Takes the next epochs back after a failed commit. Should the commit have happened after
    /// all, as after a lost answer from a server, the shredding is finished instead: the store
    /// decides.
    ///
    /// # Errors
    ///
    /// When the store or the key directory fails; then [`Vault::recover`] ends it later.
    pub fn abandon(self) -> Result<(), VaultError> {
        self.claim.settle(&self.store).map(|_| ())
    }
}
