//! Why two records are one person or not: what each field adds, so that the sum is the whole weight.

use linkage::compare::{Comparison, Pattern, compare};
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
///
/// What a field adds depends a little on the fields before it, since rivals of *one person* are
/// several. It is the mean over both orders of the fields, which keeps the sum.
pub(super) fn of(records: &Records, model: &Model, a: u32, b: u32) -> Option<Waterfall> {
    let (x, y) = (records.rows.get(a as usize)?, records.rows.get(b as usize)?);
    let scorer = Scorer::new(model);
    let whole = compare(&records.pool, x, y);
    let present: Vec<Comparison> =
        Comparison::ALL.iter().copied().filter(|known| whole.level(*known).is_some()).collect();
    let why = why(&records.pool, &scorer, x, y);
    let weigh = |pattern: Pattern| scorer.score(&records.pool, x, y, pattern).weight / LN_2;
    let start = weigh(Pattern(0));
    let forward = gains(whole, present.iter().copied(), start, weigh);
    let mut backward = gains(whole, present.iter().rev().copied(), start, weigh);
    backward.reverse();
    let steps = present.iter().zip(forward.iter().zip(&backward)).map(|(comparison, (f, b))| {
        let told = why.steps.iter().find(|step| step.comparison == *comparison);
        let one_in = told.and_then(|step| step.frequency).map(f32::recip);
        Step {
            comparison: *comparison,
            level: told.map_or("", |step| step.level),
            bits: f32::midpoint(*f, *b),
            one_in,
        }
    });
    Some(Waterfall { start, steps: steps.collect(), sum: weigh(whole) })
}

/// What each comparison adds to those before it.
fn gains(
    whole: Pattern,
    order: impl Iterator<Item = Comparison>,
    start: f32,
    weigh: impl Fn(Pattern) -> f32,
) -> Vec<f32> {
    let mut sofar = (Pattern(0), start);
    let mut gains = Vec::new();
    for comparison in order {
        let bits = 7 << (comparison as u8 * 3);
        let next = Pattern(sofar.0.0 | (whole.0 & bits));
        let weight = weigh(next);
        gains.push(weight - sofar.1);
        sofar = (next, weight);
    }
    gains
}

/// How a field is called in sentences.
pub(super) fn words(comparison: Comparison) -> String {
    comparison.word().replace('_', " ")
}
