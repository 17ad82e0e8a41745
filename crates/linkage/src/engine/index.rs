//! Linking record by record: an index whose state is a function of the set of records it holds.
//!
//! INVARIANT: after any sequence of [`Index::insert`], updates and [`Index::erase`], people are those
//! that [`super::link_with`] finds over the records that are left. Keys whose block becomes too large
//! are refined, and give way again when it shrinks: pairs that rested on them are decided anew.

use super::Settings;
use super::component::{Asserted, decide};
use crate::block::{CHAIN_MAX, Chain, RULES, SLOTS, keys};
use crate::compare::compare;
use crate::model::{Model, Score, Scorer};
use crate::record::{Map, Pool, RecordKey, Row};
use std::collections::{BTreeMap, BTreeSet};

/// Records, their keys and the pairs between them that may be one person.
pub struct Index {
    settings: Settings,
    model: Model,
    scorer: Scorer,
    /// The values of all records; the caller's reader interns into it.
    pub pool: Pool,
    weighed: usize,
    held: BTreeMap<RecordKey, Held>,
    postings: Map<u64, BTreeSet<RecordKey>>,
    asserted: BTreeMap<(RecordKey, RecordKey), bool>,
}

struct Held {
    row: Row,
    chains: Box<[Chain; SLOTS]>,
    edges: BTreeMap<RecordKey, f32>,
}

/// What a change came to.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Change {
    /// The people of all records that were reached, each with its records, ascending.
    pub people: Vec<Vec<RecordKey>>,
}

