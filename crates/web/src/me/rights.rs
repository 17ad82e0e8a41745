//! *Your requests*: asking by right, seeing how far it is, taking it back.

use super::data::permit;
use super::history::proof;
use super::layout::{self, Tab, time, token};
use super::visit::Visit;
use crate::answer::{Answer, json_bytes};
use crate::edge::{Server, opened};
use crate::problem::{Code, Problem, unavailable};
use crate::receipt;
use axum::http::header;
use gate::rights::{NewRequest, Request, RequestId, RequestKind, RightsError, Step, Through};
use gate::{CUSTOMER, Subject};
use maud::{Markup, html};
use model::Timestamp;
use people::Lift;

pub(crate) fn show(server: &Server, subject: &Subject, visit: &Visit) -> Result<Answer, Problem> {
    let words = visit.words;
    let permit = permit(server, subject)?;
    let view = server.edge.people.view().map_err(|error| unavailable("reading", &error))?;
    let opened = opened!(server, permit, &view);
    let requests = server.edge.gate.requests_of(&view, &opened.records);
    let requests = requests.map_err(|error| unavailable("reading requests", &error))?;
    let now = server.edge.gate.now();
    let main = html! {
        p { (words.requests_intro) }
        @if visit.parameter("saved").is_some() { p class="done" role="status" { (words.saved) } }
        @if let Some(since) = opened.contract.restricted { (restricted(visit, subject, since)) }
        @for request in &requests { (card(visit, subject, request, now)) }
        @if requests.is_empty() { p { (words.requests_empty) } }
        section class="card" aria-labelledby="ask" {
            h2 id="ask" { (words.requests_ask) }
            (asking(visit, subject, RequestKind::ALL))
        }
    };
    Ok(layout::own(visit, subject, Tab::Requests, &main))
}

/// That the data is kept only, and the way out of it.
fn restricted(visit: &Visit, subject: &Subject, since: Timestamp) -> Markup {
    let words = visit.words;
    html! {
        div class="done" {
            p { (words.restricted_since) " " (time(since)) }
            form method="post" action="/me/lift" {
                (token(subject.form_token()))
                button { (words.restriction_lift) }
            }
        }
    }
}

/// The buttons on the page on which one takes one's data or leaves.
pub(crate) fn buttons(visit: &Visit, subject: &Subject) -> Markup {
    html! {
        section class="card" aria-labelledby="stop" {
            h2 id="stop" { (visit.words.requests_stop) }
            (asking(visit, subject, &[RequestKind::Restriction, RequestKind::Objection]))
        }
    }
}

fn asking(visit: &Visit, subject: &Subject, kinds: &[RequestKind]) -> Markup {
    let words = visit.words;
    html! {
        @for kind in kinds.iter().copied() {
            form method="post" action="/me/requests" {
                (token(subject.form_token()))
                input type="hidden" name="kind" value=(kind.word());
                button aria-describedby=(kind.word()) { (words.right("kind", kind.word())) }
                p id=(kind.word()) class="why" { (words.right("about", kind.word())) }
            }
        }
    }
}

fn card(visit: &Visit, subject: &Subject, request: &Request, now: Timestamp) -> Markup {
    let words = visit.words;
    let id = format!("request-{}", request.id);
    let open = request.state.is_open();
    let cools = open && request.kind == RequestKind::Erasure;
    let cooling = request.ready_at().filter(|ready| cools && *ready > now);
    html! {
        section class="card" aria-labelledby=(id) {
            h2 id=(id) { (words.right("kind", request.kind.word())) }
            p class=(if open { "state on" } else { "state" }) {
                (words.right("state", request.state.word()))
            }
            @if open && request.verified.is_none() { p { (words.request_doubt) } }
            @if let Some(ready) = cooling { p { (words.request_cooling) " " (time(ready)) } }
            dl {
                dt { (words.request_number) } dd { code { (request.id) } }
                @if open { dt { (words.request_due) } dd { (time(request.answer_by)) } }
            }
            (steps(visit, request))
            @if open { (choices(visit, subject, request)) }
            p {
                a href=(format!("/me/request.json?id={}", request.id))
                    download=(format!("request-{}.json", request.id)) { (words.receipt) }
            }
        }
    }
}

fn steps(visit: &Visit, request: &Request) -> Markup {
    let words = visit.words;
    html! {
        ol {
            @for row in &request.steps {
                li {
                    (time(row.at)) " · " (words.right("step", row.step.word()))
                    @if let Some(reason) = row.step.reason() {
                        ": " (words.right("reason", reason))
                    }
                    " · " bdi { (if row.by == CUSTOMER { &words.you } else { &row.by }) }
                    " · " (proof(row.entry))
                }
            }
        }
    }
}

