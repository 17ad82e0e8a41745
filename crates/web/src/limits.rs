//! Named limits of the edge.

use std::time::Duration;

/// Connections open at once; further ones wait in the kernel's backlog until one closes.
pub const CONNECTIONS_MAX: usize = 4_096;

/// How long a client may take to send the head of a request.
pub const HEAD_READ_MAX: Duration = Duration::from_secs(10);

/// How long a client may take to send the body of a request.
pub const BODY_READ_MAX: Duration = Duration::from_secs(30);

/// How long requests under way may take once the server stops.
pub const DRAIN_MAX: Duration = Duration::from_secs(30);

/// How long an accept that failed (too many open files) waits before it tries again.
pub const ACCEPT_PAUSE: Duration = Duration::from_millis(100);

/// Bytes of the body of an API request. The intake has each source's own limits.
pub const API_BODY_MAX: usize = 256 << 10;

/// Calls into the blocking rooms at once. More do not go faster: those that ask the gate together
/// share one commit.
pub const CALLS_AT_ONCE_MAX: usize = 64;

/// Calls that run or wait for their turn; more are answered with 503 at once.
pub const CALLS_WAITING_MAX: usize = 2_048;

/// Parameters of a query.
pub const PARAMETERS_MAX: usize = 32;

/// Rows on a page when nobody says how many.
pub const PAGE_DEFAULT: usize = 50;

/// Uses on one page of a person's use log.
pub const USES_PAGE_MAX: usize = 500;

/// Days of cohort uses that one call looks through.
pub const USE_DAYS_MAX: u32 = 31;

/// Signals shown in a contract.
pub const SIGNALS_MAX: usize = 500;

/// Items on one page of the quarantine.
pub const QUARANTINE_PAGE_MAX: usize = 500;

/// Recalls on one page.
pub const RECALLS_PAGE_MAX: usize = 500;

/// Requests by right on one page.
pub const REQUESTS_PAGE_MAX: usize = 500;

/// People one identifier may lead to before a lookup stops looking.
pub const CANDIDATES_MAX: usize = 20;

/// Records that one call may cut off a person.
pub const UNMERGE_MAX: usize = 500;

/// How often a household is looked at again when people come and go meanwhile.
pub const LOOKS_MAX: usize = 8;

/// How often an erasure is tried again when data arrives for the person meanwhile.
pub const ERASURES_MAX: usize = 8;

/// Seconds a client is asked to wait, at least and at most. SDKs accept up to 300.
pub const RETRY_AFTER_S: std::ops::RangeInclusive<u32> = 1..=300;

/// Bytes of an intake body that a worker reads itself; longer ones are read in a blocking room, so
/// that they do not delay their neighbours.
pub const INTAKE_INLINE_BYTES_MAX: usize = 64 << 10;

/// How long a replay waits for its verdict.
pub const REPLAY_MAX: Duration = Duration::from_secs(30);

/// Scripts of the operator.
pub const SCRIPTS_MAX: usize = 64;

/// Bytes of one script of the operator.
pub const SCRIPT_BYTES_MAX: u64 = 2 << 20;

/// Signals in one call.
pub const SAY_MAX: usize = 256;
