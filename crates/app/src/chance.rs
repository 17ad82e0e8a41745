//! Time and chance as the operating system gives them: the only place that asks it.

use model::{Clock, Rng, Timestamp};
use rand::Rng as _;
use std::time::{Instant, SystemTime, UNIX_EPOCH};

/// The system's clock.
#[derive(Clone, Copy, Debug, Default)]
pub struct SystemClock;

impl Clock for SystemClock {
    #[expect(clippy::disallowed_methods, reason = "the one clock that all rooms are given")]
    fn now(&self) -> Timestamp {
        let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        Timestamp(i64::try_from(since.as_millis()).unwrap_or(i64::MAX))
    }
}

/// The system's randomness, stretched by a cryptographic generator of each thread.
#[derive(Clone, Copy, Debug, Default)]
pub struct SystemRng;

impl Rng for SystemRng {
    fn fill(&self, bytes: &mut [u8]) {
        rand::rng().fill_bytes(bytes);
    }
}

/// Milliseconds of a clock that never goes back, from an arbitrary start.
#[expect(clippy::disallowed_methods, reason = "the one stopwatch that all rooms are given")]
pub fn monotonic() -> impl Fn() -> f64 + Send + Sync {
    let start = Instant::now();
    move || start.elapsed().as_secs_f64() * 1e3
}
