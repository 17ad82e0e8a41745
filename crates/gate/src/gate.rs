//! The gate itself: what it is built from and what it knows.

use crate::ask::Queue;
use crate::contract::{CONTRACTS, Contract, Register, fold};
use crate::grants::Grants;
use crate::log::Ledger;
use crate::permit::{LinkDoor, Seal};
use crate::policy::Policy;
use crate::uses::{KeptByRecord, LedgerKeys};
use model::{Bit, Clock, Grant, Mask, PersonId, Rng, Timestamp};
use parking_lot::Mutex;
use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use store::{Row, Store, StoreError, View};

/// How often a group of asks is decided again when contracts change under it.
pub(crate) const ATTEMPTS_MAX: usize = 16;

/// What the gate is built from.
pub struct Parts {
    /// Where contracts and uses are.
    pub store: Store,
    /// The transparency log.
    pub ledger: Ledger,
    /// The keys of ledger commitments.
    pub keys: Arc<dyn LedgerKeys>,
    /// What each purpose rests on.
    pub policy: Policy,
    /// Grants with a scope, beyond the purposes as a whole.
    pub scoped_grants: Vec<Grant>,
    /// What rooms that nobody below knows keep under a record, and lose when it is erased.
    pub kept: Vec<Arc<dyn KeptByRecord>>,
    /// Time.
    pub clock: Arc<dyn Clock>,
    /// Chance.
    pub rng: Arc<dyn Rng>,
}

/// Decides, records, mints.
pub struct Gate {
    pub(crate) store: Store,
    pub(crate) ledger: Ledger,
    pub(crate) keys: Arc<dyn LedgerKeys>,
    pub(crate) policy: Policy,
    pub(crate) grants: Grants,
    pub(crate) kept: Vec<Arc<dyn KeptByRecord>>,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) rng: Arc<dyn Rng>,
    pub(crate) ordinals: Mutex<crate::ordinals::Ordinals>,
    seal: Seal,
    /// Whether the one door for linking was given away.
    link_door_given: AtomicBool,
    pub(crate) queue: Mutex<Queue>,
}

impl Gate {
    /// Opens the gate over a store and its ledger.
    ///
    /// # Errors
    ///
    /// When the registry of grants cannot be read or written.
    pub fn open(parts: Parts) -> Result<Self, StoreError> {
        let Parts { store, ledger, keys, policy, scoped_grants, kept, clock, rng } = parts;
        let grants = Grants::open(&store, &scoped_grants)?;
        Ok(Self {
            store,
            ledger,
            keys,
            policy,
            grants,
            kept,
            clock,
            rng,
            ordinals: Mutex::default(),
            seal: Seal::new(),
            link_door_given: AtomicBool::new(false),
            queue: Mutex::default(),
        })
    }

    /// The door through which records are compared, for whoever asks first: the room that says who is
    /// one person, when the house is wired. Nobody else gets it.
    pub fn take_link_door(&self) -> Option<LinkDoor> {
        let given = self.link_door_given.swap(true, Ordering::AcqRel);
        (!given).then(|| LinkDoor { seal: self.seal() })
    }

    /// What the vault compares permits with.
    pub fn seal(&self) -> Seal {
        self.seal.clone()
    }

    /// The registry of grants.
    pub const fn grants(&self) -> &Grants {
        &self.grants
    }

    /// What each purpose rests on.
    pub const fn policy(&self) -> &Policy {
        &self.policy
    }

    /// The transparency log.
    pub const fn ledger(&self) -> &Ledger {
        &self.ledger
    }

    /// The current instant, by the gate's clock.
    pub fn now(&self) -> Timestamp {
        self.clock.now()
    }

    /// What a person with these records' registers allows.
    pub fn mask<'a>(&self, registers: &(impl Iterator<Item = &'a Register> + Clone)) -> Mask {
        let grants = self.grants.iter().map(|(bit, grant)| (*bit, grant, self.whole_of(grant)));
        fold(registers, grants, &self.policy)
    }

    fn whole_of(&self, grant: &Grant) -> Option<Bit> {
        self.grants.whole(grant.purpose)
    }

    /// The contracts of people as a view shows them.
    ///
    /// # Errors
    ///
    /// When the store fails.
    pub fn contracts(
        &self,
        view: &View<'_>,
        people: &[PersonId],
    ) -> Result<Vec<Option<Row<Contract>>>, StoreError> {
        let keys: Vec<_> = people.iter().map(|person| (*person, ())).collect();
        view.get_many(&CONTRACTS, &keys)
    }
}

impl fmt::Debug for Gate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Gate").field("policy", &self.policy).finish_non_exhaustive()
    }
}

impl fmt::Debug for Parts {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Parts").field("policy", &self.policy).finish_non_exhaustive()
    }
}
