//! `link explain`: why two records are one person or not, and what holds a person together.

use super::engine::{Linked, probability};
use super::table::Table;
use super::waterfall::{self, Waterfall, words};
use super::{Problem, Ready, summary, words as wording};
use crate::command::say;
use anyhow::Result;
use linkage::engine::{self, Settings, Side, Tie};
use linkage::model::Scorer;
use std::collections::HashMap;

/// Widest bar, in letters.
const BAR: f32 = 24.0;

/// Explains.
pub(super) fn explain(words: &wording::Explain) -> Result<()> {
    let mut ready = Ready::of(&words.inputs, &words.how, &[], false)?;
    let pair = match (words.ids.as_slice(), &words.person) {
        ([a, b], None) => (record(&ready.table, a)?, Some(record(&ready.table, b)?)),
        ([], Some(id)) => (record(&ready.table, id)?, None),
        _ => {
            let what = "one explains two records, or one person";
            let remedy = "give two ids, or --person and one";
            return Err(Problem::new("nothing_to_explain", what, "the words", remedy).into());
        }
    };
    let linked = ready.link(Side::Within)?;
    match pair {
        (a, Some(b)) => why(&ready.table, &linked, a, b, words.values),
        (a, None) => how(&ready.table, &linked, &ready.settings, a, words.values),
    }
}

fn record(table: &Table, id: &str) -> Result<u32> {
    let found = table.ids.iter().position(|known| **known == *id);
    let record = found.and_then(|place| u32::try_from(place).ok());
    Ok(record.ok_or_else(|| {
        let remedy =
            "give the id as it stands in the id column, or the row's number where there is none";
        Problem::new("no_such_record", "no record has one of these ids", "the words", remedy)
    })?)
}

/// Why two records are one person or not.
fn why(table: &Table, linked: &Linked, a: u32, b: u32, values: bool) -> Result<()> {
    if values {
        say_values(table, &[a, b])?;
    }
    let Some(fall) = waterfall::of(&table.records, &linked.model, a, b) else { return Ok(()) };
    let verdict = if linked.is_one(a, b) { "one person" } else { "two people" };
    for line in drawn(&fall) {
        say::line(&line);
    }
    let likely = probability(fall.sum * std::f32::consts::LN_2);
    say::line(&format!("the pair by itself: {:.2} %; decided: {verdict}", likely * 100.0));
    if (likely >= 0.5) != linked.is_one(a, b) {
        say::line("the other records of the group decided otherwise: see --person");
    }
    Ok(())
}

/// A waterfall, as lines.
pub(super) fn drawn(fall: &Waterfall) -> Vec<String> {
    let most =
        fall.steps.iter().map(|step| step.bits.abs()).fold(fall.start.abs().max(1.0), f32::max);
    let line = |name: &str, level: &str, bits: f32, more: &str| {
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "letters of a bar"
        )]
        let long = (bits.abs() / most * BAR).round() as usize;
        let bar = if bits < 0.0 { "░" } else { "█" }.repeat(long.max(1));
        format!("  {name:<15} {level:<15} {bits:>+7.2}  {bar}{more}")
    };
    let mut lines = vec![line("any such pair", "", fall.start, "")];
    for step in &fall.steps {
        let more = step
            .one_in
            .filter(|one_in| *one_in >= 2.0)
            .map_or_else(String::new, |one_in| format!("  1 in {one_in:.0} has it"));
        lines.push(line(&words(step.comparison), step.level, step.bits, &more));
    }
    lines.push(format!("  {:<15} {:<15} {:>+7.2}  bits", "together", "", fall.sum));
    lines
}

/// The steps by which a person came together: groups, each named by one of its records, that were joined.
fn how(
    table: &Table,
    linked: &Linked,
    settings: &Settings,
    record: u32,
    values: bool,
) -> Result<()> {
    let members: Vec<u32> = (0..)
        .zip(&linked.people)
        .map(|(other, _)| other)
        .filter(|other| linked.is_one(record, *other))
        .collect();
    let name = linked.named.get(record as usize).copied().unwrap_or(record);
    say::line(&format!(
        "person {}: {} records",
        table.id(name),
        summary::grouped(members.len() as u64)
    ));
    if values {
        say_values(table, &members)?;
    }
    let scorer = Scorer::new(&linked.model);
    let steps =
        engine::how(&table.records, &scorer, settings, &members, &linked.pairs, &linked.asserted);
    let ids: HashMap<u128, u32> = members
        .iter()
        .filter_map(|member| Some((*table.records.keys.get(*member as usize)?, *member)))
        .collect();
    let id = |key: u128| ids.get(&key).map_or("", |member| table.id(*member));
    for step in steps {
        let tie = match step.tie {
            Tie::Identical => "identical".to_owned(),
            Tie::Asserted => "asserted".to_owned(),
            Tie::Mean(weight) => format!("{:.2} %", probability(weight) * 100.0),
        };
        say::line(&format!("  {} + {}  {tie}", id(step.a), id(step.b)));
    }
    let outside = linked
        .pairs
        .iter()
        .find(|pair| linked.is_one(pair.a, record) != linked.is_one(pair.b, record));
    if let Some(pair) = outside {
        let likely = probability(pair.weight) * 100.0;
        say::line(&format!(
            "nearest that was kept apart: {} – {}  {likely:.2} %",
            table.id(pair.a),
            table.id(pair.b)
        ));
    }
    Ok(())
}

fn say_values(table: &Table, records: &[u32]) -> Result<()> {
    for (record, values) in table.values(records)? {
        say::line(table.id(record));
        for (name, value) in values.iter().filter(|(_, value)| !value.is_empty()) {
            let clean: String = value.chars().filter(|letter| !letter.is_control()).collect();
            say::line(&format!("  {name:<20} {clean}"));
        }
    }
    Ok(())
}
