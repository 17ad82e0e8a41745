//! The record-linkage engine: what a value is, which records may be one customer, and which are.
//!
//! It is pure: no I/O, no clock, no chance, no personal data kept. It can be used alone. It never
//! reads a contract: whether records may be linked at all is decided before they come here.

pub mod block;
pub mod cluster;
pub mod compare;
pub mod engine;
pub mod evaluate;
pub mod explain;
pub mod household;
pub mod model;
pub mod perfect;
pub mod record;
