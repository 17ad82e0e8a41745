//! Reading people: each call asks the gate first and spends the permit it gets.

use crate::answer::Answer;
use crate::asked::Asked;
use crate::edge::{Permitted, Server, exports, opened, spend};
use crate::limits::{CANDIDATES_MAX, USES_PAGE_MAX};
use crate::problem::{Code, Problem, unavailable};
use crate::shape::{self, ProfileBody, Slugs, UseBody, instant};
use gate::{Caller, Export, PersonUse, Refusal, Span, View};
use model::{Grant, IdentifierKind, PersonId};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// An identifier to look a person up by.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(rename = "Identifier")]
pub(crate) struct IdentifierBody {
    /// `email`, `phone`, `user_id`, `anonymous_id`, `device_id` or `loyalty`.
    r#type: String,
    /// The value as anybody would write it.
    value: String,
}

/// A page of the people who granted a purpose.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "People")]
pub(crate) struct PeopleBody {
    /// The ledger entry that records this use of everybody on this page.
    entry: u64,
    /// How many people it covers: those of this page.
    people: u64,
    /// Their profiles.
    profiles: Vec<ProfileBody>,
    /// Give this as `after` for the next page, if there may be one.
    #[serde(skip_serializing_if = "Option::is_none")]
    after: Option<String>,
}

/// How many people granted a purpose.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "Count")]
pub(crate) struct CountBody {
    /// The ledger entry that records this use.
    entry: u64,
    /// How many people.
    people: u64,
}

/// What was done with a person's data.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "Uses")]
pub(crate) struct UsesBody {
    /// The ledger entry that records this look at the log.
    entry: u64,
    /// Uses and refusals, newest first.
    uses: Vec<UseBody>,
    /// Give this as `before` for the next page, if there may be one.
    #[serde(skip_serializing_if = "Option::is_none")]
    before: Option<String>,
}

pub(crate) fn profile(server: &Server, caller: &Caller, asked: &Asked) -> Result<Answer, Problem> {
    let permitted = server.ask_to_see(caller, asked.person()?, asked.grant()?)?;
    open_profile(server, permitted)
}

fn open_profile(server: &Server, permitted: Permitted) -> Result<Answer, Problem> {
    let trust = |source| server.edge.intake.trust(source);
    let profile = spend!(permitted, permit => server.edge.people.profile(permit, &trust))?;
    Ok(Answer::json(&shape::profile(profile, &Slugs::of(server))))
}

pub(crate) fn lookup_query(
    server: &Server,
    caller: &Caller,
    asked: &Asked,
) -> Result<Answer, Problem> {
    let kind = asked.text("type").unwrap_or_default();
    lookup(server, caller, asked.grant()?, kind, asked.text("value").unwrap_or_default(), "query")
}

