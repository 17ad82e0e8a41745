//! Linking a whole set at once.

use super::Settings;
use super::component::{Asserted, decide};
use super::drawn::random_pairs;
use super::fold::Folded;
use super::groups::Groups;
use super::spread::{spread, threads};
use crate::block::{Blocks, Found};
use crate::compare::{COMPARISONS, Pattern, compare};
use crate::model::{Frequencies, Model, Scorer, each_frequency};
use crate::record::{Map, Records, Row, fold_key};
use std::collections::BTreeMap;

/// Which pairs are asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Side {
    /// All pairs of one set.
    Within,
    /// Pairs of one of the first `usize` rows with one of the others.
    Across(usize),
}

/// A candidate pair that may be one person.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Pair {
    /// The lower row.
    pub a: u32,
    /// The higher row.
    pub b: u32,
    /// Natural logarithm of the odds that they are one person.
    pub weight: f32,
    /// The levels of the comparison.
    pub pattern: Pattern,
}

/// What linking came to.
#[derive(Debug)]
pub struct Output {
    /// The person of each row: the least row of its cluster.
    pub people: Vec<u32>,
    /// Pairs above the floor.
    pub pairs: Vec<Pair>,
    /// What each blocking rule came to.
    pub found: Vec<Found>,
    /// The candidate pairs that were compared.
    pub compared: u64,
}

/// Finds who is one person within a set. What was `asserted` outweighs what is found.
pub fn dedupe(
    records: &mut Records,
    settings: &Settings,
    asserted: &[Asserted],
) -> (Output, Model) {
    learn_and_link(records, settings, Side::Within, asserted)
}

/// Links two sets: the first `left` rows with the others.
pub fn pair(
    records: &mut Records,
    left: usize,
    settings: &Settings,
    asserted: &[Asserted],
) -> (Output, Model) {
    learn_and_link(records, settings, Side::Across(left), asserted)
}

/// Finds who is one person by a model that is given, such as [`Model::shipped`].
pub fn link_with(
    records: &mut Records,
    model: &Model,
    settings: &Settings,
    side: Side,
    asserted: &[Asserted],
) -> Output {
    let folded = Folded::of(records, side, asserted);
    let blocks = Blocks::of(records, threads(settings));
    let output = link(records, &blocks, model, settings, &folded, asserted);
    folded.undo(records);
    output
}

/// Learns a model from a set, helped by pairs that somebody has `labelled`, if there are any.
pub fn train(records: &mut Records, settings: &Settings, labelled: &[Asserted]) -> Model {
    let folded = Folded::of(records, Side::Within, labelled);
    let blocks = Blocks::of(records, threads(settings));
    let model = train_on(records, &blocks, settings, &folded, labelled);
    folded.undo(records);
    model
}

fn learn_and_link(
    records: &mut Records,
    settings: &Settings,
    side: Side,
    asserted: &[Asserted],
) -> (Output, Model) {
    let folded = Folded::of(records, side, asserted);
    let blocks = Blocks::of(records, threads(settings));
    let model = train_on(records, &blocks, settings, &folded, &[]);
    let output = link(records, &blocks, &model, settings, &folded, asserted);
    folded.undo(records);
    (output, model)
}

/// Rows that one thread takes at once.
const ROWS_AT_ONCE: usize = 4_096;

/// Calls `work` with ranges of rows on several threads; results come in the order of ranges.
fn over_blocks<T: Send>(
    blocks: &Blocks,
    settings: &Settings,
    work: impl Fn(std::ops::Range<usize>) -> T + Sync,
) -> Vec<T> {
    spread(settings, blocks.len(), ROWS_AT_ONCE, work)
}

