//! A few connections, handed out and taken back.

use super::{PostgresOptions, unavailable};
use crate::StoreError;
use parking_lot::{Condvar, Mutex};
use postgres::types::ToSql;
use postgres::{Client, NoTls, Row, Statement};
use std::collections::HashMap;
use std::time::Duration;

/// What every connection is told first. Every statement of ours finds rows by key, but a table that
/// was never analysed looks small enough to be read whole, so the planner is given no choice.
/// Whoever set the server up to lose commits meant other databases.
const SESSION: &str = "
    set enable_seqscan = off;
    set enable_hashjoin = off;
    set enable_mergejoin = off;
    set plan_cache_mode = force_generic_plan;
    set jit = off;
    set lock_timeout = '10s';
    set client_min_messages = error;
    select set_config('synchronous_commit', 'on', false)
        where current_setting('synchronous_commit') = 'off'";

pub(super) struct Connection {
    pub(super) client: Client,
    statements: HashMap<String, Statement>,
}

impl Connection {
    /// The statement for `sql`, prepared once for each connection.
    fn prepared(&mut self, sql: String) -> Result<Statement, postgres::Error> {
        if let Some(statement) = self.statements.get(&sql) {
            return Ok(statement.clone());
        }
        let statement = self.client.prepare(&sql)?;
        self.statements.insert(sql, statement.clone());
        Ok(statement)
    }

    pub(super) fn query(
        &mut self,
        sql: String,
        arguments: &[&(dyn ToSql + Sync)],
    ) -> Result<Vec<Row>, postgres::Error> {
        let statement = self.prepared(sql)?;
        self.client.query(&statement, arguments)
    }

    /// How many rows were touched.
    pub(super) fn execute(
        &mut self,
        sql: String,
        arguments: &[&(dyn ToSql + Sync)],
    ) -> Result<u64, postgres::Error> {
        let statement = self.prepared(sql)?;
        self.client.execute(&statement, arguments)
    }
}

pub(super) struct Pool {
    config: postgres::Config,
    connections_max: usize,
    connect_timeout: Duration,
    state: Mutex<State>,
    returned: Condvar,
}

#[derive(Default)]
struct State {
    idle: Vec<Connection>,
    lent: usize,
}

impl Pool {
    pub(super) fn new(mut config: postgres::Config, options: &PostgresOptions) -> Self {
        config.application_name("bonafide").connect_timeout(options.connect_timeout);
        Self {
            config,
            connections_max: options.connections_max.max(1),
            connect_timeout: options.connect_timeout,
            state: Mutex::default(),
            returned: Condvar::new(),
        }
    }

    /// A connection on which `first` has run. Connections that went stale while idle (the server
    /// was restarted) are replaced without a word; `first` must bear being run twice.
    pub(super) fn take(&self, first: &str) -> Result<Lent<'_>, StoreError> {
        loop {
            let (mut lent, fresh) = self.lend()?;
            match lent.connection()?.client.batch_execute(first) {
                Ok(()) => return Ok(lent),
                Err(error) => {
                    lent.connection = None;
                    if fresh || error.as_db_error().is_some_and(|e| !is_shutdown(e.code())) {
                        return Err(error.into());
                    }
                }
            }
        }
    }

    /// Runs `work` on a connection and takes it back.
    pub(super) fn with<T>(
        &self,
        work: impl FnOnce(&mut Connection) -> Result<T, StoreError>,
    ) -> Result<T, StoreError> {
        let mut lent = self.take("")?;
        let done = work(lent.connection()?);
        lent.keep_if(done.is_ok());
        done
    }

    fn lend(&self) -> Result<(Lent<'_>, bool), StoreError> {
        let mut state = self.state.lock();
        while state.idle.is_empty() && state.lent >= self.connections_max {
            if self.returned.wait_for(&mut state, self.connect_timeout).timed_out() {
                return Err(unavailable("every connection to postgresql is in use: allow more"));
            }
        }
        state.lent += 1;
        let idle = state.idle.pop();
        drop(state);
        let mut lent = Lent { pool: self, connection: idle, good: false };
        let fresh = lent.connection.is_none();
        if fresh {
            let mut client = self.config.connect(NoTls)?;
            client.batch_execute(SESSION)?;
            lent.connection = Some(Connection { client, statements: HashMap::new() });
        }
        Ok((lent, fresh))
    }
}

/// The server went away between two of our sentences.
fn is_shutdown(code: &postgres::error::SqlState) -> bool {
    code.code().starts_with("57P")
}

/// A connection out of its pool. It goes back only when [`Self::keep_if`] said that no transaction
/// is open on it.
pub(super) struct Lent<'a> {
    pool: &'a Pool,
    connection: Option<Connection>,
    good: bool,
}

impl Lent<'_> {
    pub(super) fn connection(&mut self) -> Result<&mut Connection, StoreError> {
        self.connection.as_mut().ok_or_else(|| unavailable("the connection to postgresql is lost"))
    }

    pub(super) const fn keep_if(&mut self, good: bool) {
        self.good = good;
    }
}

impl Drop for Lent<'_> {
    fn drop(&mut self) {
        let mut connection = self.connection.take();
        if !self.good || connection.as_ref().is_some_and(|c| c.client.is_closed()) {
            // Closing talks to the server: before the lock, not under it.
            drop(connection.take());
        }
        let mut state = self.pool.state.lock();
        state.lent -= 1;
        state.idle.extend(connection);
        drop(state);
        self.pool.returned.notify_one();
    }
}
