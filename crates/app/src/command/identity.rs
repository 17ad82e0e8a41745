//! Who is one person, from the command line: why and why not, how, merge, unmerge. A running server
//! answers the same over its API.

use super::subject::operator;
use super::{Place, say};
use crate::house::House;
use anyhow::{Context, Result};
use clap::Args;
use gate::{Caller, Permit, SubjectAccess};
use model::{Grant, PersonId, Purpose, RecordId};
use people::{Contradiction, Tie};

/// Two records, or two people by their oldest record.
#[derive(Debug, Args)]
pub(super) struct PairOptions {
    /// The id of a record or person
    a: String,
    /// The id of the other
    b: String,
}

/// One person.
#[derive(Debug, Args)]
pub(super) struct PersonOptions {
    /// The id of a person or of one of its records
    id: String,
}

/// Words of `unmerge`.
#[derive(Debug, Args)]
pub(super) struct UnmergeOptions {
    /// The id of the person
    id: String,
    /// The records that are not the rest of it
    #[arg(required = true)]
    records: Vec<String>,
}

pub(super) fn why(place: &Place, options: &PairOptions) -> Result<()> {
    let house = place.open()?;
    let caller = operator()?;
    let (a, b) = (record(&options.a)?, record(&options.b)?);
    let (one, other) = (house.people.locate(a.into())?, house.people.locate(b.into())?);
    let permit = permit(&house, &caller, one)?;
    let also = (one != other).then(|| self::permit(&house, &caller, other)).transpose()?;
    let why = house.people.why(permit, also, (a, b))?;
    say::line(if why.same { "one person" } else { "two people" });
    if let Some(same) = why.asserted {
        say::line(if same { "said to be one" } else { "said not to be one" });
    }
    for (refuses, id) in [(!why.linkable.0, a), (!why.linkable.1, b)] {
        if refuses {
            say::line(&format!("{id} does not let itself be linked"));
        }
    }
    for (kind, generic) in &why.shared {
        let common = if *generic { ", too common to link anybody" } else { "" };
        say::line(&format!("both bear the same {}{common}", kind.word()));
    }
    for word in why.contradictions.iter().copied().map(Contradiction::word) {
        say::line(&format!("kept apart by {word}"));
    }
    match why.likeness {
        None => say::line("not compared: likeness is off, or one of them says too little"),
        Some(likeness) => {
            let bits = |weight: f32| format!("{:+7.2}", weight / std::f32::consts::LN_2);
            say::line(&format!("{} bits  before anything is compared", bits(likeness.start)));
            for step in &likeness.steps {
                let word = step.comparison.word();
                say::line(&format!("{} bits  {word}: {}", bits(step.adds), step.level));
            }
            say::line(&format!(
                "{} bits  in the end: one person with probability {:.4}",
                bits(likeness.weight),
                likeness.probability
            ));
        }
    }
    house.close()
}

pub(super) fn how(place: &Place, options: &PersonOptions) -> Result<()> {
    let house = place.open()?;
    let person = house.people.locate(record(&options.id)?.into())?;
    let how = house.people.how(permit(&house, &operator()?, person)?)?;
    if how.steps.is_empty() {
        say::line("one record: nothing was joined");
    }
    for step in &how.steps {
        let by = match step.by {
            Tie::Asserted => "it was said".to_owned(),
            Tie::Identifier(kind) => format!("the same {}", kind.word()),
            Tie::Likeness(weight) => {
                format!("likeness, {:+.2} bits on the mean", weight / std::f32::consts::LN_2)
            }
        };
        say::line(&format!("{} + {}  {by}", step.a, step.b));
    }
    house.close()
}

pub(super) fn merge(place: &Place, options: &PairOptions) -> Result<()> {
    let house = place.open()?;
    let (a, b) = (record(&options.a)?, record(&options.b)?);
    let person = house.people.merge(&operator()?, a.into(), b.into())?;
    say::line(&format!("one person, for ever: {person}"));
    house.close()
}

pub(super) fn unmerge(place: &Place, options: &UnmergeOptions) -> Result<()> {
    let house = place.open()?;
    let records: Vec<RecordId> =
        options.records.iter().map(|id| record(id)).collect::<Result<_>>()?;
    let person = record(&options.id)?.into();
    let (stay, left) = house.people.unmerge(&operator()?, person, &records)?;
    say::line(&format!("two people, for ever: {stay} and {left}"));
    house.close()
}

fn record(id: &str) -> Result<RecordId> {
    let id: PersonId = id.parse().with_context(|| format!("{id}: 32 hexadecimal digits wanted"))?;
    Ok(id.into())
}

fn permit(house: &House, caller: &Caller, person: PersonId) -> Result<Permit<SubjectAccess>> {
    Ok(house.gate.ask(caller, person, &Grant::whole(Purpose::SubjectAccess))?)
}
