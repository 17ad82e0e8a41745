//! Records, the people they are, and their profiles.
//!
//! A fact belongs to the record it arrived on; a person is a set of linked records; profile,
//! contract and timeline are folds over the facts of those records. So merging loses nothing,
//! unmerging folds again, and the result does not depend on the order of arrival.
//!
//! It never opens personal data without spending a permit, and never decides who may see it.

pub mod limits;

mod fact;
mod row;

mod cluster;
mod gather;
mod postings;
mod resolve;

mod likeness;

mod absorb;
mod sealed;
mod suppress;
mod take;

mod contact;
mod household;

mod find;
mod profile;
mod timeline;

mod assert;
mod correct;
mod erase;
mod follow;
mod rights;
mod say;
mod turns;

mod examine;
mod explain;

mod error;

pub use absorb::join;
pub use cluster::Contradiction;
pub use contact::Address;
pub use correct::{CORRECTION_BYTES_MAX, CORRECTIONS_MAX, Correction, INTERESTS};
pub use erase::Erased;
pub use error::PeopleError;
pub use examine::Report;
pub use explain::{How, Step, Tie, Why};
pub use fact::{EventFact, Facts, Part, TraitFact, TraitValue};
pub use find::{Links, SharedIdentifier};
pub use household::{HomeFacts, HomeState, HomeTie, Household, Member, Seen, SeenMember};
pub use likeness::{LEARNED_MIN, Learned, Progress};
pub use profile::{Profile, ProfileValue, RecordView, Trust};
pub use rights::{Done, Lift};
pub use row::{EventKind, FeatureFact, FeatureKind};
pub use suppress::{Returns, TOMBSTONE_MS};
pub use take::Taken;
pub use timeline::{Timeline, TimelineEvent};

use erase::Erasures;
use gate::{Gate, LinkDoor};
use likeness::Likeness;
use say::Words;
use std::sync::Arc;
use store::{Store, StoreError, View};
use vault::Vault;

/// Records, people and profiles over one store.
#[derive(Debug)]
pub struct People {
    store: Store,
    gate: Arc<Gate>,
    vault: Arc<Vault>,
    /// The right to compare records; nothing where another room of people over this gate has it.
    link_door: Option<LinkDoor>,
    /// What links by likeness; nothing where only identifiers link.
    likeness: Option<Likeness>,
    /// Words that wait to be taken together.
    words: Words,
    /// Erasures that wait to be made together.
    erasures: Erasures,
}

impl People {
    /// Opens the room. Only identifiers link, until [`People::by_likeness`] is called.
    pub fn new(store: Store, gate: Arc<Gate>, vault: Arc<Vault>) -> Self {
        let link_door = gate.take_link_door();
        let (words, erasures) = (Words::default(), Erasures::default());
        Self { store, gate, vault, link_door, likeness: None, words, erasures }
    }

    /// A view of everything taken in so far.
    ///
    /// # Errors
    ///
    /// When the store cannot be read.
    pub fn view(&self) -> Result<View<'_>, StoreError> {
        self.store.read()
    }

    /// The gate this room asks.
    pub fn gate(&self) -> &Gate {
        &self.gate
    }

    /// The vault this room seals in.
    pub fn vault(&self) -> &Vault {
        &self.vault
    }
}
