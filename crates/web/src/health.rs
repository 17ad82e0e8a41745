//! Whether the house can keep its word.

use crate::answer::Answer;
use crate::edge::Server;
use axum::http::StatusCode;
use schemars::JsonSchema;
use serde::Serialize;

/// Whether writes would be accepted.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "Health")]
pub(crate) struct HealthBody {
    /// `ok` or `failing`.
    status: &'static str,
    /// Why it fails: places and numbers of the server, no personal data.
    #[serde(skip_serializing_if = "Option::is_none")]
    reason: Option<String>,
    /// The program's version.
    version: &'static str,
}

/// 200 only when a write could be accepted and acknowledged now.
pub(crate) fn healthy(server: &Server) -> Answer {
    let edge = &server.edge;
    let alive = edge.gate.ledger().alive().map_err(|error| error.to_string());
    let taking = || {
        let stuck = "the intake has stopped or does not move: see the log, then restart";
        if edge.intake.is_taking() { Ok(()) } else { Err(stuck.to_owned()) }
    };
    answer(server, alive.and_then(|()| taking()).err())
}

/// 200 when further requests would find a free place.
pub(crate) fn ready(server: &Server) -> Answer {
    let waiting = server.edge.intake.waiting();
    if waiting >= collect::pipeline::limits::QUEUE_EVENTS_MAX {
        let reason = format!("{waiting} events are waiting: send to another node, or later");
        return answer(server, Some(reason));
    }
    healthy(server)
}

fn answer(server: &Server, reason: Option<String>) -> Answer {
    let failing = reason.is_some();
    let status = if failing { "failing" } else { "ok" };
    let body = HealthBody { status, reason, version: server.edge.version };
    let status = if failing { StatusCode::SERVICE_UNAVAILABLE } else { StatusCode::OK };
    Answer::json(&body).with(status)
}
