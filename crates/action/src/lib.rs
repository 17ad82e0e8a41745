//! What the house does towards people. For now that is mail: the ways in to the preference centre, the
//! notices about them, and receipts.
//!
//! It never keeps an address or what opens a door: the outbox says to whom and what for, addresses are
//! opened when a letter is written, by a permit that the customer finds among the uses, and links and
//! codes are made then. What is late is not sent.

pub mod limits;

mod ask;
mod outbox;
mod send;

mod letter;
mod mail;

mod error;

pub use ask::Asked;
pub use error::{ActionError, MailError};
pub use letter::unsubscribe_headers;
pub use mail::Mail;
pub use outbox::Kept;
pub use send::Turn;

use gate::{Caller, Gate, Notice};
use people::People;
use std::fmt;
use std::sync::Arc;
use store::Store;

/// The name under which customers find this room among the uses of their data.
pub const CALLER: &str = "preference centre mail";

/// Writes a receipt out: of the records that a permit opens, the one of a ledger entry.
pub type Receipts = Arc<dyn Fn(&[model::RecordId], u64) -> Option<String> + Send + Sync>;

/// Whether a source's word about addresses is trusted.
pub type Trusted = Arc<dyn Fn(model::SourceId) -> bool + Send + Sync>;

/// What the room is built from.
pub struct Parts {
    /// Where outbox and limits are.
    pub store: Store,
    /// Decides about every use.
    pub gate: Arc<Gate>,
    /// Records and people.
    pub people: Arc<People>,
    /// As whom this room asks: a service that may contact people in answer to themselves.
    pub caller: Caller,
    /// Who is responsible, for letters.
    pub notice: Arc<Notice>,
    /// How letters are sent; nothing where they are not.
    pub mail: Option<Mail>,
    /// Whose word about an address is good enough to let somebody in by it: not that of a source whose key
    /// anybody can read in a page.
    pub trusted: Trusted,
    /// How receipts are written.
    pub receipts: Receipts,
    /// Chance, for the names of letters.
    pub rng: Arc<dyn model::Rng>,
}

/// The room.
pub struct Action {
    parts: Parts,
}

impl Action {
    /// Opens the room.
    pub const fn new(parts: Parts) -> Self {
        Self { parts }
    }

    /// The public address of the house, where letters are sent.
    pub fn base_url(&self) -> Option<&str> {
        self.parts.mail.as_ref().map(Mail::base_url)
    }

    /// Whether letters are sent at all.
    pub const fn mails(&self) -> bool {
        self.parts.mail.is_some()
    }
}

impl fmt::Debug for Parts {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Parts").field("mail", &self.mail).finish_non_exhaustive()
    }
}

impl fmt::Debug for Action {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Action").field("mail", &self.parts.mail).finish_non_exhaustive()
    }
}
