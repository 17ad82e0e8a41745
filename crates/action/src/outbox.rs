//! The outbox: letters that are to be sent, under the record they are about. A row says what, to which of
//! the person's addresses by its pseudonym, and until when; never an address, a text or a secret.

use crate::limits::{ATTEMPTS_MAX, LETTERS_PER_RECORD_MAX, RETRY_MS, RETRY_MS_MAX};
use gate::{KeptByRecord, Language};
use model::{Bit, Blind, RecordId, Timestamp};
use serde::{Deserialize, Serialize};
use store::{Batch, Row, StoreError, Table, View, limits};

/// Letters by record and name.
pub(crate) const OUTBOX: Table<RecordId, [u8; 16], MailRow> = store::table!("outbox", 1);

/// Asks that nobody has looked at yet, by time and knock. They lead to a record only when a turn looks, so
/// that asking costs the same whether anybody has the address.
pub(crate) const QUEUE: Table<(), (Timestamp, [u8; 16]), QueuedRow> = store::table!("queue", 1);

/// How often an address was asked for, by its pseudonym.
pub(crate) const ASKS: Table<Blind, (), AskRow> = store::table!("asks", 1);

/// The addresses of a record that were asked for, so that they are forgotten with it.
pub(crate) const ASKS_OF: Table<RecordId, Blind, ()> = store::table!("asks_of", 1);

/// How often anybody asked this minute: one row.
pub(crate) const HOUSE: Table<(), (), HouseRow> = store::table!("house", 1);

/// One letter.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct MailRow {
    pub(crate) what: What,
    pub(crate) language: Language,
    pub(crate) made: Timestamp,
    /// After this it is not sent any more.
    pub(crate) ends: Timestamp,
    /// When it may be tried next.
    pub(crate) next: Timestamp,
    /// How often it was tried.
    pub(crate) attempts: u8,
}

/// What a letter is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum What {
    /// A link and a code, for the knock of the letter's name, to the address that was asked for.
    SignIn(Blind),
    /// Word that somebody asked, to another address.
    Notice(Blind),
    /// The receipt of a ledger entry, to the address said last.
    Receipt(u64),
    /// Whether a yes to a grant was meant, to the address said last.
    Confirmation(Bit),
}

/// One ask.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct QueuedRow {
    pub(crate) about: Blind,
    pub(crate) language: Language,
    pub(crate) ends: Timestamp,
}

/// How often one address was asked for.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct AskRow {
    /// When, of the last day.
    pub(crate) asked: Vec<Timestamp>,
    /// How often codes were tried to the last.
    pub(crate) failures: u8,
    /// When it may be asked for again.
    pub(crate) open_from: Option<Timestamp>,
}

/// How often anybody asked.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct HouseRow {
    /// The minute since the epoch.
    pub(crate) minute: i64,
    pub(crate) asks: u32,
}

impl MailRow {
    pub(crate) const fn new(
        what: What,
        language: Language,
        now: Timestamp,
        ends: Timestamp,
    ) -> Self {
        Self { what, language, made: now, ends, next: now, attempts: 0 }
    }

    /// Whether it is over: too late, or tried too often.
    pub(crate) fn is_over(&self, now: Timestamp) -> bool {
        now >= self.ends || (self.attempts >= ATTEMPTS_MAX && now >= self.next)
    }

    /// The row while somebody sends it, which is also what it is after a failure.
    pub(crate) fn claimed(&self, now: Timestamp) -> Self {
        let wait = RETRY_MS.saturating_mul(1 << self.attempts.min(16)).min(RETRY_MS_MAX);
        Self { next: now.plus_ms(wait), attempts: self.attempts.saturating_add(1), ..self.clone() }
    }
}

/// Whether a record has room for one more letter.
pub(crate) fn has_room(view: &View<'_>, record: RecordId) -> Result<bool, StoreError> {
    let waiting = view.range(&OUTBOX, &record, None, LETTERS_PER_RECORD_MAX)?;
    Ok(waiting.len() < LETTERS_PER_RECORD_MAX)
}

/// A letter with its record and name.
type Waiting = (RecordId, [u8; 16], Row<MailRow>);

/// The letters that are due or over, oldest first.
pub(crate) fn due(
    view: &View<'_>,
    now: Timestamp,
    among: usize,
) -> Result<Vec<Waiting>, StoreError> {
    let mut due = view.scan(&OUTBOX, None, among.min(limits::PAGE_MAX))?;
    due.retain(|(_, _, row)| row.value.next <= now || row.value.is_over(now));
    due.sort_by_key(|(_, name, row)| (row.value.made, *name));
    Ok(due)
}

/// What this room keeps under a record, for the gate to take along when it is erased.
#[derive(Clone, Copy, Debug, Default)]
pub struct Kept;

impl KeptByRecord for Kept {
    fn stage_erased(
        &self,
        view: &View<'_>,
        batch: &mut Batch,
        record: RecordId,
    ) -> Result<(), StoreError> {
        for (name, _) in view.range(&OUTBOX, &record, None, limits::PAGE_MAX)? {
            batch.delete(&OUTBOX, &record, &name);
        }
        for (about, _) in view.range(&ASKS_OF, &record, None, limits::PAGE_MAX)? {
            batch.delete(&ASKS_OF, &record, &about);
            batch.delete(&ASKS, &about, &());
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_letter_waits_twice_as_long_each_time_and_ends() {
        let day = 24 * 60 * 60_000;
        let mut row = MailRow::new(What::Receipt(1), Language::En, Timestamp(0), Timestamp(day));
        let mut waits = Vec::new();
        let mut now = Timestamp(0);
        while !row.is_over(now) {
            row = row.claimed(now);
            waits.push((row.next.0 - now.0) / 60_000);
            now = row.next;
        }
        assert_eq!(waits, [1, 2, 4, 8, 16, 32, 60, 60]);
        let late = MailRow::new(What::Receipt(1), Language::En, Timestamp(0), Timestamp(5));
        assert!(!late.is_over(Timestamp(4)) && late.is_over(Timestamp(5)));
    }
}
