//! The report: one page that stands by itself. It asks nobody for anything, works without its script,
//! and says at its head that it holds personal data.

mod cost;
mod examples;
mod graphs;
mod html;
mod review;
mod scores;
mod spread;
mod svg;
mod weights;

use self::html::{each, escape, section};
use self::spread::Spread;
use super::engine::Linked;
use super::evaluate::{Judged, alone_where_unknown};
use super::summary::{self, grouped};
use super::table::{Table, Values};
use super::{columns, out};
use anyhow::Result;
use linkage::engine::Settings;
use std::collections::HashMap;
use std::path::Path;

/// What a report is made of.
pub(super) struct Facts<'a> {
    pub(super) table: &'a Table,
    pub(super) linked: &'a Linked,
    pub(super) settings: &'a Settings,
    pub(super) judged: Option<Judged>,
    labels: Option<Vec<u32>>,
    spread: Spread,
}

/// Two kinds of pairs: those of one person, and others, by truth or by what was decided.
struct Sides<'a> {
    facts: &'a Facts<'a>,
}

impl Sides<'_> {
    const fn words(&self) -> (&'static str, &'static str) {
        if self.facts.labels.is_some() {
            ("one person in truth", "two people in truth")
        } else {
            ("joined", "kept apart")
        }
    }
}

impl<'a> Facts<'a> {
    pub(super) fn new(
        table: &'a Table,
        linked: &'a Linked,
        settings: &'a Settings,
        judged: Option<Judged>,
    ) -> Self {
        let truth = table.truth.first().filter(|_| judged.is_some());
        let labels = truth.map(|truth| alone_where_unknown(truth));
        let spread = Spread::of(table, linked, labels.as_ref().unwrap_or(&linked.people));
        Self { table, linked, settings, judged, labels, spread }
    }

    fn truth(&self) -> Option<&[u32]> {
        self.labels.as_deref()
    }

    /// How many pairs are one person in truth.
    fn true_pairs(&self) -> Option<u64> {
        let mut sizes: HashMap<u32, u64> = HashMap::new();
        for label in self.truth()? {
            *sizes.entry(*label).or_default() += 1;
        }
        Some(sizes.into_values().map(|size| size * (size - 1) / 2).sum())
    }

    fn sides(&self) -> Sides<'_> {
        Sides { facts: self }
    }
}

/// Writes a report.
///
/// # Errors
///
/// When the records' files are no longer there, or the disk does not take the page.
pub(super) fn write(path: &Path, facts: &Facts<'_>) -> Result<()> {
    let pairs = examples::choose(facts);
    let groups = graphs::choose(facts);
    let reviewed = review::choose(facts);
    let mut shown: Vec<u32> =
        pairs.iter().chain(&reviewed).flat_map(|pair| [pair.a, pair.b]).collect();
    shown.extend(groups.iter().flat_map(|group| &group.records));
    let values = facts.table.values(&shown)?;
    let sections = [
        about(facts),
        scores::histogram(facts),
        scores::sweep(facts),
        weights::show(facts),
        cost::blocking(facts),
        cost::sizes(facts),
        examples::show(facts, &pairs, &values),
        graphs::show(facts, &groups, &values),
        review::show(facts, &reviewed, &values),
    ];
    out::whole(path, &page(facts, &sections.concat()))
}

/// Where the reader can go.
const PLACES: &[(&str, &str)] = &[
    ("columns", "Columns"),
    ("scores", "Scores"),
    ("thresholds", "Thresholds"),
    ("weights", "Weights"),
    ("blocking", "Blocking"),
    ("sizes", "Sizes"),
    ("examples", "Examples"),
    ("groups", "Groups"),
    ("review", "Review"),
];

