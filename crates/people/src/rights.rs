//! Doing what customers ask for by right: restricting, objecting, erasing (GDPR Art. 17, 18, 21).
//!
//! The effect comes first, then the step that says it was done. Each effect can be repeated without harm, so
//! that of two who try at once both may do it, and one says so.

use crate::gather::Gathered;
use crate::limits::ATTEMPTS_MAX;
use crate::resolve::contract_of;
use crate::{Erased, People, PeopleError};
use gate::rights::{OnQueue, Request, RequestId, RequestKind, RightsError, Step};
use gate::{
    Basis, Dated, LeafKind, Manner, Method, Refusal, Signal, Standing, UseKind, Voice, Work,
    event_leaf,
};
use model::{PersonId, Purpose, RecordId, Timestamp};
use roaring::RoaringBitmap;
use store::{Batch, StoreError, limits};

/// Why a restriction ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Lift {
    /// The customer wants it so.
    Asked,
    /// What was contested is found to be right (GDPR Art. 18(1)(a)).
    Accurate,
    /// What was objected to is found to be justified (Art. 18(1)(d)).
    Justified,
}

impl Lift {
    /// The word for it in API, log and documents.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Asked => "asked",
            Self::Accurate => "accurate",
            Self::Justified => "justified",
        }
    }

    /// The one of a word, if it is one.
    pub fn of_word(word: &str) -> Option<Self> {
        [Self::Asked, Self::Accurate, Self::Justified].into_iter().find(|one| one.word() == word)
    }
}

/// What was done for a request.
#[derive(Debug)]
pub enum Done {
    /// The data is kept only.
    Restricted(Request),
    /// What can be objected to is refused.
    Objected(Request),
    /// The person is erased, and the request with it.
    Erased(Erased),
}

impl People {
    /// Carries out a request that is verified, and has waited if it has to.
    ///
    /// # Errors
    ///
    /// [`PeopleError::NoRequest`] when there is none, or it may not be carried out; a conflict when data keeps
    /// arriving for somebody to erase; otherwise the error of the room that failed.
    pub fn carry_out(&self, id: RequestId, by: &str) -> Result<Done, PeopleError> {
        let request = self.gate.request(&self.store.read()?, id)?.ok_or(RightsError::Unknown)?;
        request.may(Step::CarryOut, self.gate.now()).map_err(RightsError::from)?;
        match request.kind {
            RequestKind::Restriction => {
                self.restrict(request.record, None, by)?;
                Ok(Done::Restricted(self.gate.step(id, Step::CarryOut, by)?))
            }
            RequestKind::Objection => {
                self.object(request.record, by)?;
                Ok(Done::Objected(self.gate.step(id, Step::CarryOut, by)?))
            }
            RequestKind::Erasure => {
                let person = self.locate(request.record.into())?;
                self.erase(self.gate.ask_requested(&request, person)?).map(Done::Erased)
            }
            // The table of steps has refused these already.
            RequestKind::Access | RequestKind::Portability | RequestKind::Rectification => {
                Err(RightsError::Unknown.into())
            }
        }
    }

    /// Carries out every request that may be carried out now, up to a page of them. Gives how many; what
    /// cannot be done now is tried again the next time.
    ///
    /// # Errors
    ///
    /// When the store fails.
    pub fn carry_out_due(&self, by: &str) -> Result<usize, PeopleError> {
        let (mut done, mut after) = (0, None);
        loop {
            let view = self.store.read()?;
            let limit = limits::PAGE_MAX;
            let on = OnQueue { open: true, state: None, due_before: None, after, limit };
            let (requests, more) = self.gate.queue(&view, &on)?;
            drop(view);
            let now = self.gate.now();
            let ready = requests.iter().filter(|of| of.may(Step::CarryOut, now).is_ok());
            for request in ready {
                match self.carry_out(request.id, by) {
                    Ok(_) => done += 1,
                    // Somebody else did, or data is arriving: the next sweep sees.
                    Err(PeopleError::NoRequest(_) | PeopleError::Refused(Refusal::Stale)) => {}
                    Err(error) if error.is_conflict() => {}
                    Err(error) => return Err(error),
                }
            }
            match more {
                None => return Ok(done),
                more => after = more,
            }
        }
    }

