//! Linking record by record: an index whose state is a function of the set of records it holds.
//!
//! INVARIANT: after any sequence of [`Index::insert`], updates and [`Index::erase`], people are those
//! that [`super::link_with`] finds over the records that are left. Keys whose block becomes too large
//! are refined, and give way again when it shrinks: pairs that rested on them are decided anew.

mod deciding;
mod folding;
mod staged;

use super::Settings;
use super::copies::Copies;
use super::postings::Postings;
use super::spread::spread;
use crate::block::{Chain, Rule, each_chain, finer};
use crate::compare::compare;
use crate::model::{Model, Score, Scorer};
use crate::record::{Map, Pool, RecordKey, Row};
use std::collections::BTreeMap;

/// Records, their keys and the pairs between them that may be one person.
pub struct Index {
    settings: Settings,
    model: Model,
    scorer: Scorer,
    /// The values of all records; the caller's reader interns into it.
    pub pool: Pool,
    weighed: usize,
    /// Where the record of each key stands in `held`. Places say nothing about records: they are given out
    /// as they come, and no decision looks at them.
    places: Map<RecordKey, u32>,
    held: Vec<Option<Held>>,
    free: Vec<u32>,
    postings: Postings,
    /// What was said, in both directions.
    asserted: BTreeMap<(RecordKey, RecordKey), bool>,
    /// Identical records, of which one is held.
    copies: Copies,
    /// Whether identical records stand for one.
    folds: bool,
}

struct Held {
    key: RecordKey,
    row: Row,
    edges: Vec<(u32, f32)>,
}

/// What a change came to.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Change {
    /// The people of all records that were reached, each with its records, ascending.
    pub people: Vec<Vec<RecordKey>>,
}

/// What was done to the index and not yet looked at.
#[derive(Debug, Default)]
struct Changes {
    /// Records whose pairs changed.
    touched: Vec<u32>,
    /// Records that are not yet compared.
    fresh: Vec<u32>,
    /// Blocks that grew too large.
    grown: Vec<u64>,
    /// Blocks that are not too large any more.
    shrunk: Vec<(Rule, u64)>,
}

/// New records that one thread compares at once.
const FRESH_AT_ONCE: usize = 4;

impl std::fmt::Debug for Index {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Index").field("records", &self.places.len()).finish_non_exhaustive()
    }
}

impl Index {
    /// An empty index that decides by `model`.
    pub fn new(model: Model, settings: Settings) -> Self {
        Self {
            settings,
            scorer: Scorer::new(&model),
            model,
            pool: Pool::default(),
            weighed: 0,
            places: Map::default(),
            held: Vec::new(),
            free: Vec::new(),
            postings: Postings::default(),
            asserted: BTreeMap::new(),
            copies: Copies::default(),
            folds: true,
        }
    }

    /// How many records it holds.
    pub fn len(&self) -> usize {
        self.places.len() + self.copies.len()
    }

    /// Whether it holds none.
    pub fn is_empty(&self) -> bool {
        self.places.is_empty()
    }

    /// The score of two records that are held.
    pub fn score(&self, a: RecordKey, b: RecordKey) -> Option<Score> {
        let (x, y) = (self.held(self.place(a)?)?, self.held(self.place(b)?)?);
        Some(self.scorer.score(&self.pool, &x.row, &y.row, compare(&self.pool, &x.row, &y.row)))
    }

    /// Takes records in, or replaces those of the same key. Rows must be of [`Index::pool`].
    pub fn insert(&mut self, rows: &[(RecordKey, Row)]) -> Change {
        self.weigh_values();
        let mut changes = Changes::default();
        for (key, row) in rows {
            self.let_go(*key, &mut changes);
            self.take_in(*key, row, &mut changes);
        }
        let touched = self.settle(changes);
        self.decide(touched)
    }

    /// Lets records go.
    pub fn erase(&mut self, keys: &[RecordKey]) -> Change {
        let mut changes = Changes::default();
        for key in keys {
            self.let_go(*key, &mut changes);
        }
        let touched = self.settle(changes);
        self.decide(touched)
    }

    /// All people, each with its records, ascending.
    pub fn people(&self) -> Vec<Vec<RecordKey>> {
        self.decide(self.places.values().copied().collect()).people
    }

