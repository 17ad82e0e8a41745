//! From a request to its answer, for every route alike: key, purpose, body, handler, headers,
//! count, log line. The log names the route's pattern, never the path or the query.

use crate::answer::Answer;
use crate::asked::Asked;
use crate::edge::{Edge, Server};
use crate::me::{self, PAGES, Page};
use crate::problem::{Code, Problem};
use crate::route::{Auth, Handler, Route};
use crate::table::ROUTES;
use crate::{cors, intake, limits};
use axum::Router;
use axum::body::{Body, Bytes, HttpBody};
use axum::extract::Request;
use axum::http::request::Parts;
use axum::http::{HeaderMap, HeaderName, HeaderValue, Response, header};
use axum::routing::{MethodFilter, on};
use http_body_util::{BodyExt, Limited};
use std::collections::BTreeSet;
use std::sync::Arc;
use std::sync::atomic::Ordering;

const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");

/// Every route, served from one table.
pub fn router(edge: Arc<Edge>) -> Router {
    let server = Arc::new(Server::new(edge));
    let mut router = Router::new();
    let mut preflights = BTreeSet::new();
    for (index, route) in ROUTES.iter().enumerate() {
        let filter = route.method.filter();
        for path in route.spellings() {
            let server = Arc::clone(&server);
            let one = move |request: Request| answer(Arc::clone(&server), index, route, request);
            router = router.route(&path, on(filter, one));
            if route.cors() {
                preflights.insert(path);
            }
        }
    }
    for (index, page) in PAGES.iter().enumerate() {
        let server = Arc::clone(&server);
        let one = move |request: Request| show(Arc::clone(&server), index, page, request);
        router = router.route(page.path, on(page.method.filter(), one));
    }
    for path in preflights {
        let server = Arc::clone(&server);
        let one = move |request: Request| {
            let server = Arc::clone(&server);
            async move {
                let start = (server.edge.monotonic_ms)();
                let response = cors::preflight(request.headers());
                finish(&server, ROUTES.len(), "OPTIONS", "preflight", start, response)
            }
        };
        router = router.route(&path, on(MethodFilter::OPTIONS, one));
    }
    let fallback = |code| {
        let server = Arc::clone(&server);
        move || std::future::ready(nowhere(&server, code))
    };
    router
        .fallback(fallback(Code::UnknownRoute))
        .method_not_allowed_fallback(fallback(Code::MethodNotAllowed))
}

/// What matches no route: an address there is not, or a method it does not take.
fn nowhere(server: &Server, code: Code) -> Response<Body> {
    let start = (server.edge.monotonic_ms)();
    let response = Problem::new(code, code.title().to_lowercase()).into_response();
    finish(server, ROUTES.len(), "-", "unmatched", start, response)
}

async fn answer(
    server: Arc<Server>,
    index: usize,
    route: &'static Route,
    request: Request,
) -> Response<Body> {
    let start = (server.edge.monotonic_ms)();
    let (parts, body) = request.into_parts();
    let mut response = match route.handler {
        Handler::Intake(way) => {
            let mut response = intake::answer(&server, way, route.path, &parts, body).await;
            cors::allow(&parts.headers, response.headers_mut());
            response
        }
        Handler::Quick(_) | Handler::Apart(_) | Handler::Blocking(_) | Handler::Called(_) => {
            match call(&server, route, &parts, body).await {
                Ok(answer) => answer.into_response(),
                Err(problem) => problem.into_response(),
            }
        }
    };
    let nosniff = HeaderValue::from_static("nosniff");
    response.headers_mut().insert(header::X_CONTENT_TYPE_OPTIONS, nosniff);
    finish(&server, index, route.method.as_str(), route.path, start, response)
}

/// A page of the preference centre.
async fn show(
    server: Arc<Server>,
    index: usize,
    page: &'static Page,
    request: Request,
) -> Response<Body> {
    let start = (server.edge.monotonic_ms)();
    let (parts, body) = request.into_parts();
    let mut response = me::answer(&server, page, &parts, body).await.into_response();
    let nosniff = HeaderValue::from_static("nosniff");
    response.headers_mut().insert(header::X_CONTENT_TYPE_OPTIONS, nosniff);
    let index = ROUTES.len() + 1 + index;
    finish(&server, index, page.method.as_str(), page.path, start, response)
}

