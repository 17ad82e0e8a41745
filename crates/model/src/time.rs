//! Time and chance, which are always arguments.

use serde::{Deserialize, Serialize};

/// Milliseconds since the Unix epoch, UTC. Negative before 1970.
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize,
)]
pub struct Timestamp(pub i64);

impl Timestamp {
    /// The earliest instant that exists.
    pub const MIN: Self = Self(i64::MIN);

    /// This instant moved by `ms` milliseconds; stops at the ends of time.
    #[must_use]
    pub const fn plus_ms(self, ms: i64) -> Self {
        Self(self.0.saturating_add(ms))
    }

    /// Milliseconds from `earlier` to this instant; stops at the ends of time.
    pub const fn ms_since(self, earlier: Self) -> i64 {
        self.0.saturating_sub(earlier.0)
    }

    /// Big-endian bytes that sort as the instants do.
    pub const fn to_sortable(self) -> [u8; 8] {
        (self.0.cast_unsigned() ^ (1 << 63)).to_be_bytes()
    }

    /// The inverse of [`Self::to_sortable`].
    pub const fn from_sortable(bytes: [u8; 8]) -> Self {
        Self((u64::from_be_bytes(bytes) ^ (1 << 63)).cast_signed())
    }
}

/// Where time comes from. Production and simulation differ only here.
pub trait Clock: Send + Sync {
    /// The current instant.
    fn now(&self) -> Timestamp;
}

/// Where chance comes from. Production draws from the operating system; tests from a seed.
pub trait Rng: Send + Sync {
    /// Fills `bytes` with random ones, fit for keys in production.
    fn fill(&self, bytes: &mut [u8]);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sortable_bytes_sort_as_the_instants_do() {
        let instants = [i64::MIN, -1, 0, 1, 1_700_000_000_000, i64::MAX].map(Timestamp);
        let bytes = instants.map(Timestamp::to_sortable);
        assert!(bytes.is_sorted());
        assert_eq!(bytes.map(Timestamp::from_sortable), instants);
    }
}
