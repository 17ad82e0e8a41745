//! The edge: the only room that knows HTTP, HTML and outside JSON.
//!
//! One table of routes is the truth; the router, the `OpenAPI` document and the law that every
//! route passes the gate are read from it. This room translates and waits: it decides nothing, opens
//! personal data only by permits that it spends in the rooms below, and never writes any of it to a
//! log or an error.

pub mod limits;

mod desk;
mod route;
mod rows;
mod table;

mod dispatch;
mod serve;

mod answer;
mod asked;
mod cors;
mod edge;
mod problem;
mod traffic;

mod intake;
mod script;
mod settings;

mod change;
mod contract;
mod correct;
mod explain;
mod households;
mod message;
mod quarantine;
mod read;
mod recalls;
mod receipt;
mod rights;
mod shape;
mod sources;

/// The preference centre.
mod me;

mod health;
mod ledger;
mod metrics;
mod openapi;
mod page;

pub use contract::receipts;
pub use dispatch::router;
pub use edge::{Edge, Monotonic};
pub use me::{PAGES, Page};
pub use openapi::document;
pub use receipt::{NotProven, verify as verify_receipt};
pub use route::{Auth, Gives, Holds, Param, Route, SchemaOf, Verb};
pub use script::{Scripts, ScriptsError};
pub use serve::serve;
pub use table::ROUTES;