fn page(facts: &Facts<'_>, sections: &str) -> String {
    let records = grouped(facts.table.ids.len() as u64);
    let people = summary::people(facts.linked.people_count());
    let links = each(PLACES, |(id, word)| format!("<li><a href=\"#{id}\">{word}</a></li>"));
    let files = facts
        .table
        .parts
        .iter()
        .map(|part| escape(&part.path.file_name().unwrap_or_default().to_string_lossy()));
    let files = files.collect::<Vec<_>>().join(", ");
    format!(
        "<!doctype html>\n<html lang=\"en\"><head><meta charset=\"utf-8\">\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\
         <meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; \
         style-src 'unsafe-inline'; script-src 'unsafe-inline'; img-src data:\">\
         <meta name=\"robots\" content=\"noindex\"><meta name=\"color-scheme\" content=\"light dark\">\
         <title>{records} records are {people} · Bonafide</title><link rel=\"icon\" href=\"data:,\">\
         <style>{}</style></head><body><a class=\"skip\" href=\"#main\">To the content</a>\
         <header><p class=\"brow\">Bonafide · linkage report</p>\
         <h1>{records} records are <em>{people}</em></h1><p class=\"files\">{files}</p>\
         <p class=\"warning\" role=\"note\"><strong>This page holds personal data.</strong> It shows values of \
         records so that people can judge them. Keep it as carefully as the records themselves, share it only \
         with those who may see them, and delete it when the review is done.</p>{}</header>\
         <nav aria-label=\"Sections\"><ul>{links}</ul></nav><main id=\"main\">{sections}</main>\
         <footer><p>Made by Bonafide {}. The page asks nobody for anything; the same files, settings and model give \
         the same page.</p></footer><script>{}</script></body></html>\n",
        include_str!("page.css"),
        tiles(facts),
        env!("CARGO_PKG_VERSION"),
        include_str!("page.js"),
    )
}

/// The figures at the head.
fn tiles(facts: &Facts<'_>) -> String {
    let several = facts.linked.groups();
    let wide: usize = several.iter().map(Vec::len).sum();
    let mut tiles = vec![
        ("people with several records", grouped(several.len() as u64)),
        ("records of theirs", grouped(wide as u64)),
        ("pairs compared", grouped(facts.linked.compared)),
        ("pairs that may be one person", grouped(facts.linked.pairs.len() as u64)),
    ];
    if let Some(households) = &facts.linked.households {
        tiles.push(("households", grouped(super::engine::count(households) as u64)));
    }
    if let Some(judged) = facts.judged {
        tiles.push(("F1 over pairs", format!("{:.4}", judged.pairs.f1)));
        tiles.push(("precision", format!("{:.4}", judged.pairs.precision)));
        tiles.push(("recall", format!("{:.4}", judged.pairs.recall)));
        tiles.push(("B³ F1", format!("{:.4}", judged.b_cubed.f1)));
        if let Some(homes) = judged.households {
            tiles.push(("household F1", format!("{:.4}", homes.f1)));
        }
    }
    let tiles =
        each(tiles, |(word, figure)| format!("<div><dt>{word}</dt><dd>{figure}</dd></div>"));
    format!("<dl class=\"tiles\">{tiles}</dl>")
}

/// What the columns were taken for.
fn about(facts: &Facts<'_>) -> String {
    let parts = each(&facts.table.parts, |part| {
        let fields = each(part.columns.iter().zip(&part.schema.fields), |(name, field)| {
            let word = columns::word_of(*field).unwrap_or_else(|| "not read".to_owned());
            let class = if columns::is_evidence(*field) { "read" } else { "muted" };
            format!("<div><dt>{}</dt><dd class=\"{class}\">{word}</dd></div>", escape(name))
        });
        let name = escape(&part.path.file_name().unwrap_or_default().to_string_lossy());
        format!("<h3>{name}</h3><dl class=\"fields\">{fields}</dl>")
    });
    section(
        "columns",
        "What was read",
        "What each column was taken for; those in grey are not compared. Correct it with \
         <code>--column NAME=FIELD</code> or in the settings.",
        &parts,
    )
}