/// Names, counts and logs an answer.
fn finish(
    server: &Server,
    index: usize,
    method: &'static str,
    route: &'static str,
    start: f64,
    mut response: Response<Body>,
) -> Response<Body> {
    let request = server.request_id();
    if let Ok(id) = HeaderValue::from_str(&request) {
        response.headers_mut().insert(REQUEST_ID, id);
    }
    let status = response.status().as_u16();
    let ms = (server.edge.monotonic_ms)() - start;
    let bytes = response.body().size_hint().exact().unwrap_or_default();
    server.traffic.answered(index, status, ms);
    tracing::info!(target: "web::access", method, route, status, ms, bytes, request);
    response
}

async fn call(
    server: &Arc<Server>,
    route: &'static Route,
    parts: &Parts,
    body: Body,
) -> Result<Answer, Problem> {
    let caller = match route.auth {
        Auth::Open(_) | Auth::WriteKey => None,
        Auth::Service(_) | Auth::Recipient | Auth::Operator => {
            let shown = parts.headers.get(header::AUTHORIZATION).map(HeaderValue::as_bytes);
            Some(server.caller(shown)?)
        }
    };
    if route.auth == Auth::Operator && !caller.as_ref().is_some_and(gate::Caller::operates) {
        return Err(Problem::new(Code::NotOperator, "this service does not operate"));
    }
    let mut asked = Asked::read(route, &parts.uri, &parts.headers)?;
    if route.request.is_some() {
        asked = asked.with_body(read_body(&parts.headers, body, limits::API_BODY_MAX).await?);
    }
    match route.handler {
        Handler::Quick(handler) => Ok(handler(server)),
        Handler::Apart(handler) => {
            let server = Arc::clone(server);
            let done = tokio::task::spawn_blocking(move || handler(&server)).await;
            done.map_err(|_| unfinished())
        }
        Handler::Blocking(handler) => in_turn(server, move |server| handler(server, &asked)).await,
        Handler::Called(handler) => {
            let caller = caller.ok_or_else(|| Problem::new(Code::MissingKey, "no key"))?;
            in_turn(server, move |server| handler(server, &caller, &asked)).await
        }
        Handler::Intake(_) => Err(Problem::new(Code::Internal, "not a call")),
    }
}

/// Runs a call in the blocking rooms, as many at once as the limit says.
pub(crate) async fn in_turn<T: Send + 'static>(
    server: &Arc<Server>,
    call: impl FnOnce(&Server) -> Result<T, Problem> + Send + 'static,
) -> Result<T, Problem> {
    let waiting = Waits::begin(Arc::clone(server))?;
    let turn = server.turns.acquire().await.map_err(|_| unfinished())?;
    let done = tokio::task::spawn_blocking(move || call(&waiting.0)).await;
    drop(turn);
    done.map_err(|_| unfinished())?
}

fn unfinished() -> Problem {
    Problem::new(Code::Internal, "the call did not finish")
}

/// A place among the calls that run or wait; given up when dropped, however the call ends.
struct Waits(Arc<Server>);

impl Waits {
    fn begin(server: Arc<Server>) -> Result<Self, Problem> {
        let before = server.calls.fetch_add(1, Ordering::AcqRel);
        let place = Self(server);
        if before >= limits::CALLS_WAITING_MAX {
            let detail = format!("{before} calls are waiting already");
            return Err(Problem::new(Code::Overloaded, detail).retry_after(1));
        }
        Ok(place)
    }
}

impl Drop for Waits {
    fn drop(&mut self) {
        self.0.calls.fetch_sub(1, Ordering::AcqRel);
    }
}

/// Reads a body whole, no longer than `max` bytes and no slower than the limit.
pub(crate) async fn read_body(
    headers: &HeaderMap,
    body: Body,
    max: usize,
) -> Result<Bytes, Problem> {
    let too_large =
        || Problem::new(Code::BodyTooLarge, format!("the body is longer than {max} bytes"));
    let length = headers.get(header::CONTENT_LENGTH).and_then(|length| length.to_str().ok());
    if length
        .and_then(|length| length.parse::<u64>().ok())
        .is_some_and(|length| length > max as u64)
    {
        return Err(too_large());
    }
    let read = tokio::time::timeout(limits::BODY_READ_MAX, Limited::new(body, max).collect()).await;
    match read {
        Err(_) => Err(Problem::new(Code::BodyTimeout, "the body came too slowly")),
        Ok(Ok(body)) => Ok(body.to_bytes()),
        Ok(Err(error)) if error.is::<http_body_util::LengthLimitError>() => Err(too_large()),
        Ok(Err(_)) => Err(Problem::new(Code::BadBody, "the body broke off")),
    }
}
