//! What can go wrong in the vault.

use std::fmt;
use std::path::{Path, PathBuf};
use store::StoreError;

/// Why the vault did not do as asked. Holds places, never keys or values.
#[derive(Debug)]
pub enum VaultError {
    /// The store failed.
    Store(StoreError),
    /// A file of the key directory cannot be read or written.
    File {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        why: String,
    },
    /// The key of this record was destroyed.
    Shredded,
    /// What was sealed is not what is to be opened: altered, or moved to another place.
    Damaged,
    /// A record's key was used that nobody loaded: a bug in the caller.
    NotLoaded,
    /// An erasure was to be finished whose commit did not happen: nobody was erased.
    NotErased,
}

impl VaultError {
    /// Whether what was decided on has changed, so that deciding again may work.
    pub const fn is_conflict(&self) -> bool {
        matches!(self, Self::Store(StoreError::Conflict))
    }

    pub(crate) fn file(path: &Path, why: impl fmt::Display) -> Self {
        Self::File { path: path.to_owned(), why: why.to_string() }
    }
}

impl fmt::Display for VaultError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Store(error) => error.fmt(f),
            Self::File { path, why } => write!(f, "{}: {why}", path.display()),
            Self::Shredded => f.write_str("its key was destroyed: it cannot be read any more"),
            Self::Damaged => {
                f.write_str("sealed data is damaged: stop, and restore the newest backup")
            }
            Self::NotLoaded => f.write_str("a key was not loaded: report this as a bug"),
            Self::NotErased => f.write_str("the erasure was not committed: ask again"),
        }
    }
}

impl std::error::Error for VaultError {}

impl From<StoreError> for VaultError {
    fn from(error: StoreError) -> Self {
        Self::Store(error)
    }
}
