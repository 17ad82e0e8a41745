//! The laws of the house, tested across rooms. See `tests/`.
//!
//! Here is what the tests share: a house over any store with a clock and a chance that a test
//! chooses, the brand that sends to it, the real program as a process, a client, and a canonical
//! account of everything a house knows.
#![expect(
    clippy::unwrap_used,
    clippy::panic,
    clippy::missing_panics_doc,
    reason = "set-up that fails is a test that fails, and should say where"
)]

pub mod account;
pub mod brand;
pub mod chance;
pub mod client;
pub mod house;
pub mod post;
pub mod process;
pub mod search;

use std::env;

/// How often a test of many rounds repeats: what the law asks for, or less or more by the
/// environment variable `BONAFIDE_LAWS_ROUNDS`, in percent of it.
pub fn rounds(full: usize) -> usize {
    let percent = env::var("BONAFIDE_LAWS_ROUNDS").ok().and_then(|text| text.parse().ok());
    (full * percent.unwrap_or(100)).div_ceil(100).max(1)
}
