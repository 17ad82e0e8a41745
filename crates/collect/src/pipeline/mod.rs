//! From prepared events to durable, resolved, visible ones: the micro-batch pipeline.
//!
//! One thread decides: it takes what is waiting, drops what it has seen before, and commits the
//! rest as one atomic batch. A second thread waits for the disk and answers, so that while one
//! batch is being flushed the next is already decided. Acknowledged means durable, resolved and
//! visible.

mod job;
mod work;

pub use job::{Job, Overloaded, Prepared, Reply, Verdict, Waiting};

use crate::seen::Seen;
use people::{People, PeopleError, Taken};
use std::collections::VecDeque;
use std::fmt;
use std::sync::atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering};
use std::sync::mpsc;
use std::sync::{Arc, Condvar, Mutex, PoisonError};
use std::thread::JoinHandle;

/// Named limits of the pipeline.
pub mod limits {
    /// Events that may wait; a request that would exceed it is answered with 429.
    pub const QUEUE_EVENTS_MAX: usize = 16_384;
    /// Events decided together.
    pub const BATCH_EVENTS_MAX: usize = 1_024;
    /// Batches that may wait for the disk.
    pub const FLUSHING_MAX: usize = 4;
    /// How often a batch is decided again when the store moves under it.
    pub const ATTEMPTS_MAX: usize = 16;
}

/// What the pipeline has done since it started; for metrics.
#[derive(Debug, Default)]
pub struct Counters {
    /// Events stored.
    pub accepted: AtomicU64,
    /// Events seen before.
    pub duplicate: AtomicU64,
    /// Events the contract does not let us collect.
    pub declined: AtomicU64,
    /// Events of customers who were erased.
    pub suppressed: AtomicU64,
    /// Events in quarantine.
    pub quarantined: AtomicU64,
    /// Requests turned away because the queue was full.
    pub overloaded: AtomicU64,
    /// Batches committed.
    pub commits: AtomicU64,
    /// Records nobody had heard of before.
    pub records_new: AtomicU64,
    /// Batches that could not be committed.
    pub failures: AtomicU64,
}

/// The queue and the two threads behind it.
pub struct Pipeline {
    shared: Arc<Shared>,
    threads: Mutex<Vec<JoinHandle<()>>>,
}

struct Shared {
    queue: Mutex<VecDeque<Job>>,
    ready: Condvar,
    waiting: AtomicUsize,
    stopping: AtomicBool,
    counters: Counters,
    people: Arc<People>,
    seen: Seen,
}

/// A batch on its way to the disk.
struct Flushing {
    taken: Taken,
    replies: Vec<(Job, Vec<Verdict>)>,
}

impl Pipeline {
    /// Starts the threads. `window_ms` is how long a message id is remembered.
    ///
    /// # Errors
    ///
    /// When the operating system gives no threads.
    pub fn start(people: Arc<People>, window_ms: i64) -> std::io::Result<Self> {
        let shared = Arc::new(Shared {
            queue: Mutex::default(),
            ready: Condvar::new(),
            waiting: AtomicUsize::new(0),
            stopping: AtomicBool::new(false),
            counters: Counters::default(),
            people,
            seen: Seen::new(window_ms),
        });
        let (to_disk, flushing) = mpsc::sync_channel::<Flushing>(limits::FLUSHING_MAX);
        let deciding = Arc::clone(&shared);
        let decider = std::thread::Builder::new()
            .name("intake-decide".to_owned())
            .spawn(move || deciding.decide_all(&to_disk))?;
        let flusher_shared = Arc::clone(&shared);
        let flusher = std::thread::Builder::new()
            .name("intake-flush".to_owned())
            .spawn(move || flusher_shared.flush_all(&flushing))?;
        Ok(Self { shared, threads: Mutex::new(vec![decider, flusher]) })
    }

    /// Puts a request's events into the queue. The reply comes when all of them are durable.
    ///
    /// # Errors
    ///
    /// [`Overloaded`] when the queue is full or the pipeline is stopping.
    pub fn submit(&self, job: Job) -> Result<(), Overloaded> {
        let events = job.weight();
        let shared = &self.shared;
        let before = shared.waiting.fetch_add(events, Ordering::AcqRel);
        let full = before > 0 && before + events > limits::QUEUE_EVENTS_MAX;
        if full || shared.stopping.load(Ordering::Acquire) {
            shared.waiting.fetch_sub(events, Ordering::AcqRel);
            shared.counters.overloaded.fetch_add(1, Ordering::Relaxed);
            return Err(Overloaded { waiting: before });
        }
        shared.queue.lock().unwrap_or_else(PoisonError::into_inner).push_back(job);
        shared.ready.notify_one();
        Ok(())
    }

