//! What the vault keeps in the store: wrapped record keys, epochs, the mark of the keyring.

use crate::cipher::{KEY, NONCE, TAG};
use model::RecordId;
use serde::{Deserialize, Serialize};
use store::{Row, StoreError, Table, View, limits};

/// Wrapped record keys, by shard.
pub(crate) const KEYS: Table<u16, RecordId, KeyRow> = store::table!("keys", 1);

/// The epoch under which new keys of a shard must be wrapped.
///
/// INVARIANT: every batch that adds a key checks that this row is as it was when the key was
/// wrapped, and every shredding writes it. So no key is ever added under an epoch that ends.
pub(crate) const EPOCHS: Table<u16, (), u32> = store::table!("epochs", 1);

/// Which keyring sealed this store.
pub(crate) const RING: Table<(), (), [u8; 16]> = store::table!("ring", 1);

/// A record's key, wrapped under its shard's key of an epoch.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct KeyRow {
    pub(crate) epoch: u32,
    pub(crate) nonce: [u8; NONCE],
    pub(crate) key: [u8; KEY],
    pub(crate) tag: [u8; TAG],
}

/// The shard of a record: the first twelve bits of its id, which are those of an HMAC or of chance
/// and so spread evenly.
pub(crate) const fn shard_of(record: RecordId) -> u16 {
    let [first, second, ..] = record.0;
    (first as u16) << 4 | (second as u16) >> 4
}

/// Visits all keys of a shard that a view shows.
pub(crate) fn each_key(
    view: &View<'_>,
    shard: u16,
    visit: &mut dyn FnMut(RecordId, Row<KeyRow>),
) -> Result<(), StoreError> {
    let mut last = None;
    loop {
        let page = view.range(&KEYS, &shard, last.as_ref(), limits::PAGE_MAX)?;
        let full = page.len() == limits::PAGE_MAX;
        // A page begins with the row that ended the page before.
        let seen = last;
        for (record, row) in page {
            last = Some(record);
            if seen != Some(record) {
                visit(record, row);
            }
        }
        if !full {
            return Ok(());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_shard_is_twelve_bits() {
        let record = |first, second| {
            let mut id = [0xee; 16];
            (id[0], id[1]) = (first, second);
            RecordId(id)
        };
        for ((first, second), shard) in
            [((0, 0), 0), ((0, 0x1f), 1), ((0x12, 0x34), 0x123), ((0xff, 0xff), 4095)]
        {
            assert_eq!(shard_of(record(first, second)), shard);
        }
    }
}
