//! Which rows the last batches wrote, so that a check of a row that nobody wrote since it was read
//! costs no second read.
//!
//! Keys are kept as 64-bit hashes. Two rows of one hash make us look where we need not have; they
//! never make us trust where we should have looked.

use crate::engine::Place;
use crate::{RawBatch, Ticket};
use std::collections::{HashMap, VecDeque};
use std::hash::{BuildHasher, BuildHasherDefault, DefaultHasher};

/// Writes remembered; about 32 bytes each.
const WRITES_MAX: usize = 1 << 16;

/// The writes of the last batches.
#[derive(Debug, Default)]
pub(super) struct Recent {
    /// The last batch that wrote a row of this hash.
    last: HashMap<u64, Ticket>,
    /// The batches remembered, oldest first, with the hashes they wrote.
    batches: VecDeque<(Ticket, Vec<u64>)>,
    /// Hashes in `batches`.
    writes: usize,
    /// Every batch after this one is remembered.
    floor: Ticket,
    hasher: BuildHasherDefault<DefaultHasher>,
}

impl Recent {
    /// Whether it is certain that no batch after `at` wrote the row.
    pub(super) fn unwritten_since(&self, at: Ticket, place: &Place<'_>) -> bool {
        at >= self.floor && self.last.get(&self.hash(place)).is_none_or(|by| *by <= at)
    }

    /// Remembers what batch `by` wrote.
    pub(super) fn note(&mut self, by: Ticket, batch: &RawBatch) {
        let hashes: Vec<u64> = batch.rows().map(|(place, _)| self.hash(&place)).collect();
        self.writes += hashes.len();
        self.last.extend(hashes.iter().map(|hash| (*hash, by)));
        self.batches.push_back((by, hashes));
        while self.writes > WRITES_MAX {
            let Some((by, hashes)) = self.batches.pop_front() else { break };
            self.writes -= hashes.len();
            self.floor = by;
            for hash in hashes {
                if self.last.get(&hash) == Some(&by) {
                    self.last.remove(&hash);
                }
            }
        }
    }

    fn hash(&self, place: &Place<'_>) -> u64 {
        let (table, partition, sort) = place;
        self.hasher.hash_one((&**table, partition, sort))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::RawKey;
    use std::borrow::Cow;

    fn batch(keys: impl Iterator<Item = usize>) -> RawBatch {
        let key = |n: usize| RawKey {
            table: "t.rows",
            partition: n.to_be_bytes().to_vec(),
            sort: Vec::new(),
        };
        RawBatch { writes: keys.map(|n| (key(n), None)).collect(), ..RawBatch::default() }
    }

    fn unwritten(recent: &Recent, at: u64, key: usize) -> bool {
        let place: Place<'_> = (Cow::Borrowed("t.rows"), &key.to_be_bytes(), &[]);
        recent.unwritten_since(Ticket(at), &place)
    }

    #[test]
    fn it_knows_what_was_written_since() {
        let mut recent = Recent::default();
        assert!(unwritten(&recent, 0, 7), "nothing was written at all");
        recent.note(Ticket(1), &batch([7, 8].into_iter()));
        recent.note(Ticket(2), &batch([8].into_iter()));
        assert!(!unwritten(&recent, 0, 7) && unwritten(&recent, 1, 7));
        assert!(!unwritten(&recent, 1, 8) && unwritten(&recent, 2, 8));
    }

    #[test]
    fn it_forgets_and_then_trusts_nothing_older() {
        let mut recent = Recent::default();
        recent.note(Ticket(1), &batch(std::iter::once(7)));
        recent.note(Ticket(2), &batch(std::iter::once(7)));
        recent.note(Ticket(3), &batch(1_000..1_000 + WRITES_MAX));
        assert!(recent.writes <= WRITES_MAX && recent.last.len() <= WRITES_MAX);
        assert!(!unwritten(&recent, 1, 9), "batches after 1 are forgotten");
        assert!(unwritten(&recent, 2, 9) && unwritten(&recent, 3, 7));
        // A batch greater than the memory is forgotten at once.
        recent.note(Ticket(4), &batch(0..=WRITES_MAX));
        assert!(!unwritten(&recent, 3, 7) && unwritten(&recent, 4, 7));
        assert_eq!((recent.writes, recent.last.len()), (0, 0));
    }
}
