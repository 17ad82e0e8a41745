//! *Your data*: what is held, from where, since when, how sure.

use super::correct;
use super::layout::{self, Tab, time};
use super::visit::Visit;
use super::words::fill;
use crate::answer::Answer;
use crate::edge::Server;
use crate::problem::Problem;
use crate::shape::Slugs;
use gate::{Permit, Subject, SubjectAccess};
use maud::{Markup, html};
use model::RecordKind;
use people::{Profile, ProfileValue};

/// A permit to see the customer who is there, and nobody else.
pub(crate) fn permit(server: &Server, subject: &Subject) -> Result<Permit<SubjectAccess>, Problem> {
    let person = server.edge.people.locate(subject.record().into())?;
    Ok(server.edge.gate.ask_own(subject, person)?)
}

pub(crate) fn profile(server: &Server, subject: &Subject) -> Result<Profile, Problem> {
    let trust = |source| server.edge.intake.trust(source);
    Ok(server.edge.people.profile(permit(server, subject)?, &trust)?)
}

pub(crate) fn show(server: &Server, subject: &Subject, visit: &Visit) -> Result<Answer, Problem> {
    let words = visit.words;
    let Profile { mut values, records, .. } = profile(server, subject)?;
    let slugs = Slugs::of(server);
    values.sort_by_key(|said| said.category);
    let intro = fill(&words.data_intro, "controller", &visit.notice.controller);
    let main = html! {
        p { (intro) }
        @if visit.parameter("saved").is_some() { p class="done" role="status" { (words.saved) } }
        @if values.is_empty() { p { (words.data_empty) } }
        @for group in values.chunk_by(|a, b| a.category == b.category) {
            @if let Some(first) = group.first() {
                section class="card" aria-labelledby=(first.category.word()) {
                    h2 id=(first.category.word()) { (words.category(first.category)) }
                    div class="wide" role="group" aria-labelledby=(first.category.word()) tabindex="0" {
                        table {
                            thead { tr {
                                th scope="col" { (words.field) } th scope="col" { (words.value) }
                                th scope="col" { (words.source) } th scope="col" { (words.since) }
                                th scope="col" { (words.sure) }
                            } }
                            tbody {
                                @for said in group {
                                    (line(visit, subject, &slugs, said))
                                }
                            }
                        }
                    }
                }
            }
        }
        (correct::interests(visit, subject, &values))
        section class="card" aria-labelledby="records" {
            h2 id="records" { (words.records) }
            div class="wide" role="group" aria-labelledby="records" tabindex="0" {
                table {
                    thead { tr {
                        th scope="col" { (words.source) } th scope="col" { (words.how) }
                        th scope="col" { (words.since) } th scope="col" { (words.events) }
                    } }
                    tbody {
                        @for record in &records {
                            tr {
                                td { (slugs.slug(record.source)) }
                                td { (match record.kind {
                                    RecordKind::User => &words.record_user,
                                    RecordKind::Anonymous => &words.record_anonymous,
                                    RecordKind::Row => &words.record_row,
                                }) }
                                td { (time(record.first)) }
                                td { (record.events) }
                            }
                        }
                    }
                }
            }
        }
    };
    Ok(layout::own(visit, subject, Tab::Data, &main))
}

/// One value, with where it is from and the form that corrects it.
#[expect(clippy::disallowed_methods, reason = "shown to the customer whose own value it is")]
fn line(visit: &Visit, subject: &Subject, slugs: &Slugs, said: &ProfileValue) -> Markup {
    let words = visit.words;
    let source = if said.own { words.by_centre.clone() } else { slugs.slug(said.source) };
    html! {
        tr {
            th scope="row" { (words.attribute(said.name.reveal())) }
            td {
                bdi { (said.value.reveal()) }
                @if let Some(before) = &said.corrected {
                    br; small { (words.corrected_from) " " bdi { (before.reveal()) } }
                } @else if said.disagreeing > 0 {
                    br; small {
                        (fill(&words.other_values, "count", &said.disagreeing.to_string()))
                    }
                }
                (correct::form(visit, subject, said))
            }
            td { (source) }
            td { (time(said.at)) }
            td { (format!("{:.0} %", said.confidence * 100.0)) }
        }
    }
}
