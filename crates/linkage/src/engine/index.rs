//! Linking record by record: an index whose state is a function of the set of records it holds.
//!
//! INVARIANT: after any sequence of [`Index::insert`], updates and [`Index::erase`], people are those
//! that [`super::link_with`] finds over the records that are left. Keys whose block becomes too large
//! are refined, and give way again when it shrinks: pairs that rested on them are decided anew.

mod folding;
mod staged;

use super::Settings;
use super::component::decide;
use super::copies::Copies;
use super::postings::Postings;
use crate::block::{Chain, Rule, each_chain, finer};
use crate::compare::compare;
use crate::model::{Model, Score, Scorer};
use crate::record::{Map, Pool, RecordKey, Row, Set};
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
        let mut touched = Vec::new();
        for (key, row) in rows {
            self.let_go(*key, &mut touched);
            self.take_in(*key, row, &mut touched);
        }
        self.decide(touched)
    }

    /// Lets records go.
    pub fn erase(&mut self, keys: &[RecordKey]) -> Change {
        let mut touched = Vec::new();
        for key in keys {
            self.let_go(*key, &mut touched);
        }
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

    fn add(&mut self, key: RecordKey, row: &Row, touched: &mut Vec<u32>) {
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
        let mut crossed = Vec::new();
        for (rule, chain) in chains(&self.pool, row) {
            self.post(place, rule, &chain, &mut crossed);
        }
        self.connect(place, touched);
        // A block that grew too large: what rested on it alone is let go. Its finer blocks bring no new
        // pairs, for they are parts of it.
        for chain_key in crossed {
            self.disconnect(chain_key, touched);
        }
        touched.push(place);
    }

    /// Posts a row under a key, and under finer ones while the block is too large.
    fn post(&mut self, place: u32, rule: Rule, chain: &Chain, crossed: &mut Vec<u64>) {
        let most = rule.block_max();
        for (depth, key) in chain.keys.iter().take(chain.len).enumerate() {
            let size = self.postings.add(*key, place);
            if size <= most {
                return;
            }
            if size == most + 1 {
                crossed.push(*key);
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

    fn remove(&mut self, key: RecordKey, touched: &mut Vec<u32>) {
        let Some(place) = self.places.remove(&key) else { return };
        let Some(held) = self.held.get_mut(place as usize).and_then(Option::take) else { return };
        for (other, _) in &held.edges {
            touched.push(*other);
            if let Some(other) = self.held_mut(*other) {
                other.edges.retain(|(near, _)| *near != place);
            }
        }
        let mut crossed = Vec::new();
        for (rule, chain) in chains(&self.pool, &held.row) {
            self.withdraw(place, rule, &chain, &mut crossed);
        }
        self.free.push(place);
        for chain_key in crossed {
            self.reconnect(chain_key, touched);
        }
    }

    /// Takes a row out of the blocks of a chain. A block that is no longer too large needs no finer ones.
    fn withdraw(&mut self, place: u32, rule: Rule, chain: &Chain, crossed: &mut Vec<u64>) {
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
            crossed.push(key);
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

    /// Finds the candidates of a new record and keeps those that may be the same person.
    fn connect(&mut self, place: u32, touched: &mut Vec<u32>) {
        let Some(held) = self.held(place) else { return };
        let candidates = self.candidates(place, &held.row);
        for other in candidates {
            if let Some(weight) = self.weight(place, other) {
                self.join(place, other, weight, touched);
            }
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

    fn component(&self, place: u32) -> Vec<u32> {
        let mut found = vec![place];
        let mut seen: Set<u32> = Set::default();
        seen.insert(place);
        let mut next = 0;
        while let Some(held) = found.get(next).and_then(|place| self.held(*place)) {
            let near = held.edges.iter().map(|(other, _)| *other);
            let said = self.said_of(held).filter(|(_, same)| *same);
            let said = said.filter_map(|(key, _)| self.place(key));
            found.extend(near.chain(said).filter(|other| seen.insert(*other)));
            next += 1;
        }
        found
    }

    fn asserted_of(&self, key: RecordKey) -> impl Iterator<Item = (RecordKey, bool)> + '_ {
        let all = self.asserted.range((key, RecordKey::MIN)..=(key, RecordKey::MAX));
        all.map(|((_, other), same)| (*other, *same))
    }

    fn decide(&self, mut touched: Vec<u32>) -> Change {
        touched.sort_unstable();
        touched.dedup();
        let mut people = Vec::new();
        let mut seen: Set<u32> = Set::default();
        for place in touched {
            if self.held(place).is_some() && !seen.contains(&place) {
                let component = self.component(place);
                seen.extend(&component);
                self.decide_component(&component, &mut people);
            }
        }
        people.sort_unstable();
        Change { people }
    }

    fn decide_component(&self, component: &[u32], people: &mut Vec<Vec<RecordKey>>) {
        let held = component.iter().filter_map(|place| Some((self.held(*place)?, *place)));
        let mut members: Vec<(&Held, u32)> = held.collect();
        members.sort_unstable_by_key(|(held, _)| held.key);
        let keys: Vec<RecordKey> = members.iter().map(|(held, _)| held.key).collect();
        if let [(held, _)] = members.as_slice() {
            people.push(self.with_copies(held));
            return;
        }
        let rows: Vec<(RecordKey, &Row)> =
            members.iter().map(|(held, _)| (held.key, &held.row)).collect();
        let positions: Map<u32, u32> = members.iter().map(|(_, place)| *place).zip(0..).collect();
        let mut edges = Vec::new();
        let mut asserted = Vec::new();
        for ((held, _), a) in members.iter().zip(0..) {
            let near = held.edges.iter();
            let near = near.filter_map(|(b, weight)| Some((a, *positions.get(b)?, *weight)));
            edges.extend(near.filter(|edge| edge.0 < edge.1));
            let said = self.said_of(held);
            let said = said.filter_map(|(b, same)| {
                let b = keys.binary_search(&self.copies.of(b)).ok()?;
                Some((a, u32::try_from(b).ok()?, same))
            });
            asserted.extend(said.filter(|said| said.0 < said.1));
        }
        edges.sort_unstable_by_key(|(a, b, _)| (*a, *b));
        let decision = decide(&self.pool, &self.scorer, &self.settings, &rows, &edges, &asserted);
        for person in &decision.people {
            let held = person.iter().filter_map(|position| members.get(*position as usize));
            let mut all: Vec<RecordKey> =
                held.flat_map(|(held, _)| self.with_copies(held)).collect();
            all.sort_unstable();
            people.push(all);
        }
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
