//! What is kept of what was once in force: notices by their hash, and by which policy contracts are folded.

use crate::gate::Gate;
use crate::notice::{Notice, NoticeHash};
use crate::service::sha256;
use std::fmt::Write as _;
use store::{Batch, StoreError, Table, View};

/// Every notice that was ever shown, by its hash.
const NOTICES: Table<[u8; 32], (), String> = store::table!("notices", 1);

/// The SHA-256 of the policy by which every contract is folded: one row.
const POLICY: Table<(), (), [u8; 32]> = store::table!("policy", 1);

impl Gate {
    /// Keeps a notice, so that what is said under it can be read for as long as the house stands.
    ///
    /// # Errors
    ///
    /// When the store fails.
    pub fn keep_notice(&self, notice: &Notice) -> Result<(), StoreError> {
        let known = self.store.read()?.get(&NOTICES, &notice.hash.0, &())?;
        if known.is_some() {
            return Ok(());
        }
        let mut batch = Batch::default();
        batch.put(&NOTICES, &notice.hash.0, &(), &notice.source);
        self.store.commit(batch)
    }

    /// The notice of a hash, if it was ever shown here.
    ///
    /// # Errors
    ///
    /// When the store fails, or what it holds is no notice.
    pub fn notice(&self, view: &View<'_>, hash: NoticeHash) -> Result<Option<Notice>, StoreError> {
        let Some(row) = view.get(&NOTICES, &hash.0, &())? else { return Ok(None) };
        let notice = Notice::parse(&row.value);
        let notice = notice.map_err(|why| StoreError::Corrupt(format!("notice {hash}: {why}")))?;
        if notice.hash != hash {
            return Err(StoreError::Corrupt(format!("notice {hash} is another one")));
        }
        Ok(Some(notice))
    }

    /// Whether contracts are folded by the policy that is in force.
    ///
    /// # Errors
    ///
    /// When the store fails.
    pub fn policy_stands(&self, view: &View<'_>) -> Result<bool, StoreError> {
        Ok(view.get(&POLICY, &(), &())?.is_some_and(|row| row.value == self.policy_hash()))
    }

    /// Notes that every contract is folded by the policy that is in force.
    ///
    /// # Errors
    ///
    /// When the store fails.
    pub fn note_policy(&self) -> Result<(), StoreError> {
        let mut batch = Batch::default();
        batch.put(&POLICY, &(), &(), &self.policy_hash());
        self.store.commit(batch)
    }

    /// The policy and the grants it decides about, by their printed form.
    fn policy_hash(&self) -> [u8; 32] {
        let mut text = self.policy.to_string();
        for (bit, grant) in self.grants.iter() {
            // Writing into a text does not fail.
            let written = writeln!(text, "{} {grant}", bit.0);
            debug_assert!(written.is_ok());
        }
        sha256(&text)
    }
}
