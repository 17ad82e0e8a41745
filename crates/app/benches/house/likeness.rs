//! What linking by likeness costs: the same made-up people, who share nothing but what they are like,
//! taken in by a house that compares them and by one that does not.

use super::intake::{BATCH, clean, per_second, taken};
use super::server::{Server, WRITE_KEY};
use super::{Options, Table, generator};
use anyhow::Result;
use app::load::{Plan, Request, Tally, at_rate, flat_out};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Map, Value, json};
use std::sync::atomic::{AtomicUsize, Ordering};

/// Records that a learned house is given more of, for every ten it holds.
const MORE_IN_TEN: usize = 1;

/// Events a second at which acknowledgements are timed.
const CALM_PER_SECOND: f64 = 2_500.0;

/// What a house came to.
struct Came {
    fill: f64,
    stream: f64,
    processor_us: f64,
    calm: Tally,
}

pub(super) fn likeness(
    options: &Options,
    clock: &(dyn Fn() -> f64 + Sync),
    table: &mut Table,
) -> Result<()> {
    let records = usize::try_from(options.records)?;
    println!("\nlinking by likeness, {records} records of made-up people, batches of {BATCH}");
    let more = records * MORE_IN_TEN / 10;
    let mut made = generator::people(11, records + 2 * more);
    let mut dice = generator::Dice::new(5);
    for place in (1..made.len()).rev() {
        made.swap(place, dice.below(place + 1));
    }
    let mut measure = |on: bool| -> Result<Came> {
        let config = format!("[store]\nengine = \"embedded\"\n[linkage]\nlikeness = {on}");
        let server = Server::start(&config, None)?;
        let plan = |connections| Plan { address: server.address, connections, clock_ms: clock };
        let next = AtomicUsize::new(0);
        let some = |end: usize| {
            let first = next.fetch_add(BATCH, Ordering::Relaxed);
            let rows = made.get(first..(first + BATCH).min(end))?;
            Some((identify(first, rows), ()))
        };
        let tally = clean(flat_out(plan(4), &|| some(records), &taken)?)?;
        let fill = per_second(records as u64, &tally);
        if on {
            let begin = clock();
            server.run("learn")?;
            let seconds = (clock() - begin) / 1e3;
            table.figure("learning, with deciding all again", seconds, "s");
        }
        next.store(records, Ordering::Relaxed);
        let before = server.processor_s()?;
        let tally = clean(flat_out(plan(4), &|| some(records + more), &taken)?)?;
        let stream = per_second(more as u64, &tally);
        #[expect(clippy::cast_precision_loss, reason = "far fewer events than 2^53")]
        let processor_us = (server.processor_s()? - before) * 1e6 / more as f64;
        next.store(records + more, Ordering::Relaxed);
        let batches = (more / BATCH) as u64;
        #[expect(clippy::cast_precision_loss, reason = "fifty")]
        let rate = CALM_PER_SECOND / BATCH as f64;
        let one = |_| {
            (
                some(records + 2 * more)
                    .map_or_else(|| Request::get("/healthz"), |(request, ())| request),
                (),
            )
        };
        let calm = clean(at_rate(plan(4), rate, batches, &one, &taken)?)?;
        if on {
            let (now, _) = server.memory_bytes()?;
            table.figure("resident memory of the server that compares", now / 1e6, "MB");
        }
        server.must_be_well()?;
        Ok(Came { fill, stream, processor_us, calm })
    };
    let (off, on) = (measure(false)?, measure(true)?);
    table.figure("records taken in before anything is learned", on.fill, "/s");
    table.figure("  the same without likeness", off.fill, "/s");
    table.figure("records taken in and compared with all others", on.stream, "/s");
    table.figure("  the same without likeness", off.stream, "/s");
    table.figure("processor time of a record that is compared", on.processor_us, "µs");
    table.figure("  the same without likeness", off.processor_us, "µs");
    table.figure("  ratio", on.processor_us / off.processor_us, "×");
    table.figure("acknowledgement p50 at 2,500 records/s, compared", on.calm.wait_ms(0.5), "ms");
    table.figure("  p99", on.calm.wait_ms(0.99), "ms");
    table.figure("  p99 without likeness", off.calm.wait_ms(0.99), "ms");
    Ok(())
}

/// A request in which people say who they are.
fn identify(first: usize, rows: &[generator::Made]) -> Request {
    let events: Vec<Value> = rows
        .iter()
        .enumerate()
        .map(|(nth, made)| {
            let said = generator::HEADER.iter().zip(&made.values);
            let said = said
                .filter(|(name, value)| !value.is_empty() && **name != "source" && **name != "ts");
            let traits: Map<String, Value> =
                said.map(|(name, value)| ((*name).to_owned(), json!(value))).collect();
            let id = first + nth;
            json!({
                "type": "identify", "messageId": format!("m{id}"), "userId": format!("r{id}"),
                "traits": traits,
            })
        })
        .collect();
    let basic = format!("Basic {}", STANDARD.encode(format!("{WRITE_KEY}:")));
    Request::post("/v1/batch", json!({ "batch": events }).to_string())
        .header("Authorization", basic)
        .header("Content-Type", "application/json")
}
