//! Reading back what was done and said: use logs, signals, and their end at an erasure.

use crate::among::Sort;
use crate::gate::Gate;
use crate::log::LedgerError;
use crate::receipt::Evidence;
use crate::rights::stage_requests_gone;
use crate::uses::{CohortUseRow, SIGNALS, SignalRow, USES, UseRow};
use model::{RecordId, Timestamp};
use store::{Batch, StoreError, View, limits};

/// One line of a person's log.
#[derive(Clone, Debug)]
pub struct Used {
    /// When.
    pub at: Timestamp,
    /// Whose data was used, and how the gate answered.
    pub of: UsedFor,
}

/// Whose data a line is about.
#[derive(Clone, Debug)]
pub enum UsedFor {
    /// This person's.
    Own(UseRow),
    /// Many people's, this person's among them.
    Among(CohortUseRow),
}

impl Used {
    /// The ledger entry that commits to it.
    pub const fn entry(&self) -> u64 {
        match &self.of {
            UsedFor::Own(row) => row.entry,
            UsedFor::Among(row) => row.entry,
        }
    }
}

/// Which part of a log is read.
#[derive(Clone, Copy, Debug)]
pub struct Span {
    /// Only what was before.
    pub before: Option<Timestamp>,
    /// Lines, at most.
    pub limit: usize,
    /// Days that are looked through for uses of the data of more than a thousand people.
    pub days: u64,
}

pub(crate) const DAY_MS: i64 = 86_400_000;

impl Gate {
    /// The newest lines of a person's log, newest first: uses of its own data, and of many people's
    /// where it was among them. There are as many as the span says, and what else happened at the instant
    /// of the last one.
    ///
    /// # Errors
    ///
    /// When the store fails.
    pub fn log_of(
        &self,
        view: &View<'_>,
        records: &[RecordId],
        ordinal: u32,
        span: &Span,
    ) -> Result<Vec<Used>, StoreError> {
        let own = self.uses_of(view, records, span.before, span.limit)?;
        let own = own.into_iter().map(|(at, row)| Used { at, of: UsedFor::Own(row) });
        let among = self.among(view, ordinal, span)?;
        let among = among.into_iter().map(|(at, row)| Used { at, of: UsedFor::Among(row) });
        let mut log: Vec<Used> = own.chain(among).collect();
        log.sort_by_key(|used| std::cmp::Reverse((used.at, used.entry())));
        // The next page begins before this one's last instant, so that has to be whole.
        let last = span.limit.checked_sub(1).and_then(|place| log.get(place)).map(|used| used.at);
        log.retain(|used| last.is_none_or(|last| used.at >= last));
        Ok(log)
    }

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

    /// The signal of one ledger entry among those that were said on `records`, with what proves it.
    ///
    /// # Errors
    ///
    /// When the store or the ledger fails.
    pub fn signal_at(
        &self,
        view: &View<'_>,
        records: &[RecordId],
        entry: u64,
    ) -> Result<Option<(Timestamp, SignalRow, Evidence)>, LedgerError> {
        for record in records {
            let mut last: Option<Sort> = None;
            loop {
                let page = view.range(&SIGNALS, record, last.as_ref(), limits::PAGE_MAX)?;
                let found = page.iter().find(|(_, row)| row.value.entry == entry);
                if let Some(((at, nonce), row)) = found {
                    let key = self.keys.ledger_keys(view, &[*record])?.into_iter().next().flatten();
                    let Some(key) = key else { return Ok(None) };
                    let proof = self.ledger.inclusion_proof(entry)?;
                    let evidence = Evidence::of_signal(*at, &row.value, *nonce, &key, &proof)?;
                    return Ok(Some((*at, row.value.clone(), evidence)));
                }
                let full = page.len() == limits::PAGE_MAX;
                last = page.last().map(|(sort, _)| *sort);
                if !full {
                    break;
                }
            }
        }
        Ok(None)
    }

    /// Adds the deletion of all uses, signals, requests, links and sessions of a record to a batch, and of what
    /// other rooms keep under it. The ledger keeps its
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
        each_row(view, &SIGNALS, record, &mut |sort| batch.delete(&SIGNALS, &record, sort))?;
        stage_requests_gone(view, batch, record, self.clock.now())?;
        Self::stage_doors_gone(view, batch, record)?;
        self.kept.iter().try_for_each(|kept| kept.stage_erased(view, batch, record))
    }
}

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
