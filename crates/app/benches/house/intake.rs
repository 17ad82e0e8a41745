//! Events a second, their acknowledgement, memory, and what size costs.

use super::server::Server;
use super::traffic::{BATCH_EVENTS, Traffic};
use super::{Options, Table};
use anyhow::{Context, Result, bail};
use app::chance::SystemClock;
use app::load::{Plan, Response, Tally, at_rate, flat_out};
use model::Clock;
use std::fs;
use std::sync::atomic::{AtomicI64, Ordering};
use store::testing::PostgresCluster;

/// Records at which an event's cost is measured first.
const FEW_RECORDS: u64 = 10_000;

/// Events in a request while records are made.
const LOAD_EVENTS: u64 = 250;

/// Connections while records are made.
const LOAD_CONNECTIONS: usize = 4;

/// Records of the `PostgreSQL` section: making a million there takes longer than measuring.
const POSTGRES_RECORDS_MAX: u64 = 100_000;

const GIBIBYTE: f64 = 1_073_741_824.0;

/// Events a second that are promised of the embedded store, and of `PostgreSQL`.
const EMBEDDED_PER_SECOND: f64 = 10_000.0;
const POSTGRES_PER_SECOND: f64 = 2_500.0;

type Stopwatch = dyn Fn() -> f64 + Sync;

/// What a run without pause came to.
struct Flood {
    per_second: f64,
    /// Processor time of the server for an event, in microseconds.
    processor_us: f64,
    tally: Tally,
}

/// Measures over a small and then over a full embedded store, if that is wanted; gives the server
/// that is full.
pub(super) fn embedded(
    options: &Options,
    measured: bool,
    clock: &Stopwatch,
    table: &mut Table,
) -> Result<Server> {
    println!("embedded store, {} records, batches of {BATCH_EVENTS}", options.records);
    let few = measured.then(|| few(options, clock)).transpose()?;
    let (server, traffic) = full(options, clock, table)?;
    if let Some(few) = few {
        let many = flood(options, &server, &traffic, clock)?;
        judge_flood(options, &few, &many, table);
        let calm = calm(options, &server, &traffic, EMBEDDED_PER_SECOND / 2.0, clock)?;
        judge_calm(&calm, table);
        disk(&server, clock, table)?;
        let (now, peak) = server.memory_bytes()?;
        table.figure("resident memory of the server, now", now / GIBIBYTE, "GiB");
        table.at_most("resident memory of the server, at most", peak / GIBIBYTE, 1.5, "GiB");
    }
    server.must_be_well()?;
    Ok(server)
}

const EMBEDDED: &str = "[store]\nengine = \"embedded\"";

/// A day ago: where the events' times begin.
fn begin_ms() -> i64 {
    SystemClock.now().0 - 86_400_000
}

fn few(options: &Options, clock: &Stopwatch) -> Result<Flood> {
    let server = Server::start(EMBEDDED, None)?;
    let traffic = Traffic::new(begin_ms());
    fill(&server, &traffic, FEW_RECORDS.min(options.records), clock)?;
    flood(options, &server, &traffic, clock)
}

/// A server with all the records: a kept one, or a new one.
fn full(options: &Options, clock: &Stopwatch, table: &mut Table) -> Result<(Server, Traffic)> {
    let kept = options.keep.as_ref().map(|keep| keep.join(options.records.to_string()));
    let counted = kept.as_ref().map(|kept| kept.join("traffic"));
    if let (Some(kept), Some(counted)) = (&kept, &counted)
        && let Ok(text) = fs::read_to_string(counted)
    {
        let mut numbers = text.split_whitespace().map(str::parse::<u64>);
        let mut number = || numbers.next().context("a number is missing")?.context("no number");
        let traffic = Traffic::resume(begin_ms(), number()?, number()?);
        return Ok((Server::start(EMBEDDED, Some(kept))?, traffic));
    }
    let server = Server::start(EMBEDDED, None)?;
    let traffic = Traffic::new(begin_ms());
    let per_second = fill(&server, &traffic, options.records, clock)?;
    table.figure("new customers, until the records were there", per_second, "/s");
    let (Some(kept), Some(counted)) = (kept, counted) else { return Ok((server, traffic)) };
    server.keep(&kept)?;
    fs::write(counted, format!("{} {}", traffic.known(), traffic.made()))?;
    Ok((Server::start(EMBEDDED, Some(&kept))?, traffic))
}

/// Measures over a `PostgreSQL` server with its own settings, fsync included.
pub(super) fn postgres(options: &Options, clock: &Stopwatch, table: &mut Table) -> Result<()> {
    let records = options.records.min(POSTGRES_RECORDS_MAX);
    println!("\nPostgreSQL, {records} records, batches of {BATCH_EVENTS}");
    let cluster = PostgresCluster::start(&[]).map_err(anyhow::Error::msg)?;
    let database = cluster.database().map_err(anyhow::Error::msg)?;
    let store = format!("[store]\nengine = \"postgresql\"\nurl = \"{}\"", database.url());
    let server = Server::start(&store, None)?;
    let traffic = Traffic::new(begin_ms());
    let per_second = fill(&server, &traffic, records, clock)?;
    table.figure("PostgreSQL: new customers, until the records were there", per_second, "/s");
    let flood = flood(options, &server, &traffic, clock)?;
    table.at_least("PostgreSQL: events acknowledged", flood.per_second, POSTGRES_PER_SECOND, "/s");
    table.figure("PostgreSQL: acknowledgement p99 at that rate", flood.tally.wait_ms(0.99), "ms");
    server.must_be_well()
}

