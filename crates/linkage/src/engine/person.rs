//! Ids of people, given afterwards and by rule, so that they stay when records come and go.
//!
//! A person bears the id of its oldest record, unless it is what is left of an older person: the
//! largest part of a person that was split keeps its id; of persons that were merged the id of the
//! oldest survives. Ids that are no longer borne redirect to the person that has most of their records.

use crate::record::RecordKey;
use std::collections::{BTreeMap, BTreeSet};

/// Who had which id before.
pub type Past = BTreeMap<RecordKey, RecordKey>;

/// People with their ids.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Named {
    /// The id of each record's person.
    pub ids: Past,
    /// Ids that nobody bears any more, and where they lead.
    pub redirects: BTreeMap<RecordKey, RecordKey>,
}

/// Names people. `age` orders records from the oldest; `past` gives each record's id so far.
pub fn name_people<A: Ord>(
    people: &[Vec<RecordKey>],
    past: &Past,
    age: impl Fn(RecordKey) -> A,
) -> Named {
    let oldest =
        |records: &[RecordKey]| records.iter().copied().min_by_key(|key| (age(*key), *key));
    // Each former id goes to the part that has most of its records; of equal parts, to the one with
    // the oldest record.
    let mut parts: BTreeMap<RecordKey, Vec<(usize, usize)>> = BTreeMap::new();
    for (person, records) in people.iter().enumerate() {
        let mut counts: BTreeMap<RecordKey, usize> = BTreeMap::new();
        for id in records.iter().filter_map(|record| past.get(record)) {
            *counts.entry(*id).or_default() += 1;
        }
        for (id, count) in counts {
            parts.entry(id).or_default().push((count, person));
        }
    }
    let age_of = |person: usize| {
        people.get(person).and_then(|records| oldest(records)).map(|key| (age(key), key))
    };
    let mut heirs: BTreeMap<usize, Vec<RecordKey>> = BTreeMap::new();
    for (id, parts) in &parts {
        let heir =
            parts.iter().max_by(|x, y| x.0.cmp(&y.0).then_with(|| age_of(y.1).cmp(&age_of(x.1))));
        if let Some((_, person)) = heir {
            heirs.entry(*person).or_default().push(*id);
        }
    }
    let mut named = Named::default();
    let mut borne = BTreeSet::new();
    for (person, ids) in &heirs {
        // The id that is itself the oldest record.
        if let Some(id) = ids.iter().copied().min_by_key(|id| (age(*id), *id)) {
            borne.insert(id);
            named
                .redirects
                .extend(ids.iter().filter(|other| **other != id).map(|other| (*other, id)));
            let records = people.get(*person).into_iter().flatten();
            named.ids.extend(records.map(|record| (*record, id)));
        }
    }
    let others = people.iter().enumerate().filter(|(person, _)| !heirs.contains_key(person));
    for (_, records) in others {
        // New, or split off: its oldest record whose id nobody bears.
        let mut free: Vec<RecordKey> =
            records.iter().copied().filter(|key| !borne.contains(key)).collect();
        free.sort_by_key(|key| (age(*key), *key));
        let id = free.first().copied().or_else(|| records.first().map(|key| fresh(*key)));
        if let Some(id) = id {
            borne.insert(id);
            named.redirects.remove(&id);
            named.ids.extend(records.iter().map(|record| (*record, id)));
        }
    }
    named
}

/// An id for a record whose own key is the id of a person it left.
const fn fresh(key: RecordKey) -> RecordKey {
    key.rotate_left(61) ^ 0x5851_F42D_4C95_7F2D_1405_7B7E_F767_814F
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(
        people: &[&[RecordKey]],
        past: &[(RecordKey, RecordKey)],
        ids: &[(RecordKey, RecordKey)],
        redirects: &[(RecordKey, RecordKey)],
    ) {
        let people: Vec<Vec<RecordKey>> = people.iter().map(|records| records.to_vec()).collect();
        let named = name_people(&people, &past.iter().copied().collect(), |key| key);
        assert_eq!(named.ids, ids.iter().copied().collect());
        assert_eq!(named.redirects, redirects.iter().copied().collect());
    }

    #[test]
    fn ids_stay() {
        check(&[&[1, 2], &[3]], &[], &[(1, 1), (2, 1), (3, 3)], &[]);
        // Merged: the oldest survives.
        check(&[&[1, 2, 3]], &[(1, 1), (2, 1), (3, 3)], &[(1, 1), (2, 1), (3, 1)], &[(3, 1)]);
        // Split: the largest part keeps it, though the oldest record left.
        check(&[&[1], &[2, 3]], &[(1, 1), (2, 1), (3, 1)], &[(1, fresh(1)), (2, 1), (3, 1)], &[]);
    }
}
