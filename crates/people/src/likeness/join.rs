//! Joining by likeness what identifiers have left apart: a pure function of a set of records.
//!
//! Identifiers come first, and what they join stays joined. Of the people that this leaves in one
//! component, those are joined whose records are alike on the whole: the mean weight between two
//! groups decides, strongest first, as in the engine's own clustering of files. What somebody said
//! about two records outweighs it.

use super::key;
use crate::cluster::{Cluster, Node, root, unite};
use linkage::cluster::{Edge, Join, NEVER, UNIT, agglomerate_told};
use linkage::engine::{Index, STEPS};
use linkage::record::RecordKey;
use model::RecordId;
use std::collections::BTreeMap;

/// Joins the people of one component.
pub(crate) fn join(clusters: Vec<Cluster>, nodes: &[&Node], index: &Index) -> Vec<Cluster> {
    join_told(clusters, nodes, index, &mut |_| {})
}

/// Like [`join`]; tells each join as it is made, with the least record of each side.
pub(crate) fn join_told(
    clusters: Vec<Cluster>,
    nodes: &[&Node],
    index: &Index,
    tell: &mut dyn FnMut(Join),
) -> Vec<Cluster> {
    if clusters.len() < 2 {
        return clusters;
    }
    let groups = groups(clusters, nodes, index);
    let mut joined = Vec::new();
    part(groups, STEPS, index, tell, &mut joined);
    joined.into_iter().filter_map(Group::into_cluster).collect()
}

/// Joins groups that hang together. Where they are too many to be compared card by card, they are
/// first cut apart at weaker pairs, step by step, as in files; what no step divides is decided by
/// the pairs that are known.
fn part<'a>(
    groups: Vec<Group<'a>>,
    steps: &[f32],
    index: &Index,
    tell: &mut dyn FnMut(Join),
    joined: &mut Vec<Group<'a>>,
) {
    let settings = index.settings();
    let (absent, cut) = (units(settings.absent), units(settings.cut));
    let cards = groups.iter().map(|group| group.cards.len()).sum::<usize>();
    let edges = match steps.split_first() {
        _ if cards <= settings.complete_max => compare_all(&groups, index),
        Some((step, steps)) => {
            for members in connected(groups, units(*step)) {
                part(members, steps, index, tell, joined);
            }
            return;
        }
        None => known(&groups, absent),
    };
    let keys: Vec<RecordKey> = groups.iter().map(|group| group.key).collect();
    let mut groups: Vec<Option<Group<'a>>> = groups.into_iter().map(Some).collect();
    for members in agglomerate_told(&keys, &edges, absent, cut, &mut *tell) {
        let members =
            members.into_iter().filter_map(|place| groups.get_mut(place as usize)?.take());
        joined.extend(members.reduce(Group::and));
    }
}

/// The parts that hang together by pairs of at least a weight.
fn connected(groups: Vec<Group<'_>>, least: i64) -> Vec<Vec<Group<'_>>> {
    let mut parts: Vec<usize> = (0..groups.len()).collect();
    for ((a, b), _) in pairs(&groups, least) {
        unite(&mut parts, a as usize, b as usize);
    }
    let mut found: BTreeMap<usize, Vec<Group<'_>>> = BTreeMap::new();
    for (place, group) in groups.into_iter().enumerate() {
        found.entry(root(&parts, place)).or_default().push(group);
    }
    found.into_values().collect()
}

/// Records that identifiers made one.
struct Group<'a> {
    /// Its least record.
    key: RecordKey,
    nodes: Vec<&'a Node>,
    /// Of these, the records that can be compared.
    cards: Vec<&'a Node>,
}

impl Group<'_> {
    fn and(mut self, other: Self) -> Self {
        self.nodes.extend(other.nodes);
        self
    }

    fn into_cluster(self) -> Option<Cluster> {
        let oldest = self.nodes.iter().min_by_key(|node| (node.first, node.id))?.id;
        let mut records: Vec<_> = self.nodes.iter().map(|node| node.id).collect();
        records.sort_unstable();
        Some(Cluster { oldest, records })
    }

    /// How many records of it can be compared.
    fn size(&self) -> i64 {
        i64::try_from(self.cards.len()).unwrap_or(i64::MAX)
    }

    /// Whether somebody said that a record of one is not one of the other.
    fn is_denied(&self, other: &Self) -> bool {
        self.nodes.iter().any(|x| {
            x.links.asserted.iter().any(|(said, same)| {
                !same && other.nodes.binary_search_by_key(said, |node| node.id).is_ok()
            })
        })
    }
}

