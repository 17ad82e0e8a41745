//! Speed of linking: made-up people deduplicated in one go. `cargo bench -p linkage --bench link -- 1000000`.

#![expect(
    clippy::print_stdout,
    clippy::disallowed_methods,
    reason = "a bench looks at the clock and says what it saw"
)]

#[path = "../tests/support/generator.rs"]
mod generator;

use linkage::engine::{Index, Settings, dedupe};
use linkage::evaluate::{b_cubed, pairwise, wrong_within};
use linkage::model::Model;
use linkage::record::{Options, Reader, Records, Schema};
use std::time::Instant;

fn main() {
    let records: usize = std::env::args().find_map(|word| word.parse().ok()).unwrap_or(100_000);
    let made = generator::people(7, records);
    let bytes: usize =
        made.iter().flat_map(|record| record.values.iter().map(|value| value.len() + 1)).sum();
    println!("{} records, {} MB as text", made.len(), bytes / 1_000_000);
    let before = Instant::now();
    let cpu = cpu_seconds();
    let mut read = Records::default();
    let mut reader = Reader::new(Schema::recognise(generator::HEADER, &[]), Options::default());
    for (key, record) in made.iter().enumerate() {
        let values: Vec<&str> = record.values.iter().map(String::as_str).collect();
        reader.push(&mut read, key as u128, &values);
    }
    drop(reader);
    println!(
        "read: {:.2} s wall, {:.2} s CPU",
        before.elapsed().as_secs_f64(),
        cpu_seconds() - cpu
    );
    let settings = Settings::default();
    let (output, model) = dedupe(&mut read, &settings);
    println!(
        "all:  {:.2} s wall, {:.2} s CPU, {} pairs compared, {} kept",
        before.elapsed().as_secs_f64(),
        cpu_seconds() - cpu,
        output.compared,
        output.pairs.len()
    );
    println!("peak: {} MB with the generator's {} MB", peak_megabytes(), bytes / 1_000_000);
    for (rule, found) in linkage::block::RULES.iter().zip(&output.found) {
        println!(
            "  {:22} {:>9} blocks {:>10} pairs {:>9} generic",
            rule.word(),
            found.blocks,
            found.pairs,
            found.generic
        );
    }
    let people: Vec<u32> = made.iter().map(|record| record.person).collect();
    let households: Vec<u32> = made.iter().map(|record| record.household).collect();
    let quality = pairwise(&output.people, &people);
    println!(
        "P {:.4} R {:.4} F1 {:.4} B3 {:.4} wrong within households {:.3}",
        quality.precision,
        quality.recall,
        quality.f1,
        b_cubed(&output.people, &people).f1,
        wrong_within(&output.people, &people, &households)
    );
    drop(read);
    stream(&made, model);
}

/// Inserts what was read into an index, the last tenth in timed batches of fifty.
fn stream(made: &[generator::Made], model: Model) {
    let mut index = Index::new(model, Settings::default());
    let mut reader = Reader::new(Schema::recognise(generator::HEADER, &[]), Options::default());
    let stored = made.len() - made.len() / 10;
    let mut waits = Vec::new();
    let mut cpu = 0.0;
    let mut before = Instant::now();
    for (batch, some) in made.chunks(50).enumerate() {
        if batch * 50 >= stored && waits.is_empty() {
            cpu = cpu_seconds();
            before = Instant::now();
        }
        let start = Instant::now();
        let rows: Vec<_> = some
            .iter()
            .zip(batch as u128 * 50..)
            .map(|(record, key)| {
                let values: Vec<&str> = record.values.iter().map(String::as_str).collect();
                (key, reader.read(&mut index.pool, &values))
            })
            .collect();
        index.insert(&rows);
        if batch * 50 >= stored {
            waits.push(start.elapsed().as_secs_f64() * 1_000.0);
        }
    }
    waits.sort_by(f64::total_cmp);
    let p99 = waits.get(waits.len() * 99 / 100).copied().unwrap_or(0.0);
    println!(
        "stream onto {stored}: {} records in {:.2} s wall, {:.2} s CPU, p99 of a batch of 50 {p99:.2} ms",
        made.len() - stored,
        before.elapsed().as_secs_f64(),
        cpu_seconds() - cpu
    );
}

fn cpu_seconds() -> f64 {
    let stat = std::fs::read_to_string("/proc/self/stat").unwrap_or_default();
    let after = stat.rsplit(')').next().unwrap_or_default();
    let ticks: f64 =
        after.split_whitespace().skip(11).take(2).filter_map(|word| word.parse::<f64>().ok()).sum();
    ticks / 100.0
}

fn peak_megabytes() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find(|line| line.starts_with("VmHWM"));
    line.and_then(|line| line.split_whitespace().nth(1)?.parse::<u64>().ok()).unwrap_or(0) / 1024
}
