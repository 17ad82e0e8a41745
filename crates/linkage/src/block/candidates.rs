//! All candidate pairs of a set of rows, each once.

use super::keys::{chains_of, finer};
use super::sort::{Entry, sort};
use super::{RULES, Rule};
use crate::record::{NONE, Records};
use std::ops::Range;

/// The blocks of a set of rows.
pub struct Blocks {
    /// Rows in the order in which they are asked: those of one family name behind each other, so that
    /// what they are compared with is still in the processor's cache.
    order: Vec<u32>,
    /// The blocks of all rows, by row.
    of_rows: Vec<u32>,
    /// Where the blocks of each row begin in `of_rows`, with a last entry for the end.
    row_starts: Vec<usize>,
    /// The members of all blocks, one block behind the other, ascending within each.
    members: Vec<u32>,
    /// Where each block begins in `members`, with a last entry for the end.
    starts: Vec<usize>,
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

/// Rules whose entries are held in memory at once, by one thread.
const RULES_AT_ONCE: usize = 7;

/// The blocks of one rule: lists of rows, one behind the other.
#[derive(Default)]
struct Divided {
    rows: Vec<u32>,
    sizes: Vec<u32>,
    found: Found,
}

impl Blocks {
    /// Blocks all rows of `records`, on `threads` threads.
    pub fn of(records: &Records, threads: usize) -> Self {
        let mut blocks = Self {
            order: order(records),
            of_rows: Vec::new(),
            row_starts: Vec::new(),
            members: Vec::new(),
            starts: vec![0],
            found: Vec::with_capacity(RULES.len()),
        };
        for rules in RULES.chunks(RULES_AT_ONCE * threads.max(1)) {
            let parts: Vec<Vec<Divided>> = std::thread::scope(|scope| {
                let parts = rules.chunks(rules.len().div_ceil(threads.max(1)));
                let handles: Vec<_> =
                    parts.map(|part| scope.spawn(|| divide_rules(records, part))).collect();
                handles.into_iter().filter_map(|handle| handle.join().ok()).collect()
            });
            for divided in parts.into_iter().flatten() {
                blocks.add(&divided);
            }
        }
        blocks.invert(records.rows.len());
        blocks
    }

    fn add(&mut self, divided: &Divided) {
        let mut end = self.members.len();
        self.members.extend_from_slice(&divided.rows);
        for size in &divided.sizes {
            end += *size as usize;
            self.starts.push(end);
        }
        self.found.push(divided.found);
    }

    /// Lists the blocks of each row.
    fn invert(&mut self, rows: usize) {
        let mut starts = vec![0_usize; rows + 2];
        for row in &self.members {
            if let Some(count) = starts.get_mut(*row as usize + 2) {
                *count += 1;
            }
        }
        let mut sum = 0;
        for start in &mut starts {
            sum += *start;
            *start = sum;
        }
        self.of_rows = vec![0; self.members.len()];
        for (range, block) in self.starts.windows(2).zip(0..) {
            let [start, end] = range else { continue };
            for row in self.members.get(*start..*end).unwrap_or_default() {
                let Some(next) = starts.get_mut(*row as usize + 1) else { continue };
                if let Some(place) = self.of_rows.get_mut(*next) {
                    *place = block;
                }
                *next += 1;
            }
        }
        starts.pop();
        self.row_starts = starts;
    }

    /// How many rows there are.
    pub fn len(&self) -> usize {
        self.order.len()
    }

    /// Whether there are no rows.
    pub fn is_empty(&self) -> bool {
        self.order.is_empty()
    }

    /// Calls `visit` with each candidate pair whose lower row is one of these places of the order,
    /// once, the lower row first.
    pub fn pairs(&self, places: Range<usize>, visit: impl FnMut(u32, u32)) {
        self.chosen_pairs(places, |_, _| true, visit);
    }

    /// Like [`Blocks::pairs`], for those pairs only that `choose` wants: asked first, for it is cheap.
    pub(crate) fn chosen_pairs(
        &self,
        places: Range<usize>,
        choose: impl Fn(u32, u32) -> bool,
        mut visit: impl FnMut(u32, u32),
    ) {
        let mut near = Vec::new();
        for row in self.order.get(places).unwrap_or_default() {
            near.clear();
            for block in slice(&self.of_rows, &self.row_starts, *row) {
                let members = slice(&self.members, &self.starts, *block).iter().rev();
                let above = members.copied().take_while(|other| other > row);
                near.extend(above.filter(|other| choose(*row, *other)));
            }
            near.sort_unstable();
            near.dedup();
            for other in &near {
                visit(*row, *other);
            }
        }
    }
}

fn slice<'a>(all: &'a [u32], starts: &[usize], number: u32) -> &'a [u32] {
    let at = |place: usize| starts.get(place).copied().unwrap_or(0);
    all.get(at(number as usize)..at(number as usize + 1)).unwrap_or_default()
}

fn order(records: &Records) -> Vec<u32> {
    let name = |row: u32| {
        let row = records.rows.get(row as usize);
        let (family, street) = row.map_or((NONE, NONE), |row| (row.family, row.street));
        (records.pool.value(family).sound, family, street)
    };
    let mut order: Vec<_> =
        (0..).take(records.rows.len()).map(|row: u32| (name(row), row)).collect();
    order.sort_unstable();
    order.into_iter().map(|(_, row)| row).collect()
}

fn divide_rules(records: &Records, rules: &[Rule]) -> Vec<Divided> {
    let mut entries: Vec<Vec<Entry>> = rules.iter().map(|_| Vec::new()).collect();
    for (row, place) in records.rows.iter().zip(0..) {
        chains_of(&records.pool, row, rules, |rule, _, chain| {
            if let (Some(list), true) = (entries.get_mut(rule), chain.len > 0) {
                let [key, ..] = chain.keys;
                list.push(Entry::new(key, place));
            }
        });
    }
    entries
        .into_iter()
        .zip(rules)
        .map(|(list, rule)| {
            let mut divided = Divided::default();
            divide(records, *rule, list, 1, &mut divided);
            divided
        })
        .collect()
}

/// Divides entries of one rule into blocks; those that are too large by the next key of the chain.
fn divide(records: &Records, rule: Rule, entries: Vec<Entry>, depth: usize, divided: &mut Divided) {
    let mut entries = sort(entries);
    entries.dedup();
    let mut too_large = Vec::new();
    for block in entries.chunk_by(|a, b| a.key() == b.key()) {
        if block.len() > rule.block_max() {
            let before = too_large.len();
            let finer = |entry: &Entry| {
                let row = records.rows.get(entry.row as usize)?;
                let key = finer(&records.pool, row, rule, entry.key(), depth)?;
                Some(Entry::new(key, entry.row))
            };
            too_large.extend(block.iter().filter_map(finer));
            if too_large.len() == before {
                divided.found.generic += block.len() as u64;
            }
        } else if block.len() > 1 {
            let size = block.len() as u64;
            divided.found.blocks += 1;
            divided.found.pairs += size * (size - 1) / 2;
            divided.sizes.push(u32::try_from(block.len()).unwrap_or(u32::MAX));
            divided.rows.extend(block.iter().map(|entry| entry.row));
        }
    }
    drop(entries);
    if !too_large.is_empty() {
        divide(records, rule, too_large, depth + 1, divided);
    }
}
