//! The way in: requests of SDKs, answered as SDKs expect.
//!
//! Success is HTTP 200 with JSON, never another 2xx; an error's JSON has `code` and `message`; a
//! pixel is always a picture; overload is 429 with a whole number of seconds to wait.

use crate::answer::Answer;
use crate::dispatch::{in_turn, read_body};
use crate::edge::Server;
use crate::limits;
use crate::problem::Problem;
use crate::script::ANALYTICS;
use crate::settings;
use axum::body::Body;
use axum::http::request::Parts;
use axum::http::{HeaderName, HeaderValue, Response, StatusCode, header};
use collect::dialect::{IntakeHeaders, IntakePath, WriteKey, write_key};
use collect::{Call, Reply, Turned, Verdict, Waiting};
use model::Limits;
use schemars::JsonSchema;
use serde::Serialize;
use std::sync::Arc;
use tokio::sync::oneshot;

/// A transparent GIF of one pixel.
const PIXEL: &[u8] = b"GIF89a\x01\x00\x01\x00\x80\x00\x00\x00\x00\x00\xff\xff\xff!\xf9\x04\x01\
\x00\x00\x00\x00,\x00\x00\x00\x00\x01\x00\x01\x00\x00\x02\x02D\x01\x00;";

const RATE_LIMIT_RESET: HeaderName = HeaderName::from_static("x-ratelimit-reset");

/// How a route of the intake is answered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Way {
    /// Events in the body.
    Events,
    /// One event in the query; the answer is a picture whatever happens.
    Pixel,
    /// What a client measures about itself: read, forgotten, thanked for.
    Metrics,
    /// The settings of analytics-next for the key in the path.
    Settings,
    /// The configuration of `RudderStack`'s browser SDK.
    SourceConfig,
    /// A script for pages.
    Script,
}

/// The answer when the events of a request have been dealt with.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "Taken")]
pub(crate) struct TakenBody {
    /// Always true.
    success: bool,
    /// Always true.
    ok: bool,
    /// How many events were stored.
    #[serde(skip_serializing_if = "Option::is_none")]
    accepted: Option<usize>,
    /// What became of the events that were not simply stored.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    events: Vec<EventBody>,
}

/// What became of one event.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "EventResult")]
pub(crate) struct EventBody {
    /// Its place in the batch, from 0.
    index: usize,
    /// `duplicate`, `declined` or `quarantined`.
    status: &'static str,
    /// Why it is in quarantine.
    #[serde(skip_serializing_if = "Option::is_none")]
    code: Option<&'static str>,
    /// The item in quarantine.
    #[serde(skip_serializing_if = "Option::is_none")]
    item: Option<String>,
}

/// The answer when nothing of a request was taken.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "NotTaken")]
pub(crate) struct NotTakenBody<'a> {
    /// Always false.
    success: bool,
    /// Always false.
    ok: bool,
    /// Why, for programs.
    code: &'a str,
    /// Why, for people.
    message: &'a str,
    /// What to do.
    remedy: &'a str,
    /// Where in the request.
    #[serde(skip_serializing_if = "Option::is_none")]
    place: Option<&'a str>,
}

/// Why nothing of a request was taken, on its way out.
pub(crate) struct NotTaken {
    status: StatusCode,
    code: &'static str,
    message: &'static str,
    remedy: &'static str,
    place: Option<&'static str>,
    retry_after_s: Option<u32>,
}

const FAILED: NotTaken = NotTaken {
    status: StatusCode::SERVICE_UNAVAILABLE,
    code: "unavailable",
    message: "the events could not be stored",
    remedy: "send them again later; the operator finds the reason at /healthz and in the log",
    place: None,
    retry_after_s: Some(1),
};

