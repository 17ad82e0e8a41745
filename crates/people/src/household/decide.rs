//! Who of the people at one house lives with whom: a pure function of what their records say.

use super::PairSaid;
use crate::row::RecordRow;
use linkage::household::{Agreement, Ground, HOME_MAX, SHARERS_MAX, at_one_house};
use model::{Blind, IdentifierKind, PersonId, RecordId, Timestamp};
use std::collections::{BTreeMap, BTreeSet};
use vault::Feature;

/// Somebody at a house at some instant.
#[derive(Clone, Debug)]
pub(super) struct Resident {
    pub(super) person: PersonId,
    /// Orders people by age of their oldest record, which names them and their household.
    pub(super) first: Timestamp,
    pub(super) house: Blind,
    pub(super) since: Timestamp,
    unit: Option<Feature>,
    families: BTreeSet<Feature>,
    contacts: BTreeSet<(IdentifierKind, Blind)>,
    records: BTreeSet<RecordId>,
    said: Vec<(RecordId, PairSaid)>,
}

/// What makes two people of one household. None of it says what the value is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[expect(clippy::struct_excessive_bools, reason = "what was found, each by itself")]
pub struct Tie {
    /// A service that knows said so.
    pub declared: bool,
    /// They share a phone number.
    pub phone: bool,
    /// They share an email address.
    pub email: bool,
    /// They share a family name, or one that sounds the same.
    pub family: bool,
    /// So few are at the address that they need nothing in common.
    pub few: bool,
}

impl Tie {
    /// Whether it is something that each of the two knows of the other already.
    pub const fn is_known_to_both(self) -> bool {
        self.declared || self.phone || self.email
    }
}

/// Two people of a house, by place, with what ties them.
#[derive(Clone, Copy, Debug)]
pub(super) struct Tied {
    pub(super) places: (usize, usize),
    pub(super) by: Ground,
    pub(super) tie: Tie,
}

impl Resident {
    /// Where the person of these records lives at an instant: at the house that was first said last.
    pub(super) fn of(
        person: PersonId,
        rows: &[(RecordId, &RecordRow)],
        at: Timestamp,
    ) -> Option<Self> {
        let mut since: BTreeMap<Blind, Timestamp> = BTreeMap::new();
        for stay in rows.iter().flat_map(|(_, row)| &row.home.stays) {
            let known = since.entry(stay.house).or_insert(stay.since);
            *known = stay.since.min(*known);
        }
        let begun = since.into_iter().filter(|(_, since)| *since <= at);
        let (since, house) = begun.map(|(house, since)| (since, house)).max()?;
        let left = rows.iter().filter_map(|(_, row)| row.home.left).filter(|left| *left <= at);
        if left.max().is_some_and(|left| left > since) {
            return None;
        }
        let here = rows
            .iter()
            .flat_map(|(_, row)| &row.home.stays)
            .filter(|stay| stay.house == house && stay.since <= at);
        let unit = here.filter_map(|stay| Some((stay.since, stay.unit?))).max();
        let contact = |kind| matches!(kind, IdentifierKind::Email | IdentifierKind::Phone);
        let contacts = rows.iter().flat_map(|(_, row)| &row.links.identifiers).copied();
        Some(Self {
            person,
            first: rows.iter().map(|(_, row)| row.first).min()?,
            house,
            since,
            unit: unit.map(|(_, unit)| unit),
            families: rows.iter().filter_map(|(_, row)| Some(row.home.family?.value)).collect(),
            contacts: contacts.filter(|(kind, _)| contact(*kind)).collect(),
            records: rows.iter().map(|(id, _)| *id).collect(),
            said: rows.iter().flat_map(|(_, row)| row.home.said.iter().copied()).collect(),
        })
    }

    /// What was said of this person with another.
    fn said_of<'a>(&'a self, other: &'a Self) -> impl Iterator<Item = PairSaid> + 'a {
        let of = self.said.iter().filter(|(record, _)| other.records.contains(record));
        of.map(|(_, said)| *said)
    }

    fn denies(&self, other: &Self) -> bool {
        self.said_of(other).any(|said| said.denied)
    }

    fn is_apart_from(&self, other: &Self) -> bool {
        self.said_of(other)
            .any(|said| said.denied || said.denied_by || said.declared == Some(false))
    }

    fn shares(&self, other: &Self, kind: IdentifierKind) -> bool {
        self.contacts.intersection(&other.contacts).any(|(known, _)| *known == kind)
    }

    /// What ties two people of one house of whom nobody said that they live apart. `few` says whether few
    /// enough are there.
    fn tie(&self, other: &Self, few: bool) -> Option<(Ground, Tie)> {
        if self.is_apart_from(other) {
            return None;
        }
        let tie = Tie {
            declared: self.said_of(other).any(|said| said.declared == Some(true)),
            phone: self.shares(other, IdentifierKind::Phone),
            email: self.shares(other, IdentifierKind::Email),
            family: !self.families.is_disjoint(&other.families),
            few,
        };
        let units = self.unit.zip(other.unit);
        let ground = at_one_house(Agreement {
            flats_apart: units.is_some_and(|(one, other)| one != other),
            declared: tie.declared,
            contact: tie.phone || tie.email,
            family: tie.family,
            few,
        })?;
        Some((ground, tie))
    }
}

