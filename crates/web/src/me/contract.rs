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
use gate::{Basis, Gate, Method, Offer, Party, Signal, SignalRow, Subject};
use maud::{Markup, html};
use model::{Bit, Grant, Mask, Purpose, Scope, Timestamp};

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
}

/// Purposes that are no use of anybody's data, or one's own right.
const fn is_silent(purpose: Purpose) -> bool {
    matches!(purpose, Purpose::SubjectAccess | Purpose::Operations)
}

/// What a customer can refuse.
pub(crate) fn refusable(gate: &Gate, grant: &Grant) -> bool {
    !is_silent(grant.purpose) && gate.policy().rule(grant.purpose).basis != Basis::Necessary
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
    mask: Mask,
    said: &[(Timestamp, SignalRow)],
) -> Vec<Switch<'a>> {
    let place = |grant: &Grant| visit.notice.offers.iter().position(|offer| offer.grant == *grant);
    let mut all: Vec<Switch<'a>> = gate
        .grants()
        .iter()
        .filter(|(_, grant)| !is_silent(grant.purpose))
        .map(|(bit, grant)| Switch {
            bit: *bit,
            grant,
            offer: place(grant).and_then(|place| visit.notice.offers.get(place)),
            basis: gate.policy().rule(grant.purpose).basis,
            allowed: mask.allows(*bit),
            said: said.iter().any(|(_, row)| {
                row.bit == *bit || gate.grants().whole(grant.purpose) == Some(row.bit)
            }),
        })
        .collect();
    all.sort_by_key(|switch| (place(switch.grant).unwrap_or(usize::MAX), switch.bit));
    all
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
        @for switch in switches(gate, visit, opened.contract.mask, &said) {
            (card(visit, gate, &switch, &choice(visit, subject, &switch)))
        }
        @if visit.parameter("mailed").is_some() {
            p class="done" role="status" { (words.receipt_mailed) }
        }
        (history(server, subject, visit, &said))
        p class="fine" { (words.notice) " " (visit.notice.version) " · " code { (visit.notice.hash) } }
    };
    Ok(layout::own(visit, subject, Tab::Contract, &main))
}

fn gpc(visit: &Visit, subject: &Subject, gate: &Gate, opened: &Opened) -> Markup {
    let refused = GPC_REFUSES.iter().all(|purpose| {
        gate.grants().whole(*purpose).is_none_or(|bit| !opened.contract.mask.allows(bit))
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
    let categories = words.categories(gate.policy().rule(switch.grant.purpose).categories);
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
pub(crate) fn agreed(visit: &Visit, gate: &Gate, mask: Mask, party: &Party) -> Markup {
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
        @for switch in switches(gate, visit, mask, &[]) {
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
        (Basis::LegitimateInterest, false, true) => &words.unsaid_on,
        (_, _, true) => &words.allowed,
        (_, true, false) => &words.refused,
        (_, false, false) => &words.unsaid_off,
    }
}

fn basis(words: &Words, basis: Basis) -> &str {
    match basis {
        Basis::Consent => &words.rests_consent,
        Basis::LegitimateInterest => &words.rests_interest,
        Basis::Necessary => &words.rests_need,
    }
}

fn history(
    server: &Server,
    subject: &Subject,
    visit: &Visit,
    said: &[(Timestamp, SignalRow)],
) -> Markup {
    let (words, gate) = (visit.words, &server.edge.gate);
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
                                        @if server.edge.action.mails() {
                                            (mail_receipt(visit, subject, row.entry))
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

fn mail_receipt(visit: &Visit, subject: &Subject, entry: u64) -> Markup {
    let words = visit.words;
    html! {
        form method="post" action="/me/receipt/mail" {
            (token(subject.form_token()))
            button class="quiet" name="entry" value=(entry)
                aria-label={ (words.mail_receipt) " (" (entry) ")" } { (words.mail_receipt) }
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
        Method::OneClick => &words.by_one_click,
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

/// Has the receipt of one thing that was said mailed to the address that is held. Whose entry it is, is
/// looked at when the letter is written.
pub(crate) fn mail(server: &Server, subject: &Subject, visit: &Visit) -> Result<Answer, Problem> {
    let entry = visit.field("entry").and_then(|entry| entry.parse().ok());
    let entry = entry.ok_or_else(|| Problem::new(Code::BadBody, "no entry"))?;
    let mailed = server.edge.action.mail_receipt(subject.record(), entry, visit.language);
    mailed.map_err(|error| unavailable("mailing a receipt", &error))?;
    Ok(Answer::see("/me?mailed=1"))
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
    speak(server, subject, &said, Method::PreferenceCentre)?;
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
    speak(server, subject, &bits.map(|bit| (bit, false)).collect::<Vec<_>>(), Method::Gpc)
}

fn speak(
    server: &Server,
    subject: &Subject,
    said: &[(Bit, bool)],
    method: Method,
) -> Result<(), Problem> {
    let at = server.edge.gate.now();
    let signal = |(bit, allowed): &(Bit, bool)| Signal {
        bit: *bit,
        allowed: *allowed,
        at,
        signed_in: true,
        direct: true,
    };
    let signals: Vec<Signal> = said.iter().map(signal).collect();
    Ok(server.edge.people.say_own(subject, &signals, method, server.edge.notice.hash)?)
}
