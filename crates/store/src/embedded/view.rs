//! A snapshot of an embedded store.

use super::place::Place;
use super::row;
use super::tables::Tables;
use crate::engine::{Found, guard_table};
use crate::{RawRow, RawView, StoreError, Ticket, Version};
use fjall::{Guard, Readable, Snapshot};
use std::fmt;
use std::ops::Bound;

pub(super) struct EmbeddedView<'a> {
    tables: &'a Tables,
    place: &'a Place,
    snapshot: Snapshot,
    at: Ticket,
}

impl<'a> EmbeddedView<'a> {
    pub(super) const fn new(
        tables: &'a Tables,
        place: &'a Place,
        snapshot: Snapshot,
        at: Ticket,
    ) -> Self {
        Self { tables, place, snapshot, at }
    }

    fn rows(
        &self,
        table: &str,
        guards: impl Iterator<Item = Guard>,
        limit: usize,
    ) -> Result<Vec<RawRow>, StoreError> {
        guards
            .take(limit)
            .map(|guard| {
                let (key, value) = guard.into_inner().map_err(|error| self.place.fault(&error))?;
                row::decode(table, &key, &value)
            })
            .collect()
    }

    fn get(
        &self,
        table: &str,
        keys: impl Iterator<Item = Vec<u8>>,
    ) -> Result<Vec<Option<Found>>, StoreError> {
        let Some(keyspace) = self.tables.get(table) else {
            return Ok(keys.map(|_| None).collect());
        };
        keys.map(|key| {
            let found =
                self.snapshot.get(&keyspace, key).map_err(|error| self.place.fault(&error))?;
            let Some(stored) = found else { return Ok(None) };
            let (version, value) = row::split(table, &stored)?;
            Ok(Some((version, value.to_vec())))
        })
        .collect()
    }
}

impl RawView for EmbeddedView<'_> {
    fn get_many(
        &self,
        table: &'static str,
        keys: &[(Vec<u8>, Vec<u8>)],
    ) -> Result<Vec<Option<Found>>, StoreError> {
        self.get(table, keys.iter().map(|(partition, sort)| row::key(partition, sort)))
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
        let Some(keyspace) = self.tables.get(table) else { return Ok(Vec::new()) };
        let from = row::key(partition, from.unwrap_or_default());
        let to =
            to.map_or_else(|| row::after(row::prefix(partition)), |to| row::key(partition, to));
        if from >= to {
            return Ok(Vec::new());
        }
        let rows = self.snapshot.range(&keyspace, from..to);
        if descending { self.rows(table, rows.rev(), limit) } else { self.rows(table, rows, limit) }
    }

    fn scan(
        &self,
        table: &str,
        after: Option<(&[u8], &[u8])>,
        limit: usize,
    ) -> Result<Vec<RawRow>, StoreError> {
        let Some(keyspace) = self.tables.get(table) else { return Ok(Vec::new()) };
        let after = after.map_or(Bound::Unbounded, |(partition, sort)| {
            Bound::Excluded(row::key(partition, sort))
        });
        self.rows(table, self.snapshot.range(&keyspace, (after, Bound::Unbounded)), limit)
    }

    fn partition_versions(
        &self,
        table: &'static str,
        partitions: &[Vec<u8>],
    ) -> Result<Vec<Option<Version>>, StoreError> {
        let keys = partitions.iter().map(|partition| row::key(partition, &[]));
        let found = self.get(&guard_table(table), keys)?;
        Ok(found.into_iter().map(|found| found.map(|(version, _)| version)).collect())
    }

    fn as_of(&self) -> Option<Ticket> {
        Some(self.at)
    }

    fn tables(&self) -> Result<Vec<String>, StoreError> {
        Ok(self.tables.names())
    }
}

impl fmt::Debug for EmbeddedView<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "EmbeddedView({})", self.place.path().display())
    }
}
