//! How a customer wants to be written to: what they set themselves, beside yes and no.

use model::Timestamp;
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;

/// Topics that one customer can have left, at most.
pub const TOPICS_MAX: usize = 64;

/// Minutes of a day.
pub const DAY_MINUTES: u16 = 24 * 60;

/// What a customer set. Nothing set asks for nothing.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Wishes {
    /// Messages a week, at most, on all channels together.
    pub per_week: Option<u8>,
    /// When there is to be silence.
    pub quiet: Option<Quiet>,
    /// No marketing before then.
    pub paused_until: Option<Timestamp>,
    /// Topics they do not want to hear of.
    pub topics_left: BTreeSet<String>,
}

/// A time of the day, in the customer's own zone, from one minute of it on and before another; over
/// midnight where the first is the later one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Quiet {
    /// The first minute, below [`DAY_MINUTES`].
    pub from: u16,
    /// The first minute after it.
    pub until: u16,
}

impl Quiet {
    /// Whether a minute of the day is quiet.
    pub const fn holds(self, minute: u16) -> bool {
        if self.from <= self.until {
            self.from <= minute && minute < self.until
        } else {
            self.from <= minute || minute < self.until
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_quiet_time_may_go_over_midnight() {
        let night = Quiet { from: 21 * 60, until: 8 * 60 };
        let noon = Quiet { from: 12 * 60, until: 13 * 60 };
        let hours =
            |quiet: Quiet| (0..24).filter(|hour| quiet.holds(hour * 60)).collect::<Vec<u16>>();
        assert_eq!(hours(night), [0, 1, 2, 3, 4, 5, 6, 7, 21, 22, 23]);
        assert_eq!(hours(noon), [12]);
        assert!(!noon.holds(13 * 60) && noon.holds(13 * 60 - 1));
    }
}
