//! The desk for requests by right: taking them, working on them, looking for them.

use crate::answer::Answer;
use crate::asked::{Asked, read_instant};
use crate::change::{ErasedBody, erased};
use crate::edge::Server;
use crate::problem::{Code, Problem, unavailable};
use crate::shape::instant;
use gate::rights::{
    Delay, Ground, NewRequest, OnQueue, Request, RequestId, RequestKind, RequestState, RightsError,
    Step, Through,
};
use gate::{Caller, SubjectAccess, UseKind};
use model::{Grant, PersonId, Purpose, RecordId, Timestamp};
use people::Done;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// A request to take.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(rename = "AskRequest")]
pub(crate) struct AskRequestBody {
    /// The id of the person it is about.
    person: String,
    /// `access`, `portability`, `rectification`, `restriction`, `objection` or `erasure`.
    kind: String,
    /// `service`, where the service knows the customer, or `unverified`: a letter, a call, a mail.
    through: String,
    /// Whether it is known that the customer asked. Nothing is done before.
    #[serde(default)]
    verified: bool,
    /// When it came (RFC 3339); now, if nothing is said. Its clocks run from then.
    #[serde(default)]
    received: Option<String>,
}

/// A step to make.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(rename = "AskStep")]
pub(crate) struct AskStepBody {
    /// `acknowledge`, `verify`, `begin`, `extend`, `escalate`, `answer`, `carry_out`, `refuse` or `withdraw`.
    step: String,
    /// Why. To extend: `complex` or `numerous`. To refuse: `not_identified`, `unfounded`, `excessive`,
    /// `legal_duty`, `legal_claims`, `rights_of_others` or `inapplicable`.
    #[serde(default)]
    reason: Option<String>,
}

/// Requests on the desk, what is due first coming first.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "Requests")]
pub(crate) struct RequestsBody {
    /// The requests.
    requests: Vec<RequestBody>,
    /// Give this as `after` for the next page, if there is one.
    #[serde(skip_serializing_if = "Option::is_none")]
    after: Option<String>,
}

/// One request. It holds no personal data.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "Request")]
pub(crate) struct RequestBody {
    /// Its number.
    pub(crate) id: String,
    /// The person it is about, by the record it stands under.
    person: String,
    /// What is asked for.
    kind: &'static str,
    /// Through which door it came.
    through: &'static str,
    /// Where it stands.
    state: &'static str,
    /// When it came.
    received: String,
    /// Since when it is known that the customer asked.
    #[serde(skip_serializing_if = "Option::is_none")]
    verified: Option<String>,
    /// By when its receipt is to be acknowledged.
    #[serde(skip_serializing_if = "Option::is_none")]
    acknowledge_by: Option<String>,
    /// By when it is to be answered.
    answer_by: String,
    /// Until when the answer may be put off, once.
    #[serde(skip_serializing_if = "Option::is_none")]
    extendable_to: Option<String>,
    /// From when on it may be carried out.
    #[serde(skip_serializing_if = "Option::is_none")]
    ready_at: Option<String>,
    /// Whether what is due next should have been done.
    overdue: bool,
    /// What was done, oldest first.
    steps: Vec<StepBody>,
}

/// One step of a request.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "Step")]
pub(crate) struct StepBody {
    /// When.
    at: String,
    /// By whom.
    by: String,
    /// What.
    step: &'static str,
    /// Why.
    #[serde(skip_serializing_if = "Option::is_none")]
    reason: Option<&'static str>,
    /// The ledger entry that commits to it.
    entry: u64,
}

/// What a step came to.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "SteppedOn")]
pub(crate) struct SteppedBody {
    /// The request, unless it is erased with its customer.
    #[serde(skip_serializing_if = "Option::is_none")]
    request: Option<RequestBody>,
    /// The certificate, when the step was an erasure.
    #[serde(skip_serializing_if = "Option::is_none")]
    erased: Option<ErasedBody>,
}

pub(crate) fn shown(request: &Request, now: Timestamp) -> RequestBody {
    let steps = request.steps.iter().map(|row| StepBody {
        at: instant(row.at),
        by: row.by.clone(),
        step: row.step.word(),
        reason: row.step.reason(),
        entry: row.entry,
    });
    RequestBody {
        id: request.id.to_string(),
        person: PersonId::from(request.record).to_string(),
        kind: request.kind.word(),
        through: request.through.word(),
        state: request.state.word(),
        received: instant(request.received),
        verified: request.verified.map(instant),
        acknowledge_by: request.acknowledge_by.map(instant),
        answer_by: instant(request.answer_by),
        extendable_to: request.extendable_to.map(instant),
        ready_at: request.ready_at().filter(|_| request.kind.is_carried_out()).map(instant),
        overdue: request.is_overdue(now),
        steps: steps.collect(),
    }
}

/// Takes a request about a person, by a service that answers customers, or one that operates.
pub(crate) fn receive(server: &Server, caller: &Caller, asked: &Asked) -> Result<Answer, Problem> {
    let body: AskRequestBody = asked.json()?;
    let id: PersonId = body
        .person
        .parse()
        .map_err(|_| Problem::new(Code::MalformedId, "not an id").at("body: person"))?;
    let unknown = |what: &'static str| {
        Problem::new(Code::BadBody, format!("{what} is none of the words its schema names"))
            .at(format!("body: {what}"))
    };
    let kind = RequestKind::of_word(&body.kind).ok_or_else(|| unknown("kind"))?;
    let through = Through::of_word(&body.through)
        .filter(|through| *through != Through::PreferenceCentre)
        .ok_or_else(|| unknown("through"))?;
    if body.verified && through == Through::Unverified {
        let detail = "what came unverified is verified by the customer, or by a step";
        return Err(Problem::new(Code::BadBody, detail).at("body: verified"));
    }
    let now = server.edge.gate.now();
    let received = match body.received.as_deref() {
        None => now,
        Some(text) => read_instant(text).ok_or_else(|| unknown("received"))?,
    };
    let person = server.locate(id)?;
    let purpose = Purpose::SubjectAccess;
    if caller.may(UseKind::SubjectAccess, purpose) || !caller.operates() {
        // The customer reads in the log who asked in their name.
        let permit = server.ask::<SubjectAccess>(caller, person, &Grant::whole(purpose))?;
        drop(permit);
    }
    let asked = NewRequest { kind, through, verified: body.verified, received };
    let gate = &server.edge.gate;
    let request = gate.receive(person, RecordId::from(person), &asked, caller.name())?;
    tracing::info!(request = %request.id, kind = kind.word(), "a request by right came");
    Ok(Answer::json(&shown(&request, now)))
}