impl std::fmt::Debug for Index {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Index").field("records", &self.held.len()).finish_non_exhaustive()
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
            held: BTreeMap::new(),
            postings: Map::default(),
            asserted: BTreeMap::new(),
        }
    }

    /// How many records it holds.
    pub fn len(&self) -> usize {
        self.held.len()
    }

    /// Whether it holds none.
    pub fn is_empty(&self) -> bool {
        self.held.is_empty()
    }

    /// The score of two records that are held.
    pub fn score(&self, a: RecordKey, b: RecordKey) -> Option<Score> {
        let (x, y) = (&self.held.get(&a)?.row, &self.held.get(&b)?.row);
        Some(self.scorer.score(&self.pool, x, y, compare(&self.pool, x, y)))
    }

    /// Takes records in, or replaces those of the same key. Rows must be of [`Index::pool`].
    pub fn insert(&mut self, rows: &[(RecordKey, Row)]) -> Change {
        self.model.frequencies.weigh(&mut self.pool, self.weighed);
        self.weighed = self.pool.len();
        let mut touched = BTreeSet::new();
        for (key, row) in rows {
            self.remove(*key, &mut touched);
            self.add(*key, row, &mut touched);
        }
        self.decide(&touched)
    }

    /// Lets records go.
    pub fn erase(&mut self, keys: &[RecordKey]) -> Change {
        let mut touched = BTreeSet::new();
        for key in keys {
            self.remove(*key, &mut touched);
        }
        self.decide(&touched)
    }

    /// Says for ever whether two records are one person; [`Index::retract`] takes it back.
    pub fn assert(&mut self, asserted: Asserted) -> Change {
        self.asserted.insert(ordered(asserted.a, asserted.b), asserted.same);
        self.decide(&BTreeSet::from([asserted.a, asserted.b]))
    }

    /// Takes back what was said about two records.
    pub fn retract(&mut self, a: RecordKey, b: RecordKey) -> Change {
        let before: BTreeSet<RecordKey> = self.component(a).into_iter().chain([b]).collect();
        self.asserted.remove(&ordered(a, b));
        self.decide(&before)
    }

    /// All people, each with its records, ascending.
    pub fn people(&self) -> Vec<Vec<RecordKey>> {
        self.decide(&self.held.keys().copied().collect()).people
    }

    fn add(&mut self, key: RecordKey, row: &Row, touched: &mut BTreeSet<RecordKey>) {
        let chains = Box::new(keys(&self.pool, row));
        let mut crossed = Vec::new();
        for (chain_key, most) in distinct(&chains) {
            let posting = self.postings.entry(chain_key).or_default();
            posting.insert(key);
            if posting.len() == most + 1 {
                crossed.push(chain_key);
            }
        }
        self.held.insert(key, Held { row: *row, chains, edges: BTreeMap::new() });
        self.connect(key, touched);
        // A block that grew too large: what rested on it alone is let go. Its finer blocks bring no new
        // pairs, for they are parts of it.
        for chain_key in crossed {
            self.disconnect(chain_key, touched);
        }
        touched.insert(key);
    }

    fn remove(&mut self, key: RecordKey, touched: &mut BTreeSet<RecordKey>) {
        let Some(held) = self.held.remove(&key) else { return };
        for other in held.edges.keys() {
            touched.insert(*other);
            if let Some(other) = self.held.get_mut(other) {
                other.edges.remove(&key);
            }
        }
        let mut crossed = Vec::new();
        for (chain_key, most) in distinct(&held.chains) {
            let Some(posting) = self.postings.get_mut(&chain_key) else { continue };
            posting.remove(&key);
            if posting.len() == most {
                crossed.push(chain_key);
            }
            if posting.is_empty() {
                self.postings.remove(&chain_key);
            }
        }
        for chain_key in crossed {
            self.reconnect(chain_key, touched);
        }
        touched.remove(&key);
    }

    /// Lets go of pairs within a block that are candidates by no other key.
    fn disconnect(&mut self, chain_key: u64, touched: &mut BTreeSet<RecordKey>) {
        let mut gone = Vec::new();
        let Some(members) = self.postings.get(&chain_key) else { return };
        for key in members {
            let Some(held) = self.held.get(key) else { continue };
            let near = held.edges.keys().filter(|other| *other > key && members.contains(other));
            gone.extend(
                near.filter(|other| !self.are_candidates(held, **other))
                    .map(|other| (*key, *other)),
            );
        }
        for (a, b) in gone {
            for (one, other) in [(a, b), (b, a)] {
                touched.insert(one);
                if let Some(held) = self.held.get_mut(&one) {
                    held.edges.remove(&other);
                }
            }
        }
    }

    fn are_candidates(&self, held: &Held, other: RecordKey) -> bool {
        self.active_postings(&held.chains).any(|posting| posting.contains(&other))
    }

    fn active_postings<'a>(
        &'a self,
        chains: &'a [Chain; SLOTS],
    ) -> impl Iterator<Item = &'a BTreeSet<RecordKey>> {
        with_most(chains).filter_map(|(chain, most)| {
            let size = |key| self.postings.get(&key).map_or(0, BTreeSet::len);
            self.postings.get(&active(chain, size, most)?)
        })
    }

    fn reconnect(&mut self, chain_key: u64, touched: &mut BTreeSet<RecordKey>) {
        let members: Vec<RecordKey> =
            self.postings.get(&chain_key).into_iter().flatten().copied().collect();
        for member in members {
            self.connect(member, touched);
            touched.insert(member);
        }
    }

    /// Finds the candidates of a record and keeps those that may be the same person.
    fn connect(&mut self, key: RecordKey, touched: &mut BTreeSet<RecordKey>) {
        let Some(held) = self.held.get(&key) else { return };
        let mut edges = BTreeMap::new();
        for other in self.candidates(key, &held.chains) {
            if let Some(score) =
                self.score(key, other).filter(|score| score.weight >= self.settings.floor)
            {
                edges.insert(other, score.weight);
            }
        }
        let before =
            self.held.get_mut(&key).map(|held| std::mem::replace(&mut held.edges, edges.clone()));
        for gone in before.unwrap_or_default().keys().filter(|other| !edges.contains_key(other)) {
            touched.insert(*gone);
            if let Some(other) = self.held.get_mut(gone) {
                other.edges.remove(&key);
            }
        }
        for (other, weight) in edges {
            touched.insert(other);
            if let Some(other) = self.held.get_mut(&other) {
                other.edges.insert(key, weight);
            }
        }
    }

    fn candidates(&self, key: RecordKey, chains: &[Chain; SLOTS]) -> Vec<RecordKey> {
        let mut found: Vec<RecordKey> =
            self.active_postings(chains).flatten().copied().filter(|other| *other != key).collect();
        found.sort_unstable();
        found.dedup();
        found
    }

    fn component(&self, key: RecordKey) -> BTreeSet<RecordKey> {
        let mut found = BTreeSet::new();
        let mut waiting = vec![key];
        while let Some(next) = waiting.pop() {
            if let Some(held) = self.held.get(&next)
                && found.insert(next)
            {
                waiting.extend(held.edges.keys());
                waiting.extend(self.asserted_of(next));
            }
        }
        found
    }

    fn asserted_of(&self, key: RecordKey) -> Vec<RecordKey> {
        let joined = self.asserted.iter().filter(|(_, same)| **same);
        let other = joined.filter_map(|((a, b), _)| match key {
            _ if key == *a => Some(*b),
            _ if key == *b => Some(*a),
            _ => None,
        });
        other.collect()
    }

    fn decide(&self, touched: &BTreeSet<RecordKey>) -> Change {
        let mut people = Vec::new();
        let mut seen = BTreeSet::new();
        for key in touched {
            if seen.contains(key) || !self.held.contains_key(key) {
                continue;
            }
            let component = self.component(*key);
            people.extend(self.decide_component(&component));
            seen.extend(component);
        }
        people.sort_unstable();
        Change { people }
    }

    fn decide_component(&self, component: &BTreeSet<RecordKey>) -> Vec<Vec<RecordKey>> {
        let members: Vec<RecordKey> = component.iter().copied().collect();
        let rows: Vec<(RecordKey, &Row)> =
            members.iter().filter_map(|key| Some((*key, &self.held.get(key)?.row))).collect();
        let place = |key: &RecordKey| u32::try_from(members.binary_search(key).ok()?).ok();
        let mut edges = Vec::new();
        for (key, a) in members.iter().zip(0..) {
            let of = self.held.get(key).into_iter().flat_map(|held| &held.edges);
            edges.extend(
                of.filter_map(|(other, weight)| Some((a, place(other)?, *weight)))
                    .filter(|edge| edge.0 < edge.1),
            );
        }
        let asserted: Vec<(u32, u32, bool)> = self
            .asserted
            .iter()
            .filter_map(|((a, b), same)| Some((place(a)?, place(b)?, *same)))
            .collect();
        decide(&self.pool, &self.scorer, &self.settings, &rows, &edges, &asserted)
            .people
            .into_iter()
            .map(|person| {
                person.iter().filter_map(|place| members.get(*place as usize).copied()).collect()
            })
            .collect()
    }
}

fn ordered(a: RecordKey, b: RecordKey) -> (RecordKey, RecordKey) {
    (a.min(b), a.max(b))
}

fn with_most(chains: &[Chain; SLOTS]) -> impl Iterator<Item = (&Chain, usize)> {
    let most = RULES.iter().flat_map(|rule| std::iter::repeat_n(rule.block_max(), rule.width()));
    chains.iter().zip(most).filter(|(chain, _)| chain.len > 0)
}

/// All keys of all chains with the largest block of their rule, each once: two values of one record
/// may give one key.
fn distinct(chains: &[Chain; SLOTS]) -> BTreeMap<u64, usize> {
    with_most(chains)
        .flat_map(|(chain, most)| {
            chain.keys.iter().take(chain.len.min(CHAIN_MAX)).map(move |key| (*key, most))
        })
        .collect()
}

/// The first key of a chain whose block is not too large.
fn active(chain: &Chain, size: impl Fn(u64) -> usize, most: usize) -> Option<u64> {
    chain.keys.iter().take(chain.len).copied().find(|key| size(*key) <= most)
}
