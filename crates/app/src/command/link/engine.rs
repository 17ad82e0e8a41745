//! Where the tool meets the engine: records in, people out, and how sure it is of each.

use super::table::Table;
use linkage::block::Found;
use linkage::engine::{self, Output, Pair, Settings, Side};
use linkage::model::Model;
use std::cmp::Ordering;

/// What linking a table came to.
pub(super) struct Linked {
    /// The cluster of each record.
    pub(super) people: Vec<u32>,
    /// The record that each record's person is named by.
    pub(super) named: Vec<u32>,
    /// The household of each record, where the engine tells households.
    pub(super) households: Option<Vec<u32>>,
    /// How sure it is that each record belongs to its person.
    pub(super) confidence: Vec<f32>,
    /// Pairs that may be one person, by probability.
    pub(super) pairs: Vec<Pair>,
    /// What each blocking rule came to.
    pub(super) found: Vec<Found>,
    /// Candidate pairs that were compared.
    pub(super) compared: u64,
    /// What was learned.
    pub(super) model: Model,
    /// How pairs were asked for.
    pub(super) side: Side,
}

/// Links a table.
pub(super) fn link(table: &mut Table, settings: &Settings, side: Side) -> Linked {
    let (output, model) = match side {
        Side::Within => engine::dedupe(&mut table.records, settings),
        Side::Across(left) => engine::pair(&mut table.records, left, settings),
    };
    Linked::of(table, output, model, side)
}

impl Linked {
    fn of(table: &Table, output: Output, model: Model, side: Side) -> Self {
        let Output { people, mut pairs, found, compared, .. } = output;
        pairs.sort_by(|x, y| y.weight.total_cmp(&x.weight).then((x.a, x.b).cmp(&(y.a, y.b))));
        let named = named(table, &people);
        let confidence = confidence(&people, &pairs);
        Self { people, named, households: None, confidence, pairs, found, compared, model, side }
    }

    /// Whether two records are one person.
    pub(super) fn is_one(&self, a: u32, b: u32) -> bool {
        self.people.get(a as usize) == self.people.get(b as usize)
    }

    /// The records of each person with several, least record first.
    pub(super) fn groups(&self) -> Vec<Vec<u32>> {
        let mut order: Vec<(u32, u32)> = self.people.iter().copied().zip(0..).collect();
        order.sort_unstable();
        let chunks = order.chunk_by(|x, y| x.0 == y.0).filter(|group| group.len() > 1);
        chunks.map(|group| group.iter().map(|(_, record)| *record).collect()).collect()
    }

    /// How many people there are.
    pub(super) fn people_count(&self) -> usize {
        count(&self.people)
    }
}

/// How many different numbers there are.
pub(super) fn count(numbers: &[u32]) -> usize {
    let mut all = numbers.to_vec();
    all.sort_unstable();
    all.dedup();
    all.len()
}

/// The probability of a pair.
pub(super) fn probability(weight: f32) -> f32 {
    1.0 / (1.0 + (-weight).exp())
}

/// The oldest record of each person, the least id where times do not tell, so that a person keeps
/// its name when records are added.
fn named(table: &Table, people: &[u32]) -> Vec<u32> {
    let time = |record: u32| {
        let time = table.records.rows.get(record as usize).map_or(0, |row| row.time);
        if time == 0 { i64::MAX } else { time }
    };
    let older = |x: u32, y: u32| {
        time(x).cmp(&time(y)).then_with(|| by_number(table.id(x), table.id(y))).then(x.cmp(&y))
    };
    let mut best: Vec<u32> = (0..).take(people.len()).collect();
    for (record, person) in (0..).zip(people) {
        if let Some(known) = best.get_mut(*person as usize)
            && older(record, *known) == Ordering::Less
        {
            *known = record;
        }
    }
    people.iter().map(|person| best.get(*person as usize).copied().unwrap_or(*person)).collect()
}

/// Numbers by value, other ids by their letters.
fn by_number(x: &str, y: &str) -> Ordering {
    match (x.parse::<u64>(), y.parse::<u64>()) {
        (Ok(x), Ok(y)) => x.cmp(&y),
        _ => (x.len(), x).cmp(&(y.len(), y)),
    }
}

/// For a record of several: the best probability that ties it to another of its person. For a record
/// alone: the probability that the likeliest other one is somebody else.
fn confidence(people: &[u32], pairs: &[Pair]) -> Vec<f32> {
    let mut within = vec![f32::NEG_INFINITY; people.len()];
    let mut across = within.clone();
    for pair in pairs {
        let one = people.get(pair.a as usize) == people.get(pair.b as usize);
        let best = if one { &mut within } else { &mut across };
        for record in [pair.a, pair.b] {
            if let Some(known) = best.get_mut(record as usize) {
                *known = known.max(pair.weight);
            }
        }
    }
    let mut sizes = vec![0_u32; people.len()];
    for person in people {
        if let Some(size) = sizes.get_mut(*person as usize) {
            *size += 1;
        }
    }
    let alone = people.iter().map(|person| sizes.get(*person as usize) == Some(&1));
    let best = within.into_iter().zip(across).zip(alone);
    best.map(|((within, across), alone)| {
        if alone { 1.0 - probability(across) } else { probability(within) }
    })
    .collect()
}