    /// Looks up how common the values are that were interned since.
    fn weigh_values(&mut self) {
        self.model.frequencies.weigh(&mut self.pool, self.weighed);
        self.weighed = self.pool.len();
    }

    fn held(&self, place: u32) -> Option<&Held> {
        self.held.get(place as usize)?.as_ref()
    }

    fn held_mut(&mut self, place: u32) -> Option<&mut Held> {
        self.held.get_mut(place as usize)?.as_mut()
    }

    fn add(&mut self, key: RecordKey, row: &Row, changes: &mut Changes) {
        let held = Some(Held { key, row: *row, edges: Vec::new() });
        let place = if let Some(place) = self.free.pop() {
            if let Some(free) = self.held.get_mut(place as usize) {
                *free = held;
            }
            place
        } else {
            self.held.push(held);
            u32::try_from(self.held.len() - 1).unwrap_or(u32::MAX)
        };
        self.places.insert(key, place);
        for (rule, chain) in chains(&self.pool, row) {
            self.post(place, rule, &chain, &mut changes.grown);
        }
        changes.fresh.push(place);
    }

    /// Compares what came, and lets go of pairs that rested on blocks which grew too large, or finds
    /// those of blocks which are not too large any more. Gives the places whose pairs may have changed.
    fn settle(&mut self, changes: Changes) -> Vec<u32> {
        let Changes { mut touched, mut fresh, grown, shrunk } = changes;
        fresh.retain(|place| self.held(*place).is_some());
        fresh.sort_unstable();
        fresh.dedup();
        self.connect(&fresh, FRESH_AT_ONCE, &mut touched);
        touched.extend(fresh);
        // The finer blocks of one that grew bring no new pairs, for they are parts of it.
        for key in grown {
            self.disconnect(key, &mut touched);
        }
        for (rule, key) in shrunk {
            // It may have grown again since.
            if self.postings.size(key) <= rule.block_max() {
                self.reconnect(key, &mut touched);
            }
        }
        touched
    }

    /// Posts a row under a key, and under finer ones while the block is too large.
    fn post(&mut self, place: u32, rule: Rule, chain: &Chain, grown: &mut Vec<u64>) {
        let most = rule.block_max();
        for (depth, key) in chain.keys.iter().take(chain.len).enumerate() {
            let size = self.postings.add(*key, place);
            if size <= most {
                return;
            }
            if size == most + 1 {
                grown.push(*key);
                for (other, finer) in self.finer(place, rule, *key, depth) {
                    self.postings.add(finer, other);
                }
            }
        }
    }

    /// The next keys of all rows of a block but one.
    fn finer(&self, but: u32, rule: Rule, key: u64, depth: usize) -> Vec<(u32, u64)> {
        let others = self.postings.each(key).filter(|other| *other != but);
        let finer = |other| {
            let row = &self.held(other)?.row;
            Some((other, finer(&self.pool, row, rule, key, depth + 1)?))
        };
        others.filter_map(finer).collect()
    }

    fn remove(&mut self, key: RecordKey, changes: &mut Changes) {
        let Some(place) = self.places.remove(&key) else { return };
        let Some(held) = self.held.get_mut(place as usize).and_then(Option::take) else { return };
        for (other, _) in &held.edges {
            changes.touched.push(*other);
            if let Some(other) = self.held_mut(*other) {
                other.edges.retain(|(near, _)| *near != place);
            }
        }
        for (rule, chain) in chains(&self.pool, &held.row) {
            self.withdraw(place, rule, &chain, &mut changes.shrunk);
        }
        self.free.push(place);
    }

    /// Takes a row out of the blocks of a chain. A block that is no longer too large needs no finer ones.
    fn withdraw(
        &mut self,
        place: u32,
        rule: Rule,
        chain: &Chain,
        given_back: &mut Vec<(Rule, u64)>,
    ) {
        let most = rule.block_max();
        let mut shrunk = Vec::new();
        for (depth, key) in chain.keys.iter().take(chain.len).enumerate() {
            let left = self.postings.remove(*key, place);
            if left < most {
                break;
            }
            if left == most {
                shrunk.push((depth, *key));
            }
        }
        for (depth, key) in shrunk.into_iter().rev() {
            for (other, finer) in self.finer(place, rule, key, depth) {
                self.postings.remove(finer, other);
            }
            given_back.push((rule, key));
        }
    }

