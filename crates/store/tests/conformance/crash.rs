//! A process killed in the middle of its commits loses nothing it acknowledged and tears nothing.

use crate::house::{Dice, Do, House, MORE, ROWS, all, connect, key, small};
use std::io::{BufRead, BufReader, Write as _};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::{env, fs, io};
use store::{EmbeddedOptions, Engine, Store, StoreError};

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
        next = whole_batches(store.engine(), &format!("round {round}"));
        assert!(next > done.unwrap(), "round {round}: acknowledged {done:?}, found {next}");
    }
}

/// How many batches there are: all from the first on, each whole.
fn whole_batches(engine: &dyn Engine, when: &str) -> u64 {
    let rows = all(engine, ROWS);
    assert_eq!(rows.len() % 8, 0, "{when}: a torn batch");
    let batches = u64::try_from(rows.len()).unwrap() / 8;
    for (n, rows) in (0..batches).zip(rows.chunks(8)) {
        assert!(rows.iter().all(|row| row.partition == n.to_be_bytes()), "{when}: {n} is missing");
    }
    let newest = all(engine, MORE)
        .into_iter()
        .map(|row| u64::from_be_bytes(row.value.try_into().unwrap()))
        .max();
    assert_eq!(newest, batches.checked_sub(1), "{when}: tables differ");
    batches
}

/// What was not flushed may reach the disk in part. The journal is cut at many places after what
/// was synced, and the store opened from what is left.
#[test]
fn embedded_survives_a_power_cut() {
    let dir = tempfile::tempdir().unwrap();
    let (place, journal) = (dir.path().join("store"), "tree/0.jnl");
    let options = EmbeddedOptions { free_min_bytes: 0, ..EmbeddedOptions::default() };
    let store = Store::embedded(&place, &options).unwrap();
    let written = || {
        let journal = fs::read(place.join(journal)).unwrap();
        let length = journal.iter().rposition(|byte| *byte != 0).unwrap() + 1;
        (journal, length)
    };
    (0..20).for_each(|n| batch(n).on(store.engine()).unwrap());
    let (_, synced) = written();
    for n in 20..40 {
        store.engine().apply(&batch(n).0).unwrap();
    }
    let (bytes, length) = written();
    assert!(length > synced + 1_000);

    let mut found = Vec::new();
    let mut dice = Dice(23);
    for trial in 0..24 {
        let cut =
            synced + usize::try_from(dice.below(u64::try_from(length - synced).unwrap())).unwrap();
        let copy = dir.path().join(trial.to_string());
        copy_all(&place, &copy);
        let mut left = bytes[..cut].to_vec();
        left.resize(if trial % 2 == 0 { cut } else { length + 100_000 }, 0);
        fs::write(copy.join(journal), left).unwrap();
        for opening in 0..2 {
            let store = Store::embedded(&copy, &options).unwrap();
            let when = format!("cut at {cut}, opening {opening}");
            let batches = whole_batches(store.engine(), &when);
            assert!((20..=40).contains(&batches), "{when}: {batches}");
            found.push(batches);
        }
        let store = Store::embedded(&copy, &options).unwrap();
        let next = *found.last().unwrap();
        assert_eq!(found[found.len() - 2], next, "the second opening finds what the first did");
        batch(next).on(store.engine()).unwrap();
        assert_eq!(whole_batches(store.engine(), "after writing on"), next + 1);
        drop(store);
        fs::remove_dir_all(copy).unwrap();
    }
    found.dedup();
    assert!(found.len() > 5, "the cuts were all alike: {found:?}");
}

fn copy_all(from: &Path, to: &Path) {
    fs::create_dir(to).unwrap();
    for entry in fs::read_dir(from).unwrap() {
        let (from, to) = (entry.as_ref().unwrap().path(), to.join(entry.unwrap().file_name()));
        if from.is_dir() {
            copy_all(&from, &to);
        } else {
            fs::copy(from, to).unwrap();
        }
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
