//! The words every room shares, as types: ids, time, purposes, grants, masks, personal data.
//!
//! It holds no I/O, reads no clock, draws no random number and decides nothing.

mod grant;
mod id;
mod jurisdiction;
mod limits;
mod purpose;
mod sensitive;
mod time;

pub use grant::{Bit, GRANTS_MAX, Grant, GrantError, Mask, Scope};
pub use id::{Blind, IdentifierKind, PersonId, RecordId, RecordKind, SourceId, UnreadableId};
pub use jurisdiction::{Jurisdiction, NoJurisdiction};
pub use limits::Limits;
pub use purpose::{Category, Purpose, UnknownWord};
pub use sensitive::Sensitive;
pub use time::{Clock, Rng, Timestamp};
