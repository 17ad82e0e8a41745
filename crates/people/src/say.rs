//! Taking a customer's word: consent given, refused or withdrawn, effective before it is
//! acknowledged.

use crate::gather::Gathered;
use crate::likeness::Due;
use crate::limits::ATTEMPTS_MAX;
use crate::postings::Moves;
use crate::resolve::{may_link, resolve};
use crate::row::TRAITS;
use crate::{People, PeopleError};
use gate::{
    CUSTOMER, Caller, Method, NoticeHash, Refuser, Signal, SignalFact, Subject, UseKind, Work,
};
use model::{Bit, PersonId, Purpose, RecordId};
use std::collections::BTreeSet;
use store::{Batch, StoreError};

impl People {
    /// Takes signals for a person, through the record whose id the person bears. When it returns,
    /// every later use obeys them.
    ///
    /// # Errors
    ///
    /// [`PeopleError::Unknown`] when there is no such person; otherwise the error of the room that
    /// failed.
    pub fn say(
        &self,
        caller: &Caller,
        person: PersonId,
        signals: &[Signal],
        method: Method,
    ) -> Result<(), PeopleError> {
        let located = || Ok(RecordId::from(self.locate(person)?));
        self.say_as(caller.name(), &located, signals, (method, None))
    }

    /// Takes what a customer who is there says, or has the browser say, under the notice that they see.
    ///
    /// # Errors
    ///
    /// As [`Self::say`].
    pub fn say_own(
        &self,
        subject: &Subject,
        signals: &[Signal],
        method: Method,
        notice: NoticeHash,
    ) -> Result<(), PeopleError> {
        let how = (method, Some(notice));
        self.say_as(CUSTOMER, &|| Ok(subject.record()), signals, how)
    }

    /// Takes a refusal by whoever has a message. It is said to this house, but by nobody who is known to be
    /// there: it never allows anything.
    ///
    /// # Errors
    ///
    /// As [`Self::say`].
    pub fn refuse(
        &self,
        refuser: Refuser<'_>,
        bits: &[Bit],
        notice: NoticeHash,
    ) -> Result<(), PeopleError> {
        let at = self.gate.now();
        let refusal =
            |bit: &Bit| Signal { bit: *bit, allowed: false, at, signed_in: false, direct: true };
        let signals: Vec<Signal> = bits.iter().map(refusal).collect();
        let how = (Method::OneClick, Some(notice));
        self.say_as(CUSTOMER, &|| Ok(refuser.record()), &signals, how)
    }

    fn say_as(
        &self,
        service: &str,
        located: &dyn Fn() -> Result<RecordId, PeopleError>,
        signals: &[Signal],
        how: (Method, Option<NoticeHash>),
    ) -> Result<(), PeopleError> {
        for _ in 0..ATTEMPTS_MAX {
            match self.try_say(service, located()?, signals, how) {
                Err(error) if error.is_conflict() => {}
                done => return done,
            }
        }
        Err(StoreError::Conflict.into())
    }

    fn try_say(
        &self,
        service: &str,
        record: RecordId,
        signals: &[Signal],
        (method, notice): (Method, Option<NoticeHash>),
    ) -> Result<(), PeopleError> {
        let (view, mut session) = self.begin()?;
        let mut gathered = Gathered::default();
        gathered.read_records(&view, [record])?;
        let held = gathered.records.get_mut(&record).ok_or(PeopleError::Unknown)?;
        let source = held.now.source;
        for signal in signals {
            held.now.register.take(*signal);
        }
        held.dirty = true;
        let linkable = may_link(&self.gate, &held.now.register);
        let turned = std::mem::replace(&mut held.now.linkable, linkable) != linkable;
        let mut moves = Moves::default();
        moves.note(record, &held.now, turned, &BTreeSet::new());
        let mut batch = Batch::default();
        moves.make(&view, &mut gathered, &mut batch)?;
        gathered.read_postings_of(&view, [record])?;
        let keys = self.vault.load(&view, &[record])?;
        let mut changed = BTreeSet::from([record]);
        if turned && session.permit().is_some() {
            let traits = view.get(&TRAITS, &record, &())?.map(|row| row.value).unwrap_or_default();
            let row = &gathered.records.get(&record).ok_or(PeopleError::Unknown)?.now;
            let due = Due { record, row, traits: &traits, said: &[] };
            let touched = self.compare(&mut session, &keys, &[due])?;
            gathered.note_alike(&view, &session, &touched)?;
            changed.extend(touched);
        }
        let reached = gathered.reach(&view, &changed)?;
        let people =
            resolve(&self.gate, &view, &mut gathered, &reached, session.index(), &mut batch)?;
        gathered.stage(&mut batch);
        session.stage(&mut batch);
        let key = keys.ledger_key(record).ok_or(PeopleError::Unknown)?;
        let received = self.gate.now();
        let fact = |signal: &Signal| SignalFact {
            record,
            signal: *signal,
            method,
            source,
            notice,
            received,
            key,
        };
        let work = Work {
            kind: UseKind::SubjectAccess,
            purpose: Purpose::Operations,
            service: service.to_owned(),
            people,
            signals: signals.iter().map(fact).collect(),
            leaves: Vec::new(),
        };
        let appended = self.gate.record(work, batch)?;
        session.keep();
        self.sync(&appended)
    }
}
