//! Feeds every reader of outside bytes with random and mutated input and reports what panics.
//!
//! `cargo run --example fuzz -- --seconds 60 [--seed N] [--target NAME]`: the seconds are for all
//! targets together. Each input is made from a seed of its own, so one line reproduces a panic.
#![expect(clippy::print_stdout, reason = "a tool for the terminal")]

mod input;
mod targets;

use input::Input;
use std::env;
use std::panic;
use std::process::ExitCode;
use std::sync::mpsc;
use std::thread;
use std::time::Duration;
use targets::{TARGETS, Target};

/// What the words say.
struct Words {
    seconds: u64,
    seed: u64,
    target: Option<String>,
    /// Run exactly one input.
    once: bool,
}

fn words() -> Result<Words, String> {
    let mut words = Words { seconds: 60, seed: 1, target: None, once: false };
    let mut given = env::args().skip(1);
    while let Some(word) = given.next() {
        let mut value = || given.next().ok_or(format!("{word} needs a value"));
        let number = |text: String| text.parse().map_err(|_| format!("{text} is no number"));
        match word.as_str() {
            "--seconds" => words.seconds = number(value()?)?,
            "--seed" => words.seed = number(value()?)?,
            "--target" => words.target = Some(value()?),
            "--once" => words.once = true,
            other => return Err(format!("unknown word {other}: see the head of this file")),
        }
    }
    Ok(words)
}

/// Runs one input; whether it went well.
fn runs(target: &Target, seed: u64) -> bool {
    let bytes = Input::new(seed).bytes(target.corpus);
    panic::catch_unwind(|| (target.run)(&bytes)).is_ok()
}

/// Runs a target until the bell rings; gives how often it ran, and the seeds that panicked.
fn fuzz(target: &Target, seed: u64, time: Duration) -> (u64, Vec<u64>) {
    let (bell, rung) = mpsc::channel::<()>();
    thread::spawn(move || {
        thread::sleep(time);
        drop(bell);
    });
    let (mut runs_done, mut panicked) = (0, Vec::new());
    while rung.try_recv() == Err(mpsc::TryRecvError::Empty) && panicked.len() < 5 {
        let seed = seed.wrapping_add(runs_done);
        runs_done += 1;
        if !runs(target, seed) {
            println!("  panic: fuzz --target {} --seed {seed} --once", target.name);
            panicked.push(seed);
        }
    }
    (runs_done, panicked)
}

fn main() -> ExitCode {
    let words = match words() {
        Ok(words) => words,
        Err(why) => {
            println!("{why}");
            return ExitCode::FAILURE;
        }
    };
    let chosen = |target: &&Target| words.target.as_ref().is_none_or(|name| name == target.name);
    let targets: Vec<_> = TARGETS.iter().filter(chosen).collect();
    let Some(share) = Duration::from_secs(words.seconds)
        .checked_div(u32::try_from(targets.len()).unwrap_or(u32::MAX))
    else {
        println!("no such target");
        return ExitCode::FAILURE;
    };
    if !words.once {
        // A reader may catch what a library panics with: only what comes out of it counts.
        panic::set_hook(Box::new(|_| {}));
    }
    let mut clean = true;
    for target in targets {
        if words.once {
            clean &= runs(target, words.seed);
            continue;
        }
        let (runs, panicked) = fuzz(target, words.seed, share);
        println!("{:<16} {runs:>10} runs  {} panics", target.name, panicked.len());
        clean &= panicked.is_empty();
    }
    if clean { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}
