//! Sorting entries by key. Keys are hashes, so their first bits divide them evenly: one pass spreads
//! them over buckets that fit a processor's cache, and each is sorted there.

/// A row under a key. The key stands in halves, so that an entry takes twelve bytes and not sixteen.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default)]
pub(super) struct Entry {
    high: u32,
    low: u32,
    pub(super) row: u32,
}

impl Entry {
    pub(super) fn new(key: u64, row: u32) -> Self {
        let half = |bits: u64| u32::try_from(bits & 0xFFFF_FFFF).unwrap_or(0);
        Self { high: half(key >> 32), low: half(key), row }
    }

    pub(super) fn key(self) -> u64 {
        u64::from(self.high) << 32 | u64::from(self.low)
    }
}

/// Entries of a bucket, about.
const BUCKET: usize = 128;
/// Buckets, at most: more than these do not fit the cache while they are filled.
const BUCKETS_BITS: u32 = 13;

/// All entries of some lists, by key and row.
pub(super) fn sort(lists: Vec<Vec<Entry>>) -> Vec<Entry> {
    let len: usize = lists.iter().map(Vec::len).sum();
    let bits = (len / BUCKET).max(1).ilog2().min(BUCKETS_BITS);
    if bits < 3 {
        let mut entries = lists.concat();
        entries.sort_unstable();
        return entries;
    }
    let bucket = |entry: &Entry| (entry.high >> (32 - bits)) as usize;
    let mut ends = vec![0_usize; (1 << bits) + 1];
    for entry in lists.iter().flatten() {
        if let Some(count) = ends.get_mut(bucket(entry) + 1) {
            *count += 1;
        }
    }
    let mut sum = 0;
    for end in &mut ends {
        sum += *end;
        *end = sum;
    }
    let mut spread = vec![Entry::default(); len];
    for entry in lists.into_iter().flatten() {
        let Some(end) = ends.get_mut(bucket(&entry)) else { continue };
        if let Some(place) = spread.get_mut(*end) {
            *place = entry;
        }
        *end += 1;
    }
    let mut start = 0;
    for end in ends {
        if let Some(bucket) = spread.get_mut(start..end) {
            bucket.sort_unstable();
        }
        start = end;
    }
    spread
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::record::mix;

    #[test]
    fn many_entries_are_sorted_as_few_are() {
        for count in [0, 1, 500, 50_000] {
            let all: Vec<Entry> =
                (0..count).map(|row| Entry::new(mix(7, u64::from(row / 3)), row)).collect();
            let mut plain = all.clone();
            plain.sort_unstable();
            assert!(
                sort(vec![all.clone()]) == plain && sort(vec![Vec::new(), all]) == plain,
                "{count}"
            );
        }
    }
}
