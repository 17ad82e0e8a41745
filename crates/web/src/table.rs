//! The table of routes.

use crate::change::{
    AskLinkBody, ErasedBody, LinkBody, LinkedBody, MergeBody, SaidBody, SayBody, UnmergeBody,
};
use crate::contract::ContractBody;
use crate::desk::{LIFT, QUEUE, RECALLED, RECALLS, RECEIVE, RECTIFY, STEP};
use crate::explain::{HowBody, WhyBody};
use crate::health::HealthBody;
use crate::households::{DeclareHomeBody, DeclaredHomeBody, HouseholdBody};
use crate::intake::Way;
use crate::ledger::ConsistencyBody;
use crate::limits::{QUARANTINE_PAGE_MAX, USES_PAGE_MAX};
use crate::message::MessageBody;
use crate::quarantine::{DroppedBody, ItemBody, QuarantineBody, ReplayedBody};
use crate::read::{CountBody, IdentifierBody, PeopleBody, UsesBody};
use crate::route::{Auth, Gives, Handler, Route, Verb};
use crate::rows::{
    AFTER, AT, BEFORE, CONSISTENCY, DAYS, HTML, IDENTIFIER, JSON, JSON_OBJECT, OTHER, SETTINGS,
    TEXT, at_once, document, events, limit, machine, open, operates, pixel, public, reads, schema,
    script,
};
use crate::settings::{SettingsBody, SourceConfigBody};
use crate::shape::{LinksBody, ProfileBody, TimelineBody};
use crate::sources::{RemovedBody, SourceBody, SourcesBody};
use crate::{
    change, contract, explain, health, households, ledger, message, metrics, openapi, page,
    quarantine, read, sources,
};
use gate::UseKind::{Contact, SubjectAccess};
use people::limits::{COHORT_PAGE_MAX, TIMELINE_PAGE_MAX};

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
    script("/analytics.js/v1/{key}/analytics.min.js", "The script of Segment's snippet for pages."),
    script("/p.js", "The script of Jitsu's tag for pages."),
    script(
        "/analytics-next/bundles/{file}",
        "A part that the operator's own script for pages loads later.",
    ),
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
        "/api/people/{id}/why",
        "Why a record is one person with another, or not.",
        OTHER,
        schema::<WhyBody>,
        explain::why,
    ),
    reads(
        "/api/people/{id}/how",
        "How a person came together, join by join.",
        &[],
        schema::<HowBody>,
        explain::how,
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
        contract::contract,
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
        purpose: false,
        ..reads(
            "/api/people/{id}/household",
            "Who lives with a person, since when, and why we think so.",
            AT,
            schema::<HouseholdBody>,
            households::household,
        )
    },
    Route {
        purpose: false,
        tag: "households",
        ..reads(
            "/api/households/{id}",
            "The same, by the household's id or any member's.",
            AT,
            schema::<HouseholdBody>,
            households::household,
        )
    },
    Route {
        request: Some(schema::<DeclareHomeBody>),
        ..operates(
            Verb::Post,
            "/api/households/{id}/members",
            "households",
            "Declares that another person lives with one, or does not.",
            schema::<DeclaredHomeBody>,
            households::declare,
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
            Verb::Get,
            "/api/subjects/{id}/receipts/{entry}",
            "subjects",
            "The receipt of one thing that a person said, which anybody can check offline.",
            JSON_OBJECT,
            contract::receipt,
        )
    },
    Route {
        auth: Auth::Service(SubjectAccess),
        request: Some(schema::<AskLinkBody>),
        ..operates(
            Verb::Post,
            "/api/subjects/{id}/links",
            "subjects",
            "Makes a link through which a person comes to their own data, once.",
            schema::<LinkBody>,
            change::link,
        )
    },
    Route {
        method: Verb::Post,
        tag: "subjects",
        auth: Auth::Service(Contact),
        ..reads(
            "/api/subjects/{id}/message",
            "The links of a message to a person: to the contract, and to refuse with one click.",
            &[],
            schema::<MessageBody>,
            message::links,
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
    RECTIFY,
    LIFT,
    RECEIVE,
    QUEUE,
    STEP,
    RECALLS,
    RECALLED,
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
    at_once("/api/ledger/checkpoint", "The signed checkpoint.", ledger::checkpoint),
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
    public(
        "/api/notices/{hash}",
        "A notice that was once shown here, by the SHA-256 of its file (TOML).",
        Gives::Media("application/toml"),
        contract::notice,
    ),
    at_once("/api/ledger/vkey", "The key that verifies checkpoints.", ledger::verifier_key),
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
    document("/problems", "What problems mean, and what to do.", HTML, page::problems),
    document("/", "Where to go from here.", HTML, page::index),
];
