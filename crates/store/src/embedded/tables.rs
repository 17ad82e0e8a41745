//! The tables of an embedded store: one fjall keyspace each.

use super::options::EmbeddedOptions;
use super::place::Place;
use crate::StoreError;
use fjall::{Database, Keyspace, KeyspaceCreateOptions, PersistMode};
use parking_lot::RwLock;
use rustix::process::Pid;
use std::collections::BTreeMap;
use std::path::Path;
use std::sync::atomic::{AtomicU64, Ordering};

/// The keyspace that holds the count of openings; no table, since names of tables have a dot.
const OWN: &str = "#store";
const OPENINGS: &[u8] = b"openings";

/// What a row costs in memory beside its bytes.
const ROW_OVERHEAD: usize = 64;

/// Opens the tree of `place`, or makes one. A tree is made under another name and moved when
/// complete, since fjall cannot open one whose making was interrupted.
pub(super) fn open_tree(place: &Place, options: &EmbeddedOptions) -> Result<Database, StoreError> {
    let fault = |error: fjall::Error| place.fault(&error);
    if !place.tree().join("version").is_file() {
        let unfinished = place.begin_tree()?;
        drop(open_at(&unfinished, options).map_err(fault)?);
        place.finish_tree(&unfinished)?;
    }
    let database = open_at(&place.tree(), options).map_err(fault)?;
    calm_workers();
    Ok(database)
}

/// How much flushes and compactions stand back: about a quarter of a foreground thread's share
/// where both want the processor, and all of it where nobody else does.
const WORKER_NICE: i32 = 6;

/// Lets those who wait for an answer go before flushes and compactions. Where the system does not
/// let us, they share as equals.
fn calm_workers() {
    let Ok(threads) = std::fs::read_dir("/proc/self/task") else { return };
    for thread in threads.flatten() {
        let name = std::fs::read_to_string(thread.path().join("comm")).unwrap_or_default();
        let id = thread.file_name().to_str().and_then(|id| id.parse().ok()).and_then(Pid::from_raw);
        if name.starts_with("fjall:worker") && id.is_some() {
            // On Linux a thread is a process to setpriority(2).
            rustix::process::setpriority_process(id, WORKER_NICE).unwrap_or_default();
        }
    }
}

fn open_at(path: &Path, options: &EmbeddedOptions) -> Result<Database, fjall::Error> {
    Database::builder(path)
        .cache_size(options.block_cache_bytes)
        .max_cached_files(Some(options.files_open_max.max(10)))
        .max_journaling_size(options.journal_bytes.max(64 << 20))
        .worker_threads(options.worker_threads.max(1))
        .open()
}

/// The tables, and how much of each is only in memory.
pub(super) struct Tables {
    known: RwLock<BTreeMap<String, Table>>,
    table_buffer_bytes: u64,
    buffers_bytes: u64,
}

struct Table {
    keyspace: Keyspace,
    /// Bytes written since the last flush that we asked for.
    buffered: AtomicU64,
}

impl Tables {
    pub(super) fn load(
        database: &Database,
        options: &EmbeddedOptions,
    ) -> Result<Self, fjall::Error> {
        let tables = Self {
            known: RwLock::default(),
            table_buffer_bytes: options.table_buffer_bytes,
            buffers_bytes: options.buffers_bytes,
        };
        for name in database.list_keyspace_names() {
            tables.get_or_create(database, &name)?;
        }
        Ok(tables)
    }

    /// Counts this opening, durably: its number is in every version that it gives.
    pub(super) fn count_opening(&self, database: &Database) -> Result<u64, fjall::Error> {
        let own = self.get_or_create(database, OWN)?;
        let before = own.get(OPENINGS)?.and_then(|bytes| (*bytes).try_into().ok());
        let opening = before.map_or(0, u64::from_be_bytes) + 1;
        own.insert(OPENINGS, opening.to_be_bytes())?;
        database.persist(PersistMode::SyncAll)?;
        Ok(opening)
    }

    pub(super) fn get(&self, name: &str) -> Option<Keyspace> {
        self.known.read().get(name).map(|table| table.keyspace.clone())
    }

    pub(super) fn get_or_create(
        &self,
        database: &Database,
        name: &str,
    ) -> Result<Keyspace, fjall::Error> {
        if let Some(keyspace) = self.get(name) {
            return Ok(keyspace);
        }
        let options =
            || KeyspaceCreateOptions::default().max_memtable_size(self.table_buffer_bytes);
        let keyspace = database.keyspace(name, options)?;
        let table = Table { keyspace: keyspace.clone(), buffered: AtomicU64::new(0) };
        self.known.write().insert(name.to_owned(), table);
        Ok(keyspace)
    }

    /// Every keyspace, our own included.
    pub(super) fn all(&self) -> Vec<Keyspace> {
        self.known.read().values().map(|table| table.keyspace.clone()).collect()
    }

    pub(super) fn names(&self) -> Vec<String> {
        self.known.read().keys().filter(|name| *name != OWN).cloned().collect()
    }

    /// Notes that a row of `bytes` was written to a table.
    pub(super) fn count(&self, name: &str, bytes: usize) {
        if let Some(table) = self.known.read().get(name) {
            let bytes = u64::try_from(bytes + ROW_OVERHEAD).unwrap_or(u64::MAX);
            table.buffered.fetch_add(bytes, Ordering::Relaxed);
        }
    }

    /// Flushes tables that hold too much in memory. fjall bounds each table by the size it was
    /// created with and all of them together not at all.
    pub(super) fn bound_memory(&self) -> Result<(), fjall::Error> {
        let known = self.known.read();
        let buffered = |table: &Table| table.buffered.load(Ordering::Relaxed);
        let total: u64 = known.values().map(buffered).sum();
        let Some(fullest) = known.values().max_by_key(|table| buffered(table)) else {
            return Ok(());
        };
        if total > self.buffers_bytes || buffered(fullest) > self.table_buffer_bytes {
            fullest.buffered.store(0, Ordering::Relaxed);
            fullest.keyspace.rotate_memtable()?;
        }
        Ok(())
    }
}
