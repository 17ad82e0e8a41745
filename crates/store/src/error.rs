//! What can go wrong.

use std::path::Path;
use std::{fmt, io};

/// Why a store did not do as asked. Holds names and numbers, never keys or values.
#[derive(Debug)]
pub enum StoreError {
    /// Something checked had changed; nothing was written. Read again and re-decide.
    Conflict,
    /// The engine cannot be reached just now; trying again may help.
    Unavailable(String),
    /// No space is left; nothing was written.
    Full(String),
    /// A named limit was exceeded; nothing was written.
    TooLarge {
        /// The limit's name.
        limit: &'static str,
        /// Its value.
        max: usize,
        /// What was asked for.
        asked: usize,
    },
    /// Stored bytes are not what was written: stop serving and restore a backup.
    Corrupt(String),
    /// A newer version of the program wrote this; run that version.
    NewerFormat {
        /// What carries the version.
        what: String,
        /// The version found.
        found: u32,
        /// The newest version this program knows.
        known: u32,
    },
    /// Another process has the embedded store open.
    InUse(String),
}

impl fmt::Display for StoreError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Conflict => f.write_str("what was decided on has changed: read again and retry"),
            Self::Unavailable(why) => write!(f, "the store cannot be reached: {why}"),
            Self::Full(place) => write!(f, "the store is full: free space in {place}"),
            Self::TooLarge { limit, max, asked } => {
                write!(f, "{limit} is {max}, asked for {asked}: split the work")
            }
            Self::Corrupt(what) => {
                write!(f, "{what} is damaged: stop, and restore the newest backup")
            }
            Self::NewerFormat { what, found, known } => write!(
                f,
                "{what} has format {found}, this program knows up to {known}: run the newer program"
            ),
            Self::InUse(place) => {
                write!(f, "{place} is open in another process: stop it or talk to it over HTTP")
            }
        }
    }
}

impl std::error::Error for StoreError {}

/// What an error with a file or directory means to us.
pub(crate) fn io_fault(path: &Path, error: &io::Error) -> StoreError {
    let place = path.display();
    if matches!(error.kind(), io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded) {
        StoreError::Full(place.to_string())
    } else {
        StoreError::Unavailable(format!("{place}: {error}"))
    }
}
