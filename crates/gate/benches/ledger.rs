//! Append rates of the ledger on the memory store, and the time to verify a million entries.
//!
//! `cargo bench -p gate --bench ledger [entries]`

#![expect(clippy::print_stdout, reason = "figures are what a benchmark is for")]
#![expect(clippy::disallowed_methods, reason = "a benchmark reads the clock")]
#![expect(clippy::unwrap_used, reason = "a benchmark that fails should stop")]

use gate::log::{Ledger, Signer, export, verify_dir};
use model::Timestamp;
use std::time::{Duration, Instant};
use store::{Batch, Store};

/// Bytes of an entry: a use leaf is about this long.
const ENTRY_BYTES: usize = 120;

fn main() {
    let entries = std::env::args().find_map(|argument| argument.parse().ok()).unwrap_or(1_000_000);
    for (commits, per_commit) in [(20_000, 1), (4_000, 64), (1_000, 512)] {
        appends(commits, per_commit);
    }
    whole_life(entries);
}

fn ledger(store: &Store) -> Ledger {
    let signer = Signer::from_seed("bench.example/ledger", &[7; 32]).unwrap();
    Ledger::open(store.clone(), signer, None).unwrap()
}

fn leaves(from: u64, count: u64) -> Vec<Vec<u8>> {
    (from..from + count)
        .map(|n| {
            let mut leaf = vec![0x5a; ENTRY_BYTES];
            leaf.splice(..8, n.to_be_bytes());
            leaf
        })
        .collect()
}

fn append(ledger: &Ledger, leaves: Vec<Vec<u8>>) {
    let appended = ledger.append(leaves, Batch::default(), Timestamp(0)).unwrap();
    ledger.sync(&appended).unwrap();
}

fn appends(commits: u64, per_commit: u64) {
    let ledger = ledger(&Store::memory());
    let mut spent = Duration::ZERO;
    for commit in 0..commits {
        let leaves = leaves(commit * per_commit, per_commit);
        let start = Instant::now();
        append(&ledger, leaves);
        spent += start.elapsed();
    }
    let total = u32::try_from(commits * per_commit).unwrap();
    let commits = u32::try_from(commits).unwrap();
    let rate = f64::from(total) / spent.as_secs_f64();
    println!(
        "append {per_commit:>4} entries a commit: {:>8.1} us a commit, {rate:>9.0} entries/s",
        spent.as_secs_f64() * 1e6 / f64::from(commits)
    );
}

fn timed<T>(what: &str, work: impl FnOnce() -> T) -> T {
    let start = Instant::now();
    let done = work();
    println!("{what}: {:.2} s", start.elapsed().as_secs_f64());
    done
}

fn whole_life(entries: u64) {
    let store = Store::memory();
    let log = ledger(&store);
    timed(&format!("append {entries} entries, 512 a commit"), || {
        for first in (0..entries).step_by(512) {
            append(&log, leaves(first, 512.min(entries - first)));
        }
    });
    timed("open, hashing every entry", || ledger(&store));
    timed("inclusion proofs, 1000 of them", || {
        (0..1000).for_each(|n| drop(log.inclusion_proof(n * entries / 1000).unwrap()));
    });
    let directory = tempfile::tempdir().unwrap();
    timed("export", || export(&log, directory.path(), &mut |_, _| {}).unwrap());
    let verified = timed("verify the export", || {
        verify_dir(directory.path(), log.verifier(), None, &|_, _| {}).unwrap()
    });
    assert_eq!(verified.size, entries);
}
