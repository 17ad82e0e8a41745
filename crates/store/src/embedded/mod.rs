//! The default engine: one directory, one process, fjall beneath.
//!
//! All writes pass one mutex, so checks are decided against what no one else can change; reads
//! never wait for it: they share the snapshot that was opened after the last batch. `docs/design/store.md` gives every byte on disk.

mod flush;
mod options;
mod place;
mod recent;
mod row;
mod tables;
mod view;

pub use options::EmbeddedOptions;

use crate::engine::Place as RowPlace;
use crate::{Engine, RawBatch, RawCheck, RawView, Store, StoreError, Ticket, Version};
use fjall::{Database, PersistMode, Snapshot};
use flush::Flush;
use parking_lot::{Mutex, RwLock};
use place::Place;
use recent::Recent;
use std::fmt;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;
use tables::{Tables, open_tree};
use view::EmbeddedView;

/// Bits of a version that count batches within one opening; the bits above count openings.
const BATCH_BITS: u32 = 40;

/// How often closing looks whether its flushes are done, and how many times at most: one minute.
const CLOSE_POLL: Duration = Duration::from_millis(5);
const CLOSE_POLLS_MAX: u32 = 12_000;

/// Opens the store in `path`, or makes one there.
pub(crate) fn open(path: &Path, options: &EmbeddedOptions) -> Result<Store, StoreError> {
    let place = Place::enter(path)?;
    let database = open_tree(&place, options)?;
    let tables = Tables::load(&database, options).map_err(|error| place.fault(&error))?;
    let opening = tables.count_opening(&database).map_err(|error| place.fault(&error))?;
    place.settle()?;
    Ok(Store::new(Arc::new(Embedded {
        latest: RwLock::new((database.snapshot(), Ticket(0))),
        tables,
        database,
        place,
        applying: Mutex::default(),
        applied: AtomicU64::new(0),
        opening,
        flush: Flush::default(),
        free_min_bytes: options.free_min_bytes,
    })))
}

// INVARIANT: `place` is dropped last, so the lock is held until the tree is closed.
struct Embedded {
    /// What a reader sees: the state after the last batch. A snapshot opened in the middle of one
    /// has been seen to show a part of it, once in thousands.
    latest: RwLock<(Snapshot, Ticket)>,
    tables: Tables,
    database: Database,
    /// Held while a batch is applied.
    applying: Mutex<Recent>,
    /// Batches applied since this opening.
    applied: AtomicU64,
    /// Which opening this is; makes versions unique across reopening and crashes.
    opening: u64,
    flush: Flush,
    free_min_bytes: u64,
    place: Place,
}

impl Embedded {
    fn seen(&self, place: &RowPlace<'_>) -> Result<Option<Version>, StoreError> {
        let (table, partition, sort) = place;
        let Some(keyspace) = self.tables.get(table) else { return Ok(None) };
        let found = keyspace.get(row::key(partition, sort)).map_err(|e| self.place.fault(&e))?;
        found.map(|value| row::split(table, &value).map(|(version, _)| version)).transpose()
    }

    /// Whether what a check says still holds, looking at the row only if it may have changed.
    fn holds(&self, check: &RawCheck, recent: &Recent) -> Result<bool, StoreError> {
        let (place, seen) = check.place();
        if let RawCheck::Read { at, .. } = check
            && recent.unwritten_since(*at, &place)
        {
            // A check that claims to have been read and was not would go unnoticed.
            debug_assert_eq!(self.seen(&place)?, seen, "a row of {} was never read", place.0);
            return Ok(true);
        }
        Ok(self.seen(&place)? == seen)
    }

    fn write(&self, batch: &RawBatch, version: Version) -> Result<(), fjall::Error> {
        let mut writes = self.database.batch().durability(Some(PersistMode::Buffer));
        for ((table, partition, sort), value) in batch.rows() {
            let keyspace = self.tables.get_or_create(&self.database, &table)?;
            let key = row::key(partition, sort);
            match value {
                Some(value) => writes.insert(&keyspace, key, row::value(version, value)),
                None => writes.remove(&keyspace, key),
            }
        }
        writes.commit()?;
        self.tables.bound_memory()
    }

