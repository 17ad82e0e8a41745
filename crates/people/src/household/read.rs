//! Looking at a household: as ids, which opens nothing, and with a permit of everybody in it.

use super::decide::{Resident, Tie, decide, is_crowded};
use super::keep::allows;
use crate::limits::LODGERS_MAX;
use crate::row::{HOMES, RECORDS, RecordRow};
use crate::{People, PeopleError};
use gate::{Contract, Permit, PersonUse};
use model::{Blind, PersonId, RecordId, Timestamp};
use std::collections::{BTreeMap, BTreeSet};
use store::{StoreError, View};

/// Who lives together.
#[derive(Debug)]
pub struct Household {
    /// The person whose record is the oldest: it names the household.
    pub id: PersonId,
    /// What is known of the home.
    pub state: HomeState,
    /// The ledger entry of the look at whom it was asked about.
    pub entry: u64,
    /// Everybody in it, the one that was asked about among them, ascending.
    pub members: Vec<Member>,
    /// What ties two of them, where something does, ascending.
    pub ties: Vec<(PersonId, PersonId, Tie)>,
}

/// One person of a household.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Member {
    /// Who.
    pub person: PersonId,
    /// Since when they say that address; nothing where they say none.
    pub since: Option<Timestamp>,
}

/// What is known of somebody's home.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum HomeState {
    /// There is an address.
    Known,
    /// No whole address is said, or too many are.
    Unknown,
    /// More people than a home holds share it: an office, a student hall.
    Crowded,
    /// Their permission ends by itself one day: nobody counts on it.
    Passing,
}

impl HomeState {
    /// The word for it in answers.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Known => "known",
            Self::Unknown => "unknown",
            Self::Crowded => "crowded",
            Self::Passing => "passing",
        }
    }
}

/// A household before anything of it was permitted to anybody.
pub(super) struct Found {
    pub(super) id: PersonId,
    pub(super) state: HomeState,
    pub(super) members: Vec<Member>,
    pub(super) ties: Vec<(PersonId, PersonId, Tie)>,
}

impl Found {
    fn alone(person: PersonId, state: HomeState, since: Option<Timestamp>) -> Self {
        let members = vec![Member { person, since }];
        Self { id: person, state, members, ties: Vec::new() }
    }
}

impl People {
    /// The people of somebody's household at an instant, themselves among them. It opens nothing and
    /// permits nothing: each is still to be asked for.
    ///
    /// # Errors
    ///
    /// When the store fails. Who is not there, and who does not let households be recognised, is alone.
    pub fn housemates(
        &self,
        person: PersonId,
        at: Timestamp,
    ) -> Result<Vec<PersonId>, PeopleError> {
        let found = self.find_household(&self.store.read()?, person, at)?;
        Ok(found.members.into_iter().map(|member| member.person).collect())
    }

    /// What is known of somebody's home at an instant. It opens nothing and permits nothing.
    ///
    /// # Errors
    ///
    /// When the store fails.
    pub fn home_state(&self, person: PersonId, at: Timestamp) -> Result<HomeState, PeopleError> {
        Ok(self.find_household(&self.store.read()?, person, at)?.state)
    }

    /// Spends permits on the household of the first's person at an instant: of everybody in it.
    ///
    /// # Errors
    ///
    /// A conflict when somebody is in it for whom there is no permit: look who is there, and ask again.
    /// Otherwise as [`People::profile`].
    pub fn household<U: PersonUse>(
        &self,
        own: Permit<U>,
        others: Vec<Permit<U>>,
        at: Timestamp,
    ) -> Result<Household, PeopleError> {
        let view = self.store.read()?;
        let person = own.person();
        let entry = self.gate.spend(own, &view)?.entry();
        let mut permitted = BTreeSet::from([person]);
        for permit in others {
            permitted.insert(permit.person());
            self.gate.spend(permit, &view)?;
        }
        let Found { id, state, members, ties } = self.find_household(&view, person, at)?;
        if members.iter().any(|member| !permitted.contains(&member.person)) {
            return Err(StoreError::Conflict.into());
        }
        Ok(Household { id, state, entry, members, ties })
    }

