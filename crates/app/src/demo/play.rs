//! The brand's year, played through the intake.

use super::answers::Taken;
use super::brand;
use super::world::World;
use crate::chance::SystemClock;
use crate::command::Bars;
use crate::load::{Plan, Response, Tally, flat_out};
use anyhow::{Result, bail};
use model::Clock;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, PoisonError};

/// Events in a request.
pub(super) const BATCH_EVENTS: usize = 50;

/// Connections at once. More wait longer and bring no more on two cores.
pub(super) const CONNECTIONS: usize = 8;

/// What became of the events.
#[derive(Debug)]
pub(super) struct Played {
    pub(super) sent: u64,
    pub(super) accepted: u64,
    pub(super) duplicate: u64,
    pub(super) declined: u64,
    pub(super) quarantined: u64,
    /// One wait for each request.
    pub(super) tally: Tally,
}

#[derive(Default)]
struct Verdicts {
    sent: AtomicU64,
    duplicate: AtomicU64,
    declined: AtomicU64,
    quarantined: AtomicU64,
}

/// Sends every event of the world.
///
/// # Errors
///
/// When the server does not answer, or answers a request with an error.
pub(super) fn play(world: &World, plan: Plan<'_>, bars: Bars) -> Result<Played> {
    let total = u64::try_from(world.spec().events).unwrap_or(u64::MAX);
    let bar = bars.of("web, app, tills, loyalty", total, "events");
    let batches = Mutex::new(world.batches(BATCH_EVENTS));
    let verdicts = Verdicts::default();
    let next = || {
        let batch = batches.lock().unwrap_or_else(PoisonError::into_inner).next()?;
        let request = brand::replayed(&batch, SystemClock.now());
        Some((request, u64::try_from(batch.events).unwrap_or_default()))
    };
    let heard = |events: u64, answer: &Response| {
        verdicts.count(events, answer);
        bar.inc(events);
    };
    let tally = flat_out(plan, &next, &heard)?;
    bar.finish_and_clear();
    if let Some(failure) = &tally.first_failure {
        bail!("{} requests failed; the first: {failure}", tally.failed);
    }
    Ok(verdicts.played(tally))
}

impl Verdicts {
    fn count(&self, events: u64, answer: &Response) {
        self.sent.fetch_add(events, Ordering::Relaxed);
        let Ok(taken) = serde_json::from_slice::<Taken>(&answer.body) else { return };
        for verdict in taken.events {
            let counter = match verdict.status.as_str() {
                "duplicate" => &self.duplicate,
                "declined" => &self.declined,
                _quarantined => &self.quarantined,
            };
            counter.fetch_add(1, Ordering::Relaxed);
        }
    }

    fn played(self, tally: Tally) -> Played {
        let Self { sent, duplicate, declined, quarantined } = self;
        let (sent, duplicate) = (sent.into_inner(), duplicate.into_inner());
        let (declined, quarantined) = (declined.into_inner(), quarantined.into_inner());
        let accepted = sent.saturating_sub(duplicate + declined + quarantined);
        Played { sent, accepted, duplicate, declined, quarantined, tally }
    }
}
