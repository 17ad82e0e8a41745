//! What goes through the pipeline, and what comes back.

use crate::quarantine::Held;
use model::{Blind, SourceId};
use people::Facts;
use std::fmt;
use std::sync::Arc;

/// One event, prepared: perfected, blinded, ready to be decided on.
#[derive(Debug)]
pub enum Prepared {
    /// To be stored, unless it was seen before.
    Event {
        /// Its source.
        source: SourceId,
        /// The pseudonym of its message id within the source.
        message: Blind,
        /// What it says.
        facts: Box<Facts>,
    },
    /// To be kept in quarantine.
    Bad(Box<Held>),
}

/// What became of one event.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// Stored, resolved, visible.
    Accepted,
    /// Seen before; nothing changed.
    Duplicate,
    /// Its consent was recorded; the rest may not be collected.
    Declined,
    /// Its customer was erased, and has not come back by themselves: nothing was kept.
    Suppressed,
    /// In quarantine, under this id, for this reason.
    Quarantined {
        /// Which item.
        item: model::RecordId,
        /// Why.
        code: &'static str,
    },
}

/// What a request is answered with: a verdict for each event, or why nothing was stored.
pub type Reply = Result<Vec<Verdict>, String>;

/// How a reply reaches whoever waits.
pub type Waiting = Box<dyn FnOnce(Reply) + Send>;

/// The events of one request.
pub struct Job {
    /// The source's slug, for the ledger.
    pub source: Arc<str>,
    /// The events, in the order they came.
    pub events: Vec<Prepared>,
    waiting: Waiting,
}

impl Job {
    /// A job; `waiting` is called once, when its events are durable or have failed.
    pub fn new(source: Arc<str>, events: Vec<Prepared>, waiting: Waiting) -> Self {
        Self { source, events, waiting }
    }

    /// How much of the queue it takes: an empty request takes a place too.
    pub(crate) fn weight(&self) -> usize {
        self.events.len().max(1)
    }

    pub(crate) fn answer(self, reply: Reply) {
        (self.waiting)(reply);
    }
}

impl fmt::Debug for Job {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Job").field("events", &self.events.len()).finish_non_exhaustive()
    }
}

/// The queue is full.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Overloaded {
    /// Events waiting already.
    pub waiting: usize,
}
