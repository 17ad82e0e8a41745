//! `link evaluate`: how good linking is, where truth is known.

use super::engine::{Linked, candidates_of};
use super::report::{self, Facts};
use super::table::Table;
use super::{Problem, Ready, dedupe, summary, words};
use crate::chance::monotonic;
use crate::command::say;
use anyhow::Result;
use linkage::engine::Side;
use linkage::evaluate::{Quality, b_cubed, blocking_recall, pairwise, wrong_within};

/// How good a run was.
#[derive(Clone, Copy, Debug)]
pub(super) struct Judged {
    /// Records whose truth is known.
    pub(super) records: usize,
    /// Over pairs.
    pub(super) pairs: Quality,
    /// Per record (B³).
    pub(super) b_cubed: Quality,
    /// The share of true pairs that were compared.
    pub(super) blocking: f64,
    /// Over pairs of records of one household, where both sides are known.
    pub(super) households: Option<Quality>,
    /// The share of wrongly joined pairs that are members of one household.
    pub(super) wrong_within: Option<f64>,
}

/// Links files and judges the result.
pub(super) fn evaluate(words: &words::Evaluate) -> Result<()> {
    dedupe::not_over_inputs(&words.inputs, &[&words.report])?;
    let mut truth = vec![words.truth.as_str()];
    truth.extend(words.truth_household.as_deref());
    let clock = monotonic();
    let mut ready = Ready::of(&words.inputs, &words.how, &truth, false)?;
    let read = clock();
    let linked = ready.link(Side::Within)?;
    let took = clock() - read;
    let Some(judged) = Judged::of(&ready.table, &linked) else {
        let what = format!("the column `{}` is empty in every row", words.truth);
        let place = words.inputs.first().cloned().unwrap_or_default();
        return Err(Problem::file("no_truth", what, &place, "name a column that is filled").into());
    };
    summary::say_linked(&ready.table, &linked, read, took);
    judged.say();
    if let Some(path) = &words.report {
        let facts = Facts::new(&ready.table, &linked, &ready.settings, Some(judged));
        report::write(path, &facts)?;
    }
    Ok(())
}

impl Judged {
    /// Judges a linked table by its columns of truth; nothing where no truth is known.
    pub(super) fn of(table: &Table, linked: &Linked) -> Option<Self> {
        let truth = table.truth.first()?;
        let homes = table.truth.get(1);
        let (found, real) = both(&linked.people, truth);
        if real.is_empty() {
            return None;
        }
        let labels = alone_where_unknown(truth);
        let candidates = candidates_of(table, linked, &labels);
        let blocking = blocking_recall(candidates.into_iter(), &labels);
        let households = linked.households.as_ref().zip(homes).map(|(found, homes)| {
            let (found, real) = both(found, homes);
            pairwise(&found, &real)
        });
        let wrong_within = homes.map(|homes| {
            let homes = alone_where_unknown(homes);
            let known = truth.iter().zip(homes).filter(|(truth, _)| truth.is_some());
            let homes: Vec<u32> = known.map(|(_, home)| home).collect();
            wrong_within(&found, &real, &homes)
        });
        let (pairs, b_cubed) = (pairwise(&found, &real), b_cubed(&found, &real));
        Some(Self { records: real.len(), pairs, b_cubed, blocking, households, wrong_within })
    }

    fn say(&self) {
        say::line(&format!("judged by {} records:", summary::grouped(self.records as u64)));
        say::line("               precision   recall       F1");
        let line = |name: &str, quality: Quality| {
            let Quality { precision, recall, f1 } = quality;
            say::line(&format!("  {name:<12} {precision:>9.4} {recall:>8.4} {f1:>8.4}"));
        };
        line("pairs", self.pairs);
        line("B³", self.b_cubed);
        if let Some(households) = self.households {
            line("households", households);
        }
        say::line(&format!("  {:.2} % of true pairs were compared", self.blocking * 100.0));
        if let Some(share) = self.wrong_within {
            say::line(&format!(
                "  {:.1} % of wrongly joined pairs share a household",
                share * 100.0
            ));
        }
    }
}

/// What was found and what is true, of the records whose truth is known.
fn both(found: &[u32], truth: &[Option<u32>]) -> (Vec<u32>, Vec<u32>) {
    found.iter().zip(truth).filter_map(|(found, truth)| Some((*found, (*truth)?))).unzip()
}

/// Labels in which a record whose truth is not known is like no other.
pub(super) fn alone_where_unknown(truth: &[Option<u32>]) -> Vec<u32> {
    let alone = (0..).map(|record: u32| u32::MAX - record);
    truth.iter().zip(alone).map(|(truth, alone)| truth.unwrap_or(alone)).collect()
}
