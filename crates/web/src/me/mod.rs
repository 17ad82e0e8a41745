//! The preference centre: pages under `/me` on which a customer sees what is held, decides, and is
//! obeyed. Rendered here, without a script; see `docs/design/centre.md`.
//!
//! A page that shows data is given a [`Subject`], and asks the gate for that customer's data alone.

mod ask;
mod contract;
pub(crate) mod correct;
mod data;
mod door;
mod history;
mod household;
mod layout;
mod message;
mod messages;
mod rights;
mod take;
mod uses;
mod visit;
mod words;

use crate::answer::Answer;
use crate::dispatch::{in_turn, read_body};
use crate::edge::Server;
use crate::problem::{Code, Problem};
use crate::route::Verb;
use axum::body::{Body, Bytes};
use axum::http::request::Parts;
use gate::{NoEntry, Party, Subject};
use std::sync::Arc;
pub(crate) use visit::Visit;

/// Bytes of a form.
const FORM_MAX: usize = 16 << 10;

/// Who may see a page, or send a form.
#[derive(Clone, Copy)]
pub(crate) enum Guard {
    /// Anybody, for this reason.
    Open(&'static str, fn(&Server, &Visit) -> Answer),
    /// Anybody, from wherever, by a program too, for this reason.
    Anywhere(&'static str, fn(&Server, &Visit) -> Answer),
    /// Whoever came by a message: it shows the contract and nobody's data. A form must carry the session's
    /// token.
    Agreed(fn(&Server, &Party, &Visit) -> Result<Answer, Problem>),
    /// The customer who holds the session. A form must carry the session's token.
    Own(fn(&Server, &Subject, &Visit) -> Result<Answer, Problem>),
}

/// A page, or what takes a form.
#[derive(Clone, Copy)]
pub struct Page {
    /// The method.
    pub method: Verb,
    /// The path.
    pub path: &'static str,
    pub(crate) guard: Guard,
}

impl Page {
    const fn get(path: &'static str, guard: Guard) -> Self {
        Self { method: Verb::Get, path, guard }
    }

    const fn post(path: &'static str, guard: Guard) -> Self {
        Self { method: Verb::Post, path, guard }
    }

    /// Whether whoever came by a message may see it.
    pub const fn is_agreed(&self) -> bool {
        matches!(self.guard, Guard::Agreed(_))
    }

    /// Why anybody may see it; nothing where only its customer may.
    pub const fn open_because(&self) -> Option<&'static str> {
        match self.guard {
            Guard::Open(reason, _) | Guard::Anywhere(reason, _) => Some(reason),
            Guard::Own(_) | Guard::Agreed(_) => None,
        }
    }
}

impl std::fmt::Debug for Page {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} {} ({:?})", self.method.as_str(), self.path, self.open_because())
    }
}

