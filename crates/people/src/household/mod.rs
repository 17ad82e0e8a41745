//! Households: who shares a home, as a fold over people that is made whenever it is asked for.
//!
//! What records say is kept: houses with the instant since when, a family name, and what somebody said of
//! two people. Which records say a house is kept beside them, for people who let households be
//! recognised and for nobody else. The households themselves are not kept, so that none is ever out of
//! date: what is committed is what the next look finds.

mod decide;
mod keep;
mod read;
mod said;
mod seen;

pub use decide::Tie as HomeTie;
pub(crate) use keep::{fits, settle, stage};
pub use read::{HomeState, Household, Member};
pub use seen::{Seen, SeenMember};

use crate::limits::STAYS_MAX;
use gate::Dated;
use model::{Blind, RecordId, Timestamp};
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;
use vault::Feature;

/// What one message says of a customer's home.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct HomeFacts {
    stays: Vec<Stay>,
    left: Option<Timestamp>,
    family: Option<Dated<Feature>>,
}

impl HomeFacts {
    /// They live in a house, and perhaps in one of its flats.
    pub fn lives(&mut self, house: Blind, unit: Option<Feature>, since: Timestamp) {
        self.stays.push(Stay { house, unit, since });
    }

    /// They do not live where they did.
    pub fn leaves(&mut self, at: Timestamp) {
        self.left = self.left.max(Some(at));
    }

    /// They have this family name.
    pub fn is_called(&mut self, family: Feature, at: Timestamp) {
        self.family = self.family.max(Some(Dated { at, value: family }));
    }

    /// What two messages say.
    pub(crate) fn join(mut self, more: Self) -> Self {
        self.stays.extend(more.stays);
        self.left = self.left.max(more.left);
        self.family = self.family.max(more.family);
        self
    }
}

/// A house, as a record said it first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub(crate) struct Stay {
    pub(crate) house: Blind,
    pub(crate) unit: Option<Feature>,
    pub(crate) since: Timestamp,
}

/// What a record says of where its customer lives, and with whom. Pseudonyms only.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Home {
    /// Each house and flat with when it was first said, ascending.
    pub(crate) stays: Vec<Stay>,
    /// It said more than [`STAYS_MAX`] of them: whoever has parcels sent to so many lives in none.
    pub(crate) too_many: bool,
    /// When it last said that they live there no more.
    pub(crate) left: Option<Timestamp>,
    /// The family name, by its sound.
    pub(crate) family: Option<Dated<Feature>>,
    /// What was said of living with the customers of other records, ascending. Each is noted on both.
    pub(crate) said: Vec<(RecordId, PairSaid)>,
    /// Whether its person lets households be recognised, and it stands in [`crate::row::HOMES`].
    pub(crate) counted: bool,
}

/// What was said of two who may live together.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct PairSaid {
    /// What a service that knows said last.
    pub(crate) declared: Option<bool>,
    /// This record's customer said that they do not. It holds for ever.
    pub(crate) denied: bool,
    /// The other's did.
    pub(crate) denied_by: bool,
}

impl PairSaid {
    /// The same, as it stands on the other's record.
    pub(crate) const fn turned(self) -> Self {
        Self { denied: self.denied_by, denied_by: self.denied, ..self }
    }
}

impl Home {
    /// Takes in what was said: a join, so that order and repetition do not matter. Gives the houses that
    /// it says no more, where it says other houses or flats than before.
    pub(crate) fn take(&mut self, facts: &HomeFacts) -> Option<BTreeSet<Blind>> {
        self.left = self.left.max(facts.left);
        self.family = self.family.max(facts.family);
        let before = self.stays.len();
        for stay in facts.stays.iter().filter(|_| !self.too_many) {
            let place = |known: &Stay| (known.house, known.unit);
            match self.stays.binary_search_by_key(&place(stay), place) {
                Ok(found) => {
                    if let Some(known) = self.stays.get_mut(found) {
                        known.since = known.since.min(stay.since);
                    }
                }
                Err(at) => self.stays.insert(at, *stay),
            }
        }
        if self.stays.len() > STAYS_MAX {
            self.too_many = true;
            return Some(std::mem::take(&mut self.stays).iter().map(|stay| stay.house).collect());
        }
        (self.stays.len() != before).then(BTreeSet::new)
    }

    /// The houses it says.
    pub(crate) fn houses(&self) -> BTreeSet<Blind> {
        self.stays.iter().map(|stay| stay.house).collect()
    }
}
