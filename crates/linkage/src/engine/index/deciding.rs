//! Deciding what the index holds: the components of records that were touched.

use super::super::component::decide;
use super::super::spread::spread;
use super::{Change, Held, Index};
use crate::record::{Map, RecordKey, Row, Set};

/// Components that one thread decides at once.
const COMPONENTS_AT_ONCE: usize = 16;

impl Index {
    /// The places of the records that pairs and assertions connect with one.
    pub(super) fn component(&self, place: u32) -> Vec<u32> {
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

    /// What was said of a record, and of whom.
    pub(super) fn asserted_of(
        &self,
        key: RecordKey,
    ) -> impl Iterator<Item = (RecordKey, bool)> + '_ {
        let all = self.asserted.range((key, RecordKey::MIN)..=(key, RecordKey::MAX));
        all.map(|((_, other), same)| (*other, *same))
    }

    /// Decides the components of the records at these places.
    pub(super) fn decide(&self, mut touched: Vec<u32>) -> Change {
        touched.sort_unstable();
        touched.dedup();
        let mut components = Vec::new();
        let mut seen: Set<u32> = Set::default();
        for place in touched {
            if self.held(place).is_some() && !seen.contains(&place) {
                let component = self.component(place);
                seen.extend(&component);
                components.push(component);
            }
        }
        let people = spread(&self.settings, components.len(), COMPONENTS_AT_ONCE, |range| {
            let mut people = Vec::new();
            for component in components.get(range).into_iter().flatten() {
                self.decide_component(component, &mut people);
            }
            people
        });
        let mut people = people.concat();
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
