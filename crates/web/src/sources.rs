//! The systems that send data, and their write keys.

use crate::answer::Answer;
use crate::asked::Asked;
use crate::edge::Server;
use crate::problem::{Code, Problem, unavailable};
use collect::{Source, SourcesError};
use gate::Caller;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

/// A source, as it is written and shown. Only hashes of its write keys are ever shown.
#[derive(Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(rename = "Source")]
pub(crate) struct SourceBody {
    /// Its name in paths, files and the ledger: small letters, digits and `-`. That of the path.
    #[serde(skip_serializing_if = "Option::is_none")]
    slug: Option<String>,
    /// Its name for people; the slug when nothing is said.
    #[serde(skip_serializing_if = "Option::is_none")]
    name: Option<String>,
    /// `web`, `app`, `server`, `till`, `crm`, `support`, `file` or `webhook`.
    #[serde(skip_serializing_if = "Option::is_none")]
    kind: Option<String>,
    /// New write keys, in plain; never shown again.
    #[serde(skip_serializing_if = "Option::is_none")]
    write_keys: Option<Vec<String>>,
    /// SHA-256 of the write keys it has, hexadecimal.
    #[serde(skip_serializing_if = "Option::is_none")]
    write_keys_sha256: Option<Vec<String>>,
    /// Whose customer ids these are: sources of one namespace share user and visitor ids.
    #[serde(skip_serializing_if = "Option::is_none")]
    namespace: Option<String>,
    /// How far its word counts when sources disagree; more is better.
    #[serde(skip_serializing_if = "Option::is_none")]
    trust: Option<u8>,
    /// Which law its customers live under unless they say otherwise, such as `eu` or `us-ca`.
    #[serde(skip_serializing_if = "Option::is_none")]
    jurisdiction: Option<String>,
    /// Where its phone numbers and addresses are from unless they say so (ISO 3166-1).
    #[serde(skip_serializing_if = "Option::is_none")]
    country: Option<String>,
    /// The purpose its customers must allow for more than consent to be kept.
    #[serde(skip_serializing_if = "Option::is_none")]
    collects_under: Option<String>,
    /// What brings back somebody who was erased: `never`, `by_consent` or `by_deed`; by its kind, when nothing
    /// is said.
    #[serde(skip_serializing_if = "Option::is_none")]
    returns: Option<String>,
    /// Whether it may send at all.
    #[serde(skip_serializing_if = "Option::is_none")]
    enabled: Option<bool>,
    /// What it may send; sizes are bytes.
    #[serde(skip_serializing_if = "Option::is_none")]
    limits: Option<LimitsBody>,
    /// Which purposes its consent categories stand for.
    #[serde(skip_serializing_if = "Option::is_none")]
    consent_map: Option<Map<String, Value>>,
    /// Its tracking plan.
    #[serde(skip_serializing_if = "Option::is_none")]
    plan: Option<Map<String, Value>>,
}

/// What a source may send.
#[derive(Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(rename = "SourceLimits")]
#[expect(clippy::struct_field_names, reason = "the names of `model::Limits`")]
struct LimitsBody {
    /// A body as it comes over the wire.
    #[serde(skip_serializing_if = "Option::is_none")]
    body_wire_max: Option<usize>,
    /// A body after decompression.
    #[serde(skip_serializing_if = "Option::is_none")]
    body_plain_max: Option<usize>,
    /// One event.
    #[serde(skip_serializing_if = "Option::is_none")]
    event_max: Option<usize>,
    /// Events of one batch.
    #[serde(skip_serializing_if = "Option::is_none")]
    batch_events_max: Option<usize>,
    /// Nesting of one event.
    #[serde(skip_serializing_if = "Option::is_none")]
    depth_max: Option<usize>,
}

/// All sources.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "Sources")]
pub(crate) struct SourcesBody {
    /// In the order in which the house learnt of them.
    sources: Vec<SourceBody>,
}

/// That a source is gone; its records stay.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "SourceRemoved")]
pub(crate) struct RemovedBody {
    /// Its name, which keeps its number for ever.
    slug: String,
}

pub(crate) fn list(server: &Server, _caller: &Caller, _asked: &Asked) -> Result<Answer, Problem> {
    let sources = server.edge.intake.sources().list();
    let sources = sources.iter().map(|source| shown(source)).collect::<Result<_, _>>()?;
    Ok(Answer::json(&SourcesBody { sources }))
}

pub(crate) fn get(server: &Server, _caller: &Caller, asked: &Asked) -> Result<Answer, Problem> {
    let source = server.edge.intake.sources().get(asked.text_part("slug")?);
    Ok(Answer::json(&shown(&*source.ok_or_else(no_source)?)?))
}

pub(crate) fn put(server: &Server, caller: &Caller, asked: &Asked) -> Result<Answer, Problem> {
    let slug = asked.text_part("slug")?.to_owned();
    let mut body: SourceBody = asked.json()?;
    if body.slug.as_ref().is_some_and(|said| *said != slug) {
        let detail = "the slug is not that of the path";
        return Err(Problem::new(Code::BadBody, detail).at("body: slug"));
    }
    body.slug = Some(slug);
    let source = read(&body)?;
    let source = server.edge.intake.sources().put(source).map_err(|error| refused(&error))?;
    tracing::info!(source = source.slug, by = caller.name(), "a source was put");
    Ok(Answer::json(&shown(&source)?))
}

pub(crate) fn remove(server: &Server, caller: &Caller, asked: &Asked) -> Result<Answer, Problem> {
    let slug = asked.text_part("slug")?;
    let sources = server.edge.intake.sources();
    if !sources.remove(slug).map_err(|error| refused(&error))? {
        return Err(no_source());
    }
    tracing::info!(source = slug, by = caller.name(), "a source was removed");
    Ok(Answer::json(&RemovedBody { slug: slug.to_owned() }))
}

fn no_source() -> Problem {
    Problem::new(Code::NotFound, "there is no source of this name")
}

/// A definition is read by the room that will obey it. Its words on what is wrong may repeat what
/// the operator wrote, which is no customer's data.
fn read(body: &SourceBody) -> Result<Source, Problem> {
    let written = serde_json::to_value(body).and_then(serde_json::from_value);
    written.map_err(|error| Problem::new(Code::BadBody, error.to_string()).at("body"))
}

fn shown(source: &Source) -> Result<SourceBody, Problem> {
    serde_json::to_value(source)
        .and_then(serde_json::from_value)
        .map_err(|error| unavailable("showing a source", &error))
}

fn refused(error: &SourcesError) -> Problem {
    match error {
        SourcesError::KeyTaken(_) | SourcesError::OfConfiguration(_) => {
            Problem::new(Code::Conflict, error.to_string())
        }
        SourcesError::Store(_) | SourcesError::Unreadable(_) => {
            unavailable("writing sources", error)
        }
    }
}
