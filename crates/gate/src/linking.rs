//! The standing permit to compare records, and what it opens.

use crate::contract::Grounds;
use crate::gate::Gate;
use crate::outcome::{Outcome, Refusal};
use crate::permit::{LinkDoor, LinkPermit, MODEL_RECORD, Opening, Resolve};
use crate::policy::Categories;
use model::{Category, Grant, Purpose, RecordId};
use std::marker::PhantomData;

impl Gate {
    /// Asks for the standing permit to compare the records of everybody who allows linking. The
    /// ledger holds it, with everybody whom it covers now, before this returns; whoever comes later
    /// is recorded by the commit in which their own records are read.
    ///
    /// # Errors
    ///
    /// As [`Gate::ask`]; `UnknownGrant` when the house does not know the purpose.
    ///
    /// # Panics
    ///
    /// When the door is another gate's.
    pub fn ask_linking(&self, door: &LinkDoor) -> Result<LinkPermit, Refusal> {
        assert!(door.seal == self.seal(), "a door of another gate");
        let grant = Grant::whole(Purpose::IdentityLinking);
        let Some(bit) = self.grants.bit(&grant) else { return Err(Refusal::UnknownGrant(grant)) };
        let members = self.members(bit)?;
        let entry =
            self.record_cohort::<Resolve>("linkage", &grant, Outcome::Permitted, &members)?;
        Ok(LinkPermit { entry, seal: self.seal() })
    }

    /// Opens, for comparing, those of some records whose own grounds allow linking.
    ///
    /// The grounds are those of the commit in which the comparison is used: whoever refuses in it
    /// is not opened for it. They are taken from the one room that holds the permit, which tells the
    /// gate every contract, too.
    ///
    /// # Panics
    ///
    /// When another gate minted the permit.
    pub fn spend_linking<'a>(
        &self,
        permit: &LinkPermit,
        records: impl Iterator<Item = (RecordId, &'a Grounds)>,
    ) -> Opening<Resolve> {
        assert!(permit.seal == self.seal(), "a permit minted by another gate");
        let may = records.filter(|(_, grounds)| self.may_link(grounds));
        let mut records: Vec<RecordId> = may.map(|(record, _)| record).collect();
        records.sort_unstable();
        Opening {
            records,
            categories: self.policy.categories(Purpose::IdentityLinking),
            entry: permit.entry,
            seal: self.seal(),
            kind: PhantomData,
        }
    }

    /// Opens what is kept of a learned model, and nothing else: counts of values over many records,
    /// which are nobody's by themselves.
    ///
    /// # Panics
    ///
    /// When another gate minted the permit.
    pub fn open_model(&self, permit: &LinkPermit) -> Opening<Resolve> {
        assert!(permit.seal == self.seal(), "a permit minted by another gate");
        Opening {
            records: vec![MODEL_RECORD],
            categories: Categories::of(&[Category::Unclassified]),
            entry: permit.entry,
            seal: self.seal(),
            kind: PhantomData,
        }
    }
}
