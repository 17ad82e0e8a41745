//! The index for somebody who decides elsewhere: what changes in it, and what it knows of pairs.
//!
//! Here every record stands for itself, and nothing is asserted: whoever decides knows what was said.

use super::super::component::{units, weigh};
use super::{Changes, Held, Index, chains};
use crate::explain::{Why, why};
use crate::model::Model;
use crate::record::{RecordKey, Row};

/// Records that one thread takes at once.
const AT_ONCE: usize = 1_024;

impl Index {
    /// An empty index in which identical records are not folded.
    pub fn unfolded(model: Model, settings: super::Settings) -> Self {
        Self { folds: false, ..Self::new(model, settings) }
    }

    /// Takes records in, replaces them, or lets them go where there is no row. Gives every record whose
    /// pairs may have changed and that is still held, ascending.
    ///
    /// What is known of pairs afterwards is a function of the set of records, so a change is undone by
    /// changing back.
    pub fn change(&mut self, rows: &[(RecordKey, Option<Row>)]) -> Vec<RecordKey> {
        self.weigh_values();
        let mut changes = Changes::default();
        for (key, row) in rows {
            self.let_go(*key, &mut changes);
            if let Some(row) = row {
                self.take_in(*key, row, &mut changes);
            }
        }
        let touched = self.settle(changes);
        let held = touched.into_iter().filter_map(|place| self.held(place));
        let mut keys: Vec<RecordKey> = held.map(|held| held.key).collect();
        keys.sort_unstable();
        keys.dedup();
        keys
    }

    /// Puts a record back of which the pairs are known, comparing nothing. Pairs are made known by
    /// [`Index::put_pair`] when both records are back.
    pub fn put_back(&mut self, key: RecordKey, row: &Row) {
        self.weigh_values();
        let held = Some(Held { key, row: *row, edges: Vec::new() });
        self.held.push(held);
        let place = u32::try_from(self.held.len() - 1).unwrap_or(u32::MAX);
        self.places.insert(key, place);
        let mut grown = Vec::new();
        for (rule, chain) in chains(&self.pool, row) {
            self.post(place, rule, &chain, &mut grown);
        }
    }

    /// Takes records into an empty index, comparing them on as many threads as the settings say. What is
    /// known then is what [`Index::change`] would have come to.
    pub fn fill(&mut self, rows: &[(RecordKey, Row)]) {
        for (key, row) in rows {
            self.put_back(*key, row);
        }
        let all: Vec<u32> = (0..).take(self.held.len()).collect();
        let mut touched = Vec::new();
        self.connect(&all, AT_ONCE, &mut touched);
    }

    /// Makes known what two records that are back weigh, in units of [`crate::cluster::UNIT`].
    pub fn put_pair(&mut self, a: RecordKey, b: RecordKey, units: i32) {
        let (Some(a), Some(b)) = (self.place(a), self.place(b)) else { return };
        self.join(a, b, weight(units), &mut Vec::new());
    }

    /// The record, if it is held.
    pub fn row(&self, key: RecordKey) -> Option<Row> {
        Some(self.held(self.place(key)?)?.row)
    }

    /// The pairs of a record that may be one person, ascending, with their weight in units of
    /// [`crate::cluster::UNIT`].
    pub fn near(&self, key: RecordKey) -> Vec<(RecordKey, i32)> {
        let held = self.place(key).and_then(|place| self.held(place));
        let edges = held.into_iter().flat_map(|held| &held.edges);
        let mut near: Vec<(RecordKey, i32)> = edges
            .filter_map(|(other, weight)| {
                let units = units(&self.settings, *weight);
                Some((self.held(*other)?.key, i32::try_from(units).unwrap_or(i32::MAX)))
            })
            .collect();
        near.sort_unstable();
        near
    }

    /// What two records of one component weigh, in units of [`crate::cluster::UNIT`], or
    /// [`crate::cluster::NEVER`]; nothing where one is not held.
    pub fn weigh(&self, a: RecordKey, b: RecordKey) -> Option<i64> {
        let (x, y) = (self.held(self.place(a)?)?, self.held(self.place(b)?)?);
        Some(weigh(&self.pool, &self.scorer, &self.settings, &x.row, &y.row))
    }

    /// Why two records are one person or not; nothing where one is not held.
    pub fn why(&self, a: RecordKey, b: RecordKey) -> Option<Why> {
        let (x, y) = (self.held(self.place(a)?)?, self.held(self.place(b)?)?);
        Some(why(&self.pool, &self.scorer, &x.row, &y.row))
    }

    /// What it is told to decide by.
    pub const fn settings(&self) -> &super::Settings {
        &self.settings
    }
}

#[expect(clippy::cast_precision_loss, reason = "weights are clipped far below 2^24 units")]
fn weight(units: i32) -> f32 {
    units as f32 / crate::cluster::UNIT
}
