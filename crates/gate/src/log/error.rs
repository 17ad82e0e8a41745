//! What can go wrong with the log.

use super::note::NoteError;
use std::fmt;
use std::path::PathBuf;
use store::StoreError;

/// Why the ledger did not do as asked. Holds places and numbers, never entries.
#[derive(Debug)]
pub enum LedgerError {
    /// Something the caller's batch checked has changed, or another process appended first:
    /// nothing was written, decide again.
    Conflict,
    /// The store failed.
    Store(StoreError),
    /// What is stored is missing, short or altered; says which part.
    Altered(String),
    /// A stored checkpoint is not one that this ledger's key signed.
    Checkpoint(NoteError),
    /// The witness file forbids to go on.
    Witness {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        fault: WitnessFault,
    },
    /// An entry is longer than [`ENTRY_MAX`](super::tile::ENTRY_MAX).
    TooLong {
        /// Its length.
        bytes: usize,
    },
    /// An entry or a size beyond the durable end of the log was asked for.
    Outside {
        /// What was asked for.
        asked: u64,
        /// How many entries are durable.
        size: u64,
    },
    /// A file of an export is missing, short, altered or cannot be read or written.
    File {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        why: String,
    },
}

/// What is wrong with a witness file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum WitnessFault {
    /// It is gone although the ledger is not empty.
    Missing,
    /// It has seen more entries than the store holds: the store was set back.
    Ahead {
        /// How many entries it has seen.
        witness: u64,
        /// How many the store holds.
        store: u64,
    },
    /// The store's tree is not a continuation of the one it has seen.
    Differs,
    /// It does not hold a checkpoint of this ledger.
    Unreadable(NoteError),
    /// It was replaced or changed while the ledger was open.
    Changed,
    /// The file system refused; says why.
    Refused(String),
}

impl LedgerError {
    /// Whether reading again and deciding again may help.
    pub const fn is_conflict(&self) -> bool {
        matches!(self, Self::Conflict)
    }
}

impl fmt::Display for LedgerError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Conflict => f.write_str("what was decided on has changed: read again and retry"),
            Self::Store(error) => write!(f, "the ledger's store failed: {error}"),
            Self::Altered(what) => {
                write!(f, "the ledger is damaged, {what}: stop, and restore the newest backup")
            }
            Self::Checkpoint(error) => write!(
                f,
                "the ledger's checkpoint is refused, {error}: check the ledger's key and origin"
            ),
            Self::Witness { path, fault } => {
                write!(f, "the witness file {}: {fault}", path.display())
            }
            Self::TooLong { bytes } => {
                write!(f, "an entry of {bytes} bytes is longer than 65535: record its hash instead")
            }
            Self::Outside { asked, size } => {
                write!(f, "{asked} is beyond the ledger's {size} entries: ask for less, or later")
            }
            Self::File { path, why } => write!(f, "{}: {why}", path.display()),
        }
    }
}

impl fmt::Display for WitnessFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Missing => f.write_str(
                "is missing while the ledger is not empty: put it back, or rebase it after a restore",
            ),
            Self::Ahead { witness, store } => write!(
                f,
                "has seen {witness} entries, the store holds {store}: \
                 restore the newer store, or rebase it after a restore"
            ),
            Self::Differs => f.write_str(
                "has seen another history than the store holds: find out who rewrote which",
            ),
            Self::Unreadable(error) => {
                write!(f, "is not a checkpoint of this ledger, {error}: put the right file back")
            }
            Self::Changed => f.write_str("was replaced or changed by somebody else: reopen"),
            Self::Refused(why) => write!(f, "cannot be used: {why}"),
        }
    }
}

impl std::error::Error for LedgerError {}

impl From<StoreError> for LedgerError {
    fn from(error: StoreError) -> Self {
        if matches!(error, StoreError::Conflict) { Self::Conflict } else { Self::Store(error) }
    }
}
