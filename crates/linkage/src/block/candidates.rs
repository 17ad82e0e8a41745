//! All candidate pairs of a set of rows, each once.

use super::{BLOCK_MAX, RULES, Rule, SLOTS, keys};
use crate::record::Records;

/// The blocks of a set of rows.
pub struct Blocks {
    /// For each row and slot, the number of its block; 0 for none.
    active: Vec<u32>,
    /// The members of all blocks, one block behind the other.
    members: Vec<u32>,
    /// Where each block begins in `members`, with a last entry for the end.
    starts: Vec<u32>,
    /// The rule of each block.
    rules: Vec<u8>,
    /// What each rule came to.
    pub found: Vec<Found>,
}

/// What a rule came to.
#[derive(Clone, Copy, Debug, Default)]
pub struct Found {
    /// Blocks of two rows and more.
    pub blocks: u64,
    /// Pairs in them, those that other rules find too among them.
    pub pairs: u64,
    /// Rows that are in no block of the rule since their key is generic.
    pub generic: u64,
}

impl std::fmt::Debug for Blocks {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Blocks").field("blocks", &self.rules.len()).finish_non_exhaustive()
    }
}

struct Entry {
    key: u64,
    row: u32,
    slot: u8,
}

impl Blocks {
    /// Blocks all rows of `records`.
    pub fn of(records: &Records) -> Self {
        let rows = records.rows.len();
        let mut blocks = Self {
            active: vec![0; rows * SLOTS],
            members: Vec::new(),
            starts: vec![0, 0],
            rules: vec![0],
            found: vec![Found::default(); RULES.len()],
        };
        for rule in RULES {
            let mut entries = Vec::with_capacity(rows);
            for (place, row) in records.rows.iter().enumerate() {
                let chains = keys(&records.pool, row);
                for (slot, chain) in chains.iter().enumerate().skip(rule.start()).take(rule.width()) {
                    if chain.len > 0 {
                        entries.push(Entry { key: chain.keys[0], row: number(place), slot: slot as u8 });
                    }
                }
            }
            blocks.divide(records, *rule, entries, 0);
        }
        blocks
    }

    fn divide(&mut self, records: &Records, rule: Rule, mut entries: Vec<Entry>, depth: usize) {
        entries.sort_unstable_by_key(|entry| (entry.key, entry.row, entry.slot));
        entries.dedup_by_key(|entry| (entry.key, entry.row));
        let mut too_large = Vec::new();
        for block in entries.chunk_by(|a, b| a.key == b.key) {
            if block.len() > BLOCK_MAX {
                too_large.extend(block.iter().filter_map(|entry| {
                    let chains = keys(&records.pool, records.rows.get(entry.row as usize)?);
                    let chain = chains.get(usize::from(entry.slot))?;
                    let key = *chain.keys.get(depth + 1).filter(|_| depth + 1 < chain.len)?;
                    Some(Entry { key, row: entry.row, slot: entry.slot })
                }));
                continue;
            }
            if block.len() > 1 {
                self.add(rule, block);
            }
        }
        if !too_large.is_empty() {
            self.divide(records, rule, too_large, depth + 1);
        }
    }

    fn add(&mut self, rule: Rule, block: &[Entry]) {
        let id = number(self.rules.len());
        self.rules.push(rule as u8);
        for entry in block {
            let place = entry.row as usize * SLOTS + usize::from(entry.slot);
            if let Some(active) = self.active.get_mut(place) {
                *active = id;
            }
            self.members.push(entry.row);
        }
        self.starts.push(number(self.members.len()));
        if let Some(found) = self.found.get_mut(rule as usize) {
            let size = block.len() as u64;
            found.blocks += 1;
            found.pairs += size * (size - 1) / 2;
        }
    }

    /// How many blocks there are.
    pub fn len(&self) -> usize {
        self.rules.len()
    }

    /// Whether no two rows share a key.
    pub fn is_empty(&self) -> bool {
        self.rules.len() <= 1
    }

    /// Calls `visit` with each candidate pair of these blocks, once, the lower row first; a pair
    /// belongs to the first block that has it.
    pub fn pairs(&self, blocks: std::ops::Range<usize>, mut visit: impl FnMut(u32, u32)) {
        for block in blocks {
            let start = self.starts.get(block).copied().unwrap_or(0) as usize;
            let end = self.starts.get(block + 1).copied().unwrap_or(0) as usize;
            let members = self.members.get(start..end).unwrap_or_default();
            for (place, a) in members.iter().enumerate() {
                for b in members.iter().skip(place + 1) {
                    if self.first_shared(*a, *b) == number(block) {
                        visit(*a, *b);
                    }
                }
            }
        }
    }

    fn slots(&self, row: u32) -> &[u32] {
        let start = row as usize * SLOTS;
        self.active.get(start..start + SLOTS).unwrap_or_default()
    }

    /// The least number of a block that both rows are in.
    fn first_shared(&self, a: u32, b: u32) -> u32 {
        let (of_a, of_b) = (self.slots(a), self.slots(b));
        for rule in RULES {
            let range = rule.start()..rule.start() + rule.width();
            let (x, y) = (of_a.get(range.clone()).unwrap_or_default(), of_b.get(range).unwrap_or_default());
            let shared = x.iter().filter(|id| **id != 0 && y.contains(id)).min();
            if let Some(shared) = shared {
                return *shared;
            }
        }
        0
    }
}

fn number(place: usize) -> u32 {
    u32::try_from(place).unwrap_or(u32::MAX)
}
