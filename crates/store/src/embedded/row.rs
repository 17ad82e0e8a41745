//! The bytes of a row: see `docs/design/store.md`.

use crate::{RawRow, StoreError, Version};

/// Length of the partition key (two bytes, big-endian), partition key, sort key.
pub(super) fn key(partition: &[u8], sort: &[u8]) -> Vec<u8> {
    let mut key = prefix(partition);
    key.extend_from_slice(sort);
    key
}

/// What every key of a partition, and no other key, begins with.
pub(super) fn prefix(partition: &[u8]) -> Vec<u8> {
    // `limits::KEY_MAX` fits sixteen bits; a longer key names a row that cannot exist.
    let length = u16::try_from(partition.len()).unwrap_or(u16::MAX);
    let mut prefix = Vec::with_capacity(2 + partition.len() + 32);
    prefix.extend_from_slice(&length.to_be_bytes());
    prefix.extend_from_slice(partition);
    prefix
}

/// The first key after all that begin with `prefix`.
pub(super) fn after(mut prefix: Vec<u8>) -> Vec<u8> {
    while let Some(last) = prefix.pop() {
        if let Some(next) = last.checked_add(1) {
            prefix.push(next);
            break;
        }
    }
    prefix
}

/// Version (eight bytes, big-endian), value.
pub(super) fn value(version: Version, value: &[u8]) -> Vec<u8> {
    [&version.0.to_be_bytes(), value].concat()
}

/// The version and the value of a row as stored.
pub(super) fn split<'a>(table: &str, stored: &'a [u8]) -> Result<(Version, &'a [u8]), StoreError> {
    let (version, value) = stored.split_first_chunk().ok_or_else(|| damaged(table))?;
    Ok((Version(u64::from_be_bytes(*version)), value))
}

/// A whole row as stored.
pub(super) fn decode(table: &str, key: &[u8], stored: &[u8]) -> Result<RawRow, StoreError> {
    let (length, rest) = key.split_first_chunk().ok_or_else(|| damaged(table))?;
    let (partition, sort) = rest
        .split_at_checked(usize::from(u16::from_be_bytes(*length)))
        .ok_or_else(|| damaged(table))?;
    let (version, value) = split(table, stored)?;
    let (partition, sort, value) = (partition.to_vec(), sort.to_vec(), value.to_vec());
    Ok(RawRow { partition, sort, version, value })
}

fn damaged(table: &str) -> StoreError {
    StoreError::Corrupt(format!("a row of table {table}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_partition_is_one_stretch_of_keys() {
        for (partition, others) in [
            (&b"a"[..], [&b""[..], b"b", b"aa", b"\xff"]),
            (b"", [b"a", b"\0", b"\xff", b"\0\0"]),
            (b"\xff\xff", [b"\xff", b"\xff\xfe", b"\xff\xff\xff", b""]),
        ] {
            let (from, to) = (prefix(partition), after(prefix(partition)));
            for sort in [&b""[..], b"\0", b"\xff\xff\xff"] {
                let key = key(partition, sort);
                assert!(from <= key && key < to, "{partition:?} {sort:?}");
                for other in others {
                    let key = super::key(other, sort);
                    assert!(key < from || to <= key, "{partition:?} {other:?}");
                }
            }
        }
    }
}
