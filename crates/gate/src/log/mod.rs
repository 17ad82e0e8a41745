//! The transparency log: an append-only Merkle tree of everything the gate decided, in formats
//! that anybody can verify offline (C2SP tlog-tiles, tlog-checkpoint, signed-note, tlog-proof).
//!
//! It knows leaves as bytes, never what they mean, and holds no personal data unless its caller
//! puts some in: callers put in hashes.

mod checkpoint;
mod note;
mod proof;
pub mod tile;
pub mod tree;

mod audit;
mod edge;
mod error;
mod export;
mod ledger;
mod open;
mod rows;
mod verify;
mod witness;

#[cfg(test)]
mod export_tests;
#[cfg(test)]
mod ledger_tests;
#[cfg(test)]
mod witness_tests;

pub use checkpoint::Checkpoint;
pub use error::{LedgerError, WitnessFault};
pub use export::{CHECKPOINT_FILE, KEY_FILE, export};
pub use ledger::{Appended, Ledger};
pub use note::{NoteError, Signer, Verifier};
pub use open::{ENTRIES_HASHED_AT_OPEN_MAX, Rebased, rebase_witness};
pub use proof::{Proof, ProofError};
pub use tile::Tile;
pub use tree::Hash;
pub use verify::{Verified, verify_dir};
pub use witness::WITNESS_INTERVAL_MS;
