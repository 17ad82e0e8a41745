//! What a route is. The table of routes is the single truth: the router, the `OpenAPI` document and
//! the law that every route passes the gate all read it.

use crate::answer::Answer;
use crate::asked::Asked;
use crate::edge::Server;
use crate::intake;
use crate::problem::Problem;
use axum::routing::MethodFilter;
use gate::{Caller, UseKind};
use schemars::{Schema, SchemaGenerator};

/// Who may call a route, and how data is guarded behind it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Auth {
    /// Whoever shows the write key of a source: data comes in, none goes out.
    WriteKey,
    /// A registered service; whatever it reads of people, it reads by a permit of this kind.
    Service(UseKind),
    /// A registered service, about what was exported to it and to nobody else.
    Recipient,
    /// A registered service that operates.
    Operator,
    /// Anybody, for this reason.
    Open(&'static str),
}

/// A method of HTTP that some route takes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verb {
    /// Reads.
    Get,
    /// Adds or asks.
    Post,
    /// Replaces.
    Put,
    /// Removes.
    Delete,
}

impl Verb {
    /// As HTTP writes it.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Get => "GET",
            Self::Post => "POST",
            Self::Put => "PUT",
            Self::Delete => "DELETE",
        }
    }

    pub(crate) const fn filter(self) -> MethodFilter {
        match self {
            Self::Get => MethodFilter::GET,
            Self::Post => MethodFilter::POST,
            Self::Put => MethodFilter::PUT,
            Self::Delete => MethodFilter::DELETE,
        }
    }
}

/// One parameter of a query.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Param {
    /// Its name.
    pub name: &'static str,
    /// What it is for.
    pub about: &'static str,
    /// Whether the call makes no sense without it.
    pub required: bool,
    /// What it holds.
    pub holds: Holds,
}

/// What a parameter holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Holds {
    /// Text.
    Text,
    /// A whole number from 0 up to a maximum.
    Count {
        /// The largest.
        max: u64,
    },
    /// An instant (RFC 3339).
    Instant,
    /// Thirty-two hexadecimal digits.
    Id,
}

/// What an answer's body is.
#[derive(Clone, Copy, Debug)]
pub enum Gives {
    /// JSON of a schema.
    Json(SchemaOf),
    /// Another type.
    Media(&'static str),
}

/// Describes a body.
pub type SchemaOf = fn(&mut SchemaGenerator) -> Schema;

/// How a route is answered.
#[derive(Clone, Copy)]
pub(crate) enum Handler {
    /// At once, on the worker.
    Quick(fn(&Server) -> Answer),
    /// In a blocking room, without waiting for a turn: what tells how busy we are must not wait.
    Apart(fn(&Server) -> Answer),
    /// In a blocking room.
    Blocking(fn(&Server, &Asked) -> Result<Answer, Problem>),
    /// In a blocking room, for a service that has shown its key.
    Called(fn(&Server, &Caller, &Asked) -> Result<Answer, Problem>),
    /// By the intake.
    Intake(intake::Way),
}

/// One address and method, and everything that is said about it.
#[derive(Clone, Copy)]
pub struct Route {
    /// The method.
    pub method: Verb,
    /// The canonical pattern; see [`Route::spellings`] for the others that are accepted.
    pub path: &'static str,
    /// The group it belongs to.
    pub tag: &'static str,
    /// What it does, in a sentence.
    pub summary: &'static str,
    /// Who may call it.
    pub auth: Auth,
    /// Its query parameters; the purpose is not among them.
    pub params: &'static [Param],
    /// Whether the caller must say why.
    pub purpose: bool,
    /// What its body is, if it takes one.
    pub request: Option<SchemaOf>,
    /// What it answers.
    pub gives: Gives,
    pub(crate) handler: Handler,
}

impl Route {
    /// Whether browsers of other origins may call it, with credentials.
    pub const fn cors(&self) -> bool {
        matches!(self.handler, Handler::Intake(_))
    }

    /// Every pattern under which it is served. People mis-set the host of their SDK: intake routes
    /// answer with `/v1` once, twice or not at all, and with a slash at the end.
    pub fn spellings(&self) -> Vec<String> {
        let mut paths = vec![self.path.to_owned()];
        if self.cors() {
            if let Some((before, after)) = self.path.split_once("/v1") {
                paths.push(format!("{before}{after}"));
                paths.push(format!("{before}/v1/v1{after}"));
            }
            let slashed: Vec<_> = paths.iter().map(|path| format!("{path}/")).collect();
            paths.extend(slashed);
        }
        paths
    }
}

impl std::fmt::Debug for Route {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} {} ({:?})", self.method.as_str(), self.path, self.auth)
    }
}
