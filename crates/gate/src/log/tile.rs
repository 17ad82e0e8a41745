//! Tiles and entry bundles of C2SP tlog-tiles: how a tree is cut into files, and their names.

use super::tree::Hash;
use std::fmt;

/// Hashes of a full tile, entries of a full bundle.
pub const WIDTH: u64 = 256;

/// Levels of the tree inside one tile.
pub const HEIGHT: u32 = 8;

/// The largest entry a bundle can hold, bytes: its length is written in 16 bits.
pub const ENTRY_MAX: usize = 0xffff;

/// What a tile holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Level {
    /// The entries themselves, beside the tiles of level 0.
    Entries,
    /// Hashes; level 0 holds the leaves' hashes, level `n` the roots of full tiles of level `n-1`.
    Hashes(u8),
}

/// Names one tile or bundle. Written as its path, `tile/0/x001/x234/067.p/8`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Tile {
    /// What it holds.
    pub level: Level,
    /// Its place within the level, from 0.
    pub index: u64,
    /// How many hashes or entries it holds, 1 to 256; fewer than 256 is a partial tile.
    pub width: u16,
}

impl Tile {
    /// Reads a path, with nothing before `tile/`; only the one canonical spelling is accepted.
    pub fn parse(path: &str) -> Option<Self> {
        let (level, rest) = path.strip_prefix("tile/")?.split_once('/')?;
        let level = match level {
            "entries" => Level::Entries,
            digits => Level::Hashes(digits.parse().ok().filter(|level| *level < 64)?),
        };
        let (groups, width) = match rest.split_once(".p/") {
            Some((groups, width)) => (groups, width.parse().ok()?),
            None => (rest, 256),
        };
        let mut index: u64 = 0;
        for group in groups.split('/') {
            let digits = group.strip_prefix('x').unwrap_or(group);
            let number = digits.parse::<u16>().ok().filter(|_| digits.len() == 3)?;
            index = index.checked_mul(1000)?.checked_add(u64::from(number))?;
        }
        let tile = Self { level, index, width };
        (1..=256).contains(&width).then_some(())?;
        (tile.to_string() == path).then_some(tile)
    }
}

impl fmt::Display for Tile {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.level {
            Level::Entries => f.write_str("tile/entries/")?,
            Level::Hashes(level) => write!(f, "tile/{level}/")?,
        }
        let mut groups = vec![self.index % 1000];
        let mut rest = self.index / 1000;
        while rest > 0 {
            groups.push(rest % 1000);
            rest /= 1000;
        }
        for (place, group) in groups.iter().enumerate().rev() {
            if place > 0 {
                write!(f, "x{group:03}/")?;
            } else {
                write!(f, "{group:03}")?;
            }
        }
        if self.width < 256 { write!(f, ".p/{}", self.width) } else { Ok(()) }
    }
}

/// How many hashes a level of tiles holds in a tree of `size` leaves.
pub const fn hashes_at(level: u8, size: u64) -> u64 {
    match size.checked_shr(HEIGHT * level as u32) {
        Some(count) => count,
        None => 0,
    }
}

/// The tiles of one level in a tree of `size` leaves, the partial one last.
pub fn tiles_at(level: Level, size: u64) -> impl Iterator<Item = Tile> {
    let count = match level {
        Level::Entries => size,
        Level::Hashes(level) => hashes_at(level, size),
    };
    (0..count.div_ceil(WIDTH)).map(move |index| {
        let width = u16::try_from((count - index * WIDTH).min(WIDTH)).unwrap_or(256);
        Tile { level, index, width }
    })
}

/// Which levels of hashes a tree of `size` leaves has.
pub fn levels(size: u64) -> impl Iterator<Item = u8> {
    (0..8).take_while(move |level| hashes_at(*level, size) > 0)
}

/// Where the root of the perfect subtree at (height, index) comes from: level and index of the
/// tile, and the first of its hashes that the subtree spans.
pub(crate) const fn place(height: u32, index: u64) -> (u32, u64, usize) {
    let first = index << (height % HEIGHT);
    let offset = (first % WIDTH) as usize;
    (height / HEIGHT, first / WIDTH, offset)
}

/// Root of the `2^height` hashes from `offset` on in a tile; nothing when the tile is shorter.
pub(crate) fn root_within(tile: &[u8], offset: usize, height: u32) -> Option<Hash> {
    let (hashes, _) = tile.as_chunks::<32>();
    let mut row: Vec<Hash> =
        hashes.get(offset..offset + (1 << height))?.iter().copied().map(Hash).collect();
    while row.len() > 1 {
        let (pairs, _) = row.as_chunks::<2>();
        row = pairs.iter().map(|[left, right]| Hash::node(left, right)).collect();
    }
    row.first().copied()
}

