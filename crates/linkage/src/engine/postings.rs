//! Who bears each key. A finer key is kept only while the block of the coarser one is too large: most
//! records are then posted under twenty keys instead of sixty, and which keys are posted is a function of
//! the set of records.

use crate::record::Map;
use std::collections::BTreeSet;

/// Rows by key. Spread over many tables, so that growing one never stalls a batch for long.
pub(super) struct Postings {
    shards: Vec<Map<u64, Posting>>,
    lists: Vec<Members>,
    free: Vec<u32>,
}

const SHARDS: usize = 256;

/// One key in two is borne by one record only.
#[derive(Clone, Copy)]
enum Posting {
    One(u32),
    List(u32),
}

/// The rows of a key.
enum Members {
    Few(Vec<u32>),
    /// Past [`FEW_MAX`]: such a block is generic, but who is in it must be known when it shrinks.
    Crowd(BTreeSet<u32>),
}

const FEW_MAX: usize = 64;

impl Default for Postings {
    fn default() -> Self {
        let shards = (0..SHARDS).map(|_| Map::default()).collect();
        Self { shards, lists: Vec::new(), free: Vec::new() }
    }
}

impl Postings {
    /// Adds a row that is not there; gives how many there are then.
    pub(super) fn add(&mut self, key: u64, row: u32) -> usize {
        let Some(shard) = self.shards.get_mut(shard_of(key)) else { return 0 };
        let posting = match shard.entry(key) {
            std::collections::hash_map::Entry::Vacant(vacant) => {
                vacant.insert(Posting::One(row));
                return 1;
            }
            std::collections::hash_map::Entry::Occupied(occupied) => occupied.into_mut(),
        };
        match *posting {
            Posting::One(other) => {
                let list = Members::Few(vec![other, row]);
                *posting = Posting::List(if let Some(place) = self.free.pop() {
                    if let Some(free) = self.lists.get_mut(place as usize) {
                        *free = list;
                    }
                    place
                } else {
                    self.lists.push(list);
                    u32::try_from(self.lists.len() - 1).unwrap_or(u32::MAX)
                });
                2
            }
            Posting::List(list) => self.lists.get_mut(list as usize).map_or(0, |all| all.add(row)),
        }
    }

    /// Takes a row out; gives how many are left.
    pub(super) fn remove(&mut self, key: u64, row: u32) -> usize {
        let Some(shard) = self.shards.get_mut(shard_of(key)) else { return 0 };
        match shard.get(&key).copied() {
            None => 0,
            Some(Posting::One(_)) => {
                shard.remove(&key);
                0
            }
            Some(Posting::List(list)) => {
                let Some(members) = self.lists.get_mut(list as usize) else { return 0 };
                let left = members.remove(row);
                if left == 1 {
                    let other = members.each().next().unwrap_or(0);
                    *members = Members::Few(Vec::new());
                    self.free.push(list);
                    shard.insert(key, Posting::One(other));
                }
                left
            }
        }
    }

    /// How many rows bear a key.
    pub(super) fn size(&self, key: u64) -> usize {
        match self.get(key) {
            None => 0,
            Some(Posting::One(_)) => 1,
            Some(Posting::List(list)) => self.list(list).map_or(0, Members::len),
        }
    }

    /// The rows that bear a key, in no order.
    pub(super) fn each(&self, key: u64) -> impl Iterator<Item = u32> + '_ {
        let (one, list) = match self.get(key) {
            None => (None, None),
            Some(Posting::One(row)) => (Some(row), None),
            Some(Posting::List(list)) => (None, self.list(list)),
        };
        one.into_iter().chain(list.into_iter().flat_map(Members::each))
    }

    fn get(&self, key: u64) -> Option<Posting> {
        self.shards.get(shard_of(key))?.get(&key).copied()
    }

    fn list(&self, list: u32) -> Option<&Members> {
        self.lists.get(list as usize)
    }
}

fn shard_of(key: u64) -> usize {
    // The table itself uses other bits: its hasher multiplies.
    (key >> 20) as usize % SHARDS
}

impl Members {
    fn len(&self) -> usize {
        match self {
            Self::Few(rows) => rows.len(),
            Self::Crowd(rows) => rows.len(),
        }
    }

    fn add(&mut self, row: u32) -> usize {
        match self {
            Self::Few(rows) if rows.len() < FEW_MAX => rows.push(row),
            Self::Few(rows) => {
                let mut crowd: BTreeSet<u32> = rows.iter().copied().collect();
                crowd.insert(row);
                *self = Self::Crowd(crowd);
            }
            Self::Crowd(rows) => drop(rows.insert(row)),
        }
        self.len()
    }

    fn remove(&mut self, row: u32) -> usize {
        match self {
            Self::Few(rows) => {
                if let Some(place) = rows.iter().position(|other| *other == row) {
                    rows.swap_remove(place);
                }
            }
            Self::Crowd(rows) => {
                rows.remove(&row);
                if rows.len() < FEW_MAX / 2 {
                    *self = Self::Few(rows.iter().copied().collect());
                }
            }
        }
        self.len()
    }

    fn each(&self) -> impl Iterator<Item = u32> + '_ {
        let (few, crowd) = match self {
            Self::Few(rows) => (Some(rows), None),
            Self::Crowd(rows) => (None, Some(rows)),
        };
        few.into_iter().flatten().chain(crowd.into_iter().flatten()).copied()
    }
}
