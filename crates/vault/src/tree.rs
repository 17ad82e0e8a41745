//! The key tree: a key for each of 2⁶⁴ leaves from few secrets, of which any leaf can be taken out for good.
//!
//! A node's secret gives its two children's (Goldreich, Goldwasser and Micali, J. ACM 33(4), 1986), and never
//! the other way. Who holds the secrets along the edge of a path, and not those on it, has every leaf but
//! the one at its end (puncturable pseudorandom functions: Boneh and Waters, ASIACRYPT 2013).

use aws_lc_rs::digest;
use model::Rng;
use parking_lot::RwLock;
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, HashMap};
use zeroize::Zeroizing;

/// Bits of a leaf's number that name its tree.
const TREE_BITS: u8 = 12;
/// Trees there can be.
const TREES_MAX: u64 = 1 << TREE_BITS;
/// Bits that name a leaf within its block. Blocks are chosen by chance, so that stores that went back in time
/// meet no leaf twice; the leaves of a block are given one after the other, so that what is cut out of it
/// leaves few edges.
const BLOCK_BITS: u8 = 12;
/// Leaves of a block.
pub(crate) const BLOCK: u64 = 1 << BLOCK_BITS;
/// Depth of a leaf.
const LEAF: u8 = 64;
/// Depth of a block.
const BLOCK_DEPTH: u8 = LEAF - BLOCK_BITS;
/// Secrets of blocks that are kept at hand: those of four million leaves.
const AT_HAND_MAX: usize = 1_024;

pub(crate) type Secret = Zeroizing<[u8; 32]>;

/// A place in the tree: the leaves from `first` on that share their first `depth` bits.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub(crate) struct Node {
    pub(crate) first: u64,
    pub(crate) depth: u8,
}

impl Node {
    /// The root of a tree.
    pub(crate) const fn root(tree: u64) -> Self {
        Self { first: tree << (LEAF - TREE_BITS), depth: TREE_BITS }
    }

    pub(crate) const fn leaf(leaf: u64) -> Self {
        Self { first: leaf, depth: LEAF }
    }

    const fn block(leaf: u64) -> Self {
        Self { first: leaf & !(BLOCK - 1), depth: BLOCK_DEPTH }
    }

    /// Whether it is a place that a tree has.
    pub(crate) fn is_sound(self) -> bool {
        (TREE_BITS..=LEAF).contains(&self.depth) && self.first & self.within() == 0
    }

    /// The bits in which its leaves differ.
    fn within(self) -> u64 {
        u64::MAX.checked_shr(self.depth.into()).unwrap_or(0)
    }

    pub(crate) const fn tree(self) -> u64 {
        self.first >> (LEAF - TREE_BITS)
    }

    fn covers(self, leaf: u64) -> bool {
        leaf & !self.within() == self.first
    }

    /// Where the upper half of its leaves begins.
    fn middle(self) -> u64 {
        self.first | (self.within() ^ (self.within() >> 1))
    }

    fn halves(self) -> [Self; 2] {
        let depth = self.depth + 1;
        [Self { first: self.first, depth }, Self { first: self.middle(), depth }]
    }
}

/// The secret of one half of a node: one block of SHA-256 over 33 bytes.
fn half(secret: &Secret, upper: bool) -> Secret {
    let mut input = Zeroizing::new([0; 33]);
    for (place, byte) in input.iter_mut().zip(secret.iter().copied().chain([u8::from(upper)])) {
        *place = byte;
    }
    let mut out = Zeroizing::new([0; 32]);
    let digest = digest::digest(&digest::SHA256, &*input);
    for (place, byte) in out.iter_mut().zip(digest.as_ref()) {
        *place = *byte;
    }
    out
}

/// Goes down from a node to one below it.
fn descend(mut node: Node, secret: &Secret, to: Node) -> Secret {
    let mut secret = secret.clone();
    while node.depth < to.depth {
        let upper = to.first >= node.middle();
        let [below, above] = node.halves();
        node = if upper { above } else { below };
        secret = half(&secret, upper);
    }
    secret
}

/// A node whose secret is held.
pub(crate) struct Held {
    pub(crate) depth: u8,
    pub(crate) secret: Secret,
    /// Where it stands in the file, bytes from the start.
    pub(crate) at: u64,
}

/// The secrets that are left. No two of their nodes share a leaf.
#[derive(Default)]
pub(crate) struct Cover {
    nodes: BTreeMap<u64, Held>,
    /// Secrets of blocks that were derived lately.
    at_hand: RwLock<HashMap<u64, Secret>>,
}

