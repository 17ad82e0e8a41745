//! What recipients of exports are told: whose data they may not use any more.

use crate::answer::Answer;
use crate::asked::{Asked, malformed_id};
use crate::edge::Server;
use crate::limits::RECALLS_PAGE_MAX;
use crate::problem::{Code, Problem, unavailable};
use gate::Caller;
use gate::recall::RecallId;
use schemars::JsonSchema;
use serde::Serialize;

/// Recalls, oldest first.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "Recalls")]
pub(crate) struct RecallsBody {
    /// Of exports to the service that asks.
    recalls: Vec<RecallBody>,
    /// Give this as `after` for the next page, if there may be one.
    #[serde(skip_serializing_if = "Option::is_none")]
    after: Option<String>,
}

/// One recall.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "Recall")]
pub(crate) struct RecallBody {
    /// Its number, to acknowledge it by.
    id: String,
    /// The person, by the id that the service was given.
    person: String,
    /// What is not allowed any more.
    grant: String,
    /// `withdrawn` or `erased`.
    reason: &'static str,
}

/// That a recall was acknowledged.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "RecallAcknowledged")]
pub(crate) struct AcknowledgedBody {
    /// Its number.
    id: String,
}

pub(crate) fn list(server: &Server, caller: &Caller, asked: &Asked) -> Result<Answer, Problem> {
    let limit = asked.limit().min(RECALLS_PAGE_MAX);
    let after = asked.text("after").map(str::parse::<RecallId>).transpose();
    let after = after.map_err(|_| malformed_id("query: after"))?;
    let view = server.edge.people.view().map_err(|error| unavailable("reading", &error))?;
    let recalls = server.edge.gate.recalls(&view, caller.name(), after, limit);
    let recalls = recalls.map_err(|error| unavailable("reading recalls", &error))?;
    let after = recalls.last().filter(|_| recalls.len() == limit).map(|(id, _)| id.to_string());
    let recalls = recalls.into_iter().map(|(id, row)| RecallBody {
        id: id.to_string(),
        person: row.person.to_string(),
        grant: row.grant.to_string(),
        reason: row.reason.word(),
    });
    Ok(Answer::json(&RecallsBody { recalls: recalls.collect(), after }))
}

pub(crate) fn acknowledge(
    server: &Server,
    caller: &Caller,
    asked: &Asked,
) -> Result<Answer, Problem> {
    let text = asked.text_part("recall")?;
    let id: RecallId = text.parse().map_err(|_| malformed_id("path: recall"))?;
    let done = server.edge.gate.acknowledge_recall(caller.name(), id);
    if !done.map_err(|error| unavailable("writing recalls", &error))? {
        return Err(Problem::new(Code::NotFound, "there is no such recall, or it is acknowledged"));
    }
    Ok(Answer::json(&AcknowledgedBody { id: id.to_string() }))
}
