//! What stays of a request when its customer is erased: that there was one, and how it ended.

use super::DAY_MS;
use super::request::{Request, RequestId};
use super::words::{RequestKind, RequestState, Through};
use crate::gate::Gate;
use model::Timestamp;
use serde::{Deserialize, Serialize};
use store::{Batch, StoreError, Table, View, limits};

/// Requests of customers who were erased, by number. They name nobody.
pub(crate) const KEPT: Table<RequestId, (), KeptRequest> = store::table!("requests_kept", 1);

/// How long it is kept that there was a request: two years (11 CCR 7101).
pub const KEPT_MS: i64 = 731 * DAY_MS;

/// That there was a request, and how it ended.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct KeptRequest {
    /// What was asked for.
    pub kind: RequestKind,
    /// Through which door it came.
    pub through: Through,
    /// When it came.
    pub received: Timestamp,
    /// By when it was to be answered.
    pub answer_by: Timestamp,
    /// When its customer was erased.
    pub ended: Timestamp,
    /// How it ended; whatever was open then is answered by the erasure.
    pub state: RequestState,
}

pub(super) fn stage_kept(batch: &mut Batch, request: &Request, now: Timestamp) {
    let Request { id, kind, through, received, answer_by, state, .. } = *request;
    let state = if state.is_open() { RequestState::Answered } else { state };
    let kept = KeptRequest { kind, through, received, answer_by, ended: now, state };
    batch.put(&KEPT, &id, &(), &kept);
}

impl Gate {
    /// What is kept of a request whose customer was erased.
    ///
    /// # Errors
    ///
    /// When the store fails.
    pub fn kept_request(
        &self,
        view: &View<'_>,
        id: RequestId,
    ) -> Result<Option<KeptRequest>, StoreError> {
        Ok(view.get(&KEPT, &id, &())?.map(|row| row.value))
    }

    /// Forgets requests of the erased that were kept long enough. Gives how many.
    ///
    /// # Errors
    ///
    /// When the store fails.
    pub fn forget_requests(&self) -> Result<usize, StoreError> {
        let (now, mut gone, mut after) = (self.clock.now(), 0, None);
        loop {
            let page = self.store.read()?.scan(&KEPT, after.as_ref(), limits::PAGE_MAX)?;
            let mut batch = Batch::default();
            for (id, (), row) in &page {
                if row.value.ended.plus_ms(KEPT_MS) < now {
                    batch.delete(&KEPT, id, &());
                    gone += 1;
                }
            }
            if !batch.is_empty() {
                self.store.commit(batch)?;
            }
            if page.len() < limits::PAGE_MAX {
                return Ok(gone);
            }
            after = page.last().map(|(id, (), _)| (*id, ()));
        }
    }
}
