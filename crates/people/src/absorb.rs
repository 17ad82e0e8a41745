//! Taking facts into a record: pure joins, so that order and repetition do not matter.

use crate::fact::{Facts, TraitFact};
use crate::household::Home;
use crate::row::{FeatureFact, Links, RecordRow, TraitRow, TraitsRow};
use gate::{Grounds, Manner, Signal};
use model::{PersonId, RecordId};
use vault::Sealed;

/// What taking facts in has changed.
#[derive(Debug, Default)]
pub(crate) struct Changed {
    /// Something that decides which records belong together.
    pub(crate) links: bool,
    /// Whether it may be linked, which it could not before, or no longer may.
    pub(crate) moved: bool,
    /// What was said about consent.
    pub(crate) consent: Consent,
    /// Signals whose evidence is worth a row.
    pub(crate) evidence: Vec<(Signal, Manner)>,
    /// It says another house, or flat.
    pub(crate) housed: bool,
    /// Identifiers the record did not have.
    pub(crate) identifiers: Vec<(model::IdentifierKind, model::Blind)>,
}

/// What was said about consent.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Consent {
    /// Nothing, or what was known.
    #[default]
    Silent,
    /// What by itself changes nothing: the same at another time, or later overtaken.
    Said,
    /// What changes what the record by itself allows.
    Otherwise,
}

/// A row for a record that nobody has heard of.
pub(crate) fn fresh(facts: &Facts) -> RecordRow {
    RecordRow {
        source: facts.source,
        kind: facts.kind,
        first: facts.first,
        last: facts.last,
        events: 0,
        person: PersonId::from(facts.record),
        component: None,
        grounds: Grounds::new(facts.place),
        links: Links { namespace: facts.namespace, own_user: facts.own_user, ..Links::default() },
        linkable: false,
        home: Home::default(),
    }
}

/// Takes everything but traits and events into a record's row.
pub(crate) fn absorb(row: &mut RecordRow, facts: &Facts) -> Changed {
    let mut changed = Changed::default();
    if facts.first < row.first {
        row.first = facts.first;
        // The oldest record names the person.
        changed.links = row.component.is_some();
    }
    row.last = row.last.max(facts.last);
    row.events += facts.events.len() as u64;
    for identifier in &facts.identifiers {
        if let Err(place) = row.links.identifiers.binary_search(identifier) {
            row.links.identifiers.insert(place, *identifier);
            changed.identifiers.push(*identifier);
            changed.links = true;
        }
    }
    for fact in &facts.features {
        changed.links |= take_feature(&mut row.links.features, fact);
    }
    for (signal, manner) in &facts.signals {
        let register = &mut row.grounds.register;
        let before = register.clone();
        if register.take(*signal) {
            changed.evidence.push((*signal, *manner));
        }
        if before != *register {
            changed.consent = Consent::Said;
        }
    }
    let moved = facts.lives.is_some_and(|lives| row.grounds.take_place(lives));
    let aged = facts.age.is_some_and(|age| row.grounds.take_age(age));
    if moved || aged {
        changed.consent = Consent::Said;
    }
    changed
}

/// The latest wins; at one instant a value beats none and the greater beats the smaller.
fn take_feature(features: &mut Vec<FeatureFact>, fact: &FeatureFact) -> bool {
    match features.binary_search_by_key(&fact.kind, |known| known.kind) {
        Err(place) => {
            features.insert(place, *fact);
            fact.value.is_some()
        }
        Ok(place) => {
            let Some(known) = features.get_mut(place) else { return false };
            let before = known.value;
            if (fact.at, fact.value) > (known.at, known.value) {
                *known = *fact;
            }
            known.value != before
        }
    }
}

/// What taking traits in has changed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct TraitsChanged {
    /// Something is to be written.
    pub(crate) rows: bool,
    /// Something says something else now, not only the same at another time.
    pub(crate) values: bool,
}

/// Takes traits into a record's traits; `seal` is called only for those that win.
pub(crate) fn absorb_traits<E>(
    row: &mut TraitsRow,
    facts: &[TraitFact],
    mut seal: impl FnMut(&TraitFact) -> Result<Option<Sealed>, E>,
) -> Result<TraitsChanged, E> {
    let mut changed = TraitsChanged::default();
    for fact in facts {
        match row.0.binary_search_by_key(&fact.field, |known| known.field) {
            Err(place) => {
                row.0.insert(place, trait_row(fact, seal(fact)?));
                changed.values = true;
            }
            Ok(place) => {
                let Some(known) = row.0.get_mut(place) else { continue };
                if (fact.at, fact.tie) <= (known.at, known.tie) {
                    continue;
                }
                let category = known.value.as_ref().map(Sealed::category);
                let other_kind = fact.value.is_some() && category != Some(fact.category);
                changed.values |= fact.tie != known.tie || other_kind;
                *known = trait_row(fact, seal(fact)?);
            }
        }
        changed.rows = true;
    }
    Ok(changed)
}

fn trait_row(fact: &TraitFact, value: Option<Sealed>) -> TraitRow {
    TraitRow { field: fact.field, at: fact.at, tie: fact.tie, value }
}

/// Joins the facts of several messages about one record to one.
pub fn join(mut into: Facts, more: Facts) -> Facts {
    into.first = into.first.min(more.first);
    into.last = into.last.max(more.last);
    into.identifiers.extend(more.identifiers);
    into.features.extend(more.features);
    into.traits.extend(more.traits);
    into.home = into.home.join(more.home);
    into.events.extend(more.events);
    into.signals.extend(more.signals);
    into.lives = into.lives.max(more.lives);
    into.age = into.age.max(more.age);
    into.received = into.received.max(more.received);
    into
}

/// The positions at which posting lists and members keep ids: ascending, each once.
pub(crate) fn insert_sorted(ids: &mut Vec<RecordId>, id: RecordId) -> bool {
    match ids.binary_search(&id) {
        Ok(_) => false,
        Err(place) => {
            ids.insert(place, id);
            true
        }
    }
}
