//! Records that fit several people about as well, for somebody to look at.
//!
//! A thin record, such as a name and a landline, may belong to either of two people who have both.
//! Clustering mostly puts it with the likelier one or leaves it alone; that it could have come
//! otherwise is told here. Where it brought the two together they are one, and nothing is told.

use super::Pair;

/// How much likelier a record's first person may be than its second, as the logarithm of the ratio
/// of odds, for the record to be ambiguous: about seven times.
pub const AMBIGUOUS_WITHIN: f32 = 2.0;

/// A record that fits several people.
#[derive(Clone, Debug, PartialEq)]
pub struct Ambiguous {
    /// The record, as a row.
    pub row: u32,
    /// The people it fits, with the weight of its best pair with each: the likeliest first.
    pub people: Vec<(u32, f32)>,
}

/// Finds ambiguous records, by row. `people` are those of a run, `pairs` its pairs; a person counts
/// from a weight of `cut` on. Pairs that were `denied`, which somebody said are different, count for
/// nothing.
pub fn ambiguous(
    people: &[u32],
    pairs: &[Pair],
    cut: f32,
    denied: impl Fn(u32, u32) -> bool,
) -> Vec<Ambiguous> {
    let mut fits: Vec<(u32, u32, f32)> = Vec::new();
    for pair in pairs.iter().filter(|pair| pair.weight >= cut && !denied(pair.a, pair.b)) {
        for (row, other) in [(pair.a, pair.b), (pair.b, pair.a)] {
            if let Some(person) = people.get(other as usize) {
                fits.push((row, *person, pair.weight));
            }
        }
    }
    fits.sort_unstable_by(|x, y| (x.0, x.1).cmp(&(y.0, y.1)).then(y.2.total_cmp(&x.2)));
    fits.dedup_by_key(|(row, person, _)| (*row, *person));
    let mut found = Vec::new();
    for of_row in fits.chunk_by(|x, y| x.0 == y.0) {
        let mut people: Vec<_> =
            of_row.iter().map(|(_, person, weight)| (*person, *weight)).collect();
        people.sort_by(|x, y| y.1.total_cmp(&x.1).then(x.0.cmp(&y.0)));
        let best = people.first().map_or(cut, |(_, weight)| *weight);
        people.retain(|(_, weight)| best - weight <= AMBIGUOUS_WITHIN);
        if let (Some((row, ..)), true) = (of_row.first(), people.len() > 1) {
            found.push(Ambiguous { row: *row, people });
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::compare::Pattern;

    fn pair(a: u32, b: u32, weight: f32) -> Pair {
        Pair { a, b, weight, pattern: Pattern::default() }
    }

    #[test]
    fn a_record_between_two_people_is_ambiguous() {
        // 0 and 1 are one person, 3 and 4 another; 2 is with the first and fits the second too.
        let people = [0, 0, 0, 3, 3];
        let pairs =
            [pair(0, 1, 9.0), pair(3, 4, 9.0), pair(0, 2, 3.0), pair(2, 3, 1.5), pair(2, 4, 0.5)];
        let found = ambiguous(&people, &pairs, 0.0, |_, _| false);
        assert_eq!(found, [Ambiguous { row: 2, people: vec![(0, 3.0), (3, 1.5)] }]);
        // Not if the first is far likelier, nor if the second is unlikely, nor once it was denied.
        let clear = [pair(0, 2, 6.0), pair(2, 3, 1.5)];
        assert_eq!(ambiguous(&people, &clear, 0.0, |_, _| false), []);
        let unlikely = [pair(0, 2, 1.0), pair(2, 3, -0.5)];
        assert_eq!(ambiguous(&people, &unlikely, 0.0, |_, _| false), []);
        assert_eq!(ambiguous(&people, &pairs, 0.0, |a, b| a == 2 && b > 2), []);
    }

    #[test]
    fn a_record_that_stays_alone_needs_two_others() {
        let people = [0, 1, 2];
        let one = [pair(0, 1, 0.5)];
        assert_eq!(ambiguous(&people, &one, 0.0, |_, _| false), []);
        let two = [pair(0, 1, 0.5), pair(0, 2, 0.25)];
        let found = ambiguous(&people, &two, 0.0, |_, _| false);
        assert_eq!(found, [Ambiguous { row: 0, people: vec![(1, 0.5), (2, 0.25)] }]);
    }
}
