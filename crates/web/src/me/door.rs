//! Coming in and going out.

use super::contract::obey_gpc;
use super::visit::{LANGUAGE, SESSION, Visit};
use super::words::fill;
use super::{ask, layout, message};
use crate::answer::Answer;
use crate::edge::Server;
use crate::problem::{Problem, unavailable};
use axum::http::{StatusCode, header};
use gate::{Language, Named, NoEntry, SESSION_MS, Subject};
use maud::html;
use model::{RecordId, RecordKind, Sensitive};

/// The button behind a link. It may be looked at as often as anybody likes: scanners of mail do.
pub(crate) fn show(server: &Server, visit: &Visit) -> Answer {
    let (words, notice) = (visit.words, &visit.notice);
    let given = |name: &str| visit.parameter(name).filter(|given| !given.is_empty());
    if let Some(ticket) = given("message") {
        return message::button(visit, ticket);
    }
    let way = given("token").map(|token| ("token", token));
    let Some((name, secret)) = given("link").map(|link| ("link", link)).or(way) else {
        if visit.parameter("sent").is_some() && server.edge.action.mails() {
            return ask::sent(visit);
        }
        if let Some(form) = ask::form(server, visit) {
            return layout::plain(visit, &words.brand, &form);
        }
        let text = fill(&words.in_none, "controller", &notice.controller);
        let text = fill(&text, "contact", &notice.contact);
        return layout::plain(visit, &words.brand, &html! { p { (text) } });
    };
    let about = fill(&words.in_about, "controller", &notice.controller);
    let main = html! {
        p { (about) }
        form method="post" action="/me/in" {
            input type="hidden" name=(name) value=(secret);
            button { (words.in_button) }
        }
    };
    layout::plain(visit, &words.in_title, &main)
}

/// Spends a link, or a brand's word, for a session; a message's ticket opens the contract only.
pub(crate) fn enter(server: &Server, visit: &Visit) -> Answer {
    if visit.field("message").is_some() {
        return message::enter(server, visit);
    }
    let given = |name: &str| Sensitive::new(visit.field(name).unwrap_or_default().to_owned());
    let entered = if visit.field("token").is_some() {
        let edge = &server.edge;
        edge.gate.enter_by_brand(&edge.brands, &given("token"), &|named| named_by(server, named))
    } else {
        server.edge.gate.enter(&given("link"))
    };
    match entered {
        Ok(session) => let_in(server, visit, session),
        Err(NoEntry::Closed) => closed(server, visit),
        Err(NoEntry::Store(_)) => {
            layout::wrong(server, visit).with(StatusCode::SERVICE_UNAVAILABLE)
        }
    }
}

/// The record that a brand's word means, if there is one.
#[expect(clippy::disallowed_methods, reason = "becomes a pseudonym at once")]
fn named_by(server: &Server, named: &Named) -> Option<RecordId> {
    let people = &server.edge.people;
    let record = match named {
        Named::Person(person) => RecordId::from(*person),
        Named::User { source, user } => {
            let source = server.edge.intake.sources().get(source)?;
            people.vault().record_id(&source.slug, RecordKind::User, user.reveal())
        }
    };
    people.locate(record.into()).ok().map(|_| record)
}

/// Gives a session to the browser.
#[expect(clippy::disallowed_methods, reason = "into the cookie of whoever came in")]
pub(crate) fn let_in(server: &Server, visit: &Visit, session: Sensitive<String>) -> Answer {
    if let Ok(subject) = server.edge.gate.subject(&session)
        && obey_gpc(server, &subject, visit).is_err()
    {
        // What the browser asks for could not be recorded: nobody comes in as if it were.
        return layout::wrong(server, visit).with(StatusCode::SERVICE_UNAVAILABLE);
    }
    let (session, age) = (session.into_revealed(), SESSION_MS / 1_000);
    let cookie =
        format!("{SESSION}={session}; Path=/; Max-Age={age}; Secure; HttpOnly; SameSite=Strict");
    Answer::see("/me").header(header::SET_COOKIE, &cookie)
}

/// Ends the session.
pub(crate) fn leave(server: &Server, subject: &Subject, _: &Visit) -> Result<Answer, Problem> {
    let left = server.edge.gate.leave(subject);
    left.map_err(|error| unavailable("ending a session", &error))?;
    Ok(gone(Answer::see("/me/in")))
}

/// The same, with the cookie taken back.
pub(crate) fn gone(answer: Answer) -> Answer {
    let cookie = format!("{SESSION}=; Path=/; Max-Age=0; Secure; HttpOnly; SameSite=Strict");
    answer.header(header::SET_COOKIE, &cookie)
}

/// The session has ended, or never was.
pub(crate) fn closed(server: &Server, visit: &Visit) -> Answer {
    gone(ended(server, visit))
}

/// The link or the ticket has ended, or never was. Who is there otherwise stays.
pub(crate) fn ended(server: &Server, visit: &Visit) -> Answer {
    let words = visit.words;
    let about = fill(&words.ended_about, "contact", &visit.notice.contact);
    let main = html! {
        p { (about) }
        @if server.edge.action.mails() { p { a href="/me/in" { (words.ask_again) } } }
    };
    layout::plain(visit, &words.ended, &main).with(StatusCode::UNAUTHORIZED)
}

/// Keeps a language.
pub(crate) fn language(_: &Server, visit: &Visit) -> Answer {
    let chosen = visit.field("language").and_then(Language::of_tag).unwrap_or_default();
    let cookie = format!(
        "{LANGUAGE}={}; Path=/me; Max-Age=31536000; Secure; HttpOnly; SameSite=Lax",
        chosen.tag()
    );
    // Back to where the form was, if that is a page of ours.
    let back = visit.field("back").filter(|back| *back == "/me" || back.starts_with("/me/"));
    Answer::see(back.unwrap_or("/me")).header(header::SET_COOKIE, &cookie)
}

/// The day since which GPC is obeyed.
const GPC: &str = r#"{"gpc":true,"lastUpdate":"2026-11-30"}"#;

pub(crate) fn gpc(_: &Server, _: &Visit) -> Answer {
    Answer::text("application/json", GPC).brief()
}
