//! The tables of an embedded store: one fjall keyspace each.

use super::options::EmbeddedOptions;
use super::place::Place;
use crate::StoreError;
use fjall::compaction::Leveled;
use fjall::config::CompressionPolicy;
use fjall::{AbstractTree, Database, Keyspace, KeyspaceCreateOptions, PersistMode};
use parking_lot::RwLock;
use rustix::process::Pid;
use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;

/// The keyspace that holds the count of openings; no table, since names of tables have a dot.
const OWN: &str = "#store";
const OPENINGS: &[u8] = b"openings";

/// Bytes of a file of the tree. Smaller than the engine's own choice, because a merge holds up
/// flushes, and the end of a merge holds up readers while its old files are unlinked.
const FILE_BYTES: u64 = 16 << 20;

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
    known: RwLock<BTreeMap<String, Keyspace>>,
    table_buffer_bytes: u64,
    buffers_bytes: u64,
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
        self.known.read().get(name).cloned()
    }

    pub(super) fn get_or_create(
        &self,
        database: &Database,
        name: &str,
    ) -> Result<Keyspace, fjall::Error> {
        if let Some(keyspace) = self.get(name) {
            return Ok(keyspace);
        }
        let options = || {
            // Only `bound_memory` asks for flushes: two who count ask twice, and four memtables
            // that wait for a flush, however small, halt all writes.
            KeyspaceCreateOptions::default()
                .max_memtable_size(self.buffers_bytes)
                // What is sealed does not compress: a million records took 1.9 GB either way. Tables
                // keep what they were made with.
                .data_block_compression_policy(CompressionPolicy::disabled())
                .compaction_strategy(Arc::new(
                    Leveled::default().with_table_target_size(FILE_BYTES),
                ))
        };
        let keyspace = database.keyspace(name, options)?;
        self.known.write().insert(name.to_owned(), keyspace.clone());
        Ok(keyspace)
    }

    /// Every keyspace, our own included.
    pub(super) fn all(&self) -> Vec<Keyspace> {
        self.known.read().values().cloned().collect()
    }

    pub(super) fn names(&self) -> Vec<String> {
        self.known.read().keys().filter(|name| *name != OWN).cloned().collect()
    }

    /// Flushes the fullest table when it, or all together, hold too much in memory.
    pub(super) fn bound_memory(&self) -> Result<(), fjall::Error> {
        let known = self.known.read();
        let sizes =
            known.values().map(|keyspace| (keyspace.tree.active_memtable().size(), keyspace));
        let (mut total, mut fullest) = (0, None);
        for (size, keyspace) in sizes {
            total += size;
            if fullest.is_none_or(|(most, _)| size > most) {
                fullest = Some((size, keyspace));
            }
        }
        match fullest {
            Some((size, keyspace))
                if total > self.buffers_bytes || size > self.table_buffer_bytes =>
            {
                keyspace.rotate_memtable().map(drop)
            }
            _ => Ok(()),
        }
    }
}
