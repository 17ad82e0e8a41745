//! A household as one of it sees it on their own page: nobody there learns of another what they did not
//! know, save that somebody gives the same address.

use super::decide::Tie;
use super::read::{Found, HomeState};
use crate::profile::Trust;
use crate::profile::held;
use crate::{People, PeopleError};
use gate::{Housemate, Opening, Permit, SubjectAccess};
use model::{PersonId, Sensitive, Timestamp};
use store::{StoreError, View};
use vault::Feature;

/// One's own household.
#[derive(Debug)]
pub struct Seen {
    /// What is known of the home.
    pub state: HomeState,
    /// Since when one says that address oneself.
    pub since: Option<Timestamp>,
    /// The others, in an order that says nothing.
    pub others: Vec<SeenMember>,
}

/// Somebody else of it.
#[derive(Debug)]
pub struct SeenMember {
    /// By this the viewer names them: it is the same at each look, and nobody else's.
    pub handle: Feature,
    /// What ties the two; nothing where only a third ties them.
    pub tie: Option<Tie>,
    /// The given name's first letter. Nothing unless the two have something in common that each knows of
    /// the other already.
    pub initial: Option<Sensitive<String>>,
    /// Since when both say the address; likewise.
    pub since: Option<Timestamp>,
}

impl People {
    /// By what somebody names another on their own page.
    pub fn handle(&self, viewer: PersonId, other: PersonId) -> Feature {
        self.vault.feature("housemate", &format!("{viewer} {other}"))
    }

    /// Spends permits on a household as one of it sees it.
    ///
    /// # Errors
    ///
    /// As [`People::household`].
    pub fn own_household(
        &self,
        own: Permit<SubjectAccess>,
        others: Vec<Permit<Housemate>>,
        trust: Trust<'_>,
    ) -> Result<Seen, PeopleError> {
        let view = self.store.read()?;
        let viewer = own.person();
        drop(self.gate.spend(own, &view)?);
        let Found { state, members, ties, .. } =
            self.find_household(&view, viewer, self.gate.now())?;
        let mut openings = Vec::with_capacity(others.len());
        for permit in others {
            let inside = members.iter().any(|member| member.person == permit.person());
            if !inside {
                // Somebody has left meanwhile: their permit opens nothing.
                continue;
            }
            openings.push((permit.person(), self.gate.spend_housemate(permit, &view)?));
        }
        let own = members.iter().find(|member| member.person == viewer);
        let since = own.and_then(|own| own.since);
        let mut others = Vec::with_capacity(members.len());
        for member in members.iter().filter(|member| member.person != viewer) {
            let of = openings.iter().find(|(person, _)| *person == member.person);
            let (_, opening) = of.ok_or(StoreError::Conflict)?;
            let pair = (viewer.min(member.person), viewer.max(member.person));
            let tie = ties.iter().find(|(a, b, _)| (*a, *b) == pair).map(|(_, _, tie)| *tie);
            let known = tie.is_some_and(Tie::is_known_to_both);
            let initial = known.then(|| self.initial(&view, member.person, opening, trust));
            others.push(SeenMember {
                handle: self.handle(viewer, member.person),
                tie,
                initial: initial.transpose()?.flatten(),
                since: since.max(member.since).filter(|_| known),
            });
        }
        others.sort_by_key(|other| other.handle);
        Ok(Seen { state, since, others })
    }

    fn initial(
        &self,
        view: &View<'_>,
        person: PersonId,
        opening: &Opening<Housemate>,
        trust: Trust<'_>,
    ) -> Result<Option<Sensitive<String>>, PeopleError> {
        let keys = self.vault.load(view, opening.records())?;
        let mut rows = held(view, opening.records())?;
        let profile = self.open_profile(person, opening, &keys, &mut rows, trust)?;
        #[expect(clippy::disallowed_methods, reason = "one letter goes on, wrapped again")]
        let given = profile.values.iter().find(|value| value.name.reveal() == "given_name");
        #[expect(clippy::disallowed_methods, reason = "one letter goes on, wrapped again")]
        let letter = given.and_then(|given| given.value.reveal().chars().next());
        Ok(letter.map(|letter| Sensitive::new(letter.to_string())))
    }
}
