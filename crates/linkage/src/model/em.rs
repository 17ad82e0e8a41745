//! Expectation maximisation over counted patterns of candidate pairs.

use super::{CLASSES, Class, Frequencies, Levels, Model, is_of_name, is_personal, priors};
use crate::compare::{COMPARISONS, Comparison, LEVELS_MAX, Pattern};

/// How training goes.
#[derive(Clone, Copy, Debug)]
pub struct Training {
    /// Rounds, at most.
    pub rounds_max: usize,
    /// Training ends when no probability moves by more than this.
    pub movement_min: f64,
    /// How many pairs of a class the priors count for, at least.
    pub prior_pairs: f64,
    /// How much the priors count for, as a share of a class.
    pub prior_share: f64,
    /// How many pairs each pair counts for of which somebody said what it is.
    pub label_pairs: f64,
}

impl Default for Training {
    fn default() -> Self {
        Self {
            rounds_max: 60,
            movement_min: 1e-4,
            prior_pairs: 20.0,
            prior_share: 0.02,
            label_pairs: 10.0,
        }
    }
}

/// Learns from counted patterns of candidate pairs, and of random pairs for the start of *other*.
/// The order of `candidates` does not matter. Pairs of which somebody said whether they are one person
/// stand in `labelled`, in any order: their class is not guessed.
pub fn train(
    candidates: &mut [(Pattern, u64)],
    labelled: &[(Pattern, bool)],
    random: &[(Pattern, u64)],
    frequencies: Frequencies,
    all_pairs: f64,
    training: &Training,
) -> Model {
    candidates.sort_unstable();
    let mut labelled = labelled.to_vec();
    labelled.sort_unstable();
    let seen = Seen { candidates, labelled: &labelled, training };
    let believed = with_random(priors::levels(), random);
    let (shares, levels) = learn(&seen, all_pairs, &believed);
    Model { shares, levels, centres: [0.0; COMPARISONS], frequencies }
}

/// Rounds of expectation and maximisation, from what is believed.
fn learn(seen: &Seen<'_>, all_pairs: f64, believed: &Levels) -> ([f64; CLASSES], Levels) {
    let mut levels = *believed;
    let pairs: u64 = seen.candidates.iter().map(|(_, count)| *count).sum();
    let mut shares = [0.1, 0.1, 0.8, all_pairs / real(pairs.max(1)), 0.1];
    for _ in 0..seen.training.rounds_max {
        let (next_shares, next) = round(seen, &shares, &levels, believed);
        let moved = movement(&levels, &next);
        (shares, levels) = (next_shares, next);
        if moved < seen.training.movement_min {
            break;
        }
    }
    (shares, levels)
}

/// Priors whose class *other* is what random pairs show.
fn with_random(mut levels: Levels, random: &[(Pattern, u64)]) -> Levels {
    let mut counts = [[0.0; LEVELS_MAX]; COMPARISONS];
    for (pattern, count) in random {
        add(&mut counts, *pattern, real(*count));
    }
    let [_, neighbour, other, chance, _] = &mut levels;
    for (row, counted) in chance.iter_mut().zip(&counts) {
        blend(row, counted, 5.0);
    }
    for (row, counted) in other.iter_mut().zip(&counts) {
        blend(row, counted, 50.0);
    }
    for ((row, random), comparison) in neighbour.iter_mut().zip(other).zip(Comparison::ALL) {
        if matches!(comparison, Comparison::Given | Comparison::Birth) {
            for (level, random) in row.iter_mut().zip(random) {
                *level = 0.5 * *level + 0.5 * *random;
            }
        }
    }
    tie_namesakes(&mut levels, &[0.0; LEVELS_MAX]);
    levels
}

