//! Copies of a whole store: to a file, from a file, from one engine to another.
//!
//! A backup is one file, taken from one consistent view while the store is in use. It holds rows
//! as they are stored, so what was sealed stays sealed, and no keys. `docs/design/store.md` gives
//! every byte.

mod copy;
mod file;

use crate::{Store, StoreError};
use copy::{Sink, Sums, refuse_unless_empty, rows, sums};
use file::{Reader, Writer};
use std::fmt;
use std::path::{Path, PathBuf};

pub use copy::unfinished;

/// Hears how many rows and bytes of rows are done.
pub type Progress<'a> = &'a mut dyn FnMut(u64, u64);

/// What a backup holds.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Summary {
    /// Name and number of rows of every table, guards included.
    pub tables: Vec<(String, u64)>,
    /// Rows of all tables.
    pub rows: u64,
    /// Bytes of all keys and values.
    pub bytes: u64,
    /// SHA-256 over everything in the file; zero where there is no file.
    pub checksum: [u8; 32],
}

/// Why a copy was not made.
#[derive(Debug)]
pub enum BackupError {
    /// The store to fill holds rows already.
    NotEmpty,
    /// The file to write is there already.
    Exists(PathBuf),
    /// The copy does not hold what the original does.
    Differs(String),
    /// A store or a file failed; [`StoreError::Corrupt`] and [`StoreError::NewerFormat`] may name
    /// the backup.
    Store(StoreError),
}

impl fmt::Display for BackupError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NotEmpty => f.write_str("the store holds rows already: restore into a new one"),
            Self::Exists(path) => {
                write!(f, "{} is there already: choose another name", path.display())
            }
            Self::Differs(table) => {
                write!(f, "the copy of {table} differs from the original: throw the copy away")
            }
            Self::Store(error) => error.fmt(f),
        }
    }
}

impl std::error::Error for BackupError {}

impl From<StoreError> for BackupError {
    fn from(error: StoreError) -> Self {
        Self::Store(error)
    }
}

/// Writes a backup to `path`. The file has its name only once it is complete and on disk.
///
/// # Errors
///
/// [`BackupError::Exists`], and what the store or the disk says.
pub fn write(store: &Store, path: &Path, progress: Progress<'_>) -> Result<Summary, BackupError> {
    if path.exists() {
        return Err(BackupError::Exists(path.to_owned()));
    }
    let view = store.read()?;
    let (mut writer, mut all) = (Writer::create(path)?, Sums::default());
    for table in view.raw().tables()? {
        for page in rows(view.raw(), &table) {
            let page = page?;
            all.add(&table, &page);
            writer.rows(&table, &page)?;
            progress(all.rows(), all.bytes());
        }
    }
    let checksum = writer.finish(&all)?;
    Ok(all.summary(checksum))
}

/// Reads a whole backup and checks it against its own checksums and counts.
///
/// # Errors
///
/// [`StoreError::Corrupt`] when it is damaged or cut short, [`StoreError::NewerFormat`].
pub fn verify(path: &Path, progress: Progress<'_>) -> Result<Summary, BackupError> {
    let (mut reader, mut all) = (Reader::open(path)?, Sums::default());
    while let Some((table, page)) = reader.rows()? {
        all.add(&table, &page);
        progress(all.rows(), all.bytes());
    }
    let (stated, checksum) = reader.finish()?;
    if stated != all {
        return Err(StoreError::Corrupt(path.display().to_string()).into());
    }
    Ok(all.summary(checksum))
}

/// Fills the empty store `into` from a backup, which is verified first; then reads the store and
/// compares. Until this has returned, [`unfinished`] says so and the store must not be served.
///
/// # Errors
///
/// [`BackupError::NotEmpty`], [`BackupError::Differs`], and those of [`verify`].
pub fn restore(path: &Path, into: &Store, progress: Progress<'_>) -> Result<Summary, BackupError> {
    let expected = verify(path, &mut |_, _| {})?;
    refuse_unless_empty(into)?;
    let (mut reader, mut sink) = (Reader::open(path)?, Sink::begin(into)?);
    while let Some((table, page)) = reader.rows()? {
        sink.rows(&table, &page)?;
        progress(sink.done().rows(), sink.done().bytes());
    }
    let (stated, checksum) = reader.finish()?;
    if checksum != expected.checksum {
        return Err(StoreError::Corrupt(path.display().to_string()).into());
    }
    finish(into, sink, &stated)?;
    Ok(expected)
}

/// Copies a store into another, empty one, whatever their engines; then reads the copy and
/// compares.
///
/// # Errors
///
/// [`BackupError::NotEmpty`], [`BackupError::Differs`], and what the stores say.
pub fn migrate(from: &Store, to: &Store, progress: Progress<'_>) -> Result<Summary, BackupError> {
    refuse_unless_empty(to)?;
    let view = from.read()?;
    let mut sink = Sink::begin(to)?;
    for table in view.raw().tables()? {
        for page in rows(view.raw(), &table) {
            sink.rows(&table, &page?)?;
            progress(sink.done().rows(), sink.done().bytes());
        }
    }
    let copied = sink.done().clone();
    finish(to, sink, &copied)?;
    Ok(copied.summary([0; 32]))
}

fn finish(store: &Store, sink: Sink<'_>, expected: &Sums) -> Result<(), BackupError> {
    sink.flush()?;
    if let Some(table) = sums(store)?.difference(expected) {
        return Err(BackupError::Differs(table));
    }
    Ok(sink.finish()?)
}