    /// Lets go of pairs within a block that are candidates by no other key.
    fn disconnect(&mut self, chain_key: u64, touched: &mut Vec<u32>) {
        let mut gone = Vec::new();
        let mut members: Vec<u32> = self.postings.each(chain_key).collect();
        members.sort_unstable();
        for place in &members {
            let Some(held) = self.held(*place) else { continue };
            let mut near = held
                .edges
                .iter()
                .map(|(other, _)| *other)
                .filter(|other| other > place && members.binary_search(other).is_ok())
                .peekable();
            if near.peek().is_some() {
                let candidates = self.candidates(*place, &held.row);
                let lost = near.filter(|other| candidates.binary_search(other).is_err());
                gone.extend(lost.map(|other| (*place, other)));
            }
        }
        for (a, b) in gone {
            for (one, other) in [(a, b), (b, a)] {
                touched.push(one);
                if let Some(held) = self.held_mut(one) {
                    held.edges.retain(|(near, _)| *near != other);
                }
            }
        }
    }

    /// Finds the pairs of a block that gives candidates again.
    fn reconnect(&mut self, chain_key: u64, touched: &mut Vec<u32>) {
        let mut members: Vec<u32> = self.postings.each(chain_key).collect();
        members.sort_unstable();
        for (a, b) in members.iter().flat_map(|a| members.iter().map(move |b| (*a, *b))) {
            let Some(held) = self.held(a).filter(|_| a < b) else { continue };
            if held.edges.iter().all(|(near, _)| *near != b)
                && let Some(weight) = self.weight(a, b)
            {
                self.join(a, b, weight, touched);
            }
        }
    }

    /// Finds the candidates of records that have no pairs yet, and keeps the pairs that may be one person.
    /// Their places come ascending.
    fn connect(&mut self, fresh: &[u32], at_once: usize, touched: &mut Vec<u32>) {
        let index = &*self;
        let found = spread(&index.settings, fresh.len(), at_once, |range| {
            let mut found = Vec::new();
            for place in fresh.get(range).into_iter().flatten() {
                let Some(held) = index.held(*place) else { continue };
                for other in index.candidates(*place, &held.row) {
                    // A pair of two that are new is asked from the later one.
                    let later = other > *place && fresh.binary_search(&other).is_ok();
                    if !later && let Some(weight) = index.weight(*place, other) {
                        found.push((*place, other, weight));
                    }
                }
            }
            found
        });
        for (place, other, weight) in found.into_iter().flatten() {
            self.join(place, other, weight, touched);
        }
    }

    /// The weight of a pair that may be one person.
    fn weight(&self, a: u32, b: u32) -> Option<f32> {
        let (x, y) = (&self.held(a)?.row, &self.held(b)?.row);
        let pattern = compare(&self.pool, x, y);
        self.scorer.weight_from(self.settings.floor, &self.pool, x, y, pattern)
    }

    fn join(&mut self, a: u32, b: u32, weight: f32, touched: &mut Vec<u32>) {
        for (one, other) in [(a, b), (b, a)] {
            touched.push(one);
            if let Some(held) = self.held_mut(one) {
                held.edges.push((other, weight));
            }
        }
    }

    /// Who shares a block with a row that is not too large, ascending.
    fn candidates(&self, place: u32, row: &Row) -> Vec<u32> {
        let mut found: Vec<u32> = Vec::with_capacity(64);
        for (rule, chain) in chains(&self.pool, row) {
            let most = rule.block_max();
            let mut keys = chain.keys.iter().take(chain.len);
            if let Some(key) = keys.find(|key| self.postings.size(**key) <= most) {
                found.extend(self.postings.each(*key).filter(|other| *other != place));
            }
        }
        found.sort_unstable();
        found.dedup();
        found
    }
}

/// The chains of a row, each once: two values of one record may give one key.
fn chains(pool: &Pool, row: &Row) -> Vec<(Rule, Chain)> {
    let mut found: Vec<(Rule, Chain)> = Vec::with_capacity(32);
    each_chain(pool, row, |rule, chain| {
        let mut same = found.iter().rev().take_while(|(other, _)| *other == rule);
        if same.all(|(_, other)| other.keys != chain.keys) {
            found.push((rule, chain));
        }
    });
    found
}
