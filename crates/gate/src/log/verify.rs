//! Checking an exported log offline, with nothing but its directory and its public key.

use super::checkpoint::Checkpoint;
use super::edge::{Edge, TILE_BYTES};
use super::error::LedgerError;
use super::export::{CHECKPOINT_FILE, KEY_FILE, file};
use super::note::{NOTE_MAX, Verifier};
use super::tile::{ENTRY_MAX, HEIGHT, Level, Tile, WIDTH, entries, place, root_within, tiles_at};
use super::tree::{Hash, root_at};
use std::fs::File;
use std::io::Read as _;
use std::panic::resume_unwind;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};
use std::thread;

/// The most threads that hash.
const THREADS_MAX: usize = 8;

/// What an export was found to hold, all of it checked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Verified {
    /// How many entries.
    pub size: u64,
    /// The signed root over them.
    pub root: Hash,
}

/// Hashes every entry into every tile up to the signed root, and compares with the files.
/// `at_least` is a checkpoint known from elsewhere, which the export must continue: without one, an
/// export of an earlier state is as good as the newest. `progress` hears of entries checked and
/// entries in all, from several threads.
///
/// # Errors
///
/// [`LedgerError::File`] names the first file, and entry where there is one, that is missing,
/// short, altered, or older than `at_least`.
pub fn verify_dir(
    directory: &Path,
    verifier: &Verifier,
    at_least: Option<&Checkpoint>,
    progress: &(dyn Fn(u64, u64) + Sync),
) -> Result<Verified, LedgerError> {
    let checkpoint = signed(directory, verifier)?;
    let Checkpoint { size, root, .. } = checkpoint;
    let path = directory.join(CHECKPOINT_FILE);
    if let Some(known) = at_least {
        if known.origin != checkpoint.origin {
            return Err(file(&path, "belongs to another log than the checkpoint to compare with"));
        }
        if known.size > size {
            let why = format!("has {size} entries, {} are known: get the newer export", known.size);
            return Err(file(&path, &why));
        }
    }
    let work = Work { directory, size, next: 0.into(), done: 0.into(), progress };
    let mut level = work.bundles()?;
    let mut partials = vec![std::mem::take(&mut level.partial)];
    for above in 1..8 {
        if level.full == 0 {
            break;
        }
        level = work.compare(above, &level.roots)?;
        partials.push(std::mem::take(&mut level.partial));
    }
    let edge = Edge::of(size, partials);
    if edge.is_none_or(|edge| edge.root() != root) {
        return Err(file(&path, "is signed over another root than the entries have"));
    }
    if let Some(known) = at_least
        && root_at(known.size, &mut |height, index| work.node(height, index))? != known.root
    {
        return Err(file(&path, "does not continue the known checkpoint: history was rewritten"));
    }
    Ok(Verified { size, root })
}

fn signed(directory: &Path, verifier: &Verifier) -> Result<Checkpoint, LedgerError> {
    let path = directory.join(KEY_FILE);
    if read(&path, NOTE_MAX)? != format!("{verifier}\n").as_bytes() {
        return Err(file(&path, "is not the key to check with: compare where both came from"));
    }
    let path = directory.join(CHECKPOINT_FILE);
    let note = String::from_utf8(read(&path, NOTE_MAX)?);
    let note = note.map_err(|_| file(&path, "is not UTF-8"))?;
    Checkpoint::open(&note, verifier).map_err(|error| file(&path, &error.to_string()))
}

/// Reads a file that may hold up to `most` bytes.
fn read(path: &Path, most: usize) -> Result<Vec<u8>, LedgerError> {
    let mut bytes = Vec::new();
    let opened = File::open(path);
    let taken = opened.and_then(|file| file.take(most as u64 + 1).read_to_end(&mut bytes));
    match taken {
        Ok(length) if length <= most => Ok(bytes),
        Ok(_) => Err(file(path, "is too long")),
        Err(error) => Err(file(path, &error.to_string())),
    }
}

/// One checking of one directory.
struct Work<'a> {
    directory: &'a Path,
    size: u64,
    /// The next bundle that nobody has taken.
    next: AtomicU64,
    /// Entries checked.
    done: AtomicU64,
    progress: &'a (dyn Fn(u64, u64) + Sync),
}

/// What one level gives to the one above.
#[derive(Default)]
struct Above {
    full: usize,
    /// Roots of the full tiles, one after another.
    roots: Vec<u8>,
    /// The hashes of the partial tile.
    partial: Vec<u8>,
}

