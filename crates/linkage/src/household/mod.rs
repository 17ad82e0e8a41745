//! People who share a home, with valid time: who moves away alone leaves the household on that day.
//!
//! What is joined are *stays* of people at houses. Two stays are of one household when they share a
//! house, nothing says that they live in different flats, and a family name or a phone or email is
//! common to them, or at most [`HOME_MAX`] people live there; or when they share an email or phone and
//! a family name, wherever they live. Values that more than [`SHARERS_MAX`] people bear say nothing about
//! a home: a hostel, a shop; nor do contact points that lead to more than [`HOUSES_MAX`] houses.

mod stays;

use crate::compare::{Comparison, compare};
use crate::engine::Groups;
use crate::record::{Map, NONE, Records, Row, ValueId, mix};
use stays::{Stays, house};
use std::collections::BTreeSet;

/// The people that may share a house, a phone or an email before it stops meaning a home.
pub const SHARERS_MAX: usize = 12;

/// The people of other names that share a house and are taken for a household: a couple, and a child.
/// Of more, half were not (`people_10k`).
pub const HOME_MAX: usize = 3;

/// The houses that people who share a phone or an email live at before it stops meaning a home: one, and
/// the one they moved from.
pub const HOUSES_MAX: usize = 2;

/// A household somebody declared: rows that live together, whatever their addresses say.
pub type Declared = (u32, u32);

/// The household of each row: a row that stands for the household.
///
/// `people` gives each row's person, as [`crate::engine::Output::people`] does.
pub fn households(records: &Records, people: &[u32], declared: &[Declared]) -> Vec<u32> {
    let stays = Stays::of(records, people);
    let mut groups = Groups::new(records.rows.len());
    let of = |row: u32| stays.of_row.get(row as usize).copied().unwrap_or(row);
    for (rows, evidence) in shared(records, people) {
        if evidence == Evidence::Contact && stays.houses_of(&rows) > HOUSES_MAX {
            continue;
        }
        let few = rows.chunk_by(|x, y| x.0 == y.0).count() <= HOME_MAX;
        for (place, (person, x)) in rows.iter().enumerate() {
            for (other, y) in rows.iter().skip(place + 1).filter(|(other, _)| other != person) {
                let _ = other;
                if live_together(records, &stays, *x, *y, evidence, few) {
                    groups.unite(of(*x), of(*y));
                }
            }
        }
    }
    for (a, b) in declared {
        groups.unite(of(*a), of(*b));
    }
    move_together(&stays, &mut groups);
    (0..).take(people.len()).map(|row| groups.root(of(row))).collect()
}

