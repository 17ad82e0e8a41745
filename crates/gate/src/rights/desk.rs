//! The desk at which requests are taken, worked on and looked for.

use super::kept::stage_kept;
use super::queue::{QUEUE, place};
use super::request::{NoStep, Request, RequestId, StepRow};
use super::words::{Ground, RequestKind, RequestState, Step, Through};
use super::{DAY_MS, DOUBTFUL_PER_DAY_MAX, OPEN_MAX};
use crate::contract::{CONTRACTS, Contract};
use crate::gate::{ATTEMPTS_MAX, Gate};
use crate::intake::event_leaf;
use crate::log::LedgerError;
use crate::receipt::Evidence;
use crate::uses::LeafKind;
use model::{PersonId, RecordId, Timestamp};
use serde::{Deserialize, Serialize};
use std::fmt;
use store::{Batch, KeyPart, Row, StoreError, Table, View, limits};

/// Requests by number.
pub(crate) const REQUESTS: Table<RequestId, (), Request> = store::table!("requests", 1);

/// Which requests are of a record.
pub(crate) const REQUESTS_OF: Table<RecordId, RequestId, ()> = store::table!("requests_of", 1);

impl KeyPart for RequestId {
    fn put(&self, out: &mut Vec<u8>) {
        self.0.put(out);
    }

    fn take(bytes: &mut &[u8]) -> Option<Self> {
        KeyPart::take(bytes).map(Self)
    }
}

/// What is asked for, and how it came.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NewRequest {
    /// What.
    pub kind: RequestKind,
    /// Through which door.
    pub through: Through,
    /// Whether it is known that the customer asked.
    pub verified: bool,
    /// When it came: a letter came before somebody wrote that down.
    pub received: Timestamp,
}

/// What a ledger entry of a request commits to.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct StepFact {
    /// Which request.
    pub request: RequestId,
    /// What is asked for.
    pub kind: RequestKind,
    /// Which of its steps, from 0.
    pub number: u32,
    /// What was done.
    pub step: Step,
}

/// Why a request is not taken, or a step not made.
#[derive(Debug)]
pub enum RightsError {
    /// There is no such request, or it is somebody else's.
    Unknown,
    /// The customer is not here any more.
    Gone,
    /// The step does not follow.
    NoStep(NoStep),
    /// There is an open request of this kind already: its number.
    Open(RequestId),
    /// The customer has too many open requests.
    TooMany,
    /// Too many requests about this customer were doubtful today: no more from others.
    Locked,
    /// It is said to have come in the future.
    Ahead,
    /// The store failed.
    Store(StoreError),
    /// The ledger failed.
    Ledger(LedgerError),
}

impl fmt::Display for RightsError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Unknown => f.write_str("there is no such request"),
            Self::Gone => f.write_str("the customer is not here any more"),
            Self::NoStep(why) => why.fmt(f),
            Self::Open(_) => f.write_str("there is an open request of this kind already"),
            Self::TooMany => write!(f, "there are {OPEN_MAX} open requests: close one first"),
            Self::Locked => f.write_str(
                "too many doubtful requests about this customer today: ask the customer to sign in",
            ),
            Self::Ahead => f.write_str("a request cannot come in the future"),
            Self::Store(error) => error.fmt(f),
            Self::Ledger(error) => error.fmt(f),
        }
    }
}

impl std::error::Error for RightsError {}

impl From<StoreError> for RightsError {
    fn from(error: StoreError) -> Self {
        Self::Store(error)
    }
}

impl From<LedgerError> for RightsError {
    fn from(error: LedgerError) -> Self {
        Self::Ledger(error)
    }
}

impl From<NoStep> for RightsError {
    fn from(why: NoStep) -> Self {
        Self::NoStep(why)
    }
}

/// By when the law of a customer's places asks for what.
struct Deadlines {
    acknowledge: Option<Timestamp>,
    answer: Timestamp,
    extended: Option<Timestamp>,
}

impl Gate {
    /// Takes a request of a person, on one of their records. Its clocks run from when it came; of several
    /// laws the shortest holds.
    ///
    /// # Errors
    ///
    /// [`RightsError`]; `Gone` when the person does not hold the record.
    pub fn receive(
        &self,
        person: PersonId,
        record: RecordId,
        asked: &NewRequest,
        by: &str,
    ) -> Result<Request, RightsError> {
        for _ in 0..ATTEMPTS_MAX {
            match self.try_receive(person, record, asked, by) {
                Err(RightsError::Ledger(error)) if error.is_conflict() => {}
                done => return done,
            }
        }
        Err(StoreError::Conflict.into())
    }

