//! How often values are, by the hash of the value: no value can be read from the table.

use crate::record::{EMAILS_MAX, Map, NONE, PHONES_MAX, Pool, Row, TOKENS_MAX, Value, ValueId};

/// Counts of values that more than one record bears, and the records they were counted in.
#[derive(Clone, Default)]
pub struct Frequencies {
    /// The records that were counted.
    pub records: u64,
    /// Of them, those that have a value of each kind.
    present: [u64; KINDS],
    counts: Map<u64, u32>,
}

impl std::fmt::Debug for Frequencies {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Frequencies").field("records", &self.records).finish_non_exhaustive()
    }
}

/// Values of one row, at most.
const VALUES_MAX: usize = TOKENS_MAX + 2 * EMAILS_MAX + PHONES_MAX + 15;

/// Numbers of [`Kind`]s, 0 among them.
const KINDS: usize = 16;

/// Records of one person bear the same values: that many more do not show that others bear it too.
const OWN: f64 = 8.0;

/// The same of values that are given to one person, of which few are shared.
const OWN_OF_ONE: f64 = 100.0;

impl Frequencies {
    /// Counts the values of rows.
    pub fn count<'a>(pool: &Pool, rows: impl Iterator<Item = &'a Row>) -> Self {
        let mut counts = vec![0_u32; pool.len()];
        let mut records = 0;
        let mut present = [0; KINDS];
        for row in rows {
            records += 1;
            let (values, len) = values(pool, row);
            let mut kinds = 0_u32;
            for (place, id) in values.iter().enumerate().take(len) {
                let again = values.iter().take(place).any(|other| other == id);
                if let (false, Some(count)) = (again, counts.get_mut(*id as usize)) {
                    *count += 1;
                    kinds |= 1 << pool.value(*id).kind as u32;
                }
            }
            for (kind, count) in present.iter_mut().enumerate() {
                *count += u64::from(kinds >> kind & 1);
            }
        }
        let several = pool.values().iter().zip(counts).filter(|(_, count)| *count > 1);
        Self {
            records,
            present,
            counts: several.map(|(value, count)| (value.hash, count)).collect(),
        }
    }

    /// The logarithm of the probability that a record of another person bears a value.
    #[expect(clippy::cast_precision_loss, clippy::cast_possible_truncation, reason = "a logarithm")]
    pub fn logarithm(&self, value: &Value) -> f32 {
        let count = f64::from(self.counts.get(&value.hash).copied().unwrap_or(1));
        let present = self.present.get(value.kind as usize).copied().unwrap_or(0);
        let own = if value.kind.is_for_one() { OWN_OF_ONE } else { OWN };
        let others = count * count / (count + own);
        (others / present.max(1) as f64).min(1.0).ln() as f32
    }

    /// The records that have a value of each kind, by the kind's number.
    pub(super) fn present(&self) -> &[u64] {
        &self.present
    }

    /// Frequencies as they were written.
    pub(super) fn restore(records: u64, written: &[u64], counts: Map<u64, u32>) -> Self {
        let mut present = [0; KINDS];
        present.iter_mut().zip(written).for_each(|(place, count)| *place = *count);
        Self { records, present, counts }
    }

    /// Tells a pool's values from number `from` on their frequencies.
    pub fn weigh(&self, pool: &mut Pool, from: usize) {
        pool.weigh(from, |value| self.logarithm(value));
    }

    /// Counts by hash, ascending.
    pub fn sorted(&self) -> Vec<(u64, u32)> {
        let mut all: Vec<(u64, u32)> =
            self.counts.iter().map(|(hash, count)| (*hash, *count)).collect();
        all.sort_unstable();
        all
    }
}

/// The values of a row that have frequencies.
fn values(pool: &Pool, row: &Row) -> ([ValueId; VALUES_MAX], usize) {
    let mut found = [NONE; VALUES_MAX];
    let mut len = 0;
    let single = [
        row.given,
        row.family,
        row.street,
        row.number,
        row.unit,
        row.suburb,
        row.city,
        row.state,
        row.postcode,
        row.government,
        row.birth,
    ];
    let sets = row.tokens.iter().chain(&row.emails).chain(&row.phones).chain(&row.others);
    let locals = row.emails.map(|email| pool.value(email).alias);
    let all = single.iter().chain(sets).chain(&locals).filter(|id| **id != NONE);
    for (place, id) in found.iter_mut().zip(all) {
        *place = *id;
        len += 1;
    }
    (found, len)
}