/// Makes customers until there are `records`. Gives how many a second.
fn fill(server: &Server, traffic: &Traffic, records: u64, clock: &Stopwatch) -> Result<f64> {
    let known = traffic.known();
    let left = AtomicI64::new(i64::try_from(records.saturating_sub(known))?);
    let next = || {
        let before = left.fetch_sub(i64::try_from(LOAD_EVENTS).ok()?, Ordering::Relaxed);
        let count = u64::try_from(before).ok()?.min(LOAD_EVENTS);
        (count > 0).then(|| (traffic.newcomers(count), ()))
    };
    let plan = Plan { address: server.address, connections: LOAD_CONNECTIONS, clock_ms: clock };
    let tally = clean(flat_out(plan, &next, &taken)?)?;
    Ok(per_second(traffic.known() - known, &tally))
}

/// As fast as answers come.
fn flood(
    options: &Options,
    server: &Server,
    traffic: &Traffic,
    clock: &Stopwatch,
) -> Result<Flood> {
    let plan = Plan { address: server.address, connections: options.connections, clock_ms: clock };
    #[expect(clippy::cast_precision_loss, reason = "a number of seconds")]
    let end = clock() + options.seconds as f64 * 1e3;
    let before = server.processor_s()?;
    let next = || (clock() < end).then(|| (traffic.usual(), ()));
    let tally = clean(flat_out(plan, &next, &taken)?)?;
    let events = tally.answered * BATCH_EVENTS;
    let used = server.processor_s()? - before;
    #[expect(clippy::cast_precision_loss, reason = "far fewer events than 2^53")]
    let processor_us = used * 1e6 / events.max(1) as f64;
    Ok(Flood { per_second: per_second(events, &tally), processor_us, tally })
}

/// At a rate that leaves room.
fn calm(
    options: &Options,
    server: &Server,
    traffic: &Traffic,
    events_per_second: f64,
    clock: &Stopwatch,
) -> Result<Tally> {
    let plan = Plan { address: server.address, connections: options.connections, clock_ms: clock };
    #[expect(clippy::cast_precision_loss, reason = "fifty")]
    let rate = events_per_second / BATCH_EVENTS as f64;
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        clippy::cast_precision_loss,
        reason = "some thousands"
    )]
    let count = (rate * options.seconds as f64) as u64;
    clean(at_rate(plan, rate, count, &|_| (traffic.usual(), ()), &taken)?)
}

fn judge_flood(options: &Options, few: &Flood, many: &Flood, table: &mut Table) {
    let at = format!("at {} records", options.records);
    table.figure("events acknowledged at 10,000 records", few.per_second, "/s");
    table.at_least(
        &format!("events acknowledged {at}"),
        many.per_second,
        EMBEDDED_PER_SECOND,
        "/s",
    );
    table.figure("acknowledgement p50 at full load", many.tally.wait_ms(0.5), "ms");
    table.figure("acknowledgement p99 at full load", many.tally.wait_ms(0.99), "ms");
    table.figure("longest acknowledgement at full load", many.tally.wait_ms(1.0), "ms");
    table.figure("processor time of the server, 10,000 records", few.processor_us, "µs/event");
    table.figure(&format!("processor time of the server, {at}"), many.processor_us, "µs/event");
    let ratio = few.per_second / many.per_second;
    table.at_most(&format!("time for an event {at}, of that at 10,000"), ratio, 1.5, "×");
    let ratio = many.processor_us / few.processor_us;
    table.at_most(&format!("processor time for an event {at}, likewise"), ratio, 1.5, "×");
}

fn judge_calm(calm: &Tally, table: &mut Table) {
    table.figure("acknowledgement p50 at 5,000 events/s", calm.wait_ms(0.5), "ms");
    table.at_most("acknowledgement p99 at 5,000 events/s", calm.wait_ms(0.99), 10.0, "ms");
    table.figure("longest acknowledgement at 5,000 events/s", calm.wait_ms(1.0), "ms");
}

/// What nobody can be faster than.
pub(super) fn disk(server: &Server, clock: &dyn Fn() -> f64, table: &mut Table) -> Result<()> {
    let (median, slow) = server.disk_ms(clock)?;
    table.figure("the disk alone makes 4 KiB durable, p50", median, "ms");
    table.figure("  its p99", slow, "ms");
    Ok(())
}

/// Events in a request.
#[expect(clippy::cast_possible_truncation, reason = "fifty")]
pub(super) const BATCH: usize = BATCH_EVENTS as usize;

pub(super) fn taken((): (), _: &Response) {}

pub(super) fn clean(tally: Tally) -> Result<Tally> {
    match &tally.first_failure {
        None => Ok(tally),
        Some(failure) => bail!("{} requests failed; the first: {failure}", tally.failed),
    }
}

#[expect(clippy::cast_precision_loss, reason = "far fewer events than 2^53")]
pub(super) fn per_second(events: u64, tally: &Tally) -> f64 {
    events as f64 * 1e3 / tally.took_ms.max(1.0)
}
