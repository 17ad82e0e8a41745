//! Identical records stand for one: folded before blocking, and unfolded when people are known.
//!
//! A thousand copies of one record are no thousand witnesses. Compared with each other they would
//! crowd blocks and teach training that agreement is common.

use super::batch::{Pair, Side};
use super::component::Asserted;
use crate::record::{Map, NONE, Pool, RecordKey, Records, Row, mix};
use std::collections::{BTreeMap, BTreeSet};

/// The identity of a record that says enough to be one person with its copies: full name and a birth
/// date, contact point, number or address. Equal for records of one pool that agree in all that is
/// compared. Nothing for thin records: two who are only called alike are not one.
pub(super) fn identity(pool: &Pool, row: &Row) -> Option<u64> {
    let word = |id| pool.letters(pool.value(id)).len() > 1;
    let (month, day) = (row.birth_date / 100 % 100, row.birth_date % 100);
    let born = month.min(day) > 0;
    let [email, phone] =
        [row.emails.as_slice(), row.phones.as_slice()].map(|all| all.iter().any(|id| *id != NONE));
    let address = row.street != NONE && row.number != NONE;
    let telling = born || email || phone || address || row.government != NONE;
    if !telling || !word(row.given) || !word(row.family) {
        return None;
    }
    let single = [
        row.given,
        row.family,
        row.street,
        row.number,
        row.unit,
        row.suburb,
        row.city,
        row.state,
        row.postcode,
        row.government,
        row.birth_date,
        u32::from(row.sex) << 8 | u32::from(row.suffix),
    ];
    let sets = row.tokens.iter().chain(&row.emails).chain(&row.phones).chain(&row.others);
    let all = single.iter().chain(sets);
    Some(all.fold(0, |hash, value| mix(hash, u64::from(*value))))
}

/// Records that somebody set apart from another: they are never folded.
pub(super) fn denied(asserted: impl Iterator<Item = Asserted>) -> BTreeSet<RecordKey> {
    let denials = asserted.filter(|said| !said.same);
    denials.flat_map(|said| [said.a, said.b]).collect()
}

/// A record that another stands for.
struct Copy {
    row: Row,
    key: RecordKey,
    /// Where it stood.
    place: u32,
    /// The record that stands for it, by its place among those that are left.
    stands: u32,
}

/// What was folded away.
#[derive(Default)]
pub(super) struct Folded {
    copies: Vec<Copy>,
    /// Where each record that is left stood; empty where nothing was folded.
    places: Vec<u32>,
    /// Of which sides the records are that each stands for; empty within one set.
    sides: Vec<u8>,
    /// The first row of the right side, where there are two.
    first_right: Option<u32>,
}

const LEFT: u8 = 1;
const RIGHT: u8 = 2;

impl Folded {
    /// Leaves of identical records the one with the least key.
    pub(super) fn of(records: &mut Records, side: Side, asserted: &[Asserted]) -> Self {
        let stands = stand_ins(records, &denied(asserted.iter().copied()));
        let mut folded = Self::default();
        if let Side::Across(first) = side {
            folded.first_right = Some(number(first));
        }
        let mut left = vec![0_u32; records.rows.len()];
        for (place, (known, stands)) in (0_u32..).zip(left.iter_mut().zip(&stands)) {
            if place == *stands {
                *known = number(folded.places.len());
                folded.places.push(place);
            }
        }
        let mut sides = vec![0_u8; folded.places.len()];
        for (place, stands) in (0_u32..).zip(&stands) {
            let vertex = left.get(*stands as usize).copied().unwrap_or(0);
            if let (Some(of), Side::Across(first)) = (sides.get_mut(vertex as usize), side) {
                *of |= if (place as usize) < first { LEFT } else { RIGHT };
            }
            let (row, key) = (records.rows.get(place as usize), records.keys.get(place as usize));
            if let (Some(row), Some(key), true) = (row, key, place != *stands) {
                folded.copies.push(Copy { row: *row, key: *key, place, stands: vertex });
            }
        }
        folded.sides = if side == Side::Within { Vec::new() } else { sides };
        let keep = |place: &mut u32| {
            let here = *place;
            *place += 1;
            stands.get(here as usize).is_none_or(|stands| *stands == here)
        };
        let (mut row, mut key) = (0, 0);
        records.rows.retain(|_| keep(&mut row));
        records.keys.retain(|_| keep(&mut key));
        folded
    }

