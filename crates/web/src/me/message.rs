//! What a message leads to: refusing with one click (RFC 8058), and the contract without anybody's data.
//! Messages get passed on, so nothing here allows anything or shows what is held.

use super::contract::{agreed, all_refusable, manner, refusable, title};
use super::door::ended;
use super::layout::{self, token};
use super::visit::{AGREED, Visit};
use super::words::fill;
use crate::answer::Answer;
use crate::edge::Server;
use crate::problem::{Code, Problem};
use axum::http::{StatusCode, header};
use gate::{Method, NoEntry, Party, Refuser, SESSION_MS, Ticket};
use maud::html;
use model::{Bit, Grant, Sensitive};

/// The button behind a message's link.
pub(crate) fn button(visit: &Visit, ticket: &str) -> Answer {
    let words = visit.words;
    let about = fill(&words.message_in, "controller", &visit.notice.controller);
    let main = html! {
        p { (about) }
        form method="post" action="/me/in" {
            input type="hidden" name="message" value=(ticket);
            button { (words.in_button) }
        }
    };
    layout::plain(visit, &words.message_title, &main)
}

/// Gives a session that shows the contract only.
pub(crate) fn enter(server: &Server, visit: &Visit) -> Answer {
    let ticket = Sensitive::new(visit.field("message").unwrap_or_default().to_owned());
    let gate = &server.edge.gate;
    match gate.read_ticket(&ticket).and_then(|ticket| gate.enter_by_ticket(&ticket)) {
        #[expect(clippy::disallowed_methods, reason = "into the cookie of whoever has the message")]
        Ok(session) => {
            let (session, age) = (session.into_revealed(), SESSION_MS / 1_000);
            let cookie = format!(
                "{AGREED}={session}; Path=/; Max-Age={age}; Secure; HttpOnly; SameSite=Strict"
            );
            Answer::see("/me/agreed").header(header::SET_COOKIE, &cookie)
        }
        Err(error) => not_in(server, visit, &error),
    }
}

fn not_in(server: &Server, visit: &Visit, error: &NoEntry) -> Answer {
    match error {
        NoEntry::Closed => ended(server, visit),
        NoEntry::Store(_) => layout::wrong(server, visit).with(StatusCode::SERVICE_UNAVAILABLE),
    }
}

/// The button behind the question whether a yes was meant.
pub(crate) fn ask_again(server: &Server, visit: &Visit) -> Answer {
    let (words, gate) = (visit.words, &server.edge.gate);
    let text = visit.parameter("ticket").unwrap_or_default();
    let found = gate.read_ticket(&Sensitive::new(text.to_owned()));
    let bit = match found.map(|ticket| ticket.confirms()) {
        Ok(Some(bit)) => bit,
        Ok(None) => return ended(server, visit),
        Err(error) => return not_in(server, visit, &error),
    };
    let Some(grant) = gate.grants().grant(bit) else { return ended(server, visit) };
    let main = html! {
        p { (fill(&words.confirm_about, "grant", &title(visit, grant))) }
        form method="post" action="/me/confirmed" {
            input type="hidden" name="ticket" value=(text);
            button { (words.confirm_button) }
        }
    };
    layout::plain(visit, &words.confirm, &main)
}

/// Takes a yes for meant, if one waits for that.
pub(crate) fn confirm(server: &Server, visit: &Visit) -> Answer {
    let text = visit.field("ticket").unwrap_or_default();
    let ticket = match server.edge.gate.read_ticket(&Sensitive::new(text.to_owned())) {
        Ok(ticket) => ticket,
        Err(error) => return not_in(server, visit, &error),
    };
    match server.edge.people.confirm(&ticket, manner(visit, Method::Confirmation)) {
        Ok(true) => {
            let words = visit.words;
            layout::plain(visit, &words.confirmed, &html! { p role="status" { (words.saved) } })
        }
        Ok(false) => ended(server, visit),
        Err(_) => layout::wrong(server, visit).with(StatusCode::SERVICE_UNAVAILABLE),
    }
}

