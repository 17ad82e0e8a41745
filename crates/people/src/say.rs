//! Taking a customer's word: consent given, refused or withdrawn, effective before it is
//! acknowledged. Words that come at once share a commit.

use crate::gather::Gathered;
use crate::likeness::{Due, Session};
use crate::limits::{ATTEMPTS_MAX, WORDS_AT_ONCE};
use crate::postings::Moves;
use crate::resolve::resolve_each;
use crate::row::{RECORDS, TRAITS};
use crate::turns::Turns;
use crate::{People, PeopleError};
use gate::{
    Appended, CUSTOMER, Caller, Dated, LedgerError, Manner, Method, Refuser, Signal, SignalFact,
    Standing, Subject, Ticket, UseKind, Wishes, Work,
};
use model::{Bit, PersonId, Purpose, RecordId};
use std::collections::{BTreeMap, BTreeSet};
use store::{Batch, StoreError, View};
use vault::{RecordKeys, VaultError};

/// Words that wait to be taken together.
pub(crate) type Words = Turns<Word, Taken>;

type Taken = Result<(), PeopleError>;

/// What somebody wants taken.
pub(crate) struct Word {
    service: String,
    whose: Whose,
    signals: Vec<Signal>,
    /// How the customer wants to be written to from now on, if that was said.
    wishes: Option<Dated<Wishes>>,
    manner: Manner,
}

/// Whose word it is.
enum Whose {
    /// That of a person, to be taken on the record whose id the person bears.
    Person(PersonId),
    /// That of whoever holds this record.
    Record(RecordId),
}

/// Words in one commit that is made, and not on disk yet.
struct Together {
    /// For each word: nothing, or why it was left out.
    left_out: Vec<Option<PeopleError>>,
    /// Nothing when all were left out.
    appended: Option<Appended>,
}

/// What deciding about words goes by.
struct Deciding<'a, 'b> {
    view: &'a View<'b>,
    session: Session<'a>,
    gathered: Gathered,
    keys: RecordKeys,
    batch: Batch,
}

