//! A snapshot of a database: one read-only transaction.

use super::pool::{Lent, Pool};
use super::tables::{self, quoted};
use super::{fault, unavailable};
use crate::engine::{Found, guard_table};
use crate::{RawRow, RawView, StoreError, Version};
use parking_lot::RwLock;
use postgres::Row;
use postgres::types::ToSql;
use std::cell::RefCell;
use std::collections::BTreeSet;
use std::fmt;

/// The transaction's snapshot is that of its first query, so there must be one at once.
const BEGIN: &str = "begin isolation level repeatable read, read only; select 1";

pub(super) struct PostgresView<'a> {
    lent: RefCell<Lent<'a>>,
    known: &'a RwLock<BTreeSet<String>>,
}

impl<'a> PostgresView<'a> {
    pub(super) fn begin(
        pool: &'a Pool,
        known: &'a RwLock<BTreeSet<String>>,
    ) -> Result<Self, StoreError> {
        Ok(Self { lent: RefCell::new(pool.take(BEGIN)?), known })
    }

    /// Runs a query on `table`; no rows when there is no such table.
    fn query(
        &self,
        table: &str,
        sql: impl FnOnce(&str) -> String,
        arguments: &[&(dyn ToSql + Sync)],
    ) -> Result<Vec<Row>, StoreError> {
        let table_sql = quoted(table);
        let mut lent = self.lent.borrow_mut();
        let connection = lent.connection()?;
        if !self.known.read().contains(table) {
            let exists = "select to_regclass($1) is not null".to_owned();
            let rows = connection.query(exists, &[&table_sql])?;
            let exists = rows.first().is_some_and(|row| row.try_get(0).unwrap_or(false));
            if !exists {
                return Ok(Vec::new());
            }
            self.known.write().insert(table.to_owned());
        }
        connection.query(sql(&table_sql), arguments).map_err(fault)
    }

    fn get(
        &self,
        table: &str,
        partitions: &[&[u8]],
        sorts: &[&[u8]],
    ) -> Result<Vec<Option<Found>>, StoreError> {
        let sql = |table: &str| {
            format!(
                "select k.i, t.v, t.d \
                 from unnest($1::bytea[], $2::bytea[]) with ordinality as k (p, s, i) \
                 join {table} as t on t.p = k.p and t.s = k.s"
            )
        };
        let mut found = vec![None; partitions.len()];
        for row in self.query(table, sql, &[&partitions, &sorts])? {
            let place: i64 = row.try_get(0)?;
            let place = usize::try_from(place - 1).ok().and_then(|place| found.get_mut(place));
            let place = place.ok_or_else(|| unavailable("postgresql answered beside the point"))?;
            *place = Some((version(&row, 1)?, row.try_get(2)?));
        }
        Ok(found)
    }
}

fn version(row: &Row, column: usize) -> Result<Version, postgres::Error> {
    row.try_get::<_, i64>(column).map(|version| Version(version.cast_unsigned()))
}

fn whole_row(row: &Row) -> Result<RawRow, StoreError> {
    Ok(RawRow {
        partition: row.try_get(0)?,
        sort: row.try_get(1)?,
        version: version(row, 2)?,
        value: row.try_get(3)?,
    })
}

fn rows_max(limit: usize) -> i64 {
    i64::try_from(limit).unwrap_or(i64::MAX)
}

impl RawView for PostgresView<'_> {
    fn get_many(
        &self,
        table: &'static str,
        keys: &[(Vec<u8>, Vec<u8>)],
    ) -> Result<Vec<Option<Found>>, StoreError> {
        let (partitions, sorts): (Vec<_>, Vec<_>) =
            keys.iter().map(|(partition, sort)| (&**partition, &**sort)).unzip();
        self.get(table, &partitions, &sorts)
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
        let order = if descending { "desc" } else { "asc" };
        let below = if to.is_some() { "and s < $4" } else { "" };
        let sql = |table: &str| {
            format!(
                "select p, s, v, d from {table} where p = $1 and s >= $2 {below} \
                 order by s {order} limit $3"
            )
        };
        let (from, limit) = (from.unwrap_or_default(), rows_max(limit));
        let rows = match &to {
            Some(to) => self.query(table, sql, &[&partition, &from, &limit, to])?,
            None => self.query(table, sql, &[&partition, &from, &limit])?,
        };
        rows.iter().map(whole_row).collect()
    }

    fn scan(
        &self,
        table: &str,
        after: Option<(&[u8], &[u8])>,
        limit: usize,
    ) -> Result<Vec<RawRow>, StoreError> {
        let limit = rows_max(limit);
        let below = if after.is_some() { "where (p, s) > ($2, $3)" } else { "" };
        let sql =
            |table: &str| format!("select p, s, v, d from {table} {below} order by p, s limit $1");
        let rows = match &after {
            Some((partition, sort)) => self.query(table, sql, &[&limit, partition, sort])?,
            None => self.query(table, sql, &[&limit])?,
        };
        rows.iter().map(whole_row).collect()
    }

    fn partition_versions(
        &self,
        table: &'static str,
        partitions: &[Vec<u8>],
    ) -> Result<Vec<Option<Version>>, StoreError> {
        let partitions: Vec<_> = partitions.iter().map(|partition| &**partition).collect();
        let sorts = vec![&[][..]; partitions.len()];
        let found = self.get(&guard_table(table), &partitions, &sorts)?;
        Ok(found.into_iter().map(|found| found.map(|(version, _)| version)).collect())
    }

    fn tables(&self) -> Result<Vec<String>, StoreError> {
        let tables = tables::all(self.lent.borrow_mut().connection()?)?;
        Ok(tables.into_iter().collect())
    }
}

impl Drop for PostgresView<'_> {
    fn drop(&mut self) {
        let mut lent = self.lent.borrow_mut();
        // An open transaction would keep the server from tidying up.
        let ended = lent.connection().is_ok_and(|c| c.client.batch_execute("rollback").is_ok());
        lent.keep_if(ended);
    }
}

impl fmt::Debug for PostgresView<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("PostgresView")
    }
}
