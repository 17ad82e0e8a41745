//! The proof that the gate said yes and the ledger remembers it.

use crate::policy::Categories;
use model::{PersonId, Purpose, RecordId};
use std::marker::PhantomData;
use std::sync::Arc;

/// Tells one gate's permits from another's, so that a permit from a gate over some other store (a
/// test, a sandbox) opens nothing here. Identity is the allocation: no two gates share one.
#[derive(Clone, Debug)]
pub struct Seal(Arc<()>);

impl Seal {
    pub(crate) fn new() -> Self {
        Self(Arc::default())
    }
}

impl PartialEq for Seal {
    fn eq(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.0, &other.0)
    }
}

/// One permitted use of one person's data. Moving it spends it.
///
/// INVARIANT: no `Clone`, `Default` or `Deserialize`; the gate is the only mint.
#[derive(Debug)]
#[must_use = "this use is already in the ledger: spend the permit or do not ask"]
pub struct Permit<U> {
    pub(crate) entry: u64,
    pub(crate) person: PersonId,
    pub(crate) purpose: Purpose,
    pub(crate) bit: Option<model::Bit>,
    pub(crate) seal: Seal,
    kind: PhantomData<fn() -> U>,
}

impl<U: Use> Permit<U> {
    pub(crate) const fn mint(
        entry: u64,
        person: PersonId,
        purpose: Purpose,
        bit: Option<model::Bit>,
        seal: Seal,
    ) -> Self {
        Self { entry, person, purpose, bit, seal, kind: PhantomData }
    }

    /// The index of the ledger entry that records this use.
    pub const fn entry(&self) -> u64 {
        self.entry
    }

    /// Whose data may be used.
    pub const fn person(&self) -> PersonId {
        self.person
    }
}

/// A permit being spent: for the length of one read it opens the records its person had in the
/// snapshot that is read, and of their fields only the categories that the purpose may see.
///
/// INVARIANT: made only by the gate from a permit it minted, after looking at the contract again
/// in the very snapshot that will be read.
#[derive(Debug)]
pub struct Opening<U> {
    pub(crate) records: Vec<RecordId>,
    pub(crate) categories: Categories,
    pub(crate) entry: u64,
    pub(crate) seal: Seal,
    pub(crate) kind: PhantomData<fn() -> U>,
}

impl<U: Use> Opening<U> {
    /// The records it opens, ascending.
    pub fn records(&self) -> &[RecordId] {
        &self.records
    }

    /// The categories it opens.
    pub const fn categories(&self) -> Categories {
        self.categories
    }

    /// The ledger entry it stands on.
    pub const fn entry(&self) -> u64 {
        self.entry
    }

    /// Whether it opens `record`.
    ///
    /// # Panics
    ///
    /// When another gate made it: only a bug in the wiring can bring it here.
    pub fn covers(&self, record: RecordId, gate: &Seal) -> bool {
        assert!(self.seal == *gate, "a permit minted by another gate");
        self.records.binary_search(&record).is_ok()
    }
}

/// One permitted use of everybody who granted a purpose, fixed when it was minted. Each page of a
/// long read looks at the contracts again, so whoever withdraws meanwhile is left out.
#[derive(Debug)]
#[must_use = "this use is already in the ledger: spend the permit or do not ask"]
pub struct CohortPermit<U> {
    pub(crate) entry: u64,
    pub(crate) purpose: Purpose,
    pub(crate) bit: Option<model::Bit>,
    pub(crate) members: roaring::RoaringBitmap,
    /// The people of a page that was asked for, in the store's order.
    pub(crate) page: Option<Vec<PersonId>>,
    pub(crate) seal: Seal,
    pub(crate) kind: PhantomData<fn() -> U>,
}

impl<U: Use> CohortPermit<U> {
    /// The index of the ledger entry that records this use.
    pub const fn entry(&self) -> u64 {
        self.entry
    }

    /// How many people it covered when it was minted.
    pub fn len(&self) -> u64 {
        self.members.len()
    }

    /// The last person of a page, after whom the next one begins; nobody for a whole cohort.
    pub fn last(&self) -> Option<PersonId> {
        self.page.as_ref().and_then(|page| page.last().copied())
    }

    /// Whether it covers nobody.
    pub fn is_empty(&self) -> bool {
        self.members.is_empty()
    }
}

