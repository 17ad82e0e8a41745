//! Uses of many people's data: written once, and found again from each of these people.
//!
//! INVARIANT: a row of such a use and the places where it is found are written in one commit, by one type,
//! and never change. So a log that is read by its places misses nothing.

use crate::account::{DAY_MS, Span};
use crate::gate::Gate;
use crate::uses::{COHORT_USES, CohortUseRow};
use model::Timestamp;
use roaring::RoaringBitmap;
use std::cmp::Reverse;
use store::{Batch, StoreError, Table, View};

pub(crate) type Sort = (Timestamp, [u8; 8]);

/// Where uses of few people are found: under the ordinal of each of them.
const AMONG: Table<u32, Sort, ()> = store::table!("among", 1);

/// Where uses of many people are found: under each block of ordinals that has some of them, with those
/// that it has, as a serialised roaring bitmap.
const AMONG_MANY: Table<u32, Sort, Vec<u8>> = store::table!("among_many", 1);

/// People of a use that stands under each of them. A commit of the intake rarely touches more; where
/// there are more, a block's bitmap takes less room than a row for each.
const FEW_MAX: u64 = 1_024;

/// Bits of an ordinal within its block: what one container of a roaring bitmap holds.
const BLOCK_BITS: u32 = 16;

/// Rows of blocks that are read at once: 8 KiB each, at most.
const BLOCKS_AT_ONCE: usize = 256;

/// One use of many people's data on its way into the store.
pub(crate) struct CohortUse {
    /// Its row, with the number of its entry still to be given.
    row: CohortUseRow,
    nonce: [u8; 8],
    found: Found,
}

enum Found {
    UnderEach(RoaringBitmap),
    UnderBlocks(Vec<(u32, Vec<u8>)>),
}

impl CohortUse {
    /// A use of `people`, with all that takes long done before others have to wait.
    pub(crate) fn of(
        row: CohortUseRow,
        nonce: [u8; 8],
        people: &RoaringBitmap,
    ) -> Result<Self, StoreError> {
        let found = if people.len() <= FEW_MAX {
            Found::UnderEach(people.clone())
        } else {
            Found::UnderBlocks(blocks(people)?)
        };
        Ok(Self { row, nonce, found })
    }

    /// Adds the places where the use is found to a batch.
    pub(crate) fn stage_places(&self, batch: &mut Batch, now: Timestamp) {
        let sort = (now, self.nonce);
        match &self.found {
            Found::UnderEach(people) => {
                people.iter().for_each(|ordinal| batch.put(&AMONG, &ordinal, &sort, &()));
            }
            Found::UnderBlocks(blocks) => {
                for (block, people) in blocks {
                    batch.put(&AMONG_MANY, block, &sort, people);
                }
            }
        }
    }

    /// Adds the row itself, which entry `entry` commits to. Without its places nobody finds it.
    pub(crate) fn stage_row(&self, batch: &mut Batch, now: Timestamp, entry: u64) {
        let row = CohortUseRow { entry, ..self.row.clone() };
        batch.put(&COHORT_USES, &day(now), &(now, self.nonce), &row);
    }
}

fn blocks(people: &RoaringBitmap) -> Result<Vec<(u32, Vec<u8>)>, StoreError> {
    let (mut blocks, mut left) = (Vec::new(), people.clone());
    while let Some(least) = left.min() {
        let block = least >> BLOCK_BITS;
        let range = block << BLOCK_BITS..=(block << BLOCK_BITS | ((1 << BLOCK_BITS) - 1));
        let mut part = RoaringBitmap::new();
        part.insert_range(range.clone());
        part &= &left;
        left.remove_range(range);
        blocks.push((block, written(&part)?));
    }
    Ok(blocks)
}

/// The bytes of a bitmap.
pub(crate) fn written(people: &RoaringBitmap) -> Result<Vec<u8>, StoreError> {
    let mut bytes = Vec::with_capacity(people.serialized_size());
    people
        .serialize_into(&mut bytes)
        .map_err(|_| StoreError::Corrupt("a cohort cannot be written".to_owned()))?;
    Ok(bytes)
}

/// Days since the epoch: the partition of a use of many.
fn day(at: Timestamp) -> u32 {
    u32::try_from(at.0.div_euclid(DAY_MS)).unwrap_or(0)
}

impl Gate {
    /// The newest uses of many people's data in which the person of `ordinal` was, newest first: as
    /// many as the span says, and what else happened at the instant of the last one.
    pub(crate) fn among(
        &self,
        view: &View<'_>,
        ordinal: u32,
        span: &Span,
    ) -> Result<Vec<(Timestamp, CohortUseRow)>, StoreError> {
        let before = span.before.map(|at| (at, [0; 8]));
        let same = |a: &Sort, b: &Sort| a.0 == b.0;
        let few = view.range_back_whole(&AMONG, &ordinal, before.as_ref(), span.limit, same)?;
        let mut found: Vec<Sort> = few.into_iter().map(|(sort, _)| sort).collect();
        found.extend(self.among_many(view, ordinal, span)?);
        found.sort_unstable_by_key(|sort| Reverse(*sort));
        let last = span.limit.checked_sub(1).and_then(|place| found.get(place)).map(|sort| sort.0);
        found.retain(|(at, _)| last.is_none_or(|last| *at >= last));
        let keys: Vec<_> = found.into_iter().map(|sort| (day(sort.0), sort)).collect();
        let rows = view.get_many(&COHORT_USES, &keys)?;
        let uses = keys.into_iter().zip(rows);
        Ok(uses.filter_map(|((_, (at, _)), row)| Some((at, row?.value))).collect())
    }

    /// The same of uses of more than [`FEW_MAX`] people, within the days of the span.
    fn among_many(
        &self,
        view: &View<'_>,
        ordinal: u32,
        span: &Span,
    ) -> Result<Vec<Sort>, StoreError> {
        let newest = span.before.unwrap_or_else(|| self.now().plus_ms(1));
        let days_ms = i64::try_from(span.days).unwrap_or(i64::MAX).saturating_mul(DAY_MS);
        let oldest = Timestamp(newest.0.saturating_sub(days_ms));
        let mut from = span.before.map(|at| (at, [0; 8]));
        let mut found: Vec<Sort> = Vec::new();
        loop {
            let block = ordinal >> BLOCK_BITS;
            let page = view.range_back(&AMONG_MANY, &block, from.as_ref(), BLOCKS_AT_ONCE)?;
            let more = page.len() == BLOCKS_AT_ONCE;
            for (sort, row) in page {
                let enough = found.len() >= span.limit
                    && found.last().is_none_or(|(last, _)| *last != sort.0);
                if sort.0 < oldest || enough {
                    return Ok(found);
                }
                let people = RoaringBitmap::deserialize_from(&*row.value)
                    .map_err(|_| StoreError::Corrupt("a block of a cohort".to_owned()))?;
                if people.contains(ordinal) {
                    found.push(sort);
                }
                from = Some(sort);
            }
            if !more {
                return Ok(found);
            }
        }
    }
}
