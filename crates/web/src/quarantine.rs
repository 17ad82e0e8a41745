//! What was refused on its way in: look, mend, send again, drop.

use crate::answer::Answer;
use crate::asked::Asked;
use crate::edge::Server;
use crate::limits::{QUARANTINE_PAGE_MAX, REPLAY_MAX};
use crate::problem::{Code, Problem, unavailable};
use crate::shape::{Slugs, instant};
use collect::quarantine::{self, QuarantineRow};
use collect::{Source, Turned, Verdict};
use gate::Caller;
use model::{RecordId, Sensitive, Timestamp};
use schemars::JsonSchema;
use serde::Serialize;
use serde_json::value::RawValue;
use std::sync::{Arc, mpsc};

/// A page of the quarantine, newest first.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "Quarantine")]
pub(crate) struct QuarantineBody {
    /// The items.
    items: Vec<ItemBody>,
    /// Give this as `before` for the next page, if there may be one.
    #[serde(skip_serializing_if = "Option::is_none")]
    before: Option<String>,
}

/// One item: where and why, without the event itself.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "Item")]
pub(crate) struct ItemBody {
    /// Its id.
    item: String,
    /// When it came.
    at: String,
    /// The source that sent it.
    source: String,
    /// Why it was refused, for programs.
    code: String,
    /// Where in the event, as a JSON pointer.
    pointer: String,
    /// Why, for people, and what to do.
    message: String,
    /// The endpoint it came through.
    path: String,
    /// How long the event is, in bytes.
    bytes: u64,
    /// The event, when it was opened and is JSON.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Option<serde_json::Value>")]
    event: Option<Box<RawValue>>,
    /// The event as it came, when it was opened and is not JSON.
    #[serde(skip_serializing_if = "Option::is_none")]
    text: Option<String>,
}

/// What became of an item that was sent again.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "Replayed")]
pub(crate) struct ReplayedBody {
    /// `accepted`, `duplicate`, `declined` or `quarantined`.
    status: &'static str,
    /// Why it is in quarantine again.
    #[serde(skip_serializing_if = "Option::is_none")]
    code: Option<&'static str>,
    /// The item it is in quarantine as; the old one stays beside it.
    #[serde(skip_serializing_if = "Option::is_none")]
    item: Option<String>,
    /// Whether the old item was dropped, because its event needs no more care.
    dropped: bool,
}

/// That an item is gone.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "Dropped")]
pub(crate) struct DroppedBody {
    /// The item that was.
    item: String,
}

fn item_body(item: RecordId, at: Timestamp, row: QuarantineRow, slugs: &Slugs) -> ItemBody {
    ItemBody {
        item: item.to_string(),
        at: instant(at),
        source: slugs.slug(row.source),
        code: row.code,
        pointer: row.pointer,
        message: row.message,
        path: row.path,
        bytes: row.bytes,
        event: None,
        text: None,
    }
}

fn no_item() -> Problem {
    Problem::new(Code::NotFound, "there is no such item in quarantine")
}

pub(crate) fn list(server: &Server, _caller: &Caller, asked: &Asked) -> Result<Answer, Problem> {
    let limit = asked.limit().min(QUARANTINE_PAGE_MAX);
    let view = server.edge.people.view().map_err(|error| unavailable("reading", &error))?;
    let rows = quarantine::list(&view, asked.instant("before"), limit)
        .map_err(|error| unavailable("reading the quarantine", &error))?;
    let before = rows.last().filter(|_| rows.len() == limit).map(|(at, ..)| instant(*at));
    let slugs = Slugs::of(server);
    let items = rows.into_iter().map(|(at, item, row)| item_body(item, at, row, &slugs)).collect();
    Ok(Answer::json(&QuarantineBody { items, before }))
}

pub(crate) fn open(server: &Server, caller: &Caller, asked: &Asked) -> Result<Answer, Problem> {
    let item = asked.item()?;
    let view = server.edge.people.view().map_err(|error| unavailable("reading", &error))?;
    let found = quarantine::find(&view, item);
    let (at, _) = found
        .map_err(|error| unavailable("reading the quarantine", &error))?
        .ok_or_else(no_item)?;
    let (row, raw) = opened(server, caller, item)?;
    #[expect(
        clippy::disallowed_methods,
        reason = "the answer to an operator whose repair permit opened this item"
    )]
    let raw = String::from_utf8_lossy(&raw.into_revealed()).into_owned();
    let mut body = item_body(item, at, row, &Slugs::of(server));
    match serde_json::from_str(&raw) {
        Ok(event) => body.event = Some(event),
        Err(_) => body.text = Some(raw),
    }
    Ok(Answer::json(&body))
}

