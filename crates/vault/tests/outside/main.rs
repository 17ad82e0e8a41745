//! The vault from outside: sealing, erasing, crashing, restoring, over a real gate.
#![cfg(test)]
#![expect(clippy::disallowed_methods, reason = "tests compare plain values that they made up")]

mod backups;
mod erasure;
mod house;
mod opening;
mod torn;
