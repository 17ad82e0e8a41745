//! How good a partition is, where the truth is known.

use std::collections::HashMap;

/// Precision, recall and their harmonic mean.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Quality {
    /// The share of what was claimed that is true.
    pub precision: f64,
    /// The share of what is true that was claimed.
    pub recall: f64,
    /// The harmonic mean of both.
    pub f1: f64,
}

impl Quality {
    #[expect(clippy::cast_precision_loss, reason = "shares")]
    fn of(right: u64, claimed: u64, real: u64) -> Self {
        let share =
            |part: u64, whole: u64| if whole == 0 { 1.0 } else { part as f64 / whole as f64 };
        Self::new(share(right, claimed), share(right, real))
    }

    fn new(precision: f64, recall: f64) -> Self {
        let sum = precision + recall;
        Self {
            precision,
            recall,
            f1: if sum == 0.0 { 0.0 } else { 2.0 * precision * recall / sum },
        }
    }
}

const fn pairs(size: u64) -> u64 {
    size * size.saturating_sub(1) / 2
}

fn sizes<K: std::hash::Hash + Eq>(labels: impl Iterator<Item = K>) -> HashMap<K, u64> {
    let mut sizes = HashMap::new();
    for label in labels {
        *sizes.entry(label).or_default() += 1;
    }
    sizes
}

/// Quality over pairs of records: `found` and `truth` give each record's cluster.
pub fn pairwise(found: &[u32], truth: &[u32]) -> Quality {
    let total = |sizes: HashMap<_, u64>| sizes.into_values().map(pairs).sum();
    let both = sizes(found.iter().copied().zip(truth.iter().copied()));
    let right = both.into_values().map(pairs).sum();
    Quality::of(right, total(sizes(found.iter().copied())), total(sizes(truth.iter().copied())))
}

/// B³: quality per record, averaged (Bagga and Baldwin 1998).
#[expect(clippy::cast_precision_loss, reason = "shares")]
pub fn b_cubed(found: &[u32], truth: &[u32]) -> Quality {
    let (of_found, of_truth) = (sizes(found.iter().copied()), sizes(truth.iter().copied()));
    let both = sizes(found.iter().copied().zip(truth.iter().copied()));
    let (mut precision, mut recall) = (0.0, 0.0);
    for ((cluster, entity), count) in &both {
        let square = (*count * *count) as f64;
        precision += square / of_found.get(cluster).copied().unwrap_or(1) as f64;
        recall += square / of_truth.get(entity).copied().unwrap_or(1) as f64;
    }
    let records = found.len().max(1) as f64;
    Quality::new(precision / records, recall / records)
}

/// The share of wrongly joined pairs whose records are of one `group`, such as a household.
#[expect(clippy::cast_precision_loss, reason = "shares")]
pub fn wrong_within(found: &[u32], truth: &[u32], group: &[u32]) -> f64 {
    let total = |sizes: HashMap<_, u64>| sizes.into_values().map(pairs).sum::<u64>();
    let zipped = || found.iter().copied().zip(group.iter().copied());
    let claimed: u64 = sizes(found.iter().copied()).into_values().map(pairs).sum();
    let right: u64 =
        sizes(found.iter().copied().zip(truth.iter().copied())).into_values().map(pairs).sum();
    let within = total(sizes(zipped()));
    let right_within: u64 =
        sizes(zipped().zip(truth.iter().copied())).into_values().map(pairs).sum();
    let wrong = claimed - right;
    if wrong == 0 { 0.0 } else { (within - right_within) as f64 / wrong as f64 }
}

/// The share of true pairs that are among `candidates`, given once each.
#[expect(clippy::cast_precision_loss, reason = "shares")]
pub fn blocking_recall(candidates: impl Iterator<Item = (u32, u32)>, truth: &[u32]) -> f64 {
    let real: u64 = sizes(truth.iter().copied()).into_values().map(pairs).sum();
    let of = |row: u32| truth.get(row as usize);
    let found = candidates.filter(|(a, b)| of(*a) == of(*b)).count();
    if real == 0 { 1.0 } else { found as f64 / real as f64 }
}

/// One row of a reliability table: pairs of like probability, and how many of them are true.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Reliability {
    /// How many pairs.
    pub pairs: u64,
    /// The mean of what was claimed.
    pub claimed: f64,
    /// The share that is true.
    pub real: f64,
}

/// Ten rows, for probabilities from 0 to 1 by tenths: whether probabilities mean what they say.
#[expect(clippy::cast_precision_loss, reason = "shares")]
pub fn reliability(pairs: impl Iterator<Item = (f64, bool)>) -> [Reliability; 10] {
    let mut rows = [Reliability::default(); 10];
    for (probability, real) in pairs {
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "0 to 9")]
        let place = (probability.clamp(0.0, 0.999) * 10.0) as usize;
        if let Some(row) = rows.get_mut(place) {
            row.pairs += 1;
            row.claimed += probability;
            row.real += f64::from(u8::from(real));
        }
    }
    rows.map(|row| {
        let pairs = row.pairs.max(1) as f64;
        Reliability { pairs: row.pairs, claimed: row.claimed / pairs, real: row.real / pairs }
    })
}
