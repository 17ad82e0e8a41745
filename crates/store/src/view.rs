//! Reading, typed.

use crate::codec::{key_bytes, key_of, value_of};
use crate::{KeyPart, RawRow, RawView, StoreError, Table, Ticket, Value, Version, limits};

/// A consistent view of a store.
#[derive(Debug)]
pub struct View<'a>(Box<dyn RawView + 'a>);

/// A value and which write of it this is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Row<V> {
    /// For a check.
    pub version: Version,
    /// What was written.
    pub value: V,
}

/// Which moment a view shows, for [`Batch::check_read`](crate::Batch::check_read).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct AsOf(pub(crate) Option<Ticket>);

impl AsOf {
    /// For what was not read from one view: the engine looks again at everything checked.
    pub const UNKNOWN: Self = Self(None);

    /// For what was read in part as of `self` and in part as of `other`.
    #[must_use]
    pub fn and(self, other: Self) -> Self {
        if self == other { self } else { Self::UNKNOWN }
    }
}

impl<'a> View<'a> {
    pub(crate) fn new(raw: Box<dyn RawView + 'a>) -> Self {
        Self(raw)
    }

    /// Which moment this view shows.
    pub fn as_of(&self) -> AsOf {
        AsOf(self.0.as_of())
    }

    /// The bytes beneath, for backup and doctor.
    pub fn raw(&self) -> &(dyn RawView + 'a) {
        &*self.0
    }

    /// The rows of `keys`, in their order.
    ///
    /// # Errors
    ///
    /// When the engine fails or a row cannot be read back.
    pub fn get_many<P: KeyPart, S: KeyPart, V: Value>(
        &self,
        table: &Table<P, S, V>,
        keys: &[(P, S)],
    ) -> Result<Vec<Option<Row<V>>>, StoreError> {
        if keys.is_empty() {
            return Ok(Vec::new());
        }
        let keys: Vec<_> =
            keys.iter().map(|(partition, sort)| (key_bytes(partition), key_bytes(sort))).collect();
        let rows = self.0.get_many(table.name(), &keys)?;
        rows.into_iter()
            .map(|row| {
                row.map(|(version, bytes)| Ok(Row { version, value: value_of(table, &bytes)? }))
                    .transpose()
            })
            .collect()
    }

    /// One row. For commands and start-up; pipelines read in batches.
    ///
    /// # Errors
    ///
    /// As [`Self::get_many`].
    pub fn get<P: KeyPart + Clone, S: KeyPart + Clone, V: Value>(
        &self,
        table: &Table<P, S, V>,
        partition: &P,
        sort: &S,
    ) -> Result<Option<Row<V>>, StoreError> {
        let rows = self.get_many(table, &[(partition.clone(), sort.clone())])?;
        Ok(rows.into_iter().next().flatten())
    }

    /// Up to `limit` rows of one partition, ascending, starting at `from` if given.
    ///
    /// # Errors
    ///
    /// As [`Self::get_many`].
    pub fn range<P: KeyPart, S: KeyPart, V: Value>(
        &self,
        table: &Table<P, S, V>,
        partition: &P,
        from: Option<&S>,
        limit: usize,
    ) -> Result<Vec<(S, Row<V>)>, StoreError> {
        self.rows(table, partition, from, None, false, limit)
    }

    /// Up to `limit` rows of one partition, newest (greatest sort key) first, all before `before`
    /// if given.
    ///
    /// # Errors
    ///
    /// As [`Self::get_many`].
    pub fn range_back<P: KeyPart, S: KeyPart, V: Value>(
        &self,
        table: &Table<P, S, V>,
        partition: &P,
        before: Option<&S>,
        limit: usize,
    ) -> Result<Vec<(S, Row<V>)>, StoreError> {
        self.rows(table, partition, None, before, true, limit)
    }

    /// As [`Self::range_back`], and then as many more rows as are `same` as the last one: a page
    /// that ends between two rows of one instant could not be continued by that instant.
    ///
    /// # Errors
    ///
    /// As [`Self::get_many`].
    pub fn range_back_whole<P: KeyPart, S: KeyPart, V: Value>(
        &self,
        table: &Table<P, S, V>,
        partition: &P,
        before: Option<&S>,
        limit: usize,
        same: impl Fn(&S, &S) -> bool,
    ) -> Result<Vec<(S, Row<V>)>, StoreError> {
        let mut rows = self.range_back(table, partition, before, limit)?;
        let mut full = rows.len() == limit;
        while full {
            let Some((last, _)) = rows.last() else { break };
            let more = self.range_back(table, partition, Some(last), limit)?;
            let all = more.len();
            let more: Vec<_> = more.into_iter().take_while(|(sort, _)| same(sort, last)).collect();
            full = all == limit && more.len() == all;
            rows.extend(more);
        }
        Ok(rows)
    }

    fn rows<P: KeyPart, S: KeyPart, V: Value>(
        &self,
        table: &Table<P, S, V>,
        partition: &P,
        from: Option<&S>,
        to: Option<&S>,
        descending: bool,
        limit: usize,
    ) -> Result<Vec<(S, Row<V>)>, StoreError> {
        let (from, to) = (from.map(key_bytes), to.map(key_bytes));
        let rows = self.0.range(
            table.name(),
            &key_bytes(partition),
            from.as_deref(),
            to.as_deref(),
            descending,
            limit.min(limits::PAGE_MAX),
        )?;
        rows.into_iter()
            .map(|row| {
                let value = value_of(table, &row.value)?;
                Ok((key_of(&row.sort, table.name())?, Row { version: row.version, value }))
            })
            .collect()
    }

    /// Up to `limit` rows of the whole table after the row `after`; partitions stay together.
    ///
    /// # Errors
    ///
    /// As [`Self::get_many`].
    pub fn scan<P: KeyPart, S: KeyPart, V: Value>(
        &self,
        table: &Table<P, S, V>,
        after: Option<&(P, S)>,
        limit: usize,
    ) -> Result<Vec<(P, S, Row<V>)>, StoreError> {
        let after = after.map(|(partition, sort)| (key_bytes(partition), key_bytes(sort)));
        let after = after.as_ref().map(|(partition, sort)| (&**partition, &**sort));
        let rows: Vec<RawRow> = self.0.scan(table.name(), after, limit.min(limits::PAGE_MAX))?;
        rows.into_iter()
            .map(|row| {
                let value = value_of(table, &row.value)?;
                let (partition, sort) =
                    (key_of(&row.partition, table.name())?, key_of(&row.sort, table.name())?);
                Ok((partition, sort, Row { version: row.version, value }))
            })
            .collect()
    }

    /// The versions of guarded partitions, for [`Batch::check_partition`](crate::Batch).
    ///
    /// # Errors
    ///
    /// As [`Self::get_many`].
    pub fn partition_versions<P: KeyPart, S, V>(
        &self,
        table: &Table<P, S, V>,
        partitions: &[P],
    ) -> Result<Vec<Option<Version>>, StoreError> {
        debug_assert!(table.is_guarded(), "{} keeps no partition versions", table.name());
        let partitions: Vec<_> = partitions.iter().map(key_bytes).collect();
        self.0.partition_versions(table.name(), &partitions)
    }
}
