//! Seals personal data; opens it only against a permit that is being spent; destroys its keys.
//!
//! Every record has a key of its own, wrapped under a leaf of the key tree; the tree lives in the
//! key directory, never in the store or its backups. This room never decides who may see what: an
//! [`gate::Opening`] says so, and there is no other way to plain text.

mod vault;

mod record;
mod sealed;

mod index;
mod journal;
mod keys;
mod root;
mod tree;

mod heal;
mod shred;

mod error;

pub use error::VaultError;
pub use heal::{Examined, Healed};
pub use index::{Feature, FieldToken};
pub use keys::Keys;
pub use record::RecordKeys;
pub use root::{RootKey, RootKeyFile};
pub use sealed::Sealed;
pub use shred::Shredding;
pub use vault::Vault;
