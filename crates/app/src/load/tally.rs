//! What a run of many requests came to.

/// Answers counted and timed.
#[derive(Clone, Debug, Default)]
pub struct Tally {
    /// Requests answered with success.
    pub answered: u64,
    /// Requests put off (429 or 503 with `Retry-After`) and sent again.
    pub put_off: u64,
    /// Requests answered with anything else.
    pub failed: u64,
    /// What the first of those was answered.
    pub first_failure: Option<String>,
    /// How long the run took, in milliseconds.
    pub took_ms: f64,
    /// How long each answer took, in milliseconds; ascending once the run is over.
    waits_ms: Vec<f32>,
}

impl Tally {
    /// Counts an answer that took `ms`.
    #[expect(clippy::cast_possible_truncation, reason = "seven digits are plenty for a duration")]
    pub(super) fn answered(&mut self, ms: f64) {
        self.answered += 1;
        self.waits_ms.push(ms as f32);
    }

    pub(super) fn failed(&mut self, why: impl FnOnce() -> String) {
        self.failed += 1;
        self.first_failure.get_or_insert_with(why);
    }

    /// Adds what another thread counted.
    pub(super) fn add(&mut self, other: Self) {
        self.answered += other.answered;
        self.put_off += other.put_off;
        self.failed += other.failed;
        self.first_failure = self.first_failure.take().or(other.first_failure);
        self.waits_ms.extend(other.waits_ms);
    }

    pub(super) fn finish(&mut self, took_ms: f64) {
        self.took_ms = took_ms;
        self.waits_ms.sort_unstable_by(f32::total_cmp);
    }

    /// The wait, in milliseconds, that `share` (0 to 1) of the answers did not exceed; 0 without
    /// answers.
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        clippy::cast_precision_loss,
        reason = "a rank between 0 and the number of answers"
    )]
    pub fn wait_ms(&self, share: f64) -> f64 {
        let rank = (self.waits_ms.len() as f64 * share).ceil() as usize;
        f64::from(self.waits_ms.get(rank.saturating_sub(1)).copied().unwrap_or_default())
    }

    /// Answers a second.
    #[expect(clippy::cast_precision_loss, reason = "far fewer answers than 2^53")]
    pub fn per_second(&self) -> f64 {
        if self.took_ms > 0.0 { self.answered as f64 * 1e3 / self.took_ms } else { 0.0 }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_percentile_is_a_wait_that_happened() {
        let mut tally = Tally::default();
        assert!(tally.wait_ms(0.5).abs() < f64::EPSILON);
        (1..=100).rev().for_each(|ms| tally.answered(f64::from(ms)));
        tally.finish(2_000.0);
        for (share, ms) in [(0.0, 1.0), (0.01, 1.0), (0.5, 50.0), (0.99, 99.0), (1.0, 100.0)] {
            assert!((tally.wait_ms(share) - ms).abs() < 1e-6, "{share}");
        }
        assert!((tally.per_second() - 50.0).abs() < 1e-9);
    }
}
