//! Why two records are one person or not: what each field adds, so that the sum is the whole weight.

use linkage::compare::Comparison;
use linkage::explain::why;
use linkage::model::{Model, Scorer};
use linkage::record::Records;
use std::f32::consts::LN_2;

/// What one field adds.
#[derive(Clone, Copy, Debug)]
pub(super) struct Step {
    pub(super) comparison: Comparison,
    /// The word for how far the values agree.
    pub(super) level: &'static str,
    /// What it adds, in bits: 1 doubles the odds, -1 halves them.
    pub(super) bits: f32,
    /// Where both have one value: how many other people one finds for each that has it.
    pub(super) one_in: Option<f32>,
}

/// All of it.
#[derive(Clone, Debug)]
pub(super) struct Waterfall {
    /// What is thought of a pair before its values are looked at, in bits.
    pub(super) start: f32,
    pub(super) steps: Vec<Step>,
    /// The sum, in bits.
    pub(super) sum: f32,
}

/// Explains a pair of records.
pub(super) fn of(records: &Records, model: &Model, a: u32, b: u32) -> Option<Waterfall> {
    let (x, y) = (records.rows.get(a as usize)?, records.rows.get(b as usize)?);
    let why = why(&records.pool, &Scorer::new(model), x, y);
    let steps = why.steps.iter().map(|step| Step {
        comparison: step.comparison,
        level: step.level,
        bits: step.adds / LN_2,
        one_in: step.frequency.map(f32::recip),
    });
    Some(Waterfall { start: why.start / LN_2, steps: steps.collect(), sum: why.weight / LN_2 })
}

/// How a field is called in sentences.
pub(super) fn words(comparison: Comparison) -> String {
    comparison.word().replace('_', " ")
}
