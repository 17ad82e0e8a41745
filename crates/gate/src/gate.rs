//! The gate itself: what it is built from and what it knows.

use crate::ask::Queue;
use crate::contract::{CONTRACTS, Contract, Grounds};
use crate::fold::{Allowed, Clause, fold, wishes};
use crate::grants::Grants;
use crate::log::Ledger;
use crate::pack::Terms;
use crate::permit::{LinkDoor, Seal};
use crate::policy::Policy;
use crate::uses::{KeptByRecord, LedgerKeys};
use model::{Clock, Grant, Jurisdiction, PersonId, Purpose, RecordId, Rng, Timestamp};
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
    /// For each pack of the policy, what it says of each grant.
    clauses: Vec<Vec<Clause>>,
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
        let clauses = policy.packs().iter().map(|pack| {
            let clause = |(bit, grant): &(_, Grant)| Clause {
                bit: *bit,
                whole: grants.whole(grant.purpose),
                terms: pack.terms(grant),
                stands: stands(grant.purpose),
                pauses: grant.purpose == Purpose::Marketing,
            };
            grants.iter().map(clause).collect()
        });
        let clauses = clauses.collect();
        Ok(Self {
            store,
            ledger,
            keys,
            policy,
            grants,
            clauses,
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

    /// What a person with these records allows, by the rules of the places that the records know.
    pub fn allowed<'a>(&self, grounds: &(impl Iterator<Item = &'a Grounds> + Clone)) -> Allowed {
        let mut packs: Vec<usize> =
            grounds.clone().map(|grounds| self.policy.place_of_pack(grounds.place())).collect();
        packs.sort_unstable();
        packs.dedup();
        let mut those = packs.iter().filter_map(|pack| self.clauses.get(*pack));
        match (those.next(), those.next()) {
            (Some(only), None) => fold(grounds, only.iter()),
            // Under several laws the strictest holds.
            _several => fold(grounds, self.strictest(&packs).iter()),
        }
    }

    fn strictest(&self, packs: &[usize]) -> Vec<Clause> {
        let all = self.grants.iter().enumerate().map(|(at, (bit, grant))| {
            let of_pack = |pack: &usize| Some(&self.clauses.get(*pack)?.get(at)?.terms);
            let terms = packs.iter().filter_map(of_pack).cloned();
            let terms = terms.reduce(|all, terms| all.and(&terms)).unwrap_or(Terms::NOTHING);
            let (whole, stands) = (self.grants.whole(grant.purpose), stands(grant.purpose));
            let pauses = grant.purpose == Purpose::Marketing;
            Clause { bit: *bit, whole, terms, stands, pauses }
        });
        all.collect()
    }

    /// Whether a record by itself lets it be linked: linking is itself a purpose. Whoever may only for a
    /// time is not linked.
    pub fn may_link(&self, grounds: &Grounds) -> bool {
        if grounds.restricted.is_some() {
            // A restriction has to reach all records of its customer, so it takes none of them apart.
            return self.may_link(&Grounds { restricted: None, ..grounds.clone() });
        }
        let bit = self.grants.whole(Purpose::IdentityLinking);
        bit.is_some_and(|bit| self.allowed(&std::iter::once(grounds)).always(bit))
    }

    /// The contract of a person with these records.
    pub fn contract<'a>(
        &self,
        records: Vec<RecordId>,
        grounds: &(impl Iterator<Item = &'a Grounds> + Clone),
        ordinal: u32,
    ) -> Contract {
        let mut places: Vec<Jurisdiction> = grounds.clone().map(Grounds::place).collect();
        places.sort_unstable();
        places.dedup();
        let minor = grounds.clone().any(|grounds| grounds.minor().is_some());
        let restricted = grounds.clone().filter_map(Grounds::restricted_since).max();
        let wishes = wishes(grounds).cloned().unwrap_or_default();
        let allowed = self.allowed(grounds);
        Contract { allowed, places, minor, restricted, wishes, records, ordinal }
    }

    /// What holds for a grant of somebody of this contract.
    pub fn terms(&self, contract: &Contract, grant: &Grant) -> Terms {
        self.policy.terms(&contract.places, grant)
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

/// Whether a purpose stands while data may only be kept: keeping it, and answering the customer.
const fn stands(purpose: Purpose) -> bool {
    matches!(purpose, Purpose::SubjectAccess | Purpose::Operations)
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
