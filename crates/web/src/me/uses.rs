//! *Who used it*: every use in plain words, refusals too.

use super::contract::title;
use super::data::permit;
use super::history::proof;
use super::layout::{self, Tab, time};
use super::visit::Visit;
use super::words::fill;
use crate::answer::Answer;
use crate::asked::read_instant;
use crate::edge::{Server, opened};
use crate::problem::{Problem, unavailable};
use crate::shape::instant;
use gate::{CUSTOMER, Outcome, Span, Subject, Used, UsedFor};
use maud::{Markup, html};
use model::Grant;

/// Lines on one page.
const PAGE: usize = 50;

/// Days that are looked through for uses of many people's data.
const DAYS: u64 = 31;

pub(crate) fn show(server: &Server, subject: &Subject, visit: &Visit) -> Result<Answer, Problem> {
    let (gate, words) = (&*server.edge.gate, visit.words);
    let permit = permit(server, subject)?;
    let view = server.edge.people.view().map_err(|error| unavailable("reading", &error))?;
    let opened = opened!(server, permit, &view);
    let before = visit.parameter("before").and_then(read_instant);
    let span = Span { before, limit: PAGE, days: DAYS };
    let log = gate.log_of(&view, &opened.records, opened.contract.ordinal, &span);
    let log = log.map_err(|error| unavailable("reading uses", &error))?;
    let older = log.last().filter(|_| log.len() >= PAGE).map(|used| instant(used.at));
    let only_refused = visit.parameter("only") == Some("refused");
    let shown: Vec<&Used> =
        log.iter().filter(|used| !only_refused || outcome(used) != Outcome::Permitted).collect();
    let main = html! {
        p { (words.uses_intro) }
        p class="filter" {
            a href="/me/uses" aria-current=[(!only_refused).then_some("true")] { (words.uses_all) }
            " "
            a href="/me/uses?only=refused" aria-current=[only_refused.then_some("true")] {
                (words.uses_refused)
            }
        }
        @if shown.is_empty() { p { (words.uses_empty) } } @else {
            div class="wide" role="group" aria-label=(words.nav_uses) tabindex="0" {
                table {
                    thead { tr {
                        th scope="col" { (words.when) } th scope="col" { (words.who) }
                        th scope="col" { (words.purpose) } th scope="col" { (words.answer) }
                        th scope="col" { (words.entry) }
                    } }
                    tbody { @for used in shown { (line(visit, used)) } }
                }
            }
        }
        @if let Some(older) = older {
            p { a href={ "/me/uses?before=" (older) @if only_refused { "&only=refused" } } {
                (words.uses_older)
            } }
        }
    };
    Ok(layout::own(visit, subject, Tab::Uses, &main))
}

const fn outcome(used: &Used) -> Outcome {
    match &used.of {
        UsedFor::Own(row) => row.outcome,
        UsedFor::Among(row) => row.outcome,
    }
}

fn line(visit: &Visit, used: &Used) -> Markup {
    let words = visit.words;
    let (service, kind, purpose, about) = match &used.of {
        UsedFor::Own(row) => {
            (&row.service, row.kind, row.purpose, words.categories(row.categories))
        }
        UsedFor::Among(row) => {
            let people = fill(&words.among, "people", &row.people.to_string());
            (&row.service, row.kind, row.purpose, people)
        }
    };
    let service = if service == CUSTOMER { &words.you } else { service };
    let permitted = outcome(used) == Outcome::Permitted;
    html! {
        tr {
            td { (time(used.at)) }
            td { strong { bdi { (service) } } " " (words.kind(kind)) }
            td { (title(visit, &Grant::whole(purpose))) @if !about.is_empty() { br; small { (about) } } }
            td class=(if permitted { "" } else { "refused" }) {
                (if permitted { &words.permitted } else { &words.not_permitted })
            }
            td { (proof(used.entry())) }
        }
    }
}
