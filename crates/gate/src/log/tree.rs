//! The Merkle tree of RFC 6962 §2.1 (RFC 9162 §2.1) over SHA-256: hashes, the growing right edge,
//! proofs and their verification. Pure: hashes come in through closures, nothing is read here.

use aws_lc_rs::digest::{Context, SHA256};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use std::fmt;

/// A SHA-256 hash of a leaf, a subtree or a tree. Written as standard base64.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct Hash(pub [u8; 32]);

impl Hash {
    /// Root of the tree without leaves: SHA-256 of nothing.
    pub const EMPTY: Self = Self([
        0xe3, 0xb0, 0xc4, 0x42, 0x98, 0xfc, 0x1c, 0x14, 0x9a, 0xfb, 0xf4, 0xc8, 0x99, 0x6f, 0xb9,
        0x24, 0x27, 0xae, 0x41, 0xe4, 0x64, 0x9b, 0x93, 0x4c, 0xa4, 0x95, 0x99, 0x1b, 0x78, 0x52,
        0xb8, 0x55,
    ]);

    /// `SHA-256(0x00 ‖ entry)`.
    pub fn leaf(entry: &[u8]) -> Self {
        Self::over(&[&[0], entry])
    }

    /// `SHA-256(0x01 ‖ left ‖ right)`.
    pub fn node(left: &Self, right: &Self) -> Self {
        Self::over(&[&[1], &left.0, &right.0])
    }

    pub(crate) fn over(parts: &[&[u8]]) -> Self {
        let mut context = Context::new(&SHA256);
        for part in parts {
            context.update(part);
        }
        let mut out = [0; 32];
        for (to, from) in out.iter_mut().zip(context.finish().as_ref()) {
            *to = *from;
        }
        Self(out)
    }

    /// Reads what `Display` writes; nothing when it is not the base64 of 32 bytes.
    pub fn parse(text: &str) -> Option<Self> {
        STANDARD.decode(text).ok()?.try_into().ok().map(Self)
    }
}

impl fmt::Display for Hash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&STANDARD.encode(self.0))
    }
}

impl fmt::Debug for Hash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

/// The right edge of a growing tree: the roots of its perfect subtrees, largest first.
///
/// INVARIANT: one peak for each one bit of the size.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Frontier {
    size: u64,
    peaks: Vec<Hash>,
}

impl Frontier {
    /// The right edge of the tree of `size` leaves; `node` as in [`root_at`].
    ///
    /// # Errors
    ///
    /// Those of `node`.
    pub fn rebuild<E>(
        size: u64,
        node: &mut dyn FnMut(u32, u64) -> Result<Hash, E>,
    ) -> Result<Self, E> {
        Ok(Self { size, peaks: peaks(0, size, node)? })
    }

    /// How many leaves the tree has.
    pub const fn size(&self) -> u64 {
        self.size
    }

    /// Adds a leaf's hash. `completed` hears of every perfect subtree that this leaf completes:
    /// its height (0 is the leaf itself) and its root, lowest first.
    pub fn push(&mut self, leaf: Hash, mut completed: impl FnMut(u32, Hash)) {
        let mut hash = leaf;
        completed(0, hash);
        for height in 1..=self.size.trailing_ones() {
            let Some(left) = self.peaks.pop() else { unreachable!("a peak for each one bit") };
            hash = Hash::node(&left, &hash);
            completed(height, hash);
        }
        self.peaks.push(hash);
        self.size += 1;
    }

    /// Root of the tree.
    pub fn root(&self) -> Hash {
        fold(&self.peaks)
    }
}

fn fold(peaks: &[Hash]) -> Hash {
    let joined = peaks.iter().rev().copied().reduce(|right, left| Hash::node(&left, &right));
    joined.unwrap_or(Hash::EMPTY)
}

/// Root of the first `size` leaves. `node` gives the root of the perfect subtree at a height
/// (0: leaves) and index within that height.
///
/// # Errors
///
/// Those of `node`.
pub fn root_at<E>(size: u64, node: &mut dyn FnMut(u32, u64) -> Result<Hash, E>) -> Result<Hash, E> {
    root_of(0, size, node)
}

/// Root over leaves `start..end`, where `start` is a multiple of a power of two ≥ `end - start`.
fn root_of<E>(
    start: u64,
    end: u64,
    node: &mut dyn FnMut(u32, u64) -> Result<Hash, E>,
) -> Result<Hash, E> {
    peaks(start, end, node).map(|peaks| fold(&peaks))
}

/// The perfect subtrees of leaves `start..end`, largest first.
fn peaks<E>(
    start: u64,
    end: u64,
    node: &mut dyn FnMut(u32, u64) -> Result<Hash, E>,
) -> Result<Vec<Hash>, E> {
    let mut peaks = Vec::new();
    let mut at = start;
    while at < end {
        let height = (end - at).ilog2();
        peaks.push(node(height, at >> height)?);
        at += 1 << height;
    }
    Ok(peaks)
}

