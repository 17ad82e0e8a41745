//! A batch as a handful of statements in one transaction.
//!
//! A row checked to exist is updated where it still has its version, or locked and compared if it
//! is not to be written. A row checked to be absent is inserted, which waits for anybody inserting
//! it at this moment and fails if they succeed; if the batch does not mean to write it, it is
//! deleted again before the end. So of two batches that count on the same row being absent only
//! one can win, without locking tables or asking for serializable.

use super::pool::{Connection, Pool};
use super::tables::quoted;
use crate::{RawBatch, StoreError, Version};
use postgres::types::ToSql;
use std::collections::BTreeMap;

type Key<'a> = (&'a [u8], &'a [u8]);

/// What a batch means for one row.
#[derive(Default)]
struct Wish<'a> {
    seen: Seen,
    write: Write<'a>,
}

/// How the row must be.
#[derive(Clone, Copy, Default, PartialEq)]
enum Seen {
    #[default]
    Anyhow,
    Absent,
    Version(Version),
}

/// What becomes of the row.
#[derive(Clone, Copy, Default)]
enum Write<'a> {
    #[default]
    Nothing,
    Put(&'a [u8]),
    Delete,
}

/// What to do in one table, everything in the order of keys.
#[derive(Default)]
pub(super) struct Plan<'a> {
    locked: Rows<'a>,
    locked_versions: Vec<i64>,
    changed: Rows<'a>,
    changed_versions: Vec<i64>,
    inserted: Rows<'a>,
    put: Rows<'a>,
    deleted: Rows<'a>,
}

/// Rows in columns, as `unnest` wants them.
#[derive(Default)]
struct Rows<'a> {
    partitions: Vec<&'a [u8]>,
    sorts: Vec<&'a [u8]>,
    values: Vec<&'a [u8]>,
}

impl<'a> Rows<'a> {
    fn push(&mut self, (partition, sort): Key<'a>, value: &'a [u8]) {
        self.partitions.push(partition);
        self.sorts.push(sort);
        self.values.push(value);
    }

    const fn is_empty(&self) -> bool {
        self.partitions.is_empty()
    }

    const fn len(&self) -> usize {
        self.partitions.len()
    }
}

/// Sorts a batch by table.
pub(super) fn plan(batch: &RawBatch) -> Result<BTreeMap<String, Plan<'_>>, StoreError> {
    let mut wishes: BTreeMap<String, BTreeMap<Key<'_>, Wish<'_>>> = BTreeMap::new();
    for check in &batch.checks {
        let ((table, partition, sort), seen) = check.place();
        let wish =
            wishes.entry(table.into_owned()).or_default().entry((partition, sort)).or_default();
        let seen = seen.map_or(Seen::Absent, Seen::Version);
        if wish.seen != Seen::Anyhow && wish.seen != seen {
            return Err(StoreError::Conflict);
        }
        wish.seen = seen;
    }
    for ((table, partition, sort), value) in batch.rows() {
        let table = wishes.entry(table.into_owned()).or_default();
        table.entry((partition, sort)).or_default().write = value.map_or(Write::Delete, Write::Put);
    }
    Ok(wishes.into_iter().map(|(table, wishes)| (table, plan_table(wishes))).collect())
}

fn plan_table<'a>(wishes: BTreeMap<Key<'a>, Wish<'a>>) -> Plan<'a> {
    let mut plan = Plan::default();
    for (key, wish) in wishes {
        match (wish.seen, wish.write) {
            (Seen::Version(version), Write::Put(value)) => {
                plan.changed.push(key, value);
                plan.changed_versions.push(version.0.cast_signed());
            }
            (Seen::Version(version), Write::Nothing | Write::Delete) => {
                plan.locked.push(key, &[]);
                plan.locked_versions.push(version.0.cast_signed());
                if matches!(wish.write, Write::Delete) {
                    plan.deleted.push(key, &[]);
                }
            }
            (Seen::Absent, Write::Put(value)) => plan.inserted.push(key, value),
            (Seen::Absent, Write::Nothing | Write::Delete) => {
                plan.inserted.push(key, &[]);
                plan.deleted.push(key, &[]);
            }
            (Seen::Anyhow, Write::Put(value)) => plan.put.push(key, value),
            (Seen::Anyhow, Write::Delete) => plan.deleted.push(key, &[]),
            (Seen::Anyhow, Write::Nothing) => {}
        }
    }
    plan
}

