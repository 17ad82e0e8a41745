//! How a person came together: the joins of its records, in their order.

use super::Settings;
use super::batch::Pair;
use super::component::{Asserted, Task, overrule, units, weigh_all};
use super::fold::{denied, identity};
use crate::cluster::{UNIT, agglomerate_told};
use crate::model::Scorer;
use crate::record::{RecordKey, Records, Row};
use std::collections::BTreeMap;

/// Why two groups of records were joined.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Tie {
    /// They are copies of one record.
    Identical,
    /// Somebody said so.
    Asserted,
    /// By the mean weight of their pairs, a natural logarithm of odds.
    Mean(f32),
}

/// One step of how a person came together.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Joined {
    /// The least record of one group.
    pub a: RecordKey,
    /// The least record of the other, of a greater key.
    pub b: RecordKey,
    /// Why.
    pub tie: Tie,
}

/// The steps by which rows became one person: each joins two groups, so there is one less than there
/// are records. `pairs` are those of the output; values must be weighed, as linking leaves them.
pub fn how(
    records: &Records,
    scorer: &Scorer,
    settings: &Settings,
    members: &[u32],
    pairs: &[Pair],
    asserted: &[Asserted],
) -> Vec<Joined> {
    let apart = denied(asserted.iter().copied());
    let mut named: Vec<(RecordKey, u32, &Row)> = members
        .iter()
        .filter_map(|row| {
            let key = records.keys.get(*row as usize)?;
            Some((*key, *row, records.rows.get(*row as usize)?))
        })
        .collect();
    named.sort_unstable_by_key(|(key, ..)| *key);
    let mut steps = Vec::new();
    let mut stands: BTreeMap<u64, u32> = BTreeMap::new();
    let mut places: BTreeMap<RecordKey, u32> = BTreeMap::new();
    let mut of_row: BTreeMap<u32, u32> = BTreeMap::new();
    let mut rows: Vec<(RecordKey, &Row)> = Vec::new();
    for (key, number, row) in named {
        let next = u32::try_from(rows.len()).unwrap_or(u32::MAX);
        let identity = identity(&records.pool, row).filter(|_| !apart.contains(&key));
        let place = identity.map_or(next, |identity| *stands.entry(identity).or_insert(next));
        if let Some((first, _)) = rows.get(place as usize) {
            steps.push(Joined { a: *first, b: key, tie: Tie::Identical });
        } else {
            rows.push((key, row));
        }
        places.insert(key, place);
        of_row.insert(number, place);
    }
    let edges: Vec<(u32, u32, f32)> = pairs
        .iter()
        .filter_map(|pair| Some((*of_row.get(&pair.a)?, *of_row.get(&pair.b)?, pair.weight)))
        .filter(|(a, b, _)| a != b)
        .collect();
    let said: Vec<(u32, u32, bool)> = asserted
        .iter()
        .filter_map(|said| Some((*places.get(&said.a)?, *places.get(&said.b)?, said.same)))
        .filter(|(a, b, _)| a != b)
        .collect();
    let task = Task { pool: &records.pool, scorer, settings, rows: &rows };
    let mut weighed = weigh_all(&task, &rows, &edges);
    overrule(&mut weighed, &said);
    let keys: Vec<RecordKey> = rows.iter().map(|(key, _)| *key).collect();
    let (absent, cut) = (units(settings, settings.absent), units(settings, settings.cut));
    let most = units(settings, settings.clip);
    agglomerate_told(&keys, &weighed, absent, cut, |join| {
        #[expect(clippy::cast_precision_loss, reason = "clipped weights")]
        let tie = if join.mean > most { Tie::Asserted } else { Tie::Mean(join.mean as f32 / UNIT) };
        steps.push(Joined { a: join.a, b: join.b, tie });
    });
    steps
}