/// The contract, for whoever came by a message.
pub(crate) fn show(server: &Server, party: &Party, visit: &Visit) -> Result<Answer, Problem> {
    let words = visit.words;
    let gate = &server.edge.gate;
    let person = server.edge.people.locate(party.record().into())?;
    let contract = gate.contract_with(party, person)?;
    let main = html! {
        @if visit.parameter("saved").is_some() { p class="done" role="status" { (words.saved) } }
        p { (words.message_about) }
        p { a href="/me/in" { (words.message_come_in) } }
        form method="post" action="/me/agreed" {
            (token(party.form_token()))
            button name="refuse" value="all" class="quiet" { (words.refuse_all) }
        }
        (agreed(visit, gate, &contract, party))
    };
    Ok(layout::plain(visit, &words.message_title, &main))
}

/// Takes a refusal of whoever came by a message.
pub(crate) fn say(server: &Server, party: &Party, visit: &Visit) -> Result<Answer, Problem> {
    let gate = &server.edge.gate;
    let bits = if visit.field("refuse") == Some("all") {
        all_refusable(gate)
    } else {
        let grant: Option<Grant> = visit.field("grant").and_then(|grant| grant.parse().ok());
        let bit = grant.filter(|grant| refusable(gate, grant));
        let bit = bit.and_then(|grant| gate.grants().bit(&grant));
        vec![bit.ok_or_else(|| Problem::new(Code::UnknownGrant, "no such switch"))?]
    };
    server.edge.people.refuse(Refuser::Party(party), &bits, manner(visit, Method::OneClick))?;
    Ok(Answer::see("/me/agreed?saved=1"))
}

/// What a ticket refuses, with its name.
fn refused(server: &Server, visit: &Visit) -> Result<(Ticket, Bit, String), NoEntry> {
    let gate = &server.edge.gate;
    let ticket = gate.read_ticket(&visit.last)?;
    let bit = ticket.refuses().ok_or(NoEntry::Closed)?;
    let grant = gate.grants().grant(bit).filter(|grant| refusable(gate, grant));
    let name = title(visit, grant.ok_or(NoEntry::Closed)?);
    Ok((ticket, bit, name))
}

/// Two buttons: these messages only, or everything.
pub(crate) fn ask(server: &Server, visit: &Visit) -> Answer {
    let words = visit.words;
    let name = match refused(server, visit) {
        Ok((_, _, name)) => name,
        Err(error) => return not_in(server, visit, &error),
    };
    let main = html! {
        p { (fill(&words.unsub_about, "grant", &name)) }
        // To the address of this page, which is the ticket.
        form method="post" {
            button name="refuse" value="these" { (words.unsub_these) }
            button name="refuse" value="all" class="quiet" { (words.unsub_all) }
        }
    };
    layout::plain(visit, &words.unsub, &main)
}

/// Refuses: at once for a mail program (RFC 8058 §3.2: no cookies, no redirect), or as a button says.
pub(crate) fn refuse(server: &Server, visit: &Visit) -> Answer {
    let (ticket, bit, name) = match refused(server, visit) {
        Ok(found) => found,
        Err(error) => return not_in(server, visit, &error).with(StatusCode::NOT_FOUND),
    };
    let one_click = visit.field("List-Unsubscribe") == Some("One-Click");
    let bits = match visit.field("refuse") {
        _ if one_click => vec![bit],
        Some("these") => vec![bit],
        Some("all") => all_refusable(&server.edge.gate),
        Some(_) | None => return layout::wrong(server, visit),
    };
    let manner = manner(visit, Method::OneClick);
    if server.edge.people.refuse(Refuser::Ticket(&ticket), &bits, manner).is_err() {
        return layout::wrong(server, visit).with(StatusCode::SERVICE_UNAVAILABLE);
    }
    if one_click {
        return Answer::text("text/plain; charset=utf-8", "");
    }
    let words = visit.words;
    let about = fill(&words.unsub_done_about, "controller", &visit.notice.controller);
    let main = html! { p role="status" { (name) } p { (about) } };
    layout::plain(visit, &words.unsub_done, &main)
}
