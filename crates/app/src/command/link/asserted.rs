//! Keeping to what somebody who knows has said: people whose records were asserted to be one or two
//! are divided again, with the assertions as evidence that nothing outweighs.

use super::answers::Answer;
use super::engine::{count, root};
use linkage::cluster::{ALWAYS, Edge, NEVER, UNIT, agglomerate};
use linkage::compare::compare;
use linkage::engine::Settings;
use linkage::model::Scorer;
use linkage::record::{RecordKey, Records};
use std::collections::BTreeMap;

/// Records of one group that are compared all with all; beyond, only what was asserted is changed.
const RECORDS_MAX: usize = 2_000;

/// Divides the people that answers touch; gives how many there are now.
pub(super) fn keep_to(
    answers: &[Answer],
    records: &Records,
    scorer: &Scorer,
    settings: &Settings,
    people: &mut [u32],
) -> usize {
    let person =
        |record: u32, people: &[u32]| people.get(record as usize).copied().unwrap_or(record);
    let mut parents: Vec<u32> = (0..).take(people.len()).collect();
    for answer in answers.iter().filter(|answer| answer.same) {
        let a = root(&mut parents, person(answer.a, people));
        let b = root(&mut parents, person(answer.b, people));
        if let Some(parent) = parents.get_mut(a.max(b) as usize) {
            *parent = a.min(b);
        }
    }
    let mut touched: BTreeMap<u32, (Vec<u32>, Vec<Answer>)> = BTreeMap::new();
    for answer in answers {
        let a = root(&mut parents, person(answer.a, people));
        let b = root(&mut parents, person(answer.b, people));
        if a == b {
            touched.entry(a).or_default().1.push(*answer);
        }
    }
    for (record, known) in (0..).zip(people.iter()) {
        if let Some((members, _)) = touched.get_mut(&root(&mut parents, *known)) {
            members.push(record);
        }
    }
    for (members, answers) in
        touched.into_values().filter(|(members, _)| members.len() <= RECORDS_MAX)
    {
        for group in divide(&members, &answers, records, scorer, settings) {
            let least = group.iter().copied().min().unwrap_or(0);
            for record in group {
                if let Some(known) = people.get_mut(record as usize) {
                    *known = least;
                }
            }
        }
    }
    count(people)
}

fn divide(
    members: &[u32],
    answers: &[Answer],
    records: &Records,
    scorer: &Scorer,
    settings: &Settings,
) -> Vec<Vec<u32>> {
    #[expect(clippy::cast_possible_truncation, reason = "clipped before")]
    let units = |weight: f32| (weight.clamp(-settings.clip, settings.clip) * UNIT).round() as i64;
    let keys: Vec<RecordKey> =
        members.iter().filter_map(|record| records.keys.get(*record as usize).copied()).collect();
    let said = |a: u32, b: u32| {
        let about = answers
            .iter()
            .filter(|answer| (answer.a, answer.b) == (a, b) || (answer.a, answer.b) == (b, a));
        about.map(|answer| answer.same).reduce(|all, same| all && same)
    };
    let mut edges = Vec::new();
    for (x, a) in (0_u32..).zip(members) {
        for (y, b) in (0_u32..).zip(members).skip(x as usize + 1) {
            let rows = records.rows.get(*a as usize).zip(records.rows.get(*b as usize));
            let weight = match (said(*a, *b), rows) {
                (Some(true), _) => ALWAYS,
                (Some(false), _) => NEVER,
                (None, Some((p, q))) => {
                    units(scorer.score(&records.pool, p, q, compare(&records.pool, p, q)).weight)
                }
                (None, None) => 0,
            };
            edges.push(Edge { a: x, b: y, weight });
        }
    }
    let groups = agglomerate(&keys, &edges, units(settings.absent), units(settings.cut));
    let real = |node: &u32| members.get(*node as usize).copied();
    groups.iter().map(|group| group.iter().filter_map(real).collect()).collect()
}
