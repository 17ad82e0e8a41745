//! What a commit costs, engine by engine: `cargo bench -p store [-- ENGINE ROWS SECONDS]`.
//!
//! The pattern is that of a micro-batch: 64 transactions a commit, each of eight random reads and
//! eight random writes of 60 to 200 bytes over five tables, every read row checked, durable when
//! counted. Compare the engines of one run, not runs.

use std::error::Error;
use std::io::{self, Write as _};
use std::time::{Duration, Instant};
use store::testing::PostgresCluster;
use store::{EmbeddedOptions, Engine, PostgresOptions, RawBatch, RawCheck, RawKey, Store};

const TABLES: [&str; 5] = ["bench.a", "bench.b", "bench.c", "bench.d", "bench.e"];
const TRANSACTIONS: usize = 64;
const ROWS_EACH: usize = 8;
const LOAD_BATCH: u64 = 5_000;

type Done<T> = Result<T, Box<dyn Error>>;

fn main() -> Done<()> {
    let words: Vec<_> = std::env::args().skip(1).filter(|word| !word.starts_with('-')).collect();
    let only = words.first().map(String::as_str);
    let rows = words.get(1).map_or(Ok(200_000), |rows| rows.parse())?;
    let seconds = words.get(2).map_or(Ok(10), |seconds| seconds.parse())?;
    let wanted = |name| only.is_none_or(|only| only == name);

    say(&format!("{rows} rows, {TRANSACTIONS} transactions a commit, {seconds} s each"))?;
    if wanted("memory") {
        run(&Store::memory(), rows, seconds)?;
    }
    if wanted("embedded") {
        let dir = tempfile::tempdir()?;
        let options = EmbeddedOptions::default();
        let store = Store::embedded(dir.path(), &options)?;
        run(&store, rows, seconds)?;
        let closing = now();
        drop(store);
        let opening = now();
        let store = Store::embedded(dir.path(), &options)?;
        let first = store.engine().read()?.scan("bench.a", None, 1)?;
        say(&format!(
            "{:10}   closed in {:.2?}, open to first row in {:.2?} ({} found)",
            "",
            opening - closing,
            opening.elapsed(),
            first.len()
        ))?;
    }
    if wanted("postgresql") {
        let cluster = PostgresCluster::start(&[])?;
        let database = cluster.database()?;
        run(&Store::postgres(&database.url(), &PostgresOptions::new(1))?, rows, seconds)?;
    }
    Ok(())
}

fn run(store: &Store, rows: u64, seconds: u64) -> Done<()> {
    let engine = store.engine();
    let mut dice = Dice(0x9E37_79B9_7F4A_7C15);
    let loading = now();
    for from in (0..rows).step_by(usize::try_from(LOAD_BATCH)?) {
        let mut batch = RawBatch::default();
        for row in from..rows.min(from + LOAD_BATCH) {
            batch.writes.push((key(row), Some(value(&mut dice))));
        }
        engine.sync(engine.apply(&batch)?)?;
    }
    let loaded = loading.elapsed();

    let mut took = Vec::new();
    let (started, span) = (now(), Duration::from_secs(seconds));
    while started.elapsed() < span {
        let one = now();
        commit(engine, rows, &mut dice)?;
        took.push(one.elapsed());
    }
    let total = started.elapsed();
    took.sort_unstable();
    let at = |share: usize| took.get((took.len() - 1) * share / 1_000).copied().unwrap_or_default();
    let done = u32::try_from(took.len() * TRANSACTIONS)?;
    say(&format!(
        "{:10} {:6.0} txn/s   p50 {:.1?}   p99 {:.1?}   max {:.1?}   loaded in {:.1?}   {}   {} MB on disk",
        engine.name(),
        f64::from(done) / total.as_secs_f64(),
        at(500),
        at(990),
        at(1_000),
        loaded,
        memory_peak().unwrap_or_default(),
        engine.disk_bytes().unwrap_or_default() / 1_000_000,
    ))
}

/// Reads, decides and writes once for all transactions of a commit.
fn commit(engine: &dyn Engine, rows: u64, dice: &mut Dice) -> Done<()> {
    let mut rows: Vec<_> = (0..TRANSACTIONS * ROWS_EACH).map(|_| dice.below(rows)).collect();
    rows.sort_unstable();
    rows.dedup();
    let mut batch = RawBatch::default();
    let view = engine.read()?;
    for table in TABLES {
        let keys: Vec<_> = rows.iter().map(|row| key(*row)).filter(|k| k.table == table).collect();
        let asked: Vec<_> = keys.iter().map(|k| (k.partition.clone(), k.sort.clone())).collect();
        for (key, found) in keys.into_iter().zip(view.get_many(table, &asked)?) {
            let version = found.map(|(version, _)| version);
            batch.checks.push(RawCheck::Row(key.clone(), version));
            batch.writes.push((key, Some(value(dice))));
        }
    }
    drop(view);
    Ok(engine.sync(engine.apply(&batch)?)?)
}

/// Sixteen bytes that do not sort as the numbers do, as ids are.
fn key(row: u64) -> RawKey {
    let [table, ..] = row.to_le_bytes();
    let table = TABLES.into_iter().cycle().nth(usize::from(table)).unwrap_or_default();
    let mixed = row.wrapping_mul(0x9E37_79B9_7F4A_7C15).to_be_bytes();
    RawKey { table, partition: [mixed, row.to_be_bytes()].concat(), sort: Vec::new() }
}

fn value(dice: &mut Dice) -> Vec<u8> {
    let length = 60 + dice.below(141);
    (0..length).map(|_| dice.below(256).to_le_bytes()[0]).collect()
}

/// Numbers that look random and are the same in every run (xorshift64*).
struct Dice(u64);

impl Dice {
    fn below(&mut self, end: u64) -> u64 {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        (self.0.wrapping_mul(0x2545_F491_4F6C_DD1D) >> 32) % end
    }
}

#[expect(clippy::disallowed_methods, reason = "a benchmark measures real time")]
fn now() -> Instant {
    Instant::now()
}

/// The most memory this process has held, as Linux writes it.
fn memory_peak() -> Option<String> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find(|line| line.starts_with("VmHWM:"))?;
    let kilobytes: u64 = line.split_ascii_whitespace().nth(1)?.parse().ok()?;
    Some(format!("peak {} MB", kilobytes / 1_000))
}

fn say(line: &str) -> Done<()> {
    Ok(writeln!(io::stdout().lock(), "{line}")?)
}
