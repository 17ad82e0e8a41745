//! How the gate answers.

use crate::log::LedgerError;
use model::Grant;
use serde::{Deserialize, Serialize};
use std::fmt;
use store::StoreError;

/// How the gate answered, as rows and leaves keep it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[repr(u8)]
pub enum Outcome {
    /// Permitted.
    Permitted = 1,
    /// The person has not granted it.
    NotGranted = 2,
    /// The service may not ask for it.
    NotAuthorised = 3,
    /// Nobody of that id is here.
    UnknownPerson = 4,
    /// The grant is not in the registry.
    UnknownGrant = 5,
}

/// Why the gate minted nothing.
#[derive(Debug)]
pub enum Refusal {
    /// What is not in the ledger does not happen.
    LedgerUnavailable(LedgerError),
    /// Contracts cannot be read.
    StoreUnavailable(StoreError),
    /// The person has not granted this.
    NotGranted(Grant),
    /// The service is not registered for this purpose and kind of use.
    NotAuthorised(Grant),
    /// Nobody of that id is here.
    UnknownPerson,
    /// No such grant is registered.
    UnknownGrant(Grant),
    /// The contract changed between asking and reading: ask again.
    Stale,
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::LedgerUnavailable(error) => write!(f, "the use cannot be recorded: {error}"),
            Self::StoreUnavailable(error) => write!(f, "the contract cannot be read: {error}"),
            Self::NotGranted(grant) => write!(f, "the person has not granted {grant}"),
            Self::NotAuthorised(grant) => write!(
                f,
                "this service is not registered for {grant}: ask the operator to add the purpose"
            ),
            Self::UnknownPerson => f.write_str("there is no such person"),
            Self::UnknownGrant(grant) => {
                write!(f, "{grant} is not registered: add it to the configuration")
            }
            Self::Stale => f.write_str("the contract has just changed: ask again"),
        }
    }
}

impl std::error::Error for Refusal {}

impl From<StoreError> for Refusal {
    fn from(error: StoreError) -> Self {
        Self::StoreUnavailable(error)
    }
}

impl From<LedgerError> for Refusal {
    fn from(error: LedgerError) -> Self {
        Self::LedgerUnavailable(error)
    }
}
