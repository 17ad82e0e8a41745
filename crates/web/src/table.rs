//! The table of routes.

use crate::change::{ErasedBody, LinkedBody, MergeBody, SaidBody, SayBody, UnmergeBody};
use crate::health::HealthBody;
use crate::intake::{TakenBody, Way};
use crate::ledger::ConsistencyBody;
use crate::limits::{PAGE_DEFAULT, QUARANTINE_PAGE_MAX, USE_DAYS_MAX, USES_PAGE_MAX};
use crate::quarantine::{DroppedBody, ItemBody, QuarantineBody, ReplayedBody};
use crate::read::{ContractBody, CountBody, IdentifierBody, PeopleBody, UsesBody};
use crate::route::{Auth, Gives, Handler, Holds, Param, Route, SchemaOf, Verb};
use crate::settings::{SettingsBody, SourceConfigBody};
use crate::shape::{LinksBody, ProfileBody, TimelineBody};
use crate::sources::{RemovedBody, SourceBody, SourcesBody};
use crate::{change, health, ledger, metrics, openapi, page, quarantine, read, sources};
use gate::UseKind::{SubjectAccess, View};
use people::limits::{COHORT_PAGE_MAX, TIMELINE_PAGE_MAX};
use schemars::{JsonSchema, Schema, SchemaGenerator};
use serde_json::Value;

fn schema<T: JsonSchema>(generator: &mut SchemaGenerator) -> Schema {
    generator.subschema_for::<T>()
}

const JSON_OBJECT: SchemaOf = schema::<serde_json::Map<String, Value>>;
const JSON: SchemaOf = schema::<Value>;

const fn limit(max: usize) -> Param {
    let about = "How many rows a page has at most; 50 when nothing is said.";
    assert!(PAGE_DEFAULT == 50, "the sentence above says so");
    Param { name: "limit", about, required: false, holds: Holds::Count { max: max as u64 } }
}

const BEFORE: Param = Param {
    name: "before",
    about: "Only what happened before this instant: `before` of the page above.",
    required: false,
    holds: Holds::Instant,
};

const AFTER: Param = Param {
    name: "after",
    about: "Only people after this one: `after` of the page above.",
    required: false,
    holds: Holds::Id,
};

const DAYS: Param = Param {
    name: "days",
    about: "How many days of uses of many people at once are looked through; 7 when nothing is said.",
    required: false,
    holds: Holds::Count { max: USE_DAYS_MAX as u64 },
};

