//! What services do for customers by right, at once: correcting values, ending a restriction.

use crate::answer::Answer;
use crate::asked::Asked;
use crate::edge::Server;
use crate::me::correct::category;
use crate::problem::{Code, Problem};
use gate::{Caller, SubjectAccess};
use model::{Grant, PersonId, Purpose, RecordId, Sensitive};
use people::{CORRECTION_BYTES_MAX, Correction, Lift};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// A value to correct.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(rename = "Rectify")]
pub(crate) struct RectifyBody {
    /// The name of a value that is held, or `interests`.
    name: String,
    /// What is right; nothing takes back what was corrected before.
    #[serde(default)]
    value: Option<String>,
}

/// Why a restriction ends.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(rename = "LiftRestriction")]
pub(crate) struct LiftBody {
    /// `asked`, `accurate` or `justified`. The customer is to be told before (GDPR Art. 18(3)).
    reason: String,
}

/// Whose data was changed.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "Changed")]
pub(crate) struct ChangedBody {
    /// The person.
    person: String,
}

fn permitted(
    server: &Server,
    caller: &Caller,
    asked: &Asked,
) -> Result<(PersonId, gate::Permit<SubjectAccess>), Problem> {
    let person = server.locate(asked.person()?)?;
    let grant = Grant::whole(Purpose::SubjectAccess);
    Ok((person, server.ask::<SubjectAccess>(caller, person, &grant)?))
}

/// Corrects one value of a person on the customer's behalf.
pub(crate) fn rectify(server: &Server, caller: &Caller, asked: &Asked) -> Result<Answer, Problem> {
    let body: RectifyBody = asked.json()?;
    let (person, permit) = permitted(server, caller, asked)?;
    let trust = |source| server.edge.intake.trust(source);
    let profile = server.edge.people.profile(permit, &trust)?;
    let wrong = |place: &'static str, detail: &'static str| {
        Problem::new(Code::BadBody, detail).at(format!("body: {place}"))
    };
    let category = category(&profile.values, &body.name);
    let category = category.ok_or_else(|| wrong("name", "nothing of this name is held"))?;
    let value = body.value.filter(|value| !value.trim().is_empty());
    if value.as_ref().is_some_and(|value| value.len() > CORRECTION_BYTES_MAX) {
        return Err(wrong("value", "the value is too long"));
    }
    let (name, value) = (Sensitive::new(body.name), value.map(Sensitive::new));
    let correction = Correction { category, name: &name, value };
    server.edge.people.correct(RecordId::from(person), &correction, caller.name())?;
    Ok(Answer::json(&ChangedBody { person: person.to_string() }))
}

/// Ends a restriction, for a reason.
pub(crate) fn lift(server: &Server, caller: &Caller, asked: &Asked) -> Result<Answer, Problem> {
    let body: LiftBody = asked.json()?;
    let reason = Lift::of_word(&body.reason).ok_or_else(|| {
        Problem::new(Code::BadBody, "say why: asked, accurate or justified").at("body: reason")
    })?;
    let (person, permit) = permitted(server, caller, asked)?;
    drop(permit);
    server.edge.people.restrict(RecordId::from(person), Some(reason), caller.name())?;
    let (by, reason) = (caller.name(), reason.word());
    tracing::info!(%person, by, reason, "a restriction was lifted");
    Ok(Answer::json(&ChangedBody { person: person.to_string() }))
}