pub(crate) async fn answer(
    server: &Arc<Server>,
    way: Way,
    shown: &'static str,
    parts: &Parts,
    body: Body,
) -> Response<Body> {
    let answered = match way {
        Way::Script => script(server, parts),
        Way::Events => events(server, shown, parts, body).await.map(Answer::into_response),
        Way::Pixel => {
            // The picture comes in any case: a broken image would show on the customer's screen.
            if let Err(turned) = events(server, shown, parts, Body::empty()).await {
                tracing::debug!(code = turned.code, "a pixel was not taken");
            }
            Ok(Answer::of("image/gif", PIXEL).into_response())
        }
        Way::Metrics => {
            if let Err(problem) = read_body(&parts.headers, body, limits::API_BODY_MAX).await {
                tracing::debug!(code = problem.code.word(), "a client's metrics were not read");
            }
            Ok(Answer::json(&taken(&[])).into_response())
        }
        Way::Settings | Way::SourceConfig => {
            settings::answer(server, way, parts).map(Answer::into_response)
        }
    };
    answered.unwrap_or_else(NotTaken::into_response)
}

/// A script. Segment's address has the write key in it, and a page whose key is wrong should learn
/// it from the first request; Jitsu's tag keeps the key to itself until there is an event.
fn script(server: &Server, parts: &Parts) -> Result<Response<Body>, NotTaken> {
    let path = parts.uri.path();
    let name = match IntakePath::of(parts.method.as_str(), path) {
        Some(IntakePath::Script(key)) => {
            let key = WriteKey::new(&key).ok_or(Turned::MissingKey)?;
            let source = server.edge.intake.sources().by_key(&key).ok_or(Turned::UnknownKey)?;
            if !source.enabled {
                return Err(Turned::Disabled.into());
            }
            ANALYTICS
        }
        _other => path.trim_end_matches('/').rsplit('/').next().unwrap_or_default(),
    };
    server.edge.scripts.answer(name, &parts.headers).ok_or(UNKNOWN_SCRIPT)
}

async fn events(
    server: &Arc<Server>,
    shown: &'static str,
    parts: &Parts,
    body: Body,
) -> Result<Answer, NotTaken> {
    let path = IntakePath::of(parts.method.as_str(), parts.uri.path()).ok_or(UNKNOWN_PATH)?;
    let headers = headers(parts);
    let source =
        write_key(&headers, None).and_then(|key| server.edge.intake.sources().by_key(&key));
    let limits = source.map_or(Limits::DEFAULT, |source| source.limits);
    let body = read_body(&parts.headers, body, limits.body_wire_max).await?;
    let call = Call { path, shown, headers, body: body.to_vec() };
    let (reply, replied) = oneshot::channel::<Reply>();
    let waiting: Waiting = Box::new(move |verdicts| {
        // Nobody waits any more when the client hung up; what was stored stays stored.
        drop(reply.send(verdicts));
    });
    if body.len() <= limits::INTAKE_INLINE_BYTES_MAX {
        server.edge.intake.handle(&call, waiting)?;
    } else {
        in_turn(server, move |server| Ok(server.edge.intake.handle(&call, waiting))).await??;
    }
    match replied.await {
        Ok(Ok(verdicts)) => Ok(Answer::json(&taken(&verdicts))),
        Ok(Err(reason)) => {
            tracing::error!(reason, "events could not be stored");
            Err(FAILED)
        }
        Err(_) => Err(FAILED),
    }
}

/// The headers that the intake looks at.
pub(crate) fn headers(parts: &Parts) -> IntakeHeaders {
    let headers = parts.headers.iter().map(|(name, value)| (name.as_str(), value.as_bytes()));
    IntakeHeaders::read(parts.uri.query(), headers)
}

fn taken(verdicts: &[Verdict]) -> TakenBody {
    let events: Vec<_> = verdicts
        .iter()
        .enumerate()
        .filter_map(|(index, verdict)| {
            let (status, code, item) = match verdict {
                // Whoever sends learns nothing about who was erased here: a page's key is public.
                Verdict::Accepted | Verdict::Suppressed => return None,
                Verdict::Duplicate => ("duplicate", None, None),
                Verdict::Declined => ("declined", None, None),
                Verdict::Quarantined { item, code } => {
                    ("quarantined", Some(*code), Some(item.to_string()))
                }
            };
            Some(EventBody { index, status, code, item })
        })
        .collect();
    let accepted = (!events.is_empty()).then(|| verdicts.len() - events.len());
    TakenBody { success: true, ok: true, accepted, events }
}

