//! The kinds of rows that the table of routes is made of, and the parameters they share.

use crate::answer::Answer;
use crate::asked::Asked;
use crate::edge::Server;
use crate::intake::{TakenBody, Way};
use crate::limits::{PAGE_DEFAULT, USE_DAYS_MAX};
use crate::problem::Problem;
use crate::route::{Auth, Gives, Handler, Holds, Param, Route, SchemaOf, Verb};
use gate::{Caller, UseKind};
use schemars::{JsonSchema, Schema, SchemaGenerator};
use serde_json::Value;

pub(crate) fn schema<T: JsonSchema>(generator: &mut SchemaGenerator) -> Schema {
    generator.subschema_for::<T>()
}

pub(crate) const JSON_OBJECT: SchemaOf = schema::<serde_json::Map<String, Value>>;
pub(crate) const JSON: SchemaOf = schema::<Value>;

const _: () = assert!(PAGE_DEFAULT == 50, "the sentence below says so");

pub(crate) const fn limit(max: usize) -> Param {
    let about = "How many rows a page has at most; 50 when nothing is said.";
    Param { name: "limit", about, required: false, holds: Holds::Count { max: max as u64 } }
}

pub(crate) const BEFORE: Param = Param {
    name: "before",
    about: "Only what happened before this instant: `before` of the page above.",
    required: false,
    holds: Holds::Instant,
};

pub(crate) const AFTER: Param = Param {
    name: "after",
    about: "Only people after this one: `after` of the page above.",
    required: false,
    holds: Holds::Id,
};

pub(crate) const AFTER_RECALL: Param = Param {
    name: "after",
    about: "Only recalls after this one: `after` of the page above.",
    required: false,
    holds: Holds::Id,
};

pub(crate) const STATE: Param = Param {
    name: "state",
    about: "received, acknowledged, in_work, answered, refused or withdrawn; all that are open, if nothing is said.",
    required: false,
    holds: Holds::Text,
};

pub(crate) const DUE_BEFORE: Param = Param {
    name: "due_before",
    about: "Only what is due before this instant.",
    required: false,
    holds: Holds::Instant,
};

pub(crate) const AFTER_REQUEST: Param = Param {
    name: "after",
    about: "Only what comes after: `after` of the page above.",
    required: false,
    holds: Holds::Text,
};

pub(crate) const DAYS: Param = Param {
    name: "days",
    about: "How many days of uses of many people at once are looked through; 7 when nothing is said.",
    required: false,
    holds: Holds::Count { max: USE_DAYS_MAX as u64 },
};

pub(crate) const AT: &[Param] = &[Param {
    name: "at",
    about: "Of this instant; now when nothing is said.",
    required: false,
    holds: Holds::Instant,
}];

pub(crate) const OTHER: &[Param] = &[Param {
    name: "other",
    about: "The id of the other record, or of the other person's oldest.",
    required: true,
    holds: Holds::Id,
}];

pub(crate) const IDENTIFIER: &[Param] = &[
    Param {
        name: "type",
        about: "email, phone, user_id, anonymous_id, device_id or loyalty.",
        required: true,
        holds: Holds::Text,
    },
    Param {
        name: "value",
        about: "The identifier as anybody would write it. POST keeps it out of proxies' logs.",
        required: true,
        holds: Holds::Text,
    },
];

pub(crate) const CONSISTENCY: &[Param] = &[
    Param {
        name: "from",
        about: "Entries of the log seen earlier.",
        required: true,
        holds: Holds::Count { max: u64::MAX },
    },
    Param {
        name: "to",
        about: "Entries of the later log; those of the present checkpoint when nothing is said.",
        required: false,
        holds: Holds::Count { max: u64::MAX },
    },
];

pub(crate) const PUBLIC_LEDGER: Auth =
    Auth::Open("the ledger holds commitments only, and everybody may verify it");
pub(crate) const MACHINES: Auth =
    Auth::Open("counts and states without personal data, for those who run it");