/// The largest power of two below `n`, for `n` ≥ 2.
const fn split(n: u64) -> u64 {
    1 << (n - 1).ilog2()
}

/// Proof that the leaf at `index` is in the tree of `size` leaves, from the leaf's sibling up
/// (RFC 6962 §2.1.1). `node` as in [`root_at`]; `index` must be below `size`.
///
/// # Errors
///
/// Those of `node`.
pub fn prove_inclusion<E>(
    index: u64,
    size: u64,
    node: &mut dyn FnMut(u32, u64) -> Result<Hash, E>,
) -> Result<Vec<Hash>, E> {
    let (mut start, mut end) = (0, size);
    let mut path = Vec::new();
    while end - start > 1 {
        let middle = start + split(end - start);
        if index < middle {
            path.push(root_of(middle, end, node)?);
            end = middle;
        } else {
            path.push(root_of(start, middle, node)?);
            start = middle;
        }
    }
    path.reverse();
    Ok(path)
}

/// Proof that the tree of `to` leaves begins with the tree of `from` leaves (RFC 6962 §2.1.2);
/// empty when `from` is 0 or equals `to`. `node` as in [`root_at`]; `from` must not exceed `to`.
///
/// # Errors
///
/// Those of `node`.
pub fn prove_consistency<E>(
    from: u64,
    to: u64,
    node: &mut dyn FnMut(u32, u64) -> Result<Hash, E>,
) -> Result<Vec<Hash>, E> {
    let (mut start, mut end) = (0, to);
    let mut path = Vec::new();
    while from != 0 && from != end {
        let middle = start + split(end - start);
        if from <= middle {
            path.push(root_of(middle, end, node)?);
            end = middle;
        } else {
            path.push(root_of(start, middle, node)?);
            start = middle;
        }
    }
    if start != 0 {
        path.push(root_of(start, end, node)?);
    }
    path.reverse();
    Ok(path)
}

/// Whether `path` proves that `leaf` stands at `index` in the tree of `size` leaves with `root`
/// (RFC 9162 §2.1.3.2).
pub fn inclusion_holds(leaf: Hash, index: u64, size: u64, path: &[Hash], root: Hash) -> bool {
    if index >= size {
        return false;
    }
    let (mut at, mut last) = (index, size - 1);
    let mut hash = leaf;
    for sibling in path {
        if last == 0 {
            return false;
        }
        if at & 1 == 1 || at == last {
            hash = Hash::node(sibling, &hash);
            // A right edge without a sibling here joins the tree further up.
            let up = if at & 1 == 1 { 0 } else { at.trailing_zeros() };
            at = at.checked_shr(up).unwrap_or(0);
            last = last.checked_shr(up).unwrap_or(0);
        } else {
            hash = Hash::node(&hash, sibling);
        }
        at >>= 1;
        last >>= 1;
    }
    last == 0 && hash == root
}

/// Whether `path` proves that the tree of `to` leaves with `to_root` begins with the tree of `from`
/// leaves with `from_root` (RFC 9162 §2.1.4.2). Every tree begins with the empty one.
pub fn consistency_holds(
    (from, from_root): (u64, Hash),
    (to, to_root): (u64, Hash),
    path: &[Hash],
) -> bool {
    if from == to || from == 0 {
        let known = if from == to { to_root } else { Hash::EMPTY };
        return path.is_empty() && from_root == known;
    }
    if from > to {
        return false;
    }
    let (mut at, mut last) = (from - 1, to - 1);
    let up = at.trailing_ones();
    (at, last) = (at.checked_shr(up).unwrap_or(0), last.checked_shr(up).unwrap_or(0));
    // The old tree is itself a node of the new one when its size is a power of two.
    let (first, rest) = match path.split_first() {
        _ if from.is_power_of_two() => (from_root, path),
        Some((first, rest)) => (*first, rest),
        None => return false,
    };
    let (mut old, mut new) = (first, first);
    for hash in rest {
        if last == 0 {
            return false;
        }
        if at & 1 == 1 || at == last {
            old = Hash::node(hash, &old);
            new = Hash::node(hash, &new);
            let up = if at & 1 == 1 { 0 } else { at.trailing_zeros() };
            at = at.checked_shr(up).unwrap_or(0);
            last = last.checked_shr(up).unwrap_or(0);
        } else {
            new = Hash::node(&new, hash);
        }
        at >>= 1;
        last >>= 1;
    }
    last == 0 && old == from_root && new == to_root
}

#[cfg(test)]
#[path = "tree_tests.rs"]
mod tests;