fn train_on(
    records: &mut Records,
    blocks: &Blocks,
    settings: &Settings,
    folded: &Folded,
    labelled: &[Asserted],
) -> Model {
    let frequencies = Frequencies::count(&records.pool, records.rows.iter());
    frequencies.weigh(&mut records.pool, 0);
    let total: u64 = blocks.found.iter().map(|found| found.pairs).sum();
    let every = total / settings.sample_max.max(1) + 1;
    let shared = &*records;
    let sampled: Vec<(u32, u32, Pattern)> = over_blocks(blocks, settings, |range| {
        let mut found = Vec::new();
        let of_row = |row| sampled(shared, row, every);
        let later = |hash: u64, row: u32| {
            shared.keys.get(row as usize).is_some_and(|key| fold_key(*key) > hash)
        };
        blocks.sampled_pairs(range, of_row, later, |a, b| {
            if let Some((x, y)) = both(shared, a, b)
                && folded.asked(a, b)
            {
                found.push((a, b, compare(&shared.pool, x, y)));
            }
        });
        found
    })
    .concat();
    let mut counts: Map<u64, u64> = Map::default();
    for (_, _, pattern) in &sampled {
        *counts.entry(pattern.0).or_default() += 1;
    }
    let mut candidates: Vec<_> = counts.into_iter().map(|(p, n)| (Pattern(p), n)).collect();
    let random = random_pairs(records);
    #[expect(clippy::cast_precision_loss, reason = "shares")]
    let share = 1.0 / every as f64;
    let all_pairs = folded.pairs(records.rows.len());
    let labelled: Vec<(Pattern, bool)> = folded
        .said(records, labelled)
        .into_iter()
        .filter_map(|(a, b, same)| {
            let (x, y) = both(records, a, b)?;
            Some((compare(&records.pool, x, y), same))
        })
        .collect();
    let mut model = crate::model::train(
        &mut candidates,
        &labelled,
        &random,
        frequencies,
        all_pairs * share,
        &settings.training,
    );
    model.centres = centres(records, &model, &sampled);
    model
}

fn both(records: &Records, a: u32, b: u32) -> Option<(&Row, &Row)> {
    Some((records.rows.get(a as usize)?, records.rows.get(b as usize)?))
}

/// Whether pairs of a row are looked at in training: those with rows of a later hash. Thus the sample is
/// a function of the set of records, and the blocks of other rows need not be read.
fn sampled(records: &Records, row: u32, every: u64) -> Option<u64> {
    let hash = fold_key(*records.keys.get(row as usize)?);
    (every <= 1 || hash.is_multiple_of(every)).then_some(hash)
}

/// The mean logarithm of frequencies on which pairs of class *other* agree, in integers so that it
/// does not depend on the order of pairs.
fn centres(records: &Records, model: &Model, pairs: &[(u32, u32, Pattern)]) -> [f64; COMPARISONS] {
    let mut plain = model.clone();
    plain.centres = [0.0; COMPARISONS];
    let scorer = Scorer::new(&plain);
    let mut sums = [(0_i64, 0_i64); COMPARISONS];
    // What is never seen in the class falls back to what is seen at all.
    let share_min = 0.01;
    for (a, b, pattern) in pairs {
        let (Some(x), Some(y)) = (records.rows.get(*a as usize), records.rows.get(*b as usize))
        else {
            continue;
        };
        let share = scorer.other_share(*pattern).max(share_min);
        #[expect(clippy::cast_possible_truncation, reason = "bounded")]
        each_frequency(&records.pool, x, y, *pattern, |comparison, frequency, _| {
            if let Some(sum) = sums.get_mut(comparison as usize) {
                sum.0 += (frequency * share * 65_536.0) as i64;
                sum.1 += (share * 65_536.0) as i64;
            }
        });
    }
    #[expect(clippy::cast_precision_loss, reason = "means")]
    sums.map(|(sum, weight)| if weight == 0 { 0.0 } else { sum as f64 / weight as f64 })
}

/// Scores all candidates and clusters the components.
fn link(
    records: &mut Records,
    blocks: &Blocks,
    model: &Model,
    settings: &Settings,
    folded: &Folded,
    asserted: &[Asserted],
) -> Output {
    model.frequencies.weigh(&mut records.pool, 0);
    let records = &*records;
    let scorer = Scorer::new(model);
    let parts = over_blocks(blocks, settings, |range| {
        let mut pairs = Vec::new();
        let mut compared = 0_u64;
        blocks.pairs(range, |a, b| {
            if let Some((x, y)) = both(records, a, b)
                && folded.asked(a, b)
            {
                compared += 1;
                let pattern = compare(&records.pool, x, y);
                let weight = scorer.weight_from(settings.floor, &records.pool, x, y, pattern);
                if let Some(weight) = weight {
                    pairs.push(Pair { a, b, weight, pattern });
                }
            }
        });
        (pairs, compared)
    });
    let compared = parts.iter().map(|(_, compared)| compared).sum();
    let mut pairs: Vec<Pair> = parts.into_iter().flat_map(|(pairs, _)| pairs).collect();
    let said = folded.said(records, asserted);
    let people = folded.people(&people(records, &scorer, settings, &pairs, &said));
    folded.pairs_of_rows(&mut pairs, |vertex| {
        let row = records.rows.get(vertex as usize).unwrap_or(&Row::EMPTY);
        let pattern = compare(&records.pool, row, row);
        // Copies are one without being asked.
        let weight = scorer.score(&records.pool, row, row, pattern).weight.max(settings.clip);
        Pair { a: 0, b: 0, weight, pattern }
    });
    Output { people, pairs, found: blocks.found.clone(), compared }
}

