//! Deciding one component: a function of the set of its records, the model and the settings.

use super::Settings;
use super::groups::Groups;
use crate::cluster::{ALWAYS, Edge, NEVER, UNIT, agglomerate};
use crate::compare::{Comparison, Pattern, compare};
use crate::model::Scorer;
use crate::record::{Pool, RecordKey, Row};
use std::collections::BTreeMap;

/// What somebody who knows has said about two records.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Asserted {
    /// One record.
    pub a: RecordKey,
    /// The other.
    pub b: RecordKey,
    /// Whether they are one person.
    pub same: bool,
}

/// What a component came to.
#[derive(Clone, Debug, Default)]
pub struct Decision {
    /// People, each a list of positions in the component, ascending.
    pub people: Vec<Vec<u32>>,
    /// Whether two records that were said to be one could not be joined, since something else that was
    /// said forbids it. The denial wins: a person cut apart can be joined again, the other way round
    /// harm is done.
    pub contradicted: bool,
}

/// Weights at which a component that is too large to be compared pair by pair is cut apart.
pub const STEPS: &[f32] = &[1.0, 2.5, 4.0, 6.0, 8.0, 11.0];

/// Splits a component into people. `edges` are pairs of positions with their weight.
///
/// A component of more than [`Settings::complete_max`] records is first cut at weaker edges, step by
/// step; what no step divides is clustered by its edges alone.
pub fn decide(
    pool: &Pool,
    scorer: &Scorer,
    settings: &Settings,
    rows: &[(RecordKey, &Row)],
    edges: &[(u32, u32, f32)],
    asserted: &[(u32, u32, bool)],
) -> Decision {
    let all: Vec<u32> = (0..).take(rows.len()).collect();
    let mut decision = Decision::default();
    let task = Task { pool, scorer, settings, rows };
    if asserted.is_empty() {
        decide_part(&task, &all, edges, STEPS, &mut decision);
        return decision;
    }
    // What somebody who knows has said is not cut by steps, and holds against any weight.
    let mut weighed = weigh_all(&task, rows, edges);
    overrule(&mut weighed, asserted);
    let keys: Vec<RecordKey> = rows.iter().map(|(key, _)| *key).collect();
    let (absent, cut) = (units(settings, settings.absent), units(settings, settings.cut));
    decision.people = agglomerate(&keys, &weighed, absent, cut);
    decision.contradicted = asserted.iter().any(|(a, b, same)| {
        *same && !decision.people.iter().any(|p| p.contains(a) && p.contains(b))
    });
    decision
}

/// Puts what was said in the place of what was found.
pub(super) fn overrule(weighed: &mut Vec<Edge>, asserted: &[(u32, u32, bool)]) {
    let mut said: BTreeMap<(u32, u32), bool> = BTreeMap::new();
    for (a, b, same) in asserted {
        *said.entry((*a.min(b), *a.max(b))).or_insert(true) &= same;
    }
    weighed.retain(|edge| !said.contains_key(&(edge.a.min(edge.b), edge.a.max(edge.b))));
    let weight = |same| if same { ALWAYS } else { NEVER };
    weighed.extend(said.into_iter().map(|((a, b), same)| Edge { a, b, weight: weight(same) }));
}

pub(super) struct Task<'a> {
    pub(super) pool: &'a Pool,
    pub(super) scorer: &'a Scorer,
    pub(super) settings: &'a Settings,
    pub(super) rows: &'a [(RecordKey, &'a Row)],
}