pub(crate) fn lookup_body(
    server: &Server,
    caller: &Caller,
    asked: &Asked,
) -> Result<Answer, Problem> {
    let body: IdentifierBody = asked.json()?;
    lookup(server, caller, asked.grant()?, &body.r#type, &body.value, "body")
}

/// Finds the one person who bears an identifier and has granted the purpose. Somebody who has not
/// granted it is as good as not there, so that the answer does not tell.
fn lookup(
    server: &Server,
    caller: &Caller,
    grant: &Grant,
    kind: &str,
    value: &str,
    place: &str,
) -> Result<Answer, Problem> {
    let kind = IdentifierKind::of_word(kind).ok_or_else(|| {
        let known = IdentifierKind::ALL.map(IdentifierKind::word).join(", ");
        let detail = format!("unknown type of identifier: use one of {known}");
        Problem::new(Code::BadParameter, detail).at(format!("{place}: type"))
    })?;
    let blind = server.edge.intake.identifier(kind, value).ok_or_else(|| {
        Problem::new(Code::BadParameter, format!("the value is no usable {}", kind.word()))
            .at(format!("{place}: value"))
    })?;
    let mut candidates = server.edge.people.lookup(blind)?;
    if candidates.len() > CANDIDATES_MAX {
        // However many have not granted it, they take no place from those who have.
        let allowing = server.edge.people.allowing(&candidates, grant)?;
        if !allowing.is_empty() {
            candidates = allowing;
        }
    }
    candidates.truncate(CANDIDATES_MAX);
    if candidates.is_empty() {
        // Asked about nobody, so that the question is in the ledger and costs what others cost.
        candidates.push(PersonId(blind.0));
    }
    let mut permitted = Vec::new();
    for person in candidates {
        match server.ask_at(caller, person, grant) {
            Ok(permit) => permitted.push((person, permit)),
            Err(Refusal::NotGranted(_) | Refusal::UnknownPerson | Refusal::Stale) => {}
            Err(refusal) => return Err(refusal.into()),
        }
    }
    if permitted.len() > 1 {
        return Err(ambiguous(server, permitted, kind)?);
    }
    match permitted.pop() {
        Some((_, permit)) => open_profile(server, permit),
        None => Err(Problem::new(
            Code::UnknownPerson,
            format!("nobody who has granted {grant} bears this {}", kind.word()),
        )),
    }
}

/// Spends the permits on nothing but the ids of the people, which is all that the answer shows.
fn ambiguous(
    server: &Server,
    permitted: Vec<(PersonId, Permitted)>,
    kind: IdentifierKind,
) -> Result<Problem, Problem> {
    let view = server.edge.people.view().map_err(|error| unavailable("reading", &error))?;
    let mut ids = Vec::with_capacity(permitted.len());
    for (person, permit) in permitted {
        spend!(permit, permit => server.edge.gate.spend(permit, &view).map(drop))?;
        ids.push(person.to_string());
    }
    let detail = format!("{} people bear this {}", ids.len(), kind.word());
    Ok(Problem::new(Code::Ambiguous, detail).among(ids))
}

pub(crate) fn timeline(server: &Server, caller: &Caller, asked: &Asked) -> Result<Answer, Problem> {
    let permitted = server.ask_to_see(caller, asked.person()?, asked.grant()?)?;
    let (before, limit) = (asked.instant("before"), asked.limit());
    let page = spend!(permitted, permit => server.edge.people.timeline(permit, before, limit))?;
    Ok(Answer::json(&shape::timeline(page, &Slugs::of(server))))
}

pub(crate) fn links(server: &Server, caller: &Caller, asked: &Asked) -> Result<Answer, Problem> {
    let permitted = server.ask_to_see(caller, asked.person()?, asked.grant()?)?;
    let links = spend!(permitted, permit => server.edge.people.links(permit))?;
    Ok(Answer::json(&shape::links(links, &Slugs::of(server))))
}

pub(crate) fn uses(server: &Server, caller: &Caller, asked: &Asked) -> Result<Answer, Problem> {
    let (gate, limit) = (&server.edge.gate, asked.limit().min(USES_PAGE_MAX));
    let permitted = server.ask_to_see(caller, asked.person()?, asked.grant()?)?;
    let view = server.edge.people.view().map_err(|error| unavailable("reading", &error))?;
    let opened = spend!(permitted, permit => opened!(server, permit, &view));
    let days = asked.count("days").unwrap_or(7);
    let span = Span { before: asked.instant("before"), limit, days };
    let log = gate.log_of(&view, &opened.records, opened.contract.ordinal, &span);
    let log = log.map_err(|error| unavailable("reading uses", &error))?;
    let grants = gate.grants();
    let before = log.last().filter(|_| log.len() >= limit).map(|used| instant(used.at));
    let uses = log.iter().map(|used| shape::used(used, grants)).collect();
    Ok(Answer::json(&UsesBody { entry: opened.entry, uses, before }))
}

pub(crate) fn cohort(server: &Server, caller: &Caller, asked: &Asked) -> Result<Answer, Problem> {
    if exports(caller, asked.grant()?) {
        cohort_as::<Export>(server, caller, asked)
    } else {
        cohort_as::<View>(server, caller, asked)
    }
}

fn cohort_as<U: PersonUse>(
    server: &Server,
    caller: &Caller,
    asked: &Asked,
) -> Result<Answer, Problem> {
    let (after, limit) = (asked.person_named("after"), asked.limit());
    let limit = limit.min(people::limits::COHORT_PAGE_MAX);
    let permit = server.edge.gate.ask_page::<U>(caller, asked.grant()?, after, limit)?;
    let trust = |source| server.edge.intake.trust(source);
    let page = server.edge.people.cohort_profiles(&permit, after, limit, &trust)?;
    // Whoever withdrew meanwhile is left out; the next page begins after all that were asked for.
    let after = permit.last().filter(|_| permit.len() == limit as u64).map(|last| last.to_string());
    let slugs = Slugs::of(server);
    let profiles = page.into_iter().map(|profile| shape::profile(profile, &slugs)).collect();
    let (entry, people) = (permit.entry(), permit.len());
    Ok(Answer::json(&PeopleBody { entry, people, profiles, after }))
}

pub(crate) fn count(server: &Server, caller: &Caller, asked: &Asked) -> Result<Answer, Problem> {
    let permit = server.edge.gate.ask_cohort::<View>(caller, asked.grant()?)?;
    Ok(Answer::json(&CountBody { entry: permit.entry(), people: permit.len() }))
}
