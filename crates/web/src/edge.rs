//! The edge and what it keeps while it runs.

use crate::problem::{Code, Problem, not_granted};
use crate::script::Scripts;
use crate::traffic::Traffic;
use action::Action;
use collect::Intake;
use gate::{
    BrandKeys, Caller, Export, Gate, Notice, Permit, PersonUse, Refusal, Services, SubjectAccess,
    UseKind, View,
};
use model::{Clock, Grant, PersonId, Purpose, RecordId, Timestamp};
use people::People;
use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use tokio::sync::Semaphore;

/// Milliseconds of a clock that never goes back, from an arbitrary start.
pub type Monotonic = Arc<dyn Fn() -> f64 + Send + Sync>;

/// The rooms that the edge opens to the network.
pub struct Edge {
    /// Decides about every use.
    pub gate: Arc<Gate>,
    /// Records, people, profiles.
    pub people: Arc<People>,
    /// The way in.
    pub intake: Arc<Intake>,
    /// What is said to people.
    pub action: Arc<Action>,
    /// What pages are given to send with.
    pub scripts: Scripts,
    /// Who may ask.
    pub services: Services,
    /// Whose word that somebody is there is taken.
    pub brands: BrandKeys,
    /// What the preference centre promises.
    pub notice: Arc<Notice>,
    /// The time of day.
    pub clock: Arc<dyn Clock>,
    /// For durations.
    pub monotonic_ms: Monotonic,
    /// The program's version, for `/openapi.json` and `/metrics`.
    pub version: &'static str,
}

impl fmt::Debug for Edge {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Edge").field("version", &self.version).finish_non_exhaustive()
    }
}

/// The edge with what it counts.
pub(crate) struct Server {
    pub(crate) edge: Arc<Edge>,
    pub(crate) traffic: Traffic,
    pub(crate) started: Timestamp,
    pub(crate) turns: Semaphore,
    /// Calls that run or wait for their turn.
    pub(crate) calls: AtomicUsize,
    requests: AtomicU64,
}

/// A permit of the kind that the caller is registered for.
pub(crate) enum Permitted {
    /// A service looks.
    View(Permit<View>),
    /// The person looks, through a service.
    Own(Permit<SubjectAccess>),
    /// Data leaves towards the service, which is told when it is recalled.
    Export(Permit<Export>),
}

/// Does the same with a permit of either kind.
macro_rules! spend {
    ($permitted:expr, $permit:ident => $call:expr) => {
        match $permitted {
            $crate::edge::Permitted::View($permit) => $call,
            $crate::edge::Permitted::Own($permit) => $call,
            $crate::edge::Permitted::Export($permit) => $call,
        }
    };
}
pub(crate) use spend;

/// What a permit opens in the view that is read.
pub(crate) struct Opened {
    pub(crate) person: PersonId,
    pub(crate) entry: u64,
    pub(crate) records: Vec<RecordId>,
    pub(crate) contract: gate::Contract,
}

/// Spends a permit in `view`, which this room can hold but not name.
macro_rules! opened {
    ($server:expr, $permit:expr, $view:expr) => {{
        let gate = &$server.edge.gate;
        let permit = $permit;
        let person = permit.person();
        let opening = gate.spend(permit, $view)?;
        let (entry, records) = (opening.entry(), opening.records().to_vec());
        let rows = gate.contracts($view, &[person]);
        let rows =
            rows.map_err(|error| $crate::problem::unavailable("reading a contract", &error))?;
        let contract = rows.into_iter().next().flatten();
        let contract = contract.ok_or_else($crate::problem::unknown_person)?.value;
        $crate::edge::Opened { person, entry, records, contract }
    }};
}
pub(crate) use opened;

/// Whether what a service reads leaves towards it: it is registered to export, and not to look.
pub(crate) fn exports(caller: &Caller, grant: &Grant) -> bool {
    caller.may(UseKind::Export, grant.purpose) && !caller.may(UseKind::View, grant.purpose)
}

