//! Pairs that chance brought together, from which a model learns how often strangers agree.

use crate::compare::{Pattern, compare};
use crate::record::{Map, Records, fold_key};

/// Rows of which pairs are drawn by chance, and pairs drawn for each of so many.
const DRAWN_ROWS_MAX: usize = 20_000;
const STRIDES: [usize; 5] = [1, 3, 7, 19, 53];

/// Pairs drawn of few rows, where they have as many. A few thousand would make what a model learns
/// of a small file hang on how its records are called.
const DRAWN_PAIRS: usize = DRAWN_ROWS_MAX * STRIDES.len();

/// How far apart, in the order of hashes, the rows of drawn pairs are.
fn strides(rows: usize) -> Vec<usize> {
    let wanted = DRAWN_PAIRS / rows.max(1);
    if wanted <= STRIDES.len() { STRIDES.to_vec() } else { (1..=wanted.min(rows)).collect() }
}

/// Pairs that chance brought together, by the hash of their keys.
pub(super) fn random_pairs(records: &Records) -> Vec<(Pattern, u64)> {
    let mut order: Vec<(u64, u32)> =
        records.keys.iter().map(|key| fold_key(*key)).zip(0..).collect();
    order.sort_unstable();
    order.truncate(DRAWN_ROWS_MAX);
    let mut counts: Map<u64, u64> = Map::default();
    for stride in strides(order.len()) {
        for ((_, a), (_, b)) in order.iter().zip(order.iter().skip(stride)) {
            if let (Some(x), Some(y)) =
                (records.rows.get(*a as usize), records.rows.get(*b as usize))
            {
                *counts.entry(compare(&records.pool, x, y).0).or_default() += 1;
            }
        }
    }
    let mut all: Vec<_> =
        counts.into_iter().map(|(pattern, count)| (Pattern(pattern), count)).collect();
    all.sort_unstable();
    all
}
