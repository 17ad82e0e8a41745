//! Coming in by an address that is known: asking, the code, and word that it was somebody else.
//!
//! INVARIANT: nothing here answers differently for an address that is known, and nothing keeps one.

use super::door::{ended, let_in};
use super::layout;
use super::visit::{KNOCK, Visit};
use super::words::fill;
use crate::answer::Answer;
use crate::edge::Server;
use action::Asked;
use axum::http::{StatusCode, header};
use gate::{KNOCK_MS, NoEntry, TicketFor};
use maud::{Markup, html};
use model::{Blind, IdentifierKind, Sensitive};

/// The form for an address, or nothing where no letters are sent.
pub(crate) fn form(server: &Server, visit: &Visit) -> Option<Markup> {
    let words = visit.words;
    let about = fill(&words.in_mail_about, "controller", &visit.notice.controller);
    server.edge.action.mails().then(|| {
        html! {
            p { (about) }
            form method="post" action="/me/in/mail" {
                label for="address" { (words.in_address) }
                input id="address" name="address" type="email" autocomplete="email" required
                    maxlength="254" dir="ltr";
                button { (words.in_send) }
            }
        }
    })
}

/// What everybody who asked is shown: where to look, and the form for the code.
pub(crate) fn sent(visit: &Visit) -> Answer {
    let words = visit.words;
    let about = fill(&words.sent_about, "controller", &visit.notice.controller);
    let about = fill(&about, "minutes", &(KNOCK_MS / 60_000).to_string());
    let main = html! {
        p { (about) }
        (code_form(visit))
        p class="fine" { (fill(&words.sent_nothing, "contact", &visit.notice.contact)) }
        p { a href="/me/in" { (words.ask_again) } }
    };
    layout::plain(visit, &words.sent, &main)
}

fn code_form(visit: &Visit) -> Markup {
    let words = visit.words;
    html! {
        form method="post" action="/me/in/code" {
            label for="code" { (words.in_code) }
            input id="code" name="code" inputmode="numeric" autocomplete="one-time-code" required
                maxlength="16" dir="ltr";
            button { (words.in_code_button) }
        }
    }
}

/// Takes an address. What is answered does not depend on it.
pub(crate) fn ask(server: &Server, visit: &Visit) -> Answer {
    let words = visit.words;
    let asked = server.edge.action.ask(blind(server, visit), &visit.knock, visit.language);
    match asked {
        #[expect(clippy::disallowed_methods, reason = "into the cookie of the browser that asked")]
        Ok(Asked::Taken(held)) => {
            let (held, age) = (held.into_revealed(), KNOCK_MS / 1_000);
            let cookie =
                format!("{KNOCK}={held}; Path=/; Max-Age={age}; Secure; HttpOnly; SameSite=Strict");
            Answer::see("/me/in?sent=1").header(header::SET_COOKIE, &cookie)
        }
        Ok(Asked::Busy) => layout::plain(visit, &words.busy, &html! { p { (words.busy_about) } })
            .with(StatusCode::TOO_MANY_REQUESTS)
            .header(header::RETRY_AFTER, "60"),
        Err(_) => layout::wrong(server, visit).with(StatusCode::SERVICE_UNAVAILABLE),
    }
}

/// The pseudonym of the address in a form. What is no address has one too, which leads to nobody.
fn blind(server: &Server, visit: &Visit) -> Blind {
    let text = visit.field("address").unwrap_or_default();
    let known = server.edge.intake.identifier(IdentifierKind::Email, text);
    let vault = server.edge.people.vault();
    known.unwrap_or_else(|| vault.blind(IdentifierKind::Email, &format!("no address: {text}")))
}

/// Takes a code, in the browser that asked.
pub(crate) fn code(server: &Server, visit: &Visit) -> Answer {
    let words = visit.words;
    let code = Sensitive::new(visit.field("code").unwrap_or_default().to_owned());
    match server.edge.action.try_code(&visit.knock, &code) {
        Ok(Some(session)) => {
            let_in(server, visit, session).header(header::SET_COOKIE, &forgotten())
        }
        Ok(None) => {
            let main = html! {
                p { (words.code_wrong_about) }
                (code_form(visit))
                p { a href="/me/in" { (words.ask_again) } }
            };
            layout::plain(visit, &words.code_wrong, &main).with(StatusCode::UNAUTHORIZED)
        }
        Err(_) => layout::wrong(server, visit).with(StatusCode::SERVICE_UNAVAILABLE),
    }
}

/// Takes the cookie of a knock back.
fn forgotten() -> String {
    format!("{KNOCK}=; Path=/; Max-Age=0; Secure; HttpOnly; SameSite=Strict")
}

/// The button behind the link of a notice.
pub(crate) fn not_me(_: &Server, visit: &Visit) -> Answer {
    let words = visit.words;
    let about = fill(&words.not_me_about, "controller", &visit.notice.controller);
    let main = html! {
        p { (about) }
        form method="post" action="/me/not-me" {
            input type="hidden" name="ticket" value=(visit.parameter("ticket").unwrap_or_default());
            button { (words.not_me_button) }
        }
    };
    layout::plain(visit, &words.not_me, &main)
}

/// Ends every visit, link and code of the person.
pub(crate) fn shut(server: &Server, visit: &Visit) -> Answer {
    let words = visit.words;
    match shut_by(server, visit) {
        Ok(count) => {
            let about = fill(&words.not_me_done_about, "count", &count.to_string());
            let about = fill(&about, "contact", &visit.notice.contact);
            layout::plain(visit, &words.not_me_done, &html! { p role="status" { (about) } })
        }
        Err(NoEntry::Closed) => ended(server, visit),
        Err(NoEntry::Store(_)) => {
            layout::wrong(server, visit).with(StatusCode::SERVICE_UNAVAILABLE)
        }
    }
}

fn shut_by(server: &Server, visit: &Visit) -> Result<usize, NoEntry> {
    let ticket = Sensitive::new(visit.field("ticket").unwrap_or_default().to_owned());
    let ticket = server.edge.gate.read_ticket(&ticket)?;
    if ticket.good_for() != TicketFor::NotMe {
        return Err(NoEntry::Closed);
    }
    let person = server.edge.people.locate(ticket.record().into());
    server.edge.gate.shut(&ticket, person.map_err(|_| NoEntry::Closed)?)
}
