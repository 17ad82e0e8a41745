//! Bytes that last: typed tables, consistent views, atomic commits.
//!
//! Three engines stand behind one trait and one conformance suite: memory (tests and simulation),
//! embedded (the default) and `PostgreSQL`. This room knows rows, not their meaning: it never
//! interprets a value, holds a key or decides who may read.

pub mod backup;
mod batch;
mod codec;
mod embedded;
mod engine;
mod error;
pub mod memory;
mod postgresql;
mod table;
#[cfg(feature = "testing")]
pub mod testing;
mod view;

pub use batch::Batch;
pub use codec::{KeyPart, Value};
pub use embedded::EmbeddedOptions;
pub use engine::{Engine, Found, RawBatch, RawCheck, RawKey, RawRow, RawView, Ticket, Version};
pub use error::StoreError;
pub use postgresql::PostgresOptions;
pub use table::Table;
pub use view::{AsOf, Row, View};

use std::path::Path;
use std::sync::Arc;

/// Named limits of a store; a batch that exceeds one is refused whole with
/// [`StoreError::TooLarge`].
pub mod limits {
    /// Bytes of a partition key plus a sort key.
    pub const KEY_MAX: usize = 1 << 10;
    /// Bytes of a value.
    pub const VALUE_MAX: usize = 1 << 20;
    /// Bytes of all keys and values of one commit.
    pub const COMMIT_MAX: usize = 64 << 20;
    /// Writes of one commit.
    pub const WRITES_MAX: usize = 200_000;
    /// Checks of one commit.
    pub const CHECKS_MAX: usize = 200_000;
    /// Rows of one page of a range or a scan.
    pub const PAGE_MAX: usize = 10_000;
}

/// An open store. Cloning shares it.
#[derive(Clone, Debug)]
pub struct Store(Arc<dyn Engine>);

impl Store {
    /// Wraps an engine.
    pub fn new(engine: Arc<dyn Engine>) -> Self {
        Self(engine)
    }

    /// An empty store in memory, for tests and simulation; [`memory::faulty`] gives one that can be
    /// made to fail.
    pub fn memory() -> Self {
        memory::faulty().0
    }

    /// Opens the embedded store in the directory `path`, or makes one there.
    ///
    /// # Errors
    ///
    /// [`StoreError::InUse`] when it is open already, [`StoreError::NewerFormat`] when a newer
    /// program made it, [`StoreError::Corrupt`], [`StoreError::Full`], and
    /// [`StoreError::Unavailable`] when the directory cannot be used.
    pub fn embedded(path: &Path, options: &EmbeddedOptions) -> Result<Self, StoreError> {
        embedded::open(path, options)
    }

    /// Opens the store in the `PostgreSQL` database that `url` names (`postgres://…`, over TCP or a
    /// Unix socket, or `host=… dbname=…`), or makes one in its current schema. Must not be used
    /// from async code.
    ///
    /// # Errors
    ///
    /// [`StoreError::NewerFormat`] when a newer program made it, and [`StoreError::Unavailable`]
    /// when the server cannot be reached or refuses.
    pub fn postgres(url: &str, options: &PostgresOptions) -> Result<Self, StoreError> {
        postgresql::open(url, options)
    }

    /// A consistent view of everything applied so far; later commits do not show in it.
    ///
    /// # Errors
    ///
    /// When the engine cannot be reached.
    pub fn read(&self) -> Result<View<'_>, StoreError> {
        self.0.read().map(View::new)
    }

    /// Applies a batch atomically and makes it visible, without waiting for the disk. Nothing that
    /// depends on it may be acknowledged before [`Self::sync`] of its ticket has returned.
    ///
    /// # Errors
    ///
    /// [`StoreError::Conflict`] when a check fails: nothing is written, read again and re-decide.
    /// [`StoreError::TooLarge`] when a limit is exceeded; otherwise what the engine says.
    pub fn apply(&self, batch: Batch) -> Result<Ticket, StoreError> {
        let raw = batch.into_raw()?;
        self.0.apply(&raw)
    }

    /// Returns once everything up to `ticket` has reached the disk. Concurrent callers share one
    /// flush.
    ///
    /// # Errors
    ///
    /// When the disk refuses; the store then refuses every later write until it is reopened.
    pub fn sync(&self, ticket: Ticket) -> Result<(), StoreError> {
        self.0.sync(ticket)
    }

    /// [`Self::apply`] and [`Self::sync`]: atomic and durable when it returns.
    ///
    /// # Errors
    ///
    /// Those of both.
    pub fn commit(&self, batch: Batch) -> Result<(), StoreError> {
        let ticket = self.apply(batch)?;
        self.sync(ticket)
    }

    /// Whether the storage is still where it was and would take a write. Costs microseconds.
    ///
    /// # Errors
    ///
    /// When it is missing, poisoned by an earlier failure, or unreachable.
    pub fn alive(&self) -> Result<(), StoreError> {
        self.0.alive()
    }

    /// The engine behind this store, for backup, migration and the conformance suite.
    pub fn engine(&self) -> &dyn Engine {
        &*self.0
    }
}
