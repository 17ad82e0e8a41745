//! What people who know say: these two are one, these are not. It holds for ever, and the folds
//! follow in the same commit.

use crate::gather::Gathered;
use crate::limits::ATTEMPTS_MAX;
use crate::resolve::resolve;
use crate::{People, PeopleError};
use gate::{Caller, LeafKind, UseKind, Work, event_leaf};
use model::{PersonId, Purpose, RecordId};
use std::collections::BTreeSet;
use store::{Batch, StoreError};

impl People {
    /// Asserts that two people are one. Gives the person they are now.
    ///
    /// # Errors
    ///
    /// [`PeopleError::Unknown`] when one does not exist; otherwise the error of the room that
    /// failed.
    pub fn merge(
        &self,
        caller: &Caller,
        a: PersonId,
        b: PersonId,
    ) -> Result<PersonId, PeopleError> {
        let (a, b) = (RecordId::from(a), RecordId::from(b));
        self.assert_pairs(caller, &[(a, b)], true)?;
        self.locate(a.into())
    }

    /// Asserts that some records of a person are not the rest of it. Gives the people that hold
    /// the two sides now.
    ///
    /// # Errors
    ///
    /// [`PeopleError::Unknown`] when the person does not exist, or the records are none or all of
    /// its records; otherwise the error of the room that failed.
    pub fn unmerge(
        &self,
        caller: &Caller,
        person: PersonId,
        apart: &[RecordId],
    ) -> Result<(PersonId, PersonId), PeopleError> {
        let person = self.locate(person)?;
        let view = self.store.read()?;
        let contract = self.gate.contracts(&view, &[person])?.into_iter().next().flatten();
        let records = contract.ok_or(PeopleError::Unknown)?.value.records;
        let (left, stay): (Vec<_>, Vec<_>) =
            records.into_iter().partition(|record| apart.contains(record));
        let (Some(one), Some(other)) = (left.first(), stay.first()) else {
            return Err(PeopleError::Unknown);
        };
        let pairs: Vec<_> = left.iter().flat_map(|a| stay.iter().map(move |b| (*a, *b))).collect();
        self.assert_pairs(caller, &pairs, false)?;
        Ok((self.locate((*other).into())?, self.locate((*one).into())?))
    }

    fn assert_pairs(
        &self,
        caller: &Caller,
        pairs: &[(RecordId, RecordId)],
        joined: bool,
    ) -> Result<(), PeopleError> {
        for _ in 0..ATTEMPTS_MAX {
            match self.try_assert(caller, pairs, joined) {
                Err(error) if error.is_conflict() => {}
                done => return done,
            }
        }
        Err(StoreError::Conflict.into())
    }

    fn try_assert(
        &self,
        caller: &Caller,
        pairs: &[(RecordId, RecordId)],
        joined: bool,
    ) -> Result<(), PeopleError> {
        let (view, session) = self.begin()?;
        let ids: BTreeSet<_> = pairs.iter().flat_map(|(a, b)| [*a, *b]).collect();
        let mut gathered = Gathered::default();
        gathered.read_records(&view, ids.iter().copied())?;
        if gathered.records.len() != ids.len() {
            return Err(PeopleError::Unknown);
        }
        for (a, b) in pairs {
            note(&mut gathered, *a, *b, joined);
            note(&mut gathered, *b, *a, joined);
        }
        gathered.read_postings_of(&view, ids.iter().copied())?;
        let reached = gathered.reach(&view, &ids)?;
        let mut batch = Batch::default();
        let people =
            resolve(&self.gate, &view, &mut gathered, &reached, session.index(), &mut batch)?;
        gathered.stage(&mut batch);
        let keys = self.vault.load(&view, &ids.iter().copied().collect::<Vec<_>>())?;
        let now = self.gate.now();
        let leaves = pairs.iter().filter_map(|(a, b)| {
            let key = keys.ledger_key(*a)?;
            let row = [&a.0[..], &b.0[..], &[u8::from(joined)]].concat();
            Some(event_leaf(LeafKind::Link, now, &key, &row))
        });
        let work = Work {
            kind: UseKind::Resolve,
            purpose: Purpose::Operations,
            service: caller.name().to_owned(),
            people,
            signals: Vec::new(),
            leaves: leaves.collect(),
        };
        let appended = self.gate.record(work, batch)?;
        self.sync(&appended)
    }
}

fn note(gathered: &mut Gathered, on: RecordId, other: RecordId, joined: bool) {
    let Some(held) = gathered.records.get_mut(&on).filter(|_| on != other) else { return };
    let asserted = &mut held.now.links.asserted;
    match asserted.binary_search_by_key(&other, |(known, _)| *known) {
        Ok(place) => {
            if let Some(known) = asserted.get_mut(place) {
                known.1 = joined;
            }
        }
        Err(place) => asserted.insert(place, (other, joined)),
    }
    held.dirty = true;
}
