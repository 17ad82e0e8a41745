//! Contracts and receipts as the interface shows them: each call asks the gate first.

use crate::answer::{Answer, json_bytes};
use crate::asked::Asked;
use crate::edge::{Server, opened, spend};
use crate::limits::SIGNALS_MAX;
use crate::problem::{Code, Problem, unavailable};
use crate::receipt::{self, Before, method};
use crate::shape::instant;
use axum::http::header;
use gate::{
    Caller, Gate, LedgerError, NoHash, Notice, Permit, Quiet, Standing, SubjectAccess, Voice,
    Wishes,
};
use model::{Grant, Purpose, RecordId};
use people::People;
use schemars::JsonSchema;
use serde::Serialize;
use std::sync::Arc;

/// What a person has agreed to.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "Contract")]
pub(crate) struct ContractBody {
    /// The person.
    person: String,
    /// The ledger entry that records this look.
    entry: u64,
    /// Every grant there is, and whether the person allows it now.
    grants: Vec<GrantBody>,
    /// How the person wants to be written to.
    wishes: WishesBody,
    /// What the person said, oldest first.
    signals: Vec<SignalBody>,
}

/// How a person wants to be written to.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "Wishes")]
pub(crate) struct WishesBody {
    /// Messages a week, at most.
    #[serde(skip_serializing_if = "Option::is_none")]
    per_week: Option<u8>,
    /// A time of silence in the person's own zone, `21:00-08:00`.
    #[serde(skip_serializing_if = "Option::is_none")]
    quiet: Option<String>,
    /// No marketing before then: the gate refuses it.
    #[serde(skip_serializing_if = "Option::is_none")]
    paused_until: Option<String>,
    /// Topics the person does not want to hear of.
    topics_left: Vec<String>,
}

impl WishesBody {
    fn of(wishes: &Wishes) -> Self {
        let clock = |minute: u16| format!("{:02}:{:02}", minute / 60, minute % 60);
        let quiet = |quiet: Quiet| format!("{}-{}", clock(quiet.from), clock(quiet.until));
        Self {
            per_week: wishes.per_week,
            quiet: wishes.quiet.map(quiet),
            paused_until: wishes.paused_until.map(instant),
            topics_left: wishes.topics_left.iter().cloned().collect(),
        }
    }
}

/// One grant.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "GrantLine")]
pub(crate) struct GrantBody {
    /// Purpose and scope.
    grant: String,
    /// Whether it is allowed.
    allowed: bool,
    /// When that ends by itself.
    #[serde(skip_serializing_if = "Option::is_none")]
    until: Option<String>,
    /// What it rests on where the person is: `consent`, `legitimate_interest`, `opt_out` or `necessary`.
    basis: &'static str,
    /// Whether a yes has to be confirmed there.
    double_opt_in: bool,
}

/// One thing the person said.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "Signal")]
#[expect(clippy::struct_excessive_bools, reason = "outside JSON")]
pub(crate) struct SignalBody {
    /// About which grant.
    grant: String,
    /// Yes or no.
    allowed: bool,
    /// When it was said.
    at: String,
    /// When it arrived.
    received: String,
    /// How.
    method: &'static str,
    /// Whether the person was signed in.
    signed_in: bool,
    /// Whether it was confirmed through the contact point it is about.
    confirmed: bool,
    /// Whether a guardian said it.
    guardian: bool,
    /// Under whose law the person was.
    jurisdiction: String,
    /// The ledger entry that commits to it.
    entry: u64,
}

pub(crate) fn contract(server: &Server, caller: &Caller, asked: &Asked) -> Result<Answer, Problem> {
    let gate = &server.edge.gate;
    let permitted = server.ask_to_see(caller, asked.person()?, asked.grant()?)?;
    let view = server.edge.people.view().map_err(|error| unavailable("reading", &error))?;
    let opened = spend!(permitted, permit => opened!(server, permit, &view));
    let rows = gate.signals_of(&view, &opened.records, SIGNALS_MAX);
    let rows = rows.map_err(|error| unavailable("reading signals", &error))?;
    let grants = gate.grants();
    let signals = rows.iter().filter_map(|(at, row)| {
        Some(SignalBody {
            grant: grants.grant(row.bit)?.to_string(),
            allowed: row.allowed,
            at: instant(*at),
            received: instant(row.received),
            method: method(row.method),
            signed_in: row.standing >= Standing::SignedIn,
            confirmed: row.standing == Standing::Confirmed,
            guardian: row.voice == Voice::Guardian,
            jurisdiction: row.place.to_string(),
            entry: row.entry,
        })
    });
    let signals = signals.collect();
    let now = gate.now();
    let lines = grants.iter().map(|(bit, grant)| {
        let (allowed, terms) = (&opened.contract.allowed, gate.terms(&opened.contract, grant));
        GrantBody {
            grant: grant.to_string(),
            allowed: allowed.at(*bit, now),
            until: allowed.until(*bit, now).map(instant),
            basis: basis(terms.basis),
            double_opt_in: terms.double_opt_in,
        }
    });
    let grants = lines.collect();
    let person = opened.person.to_string();
    let wishes = WishesBody::of(&opened.contract.wishes);
    Ok(Answer::json(&ContractBody { person, entry: opened.entry, grants, wishes, signals }))
}

