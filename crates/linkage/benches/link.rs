//! Speed of linking: made-up people, written to a file and deduplicated from there in one go.
//!
//! `cargo bench -p linkage --bench link -- 1000000 [--splink PYTHON] [--threads N] [--no-stream]`

#![expect(
    clippy::print_stdout,
    clippy::unwrap_used,
    clippy::disallowed_methods,
    reason = "a bench looks at the clock, says what it saw, and stops when something is wrong"
)]

#[path = "../tests/support/generator.rs"]
mod generator;

use linkage::engine::{Index, Output, Settings, dedupe};
use linkage::evaluate::{b_cubed, pairwise, wrong_within};
use linkage::model::Model;
use linkage::record::{Options, Reader, Records, Schema};
use std::path::Path;
use std::process::Command;
use std::time::Instant;

fn main() {
    let words: Vec<String> = std::env::args().skip(1).collect();
    let after = |flag: &str| {
        let place = words.iter().position(|word| word == flag)?;
        words.get(place + 1).cloned()
    };
    let records: usize = words.first().and_then(|word| word.parse().ok()).unwrap_or(100_000);
    if let Some(path) = after("--write") {
        write(Path::new(&path), records);
        return;
    }
    let path = std::env::temp_dir().join(format!("made-up-people-{records}.csv"));
    // Another process makes them, so that its memory and time are not counted here.
    let program = std::env::current_exe().unwrap();
    let made = Command::new(program).args([&records.to_string(), "--write"]).arg(&path).status();
    assert!(made.unwrap().success(), "the file cannot be written");
    let settings = Settings {
        threads: after("--threads").and_then(|word| word.parse().ok()).unwrap_or(0),
        ..Settings::default()
    };
    let (model, ours) = batch(&path, &settings);
    if let Some(python) = after("--splink") {
        against(&python, &path, &ours);
    }
    if !words.iter().any(|word| word == "--no-stream") {
        stream(&path, records, model);
    }
}

fn write(path: &Path, records: usize) {
    let mut file = csv::Writer::from_path(path).unwrap();
    file.write_field("unique_id").unwrap();
    file.write_record(generator::HEADER.iter().chain(&["entity_id", "household_id"])).unwrap();
    for (id, made) in generator::people(7, records).iter().enumerate() {
        file.write_field(id.to_string()).unwrap();
        made.values.iter().for_each(|value| file.write_field(value).unwrap());
        file.write_record([made.person.to_string(), made.household.to_string()]).unwrap();
    }
    file.flush().unwrap();
}

/// Calls `visit` with the number and the values of each record, truth at the end.
fn each(path: &Path, mut visit: impl FnMut(u128, &[&str])) {
    let mut file = csv::Reader::from_path(path).unwrap();
    let mut record = csv::StringRecord::new();
    let mut number = 0;
    while file.read_record(&mut record).unwrap() {
        let values: Vec<&str> = record.iter().skip(1).collect();
        visit(number, &values);
        number += 1;
    }
}

fn reader() -> Reader {
    Reader::new(Schema::recognise(generator::HEADER, &[]), Options::default())
}

/// What one run cost and how good it was.
struct Cost {
    cpu: f64,
    wall: f64,
    peak: f64,
    f1: f64,
}

fn batch(path: &Path, settings: &Settings) -> (Model, Cost) {
    let (before, cpu) = (Instant::now(), cpu_seconds());
    let mut read = Records::default();
    let mut reader = reader();
    let (mut people, mut households): (Vec<u32>, Vec<u32>) = (Vec::new(), Vec::new());
    each(path, |key, values| {
        let (values, truth) = values.split_at(generator::HEADER.len());
        reader.push(&mut read, key, values);
        let mut truth = truth.iter().map(|id| id.parse::<u32>().unwrap());
        people.extend(truth.next());
        households.extend(truth.next());
    });
    drop(reader);
    let wall = before.elapsed().as_secs_f64();
    println!("{} records; read: {wall:.2} s wall, {:.2} s CPU", people.len(), cpu_seconds() - cpu);
    let (output, model) = dedupe(&mut read, settings, &[]);
    let (wall, cpu, peak) = (before.elapsed().as_secs_f64(), cpu_seconds() - cpu, peak_megabytes());
    println!(
        "all:  {wall:.2} s wall, {cpu:.2} s CPU, peak {peak:.0} MB, {} pairs compared, {} kept",
        output.compared,
        output.pairs.len()
    );
    print_rules(&output);
    let quality = pairwise(&output.people, &people);
    println!(
        "P {:.4} R {:.4} F1 {:.4} B3 {:.4} wrong within households {:.3}",
        quality.precision,
        quality.recall,
        quality.f1,
        b_cubed(&output.people, &people).f1,
        wrong_within(&output.people, &people, &households)
    );
    (model, Cost { cpu, wall, peak, f1: quality.f1 })
}

