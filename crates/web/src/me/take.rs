//! *Take it or leave it*: everything as a file, or erased.

use super::data::{permit, profile};
use super::door::gone;
use super::history;
use super::layout::{self, Tab, time, token};
use super::visit::Visit;
use super::words::fill;
use crate::answer::{Answer, json_bytes};
use crate::edge::Server;
use crate::limits::ERASURES_MAX;
use crate::problem::{Code, Problem};
use crate::receipt;
use crate::shape::{self, ProfileBody, Slugs, TimelineBody, instant};
use axum::http::header;
use gate::Subject;
use maud::html;
use people::limits::TIMELINE_PAGE_MAX;
use serde::Serialize;

/// Pages of events in one file; what is older is told in the file.
const PAGES_MAX: usize = 200;

#[expect(clippy::unnecessary_wraps, reason = "a page like the others")]
pub(crate) fn show(_: &Server, subject: &Subject, visit: &Visit) -> Result<Answer, Problem> {
    let words = visit.words;
    let main = html! {
        p { (words.take_intro) }
        section class="card" aria-labelledby="download" {
            h2 id="download" { (words.download) }
            ul {
                li { a href="/me/data.json" download="my-data.json" { (words.download_json) } }
                li { a href="/me/data.csv" download="my-data.csv" { (words.download_csv) } }
            }
        }
        (super::rights::buttons(visit, subject))
        section class="card danger" aria-labelledby="erase" {
            h2 id="erase" { (words.erase) }
            p { (words.erase_about) }
            form method="post" action="/me/erase" {
                (token(subject.form_token()))
                label { input type="checkbox" name="sure" value="yes" required; " " (words.erase_sure) }
                button { (words.erase) }
            }
        }
    };
    Ok(layout::own(visit, subject, Tab::Take, &main))
}

/// Everything that is held about a customer.
#[derive(Serialize)]
struct Everything {
    profile: ProfileBody,
    events: Vec<TimelineBody>,
    /// Whether there are older events than these.
    more: bool,
}

pub(crate) fn json(server: &Server, subject: &Subject, _: &Visit) -> Result<Answer, Problem> {
    let slugs = Slugs::of(server);
    let profile = shape::profile(profile(server, subject)?, &slugs);
    let (mut events, mut before, mut more) = (Vec::new(), None, true);
    while more && events.len() < PAGES_MAX {
        let own = permit(server, subject)?;
        let page = server.edge.people.timeline(own, before, TIMELINE_PAGE_MAX)?;
        before = page.before;
        more = before.is_some();
        events.push(shape::timeline(page, &slugs));
    }
    let all = Everything { profile, events, more };
    Ok(Answer::of("application/json", json_bytes(&all))
        .header(header::CONTENT_DISPOSITION, "attachment; filename=\"my-data.json\""))
}

/// The values as a table (RFC 4180). A cell that a spreadsheet would take for a formula is quoted.
#[expect(clippy::disallowed_methods, reason = "given to the customer whose own values they are")]
pub(crate) fn csv(server: &Server, subject: &Subject, _: &Visit) -> Result<Answer, Problem> {
    let profile = profile(server, subject)?;
    let slugs = Slugs::of(server);
    let mut text = "category,name,value,source,since,confidence\r\n".to_owned();
    for said in &profile.values {
        let cells = [
            said.category.word().to_owned(),
            said.name.reveal().clone(),
            said.value.reveal().clone(),
            if said.own { shape::OWN.to_owned() } else { slugs.slug(said.source) },
            instant(said.at),
            format!("{:.3}", said.confidence),
        ];
        text.push_str(&cells.map(|cell| quoted(&cell)).join(","));
        text.push_str("\r\n");
    }
    Ok(Answer::text("text/csv; charset=utf-8", text)
        .header(header::CONTENT_DISPOSITION, "attachment; filename=\"my-data.csv\""))
}

fn quoted(cell: &str) -> String {
    let formula = cell.starts_with(['=', '+', '-', '@', '\t', '\r']);
    format!("\"{}{}\"", if formula { "'" } else { "" }, cell.replace('"', "\"\""))
}

pub(crate) fn erase(server: &Server, subject: &Subject, visit: &Visit) -> Result<Answer, Problem> {
    if visit.field("sure") != Some("yes") {
        return Err(Problem::new(Code::BadBody, "not sure"));
    }
    for _ in 0..ERASURES_MAX {
        match server.edge.people.erase(permit(server, subject)?) {
            Ok(erased) => {
                let words = visit.words;
                let about = fill(&words.erased_about, "rows", &erased.rows.to_string());
                let about = fill(&about, "records", &erased.records.to_string());
                let certificate =
                    receipt::erasure(erased.at, &erased.certificate, &server.edge.notice);
                let certificate = serde_json::to_string_pretty(&certificate).unwrap_or_default();
                let main = html! {
                    p role="status" { (about) }
                    dl {
                        dt { (words.erased_at) } dd { (time(erased.at)) }
                        dt { (words.entry) } dd { (history::proof(erased.entry)) }
                    }
                    h2 { (words.certificate) }
                    p { (words.certificate_about) }
                    pre tabindex="0" { (certificate) }
                };
                return Ok(gone(layout::plain(visit, &words.erased, &main)));
            }
            Err(error) if error.is_conflict() => {}
            Err(error) => return Err(error.into()),
        }
    }
    Err(Problem::new(Code::Conflict, "data keeps arriving: nothing was erased"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cell_is_a_cell_to_a_spreadsheet_too() {
        assert_eq!(quoted("a \"b\", c"), "\"a \"\"b\"\", c\"");
        assert_eq!(quoted("=1+1"), "\"'=1+1\"");
    }
}
