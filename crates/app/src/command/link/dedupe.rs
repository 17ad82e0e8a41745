//! `link dedupe` and `link pair`: tables of who is one person.

use super::engine::{Linked, probability};
use super::out::Sheet;
use super::previous::{self, Names};
use super::report::{self, Facts};
use super::table::Table;
use super::{Problem, Ready, summary, words};
use crate::chance::monotonic;
use anyhow::Result;
use linkage::engine::{Pair, Side};
use std::collections::HashSet;
use std::path::{Path, PathBuf};

/// Links the records of files.
pub(super) fn dedupe(words: &words::Dedupe) -> Result<()> {
    let outs = [&words.out, &words.pairs, &words.ambiguous, &words.report];
    not_over_inputs(&words.inputs, &outs)?;
    let clock = monotonic();
    let mut ready = Ready::of(&words.inputs, &words.how, &[], false)?;
    let read = clock();
    let linked = ready.link(Side::Within)?;
    let took = clock() - read;
    let names = match &words.previous {
        Some(previous) => Some(previous::names(previous, &ready.table, &linked)?),
        None => None,
    };
    if let Some(path) = &words.ambiguous {
        write_ambiguous(path, &ready.table, &linked, names.as_ref())?;
    }
    if let Some(path) = &words.out {
        write_people(path, &ready.table, &linked, names.as_ref())?;
        if let Some(names) = &names {
            let retired = summary::grouped(names.retired as u64);
            crate::command::say::line(&format!("{retired} ids of people are no longer borne"));
        }
    }
    if let Some(path) = &words.pairs {
        write_pairs(path, &ready.table, &linked.pairs)?;
    }
    if let Some(path) = &words.report {
        report::write(path, &Facts::new(&ready.table, &linked, &ready.settings, None))?;
    }
    summary::say_linked(&ready.table, &linked, read, took);
    Ok(())
}

/// Links the records of one file with those of another.
pub(super) fn pair(words: &words::Pair) -> Result<()> {
    let inputs = [words.left.clone(), words.right.clone()];
    not_over_inputs(&inputs, &[&words.out, &words.pairs, &words.report])?;
    let clock = monotonic();
    let mut ready = Ready::of(&inputs, &words.how, &[], true)?;
    let read = clock();
    let left = ready.table.parts.get(1).map_or(0, |part| part.first);
    let linked = ready.link(Side::Across(left))?;
    let took = clock() - read;
    let mut links: Vec<Pair> =
        linked.pairs.iter().filter(|pair| linked.is_one(pair.a, pair.b)).copied().collect();
    if words.one_to_one {
        one_to_one(&mut links);
    }
    if let Some(path) = &words.out {
        write_pairs(path, &ready.table, &links)?;
    }
    if let Some(path) = &words.pairs {
        write_pairs(path, &ready.table, &linked.pairs)?;
    }
    if let Some(path) = &words.report {
        report::write(path, &Facts::new(&ready.table, &linked, &ready.settings, None))?;
    }
    summary::say_linked(&ready.table, &linked, read, took);
    crate::command::say::line(&format!("{} links", summary::grouped(links.len() as u64)));
    Ok(())
}

/// Keeps the best link of each record, best first; `links` are sorted by probability.
fn one_to_one(links: &mut Vec<Pair>) {
    let mut taken = HashSet::new();
    links.retain(|link| {
        let free = !taken.contains(&link.a) && !taken.contains(&link.b);
        if free {
            taken.extend([link.a, link.b]);
        }
        free
    });
}

fn write_people(path: &Path, table: &Table, linked: &Linked, names: Option<&Names>) -> Result<()> {
    let mut sheet = Sheet::new(path, &["id", "person_id", "household_id"], "confidence")?;
    for (record, confidence) in (0_u32..).zip(&linked.confidence) {
        let household = linked.households.as_ref().and_then(|all| all.get(record as usize));
        let household = household.map_or("", |first| table.id(*first));
        let person = person_id(table, linked, names, record);
        sheet.row(&[table.id(record), person, household], f64::from(*confidence))?;
    }
    sheet.finish()
}

/// What a record's person is called.
fn person_id<'a>(
    table: &'a Table,
    linked: &Linked,
    names: Option<&'a Names>,
    record: u32,
) -> &'a str {
    let kept = names.and_then(|names| names.ids.get(record as usize)).map(String::as_str);
    let first_of = || linked.named.get(record as usize).map_or("", |first| table.id(*first));
    kept.unwrap_or_else(first_of)
}

fn write_ambiguous(
    path: &Path,
    table: &Table,
    linked: &Linked,
    names: Option<&Names>,
) -> Result<()> {
    let mut sheet = Sheet::new(path, &["id", "person_id"], "probability")?;
    for record in &linked.ambiguous {
        for (person, weight) in &record.people {
            let person = person_id(table, linked, names, *person);
            sheet.row(&[table.id(record.row), person], f64::from(probability(*weight)))?;
        }
    }
    sheet.finish()
}

fn write_pairs(path: &Path, table: &Table, pairs: &[Pair]) -> Result<()> {
    let mut sheet = Sheet::new(path, &["id_l", "id_r"], "probability")?;
    for pair in pairs {
        sheet.row(&[table.id(pair.a), table.id(pair.b)], f64::from(probability(pair.weight)))?;
    }
    sheet.finish()
}

/// Refuses to write over what is read.
pub(super) fn not_over_inputs(inputs: &[PathBuf], outs: &[&Option<PathBuf>]) -> Result<()> {
    let real = |path: &PathBuf| path.canonicalize().unwrap_or_else(|_| path.clone());
    let inputs: Vec<PathBuf> = inputs.iter().map(real).collect();
    let mut seen = Vec::new();
    for path in outs.iter().copied().flatten() {
        if inputs.contains(&real(path)) {
            let what = "it is read and would be written over";
            return Err(Problem::file("out_is_input", what, path, "choose another name").into());
        }
        if seen.contains(&path) {
            let what = "two results would be written to it";
            return Err(
                Problem::file("out_twice", what, path, "choose another name for one").into()
            );
        }
        seen.push(path);
    }
    Ok(())
}
