//! The engine for a brand's own `PostgreSQL` (15 or newer) and what speaks its protocol and SQL.
//!
//! One SQL table for each table, `(p bytea, s bytea, v bigint, d bytea, primary key (p, s))`. No
//! statement joins two tables, needs a sequence or crosses partitions in one row lock, so the
//! tables can be distributed by `p`. Several processes may share one database.

mod apply;
mod pool;
mod tables;
mod view;

use crate::{Engine, RawBatch, RawView, Store, StoreError, Ticket};
use parking_lot::RwLock;
use pool::Pool;
use postgres::error::{Error, SqlState};
use std::collections::BTreeSet;
use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;
use view::PostgresView;

/// How a process uses its database.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PostgresOptions {
    /// A random number that no other process of this database has. Versions count on from it.
    pub nonce: u64,
    /// Connections at most. Every open view and every batch being applied holds one.
    pub connections_max: usize,
    /// How long to wait for a connection, and for the server to answer when making one.
    pub connect_timeout: Duration,
}

impl PostgresOptions {
    /// Sixteen connections and ten seconds.
    pub const fn new(nonce: u64) -> Self {
        Self { nonce, connections_max: 16, connect_timeout: Duration::from_secs(10) }
    }
}

/// Opens the store in the database that `url` names, or makes one there.
pub(crate) fn open(url: &str, options: &PostgresOptions) -> Result<Store, StoreError> {
    // The parser's message may quote the URL, which may hold a password.
    let config = url.parse::<postgres::Config>().map_err(|_| {
        StoreError::Unavailable("the postgresql url cannot be read: correct it".to_owned())
    })?;
    let pool = Pool::new(config, options);
    let known = pool.with(tables::prepare_database)?;
    Ok(Store::new(Arc::new(Postgres {
        pool,
        known: RwLock::new(known),
        writes: AtomicU64::new(options.nonce),
        applied: AtomicU64::new(0),
    })))
}

struct Postgres {
    pool: Pool,
    /// Tables known to exist; there may be more.
    known: RwLock<BTreeSet<String>>,
    /// Counts on from the nonce of this process.
    writes: AtomicU64,
    applied: AtomicU64,
}

impl Engine for Postgres {
    fn read(&self) -> Result<Box<dyn RawView + '_>, StoreError> {
        Ok(Box::new(PostgresView::begin(&self.pool, &self.known)?))
    }

    fn apply(&self, batch: &RawBatch) -> Result<Ticket, StoreError> {
        let plans = apply::plan(batch)?;
        if !plans.is_empty() {
            tables::create_missing(&self.pool, &self.known, plans.keys())?;
            // All positive and all different until 2⁶³ batches have been written.
            let number = self.writes.fetch_add(1, Ordering::Relaxed) & (u64::MAX >> 1);
            apply::run(&self.pool, &plans, number.cast_signed())?;
        }
        Ok(Ticket(self.applied.fetch_add(1, Ordering::AcqRel) + 1))
    }

    fn sync(&self, _: Ticket) -> Result<(), StoreError> {
        // Every connection insists on `synchronous_commit`: what was applied is on disk.
        Ok(())
    }

    fn alive(&self) -> Result<(), StoreError> {
        let writable = self.pool.with(|connection| {
            let row = connection.client.query_one("show transaction_read_only", &[])?;
            Ok(row.try_get::<_, String>(0)? == "off")
        })?;
        if writable { Ok(()) } else { Err(unavailable("the server takes no writes")) }
    }

    fn name(&self) -> &'static str {
        "postgresql"
    }

    fn disk_bytes(&self) -> Option<u64> {
        let size = "select pg_database_size(current_database())";
        let bytes: i64 = self
            .pool
            .with(|connection| connection.client.query_one(size, &[])?.try_get(0).map_err(fault))
            .ok()?;
        u64::try_from(bytes).ok()
    }
}

impl fmt::Debug for Postgres {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Postgres")
    }
}

fn unavailable(why: &str) -> StoreError {
    StoreError::Unavailable(why.to_owned())
}

impl From<Error> for StoreError {
    fn from(error: Error) -> Self {
        fault(error)
    }
}

/// What an error of the server means to us. Says nothing the server says about rows.
#[expect(clippy::needless_pass_by_value, reason = "stands where `map_err` wants a function")]
fn fault(error: Error) -> StoreError {
    let Some(database) = error.as_db_error() else {
        return unavailable("the connection to postgresql failed: check that it runs");
    };
    let code = database.code();
    let conflicts = [
        SqlState::T_R_SERIALIZATION_FAILURE,
        SqlState::T_R_DEADLOCK_DETECTED,
        SqlState::LOCK_NOT_AVAILABLE,
        SqlState::UNIQUE_VIOLATION,
    ];
    if conflicts.contains(code) {
        StoreError::Conflict
    } else if *code == SqlState::DISK_FULL {
        StoreError::Full("the disk of postgresql".to_owned())
    } else if *code == SqlState::DATA_CORRUPTED || *code == SqlState::INDEX_CORRUPTED {
        StoreError::Corrupt("the postgresql database".to_owned())
    } else {
        StoreError::Unavailable(format!("postgresql refused with sqlstate {}", code.code()))
    }
}
