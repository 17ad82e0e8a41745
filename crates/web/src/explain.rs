//! Answers to why and how: what links records, in words and weights, without values.

use crate::answer::Answer;
use crate::asked::{Asked, malformed_id};
use crate::edge::{Permitted, Server, spend};
use crate::problem::{Code, Problem};
use gate::Caller;
use linkage::explain::Why as Waterfall;
use model::{Grant, IdentifierKind, Purpose, RecordId};
use people::{Contradiction, How, Tie, Why};
use schemars::JsonSchema;
use serde::Serialize;

/// Why two records are one person or not.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "Why")]
pub(crate) struct WhyBody {
    /// The ledger entry that records this use.
    entry: u64,
    /// One record.
    a: String,
    /// The other.
    b: String,
    /// Whether they are one person now.
    same: bool,
    /// Whether the contracts of both let them be linked at all.
    linkable: bool,
    /// What an operator said of the two, if anything.
    #[serde(skip_serializing_if = "Option::is_none")]
    asserted: Option<bool>,
    /// The identifiers that both bear.
    shared: Vec<BothBody>,
    /// What keeps them apart, as far as identifiers go.
    contradictions: Vec<&'static str>,
    /// What comparing them adds up to; left out where nothing was compared, and for purposes other
    /// than `identity_linking` and `subject_access`: how common a value is was learned from people
    /// who may not have granted those.
    #[serde(skip_serializing_if = "Option::is_none")]
    likeness: Option<LikenessBody>,
}

/// An identifier that two records bear.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "BothBear")]
pub(crate) struct BothBody {
    /// What sort it is.
    kind: &'static str,
    /// Whether it is too common to link anybody.
    generic: bool,
}

/// How alike two records are: natural logarithms of odds that add up.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "Likeness")]
pub(crate) struct LikenessBody {
    /// Before anything was compared.
    start: f32,
    /// What each comparison adds.
    steps: Vec<LikenessStep>,
    /// In the end; from 0 upwards they are rather one person than not.
    weight: f32,
    /// The same as a probability.
    probability: f32,
    /// The probability that they are two people of one home or contact point.
    neighbour: f32,
}

/// One comparison.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "LikenessStep")]
pub(crate) struct LikenessStep {
    /// What was compared.
    comparison: &'static str,
    /// How it came out.
    level: &'static str,
    /// What it adds.
    adds: f32,
    /// How many records of others bear the value, as a share, where the two agree on one.
    #[serde(skip_serializing_if = "Option::is_none")]
    frequency: Option<f32>,
}

/// How a person came together.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "How")]
pub(crate) struct HowBody {
    /// The ledger entry that records this use.
    entry: u64,
    /// The joins, in the order in which they were made.
    steps: Vec<JoinBody>,
}

/// Two groups of records became one.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "Join")]
pub(crate) struct JoinBody {
    /// A record of one group.
    a: String,
    /// A record of the other.
    b: String,
    /// By what: `asserted`, `likeness`, or the identifier that both bear.
    by: &'static str,
    /// Of likeness, the mean weight between the groups; for the purposes `identity_linking` and
    /// `subject_access` only.
    #[serde(skip_serializing_if = "Option::is_none")]
    weight: Option<f32>,
}

/// Asks for both people, where the records belong to two.
pub(crate) fn why(server: &Server, caller: &Caller, asked: &Asked) -> Result<Answer, Problem> {
    let (id, grant) = (asked.person()?, asked.grant()?);
    let other = asked.person_named("other").ok_or_else(|| malformed_id("query: other"))?;
    let permit = server.ask_to_see(caller, id, grant)?;
    let apart = server.locate(id)? != server.locate(other)?;
    let also = apart.then(|| server.ask_to_see(caller, other, grant)).transpose()?;
    let pair = (RecordId::from(id), RecordId::from(other));
    let people = &server.edge.people;
    let why = match (permit, also) {
        (Permitted::View(one), None) => people.why(one, None, pair),
        (Permitted::Own(one), None) => people.why(one, None, pair),
        (Permitted::Export(one), None) => people.why(one, None, pair),
        (Permitted::View(one), Some(Permitted::View(two))) => people.why(one, Some(two), pair),
        (Permitted::Own(one), Some(Permitted::Own(two))) => people.why(one, Some(two), pair),
        (Permitted::Export(one), Some(Permitted::Export(two))) => people.why(one, Some(two), pair),
        (Permitted::View(_) | Permitted::Own(_) | Permitted::Export(_), Some(_)) => {
            return Err(Problem::new(Code::BadParameter, "both for one purpose").at("query: other"));
        }
    }?;
    let why = if may_weigh(grant) { why } else { Why { likeness: None, ..why } };
    Ok(Answer::json(&why_body(why, pair)))
}

/// Weights rest on what was learned from everybody who allows linking. Whoever did not grant another
/// purpose shall not influence what is told for it.
const fn may_weigh(grant: &Grant) -> bool {
    matches!(grant.purpose, Purpose::IdentityLinking | Purpose::SubjectAccess)
}

pub(crate) fn how(server: &Server, caller: &Caller, asked: &Asked) -> Result<Answer, Problem> {
    let grant = asked.grant()?;
    let permitted = server.ask_to_see(caller, asked.person()?, grant)?;
    let how = spend!(permitted, permit => server.edge.people.how(permit))?;
    Ok(Answer::json(&how_body(how, may_weigh(grant))))
}

fn why_body(why: Why, (a, b): (RecordId, RecordId)) -> WhyBody {
    let Why { entry, same, linkable, asserted, shared, contradictions, likeness } = why;
    let both = |(kind, generic): (IdentifierKind, bool)| BothBody { kind: kind.word(), generic };
    WhyBody {
        entry,
        a: a.to_string(),
        b: b.to_string(),
        same,
        linkable: linkable.0 && linkable.1,
        asserted,
        shared: shared.into_iter().map(both).collect(),
        contradictions: contradictions.into_iter().map(Contradiction::word).collect(),
        likeness: likeness.map(likeness_body),
    }
}

fn likeness_body(why: Waterfall) -> LikenessBody {
    let Waterfall { steps, start, weight, probability, neighbour, .. } = why;
    let steps = steps.into_iter().map(|step| LikenessStep {
        comparison: step.comparison.word(),
        level: step.level,
        adds: step.adds,
        frequency: step.frequency,
    });
    LikenessBody { start, steps: steps.collect(), weight, probability, neighbour }
}

fn how_body(how: How, weighed: bool) -> HowBody {
    let steps = how.steps.into_iter().map(|step| {
        let (by, weight) = match step.by {
            Tie::Asserted => ("asserted", None),
            Tie::Identifier(kind) => (kind.word(), None),
            Tie::Likeness(weight) => ("likeness", weighed.then_some(weight)),
        };
        JoinBody { a: step.a.to_string(), b: step.b.to_string(), by, weight }
    });
    HowBody { entry: how.entry, steps: steps.collect() }
}