pub(crate) const DOCUMENTS: Auth = Auth::Open("a document about the program, without data");
pub(crate) const SETTINGS: Auth =
    Auth::Open("what a source's public write key stands for, asked by browsers");

pub(crate) const SCRIPTS: Auth =
    Auth::Open("a script for public pages, which holds no data and reads none");

pub(crate) type Called = fn(&Server, &Caller, &Asked) -> Result<Answer, Problem>;

pub(crate) type Opened = fn(&Server, &Asked) -> Result<Answer, Problem>;

pub(crate) type Told = fn(&Server) -> Answer;

pub(crate) const fn events(path: &'static str, summary: &'static str) -> Route {
    Route {
        method: Verb::Post,
        path,
        tag: "intake",
        summary,
        auth: Auth::WriteKey,
        params: &[],
        purpose: false,
        request: Some(JSON_OBJECT),
        gives: Gives::Json(schema::<TakenBody>),
        handler: Handler::Intake(Way::Events),
    }
}

pub(crate) const fn pixel(path: &'static str) -> Route {
    Route {
        method: Verb::Get,
        request: None,
        gives: Gives::Media("image/gif"),
        handler: Handler::Intake(Way::Pixel),
        ..events(path, "One event in the query of an image; always answered with the image.")
    }
}

pub(crate) const fn script(path: &'static str, summary: &'static str) -> Route {
    let gives = Gives::Media("text/javascript");
    open(path, "intake", summary, SCRIPTS, gives, Handler::Intake(Way::Script))
}

/// A call that asks the gate, with the purpose that the caller names.
pub(crate) const fn reads(
    path: &'static str,
    summary: &'static str,
    params: &'static [Param],
    gives: SchemaOf,
    handler: Called,
) -> Route {
    Route {
        method: Verb::Get,
        path,
        tag: "people",
        summary,
        auth: Auth::Service(UseKind::View),
        params,
        purpose: true,
        request: None,
        gives: Gives::Json(gives),
        handler: Handler::Called(handler),
    }
}

/// A call for operators.
pub(crate) const fn operates(
    method: Verb,
    path: &'static str,
    tag: &'static str,
    summary: &'static str,
    gives: SchemaOf,
    handler: Called,
) -> Route {
    Route {
        method,
        path,
        tag,
        summary,
        auth: Auth::Operator,
        params: &[],
        purpose: false,
        request: None,
        gives: Gives::Json(gives),
        handler: Handler::Called(handler),
    }
}

pub(crate) const fn open(
    path: &'static str,
    tag: &'static str,
    summary: &'static str,
    auth: Auth,
    gives: Gives,
    handler: Handler,
) -> Route {
    Route {
        method: Verb::Get,
        path,
        tag,
        summary,
        auth,
        params: &[],
        purpose: false,
        request: None,
        gives,
        handler,
    }
}

pub(crate) const fn public(
    path: &'static str,
    summary: &'static str,
    gives: Gives,
    handler: Opened,
) -> Route {
    open(path, "ledger", summary, PUBLIC_LEDGER, gives, Handler::Blocking(handler))
}

pub(crate) const fn document(
    path: &'static str,
    summary: &'static str,
    gives: Gives,
    handler: Told,
) -> Route {
    open(path, "operation", summary, DOCUMENTS, gives, Handler::Quick(handler))
}

pub(crate) const fn machine(
    path: &'static str,
    summary: &'static str,
    gives: Gives,
    handler: Told,
) -> Route {
    open(path, "operation", summary, MACHINES, gives, Handler::Apart(handler))
}

/// What the ledger has in memory.
pub(crate) const fn at_once(path: &'static str, summary: &'static str, handler: Told) -> Route {
    open(path, "ledger", summary, PUBLIC_LEDGER, TEXT, Handler::Quick(handler))
}

pub(crate) const TEXT: Gives = Gives::Media("text/plain");
pub(crate) const HTML: Gives = Gives::Media("text/html");