    /// What the pipeline has done since it started.
    pub fn counters(&self) -> &Counters {
        &self.shared.counters
    }

    /// Events waiting now.
    pub fn waiting(&self) -> usize {
        self.shared.waiting.load(Ordering::Acquire)
    }

    /// Which messages were seen.
    pub(crate) fn seen(&self) -> Seen {
        self.shared.seen
    }

    /// Whether events would be taken: both threads run, and neither was told to stop.
    pub fn is_taking(&self) -> bool {
        let threads = self.threads.lock().unwrap_or_else(PoisonError::into_inner);
        let running = !threads.is_empty() && threads.iter().all(|thread| !thread.is_finished());
        running && !self.shared.stopping.load(Ordering::Acquire)
    }

    /// Stops taking events, finishes those that wait, and returns when the last is durable.
    pub fn stop(&self) {
        self.shared.stopping.store(true, Ordering::Release);
        self.shared.ready.notify_all();
        let threads =
            std::mem::take(&mut *self.threads.lock().unwrap_or_else(PoisonError::into_inner));
        for thread in threads {
            // A thread that panicked has nothing left to finish; its jobs were never answered, so
            // their senders send again.
            drop(thread.join());
        }
    }
}

impl Drop for Pipeline {
    fn drop(&mut self) {
        self.stop();
    }
}

impl Shared {
    fn decide_all(&self, to_disk: &mpsc::SyncSender<Flushing>) {
        while let Some(jobs) = self.take_jobs() {
            let events = jobs.iter().map(Job::weight).sum();
            match self.commit(jobs) {
                Ok(Some(flushing)) => {
                    if let Err(mpsc::SendError(lost)) = to_disk.send(flushing) {
                        fail_all(lost.replies.into_iter().map(|(job, _)| job), "is stopping");
                    }
                }
                Ok(None) => {}
                Err((jobs, error)) => {
                    self.counters.failures.fetch_add(1, Ordering::Relaxed);
                    fail_all(jobs.into_iter(), &error.to_string());
                }
            }
            self.waiting.fetch_sub(events, Ordering::AcqRel);
        }
    }

    /// What waits now, up to a batch; blocks while nothing does. Nothing once stopped and empty.
    fn take_jobs(&self) -> Option<Vec<Job>> {
        let mut queue = self.queue.lock().unwrap_or_else(PoisonError::into_inner);
        while queue.is_empty() {
            if self.stopping.load(Ordering::Acquire) {
                return None;
            }
            queue = self.ready.wait(queue).unwrap_or_else(PoisonError::into_inner);
        }
        let (mut jobs, mut events) = (Vec::new(), 0);
        while let Some(job) = queue.front() {
            if !jobs.is_empty() && events + job.weight() > limits::BATCH_EVENTS_MAX {
                break;
            }
            events += job.weight();
            jobs.extend(queue.pop_front());
        }
        Some(jobs)
    }

    fn flush_all(&self, flushing: &mpsc::Receiver<Flushing>) {
        while let Ok(first) = flushing.recv() {
            let mut group = vec![first];
            group.extend(flushing.try_iter());
            // Tickets are ordered: what makes the last durable makes all of them durable.
            let synced = group.last().map(|last| self.people.sync(&last.taken.appended));
            let replies = group.into_iter().flat_map(|flushing| flushing.replies);
            match synced {
                Some(Err(error)) => {
                    self.counters.failures.fetch_add(1, Ordering::Relaxed);
                    fail_all(replies.map(|(job, _)| job), &error.to_string());
                }
                Some(Ok(())) | None => {
                    for (job, verdicts) in replies {
                        job.answer(Ok(verdicts));
                    }
                }
            }
        }
    }

    /// Commits a batch, deciding again while the store moves under it.
    fn commit(&self, jobs: Vec<Job>) -> Result<Option<Flushing>, (Vec<Job>, PeopleError)> {
        let mut attempt = 0;
        loop {
            match self.try_commit(&jobs) {
                Ok((taken, verdicts)) => {
                    self.counters.commits.fetch_add(1, Ordering::Relaxed);
                    let new = taken.records_new as u64;
                    self.counters.records_new.fetch_add(new, Ordering::Relaxed);
                    let replies = jobs.into_iter().zip(verdicts).collect();
                    return Ok(Some(Flushing { taken, replies }));
                }
                Err(error) if error.is_conflict() && attempt < limits::ATTEMPTS_MAX => attempt += 1,
                Err(error) => return Err((jobs, error)),
            }
        }
    }
}

fn fail_all(jobs: impl Iterator<Item = Job>, why: &str) {
    for job in jobs {
        job.answer(Err(why.to_owned()));
    }
}

impl fmt::Debug for Pipeline {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Pipeline").field("waiting", &self.waiting()).finish_non_exhaustive()
    }
}
