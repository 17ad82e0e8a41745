//! The house's speed against what it has promised, on the real program over HTTP:
//! `cargo bench -p app --bench house -- [SECTION…] [--records N] [--seconds N] [--connections N]
//! [--keep DIR]`. With `--keep` the filled store is put into DIR, and the next run begins with it.
//!
//! Sections: `intake-embedded`, `reads`, `centre`, `intake-postgres`, `likeness`, `gdpr`, `gate`, `ledger`; without
//! one, all of them. The server is a process of its own, so that its memory and its processor time are its own;
//! the load comes from this process on the same cores, and fsync is on. Ratios of one run are worth
//! more than figures of two.

#![expect(clippy::print_stdout, reason = "figures are what a benchmark is for")]

#[path = "house/centre.rs"]
mod centre;
#[path = "house/gdpr.rs"]
mod gdpr;
#[path = "house/gdpr_house.rs"]
mod gdpr_house;
#[path = "house/gdpr_mix.rs"]
mod gdpr_mix;
#[path = "house/gdpr_postgres.rs"]
mod gdpr_postgres;
#[expect(dead_code, reason = "made for the linkage room's tests, which look at the truth too")]
#[path = "../../linkage/tests/support/generator.rs"]
mod generator;
#[path = "house/inside.rs"]
mod inside;
#[path = "house/intake.rs"]
mod intake;
#[path = "house/likeness.rs"]
mod likeness;
#[path = "house/reads.rs"]
mod reads;
#[path = "house/server.rs"]
mod server;
#[path = "house/traffic.rs"]
mod traffic;

use anyhow::{Result, bail};
use app::chance::monotonic;
use std::fs;
use std::path::PathBuf;

/// The sections, in the order in which they run.
const SECTIONS: [&str; 8] =
    ["intake-embedded", "reads", "centre", "intake-postgres", "likeness", "gdpr", "gate", "ledger"];

/// What to measure.
struct Options {
    sections: Vec<String>,
    /// Records that exist before anything is measured.
    records: u64,
    /// How long each measurement takes, in seconds.
    seconds: u64,
    /// Connections at once, where throughput is measured.
    connections: usize,
    /// Where the filled store is kept for the next run.
    keep: Option<PathBuf>,
}

/// What was promised and what was measured.
struct Line {
    what: String,
    target: String,
    measured: String,
    /// Nothing when it is only for information.
    met: Option<bool>,
}

/// Where lines are collected.
#[derive(Default)]
struct Table(Vec<Line>);

impl Table {
    /// A figure that must be at least `least`.
    fn at_least(&mut self, what: &str, measured: f64, least: f64, unit: &str) {
        self.add(
            what,
            &format!("≥ {least} {unit}"),
            &shown(measured, unit),
            Some(measured >= least),
        );
    }

    /// A figure that must be at most `most`.
    fn at_most(&mut self, what: &str, measured: f64, most: f64, unit: &str) {
        self.add(what, &format!("≤ {most} {unit}"), &shown(measured, unit), Some(measured <= most));
    }

    /// A figure for information.
    fn figure(&mut self, what: &str, measured: f64, unit: &str) {
        self.add(what, "", &shown(measured, unit), None);
    }

    fn add(&mut self, what: &str, target: &str, measured: &str, met: Option<bool>) {
        let (what, target, measured) = (what.to_owned(), target.to_owned(), measured.to_owned());
        let line = Line { what, target, measured, met };
        println!("  {}", line.text());
        self.0.push(line);
    }
}

impl Line {
    fn text(&self) -> String {
        let Self { what, target, measured, met } = self;
        let verdict = match met {
            Some(true) => "pass",
            Some(false) => "MISS",
            None => "",
        };
        format!("{what:<58} {target:>18} {measured:>18}  {verdict}")
    }
}

fn shown(number: f64, unit: &str) -> String {
    if number >= 1_000.0 { format!("{number:.0} {unit}") } else { format!("{number:.2} {unit}") }
}

fn main() -> Result<()> {
    let options = options()?;
    machine();
    let clock = monotonic();
    let mut table = Table::default();
    let wanted = |name: &str| options.sections.iter().any(|section| section == name);
    if wanted("intake-embedded") || wanted("reads") || wanted("centre") {
        let (measured, read) = (wanted("intake-embedded"), wanted("reads"));
        let server = intake::embedded(&options, measured, &clock, &mut table)?;
        if read {
            reads::reads(&options, &server, &clock, &mut table)?;
        }
        if wanted("centre") {
            centre::centre(&options, &server, &clock, &mut table)?;
        }
    }
    if wanted("intake-postgres") {
        intake::postgres(&options, &clock, &mut table)?;
    }
    if wanted("likeness") {
        likeness::likeness(&options, &clock, &mut table)?;
    }
    if wanted("gdpr") {
        gdpr::gdpr(&options, &clock, &mut table)?;
    }
    if wanted("gate") {
        inside::gate(&clock, &mut table)?;
    }
    if wanted("ledger") {
        inside::ledger(&clock, &mut table)?;
    }
    println!("\n{:<58} {:>18} {:>18}", "what", "target", "measured");
    table.0.iter().for_each(|line| println!("{}", line.text()));
    Ok(())
}

fn options() -> Result<Options> {
    let mut options = Options {
        sections: Vec::new(),
        records: 1_000_000,
        seconds: 15,
        connections: 16,
        keep: None,
    };
    let mut words = std::env::args().skip(1).filter(|word| word != "--bench");
    while let Some(word) = words.next() {
        if word == "--keep" {
            options.keep = words.next().map(PathBuf::from);
            continue;
        }
        let mut number = || words.next().unwrap_or_default().parse::<u64>();
        match word.as_str() {
            "--records" => options.records = number()?.max(10_000),
            "--seconds" => options.seconds = number()?.max(1),
            "--connections" => options.connections = usize::try_from(number()?)?.max(1),
            known if SECTIONS.contains(&known) => options.sections.push(word),
            unknown => bail!("{unknown} is no section: there are {}", SECTIONS.join(", ")),
        }
    }
    if options.sections.is_empty() {
        options.sections = SECTIONS.map(str::to_owned).to_vec();
    }
    Ok(options)
}

fn machine() {
    let cores = std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
    let line = |file: &str, name: &str| {
        let text = fs::read_to_string(file).unwrap_or_default();
        let found = text.lines().find_map(|line| line.strip_prefix(name).map(str::to_owned));
        found.unwrap_or_default().trim_start_matches([':', '\t', ' ']).to_owned()
    };
    let processor = line("/proc/cpuinfo", "model name");
    let memory = line("/proc/meminfo", "MemTotal");
    let load = fs::read_to_string("/proc/loadavg").unwrap_or_default();
    let load = load.split(' ').next().unwrap_or_default();
    println!("{cores} cores, {processor}, {memory}; load generator on the same cores, fsync on");
    println!("load of the machine before: {load}; figures count when it is near 0\n");
}
