//! *Your contract*: each purpose in plain words with its switch, and what was said so far.

use super::data::permit;
use super::history::history;
use super::layout::{self, Tab, token};
use super::visit::Visit;
use super::words::{Words, fill};
use crate::answer::Answer;
use crate::edge::{Opened, Server, opened};
use crate::limits::SIGNALS_MAX;
use crate::problem::{Code, Problem, unavailable};
use crate::shape::instant;
use action::ActionError;
use gate::{
    Basis, Contract, Gate, Manner, Method, Offer, Party, Signal, SignalRow, Standing, Subject,
};
use maud::{Markup, html};
use model::{Bit, Grant, Purpose, Scope, Timestamp};

/// What GPC refuses (W3C GPC §3; California §7025): sale, sharing, advertising across contexts.
const GPC_REFUSES: [Purpose; 2] = [Purpose::ThirdPartySharing, Purpose::CrossContextAdvertising];

/// What a switch shows.
struct Switch<'a> {
    bit: Bit,
    grant: &'a Grant,
    offer: Option<&'a Offer>,
    basis: Basis,
    allowed: bool,
    /// Whether the customer has said anything about it.
    said: bool,
    /// What is to be known of it besides.
    note: Option<String>,
}

/// Purposes that are no use of anybody's data, or one's own right.
const fn is_silent(purpose: Purpose) -> bool {
    matches!(purpose, Purpose::SubjectAccess | Purpose::Operations)
}

/// What a customer can refuse.
pub(crate) fn refusable(gate: &Gate, grant: &Grant) -> bool {
    !is_silent(grant.purpose) && gate.policy().is_chosen(grant)
}

/// Everything that a customer can refuse.
pub(crate) fn all_refusable(gate: &Gate) -> Vec<Bit> {
    let all = gate.grants().iter().filter(|(_, grant)| refusable(gate, grant));
    all.map(|(bit, _)| *bit).collect()
}

/// In the order of the notice; what it does not mention comes last, by its name.
fn switches<'a>(
    gate: &'a Gate,
    visit: &'a Visit,
    contract: &Contract,
    said: &[(Timestamp, SignalRow)],
) -> Vec<Switch<'a>> {
    let place = |grant: &Grant| visit.notice.offers.iter().position(|offer| offer.grant == *grant);
    let mut all: Vec<Switch<'a>> = gate
        .grants()
        .iter()
        .filter(|(_, grant)| !is_silent(grant.purpose))
        .map(|(bit, grant)| {
            let concerns = |row: &SignalRow| {
                row.bit == *bit || gate.grants().whole(grant.purpose) == Some(row.bit)
            };
            let last = said.iter().find(|(_, row)| concerns(row)).map(|(_, row)| row);
            Switch {
                bit: *bit,
                grant,
                offer: place(grant).and_then(|place| visit.notice.offers.get(place)),
                basis: gate.terms(contract, grant).basis,
                allowed: contract.allowed.at(*bit, gate.now()),
                said: last.is_some(),
                note: note(gate, visit.words, contract, (*bit, grant), last),
            }
        })
        .collect();
    all.sort_by_key(|switch| (place(switch.grant).unwrap_or(usize::MAX), switch.bit));
    all
}

/// Why a yes is not enough, or when what is allowed ends by itself.
fn note(
    gate: &Gate,
    words: &Words,
    contract: &Contract,
    (bit, grant): (Bit, &Grant),
    last: Option<&SignalRow>,
) -> Option<String> {
    let (now, terms) = (gate.now(), gate.terms(contract, grant));
    if contract.allowed.at(bit, now) {
        let until = instant(contract.allowed.until(bit, now)?);
        return Some(fill(&words.ends_on, "day", until.get(..10).unwrap_or(&until)));
    }
    let last = last.filter(|last| last.allowed)?;
    let waits = terms.double_opt_in && last.standing < Standing::Confirmed;
    if waits {
        return Some(words.unconfirmed.clone());
    }
    (contract.minor && !terms.minors.is_empty()).then(|| words.too_young.clone())
}

