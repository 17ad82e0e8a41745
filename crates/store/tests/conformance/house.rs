//! Stores to try things on, and short words for batches and reads.

use std::sync::{LazyLock, atomic::AtomicU64, atomic::Ordering};
use store::memory::Faults;
use store::testing::{Database, PostgresCluster};
use store::{
    EmbeddedOptions, Engine, PostgresOptions, RawBatch, RawCheck, RawKey, RawRow, Store,
    StoreError, Ticket, Version,
};
use tempfile::TempDir;

pub(crate) const ROWS: &str = "store.rows";
pub(crate) const MORE: &str = "store.more";

/// A store, and what it takes to open it again.
pub(crate) struct House {
    store: Option<Store>,
    ground: Ground,
}

enum Ground {
    Memory(Faults),
    Embedded(TempDir),
    Postgres(Database<'static>),
}

impl House {
    pub(crate) fn memory() -> Self {
        let (store, faults) = store::memory::faulty();
        Self { store: Some(store), ground: Ground::Memory(faults) }
    }

    pub(crate) fn embedded() -> Self {
        let dir = tempfile::tempdir().unwrap();
        Self { store: None, ground: Ground::Embedded(dir) }.opened()
    }

    pub(crate) fn postgresql() -> Self {
        let database = cluster().database().unwrap();
        Self { store: None, ground: Ground::Postgres(database) }.opened()
    }

    fn opened(mut self) -> Self {
        self.open();
        self
    }

    fn open(&mut self) {
        match &self.ground {
            Ground::Memory(faults) => faults.restart(),
            Ground::Embedded(dir) => {
                self.store = Some(Store::embedded(dir.path(), &small()).unwrap());
            }
            Ground::Postgres(database) => self.store = Some(connect(&database.url())),
        }
    }

    pub(crate) fn reopen(&mut self) {
        if !matches!(self.ground, Ground::Memory(_)) {
            self.store = None;
        }
        self.open();
    }

    /// Lets go of the store; says where it is: a directory, or a URL.
    pub(crate) fn close(&mut self) -> String {
        self.store = None;
        match &self.ground {
            Ground::Memory(_) => panic!("a store in memory is gone when closed"),
            Ground::Embedded(dir) => dir.path().to_str().unwrap().to_owned(),
            Ground::Postgres(database) => database.url(),
        }
    }

    pub(crate) fn store(&self) -> &Store {
        self.store.as_ref().unwrap()
    }

    pub(crate) fn engine(&self) -> &dyn Engine {
        self.store().engine()
    }
}

/// One server for the whole suite. A test that finds none fails and says what to install.
pub(crate) fn cluster() -> &'static PostgresCluster {
    static CLUSTER: LazyLock<PostgresCluster> =
        LazyLock::new(|| PostgresCluster::start(&["-c", "fsync=off"]).unwrap());
    &CLUSTER
}

pub(crate) fn connect(url: &str) -> Store {
    static PROCESSES: AtomicU64 = AtomicU64::new(1);
    let nonce =
        PROCESSES.fetch_add(1, Ordering::Relaxed) << 40 | u64::from(std::process::id()) << 48;
    Store::postgres(url, &PostgresOptions::new(nonce)).unwrap()
}

/// Little memory, so that files and flushes are met early.
pub(crate) fn small() -> EmbeddedOptions {
    EmbeddedOptions {
        block_cache_bytes: 1 << 20,
        table_buffer_bytes: 64 << 10,
        buffers_bytes: 256 << 10,
        free_min_bytes: 0,
        ..EmbeddedOptions::default()
    }
}

pub(crate) fn key(table: &'static str, partition: &[u8], sort: &[u8]) -> RawKey {
    RawKey { table, partition: partition.to_vec(), sort: sort.to_vec() }
}

/// Builds a batch a word at a time.
#[derive(Clone, Default)]
pub(crate) struct Do(pub(crate) RawBatch);

impl Do {
    pub(crate) fn put(mut self, key: RawKey, value: &[u8]) -> Self {
        self.0.writes.push((key, Some(value.to_vec())));
        self
    }

    pub(crate) fn delete(mut self, key: RawKey) -> Self {
        self.0.writes.push((key, None));
        self
    }

    pub(crate) fn check(mut self, key: RawKey, seen: Option<Version>) -> Self {
        self.0.checks.push(RawCheck::Row(key, seen));
        self
    }

    /// As `check`, of what a view as of `at` showed.
    pub(crate) fn check_read(self, key: RawKey, seen: Option<Version>, at: Option<Ticket>) -> Self {
        let Some(at) = at else { return self.check(key, seen) };
        let mut it = self;
        it.0.checks.push(RawCheck::Read { key, seen, at });
        it
    }

    pub(crate) fn guard(mut self, table: &'static str, partition: &[u8]) -> Self {
        self.0.guards.push((table, partition.to_vec()));
        self
    }

    pub(crate) fn check_guard(
        mut self,
        table: &'static str,
        partition: &[u8],
        seen: Option<Version>,
    ) -> Self {
        let partition = partition.to_vec();
        self.0.checks.push(RawCheck::Partition { table, partition, seen });
        self
    }

    pub(crate) fn on(self, engine: &dyn Engine) -> Result<(), StoreError> {
        let ticket = engine.apply(&self.0)?;
        engine.sync(ticket)
    }
}

pub(crate) fn get(engine: &dyn Engine, key: &RawKey) -> Option<(Version, Vec<u8>)> {
    let view = engine.read().unwrap();
    let keys = [(key.partition.clone(), key.sort.clone())];
    view.get_many(key.table, &keys).unwrap().remove(0)
}

/// A row and which moment it was read at.
pub(crate) fn look(
    engine: &dyn Engine,
    key: &RawKey,
) -> (Option<(Version, Vec<u8>)>, Option<Ticket>) {
    let view = engine.read().unwrap();
    let keys = [(key.partition.clone(), key.sort.clone())];
    (view.get_many(key.table, &keys).unwrap().remove(0), view.as_of())
}

pub(crate) fn version(engine: &dyn Engine, key: &RawKey) -> Option<Version> {
    get(engine, key).map(|(version, _)| version)
}

pub(crate) fn guard_version(
    engine: &dyn Engine,
    table: &'static str,
    partition: &[u8],
) -> Option<Version> {
    engine.read().unwrap().partition_versions(table, &[partition.to_vec()]).unwrap().remove(0)
}

pub(crate) fn all(engine: &dyn Engine, table: &str) -> Vec<RawRow> {
    engine.read().unwrap().scan(table, None, usize::MAX).unwrap()
}

/// Numbers that look random and are the same every time (xorshift64*).
pub(crate) struct Dice(pub(crate) u64);

impl Dice {
    pub(crate) fn below(&mut self, end: u64) -> u64 {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        (self.0.wrapping_mul(0x2545_F491_4F6C_DD1D) >> 32) % end
    }
}

/// Runs each law on each engine, as tests of their own.
macro_rules! on_each_engine {
    ($($law:ident),* $(,)?) => {
        mod memory {
            $(#[test] fn $law() { super::$law(&mut crate::house::House::memory()); })*
        }
        mod embedded {
            $(#[test] fn $law() { super::$law(&mut crate::house::House::embedded()); })*
        }
        mod postgresql {
            $(#[test] fn $law() { super::$law(&mut crate::house::House::postgresql()); })*
        }
    };
}
pub(crate) use on_each_engine;