/// Every page.
pub static PAGES: &[Page] = &[
    Page::get("/me", Guard::Own(contract::show)),
    Page::post("/me/contract", Guard::Own(contract::say)),
    Page::post("/me/gpc", Guard::Own(contract::say_gpc)),
    Page::get("/me/receipt.json", Guard::Own(history::receipt)),
    Page::get("/me/messages", Guard::Own(messages::show)),
    Page::post("/me/wishes", Guard::Own(messages::set)),
    Page::post("/me/stop", Guard::Own(messages::stop)),
    Page::post("/me/receipt/mail", Guard::Own(history::mail)),
    Page::get("/me/data", Guard::Own(data::show)),
    Page::get("/me/uses", Guard::Own(uses::show)),
    Page::get("/me/household", Guard::Own(household::show)),
    Page::post("/me/household/apart", Guard::Own(household::deny)),
    Page::get("/me/take", Guard::Own(take::show)),
    Page::get("/me/data.json", Guard::Own(take::json)),
    Page::get("/me/data.csv", Guard::Own(take::csv)),
    Page::post("/me/erase", Guard::Own(take::erase)),
    Page::get("/me/requests", Guard::Own(rights::show)),
    Page::post("/me/requests", Guard::Own(rights::ask)),
    Page::post("/me/requests/step", Guard::Own(rights::step)),
    Page::get("/me/request.json", Guard::Own(rights::document)),
    Page::post("/me/lift", Guard::Own(rights::lift)),
    Page::post("/me/correct", Guard::Own(correct::correct)),
    Page::post("/me/leave", Guard::Own(door::leave)),
    Page::get("/me/in", Guard::Open("it shows a button, and nobody's data", door::show)),
    Page::post("/me/in", Guard::Open("it takes a link, which is the proof", door::enter)),
    Page::post("/me/in/mail", Guard::Open("it answers the same for any address", ask::ask)),
    Page::post("/me/in/code", Guard::Open("it takes a code, which is the proof", ask::code)),
    Page::get("/me/not-me", Guard::Open("it shows a button, and nobody's data", ask::not_me)),
    Page::post("/me/not-me", Guard::Open("it takes a ticket, and ends visits only", ask::shut)),
    Page::get("/me/unsubscribe/{ticket}", Guard::Open("it shows two buttons", message::ask)),
    Page::post(
        "/me/unsubscribe/{ticket}",
        Guard::Anywhere("it takes a ticket, and refuses only (RFC 8058)", message::refuse),
    ),
    Page::get("/me/agreed", Guard::Agreed(message::show)),
    Page::post("/me/agreed", Guard::Agreed(message::say)),
    Page::get(
        "/me/confirm",
        Guard::Open("it shows a button, and nobody's data", message::ask_again),
    ),
    Page::post(
        "/me/confirmed",
        Guard::Open("it takes a ticket, which confirms what was said signed in", message::confirm),
    ),
    Page::post("/me/language", Guard::Open("it keeps a language in a cookie", door::language)),
    Page::get("/me/style.css", Guard::Open("how pages look", layout::style)),
    Page::get(
        "/.well-known/gpc.json",
        Guard::Open("it says that GPC is obeyed (W3C GPC §4)", door::gpc),
    ),
];

/// Answers for one page.
pub(crate) async fn answer(
    server: &Arc<Server>,
    page: &'static Page,
    parts: &Parts,
    body: Body,
) -> Answer {
    let body = if page.method == Verb::Post {
        read_body(&parts.headers, body, FORM_MAX).await
    } else {
        Ok(Bytes::new())
    };
    let mut visit = Visit::read(server, parts, body.as_ref().map_or(&[][..], |body| body));
    let shown = |other: &Page| other.path == page.path && other.method == Verb::Get;
    if page.method == Verb::Post && !PAGES.iter().any(shown) {
        // What only takes a form is no place to come back to.
        let own = matches!(page.guard, Guard::Own(_));
        (if own { "/me" } else { "/me/in" }).clone_into(&mut visit.here);
    }
    let refused = layout::wrong(server, &visit);
    if body.is_err() {
        return refused;
    }
    let anywhere = matches!(page.guard, Guard::Anywhere(..));
    if page.method == Verb::Post && visit.from_elsewhere && !anywhere {
        return layout::elsewhere(server, &visit);
    }
    in_turn(server, move |server| Ok(guarded(server, page, &visit))).await.unwrap_or(refused)
}

fn guarded(server: &Server, page: &Page, visit: &Visit) -> Answer {
    let done = match page.guard {
        Guard::Open(_, handler) | Guard::Anywhere(_, handler) => return handler(server, visit),
        Guard::Agreed(handler) => match server.edge.gate.party(&visit.agreed) {
            Ok(party) if page.method == Verb::Post && !visit.owns_agreed_form(&party) => {
                return layout::elsewhere(server, visit);
            }
            Ok(party) => handler(server, &party, visit),
            Err(NoEntry::Closed) => return door::closed(server, visit),
            Err(NoEntry::Store(error)) => {
                Err(crate::problem::unavailable("reading sessions", &error))
            }
        },
        Guard::Own(handler) => match server.edge.gate.subject(&visit.session) {
            Ok(subject) if page.method == Verb::Post && !visit.owns_form(&subject) => {
                return layout::elsewhere(server, visit);
            }
            Ok(subject) => handler(server, &subject, visit),
            Err(NoEntry::Closed) => return door::closed(server, visit),
            Err(NoEntry::Store(error)) => {
                Err(crate::problem::unavailable("reading sessions", &error))
            }
        },
    };
    done.unwrap_or_else(|problem| {
        // The record of the session is gone, or moved on while we looked.
        if matches!(problem.code, Code::UnknownPerson | Code::NotGranted) {
            return door::closed(server, visit);
        }
        let status = problem.code.status();
        let answer = layout::wrong(server, visit);
        if status.is_server_error() { answer.with(status) } else { answer }
    })
}
