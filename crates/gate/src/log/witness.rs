//! The witness: a small file beside the store that remembers how far the ledger had come, so that
//! a store set back to an earlier state is noticed.

use super::checkpoint::Checkpoint;
use super::error::{LedgerError, WitnessFault};
use super::note::Verifier;
use model::Timestamp;
use parking_lot::Mutex;
use std::fs::{self, File, Metadata};
use std::io::{self, ErrorKind, Write as _};
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// The file is replaced at most this often; a store set back by less than this goes unnoticed.
pub const WITNESS_INTERVAL_MS: i64 = 100;

/// The witness file of an open ledger.
#[derive(Debug)]
pub(crate) struct Witness {
    path: PathBuf,
    /// The newest durable checkpoint, while the file does not hold it.
    pending: Mutex<Option<(u64, Arc<str>)>>,
    written: Mutex<Written>,
    /// What the file was when we last wrote or read it.
    print: Mutex<Print>,
}

#[derive(Debug)]
struct Written {
    size: u64,
    at: Option<Timestamp>,
}

/// Tells the file we wrote from any other.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Print {
    length: u64,
    inode: u64,
}

impl Print {
    #[cfg(unix)]
    fn of(file: &Metadata) -> Self {
        Self { length: file.len(), inode: std::os::unix::fs::MetadataExt::ino(file) }
    }

    #[cfg(not(unix))]
    fn of(file: &Metadata) -> Self {
        Self { length: file.len(), inode: 0 }
    }
}

/// The checkpoint in a witness file; nothing when there is no file.
pub(crate) fn read(path: &Path, verifier: &Verifier) -> Result<Option<Checkpoint>, LedgerError> {
    let note = match fs::read_to_string(path) {
        Ok(note) => note,
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(refused(path, &error)),
    };
    let unreadable = |error| fault(path, WitnessFault::Unreadable(error));
    Checkpoint::open(&note, verifier).map(Some).map_err(unreadable)
}

/// Puts a signed checkpoint into the file, whole or not at all, durable when it returns.
pub(crate) fn replace(path: &Path, note: &str) -> Result<(), LedgerError> {
    stage(path, note)
        .and_then(|staged| fs::rename(staged, path))
        .and_then(|()| settle(path))
        .map_err(|error| refused(path, &error))
}

/// Writes and flushes beside the file: a power cut after the rename must not leave it empty.
fn stage(path: &Path, note: &str) -> io::Result<PathBuf> {
    let mut staged = path.as_os_str().to_owned();
    staged.push(".new");
    let staged = PathBuf::from(staged);
    let mut file = File::create(&staged)?;
    file.write_all(note.as_bytes())?;
    file.sync_all()?;
    Ok(staged)
}

/// Flushes the directory, so that the file is still there after a power cut.
fn settle(path: &Path) -> io::Result<()> {
    match path.parent() {
        Some(parent) if cfg!(unix) && !parent.as_os_str().is_empty() => {
            File::open(parent)?.sync_all()
        }
        _ => Ok(()),
    }
}

pub(crate) fn fault(path: &Path, fault: WitnessFault) -> LedgerError {
    LedgerError::Witness { path: path.to_owned(), fault }
}

fn refused(path: &Path, error: &io::Error) -> LedgerError {
    fault(path, WitnessFault::Refused(error.to_string()))
}

impl Witness {
    /// Takes up the file, which holds a checkpoint of `size` entries.
    pub(crate) fn of(path: PathBuf, size: u64) -> Result<Self, LedgerError> {
        let print = fs::metadata(&path).map_err(|error| refused(&path, &error))?;
        Ok(Self {
            pending: Mutex::new(None),
            written: Mutex::new(Written { size, at: None }),
            print: Mutex::new(Print::of(&print)),
            path,
        })
    }

    /// Hears of a durable checkpoint, and writes it unless that was done a moment ago.
    pub(crate) fn hear(
        &self,
        size: u64,
        note: &Arc<str>,
        now: Timestamp,
    ) -> Result<(), LedgerError> {
        {
            let mut pending = self.pending.lock();
            if pending.as_ref().is_none_or(|(known, _)| *known < size) {
                *pending = Some((size, Arc::clone(note)));
            }
        }
        // Whoever holds the lock is writing: ours waits for the next turn.
        let Some(mut written) = self.written.try_lock() else { return Ok(()) };
        // A clock set back must not silence the witness.
        let elapsed = written.at.map(|at| now.ms_since(at));
        if elapsed.is_some_and(|elapsed| (0..WITNESS_INTERVAL_MS).contains(&elapsed)) {
            return Ok(());
        }
        self.write(&mut written)?;
        // Only now: after a failure the next one tries again at once.
        written.at = Some(now);
        Ok(())
    }

    /// Writes what is pending, however short ago the last time was.
    pub(crate) fn flush(&self) -> Result<(), LedgerError> {
        self.write(&mut self.written.lock())
    }

    fn write(&self, written: &mut Written) -> Result<(), LedgerError> {
        let Some((size, note)) = self.pending.lock().clone() else { return Ok(()) };
        if size > written.size {
            self.alive()?;
            let staged = stage(&self.path, &note).map_err(|error| refused(&self.path, &error))?;
            {
                let mut print = self.print.lock();
                let renamed = fs::metadata(&staged)
                    .and_then(|file| fs::rename(&staged, &self.path).map(|()| file));
                *print = Print::of(&renamed.map_err(|error| refused(&self.path, &error))?);
            }
            written.size = size;
        }
        let mut pending = self.pending.lock();
        if pending.as_ref().is_some_and(|(known, _)| *known <= size) {
            *pending = None;
        }
        Ok(())
    }

    /// Whether the file is still the one last written. Costs one `stat`.
    pub(crate) fn alive(&self) -> Result<(), LedgerError> {
        let print = self.print.lock();
        match fs::metadata(&self.path) {
            Ok(file) if Print::of(&file) == *print => Ok(()),
            Ok(_) => Err(fault(&self.path, WitnessFault::Changed)),
            Err(error) if error.kind() == ErrorKind::NotFound => {
                Err(fault(&self.path, WitnessFault::Missing))
            }
            Err(error) => Err(refused(&self.path, &error)),
        }
    }
}
