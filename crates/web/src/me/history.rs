//! What was said so far, and its receipts.

use super::contract::title;
use super::data::permit;
use super::layout::{time, token};
use super::visit::Visit;
use super::words::Words;
use crate::answer::Answer;
use crate::contract::receipt_of;
use crate::edge::Server;
use crate::problem::{Code, Problem, unavailable};
use gate::{Method, SignalRow, Subject};
use maud::{Markup, html};
use model::{Bit, Timestamp};

/// What was said so far, newest first.
pub(crate) fn history(
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
        Method::Confirmation => &words.by_confirmation,
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
