//! Typed tables, each owned by the room that declares it.

use std::fmt;
use std::marker::PhantomData;

/// A table with partition key `P`, sort key `S` and value `V`, private to the room that declares
/// it with [`table!`](crate::table!).
pub struct Table<P, S, V> {
    name: &'static str,
    version: u8,
    guarded: bool,
    types: PhantomData<Types<P, S, V>>,
}

/// Declares a table: its name within the room, and the version of its value's format. The name
/// begins with the room's own name, which Cargo supplies, so no room can name another's tables.
#[macro_export]
macro_rules! table {
    ($name:literal, $version:literal) => {
        $crate::Table::declared_by_macro(concat!(env!("CARGO_PKG_NAME"), ".", $name), $version)
    };
}

impl<P, S, V> Table<P, S, V> {
    #[doc(hidden)]
    pub const fn declared_by_macro(name: &'static str, version: u8) -> Self {
        Self { name, version, guarded: false, types: PhantomData }
    }

    /// The same table with a version kept for each partition, so that a batch can check that no
    /// row was added to or removed from it.
    #[must_use]
    pub const fn guarded(self) -> Self {
        Self { guarded: true, ..self }
    }

    /// `room.table`.
    pub const fn name(&self) -> &'static str {
        self.name
    }

    /// The version of the value's format that is written.
    pub const fn version(&self) -> u8 {
        self.version
    }

    pub(crate) const fn is_guarded(&self) -> bool {
        self.guarded
    }
}

impl<P, S, V> fmt::Debug for Table<P, S, V> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name)
    }
}

/// A table holds none of its types, so it is `Send` and `Sync` whatever they are.
type Types<P, S, V> = fn() -> (P, S, V);