pub(crate) fn show(server: &Server, subject: &Subject, visit: &Visit) -> Result<Answer, Problem> {
    let (gate, words) = (&*server.edge.gate, visit.words);
    let permit = permit(server, subject)?;
    let view = server.edge.people.view().map_err(|error| unavailable("reading", &error))?;
    let opened = opened!(server, permit, &view);
    let rows = gate.signals_of(&view, &opened.records, SIGNALS_MAX);
    let mut said = rows.map_err(|error| unavailable("reading signals", &error))?;
    said.reverse();
    let intro = fill(&words.contract_intro, "controller", &visit.notice.controller);
    let main = html! {
        @if visit.parameter("saved").is_some() { p class="done" role="status" { (words.saved) } }
        p { (intro) }
        (gpc(visit, subject, gate, &opened))
        form method="post" action="/me/contract" {
            (token(subject.form_token()))
            button name="refuse" value="all" class="quiet" { (words.refuse_all) }
        }
        @for switch in switches(gate, visit, &opened.contract, &said) {
            (card(visit, gate, &switch, &choice(visit, subject, &switch)))
        }
        @if visit.parameter("mailed").is_some() {
            p class="done" role="status" { (words.receipt_mailed) }
        }
        (history(server, subject, visit, &said))
        p class="fine" { (words.notice) " " (visit.notice.version) " · "
            a href=(format!("/api/notices/{}", visit.notice.hash)) { code { (visit.notice.hash) } } }
    };
    Ok(layout::own(visit, subject, Tab::Contract, &main))
}

fn gpc(visit: &Visit, subject: &Subject, gate: &Gate, opened: &Opened) -> Markup {
    let refused = GPC_REFUSES.iter().all(|purpose| {
        gate.grants().whole(*purpose).is_none_or(|bit| !opened.contract.allowed.at(bit, gate.now()))
    });
    html! {
        @if visit.gpc {
            div class="done" {
                @if refused { p { (visit.words.gpc_honoured) } } @else {
                    p { (visit.words.gpc_asks) }
                    form method="post" action="/me/gpc" {
                        (token(subject.form_token()))
                        button { (visit.words.gpc_signal) }
                    }
                }
            }
        }
    }
}

fn card(visit: &Visit, gate: &Gate, switch: &Switch<'_>, choice: &Markup) -> Markup {
    let words = visit.words;
    let text = switch.offer.and_then(|offer| offer.text(visit.language));
    let title = title(visit, switch.grant);
    let id = format!("grant-{}", switch.bit.0);
    let categories = words.categories(gate.policy().categories(switch.grant.purpose));
    let mut recipients: Vec<&str> =
        switch.offer.into_iter().flat_map(|offer| &offer.recipients).map(String::as_str).collect();
    if let Scope::Recipient(recipient) = &switch.grant.scope {
        recipients.push(recipient);
    }
    let recipients = if recipients.is_empty() {
        words.nobody_else.clone()
    } else {
        recipients.join(&words.comma)
    };
    let kept = switch.offer.and_then(|offer| offer.retention_days).map_or_else(
        || words.until_withdrawn.clone(),
        |days| fill(&words.days, "days", &days.to_string()),
    );
    let mut lines: Vec<(&str, &str)> =
        vec![(&words.what_data, &categories), (&words.with_whom, &recipients)];
    // What is necessary does not end with a switch, and a notice need not say when.
    if switch.basis != Basis::Necessary || kept != words.until_withdrawn {
        lines.push((&words.how_long, &kept));
    }
    html! {
        section class="card" aria-labelledby=(id) {
            h2 id=(id) { (title) }
            p class=(if switch.allowed { "state on" } else { "state" }) { (state(words, switch)) }
            @if let Some(note) = &switch.note { p class="why" { (note) } }
            @if let Some(text) = text { p { (text.what) } p class="why" { (text.why) } }
            dl {
                @for (term, about) in lines { dt { (term) } dd { (about) } }
                dt { (words.why) } dd { (basis(words, switch.basis)) }
            }
            @if switch.basis != Basis::Necessary { (choice) }
        }
    }
}

