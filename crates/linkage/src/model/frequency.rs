//! How often values are, by the hash of the value: no value can be read from the table.

use crate::record::{EMAILS_MAX, Map, NONE, PHONES_MAX, Pool, Row, TOKENS_MAX, Value, ValueId};

/// Counts of values that more than one record bears, and the records they were counted in.
#[derive(Clone, Default)]
pub struct Frequencies {
    /// The records that were counted.
    pub records: u64,
    counts: Map<u64, u32>,
}

impl std::fmt::Debug for Frequencies {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Frequencies").field("records", &self.records).finish_non_exhaustive()
    }
}

/// Values of one row, at most.
const VALUES_MAX: usize = TOKENS_MAX + EMAILS_MAX + PHONES_MAX + 14;

impl Frequencies {
    /// Counts the values of rows.
    pub fn count<'a>(pool: &Pool, rows: impl Iterator<Item = &'a Row>) -> Self {
        let mut counts = vec![0_u32; pool.len()];
        let mut records = 0;
        for row in rows {
            records += 1;
            let (values, len) = values(row);
            for (place, id) in values.iter().enumerate().take(len) {
                let again = values.iter().take(place).any(|other| other == id);
                if let (false, Some(count)) = (again, counts.get_mut(*id as usize)) {
                    *count += 1;
                }
            }
        }
        let several = pool.values().iter().zip(counts).filter(|(_, count)| *count > 1);
        Self { records, counts: several.map(|(value, count)| (value.hash, count)).collect() }
    }

    /// The logarithm of the share of records that bear a value; one record's for an unknown value.
    #[expect(clippy::cast_precision_loss, clippy::cast_possible_truncation, reason = "a logarithm")]
    pub fn logarithm(&self, value: &Value) -> f32 {
        let count = self.counts.get(&value.hash).copied().unwrap_or(1);
        (f64::from(count) / (self.records.max(1) as f64)).ln() as f32
    }

    /// Tells a pool's values from number `from` on their frequencies.
    pub fn weigh(&self, pool: &mut Pool, from: usize) {
        pool.weigh(from, |value| self.logarithm(value));
    }

    /// Counts by hash, ascending.
    pub fn sorted(&self) -> Vec<(u64, u32)> {
        let mut all: Vec<(u64, u32)> = self.counts.iter().map(|(hash, count)| (*hash, *count)).collect();
        all.sort_unstable();
        all
    }
}

/// The values of a row that have frequencies.
fn values(row: &Row) -> ([ValueId; VALUES_MAX], usize) {
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
    for (place, id) in found.iter_mut().zip(single.iter().chain(sets).filter(|id| **id != NONE)) {
        *place = *id;
        len += 1;
    }
    (found, len)
}
