//! The engine: batch linkage of a set of records, and the primitives it shares with the incremental
//! [`Index`](crate::engine).

mod ambiguous;
mod batch;
mod component;
mod copies;
mod drawn;
mod fold;
mod groups;
mod how;
mod index;
mod person;
mod postings;
mod settings;
mod spread;

pub use ambiguous::{AMBIGUOUS_WITHIN, Ambiguous, ambiguous};
pub use batch::{Output, Pair, Side, dedupe, link_with, pair, train};
pub use component::{Asserted, Decision, STEPS, decide};
pub(crate) use groups::Groups;
pub use how::{Joined, Tie, how};
pub use index::{Change, Index};
pub use person::{Named, Past, name_people};
pub use settings::Settings;
