//! What the edge counts: requests by route and status, their durations, the gate's answers.

use crate::me::PAGES;
use crate::table::ROUTES;
use gate::Refusal;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};

/// Statuses that are counted by themselves; all others together.
pub(crate) const STATUSES: [u16; 17] =
    [200, 204, 304, 400, 401, 403, 404, 405, 408, 409, 413, 421, 422, 429, 500, 502, 503];

/// Upper bounds of the buckets of durations, milliseconds.
pub(crate) const BOUNDS_MS: [f64; 12] =
    [0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 25.0, 50.0, 100.0, 250.0, 1_000.0, 5_000.0];

/// How the gate answered, in words for metrics.
pub(crate) const OUTCOMES: [&str; 7] = [
    "permitted",
    "not_granted",
    "not_authorised",
    "unknown_person",
    "unknown_grant",
    "stale",
    "unavailable",
];

/// Counters of one route.
#[derive(Debug, Default)]
pub(crate) struct RouteCounts {
    pub(crate) by_status: [AtomicU64; STATUSES.len()],
    pub(crate) other: AtomicU64,
    pub(crate) by_duration: [AtomicU64; BOUNDS_MS.len()],
    pub(crate) slower: AtomicU64,
    pub(crate) total_us: AtomicU64,
}

/// All counters of the edge.
#[derive(Debug)]
pub(crate) struct Traffic {
    /// One for each row of the table of routes, one for what matches none, one for each page.
    pub(crate) routes: Vec<RouteCounts>,
    pub(crate) asks: [AtomicU64; OUTCOMES.len()],
}

impl Default for Traffic {
    fn default() -> Self {
        let rows = ROUTES.len() + 1 + PAGES.len();
        let routes = (0..rows).map(|_| RouteCounts::default()).collect();
        Self { routes, asks: Default::default() }
    }
}

impl Traffic {
    /// Counts a request by its route's place in the table.
    pub(crate) fn answered(&self, route: usize, status: u16, ms: f64) {
        let Some(counts) = self.routes.get(route) else { return };
        let by_status = STATUSES.iter().zip(&counts.by_status);
        let of_status = by_status.into_iter().find(|(known, _)| **known == status);
        of_status.map_or(&counts.other, |(_, count)| count).fetch_add(1, Relaxed);
        let mut buckets = BOUNDS_MS.iter().zip(&counts.by_duration);
        let bucket = buckets.find(|(bound, _)| ms <= **bound);
        bucket.map_or(&counts.slower, |(_, count)| count).fetch_add(1, Relaxed);
        counts.total_us.fetch_add(whole_us(ms), Relaxed);
    }

    /// Counts an answer of the gate.
    pub(crate) fn asked(&self, answer: Result<(), &Refusal>) {
        let word = match answer {
            Ok(()) => "permitted",
            Err(Refusal::NotGranted(_)) => "not_granted",
            Err(Refusal::NotAuthorised(_)) => "not_authorised",
            Err(Refusal::UnknownPerson) => "unknown_person",
            Err(Refusal::UnknownGrant(_)) => "unknown_grant",
            Err(Refusal::Stale) => "stale",
            Err(Refusal::LedgerUnavailable(_) | Refusal::StoreUnavailable(_)) => "unavailable",
        };
        let mut counts = OUTCOMES.iter().zip(&self.asks);
        if let Some((_, count)) = counts.find(|(known, _)| **known == word) {
            count.fetch_add(1, Relaxed);
        }
    }
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "a cast of a float saturates, and durations are not negative"
)]
fn whole_us(ms: f64) -> u64 {
    (ms * 1e3) as u64
}
