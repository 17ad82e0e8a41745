//! What can go wrong with people.

use gate::Refusal;
use gate::rights::RightsError;
use std::fmt;
use store::StoreError;
use vault::VaultError;

/// Why this room did not do as asked.
#[derive(Debug)]
pub enum PeopleError {
    /// The gate said no, or could not record the use.
    Refused(Refusal),
    /// The store failed. A conflict means: read again and re-decide.
    Store(StoreError),
    /// The ledger failed; nothing was written.
    Ledger(gate::LedgerError),
    /// Sealing or opening failed.
    Vault(VaultError),
    /// There is no such record or person.
    Unknown,
    /// A request by right is not taken, or a step of it not made.
    NoRequest(RightsError),
    /// What was learned from the records takes people of one name for one person.
    Unlearnable,
}

impl PeopleError {
    /// Whether what was decided on has changed, so that deciding again may work.
    pub fn is_conflict(&self) -> bool {
        match self {
            Self::Store(StoreError::Conflict)
            | Self::NoRequest(RightsError::Store(StoreError::Conflict)) => true,
            Self::Ledger(error) => error.is_conflict(),
            Self::Vault(error) => error.is_conflict(),
            Self::Refused(_)
            | Self::Store(_)
            | Self::Unknown
            | Self::NoRequest(_)
            | Self::Unlearnable => false,
        }
    }
}

impl fmt::Display for PeopleError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Refused(refusal) => refusal.fmt(f),
            Self::Store(error) => error.fmt(f),
            Self::Ledger(error) => error.fmt(f),
            Self::Vault(error) => error.fmt(f),
            Self::NoRequest(error) => error.fmt(f),
            Self::Unknown => f.write_str("there is no such person"),
            Self::Unlearnable => f.write_str(
                "what was learned takes people of one name for one person, and is not used: the records \
                 say too little besides names. Give a model by `linkage.model`, or more data, and learn \
                 again",
            ),
        }
    }
}

impl std::error::Error for PeopleError {}

impl From<Refusal> for PeopleError {
    fn from(refusal: Refusal) -> Self {
        Self::Refused(refusal)
    }
}

impl From<StoreError> for PeopleError {
    fn from(error: StoreError) -> Self {
        Self::Store(error)
    }
}

impl From<RightsError> for PeopleError {
    fn from(error: RightsError) -> Self {
        Self::NoRequest(error)
    }
}

impl From<VaultError> for PeopleError {
    fn from(error: VaultError) -> Self {
        Self::Vault(error)
    }
}

impl From<gate::LedgerError> for PeopleError {
    fn from(error: gate::LedgerError) -> Self {
        Self::Ledger(error)
    }
}
