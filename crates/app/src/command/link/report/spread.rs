//! All candidate pairs by weight, those that linking dropped as unlikely among them.

use crate::command::link::engine::{Linked, each_candidate, probability};
use crate::command::link::table::Table;
use std::f32::consts::LN_2;

/// Bits at the ends of the scale; what is beyond stands in the last bin.
pub(super) const ENDS: (i32, i32) = (-12, 30);
/// Bins of one bit.
pub(super) const PARTS: i32 = 4;

/// The pairs of one bin.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Bin {
    /// Pairs of one person, by truth or by what was decided.
    pub(super) one: u64,
    /// Other pairs.
    pub(super) two: u64,
    /// The sum of their probabilities.
    pub(super) likely: f64,
}

/// Bins from the lowest weight to the highest.
#[derive(Debug)]
pub(super) struct Spread(pub(super) Vec<Bin>);

impl Spread {
    /// Compares all candidate pairs once more and counts them.
    pub(super) fn of(table: &Table, linked: &Linked, labels: &[u32]) -> Self {
        let bins = usize::try_from((ENDS.1 - ENDS.0) * PARTS).unwrap_or(0);
        let mut spread = vec![Bin::default(); bins];
        each_candidate(table, linked, |a, b, weight| {
            let one = labels.get(a as usize) == labels.get(b as usize);
            if let Some(bin) = spread.get_mut(place(weight)) {
                if one {
                    bin.one += 1;
                } else {
                    bin.two += 1;
                }
                bin.likely += f64::from(probability(weight));
            }
        });
        Self(spread)
    }
}

#[expect(clippy::cast_possible_truncation, reason = "clipped")]
fn place(weight: f32) -> usize {
    let part = (weight / LN_2 * f32::from(4_i8)).floor() as i32;
    let (low, high) = (ENDS.0 * PARTS, ENDS.1 * PARTS - 1);
    usize::try_from(part.clamp(low, high) - low).unwrap_or(0)
}