/// Runs the plans in one transaction, giving `version` to every row written.
pub(super) fn run(
    pool: &Pool,
    plans: &BTreeMap<String, Plan<'_>>,
    version: i64,
) -> Result<(), StoreError> {
    let mut lent = pool.take("begin isolation level read committed")?;
    let connection = lent.connection()?;
    let done = plans
        .iter()
        .try_for_each(|(table, plan)| check(connection, &quoted(table), plan, version))
        .and_then(|()| {
            plans
                .iter()
                .try_for_each(|(table, plan)| write(connection, &quoted(table), plan, version))
        });
    let end = if done.is_ok() { "commit" } else { "rollback" };
    let ended = connection.client.batch_execute(end);
    lent.keep_if(ended.is_ok());
    // What went wrong first is what matters; a lost rollback is a rollback.
    done.and_then(|()| Ok(ended?))
}

/// Everything that can find a conflict, in one order for all batches.
fn check(
    connection: &mut Connection,
    table: &str,
    plan: &Plan<'_>,
    version: i64,
) -> Result<(), StoreError> {
    if !plan.locked.is_empty() {
        let sql = format!(
            "select t.v from unnest($1::bytea[], $2::bytea[]) with ordinality as k (p, s, i) \
             join {table} as t on t.p = k.p and t.s = k.s order by k.i for update of t"
        );
        let rows = connection.query(sql, &[&plan.locked.partitions, &plan.locked.sorts])?;
        let versions: Vec<i64> = rows.iter().map(|row| row.try_get(0)).collect::<Result<_, _>>()?;
        if versions != plan.locked_versions {
            return Err(StoreError::Conflict);
        }
    }
    if !plan.changed.is_empty() {
        // Waits for whoever has a row, then compares with what they left.
        let sql = format!(
            "update {table} as t set v = $4::bigint, d = k.d \
             from unnest($1::bytea[], $2::bytea[], $3::bytea[], $5::bigint[]) as k (p, s, d, v) \
             where t.p = k.p and t.s = k.s and t.v = k.v"
        );
        let Rows { partitions, sorts, values } = &plan.changed;
        let arguments: [&(dyn ToSql + Sync); 5] =
            [partitions, sorts, values, &version, &plan.changed_versions];
        all_of(&plan.changed, connection.execute(sql, &arguments)?)?;
    }
    if !plan.inserted.is_empty() {
        let sql = format!(
            "insert into {table} (p, s, v, d) select p, s, $4::bigint, d \
             from unnest($1::bytea[], $2::bytea[], $3::bytea[]) as k (p, s, d) \
             on conflict (p, s) do nothing"
        );
        let Rows { partitions, sorts, values } = &plan.inserted;
        let inserted = connection.execute(sql, &[partitions, sorts, values, &version])?;
        all_of(&plan.inserted, inserted)?;
    }
    Ok(())
}

/// A row that was not touched was not as the batch had seen it.
fn all_of(rows: &Rows<'_>, touched: u64) -> Result<(), StoreError> {
    let all = usize::try_from(touched).is_ok_and(|touched| touched == rows.len());
    if all { Ok(()) } else { Err(StoreError::Conflict) }
}

fn write(
    connection: &mut Connection,
    table: &str,
    plan: &Plan<'_>,
    version: i64,
) -> Result<(), StoreError> {
    if !plan.put.is_empty() {
        let sql = format!(
            "insert into {table} (p, s, v, d) select p, s, $4::bigint, d \
             from unnest($1::bytea[], $2::bytea[], $3::bytea[]) as k (p, s, d) \
             on conflict (p, s) do update set v = excluded.v, d = excluded.d"
        );
        let Rows { partitions, sorts, values } = &plan.put;
        connection.execute(sql, &[partitions, sorts, values, &version])?;
    }
    if !plan.deleted.is_empty() {
        let sql = format!(
            "delete from {table} as t using unnest($1::bytea[], $2::bytea[]) as k (p, s) \
             where t.p = k.p and t.s = k.s"
        );
        connection.execute(sql, &[&plan.deleted.partitions, &plan.deleted.sorts])?;
    }
    Ok(())
}
