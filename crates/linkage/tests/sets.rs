//! What is decided is a function of the set of records: not of their order, their batches, or of what
//! came and went in between.

#[path = "support/generator.rs"]
mod generator;

use linkage::engine::{Asserted, Index, Settings, Side, Tie, how, link_with};
use linkage::model::{Model, Scorer};
use linkage::record::{Options, Reader, RecordKey, Records, Schema};
use proptest::prelude::*;
use std::collections::BTreeMap;

type People = Vec<Vec<RecordKey>>;

fn batch(made: &[(RecordKey, &generator::Made)], model: &Model) -> People {
    let mut records = Records::default();
    let mut reader = Reader::new(Schema::recognise(generator::HEADER, &[]), Options::default());
    for (key, record) in made {
        let values: Vec<&str> = record.values.iter().map(String::as_str).collect();
        reader.push(&mut records, *key, &values);
    }
    let output = link_with(&mut records, model, &Settings::default(), Side::Within, &[]);
    let mut people: BTreeMap<u32, Vec<RecordKey>> = BTreeMap::new();
    for (person, key) in output.people.iter().zip(&records.keys) {
        people.entry(*person).or_default().push(*key);
    }
    sorted(people.into_values().collect())
}

fn sorted(mut people: People) -> People {
    for person in &mut people {
        person.sort_unstable();
    }
    people.sort_unstable();
    people
}

/// Inserts in batches, in an order drawn from `seed`, with detours: records that come twice, come
/// with other values first, or come and go.
#[expect(clippy::indexing_slicing, reason = "places that it made itself")]
fn stream(
    made: &[(RecordKey, &generator::Made)],
    gone: &[generator::Made],
    model: &Model,
    seed: u64,
) -> People {
    let mut dice = generator::Dice::new(seed);
    let mut index = Index::new(model.clone(), Settings::default());
    let mut reader = Reader::new(Schema::recognise(generator::HEADER, &[]), Options::default());
    let mut order: Vec<usize> = (0..made.len()).collect();
    for place in (1..order.len()).rev() {
        order.swap(place, dice.below(place + 1));
    }
    let mut read = |index: &mut Index, record: &generator::Made| {
        let values: Vec<&str> = record.values.iter().map(String::as_str).collect();
        reader.read(&mut index.pool, &values)
    };
    for (number, record) in gone.iter().enumerate() {
        let row = read(&mut index, record);
        index.insert(&[(1_000_000 + number as u128, row)]);
    }
    let mut rest = order.as_slice();
    while !rest.is_empty() {
        let (some, after) = rest.split_at((1 + dice.below(40)).min(rest.len()));
        rest = after;
        let mut rows = Vec::new();
        for place in some {
            let (key, record) = made[*place];
            if dice.chance(10) {
                let wrong = read(&mut index, &gone[dice.below(gone.len())]);
                index.insert(&[(key, wrong)]);
            }
            rows.push((key, read(&mut index, record)));
        }
        index.insert(&rows);
    }
    index.erase(&(0..gone.len()).map(|number| 1_000_000 + number as u128).collect::<Vec<_>>());
    sorted(index.people())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 24, ..ProptestConfig::default() })]

    #[test]
    fn any_order_and_any_batches_end_in_the_same_people(seed in 0_u64..1_000_000, size in 20_usize..260) {
        let model = Model::shipped();
        let mut made = generator::people(seed, size);
        let copies: Vec<generator::Made> =
            made.iter().take(size / 4).chain(made.iter().take(3)).map(copy).collect();
        made.extend(copies);
        let gone = generator::people(seed, 60);
        let keyed: Vec<(RecordKey, &generator::Made)> = (0..).zip(&made).collect();
        let expected = batch(&keyed, &model);
        let mut turned = keyed.clone();
        turned.reverse();
        prop_assert_eq!(&batch(&turned, &model), &expected);
        prop_assert_eq!(&stream(&keyed, &gone, &model, seed + 77), &expected);
    }
}

/// Blocks that grow too large and shrink again are the adversary of a stream.
#[test]
fn crowded_keys_are_refined_and_given_back() {
    let model = Model::shipped();
    let mut made = generator::people(5, 400);
    for (number, record) in made.iter_mut().enumerate() {
        record.values[2] = "smith".to_owned();
        record.values[11] = "2125550147".to_owned();
        if number % 3 == 0 {
            record.values[0] = "john".to_owned();
        }
    }
    let keyed: Vec<(RecordKey, &generator::Made)> = (0..).zip(&made).take(150).collect();
    let gone: Vec<generator::Made> = made.iter().skip(150).map(copy).collect();
    let expected = batch(&keyed, &model);
    for seed in 0..3 {
        assert_eq!(stream(&keyed, &gone, &model, seed), expected);
    }
}

