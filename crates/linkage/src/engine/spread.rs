//! Work on many things, shared among threads.

use super::Settings;
use std::ops::Range;
use std::sync::atomic::{AtomicUsize, Ordering};

/// Calls `work` with ranges of up to `at_once` of `len` things, on as many threads as the settings ask
/// for, this one among them. Results come in the order of ranges.
pub(super) fn spread<T: Send>(
    settings: &Settings,
    len: usize,
    at_once: usize,
    work: impl Fn(Range<usize>) -> T + Sync,
) -> Vec<T> {
    let at_once = at_once.max(1);
    let next = AtomicUsize::new(0);
    let take = || {
        let mut done = Vec::new();
        loop {
            let start = next.fetch_add(at_once, Ordering::Relaxed);
            if start >= len {
                return done;
            }
            done.push((start, work(start..(start + at_once).min(len))));
        }
    };
    let others = threads(settings).min(len.div_ceil(at_once)).saturating_sub(1);
    let mut all: Vec<(usize, T)> = std::thread::scope(|scope| {
        let handles: Vec<_> = (0..others).map(|_| scope.spawn(take)).collect();
        let mut all = take();
        all.extend(handles.into_iter().filter_map(|handle| handle.join().ok()).flatten());
        all
    });
    all.sort_unstable_by_key(|(start, _)| *start);
    all.into_iter().map(|(_, result)| result).collect()
}

/// How many threads the settings ask for.
pub(super) fn threads(settings: &Settings) -> usize {
    match settings.threads {
        0 => std::thread::available_parallelism().map_or(1, std::num::NonZero::get),
        given => given,
    }
}
