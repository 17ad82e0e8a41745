//! *Your household*: with whom we think a customer lives, and a word against it. Of others it shows what
//! the customer knows already: `docs/design/households.md` says why.

use super::contract::grant_anchor;
use super::data::permit;
use super::layout::{self, Tab, token};
use super::visit::Visit;
use super::words::{Words, fill};
use crate::answer::Answer;
use crate::edge::Server;
use crate::limits::LOOKS_MAX;
use crate::problem::{Code, Problem, unavailable};
use crate::shape::instant;
use gate::{Refusal, Subject};
use maud::{Markup, html};
use model::{Grant, PersonId, Purpose, Timestamp};
use people::{HomeState, Seen, SeenMember};

const GRANT: Purpose = Purpose::HouseholdLinking;

pub(crate) fn show(server: &Server, subject: &Subject, visit: &Visit) -> Result<Answer, Problem> {
    let words = visit.words;
    let seen = if is_allowed(server, subject)? { Some(look(server, subject)?) } else { None };
    let intro = fill(&words.home_intro, "controller", &visit.notice.controller);
    let main = html! {
        @if visit.parameter("saved").is_some() { p class="done" role="status" { (words.home_never) } }
        p { (intro) }
        @match &seen {
            None => p class="state" { (words.home_off) },
            Some(seen) => (found(visit, subject, seen)),
        }
        section class="card" aria-labelledby="none" {
            h2 id="none" { (words.home_none) }
            p { (words.home_none_about) }
            @if seen.is_some() {
                form method="post" action="/me/contract" {
                    (token(subject.form_token()))
                    input type="hidden" name="grant" value=(GRANT.word());
                    button name="allowed" value="no" { (words.home_none_button) }
                }
            }
            p { a href=(format!("/me{}", grant_anchor(&server.edge.gate, GRANT))) { (words.home_contract) } }
        }
    };
    Ok(layout::own(visit, subject, Tab::Home, &main))
}

/// Whether the customer lets households be recognised at all.
fn is_allowed(server: &Server, subject: &Subject) -> Result<bool, Problem> {
    let people = &server.edge.people;
    let person = people.locate(subject.record().into())?;
    Ok(!people.allowing(&[person], &Grant::whole(GRANT))?.is_empty())
}

/// Asks for oneself and for everybody who is there, and spends the permits together.
fn look(server: &Server, subject: &Subject) -> Result<Seen, Problem> {
    let (gate, people) = (&server.edge.gate, &server.edge.people);
    let trust = |source| server.edge.intake.trust(source);
    for _ in 0..LOOKS_MAX {
        let own = permit(server, subject)?;
        let others = mates(server, own.person())?;
        let asked: Result<Vec<_>, Refusal> =
            others.into_iter().map(|other| gate.ask_housemate(subject, other)).collect();
        let others = match asked {
            Ok(others) => others,
            Err(Refusal::NotGranted(_) | Refusal::UnknownPerson | Refusal::Stale) => continue,
            Err(refusal) => return Err(refusal.into()),
        };
        match people.own_household(own, others, &trust) {
            Ok(seen) => return Ok(seen),
            Err(error) if error.is_conflict() => {}
            Err(error) => return Err(error.into()),
        }
    }
    Err(Problem::new(Code::Conflict, "people keep coming and going there"))
}

fn mates(server: &Server, person: PersonId) -> Result<Vec<PersonId>, Problem> {
    let mut mates = server.edge.people.housemates(person, server.edge.gate.now())?;
    mates.retain(|other| *other != person);
    Ok(mates)
}

fn found(visit: &Visit, subject: &Subject, seen: &Seen) -> Markup {
    let words = visit.words;
    let Seen { state, since, others } = seen;
    let about = match state {
        HomeState::Unknown => Some(&words.home_unknown),
        HomeState::Crowded => Some(&words.home_crowded),
        HomeState::Passing => Some(&words.home_passing),
        HomeState::Known if others.is_empty() => Some(&words.home_nobody),
        HomeState::Known => None,
    };
    html! {
        @if let Some(about) = about { p { (about) } }
        @if let Some(since) = since { p { (fill(&words.home_since, "day", &day(*since))) } }
        @for (nth, other) in others.iter().enumerate() { (card(visit, subject, nth, other)) }
        @if others.len() > 1 {
            form method="post" action="/me/household/apart" {
                (token(subject.form_token()))
                button name="member" value="all" class="quiet" { (words.home_alone) }
            }
        }
    }
}

#[expect(clippy::disallowed_methods, reason = "a letter that the viewer knows")]
fn card(visit: &Visit, subject: &Subject, nth: usize, other: &SeenMember) -> Markup {
    let words = visit.words;
    let id = format!("somebody-{nth}");
    let title = other.initial.as_ref().map_or_else(
        || words.home_somebody.clone(),
        |letter| fill(&words.home_initial, "letter", letter.reveal()),
    );
    html! {
        section class="card" aria-labelledby=(id) {
            h2 id=(id) { bdi { (title) } }
            dl {
                dt { (words.why) } dd { (evidence(words, other)) }
                @if let Some(since) = other.since { dt { (words.since) } dd { (day(since)) } }
            }
            form method="post" action="/me/household/apart" {
                (token(subject.form_token()))
                button name="member" value=(other.handle.to_string()) aria-describedby=(id) {
                    (words.home_not_with)
                }
            }
        }
    }
}

/// Why, as far as both know it: a family name that somebody else gives would be news, too.
fn evidence(words: &Words, other: &SeenMember) -> String {
    let known = other.tie.filter(|tie| tie.is_known_to_both());
    let all = known.map_or_else(Vec::new, |tie| {
        vec![
            (tie.phone, &words.home_phone),
            (tie.email, &words.home_email),
            (tie.family, &words.home_family),
            (tie.declared, &words.home_declared),
        ]
    });
    let more = all.into_iter().filter(|(holds, _)| *holds).map(|(_, word)| word.as_str());
    let words_of: Vec<&str> = std::iter::once(words.home_address.as_str()).chain(more).collect();
    words_of.join(&words.comma)
}

fn day(at: Timestamp) -> String {
    let whole = instant(at);
    whole.get(..10).unwrap_or(&whole).to_owned()
}

/// Takes a customer's word that they do not live with one of those shown, or with none of them.
pub(crate) fn deny(server: &Server, subject: &Subject, visit: &Visit) -> Result<Answer, Problem> {
    let people = &server.edge.people;
    let whom = visit.field("member").unwrap_or_default();
    let own = permit(server, subject)?;
    let person = own.person();
    let view = people.view().map_err(|error| unavailable("reading", &error))?;
    server.edge.gate.spend(own, &view)?;
    drop(view);
    let mut denied = mates(server, person)?;
    denied.retain(|other| whom == "all" || whom == people.handle(person, *other).to_string());
    for other in denied {
        people.deny_home(subject, other)?;
    }
    Ok(Answer::see("/me/household?saved=1"))
}
