//! Linking with a model that was learned before.

use super::engine::{Found, asked, root, threads};
use super::model::Pinned;
use linkage::block::Blocks;
use linkage::compare::compare;
use linkage::engine::{self, Pair, Settings, Side};
use linkage::model::{Model, Scorer};
use linkage::record::Records;
use std::collections::BTreeMap;

/// Links records with a model.
pub(super) fn link(
    records: &mut Records,
    pinned: &Pinned,
    settings: &Settings,
    side: Side,
) -> (Found, Model) {
    // No round of training: only frequencies are taken from what comes.
    let mut untrained = *settings;
    untrained.training.rounds_max = 0;
    let mut model = engine::train(records, &untrained);
    pinned.lay_over(&mut model);
    model.frequencies.weigh(&mut records.pool, 0);
    let blocks = Blocks::of(records, threads(settings));
    let scorer = Scorer::new(&model);
    let (mut pairs, mut compared) = (Vec::new(), 0);
    blocks.pairs(0..blocks.len(), |a, b| {
        let rows = records.rows.get(a as usize).zip(records.rows.get(b as usize));
        if let Some((x, y)) = rows.filter(|_| asked(side, a, b)) {
            compared += 1;
            let pattern = compare(&records.pool, x, y);
            let weight = scorer.score(&records.pool, x, y, pattern).weight;
            if weight >= settings.floor {
                pairs.push(Pair { a, b, weight, pattern });
            }
        }
    });
    let people = people(records, &scorer, settings, &pairs);
    (Found { people, pairs, rules: blocks.found.clone(), compared }, model)
}

/// The records of a component, and what ties them.
type Part = (Vec<u32>, Vec<(u32, u32, f32)>);

/// Divides what pairs tie together into people.
fn people(records: &Records, scorer: &Scorer, settings: &Settings, pairs: &[Pair]) -> Vec<u32> {
    let mut parents: Vec<u32> = (0..).take(records.rows.len()).collect();
    for pair in pairs {
        let (a, b) = (root(&mut parents, pair.a), root(&mut parents, pair.b));
        if let Some(parent) = parents.get_mut(a.max(b) as usize) {
            *parent = a.min(b);
        }
    }
    let mut parts: BTreeMap<u32, Part> = BTreeMap::new();
    for row in (0..).take(records.rows.len()) {
        parts.entry(root(&mut parents, row)).or_default().0.push(row);
    }
    for pair in pairs {
        parts.entry(root(&mut parents, pair.a)).or_default().1.push((pair.a, pair.b, pair.weight));
    }
    let mut people: Vec<u32> = (0..).take(records.rows.len()).collect();
    for (members, edges) in parts.into_values().filter(|(members, _)| members.len() > 1) {
        let row =
            |row: &u32| Some((*records.keys.get(*row as usize)?, records.rows.get(*row as usize)?));
        let rows: Vec<_> = members.iter().filter_map(row).collect();
        let place = |row: u32| u32::try_from(members.binary_search(&row).unwrap_or(0)).unwrap_or(0);
        let inner: Vec<_> =
            edges.iter().map(|(a, b, weight)| (place(*a), place(*b), *weight)).collect();
        for group in engine::decide(&records.pool, scorer, settings, &rows, &inner).people {
            let of = |place: &u32| members.get(*place as usize).copied();
            let least = group.iter().filter_map(of).min().unwrap_or(0);
            for row in group.iter().filter_map(of) {
                if let Some(known) = people.get_mut(row as usize) {
                    *known = least;
                }
            }
        }
    }
    people
}
