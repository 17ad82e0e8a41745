//! Recalls: who got somebody's data by an export learns that its customer took the grant back, restricted the
//! data, or is erased (GDPR Art. 17(2), 19).
//!
//! A recall stands under its recipient until the recipient acknowledges it. It names the person as the
//! recipient was told, and nothing else about anybody.

use crate::account::Span;
use crate::contract::Contract;
use crate::gate::Gate;
use crate::outcome::Outcome;
use crate::permit::UseKind;
use crate::uses::USES;
use model::{Bit, Grant, PersonId, RecordId, Timestamp, UnreadableId};
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;
use std::fmt;
use std::str::FromStr;
use store::{Batch, StoreError, Table, View, limits};

/// Recalls that their recipients have not acknowledged.
pub(crate) const RECALLS: Table<String, (Timestamp, [u8; 8]), RecallRow> =
    store::table!("recalls", 1);

/// How a recipient names a recall.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct RecallId(Timestamp, [u8; 8]);

/// Thirty-two hexadecimal digits, which sort as recalls were made.
impl fmt::Display for RecallId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut bytes = [0; 16];
        let parts = self.0.0.to_be_bytes().into_iter().chain(self.1);
        bytes.iter_mut().zip(parts).for_each(|(byte, of)| *byte = of);
        RecordId(bytes).fmt(f)
    }
}

impl FromStr for RecallId {
    type Err = UnreadableId;

    fn from_str(text: &str) -> Result<Self, UnreadableId> {
        let RecordId(bytes) = text.parse()?;
        let (at, nonce) = bytes.split_first_chunk::<8>().ok_or(UnreadableId)?;
        let nonce = nonce.try_into().map_err(|_| UnreadableId)?;
        Ok(Self(Timestamp(i64::from_be_bytes(*at)), nonce))
    }
}

/// Why data is recalled.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum RecallReason {
    /// The customer does not allow it any more.
    Withdrawn,
    /// The customer is erased.
    Erased,
}

impl RecallReason {
    /// The word for it in API and documents.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Withdrawn => "withdrawn",
            Self::Erased => "erased",
        }
    }
}

/// One recall, as it stands under its recipient.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RecallRow {
    /// The person, by the id that the recipient was given.
    pub person: PersonId,
    /// What is not allowed any more.
    pub grant: Grant,
    /// Why.
    pub reason: RecallReason,
}

impl Gate {
    /// Adds recalls to the batch in which a person's contract changes: for everybody who was given the person's
    /// data under a grant that the new contract does not have. Without a new contract the person is erased.
    ///
    /// # Errors
    ///
    /// When the store fails.
    pub fn stage_recalls(
        &self,
        view: &View<'_>,
        batch: &mut Batch,
        (person, old): (PersonId, &Contract),
        new: Option<&Contract>,
    ) -> Result<(), StoreError> {
        let now = self.clock.now();
        let is_lost =
            |bit: Bit| old.allowed.at(bit, now) && !new.is_some_and(|new| new.allowed.at(bit, now));
        let all = self.grants.iter().map(|(bit, _)| *bit);
        let lost: BTreeSet<Bit> = all.filter(|bit| is_lost(*bit)).collect();
        if lost.is_empty() {
            return Ok(());
        }
        let reason = new.map_or(RecallReason::Erased, |_| RecallReason::Withdrawn);
        for (service, person, bit) in self.exports(view, person, old, &lost)? {
            let Some(grant) = self.grants.grant(bit).cloned() else { continue };
            let mut nonce = [0; 8];
            self.rng.fill(&mut nonce);
            batch.put(&RECALLS, &service, &(now, nonce), &RecallRow { person, grant, reason });
        }
        Ok(())
    }

    /// Who was given a person's data under some grants, and by which id they know the person.
    fn exports(
        &self,
        view: &View<'_>,
        person: PersonId,
        contract: &Contract,
        lost: &BTreeSet<Bit>,
    ) -> Result<BTreeSet<(String, PersonId, Bit)>, StoreError> {
        let mut found = BTreeSet::new();
        for record in &contract.records {
            let mut from = None;
            loop {
                let page = view.range(&USES, record, from.as_ref(), limits::PAGE_MAX)?;
                for (_, row) in &page {
                    let row = &row.value;
                    let bit = row.bit.filter(|bit| lost.contains(bit));
                    if let Some(bit) = bit.filter(|_| left(row.kind, row.outcome)) {
                        found.insert((row.service.clone(), PersonId::from(*record), bit));
                    }
                }
                if page.len() < limits::PAGE_MAX {
                    break;
                }
                from = page.last().map(|(sort, _)| *sort);
            }
        }
        let (mut before, limit) = (None, limits::PAGE_MAX);
        loop {
            let span = Span { before, limit, days: u64::MAX };
            let page = self.among(view, contract.ordinal, &span)?;
            for (_, row) in &page {
                let bit = row.bit.filter(|bit| lost.contains(bit));
                if let Some(bit) = bit.filter(|_| left(row.kind, row.outcome)) {
                    found.insert((row.service.clone(), person, bit));
                }
            }
            if page.len() < limit {
                return Ok(found);
            }
            before = page.last().map(|(at, _)| *at);
        }
    }

    /// The oldest recalls of a recipient after one, at most `limit`.
    ///
    /// # Errors
    ///
    /// When the store fails.
    pub fn recalls(
        &self,
        view: &View<'_>,
        recipient: &str,
        after: Option<RecallId>,
        limit: usize,
    ) -> Result<Vec<(RecallId, RecallRow)>, StoreError> {
        let from = after.map(|RecallId(at, nonce)| (at, nonce));
        let rows = view.range(&RECALLS, &recipient.to_owned(), from.as_ref(), limit + 1)?;
        let rows = rows.into_iter().filter(|(sort, _)| Some(*sort) != from);
        let rows = rows.map(|((at, nonce), row)| (RecallId(at, nonce), row.value));
        Ok(rows.take(limit).collect())
    }

    /// Takes a recipient's word that a recall was obeyed: it is forgotten. Gives whether there was one.
    ///
    /// # Errors
    ///
    /// When the store fails.
    pub fn acknowledge_recall(&self, recipient: &str, id: RecallId) -> Result<bool, StoreError> {
        let (recipient, sort) = (recipient.to_owned(), (id.0, id.1));
        let Some(row) = self.store.read()?.get(&RECALLS, &recipient, &sort)? else {
            return Ok(false);
        };
        let mut batch = Batch::default();
        batch.check(&RECALLS, &recipient, &sort, Some(row.version));
        batch.delete(&RECALLS, &recipient, &sort);
        match self.store.commit(batch) {
            Ok(()) => Ok(true),
            // Acknowledged twice at once: the other one did it.
            Err(StoreError::Conflict) => Ok(false),
            Err(error) => Err(error),
        }
    }
}

/// Whether data left the house.
fn left(kind: UseKind, outcome: Outcome) -> bool {
    matches!(kind, UseKind::Export | UseKind::Share) && outcome == Outcome::Permitted
}