fn groups<'a>(clusters: Vec<Cluster>, nodes: &[&'a Node], index: &Index) -> Vec<Group<'a>> {
    let by_id: BTreeMap<_, _> = nodes.iter().map(|node| (node.id, *node)).collect();
    let mut groups: Vec<Group<'a>> = clusters
        .into_iter()
        .filter_map(|cluster| {
            let nodes: Vec<_> =
                cluster.records.iter().filter_map(|id| by_id.get(id)).copied().collect();
            let cards =
                nodes.iter().copied().filter(|node| index.row(key(node.id)).is_some()).collect();
            Some(Group { key: key(nodes.first()?.id), nodes, cards })
        })
        .collect();
    groups.sort_by_key(|group| group.key);
    groups
}

/// Compares every record of each group with every record of each other.
fn compare_all(groups: &[Group<'_>], index: &Index) -> Vec<Edge> {
    let mut edges = Vec::new();
    for (a, x) in (0..).zip(groups) {
        for (b, y) in (0..).zip(groups).skip(a as usize + 1) {
            let pairs =
                x.cards.iter().flat_map(|one| y.cards.iter().map(move |other| (one, other)));
            let weights = pairs.filter_map(|(one, other)| index.weigh(key(one.id), key(other.id)));
            let (sum, count) = weights.fold((0, 0), |(sum, count), w| (sum + w, count + 1));
            if x.is_denied(y) {
                edges.push(Edge { a, b, weight: NEVER });
            } else if count > 0 {
                edges.push(Edge { a, b, weight: i64::div_euclid(sum, count) });
            }
        }
    }
    edges
}

/// What is known of the pairs of a part that no step divides; what is not known weighs `absent`.
fn known(groups: &[Group<'_>], absent: i64) -> Vec<Edge> {
    let cards = |place: u32| groups.get(place as usize).map_or(0, Group::size);
    let mut edges: BTreeMap<(u32, u32), i64> = pairs(groups, i64::MIN)
        .into_iter()
        .map(|((a, b), (sum, count))| {
            let pairs = (cards(a) * cards(b)).max(count).max(1);
            ((a, b), i64::div_euclid(sum + (pairs - count) * absent, pairs))
        })
        .collect();
    let place_of = places(groups);
    for (a, group) in (0..).zip(groups) {
        let said = group.nodes.iter().flat_map(|node| &node.links.asserted);
        for b in said.filter(|(_, same)| !same).filter_map(|(id, _)| place_of.get(id)) {
            edges.insert((a.min(*b), a.max(*b)), NEVER);
        }
    }
    let edges = edges.into_iter().filter(|((a, b), _)| a != b);
    edges.map(|((a, b), weight)| Edge { a, b, weight }).collect()
}

/// The known pairs of at least a weight between groups: their sum, and how many they are.
fn pairs(groups: &[Group<'_>], least: i64) -> BTreeMap<(u32, u32), (i64, i64)> {
    let place_of = places(groups);
    let mut sums: BTreeMap<(u32, u32), (i64, i64)> = BTreeMap::new();
    for (a, group) in (0..).zip(groups) {
        for (other, weight) in group.nodes.iter().flat_map(|node| &node.links.alike) {
            let weight = i64::from(*weight);
            if let Some(b) = place_of.get(other).filter(|b| **b > a && weight >= least) {
                let known = sums.entry((a, *b)).or_default();
                *known = (known.0 + weight, known.1 + 1);
            }
        }
    }
    sums
}

fn places(groups: &[Group<'_>]) -> BTreeMap<RecordId, u32> {
    let all = groups.iter().zip(0..);
    all.flat_map(|(group, place)| group.nodes.iter().map(move |node| (node.id, place))).collect()
}

#[expect(clippy::cast_possible_truncation, reason = "settings are small numbers")]
fn units(weight: f32) -> i64 {
    (weight * UNIT).round() as i64
}
