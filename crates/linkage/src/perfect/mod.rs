//! Makes single values comparable: names, emails, phones, addresses, dates, genders, countries;
//! recognises junk; cuts personal data out of free text.
//!
//! Every function is pure, total (any `&str` has an answer) and linear in its input. A value that
//! was perfected once is not changed by being perfected again.

pub mod address;
pub mod attribute;
pub mod country;
pub mod date;
pub mod email;
pub mod gender;
pub mod junk;
pub mod name;
pub mod phone;
pub mod pii;
mod text;
mod verdict;

pub use address::{Address, RawAddress, address_parts};
pub use attribute::{Attribute, Context, Trait, Value, trait_value};
pub use country::Country;
pub use date::{Date, PartialDate};
pub use email::Email;
pub use gender::Gender;
pub use name::FullName;
pub use phone::{Line, Phone};
pub use text::match_form;
pub use verdict::{Junk, Note, Notes, Perfected, Unreadable, Verdict};

/// The longest single value that is read, in bytes; a longer one is [`Unreadable::TooLong`].
pub const VALUE_MAX: usize = 1_024;

/// The longest free text that [`pii::cut`] reads, in bytes; what follows is dropped, not let through.
pub const FREE_TEXT_MAX: usize = 1 << 20;