/// Clusters the components on several threads; a component is decided by its own records alone.
fn people(
    records: &Records,
    scorer: &Scorer,
    settings: &Settings,
    pairs: &[Pair],
    said: &[(u32, u32, bool)],
) -> Vec<u32> {
    let mut groups = Groups::new(records.rows.len());
    let joined = said.iter().filter(|(_, _, same)| *same).map(|(a, b, _)| (*a, *b));
    for (a, b) in pairs.iter().map(|pair| (pair.a, pair.b)).chain(joined.clone()) {
        groups.unite(a, b);
    }
    // What was said to be one is of one component; its weight is overruled.
    let told = joined.map(|(a, b)| Pair { a, b, weight: f32::MIN, pattern: Pattern::default() });
    let mut people: Vec<u32> = (0..).take(records.rows.len()).collect();
    let mut sorted: Vec<(u32, Pair)> =
        pairs.iter().copied().chain(told).map(|pair| (groups.root(pair.a), pair)).collect();
    sorted.sort_unstable_by_key(|(root, pair)| (*root, pair.a, pair.b));
    let mut by_root: BTreeMap<u32, Vec<(u32, u32, bool)>> = BTreeMap::new();
    for (a, b, same) in said {
        let root = groups.root(*a);
        if root == groups.root(*b) {
            by_root.entry(root).or_default().push((*a, *b, *same));
        }
    }
    let components: Vec<&[(u32, Pair)]> = sorted.chunk_by(|x, y| x.0 == y.0).collect();
    let share = components.len().div_ceil(threads(settings) * 8).max(1);
    let all = spread(settings, components.len(), share, |range| {
        let mut done = Vec::new();
        for edges in components.get(range).into_iter().flatten() {
            let said = edges.first().and_then(|(root, _)| by_root.get(root));
            let said = said.map_or(&[][..], Vec::as_slice);
            decide_component(records, scorer, settings, edges, said, &mut done);
        }
        done
    });
    for (row, person) in all.into_iter().flatten() {
        if let Some(known) = people.get_mut(row as usize) {
            *known = person;
        }
    }
    people
}

fn decide_component(
    records: &Records,
    scorer: &Scorer,
    settings: &Settings,
    edges: &[(u32, Pair)],
    said: &[(u32, u32, bool)],
    done: &mut Vec<(u32, u32)>,
) {
    let mut members: Vec<u32> = edges.iter().flat_map(|(_, pair)| [pair.a, pair.b]).collect();
    members.sort_unstable();
    members.dedup();
    let rows: Vec<_> = members
        .iter()
        .filter_map(|row| {
            Some((*records.keys.get(*row as usize)?, records.rows.get(*row as usize)?))
        })
        .collect();
    let place = |row: u32| u32::try_from(members.binary_search(&row).unwrap_or(0)).unwrap_or(0);
    let inner: Vec<_> =
        edges.iter().map(|(_, pair)| (place(pair.a), place(pair.b), pair.weight)).collect();
    let said: Vec<_> = said.iter().map(|(a, b, same)| (place(*a), place(*b), *same)).collect();
    for person in decide(&records.pool, scorer, settings, &rows, &inner, &said).people {
        let row_of = |place: &u32| members.get(*place as usize).copied();
        let first = person.iter().filter_map(row_of).min().unwrap_or(0);
        done.extend(person.iter().filter_map(row_of).map(|row| (row, first)));
    }
}