const fn basis(basis: gate::Basis) -> &'static str {
    match basis {
        gate::Basis::Consent => "consent",
        gate::Basis::LegitimateInterest => "legitimate_interest",
        gate::Basis::OptOut => "opt_out",
        gate::Basis::Necessary => "necessary",
    }
}

/// The receipt of one thing that a customer said.
pub(crate) fn receipt(server: &Server, caller: &Caller, asked: &Asked) -> Result<Answer, Problem> {
    let person = server.locate(asked.person()?)?;
    let own = Grant::whole(Purpose::SubjectAccess);
    let permit = server.ask::<SubjectAccess>(caller, person, &own)?;
    let entry = asked.text_part("entry")?.parse().map_err(|_| no_receipt())?;
    receipt_of(server, permit, entry)
}

/// A notice, as it was shown.
pub(crate) fn notice(server: &Server, asked: &Asked) -> Result<Answer, Problem> {
    let hash = asked.text_part("hash")?.parse().map_err(|why: NoHash| {
        Problem::new(Code::BadParameter, why.to_string()).at("path: hash")
    })?;
    let view = server.edge.people.view().map_err(|error| unavailable("reading", &error))?;
    let notice = server.edge.gate.notice(&view, hash);
    let notice = notice.map_err(|error| unavailable("reading notices", &error))?;
    let unknown = || Problem::new(Code::NotFound, "no notice of this hash was shown here");
    let answer = Answer::text("application/toml", notice.ok_or_else(unknown)?.source);
    Ok(answer.immutable())
}

fn no_receipt() -> Problem {
    Problem::new(Code::NotFound, "this person said nothing that stands in that entry")
}

/// The receipt of an entry, if it is something that the person of the permit said.
pub(crate) fn receipt_of(
    server: &Server,
    permit: Permit<SubjectAccess>,
    entry: u64,
) -> Result<Answer, Problem> {
    let gate = &server.edge.gate;
    let view = server.edge.people.view().map_err(|error| unavailable("reading", &error))?;
    let opened = opened!(server, permit, &view);
    let notice = &server.edge.notice;
    let found = written(gate, notice, &server.edge.people, &opened.records, entry);
    let receipt = found.map_err(|error| unavailable("reading signals", &error))?;
    let receipt = receipt.ok_or_else(no_receipt)?;
    let name = format!("attachment; filename=\"receipt-{entry}.json\"");
    let answer = Answer::of("application/ld+json", json_bytes(&receipt));
    Ok(answer.header(header::CONTENT_DISPOSITION, &name))
}

/// The receipt of an entry that is something said on one of some records.
fn written(
    gate: &Gate,
    notice: &Notice,
    people: &People,
    records: &[RecordId],
    entry: u64,
) -> Result<Option<serde_json::Value>, LedgerError> {
    let view = people.view()?;
    let found = gate.signal_at(&view, records, entry)?;
    let Some((at, row, evidence)) = found else { return Ok(None) };
    let all = gate.signals_of(&view, records, SIGNALS_MAX)?;
    let yes = all.iter().any(|(when, said)| *when < at && said.bit == row.bit && said.allowed);
    let before = if yes { Before::Yes } else { Before::NoYes };
    let shown = row.notice.map(|hash| gate.notice(&view, hash)).transpose()?.flatten();
    let notice = shown.as_ref().unwrap_or(notice);
    Ok(Some(receipt::consent(at, &row, before, &evidence, notice, gate.policy())))
}

/// How the room that mails receipts has them written.
pub fn receipts(
    gate: Arc<Gate>,
    people: Arc<People>,
    notice: Arc<Notice>,
) -> impl Fn(&[RecordId], u64) -> Option<String> + Send + Sync {
    move |records, entry| {
        let receipt = written(&gate, &notice, &people, records, entry).ok().flatten()?;
        serde_json::to_string(&receipt).ok()
    }
}
