//! Tickets: what a message carries so that whoever reads it can refuse, see the contract, confirm what
//! they said signed in, or say that somebody else was here. They need no row in the store: they are signed under the record's key, and end
//! with it.
//!
//! INVARIANT: a ticket opens no data. Whoever a message is forwarded to holds it, too.

use crate::contract::CONTRACTS;
use crate::gate::{ATTEMPTS_MAX, Gate};
use crate::permit::{Contact, Opening};
use crate::subject::{DOORS, DoorKind, NoEntry, stage_door_gone};
use crate::uses::row_key;
use aws_lc_rs::{constant_time, hmac};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use model::{Bit, PersonId, RecordId, Sensitive, Timestamp};
use store::{Batch, StoreError, limits};

/// How long a ticket lasts, at most, and by default: longer than messages are kept unread. Whoever sends in
/// bulk owes at least 30 days.
pub const TICKET_MS: i64 = 400 * 24 * 60 * 60_000;

/// What stands before the signature: form, what for, grant, end, record.
const HEAD: usize = 27;

/// Bytes of the signature: half of an HMAC-SHA-256.
const TAG: usize = 16;

/// The form of the bytes.
const FORM: u8 = 1;

/// What a ticket is good for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TicketFor {
    /// Closing every session, link and code of the person: somebody else was here.
    NotMe,
    /// Refusing one grant, or everything that can be refused.
    Refusal(Bit),
    /// Looking at the contract, and refusing.
    Contract,
    /// Saying again what was said signed in: a yes to one grant (double opt-in).
    Confirmation(Bit),
}

impl TicketFor {
    const fn bytes(self) -> [u8; 2] {
        match self {
            Self::NotMe => [1, 0],
            Self::Refusal(Bit(bit)) => [2, bit],
            Self::Contract => [3, 0],
            Self::Confirmation(Bit(bit)) => [4, bit],
        }
    }

    const fn of_bytes(bytes: [u8; 2]) -> Option<Self> {
        match bytes {
            [1, 0] => Some(Self::NotMe),
            [2, bit] => Some(Self::Refusal(Bit(bit))),
            [3, 0] => Some(Self::Contract),
            [4, bit] => Some(Self::Confirmation(Bit(bit))),
            _ => None,
        }
    }
}

/// A ticket that was looked at and is good. Only the gate makes one.
#[derive(Debug)]
pub struct Ticket {
    record: RecordId,
    good_for: TicketFor,
}

impl Ticket {
    /// The record it is of.
    pub const fn record(&self) -> RecordId {
        self.record
    }

    /// The grant to which it confirms a yes, if that is what it is for.
    pub const fn confirms(&self) -> Option<Bit> {
        match self.good_for {
            TicketFor::Confirmation(bit) => Some(bit),
            TicketFor::NotMe | TicketFor::Refusal(_) | TicketFor::Contract => None,
        }
    }

    /// What it is good for.
    pub const fn good_for(&self) -> TicketFor {
        self.good_for
    }
}

impl Gate {
    /// Makes a ticket for a message to whom an opening says one may write. Nothing when the opening does not
    /// cover the record, or its key is gone.
    ///
    /// # Errors
    ///
    /// When the store fails.
    pub fn ticket(
        &self,
        opening: &Opening<Contact>,
        record: RecordId,
        good_for: TicketFor,
        lasts_ms: i64,
    ) -> Result<Option<Sensitive<String>>, StoreError> {
        let Some(key) = self.ticket_key(record)? else { return Ok(None) };
        if !opening.covers(record, &self.seal()) {
            return Ok(None);
        }
        let ends = self.clock.now().plus_ms(lasts_ms.clamp(1, TICKET_MS));
        let head = [&[FORM][..], &good_for.bytes(), &ends.0.to_be_bytes(), &record.0].concat();
        let tag = hmac::sign(&key, &head);
        let bytes = head.iter().chain(tag.as_ref().iter().take(TAG)).copied();
        Ok(Some(Sensitive::new(URL_SAFE_NO_PAD.encode(bytes.collect::<Vec<u8>>()))))
    }

    /// Looks at a ticket.
    ///
    /// # Errors
    ///
    /// [`NoEntry::Closed`] when it is none of ours, has ended, or its record is gone.
    #[expect(clippy::disallowed_methods, reason = "read into bytes that are compared")]
    pub fn read_ticket(&self, ticket: &Sensitive<String>) -> Result<Ticket, NoEntry> {
        let bytes = URL_SAFE_NO_PAD.decode(ticket.reveal()).map_err(|_| NoEntry::Closed)?;
        let (head, tag) = bytes.split_at_checked(HEAD).ok_or(NoEntry::Closed)?;
        let Some((good_for, ends, record)) = parts(head) else { return Err(NoEntry::Closed) };
        let key = self.ticket_key(record)?.ok_or(NoEntry::Closed)?;
        let right = hmac::sign(&key, head);
        let right = right.as_ref().get(..TAG).unwrap_or_default();
        let same = constant_time::verify_slices_are_equal(tag, right).is_ok();
        let open = same && self.clock.now() < ends;
        if open { Ok(Ticket { record, good_for }) } else { Err(NoEntry::Closed) }
    }

    /// Closes every session, link and code of the person that holds the record of a ticket which says so.
    /// Gives how many there were.
    ///
    /// # Errors
    ///
    /// [`NoEntry::Closed`] when the ticket is for something else or the person does not hold its record.
    pub fn shut(&self, ticket: &Ticket, person: PersonId) -> Result<usize, NoEntry> {
        if ticket.good_for != TicketFor::NotMe {
            return Err(NoEntry::Closed);
        }
        for _ in 0..ATTEMPTS_MAX {
            let view = self.store.read()?;
            let row = view.get(&CONTRACTS, &person, &())?.ok_or(NoEntry::Closed)?;
            if row.value.records.binary_search(&ticket.record).is_err() {
                return Err(NoEntry::Closed);
            }
            let mut batch = Batch::default();
            batch.check(&CONTRACTS, &person, &(), Some(row.version));
            let mut shut = 0;
            for record in &row.value.records {
                for (at, row) in view.range(&DOORS, record, None, limits::PAGE_MAX)? {
                    // What was taken once is not to be taken again.
                    if row.value.kind != DoorKind::Spent {
                        stage_door_gone(&mut batch, *record, &at, row.value.kind);
                        shut += 1;
                    }
                }
            }
            drop(view);
            match self.store.commit(batch) {
                Ok(()) => return Ok(shut),
                Err(StoreError::Conflict) => {}
                Err(error) => return Err(error.into()),
            }
        }
        Err(StoreError::Conflict.into())
    }

    /// The key of a record's tickets, which follows from the record's own.
    fn ticket_key(&self, record: RecordId) -> Result<Option<hmac::Key>, StoreError> {
        let view = self.store.read()?;
        let key = self.keys.ledger_keys(&view, &[record])?.into_iter().next().flatten();
        Ok(key.map(|key| hmac::Key::new(hmac::HMAC_SHA256, &row_key(&key, b"bonafide ticket"))))
    }
}

fn parts(head: &[u8]) -> Option<(TicketFor, Timestamp, RecordId)> {
    let ([form, kind, bit], rest) = head.split_first_chunk()?;
    let (ends, rest) = rest.split_first_chunk()?;
    let record: [u8; 16] = rest.try_into().ok()?;
    let good_for = TicketFor::of_bytes([*kind, *bit]).filter(|_| *form == FORM)?;
    Some((good_for, Timestamp(i64::from_be_bytes(*ends)), RecordId(record)))
}
