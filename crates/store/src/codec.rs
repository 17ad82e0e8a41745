//! How keys and values become bytes.

use crate::{StoreError, Table};
use model::{Blind, PersonId, RecordId, SourceId, Timestamp};
use serde::Serialize;
use serde::de::DeserializeOwned;

/// A part of a key. Bytes sort as the values do.
pub trait KeyPart: Sized {
    /// Appends the bytes.
    fn put(&self, out: &mut Vec<u8>);

    /// Takes the value off the front of `bytes`; nothing when they are too short.
    fn take(bytes: &mut &[u8]) -> Option<Self>;
}

/// A value: anything serde can write. Stored as one byte of table version, then postcard.
pub trait Value: Serialize + DeserializeOwned {}

impl<T: Serialize + DeserializeOwned> Value for T {}

fn take_array<const N: usize>(bytes: &mut &[u8]) -> Option<[u8; N]> {
    let (head, tail) = bytes.split_first_chunk::<N>()?;
    *bytes = tail;
    Some(*head)
}

impl KeyPart for () {
    fn put(&self, _: &mut Vec<u8>) {}

    fn take(_: &mut &[u8]) -> Option<Self> {
        Some(())
    }
}

impl<const N: usize> KeyPart for [u8; N] {
    fn put(&self, out: &mut Vec<u8>) {
        out.extend_from_slice(self);
    }

    fn take(bytes: &mut &[u8]) -> Option<Self> {
        take_array(bytes)
    }
}

macro_rules! fixed {
    ($($type:ty: $bytes:expr, $back:expr;)*) => {$(
        impl KeyPart for $type {
            fn put(&self, out: &mut Vec<u8>) {
                let bytes: fn(&$type) -> _ = $bytes;
                out.extend_from_slice(&bytes(self));
            }

            fn take(bytes: &mut &[u8]) -> Option<Self> {
                take_array(bytes).map($back)
            }
        }
    )*};
}

fixed! {
    u8: |n| n.to_be_bytes(), u8::from_be_bytes;
    u16: |n| n.to_be_bytes(), u16::from_be_bytes;
    u32: |n| n.to_be_bytes(), u32::from_be_bytes;
    u64: |n| n.to_be_bytes(), u64::from_be_bytes;
    RecordId: |id| id.0, RecordId;
    PersonId: |id| id.0, PersonId;
    Blind: |blind| blind.0, Blind;
    SourceId: |id| id.0.to_be_bytes(), |bytes| SourceId(u32::from_be_bytes(bytes));
    Timestamp: |at| at.to_sortable(), Timestamp::from_sortable;
}

/// Takes the rest of the key, so it must stand last.
impl KeyPart for String {
    fn put(&self, out: &mut Vec<u8>) {
        out.extend_from_slice(self.as_bytes());
    }

    fn take(bytes: &mut &[u8]) -> Option<Self> {
        let text = std::str::from_utf8(std::mem::take(bytes)).ok()?;
        Some(text.to_owned())
    }
}

impl<A: KeyPart, B: KeyPart> KeyPart for (A, B) {
    fn put(&self, out: &mut Vec<u8>) {
        self.0.put(out);
        self.1.put(out);
    }

    fn take(bytes: &mut &[u8]) -> Option<Self> {
        Some((A::take(bytes)?, B::take(bytes)?))
    }
}

impl<A: KeyPart, B: KeyPart, C: KeyPart> KeyPart for (A, B, C) {
    fn put(&self, out: &mut Vec<u8>) {
        self.0.put(out);
        self.1.put(out);
        self.2.put(out);
    }

    fn take(bytes: &mut &[u8]) -> Option<Self> {
        Some((A::take(bytes)?, B::take(bytes)?, C::take(bytes)?))
    }
}

pub(crate) fn key_bytes(part: &impl KeyPart) -> Vec<u8> {
    let mut out = Vec::with_capacity(32);
    part.put(&mut out);
    out
}

pub(crate) fn key_of<K: KeyPart>(mut bytes: &[u8], table: &str) -> Result<K, StoreError> {
    K::take(&mut bytes)
        .filter(|_| bytes.is_empty())
        .ok_or_else(|| StoreError::Corrupt(format!("a key of table {table}")))
}

pub(crate) fn value_bytes<P, S, V: Value>(table: &Table<P, S, V>, value: &V) -> Vec<u8> {
    match postcard::to_extend(value, vec![table.version()]) {
        Ok(bytes) => bytes,
        // Writing to memory cannot fail and our values have no unserialisable shape, so this is a
        // bug in a value's type, met the first time any test writes it.
        Err(error) => unreachable!("a value of {} cannot be written: {error}", table.name()),
    }
}

pub(crate) fn value_of<P, S, V: Value>(
    table: &Table<P, S, V>,
    bytes: &[u8],
) -> Result<V, StoreError> {
    let damaged = || StoreError::Corrupt(format!("a row of table {}", table.name()));
    let (version, rest) = bytes.split_first().ok_or_else(damaged)?;
    if *version > table.version() {
        return Err(StoreError::NewerFormat {
            what: format!("a row of table {}", table.name()),
            found: u32::from(*version),
            known: u32::from(table.version()),
        });
    }
    // Versions count from 1: nothing was ever written as 0.
    if *version == 0 {
        return Err(damaged());
    }
    postcard::from_bytes(rest).map_err(|_| damaged())
}
