//! The narrow waist: what every engine must do, in bytes.

use crate::StoreError;
use std::borrow::Cow;
use std::fmt::Debug;

/// Names one row: table, partition (what is read together), sort key within it.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct RawKey {
    /// `room.table`.
    pub table: &'static str,
    /// The partition key.
    pub partition: Vec<u8>,
    /// The sort key; empty when a partition has one row.
    pub sort: Vec<u8>,
}

/// Tells one write of a row from every other write of it. Only equality means anything.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Version(pub u64);

/// What a key led to: which write it is, and the value.
pub type Found = (Version, Vec<u8>);

/// One row as stored.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RawRow {
    /// The partition key.
    pub partition: Vec<u8>,
    /// The sort key.
    pub sort: Vec<u8>,
    /// Which write this is.
    pub version: Version,
    /// The value.
    pub value: Vec<u8>,
}

/// What must not have changed since it was read.
#[derive(Clone, Debug)]
pub enum RawCheck {
    /// The row has this version, or is absent.
    Row(RawKey, Option<Version>),
    /// As [`Self::Row`], and that is what a view as of `at` showed: an engine that knows of no
    /// write since need not look again.
    Read {
        /// Which row.
        key: RawKey,
        /// The version that the view showed.
        seen: Option<Version>,
        /// What [`RawView::as_of`] of that view said.
        at: Ticket,
    },
    /// No row of this guarded partition was written since. `None`: the partition was never written.
    Partition {
        /// `room.table` of a guarded table.
        table: &'static str,
        /// The partition key.
        partition: Vec<u8>,
        /// The version that [`RawView::partition_versions`] gave.
        seen: Option<Version>,
    },
}

/// Checks and writes that happen together or not at all.
#[derive(Clone, Debug, Default)]
pub struct RawBatch {
    /// What must not have changed.
    pub checks: Vec<RawCheck>,
    /// New values; `None` deletes. A key stands here at most once.
    pub writes: Vec<(RawKey, Option<Vec<u8>>)>,
    /// Guarded partitions among the writes: their versions change with this batch.
    pub guards: Vec<(&'static str, Vec<u8>)>,
}

/// Where a row stands, borrowed: table, partition, sort key.
pub(crate) type Place<'a> = (Cow<'a, str>, &'a [u8], &'a [u8]);

/// What begins the name of a table that holds the partition versions of a guarded table: one row
/// for each partition ever written, with an empty sort key and an empty value. So a guard is a row
/// like any other to every engine, to backup and to doctor.
pub(crate) const GUARD: &str = "guard:";

pub(crate) fn guard_table(table: &str) -> String {
    format!("{GUARD}{table}")
}

impl RawCheck {
    /// The row to look at, and the version it must have.
    pub(crate) fn place(&self) -> (Place<'_>, Option<Version>) {
        match self {
            Self::Row(key, seen) | Self::Read { key, seen, .. } => {
                ((Cow::Borrowed(key.table), &key.partition, &key.sort), *seen)
            }
            Self::Partition { table, partition, seen } => {
                ((Cow::Owned(guard_table(table)), partition, &[]), *seen)
            }
        }
    }
}

impl RawBatch {
    /// Every row to put or delete, guard rows included.
    pub(crate) fn rows(&self) -> impl Iterator<Item = (Place<'_>, Option<&[u8]>)> {
        let writes = self.writes.iter().map(|(key, value)| {
            let place: Place<'_> = (Cow::Borrowed(key.table), &key.partition, &key.sort);
            (place, value.as_deref())
        });
        let guards = self.guards.iter().map(|(table, partition)| {
            let place: Place<'_> = (Cow::Owned(guard_table(table)), partition, &[]);
            (place, Some(&[][..]))
        });
        writes.chain(guards)
    }
}

/// Proof of an applied batch; later tickets compare greater.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Ticket(pub u64);

/// A storage engine. All methods block; none reads a clock.
pub trait Engine: Send + Sync + Debug {
    /// A consistent view of everything applied so far.
    fn read(&self) -> Result<Box<dyn RawView + '_>, StoreError>;

    /// Applies atomically and makes visible; durable only after [`Self::sync`].
    fn apply(&self, batch: &RawBatch) -> Result<Ticket, StoreError>;

    /// Returns once everything up to `ticket` is on disk. Concurrent callers share one flush.
    fn sync(&self, ticket: Ticket) -> Result<(), StoreError>;

    /// Whether the storage is still there and would take a write.
    fn alive(&self) -> Result<(), StoreError>;

    /// `memory`, `embedded` or `postgresql`.
    fn name(&self) -> &'static str;

    /// Bytes on disk, where the engine knows.
    fn disk_bytes(&self) -> Option<u64>;
}

/// A consistent view.
pub trait RawView: Debug {
    /// The rows of `keys`, in their order. `keys` are (partition, sort).
    fn get_many(
        &self,
        table: &'static str,
        keys: &[(Vec<u8>, Vec<u8>)],
    ) -> Result<Vec<Option<Found>>, StoreError>;

    /// Up to `limit` rows of one partition with `from ≤ sort < to` (`None`: no bound), ascending,
    /// or descending from the end.
    fn range(
        &self,
        table: &'static str,
        partition: &[u8],
        from: Option<&[u8]>,
        to: Option<&[u8]>,
        descending: bool,
        limit: usize,
    ) -> Result<Vec<RawRow>, StoreError>;

    /// Up to `limit` rows of the whole table after the row `after`, partitions kept together and
    /// sorted inside.
    fn scan(
        &self,
        table: &str,
        after: Option<(&[u8], &[u8])>,
        limit: usize,
    ) -> Result<Vec<RawRow>, StoreError>;

    /// The versions of guarded partitions; `None` when never written.
    fn partition_versions(
        &self,
        table: &'static str,
        partitions: &[Vec<u8>],
    ) -> Result<Vec<Option<Version>>, StoreError>;

    /// The last batch that this view shows, from an engine that remembers what was written since;
    /// for [`RawCheck::Read`].
    fn as_of(&self) -> Option<Ticket> {
        None
    }

    /// Every table that has ever held a row, guard rows included, for backup and doctor.
    fn tables(&self) -> Result<Vec<String>, StoreError>;
}
