//! Copies of whole stores, between all engines.

use crate::house::{Do, House, MORE, ROWS, all, guard_version, key};
use std::fs;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use store::backup::{self, BackupError};
use store::{Store, StoreError};

const ENGINES: [fn() -> House; 3] = [House::memory, House::embedded, House::postgresql];

fn fill(store: &Store) {
    for n in 0..1_200_u16 {
        let id = n.to_be_bytes();
        let value = vec![7; usize::from(n)];
        let row = Do::default().put(key(ROWS, &id, b"s"), &value).guard(ROWS, &id);
        store.engine().apply(&row.put(key(MORE, b"p", &id), &id).0).unwrap();
    }
}

fn rows(store: &Store) -> Vec<(Vec<u8>, Vec<u8>, Vec<u8>)> {
    let tables = [ROWS, MORE].into_iter().flat_map(|table| all(store.engine(), table));
    let mut rows: Vec<_> = tables.map(|row| (row.partition, row.sort, row.value)).collect();
    rows.sort_unstable();
    rows
}

#[test]
fn every_engine_is_restored_into_every_engine() {
    let dir = tempfile::tempdir().unwrap();
    for (n, from) in ENGINES.into_iter().enumerate() {
        let (from, path) = (from(), dir.path().join(format!("{n}.backup")));
        fill(from.store());
        let mut heard = (0, 0);
        let written =
            backup::write(from.store(), &path, &mut |rows, bytes| heard = (rows, bytes)).unwrap();
        let tables = [("guard:store.rows", 1_200), (MORE, 1_200), (ROWS, 1_200)];
        assert_eq!(written.tables, tables.map(|(table, rows)| (table.to_owned(), rows)));
        assert_eq!(heard, (written.rows, written.bytes));
        assert_eq!(backup::verify(&path, &mut |_, _| {}).unwrap(), written);
        for to in ENGINES {
            let to = to();
            assert_eq!(backup::restore(&path, to.store(), &mut |_, _| {}).unwrap(), written);
            assert_eq!(rows(to.store()), rows(from.store()));
            assert!(guard_version(to.engine(), ROWS, &[0, 1]).is_some());
            assert!(!backup::unfinished(to.store()).unwrap());
            let again = backup::restore(&path, to.store(), &mut |_, _| {});
            assert!(matches!(again, Err(BackupError::NotEmpty)));
        }
        let again = backup::write(from.store(), &path, &mut |_, _| {});
        assert!(matches!(again, Err(BackupError::Exists(_))));
    }
}

#[test]
fn a_store_moves_to_another_engine() {
    for from in ENGINES {
        let (from, to) = (from(), House::embedded());
        fill(from.store());
        let moved = backup::migrate(from.store(), to.store(), &mut |_, _| {}).unwrap();
        assert_eq!(moved.rows, 3_600);
        assert_eq!(rows(to.store()), rows(from.store()));
        let again = backup::migrate(from.store(), to.store(), &mut |_, _| {});
        assert!(matches!(again, Err(BackupError::NotEmpty)));
    }
}

#[test]
fn an_empty_store_has_a_backup_too() {
    let dir = tempfile::tempdir().unwrap();
    let (path, from, to) = (dir.path().join("backup"), House::memory(), House::memory());
    let written = backup::write(from.store(), &path, &mut |_, _| {}).unwrap();
    assert_eq!(written.rows, 0);
    backup::restore(&path, to.store(), &mut |_, _| {}).unwrap();
}

#[test]
fn damage_is_found_before_anything_is_restored() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("backup");
    let house = House::memory();
    fill(house.store());
    backup::write(house.store(), &path, &mut |_, _| {}).unwrap();
    assert_eq!(fs::read_dir(dir.path()).unwrap().count(), 1, "nothing unfinished is left");
    let whole = fs::read(&path).unwrap();
    let (half, end) = (whole.len() / 2, whole.len() - 1);
    let with = |at: usize, byte: u8| {
        let mut bytes = whole.clone();
        bytes[at] = byte;
        bytes
    };
    let more = [&whole[..], b"x"].concat();
    let cases = [
        ("empty", Vec::new(), "corrupt"),
        ("another file", b"not a backup, just some text".to_vec(), "corrupt"),
        ("one bit early", with(30, whole[30] ^ 1), "corrupt"),
        ("one bit in the middle", with(half, whole[half] ^ 0x80), "corrupt"),
        ("one bit at the end", with(end, whole[end] ^ 1), "corrupt"),
        ("a huge length", with(21, 0xff), "corrupt"),
        ("cut in the middle", whole[..half].to_vec(), "corrupt"),
        ("cut at the end", whole[..end].to_vec(), "corrupt"),
        ("something after the end", more, "corrupt"),
        ("a newer format", with(19, 2), "newer"),
    ];
    for (name, bytes, answer) in cases {
        fs::write(&path, bytes).unwrap();
        let into = House::memory();
        let got = match backup::restore(&path, into.store(), &mut |_, _| {}) {
            Err(BackupError::Store(StoreError::Corrupt(_))) => "corrupt",
            Err(BackupError::Store(StoreError::NewerFormat { found: 2, .. })) => "newer",
            other => panic!("{name}: {other:?}"),
        };
        assert_eq!(got, answer, "{name}");
        assert_eq!(rows(into.store()), [], "{name}");
    }
}

#[test]
fn a_copy_that_was_interrupted_is_known_as_such() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("backup");
    let from = House::memory();
    fill(from.store());
    backup::write(from.store(), &path, &mut |_, _| {}).unwrap();
    let (to, faults) = store::memory::faulty();
    let broken = backup::restore(&path, &to, &mut |rows, _| faults.gone(rows > 1_000));
    assert!(broken.is_err());
    faults.gone(false);
    assert!(backup::unfinished(&to).unwrap());
    let again = backup::restore(&path, &to, &mut |_, _| {});
    assert!(matches!(again, Err(BackupError::NotEmpty)));
}

/// Pairs of rows are always written together; no backup holds half a pair.
#[test]
fn a_backup_is_of_one_moment() {
    let dir = tempfile::tempdir().unwrap();
    for (n, house) in ENGINES.into_iter().enumerate() {
        let (house, done) = (house(), AtomicBool::new(false));
        let engine = house.engine();
        let path = dir.path().join(n.to_string());
        fill(house.store());
        thread::scope(|scope| {
            scope.spawn(|| {
                let mut n = 10_000_u64;
                while !done.load(Ordering::Relaxed) {
                    n += 1;
                    let id = n.to_be_bytes();
                    let pair = Do::default().put(key(ROWS, &id, b""), &id);
                    engine.apply(&pair.put(key(MORE, &id, b""), &id).0).unwrap();
                }
            });
            let written = backup::write(house.store(), &path, &mut |_, _| {});
            done.store(true, Ordering::Relaxed);
            let tables = written.unwrap().tables;
            assert_eq!(tables[1].1, tables[2].1);
        });
    }
}