    /// Puts all records back where they stood.
    pub(super) fn undo(&self, records: &mut Records) {
        let total = records.rows.len() + self.copies.len();
        let mut left = records.rows.len();
        records.rows.resize(total, Row::EMPTY);
        records.keys.resize(total, 0);
        let mut copies = self.copies.iter().rev().peekable();
        for place in (0..total).rev() {
            let (row, key) = if let Some(copy) = copies.next_if(|c| c.place as usize == place) {
                (copy.row, copy.key)
            } else {
                left = left.saturating_sub(1);
                let row = records.rows.get(left).copied().unwrap_or(Row::EMPTY);
                (row, records.keys.get(left).copied().unwrap_or(0))
            };
            if let (Some(to), Some(name)) =
                (records.rows.get_mut(place), records.keys.get_mut(place))
            {
                (*to, *name) = (row, key);
            }
        }
    }

    /// Whether a pair of records that are left is asked for.
    pub(super) fn asked(&self, a: u32, b: u32) -> bool {
        let (Some(x), Some(y)) = (self.sides.get(a as usize), self.sides.get(b as usize)) else {
            return true;
        };
        (x & LEFT != 0 && y & RIGHT != 0) || (x & RIGHT != 0 && y & LEFT != 0)
    }

    /// How many pairs there are in all, likely or not.
    pub(super) fn pairs(&self, rows: usize) -> f64 {
        if self.sides.is_empty() {
            return real(rows) * (real(rows) - 1.0).max(0.0) / 2.0;
        }
        let of = |side| self.sides.iter().filter(|sides| *sides & side != 0).count();
        real(of(LEFT)) * real(of(RIGHT))
    }

    /// Where a record that is left stood.
    pub(super) fn place(&self, vertex: u32) -> u32 {
        self.places.get(vertex as usize).copied().unwrap_or(vertex)
    }

    /// The people of all records, of those of the records that are left: each named by its least row.
    pub(super) fn people(&self, of_left: &[u32]) -> Vec<u32> {
        let mut people = vec![0; self.places.len() + self.copies.len()];
        for (place, person) in self.places.iter().zip(of_left) {
            if let Some(known) = people.get_mut(*place as usize) {
                *known = self.place(*person);
            }
        }
        for copy in &self.copies {
            let person = of_left.get(copy.stands as usize).copied().unwrap_or(copy.stands);
            if let Some(known) = people.get_mut(copy.place as usize) {
                *known = self.place(person);
            }
        }
        let mut least = vec![u32::MAX; people.len()];
        for (row, person) in (0_u32..).zip(&people) {
            if let Some(known) = least.get_mut(*person as usize) {
                *known = row.min(*known);
            }
        }
        people.iter().filter_map(|person| least.get(*person as usize).copied()).collect()
    }

    /// What was said, of the records that are left; nothing of two that one stands for. Where it
    /// contradicts itself, the denial holds.
    pub(super) fn said(&self, records: &Records, asserted: &[Asserted]) -> Vec<(u32, u32, bool)> {
        let named: BTreeSet<RecordKey> =
            asserted.iter().flat_map(|said| [said.a, said.b]).collect();
        if named.is_empty() {
            return Vec::new();
        }
        let left = records.keys.iter().copied().zip(0_u32..);
        let copies = self.copies.iter().map(|copy| (copy.key, copy.stands));
        let places: BTreeMap<RecordKey, u32> =
            left.chain(copies).filter(|(key, _)| named.contains(key)).collect();
        let mut said: BTreeMap<(u32, u32), bool> = BTreeMap::new();
        for about in asserted {
            if let (Some(a), Some(b)) = (places.get(&about.a), places.get(&about.b))
                && a != b
            {
                *said.entry((*a.min(b), *a.max(b))).or_insert(true) &= about.same;
            }
        }
        said.into_iter().map(|((a, b), same)| (a, b, same)).collect()
    }

