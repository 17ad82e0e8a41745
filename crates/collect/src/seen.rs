//! Which messages have been taken in already, for as long as a client may send them again.

use model::{Blind, SourceId, Timestamp};
use std::collections::BTreeSet;
use store::{AsOf, Batch, StoreError, Table, View, limits};

/// Message ids by period of one window; a partition is one source's one period.
const SEEN: Table<(u32, SourceId), Blind, Timestamp> = store::table!("seen", 1);

/// Remembers message ids for a window.
///
/// Ids lie in periods as long as the window, so an id that is still remembered is in this period or
/// the one before, and a period two back can go as a whole.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Seen {
    window_ms: i64,
}

type Id = (SourceId, Blind);

impl Seen {
    pub(crate) fn new(window_ms: i64) -> Self {
        Self { window_ms: window_ms.max(1) }
    }

    fn period(self, now: Timestamp) -> u32 {
        u32::try_from(now.0.div_euclid(self.window_ms)).unwrap_or(0)
    }

    /// Which of `ids` are remembered at `now`.
    pub(crate) fn known(
        self,
        view: &View<'_>,
        ids: &[Id],
        now: Timestamp,
    ) -> Result<BTreeSet<Id>, StoreError> {
        let period = self.period(now);
        let periods = [Some(period), period.checked_sub(1)];
        let mut known = BTreeSet::new();
        for period in periods.into_iter().flatten() {
            let keys: Vec<_> =
                ids.iter().map(|(source, message)| ((period, *source), *message)).collect();
            let rows = view.get_many(&SEEN, &keys)?;
            let remembered = rows.into_iter().zip(ids).filter(|(row, _)| {
                row.as_ref().is_some_and(|row| now.ms_since(row.value) < self.window_ms)
            });
            known.extend(remembered.map(|(_, id)| *id));
        }
        Ok(known)
    }

    /// Remembers `ids`, unknown in the view as of `at`, from `now` on, unless another process
    /// remembers one meanwhile.
    pub(crate) fn stage(self, batch: &mut Batch, ids: &BTreeSet<Id>, now: Timestamp, at: AsOf) {
        let period = self.period(now);
        for (source, message) in ids {
            batch.check_read(&SEEN, &(period, *source), message, None, at);
            batch.put(&SEEN, &(period, *source), message, &now);
        }
    }

    /// Forgets up to a page of ids whose window is over. Gives how many; call again while some.
    pub(crate) fn forget(
        self,
        view: &View<'_>,
        batch: &mut Batch,
        now: Timestamp,
    ) -> Result<usize, StoreError> {
        let period = self.period(now);
        let rows = view.scan(&SEEN, None, limits::PAGE_MAX)?;
        let old = rows.into_iter().filter(|((of, _), _, _)| of + 1 < period);
        Ok(old.map(|(partition, id, _)| batch.delete(&SEEN, &partition, &id)).count())
    }
}