    pub(super) fn find_household(
        &self,
        view: &View<'_>,
        person: PersonId,
        at: Timestamp,
    ) -> Result<Found, PeopleError> {
        let contract = self.gate.contracts(view, &[person])?.into_iter().next().flatten();
        let Some(contract) = contract.map(|row| row.value) else {
            return Ok(Found::alone(person, HomeState::Unknown, None));
        };
        if !allows(&self.gate, &contract.allowed) {
            return Ok(Found::alone(person, HomeState::Passing, None));
        }
        let own = BTreeMap::from([(person, contract)]);
        let Some(own) = residents(view, &own, at)?.pop() else {
            return Ok(Found::alone(person, HomeState::Unknown, None));
        };
        let Some(residents) = self.residents_of(view, own.house, at)? else {
            return Ok(Found::alone(person, HomeState::Crowded, Some(own.since)));
        };
        if is_crowded(&residents, person) {
            return Ok(Found::alone(person, HomeState::Crowded, Some(own.since)));
        }
        Ok(found(&residents, person)
            .unwrap_or_else(|| Found::alone(person, HomeState::Known, Some(own.since))))
    }

    /// Who lives in a house at an instant, of those who let households be recognised; nothing when too
    /// many say that they do.
    fn residents_of(
        &self,
        view: &View<'_>,
        house: Blind,
        at: Timestamp,
    ) -> Result<Option<Vec<Resident>>, StoreError> {
        let lodgers = view.range(&HOMES, &house, None, LODGERS_MAX + 1)?;
        if lodgers.len() > LODGERS_MAX {
            return Ok(None);
        }
        let keys: Vec<_> = lodgers.into_iter().map(|(record, _)| (record, ())).collect();
        let rows = view.get_many(&RECORDS, &keys)?;
        let people: BTreeSet<PersonId> =
            rows.into_iter().flatten().map(|row| row.value.person).collect();
        let people: Vec<PersonId> = people.into_iter().collect();
        let contracts = self.gate.contracts(view, &people)?;
        let of = people.into_iter().zip(contracts);
        let counted: BTreeMap<PersonId, Contract> = of
            .filter_map(|(person, row)| Some((person, row?.value)))
            .filter(|(_, contract)| allows(&self.gate, &contract.allowed))
            .collect();
        let mut residents = residents(view, &counted, at)?;
        residents.retain(|resident| resident.house == house);
        Ok(Some(residents))
    }
}

/// Where people live at an instant; who lives nowhere is left out.
fn residents(
    view: &View<'_>,
    people: &BTreeMap<PersonId, Contract>,
    at: Timestamp,
) -> Result<Vec<Resident>, StoreError> {
    let keys: Vec<(RecordId, ())> = people
        .values()
        .flat_map(|contract| contract.records.iter().map(|record| (*record, ())))
        .collect();
    let rows = view.get_many(&RECORDS, &keys)?;
    let read = keys.into_iter().zip(rows);
    let rows: BTreeMap<RecordId, RecordRow> =
        read.filter_map(|((record, ()), row)| Some((record, row?.value))).collect();
    let resident = |(person, contract): (&PersonId, &Contract)| {
        let own = contract.records.iter();
        let own: Vec<_> = own.filter_map(|record| Some((*record, rows.get(record)?))).collect();
        Resident::of(*person, &own, at)
    };
    Ok(people.iter().filter_map(resident).collect())
}

/// The household of one of the residents of a house.
fn found(residents: &[Resident], person: PersonId) -> Option<Found> {
    let (households, pairs) = decide(residents);
    let at = |place: &usize| residents.get(*place);
    let is_own = |home: &Vec<usize>| home.iter().filter_map(at).any(|one| one.person == person);
    let own: Vec<&Resident> =
        households.iter().find(|home| is_own(home))?.iter().filter_map(at).collect();
    let oldest = own.iter().min_by_key(|one| (one.first, one.person))?;
    let mut members: Vec<Member> =
        own.iter().map(|one| Member { person: one.person, since: Some(one.since) }).collect();
    members.sort_by_key(|member| member.person);
    let name = |place: usize| at(&place).map(|one| one.person);
    let mut ties: Vec<(PersonId, PersonId, Tie)> = pairs
        .iter()
        .filter_map(|pair| {
            let (a, b) = (name(pair.places.0)?, name(pair.places.1)?);
            let inside = members.iter().any(|member| member.person == a);
            inside.then_some((a.min(b), a.max(b), pair.tie))
        })
        .collect();
    ties.sort_by_key(|(a, b, _)| (*a, *b));
    Some(Found { id: oldest.person, state: HomeState::Known, members, ties })
}