/// What cuts leaves out: these secrets go, those come.
#[derive(Default)]
pub(crate) struct Cut {
    pub(crate) removed: Vec<Node>,
    pub(crate) added: Vec<(Node, Secret)>,
}

impl Cover {
    pub(crate) fn insert(&mut self, node: Node, held: Held) {
        self.nodes.insert(node.first, held);
    }

    /// Takes a node out; gives where it stood.
    pub(crate) fn remove(&mut self, node: Node) -> Option<u64> {
        self.at_hand.get_mut().clear();
        let held = self.nodes.remove(&node.first)?;
        Some(held.at)
    }

    pub(crate) fn len(&self) -> usize {
        self.nodes.len()
    }

    pub(crate) fn each(&self) -> impl Iterator<Item = (Node, &Held)> {
        self.nodes.iter().map(|(first, held)| (Node { first: *first, depth: held.depth }, held))
    }

    pub(crate) fn get(&self, node: Node) -> Option<&Held> {
        self.nodes.get(&node.first).filter(|held| held.depth == node.depth)
    }

    /// The newest tree: what is new gets its keys from it.
    pub(crate) fn newest(&self) -> u64 {
        self.nodes.last_key_value().map_or(0, |(first, _)| Node::leaf(*first).tree())
    }

    /// Whether a leaf is of a tree that is not known here.
    pub(crate) fn is_ahead(&self, leaf: u64) -> bool {
        Node::leaf(leaf).tree() > self.newest()
    }

    fn covering(&self, leaf: u64) -> Option<(Node, &Held)> {
        let (first, held) = self.nodes.range(..=leaf).next_back()?;
        let node = Node { first: *first, depth: held.depth };
        node.covers(leaf).then_some((node, held))
    }

    /// The secret of a leaf; nothing when it was cut out.
    pub(crate) fn leaf(&self, leaf: u64) -> Option<Secret> {
        let (node, held) = self.covering(leaf)?;
        let place = Node::leaf(leaf);
        if node.depth >= BLOCK_DEPTH {
            return Some(descend(node, &held.secret, place));
        }
        let block = Node::block(leaf);
        if let Some(secret) = self.at_hand.read().get(&block.first) {
            return Some(descend(block, secret, place));
        }
        let secret = descend(node, &held.secret, block);
        let leaf = descend(block, &secret, place);
        let mut at_hand = self.at_hand.write();
        if at_hand.len() >= AT_HAND_MAX {
            at_hand.clear();
        }
        at_hand.insert(block.first, secret);
        Some(leaf)
    }

    /// What cuts out `leaves`, which ascend. Those that were cut out before change nothing.
    pub(crate) fn cut(&self, leaves: &[u64]) -> Cut {
        let mut cut = Cut::default();
        let mut rest = leaves;
        while let Some((first, after)) = rest.split_first() {
            let Some((node, held)) = self.covering(*first) else {
                rest = after;
                continue;
            };
            let (within, after) = rest.split_at(rest.partition_point(|leaf| node.covers(*leaf)));
            cut.removed.push(node);
            split(node, &held.secret, within, &mut cut.added);
            rest = after;
        }
        cut
    }

    /// The root of one more tree; nothing when there are as many as there can be.
    pub(crate) fn another_tree(&self, rng: &dyn Rng) -> Option<(Node, Secret)> {
        let tree = self.newest() + 1;
        (tree < TREES_MAX).then(|| (Node::root(tree), chance(rng)))
    }
}

/// Keeps what is beside the ways to `leaves`.
fn split(node: Node, secret: &Secret, leaves: &[u64], kept: &mut Vec<(Node, Secret)>) {
    if leaves.is_empty() {
        kept.push((node, secret.clone()));
    } else if node.depth < LEAF {
        let [below, above] = node.halves();
        let (left, right) = leaves.split_at(leaves.partition_point(|leaf| *leaf < above.first));
        split(below, &half(secret, false), left, kept);
        split(above, &half(secret, true), right, kept);
    }
}

/// A secret by chance.
pub(crate) fn chance(rng: &dyn Rng) -> Secret {
    let mut secret = Zeroizing::new([0; 32]);
    rng.fill(&mut *secret);
    secret
}

