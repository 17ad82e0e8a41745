//! People are a function of the set of records: in whatever order they come, people are the same.
#![expect(clippy::indexing_slicing, reason = "it asks for what it made")]

#[expect(dead_code, reason = "truth is not asked")]
#[path = "support/generator.rs"]
mod generator;

use generator::{Dice, HEADER, Made, people};
use linkage::compare::{Comparison, compare};
use linkage::engine::{Asserted, Settings, dedupe, train};
use linkage::model::{Class, Model, Scorer};
use linkage::record::{Options, Reader, RecordKey, Records, Schema};
use std::collections::BTreeMap;

/// Reads what was made, in an order; keys name what was made.
fn read(made: &[Made], order: &[usize]) -> Records {
    let mut records = Records::default();
    let mut reader = Reader::new(Schema::recognise(HEADER, &[]), Options::default());
    for place in order {
        let values: Vec<&str> = made[*place].values.iter().map(String::as_str).collect();
        reader.push(&mut records, *place as RecordKey, &values);
    }
    records
}

/// The least key of each record's person.
fn found(made: &[Made], order: &[usize]) -> BTreeMap<RecordKey, RecordKey> {
    let mut records = read(made, order);
    let (output, _) = dedupe(&mut records, &Settings::default(), &[]);
    let mut least = BTreeMap::new();
    for (person, key) in output.people.iter().zip(&records.keys) {
        let known = least.entry(*person).or_insert(*key);
        *known = (*known).min(*key);
    }
    records.keys.iter().zip(&output.people).map(|(key, person)| (*key, least[person])).collect()
}

fn shuffle(dice: &mut Dice, order: &mut [usize]) {
    for place in (1..order.len()).rev() {
        order.swap(place, dice.below(place + 1));
    }
}

#[test]
fn people_do_not_depend_on_the_order_of_rows() {
    for seed in 0..6 {
        let made = people(seed, 1_500);
        let mut order: Vec<usize> = (0..made.len()).collect();
        let first = found(&made, &order);
        order.reverse();
        assert_eq!(first, found(&made, &order), "seed {seed}, reversed");
        let mut dice = Dice::new(seed);
        for round in 0..3 {
            shuffle(&mut dice, &mut order);
            assert_eq!(first, found(&made, &order), "seed {seed}, shuffle {round}");
        }
    }
}

#[test]
fn a_pair_is_scored_alike_from_either_side() {
    let made = people(3, 3_000);
    let mut records = read(&made, &(0..made.len()).collect::<Vec<_>>());
    let model = Model::shipped();
    model.frequencies.weigh(&mut records.pool, 0);
    let scorer = Scorer::new(&model);
    let mut dice = Dice::new(5);
    for _ in 0..200_000 {
        let (a, b) = (&records.rows[dice.below(made.len())], &records.rows[dice.below(made.len())]);
        let (one, other) = (compare(&records.pool, a, b), compare(&records.pool, b, a));
        assert_eq!(one, other);
        let weight = |x, y| scorer.score(&records.pool, x, y, one).weight.to_bits();
        assert_eq!(weight(a, b), weight(b, a));
    }
}

/// Labels say what a class is: where pairs of one email are said to be one person, matches share emails
/// more often than where nothing is said, or the contrary.
#[test]
fn labels_help_to_learn() {
    let made = people(4, 1_500);
    let order: Vec<usize> = (0..made.len()).collect();
    let settings = Settings::default();
    let said = |same: bool| -> Vec<Asserted> {
        let shared = |x: &Made, y: &Made| !x.values[10].is_empty() && x.values[10] == y.values[10];
        let pairs = order.iter().flat_map(|a| order.iter().skip(a + 1).map(move |b| (*a, *b)));
        let pairs = pairs.filter(|(a, b)| shared(&made[*a], &made[*b])).take(200);
        pairs.map(|(a, b)| Asserted { a: a as RecordKey, b: b as RecordKey, same }).collect()
    };
    let email = Comparison::Email as usize;
    let learned = |said: &[Asserted]| {
        let levels = train(&mut read(&made, &order), &settings, said).levels;
        levels[Class::Match as usize][email][4]
    };
    let (helped, plain, misled) = (learned(&said(true)), learned(&[]), learned(&said(false)));
    assert!(helped > plain && helped > misled, "{helped} {plain} {misled}");
    let mut turned = said(true);
    turned.reverse();
    assert!((learned(&turned) - helped).abs() < f64::EPSILON);
}