    fn try_receive(
        &self,
        person: PersonId,
        record: RecordId,
        asked: &NewRequest,
        by: &str,
    ) -> Result<Request, RightsError> {
        let (now, view) = (self.clock.now(), self.store.read()?);
        if asked.received > now {
            return Err(RightsError::Ahead);
        }
        let contract = self.contracts(&view, &[person])?.into_iter().next().flatten();
        let contract = contract.ok_or(RightsError::Gone)?;
        if contract.value.records.binary_search(&record).is_err() {
            return Err(RightsError::Gone);
        }
        let known = self.requests_of(&view, &contract.value.records)?;
        admit(&known, asked, now)?;
        let mut id = [0; 16];
        self.rng.fill(&mut id);
        let due = self.deadlines(&contract.value, asked.received);
        let mut request = Request {
            id: RequestId(id),
            record,
            kind: asked.kind,
            through: asked.through,
            received: asked.received,
            verified: asked.verified.then_some(now),
            acknowledge_by: due.acknowledge,
            answer_by: due.answer,
            extendable_to: due.extended,
            state: RequestState::Received,
            steps: Vec::new(),
        };
        let mut batch = Batch::default();
        // The contract is written again, so that of two who ask at once one decides again, and an erasure
        // that began before sees the request.
        batch.check(&CONTRACTS, &person, &(), Some(contract.version));
        batch.put(&CONTRACTS, &person, &(), &contract.value);
        batch.check(&REQUESTS, &request.id, &(), None);
        batch.put(&REQUESTS_OF, &record, &request.id, &());
        self.commit_step(&view, &mut request, Step::Receive, (now, by), batch)?;
        Ok(request)
    }

    /// Makes a step, if it may follow. Of two who try at once, one does.
    ///
    /// # Errors
    ///
    /// [`RightsError`].
    pub fn step(&self, id: RequestId, step: Step, by: &str) -> Result<Request, RightsError> {
        self.step_if(id, step, by, &|_| true)
    }

    /// Makes a step on a request of one of some records, which are a customer's own.
    ///
    /// # Errors
    ///
    /// [`RightsError`]; `Unknown` for a request of anybody else.
    pub fn step_own(
        &self,
        records: &[RecordId],
        id: RequestId,
        step: Step,
        by: &str,
    ) -> Result<Request, RightsError> {
        self.step_if(id, step, by, &|request| records.contains(&request.record))
    }

    fn step_if(
        &self,
        id: RequestId,
        step: Step,
        by: &str,
        holds: &dyn Fn(&Request) -> bool,
    ) -> Result<Request, RightsError> {
        for _ in 0..ATTEMPTS_MAX {
            let (now, view) = (self.clock.now(), self.store.read()?);
            let row = view.get(&REQUESTS, &id, &())?.filter(|row| holds(&row.value));
            let Row { version, value: mut request } = row.ok_or(RightsError::Unknown)?;
            request.may(step, now)?;
            let mut batch = Batch::default();
            batch.check(&REQUESTS, &id, &(), Some(version));
            batch.delete(&QUEUE, &place(&request), &(request.due(), id));
            match self.commit_step(&view, &mut request, step, (now, by), batch) {
                Ok(()) => return Ok(request),
                Err(RightsError::Ledger(error)) if error.is_conflict() => {}
                Err(error) => return Err(error),
            }
        }
        Err(StoreError::Conflict.into())
    }

    fn commit_step(
        &self,
        view: &View<'_>,
        request: &mut Request,
        step: Step,
        (now, by): (Timestamp, &str),
        mut batch: Batch,
    ) -> Result<(), RightsError> {
        let key = self.keys.ledger_keys(view, &[request.record])?.into_iter().next().flatten();
        let key = key.ok_or(RightsError::Gone)?;
        let fact = fact(request, request.steps.len(), step);
        let leaf = event_leaf(LeafKind::Request, now, &key, &fact_bytes(&fact)?);
        let appended = self.ledger.append_with(vec![leaf], now, |entry| {
            request.take(StepRow { at: now, by: by.to_owned(), step, entry });
            batch.put(&QUEUE, &place(request), &(request.due(), request.id), &());
            batch.put(&REQUESTS, &request.id, &(), request);
            batch
        })?;
        Ok(self.ledger.sync(&appended)?)
    }

