//! Reading all rows of a store, writing them to another, and comparing the two.

use super::BackupError;
use crate::engine::GUARD;
use crate::{RawBatch, RawKey, RawRow, RawView, Store, StoreError, limits};
use parking_lot::Mutex;
use sha2::{Digest, Sha256};
use std::collections::{BTreeMap, BTreeSet};

/// Rows read or written at a time, and the bytes after which a page ends early.
const PAGE_ROWS: usize = 500;
const PAGE_BYTES: usize = 1 << 20;

/// Tables a store may have, guards included.
pub(super) const TABLES_MAX: usize = 1_000;

/// Stands in a store that is being filled, and only then.
const MARK_TABLE: &str = "store.copying";

/// Whether a copy into this store was begun and not completed: it must not be served.
///
/// # Errors
///
/// What the store says.
pub fn unfinished(store: &Store) -> Result<bool, StoreError> {
    Ok(!store.read()?.raw().scan(MARK_TABLE, None, 1)?.is_empty())
}

/// How much one table holds, and a sum of hashes of its rows that does not depend on their order,
/// which differs between engines.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Sum {
    pub(super) rows: u64,
    pub(super) bytes: u64,
    pub(super) hash: u128,
}

/// The sums of all tables that hold rows.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Sums(pub(super) BTreeMap<String, Sum>);

impl Sums {
    pub(super) fn add(&mut self, table: &str, rows: &[RawRow]) {
        if rows.is_empty() {
            return;
        }
        let sum = self.0.entry(table.to_owned()).or_default();
        for row in rows {
            sum.rows += 1;
            sum.bytes += size(row);
            sum.hash = sum.hash.wrapping_add(hash(row));
        }
    }

    pub(super) fn rows(&self) -> u64 {
        self.0.values().map(|sum| sum.rows).sum()
    }

    pub(super) fn bytes(&self) -> u64 {
        self.0.values().map(|sum| sum.bytes).sum()
    }

    pub(super) fn summary(&self, checksum: [u8; 32]) -> super::Summary {
        let tables = self.0.iter().map(|(table, sum)| (table.clone(), sum.rows)).collect();
        super::Summary { tables, rows: self.rows(), bytes: self.bytes(), checksum }
    }

    /// The first table that is not the same in both.
    pub(super) fn difference(&self, other: &Self) -> Option<String> {
        let tables: BTreeSet<_> = self.0.keys().chain(other.0.keys()).collect();
        tables.into_iter().find(|table| self.0.get(*table) != other.0.get(*table)).cloned()
    }
}

fn size(row: &RawRow) -> u64 {
    [&row.partition, &row.sort, &row.value].map(|part| u64_of(part.len())).iter().sum()
}

fn hash(row: &RawRow) -> u128 {
    let mut hash = Sha256::new();
    for part in [&row.partition, &row.sort, &row.value] {
        hash.update(u64_of(part.len()).to_be_bytes());
        hash.update(part);
    }
    let hash: [u8; 32] = hash.finalize().into();
    hash.first_chunk().map_or(0, |first| u128::from_be_bytes(*first))
}

fn u64_of(length: usize) -> u64 {
    u64::try_from(length).unwrap_or(u64::MAX)
}

/// All rows of a table, a page at a time.
pub(super) fn rows<'v>(
    view: &'v dyn RawView,
    table: &'v str,
) -> impl Iterator<Item = Result<Vec<RawRow>, StoreError>> + 'v {
    let mut last: Option<RawRow> = None;
    let mut ended = table == MARK_TABLE;
    std::iter::from_fn(move || {
        if ended {
            return None;
        }
        let after = last.as_ref().map(|row| (&*row.partition, &*row.sort));
        let page = view.scan(table, after, PAGE_ROWS);
        ended = page.as_ref().map_or(true, |page| page.len() < PAGE_ROWS);
        last = page.as_ref().ok().and_then(|page| page.last().cloned());
        Some(page)
    })
}

