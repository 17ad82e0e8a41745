//! A process killed in the middle of its commits loses nothing it acknowledged and tears nothing.

use crate::house::{Dice, Do, House, MORE, ROWS, all, connect, key, small};
use std::io::{BufRead, BufReader, Write as _};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::{env, io};
use store::{Store, StoreError};

const PLACE: &str = "BONAFIDE_TEST_STORE_PLACE";
const START: &str = "BONAFIDE_TEST_STORE_START";

fn open(place: &str) -> Result<Store, StoreError> {
    if place.starts_with('/') {
        Store::embedded(Path::new(place), &small())
    } else {
        Ok(connect(place))
    }
}

/// Not a test of its own: the process that the others start and kill. Each batch writes to two
/// tables, and is said once it is durable.
#[test]
fn the_child_commits_until_it_is_killed() {
    let (Ok(place), Ok(start)) = (env::var(PLACE), env::var(START)) else { return };
    let store = match open(&place) {
        Ok(store) => store,
        Err(error) => return say(&format!("refused {error:?}")),
    };
    for n in start.parse::<u64>().unwrap().. {
        batch(n).on(store.engine()).unwrap();
        say(&format!("done {n}"));
    }
}

fn say(line: &str) {
    let mut out = io::stdout().lock();
    // The line of the test runner has no end yet.
    writeln!(out, "\n{line}").unwrap();
    out.flush().unwrap();
}

fn batch(n: u64) -> Do {
    let id = n.to_be_bytes();
    let many = (0..8_u8).fold(Do::default(), |batch, part| {
        batch.put(key(ROWS, &id, &[part]), &[u8::try_from(n % 251).unwrap(); 100])
    });
    many.put(key(MORE, &(n % 10).to_be_bytes(), b""), &id).guard(ROWS, &id)
}

fn start_child(place: &str, start: u64) -> Child {
    Command::new(env::current_exe().unwrap())
        .args(["--exact", "crash::the_child_commits_until_it_is_killed", "--nocapture"])
        .env(PLACE, place)
        .env(START, start.to_string())
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap()
}

fn survives(house: &mut House, rounds: u64, dice: &mut Dice) {
    let place = house.close();
    let mut next = 0;
    for round in 0..rounds {
        let mut child = start_child(&place, next);
        let mut said = BufReader::new(child.stdout.take().unwrap()).lines();
        let mut done = None;
        let enough = next + 20 + dice.below(200);
        for line in said.by_ref() {
            let line = line.unwrap();
            assert!(!line.starts_with("refused"), "{line}");
            done = line.strip_prefix("done ").map(|n| n.parse::<u64>().unwrap()).or(done);
            if done >= Some(enough) {
                break;
            }
        }
        child.kill().unwrap();
        child.wait().unwrap();
        for line in said.map_while(Result::ok) {
            done = line.strip_prefix("done ").and_then(|n| n.parse().ok()).or(done);
        }
        let store = open(&place).unwrap();
        let rows = all(store.engine(), ROWS);
        let batches = u64::try_from(rows.len()).unwrap() / 8;
        assert!(batches > done.unwrap(), "round {round}: acknowledged {done:?}, found {batches}");
        assert_eq!(rows.len() % 8, 0, "round {round}: a torn batch");
        for (n, rows) in (0..batches).zip(rows.chunks(8)) {
            assert!(rows.iter().all(|row| row.partition == n.to_be_bytes()), "round {round}: {n}");
        }
        let newest = all(store.engine(), MORE)
            .into_iter()
            .map(|row| u64::from_be_bytes(row.value.try_into().unwrap()))
            .max();
        assert_eq!(newest, Some(batches - 1), "round {round}: tables differ");
        next = batches;
    }
}

#[test]
fn embedded_survives_kill_9() {
    survives(&mut House::embedded(), 8, &mut Dice(7));
}

#[test]
fn postgresql_survives_kill_9_of_its_client() {
    survives(&mut House::postgresql(), 3, &mut Dice(11));
}

#[test]
fn another_process_is_refused() {
    let mut house = House::embedded();
    let place = house.close();
    let _store = open(&place).unwrap();
    let child = start_child(&place, 0).wait_with_output().unwrap();
    let said = String::from_utf8(child.stdout).unwrap();
    assert!(said.contains("refused InUse"), "{said}");
}