impl Work<'_> {
    /// Hashes all bundles, on all cores, and compares with the tiles of level 0.
    fn bundles(&self) -> Result<Above, LedgerError> {
        let threads = thread::available_parallelism().map_or(1, usize::from).min(THREADS_MAX);
        let found = thread::scope(|scope| {
            let workers: Vec<_> =
                (0..threads).map(|_| scope.spawn(|| self.some_bundles())).collect();
            let joined = workers.into_iter().map(thread::ScopedJoinHandle::join);
            joined.map(|found| found.unwrap_or_else(|panic| resume_unwind(panic))).collect()
        });
        let found: Vec<Bundles> = found;
        let mut tiles = Vec::new();
        let mut fault: Option<(u64, LedgerError)> = None;
        for bundles in found {
            tiles.extend(bundles.tiles);
            if let Some((index, error)) = bundles.fault
                && fault.as_ref().is_none_or(|(first, _)| index < *first)
            {
                fault = Some((index, error));
            }
        }
        if let Some((_, error)) = fault {
            return Err(error);
        }
        tiles.sort_unstable_by_key(|(index, _)| *index);
        let mut above = Above::default();
        for (_, hashed) in tiles {
            match hashed {
                Hashed::Full(root) => {
                    above.full += 1;
                    above.roots.extend_from_slice(&root.0);
                }
                Hashed::Partial(bytes) => above.partial = bytes,
            }
        }
        Ok(above)
    }

    /// Takes bundles until none are left or one is bad.
    fn some_bundles(&self) -> Bundles {
        let mut tiles = Vec::new();
        loop {
            let index = self.next.fetch_add(1, Ordering::Relaxed);
            let left = self.size.saturating_sub(index.saturating_mul(WIDTH));
            let Ok(width @ 1..) = u16::try_from(left.min(WIDTH)) else {
                return Bundles { tiles, fault: None };
            };
            match self.bundle(index, width) {
                Ok(hashed) => tiles.push((index, hashed)),
                Err(error) => {
                    // The others may finish what they have; nobody needs to begin.
                    self.next.store(self.size, Ordering::Relaxed);
                    return Bundles { tiles, fault: Some((index, error)) };
                }
            }
            let done = u64::from(width) + self.done.fetch_add(u64::from(width), Ordering::Relaxed);
            (self.progress)(done, self.size);
        }
    }

    fn bundle(&self, index: u64, width: u16) -> Result<Hashed, LedgerError> {
        let path = self.path(Tile { level: Level::Entries, index, width });
        let bytes = read(&path, usize::from(width) * (ENTRY_MAX + 2))?;
        let found = entries(&bytes).ok_or_else(|| file(&path, "ends within an entry"))?;
        if found.len() != usize::from(width) {
            let why = format!("has {} entries instead of {width}", found.len());
            return Err(file(&path, &why));
        }
        let mut hashes = Vec::with_capacity(TILE_BYTES);
        for entry in found {
            hashes.extend_from_slice(&Hash::leaf(entry).0);
        }
        let tile = Tile { level: Level::Hashes(0), index, width };
        self.same(tile, &hashes, &path)?;
        Ok(match width {
            256 => Hashed::Full(root_within(&hashes, 0, HEIGHT).unwrap_or(Hash::EMPTY)),
            _ => Hashed::Partial(hashes),
        })
    }

    /// Compares a level's tiles with what those below hash to.
    fn compare(&self, level: u8, hashes: &[u8]) -> Result<Above, LedgerError> {
        let mut above = Above::default();
        for (tile, bytes) in
            tiles_at(Level::Hashes(level), self.size).zip(hashes.chunks(TILE_BYTES))
        {
            self.same(tile, bytes, self.directory)?;
            if tile.width == 256 {
                above.full += 1;
                let root = root_within(bytes, 0, HEIGHT).unwrap_or(Hash::EMPTY);
                above.roots.extend_from_slice(&root.0);
            } else {
                above.partial = bytes.to_vec();
            }
        }
        Ok(above)
    }

    /// Refuses a tile's file unless it holds `hashes`, which those of the file `below` hash to.
    fn same(&self, tile: Tile, hashes: &[u8], below: &Path) -> Result<(), LedgerError> {
        let path = self.path(tile);
        let found = read(&path, TILE_BYTES)?;
        if found == hashes {
            return Ok(());
        }
        if found.len() != hashes.len() {
            let why = format!("has {} bytes instead of {}", found.len(), hashes.len());
            return Err(file(&path, &why));
        }
        let (found, _) = found.as_chunks::<32>();
        let (hashes, _) = hashes.as_chunks::<32>();
        let differs = found.iter().zip(hashes).take_while(|(found, hash)| found == hash).count();
        let index = tile.index * WIDTH + differs as u64;
        let below = below.display();
        Err(file(&path, &format!("hash {index} is not what {below} hashes to: one was altered")))
    }

    fn path(&self, tile: Tile) -> PathBuf {
        self.directory.join(tile.to_string())
    }

    /// Root of a perfect subtree, from a tile's file that was compared before.
    fn node(&self, height: u32, index: u64) -> Result<Hash, LedgerError> {
        let (level, index, offset) = place(height, index);
        let level = Level::Hashes(u8::try_from(level).unwrap_or(u8::MAX));
        let count = match level {
            Level::Hashes(level) => super::tile::hashes_at(level, self.size),
            Level::Entries => 0,
        };
        let width = count.saturating_sub(index * WIDTH).min(WIDTH);
        let path = self.path(Tile { level, index, width: u16::try_from(width).unwrap_or(256) });
        let bytes = read(&path, TILE_BYTES)?;
        root_within(&bytes, offset, height % HEIGHT).ok_or_else(|| file(&path, "is short"))
    }
}

/// What one thread found.
struct Bundles {
    tiles: Vec<(u64, Hashed)>,
    fault: Option<(u64, LedgerError)>,
}

/// A bundle's tile of level 0.
enum Hashed {
    Full(Hash),
    Partial(Vec<u8>),
}