    /// Flushes memtables to files, so that the next opening has next to nothing to replay.
    fn settle(&self) -> Result<(), fjall::Error> {
        let keyspaces = self.tables.all();
        for keyspace in &keyspaces {
            keyspace.rotate_memtable()?;
        }
        for _ in 0..CLOSE_POLLS_MAX {
            if keyspaces.iter().all(|keyspace| keyspace.sealed_memtable_count() == 0) {
                break;
            }
            // Fails once a flush has failed, so that a full disk cannot keep us here.
            self.database.persist(PersistMode::Buffer)?;
            std::thread::sleep(CLOSE_POLL);
        }
        self.database.persist(PersistMode::SyncAll)
    }
}

/// Bytes that a batch adds to the journal, but for a few for each row.
fn size(batch: &RawBatch) -> u64 {
    let bytes: usize = batch
        .rows()
        .map(|((_, partition, sort), value)| {
            partition.len() + sort.len() + value.map_or(0, <[u8]>::len)
        })
        .sum();
    u64::try_from(bytes).unwrap_or(u64::MAX)
}

impl Engine for Embedded {
    fn read(&self) -> Result<Box<dyn RawView + '_>, StoreError> {
        let (snapshot, at) = self.latest.read().clone();
        Ok(Box::new(EmbeddedView::new(&self.tables, &self.place, snapshot, at)))
    }

    fn apply(&self, batch: &RawBatch) -> Result<Ticket, StoreError> {
        let mut recent = self.applying.lock();
        self.flush.usable()?;
        for check in &batch.checks {
            if !self.holds(check, &recent)? {
                return Err(StoreError::Conflict);
            }
        }
        let applied = self.applied.load(Ordering::Acquire);
        if batch.writes.is_empty() && batch.guards.is_empty() {
            return Ok(Ticket(applied));
        }
        // Before the journal is touched: there, running out of space would be a failure for good.
        self.place.has_free(self.free_min_bytes.saturating_add(size(batch)))?;
        let by = applied + 1;
        self.write(batch, Version(self.opening << BATCH_BITS | by))
            .map_err(|error| self.flush.fail(self.place.fault(&error)))?;
        recent.note(Ticket(by), batch);
        *self.latest.write() = (self.database.snapshot(), Ticket(by));
        self.applied.store(by, Ordering::Release);
        Ok(Ticket(by))
    }

    fn sync(&self, ticket: Ticket) -> Result<(), StoreError> {
        self.flush.wait(ticket.0, || {
            let applied = self.applied.load(Ordering::Acquire);
            self.database
                .persist(PersistMode::SyncData)
                .map_err(|error| self.place.fault(&error))?;
            // A journal whose directory was deleted takes writes and flushes as if nothing were.
            self.place.still_there()?;
            Ok(applied)
        })
    }

    fn alive(&self) -> Result<(), StoreError> {
        self.flush.usable()?;
        self.place.still_there()?;
        self.place.has_free(self.free_min_bytes)?;
        // Fails once a flush or compaction in the background has.
        self.database.persist(PersistMode::Buffer).map_err(|error| self.place.fault(&error))
    }

    fn name(&self) -> &'static str {
        "embedded"
    }

    fn disk_bytes(&self) -> Option<u64> {
        self.database.disk_space().ok()
    }
}

impl Drop for Embedded {
    fn drop(&mut self) {
        if self.flush.usable().is_ok() && self.place.still_there().is_ok() {
            // Nothing acknowledged hangs on it: what is not flushed now is replayed at the next
            // opening.
            drop(self.settle());
        }
    }
}

impl fmt::Debug for Embedded {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Embedded({})", self.place.path().display())
    }
}
