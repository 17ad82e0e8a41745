//! The routes of the desk for what customers ask for by right, and of recalls.

use crate::correct::{self, ChangedBody, LiftBody, RectifyBody};
use crate::limits::{RECALLS_PAGE_MAX, REQUESTS_PAGE_MAX};
use crate::recalls::{self, AcknowledgedBody, RecallsBody};
use crate::rights::{self, AskRequestBody, AskStepBody, RequestBody, RequestsBody, SteppedBody};
use crate::route::{Auth, Route, Verb};
use crate::rows::{AFTER_RECALL, AFTER_REQUEST, DUE_BEFORE, STATE, limit, operates, schema};
use gate::UseKind::SubjectAccess;

/// Corrects a value.
pub(crate) const RECTIFY: Route = Route {
    auth: Auth::Service(SubjectAccess),
    request: Some(schema::<RectifyBody>),
    ..operates(
        Verb::Post,
        "/api/subjects/{id}/rectify",
        "subjects",
        "Corrects one value of a person: it outranks every source.",
        schema::<ChangedBody>,
        correct::rectify,
    )
};

/// Ends a restriction.
pub(crate) const LIFT: Route = Route {
    auth: Auth::Service(SubjectAccess),
    request: Some(schema::<LiftBody>),
    ..operates(
        Verb::Post,
        "/api/subjects/{id}/lift",
        "subjects",
        "Ends a restriction, for a reason.",
        schema::<ChangedBody>,
        correct::lift,
    )
};

/// Takes a request.
pub(crate) const RECEIVE: Route = Route {
    auth: Auth::Service(SubjectAccess),
    request: Some(schema::<AskRequestBody>),
    ..operates(
        Verb::Post,
        "/api/requests",
        "requests",
        "Takes a request by right about a person; its clocks begin.",
        schema::<RequestBody>,
        rights::receive,
    )
};

/// Lists requests.
pub(crate) const QUEUE: Route = Route {
    params: &[STATE, DUE_BEFORE, AFTER_REQUEST, limit(REQUESTS_PAGE_MAX)],
    ..operates(
        Verb::Get,
        "/api/requests",
        "requests",
        "Requests by right: open ones, or those of a state, what is due first coming first.",
        schema::<RequestsBody>,
        rights::list,
    )
};

/// Makes a step.
pub(crate) const STEP: Route = Route {
    request: Some(schema::<AskStepBody>),
    ..operates(
        Verb::Post,
        "/api/requests/{request}/steps",
        "requests",
        "Makes a step of a request by right: acknowledges, puts off, answers, refuses it.",
        schema::<SteppedBody>,
        rights::step,
    )
};

/// Lists recalls.
pub(crate) const RECALLS: Route = Route {
    auth: Auth::Recipient,
    params: &[AFTER_RECALL, limit(RECALLS_PAGE_MAX)],
    ..operates(
        Verb::Get,
        "/api/recalls",
        "recalls",
        "Whose data the service may not use any more that was exported to it.",
        schema::<RecallsBody>,
        recalls::list,
    )
};

/// Takes that a recall was obeyed.
pub(crate) const RECALLED: Route = Route {
    auth: Auth::Recipient,
    ..operates(
        Verb::Post,
        "/api/recalls/{recall}/acknowledge",
        "recalls",
        "Says that a recall was obeyed; it is forgotten.",
        schema::<AcknowledgedBody>,
        recalls::acknowledge,
    )
};
