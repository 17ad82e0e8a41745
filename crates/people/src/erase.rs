//! Erasing a person: every row of every record, and the keys, in one commit.

use crate::gather::Gathered;
use crate::likeness::Session;
use crate::postings::Moves;
use crate::resolve::resolve;
use crate::row::{CORRECTIONS, EVENTS, RECORDS, TRAITS};
use crate::{People, PeopleError};
use gate::{Evidence, LeafKind, Permit, SubjectAccess, UseKind, Work, event_leaf};
use model::{PersonId, Purpose, RecordId, Timestamp};
use std::collections::BTreeSet;
use store::{Batch, StoreError, View, limits};

/// What an erasure did.
#[derive(Debug)]
pub struct Erased {
    /// The person that was.
    pub person: PersonId,
    /// How many records it had.
    pub records: usize,
    /// How many rows of this room are gone.
    pub rows: usize,
    /// When.
    pub at: Timestamp,
    /// The ledger entry of the erasure's first record.
    pub entry: u64,
    /// What proves it, record by record, to whoever asks nobody. Empty when the ledger could not be read
    /// back.
    pub certificate: Vec<Evidence>,
}

impl People {
    /// Erases the person of a permit. When it returns, the keys of its records are destroyed, in
    /// the store and in the key directory, and nothing of the person can be read any more, from a
    /// restored backup either.
    ///
    /// # Errors
    ///
    /// A conflict when something was taken in for the person meanwhile: nothing was erased, ask
    /// again. Otherwise the error of the room that failed.
    pub fn erase(&self, permit: Permit<SubjectAccess>) -> Result<Erased, PeopleError> {
        let person = permit.person();
        let (view, mut session) = self.begin()?;
        let opening = self.gate.spend(permit, &view)?;
        let gone: BTreeSet<RecordId> = opening.records().iter().copied().collect();
        let mut batch = Batch::default();
        let mut gathered = Gathered::default();
        leave_postings(&view, &mut gathered, &gone, &mut batch)?;
        self.stage_tombstones(&view, &mut gathered, &gone, &mut batch)?;
        let stay = stay(&view, &mut gathered, &mut session, &gone)?;
        let rows = self.stage_gone(&view, &gone, &mut batch)?;
        gathered.forget(&gone, &mut batch);
        let contract = self.gate.contracts(&view, &[person])?.into_iter().next().flatten();
        self.gate.stage_retired(&mut batch, person, contract.map(|row| row.version));
        let people = resolve(&self.gate, &view, &mut gathered, &stay, session.index(), &mut batch)?;
        gathered.stage(&mut batch);
        session.stage(&mut batch);
        let ids: Vec<_> = gone.iter().copied().collect();
        let keys = self.vault.load(&view, &ids)?;
        let at = self.gate.now();
        let leaves = ids.iter().filter_map(|record| {
            Some(event_leaf(LeafKind::Erasure, at, &keys.ledger_key(*record)?, &record.0))
        });
        let work = Work {
            kind: UseKind::SubjectAccess,
            purpose: Purpose::SubjectAccess,
            service: "erasure".to_owned(),
            people,
            signals: Vec::new(),
            leaves: leaves.collect(),
        };
        let openings: Vec<_> =
            ids.iter().filter_map(|record| Some((*record, keys.ledger_key(*record)?))).collect();
        let shredding = self.vault.stage_shred(&view, &mut batch, &ids)?;
        match self.gate.record(work, batch) {
            Ok(appended) => {
                session.keep();
                self.sync(&appended)?;
                shredding.finish()?;
                let entry = appended.first + 1;
                let certificate = self.certificate(at, &openings, entry);
                Ok(Erased { person, records: ids.len(), rows, at, entry, certificate })
            }
            Err(error) => {
                shredding.abandon()?;
                Err(error.into())
            }
        }
    }

    /// What proves an erasure, from its first entry on.
    fn certificate(
        &self,
        at: Timestamp,
        openings: &[(RecordId, [u8; 32])],
        first: u64,
    ) -> Vec<Evidence> {
        let ledger = self.gate.ledger();
        let entries = openings.iter().zip(first..);
        let evidence = entries.filter_map(|((record, key), entry)| {
            Some(Evidence::of_erasure(at, *record, key, &ledger.inclusion_proof(entry).ok()?))
        });
        evidence.collect()
    }

