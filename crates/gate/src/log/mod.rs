//! The transparency log: an append-only Merkle tree of everything the gate decided, in formats
//! that anybody can verify offline (C2SP tlog-tiles, tlog-checkpoint, signed-note, tlog-proof).
//!
//! It knows leaves as bytes, never what they mean, and holds no personal data unless its caller
//! puts some in: callers put in hashes.

pub mod checkpoint;
pub mod note;
pub mod proof;
pub mod tile;
pub mod tree;

pub use checkpoint::Checkpoint;
pub use note::{NoteError, Signer, Verifier};
pub use proof::{Proof, ProofError};
pub use tree::Hash;
