//! What somebody says of two people's home: a service that knows, or one of the two.

use super::PairSaid;
use crate::gather::Gathered;
use crate::limits::ATTEMPTS_MAX;
use crate::{People, PeopleError};
use gate::{CUSTOMER, Caller, LeafKind, Subject, UseKind, Work, event_leaf};
use model::{PersonId, Purpose, RecordId};
use roaring::RoaringBitmap;
use store::{Batch, StoreError};

/// What is said.
#[derive(Clone, Copy)]
enum Word {
    /// A service: they live together, or they do not.
    Declared(bool),
    /// The customer of the first record: not with the other.
    Denied,
}

impl People {
    /// Declares that two people live together, or that they do not. It counts where both say one
    /// address and let households be recognised; the last declaration holds, and none over what one of the
    /// two denied.
    ///
    /// # Errors
    ///
    /// [`PeopleError::Unknown`] when one does not exist, or both are one; otherwise the error of the room
    /// that failed.
    pub fn declare_home(
        &self,
        caller: &Caller,
        a: PersonId,
        b: PersonId,
        together: bool,
    ) -> Result<(), PeopleError> {
        let (a, b) = (self.locate(a)?, self.locate(b)?);
        self.say_of_home(caller.name(), a.into(), b.into(), Word::Declared(together))
    }

    /// Takes the word of a customer who is there, that they do not live with somebody. It holds for ever.
    ///
    /// # Errors
    ///
    /// As [`Self::declare_home`].
    pub fn deny_home(&self, subject: &Subject, other: PersonId) -> Result<(), PeopleError> {
        self.say_of_home(CUSTOMER, subject.record(), other.into(), Word::Denied)
    }

    fn say_of_home(
        &self,
        service: &str,
        a: RecordId,
        b: RecordId,
        word: Word,
    ) -> Result<(), PeopleError> {
        for _ in 0..ATTEMPTS_MAX {
            match self.try_say_of_home(service, a, b, word) {
                Err(error) if error.is_conflict() => {}
                done => return done,
            }
        }
        Err(StoreError::Conflict.into())
    }

    fn try_say_of_home(
        &self,
        service: &str,
        a: RecordId,
        b: RecordId,
        word: Word,
    ) -> Result<(), PeopleError> {
        let view = self.store.read()?;
        let mut gathered = Gathered::default();
        gathered.read_records(&view, [a, b])?;
        let (Some(one), Some(other)) = (gathered.person_of(a), gathered.person_of(b)) else {
            return Err(PeopleError::Unknown);
        };
        if one == other {
            return Err(PeopleError::Unknown);
        }
        note(&mut gathered, a, b, |said| match word {
            Word::Declared(together) => said.declared = Some(together),
            Word::Denied => said.denied = true,
        });
        note(&mut gathered, b, a, |said| match word {
            Word::Declared(together) => said.declared = Some(together),
            Word::Denied => said.denied_by = true,
        });
        let mut batch = Batch::default();
        gathered.stage(&mut batch);
        // What one customer denies stands in that one's account only.
        let (concerned, kind) = match word {
            Word::Declared(_) => (vec![one, other], UseKind::Resolve),
            Word::Denied => (vec![one], UseKind::SubjectAccess),
        };
        let contracts = self.gate.contracts(&view, &concerned)?;
        let people: RoaringBitmap =
            contracts.into_iter().flatten().map(|row| row.value.ordinal).collect();
        let keys = self.vault.load(&view, &[a])?;
        let key = keys.ledger_key(a).ok_or(PeopleError::Unknown)?;
        let spoken = match word {
            Word::Declared(together) => u8::from(together),
            Word::Denied => 2,
        };
        let row = [&a.0[..], &b.0[..], &b"home"[..], &[spoken]].concat();
        let deed = Work {
            kind,
            purpose: Purpose::HouseholdLinking,
            service: service.to_owned(),
            people,
            signals: Vec::new(),
            leaves: vec![event_leaf(LeafKind::Link, self.gate.now(), &key, &row)],
        };
        let appended = self.gate.record(deed, batch)?;
        self.sync(&appended)
    }
}

fn note(gathered: &mut Gathered, on: RecordId, other: RecordId, say: impl FnOnce(&mut PairSaid)) {
    let Some(held) = gathered.records.get_mut(&on) else { return };
    let said = &mut held.now.home.said;
    let place = said.binary_search_by_key(&other, |(known, _)| *known).unwrap_or_else(|place| {
        said.insert(place, (other, PairSaid::default()));
        place
    });
    if let Some((_, known)) = said.get_mut(place) {
        say(known);
        held.dirty = true;
    }
}