/// The sums of a whole store.
pub(super) fn sums(store: &Store) -> Result<Sums, StoreError> {
    let (view, mut all) = (store.read()?, Sums::default());
    for table in view.raw().tables()? {
        for page in rows(view.raw(), &table) {
            all.add(&table, &page?);
        }
    }
    Ok(all)
}

pub(super) fn refuse_unless_empty(store: &Store) -> Result<(), BackupError> {
    let view = store.read()?;
    for table in view.raw().tables()? {
        if !view.raw().scan(&table, None, 1)?.is_empty() {
            return Err(BackupError::NotEmpty);
        }
    }
    Ok(())
}

/// Writes rows into a store.
pub(super) struct Sink<'a> {
    store: &'a Store,
    done: Sums,
}

impl<'a> Sink<'a> {
    pub(super) fn begin(store: &'a Store) -> Result<Self, StoreError> {
        let sink = Self { store, done: Sums::default() };
        sink.mark(Some(Vec::new()))?;
        Ok(sink)
    }

    pub(super) const fn done(&self) -> &Sums {
        &self.done
    }

    pub(super) fn rows(&mut self, table: &str, rows: &[RawRow]) -> Result<(), StoreError> {
        let mut rest = rows;
        while !rest.is_empty() {
            let mut bytes = 0;
            let fits = |row: &&RawRow| {
                bytes += row.partition.len() + row.sort.len() + row.value.len();
                bytes <= PAGE_BYTES
            };
            let count = rest.iter().take_while(fits).count().max(1);
            let (page, later) = rest.split_at_checked(count).unwrap_or((rest, &[]));
            self.store.engine().apply(&batch(table, page)?)?;
            rest = later;
        }
        self.done.add(table, rows);
        Ok(())
    }

    /// Waits until everything is on disk.
    pub(super) fn flush(&self) -> Result<(), StoreError> {
        // An empty batch has the ticket of the last one.
        let engine = self.store.engine();
        engine.sync(engine.apply(&RawBatch::default())?)
    }

    /// Says that the copy is complete.
    pub(super) fn finish(self) -> Result<(), StoreError> {
        self.mark(None)
    }

    fn mark(&self, value: Option<Vec<u8>>) -> Result<(), StoreError> {
        let key = RawKey { table: MARK_TABLE, partition: Vec::new(), sort: Vec::new() };
        let engine = self.store.engine();
        let batch = RawBatch { writes: vec![(key, value)], ..RawBatch::default() };
        engine.sync(engine.apply(&batch)?)
    }
}

fn batch(table: &str, rows: &[RawRow]) -> Result<RawBatch, StoreError> {
    let mut batch = RawBatch::default();
    if let Some(guarded) = table.strip_prefix(GUARD) {
        let guarded = interned(guarded)?;
        batch.guards = rows.iter().map(|row| (guarded, row.partition.clone())).collect();
        return Ok(batch);
    }
    let table = interned(table)?;
    for row in rows {
        let (partition, sort) = (row.partition.clone(), row.sort.clone());
        if partition.len() + sort.len() > limits::KEY_MAX || row.value.len() > limits::VALUE_MAX {
            return Err(StoreError::Corrupt(format!("a row of table {table}")));
        }
        batch.writes.push((RawKey { table, partition, sort }, Some(row.value.clone())));
    }
    Ok(batch)
}

/// The name for as long as the program runs. Tables are constants of rooms everywhere but here,
/// where their names come from a file; there are few, so they are kept for ever.
fn interned(name: &str) -> Result<&'static str, StoreError> {
    static NAMES: Mutex<BTreeSet<&'static str>> = Mutex::new(BTreeSet::new());
    let mut names = NAMES.lock();
    if let Some(known) = names.get(name) {
        return Ok(known);
    }
    if names.len() >= TABLES_MAX {
        let asked = names.len() + 1;
        return Err(StoreError::TooLarge { limit: "TABLES_MAX", max: TABLES_MAX, asked });
    }
    let name: &'static str = Box::leak(name.into());
    names.insert(name);
    Ok(name)
}
