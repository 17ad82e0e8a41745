//! What customers ask for by right (GDPR Art. 15 to 22; CCPA 1798.100 to 130): requests with clocks.
//!
//! A request holds no personal data: what it is, when it came, what was done, by whom, and words from
//! closed lists. It stands under a record and is erased with it; each of its steps is a ledger entry.

mod words;

mod request;

mod desk;
mod kept;
mod queue;

pub(crate) use desk::stage_requests_gone;
pub use desk::{NewRequest, RightsError, StepFact};
pub use kept::{KEPT_MS, KeptRequest};
pub use queue::{Due, OnQueue, QueueCount};
pub use request::{COOL_OFF_MS, NoStep, Request, RequestId, StepRow};
pub use words::{Delay, Ground, RequestKind, RequestState, Step, Through};

/// Open requests of one person, at most.
pub const OPEN_MAX: usize = 16;

/// Unverified or refused requests about one person within a day, after which no more are taken that are
/// not the customer's own: somebody is trying doors.
pub const DOUBTFUL_PER_DAY_MAX: usize = 3;

/// Steps of one request, at most.
pub const STEPS_MAX: usize = 64;

pub(crate) const DAY_MS: i64 = 86_400_000;