    /// Refuses, for the person that holds a record, what can be objected to: whatever rests on a legitimate
    /// interest or an opt-out, and direct marketing whatever it rests on (GDPR Art. 21).
    fn object(&self, record: RecordId, by: &str) -> Result<(), PeopleError> {
        let person = self.locate(record.into())?;
        let row = self.gate.contracts(&self.store.read()?, &[person])?.into_iter().next().flatten();
        let contract = row.ok_or(PeopleError::Unknown)?.value;
        let at = self.gate.now();
        let grants = self.gate.grants().iter().filter(|(_, grant)| {
            let objectionable = match self.gate.terms(&contract, grant).basis {
                Basis::LegitimateInterest | Basis::OptOut => true,
                Basis::Necessary | Basis::Consent => false,
            };
            objectionable || grant.purpose == Purpose::Marketing
        });
        let no = |bit| Signal {
            bit,
            allowed: false,
            at,
            standing: Standing::SignedIn,
            voice: Voice::House,
        };
        let signals: Vec<Signal> = grants.map(|(bit, _)| no(*bit)).collect();
        let method = if by == gate::CUSTOMER { Method::PreferenceCentre } else { Method::Api };
        self.say_on(record, by, signals, Manner::by(method))
    }

    /// Begins a restriction of the person that holds a record, or ends it for a reason. It begins on all of the
    /// person's records, and ends on all that have one, so that it outlasts a merge and an unmerge.
    ///
    /// # Errors
    ///
    /// [`PeopleError::Unknown`] when there is no such record; otherwise the error of the room that failed.
    pub fn restrict(
        &self,
        record: RecordId,
        ends: Option<Lift>,
        by: &str,
    ) -> Result<(), PeopleError> {
        for _ in 0..ATTEMPTS_MAX {
            match self.try_restrict(record, ends, by) {
                Err(error) if error.is_conflict() => {}
                done => return done,
            }
        }
        Err(StoreError::Conflict.into())
    }

    fn try_restrict(
        &self,
        record: RecordId,
        ends: Option<Lift>,
        by: &str,
    ) -> Result<(), PeopleError> {
        let view = self.store.read()?;
        let mut gathered = Gathered::default();
        gathered.read_records(&view, [record])?;
        let person: PersonId = gathered.person_of(record).ok_or(PeopleError::Unknown)?;
        let row = self.gate.contracts(&view, &[person])?.into_iter().next().flatten();
        let row = row.ok_or(PeopleError::Unknown)?;
        let records = row.value.records.clone();
        gathered.read_records(&view, records.iter().copied())?;
        let (now, begins) = (self.gate.now(), ends.is_none());
        for held in gathered.records.values_mut() {
            let grounds = &mut held.now.grounds;
            let at = match (begins, grounds.restricted_since()) {
                (true, Some(_)) | (false, None) => continue,
                (true, None) => now,
                // What ends was there before.
                (false, Some(since)) => now.max(Timestamp(since.0.saturating_add(1))),
            };
            held.dirty |= grounds.take_restriction(Dated { at, value: begins });
        }
        let mut batch = Batch::default();
        let contract = contract_of(&self.gate, &gathered, &records, row.value.ordinal);
        self.gate.stage_recalls(&view, &mut batch, (person, &row.value), Some(&contract))?;
        self.gate.stage_contract(&mut batch, person, &contract, Some(row.version));
        gathered.stage(&mut batch);
        let keys = self.vault.load(&view, &[record])?;
        let key = keys.ledger_key(record).ok_or(PeopleError::Unknown)?;
        let how = ends.map_or("begins", Lift::word);
        let bytes = [&record.0[..], how.as_bytes()].concat();
        let work = Work {
            kind: UseKind::SubjectAccess,
            purpose: Purpose::Operations,
            service: by.to_owned(),
            people: RoaringBitmap::from_iter([row.value.ordinal]),
            signals: Vec::new(),
            leaves: vec![event_leaf(LeafKind::Restriction, now, &key, &bytes)],
        };
        let appended = self.gate.record(work, batch)?;
        self.sync(&appended)
    }
}