impl People {
    /// Takes signals for a person, through the record whose id the person bears. When it returns,
    /// every later use obeys them. Signals that are said at once share a commit, and each is evidenced.
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
        manner: Manner,
    ) -> Result<(), PeopleError> {
        let (service, whose) = (caller.name().to_owned(), Whose::Person(person));
        self.take(Word { service, whose, signals: signals.to_vec(), wishes: None, manner })
    }

    /// Takes how a customer who is there wants to be written to.
    ///
    /// # Errors
    ///
    /// As [`Self::say`].
    pub fn wish_own(
        &self,
        subject: &Subject,
        wishes: Wishes,
        manner: Manner,
    ) -> Result<(), PeopleError> {
        let (service, whose) = (CUSTOMER.to_owned(), Whose::Record(subject.record()));
        let wishes = Some(Dated { at: self.gate.now(), value: wishes });
        self.take(Word { service, whose, signals: Vec::new(), wishes, manner })
    }

    /// Takes what somebody said by right, on the record they said it on.
    pub(crate) fn say_on(
        &self,
        record: RecordId,
        by: &str,
        signals: Vec<Signal>,
        manner: Manner,
    ) -> Result<(), PeopleError> {
        let (service, whose) = (by.to_owned(), Whose::Record(record));
        self.take(Word { service, whose, signals, manner, wishes: None })
    }

    /// Takes what a customer who is there says, or has the browser say, in the manner of the pages they see.
    ///
    /// # Errors
    ///
    /// As [`Self::say`].
    pub fn say_own(
        &self,
        subject: &Subject,
        signals: &[Signal],
        manner: Manner,
    ) -> Result<(), PeopleError> {
        let (service, whose) = (CUSTOMER.to_owned(), Whose::Record(subject.record()));
        self.take(Word { service, whose, signals: signals.to_vec(), wishes: None, manner })
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
        manner: Manner,
    ) -> Result<(), PeopleError> {
        let at = self.gate.now();
        let standing = Standing::Anonymous;
        let refusal = |bit: &Bit| Signal { standing, ..Signal::here(*bit, false, at) };
        let signals: Vec<Signal> = bits.iter().map(refusal).collect();
        let (service, whose) = (CUSTOMER.to_owned(), Whose::Record(refuser.record()));
        self.take(Word { service, whose, signals, wishes: None, manner })
    }

    /// Confirms a yes that its customer said while signed in, for whoever has the message that asked. Gives
    /// whether there was one that waited for it: nothing else is allowed by a message.
    ///
    /// # Errors
    ///
    /// As [`Self::say`].
    pub fn confirm(&self, ticket: &Ticket, manner: Manner) -> Result<bool, PeopleError> {
        let Some(bit) = ticket.confirms() else { return Ok(false) };
        let row = self.store.read()?.get(&RECORDS, &ticket.record(), &())?;
        let row = row.ok_or(PeopleError::Unknown)?.value;
        if !row.grounds.register.awaits(bit) {
            return Ok(false);
        }
        let standing = Standing::Confirmed;
        let yes = Signal { standing, ..Signal::here(bit, true, self.gate.now()) };
        let (service, whose) = (CUSTOMER.to_owned(), Whose::Record(ticket.record()));
        self.take(Word { service, whose, signals: vec![yes], wishes: None, manner })?;
        Ok(true)
    }

    /// Decides again about a record of which nothing new is said, because the rules have changed.
    pub(crate) fn reconsider(&self, record: RecordId) -> Taken {
        let (service, whose) = ("policy".to_owned(), Whose::Record(record));
        let manner = Manner::by(Method::Api);
        self.take(Word { service, whose, signals: Vec::new(), wishes: None, manner })
    }

    fn take(&self, word: Word) -> Taken {
        let taken = self.words.answer(word, WORDS_AT_ONCE, |words| self.take_all(words));
        // Whoever leads answers everybody it takes; were that broken, nothing is acknowledged.
        taken.unwrap_or_else(|| Err(StoreError::Unavailable("a word was lost".to_owned()).into()))
    }

    /// Takes words together. One that cannot be written does not cost the others theirs.
    fn take_all(&self, words: &[&Word]) -> Vec<Taken> {
        match self.take_together(words) {
            Ok(Together { left_out, appended }) => {
                let on_disk = appended.map_or(Ok(()), |appended| self.sync(&appended));
                let failed = on_disk.err().map(|error| error.to_string());
                let taken = left_out.into_iter().map(|why| match (why, &failed) {
                    (Some(why), _) => Err(why),
                    (None, Some(failed)) => Err(StoreError::Unavailable(failed.clone()).into()),
                    (None, None) => Ok(()),
                });
                taken.collect()
            }
            Err(error) if words.len() > 1 && is_of_one(&error) => {
                words.iter().flat_map(|word| self.take_all(&[word])).collect()
            }
            Err(error) if words.len() > 1 => {
                let why = error.to_string();
                words.iter().map(|_| Err(StoreError::Unavailable(why.clone()).into())).collect()
            }
            Err(error) => vec![Err(error)],
        }
    }

    fn take_together(&self, words: &[&Word]) -> Result<Together, PeopleError> {
        for _ in 0..ATTEMPTS_MAX {
            match self.try_together(words) {
                Err(error) if error.is_conflict() => {}
                done => return done,
            }
        }
        Err(StoreError::Conflict.into())
    }

    /// Decides on one snapshot, and commits. Words on one record are taken in the order in which they
    /// came.
    fn try_together(&self, words: &[&Word]) -> Result<Together, PeopleError> {
        let (view, session) = self.begin()?;
        let mut gathered = Gathered::default();
        let places = places(&view, &mut gathered, words)?;
        let records: Vec<_> =
            places.iter().flatten().copied().collect::<BTreeSet<_>>().into_iter().collect();
        let keys = self.vault.load(&view, &records)?;
        let here = |record: RecordId| gathered.records.contains_key(&record) && keys.has(record);
        let places: Vec<_> =
            places.into_iter().map(|place| place.filter(|record| here(*record))).collect();
        let records: BTreeSet<_> = places.iter().flatten().copied().collect();
        let left_out =
            places.iter().map(|place| place.is_none().then_some(PeopleError::Unknown)).collect();
        if records.is_empty() {
            return Ok(Together { left_out, appended: None });
        }
        let batch = Batch::default();
        let mut deciding = Deciding { view: &view, session, gathered, keys, batch };
        let people = self.decide_records(&mut deciding, words, &places, &records)?;
        let Deciding { session, gathered, keys, mut batch, .. } = deciding;
        gathered.stage(&mut batch);
        session.stage(&mut batch);
        let each = words.iter().zip(&places).filter_map(|(word, place)| {
            let record = (*place)?;
            let now = &gathered.records.get(&record)?.now;
            let (source, place) = (now.source, now.grounds.place());
            let key = keys.ledger_key(record)?;
            let fact = |signal: &Signal| SignalFact {
                record,
                signal: *signal,
                manner: word.manner,
                source,
                place,
                received: self.gate.now(),
                key,
            };
            Some(Work {
                kind: UseKind::SubjectAccess,
                purpose: Purpose::Operations,
                service: word.service.clone(),
                people: people.get(&record)?.iter().copied().collect(),
                signals: word.signals.iter().map(fact).collect(),
                leaves: Vec::new(),
            })
        });
        let appended = self.gate.record_all(each.collect(), batch)?;
        session.keep();
        Ok(Together { left_out, appended: Some(appended) })
    }

    /// Decides again what hangs together with the records on which something was said. Gives for each of
    /// these the ordinals of the people concerned.
    fn decide_records(
        &self,
        deciding: &mut Deciding<'_, '_>,
        words: &[&Word],
        places: &[Option<RecordId>],
        records: &BTreeSet<RecordId>,
    ) -> Result<BTreeMap<RecordId, BTreeSet<u32>>, PeopleError> {
        let Deciding { view, gathered, batch, .. } = deciding;
        for (word, place) in words.iter().zip(places) {
            let Some(held) = place.and_then(|record| gathered.records.get_mut(&record)) else {
                continue;
            };
            for signal in &word.signals {
                held.now.grounds.register.take(*signal);
            }
            if let Some(wishes) = &word.wishes {
                held.now.grounds.take_wishes(wishes.clone());
            }
            held.dirty = true;
        }
        let (mut moves, mut turned) = (Moves::default(), Vec::new());
        for record in records {
            let Some(held) = gathered.records.get_mut(record) else { continue };
            let linkable = self.gate.may_link(&held.now.grounds);
            if std::mem::replace(&mut held.now.linkable, linkable) != linkable {
                moves.note(*record, &held.now, true, &BTreeSet::new());
                turned.push(*record);
            }
        }
        moves.make(view, gathered, batch)?;
        gathered.read_postings_of(view, records.iter().copied())?;
        let alike = self.compare_turned(deciding, &turned)?;
        let from = |record: &RecordId| {
            let alike = alike.get(record).into_iter().flatten();
            alike.copied().chain([*record]).collect::<BTreeSet<_>>()
        };
        let Deciding { view, session, gathered, batch, .. } = deciding;
        let reached = gathered.reach(view, &records.iter().flat_map(from).collect())?;
        // By components as they were: deciding again changes them.
        let each: Vec<_> =
            records.iter().map(|record| (*record, gathered.reached_from(&from(record)))).collect();
        let ordinals = resolve_each(&self.gate, view, gathered, &reached, session.index(), batch)?;
        let of = |reached: BTreeSet<RecordId>| {
            let people = reached.into_iter().filter_map(|id| gathered.person_of(id));
            people.filter_map(|person| ordinals.get(&person).copied()).collect()
        };
        Ok(each.into_iter().map(|(record, reached)| (record, of(reached))).collect())
    }

    /// Compares records anew that may be linked and could not, or no longer may. Gives for each of them
    /// those whose pairs may have changed.
    fn compare_turned(
        &self,
        deciding: &mut Deciding<'_, '_>,
        turned: &[RecordId],
    ) -> Result<BTreeMap<RecordId, BTreeSet<RecordId>>, PeopleError> {
        let Deciding { view, session, gathered, keys, .. } = deciding;
        let mut alike = BTreeMap::new();
        if turned.is_empty() || session.permit().is_none() {
            return Ok(alike);
        }
        let places: Vec<_> = turned.iter().map(|record| (*record, ())).collect();
        let rows = view.get_many(&TRAITS, &places)?;
        for (record, traits) in turned.iter().zip(rows) {
            let traits = traits.map(|row| row.value).unwrap_or_default();
            let row = &gathered.records.get(record).ok_or(PeopleError::Unknown)?.now;
            let due = Due { record: *record, row, traits: &traits, said: &[] };
            alike.insert(*record, self.compare(session, keys, &[due])?);
        }
        let touched = alike.values().flatten().copied().collect();
        gathered.note_alike(view, session, &touched)?;
        Ok(alike)
    }
}

