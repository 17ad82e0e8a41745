//! What can go wrong with keys and sealed data.

use model::RecordId;
use std::path::{Path, PathBuf};
use std::{fmt, io};
use store::StoreError;

/// Why the vault did not do as asked.
#[derive(Debug)]
pub enum VaultError {
    /// The store failed. A conflict means: read again and re-decide.
    Store(StoreError),
    /// The record has no key (any more): what was sealed under it is lost for good.
    Shredded(RecordId),
    /// Sealed bytes, or a record's key, are not what was written.
    Damaged(RecordId),
    /// A file of the key directory cannot be read or written.
    File(PathBuf, io::Error),
    /// A file of the key directory is not what was written.
    FileDamaged(PathBuf),
    /// A newer program wrote a file of the key directory.
    FileNewer(PathBuf),
    /// A bridge is missing without which a restored store cannot be healed.
    BridgeMissing(PathBuf),
    /// Group or others may read the root key.
    RootExposed(PathBuf),
    /// There are wrapped keys but no root key.
    RootMissing(PathBuf),
    /// The root key does not unwrap what it is said to have wrapped, or its keeper refused.
    RootRefused(String),
    /// Another process has the key directory open.
    InUse(PathBuf),
    /// The store was sealed with the keys of another key directory.
    OtherKeys,
    /// The store knows a shard's key that the key directory does not: it is an old copy.
    KeysOlder,
    /// The store was restored from a backup that is older than the keys, and not yet healed.
    Unhealed,
    /// A shredding was to be finished whose commit is not in the store; it was abandoned.
    Uncommitted,
}

impl VaultError {
    /// Whether what was decided on has changed, so that deciding again may work.
    pub const fn is_conflict(&self) -> bool {
        matches!(self, Self::Store(StoreError::Conflict))
    }

    pub(crate) const fn conflict() -> Self {
        Self::Store(StoreError::Conflict)
    }

    pub(crate) fn file(path: &Path) -> impl FnOnce(io::Error) -> Self + use<'_> {
        move |error| Self::File(path.to_owned(), error)
    }
}

impl fmt::Display for VaultError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Store(error) => error.fmt(f),
            Self::Shredded(record) => write!(f, "record {record} was erased: it cannot be opened"),
            Self::Damaged(record) => {
                write!(f, "sealed data of record {record} is damaged: restore the newest backup")
            }
            Self::File(path, error) => {
                let path = path.display();
                write!(f, "{path} cannot be used: {error}: check the key directory and its disk")
            }
            Self::FileDamaged(path) => {
                write!(f, "{} is damaged: put the newest copy of the keys back", path.display())
            }
            Self::FileNewer(path) => {
                write!(f, "{} is of a newer program: run that program", path.display())
            }
            Self::BridgeMissing(path) => {
                write!(f, "{} is missing: put the newest copy of the keys back", path.display())
            }
            Self::RootExposed(path) => {
                write!(f, "{} may be read by others: chmod 600 it", path.display())
            }
            Self::RootMissing(path) => write!(
                f,
                "{} is missing while keys wrapped by it exist: put its copy back",
                path.display()
            ),
            Self::RootRefused(why) => {
                write!(f, "the root key does not open the keys ({why}): put the right one back")
            }
            Self::InUse(path) => {
                write!(f, "{} is in use by another process: stop it first", path.display())
            }
            Self::OtherKeys => f.write_str(
                "the store was sealed with other keys: put the key directory of this store back",
            ),
            Self::KeysOlder => {
                f.write_str("the key directory is older than the store: put its newest copy back")
            }
            Self::Unhealed => {
                f.write_str("the store is older than the keys: restore it with the restore command")
            }
            Self::Uncommitted => {
                f.write_str("the erasure is not in the store: nothing was erased, ask again")
            }
        }
    }
}

impl std::error::Error for VaultError {}

impl From<StoreError> for VaultError {
    fn from(error: StoreError) -> Self {
        Self::Store(error)
    }
}
