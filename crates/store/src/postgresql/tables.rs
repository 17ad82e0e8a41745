//! Which SQL tables there are, and making those that are not.

use super::pool::{Connection, Pool};
use crate::StoreError;
use parking_lot::RwLock;
use postgres::error::SqlState;
use std::collections::BTreeSet;

/// The newest format of the database that this program knows.
const FORMAT: i32 = 1;

/// Bytes of a table's name, guards included: `PostgreSQL` cuts longer ones, and cut names collide.
const NAME_MAX: usize = 63;

const ALL: &str = "select relname::text from pg_catalog.pg_class
    where relnamespace = current_schema()::regnamespace and relkind in ('r', 'p')
    and relname like '%.%'";

/// The name as SQL has it.
pub(super) fn quoted(table: &str) -> String {
    format!("\"{}\"", table.replace('"', "\"\""))
}

/// Checks the format, or writes it; says which tables exist.
pub(super) fn prepare_database(
    connection: &mut Connection,
) -> Result<BTreeSet<String>, StoreError> {
    create(connection, "create table if not exists \"#store\" (format integer primary key)")?;
    let newest = "select coalesce(max(format), 0) from \"#store\"";
    let found: i32 = connection.client.query_one(newest, &[])?.try_get(0)?;
    if found > FORMAT {
        return Err(StoreError::NewerFormat {
            what: "the postgresql database".to_owned(),
            found: found.unsigned_abs(),
            known: FORMAT.unsigned_abs(),
        });
    }
    let note = "insert into \"#store\" values ($1) on conflict do nothing";
    connection.client.execute(note, &[&FORMAT])?;
    all(connection)
}

/// Every table that exists now.
pub(super) fn all(connection: &mut Connection) -> Result<BTreeSet<String>, StoreError> {
    let rows = connection.client.query(ALL, &[])?;
    Ok(rows.iter().map(|row| row.try_get(0)).collect::<Result<_, _>>()?)
}

/// Makes the tables that are not there yet.
pub(super) fn create_missing<'t>(
    pool: &Pool,
    known: &RwLock<BTreeSet<String>>,
    wanted: impl Iterator<Item = &'t String>,
) -> Result<(), StoreError> {
    let missing: Vec<_> = {
        let known = known.read();
        wanted.filter(|table| !known.contains(*table)).collect()
    };
    for table in missing {
        if table.len() > NAME_MAX {
            let (limit, max, asked) = ("the length of a table's name", NAME_MAX, table.len());
            return Err(StoreError::TooLarge { limit, max, asked });
        }
        let sql = format!(
            "create table if not exists {} (p bytea not null, s bytea not null, \
             v bigint not null, d bytea not null, primary key (p, s))",
            quoted(table)
        );
        pool.with(|connection| create(connection, &sql))?;
        known.write().insert(table.clone());
    }
    Ok(())
}

/// Runs a `create table if not exists`, which fails when another process runs it just now.
fn create(connection: &mut Connection, sql: &str) -> Result<(), StoreError> {
    const ATTEMPTS_MAX: usize = 5;
    for _ in 1..ATTEMPTS_MAX {
        match connection.client.batch_execute(sql) {
            Err(error) if error.code().is_some_and(is_beaten) => {}
            done => return Ok(done?),
        }
    }
    Ok(connection.client.batch_execute(sql)?)
}

/// Whether another made the table in the same moment. Which of these it is depends on how far the
/// other had come: the table's name, its row type's name, or their places in unique indexes.
fn is_beaten(state: &SqlState) -> bool {
    [&SqlState::DUPLICATE_TABLE, &SqlState::DUPLICATE_OBJECT, &SqlState::UNIQUE_VIOLATION]
        .contains(&state)
}
