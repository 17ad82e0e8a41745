//! All candidate pairs of a set of rows, each once.

use super::keys::chains_of;
use super::{RULES, Rule, SLOTS, keys};
use crate::record::Records;

/// The blocks of a set of rows.
pub struct Blocks {
    /// For each row and slot, the number of its block; 0 for none.
    active: Vec<u32>,
    /// The members of all blocks, one block behind the other.
    members: Vec<u32>,
    /// Where each block begins in `members`, with a last entry for the end.
    starts: Vec<u32>,
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
        f.debug_struct("Blocks").field("blocks", &self.starts.len()).finish_non_exhaustive()
    }
}

#[derive(Clone, Copy)]
struct Entry {
    key: u64,
    row: u32,
    slot: u8,
}

/// Rules whose entries are held in memory at once, by one thread.
const RULES_AT_ONCE: usize = 5;

/// The blocks of one rule: lists of entries, one behind the other.
#[derive(Default)]
struct Divided {
    entries: Vec<(u32, u8)>,
    sizes: Vec<u32>,
    found: Found,
}

impl Blocks {
    /// Blocks all rows of `records`, on `threads` threads.
    pub fn of(records: &Records, threads: usize) -> Self {
        let rows = records.rows.len();
        let mut blocks = Self {
            active: vec![0; rows * SLOTS],
            members: Vec::new(),
            starts: vec![0, 0],
            found: Vec::with_capacity(RULES.len()),
        };
        for rules in RULES.chunks(RULES_AT_ONCE * threads.max(1)) {
            let parts: Vec<Vec<Divided>> = std::thread::scope(|scope| {
                let parts = rules.chunks(RULES_AT_ONCE);
                let handles: Vec<_> =
                    parts.map(|part| scope.spawn(|| divide_rules(records, part))).collect();
                handles.into_iter().filter_map(|handle| handle.join().ok()).collect()
            });
            for divided in parts.into_iter().flatten() {
                blocks.add(&divided);
            }
        }
        blocks
    }

    fn add(&mut self, divided: &Divided) {
        let mut rest = divided.entries.as_slice();
        for size in &divided.sizes {
            let (block, after) = rest.split_at((*size as usize).min(rest.len()));
            rest = after;
            let id = number(self.starts.len() - 1);
            for (row, slot) in block {
                let place = *row as usize * SLOTS + usize::from(*slot);
                if let Some(active) = self.active.get_mut(place) {
                    *active = id;
                }
                self.members.push(*row);
            }
            self.starts.push(number(self.members.len()));
        }
        self.found.push(divided.found);
    }

    /// How many blocks there are, with the empty one of number 0.
    pub fn len(&self) -> usize {
        self.starts.len() - 1
    }

    /// Whether no two rows share a key.
    pub fn is_empty(&self) -> bool {
        self.len() <= 1
    }

    /// Calls `visit` with each candidate pair of these blocks, once, the lower row first; a pair
    /// belongs to the first block that has it.
    pub fn pairs(&self, blocks: std::ops::Range<usize>, visit: impl FnMut(u32, u32)) {
        self.chosen_pairs(blocks, |_, _| true, visit);
    }

    /// Like [`Blocks::pairs`], for those pairs only that `choose` wants: asked first, for it is cheap.
    pub(crate) fn chosen_pairs(
        &self,
        blocks: std::ops::Range<usize>,
        choose: impl Fn(u32, u32) -> bool,
        mut visit: impl FnMut(u32, u32),
    ) {
        for block in blocks {
            let start = self.starts.get(block).copied().unwrap_or(0) as usize;
            let end = self.starts.get(block + 1).copied().unwrap_or(0) as usize;
            let members = self.members.get(start..end).unwrap_or_default();
            for (place, a) in members.iter().enumerate() {
                for b in members.iter().skip(place + 1) {
                    if choose(*a, *b) && self.first_shared(*a, *b) == number(block) {
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

    /// The least number of a block that both rows are in; blocks of an earlier rule have lower ones.
    fn first_shared(&self, a: u32, b: u32) -> u32 {
        let (mut x, mut y) = (self.slots(a), self.slots(b));
        for rule in RULES {
            let (of_a, rest_a) = x.split_at(rule.width().min(x.len()));
            let (of_b, rest_b) = y.split_at(rule.width().min(y.len()));
            (x, y) = (rest_a, rest_b);
            let shared = of_a.iter().filter(|id| **id != 0 && of_b.contains(id)).min();
            if let Some(shared) = shared {
                return *shared;
            }
        }
        0
    }
}

fn divide_rules(records: &Records, rules: &[Rule]) -> Vec<Divided> {
    let mut entries: Vec<Vec<Entry>> =
        rules.iter().map(|_| Vec::with_capacity(records.rows.len())).collect();
    for (row, place) in records.rows.iter().zip(0..) {
        chains_of(&records.pool, row, rules, |rule, slot, chain| {
            if let (Some(list), true) = (entries.get_mut(rule), chain.len > 0) {
                let [key, ..] = chain.keys;
                list.push(Entry { key, row: place, slot });
            }
        });
    }
    entries
        .into_iter()
        .zip(rules)
        .map(|(list, rule)| {
            let most = rule.block_max();
            let mut divided = Divided::default();
            divide(records, most, list, 1, &mut divided);
            divided
        })
        .collect()
}

/// Divides entries of one rule into blocks; those that are too large by the next key of the chain.
fn divide(
    records: &Records,
    most: usize,
    mut entries: Vec<Entry>,
    depth: usize,
    divided: &mut Divided,
) {
    entries.sort_unstable_by_key(|entry| (entry.key, entry.row, entry.slot));
    entries.dedup_by_key(|entry| (entry.key, entry.row));
    let mut too_large = Vec::new();
    for block in entries.chunk_by(|a, b| a.key == b.key) {
        if block.len() > most {
            let before = too_large.len();
            too_large.extend(block.iter().filter_map(|entry| {
                let chains = keys(&records.pool, records.rows.get(entry.row as usize)?);
                let chain = chains.get(usize::from(entry.slot))?;
                let key = *chain.keys.get(depth).filter(|_| depth < chain.len)?;
                Some(Entry { key, ..*entry })
            }));
            if too_large.len() == before {
                divided.found.generic += block.len() as u64;
            }
        } else if block.len() > 1 {
            let size = block.len() as u64;
            divided.found.blocks += 1;
            divided.found.pairs += size * (size - 1) / 2;
            divided.sizes.push(number(block.len()));
            divided.entries.extend(block.iter().map(|entry| (entry.row, entry.slot)));
        }
    }
    drop(entries);
    if !too_large.is_empty() {
        divide(records, most, too_large, depth + 1, divided);
    }
}

fn number(place: usize) -> u32 {
    u32::try_from(place).unwrap_or(u32::MAX)
}
