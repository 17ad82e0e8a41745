//! One request, and which step may follow which: a pure table.

use super::words::{RequestKind, RequestState, Step, Through};
use super::{DAY_MS, STEPS_MAX};
use model::{RecordId, Timestamp, UnreadableId};
use serde::{Deserialize, Serialize};
use std::fmt;
use std::str::FromStr;

/// How long an erasure that was asked for waits after it is verified, so that whoever did not ask for it
/// can still take it back.
pub const COOL_OFF_MS: i64 = DAY_MS;

/// A request's number. It says nothing about whom it is of.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct RequestId(pub [u8; 16]);

/// Thirty-two lower-case hexadecimal digits.
impl fmt::Display for RequestId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        RecordId(self.0).fmt(f)
    }
}

impl FromStr for RequestId {
    type Err = UnreadableId;

    fn from_str(text: &str) -> Result<Self, UnreadableId> {
        text.parse::<RecordId>().map(|id| Self(id.0))
    }
}

/// A step that was made.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct StepRow {
    /// When.
    pub at: Timestamp,
    /// By whom: a service, or the customer.
    pub by: String,
    /// What.
    pub step: Step,
    /// The ledger entry that commits to it.
    pub entry: u64,
}

/// A request as it stands.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Request {
    /// Its number.
    pub id: RequestId,
    /// The record it is of; it is erased with it.
    pub record: RecordId,
    /// What is asked for.
    pub kind: RequestKind,
    /// Through which door it came.
    pub through: Through,
    /// When it came.
    pub received: Timestamp,
    /// Since when it is known that the customer asked.
    pub verified: Option<Timestamp>,
    /// By when its receipt is to be acknowledged, where the law asks for that.
    pub acknowledge_by: Option<Timestamp>,
    /// By when it is to be answered.
    pub answer_by: Timestamp,
    /// Until when the answer may be put off, where it may and has not been.
    pub extendable_to: Option<Timestamp>,
    /// Where it stands.
    pub state: RequestState,
    /// What was done, oldest first.
    pub steps: Vec<StepRow>,
}

/// Why a step cannot be made.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NoStep {
    /// The request is closed.
    Closed,
    /// It was made already.
    Already,
    /// The law knows no extension here, or the one there is has been used.
    NotExtendable,
    /// The deadline has passed: the customer has to be told of an extension before.
    TooLate,
    /// It is not known whether the customer asked.
    Unverified,
    /// It waits for the customer to take it back, until then.
    Cooling(Timestamp),
    /// Such a request is carried out, not only answered.
    NotDone,
    /// Such a request is answered: there is nothing to carry out.
    NothingToDo,
    /// It has too many steps.
    TooMany,
}

impl fmt::Display for NoStep {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Closed => "the request is closed",
            Self::Already => "that was done already",
            Self::NotExtendable => "the answer cannot be put off, or was put off already",
            Self::TooLate => "the deadline has passed: it can no longer be put off",
            Self::Unverified => "it is not known whether the customer asked: verify it first",
            Self::Cooling(_) => "the customer can still take it back: wait a day",
            Self::NotDone => "such a request is carried out, not only answered",
            Self::NothingToDo => "such a request is answered: there is nothing to carry out",
            Self::TooMany => "the request has too many steps",
        })
    }
}

impl std::error::Error for NoStep {}

impl Request {
    /// By when something has to be done next.
    pub fn due(&self) -> Timestamp {
        match (self.state, self.acknowledge_by) {
            (RequestState::Received, Some(acknowledge_by)) => acknowledge_by.min(self.answer_by),
            _told => self.answer_by,
        }
    }

    /// Whether what has to be done next should have been done.
    pub fn is_overdue(&self, now: Timestamp) -> bool {
        self.state.is_open() && self.due() < now
    }

    /// From when on it may be carried out: an erasure waits a while for whoever did not ask for it.
    pub fn ready_at(&self) -> Option<Timestamp> {
        let verified = self.verified?;
        let waits = if self.kind == RequestKind::Erasure { COOL_OFF_MS } else { 0 };
        Some(verified.plus_ms(waits))
    }

    /// Whether a step may follow.
    ///
    /// # Errors
    ///
    /// [`NoStep`].
    pub fn may(&self, step: Step, now: Timestamp) -> Result<(), NoStep> {
        if !self.state.is_open() {
            return Err(NoStep::Closed);
        }
        if self.steps.len() >= STEPS_MAX && !matches!(step, Step::Refuse(_) | Step::Withdraw) {
            return Err(NoStep::TooMany);
        }
        match step {
            Step::Receive => Err(NoStep::Already),
            Step::Verify if self.verified.is_some() => Err(NoStep::Already),
            Step::Acknowledge if self.state != RequestState::Received => Err(NoStep::Already),
            Step::Begin if self.state == RequestState::InWork => Err(NoStep::Already),
            Step::Extend(_) if self.extendable_to.is_none() => Err(NoStep::NotExtendable),
            Step::Extend(_) if now > self.answer_by => Err(NoStep::TooLate),
            Step::Answer if self.kind.is_carried_out() => Err(NoStep::NotDone),
            Step::Answer if self.verified.is_none() => Err(NoStep::Unverified),
            Step::CarryOut if !self.kind.is_carried_out() => Err(NoStep::NothingToDo),
            Step::CarryOut => match self.ready_at() {
                None => Err(NoStep::Unverified),
                Some(ready) if now < ready => Err(NoStep::Cooling(ready)),
                Some(_) => Ok(()),
            },
            Step::Verify
            | Step::Acknowledge
            | Step::Begin
            | Step::Extend(_)
            | Step::Escalate
            | Step::Answer
            | Step::Refuse(_)
            | Step::Withdraw => Ok(()),
        }
    }