const IDENTIFIER: &[Param] = &[
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

const CONSISTENCY: &[Param] = &[
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

const PUBLIC_LEDGER: Auth =
    Auth::Open("the ledger holds commitments only, and everybody may verify it");
const MACHINES: Auth = Auth::Open("counts and states without personal data, for those who run it");
const DOCUMENTS: Auth = Auth::Open("a document about the program, without data");
const SETTINGS: Auth = Auth::Open("what a source's public write key stands for, asked by browsers");

type Called = fn(
    &crate::edge::Server,
    &gate::Caller,
    &crate::asked::Asked,
) -> Result<crate::answer::Answer, crate::problem::Problem>;

type Opened = fn(
    &crate::edge::Server,
    &crate::asked::Asked,
) -> Result<crate::answer::Answer, crate::problem::Problem>;

const fn events(path: &'static str, summary: &'static str) -> Route {
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

const fn pixel(path: &'static str) -> Route {
    Route {
        method: Verb::Get,
        request: None,
        gives: Gives::Media("image/gif"),
        handler: Handler::Intake(Way::Pixel),
        ..events(path, "One event in the query of an image; always answered with the image.")
    }
}

/// A call that asks the gate, with the purpose that the caller names.
const fn reads(
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
        auth: Auth::Service(View),
        params,
        purpose: true,
        request: None,
        gives: Gives::Json(gives),
        handler: Handler::Called(handler),
    }
}

/// A call for operators.
const fn operates(
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

const fn open(
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

const fn public(path: &'static str, summary: &'static str, gives: Gives, handler: Opened) -> Route {
    open(path, "ledger", summary, PUBLIC_LEDGER, gives, Handler::Blocking(handler))
}

const fn document(
    path: &'static str,
    summary: &'static str,
    gives: Gives,
    handler: Opened,
) -> Route {
    open(path, "operation", summary, DOCUMENTS, gives, Handler::Quick(handler))
}

const fn machine(
    path: &'static str,
    summary: &'static str,
    gives: Gives,
    handler: Opened,
) -> Route {
    open(path, "operation", summary, MACHINES, gives, Handler::Blocking(handler))
}

const TEXT: Gives = Gives::Media("text/plain");
const HTML: Gives = Gives::Media("text/html");

/// Every route of the house.
pub static ROUTES: &[Route] = &[
    events("/v1/batch", "Takes a batch of events."),
    events("/v1/import", "Takes a batch of events of the past."),
    events("/v1/b", "Takes a batch of events of a browser."),
    events("/v1/t", "Takes a track event."),
    events("/v1/i", "Takes an identify event."),
    events("/v1/p", "Takes a page event."),
    events("/v1/g", "Takes a group event."),
    events("/v1/a", "Takes an alias event."),
    events("/v1/s", "Takes a screen event."),
    events("/v1/track", "Takes a track event."),
    events("/v1/identify", "Takes an identify event."),
    events("/v1/page", "Takes a page event."),
    events("/v1/group", "Takes a group event."),
    events("/v1/alias", "Takes an alias event."),
    events("/v1/screen", "Takes a screen event."),
    events("/beacon/v1/batch", "Takes a batch that a browser sends while it leaves the page."),
    events("/api/s/{kind}", "Takes an event of a Jitsu client."),
    events(
        "/api/s/s2s/{kind}",
        "Takes an event, or with `batch` a batch, of a Jitsu client on a server.",
    ),
    Route {
        auth: Auth::Open("a client's word on itself is thanked for and forgotten"),
        handler: Handler::Intake(Way::Metrics),
        ..events("/v1/m", "Takes what a client measures about itself, and forgets it.")
    },
    pixel("/pixel/v1/{kind}"),
    pixel("/api/px/{kind}"),
    open(
        "/v1/projects/{key}/settings",
        "intake",
        "The settings of analytics-next for a write key.",
        SETTINGS,
        Gives::Json(schema::<SettingsBody>),
        Handler::Intake(Way::Settings),
    ),
    Route {
        auth: Auth::WriteKey,
        ..open(
            "/sourceConfig",
            "intake",
            "The configuration of RudderStack's browser SDK for a write key.",
            SETTINGS,
            Gives::Json(schema::<SourceConfigBody>),
            Handler::Intake(Way::SourceConfig),
        )
    },
    reads(
        "/api/people",
        "A page of the profiles of everybody who granted the purpose.",
        &[AFTER, limit(COHORT_PAGE_MAX)],
        schema::<PeopleBody>,
        read::cohort,
    ),
    reads(
        "/api/people/count",
        "How many granted the purpose.",
        &[],
        schema::<CountBody>,
        read::count,
    ),
    reads(
        "/api/people/lookup",
        "The profile of the one person who bears an identifier and granted the purpose.",
        IDENTIFIER,
        schema::<ProfileBody>,
        read::lookup_query,
    ),
    Route {
        method: Verb::Post,
        request: Some(schema::<IdentifierBody>),
        ..reads(
            "/api/people/lookup",
            "The same, with the identifier in the body, out of proxies' logs.",
            &[],
            schema::<ProfileBody>,
            read::lookup_body,
        )
    },
    Route {
        request: Some(schema::<MergeBody>),
        ..operates(
            Verb::Post,
            "/api/people/merge",
            "people",
            "Asserts that two people are one.",
            schema::<LinkedBody>,
            change::merge,
        )
    },
    reads("/api/people/{id}", "A person's profile.", &[], schema::<ProfileBody>, read::profile),
    reads(
        "/api/people/{id}/timeline",
        "What happened, newest first.",
        &[BEFORE, limit(TIMELINE_PAGE_MAX)],
        schema::<TimelineBody>,
        read::timeline,
    ),
    reads(
        "/api/people/{id}/links",
        "Why a person's records belong together.",
        &[],
        schema::<LinksBody>,
        read::links,
    ),
    reads(
        "/api/people/{id}/uses",
        "What was done with a person's data, and what was refused.",
        &[BEFORE, limit(USES_PAGE_MAX), DAYS],
        schema::<UsesBody>,
        read::uses,
    ),
    reads(
        "/api/people/{id}/contract",
        "What a person has agreed to, and what they said.",
        &[],
        schema::<ContractBody>,
        read::contract,
    ),
    Route {
        request: Some(schema::<UnmergeBody>),
        ..operates(
            Verb::Post,
            "/api/people/{id}/unmerge",
            "people",
            "Asserts that some records of a person are not the rest of it.",
            schema::<LinkedBody>,
            change::unmerge,
        )
    },
    Route {
        request: Some(schema::<SayBody>),
        ..operates(
            Verb::Post,
            "/api/contracts/{id}/signals",
            "contracts",
            "Takes a customer's word; every later use obeys it.",
            schema::<SaidBody>,
            change::say,
        )
    },
    Route {
        auth: Auth::Service(SubjectAccess),
        ..operates(
            Verb::Delete,
            "/api/subjects/{id}",
            "subjects",
            "Erases a person: every row and every key.",
            schema::<ErasedBody>,
            change::erase,
        )
    },
    operates(
        Verb::Get,
        "/api/sources",
        "sources",
        "All sources.",
        schema::<SourcesBody>,
        sources::list,
    ),
    operates(
        Verb::Get,
        "/api/sources/{slug}",
        "sources",
        "One source.",
        schema::<SourceBody>,
        sources::get,
    ),
    Route {
        request: Some(schema::<SourceBody>),
        ..operates(
            Verb::Put,
            "/api/sources/{slug}",
            "sources",
            "Adds or replaces a source.",
            schema::<SourceBody>,
            sources::put,
        )
    },
    operates(
        Verb::Delete,
        "/api/sources/{slug}",
        "sources",
        "Removes a source; its records stay.",
        schema::<RemovedBody>,
        sources::remove,
    ),
    Route {
        params: &[BEFORE, limit(QUARANTINE_PAGE_MAX)],
        ..operates(
            Verb::Get,
            "/api/quarantine",
            "quarantine",
            "What was refused on its way in, newest first.",
            schema::<QuarantineBody>,
            quarantine::list,
        )
    },
    operates(
        Verb::Get,
        "/api/quarantine/{item}",
        "quarantine",
        "Opens an item to repair it; the ledger records that.",
        schema::<ItemBody>,
        quarantine::open,
    ),
    operates(
        Verb::Delete,
        "/api/quarantine/{item}",
        "quarantine",
        "Drops an item that nobody wants.",
        schema::<DroppedBody>,
        quarantine::discard,
    ),
    Route {
        request: Some(JSON),
        ..operates(
            Verb::Post,
            "/api/quarantine/{item}/replay",
            "quarantine",
            "Sends an item's event again: mended, if the body is an event, or as it came.",
            schema::<ReplayedBody>,
            quarantine::replay,
        )
    },
    public("/api/ledger/checkpoint", "The signed checkpoint.", TEXT, ledger::checkpoint),
    public(
        "/api/ledger/tile/{*path}",
        "A tile of hashes, or a bundle of entries.",
        Gives::Media("application/octet-stream"),
        ledger::tile,
    ),
    public(
        "/api/ledger/proof/{index}",
        "Proof that an entry is in the ledger.",
        TEXT,
        ledger::proof,
    ),
    Route {
        params: CONSISTENCY,
        ..public(
            "/api/ledger/consistency",
            "Proof that the ledger has only grown.",
            Gives::Json(schema::<ConsistencyBody>),
            ledger::consistency,
        )
    },
    public("/api/ledger/vkey", "The key that verifies checkpoints.", TEXT, ledger::verifier_key),
    machine(
        "/healthz",
        "Whether a write would be accepted.",
        Gives::Json(schema::<HealthBody>),
        health::healthy,
    ),
    machine(
        "/readyz",
        "Whether more requests would find room.",
        Gives::Json(schema::<HealthBody>),
        health::ready,
    ),
    machine("/metrics", "Metrics for Prometheus.", TEXT, metrics::metrics),
    document("/openapi.json", "This document.", Gives::Json(JSON_OBJECT), openapi::serve),
    document("/problems", "What problems mean, and what to do.", HTML, openapi::problems),
    document("/", "Where to go from here.", HTML, page::index),
];
