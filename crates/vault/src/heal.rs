//! After a restore: keys that were renewed since the backup are renewed again, keys that were
//! destroyed since stay destroyed. And the doctor's part.

use crate::VaultError;
use crate::keys::{FIRST_EPOCH, Keys, SHARD_COUNT};
use crate::record::{EPOCHS, KEYS, unwrap};
use crate::shred::rows_of;
use crate::vault::Vault;
use model::RecordId;
use store::{Batch, Store};

/// What healing a restored store came to.
#[derive(Debug, Default)]
pub struct Healed {
    /// Keys renewed: their records were alive when their shard was last rotated.
    pub rewrapped: u64,
    /// Records without a key: erased since the backup. Their rows in other rooms have to go.
    pub unreadable: Vec<RecordId>,
}

/// What examining all keys came to.
#[derive(Debug, Default)]
pub struct Examined {
    /// Keys examined.
    pub keys: u64,
    /// What is wrong; ids only.
    pub findings: Vec<String>,
}

impl Keys {
    /// Makes the key rows of a restored store agree with the key directory. `progress` is given
    /// the shards done, of 4,096.
    ///
    /// # Errors
    ///
    /// When the store or a key file fails.
    pub fn heal_restored(
        &self,
        store: &Store,
        progress: &mut dyn FnMut(u64),
    ) -> Result<Healed, VaultError> {
        let mut healed = Healed::default();
        // Who was about to be erased when the process ended stays erased: they had asked for it.
        let erasing = self.erasing()?;
        for shard in 0..SHARD_COUNT {
            progress(u64::from(shard));
            let (bridge, state) = (self.bridge(shard)?, self.shard(shard)?);
            if bridge.is_none() && state.current.epoch == FIRST_EPOCH {
                continue;
            }
            let view = store.read()?;
            let mut batch = Batch::default();
            for (record, row) in rows_of(&view, shard)? {
                let erased = erasing.contains(&record);
                if !erased && state.of(row.value.epoch).is_some() {
                    continue;
                }
                let bridge = bridge.as_ref().ok_or_else(|| self.no_bridge(shard))?;
                if let Some(renewed) = bridge.get(&record).filter(|_| !erased) {
                    batch.put(&KEYS, &shard, &record, renewed);
                    healed.rewrapped += 1;
                } else {
                    batch.delete(&KEYS, &shard, &record);
                    healed.unreadable.push(record);
                }
            }
            batch.put(&EPOCHS, &shard, &(), &state.current.epoch);
            drop(view);
            store.commit(batch)?;
        }
        Ok(healed)
    }
}

impl Vault {
    /// Unwraps every key there is.
    ///
    /// # Errors
    ///
    /// When the store fails; what is wrong with keys is in the report.
    pub fn doctor(&self) -> Result<Examined, VaultError> {
        let mut examined = Examined::default();
        let view = self.store.read()?;
        for shard in 0..SHARD_COUNT {
            for (record, row) in rows_of(&view, shard)? {
                examined.keys += 1;
                match unwrap(&self.keys, record, &row.value) {
                    Ok(_) => {}
                    Err(VaultError::Store(error)) => return Err(error.into()),
                    Err(error) => {
                        examined.findings.push(format!("key of record {record}: {error}"));
                    }
                }
            }
        }
        Ok(examined)
    }
}