    /// Makes a step that may follow.
    pub(crate) fn take(&mut self, row: StepRow) {
        match row.step {
            Step::Receive | Step::Escalate => {}
            Step::Verify => self.verified = Some(row.at),
            Step::Acknowledge => self.state = RequestState::Acknowledged,
            Step::Begin => self.state = RequestState::InWork,
            Step::Extend(_) => {
                self.answer_by = self.extendable_to.take().unwrap_or(self.answer_by);
            }
            Step::Answer | Step::CarryOut => self.state = RequestState::Answered,
            Step::Refuse(_) => self.state = RequestState::Refused,
            Step::Withdraw => self.state = RequestState::Withdrawn,
        }
        self.steps.push(row);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rights::words::{Delay, Ground};

    fn request(kind: RequestKind, verified: Option<i64>) -> Request {
        Request {
            id: RequestId([1; 16]),
            record: RecordId([2; 16]),
            kind,
            through: Through::Unverified,
            received: Timestamp(0),
            verified: verified.map(Timestamp),
            acknowledge_by: Some(Timestamp(10)),
            answer_by: Timestamp(100),
            extendable_to: Some(Timestamp(200)),
            state: RequestState::Received,
            steps: Vec::new(),
        }
    }

    /// Makes steps at instants; gives how each was answered.
    fn check(mut request: Request, steps: &[(i64, Step, Result<(), NoStep>)]) -> Request {
        for (at, step, wanted) in steps {
            let (at, step) = (Timestamp(*at), *step);
            assert_eq!(request.may(step, at), *wanted, "{step:?} at {at:?}");
            if wanted.is_ok() {
                request.take(StepRow { at, by: String::new(), step, entry: 0 });
            }
        }
        request
    }

    #[test]
    fn a_request_goes_its_way_once() {
        let done = check(
            request(RequestKind::Access, None),
            &[
                (1, Step::Receive, Err(NoStep::Already)),
                (2, Step::Acknowledge, Ok(())),
                (3, Step::Acknowledge, Err(NoStep::Already)),
                (4, Step::Begin, Ok(())),
                (5, Step::Answer, Err(NoStep::Unverified)),
                (6, Step::Verify, Ok(())),
                (7, Step::Verify, Err(NoStep::Already)),
                (8, Step::CarryOut, Err(NoStep::NothingToDo)),
                (99, Step::Extend(Delay::Complex), Ok(())),
                (99, Step::Extend(Delay::Complex), Err(NoStep::NotExtendable)),
                (300, Step::Escalate, Ok(())),
                (301, Step::Answer, Ok(())),
                (302, Step::Refuse(Ground::Excessive), Err(NoStep::Closed)),
                (302, Step::Withdraw, Err(NoStep::Closed)),
            ],
        );
        assert_eq!((done.state, done.answer_by), (RequestState::Answered, Timestamp(200)));
    }

    #[test]
    fn after_the_deadline_nothing_is_put_off() {
        let late = [(101, Step::Extend(Delay::Numerous), Err(NoStep::TooLate))];
        let late = check(request(RequestKind::Access, Some(0)), &late);
        assert!(late.is_overdue(Timestamp(101)) && late.due() == Timestamp(10));
    }

    #[test]
    fn an_erasure_waits_for_whoever_did_not_ask_for_it() {
        let ready = 5 + COOL_OFF_MS;
        let cooling = NoStep::Cooling(Timestamp(ready));
        let steps = [
            (1, Step::CarryOut, Err(NoStep::Unverified)),
            (5, Step::Verify, Ok(())),
            (6, Step::Answer, Err(NoStep::NotDone)),
            (ready - 1, Step::CarryOut, Err(cooling)),
            (ready, Step::CarryOut, Ok(())),
        ];
        check(request(RequestKind::Erasure, None), &steps);
        check(request(RequestKind::Restriction, Some(5)), &[(5, Step::CarryOut, Ok(()))]);
        let withdrawn = [(5, Step::Verify, Ok(())), (6, Step::Withdraw, Ok(()))];
        let withdrawn = check(request(RequestKind::Erasure, None), &withdrawn);
        assert_eq!(withdrawn.may(Step::CarryOut, Timestamp(ready)), Err(NoStep::Closed));
    }
}
