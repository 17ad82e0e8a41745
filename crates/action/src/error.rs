//! What can go wrong here. No message says to whom or what about.

use gate::{NoEntry, Refusal};
use people::PeopleError;
use std::fmt;
use store::StoreError;

/// Why this room did not do as asked.
#[derive(Debug)]
pub enum ActionError {
    /// The store failed.
    Store(StoreError),
    /// People could not be looked up or opened.
    People(PeopleError),
    /// No letters are sent, or too many wait already.
    Off,
}

impl fmt::Display for ActionError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Store(error) => error.fmt(f),
            Self::People(error) => error.fmt(f),
            Self::Off => f.write_str("no letters are sent, or too many wait: see [mail]"),
        }
    }
}

impl std::error::Error for ActionError {}

impl From<StoreError> for ActionError {
    fn from(error: StoreError) -> Self {
        Self::Store(error)
    }
}

impl From<PeopleError> for ActionError {
    fn from(error: PeopleError) -> Self {
        Self::People(error)
    }
}

impl From<Refusal> for ActionError {
    fn from(refusal: Refusal) -> Self {
        Self::People(PeopleError::Refused(refusal))
    }
}

impl From<NoEntry> for ActionError {
    fn from(error: NoEntry) -> Self {
        match error {
            NoEntry::Closed => Self::People(PeopleError::Unknown),
            NoEntry::Store(error) => Self::Store(error),
        }
    }
}

/// Why mail is not set up as the configuration says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MailError {
    /// The address of the mail server is none.
    Server,
    /// Another machine's mail server would be spoken to in the clear.
    Clear,
    /// The sender is no address.
    From,
    /// The public address of the house is none, or not secure.
    Base,
}

impl fmt::Display for MailError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Server => "smtp: give smtp://host:port or smtps://host:port",
            Self::Clear => "smtp: tls may be left out on this machine only",
            Self::From => "from: give an address, such as privacy@brand.example",
            Self::Base => "base_url: give https:// and the public name, without a path",
        })
    }
}

impl std::error::Error for MailError {}