/// Sets what namesakes agree on: names as a match does, everything else as chance has it, but for
/// emails, which are made of names: how often they are alike is `counted`.
fn tie_namesakes(levels: &mut Levels, counted: &[f64; LEVELS_MAX]) {
    let [matched, _, _, chance, namesake] = levels;
    let rows = Comparison::ALL.iter().zip(matched).zip(chance);
    for (row, ((comparison, matched), chance)) in namesake.iter_mut().zip(rows) {
        *row = if is_of_name(*comparison) { *matched } else { *chance };
        if *comparison == Comparison::Email {
            // The very same one, or one a slip away, is no mere namesake's: left free, the class took the
            // matches whose emails are mistyped.
            let mass: f64 = row.iter().take(ALIKE).sum();
            let total: f64 = counted.iter().take(ALIKE).sum();
            for (level, count) in row.iter_mut().zip(counted).take(ALIKE) {
                *level = (NAMED_PRIOR * *level + mass * count) / (NAMED_PRIOR + total);
            }
        }
    }
}

/// Levels of emails up to that of one local part at two providers.
const ALIKE: usize = 3;

/// How many pairs the belief counts for that emails of namesakes are alike as chance has it.
const NAMED_PRIOR: f64 = 30.0;

#[expect(clippy::cast_precision_loss, reason = "counts below 2^52")]
fn real(count: u64) -> f64 {
    count as f64
}

fn add(counts: &mut [[f64; LEVELS_MAX]; COMPARISONS], pattern: Pattern, weight: f64) {
    for (number, row) in counts.iter_mut().enumerate() {
        if let Some(level) =
            pattern.bits(number).checked_sub(1).and_then(|level| row.get_mut(level))
        {
            *level += weight;
        }
    }
}

/// `row` becomes the share of each level in what was counted plus `strength` times `row`.
fn blend(row: &mut [f64; LEVELS_MAX], counted: &[f64; LEVELS_MAX], strength: f64) {
    let total: f64 = counted.iter().sum::<f64>() + strength;
    for (level, count) in row.iter_mut().zip(counted) {
        *level = (count + strength * *level) / total;
    }
}

/// What is learned from.
struct Seen<'a> {
    candidates: &'a [(Pattern, u64)],
    labelled: &'a [(Pattern, bool)],
    training: &'a Training,
}

impl Seen<'_> {
    /// Patterns, how many pairs each counts for, and what was said of them.
    fn all(&self) -> impl Iterator<Item = (Pattern, f64, Option<bool>)> {
        let weight = self.training.label_pairs;
        let labelled =
            self.labelled.iter().map(move |(pattern, same)| (*pattern, weight, Some(*same)));
        self.candidates
            .iter()
            .map(|(pattern, count)| (*pattern, real(*count), None))
            .chain(labelled)
    }
}

/// Classes that what was said leaves.
fn clamped([matched, rest @ ..]: [f64; CLASSES], said: Option<bool>) -> [f64; CLASSES] {
    match said {
        None => {
            let [neighbour, other, chance, namesake] = rest;
            [matched, neighbour, other, chance, namesake]
        }
        Some(true) => [1.0, 0.0, 0.0, 0.0, 0.0],
        Some(false) => {
            let total = rest.iter().sum::<f64>().max(1e-12);
            let [neighbour, other, chance, namesake] = rest.map(|share| share / total);
            [0.0, neighbour, other, chance, namesake]
        }
    }
}