/// Batch and stream keep to what was said alike, of copies too.
#[test]
fn what_was_said_holds_in_a_batch() {
    let model = Model::shipped();
    let mut made = generator::people(11, 120);
    let copies: Vec<generator::Made> = made.iter().take(60).map(copy).collect();
    made.extend(copies);
    let mut dice = generator::Dice::new(9);
    for _ in 0..20 {
        let mut asserted: BTreeMap<(RecordKey, RecordKey), bool> = BTreeMap::new();
        for round in 0..6 {
            let (a, b) = (dice.below(made.len()), dice.below(made.len()));
            // A record and its copy among them.
            let b = if round == 0 { (a + 120) % made.len() } else { b };
            if a != b {
                asserted.insert((a.min(b) as u128, a.max(b) as u128), dice.chance(50));
            }
        }
        let said: Vec<Asserted> =
            asserted.iter().map(|((a, b), same)| Asserted { a: *a, b: *b, same: *same }).collect();
        let mut records = Records::default();
        let mut reader = Reader::new(Schema::recognise(generator::HEADER, &[]), Options::default());
        let mut index = Index::new(model.clone(), Settings::default());
        let mut streamed =
            Reader::new(Schema::recognise(generator::HEADER, &[]), Options::default());
        for (key, record) in made.iter().enumerate() {
            let values: Vec<&str> = record.values.iter().map(String::as_str).collect();
            reader.push(&mut records, key as u128, &values);
            let row = streamed.read(&mut index.pool, &values);
            index.insert(&[(key as u128, row)]);
        }
        for about in &said {
            index.assert(*about);
        }
        let output = link_with(&mut records, &model, &Settings::default(), Side::Within, &said);
        let mut people: BTreeMap<u32, Vec<RecordKey>> = BTreeMap::new();
        for (person, key) in output.people.iter().zip(&records.keys) {
            people.entry(*person).or_default().push(*key);
        }
        let people = sorted(people.into_values().collect());
        assert_eq!(sorted(index.people()), people);
        for denied in said.iter().filter(|said| !said.same) {
            let one = people.iter().any(|p| p.contains(&denied.a) && p.contains(&denied.b));
            assert!(!one, "{denied:?}");
        }
        for about in &said {
            index.retract(about.a, about.b);
        }
        let output = link_with(&mut records, &model, &Settings::default(), Side::Within, &[]);
        assert_eq!(
            index.people().len(),
            output
                .people
                .iter()
                .enumerate()
                .filter(|(row, person)| **person as usize == *row)
                .count()
        );
    }
}

fn copy(made: &generator::Made) -> generator::Made {
    generator::Made { values: made.values.clone(), person: made.person, household: made.household }
}

#[test]
fn what_was_said_holds() {
    let mut index = Index::new(Model::shipped(), Settings::default());
    let names = ["given_name", "surname", "birth_date", "email"];
    let mut reader = Reader::new(Schema::recognise(&names, &[]), Options::default());
    let ada = ["Ada", "Lovelace", "1985-12-10", "ada@lovelace.example.org"];
    let bob = ["Bob", "Ross", "1942-10-29", "bob@ross.example.org"];
    let rows: Vec<_> = [ada, ada, bob]
        .iter()
        .zip(1..)
        .map(|(values, key)| (key, reader.read(&mut index.pool, values)))
        .collect();
    index.insert(&rows);
    assert_eq!(index.people(), [vec![1, 2], vec![3]]);
    index.assert(Asserted { a: 2, b: 1, same: false });
    assert_eq!(index.people(), [vec![1], vec![2], vec![3]]);
    index.assert(Asserted { a: 3, b: 1, same: true });
    assert_eq!(index.people(), [vec![1, 3], vec![2]]);
    // Said to be one with both of two that were said to be two: the denial wins.
    index.assert(Asserted { a: 3, b: 2, same: true });
    assert_eq!(index.people(), [vec![1, 3], vec![2]]);
    index.retract(1, 2);
    assert_eq!(index.people(), [vec![1, 2, 3]]);
}

#[test]
fn a_person_came_together_step_by_step() {
    let made = generator::people(21, 400);
    let mut records = Records::default();
    let mut reader = Reader::new(Schema::recognise(generator::HEADER, &[]), Options::default());
    for (key, record) in made.iter().chain(made.iter().take(40)).enumerate() {
        let values: Vec<&str> = record.values.iter().map(String::as_str).collect();
        reader.push(&mut records, key as u128, &values);
    }
    let model = Model::shipped();
    let settings = Settings::default();
    let output = link_with(&mut records, &model, &settings, Side::Within, &[]);
    let mut people: BTreeMap<u32, Vec<u32>> = BTreeMap::new();
    for (person, row) in output.people.iter().zip(0..) {
        people.entry(*person).or_default().push(row);
    }
    let scorer = Scorer::new(&model);
    let mut identical = 0;
    for members in people.values() {
        let steps = how(&records, &scorer, &settings, members, &output.pairs, &[]);
        assert_eq!(steps.len(), members.len() - 1);
        identical += steps.iter().filter(|step| step.tie == Tie::Identical).count();
    }
    assert!(identical > 10, "{identical}");
}
