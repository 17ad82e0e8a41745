//! Why two records are one person or not, and how a person came together.

use crate::cluster::{Contradiction, Node, cluster_told, components, contradictions};
use crate::gather::Gathered;
use crate::likeness::{Session, join_told, key, record};
use crate::{People, PeopleError};
use gate::{Permit, PersonUse};
use linkage::cluster::UNIT;
use linkage::explain::Why as Waterfall;
use model::{IdentifierKind, RecordId};
use std::collections::BTreeSet;
use store::View;

/// Why two records are one person or not. No values: what was compared, and how it came out.
#[derive(Debug)]
pub struct Why {
    /// The ledger entry of this use.
    pub entry: u64,
    /// Whether they are one person now.
    pub same: bool,
    /// Whether each may be linked at all.
    pub linkable: (bool, bool),
    /// What somebody who knows has said of the two.
    pub asserted: Option<bool>,
    /// The identifiers that both bear, with whether each is too common to link anybody.
    pub shared: Vec<(IdentifierKind, bool)>,
    /// What keeps them apart, as far as identifiers go.
    pub contradictions: Vec<Contradiction>,
    /// What each comparison adds; nothing where the house does not compare, or one of the two does
    /// not say enough to be compared.
    pub likeness: Option<Waterfall>,
}

/// How a person came together.
#[derive(Debug)]
pub struct How {
    /// The ledger entry of this use.
    pub entry: u64,
    /// The joins, in the order in which they were made.
    pub steps: Vec<Step>,
}

/// One join: two groups of records became one.
#[derive(Clone, Debug, PartialEq)]
pub struct Step {
    /// A record of one group.
    pub a: RecordId,
    /// A record of the other.
    pub b: RecordId,
    /// By what.
    pub by: Tie,
}

/// What joined two groups.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Tie {
    /// Somebody who knows said so.
    Asserted,
    /// The two records bear one identifier.
    Identifier(IdentifierKind),
    /// Their records are alike; the mean weight, a natural logarithm of odds.
    Likeness(f32),
}

impl People {
    /// Spends permits on why two records are one person or not: of the person that holds the one,
    /// and of the other's, where that is another.
    ///
    /// # Errors
    ///
    /// [`PeopleError::Unknown`] when the permits do not open both records; otherwise as
    /// [`People::profile`].
    pub fn why<U: PersonUse>(
        &self,
        permit: Permit<U>,
        other: Option<Permit<U>>,
        (a, b): (RecordId, RecordId),
    ) -> Result<Why, PeopleError> {
        let (view, session) = self.begin()?;
        let opening = self.gate.spend(permit, &view)?;
        let other = other.map(|permit| self.gate.spend(permit, &view)).transpose()?;
        let opened = |id| {
            let also = other.as_ref().is_some_and(|other| other.records().contains(&id));
            opening.records().contains(&id) || also
        };
        if !opened(a) || !opened(b) {
            return Err(PeopleError::Unknown);
        }
        let mut gathered = Gathered::default();
        gathered.read_records(&view, [a, b])?;
        gathered.read_postings_of(&view, [a, b])?;
        let held = (gathered.records.get(&a), gathered.records.get(&b));
        let (Some(x), Some(y)) = held else { return Err(PeopleError::Unknown) };
        let (x, y) = (&x.now, &y.now);
        let both = x.links.identifiers.iter().filter(|own| y.links.identifiers.contains(own));
        let said = x.links.asserted.iter().find(|(said, _)| *said == b);
        Ok(Why {
            entry: opening.entry(),
            same: x.person == y.person,
            linkable: (x.linkable, y.linkable),
            asserted: said.map(|(_, same)| *same),
            shared: both.map(|(kind, blind)| (*kind, gathered.is_generic(blind))).collect(),
            contradictions: contradictions(&x.links, &y.links).collect(),
            likeness: session.index().and_then(|index| index.why(key(a), key(b))),
        })
    }

    /// Spends a permit on how its person came together.
    ///
    /// # Errors
    ///
    /// As [`People::profile`].
    pub fn how<U: PersonUse>(&self, permit: Permit<U>) -> Result<How, PeopleError> {
        let (view, session) = self.begin()?;
        let opening = self.gate.spend(permit, &view)?;
        let own: BTreeSet<RecordId> = opening.records().iter().copied().collect();
        let mut steps = steps(&view, &session, &own)?;
        // Decided with the component as a whole; told of this person only.
        steps.retain(|step| own.contains(&step.a) && own.contains(&step.b));
        Ok(How { entry: opening.entry(), steps })
    }
}

fn steps(
    view: &View<'_>,
    session: &Session<'_>,
    own: &BTreeSet<RecordId>,
) -> Result<Vec<Step>, PeopleError> {
    let mut gathered = Gathered::default();
    gathered.read_records(view, own.iter().copied())?;
    gathered.read_postings_of(view, own.iter().copied())?;
    let reached = gathered.reach(view, own)?;
    let nodes: Vec<Node> = reached
        .iter()
        .filter_map(|id| Some(Node::of(*id, &gathered.records.get(id)?.now)))
        .collect();
    let generic = |blind: &model::Blind| gathered.is_generic(blind);
    let mut steps = Vec::new();
    for part in components(&nodes, &generic) {
        let members: Vec<&Node> = part.iter().filter_map(|place| nodes.get(*place)).collect();
        let part: Vec<Node> = members.iter().map(|node| (*node).clone()).collect();
        let clusters = cluster_told(&part, &generic, &mut |linked| {
            let by = linked.by.map_or(Tie::Asserted, Tie::Identifier);
            steps.push(Step { a: linked.a, b: linked.b, by });
        });
        if let Some(index) = session.index() {
            join_told(clusters, &members, index, &mut |join| {
                let by = Tie::Likeness(weight(join.mean));
                steps.push(Step { a: record(join.a), b: record(join.b), by });
            });
        }
    }
    Ok(steps)
}

/// A weight in units as a natural logarithm.
#[expect(clippy::cast_precision_loss, reason = "weights are clipped far below 2^24 units")]
fn weight(units: i64) -> f32 {
    units as f32 / UNIT
}