fn round(
    seen: &Seen<'_>,
    shares: &[f64; CLASSES],
    levels: &Levels,
    believed: &Levels,
) -> ([f64; CLASSES], Levels) {
    let training = seen.training;
    let logarithms = levels.map(|class| class.map(|row| row.map(|level| level.max(1e-9).ln())));
    let mut counts = [[[0.0; LEVELS_MAX]; COMPARISONS]; CLASSES];
    let mut totals = [0.0; CLASSES];
    for (pattern, count, said) in seen.all() {
        let posterior = clamped(posterior(pattern, shares, &logarithms), said);
        for ((counted, total), share) in counts.iter_mut().zip(&mut totals).zip(posterior) {
            let weight = share * count;
            *total += weight;
            if weight > 1e-6 {
                add(counted, pattern, weight);
            }
        }
    }
    let mut next = *believed;
    for (class, (rows, counted)) in next.iter_mut().zip(&counts).enumerate() {
        for ((row, counted), comparison) in rows.iter_mut().zip(counted).zip(Comparison::ALL) {
            // A generation is rarely written; pairs that differ in it look like matches otherwise.
            let learned = *comparison != Comparison::Suffix;
            if learned && (class == Class::Match as usize || class == Class::Other as usize) {
                let seen: f64 = counted.iter().sum();
                blend(row, counted, training.prior_pairs + training.prior_share * seen);
            }
        }
    }
    let [matched, _, _, chance, _] = &mut next;
    for ((comparison, row), against) in Comparison::ALL.iter().zip(matched).zip(chance) {
        keep_order(row, against, comparison.levels().len());
    }
    share_with_matches(&mut next, &counts, levels, believed);
    let [.., namesakes] = &counts;
    let emails = namesakes.get(Comparison::Email as usize).copied().unwrap_or_default();
    tie_namesakes(&mut next, &emails);
    let [_, _, _, chance, _] = *shares;
    let sum: f64 = totals.iter().sum::<f64>() + 40.0;
    let [matched, neighbour, other, _, namesake] = totals.map(|total| (total + 10.0) / sum);
    ([matched, neighbour, other, chance, namesake], next)
}

fn posterior(pattern: Pattern, shares: &[f64; CLASSES], logarithms: &Levels) -> [f64; CLASSES] {
    let mut sums = [0.0; CLASSES];
    for ((sum, share), rows) in sums.iter_mut().zip(shares).zip(logarithms) {
        let levels = rows
            .iter()
            .enumerate()
            .filter_map(|(number, row)| row.get(pattern.bits(number).checked_sub(1)?));
        *sum = share.ln() + levels.sum::<f64>();
    }
    let top = sums.iter().copied().fold(f64::MIN, f64::max);
    let odds = sums.map(|sum| (sum - top).exp());
    let total: f64 = odds.iter().sum();
    odds.map(|odd| odd / total)
}

/// Sets what neighbours agree on. What is personal stays as believed: they agree on it by chance only.
/// What belongs to a home is shared or not, and where it is shared it is written as differently as
/// within a match. Left free, the class would take the matches that are written badly.
fn share_with_matches(next: &mut Levels, counts: &Levels, before: &Levels, believed: &Levels) {
    let [matched, neighbour, other, ..] = next;
    let [_, counted, ..] = counts;
    let [was_matched, was, was_other, ..] = before;
    let [m0, h0, u0, ..] = believed;
    for (number, comparison) in Comparison::ALL.iter().enumerate() {
        if is_personal(*comparison) {
            continue;
        }
        let row = |levels: &[[f64; LEVELS_MAX]; COMPARISONS]| {
            levels.get(number).copied().unwrap_or_default()
        };
        let start = shared_part(&row(h0), &row(m0), &row(u0));
        let share = shared_part(&row(was), &row(was_matched), &row(was_other));
        let (mut sum, mut total) = (start * SHARE_PRIOR, SHARE_PRIOR);
        for ((count, m), u) in row(counted).iter().zip(row(was_matched)).zip(row(was_other)) {
            let by_share = share * m;
            sum += count * by_share / (by_share + (1.0 - share) * u).max(1e-12);
            total += count;
        }
        let share = sum / total;
        if let Some(levels) = neighbour.get_mut(number) {
            for ((level, m), u) in levels.iter_mut().zip(row(matched)).zip(row(other)) {
                *level = share * m + (1.0 - share) * u;
            }
        }
    }
}

/// How many pairs the belief in how often neighbours share something counts for.
const SHARE_PRIOR: f64 = 30.0;