/// The right to ask for the standing permit to compare records. There is one for each gate.
///
/// INVARIANT: no `Clone`, `Default` or `Deserialize`; given away once.
#[derive(Debug)]
pub struct LinkDoor {
    pub(crate) seal: Seal,
}

/// The record under whose key a learned model is sealed. Nobody's: ids of records are hashes.
pub const MODEL_RECORD: RecordId = RecordId(*b"a learned model.");

/// The standing permit to compare records in order to recognise people. It opens nothing by itself:
/// each opening looks at the register of each record, and the commit that follows from it records
/// whom the comparison reached.
///
/// INVARIANT: no `Clone`, `Default` or `Deserialize`; the gate is the only mint.
#[derive(Debug)]
#[must_use = "this use is already in the ledger"]
pub struct LinkPermit {
    pub(crate) entry: u64,
    pub(crate) seal: Seal,
}

/// What a permit is for. Sealed: a new kind of use is a change to the gate.
pub trait Use: sealed::Sealed {
    /// The kind as a value.
    const KIND: UseKind;
}

/// A use of a person's data, which stands under the person's contract. [`Repair`] does not: it
/// opens quarantined items, which belong to nobody yet.
pub trait PersonUse: Use {}

/// The kinds of use as values, for rows and leaves. Numbers are part of the ledger's format.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize, serde::Deserialize,
)]
#[repr(u8)]
pub enum UseKind {
    /// Shown on a screen or answered to a service.
    View = 1,
    /// Left the system towards a named recipient.
    Export = 2,
    /// Acted towards the person.
    Contact = 3,
    /// Chose what to say or do.
    Decide = 4,
    /// Compared records to recognise a person.
    Resolve = 5,
    /// Shared with a partner.
    Share = 6,
    /// Trained a model.
    Train = 7,
    /// Answered the person about their own data, or erased it.
    SubjectAccess = 8,
    /// Repaired data on its way in.
    Repair = 9,
}

impl UseKind {
    /// Every kind.
    pub const ALL: [Self; 9] = [
        Self::View,
        Self::Export,
        Self::Contact,
        Self::Decide,
        Self::Resolve,
        Self::Share,
        Self::Train,
        Self::SubjectAccess,
        Self::Repair,
    ];

    /// The word for it in API, ledger and documents.
    pub const fn word(self) -> &'static str {
        match self {
            Self::View => "view",
            Self::Export => "export",
            Self::Contact => "contact",
            Self::Decide => "decide",
            Self::Resolve => "resolve",
            Self::Share => "share",
            Self::Train => "train",
            Self::SubjectAccess => "subject_access",
            Self::Repair => "repair",
        }
    }

    /// The kind of a word, if it is one.
    pub fn of_word(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.word() == word)
    }
}

macro_rules! uses {
    ($($(#[$doc:meta])* $name:ident;)*) => {
        $(
            $(#[$doc])*
            #[derive(Debug)]
            pub enum $name {}

            impl Use for $name {
                const KIND: UseKind = UseKind::$name;
            }
        )*

        mod sealed {
            pub trait Sealed {}
            $(impl Sealed for super::$name {})*
        }
    };
}

uses! {
    /// Show the data on a screen or answer a service with it.
    View;
    /// Let the data leave the system.
    Export;
    /// Act towards the person.
    Contact;
    /// Choose what to say or do.
    Decide;
    /// Compare records to recognise a person.
    Resolve;
    /// Share with a partner.
    Share;
    /// Train a model.
    Train;
    /// Answer the person about their own data, or erase it.
    SubjectAccess;
    /// Repair data on its way in.
    Repair;
}

/// Tell a customer who is there of somebody they live with. It stands under the other's word on households
/// and opens their name only, so it is no [`PersonUse`]: what takes any of those does not take it.
#[derive(Debug)]
pub enum Housemate {}

impl sealed::Sealed for Housemate {}

impl Use for Housemate {
    const KIND: UseKind = UseKind::View;
}

impl PersonUse for View {}
impl PersonUse for Export {}
impl PersonUse for Contact {}
impl PersonUse for Decide {}
impl PersonUse for Resolve {}
impl PersonUse for Share {}
impl PersonUse for Train {}
impl PersonUse for SubjectAccess {}