/// The first leaf of a block by chance, in a tree.
pub(crate) fn block_by_chance(tree: u64, rng: &dyn Rng) -> u64 {
    let mut bytes = [0; 8];
    rng.fill(&mut bytes);
    let root = Node::root(tree);
    root.first | (u64::from_be_bytes(bytes) & root.within() & !(BLOCK - 1))
}

#[cfg(test)]
mod tests {
    use super::{BLOCK, Cover, Held, Node, Secret, block_by_chance, chance};
    use model::Rng;
    use std::collections::BTreeSet;
    use std::sync::atomic::{AtomicU64, Ordering};

    #[derive(Debug)]
    struct Dice(AtomicU64);

    impl Rng for Dice {
        fn fill(&self, bytes: &mut [u8]) {
            for byte in bytes {
                let next = self.0.fetch_add(0x9E37_79B9_7F4A_7C15, Ordering::Relaxed);
                *byte = (next ^ (next >> 29)).to_le_bytes()[3];
            }
        }
    }

    fn dice() -> Dice {
        Dice(AtomicU64::new(7))
    }

    fn cover(dice: &Dice) -> Cover {
        let mut cover = Cover::default();
        let secret = chance(dice);
        cover.insert(Node::root(0), Held { depth: Node::root(0).depth, secret, at: 0 });
        cover
    }

    fn cut_out(cover: &mut Cover, leaves: &[u64]) {
        let cut = cover.cut(leaves);
        for node in cut.removed {
            cover.remove(node).unwrap();
        }
        for (node, secret) in cut.added {
            cover.insert(node, Held { depth: node.depth, secret, at: 0 });
        }
    }

    fn leaves_of(cover: &Cover, leaves: &[u64]) -> Vec<Option<Secret>> {
        leaves.iter().map(|leaf| cover.leaf(*leaf)).collect()
    }

    #[test]
    fn every_leaf_has_a_key_of_its_own() {
        let dice = dice();
        let cover = cover(&dice);
        let first = block_by_chance(0, &dice);
        let keys: BTreeSet<[u8; 32]> =
            (first..first + 2 * BLOCK).map(|leaf| *cover.leaf(leaf).unwrap()).collect();
        assert_eq!(keys.len() as u64, 2 * BLOCK);
        assert!(cover.leaf(Node::root(1).first).is_none(), "of a tree that is not there");
    }

    #[test]
    fn what_is_cut_out_is_gone_and_all_else_is_as_before() {
        let dice = dice();
        let mut cover = cover(&dice);
        let blocks = [block_by_chance(0, &dice), block_by_chance(0, &dice), 0];
        let leaves: Vec<u64> = blocks.iter().flat_map(|first| *first..*first + 300).collect();
        let before = leaves_of(&cover, &leaves);
        let mut gone = BTreeSet::new();
        for step in [1_usize, 97, 31, 7, 3] {
            let now: BTreeSet<u64> =
                leaves.iter().step_by(step * 2 + 1).take(40).copied().collect();
            cut_out(&mut cover, &now.iter().copied().collect::<Vec<_>>());
            gone.extend(now);
            for (leaf, before) in leaves.iter().zip(&before) {
                let expected = (!gone.contains(leaf)).then_some(before.as_ref()).flatten();
                assert_eq!(cover.leaf(*leaf).as_ref(), expected, "{leaf:x}");
            }
        }
        // No secret that is left is one from which a leaf that went could be derived.
        for (node, _) in cover.each() {
            assert!(node.is_sound());
            assert!(!gone.iter().any(|leaf| node.covers(*leaf)));
        }
    }

    #[test]
    fn neighbours_that_go_together_leave_few_edges() {
        let dice = dice();
        let mut cover = cover(&dice);
        let first = block_by_chance(0, &dice);
        cut_out(&mut cover, &(first..first + BLOCK).collect::<Vec<_>>());
        assert_eq!(cover.len(), 40, "the edges of the way to the block");
        cut_out(&mut cover, &[first]);
        assert_eq!(cover.len(), 40, "twice is once");
    }

    #[test]
    fn a_new_tree_is_where_new_blocks_are_found() {
        let dice = dice();
        let mut cover = cover(&dice);
        assert!(cover.is_ahead(block_by_chance(1, &dice)));
        let (root, secret) = cover.another_tree(&dice).unwrap();
        cover.insert(root, Held { depth: root.depth, secret, at: 0 });
        assert_eq!(cover.newest(), 1);
        let leaf = block_by_chance(1, &dice);
        assert!(root.covers(leaf) && cover.leaf(leaf).is_some() && !cover.is_ahead(leaf));
    }
}
