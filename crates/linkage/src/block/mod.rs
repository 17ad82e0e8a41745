//! Which pairs are worth comparing: rows that share a key of any rule.
//!
//! A block of more than [`Limits::block`] rows is divided by refining its key; what is too large
//! even then is *generic* and gives no candidates. Whether two rows are candidates is thus a
//! function of the set of rows: of how many bear each key.

mod candidates;
mod keys;
mod rules;
mod sort;

pub use candidates::{Blocks, Found};
pub use keys::{CHAIN_MAX, Chain, keys};
pub(crate) use keys::{each_chain, finer};
pub use rules::{RULES, Rule, SLOTS};

/// The largest block that is compared pair by pair.
pub const BLOCK_MAX: usize = 30;
