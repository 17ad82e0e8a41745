//! Whoever came by a message: a party to the contract who may look at it and refuse, and nothing else.
//! Messages get passed on, so this is another type than a [`Subject`](crate::Subject), which no page and
//! no function that shows data takes.

use crate::contract::Contract;
use crate::gate::Gate;
use crate::outcome::Refusal;
use crate::subject::{DoorKind, NoEntry, SESSION_MS, Token};
use crate::ticket::{Ticket, TicketFor};
use aws_lc_rs::constant_time;
use model::{Bit, PersonId, RecordId, Sensitive};

/// Whoever holds a session that shows the contract only. Only the gate makes one.
#[derive(Debug)]
pub struct Party {
    record: RecordId,
    form_token: String,
}

impl Party {
    /// The record that the session is of.
    pub const fn record(&self) -> RecordId {
        self.record
    }

    /// What a form of this session carries.
    pub fn form_token(&self) -> &str {
        &self.form_token
    }

    /// Whether a form carries this session's token. Compares in constant time.
    pub fn owns_form(&self, token: &str) -> bool {
        let (own, token) = (self.form_token.as_bytes(), token.as_bytes());
        constant_time::verify_slices_are_equal(own, token).is_ok()
    }
}

/// What lets somebody refuse without being there themselves.
#[derive(Clone, Copy, Debug)]
pub enum Refuser<'a> {
    /// A ticket for one grant, which a message carried.
    Ticket(&'a Ticket),
    /// A session that shows the contract.
    Party(&'a Party),
}

impl Refuser<'_> {
    /// The record on which it is said.
    pub const fn record(&self) -> RecordId {
        match self {
            Self::Ticket(ticket) => ticket.record(),
            Self::Party(party) => party.record(),
        }
    }
}

impl Ticket {
    /// The grant that it refuses, if that is what it is for.
    pub const fn refuses(&self) -> Option<Bit> {
        match self.good_for() {
            TicketFor::Refusal(bit) => Some(bit),
            TicketFor::NotMe | TicketFor::Contract | TicketFor::Confirmation(_) => None,
        }
    }
}

impl Gate {
    /// Gives a session that shows the contract, for a ticket which says so. Any number of times: whoever
    /// has the message has it again tomorrow.
    ///
    /// # Errors
    ///
    /// [`NoEntry`].
    pub fn enter_by_ticket(&self, ticket: &Ticket) -> Result<Sensitive<String>, NoEntry> {
        if ticket.good_for() != TicketFor::Contract {
            return Err(NoEntry::Closed);
        }
        Ok(self.new_door(ticket.record(), DoorKind::Contract, SESSION_MS)?)
    }

    /// Whoever holds a session that shows the contract.
    ///
    /// # Errors
    ///
    /// [`NoEntry`].
    pub fn party(&self, session: &Sensitive<String>) -> Result<Party, NoEntry> {
        let view = self.store.read()?;
        let token = Token::read(session).ok_or(NoEntry::Closed)?;
        self.open_door(&view, &token, &token.hash(), DoorKind::Contract)?;
        Ok(Party { record: token.record, form_token: token.form() })
    }

    /// What the person of a party has agreed to. It is recorded like every look, and opens no data.
    ///
    /// # Errors
    ///
    /// As [`Gate::ask_own`].
    pub fn contract_with(&self, party: &Party, person: PersonId) -> Result<Contract, Refusal> {
        let permit = self.ask_for_mask(party.record(), person)?;
        let view = self.store.read()?;
        let contract = self.contracts(&view, &[person])?.into_iter().next().flatten();
        self.spend(permit, &view)?;
        Ok(contract.ok_or(Refusal::Stale)?.value)
    }
}