impl Server {
    pub(crate) fn new(edge: Arc<Edge>) -> Self {
        Self {
            traffic: Traffic::default(),
            started: edge.clock.now(),
            turns: Semaphore::new(crate::limits::CALLS_AT_ONCE_MAX),
            calls: AtomicUsize::new(0),
            requests: AtomicU64::new(0),
            edge,
        }
    }

    /// A name for a request, for its answer and the log.
    pub(crate) fn request_id(&self) -> String {
        let number = self.requests.fetch_add(1, Ordering::Relaxed);
        format!("{:x}-{number:x}", self.started.0)
    }

    /// Asks the gate for one person and counts the answer.
    pub(crate) fn ask<U: PersonUse>(
        &self,
        caller: &Caller,
        person: PersonId,
        grant: &Grant,
    ) -> Result<Permit<U>, Refusal> {
        let answer = self.edge.gate.ask(caller, person, grant);
        self.traffic.asked(answer.as_ref().map(|_| ()));
        answer
    }

    /// The person an id leads to now. An id that leads nowhere is asked about all the same: the gate
    /// decides what to say, and records that somebody asked.
    pub(crate) fn locate(&self, id: PersonId) -> Result<PersonId, Problem> {
        match self.edge.people.locate(id) {
            Ok(person) => Ok(person),
            Err(people::PeopleError::Unknown) => Ok(id),
            Err(error) => Err(error.into()),
        }
    }

    /// Asks the gate to see a person: for a look at one's own data where the service is registered
    /// for that, as a view otherwise.
    pub(crate) fn ask_to_see(
        &self,
        caller: &Caller,
        id: PersonId,
        grant: &Grant,
    ) -> Result<Permitted, Problem> {
        let person = self.locate(id)?;
        self.ask_at(caller, person, grant).map_err(|refusal| self.refused(refusal, grant))
    }

    pub(crate) fn ask_at(
        &self,
        caller: &Caller,
        person: PersonId,
        grant: &Grant,
    ) -> Result<Permitted, Refusal> {
        let own = grant.purpose == Purpose::SubjectAccess
            && caller.may(UseKind::SubjectAccess, grant.purpose);
        if own {
            self.ask(caller, person, grant).map(Permitted::Own)
        } else if exports(caller, grant) {
            self.ask(caller, person, grant).map(Permitted::Export)
        } else {
            self.ask(caller, person, grant).map(Permitted::View)
        }
    }

    /// A refusal in words. Where people choose, somebody who has not granted and somebody who does
    /// not exist are answered alike: who did not authorise a purpose does not influence its answers.
    pub(crate) fn refused(&self, refusal: Refusal, grant: &Grant) -> Problem {
        let chosen = self.edge.gate.policy().is_chosen(grant);
        match refusal {
            Refusal::UnknownPerson if chosen => not_granted(grant),
            Refusal::NotGranted(_)
            | Refusal::NotAuthorised(_)
            | Refusal::UnknownGrant(_)
            | Refusal::UnknownPerson
            | Refusal::Stale
            | Refusal::LedgerUnavailable(_)
            | Refusal::StoreUnavailable(_) => refusal.into(),
        }
    }

    /// Who shows this key.
    pub(crate) fn caller(&self, authorization: Option<&[u8]>) -> Result<Caller, Problem> {
        let missing = || Problem::new(Code::MissingKey, "no API key is shown");
        let text =
            std::str::from_utf8(authorization.ok_or_else(missing)?).map_err(|_| missing())?;
        let (scheme, key) = text.split_once(' ').ok_or_else(missing)?;
        if !scheme.eq_ignore_ascii_case("bearer") {
            return Err(missing());
        }
        let key = model::Sensitive::new(key.trim().to_owned());
        self.edge
            .services
            .authenticate(&key)
            .ok_or_else(|| Problem::new(Code::UnknownKey, "no service has this key"))
    }
}