pub(crate) fn list(server: &Server, _: &Caller, asked: &Asked) -> Result<Answer, Problem> {
    let bad = |name: &'static str, detail: &'static str| {
        Problem::new(Code::BadParameter, detail).at(format!("query: {name}"))
    };
    let state = asked.text("state").filter(|state| *state != "open");
    let state = state.map(|state| {
        RequestState::of_word(state).ok_or_else(|| bad("state", "there is no such state"))
    });
    let state = state.transpose()?;
    let after = asked.text("after").map(|text| cursor(text).ok_or_else(|| bad("after", "not one")));
    let on = OnQueue {
        open: state.is_none_or(RequestState::is_open),
        state,
        due_before: asked.instant("due_before"),
        after: after.transpose()?,
        limit: asked.limit(),
    };
    let failed = |error: &dyn std::error::Error| unavailable("reading requests", error);
    let view = server.edge.people.view().map_err(|error| failed(&error))?;
    let (requests, after) = server.edge.gate.queue(&view, &on).map_err(|error| failed(&error))?;
    let now = server.edge.gate.now();
    let requests = requests.iter().map(|request| shown(request, now)).collect();
    let after = after.map(|(due, id)| format!("{}.{id}", due.0));
    Ok(Answer::json(&RequestsBody { requests, after }))
}

fn cursor(text: &str) -> Option<(Timestamp, RequestId)> {
    let (due, id) = text.split_once('.')?;
    Some((Timestamp(due.parse().ok()?), id.parse().ok()?))
}

/// Makes one step of a request.
pub(crate) fn step(server: &Server, caller: &Caller, asked: &Asked) -> Result<Answer, Problem> {
    let id: RequestId =
        asked.text_part("request")?.parse().map_err(|_| crate::asked::malformed_id("path"))?;
    let body: AskStepBody = asked.json()?;
    let step = read_step(&body)?;
    let gate = &server.edge.gate;
    if step == Step::CarryOut {
        return carry_out(server, caller, id);
    }
    let request = gate.step(id, step, caller.name())?;
    if step == Step::Escalate {
        let (kind, due) = (request.kind.word(), instant(request.due()));
        let by = caller.name();
        tracing::warn!(request = %id, kind, due, by, "a request by right was escalated");
    }
    let request = Some(shown(&request, gate.now()));
    Ok(Answer::json(&SteppedBody { request, erased: None }))
}

fn carry_out(server: &Server, caller: &Caller, id: RequestId) -> Result<Answer, Problem> {
    let done = server.edge.people.carry_out(id, caller.name())?;
    let body = match done {
        Done::Restricted(request) | Done::Objected(request) => {
            SteppedBody { request: Some(shown(&request, server.edge.gate.now())), erased: None }
        }
        Done::Erased(done) => SteppedBody { request: None, erased: Some(erased(server, &done)) },
    };
    Ok(Answer::json(&body))
}

fn read_step(body: &AskStepBody) -> Result<Step, Problem> {
    let wrong = |place: &'static str, detail: &'static str| {
        Problem::new(Code::BadBody, detail).at(format!("body: {place}"))
    };
    let reason = body.reason.as_deref();
    let step = match body.step.as_str() {
        "acknowledge" => Step::Acknowledge,
        "verify" => Step::Verify,
        "begin" => Step::Begin,
        "escalate" => Step::Escalate,
        "answer" => Step::Answer,
        "carry_out" => Step::CarryOut,
        "withdraw" => Step::Withdraw,
        "extend" => {
            let delay = reason.and_then(Delay::of_word);
            let none = || wrong("reason", "say why it is put off: complex or numerous");
            return delay.map(Step::Extend).ok_or_else(none);
        }
        "refuse" => {
            let ground = reason.and_then(Ground::of_word);
            let none = || wrong("reason", "say on which ground; the schema names them");
            return ground.map(Step::Refuse).ok_or_else(none);
        }
        _unknown => return Err(wrong("step", "there is no such step")),
    };
    if reason.is_some() {
        return Err(wrong("reason", "this step has no reason"));
    }
    Ok(step)
}

impl From<RightsError> for Problem {
    fn from(error: RightsError) -> Self {
        let text = error.to_string();
        match error {
            RightsError::Unknown => Self::new(Code::NotFound, text),
            RightsError::Gone => crate::problem::unknown_person(),
            RightsError::NoStep(_) => Self::new(Code::NoStep, text),
            RightsError::Open(id) => Self::new(Code::NoStep, format!("{text}: {id}")),
            RightsError::TooMany | RightsError::Locked => Self::new(Code::TooManyRequests, text),
            RightsError::Ahead => Self::new(Code::BadBody, text).at("body: received"),
            RightsError::Store(_) | RightsError::Ledger(_) => {
                unavailable("reading or writing requests", &error)
            }
        }
    }
}