    /// Pairs of the records that are left become pairs of rows. Every copy gets a pair with one that
    /// it may be linked to, not with each of them: a thousand copies would have a million.
    pub(super) fn pairs_of_rows(&self, pairs: &mut Vec<Pair>, own: impl Fn(u32) -> Pair) {
        for pair in pairs.iter_mut() {
            (pair.a, pair.b) = (self.place(pair.a), self.place(pair.b));
        }
        let mut groups: BTreeMap<u32, Vec<u32>> = BTreeMap::new();
        for copy in &self.copies {
            groups.entry(copy.stands).or_default().push(copy.place);
        }
        let known = pairs.len();
        for (vertex, copies) in &groups {
            let own = own(*vertex);
            let stands = self.place(*vertex);
            pairs.extend(copies.iter().map(|copy| Pair { a: stands, b: *copy, ..own }));
        }
        let Some(first) = self.first_right else { return order(pairs) };
        // Across two sides a pair has a row of either, and what one stands for may be on both.
        let members = |place: u32| {
            let vertex = self.places.binary_search(&place).map_or(0, number);
            let copies = groups.get(&vertex).into_iter().flatten().copied();
            let (left, right): (Vec<u32>, Vec<u32>) =
                [place].into_iter().chain(copies).partition(|row| *row < first);
            (left, right)
        };
        let mut across = Vec::with_capacity(pairs.len());
        let mut star = |pair: &Pair, left: &[u32], right: &[u32]| {
            if let (Some(a), Some(b)) = (left.first(), right.first()) {
                across.push(Pair { a: *a, b: *b, ..*pair });
                across.extend(right.iter().skip(1).map(|b| Pair { a: *a, b: *b, ..*pair }));
                across.extend(left.iter().skip(1).map(|a| Pair { a: *a, b: *b, ..*pair }));
            }
        };
        for pair in pairs.iter().take(known) {
            let (of_a, of_b) = (members(pair.a), members(pair.b));
            star(pair, &of_a.0, &of_b.1);
            star(pair, &of_b.0, &of_a.1);
        }
        for vertex in groups.keys() {
            let of = members(self.place(*vertex));
            star(&own(*vertex), &of.0, &of.1);
        }
        *pairs = across;
        order(pairs);
    }
}

/// The lower row comes first.
fn order(pairs: &mut [Pair]) {
    for pair in pairs {
        (pair.a, pair.b) = (pair.a.min(pair.b), pair.a.max(pair.b));
    }
}

/// For each row the one that stands for it: of identical ones that with the least key.
fn stand_ins(records: &Records, denied: &BTreeSet<RecordKey>) -> Vec<u32> {
    let mut stands: Vec<u32> = (0..).take(records.rows.len()).collect();
    let mut least: Map<u64, (RecordKey, u32)> = Map::default();
    let identities: Vec<Option<u64>> = records
        .rows
        .iter()
        .zip(&records.keys)
        .map(|(row, key)| identity(&records.pool, row).filter(|_| !denied.contains(key)))
        .collect();
    for ((identity, key), place) in identities.iter().zip(&records.keys).zip(0..) {
        if let Some(identity) = identity {
            let known = least.entry(*identity).or_insert((*key, place));
            *known = (*known).min((*key, place));
        }
    }
    for (stands, identity) in stands.iter_mut().zip(&identities) {
        if let Some((_, place)) = identity.and_then(|identity| least.get(&identity)) {
            *stands = *place;
        }
    }
    stands
}

#[expect(clippy::cast_precision_loss, reason = "fewer than 2^32 rows")]
fn real(rows: usize) -> f64 {
    rows as f64
}

fn number(place: usize) -> u32 {
    u32::try_from(place).unwrap_or(u32::MAX)
}
