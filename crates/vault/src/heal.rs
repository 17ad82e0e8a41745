//! After a restore: keys that were destroyed since the backup stay destroyed. And the doctor's part.

use crate::VaultError;
use crate::keys::Keys;
use crate::record::{ERASURES, KEYS, SHARD_COUNT, unwrap};
use crate::shred::rows_of;
use crate::vault::Vault;
use model::RecordId;
use store::{Batch, Store};

/// What healing a restored store came to.
#[derive(Debug, Default)]
pub struct Healed {
    /// Records whose key is there.
    pub readable: u64,
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
    /// When the store or a key file fails, and when the keys are older than the backup: then nobody is
    /// taken for erased.
    pub fn heal_restored(
        &self,
        store: &Store,
        progress: &mut dyn FnMut(u64),
    ) -> Result<Healed, VaultError> {
        let mut healed = Healed::default();
        self.end_for_restored(&store.read()?)?;
        for shard in 0..SHARD_COUNT {
            progress(u64::from(shard));
            let view = store.read()?;
            let mut batch = Batch::default();
            for (record, row) in rows_of(&view, shard)? {
                if self.has(row.value.leaf) {
                    healed.readable += 1;
                } else {
                    batch.delete(&KEYS, &shard, &record);
                    healed.unreadable.push(record);
                }
            }
            drop(view);
            if !batch.is_empty() {
                store.commit(batch)?;
            }
        }
        let mut batch = Batch::default();
        batch.put(&ERASURES, &(), &(), &self.done());
        store.commit(batch)?;
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
