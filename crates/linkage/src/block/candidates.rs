//! All candidate pairs of a set of rows, each once.

use super::keys::{chains_of, finer};
use super::sort::{Entry, sort};
use super::{RULES, Rule};
use crate::record::{NONE, Records, Row};
use std::ops::Range;
use std::sync::Mutex;

/// The blocks of a set of rows.
pub struct Blocks {
    /// Rows in the order in which they are asked: those of one family name behind each other, so that
    /// what they are compared with is still in the processor's cache.
    order: Vec<u32>,
    /// The blocks of all rows, by row: where each begins in `members`.
    of_rows: Vec<u32>,
    /// Where the blocks of each row begin in `of_rows`, with a last entry for the end.
    row_starts: Vec<usize>,
    /// All blocks, one behind the other: how many members it has, then the members, ascending.
    members: Vec<u32>,
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
        f.debug_struct("Blocks").field("rows", &self.order.len()).finish_non_exhaustive()
    }
}

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
            found: Vec::with_capacity(RULES.len()),
        };
        let threads = threads.max(1);
        let share = records.rows.len().div_ceil(threads).max(1);
        let parts: Vec<Vec<Vec<Entry>>> = std::thread::scope(|scope| {
            let ranges = records.rows.chunks(share).zip((0..).step_by(share));
            let handles: Vec<_> = ranges
                .map(|(rows, first)| scope.spawn(move || entries_of(records, rows, first)))
                .collect();
            handles.into_iter().filter_map(|handle| handle.join().ok()).collect()
        });
        for divided in divide_all(records, parts, threads) {
            blocks.add(&divided);
        }
        blocks.invert(records.rows.len());
        blocks
    }

    fn add(&mut self, divided: &Divided) {
        let mut rest = divided.rows.as_slice();
        for size in &divided.sizes {
            let (block, after) = rest.split_at((*size as usize).min(rest.len()));
            rest = after;
            self.members.push(*size);
            self.members.extend_from_slice(block);
        }
        self.found.push(divided.found);
    }

    /// Lists the blocks of each row.
    fn invert(&mut self, rows: usize) {
        let mut starts = vec![0_usize; rows + 2];
        each_block(&self.members, |_, block| {
            for row in block {
                if let Some(count) = starts.get_mut(*row as usize + 2) {
                    *count += 1;
                }
            }
        });
        let mut sum = 0;
        for start in &mut starts {
            sum += *start;
            *start = sum;
        }
        let mut of_rows = vec![0; sum];
        each_block(&self.members, |start, block| {
            for row in block {
                let Some(next) = starts.get_mut(*row as usize + 1) else { continue };
                if let Some(place) = of_rows.get_mut(*next) {
                    *place = start;
                }
                *next += 1;
            }
        });
        starts.pop();
        (self.of_rows, self.row_starts) = (of_rows, starts);
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
    pub fn pairs(&self, places: Range<usize>, mut visit: impl FnMut(u32, u32)) {
        let mut near = Vec::new();
        for row in self.order.get(places).unwrap_or_default() {
            near.clear();
            for block in self.blocks_of(*row) {
                near.extend(block.iter().rev().copied().take_while(|other| other > row));
            }
            near.sort_unstable();
            near.dedup();
            for other in &near {
                visit(*row, *other);
            }
        }
    }

    /// Calls `visit` with those candidate pairs of which one row is sampled and the other is `later` by
    /// what `sampled` gave, the lower row first.
    pub(crate) fn sampled_pairs<T: Copy>(
        &self,
        places: Range<usize>,
        sampled: impl Fn(u32) -> Option<T>,
        later: impl Fn(T, u32) -> bool,
        mut visit: impl FnMut(u32, u32),
    ) {
        let mut near = Vec::new();
        for row in self.order.get(places).unwrap_or_default() {
            let Some(given) = sampled(*row) else { continue };
            near.clear();
            self.blocks_of(*row).for_each(|block| near.extend_from_slice(block));
            near.sort_unstable();
            near.dedup();
            for other in near.iter().filter(|other| *other != row && later(given, **other)) {
                visit(*row.min(other), *row.max(other));
            }
        }
    }

    fn blocks_of(&self, row: u32) -> impl Iterator<Item = &[u32]> {
        let at = |place: usize| self.row_starts.get(place).copied().unwrap_or(0);
        let starts = self.of_rows.get(at(row as usize)..at(row as usize + 1));
        starts.unwrap_or_default().iter().map(|start| {
            let (size, members) = self
                .members
                .get(*start as usize..)
                .and_then(<[u32]>::split_first)
                .unwrap_or((&0, &[]));
            members.get(..*size as usize).unwrap_or_default()
        })
    }
}

/// Calls `visit` with each block and where it begins.
fn each_block(members: &[u32], mut visit: impl FnMut(u32, &[u32])) {
    let (mut start, mut rest) = (0, members);
    while let [size, after @ ..] = rest {
        let (block, next) = after.split_at((*size as usize).min(after.len()));
        visit(start, block);
        start += size + 1;
        rest = next;
    }
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

/// The entries of some rows, by rule.
fn entries_of(records: &Records, rows: &[Row], first: usize) -> Vec<Vec<Entry>> {
    let mut entries: Vec<Vec<Entry>> = RULES.iter().map(|_| Vec::new()).collect();
    let first = u32::try_from(first).unwrap_or(u32::MAX);
    for (row, place) in rows.iter().zip(first..) {
        chains_of(&records.pool, row, RULES, |rule, _, chain| {
            if let (Some(list), true) = (entries.get_mut(rule), chain.len > 0) {
                let [key, ..] = chain.keys;
                list.push(Entry::new(key, place));
            }
        });
    }
    entries
}

/// The blocks of all rules, in their order; each thread takes the next rule.
fn divide_all(records: &Records, parts: Vec<Vec<Vec<Entry>>>, threads: usize) -> Vec<Divided> {
    let mut by_rule: Vec<Vec<Vec<Entry>>> = RULES.iter().map(|_| Vec::new()).collect();
    for part in parts {
        for (rule, entries) in by_rule.iter_mut().zip(part) {
            rule.push(entries);
        }
    }
    let waiting = Mutex::new(RULES.iter().zip(by_rule).enumerate());
    let take = || {
        let mut done = Vec::new();
        loop {
            let next = waiting.lock().ok().and_then(|mut waiting| waiting.next());
            let Some((place, (rule, entries))) = next else { return done };
            let mut divided = Divided::default();
            divide(records, *rule, entries, 1, &mut divided);
            done.push((place, divided));
        }
    };
    let mut all: Vec<(usize, Divided)> = std::thread::scope(|scope| {
        let handles: Vec<_> = (0..threads).map(|_| scope.spawn(take)).collect();
        handles.into_iter().filter_map(|handle| handle.join().ok()).flatten().collect()
    });
    all.sort_unstable_by_key(|(place, _)| *place);
    all.into_iter().map(|(_, divided)| divided).collect()
}

/// Divides entries of one rule into blocks; those that are too large by the next key of the chain.
fn divide(
    records: &Records,
    rule: Rule,
    entries: Vec<Vec<Entry>>,
    depth: usize,
    divided: &mut Divided,
) {
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
        divide(records, rule, vec![too_large], depth + 1, divided);
    }
}
