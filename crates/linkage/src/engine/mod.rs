//! The engine: batch linkage of a set of records, and the primitives it shares with the incremental
//! [`Index`](crate::engine).

mod batch;
mod component;
mod groups;
mod settings;

pub use batch::{Output, Pair, Side, dedupe, pair, train};
pub use component::{Asserted, Decision, decide};
pub use settings::Settings;
