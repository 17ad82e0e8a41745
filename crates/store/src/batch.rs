//! What is to happen together.

use crate::codec::{key_bytes, value_bytes};
use crate::{AsOf, KeyPart, RawBatch, RawCheck, RawKey, StoreError, Table, Value, Version, limits};
use std::collections::{BTreeMap, BTreeSet};

/// Checks and writes that happen together or not at all. The last write of a key wins.
#[derive(Debug, Default)]
pub struct Batch {
    checks: Vec<RawCheck>,
    writes: BTreeMap<RawKey, Option<Vec<u8>>>,
    guards: BTreeSet<(&'static str, Vec<u8>)>,
}

impl Batch {
    /// Whether it would do nothing.
    pub fn is_empty(&self) -> bool {
        self.writes.is_empty()
    }

    /// How many rows it would write.
    pub fn len(&self) -> usize {
        self.writes.len()
    }

    /// Writes a row.
    pub fn put<P: KeyPart, S: KeyPart, V: Value>(
        &mut self,
        table: &Table<P, S, V>,
        partition: &P,
        sort: &S,
        value: &V,
    ) {
        self.write(table, partition, sort, Some(value_bytes(table, value)));
    }

    /// Deletes a row; fine when there is none.
    pub fn delete<P: KeyPart, S: KeyPart, V>(
        &mut self,
        table: &Table<P, S, V>,
        partition: &P,
        sort: &S,
    ) {
        self.write(table, partition, sort, None);
    }

    /// Refuses the batch unless the row still has the version seen (`None`: is still absent).
    pub fn check<P: KeyPart, S: KeyPart, V>(
        &mut self,
        table: &Table<P, S, V>,
        partition: &P,
        sort: &S,
        seen: Option<Version>,
    ) {
        self.checks.push(RawCheck::Row(raw_key(table, partition, sort), seen));
    }

    /// As [`Self::check`], for a row that was read, or looked for in vain, in a view as of `at`.
    /// Never for a row that the view was not asked for: what nobody wrote since is not looked at
    /// again.
    pub fn check_read<P: KeyPart, S: KeyPart, V>(
        &mut self,
        table: &Table<P, S, V>,
        partition: &P,
        sort: &S,
        seen: Option<Version>,
        at: AsOf,
    ) {
        let key = raw_key(table, partition, sort);
        self.checks.push(match at {
            AsOf(Some(at)) => RawCheck::Read { key, seen, at },
            AsOf(None) => RawCheck::Row(key, seen),
        });
    }

    /// Refuses the batch if any row of a guarded partition was written since `seen`.
    pub fn check_partition<P: KeyPart, S, V>(
        &mut self,
        table: &Table<P, S, V>,
        partition: &P,
        seen: Option<Version>,
    ) {
        debug_assert!(table.is_guarded(), "{} keeps no partition versions", table.name());
        let partition = key_bytes(partition);
        self.checks.push(RawCheck::Partition { table: table.name(), partition, seen });
    }

    /// Takes over everything that `other` would do.
    pub fn absorb(&mut self, other: Self) {
        self.checks.extend(other.checks);
        self.writes.extend(other.writes);
        self.guards.extend(other.guards);
    }

    fn write<P: KeyPart, S: KeyPart, V>(
        &mut self,
        table: &Table<P, S, V>,
        partition: &P,
        sort: &S,
        value: Option<Vec<u8>>,
    ) {
        let key = raw_key(table, partition, sort);
        if table.is_guarded() {
            self.guards.insert((table.name(), key.partition.clone()));
        }
        self.writes.insert(key, value);
    }

    pub(crate) fn into_raw(self) -> Result<RawBatch, StoreError> {
        within("limits::WRITES_MAX", limits::WRITES_MAX, self.writes.len())?;
        within("limits::CHECKS_MAX", limits::CHECKS_MAX, self.checks.len())?;
        let mut total = 0;
        for (key, value) in &self.writes {
            let (key, value) =
                (key.partition.len() + key.sort.len(), value.as_ref().map_or(0, Vec::len));
            within("limits::KEY_MAX", limits::KEY_MAX, key)?;
            within("limits::VALUE_MAX", limits::VALUE_MAX, value)?;
            total += key + value;
        }
        within("limits::COMMIT_MAX", limits::COMMIT_MAX, total)?;
        Ok(RawBatch {
            checks: self.checks,
            writes: self.writes.into_iter().collect(),
            guards: self.guards.into_iter().collect(),
        })
    }
}

fn raw_key<P: KeyPart, S: KeyPart, V>(table: &Table<P, S, V>, partition: &P, sort: &S) -> RawKey {
    RawKey { table: table.name(), partition: key_bytes(partition), sort: key_bytes(sort) }
}

const fn within(limit: &'static str, max: usize, asked: usize) -> Result<(), StoreError> {
    if asked <= max { Ok(()) } else { Err(StoreError::TooLarge { limit, max, asked }) }
}
