//! The directory of an embedded store: its lock, its format, and whether it is still there.

use crate::StoreError;
use crate::error::io_fault;
use std::fs::{self, File, Metadata};
use std::io;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::sync::OnceLock;
use std::sync::atomic::{AtomicU64, Ordering};

/// The newest format of the directory that this program knows.
const FORMAT: u32 = 1;
const FORMAT_WORDS: &str = "bonafide store ";

/// A directory that this process alone may use.
pub(super) struct Place {
    path: PathBuf,
    /// The directory as opened.
    itself: Identity,
    /// The format file as opened; set once it is known to be there.
    format: OnceLock<Identity>,
    /// The newest journal seen: journals are numbered and their numbers only grow.
    journal: AtomicU64,
    /// Holds the lock; the operating system releases it when the process ends, however it ends.
    _lock: File,
}

/// What tells a file from another that has taken its name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Identity {
    device: u64,
    inode: u64,
}

impl Identity {
    fn of(metadata: &Metadata) -> Self {
        Self { device: metadata.dev(), inode: metadata.ino() }
    }

    fn at(path: &Path) -> io::Result<Self> {
        fs::metadata(path).map(|metadata| Self::of(&metadata))
    }
}

impl Place {
    /// Makes the directory if need be, locks it and reads its format.
    pub(super) fn enter(path: &Path) -> Result<Self, StoreError> {
        let path = std::path::absolute(path).map_err(|error| io_fault(path, &error))?;
        let fault = |error: io::Error| io_fault(&path, &error);
        fs::create_dir_all(&path).map_err(fault)?;
        let lock = File::options()
            .create(true)
            .truncate(false)
            .write(true)
            .open(path.join("lock"))
            .map_err(fault)?;
        lock.try_lock().map_err(|error| match error {
            fs::TryLockError::WouldBlock => StoreError::InUse(path.display().to_string()),
            fs::TryLockError::Error(error) => fault(error),
        })?;
        let itself = Identity::at(&path).map_err(fault)?;
        let place =
            Self { itself, format: OnceLock::new(), journal: AtomicU64::new(0), _lock: lock, path };
        place.read_format()?;
        Ok(place)
    }

    pub(super) fn path(&self) -> &Path {
        &self.path
    }

    pub(super) fn tree(&self) -> PathBuf {
        self.path.join("tree")
    }

    /// An empty place to make the tree in. Refused where a tree has been: it must have been
    /// damaged, and a new one would hide that.
    pub(super) fn begin_tree(&self) -> Result<PathBuf, StoreError> {
        if self.format.get().is_some() || self.tree().exists() {
            return Err(StoreError::Corrupt(self.tree().display().to_string()));
        }
        let unfinished = self.path.join("tree.unfinished");
        match fs::remove_dir_all(&unfinished) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => Err(self.io_fault(&error)),
            _ => Ok(unfinished),
        }
    }

    pub(super) fn finish_tree(&self, unfinished: &Path) -> Result<(), StoreError> {
        fs::rename(unfinished, self.tree())
            .and_then(|()| sync_directory(&self.path))
            .map_err(|error| self.io_fault(&error))
    }

    /// Writes the format, last of all that makes a store, and notes what is to stay there.
    pub(super) fn settle(&self) -> Result<(), StoreError> {
        let path = self.path.join("format");
        if self.format.get().is_none() {
            let unfinished = self.path.join("format.unfinished");
            fs::write(&unfinished, format!("{FORMAT_WORDS}{FORMAT}\n"))
                .and_then(|()| File::open(&unfinished)?.sync_all())
                .and_then(|()| fs::rename(&unfinished, &path))
                .and_then(|()| sync_directory(&self.path))
                .map_err(|error| self.io_fault(&error))?;
            let identity = Identity::at(&path).map_err(|error| self.io_fault(&error))?;
            self.format.get_or_init(|| identity);
        }
        self.still_there()
    }

    fn read_format(&self) -> Result<(), StoreError> {
        let path = self.path.join("format");
        let text = match fs::read_to_string(&path) {
            Ok(text) => text,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(()),
            Err(error) => return Err(self.io_fault(&error)),
        };
        let what = path.display().to_string();
        let number = text.strip_prefix(FORMAT_WORDS).and_then(|rest| rest.trim_end().parse().ok());
        match number {
            None | Some(0) => return Err(StoreError::Corrupt(what)),
            Some(found) if found > FORMAT => {
                return Err(StoreError::NewerFormat { what, found, known: FORMAT });
            }
            Some(_) => {}
        }
        let identity = Identity::at(&path).map_err(|error| self.io_fault(&error))?;
        self.format.get_or_init(|| identity);
        Ok(())
    }

    /// Whether the directory, its format file and its journal are those that were opened.
    pub(super) fn still_there(&self) -> Result<(), StoreError> {
        let itself = Identity::at(&self.path).is_ok_and(|now| now == self.itself);
        let format = self.format.get().is_some_and(|opened| {
            Identity::at(&self.path.join("format")).is_ok_and(|now| now == *opened)
        });
        if itself && format && self.journal_is_there() {
            return Ok(());
        }
        let place = self.path.display();
        Err(StoreError::Unavailable(format!("{place} was deleted or replaced while in use")))
    }

    fn journal_is_there(&self) -> bool {
        let Ok(entries) = fs::read_dir(self.tree()) else { return false };
        let newest = entries
            .filter_map(|entry| {
                entry.ok()?.file_name().to_str()?.strip_suffix(".jnl")?.parse().ok()
            })
            .max();
        newest
            .is_some_and(|newest: u64| self.journal.fetch_max(newest, Ordering::Relaxed) <= newest)
    }

    /// Refuses unless `bytes` are free on the disk.
    pub(super) fn has_free(&self, bytes: u64) -> Result<(), StoreError> {
        let disk = rustix::fs::statvfs(&self.path).map_err(|error| self.io_fault(&error.into()))?;
        if disk.f_bavail.saturating_mul(disk.f_frsize) < bytes {
            return Err(StoreError::Full(self.path.display().to_string()));
        }
        Ok(())
    }

    /// What an error of the tree means to us.
    pub(super) fn fault(&self, error: &fjall::Error) -> StoreError {
        match error {
            fjall::Error::Io(error) | fjall::Error::Storage(fjall::LsmError::Io(error)) => {
                self.io_fault(error)
            }
            fjall::Error::Locked => StoreError::InUse(self.path.display().to_string()),
            fjall::Error::Poisoned => {
                // The failure itself was in the background and is known only by its effect.
                let place = self.path.display();
                StoreError::Unavailable(format!("writing to {place} has failed"))
            }
            fjall::Error::Storage(_)
            | fjall::Error::JournalRecovery(_)
            | fjall::Error::InvalidVersion(_)
            | fjall::Error::Decompress(_)
            | fjall::Error::InvalidTrailer
            | fjall::Error::InvalidTag(_)
            | fjall::Error::KeyspaceDeleted
            | fjall::Error::Unrecoverable
            | _ => StoreError::Corrupt(self.tree().display().to_string()),
        }
    }

    fn io_fault(&self, error: &io::Error) -> StoreError {
        io_fault(&self.path, error)
    }
}

fn sync_directory(path: &Path) -> io::Result<()> {
    File::open(path)?.sync_all()
}
