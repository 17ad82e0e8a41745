//! The engine for tests and simulation: deterministic, and it fails when told to.
//!
//! Every row keeps the writes that some view or a power cut may still need; what nobody needs any
//! more is dropped when the row's successor is the oldest that anybody can see.

use crate::engine::{Found, guard_table};
use crate::{Engine, RawBatch, RawRow, RawView, Store, StoreError, Ticket, Version};
use parking_lot::RwLock;
use std::collections::{BTreeMap, VecDeque};
use std::ops::{Bound, RangeInclusive};
use std::sync::Arc;

/// What a batch can meet instead of success.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fault {
    /// [`StoreError::Conflict`].
    Conflict,
    /// [`StoreError::Full`].
    Full,
    /// [`StoreError::Unavailable`].
    Unavailable,
}

/// Makes its store fail. Cloning shares it.
#[derive(Clone, Debug)]
pub struct Faults(Arc<Memory>);

impl Faults {
    /// The coming batches meet these faults in turn (`None`: succeed), after those already queued.
    pub fn next_applies(&self, faults: impl IntoIterator<Item = Option<Fault>>) {
        self.0.state.write().faults.extend(faults);
    }

    /// The next sync fails, and with it every later write until [`Self::restart`].
    pub fn fail_next_sync(&self) {
        self.0.state.write().sync_fails = true;
    }

    /// The storage is gone (or back again): nothing can be read, written or synced.
    pub fn gone(&self, gone: bool) {
        self.0.state.write().gone = gone;
    }

    /// The power goes and the store is opened again: batches not yet synced are lost, tickets of
    /// lost batches never sync, and an earlier failure is over. No view may live across it.
    pub fn restart(&self) {
        self.0.state.write().lose_unsynced();
    }
}

/// A store in memory, and the handle that makes it fail.
pub fn faulty() -> (Store, Faults) {
    let memory = Arc::new(Memory::default());
    (Store::new(Arc::<Memory>::clone(&memory)), Faults(memory))
}

type RowKey = (Vec<u8>, Vec<u8>);
type Rows = BTreeMap<RowKey, Vec<Written>>;

/// One write of a row; `None` is a deletion.
#[derive(Debug)]
struct Written {
    by: u64,
    value: Option<Vec<u8>>,
}

#[derive(Debug, Default)]
struct Memory {
    state: RwLock<State>,
}

#[derive(Debug, Default)]
struct State {
    tables: BTreeMap<String, Rows>,
    /// The newest batch; never goes back, so no version is given twice.
    applied: u64,
    /// The newest batch that a power cut spares.
    synced: u64,
    /// How many views look at each batch.
    views: BTreeMap<u64, usize>,
    /// Rows with a write that batch made unnecessary, for when nobody looks before it any more.
    outdated: VecDeque<(u64, String, RowKey)>,
    /// Batches that power cuts took.
    lost: Vec<RangeInclusive<u64>>,
    faults: VecDeque<Option<Fault>>,
    sync_fails: bool,
    poisoned: bool,
    gone: bool,
}

/// The value of a row as of batch `at`.
fn visible(writes: &[Written], at: u64) -> Option<(Version, &Vec<u8>)> {
    let write = writes.iter().rev().find(|write| write.by <= at)?;
    write.value.as_ref().map(|value| (Version(write.by), value))
}

impl State {
    fn get(&self, table: &str, key: &RowKey, at: u64) -> Option<(Version, &Vec<u8>)> {
        visible(self.tables.get(table)?.get(key)?, at)
    }

    fn reachable(&self) -> Result<(), StoreError> {
        if self.gone { Err(unavailable("taken away by the test")) } else { Ok(()) }
    }

    fn writable(&self) -> Result<(), StoreError> {
        self.reachable()?;
        if self.poisoned { Err(unavailable("an earlier sync failed: reopen it")) } else { Ok(()) }
    }

    fn meet_fault(&mut self) -> Result<(), StoreError> {
        match self.faults.pop_front().flatten() {
            None => Ok(()),
            Some(Fault::Conflict) => Err(StoreError::Conflict),
            Some(Fault::Full) => Err(StoreError::Full("memory".to_owned())),
            Some(Fault::Unavailable) => Err(unavailable("refused by the test")),
        }
    }

    fn apply(&mut self, batch: &RawBatch) -> Result<Ticket, StoreError> {
        self.writable()?;
        self.meet_fault()?;
        for check in &batch.checks {
            let ((table, partition, sort), seen) = check.place();
            let key = (partition.to_vec(), sort.to_vec());
            if self.get(&table, &key, self.applied).map(|(version, _)| version) != seen {
                return Err(StoreError::Conflict);
            }
        }
        self.applied += 1;
        let by = self.applied;
        for ((table, partition, sort), value) in batch.rows() {
            let key = (partition.to_vec(), sort.to_vec());
            let rows = self.tables.entry(table.clone().into_owned()).or_default();
            let writes = rows.entry(key.clone()).or_default();
            writes.push(Written { by, value: value.map(<[u8]>::to_vec) });
            self.outdated.push_back((by, table.into_owned(), key));
        }
        Ok(Ticket(by))
    }

    fn sync(&mut self, ticket: Ticket) -> Result<(), StoreError> {
        self.writable()?;
        if self.lost.iter().any(|lost| lost.contains(&ticket.0)) {
            return Err(unavailable("the batch was lost in a power cut"));
        }
        if std::mem::take(&mut self.sync_fails) {
            self.poisoned = true;
            return Err(unavailable("sync failed"));
        }
        self.synced = self.applied;
        self.forget_outdated();
        Ok(())
    }