fn choices(visit: &Visit, subject: &Subject, request: &Request) -> Markup {
    let words = visit.words;
    let doubt = request.verified.is_none();
    html! {
        form method="post" action="/me/requests/step" {
            (token(subject.form_token()))
            input type="hidden" name="id" value=(request.id);
            @if doubt { button name="step" value="verify" { (words.request_confirm) } }
            button name="step" value="withdraw" class="quiet" {
                (if doubt { &words.request_not_me } else { &words.request_withdraw })
            }
        }
    }
}

/// Takes a request of the customer who is there. What the house can do at once is done at once.
pub(crate) fn ask(server: &Server, subject: &Subject, visit: &Visit) -> Result<Answer, Problem> {
    let kind = visit.field("kind").and_then(RequestKind::of_word);
    let kind = kind.ok_or_else(|| Problem::new(Code::BadBody, "no such request"))?;
    let gate = &server.edge.gate;
    let person = server.edge.people.locate(subject.record().into())?;
    let through = Through::PreferenceCentre;
    let asked = NewRequest { kind, through, verified: true, received: gate.now() };
    let id = match gate.receive(person, subject.record(), &asked, CUSTOMER) {
        Ok(request) => request.id,
        // Asked in another window, or by somebody in this customer's name: it is shown.
        Err(RightsError::Open(id)) => {
            return Ok(Answer::see(&format!("/me/requests#request-{id}")));
        }
        Err(error) => return Err(error.into()),
    };
    at_once(server, id, kind)?;
    Ok(Answer::see(&format!("/me/requests?saved=1#request-{id}")))
}

/// Carries a request out that need not wait.
fn at_once(server: &Server, id: RequestId, kind: RequestKind) -> Result<(), Problem> {
    if matches!(kind, RequestKind::Restriction | RequestKind::Objection) {
        server.edge.people.carry_out(id, CUSTOMER)?;
    }
    Ok(())
}

/// Says that a request was the customer's own, or takes it back.
pub(crate) fn step(server: &Server, subject: &Subject, visit: &Visit) -> Result<Answer, Problem> {
    let wrong = || Problem::new(Code::BadBody, "no such request or step");
    let id: RequestId = visit.field("id").and_then(|id| id.parse().ok()).ok_or_else(wrong)?;
    let step = match visit.field("step") {
        Some("verify") => Step::Verify,
        Some("withdraw") => Step::Withdraw,
        _other => return Err(wrong()),
    };
    let permit = permit(server, subject)?;
    let view = server.edge.people.view().map_err(|error| unavailable("reading", &error))?;
    let opened = opened!(server, permit, &view);
    drop(view);
    let request = match server.edge.gate.step_own(&opened.records, id, step, CUSTOMER) {
        Ok(request) => request,
        // Done in another window: the page shows how it stands.
        Err(RightsError::NoStep(_)) => return Ok(Answer::see("/me/requests")),
        Err(error) => return Err(error.into()),
    };
    if step == Step::Verify {
        at_once(server, id, request.kind)?;
    }
    Ok(Answer::see(&format!("/me/requests?saved=1#request-{id}")))
}

/// Ends a restriction.
pub(crate) fn lift(server: &Server, subject: &Subject, _: &Visit) -> Result<Answer, Problem> {
    server.edge.people.restrict(subject.record(), Some(Lift::Asked), CUSTOMER)?;
    Ok(Answer::see("/me/requests?saved=1"))
}

/// What proves the steps of a request.
pub(crate) fn document(
    server: &Server,
    subject: &Subject,
    visit: &Visit,
) -> Result<Answer, Problem> {
    let wrong = || Problem::new(Code::BadParameter, "no such request");
    let id: RequestId = visit.parameter("id").and_then(|id| id.parse().ok()).ok_or_else(wrong)?;
    let permit = permit(server, subject)?;
    let view = server.edge.people.view().map_err(|error| unavailable("reading", &error))?;
    let opened = opened!(server, permit, &view);
    let request = server.edge.gate.request(&view, id);
    let request = request.map_err(|error| unavailable("reading requests", &error))?;
    let request = request.filter(|request| opened.records.contains(&request.record));
    let request = request.ok_or_else(wrong)?;
    let evidence = server.edge.gate.request_evidence(&view, &request);
    let evidence = evidence.map_err(|error| unavailable("reading the ledger", &error))?;
    let document = receipt::requested(&request, &evidence, &visit.notice);
    let attachment = format!("attachment; filename=\"request-{id}.json\"");
    Ok(Answer::of("application/ld+json", json_bytes(&document))
        .header(header::CONTENT_DISPOSITION, &attachment))
}
