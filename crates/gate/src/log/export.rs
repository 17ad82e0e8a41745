//! The log as files in the static layout of C2SP tlog-tiles, for publishing and offline checks.

use super::error::LedgerError;
use super::ledger::Ledger;
use super::tile::{Level, Tile, levels, tiles_at};
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

/// The file that holds the signed checkpoint.
pub const CHECKPOINT_FILE: &str = "checkpoint";

/// The file that holds the verifier key. Whoever checks compares it with a copy from elsewhere.
pub const KEY_FILE: &str = "ledger.vkey";

/// Every tile and bundle of a log of `size` entries.
pub(super) fn all_tiles(size: u64) -> impl Iterator<Item = Tile> {
    let hashes = levels(size).flat_map(move |level| tiles_at(Level::Hashes(level), size));
    tiles_at(Level::Entries, size).chain(hashes)
}

/// Writes the durable log into `directory`, which must be empty or absent, and returns how many
/// entries that were. The checkpoint comes last, so a directory without one is unfinished.
/// `progress` hears of files written and files in all.
///
/// # Errors
///
/// [`LedgerError::File`] when the directory is not empty or cannot be written; otherwise as
/// [`Ledger::tile`].
pub fn export(
    ledger: &Ledger,
    directory: &Path,
    progress: &mut dyn FnMut(u64, u64),
) -> Result<u64, LedgerError> {
    let moment = ledger.moment();
    let size = moment.state.edge.size();
    begin(directory)?;
    write(&directory.join(KEY_FILE), format!("{}\n", ledger.verifier()).as_bytes())?;
    let total = all_tiles(size).map(|_| 1).sum();
    for (done, tile) in (1..).zip(all_tiles(size)) {
        let bytes = moment.tile(&tile)?;
        let bytes = bytes.ok_or_else(|| LedgerError::Altered(format!("{tile} is missing")))?;
        write(&directory.join(tile.to_string()), &bytes)?;
        progress(done, total);
    }
    write(&directory.join(CHECKPOINT_FILE), moment.state.checkpoint.as_bytes())?;
    Ok(size)
}

fn begin(directory: &Path) -> Result<(), LedgerError> {
    let refused = |error: io::Error| file(directory, &error.to_string());
    fs::create_dir_all(directory).map_err(refused)?;
    match fs::read_dir(directory).map_err(refused)?.next() {
        None => Ok(()),
        Some(_) => Err(file(directory, "is not empty: choose another directory")),
    }
}

fn write(path: &Path, bytes: &[u8]) -> Result<(), LedgerError> {
    let parent = path.parent().map_or(Ok(()), fs::create_dir_all);
    parent.and_then(|()| fs::write(path, bytes)).map_err(|error| file(path, &error.to_string()))
}

pub(super) fn file(path: &Path, why: &str) -> LedgerError {
    LedgerError::File { path: PathBuf::from(path), why: why.to_owned() }
}
