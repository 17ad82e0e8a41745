//! Who lives together: as ids, with since when and why, for the one purpose that it is.

use crate::answer::Answer;
use crate::asked::Asked;
use crate::edge::{Permitted, Server};
use crate::limits::LOOKS_MAX;
use crate::problem::{Code, Problem};
use crate::shape::instant;
use gate::{Caller, Refusal, View};
use model::{Grant, PersonId, Purpose};
use people::{HomeTie, Household};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Who lives together.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "Household")]
pub(crate) struct HouseholdBody {
    /// Its id: that of the person whose record is the oldest. Every member's id leads here, too.
    household: String,
    /// The ledger entry that records the look at whom it was asked about; each member has one more.
    entry: u64,
    /// What is known of the home: `known`, `unknown` (no whole address, or too many), `crowded` (more
    /// people than a home holds) or `passing` (the permission ends by itself one day).
    home: &'static str,
    /// Everybody in it.
    members: Vec<HomeMember>,
    /// What ties two of them, besides the address.
    why: Vec<HomeTieBody>,
}

/// One person of a household.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "HouseholdMember")]
pub(crate) struct HomeMember {
    /// The person.
    person: String,
    /// Since when they say that address.
    #[serde(skip_serializing_if = "Option::is_none")]
    since: Option<String>,
}

/// What ties two people of a household.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "HouseholdTie")]
pub(crate) struct HomeTieBody {
    /// One person.
    a: String,
    /// The other.
    b: String,
    /// `declared`, `phone`, `email`, `family_name`, or `few`: so few are there that they need nothing more.
    by: Vec<&'static str>,
}

/// What a service that knows says of two people.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(rename = "DeclareHome")]
pub(crate) struct DeclareHomeBody {
    /// The other person's id.
    person: String,
    /// Whether the two live together.
    together: bool,
}

/// What was declared.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "DeclaredHome")]
pub(crate) struct DeclaredHomeBody {
    /// One person.
    a: String,
    /// The other.
    b: String,
    /// Whether the two live together.
    together: bool,
}

/// Asks for everybody who is in it, and spends the permits together. Who comes or goes between the two is
/// asked for at the next attempt.
pub(crate) fn household(
    server: &Server,
    caller: &Caller,
    asked: &Asked,
) -> Result<Answer, Problem> {
    let (id, people) = (asked.person()?, &server.edge.people);
    let grant = Grant::whole(Purpose::HouseholdLinking);
    let at = asked.instant("at").unwrap_or_else(|| server.edge.gate.now());
    for _ in 0..LOOKS_MAX {
        let own = match server.ask_to_see(caller, id, &grant)? {
            Permitted::View(own) => own,
            Permitted::Own(_) | Permitted::Export(_) => {
                return Err(Problem::new(Code::NotAuthorised, "not a view"));
            }
        };
        let person = own.person();
        let others = people.housemates(person, at)?.into_iter().filter(|other| *other != person);
        let others: Result<Vec<_>, Refusal> =
            others.map(|other| server.ask::<View>(caller, other, &grant)).collect();
        let others = match others {
            Ok(others) => others,
            Err(Refusal::NotGranted(_) | Refusal::UnknownPerson | Refusal::Stale) => continue,
            Err(refusal) => return Err(refusal.into()),
        };
        match people.household(own, others, at) {
            Ok(household) => return Ok(Answer::json(&household_body(household))),
            Err(error) if error.is_conflict() => {}
            Err(error) => return Err(error.into()),
        }
    }
    Err(Problem::new(Code::Conflict, "people keep coming and going there"))
}

fn household_body(household: Household) -> HouseholdBody {
    let Household { id, state, entry, members, ties } = household;
    let member = |member: people::Member| HomeMember {
        person: member.person.to_string(),
        since: member.since.map(instant),
    };
    let tie = |(a, b, tie): (PersonId, PersonId, HomeTie)| HomeTieBody {
        a: a.to_string(),
        b: b.to_string(),
        by: words(tie),
    };
    HouseholdBody {
        household: id.to_string(),
        entry,
        home: state.word(),
        members: members.into_iter().map(member).collect(),
        why: ties.into_iter().map(tie).collect(),
    }
}

fn words(tie: HomeTie) -> Vec<&'static str> {
    let HomeTie { declared, phone, email, family, few } = tie;
    let all = [
        (declared, "declared"),
        (phone, "phone"),
        (email, "email"),
        (family, "family_name"),
        (few, "few"),
    ];
    all.into_iter().filter(|(holds, _)| *holds).map(|(_, word)| word).collect()
}

pub(crate) fn declare(server: &Server, caller: &Caller, asked: &Asked) -> Result<Answer, Problem> {
    let body: DeclareHomeBody = asked.json()?;
    let malformed = |_| Problem::new(Code::MalformedId, "not an id").at("body: person");
    let other: PersonId = body.person.parse().map_err(malformed)?;
    let people = &server.edge.people;
    let (a, b) = (people.locate(asked.person()?)?, people.locate(other)?);
    people.declare_home(caller, a, b, body.together)?;
    let together = body.together;
    Ok(Answer::json(&DeclaredHomeBody { a: a.to_string(), b: b.to_string(), together }))
}
