//! Named limits of this room.

use std::time::Duration;

/// Times that one address may be asked for in an hour.
pub const ASKS_PER_HOUR_MAX: usize = 3;

/// Times that one address may be asked for in a day.
pub const ASKS_PER_DAY_MAX: usize = 10;

/// Times that anybody may ask in a minute, in the whole house.
pub const ASKS_PER_MINUTE_MAX: u32 = 60;

/// Times that one browser may ask, each within the life of the time before.
pub const ASKS_PER_BROWSER_MAX: u8 = 5;

/// How long a yes waits for its confirmation.
pub const CONFIRM_MS: i64 = 7 * 24 * 60 * 60_000;

/// How long an address is closed after its code was tried too often; twice as long each time.
pub const CLOSED_MS: i64 = 15 * 60_000;

/// How long an address is closed, at most.
pub const CLOSED_MS_MAX: i64 = 24 * 60 * 60_000;

/// Asks that one turn answers.
pub const ANSWERS_MAX: usize = 64;

/// Letters that one turn sends.
pub const LETTERS_MAX: usize = 32;

/// Letters that wait, of which one turn looks for those that are due.
pub const WAITING_MAX: usize = 10_000;

/// Letters about one ask that go to the other addresses of the person.
pub const NOTICES_MAX: usize = 3;

/// Letters that wait for one record; more are not taken.
pub const LETTERS_PER_RECORD_MAX: usize = 20;

/// How often a letter is tried.
pub const ATTEMPTS_MAX: u8 = 8;

/// How long a letter waits after a failure, at first; twice as long each time. A letter that is being sent
/// belongs to whoever sends it for as long.
pub const RETRY_MS: i64 = 60_000;

/// How long a letter waits after a failure, at most.
pub const RETRY_MS_MAX: i64 = 60 * 60_000;

/// How long a notice or a receipt is worth sending.
pub const NOTICE_MS: i64 = 24 * 60 * 60_000;

/// How long the mail server may take for one answer.
pub const SERVER_MAX: Duration = Duration::from_secs(10);

/// How long somebody who gets a notice may say that it was not them.
pub const NOT_ME_MS: i64 = 30 * 24 * 60 * 60_000;

/// How often what was decided on may have changed before a call gives up.
pub const CONFLICTS_MAX: usize = 16;
