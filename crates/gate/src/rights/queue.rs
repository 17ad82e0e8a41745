//! Looking for requests: one, a customer's, and what waits on the desk.

use super::desk::{REQUESTS, REQUESTS_OF};
use super::request::{Request, RequestId};
use super::words::RequestState;
use crate::gate::Gate;
use model::{RecordId, Timestamp};
use std::collections::BTreeSet;
use store::{StoreError, Table, View, limits};

/// Where a request stands in the queue: by when something is due, and its number.
pub type Due = (Timestamp, RequestId);

/// Requests by whether they are open, and by when something is due.
pub(crate) const QUEUE: Table<u8, Due, ()> = store::table!("request_queue", 1);

/// Which requests are looked for.
#[derive(Clone, Copy, Debug)]
pub struct OnQueue {
    /// Whether open ones, or closed ones.
    pub open: bool,
    /// Only these states.
    pub state: Option<RequestState>,
    /// Only what is due before.
    pub due_before: Option<Timestamp>,
    /// After this one of the page before.
    pub after: Option<Due>,
    /// Requests, at most.
    pub limit: usize,
}

/// How much waits on the desk.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct QueueCount {
    /// Open requests.
    pub open: u64,
    /// Of these, how many should have been seen to by now.
    pub overdue: u64,
}

pub(super) const fn place(request: &Request) -> u8 {
    place_of(request.state.is_open())
}

const fn place_of(open: bool) -> u8 {
    if open { 0 } else { 1 }
}

impl Gate {
    /// A request.
    ///
    /// # Errors
    ///
    /// When the store fails.
    pub fn request(&self, view: &View<'_>, id: RequestId) -> Result<Option<Request>, StoreError> {
        Ok(view.get(&REQUESTS, &id, &())?.map(|row| row.value))
    }

    /// The requests of some records, newest first.
    ///
    /// # Errors
    ///
    /// When the store fails.
    pub fn requests_of(
        &self,
        view: &View<'_>,
        records: &[RecordId],
    ) -> Result<Vec<Request>, StoreError> {
        let mut ids = BTreeSet::new();
        for record in records {
            let mut from = None;
            loop {
                let page = view.range(&REQUESTS_OF, record, from.as_ref(), limits::PAGE_MAX)?;
                ids.extend(page.iter().map(|(id, _)| *id));
                from = page.last().map(|(id, _)| *id);
                if page.len() < limits::PAGE_MAX {
                    break;
                }
            }
        }
        let ids: Vec<_> = ids.into_iter().map(|id| (id, ())).collect();
        let rows = view.get_many(&REQUESTS, &ids)?;
        let mut requests: Vec<Request> = rows.into_iter().flatten().map(|row| row.value).collect();
        requests.sort_by_key(|request| std::cmp::Reverse((request.received, request.id)));
        Ok(requests)
    }

    /// A page of the queue, what is due first coming first, and where the next page begins.
    ///
    /// # Errors
    ///
    /// When the store fails.
    pub fn queue(
        &self,
        view: &View<'_>,
        on: &OnQueue,
    ) -> Result<(Vec<Request>, Option<Due>), StoreError> {
        let (mut found, mut from) = (Vec::new(), on.after);
        loop {
            let page = view.range(&QUEUE, &place_of(on.open), from.as_ref(), limits::PAGE_MAX)?;
            let full = page.len() == limits::PAGE_MAX;
            let past = |at: Timestamp| on.due_before.is_some_and(|before| at >= before);
            let ids: Vec<_> = page
                .iter()
                .map(|(at, _)| *at)
                .filter(|at| Some(*at) != on.after && Some(*at) != from)
                .take_while(|(due, _)| !past(*due))
                .collect();
            let keys: Vec<_> = ids.iter().map(|(_, id)| (*id, ())).collect();
            for (at, row) in ids.iter().zip(view.get_many(&REQUESTS, &keys)?) {
                let Some(row) = row else { continue };
                if on.state.is_none_or(|state| row.value.state == state) {
                    if found.len() == on.limit {
                        return Ok((found, from));
                    }
                    found.push(row.value);
                }
                from = Some(*at);
            }
            if !full || page.last().is_none_or(|((due, _), _)| past(*due)) {
                return Ok((found, None));
            }
            from = page.last().map(|(at, _)| *at);
        }
    }

    /// How much waits.
    ///
    /// # Errors
    ///
    /// When the store fails.
    pub fn queue_count(&self, view: &View<'_>) -> Result<QueueCount, StoreError> {
        let (now, mut count, mut from) = (self.clock.now(), QueueCount::default(), None);
        loop {
            let page = view.range(&QUEUE, &place_of(true), from.as_ref(), limits::PAGE_MAX)?;
            let more = page.iter().filter(|(at, _)| Some(*at) != from);
            for ((due, _), _) in more {
                count.open += 1;
                count.overdue += u64::from(*due < now);
            }
            if page.len() < limits::PAGE_MAX {
                return Ok(count);
            }
            from = page.last().map(|(at, _)| *at);
        }
    }
}