fn opened(
    server: &Server,
    caller: &Caller,
    item: RecordId,
) -> Result<(QuarantineRow, Sensitive<Vec<u8>>), Problem> {
    let edge = &server.edge;
    let permit = edge.gate.ask_item(caller, item);
    server.traffic.asked(permit.as_ref().map(|_| ()));
    let view = edge.people.view().map_err(|error| unavailable("reading", &error))?;
    let opened = quarantine::open(&edge.gate, edge.people.vault(), &view, permit?);
    opened.map_err(|error| {
        if matches!(error, people::PeopleError::Unknown) { no_item() } else { error.into() }
    })
}

pub(crate) fn replay(server: &Server, caller: &Caller, asked: &Asked) -> Result<Answer, Problem> {
    let item = asked.item()?;
    let view = server.edge.people.view().map_err(|error| unavailable("reading", &error))?;
    let found = quarantine::find(&view, item);
    let found = found.map_err(|error| unavailable("reading the quarantine", &error))?;
    let (received, row) = found.ok_or_else(no_item)?;
    drop(view);
    let event = if asked.body().is_empty() {
        opened(server, caller, item)?.1
    } else {
        Sensitive::new(asked.body().to_vec())
    };
    let source = server.edge.intake.sources().by_id(row.source).ok_or_else(|| {
        Problem::new(Code::NotFound, "the source of this item was removed: put it back first")
    })?;
    let verdict = send_again(server, &source, &event, received)?;
    let (status, code, again) = match &verdict {
        Verdict::Accepted => ("accepted", None, None),
        Verdict::Duplicate => ("duplicate", None, None),
        Verdict::Declined => ("declined", None, None),
        Verdict::Suppressed => ("suppressed", None, None),
        Verdict::Quarantined { item, code } => ("quarantined", Some(*code), Some(item.to_string())),
    };
    let dropped = again.is_none() && quarantine::drop_item(&server.edge.people, caller, item)?;
    Ok(Answer::json(&ReplayedBody { status, code, item: again, dropped }))
}

fn send_again(
    server: &Server,
    source: &Arc<Source>,
    event: &Sensitive<Vec<u8>>,
    received: Timestamp,
) -> Result<Verdict, Problem> {
    let (reply, replied) = mpsc::sync_channel(1);
    let waiting = Box::new(move |verdicts| {
        // Nobody waits any more when the time was up; what was stored stays stored.
        drop(reply.send(verdicts));
    });
    server.edge.intake.replay(source, event, received, waiting).map_err(turned)?;
    let failed =
        || Problem::new(Code::Unavailable, "the event was not stored in time").retry_after(1);
    let verdicts = replied.recv_timeout(REPLAY_MAX).map_err(|_| failed())?;
    let verdicts = verdicts.map_err(|reason| {
        tracing::error!(reason, "a replay could not be stored");
        failed()
    })?;
    verdicts
        .into_iter()
        .next()
        .ok_or_else(|| Problem::new(Code::BadBody, "there is no event in it").at("body"))
}

fn turned(turned: Turned) -> Problem {
    match turned {
        Turned::Refused(refused) => {
            let detail = format!("{}: {}", refused.message, refused.remedy);
            Problem::new(Code::BadBody, detail).at(refused.place)
        }
        Turned::MissingKey | Turned::UnknownKey | Turned::Disabled => {
            Problem::new(Code::Conflict, "the source of this item is disabled: enable it first")
        }
        Turned::Overloaded { retry_after_s } => {
            Problem::new(Code::Overloaded, "the intake has too much to do")
                .retry_after(retry_after_s)
        }
    }
}

pub(crate) fn discard(server: &Server, caller: &Caller, asked: &Asked) -> Result<Answer, Problem> {
    let item = asked.item()?;
    if !quarantine::drop_item(&server.edge.people, caller, item)? {
        return Err(no_item());
    }
    Ok(Answer::json(&DroppedBody { item: item.to_string() }))
}
