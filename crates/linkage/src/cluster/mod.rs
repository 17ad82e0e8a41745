//! Components of records → people: average linkage within the component, under constraints.
//!
//! Everything is a function of the set of nodes: sums are integers, ties fall to the smaller keys.

use crate::record::{Map, RecordKey};
use std::collections::BinaryHeap;

/// Weights are kept in 1/1024 of a natural logarithm, so that sums do not depend on their order.
pub const UNIT: f32 = 1024.0;

/// A weight that no sum of others outweighs: these two are never one person.
pub const NEVER: i64 = -(1 << 40);

/// A weight that all but [`NEVER`] gives way to: these two are one person.
pub const ALWAYS: i64 = 1 << 34;

/// What is known of two nodes of a component.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Edge {
    /// One node.
    pub a: u32,
    /// The other.
    pub b: u32,
    /// Its weight in [`UNIT`]s, or [`NEVER`].
    pub weight: i64,
}

#[derive(PartialEq, Eq, PartialOrd, Ord)]
struct Candidate {
    mean: i64,
    keys: std::cmp::Reverse<(RecordKey, RecordKey)>,
    a: u32,
    b: u32,
    versions: (u32, u32),
}

struct Group {
    key: RecordKey,
    size: i64,
    version: u32,
    members: Vec<u32>,
    /// Sum of weights and number of compared pairs towards other groups.
    near: Map<u32, (i64, i64)>,
}

/// Two groups that became one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Join {
    /// The least key of the group that has the lesser one.
    pub a: RecordKey,
    /// The least key of the other.
    pub b: RecordKey,
    /// The mean weight between them, in [`UNIT`]s.
    pub mean: i64,
}

/// Clusters one component: joins the pair of groups with the highest mean weight while that is at
/// least `cut`; pairs never compared count as `absent`. Gives lists of nodes, each ascending.
pub fn agglomerate(keys: &[RecordKey], edges: &[Edge], absent: i64, cut: i64) -> Vec<Vec<u32>> {
    agglomerate_told(keys, edges, absent, cut, |_| {})
}

/// Like [`agglomerate`]; tells each join as it is made.
pub fn agglomerate_told(
    keys: &[RecordKey],
    edges: &[Edge],
    absent: i64,
    cut: i64,
    mut tell: impl FnMut(Join),
) -> Vec<Vec<u32>> {
    let mut groups: Vec<Group> = keys
        .iter()
        .zip(0..)
        .map(|(key, node)| Group {
            key: *key,
            size: 1,
            version: 0,
            members: vec![node],
            near: Map::default(),
        })
        .collect();
    for edge in edges {
        for (x, y) in [(edge.a, edge.b), (edge.b, edge.a)] {
            if let Some(group) = groups.get_mut(x as usize) {
                group.near.insert(y, (edge.weight, 1));
            }
        }
    }
    let mut heap = BinaryHeap::new();
    for edge in edges {
        heap.extend(candidate(&groups, edge.a, edge.b, absent, cut));
    }
    while let Some(best) = heap.pop() {
        let version = |id: u32| groups.get(id as usize).filter(|g| g.size > 0).map(|g| g.version);
        if version(best.a) != Some(best.versions.0) || version(best.b) != Some(best.versions.1) {
            continue;
        }
        let (a, b) = best.keys.0;
        tell(Join { a, b, mean: best.mean });
        let joined = join(&mut groups, best.a, best.b);
        let near: Vec<u32> = groups
            .get(joined as usize)
            .map(|group| group.near.keys().copied().collect())
            .unwrap_or_default();
        for other in near {
            heap.extend(candidate(&groups, joined, other, absent, cut));
        }
    }
    groups
        .into_iter()
        .filter(|group| group.size > 0)
        .map(|mut group| {
            group.members.sort_unstable();
            group.members
        })
        .collect()
}

fn candidate(groups: &[Group], a: u32, b: u32, absent: i64, cut: i64) -> Option<Candidate> {
    let (x, y) = (groups.get(a as usize)?, groups.get(b as usize)?);
    let (sum, compared) = *x.near.get(&b)?;
    let pairs = x.size * y.size;
    let mean = (sum + (pairs - compared) * absent).div_euclid(pairs);
    if mean < cut {
        return None;
    }
    let keys = std::cmp::Reverse((x.key.min(y.key), x.key.max(y.key)));
    Some(Candidate { mean, keys, a, b, versions: (x.version, y.version) })
}

/// Joins the smaller neighbourhood into the larger; gives the group that remains.
fn join(groups: &mut [Group], a: u32, b: u32) -> u32 {
    let degree = |id: u32| groups.get(id as usize).map_or(0, |group| group.near.len());
    let (into, from) = if degree(a) >= degree(b) { (a, b) } else { (b, a) };
    let taken = groups.get_mut(from as usize).map(|group| {
        let size = std::mem::take(&mut group.size);
        (size, group.key, std::mem::take(&mut group.members), std::mem::take(&mut group.near))
    });
    let Some((size, key, members, near)) = taken else { return into };
    for (other, (sum, compared)) in &near {
        if let Some(group) = groups.get_mut(*other as usize) {
            group.near.remove(&from);
            if *other != into {
                let known = group.near.entry(into).or_insert((0, 0));
                *known = (known.0 + sum, known.1 + compared);
            }
        }
    }
    if let Some(group) = groups.get_mut(into as usize) {
        group.size += size;
        group.key = group.key.min(key);
        group.version += 1;
        group.members.extend(members);
        for (other, (sum, compared)) in near {
            if other != into {
                let known = group.near.entry(other).or_insert((0, 0));
                *known = (known.0 + sum, known.1 + compared);
            }
        }
    }
    into
}
