//! What comes in: from requests and files to facts that are durable, resolved and visible.
//!
//! It reads every dialect the SDKs speak, checks events against their source's tracking plan and
//! consent, and drops nothing in silence. It knows no HTTP server and never opens what it has sealed.

pub mod consent;
pub mod dialect;
pub mod import;
pub mod json;
pub mod message;
pub mod plan;
pub mod settings;
pub mod source;
pub mod time;

pub mod pipeline;
pub mod quarantine;

mod intake;
mod prepare;
mod seen;
mod sources;

pub use dialect::{IntakeHeaders, IntakePath, WriteKey};
pub use intake::{Call, Intake, IntakeError, IntakeOptions, Turned};
pub use pipeline::{Overloaded, Reply, Verdict, Waiting};
pub use source::{Source, SourceKind};
pub use sources::{Sources, SourcesError};