    /// Deletes what is left of records whose keys are gone, as after the restore of a backup that
    /// is older than their erasure. Gives how many rows went.
    ///
    /// # Errors
    ///
    /// The error of the room that failed.
    pub fn reap(&self, unreadable: &[RecordId]) -> Result<usize, PeopleError> {
        let mut rows = 0;
        for record in unreadable {
            let (view, mut session) = self.begin()?;
            let gone = BTreeSet::from([*record]);
            let mut gathered = Gathered::default();
            let mut batch = Batch::default();
            leave_postings(&view, &mut gathered, &gone, &mut batch)?;
            let person = gathered.records.get(record).map(|held| held.now.person);
            let stay = stay(&view, &mut gathered, &mut session, &gone)?;
            rows += self.stage_gone(&view, &gone, &mut batch)?;
            gathered.forget(&gone, &mut batch);
            let mates = person
                .filter(|person| !stay.iter().any(|id| gathered.person_of(*id) == Some(*person)));
            if let Some(person) = mates {
                let contract = self.gate.contracts(&view, &[person])?.into_iter().next().flatten();
                self.gate.stage_retired(&mut batch, person, contract.map(|row| row.version));
            }
            let people =
                resolve(&self.gate, &view, &mut gathered, &stay, session.index(), &mut batch)?;
            gathered.stage(&mut batch);
            session.stage(&mut batch);
            let work = Work {
                kind: UseKind::SubjectAccess,
                purpose: Purpose::SubjectAccess,
                service: "restore".to_owned(),
                people,
                signals: Vec::new(),
                leaves: Vec::new(),
            };
            let appended = self.gate.record(work, batch)?;
            session.keep();
            self.sync(&appended)?;
        }
        Ok(rows)
    }

    /// Deletes a record's rows in this room, the gate's and the vault's tables excepted. Gives how
    /// many.
    fn stage_gone(
        &self,
        view: &View<'_>,
        gone: &BTreeSet<RecordId>,
        batch: &mut Batch,
    ) -> Result<usize, PeopleError> {
        let before = batch.len();
        for record in gone {
            batch.delete(&RECORDS, record, &());
            batch.delete(&TRAITS, record, &());
            batch.delete(&CORRECTIONS, record, &());
            let mut from = None;
            loop {
                let page = view.range(&EVENTS, record, from.as_ref(), limits::PAGE_MAX)?;
                let full = page.len() == limits::PAGE_MAX;
                for (sort, _) in page {
                    batch.delete(&EVENTS, record, &sort);
                    from = Some(sort);
                }
                if !full {
                    break;
                }
            }
            self.gate.stage_erased(view, batch, *record)?;
        }
        Ok(batch.len() - before)
    }
}

fn leave_postings(
    view: &View<'_>,
    gathered: &mut Gathered,
    gone: &BTreeSet<RecordId>,
    batch: &mut Batch,
) -> Result<(), StoreError> {
    gathered.read_records(view, gone.iter().copied())?;
    let mut moves = Moves::default();
    for (id, held) in &gathered.records {
        moves.gone(*id, &held.now);
    }
    moves.make(view, gathered, batch)
}

/// Who stays and is to be decided again when some records go: all that hung together with them.
fn stay(
    view: &View<'_>,
    gathered: &mut Gathered,
    session: &mut Session<'_>,
    gone: &BTreeSet<RecordId>,
) -> Result<BTreeSet<RecordId>, StoreError> {
    let rows: Vec<_> = gone.iter().map(|record| (*record, None)).collect();
    let mut touched: BTreeSet<_> = session.change(&rows).into_iter().collect();
    // After a restore a record may be in the rows of others, and without its key not in the index.
    let rows = gone.iter().filter_map(|id| gathered.records.get(id));
    touched.extend(rows.flat_map(|held| held.now.links.alike.iter().map(|(other, _)| *other)));
    touched.retain(|id| !gone.contains(id));
    gathered.note_alike(view, session, &touched)?;
    let reached = gathered.reach(view, &gone.union(&touched).copied().collect())?;
    Ok(reached.difference(gone).copied().collect())
}
