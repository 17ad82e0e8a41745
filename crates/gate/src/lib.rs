//! The only door to personal data.
//!
//! Ask the [`Gate`]. It decides by the person's contract, writes the answer to the ledger, and only
//! then mints a [`Permit`]. Every function elsewhere that opens personal data spends a permit. It
//! fails closed: an unknown purpose, an unreadable contract or an unwritable ledger opens nothing.
//!
//! It never sees personal data, and never guesses what a customer would have said.

mod ask;
mod gate;
mod linking;
mod permit;
mod question;
mod spend;

mod access;
mod clock;
mod contract;
mod fold;
mod grants;
mod notice;
mod ordinals;
mod outcome;
mod pack;
mod policy;
mod service;

mod brand;
mod knock;
mod party;
mod subject;
mod ticket;
mod wishes;

mod account;
mod among;
mod intake;
mod kept;
mod receipt;
mod uses;

pub mod log;
pub mod recall;
pub mod rights;

pub use access::AccessError;
pub use account::{Span, Used, UsedFor};
pub use brand::{BRAND_WORD_MS_MAX, BrandError, BrandKey, BrandKeys, Named};
pub use clock::{Clocks, NoTerm, Term};
pub use contract::{Contract, Dated, Grounds, Method, Register, Signal, Standing, Voice};
pub use fold::{Allowed, Clause, fold};
pub use gate::{Gate, Parts};
pub use grants::Grants;
pub use intake::{Manner, SignalFact, Work, event_leaf};
pub use knock::{Answered, CODE_DIGITS, CODE_TRIES_MAX, KNOCK_MS, Knock, Tried};
pub use log::{Appended, Ledger, LedgerError, Signer, Verifier};
pub use notice::{Language, NoHash, Notice, NoticeError, NoticeHash, Offer, Text, Topic};
pub use outcome::{Outcome, Refusal};
pub use pack::{Basis, Minor, Needs, Pack, PackError, Terms};
pub use party::{Party, Refuser};
pub use permit::{
    CohortPermit, Contact, Decide, Export, Housemate, LinkDoor, LinkPermit, MODEL_RECORD, Opening,
    Permit, PersonUse, Repair, Resolve, Seal, Share, SubjectAccess, Train, Use, UseKind, View,
};
pub use policy::{Categories, Policy, PolicyError};
pub use question::{CUSTOMER, HOUSEMATE};
pub use receipt::{Evidence, EvidenceKind, Fact, Proven, ReceiptError};
pub use service::{Caller, Service, Services, key_sha256, sha256};
pub use subject::{LINK_MS_MAX, NoEntry, SESSION_MS, Subject};
pub use ticket::{TICKET_MS, Ticket, TicketFor};
pub use uses::{CohortUseRow, KeptByRecord, LeafKind, LedgerKeys, SignalRow, UseRow};
pub use wishes::{DAY_MINUTES, Quiet, TOPICS_MAX, Wishes};
