//! Changing what belongs together and what is allowed, and erasing people.

use crate::answer::Answer;
use crate::asked::{Asked, read_grant, read_instant};
use crate::edge::Server;
use crate::limits::{ERASURES_MAX, UNMERGE_MAX};
use crate::problem::{Code, Problem};
use crate::receipt;
use crate::shape::instant;
use gate::{Caller, Language, Manner, Method, NoHash, Signal, Standing, SubjectAccess, Voice};
use model::{Grant, PersonId, Purpose, RecordId, Timestamp};
use people::{Erased, PeopleError};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// A client's clock may be ahead by this much. A word from further ahead would outrank every later
/// one.
const AHEAD_MS_MAX: i64 = 5 * 60_000;

/// Two people who are one.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(rename = "Merge")]
pub(crate) struct MergeBody {
    /// One person's id.
    a: String,
    /// The other's.
    b: String,
}

/// Records that are not the rest of a person.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(rename = "Unmerge")]
pub(crate) struct UnmergeBody {
    /// The records to cut off.
    records: Vec<String>,
}

/// Who people are after a change of links.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "Linked")]
pub(crate) struct LinkedBody {
    /// The person now.
    person: String,
    /// The person that holds the records cut off.
    #[serde(skip_serializing_if = "Option::is_none")]
    apart: Option<String>,
}

/// What a customer said.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(rename = "Say")]
#[expect(clippy::struct_excessive_bools, reason = "outside JSON")]
pub(crate) struct SayBody {
    /// About which grant: `marketing`, `marketing/email`, `third_party_sharing@acme`.
    grant: String,
    /// Yes or no.
    allowed: bool,
    /// Whether the customer was signed in when saying it.
    #[serde(default)]
    signed_in: bool,
    /// Whether the customer, signed in, said it again through the contact point it is about (double
    /// opt-in).
    #[serde(default)]
    confirmed: bool,
    /// Whether it was said by whoever holds parental responsibility for a child.
    #[serde(default)]
    guardian: bool,
    /// When it was said (RFC 3339); now, if nothing is given.
    #[serde(default)]
    at: Option<String>,
    /// The SHA-256 of the notice it was said under, hexadecimal.
    #[serde(default)]
    notice: Option<String>,
    /// The language it was said in (RFC 5646).
    #[serde(default)]
    language: Option<String>,
    /// What shows it, such as a consent string or the name of a recording. Only its hash is kept.
    #[serde(default)]
    evidence: Option<String>,
}

/// A word that was taken.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "Said")]
pub(crate) struct SaidBody {
    /// The person.
    person: String,
    /// About which grant.
    grant: String,
    /// Yes or no.
    allowed: bool,
    /// When it was said.
    at: String,
}

/// The certificate of an erasure.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "Erased")]
pub(crate) struct ErasedBody {
    /// The person that was.
    person: String,
    /// How many records it had.
    records: usize,
    /// How many rows are gone.
    rows: usize,
    /// When.
    at: String,
    /// The ledger entry of the erasure.
    entry: u64,
    /// What proves it offline.
    #[schemars(with = "serde_json::Map<String, serde_json::Value>")]
    certificate: serde_json::Value,
}

/// For how long a link shall open.
#[derive(Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(rename = "AskLink")]
pub(crate) struct AskLinkBody {
    /// Minutes; a quarter of an hour when nothing is said, a month at most.
    #[serde(default)]
    minutes: Option<u32>,
}

/// A link to somebody's own data.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "Link")]
pub(crate) struct LinkBody {
    /// Where it leads, below this server's address. Whoever has it comes in, once.
    path: String,
    /// When it ends.
    ends: String,
}

/// Minutes that a link opens when nothing is said.
const LINK_MINUTES: u32 = 15;

/// Makes a link through which a customer comes to their own data.
#[expect(clippy::disallowed_methods, reason = "the answer to who may give this person access")]
pub(crate) fn link(server: &Server, caller: &Caller, asked: &Asked) -> Result<Answer, Problem> {
    let body: AskLinkBody =
        if asked.body().is_empty() { AskLinkBody::default() } else { asked.json()? };
    let grant = Grant::whole(Purpose::SubjectAccess);
    let person = server.locate(asked.person()?)?;
    let permit = server.ask::<SubjectAccess>(caller, person, &grant)?;
    let gate = &server.edge.gate;
    let lasts_ms = i64::from(body.minutes.unwrap_or(LINK_MINUTES)) * 60_000;
    let ends = gate.now().plus_ms(lasts_ms.min(gate::LINK_MS_MAX));
    let link = gate.link(permit, lasts_ms)?.into_revealed();
    Ok(Answer::json(&LinkBody { path: format!("/me/in?link={link}"), ends: instant(ends) }))
}