/// The part of `mixed` that is `matched`, where the rest is `other`: from the level on which the two
/// differ most.
fn shared_part(
    mixed: &[f64; LEVELS_MAX],
    matched: &[f64; LEVELS_MAX],
    other: &[f64; LEVELS_MAX],
) -> f64 {
    let widest = mixed
        .iter()
        .zip(matched.iter().zip(other))
        .max_by(|x, y| (x.1.0 - x.1.1).abs().total_cmp(&(y.1.0 - y.1.1).abs()));
    let part = widest.map_or(0.5, |(h, (m, u))| (h - u) / (m - u));
    if part.is_finite() { part.clamp(0.001, 0.999) } else { 0.5 }
}

/// Makes match to other grow from level to level: neighbouring levels that do not are pooled
/// (isotonic regression by pool adjacent violators). Masses of pools do not change.
fn keep_order(matched: &mut [f64; LEVELS_MAX], other: &[f64; LEVELS_MAX], levels: usize) {
    let mut pools: Vec<(f64, f64, usize)> = Vec::with_capacity(levels);
    for (m, u) in matched.iter().zip(other).take(levels) {
        let mut pool = (*m, *u, 1);
        while let Some(last) =
            pools.last().copied().filter(|last| last.0 * pool.1 > pool.0 * last.1)
        {
            pools.pop();
            pool = (last.0 + pool.0, last.1 + pool.1, last.2 + pool.2);
        }
        pools.push(pool);
    }
    let ratios = pools.iter().flat_map(|(m, u, size)| std::iter::repeat_n(m / u.max(1e-12), *size));
    for ((level, against), ratio) in matched.iter_mut().zip(other).zip(ratios) {
        *level = ratio * against;
    }
}

fn movement(before: &Levels, after: &Levels) -> f64 {
    let flat =
        |levels: &Levels| -> Vec<f64> { levels.iter().flatten().flatten().copied().collect() };
    flat(before).iter().zip(flat(after)).map(|(x, y)| (x - y).abs()).fold(0.0, f64::max)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pattern(levels: &[(Comparison, u64)]) -> Pattern {
        let bits = levels.iter().map(|(comparison, level)| (level + 1) << (*comparison as u64 * 3));
        Pattern(bits.fold(0, |all, bits| all | bits))
    }

    /// Pairs with these levels of given name, family name, birth date and email.
    fn pairs(
        given: u64,
        family: u64,
        birth: Option<u64>,
        email: u64,
        count: u64,
    ) -> (Pattern, u64) {
        let mut levels = vec![
            (Comparison::Given, given),
            (Comparison::Family, family),
            (Comparison::Email, email),
        ];
        levels.extend(birth.map(|birth| (Comparison::Birth, birth)));
        (pattern(&levels), count)
    }

    /// A million and a half candidates, of which two thirds are namesakes.
    #[test]
    fn namesakes_are_not_taken_for_matches() {
        let mut candidates = [
            pairs(5, 4, Some(0), 0, 600_000),
            pairs(5, 4, None, 0, 300_000),
            pairs(5, 4, Some(0), 2, 100_000),
            pairs(0, 0, Some(5), 0, 300_000),
            pairs(5, 4, Some(5), 4, 60_000),
            pairs(5, 4, None, 4, 60_000),
            pairs(5, 4, Some(5), 0, 20_000),
        ];
        let random = [
            pairs(0, 0, Some(0), 0, 99_000),
            pairs(5, 0, Some(0), 0, 400),
            pairs(0, 4, Some(0), 0, 500),
        ];
        let frequencies = Frequencies::default();
        let training = Training::default();
        let model = train(&mut candidates, &[], &random, frequencies, 6e9, &training);
        let [matched, ..] = model.levels;
        let births = matched.get(Comparison::Birth as usize).unwrap();
        assert!(births[0] < 0.1, "{births:?}");
    }
}