/// The record that each word is taken on; nothing where there is none.
fn places(
    view: &View<'_>,
    gathered: &mut Gathered,
    words: &[&Word],
) -> Result<Vec<Option<RecordId>>, StoreError> {
    let named = words.iter().map(|word| match word.whose {
        Whose::Person(person) => person.into(),
        Whose::Record(record) => record,
    });
    gathered.read_records(view, named)?;
    let places: Vec<Option<RecordId>> = words
        .iter()
        .map(|word| match word.whose {
            Whose::Person(person) => gathered.person_of(person.into()).map(RecordId::from),
            Whose::Record(record) => Some(record),
        })
        .collect();
    gathered.read_records(view, places.iter().flatten().copied())?;
    Ok(places)
}

/// Whether a failure may be that of one word, so that the others can be taken without it.
const fn is_of_one(error: &PeopleError) -> bool {
    match error {
        PeopleError::Store(error)
        | PeopleError::Vault(VaultError::Store(error))
        | PeopleError::Ledger(LedgerError::Store(error)) => match error {
            StoreError::Conflict | StoreError::TooLarge { .. } | StoreError::Corrupt(_) => true,
            StoreError::Unavailable(_)
            | StoreError::Full(_)
            | StoreError::NewerFormat { .. }
            | StoreError::InUse(_) => false,
        },
        PeopleError::Vault(_) | PeopleError::Unknown | PeopleError::NoRequest(_) => true,
        PeopleError::Ledger(error) => matches!(error, LedgerError::Conflict),
        PeopleError::Refused(_) | PeopleError::Unlearnable => false,
    }
}
