//! Where the tool meets the engine: records in, people out, and how sure it is of each.

use super::answers::{Answer, asserted};
use super::table::Table;
use linkage::block::{self, Blocks};
use linkage::compare::compare;
use linkage::engine::{self, Ambiguous, Asserted, Pair, Settings, Side, ambiguous};
use linkage::household;
use linkage::model::{Model, Scorer};
use std::cmp::Ordering;
use std::collections::HashSet;

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
    /// Records that fit several people about as well.
    pub(super) ambiguous: Vec<Ambiguous>,
    /// What each blocking rule came to.
    pub(super) found: Vec<block::Found>,
    /// Candidate pairs that were compared.
    pub(super) compared: u64,
    /// What was learned.
    pub(super) model: Model,
    /// What was said of records.
    pub(super) asserted: Vec<Asserted>,
    /// How pairs were asked for.
    pub(super) side: Side,
    threads: usize,
}

/// What was found, before it is named.
pub(super) struct Found {
    pub(super) people: Vec<u32>,
    pub(super) pairs: Vec<Pair>,
    pub(super) rules: Vec<block::Found>,
    pub(super) compared: u64,
    pub(super) asserted: Vec<Asserted>,
}

/// How a table is to be linked.
pub(super) struct Job<'a> {
    pub(super) settings: &'a Settings,
    pub(super) side: Side,
    pub(super) model: Option<&'a Model>,
    pub(super) answers: &'a [Answer],
}

/// Links a table.
pub(super) fn link(table: &mut Table, job: &Job<'_>) -> Linked {
    let said = asserted(job.answers, table);
    let records = &mut table.records;
    let of_engine = |output: engine::Output, asserted: Vec<Asserted>| Found {
        people: output.people,
        pairs: output.pairs,
        rules: output.found,
        compared: output.compared,
        asserted,
    };
    let (output, model) = match (job.model, job.side) {
        (Some(model), side) => {
            (engine::link_with(records, model, job.settings, side, &said), model.clone())
        }
        (None, Side::Within) => engine::dedupe(records, job.settings, &said),
        (None, Side::Across(left)) => engine::pair(records, left, job.settings, &said),
    };
    let found = of_engine(output, said);
    Linked::of(table, found, model, job)
}

/// Records that fit several people, but for what answers deny. Across two files there is no person
/// to fit.
fn torn(people: &[u32], pairs: &[Pair], job: &Job<'_>) -> Vec<Ambiguous> {
    if job.side != Side::Within {
        return Vec::new();
    }
    let denied: HashSet<(u32, u32)> = job
        .answers
        .iter()
        .filter(|answer| !answer.same)
        .flat_map(|answer| [(answer.a, answer.b), (answer.b, answer.a)])
        .collect();
    ambiguous(people, pairs, job.settings.cut, |a, b| denied.contains(&(a, b)))
}

/// Whether a pair is asked for.
pub(super) const fn asked(side: Side, a: u32, b: u32) -> bool {
    match side {
        Side::Within => true,
        Side::Across(left) => ((a as usize) < left) != ((b as usize) < left),
    }
}

/// The threads that settings mean.
pub(super) fn threads(settings: &Settings) -> usize {
    match settings.threads {
        0 => std::thread::available_parallelism().map_or(1, std::num::NonZero::get),
        given => given,
    }
}

/// Compares all candidate pairs once more, those too that linking drops as unlikely.
pub(super) fn each_candidate(table: &Table, linked: &Linked, mut visit: impl FnMut(u32, u32, f32)) {
    let records = &table.records;
    let blocks = Blocks::of(records, linked.threads);
    let scorer = Scorer::new(&linked.model);
    blocks.pairs(0..blocks.len(), |a, b| {
        let rows = records.rows.get(a as usize).zip(records.rows.get(b as usize));
        if let Some((x, y)) = rows.filter(|_| asked(linked.side, a, b)) {
            let pattern = compare(&records.pool, x, y);
            visit(a, b, scorer.score(&records.pool, x, y, pattern).weight);
        }
    });
}

/// Candidate pairs whose records bear one label.
pub(super) fn candidates_of(table: &Table, linked: &Linked, labels: &[u32]) -> Vec<(u32, u32)> {
    let blocks = Blocks::of(&table.records, linked.threads);
    let mut found = Vec::new();
    blocks.pairs(0..blocks.len(), |a, b| {
        if labels.get(a as usize) == labels.get(b as usize) && asked(linked.side, a, b) {
            found.push((a, b));
        }
    });
    found
}

impl Linked {
    fn of(table: &Table, found: Found, model: Model, job: &Job<'_>) -> Self {
        let Found { people, mut pairs, rules, compared, asserted } = found;
        pairs.sort_by(|x, y| y.weight.total_cmp(&x.weight).then((x.a, x.b).cmp(&(y.a, y.b))));
        let (homes, people_named) =
            (household::households(&table.records, &people, &[]), named(table, &people));
        let confidence = confidence(&people, &pairs, job.answers);
        let ambiguous = torn(&people, &pairs, job);
        let (side, threads) = (job.side, threads(job.settings));
        let households = Some(named(table, &homes));
        Self {
            people,
            named: people_named,
            households,
            confidence,
            pairs,
            ambiguous,
            found: rules,
            compared,
            model,
            asserted,
            side,
            threads,
        }
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
    let mut best: Vec<u32> = (0..).take(people.len()).collect();
    for (record, person) in (0..).zip(people) {
        if let Some(known) = best.get_mut(*person as usize)
            && older(table, record, *known) == Ordering::Less
        {
            *known = record;
        }
    }
    people.iter().map(|person| best.get(*person as usize).copied().unwrap_or(*person)).collect()
}

/// Orders records from the oldest; by id where times do not tell.
pub(super) fn older(table: &Table, x: u32, y: u32) -> Ordering {
    let time = |record: u32| {
        let time = table.records.rows.get(record as usize).map_or(0, |row| row.time);
        if time == 0 { i64::MAX } else { time }
    };
    time(x).cmp(&time(y)).then_with(|| by_number(table.id(x), table.id(y))).then(x.cmp(&y))
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
fn confidence(people: &[u32], pairs: &[Pair], answers: &[Answer]) -> Vec<f32> {
    let mut within = vec![f32::NEG_INFINITY; people.len()];
    let mut across = within.clone();
    // What was asserted is certain.
    let asserted =
        answers.iter().filter(|answer| answer.same).map(|said| (said.a, said.b, f32::INFINITY));
    for (a, b, weight) in pairs.iter().map(|pair| (pair.a, pair.b, pair.weight)).chain(asserted) {
        let one = people.get(a as usize) == people.get(b as usize);
        let best = if one { &mut within } else { &mut across };
        for record in [a, b] {
            if let Some(known) = best.get_mut(record as usize) {
                *known = known.max(weight);
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
    best.map(
        |((within, across), alone)| {
            if alone { 1.0 - probability(across) } else { probability(within) }
        },
    )
    .collect()
}
