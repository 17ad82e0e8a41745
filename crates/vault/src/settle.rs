//! Ending a shredding, by its own hand or after a crash, as the store says it went.

use crate::VaultError;
use crate::bridge::Bridge;
use crate::keys::Keys;
use crate::ring::EpochKey;
use crate::row::{EPOCHS, KEYS, KeyRow, each_key};
use model::RecordId;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use store::{Batch, Row, Store, StoreError, Version};

/// How often a shard is looked at again when it changes under the settling. Only batches of
/// shreddings in the same shard change what it looks at, and those need the claim.
const ATTEMPTS_MAX: usize = 16;

/// The sole right to begin or end epochs of some shards, given back when dropped.
#[derive(Debug)]
pub(crate) struct Claim {
    keys: Arc<Keys>,
    pub(crate) shards: BTreeSet<u16>,
}

/// How one shard's shredding ended.
struct Settled {
    shard: u16,
    stays: u32,
    committed: bool,
    fence: Option<Version>,
}

/// A shard with two epochs.
struct Pending {
    shard: u16,
    old: Arc<EpochKey>,
    next: Arc<EpochKey>,
    /// Records that the shredding erases, of any shard.
    erased: BTreeSet<RecordId>,
}

impl Claim {
    /// All of `shards`, or nothing while somebody has one of them.
    pub(crate) fn take(keys: &Arc<Keys>, shards: BTreeSet<u16>) -> Option<Self> {
        let mut claimed = keys.claimed.lock();
        if !claimed.is_disjoint(&shards) {
            return None;
        }
        claimed.extend(&shards);
        Some(Self { keys: Arc::clone(keys), shards })
    }

    /// The shards whose shredding nobody works on any more.
    pub(crate) fn orphaned(keys: &Arc<Keys>) -> Self {
        let mut claimed = keys.claimed.lock();
        let shards: BTreeSet<_> =
            keys.ring.read().pending.iter().copied().filter(|at| !claimed.contains(at)).collect();
        claimed.extend(&shards);
        Self { keys: Arc::clone(keys), shards }
    }

    /// Ends what is pending in the claimed shards: where the store has the shredding's commit, the
    /// old epoch is destroyed; where it has not, it never will, and the next epoch is. Gives
    /// whether all were committed. May be repeated after any failure.
    pub(crate) fn settle(&self, store: &Store) -> Result<bool, VaultError> {
        let mut settled = Vec::with_capacity(self.shards.len());
        for shard in &self.shards {
            if let Some(pending) = Pending::find(&self.keys, *shard) {
                settled.push(pending.settle_again(&self.keys, store)?);
            }
        }
        if !settled.is_empty() {
            self.keys.change(&|ring| {
                settled.iter().for_each(|done| ring.settle(done.shard, done.stays, done.fence));
            })?;
        }
        Ok(settled.iter().all(|done| done.committed))
    }
}

impl Drop for Claim {
    fn drop(&mut self) {
        self.keys.claimed.lock().retain(|shard| !self.shards.contains(shard));
    }
}

impl Pending {
    fn find(keys: &Keys, shard: u16) -> Option<Self> {
        let ring = keys.ring.read();
        let at = ring.shard(shard);
        let next = Arc::clone(at.next.as_ref()?);
        Some(Self { shard, old: Arc::clone(&at.key), next, erased: ring.erased.clone() })
    }

    fn settle_again(&self, keys: &Keys, store: &Store) -> Result<Settled, VaultError> {
        for _ in 1..ATTEMPTS_MAX {
            match self.settle(keys, store) {
                Err(error) if error.is_conflict() => {}
                settled => return settled,
            }
        }
        self.settle(keys, store)
    }

    fn settle(&self, keys: &Keys, store: &Store) -> Result<Settled, VaultError> {
        let row = store.read()?.get(&EPOCHS, &self.shard, &())?;
        let bridge = match Bridge::read(keys, self.shard) {
            // It is written anew from the store in a moment, which is the best that can be done.
            Err(VaultError::FileDamaged(_)) => None,
            read => read?,
        };
        // A bridge of the next epoch is written only after the commit was seen, so it proves the
        // commit even to a store that was restored from before it.
        let bridged = bridge.as_ref().is_some_and(|bridge| bridge.epoch == self.next.epoch);
        let seen = row.as_ref().map(|row| row.value);
        let committed = bridged || seen == Some(self.next.epoch);
        let mut batch = Batch::default();
        batch.check(&EPOCHS, &self.shard, &(), row.map(|row| row.version));
        if committed {
            let mut survivors = self.carry_stragglers(keys, store, &mut batch)?;
            if seen != Some(self.next.epoch) {
                batch.put(&EPOCHS, &self.shard, &(), &self.next.epoch);
            }
            // Also makes durable what may only have been visible so far.
            store.commit(batch)?;
            self.carry_bridge(keys, bridge, &mut survivors);
            Bridge { epoch: self.next.epoch, keys: survivors }.write(keys, self.shard)?;
        } else {
            // Written so that the shredding's batch conflicts should it still come.
            batch.put(&EPOCHS, &self.shard, &(), &self.old.epoch);
            store.commit(batch)?;
        }
        let stays = if committed { self.next.epoch } else { self.old.epoch };
        let fence = version(store, self.shard)?;
        Ok(Settled { shard: self.shard, stays, committed, fence })
    }

    /// The survivors' keys under the next epoch; those still under the old one go into `batch`.
    fn carry_stragglers(
        &self,
        keys: &Keys,
        store: &Store,
        batch: &mut Batch,
    ) -> Result<BTreeMap<RecordId, KeyRow>, StoreError> {
        let mut survivors = BTreeMap::new();
        each_key(&store.read()?, self.shard, &mut |record, Row { version, value }| {
            if self.erased.contains(&record) {
                return;
            }
            let Some(row) = self.carried(keys, record, value) else { return };
            if row != value {
                batch.check(&KEYS, &self.shard, &record, Some(version));
                batch.put(&KEYS, &self.shard, &record, &row);
            }
            survivors.insert(record, row);
        })?;
        Ok(survivors)
    }

    /// Keeps what the old bridge has and the store has not: records of newer backups than the one
    /// that was restored last.
    fn carry_bridge(
        &self,
        keys: &Keys,
        bridge: Option<Bridge>,
        survivors: &mut BTreeMap<RecordId, KeyRow>,
    ) {
        for (record, row) in bridge.into_iter().flat_map(|bridge| bridge.keys) {
            if self.erased.contains(&record) || survivors.contains_key(&record) {
                continue;
            }
            survivors.extend(self.carried(keys, record, row).map(|row| (record, row)));
        }
    }

    /// A wrapped key under the next epoch; nothing when it cannot be unwrapped.
    fn carried(&self, keys: &Keys, record: RecordId, row: KeyRow) -> Option<KeyRow> {
        if row.epoch == self.next.epoch {
            return Some(row);
        }
        let secret = (row.epoch == self.old.epoch).then(|| self.old.unwrap(record, &row))??;
        Some(self.next.wrap(record, &secret, keys.rng()))
    }
}

fn version(store: &Store, shard: u16) -> Result<Option<Version>, StoreError> {
    Ok(store.read()?.get(&EPOCHS, &shard, &())?.map(|row| row.version))
}
