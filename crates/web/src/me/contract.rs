//! *Your contract*: each purpose in plain words with its switch, and what was said so far.

use super::data::permit;
use super::layout::{self, Tab, time, token};
use super::visit::Visit;
use super::words::{Words, fill};
use crate::answer::Answer;
use crate::edge::{Opened, Server, opened};
use crate::limits::SIGNALS_MAX;
use crate::problem::{Code, Problem, unavailable};
use crate::read::receipt_of;
use crate::shape::instant;
use gate::{Basis, Contract, Gate, Manner, Method, Offer, Signal, SignalRow, Standing, Subject};
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

/// In the order of the notice; what it does not mention comes last, by its name.
fn switches<'a>(
    gate: &'a Gate,
    visit: &'a Visit,
    opened: &Opened,
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
                basis: gate.terms(&opened.contract, grant).basis,
                allowed: opened.contract.allowed.at(*bit, gate.now()),
                said: last.is_some(),
                note: note(gate, visit.words, &opened.contract, (*bit, grant), last),
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
            (token(subject))
            button name="refuse" value="all" class="quiet" { (words.refuse_all) }
        }
        @for switch in switches(gate, visit, &opened, &said) { (card(visit, subject, gate, &switch)) }
        (history(visit, gate, &said))
        p class="fine" { (words.notice) " " (visit.notice.version) " · " code { (visit.notice.hash) } }
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
                        (token(subject))
                        button { (visit.words.gpc_signal) }
                    }
                }
            }
        }
    }
}

fn card(visit: &Visit, subject: &Subject, gate: &Gate, switch: &Switch<'_>) -> Markup {
    let words = visit.words;
    let text = switch.offer.and_then(|offer| offer.text(visit.language));
    let name = switch.grant.to_string();
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
            @if switch.basis != Basis::Necessary {
                form method="post" action="/me/contract" {
                    (token(subject))
                    input type="hidden" name="grant" value=(name);
                    button name="allowed" value="yes" aria-describedby=(id)
                        disabled[switch.allowed] { (words.allow) }
                    button name="allowed" value="no" aria-describedby=(id)
                        disabled[!switch.allowed && switch.said] { (words.refuse) }
                }
            }
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

fn history(visit: &Visit, gate: &Gate, said: &[(Timestamp, SignalRow)]) -> Markup {
    let words = visit.words;
    let of = |bit: Bit| gate.grants().grant(bit).map(|grant| title(visit, grant));
    html! {
        section class="card" aria-labelledby="history" {
            h2 id="history" { (words.history) }
            @if said.is_empty() { p { (words.history_empty) } } @else {
                div class="wide" role="group" aria-labelledby="history" tabindex="0" {
                    table {
                        thead { tr {
                            th scope="col" { (words.when) } th scope="col" { (words.what) }
                            th scope="col" { (words.answer) } th scope="col" { (words.how) }
                            th scope="col" { (words.entry) }
                        } }
                        tbody {
                            @for (at, row) in said {
                                tr {
                                    td { (time(*at)) }
                                    td { (of(row.bit).unwrap_or_default()) }
                                    td { (if row.allowed { &words.said_yes } else { &words.said_no }) }
                                    td { (how(words, row.method)) }
                                    td {
                                        a href=(format!("/me/receipt.json?entry={}", row.entry))
                                            download=(format!("receipt-{}.json", row.entry)) {
                                            (words.receipt) " " (row.entry)
                                        }
                                    }
                                }
                            }
                        }
                    }
                }
            }
        }
    }
}

/// A link to the proof that an entry is in the ledger.
pub(crate) fn proof(entry: u64) -> Markup {
    html! { a href=(format!("/api/ledger/proof/{entry}")) { (entry) } }
}

fn how(words: &Words, method: Method) -> &str {
    match method {
        Method::Event => &words.by_event,
        Method::PreferenceEvent => &words.by_preference_event,
        Method::Gpc => &words.by_gpc,
        Method::Import => &words.by_import,
        Method::Api => &words.by_api,
        Method::PreferenceCentre => &words.by_centre,
    }
}

/// The receipt of one thing that was said.
pub(crate) fn receipt(
    server: &Server,
    subject: &Subject,
    visit: &Visit,
) -> Result<Answer, Problem> {
    let entry = visit.parameter("entry").and_then(|entry| entry.parse().ok());
    let entry = entry.ok_or_else(|| Problem::new(Code::BadParameter, "no entry"))?;
    receipt_of(server, permit(server, subject)?, entry)
}

/// Takes what a switch says, or a refusal of everything that can be refused.
pub(crate) fn say(server: &Server, subject: &Subject, visit: &Visit) -> Result<Answer, Problem> {
    let gate = &server.edge.gate;
    let refusable = |grant: &Grant| !is_silent(grant.purpose) && gate.policy().is_chosen(grant);
    let mut said: Vec<(Bit, bool)> = Vec::new();
    let mut place = String::new();
    if visit.field("refuse") == Some("all") {
        let all = gate.grants().iter().filter(|(_, grant)| refusable(grant));
        said.extend(all.map(|(bit, _)| (*bit, false)));
    } else {
        let unknown = || Problem::new(Code::UnknownGrant, "no such switch");
        let grant: Grant =
            visit.field("grant").and_then(|grant| grant.parse().ok()).ok_or_else(unknown)?;
        let bit = gate.grants().bit(&grant).filter(|_| refusable(&grant)).ok_or_else(unknown)?;
        let allowed = match visit.field("allowed") {
            Some("yes") => true,
            Some("no") => false,
            _ => return Err(Problem::new(Code::BadBody, "neither yes nor no")),
        };
        said.push((bit, allowed));
        place = format!("#grant-{}", bit.0);
    }
    speak(server, subject, visit, &said, Method::PreferenceCentre)?;
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

/// In the language of the page, under the notice it shows.
pub(crate) fn manner(visit: &Visit, method: Method) -> Manner {
    let (notice, language) = (Some(visit.notice.hash), Some(visit.language));
    Manner { notice, language, ..Manner::by(method) }
}