const UNKNOWN_PATH: NotTaken = NotTaken {
    status: StatusCode::NOT_FOUND,
    code: "unknown_path",
    message: "events of this kind are not known",
    remedy: "use identify, track, page, screen, group, alias or batch",
    place: Some("path"),
    retry_after_s: None,
};

const UNKNOWN_SCRIPT: NotTaken = NotTaken {
    status: StatusCode::NOT_FOUND,
    code: "unknown_script",
    message: "there is no script of this name",
    remedy: "put it into the directory that intake.scripts_dir names, and start again",
    place: Some("path"),
    retry_after_s: None,
};

impl NotTaken {
    const fn key(status: StatusCode, code: &'static str, message: &'static str) -> Self {
        let remedy = "use the write key of a source that is enabled: Authorization: Basic \
            base64(key:), X-Write-Key, ?writeKey= or writeKey in the body";
        Self { status, code, message, remedy, place: None, retry_after_s: None }
    }

    fn into_response(self) -> Response<Body> {
        let body = NotTakenBody {
            success: false,
            ok: false,
            code: self.code,
            message: self.message,
            remedy: self.remedy,
            place: self.place,
        };
        let mut response = Answer::json(&body).with(self.status).into_response();
        if let Some(seconds) = self.retry_after_s {
            let seconds =
                seconds.clamp(*limits::RETRY_AFTER_S.start(), *limits::RETRY_AFTER_S.end());
            let headers = response.headers_mut();
            headers.insert(header::RETRY_AFTER, HeaderValue::from(seconds));
            headers.insert(RATE_LIMIT_RESET, HeaderValue::from(seconds));
        }
        response
    }
}

impl From<Turned> for NotTaken {
    fn from(turned: Turned) -> Self {
        match turned {
            Turned::Refused(refused) => Self {
                status: StatusCode::from_u16(refused.status).unwrap_or(StatusCode::BAD_REQUEST),
                code: refused.code,
                message: refused.message,
                remedy: refused.remedy,
                place: Some(refused.place),
                retry_after_s: None,
            },
            Turned::MissingKey => {
                Self::key(StatusCode::UNAUTHORIZED, "missing_write_key", "no write key is shown")
            }
            Turned::UnknownKey => {
                let message = "no source has this write key";
                Self::key(StatusCode::UNAUTHORIZED, "unknown_write_key", message)
            }
            Turned::Disabled => {
                let message = "the source of this write key is disabled";
                Self::key(StatusCode::FORBIDDEN, "source_disabled", message)
            }
            Turned::Overloaded { retry_after_s } => Self {
                status: StatusCode::TOO_MANY_REQUESTS,
                code: "overloaded",
                message: "the intake has too much to do",
                remedy: "send it again after the seconds that Retry-After says",
                place: None,
                retry_after_s: Some(retry_after_s),
            },
        }
    }
}

impl From<Problem> for NotTaken {
    fn from(problem: Problem) -> Self {
        let code = problem.code;
        Self {
            status: code.status(),
            code: code.word(),
            message: code.title(),
            remedy: code.remedy(),
            place: Some("body"),
            retry_after_s: problem.waits_s(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn overload_is_429_with_a_whole_number_of_seconds_in_bounds() {
        for (asked, answered) in [(0, "1"), (1, "1"), (300, "300"), (86_400, "300")] {
            let turned = Turned::Overloaded { retry_after_s: asked };
            let response = NotTaken::from(turned).into_response();
            assert_eq!(response.status(), 429);
            for name in ["retry-after", "x-ratelimit-reset"] {
                assert_eq!(response.headers().get(name).unwrap(), answered);
            }
        }
    }
}
