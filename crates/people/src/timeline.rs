//! What happened, newest first.

use crate::row::{EVENTS, EventKind, EventRow, RECORDS};
use crate::{People, PeopleError, limits, sealed};
use gate::{Opening, Permit, PersonUse};
use model::{Category, RecordId, Sensitive, SourceId, Timestamp};
use std::cmp::Reverse;

/// A page of a person's timeline.
#[derive(Debug)]
pub struct Timeline {
    /// The ledger entry of this use.
    pub entry: u64,
    /// The events, newest first.
    pub events: Vec<TimelineEvent>,
    /// Where the next page starts, if there may be one.
    pub before: Option<Timestamp>,
}

/// One event as the permit shows it.
#[derive(Debug)]
pub struct TimelineEvent {
    /// When it happened, corrected.
    pub at: Timestamp,
    /// When it arrived.
    pub received: Timestamp,
    /// Its kind.
    pub kind: EventKind,
    /// The record it is a fact of.
    pub record: RecordId,
    /// Its source.
    pub source: SourceId,
    /// The parts the purpose opens: a JSON object each.
    pub parts: Vec<(Category, Sensitive<Vec<u8>>)>,
    /// How many parts it does not open.
    pub sealed: usize,
}

impl People {
    /// Spends a permit on a page of its person's timeline: `limit` events before `before`,
    /// and what else happened at the instant of the last one.
    ///
    /// # Errors
    ///
    /// As [`People::profile`].
    pub fn timeline<U: PersonUse>(
        &self,
        permit: Permit<U>,
        before: Option<Timestamp>,
        limit: usize,
    ) -> Result<Timeline, PeopleError> {
        let limit = limit.clamp(1, limits::TIMELINE_PAGE_MAX);
        let view = self.store.read()?;
        let opening = self.gate.spend(permit, &view)?;
        let keys = self.vault.load(&view, opening.records())?;
        let ids: Vec<_> = opening.records().iter().map(|record| (*record, ())).collect();
        let sources = view.get_many(&RECORDS, &ids)?;
        let bound = before.map(|at| (at, [0; 8]));
        let mut rows = Vec::new();
        for ((record, ()), row) in ids.into_iter().zip(sources) {
            let Some(row) = row else { continue };
            let page =
                view.range_back_whole(&EVENTS, &record, bound.as_ref(), limit, |a, b| a.0 == b.0)?;
            let source = row.value.source;
            rows.extend(page.into_iter().map(|(sort, row)| (sort, record, source, row.value)));
        }
        rows.sort_by_key(|((at, message), record, _, _)| Reverse((*at, *record, *message)));
        // Whole instants only, so that the next page can begin before the last one.
        let before = rows.get(limit - 1).map(|((at, _), ..)| *at);
        rows.retain(|((at, _), ..)| before.is_none_or(|last| *at >= last));
        let events = rows
            .into_iter()
            .map(|((at, message), record, source, row)| {
                self.open_event(&opening, &keys, (record, source), (at, message), &row)
            })
            .collect::<Result<_, PeopleError>>()?;
        Ok(Timeline { entry: opening.entry(), events, before })
    }

    fn open_event<U: PersonUse>(
        &self,
        opening: &Opening<U>,
        keys: &vault::RecordKeys,
        (record, source): (RecordId, SourceId),
        (at, message): (Timestamp, [u8; 8]),
        row: &EventRow,
    ) -> Result<TimelineEvent, PeopleError> {
        let field = sealed::event_field(message);
        let (mut parts, mut closed) = (Vec::new(), 0);
        for part in &row.parts {
            match self.vault.open_field(opening, keys, record, field, part)? {
                Some(plain) => parts.push((part.category(), plain)),
                None => closed += 1,
            }
        }
        let EventRow { kind, received, .. } = *row;
        Ok(TimelineEvent { at, received, kind, record, source, parts, sealed: closed })
    }
}
