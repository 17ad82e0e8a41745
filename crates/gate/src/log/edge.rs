//! The right edge in memory: what an append needs of the tree, a few kilobytes at any size.

use super::tile::{HEIGHT, Level, Tile, WIDTH, place, root_within};
use super::tree::{Frontier, Hash};

/// Bytes of a full tile.
pub(crate) const TILE_BYTES: usize = 8192;

/// Peaks for the next root, and the partial tile of every level.
///
/// INVARIANT: `tiles[l]` holds the `size / 256^l mod 256` newest hashes of level `l`.
#[derive(Clone, Debug, Default)]
pub(crate) struct Edge {
    tree: Frontier,
    tiles: Vec<Vec<u8>>,
}

impl Edge {
    /// The edge of a tree of `size` leaves whose partial tiles, lowest level first, are known;
    /// nothing when they are not as wide as the size says.
    pub(crate) fn of(size: u64, tiles: Vec<Vec<u8>>) -> Option<Self> {
        let widths = (0..).map(|level| super::tile::hashes_at(level, size) % WIDTH);
        let fits = |(tile, width): (&Vec<u8>, u64)| tile.len() as u64 == width * 32;
        if !tiles.iter().zip(widths).all(fits) {
            return None;
        }
        let tree = Frontier::rebuild(size, &mut |height, index| {
            let (level, _, offset) = place(height, index);
            let tile = usize::try_from(level).ok().and_then(|level| tiles.get(level)).ok_or(())?;
            root_within(tile, offset, height % HEIGHT).ok_or(())
        });
        tree.ok().map(|tree| Self { tree, tiles })
    }

    pub(crate) const fn size(&self) -> u64 {
        self.tree.size()
    }

    pub(crate) fn root(&self) -> Hash {
        self.tree.root()
    }

    /// The partial tile of a level, empty where there is none.
    pub(crate) fn partial(&self, level: u8) -> &[u8] {
        self.tiles.get(usize::from(level)).map_or(&[], Vec::as_slice)
    }

    /// Adds a leaf. `full` is given every tile that this leaf fills.
    pub(crate) fn push(&mut self, leaf: Hash, mut full: impl FnMut(Tile, Vec<u8>)) {
        let place = self.tree.size();
        let tiles = &mut self.tiles;
        self.tree.push(leaf, |height, hash| {
            if height % HEIGHT != 0 {
                return;
            }
            let level = height / HEIGHT;
            if tiles.len() as u64 <= u64::from(level) {
                tiles.push(Vec::new());
            }
            // A level's first hash comes right after the level below got its 256th, so the list
            // of levels is never more than one short.
            let Some(tile) = usize::try_from(level).ok().and_then(|level| tiles.get_mut(level))
            else {
                unreachable!("levels begin in order")
            };
            tile.extend_from_slice(&hash.0);
            if tile.len() == TILE_BYTES {
                let index = place.checked_shr(HEIGHT * (level + 1)).unwrap_or(0);
                let level = Level::Hashes(u8::try_from(level).unwrap_or(u8::MAX));
                full(Tile { level, index, width: 256 }, std::mem::take(tile));
            }
        });
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::log::tile::{hashes_at, tiles_at};
    use std::collections::BTreeMap;

    #[test]
    fn tiles_come_out_as_the_specification_defines_them() {
        let mut edge = Edge::default();
        let mut full = BTreeMap::new();
        let leaves: Vec<Hash> = (0..70_000_u32).map(|n| Hash::leaf(&n.to_be_bytes())).collect();
        for leaf in &leaves {
            edge.push(*leaf, |tile, bytes| {
                assert!(full.insert(tile, bytes).is_none(), "{tile} comes once");
            });
        }
        let mut row = leaves;
        for level in 0..3 {
            assert_eq!(row.len() as u64, hashes_at(level, 70_000));
            for tile in tiles_at(Level::Hashes(level), 70_000) {
                let from = usize::try_from(tile.index).unwrap() * 256;
                let defined: Vec<u8> = row[from..from + usize::from(tile.width)]
                    .iter()
                    .flat_map(|hash| hash.0)
                    .collect();
                let found = if tile.width == 256 {
                    full.remove(&tile).unwrap()
                } else {
                    edge.partial(level).to_vec()
                };
                assert!(found == defined, "{tile}");
            }
            let (tiles, _) = row.as_chunks::<256>();
            row = tiles
                .iter()
                .map(|tile| {
                    let mut tree = Frontier::default();
                    for leaf in tile {
                        tree.push(*leaf, |_, _| {});
                    }
                    tree.root()
                })
                .collect();
        }
        assert!(full.is_empty());
    }

    #[test]
    fn an_edge_is_rebuilt_from_its_partial_tiles() {
        let mut edge = Edge::default();
        for n in 0..70_000_u32 {
            edge.push(Hash::leaf(&n.to_be_bytes()), |_, _| {});
            if n % 1009 == 0 || n.is_multiple_of(256) {
                let mut again = Edge::of(edge.size(), edge.tiles.clone()).unwrap();
                assert_eq!(again.root(), edge.root(), "size {}", edge.size());
                let mut next = edge.clone();
                let leaf = Hash::leaf(b"next");
                again.push(leaf, |_, _| {});
                next.push(leaf, |_, _| {});
                assert_eq!((again.root(), again.tiles), (next.root(), next.tiles));
            }
        }
        assert!(Edge::of(3, vec![vec![0; 64]]).is_none());
        assert!(Edge::of(257, vec![vec![0; 32]]).is_none());
    }
}