/// The households among the people of one house, each as places in `residents`; and what ties people
/// of one household. Nobody, where more than [`SHARERS_MAX`] share what they call their home.
///
/// INVARIANT: it depends on the set of residents only, not on their order.
pub(super) fn decide(residents: &[Resident]) -> (Vec<Vec<usize>>, Vec<Tied>) {
    let mut tied = Vec::new();
    for dwelling in dwellings(residents) {
        tied.extend(dwelling.ties(residents));
    }
    // Whoever said not to live with somebody there is the one to go, so they are joined last.
    let says_no = |place: &usize| {
        let resident = residents.get(*place);
        resident.is_some_and(|one| residents.iter().any(|other| one.denies(other)))
    };
    let name = |place: usize| residents.get(place).map(|resident| resident.person);
    tied.sort_by_key(|tied| {
        let (a, b) = tied.places;
        let (one, other) = (name(a).min(name(b)), name(a).max(name(b)));
        (says_no(&a) || says_no(&b), tied.by, one, other)
    });
    let mut home: Vec<usize> = (0..residents.len()).collect();
    for Tied { places: (a, b), .. } in &tied {
        let (Some(one), Some(other)) = (home.get(*a).copied(), home.get(*b).copied()) else {
            continue;
        };
        if one == other {
            continue;
        }
        let of = |wanted| {
            let members = residents.iter().zip(&home).filter(move |(_, home)| **home == wanted);
            members.map(|(resident, _)| resident)
        };
        if of(one).all(|x| of(other).all(|y| !x.is_apart_from(y))) {
            home.iter_mut().filter(|home| **home == other).for_each(|home| *home = one);
        }
    }
    let mut households: BTreeMap<usize, Vec<usize>> = BTreeMap::new();
    for (place, home) in home.iter().enumerate() {
        households.entry(*home).or_default().push(place);
    }
    tied.retain(|tied| home.get(tied.places.0) == home.get(tied.places.1));
    (households.into_values().collect(), tied)
}

/// The people of one flat, or of a house without flats, by place.
struct Dwelling {
    places: Vec<usize>,
    /// They name no flat, where others name several: who knows in how many of them they live?
    scattered: bool,
}

/// The people of each flat. Who names none is of the only one there is, or of the one where somebody has
/// something in common with them; else only with those who name none either.
fn dwellings(residents: &[Resident]) -> Vec<Dwelling> {
    let units: BTreeSet<Feature> = residents.iter().filter_map(|resident| resident.unit).collect();
    let mut dwellings: BTreeMap<Option<Feature>, Vec<usize>> = BTreeMap::new();
    for (place, resident) in residents.iter().enumerate() {
        let kin = || -> BTreeSet<Feature> {
            let tied = residents.iter().filter(|other| {
                other.person != resident.person && resident.tie(other, false).is_some()
            });
            tied.filter_map(|other| other.unit).collect()
        };
        let unit = resident.unit.or_else(|| {
            let kin = if units.len() > 1 { kin() } else { units.clone() };
            kin.first().copied().filter(|_| kin.len() == 1)
        });
        dwellings.entry(unit).or_default().push(place);
    }
    let scattered = |unit: Option<Feature>| unit.is_none() && units.len() > 1;
    let of = |(unit, places)| Dwelling { places, scattered: scattered(unit) };
    dwellings.into_iter().map(of).collect()
}

impl Dwelling {
    fn ties(&self, residents: &[Resident]) -> Vec<Tied> {
        if self.places.len() > SHARERS_MAX {
            return Vec::new();
        }
        let few = self.places.len() <= HOME_MAX && !self.scattered;
        let mut tied = Vec::new();
        for (nth, a) in self.places.iter().enumerate() {
            for b in self.places.iter().skip(nth + 1) {
                let (Some(one), Some(other)) = (residents.get(*a), residents.get(*b)) else {
                    continue;
                };
                if let Some((by, tie)) = one.tie(other, few) {
                    tied.push(Tied { places: (*a, *b), by, tie });
                }
            }
        }
        tied
    }
}

/// Whether so many share a flat, or a house without flats, that it is no home.
pub(super) fn is_crowded(residents: &[Resident], person: PersonId) -> bool {
    let here = |place: &usize| residents.get(*place).is_some_and(|one| one.person == person);
    let own = dwellings(residents).into_iter().find(|own| own.places.iter().any(here));
    own.is_some_and(|own| own.places.len() > SHARERS_MAX)
}

#[cfg(test)]
mod tests;
