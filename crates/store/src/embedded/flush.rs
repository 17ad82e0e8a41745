//! Sharing one flush among all who wait for the disk, and refusing for good once it fails.

use crate::StoreError;
use parking_lot::{Condvar, Mutex};

/// Who waits for what. A disk that failed to flush may have dropped what it was given while
/// reporting success next time, so after one failure nothing is promised any more.
#[derive(Debug, Default)]
pub(super) struct Flush {
    state: Mutex<State>,
    done: Condvar,
}

#[derive(Debug, Default)]
struct State {
    synced: u64,
    flushing: bool,
    failure: Option<Failure>,
}

#[derive(Clone, Debug)]
enum Failure {
    Full(String),
    Corrupt(String),
    Other(String),
}

impl Failure {
    fn error(&self) -> StoreError {
        match self {
            Self::Full(place) => StoreError::Full(place.clone()),
            Self::Corrupt(what) => StoreError::Corrupt(what.clone()),
            Self::Other(why) => {
                StoreError::Unavailable(format!("{why}; mend it and open the store again"))
            }
        }
    }
}

impl State {
    fn usable(&self) -> Result<(), StoreError> {
        self.failure.as_ref().map_or(Ok(()), |failure| Err(failure.error()))
    }

    fn fail(&mut self, error: StoreError) -> StoreError {
        let failure = match error {
            StoreError::Full(place) => Failure::Full(place),
            StoreError::Corrupt(what) => Failure::Corrupt(what),
            StoreError::Unavailable(why) => Failure::Other(why),
            StoreError::Conflict
            | StoreError::TooLarge { .. }
            | StoreError::NewerFormat { .. }
            | StoreError::InUse(_) => Failure::Other(error.to_string()),
        };
        self.failure.get_or_insert(failure).error()
    }
}

impl Flush {
    /// Whether nothing has failed yet.
    pub(super) fn usable(&self) -> Result<(), StoreError> {
        self.state.lock().usable()
    }

    /// Refuses everything from now on, because of `error`.
    pub(super) fn fail(&self, error: StoreError) -> StoreError {
        let error = self.state.lock().fail(error);
        self.done.notify_all();
        error
    }

    /// Returns once batch `by` is on disk. `flush` says up to which batch it flushed; one caller
    /// runs it for all who wait.
    pub(super) fn wait(
        &self,
        by: u64,
        flush: impl FnOnce() -> Result<u64, StoreError>,
    ) -> Result<(), StoreError> {
        let mut state = self.state.lock();
        loop {
            state.usable()?;
            if state.synced >= by {
                return Ok(());
            }
            if !state.flushing {
                break;
            }
            self.done.wait(&mut state);
        }
        state.flushing = true;
        drop(state);
        let flushed = flush();
        let mut state = self.state.lock();
        state.flushing = false;
        self.done.notify_all();
        state.synced = flushed.map_err(|error| state.fail(error))?.max(state.synced);
        state.usable()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_failed_flush_is_the_last() {
        let flush = Flush::default();
        assert!(flush.wait(1, || Ok(3)).is_ok());
        assert!(flush.wait(3, || panic!("flushed already")).is_ok());
        assert!(flush.wait(4, || Err(StoreError::Full("here".to_owned()))).is_err());
        for by in [1, 4, 5] {
            let again = flush.wait(by, || panic!("refused before flushing"));
            assert!(matches!(again, Err(StoreError::Full(_))), "{by}");
        }
        assert!(matches!(flush.usable(), Err(StoreError::Full(_))));
    }

    #[test]
    fn all_who_wait_share_flushes() {
        let flush = Flush::default();
        let count = std::sync::atomic::AtomicU64::new(0);
        let slow = || {
            count.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
            std::thread::sleep(std::time::Duration::from_millis(20));
            Ok(64)
        };
        std::thread::scope(|scope| {
            let waiting: Vec<_> = (1..=64)
                .map(|by| {
                    scope.spawn({
                        let (flush, slow) = (&flush, &slow);
                        move || flush.wait(by, slow)
                    })
                })
                .collect();
            assert!(waiting.into_iter().all(|one| one.join().unwrap().is_ok()));
        });
        assert_eq!(count.into_inner(), 1);
    }
}
