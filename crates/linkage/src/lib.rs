//! The record-linkage engine: what a value is, which records may be one customer, and which are.
//!
//! It is pure: no I/O, no clock, no chance, no personal data kept. It can be used alone. It never
//! reads a contract: whether records may be linked at all is decided before they come here.

pub mod block;
pub mod cluster;
pub mod compare;
pub mod engine;
pub mod evaluate;
pub mod model;
pub mod perfect;
pub mod record;

pub(crate) fn tick(what: &str) {
    let stat = std::fs::read_to_string("/proc/self/stat").unwrap_or_default();
    let after = stat.rsplit(')').next().unwrap_or_default();
    let ticks: f64 = after.split_whitespace().skip(11).take(2).filter_map(|word| word.parse::<f64>().ok()).sum();
    eprintln!("{what}: {}", ticks / 100.0);
}