pub(crate) fn merge(server: &Server, caller: &Caller, asked: &Asked) -> Result<Answer, Problem> {
    let body: MergeBody = asked.json()?;
    let person = |text: &str, place| -> Result<PersonId, Problem> {
        text.parse().map_err(|_| Problem::new(Code::MalformedId, "not an id").at(place))
    };
    let (a, b) = (person(&body.a, "body: a")?, person(&body.b, "body: b")?);
    let person = server.edge.people.merge(caller, a, b)?;
    Ok(Answer::json(&LinkedBody { person: person.to_string(), apart: None }))
}

pub(crate) fn unmerge(server: &Server, caller: &Caller, asked: &Asked) -> Result<Answer, Problem> {
    let body: UnmergeBody = asked.json()?;
    if body.records.is_empty() || body.records.len() > UNMERGE_MAX {
        let detail = format!("give 1 to {UNMERGE_MAX} records");
        return Err(Problem::new(Code::BadBody, detail).at("body: records"));
    }
    let records = body.records.iter().enumerate().map(|(index, text)| {
        let malformed =
            |_| Problem::new(Code::MalformedId, "not an id").at(format!("body: records[{index}]"));
        text.parse::<RecordId>().map_err(malformed)
    });
    let records = records.collect::<Result<Vec<_>, _>>()?;
    let done = server.edge.people.unmerge(caller, asked.person()?, &records);
    let (person, apart) = done.map_err(|error| match error {
        PeopleError::Unknown => Problem::new(
            Code::UnknownPerson,
            "there is no such person, or these are none or all of its records",
        ),
        PeopleError::Refused(_)
        | PeopleError::Store(_)
        | PeopleError::Ledger(_)
        | PeopleError::Vault(_)
        | PeopleError::NoRequest(_)
        | PeopleError::Unlearnable => error.into(),
    })?;
    let apart = Some(apart.to_string());
    Ok(Answer::json(&LinkedBody { person: person.to_string(), apart }))
}

pub(crate) fn say(server: &Server, caller: &Caller, asked: &Asked) -> Result<Answer, Problem> {
    let body: SayBody = asked.json()?;
    let grant = read_grant(&body.grant).map_err(|problem| problem.at("body: grant"))?;
    let gate = &server.edge.gate;
    let bit = gate.grants().bit(&grant).ok_or_else(|| {
        Problem::new(Code::UnknownGrant, format!("{grant} is not registered")).lacking(&grant)
    })?;
    let at = said_at(body.at.as_deref(), gate.now())?;
    let standing = match (body.confirmed, body.signed_in) {
        (true, _) => Standing::Confirmed,
        (false, true) => Standing::SignedIn,
        (false, false) => Standing::Anonymous,
    };
    let voice = if body.guardian { Voice::Guardian } else { Voice::House };
    let signal = Signal { bit, allowed: body.allowed, at, standing, voice };
    let notice = body.notice.map(|notice| notice.parse()).transpose();
    let notice = notice
        .map_err(|why: NoHash| Problem::new(Code::BadBody, why.to_string()).at("body: notice"))?;
    let manner = Manner {
        notice,
        language: body.language.as_deref().and_then(Language::of_tag),
        evidence: body.evidence.as_deref().map(gate::sha256),
        ..Manner::by(Method::Api)
    };
    let person = server.edge.people.locate(asked.person()?)?;
    server.edge.people.say(caller, person, &[signal], manner)?;
    Ok(Answer::json(&SaidBody {
        person: person.to_string(),
        grant: grant.to_string(),
        allowed: body.allowed,
        at: instant(at),
    }))
}

fn said_at(text: Option<&str>, now: Timestamp) -> Result<Timestamp, Problem> {
    let Some(text) = text else { return Ok(now) };
    let wrong = |detail| Problem::new(Code::BadBody, detail).at("body: at");
    let at = read_instant(text)
        .ok_or_else(|| wrong("at must be an instant such as 2026-11-24T09:30:00Z"))?;
    if at.ms_since(now) > AHEAD_MS_MAX {
        return Err(wrong("at is in the future"));
    }
    Ok(at)
}

pub(crate) fn erase(server: &Server, caller: &Caller, asked: &Asked) -> Result<Answer, Problem> {
    let grant = Grant::whole(Purpose::SubjectAccess);
    for _ in 0..ERASURES_MAX {
        let person = server.locate(asked.person()?)?;
        let permit = server.ask::<SubjectAccess>(caller, person, &grant)?;
        match server.edge.people.erase(permit) {
            Ok(done) => return Ok(Answer::json(&erased(server, &done))),
            Err(error) if error.is_conflict() => {}
            Err(error) => return Err(error.into()),
        }
    }
    Err(Problem::new(Code::Conflict, "data keeps arriving for this person: nothing was erased"))
}

/// The certificate of an erasure, for the outside.
pub(crate) fn erased(server: &Server, done: &Erased) -> ErasedBody {
    ErasedBody {
        person: done.person.to_string(),
        records: done.records,
        rows: done.rows,
        at: instant(done.at),
        entry: done.entry,
        certificate: receipt::erasure(done.at, &done.certificate, &server.edge.notice),
    }
}
