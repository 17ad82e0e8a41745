//! Looking whether every key opens.

use crate::bridge::Bridge;
use crate::record_keys::State;
use crate::ring::{FIRST_EPOCH, SHARDS};
use crate::row::{KEYS, each_key};
use crate::{Vault, VaultError};
use model::RecordId;
use std::collections::BTreeMap;

/// How many findings are kept.
const FINDINGS_MAX: usize = 1_000;

/// What an examination of all keys found.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Doctor {
    /// How many records have a key.
    pub keys: u64,
    /// How many of them in each epoch.
    pub epochs: BTreeMap<u32, u64>,
    /// What is wrong, and what to do; at most a thousand.
    pub findings: Vec<String>,
}

impl Doctor {
    fn find(&mut self, error: &VaultError) {
        if self.findings.len() < FINDINGS_MAX {
            self.findings.push(error.to_string());
        }
    }
}

impl Vault {
    /// Unwraps every record's key, and reads every bridge. May run while the house is in use.
    ///
    /// # Errors
    ///
    /// When the store fails; what is wrong with keys is a finding.
    pub fn doctor(&self) -> Result<Doctor, VaultError> {
        let mut doctor = Doctor::default();
        for shard in 0..SHARDS {
            self.examine_keys(shard, &mut doctor)?;
            self.examine_bridge(shard, &mut doctor);
        }
        Ok(doctor)
    }

    fn examine_keys(&self, shard: u16, doctor: &mut Doctor) -> Result<(), VaultError> {
        let view = self.store.read()?;
        let at = self.keys.ring.read().shard(shard).clone();
        let mut closed = Vec::new();
        each_key(&view, shard, &mut |record, row| {
            doctor.keys += 1;
            *doctor.epochs.entry(row.value.epoch).or_default() += 1;
            let key = at.of_epoch(row.value.epoch);
            if key.and_then(|key| key.unwrap(record, &row.value)).is_none() {
                closed.push(record);
            }
        })?;
        drop(view);
        self.examine_again(shard, &closed, doctor)
    }

    /// Looks again at keys that did not open: a shredding may have moved them meanwhile.
    fn examine_again(
        &self,
        shard: u16,
        closed: &[RecordId],
        doctor: &mut Doctor,
    ) -> Result<(), VaultError> {
        let view = self.store.read()?;
        let states = self.keys.states(&view, closed)?;
        for record in closed {
            match states.get(record) {
                Some(State::Open(_) | State::Fresh { .. }) | None => {}
                Some(State::Damaged) => doctor.find(&VaultError::Damaged(*record)),
                Some(State::Shredded) => {
                    if view.get(&KEYS, &shard, record)?.is_some() {
                        doctor.find(&VaultError::Damaged(*record));
                    }
                }
            }
        }
        Ok(())
    }

    fn examine_bridge(&self, shard: u16, doctor: &mut Doctor) {
        let at = self.keys.ring.read().shard(shard).clone();
        if at.key.epoch == FIRST_EPOCH {
            return;
        }
        match Bridge::read(&self.keys, shard) {
            Err(error) => doctor.find(&error),
            Ok(Some(bridge)) if at.of_epoch(bridge.epoch).is_some() => {
                let closed = bridge.keys.iter().find(|(record, row)| {
                    at.of_epoch(row.epoch).and_then(|key| key.unwrap(**record, row)).is_none()
                });
                if closed.is_some() {
                    doctor.find(&VaultError::FileDamaged(self.keys.bridge(shard).0));
                }
            }
            Ok(_) => doctor.find(&VaultError::BridgeMissing(self.keys.bridge(shard).0)),
        }
    }
}
