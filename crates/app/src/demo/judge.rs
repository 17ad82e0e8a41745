//! How well the house found out who is who, against the truth that only the generator knows.

use super::world::World;
use crate::house::House;
use anyhow::{Context, Result};
use model::{Grant, PersonId, Purpose, RecordId, RecordKind};
use people::{HomeState, PeopleError};
use serde::Serialize;
use std::collections::{BTreeMap, HashMap};
use std::fs;
use std::hash::Hash;

/// Pairs of records: which are one person's, and which the house took for it.
#[derive(Clone, Copy, Debug, Default, Serialize)]
pub(super) struct Linkage {
    /// Records with a known truth. Devices that several people share are left out: whose they are
    /// has no answer.
    pub(super) records: u64,
    /// People that these records belong to.
    pub(super) people_true: u64,
    /// People that the house made of them.
    pub(super) people_found: u64,
    /// Pairs of records that are one person's.
    pub(super) pairs_true: u64,
    /// Pairs that the house put together.
    pub(super) pairs_found: u64,
    /// Pairs that are in both.
    pub(super) pairs_right: u64,
    /// Of what the house put together, how much was right.
    pub(super) precision: f64,
    /// Of what belongs together, how much the house found.
    pub(super) recall: f64,
    /// The harmonic mean of both.
    pub(super) f1: f64,
}

/// What the house found, and where to find it.
#[derive(Debug, Default)]
pub(super) struct Judged {
    pub(super) linkage: Linkage,
    /// Who lives with whom, of those who let that be recognised and say an address: pairs of people, not
    /// of records.
    pub(super) households: Linkage,
    /// Everybody whose truth is known, as the house knows them.
    pub(super) people: Vec<PersonId>,
}

/// Asks the house for the person of every record of the truth. Records that the house does not have,
/// because all their events were declined or broken, do not count.
///
/// # Errors
///
/// When the truth cannot be written or the house cannot be read.
pub(super) fn judge(world: &World, house: &House) -> Result<Judged> {
    let dir = tempfile::tempdir().context("no temporary directory")?;
    world.write_labelled(dir.path()).context("the truth cannot be written")?;
    let truth = fs::read_to_string(dir.path().join("truth.csv"))?;
    let mut found = Vec::new();
    let mut homes: BTreeMap<PersonId, &str> = BTreeMap::new();
    for ((person, home), record) in owned(&truth, house) {
        match house.people.locate(PersonId::from(record)) {
            Ok(located) => {
                found.push((person, located));
                // A stranger's home is known to nobody. Of people wrongly joined it is one of theirs.
                if !home.is_empty() {
                    homes
                        .entry(located)
                        .and_modify(|known| *known = home.min(known))
                        .or_insert(home);
                }
            }
            Err(PeopleError::Unknown) => {}
            Err(error) => return Err(error.into()),
        }
    }
    let mut people: Vec<_> = found.iter().map(|(_, located)| *located).collect();
    people.sort_unstable();
    people.dedup();
    let households = Linkage::of(&households(house, &homes)?);
    Ok(Judged { linkage: Linkage::of(&found), households, people })
}

/// The home of everybody who lets it be recognised and says a whole address, in truth and as the house
/// finds it now: by the least of those who are in it. Who says none has no home to be found.
fn households<'t>(
    house: &House,
    homes: &BTreeMap<PersonId, &'t str>,
) -> Result<Vec<(&'t str, PersonId)>> {
    let all: Vec<PersonId> = homes.keys().copied().collect();
    let grant = Grant::whole(Purpose::HouseholdLinking);
    let mut found = Vec::new();
    let now = house.gate.now();
    for person in house.people.allowing(&all, &grant)? {
        match house.people.home_state(person, now)? {
            HomeState::Unknown | HomeState::Passing => continue,
            HomeState::Known | HomeState::Crowded => {}
        }
        let mates = house.people.housemates(person, now)?;
        let least = mates.into_iter().min().unwrap_or(person);
        found.extend(homes.get(&person).map(|home| (*home, least)));
    }
    Ok(found)
}

/// A person of the truth, and their household.
type True<'t> = (&'t str, &'t str);

/// The records of the truth that are one person's, with that person.
fn owned<'t>(truth: &'t str, house: &House) -> Vec<(True<'t>, RecordId)> {
    let mut owners: HashMap<(&str, &str, &str), Vec<True<'t>>> = HashMap::new();
    for line in truth.lines().skip(1) {
        let fields: Vec<&str> = line.split(',').collect();
        if let [source, kind, key, person, home, ..] = *fields.as_slice() {
            owners.entry((source, kind, key)).or_default().push((person, home));
        }
    }
    let one = owners.into_iter().filter_map(|((source, kind, key), people)| {
        let [person] = *people.as_slice() else { return None };
        let kind = match kind {
            "anonymous" => RecordKind::Anonymous,
            // The key of a row is the customer's id in its source.
            _user_or_row => RecordKind::User,
        };
        Some((person, house.vault.record_id(source, kind, key)))
    });
    one.collect()
}

impl Linkage {
    /// Compares two ways of putting the same records into groups.
    fn of<T: Eq + Hash + Copy, F: Eq + Hash + Copy>(records: &[(T, F)]) -> Self {
        let (truth, found) =
            (records.iter().map(|(truth, _)| *truth), records.iter().map(|(_, found)| *found));
        let (truth, found) = (sizes(truth), sizes(found));
        let both = sizes(records.iter().copied());
        let (pairs_true, pairs_found) = (pairs(&truth), pairs(&found));
        let pairs_right = pairs(&both);
        let precision = share(pairs_right, pairs_found);
        let recall = share(pairs_right, pairs_true);
        let sum = precision + recall;
        let f1 = if sum > 0.0 { 2.0 * precision * recall / sum } else { 0.0 };
        let count = |length: usize| u64::try_from(length).unwrap_or(u64::MAX);
        Self {
            records: count(records.len()),
            people_true: count(truth.len()),
            people_found: count(found.len()),
            pairs_true,
            pairs_found,
            pairs_right,
            precision,
            recall,
            f1,
        }
    }
}

fn sizes<K: Eq + Hash>(groups: impl Iterator<Item = K>) -> HashMap<K, u64> {
    let mut sizes = HashMap::new();
    for group in groups {
        *sizes.entry(group).or_default() += 1;
    }
    sizes
}

fn pairs<K>(sizes: &HashMap<K, u64>) -> u64 {
    sizes.values().map(|size| size * (size - 1) / 2).sum()
}

/// Of nothing, everything is right.
#[expect(clippy::cast_precision_loss, reason = "far fewer pairs than 2^53")]
fn share(part: u64, whole: u64) -> f64 {
    if whole == 0 { 1.0 } else { part as f64 / whole as f64 }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn linkage_is_judged_by_pairs() {
        let check = |records: &[(char, u8)], precision: f64, recall: f64| {
            let linkage = Linkage::of(records);
            let near = |a: f64, b: f64| (a - b).abs() < 1e-9;
            assert!(near(linkage.precision, precision), "{linkage:?}");
            assert!(near(linkage.recall, recall), "{linkage:?}");
        };
        check(&[], 1.0, 1.0);
        check(&[('a', 1), ('a', 1), ('b', 2)], 1.0, 1.0);
        check(&[('a', 1), ('a', 2), ('b', 3)], 1.0, 0.0);
        check(&[('a', 1), ('b', 1)], 0.0, 1.0);
        check(&[('a', 1), ('a', 1), ('a', 2), ('b', 2)], 0.5, 1.0 / 3.0);
    }
}