/// Appends an entry to a bundle: its length in two bytes, big-endian, then itself. The entry has
/// at most [`ENTRY_MAX`] bytes.
pub fn put_entry(bundle: &mut Vec<u8>, entry: &[u8]) {
    debug_assert!(entry.len() <= ENTRY_MAX, "checked where entries come in");
    let length = u16::try_from(entry.len()).unwrap_or(u16::MAX);
    bundle.extend_from_slice(&length.to_be_bytes());
    bundle.extend_from_slice(entry);
}

/// The entries of a bundle; nothing when it ends within one.
pub fn entries(mut bundle: &[u8]) -> Option<Vec<&[u8]>> {
    let mut found = Vec::new();
    while !bundle.is_empty() {
        let (length, rest) = bundle.split_first_chunk::<2>()?;
        let (entry, rest) = rest.split_at_checked(usize::from(u16::from_be_bytes(*length)))?;
        found.push(entry);
        bundle = rest;
    }
    Some(found)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_are_written_and_read() {
        use Level::{Entries, Hashes};
        let cases = [
            // The specification's own example index.
            (Hashes(0), 1_234_067, 256, "tile/0/x001/x234/067"),
            // Examples of another implementation's documentation (Tessera).
            (Entries, 1_234_067, 8, "tile/entries/x001/x234/067.p/8"),
            (Hashes(0), 0, 256, "tile/0/000"),
            (Hashes(3), 999, 255, "tile/3/999.p/255"),
            (Hashes(63), 1000, 1, "tile/63/x001/000.p/1"),
            (Entries, 5, 256, "tile/entries/005"),
            (Entries, u64::MAX, 1, "tile/entries/x018/x446/x744/x073/x709/x551/615.p/1"),
        ];
        for (level, index, width, path) in cases {
            let tile = Tile { level, index, width };
            assert_eq!(tile.to_string(), path);
            assert_eq!(Tile::parse(path), Some(tile));
        }
    }

    #[test]
    fn other_spellings_are_refused() {
        for path in [
            "",
            "tile/",
            "tile/0",
            "tile/0/",
            "tile/0/0",
            "tile/0/00",
            "tile/0/0000",
            "tile/64/000",
            "tile/00/000",
            "tile/+1/000",
            "tile/0/+01",
            "tile/0/x000/001",
            "tile/0/001/001",
            "tile/0/x001",
            "tile/0/000.p/0",
            "tile/0/000.p/256",
            "tile/0/000.p/01",
            "tile/-1/000",
            "tile/0/000.p/",
            "tile/0/000/",
            "/tile/0/000",
            "tile/entries/../000",
            "tile/0/000.p/8/",
            "tile/0/x018/x446/x744/x073/x709/x551/616",
        ] {
            assert_eq!(Tile::parse(path), None, "{path}");
        }
    }

    #[test]
    fn a_tree_is_cut_as_the_specification_says() {
        let cut = |size: u64, level| {
            let tiles: Vec<_> = tiles_at(Level::Hashes(level), size).collect();
            (tiles.len(), tiles.last().map_or(0, |tile| tile.width))
        };
        assert_eq!([cut(70_000, 0), cut(70_000, 1), cut(70_000, 2)], [(274, 112), (2, 17), (1, 1)]);
        assert_eq!([cut(256, 0), cut(256, 1), cut(256, 2)], [(1, 256), (1, 1), (0, 0)]);
        assert_eq!(levels(70_000).count(), 3);
        assert_eq!(levels(0).count(), 0);
        assert_eq!(levels(u64::MAX).count(), 8);
        assert_eq!(tiles_at(Level::Entries, 257).count(), 2);
    }

    #[test]
    fn bundles_hold_what_was_put() {
        let put = [&b""[..], b"a", &vec![7; ENTRY_MAX]];
        let mut bundle = Vec::new();
        for entry in put {
            put_entry(&mut bundle, entry);
        }
        assert_eq!(bundle[..5], [0, 0, 0, 1, b'a']);
        assert_eq!(entries(&bundle), Some(put.to_vec()));
        assert_eq!(entries(&bundle[..bundle.len() - 1]), None);
        assert_eq!(entries(&[0]), None);
        assert_eq!(entries(&[]), Some(vec![]));
    }
}
