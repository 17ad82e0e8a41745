//! Tombstones: that nobody who was erased comes back by a file that still knows them.
//!
//! Of somebody's strongest identifiers a keyed hash is kept, with the time of the erasure; nothing else. A
//! record that nobody has heard of and that bears one of them is not taken in, unless its customer came back
//! by their own deed.

use crate::fact::Facts;
use crate::gather::Gathered;
use crate::row::POSTINGS_APART;
use crate::{People, PeopleError};
use gate::Standing;
use model::{IdentifierKind, RecordId, Timestamp};
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;
use store::{Batch, StoreError, Table, View, limits};

/// When the bearer of an identifier was erased, by a keyed hash of it.
pub(crate) const TOMBSTONES: Table<[u8; 16], (), Timestamp> = store::table!("tombstones", 1);

/// How long a tombstone stands: three years, by when no file should know the erased any more.
pub const TOMBSTONE_MS: i64 = 3 * 366 * 86_400_000;

/// What of an erased customer brings them back.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Returns {
    /// Nothing: what this source says is a copy of what was said elsewhere.
    Never,
    /// That they were signed in, and said yes to something, after the erasure.
    #[default]
    ByConsent,
    /// Anything they did after the erasure while signed in.
    ByDeed,
}

/// Identifiers that are one customer's own. What a device or a browser is called may be somebody else's
/// tomorrow.
const fn is_strong(kind: IdentifierKind) -> bool {
    match kind {
        IdentifierKind::UserId
        | IdentifierKind::Email
        | IdentifierKind::Phone
        | IdentifierKind::Loyalty => true,
        IdentifierKind::AnonymousId | IdentifierKind::DeviceId => false,
    }
}

impl Facts {
    /// Whether this is the customer who comes back after an erasure.
    fn returns_after(&self, erased: Timestamp) -> bool {
        let consented = self.signals.iter().any(|(signal, _)| {
            signal.allowed && signal.at > erased && signal.standing >= Standing::SignedIn
        });
        match self.returns {
            Returns::Never => false,
            Returns::ByConsent => consented,
            Returns::ByDeed => consented || (self.own_user.is_some() && self.last > erased),
        }
    }
}

impl People {
    /// Takes out of `facts` the records that nobody has heard of and that bear what an erased customer bore.
    /// Whoever came back by their own deed is taken in, and the tombstones in their way are gone.
    pub(crate) fn suppress(
        &self,
        view: &View<'_>,
        gathered: &Gathered,
        facts: &mut Vec<Facts>,
        batch: &mut Batch,
    ) -> Result<BTreeSet<RecordId>, PeopleError> {
        let mut suppressed = BTreeSet::new();
        let fresh: Vec<_> =
            facts.iter().filter(|facts| !gathered.records.contains_key(&facts.record)).collect();
        let mut hashes = Vec::new();
        for facts in &fresh {
            let strong = facts.identifiers.iter().filter(|(kind, _)| is_strong(*kind));
            hashes
                .extend(strong.map(|(kind, blind)| {
                    (facts.record, (self.vault.tombstone(*kind, *blind), ()))
                }));
        }
        if hashes.is_empty() {
            return Ok(suppressed);
        }
        let keys: Vec<_> = hashes.iter().map(|(_, key)| *key).collect();
        let rows = view.get_many(&TOMBSTONES, &keys)?;
        let (now, at) = (self.gate.now(), view.as_of());
        let (mut stones, mut looked) = (Vec::new(), BTreeSet::new());
        for ((record, (hash, ())), row) in hashes.into_iter().zip(rows) {
            // An erasure that is under way meanwhile makes this a conflict.
            if looked.insert(hash) {
                batch.check_read(&TOMBSTONES, &hash, &(), row.as_ref().map(|row| row.version), at);
            }
            stones.extend(row.map(|row| (record, hash, row.value)));
        }
        for facts in fresh {
            let of = stones.iter().filter(|(record, ..)| *record == facts.record);
            let standing = of.clone().filter(|(.., erased)| now.ms_since(*erased) < TOMBSTONE_MS);
            if standing.clone().all(|(.., erased)| facts.returns_after(*erased)) {
                of.for_each(|(_, hash, _)| batch.delete(&TOMBSTONES, hash, &()));
            } else {
                suppressed.insert(facts.record);
            }
        }
        facts.retain(|facts| !suppressed.contains(&facts.record));
        Ok(suppressed)
    }

    /// Adds the tombstones of records that go to a batch. What somebody who stays bears, too, gets none.
    pub(crate) fn stage_tombstones(
        &self,
        view: &View<'_>,
        gathered: &mut Gathered,
        gone: &BTreeSet<RecordId>,
        batch: &mut Batch,
    ) -> Result<(), PeopleError> {
        let held = gone.iter().filter_map(|record| gathered.records.get(record));
        let borne = held.flat_map(|held| held.now.links.identifiers.iter().copied());
        let borne: BTreeSet<_> = borne.filter(|(kind, _)| is_strong(*kind)).collect();
        gathered.read_postings(view, borne.iter().map(|(_, blind)| *blind))?;
        let now = self.gate.now();
        for (kind, blind) in borne {
            let others = gathered.postings.get(&blind).is_some_and(|held| held.now.total > 0);
            let apart = view.range(&POSTINGS_APART, &blind, None, gone.len() + 1)?;
            if !others && apart.iter().all(|(record, _)| gone.contains(record)) {
                batch.put(&TOMBSTONES, &self.vault.tombstone(kind, blind), &(), &now);
            }
        }
        Ok(())
    }

    /// Forgets tombstones that have stood long enough. Gives how many.
    ///
    /// # Errors
    ///
    /// When the store fails.
    pub fn forget_tombstones(&self) -> Result<usize, StoreError> {
        let (now, mut gone, mut after) = (self.gate.now(), 0, None);
        loop {
            let page = self.store.read()?.scan(&TOMBSTONES, after.as_ref(), limits::PAGE_MAX)?;
            let mut batch = Batch::default();
            for (hash, (), row) in &page {
                if now.ms_since(row.value) >= TOMBSTONE_MS {
                    batch.check(&TOMBSTONES, hash, &(), Some(row.version));
                    batch.delete(&TOMBSTONES, hash, &());
                    gone += 1;
                }
            }
            match self.store.commit(batch) {
                // Somebody was erased again meanwhile: what is left goes the next time.
                Ok(()) | Err(StoreError::Conflict) => {}
                Err(error) => return Err(error),
            }
            if page.len() < limits::PAGE_MAX {
                return Ok(gone);
            }
            after = page.last().map(|(hash, (), _)| (*hash, ()));
        }
    }
}