/// Joins the stays of people who moved with somebody of their household, and of those who live alone.
fn move_together(stays: &Stays, groups: &mut Groups) {
    let mut sizes: Map<u32, BTreeSet<u32>> = Map::default();
    let all: BTreeSet<u32> = stays.of_row.iter().copied().collect();
    for stay in &all {
        sizes.entry(groups.root(*stay)).or_default().insert(*stay);
    }
    let mut moves: Map<(u32, u32), u32> = Map::default();
    let steps = |groups: &mut Groups, moved: &[u32]| -> Vec<(u32, u32)> {
        moved
            .windows(2)
            .filter_map(|pair| Some((groups.root(*pair.first()?), groups.root(*pair.last()?))))
            .collect()
    };
    for moved in &stays.moved {
        for step in steps(groups, moved) {
            *moves.entry(step).or_default() += 1;
        }
    }
    let mut joined = Vec::new();
    for moved in &stays.moved {
        for (from, to) in steps(groups, moved) {
            let alone = sizes.get(&from).is_none_or(|members| members.len() <= 1);
            if alone || moves.get(&(from, to)).is_some_and(|count| *count > 1) {
                joined.push((from, to));
            }
        }
    }
    for (from, to) in joined {
        groups.unite(from, to);
    }
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Evidence {
    House,
    Contact,
}

type Sharers = Vec<(u32, u32)>;

/// Rows of several people that share a house or a contact point: person and row.
fn shared(records: &Records, people: &[u32]) -> Vec<(Sharers, Evidence)> {
    let mut bearers: Map<u64, (Sharers, Evidence)> = Map::default();
    for ((row, person), number) in records.rows.iter().zip(people).zip(0..) {
        let mut add = |kind: u64, hash: u64, evidence: Evidence| {
            let rows = bearers.entry(mix(kind, hash)).or_insert_with(|| (Vec::new(), evidence));
            rows.0.push((*person, number));
        };
        let hash = |id: &ValueId| records.pool.value(*id).hash;
        if let Some(house) = house(records, row) {
            add(1, house, Evidence::House);
        }
        row.emails
            .iter()
            .filter(|id| **id != NONE)
            .for_each(|id| add(2, hash(id), Evidence::Contact));
        row.phones
            .iter()
            .filter(|id| **id != NONE)
            .for_each(|id| add(3, hash(id), Evidence::Contact));
    }
    let mut found: Vec<(Sharers, Evidence)> = bearers.into_values().collect();
    found.retain_mut(|(rows, _)| {
        rows.sort_unstable();
        let people = rows.chunk_by(|x, y| x.0 == y.0).count();
        people > 1 && people <= SHARERS_MAX && rows.len() <= SHARERS_MAX * ROWS_MAX
    });
    found.sort_unstable_by(|x, y| x.0.cmp(&y.0));
    found
}

/// Rows of one person that are looked at in one group, on average.
pub const ROWS_MAX: usize = 20;

/// How two people who are at one house agree.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[expect(clippy::struct_excessive_bools, reason = "a row of a table of rules")]
pub struct Agreement {
    /// Both name a flat, and not the same one.
    pub flats_apart: bool,
    /// Somebody who knows said that they live together.
    pub declared: bool,
    /// They share a phone or an email.
    pub contact: bool,
    /// They share a family name.
    pub family: bool,
    /// At most [`HOME_MAX`] people are there.
    pub few: bool,
}

/// By what two people at one house are taken to live together, the strongest first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Ground {
    /// Somebody who knows said so.
    Declared,
    /// A phone or an email in common.
    Contact,
    /// A family name in common.
    Family,
    /// So few are there that they need nothing in common.
    Few,
}

/// The rule: by what two people at one house live together, if they do.
pub const fn at_one_house(agreement: Agreement) -> Option<Ground> {
    match agreement {
        Agreement { declared: true, .. } => Some(Ground::Declared),
        Agreement { flats_apart: true, .. } => None,
        Agreement { contact: true, .. } => Some(Ground::Contact),
        Agreement { family: true, .. } => Some(Ground::Family),
        Agreement { few: true, .. } => Some(Ground::Few),
        Agreement { few: false, .. } => None,
    }
}

/// `few` says whether so few share the evidence that a house needs no common name.
fn live_together(
    records: &Records,
    stays: &Stays,
    a: u32,
    b: u32,
    evidence: Evidence,
    few: bool,
) -> bool {
    let row = |number: u32| -> Option<&Row> { records.rows.get(number as usize) };
    let (Some(x), Some(y)) = (row(a), row(b)) else { return false };
    let pattern = compare(&records.pool, x, y);
    let housed = |number: u32| {
        let stay = stays.of_row.get(number as usize).copied().unwrap_or(number);
        stays.houses.get(&stay)
    };
    let apart = matches!((housed(a), housed(b)), (Some(x), Some(y)) if x != y);
    match evidence {
        Evidence::House => {
            let family = pattern.reaches(Comparison::Family, 2);
            // Who shares a home with another name is told from the next tenant by a shared line.
            let reached =
                pattern.reaches(Comparison::Phone, 2) || pattern.reaches(Comparison::Email, 5);
            let agreement = Agreement {
                flats_apart: pattern.level(Comparison::Unit) == Some(0),
                declared: false,
                contact: reached && pattern.reaches(Comparison::Street, 5),
                family: family && pattern.reaches(Comparison::Street, 3),
                few: few && pattern.reaches(Comparison::Street, 4),
            };
            at_one_house(agreement).is_some()
        }
        Evidence::Contact => {
            pattern.reaches(Comparison::Family, 2)
                || (!apart && pattern.level(Comparison::Family).is_none())
        }
    }
}
