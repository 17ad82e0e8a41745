//! Checking everything that is stored against the head's root, and rebuilding the edge on the way.

use super::edge::{Edge, TILE_BYTES};
use super::error::LedgerError;
use super::rows::{bundle, full_tiles};
use super::tile::{Level, Tile, WIDTH, entries, hashes_at, root_within};
use super::tree::Hash;
use store::View;

/// Tiles read at once.
const TILES_AT_ONCE: usize = 64;

/// Adds the stored entries `edge.size()..size` to `edge`, giving every tile they fill to `full`.
pub(crate) fn extend(
    view: &View<'_>,
    edge: &mut Edge,
    size: u64,
    mut full: impl FnMut(Tile, Vec<u8>) -> Result<(), LedgerError>,
) -> Result<(), LedgerError> {
    while edge.size() < size {
        let (index, known) = (edge.size() / WIDTH, edge.size() % WIDTH);
        let (bytes, count) = bundle(view, index)?;
        let wanted = (size - index * WIDTH).min(WIDTH);
        if count < wanted {
            let missing = index * WIDTH + count;
            return Err(LedgerError::Altered(format!("entry {missing} is missing")));
        }
        let found = entries(&bytes).unwrap_or_default();
        let take = usize::try_from(wanted).unwrap_or(usize::MAX);
        let skip = usize::try_from(known).unwrap_or(usize::MAX);
        let mut filled = Vec::new();
        for entry in found.into_iter().take(take).skip(skip) {
            edge.push(Hash::leaf(entry), |tile, bytes| filled.push((tile, bytes)));
        }
        filled.into_iter().try_for_each(|(tile, bytes)| full(tile, bytes))?;
    }
    Ok(())
}

/// Hashes every entry into every tile, compares them with those stored, and returns the edge.
pub(crate) fn from_entries(view: &View<'_>, size: u64) -> Result<Edge, LedgerError> {
    let mut edge = Edge::default();
    extend(view, &mut edge, size, |tile, bytes| {
        if full_tiles(view, &[tile])?.first() == Some(&bytes) { Ok(()) } else { Err(altered(tile)) }
    })?;
    Ok(edge)
}

/// Hashes every tile into those above, and the entries of the last bundle into theirs; compares
/// them with those stored, and returns the edge.
pub(crate) fn from_tiles(view: &View<'_>, size: u64) -> Result<Edge, LedgerError> {
    let mut partials = Vec::new();
    let mut tail = Edge::default();
    let (bytes, count) = bundle(view, size / WIDTH)?;
    if count < size % WIDTH {
        return Err(LedgerError::Altered(format!("fewer than {size} entries are stored")));
    }
    let found = entries(&bytes).unwrap_or_default();
    let take = usize::try_from(size % WIDTH).unwrap_or(usize::MAX);
    found.into_iter().take(take).for_each(|entry| tail.push(Hash::leaf(entry), |_, _| {}));
    partials.push(tail.partial(0).to_vec());
    // What the tiles of this level must be, as the roots of those below say.
    let mut expected: Option<Vec<u8>> = None;
    for level in 0..8 {
        let full = hashes_at(level, size) / WIDTH;
        if let Some(expected) = &expected {
            let (_, rest) = expected.as_chunks::<TILE_BYTES>();
            partials.push(rest.to_vec());
        }
        if full == 0 {
            break;
        }
        expected = Some(roots(view, level, full, expected.as_deref())?);
    }
    Edge::of(size, partials).ok_or_else(|| LedgerError::Altered("tiles are short".to_owned()))
}

/// Roots of the first `full` tiles of a level, one after another, each compared with what is
/// `expected` of it.
fn roots(
    view: &View<'_>,
    level: u8,
    full: u64,
    expected: Option<&[u8]>,
) -> Result<Vec<u8>, LedgerError> {
    let wanted: Vec<Tile> =
        (0..full).map(|index| Tile { level: Level::Hashes(level), index, width: 256 }).collect();
    let mut expected = expected.map(|bytes| bytes.chunks_exact(TILE_BYTES));
    let mut roots = Vec::with_capacity(wanted.len() * 32);
    for group in wanted.chunks(TILES_AT_ONCE) {
        for (tile, bytes) in group.iter().zip(full_tiles(view, group)?) {
            if expected.as_mut().is_some_and(|expected| expected.next() != Some(&bytes[..])) {
                return Err(altered(*tile));
            }
            let root = root_within(&bytes, 0, 8).ok_or_else(|| altered(*tile))?;
            roots.extend_from_slice(&root.0);
        }
    }
    Ok(roots)
}

/// Refuses entries beyond the head: somebody set the head back.
pub(crate) fn nothing_beyond(view: &View<'_>, size: u64) -> Result<(), LedgerError> {
    let (_, count) = bundle(view, size / WIDTH)?;
    let (_, next) = bundle(view, size / WIDTH + 1)?;
    if count == size % WIDTH && next == 0 {
        Ok(())
    } else {
        Err(LedgerError::Altered(format!("entries are stored beyond the head's {size}")))
    }
}

fn altered(tile: Tile) -> LedgerError {
    LedgerError::Altered(format!("{tile} is not what its entries hash to"))
}
