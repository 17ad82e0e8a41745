//! Erasing a person: every row of every record, and the keys, in one commit.

use crate::gather::Gathered;
use crate::likeness::Session;
use crate::limits::{ERASED_ROWS_AT_ONCE, ERASURES_AT_ONCE};
use crate::postings::Moves;
use crate::resolve::resolve;
use crate::row::{CORRECTIONS, EVENTS, RECORDS, TRAITS};
use crate::turns::Turns;
use crate::{People, PeopleError};
use gate::{Evidence, LeafKind, Permit, Refusal, SubjectAccess, UseKind, Work, event_leaf};
use model::{PersonId, Purpose, RecordId, Timestamp};
use parking_lot::Mutex;
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

/// Erasures that wait to be made together.
pub(crate) type Erasures = Turns<Mutex<Option<Permit<SubjectAccess>>>, Done>;

type Done = Result<Erased, PeopleError>;

/// Somebody who is being erased.
struct Going {
    person: PersonId,
    records: BTreeSet<RecordId>,
    /// How many rows go.
    rows: usize,
}

/// The failure of a group, for one of it.
fn same(error: &PeopleError) -> PeopleError {
    if error.is_conflict() {
        StoreError::Conflict.into()
    } else {
        StoreError::Unavailable(error.to_string()).into()
    }
}

impl People {
    /// Erases the person of a permit. When it returns, the keys of its records are destroyed, in
    /// the store and in the key directory, and nothing of the person can be read any more, from a
    /// restored backup either. Erasures that are asked for at once share the way.
    ///
    /// # Errors
    ///
    /// A conflict when something was taken in for the person, or for one who is erased along, meanwhile:
    /// nothing was erased, ask again. Otherwise the error of the room that failed: then it is not told
    /// whether the erasure was committed. If it was, the next erasure or opening destroys the keys.
    pub fn erase(&self, permit: Permit<SubjectAccess>) -> Result<Erased, PeopleError> {
        let asked = Mutex::new(Some(permit));
        let erased = self.erasures.answer(asked, ERASURES_AT_ONCE, |asked| self.erase_all(asked));
        // Whoever leads answers everybody it takes; were that broken, it is not known to be done.
        let lost = || Err(StoreError::Unavailable("an erasure was lost".to_owned()).into());
        erased.unwrap_or_else(lost)
    }

    /// Erases a group in as few commits as it fits in. A commit that fails is told to those who were in it.
    fn erase_all(&self, asked: &[&Mutex<Option<Permit<SubjectAccess>>>]) -> Vec<Done> {
        let mut answers = Vec::with_capacity(asked.len());
        while let Some(rest) = asked.get(answers.len()..).filter(|rest| !rest.is_empty()) {
            let mut taken = 0;
            match self.try_erase(rest, &mut taken) {
                Ok(done) => answers.extend(done),
                Err(error) if taken <= 1 => answers.push(Err(error)),
                Err(error) => answers.extend((0..taken).map(|_| Err(same(&error)))),
            }
        }
        answers
    }

