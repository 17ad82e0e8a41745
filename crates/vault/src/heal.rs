//! Making a restored store agree with the keys: who survived is carried over, who was erased goes.

use crate::VaultError;
use crate::bridge::Bridge;
use crate::keys::Keys;
use crate::ring::EpochKey;
use crate::ring::SHARDS;
use crate::row::{EPOCHS, KEYS, RING, each_key};
use crate::settle::Claim;
use model::RecordId;
use std::sync::Arc;
use store::{Batch, Row, Store};

/// What healing did.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Healed {
    /// How many records' keys were replaced by newer wraps.
    pub rewrapped: u64,
    /// Records that were erased after the backup was made. Their keys are deleted here; every
    /// other room must delete what it has of them.
    pub unreadable: Vec<RecordId>,
}

impl Keys {
    /// Heals a store that was just restored from a backup, before anything else uses it. Keys that
    /// were rewrapped since come from the bridges; keys without a bridge are those of the erased.
    /// Should the process die before the other rooms have deleted what they have of these, restore
    /// once more. `progress` hears how many keys were looked at.
    ///
    /// # Errors
    ///
    /// [`VaultError::OtherKeys`], [`VaultError::KeysOlder`], and [`VaultError::BridgeMissing`] or
    /// [`VaultError::FileDamaged`] when a bridge cannot be read: whom to keep cannot be told then,
    /// so nothing of its shard is deleted.
    pub fn heal_restored(
        self: &Arc<Self>,
        store: &Store,
        progress: &mut dyn FnMut(u64),
    ) -> Result<Healed, VaultError> {
        self.recognise(store)?;
        Claim::orphaned(self).settle(store)?;
        let (mut healed, mut looked_at) = (Healed::default(), 0);
        for shard in 0..SHARDS {
            let mut batch = Batch::default();
            looked_at += self.heal_shard(store, shard, &mut batch, &mut healed)?;
            if !batch.is_empty() {
                store.apply(batch)?;
            }
            progress(looked_at);
        }
        store.commit(Batch::default())?;
        Ok(healed)
    }

    fn heal_shard(
        &self,
        store: &Store,
        shard: u16,
        batch: &mut Batch,
        healed: &mut Healed,
    ) -> Result<u64, VaultError> {
        let key = Arc::clone(&self.ring.read().shard(shard).key);
        let view = store.read()?;
        let (mut looked_at, mut old) = (0, Vec::new());
        each_key(&view, shard, &mut |record, row| {
            looked_at += 1;
            if row.value.epoch != key.epoch {
                old.push((record, row));
            }
        })?;
        let epoch = view.get(&EPOCHS, &shard, &())?;
        let newest =
            old.iter().map(|(_, row)| row.value.epoch).chain(epoch.as_ref().map(|row| row.value));
        if newest.max() > Some(key.epoch) {
            return Err(VaultError::KeysOlder);
        }
        if epoch.as_ref().is_none_or(|row| row.value != key.epoch) && looked_at > 0 {
            batch.check(&EPOCHS, &shard, &(), epoch.map(|row| row.version));
            batch.put(&EPOCHS, &shard, &(), &key.epoch);
        }
        if old.is_empty() {
            return Ok(looked_at);
        }
        let bridge = self.bridge_to(shard, &key)?;
        for (record, Row { version, .. }) in old {
            batch.check(&KEYS, &shard, &record, Some(version));
            match bridge.keys.get(&record) {
                Some(row) => {
                    batch.put(&KEYS, &shard, &record, row);
                    healed.rewrapped += 1;
                }
                None => {
                    batch.delete(&KEYS, &shard, &record);
                    healed.unreadable.push(record);
                }
            }
        }
        Ok(looked_at)
    }

    fn bridge_to(&self, shard: u16, key: &EpochKey) -> Result<Bridge, VaultError> {
        let (path, _) = self.bridge(shard);
        match Bridge::read(self, shard)? {
            Some(bridge) if bridge.epoch == key.epoch => Ok(bridge),
            // An older bridge does not lead to this epoch.
            Some(_) | None => Err(VaultError::BridgeMissing(path)),
        }
    }

    /// Whether this keyring sealed the store, or nobody has yet.
    pub(crate) fn recognise(&self, store: &Store) -> Result<(), VaultError> {
        let view = store.read()?;
        match view.get(&RING, &(), &())? {
            Some(row) if row.value == self.id => Ok(()),
            None if view.scan(&KEYS, None, 1)?.is_empty() => Ok(()),
            Some(_) | None => Err(VaultError::OtherKeys),
        }
    }
}