    fn deadlines(&self, contract: &Contract, from: Timestamp) -> Deadlines {
        let places = contract.places.iter();
        let clocks: Vec<_> = places.map(|place| self.policy.clocks(*place)).collect();
        let acknowledge = clocks.iter().filter_map(|clocks| clocks.acknowledge);
        let answer = clocks.iter().map(|clocks| clocks.answer.after(from)).min();
        let answer = answer.unwrap_or_else(|| crate::clock::Clocks::NONE_KNOWN.answer.after(from));
        // Where one of the laws knows no extension, there is none.
        let extended = clocks.iter().map(|clocks| {
            let answer = clocks.answer.after(from);
            clocks.extension.map(|extension| extension.after(answer))
        });
        let extended: Option<Vec<Timestamp>> = extended.collect();
        Deadlines {
            acknowledge: acknowledge.map(|term| term.after(from)).min(),
            answer,
            extended: extended.and_then(|all| all.into_iter().min()).filter(|to| *to > answer),
        }
    }

    /// What proves the steps of a request, one after the other.
    ///
    /// # Errors
    ///
    /// When the store or the ledger fails.
    pub fn request_evidence(
        &self,
        view: &View<'_>,
        request: &Request,
    ) -> Result<Vec<Evidence>, LedgerError> {
        let key = self.keys.ledger_keys(view, &[request.record])?.into_iter().next().flatten();
        let Some(key) = key else { return Ok(Vec::new()) };
        let steps = request.steps.iter().enumerate();
        let evidence = steps.map(|(number, row)| {
            let bytes = fact_bytes(&fact(request, number, row.step))?;
            let proof = self.ledger.inclusion_proof(row.entry)?;
            Ok(Evidence::of_request(row.at, &bytes, &key, &proof))
        });
        evidence.collect()
    }
}

fn fact(request: &Request, number: usize, step: Step) -> StepFact {
    let number = u32::try_from(number).unwrap_or(u32::MAX);
    StepFact { request: request.id, kind: request.kind, number, step }
}

fn fact_bytes(fact: &StepFact) -> Result<Vec<u8>, StoreError> {
    let cannot = |_| StoreError::Corrupt("a step cannot be written".to_owned());
    postcard::to_stdvec(fact).map_err(cannot)
}

/// Whether one more request is taken beside those there are.
fn admit(known: &[Request], asked: &NewRequest, now: Timestamp) -> Result<(), RightsError> {
    let open = known.iter().filter(|request| request.state.is_open());
    if let Some(same) = open.clone().find(|request| request.kind == asked.kind) {
        return Err(RightsError::Open(same.id));
    }
    if open.count() >= OPEN_MAX {
        return Err(RightsError::TooMany);
    }
    let today = |request: &&Request| {
        request.steps.first().is_some_and(|step| now.ms_since(step.at) < DAY_MS)
    };
    let doubtful = |request: &&Request| {
        let refused = matches!(
            request.steps.last().map(|row| row.step),
            Some(Step::Refuse(Ground::NotIdentified | Ground::Unfounded | Ground::Excessive))
        );
        refused || (request.verified.is_none() && request.through != Through::PreferenceCentre)
    };
    let doubts = known.iter().filter(today).filter(doubtful).count();
    let own = asked.through == Through::PreferenceCentre;
    if !own && doubts >= DOUBTFUL_PER_DAY_MAX { Err(RightsError::Locked) } else { Ok(()) }
}

/// Adds the end of a record's requests to a batch; that there were such requests is kept, of nobody.
pub(crate) fn stage_requests_gone(
    view: &View<'_>,
    batch: &mut Batch,
    record: RecordId,
    now: Timestamp,
) -> Result<(), StoreError> {
    let mut from = None;
    loop {
        let page = view.range(&REQUESTS_OF, &record, from.as_ref(), limits::PAGE_MAX)?;
        for (id, _) in &page {
            batch.delete(&REQUESTS_OF, &record, id);
            if let Some(row) = view.get(&REQUESTS, id, &())? {
                let request = row.value;
                batch.check(&REQUESTS, id, &(), Some(row.version));
                batch.delete(&REQUESTS, id, &());
                batch.delete(&QUEUE, &place(&request), &(request.due(), *id));
                stage_kept(batch, &request, now);
            }
        }
        if page.len() < limits::PAGE_MAX {
            return Ok(());
        }
        from = page.last().map(|(id, _)| *id);
    }
}