fn print_rules(output: &Output) {
    for (rule, found) in linkage::block::RULES.iter().zip(&output.found) {
        println!(
            "  {:22} {:>9} blocks {:>10} pairs {:>9} generic",
            rule.word(),
            found.blocks,
            found.pairs,
            found.generic
        );
    }
}

/// Links the same file with Splink.
fn against(python: &str, path: &Path, ours: &Cost) {
    let script = concat!(env!("CARGO_MANIFEST_DIR"), "/benches/splink.py");
    let run = Command::new(python).arg(script).arg(path).output().unwrap();
    let said = String::from_utf8_lossy(&run.stdout);
    let figure = |name: &str| -> f64 {
        let line = said.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(' '));
        line.and_then(|text| text.parse().ok()).unwrap_or(f64::NAN)
    };
    if !run.status.success() {
        println!("splink: failed: {}", String::from_utf8_lossy(&run.stderr));
        return;
    }
    let splink = Cost {
        cpu: figure("cpu"),
        wall: figure("wall"),
        peak: figure("peak"),
        f1: figure("f1_95"),
    };
    println!("{:12} {:>10} {:>10} {:>10}", "", "linkage", "splink", "ratio");
    for (what, ours, theirs) in [
        ("CPU, s", ours.cpu, splink.cpu),
        ("wall, s", ours.wall, splink.wall),
        ("peak, MB", ours.peak, splink.peak),
    ] {
        println!("{what:12} {ours:>10.2} {theirs:>10.2} {:>10.2}", theirs / ours);
    }
    println!("{:12} {:>10.4} {:>10.4}", "F1", ours.f1, splink.f1);
    let (best, cut) = (figure("f1_best"), figure("best_at"));
    println!("{:12} {:>10} {best:>10.4}  at the cut {cut} that truth says is best", "", "");
}

/// Inserts what was read into an index, the last tenth in timed batches of fifty.
fn stream(path: &Path, records: usize, model: Model) {
    let mut index = Index::new(model, Settings::default());
    let mut reader = reader();
    let stored = (records - records / 10) as u128;
    let (mut waits, mut batch) = (Vec::new(), Vec::<[String; 14]>::new());
    let (mut cpu, mut wall, mut next) = (0.0, 0.0, 0_u128);
    each(path, |number, values| {
        batch.push(std::array::from_fn(|place| values.get(place).unwrap().to_string()));
        if batch.len() < 50 {
            return;
        }
        let (start, used) = (Instant::now(), cpu_seconds());
        let rows: Vec<_> = batch
            .drain(..)
            .zip(next..)
            .map(|(record, key)| {
                (key, reader.read(&mut index.pool, &record.each_ref().map(String::as_str)))
            })
            .collect();
        index.insert(&rows);
        next += rows.len() as u128;
        if number >= stored {
            waits.push(start.elapsed().as_secs_f64() * 1_000.0);
            wall += start.elapsed().as_secs_f64();
            cpu += cpu_seconds() - used;
        }
    });
    waits.sort_by(f64::total_cmp);
    let p99 = waits.get(waits.len() * 99 / 100).copied().unwrap_or(0.0);
    #[expect(clippy::cast_precision_loss, reason = "a rate")]
    let rate = waits.len() as f64 * 50.0 / cpu;
    println!(
        "stream onto {stored}: {} records in {wall:.2} s wall, {cpu:.2} s CPU ({rate:.0} a CPU-second), \
         p50 of a batch of 50 {:.2} ms, p99 {p99:.2} ms",
        waits.len() * 50,
        waits.get(waits.len() / 2).copied().unwrap_or(0.0),
    );
}

/// User and system time of all threads of this process.
fn cpu_seconds() -> f64 {
    let stat = std::fs::read_to_string("/proc/self/stat").unwrap_or_default();
    let after = stat.rsplit(')').next().unwrap_or_default();
    let ticks: f64 =
        after.split_whitespace().skip(11).take(2).filter_map(|word| word.parse::<f64>().ok()).sum();
    ticks / 100.0
}

fn peak_megabytes() -> f64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find(|line| line.starts_with("VmHWM"));
    let kilobytes = line.and_then(|line| line.split_whitespace().nth(1)?.parse::<f64>().ok());
    kilobytes.unwrap_or(0.0) / 1024.0
}