/// The buttons of a customer who is there.
fn choice(visit: &Visit, subject: &Subject, switch: &Switch<'_>) -> Markup {
    let (words, id) = (visit.words, format!("grant-{}", switch.bit.0));
    html! {
        form method="post" action="/me/contract" {
            (token(subject.form_token()))
            input type="hidden" name="grant" value=(switch.grant);
            button name="allowed" value="yes" aria-describedby=(id)
                disabled[switch.allowed] { (words.allow) }
            button name="allowed" value="no" aria-describedby=(id)
                disabled[!switch.allowed && switch.said] { (words.refuse) }
        }
    }
}

/// The cards of a contract for somebody who may only refuse. What was said so far is not for them.
pub(crate) fn agreed(visit: &Visit, gate: &Gate, contract: &Contract, party: &Party) -> Markup {
    let id = |switch: &Switch<'_>| format!("grant-{}", switch.bit.0);
    let choice = |switch: &Switch<'_>| {
        html! {
            form method="post" action="/me/agreed" {
                (token(party.form_token()))
                input type="hidden" name="grant" value=(switch.grant);
                button aria-describedby=(id(switch)) disabled[!switch.allowed] {
                    (visit.words.refuse)
                }
            }
        }
    };
    html! {
        @for switch in switches(gate, visit, contract, &[]) {
            (card(visit, gate, &switch, &choice(&switch)))
        }
    }
}

/// What a grant is called: by its offer; a channel or recipient without one by that of the purpose as a
/// whole, and its own name.
pub(crate) fn title(visit: &Visit, grant: &Grant) -> String {
    let words = visit.words;
    let offered = |grant: &Grant| {
        let offer = visit.notice.offers.iter().find(|offer| offer.grant == *grant)?;
        offer.text(visit.language).map(|text| text.title.clone())
    };
    let scope = match &grant.scope {
        Scope::Whole => None,
        Scope::Channel(name) | Scope::Recipient(name) => Some(name),
    };
    let whole = || {
        if grant.purpose == Purpose::SubjectAccess {
            words.answering.clone()
        } else if grant.purpose == Purpose::Operations {
            words.operating.clone()
        } else {
            offered(&Grant::whole(grant.purpose)).unwrap_or_else(|| grant.purpose.to_string())
        }
    };
    offered(grant)
        .unwrap_or_else(|| scope.map_or_else(&whole, |scope| format!("{}: {scope}", whole())))
}

fn state<'a>(words: &'a Words, switch: &Switch<'_>) -> &'a str {
    match (switch.basis, switch.said, switch.allowed) {
        (Basis::Necessary, ..) => &words.always,
        (Basis::LegitimateInterest | Basis::OptOut, false, true) => &words.unsaid_on,
        (_, _, true) => &words.allowed,
        (_, true, false) => &words.refused,
        (_, false, false) => &words.unsaid_off,
    }
}

fn basis(words: &Words, basis: Basis) -> &str {
    match basis {
        Basis::Consent => &words.rests_consent,
        Basis::LegitimateInterest => &words.rests_interest,
        Basis::OptOut => &words.rests_opt_out,
        Basis::Necessary => &words.rests_need,
    }
}

