//! The ledger's tables, and reading them back with suspicion.

use super::edge::{Edge, TILE_BYTES};
use super::error::LedgerError;
use super::tile::{HEIGHT, Level, Tile, WIDTH, entries, hashes_at, place, put_entry, root_within};
use super::tree::Hash;
use serde::de::{Error, Visitor};
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use std::collections::BTreeMap;
use std::fmt;
use store::{Batch, Row, Table, View, table};

/// Entries, in bundle form. Partition: which bundle. Sort key: index of the first entry. A row never
/// crosses a bundle's end, so that a bundle is its partition's rows one after another.
pub(crate) const CHUNKS: Table<u64, u64, Bytes> = table!("ledger_chunks", 1);

/// Full tiles. Partition: level, and index / 256. Sort key: index.
pub(crate) const TILES: Table<(u8, u64), u64, Bytes> = table!("ledger_tiles", 1);

/// One row: where the log ends. Its version decides between two processes that append.
pub(crate) const HEAD: Table<(), (), Head> = table!("ledger_head", 1);

/// Bytes after which a new chunk begins; a chunk exceeds it by at most one entry, so it stays
/// within `store::limits::VALUE_MAX`.
const CHUNK_BYTES: usize = 512 << 10;

/// Where the log ends.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Head {
    pub(crate) size: u64,
    pub(crate) root: [u8; 32],
    /// The signed note.
    pub(crate) checkpoint: String,
}

/// Bytes stored as they are; serde would write a `Vec<u8>` number by number.
#[derive(Debug)]
pub(crate) struct Bytes(pub(crate) Vec<u8>);

impl Serialize for Bytes {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        to.serialize_bytes(&self.0)
    }
}

impl<'de> Deserialize<'de> for Bytes {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        struct Taken;
        impl Visitor<'_> for Taken {
            type Value = Bytes;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("bytes")
            }

            fn visit_bytes<E: Error>(self, bytes: &[u8]) -> Result<Bytes, E> {
                Ok(Bytes(bytes.to_vec()))
            }
        }
        from.deserialize_bytes(Taken)
    }
}

/// Puts the entries from index `first` on into chunk rows.
pub(crate) fn put_chunks(batch: &mut Batch, first: u64, entries: &[Vec<u8>]) {
    let mut start = first;
    let mut chunk = Vec::new();
    for (index, entry) in (first..).zip(entries) {
        if index > start && (index % WIDTH == 0 || chunk.len() > CHUNK_BYTES) {
            batch.put(&CHUNKS, &(start / WIDTH), &start, &Bytes(std::mem::take(&mut chunk)));
            start = index;
        }
        put_entry(&mut chunk, entry);
    }
    batch.put(&CHUNKS, &(start / WIDTH), &start, &Bytes(chunk));
}

/// Puts a full tile.
pub(crate) fn put_tile(batch: &mut Batch, tile: Tile, bytes: Vec<u8>) {
    let (partition, sort) = key(tile.level, tile.index);
    batch.put(&TILES, &partition, &sort, &Bytes(bytes));
}

fn key(level: Level, index: u64) -> ((u8, u64), u64) {
    let level = match level {
        Level::Hashes(level) => level,
        Level::Entries => unreachable!("entries are chunks"),
    };
    ((level, index / WIDTH), index)
}

/// All entries of a bundle that are stored, one after another in bundle form, and their number.
pub(crate) fn bundle(view: &View<'_>, index: u64) -> Result<(Vec<u8>, u64), LedgerError> {
    // Every row has an entry at least, so this many rows are all there can be.
    let rows = view.range(&CHUNKS, &index, None, 256)?;
    let mut bytes = Vec::new();
    let mut count = 0;
    for (first, Row { value: Bytes(chunk), .. }) in rows {
        let found = entries(&chunk).filter(|_| first == index * WIDTH + count);
        let found = found.ok_or_else(|| {
            LedgerError::Altered(format!("entries from {first} on do not join those before"))
        })?;
        count += found.len() as u64;
        bytes.extend_from_slice(&chunk);
    }
    if count > WIDTH {
        return Err(LedgerError::Altered(format!("bundle {index} has {count} entries")));
    }
    Ok((bytes, count))
}

/// The stored full tiles, in the order of `wanted`.
pub(crate) fn full_tiles(view: &View<'_>, wanted: &[Tile]) -> Result<Vec<Vec<u8>>, LedgerError> {
    let keys: Vec<_> = wanted.iter().map(|tile| key(tile.level, tile.index)).collect();
    let rows = view.get_many(&TILES, &keys)?;
    let altered = |tile: &Tile, how| LedgerError::Altered(format!("{tile} is {how}"));
    wanted
        .iter()
        .zip(rows)
        .map(|(tile, row)| match row {
            Some(Row { value: Bytes(bytes), .. }) if bytes.len() == TILE_BYTES => Ok(bytes),
            Some(_) => Err(altered(tile, "short")),
            None => Err(altered(tile, "missing")),
        })
        .collect()
}

/// Roots of perfect subtrees, from the edge and the stored tiles; each tile is read once.
pub(crate) struct Nodes<'a> {
    view: &'a View<'a>,
    edge: &'a Edge,
    tiles: BTreeMap<Tile, Vec<u8>>,
}

impl<'a> Nodes<'a> {
    pub(crate) const fn new(view: &'a View<'a>, edge: &'a Edge) -> Self {
        Self { view, edge, tiles: BTreeMap::new() }
    }

    pub(crate) fn node(&mut self, height: u32, index: u64) -> Result<Hash, LedgerError> {
        let (level, index, offset) = place(height, index);
        let level = u8::try_from(level).unwrap_or(u8::MAX);
        let tile = Tile { level: Level::Hashes(level), index, width: 256 };
        let found = if index == hashes_at(level, self.edge.size()) / WIDTH {
            root_within(self.edge.partial(level), offset, height % HEIGHT)
        } else {
            if !self.tiles.contains_key(&tile) {
                let bytes = full_tiles(self.view, &[tile])?.pop().unwrap_or_default();
                self.tiles.insert(tile, bytes);
            }
            let bytes = self.tiles.get(&tile).map_or(&[][..], Vec::as_slice);
            root_within(bytes, offset, height % HEIGHT)
        };
        found.ok_or_else(|| LedgerError::Altered(format!("{tile} is short")))
    }
}