    /// Erases those of `asked` that fit in one commit, from the first on. `taken` is how many they are, should it
    /// fail.
    fn try_erase(
        &self,
        asked: &[&Mutex<Option<Permit<SubjectAccess>>>],
        taken: &mut usize,
    ) -> Result<Vec<Done>, PeopleError> {
        let (view, mut session) = self.begin()?;
        let mut gathered = Gathered::default();
        let mut batch = Batch::default();
        let admitted = self.admit(&view, asked, &mut batch, taken)?;
        let going: Vec<_> = admitted.iter().flatten().collect();
        let gone: BTreeSet<RecordId> =
            going.iter().flat_map(|going| going.records.iter().copied()).collect();
        if gone.is_empty() {
            let none = admitted.into_iter().map(|none| none.and(Err(Refusal::Stale.into())));
            return Ok(none.collect());
        }
        leave_postings(&view, &mut gathered, &gone, &mut batch)?;
        self.stage_tombstones(&view, &mut gathered, &gone, &mut batch)?;
        let stay = stay(&view, &mut gathered, &mut session, &gone)?;
        gathered.forget(&gone, &mut batch);
        let people: Vec<_> = going.iter().map(|going| going.person).collect();
        for (person, contract) in people.iter().zip(self.gate.contracts(&view, &people)?) {
            if let Some(row) = &contract {
                self.gate.stage_recalls(&view, &mut batch, (*person, &row.value), None)?;
            }
            self.gate.stage_retired(&mut batch, *person, contract.map(|row| row.version));
        }
        let people = resolve(&self.gate, &view, &mut gathered, &stay, session.index(), &mut batch)?;
        gathered.stage(&mut batch);
        session.stage(&mut batch);
        let ids: Vec<_> = gone.iter().copied().collect();
        let keys = self.vault.load(&view, &ids)?;
        let at = self.gate.now();
        // In the order of the answers, so that the entries of each stand together.
        let keyed = |record: &RecordId| Some((*record, keys.ledger_key(*record)?));
        let openings: Vec<Vec<_>> =
            going.iter().map(|going| going.records.iter().filter_map(keyed).collect()).collect();
        let leaf =
            |(record, key): &(RecordId, _)| event_leaf(LeafKind::Erasure, at, key, &record.0);
        let work = Work {
            kind: UseKind::SubjectAccess,
            purpose: Purpose::SubjectAccess,
            service: "erasure".to_owned(),
            people,
            signals: Vec::new(),
            leaves: openings.iter().flatten().map(leaf).collect(),
        };
        let shredding = self.vault.stage_shred(&view, &mut batch, &ids)?;
        let appended = match self.gate.record(work, batch) {
            Ok(appended) => appended,
            Err(error) => {
                shredding.abandon()?;
                return Err(error.into());
            }
        };
        session.keep();
        self.sync(&appended)?;
        shredding.finish()?;
        let (mut openings, mut entry) = (openings.into_iter(), appended.first + 1);
        let answers = admitted.into_iter().map(|admitted| {
            let Going { person, records, rows } = admitted?;
            let openings = openings.next().unwrap_or_default();
            let certificate = self.certificate(at, &openings, entry);
            let erased = Erased { person, records: records.len(), rows, at, entry, certificate };
            entry += openings.len() as u64;
            Ok(erased)
        });
        Ok(answers.collect())
    }

    /// Spends permits, and adds the deletion of everybody's rows to a batch, until it has many. Whoever is
    /// asked for twice is erased once. `taken` counts the permits that are spent.
    fn admit(
        &self,
        view: &View<'_>,
        asked: &[&Mutex<Option<Permit<SubjectAccess>>>],
        batch: &mut Batch,
        taken: &mut usize,
    ) -> Result<Vec<Result<Going, PeopleError>>, PeopleError> {
        let mut people = BTreeSet::new();
        let mut admitted = Vec::with_capacity(asked.len());
        for asked in asked {
            if batch.len() >= ERASED_ROWS_AT_ONCE {
                break;
            }
            let permit = asked.lock().take();
            *taken += 1;
            let person = permit.as_ref().map(Permit::person);
            let spent =
                permit.ok_or(Refusal::Stale).and_then(|permit| self.gate.spend(permit, view));
            admitted.push(match (spent, person) {
                (Ok(opening), Some(person)) if people.insert(person) => {
                    let records = opening.records().iter().copied().collect();
                    let mut own = Batch::default();
                    let rows = self.stage_gone(view, &records, &mut own)?;
                    if batch.is_empty() || batch.len() + rows <= limits::WRITES_MAX / 2 {
                        batch.absorb(own);
                        Ok(Going { person, records, rows })
                    } else {
                        // So many rows go only with nobody before them: to be asked for again.
                        Err(StoreError::Conflict.into())
                    }
                }
                (Ok(_), _) => Err(Refusal::Stale.into()),
                (Err(refusal), _) => Err(refusal.into()),
            });
        }
        Ok(admitted)
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
    // Of whom something was said with them: their names leave those rows, too.
    let said = gathered.records.values().flat_map(|held| &held.now.home.said);
    let others: Vec<_> = said.map(|(other, _)| *other).collect();
    gathered.read_records(view, others)?;
    let mut moves = Moves::default();
    for id in gone {
        if let Some(held) = gathered.records.get(id) {
            moves.gone(*id, &held.now);
        }
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
