//! Where personal data is locked: seal, open, blind, shred.
//!
//! Every record has a random key of its own, wrapped under the key of its shard, which lives in the
//! key directory and never in the store. Erasing a record deletes its wrapped key, wraps its
//! neighbours' keys under the shard's next epoch and destroys the epoch before, so that neither the
//! store nor an old backup of it can be read.
//!
//! Plain text leaves only through [`Vault::open_field`], which spends a [`gate::Opening`]: no other
//! public function takes a [`Sealed`] apart. This room never decides who may read, never logs, and
//! never keeps plain text.

mod keys;
mod record_keys;
mod sealed;
mod vault;

mod doctor;
mod heal;
mod settle;
mod shred;

mod bridge;
mod cipher;
mod error;
mod file;
mod index;
mod ring;
mod root;
mod row;

pub use doctor::Doctor;
pub use error::VaultError;
pub use heal::Healed;
pub use keys::Keys;
pub use record_keys::RecordKeys;
pub use root::{RootKey, RootKeyFile};
pub use sealed::{Feature, FieldToken, Sealed};
pub use shred::Shredding;
pub use vault::Vault;
