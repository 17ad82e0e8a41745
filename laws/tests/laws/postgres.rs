//! The house over `PostgreSQL` knows what the house in memory knows; two houses over one database
//! know it together.

use laws::account;
use laws::brand::{Sent, messages, play, world};
use laws::house::{By, Home, copy_dir};
use std::thread;
use store::testing::PostgresCluster;
use store::{PostgresOptions, Store};

const CUSTOMERS: usize = 150;
const EVENTS: usize = 2_000;

fn cluster() -> PostgresCluster {
    PostgresCluster::start(&["-c", "fsync=off"]).unwrap()
}

fn store(database: &store::testing::Database<'_>, nonce: u64) -> Store {
    Store::postgres(&database.url(), &PostgresOptions::new(nonce)).unwrap()
}

fn shop() -> Vec<Sent> {
    messages(&world(21, CUSTOMERS, EVENTS, None))
}

fn in_memory(keys: &Home, sent: &[Sent], by: By) -> String {
    let home = Home::linking(keys.dir.path(), Store::memory(), by);
    play(&home.house, &home.clock, sent, 200);
    account::of(&home.house)
}

fn same(one: &str, other: &str) {
    let line = one.lines().zip(other.lines()).find(|(one, other)| one != other);
    assert_eq!((line, one.lines().count()), (None, other.lines().count()));
}

#[test]
fn a_house_on_postgres_knows_what_a_house_in_memory_knows() {
    let (cluster, keys, sent) = (cluster(), Home::memory(), shop());
    let database = cluster.database().unwrap();
    let home = Home::with_keys_of(keys.dir.path(), store(&database, 1));
    play(&home.house, &home.clock, &sent, 200);
    assert_eq!(home.examine(), [""; 0]);
    same(&in_memory(&keys, &sent, By::Identifiers), &account::of(&home.house));
}

#[test]
fn two_houses_over_one_postgres_end_as_one() {
    let (cluster, keys, sent) = (cluster(), Home::memory(), shop());
    let database = cluster.database().unwrap();
    let houses =
        [1, 1 << 32].map(|nonce| Home::with_keys_of(keys.dir.path(), store(&database, nonce)));
    thread::scope(|scope| {
        for (which, home) in houses.iter().enumerate() {
            let mine: Vec<_> = sent.iter().skip(which).step_by(2).cloned().collect();
            scope.spawn(move || play(&home.house, &home.clock, &mine, 50));
        }
    });
    let [one, other] = &houses;
    assert_eq!(one.examine(), [""; 0]);
    let expected = in_memory(&keys, &sent, By::Identifiers);
    same(&expected, &account::of(&one.house));
    same(&expected, &account::of(&other.house));
}

/// What one house commits, the other compares before it decides. They take turns: each reads the
/// whole index anew after the other, so that two who write at once would hold each other up.
#[test]
fn two_houses_over_one_postgres_link_by_likeness_as_one() {
    let (cluster, keys, sent) = (cluster(), Home::memory(), shop());
    let database = cluster.database().unwrap();
    let one = Home::linking(keys.dir.path(), store(&database, 1), By::Likeness);
    // The second is opened beside the first, whose standing permit is in the ledger by then.
    let dir = tempfile::tempdir().unwrap();
    copy_dir(one.dir.path(), dir.path());
    let other = Home::opened(dir, Some(store(&database, 1 << 32)), 3, By::Likeness);
    for (home, sent) in [&one, &other].into_iter().cycle().zip(sent.chunks(300)) {
        play(&home.house, &home.clock, sent, 50);
    }
    assert_eq!(one.examine(), [""; 0]);
    let expected = in_memory(&keys, &sent, By::Likeness);
    same(&expected, &account::of(&one.house));
    same(&expected, &account::of(&other.house));
}
