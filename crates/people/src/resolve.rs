//! Deciding anew who is one person, and writing what that changes.

use crate::PeopleError;
use crate::cluster::{Cluster, Node, cluster, components};
use crate::gather::Gathered;
use crate::household;
use crate::likeness::join;
use crate::row::{COMPONENTS, ComponentRow};
use gate::{Contract, Gate};
use linkage::engine::Index;
use model::{Blind, PersonId, RecordId};
use roaring::RoaringBitmap;
use std::collections::{BTreeMap, BTreeSet};
use store::{Batch, Row, View};

/// Decides the records of `reached` again and stages what changes: the person and component of
/// each record, components, contracts. Gives the ordinals of the people concerned.
pub(crate) fn resolve(
    gate: &Gate,
    view: &View<'_>,
    gathered: &mut Gathered,
    reached: &BTreeSet<RecordId>,
    index: Option<&Index>,
    batch: &mut Batch,
) -> Result<RoaringBitmap, PeopleError> {
    let people = resolve_each(gate, view, gathered, reached, index, batch)?;
    Ok(people.into_values().collect())
}

/// As [`resolve`]; gives the ordinal of each person concerned.
pub(crate) fn resolve_each(
    gate: &Gate,
    view: &View<'_>,
    gathered: &mut Gathered,
    reached: &BTreeSet<RecordId>,
    index: Option<&Index>,
    batch: &mut Batch,
) -> Result<BTreeMap<PersonId, u32>, PeopleError> {
    let nodes = nodes(gathered, reached);
    let generic = |blind: &Blind| gathered.is_generic(blind);
    let parts = components(&nodes, &generic);
    let mut clusters = cluster(&nodes, &generic);
    if let Some(index) = index {
        clusters = join_parts(clusters, &parts, &nodes, index);
    }
    let old_people: BTreeSet<PersonId> = reached
        .iter()
        .filter_map(|id| gathered.records.get(id).filter(|held| held.seen.is_some()))
        .map(|held| held.now.person)
        .collect();
    place_components(gathered, &nodes, &parts, batch);
    place_people(gathered, &clusters);
    stage_contracts(gate, view, gathered, &clusters, old_people, batch)
}

fn nodes(gathered: &Gathered, reached: &BTreeSet<RecordId>) -> Vec<Node> {
    reached.iter().filter_map(|id| Some(Node::of(*id, &gathered.records.get(id)?.now))).collect()
}

/// Joins by likeness, component by component.
fn join_parts(
    clusters: Vec<Cluster>,
    parts: &[Vec<usize>],
    nodes: &[Node],
    index: &Index,
) -> Vec<Cluster> {
    let part_of: BTreeMap<RecordId, usize> = parts
        .iter()
        .enumerate()
        .flat_map(|(part, places)| places.iter().map(move |place| (part, *place)))
        .filter_map(|(part, place)| Some((nodes.get(place)?.id, part)))
        .collect();
    let mut of_part: BTreeMap<usize, Vec<Cluster>> = BTreeMap::new();
    for cluster in clusters {
        if let Some(part) = part_of.get(&cluster.oldest) {
            of_part.entry(*part).or_default().push(cluster);
        }
    }
    of_part
        .into_iter()
        .flat_map(|(part, clusters)| {
            let places = parts.get(part).into_iter().flatten();
            let members: Vec<&Node> = places.filter_map(|place| nodes.get(*place)).collect();
            join(clusters, &members, index)
        })
        .collect()
}

/// A component bears the id of its least member, so that nothing about it depends on history.
fn place_components(
    gathered: &mut Gathered,
    nodes: &[Node],
    parts: &[Vec<usize>],
    batch: &mut Batch,
) {
    let mut kept = BTreeSet::new();
    for part in parts {
        let mut members: Vec<_> =
            part.iter().filter_map(|place| nodes.get(*place)).map(|node| node.id).collect();
        members.sort_unstable();
        let component = members.first().copied().filter(|_| members.len() > 1);
        for id in &members {
            if let Some(held) = gathered.records.get_mut(id)
                && held.now.component != component
            {
                held.now.component = component;
                held.dirty = true;
            }
        }
        if let Some(component) = component {
            kept.insert(component);
            let known = gathered.components.get(&component);
            batch.check(&COMPONENTS, &component, &(), known.map(|(version, _)| *version));
            if known.is_none_or(|(_, known)| *known != members) {
                batch.put(&COMPONENTS, &component, &(), &ComponentRow { members });
            }
        }
    }
    for (component, (seen, _)) in &gathered.components {
        if !kept.contains(component) {
            batch.check(&COMPONENTS, component, &(), Some(*seen));
            batch.delete(&COMPONENTS, component, &());
        }
    }
}

fn place_people(gathered: &mut Gathered, clusters: &[Cluster]) {
    for cluster in clusters {
        let person = PersonId::from(cluster.oldest);
        for id in &cluster.records {
            if let Some(held) = gathered.records.get_mut(id)
                && held.now.person != person
            {
                held.now.person = person;
                held.dirty = true;
            }
        }
    }
}

fn stage_contracts(
    gate: &Gate,
    view: &View<'_>,
    gathered: &mut Gathered,
    clusters: &[Cluster],
    old_people: BTreeSet<PersonId>,
    batch: &mut Batch,
) -> Result<BTreeMap<PersonId, u32>, PeopleError> {
    let new_people = clusters.iter().map(|cluster| PersonId::from(cluster.oldest));
    let ids: Vec<_> = new_people.chain(old_people).collect::<BTreeSet<_>>().into_iter().collect();
    let rows = gate.contracts(view, &ids)?;
    let mut old: BTreeMap<PersonId, Row<Contract>> =
        ids.into_iter().zip(rows).filter_map(|(id, row)| Some((id, row?))).collect();
    let (mut ordinals, mut held) = (BTreeMap::new(), BTreeMap::new());
    for cluster in clusters {
        let person = PersonId::from(cluster.oldest);
        let known = old.remove(&person);
        let ordinal = match &known {
            Some(row) => row.value.ordinal,
            None => gate.new_ordinal()?,
        };
        ordinals.insert(person, ordinal);
        let contract = contract_of(gate, gathered, &cluster.records, ordinal);
        household::settle(gate, gathered, &cluster.records, &contract.allowed);
        if let Some(row) = known.as_ref().filter(|row| row.value != contract) {
            gate.stage_recalls(view, batch, (person, &row.value), Some(&contract))?;
        }
        if known.as_ref().map(|row| &row.value) != Some(&contract) {
            let seen = known.map(|row| row.version);
            gate.stage_contract(batch, person, &contract, seen);
        }
        held.insert(person, contract);
    }
    for (person, row) in old {
        // Merged: what the person that holds the record now does not allow is not allowed any more.
        let now = gathered.person_of(person.into()).and_then(|now| held.get(&now));
        gate.stage_recalls(view, batch, (person, &row.value), now)?;
        gate.stage_retired(batch, person, Some(row.version));
    }
    Ok(ordinals)
}

/// The contract of a person with these records.
pub(crate) fn contract_of(
    gate: &Gate,
    gathered: &Gathered,
    records: &[RecordId],
    ordinal: u32,
) -> Contract {
    let grounds: Vec<_> = records
        .iter()
        .filter_map(|id| gathered.records.get(id))
        .map(|held| &held.now.grounds)
        .collect();
    gate.contract(records.to_vec(), &grounds.iter().copied(), ordinal)
}