/// Takes what a switch says, or a refusal of everything that can be refused.
pub(crate) fn say(server: &Server, subject: &Subject, visit: &Visit) -> Result<Answer, Problem> {
    let gate = &server.edge.gate;
    let mut said: Vec<(Bit, bool)> = Vec::new();
    let mut place = String::new();
    if visit.field("refuse") == Some("all") {
        said.extend(all_refusable(gate).into_iter().map(|bit| (bit, false)));
    } else {
        let unknown = || Problem::new(Code::UnknownGrant, "no such switch");
        let grant: Grant =
            visit.field("grant").and_then(|grant| grant.parse().ok()).ok_or_else(unknown)?;
        let bit =
            gate.grants().bit(&grant).filter(|_| refusable(gate, &grant)).ok_or_else(unknown)?;
        let allowed = match visit.field("allowed") {
            Some("yes") => true,
            Some("no") => false,
            _ => return Err(Problem::new(Code::BadBody, "neither yes nor no")),
        };
        said.push((bit, allowed));
        place = format!("#grant-{}", bit.0);
    }
    speak(server, subject, visit, &said, Method::PreferenceCentre)?;
    ask_whether_meant(server, subject, visit, &said)?;
    if visit.field("back") == Some(Tab::Messages.path()) {
        return Ok(Answer::see("/me/messages?saved=1"));
    }
    Ok(Answer::see(&format!("/me?saved=1{place}")))
}

/// Takes the browser's GPC for the customer's own word.
pub(crate) fn say_gpc(
    server: &Server,
    subject: &Subject,
    visit: &Visit,
) -> Result<Answer, Problem> {
    obey_gpc(server, subject, visit)?;
    Ok(Answer::see("/me?saved=1"))
}

/// Refuses what the browser's GPC refuses, if it was sent. Coming in is a deed of the customer's, so it
/// is done then; looking at a page changes nothing.
pub(crate) fn obey_gpc(server: &Server, subject: &Subject, visit: &Visit) -> Result<(), Problem> {
    if !visit.gpc {
        return Ok(());
    }
    let bits = GPC_REFUSES.iter().filter_map(|of| server.edge.gate.grants().whole(*of));
    let noes: Vec<_> = bits.map(|bit| (bit, false)).collect();
    speak(server, subject, visit, &noes, Method::Gpc)
}

pub(crate) fn speak(
    server: &Server,
    subject: &Subject,
    visit: &Visit,
    said: &[(Bit, bool)],
    method: Method,
) -> Result<(), Problem> {
    let at = server.edge.gate.now();
    let signal = |(bit, allowed): &(Bit, bool)| Signal::here(*bit, *allowed, at);
    let signals: Vec<Signal> = said.iter().map(signal).collect();
    Ok(server.edge.people.say_own(subject, &signals, manner(visit, method))?)
}

/// Mails the question whether a yes was meant, where the law of the customer's place wants that.
fn ask_whether_meant(
    server: &Server,
    subject: &Subject,
    visit: &Visit,
    said: &[(Bit, bool)],
) -> Result<(), Problem> {
    let (gate, people) = (&server.edge.gate, &server.edge.people);
    let yeses: Vec<Bit> = said.iter().filter(|(_, yes)| *yes).map(|(bit, _)| *bit).collect();
    if yeses.is_empty() || !server.edge.action.mails() {
        return Ok(());
    }
    let person = people.locate(subject.record().into())?;
    let view = people.view().map_err(|error| unavailable("reading", &error))?;
    let contract = gate.contracts(&view, &[person]);
    let contract = contract.map_err(|error| unavailable("reading", &error))?.into_iter().next();
    let Some(contract) = contract.flatten() else { return Ok(()) };
    let asks = |bit: &Bit| {
        // What was said of a purpose counts for its channels, too.
        let purpose = gate.grants().grant(*bit).map(|grant| grant.purpose);
        gate.grants().iter().any(|(_, grant)| {
            Some(grant.purpose) == purpose && gate.terms(&contract.value, grant).double_opt_in
        })
    };
    for bit in yeses.into_iter().filter(asks) {
        match server.edge.action.mail_confirmation(subject.record(), bit, visit.language) {
            // Too many letters wait: the page goes on saying that the yes does not count yet.
            Ok(()) | Err(ActionError::Off) => {}
            Err(error) => return Err(unavailable("asking whether it was meant", &error)),
        }
    }
    Ok(())
}

/// In the language of the page, under the notice it shows.
pub(crate) fn manner(visit: &Visit, method: Method) -> Manner {
    let (notice, language) = (Some(visit.notice.hash), Some(visit.language));
    Manner { notice, language, ..Manner::by(method) }
}
