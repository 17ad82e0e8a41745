//! Stays: a person at one house for a while. Who moves alone is another household from that day; a
//! household that moves together stays one.

use crate::record::{Map, NONE, Records, Row, mix};
use std::collections::{BTreeMap, BTreeSet};

/// The stay of each row, named by the stay's first row; and the house of each stay.
pub(super) struct Stays {
    pub(super) of_row: Vec<u32>,
    pub(super) houses: Map<u32, u64>,
    /// The stays of each person, in time, where there are several.
    pub(super) moved: Vec<Vec<u32>>,
}

impl Stays {
    pub(super) fn of(records: &Records, people: &[u32]) -> Self {
        let mut rows: BTreeMap<u32, Vec<u32>> = BTreeMap::new();
        for (person, row) in people.iter().zip(0..) {
            rows.entry(*person).or_default().push(row);
        }
        let mut stays = Self {
            of_row: (0..).take(people.len()).collect(),
            houses: Map::default(),
            moved: Vec::new(),
        };
        for rows in rows.into_values() {
            stays.add(records, &rows);
        }
        stays
    }

    /// How many houses the stays of rows are at.
    pub(super) fn houses_of(&self, rows: &[(u32, u32)]) -> usize {
        let of = |row: u32| self.of_row.get(row as usize).and_then(|stay| self.houses.get(stay));
        rows.iter().filter_map(|(_, row)| of(*row)).collect::<BTreeSet<_>>().len()
    }

    fn add(&mut self, records: &Records, rows: &[u32]) {
        let row = |number: &u32| records.rows.get(*number as usize);
        let mut at: Vec<(i64, u64, u32)> = rows
            .iter()
            .filter_map(|number| Some((row(number)?.time, house(records, row(number)?)?, *number)))
            .collect();
        at.sort_unstable();
        // The first row of each house, in the order of moving in.
        let mut starts: Vec<(i64, u64, u32)> = Vec::new();
        for stay in &at {
            if !starts.iter().any(|known| known.1 == stay.1) {
                starts.push(*stay);
            }
        }
        for number in rows {
            let here = row(number).and_then(|row| house(records, row));
            let time = row(number).map_or(0, |row| row.time);
            let by_house = starts.iter().find(|stay| Some(stay.1) == here);
            let by_time = || starts.iter().rev().find(|stay| stay.0 <= time).or(starts.first());
            let stay = by_house.or_else(by_time).map(|stay| stay.2).or(rows.first().copied());
            if let (Some(place), Some(stay)) = (self.of_row.get_mut(*number as usize), stay) {
                *place = stay;
            }
        }
        self.houses.extend(starts.iter().map(|stay| (stay.2, stay.1)));
        if starts.len() > 1 {
            self.moved.push(starts.into_iter().map(|stay| stay.2).collect());
        }
    }
}

/// The key of a house: number and place. The street is left to a comparison, for it is what is
/// mistyped and shortened most.
pub(super) fn house(records: &Records, row: &Row) -> Option<u64> {
    let hash = |id| records.pool.value(id).hash;
    let place = if row.postcode == NONE { row.city } else { row.postcode };
    let whole = row.street != NONE && row.number != NONE && place != NONE;
    whole.then(|| mix(hash(row.number), hash(place)))
}