    /// Drops writes that neither a view nor a power cut can bring back.
    fn forget_outdated(&mut self) {
        let oldest = self.views.keys().next().map_or(self.synced, |view| self.synced.min(*view));
        while let Some((by, table, key)) = self.outdated.pop_front_if(|(by, ..)| *by <= oldest) {
            let Some(rows) = self.tables.get_mut(&table) else { continue };
            let Some(writes) = rows.get_mut(&key) else { continue };
            writes.retain(|write| write.by >= by);
            if writes.first().is_some_and(|write| write.by == by && write.value.is_none()) {
                writes.remove(0);
            }
            if writes.is_empty() {
                rows.remove(&key);
            }
        }
    }

    fn lose_unsynced(&mut self) {
        let synced = self.synced;
        for rows in self.tables.values_mut() {
            rows.retain(|_, writes| {
                writes.retain(|write| write.by <= synced);
                !writes.is_empty()
            });
        }
        self.outdated.retain(|(by, ..)| *by <= synced);
        if synced < self.applied {
            self.lost.push(synced + 1..=self.applied);
        }
        (self.sync_fails, self.poisoned) = (false, false);
    }
}

fn unavailable(why: &str) -> StoreError {
    StoreError::Unavailable(why.to_owned())
}

impl Engine for Memory {
    fn read(&self) -> Result<Box<dyn RawView + '_>, StoreError> {
        let mut state = self.state.write();
        state.reachable()?;
        let at = state.applied;
        *state.views.entry(at).or_default() += 1;
        Ok(Box::new(MemoryView { memory: self, at }))
    }

    fn apply(&self, batch: &RawBatch) -> Result<Ticket, StoreError> {
        self.state.write().apply(batch)
    }

    fn sync(&self, ticket: Ticket) -> Result<(), StoreError> {
        self.state.write().sync(ticket)
    }

    fn alive(&self) -> Result<(), StoreError> {
        self.state.read().writable()
    }

    fn name(&self) -> &'static str {
        "memory"
    }

    fn disk_bytes(&self) -> Option<u64> {
        None
    }
}

#[derive(Debug)]
struct MemoryView<'a> {
    memory: &'a Memory,
    at: u64,
}

impl MemoryView<'_> {
    /// The visible rows among `rows`, as many as `limit`.
    fn page<'r>(
        &self,
        rows: impl Iterator<Item = (&'r RowKey, &'r Vec<Written>)>,
        limit: usize,
    ) -> Vec<RawRow> {
        rows.filter_map(|((partition, sort), writes)| {
            let (version, value) = visible(writes, self.at)?;
            let (partition, sort, value) = (partition.clone(), sort.clone(), value.clone());
            Some(RawRow { partition, sort, version, value })
        })
        .take(limit)
        .collect()
    }
}

impl RawView for MemoryView<'_> {
    fn get_many(
        &self,
        table: &'static str,
        keys: &[RowKey],
    ) -> Result<Vec<Option<Found>>, StoreError> {
        let state = self.memory.state.read();
        state.reachable()?;
        let get =
            |key| state.get(table, key, self.at).map(|(version, value)| (version, value.clone()));
        Ok(keys.iter().map(get).collect())
    }

    fn range(
        &self,
        table: &'static str,
        partition: &[u8],
        from: Option<&[u8]>,
        to: Option<&[u8]>,
        descending: bool,
        limit: usize,
    ) -> Result<Vec<RawRow>, StoreError> {
        let state = self.memory.state.read();
        state.reachable()?;
        let Some(rows) = state.tables.get(table) else { return Ok(Vec::new()) };
        let from = (partition.to_vec(), from.unwrap_or_default().to_vec());
        let to = match to {
            Some(to) => (partition.to_vec(), to.to_vec()),
            // The least key behind every key that begins with the partition: its first successor.
            None => ([partition, &[0]].concat(), Vec::new()),
        };
        if from >= to {
            return Ok(Vec::new());
        }
        let rows = rows.range(from..to);
        Ok(if descending { self.page(rows.rev(), limit) } else { self.page(rows, limit) })
    }

    fn scan(
        &self,
        table: &str,
        after: Option<(&[u8], &[u8])>,
        limit: usize,
    ) -> Result<Vec<RawRow>, StoreError> {
        let state = self.memory.state.read();
        state.reachable()?;
        let Some(rows) = state.tables.get(table) else { return Ok(Vec::new()) };
        let after = after.map_or(Bound::Unbounded, |(partition, sort)| {
            Bound::Excluded((partition.to_vec(), sort.to_vec()))
        });
        Ok(self.page(rows.range((after, Bound::Unbounded)), limit))
    }

    fn partition_versions(
        &self,
        table: &'static str,
        partitions: &[Vec<u8>],
    ) -> Result<Vec<Option<Version>>, StoreError> {
        let state = self.memory.state.read();
        state.reachable()?;
        let table = guard_table(table);
        let version = |partition: &Vec<u8>| {
            let key = (partition.clone(), Vec::new());
            state.get(&table, &key, self.at).map(|(version, _)| version)
        };
        Ok(partitions.iter().map(version).collect())
    }

    fn tables(&self) -> Result<Vec<String>, StoreError> {
        let state = self.memory.state.read();
        state.reachable()?;
        Ok(state.tables.keys().cloned().collect())
    }
}

impl Drop for MemoryView<'_> {
    fn drop(&mut self) {
        let mut state = self.memory.state.write();
        if let Some(count) = state.views.get_mut(&self.at) {
            *count -= 1;
            if *count == 0 {
                state.views.remove(&self.at);
                state.forget_outdated();
            }
        }
    }
}
