//! Deciding one component: a function of the set of its records, the model and the settings.

use super::Settings;
use crate::cluster::{Edge, NEVER, UNIT, agglomerate};
use crate::compare::{Comparison, Pattern, compare};
use crate::model::Scorer;
use crate::record::{Pool, RecordKey, Row};

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
}

/// Splits a component into people. `edges` are pairs of positions with their weight.
pub fn decide(
    pool: &Pool,
    scorer: &Scorer,
    settings: &Settings,
    rows: &[(RecordKey, &Row)],
    edges: &[(u32, u32, f32)],
) -> Decision {
    let keys: Vec<RecordKey> = rows.iter().map(|(key, _)| *key).collect();
    let units = |weight: f32| {
        #[expect(clippy::cast_possible_truncation, reason = "clipped before")]
        let units = (weight.clamp(-settings.clip, settings.clip) * UNIT).round() as i64;
        units
    };
    let weighed: Vec<Edge> = if rows.len() <= settings.complete_max {
        let mut all = Vec::with_capacity(rows.len() * rows.len() / 2);
        for (a, (_, x)) in (0..).zip(rows) {
            for (b, (_, y)) in (0..).zip(rows).skip(a as usize + 1) {
                let pattern = compare(pool, x, y);
                let weight = if conflict(x, y, pattern) {
                    NEVER
                } else {
                    let score = scorer.score(pool, x, y, pattern);
                    units(if score.weight > 0.0 { score.weight } else { score.evidence.min(0.0) + settings.silent })
                };
                all.push(Edge { a, b, weight });
            }
        }
        all
    } else {
        edges.iter().map(|(a, b, weight)| Edge { a: *a, b: *b, weight: units(*weight) }).collect()
    };
    Decision { people: agglomerate(&keys, &weighed, units(settings.absent), units(settings.cut)) }
}

/// Whether two records cannot be one person, whatever else they share.
pub fn conflict(_a: &Row, _b: &Row, pattern: Pattern) -> bool {
    pattern.level(Comparison::Suffix) == Some(0)
}
