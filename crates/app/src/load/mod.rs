//! A lean HTTP/1.1 client for sending much over few kept connections: the demo plays with it, the
//! benchmark measures with it.
//!
//! It blocks, because a thread for each of a few dozen connections costs the server on the same
//! machine less than a runtime would. It speaks no TLS and no chunked bodies, which the house does
//! not send.

mod connection;
mod request;
mod run;
mod tally;

pub use connection::{Connection, LoadError, Response};
pub use request::Request;
pub use run::{Answered, Plan, at_rate, flat_out};
pub use tally::Tally;
