//! Reading back what was done and said: use logs, signals, and their end at an erasure.

use crate::contract::Signal;
use crate::gate::Gate;
use crate::uses::{COHORT_USES, CohortUseRow, SIGNALS, SignalRow, USES, UseRow};
use model::{RecordId, Timestamp};
use roaring::RoaringBitmap;
use store::{Batch, StoreError, View, limits};

impl Gate {
    /// The newest uses of the data under `records`, newest first, all before `before` if given:
    /// `limit`, and what else happened at the instant of the last one. The log of a person is that
    /// of all its records.
    ///
    /// # Errors
    ///
    /// When the store fails.
    pub fn uses_of(
        &self,
        view: &View<'_>,
        records: &[RecordId],
        before: Option<Timestamp>,
        limit: usize,
    ) -> Result<Vec<(Timestamp, UseRow)>, StoreError> {
        let before = before.map(|at| (at, [0; 8]));
        let mut uses = Vec::new();
        for record in records {
            let same = |a: &Sort, b: &Sort| a.0 == b.0;
            let rows = view.range_back_whole(&USES, record, before.as_ref(), limit, same)?;
            uses.extend(rows.into_iter().map(|((at, _), row)| (at, row.value)));
        }
        uses.sort_by_key(|(at, row)| std::cmp::Reverse((*at, row.entry)));
        if let Some((last, _)) = limit.checked_sub(1).and_then(|place| uses.get(place)) {
            let last = *last;
            uses.retain(|(at, _)| *at >= last);
        }
        Ok(uses)
    }

    /// The uses of cohorts in which the person of `ordinal` was, of one day since the epoch.
    ///
    /// # Errors
    ///
    /// When the store fails.
    pub fn cohort_uses_of(
        &self,
        view: &View<'_>,
        ordinal: u32,
        day: u32,
        limit: usize,
    ) -> Result<Vec<(Timestamp, CohortUseRow)>, StoreError> {
        let rows = view.range_back(&COHORT_USES, &day, None, limits::PAGE_MAX)?;
        let mine = rows.into_iter().filter(|(_, row)| {
            RoaringBitmap::deserialize_from(&*row.value.members)
                .is_ok_and(|members| members.contains(ordinal))
        });
        Ok(mine.take(limit).map(|((at, _), row)| (at, row.value)).collect())
    }

    /// What was said on `records`, oldest first.
    ///
    /// # Errors
    ///
    /// When the store fails.
    pub fn signals_of(
        &self,
        view: &View<'_>,
        records: &[RecordId],
        limit: usize,
    ) -> Result<Vec<(Timestamp, SignalRow)>, StoreError> {
        let mut signals = Vec::new();
        for record in records {
            let rows = view.range_back(&SIGNALS, record, None, limit)?;
            signals.extend(rows.into_iter().map(|((at, _), row)| (at, row.value)));
        }
        signals.sort_by_key(|(at, row)| (*at, row.entry));
        Ok(signals)
    }

    /// The signal a register would take from a stored row.
    pub fn signal_of(at: Timestamp, row: &SignalRow) -> Signal {
        Signal { bit: row.bit, allowed: row.allowed, at, signed_in: row.signed_in }
    }

    /// Adds the deletion of all uses and signals of a record to a batch. The ledger keeps its
    /// leaves, which nothing connects with anybody once the record's key is gone.
    ///
    /// # Errors
    ///
    /// When the store fails.
    pub fn stage_erased(
        &self,
        view: &View<'_>,
        batch: &mut Batch,
        record: RecordId,
    ) -> Result<(), StoreError> {
        each_row(view, &USES, record, &mut |sort| batch.delete(&USES, &record, sort))?;
        each_row(view, &SIGNALS, record, &mut |sort| batch.delete(&SIGNALS, &record, sort))
    }
}

type Sort = (Timestamp, [u8; 8]);

fn each_row<V: store::Value>(
    view: &View<'_>,
    table: &store::Table<RecordId, Sort, V>,
    record: RecordId,
    visit: &mut dyn FnMut(&Sort),
) -> Result<(), StoreError> {
    let mut from: Option<Sort> = None;
    loop {
        let page = view.range(table, &record, from.as_ref(), limits::PAGE_MAX)?;
        let full = page.len() == limits::PAGE_MAX;
        for (sort, _) in page {
            visit(&sort);
            from = Some(sort);
        }
        if !full {
            return Ok(());
        }
    }
}