fn decide_part(
    task: &Task<'_>,
    members: &[u32],
    edges: &[(u32, u32, f32)],
    steps: &[f32],
    decision: &mut Decision,
) {
    if let Some((step, steps)) =
        steps.split_first().filter(|_| members.len() > task.settings.complete_max)
    {
        let strong: Vec<_> =
            edges.iter().copied().filter(|(_, _, weight)| weight >= step).collect();
        for (members, edges) in parts(members, &strong) {
            decide_part(task, &members, &edges, steps, decision);
        }
        return;
    }
    let row = |member: &u32| task.rows.get(*member as usize).copied();
    let inner: Vec<(RecordKey, &Row)> = members.iter().filter_map(row).collect();
    let keys: Vec<RecordKey> = inner.iter().map(|(key, _)| *key).collect();
    let place = |member: u32| number(members.binary_search(&member).unwrap_or(0));
    let edges: Vec<_> =
        edges.iter().map(|(a, b, weight)| (place(*a), place(*b), *weight)).collect();
    let weighed = weigh_all(task, &inner, &edges);
    let settings = task.settings;
    let (absent, cut) = (units(settings, settings.absent), units(settings, settings.cut));
    for person in agglomerate(&keys, &weighed, absent, cut) {
        let member = |place: &u32| members.get(*place as usize).copied();
        decision.people.push(person.iter().filter_map(member).collect());
    }
}

#[expect(clippy::cast_possible_truncation, reason = "clipped before")]
pub(super) fn units(settings: &Settings, weight: f32) -> i64 {
    (weight.clamp(-settings.clip, settings.clip) * UNIT).round() as i64
}

fn number(place: usize) -> u32 {
    u32::try_from(place).unwrap_or(u32::MAX)
}

/// Compares all pairs of a part; of one that is too large, takes the weights of its edges.
pub(super) fn weigh_all(
    task: &Task<'_>,
    rows: &[(RecordKey, &Row)],
    edges: &[(u32, u32, f32)],
) -> Vec<Edge> {
    if rows.len() > task.settings.complete_max {
        let edge = |(a, b, weight): &(u32, u32, f32)| Edge {
            a: *a,
            b: *b,
            weight: units(task.settings, *weight),
        };
        return edges.iter().map(edge).collect();
    }
    let mut all = Vec::with_capacity(rows.len() * rows.len() / 2);
    for (a, (_, x)) in (0..).zip(rows) {
        for (b, (_, y)) in (0..).zip(rows).skip(a as usize + 1) {
            let weight = weigh(task.pool, task.scorer, task.settings, x, y);
            all.push(Edge { a, b, weight });
        }
    }
    all
}

/// What two records of one component weigh, in [`UNIT`]s, or [`NEVER`].
pub(super) fn weigh(pool: &Pool, scorer: &Scorer, settings: &Settings, a: &Row, b: &Row) -> i64 {
    let pattern = compare(pool, a, b);
    if conflict(pattern) {
        return NEVER;
    }
    let score = scorer.score(pool, a, b, pattern);
    let silent = score.evidence.min(0.0) + settings.silent;
    units(settings, if score.weight > 0.0 { score.weight } else { silent })
}

type Part = (Vec<u32>, Vec<(u32, u32, f32)>);

/// The connected parts of `members` under `edges`.
fn parts(members: &[u32], edges: &[(u32, u32, f32)]) -> Vec<Part> {
    let place = |member: u32| members.binary_search(&member).unwrap_or(0);
    let mut groups = Groups::new(members.len());
    for (a, b, _) in edges {
        groups.unite(number(place(*a)), number(place(*b)));
    }
    let mut found: BTreeMap<u32, Part> = BTreeMap::new();
    for (member, at) in members.iter().zip(0..) {
        found.entry(groups.root(at)).or_default().0.push(*member);
    }
    for edge in edges {
        if let Some((_, inner)) = found.get_mut(&groups.root(number(place(edge.0)))) {
            inner.push(*edge);
        }
    }
    found.into_values().collect()
}

/// Whether two records cannot be one person, whatever else they share. Only generations are never
/// mistyped into one another: that sex and given name differ, or number and birth date, was tried as a
/// bar and cost `historical_50k` .026 and FEBRL 3 .0004 of F1, for each of them is wrong in real records.
fn conflict(pattern: Pattern) -> bool {
    pattern.level(Comparison::Suffix) == Some(0)
}
