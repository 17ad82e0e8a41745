//! Coming in and going out.

use super::contract::obey_gpc;
use super::visit::{LANGUAGE, SESSION, Visit};
use super::words::fill;
use super::{ask, layout};
use crate::answer::Answer;
use crate::edge::Server;
use crate::problem::{Problem, unavailable};
use axum::http::{StatusCode, header};
use gate::{Language, NoEntry, SESSION_MS, Subject};
use maud::html;
use model::Sensitive;

/// The button behind a link. It may be looked at as often as anybody likes: scanners of mail do.
pub(crate) fn show(server: &Server, visit: &Visit) -> Answer {
    let (words, notice) = (visit.words, &visit.notice);
    let Some(link) = visit.parameter("link").filter(|link| !link.is_empty()) else {
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
            input type="hidden" name="link" value=(link);
            button { (words.in_button) }
        }
    };
    layout::plain(visit, &words.in_title, &main)
}

/// Spends a link for a session.
pub(crate) fn enter(server: &Server, visit: &Visit) -> Answer {
    let link = Sensitive::new(visit.field("link").unwrap_or_default().to_owned());
    match server.edge.gate.enter(&link) {
        Ok(session) => let_in(server, visit, session),
        Err(NoEntry::Closed) => closed(server, visit),
        Err(NoEntry::Store(_)) => {
            layout::wrong(server, visit).with(StatusCode::SERVICE_UNAVAILABLE)
        }
    }
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

/// The link or the session has ended, or never was.
pub(crate) fn closed(server: &Server, visit: &Visit) -> Answer {
    let words = visit.words;
    let about = fill(&words.ended_about, "contact", &visit.notice.contact);
    let main = html! {
        p { (about) }
        @if server.edge.action.mails() { p { a href="/me/in" { (words.ask_again) } } }
    };
    let page = layout::plain(visit, &words.ended, &main);
    gone(page.with(StatusCode::UNAUTHORIZED))
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
