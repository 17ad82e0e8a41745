//! What the embedded engine promises about its directory.

use crate::house::{Do, ROWS, all, get, key, small};
use std::fs;
use std::path::Path;
use store::{EmbeddedOptions, Store, StoreError};

fn open(path: &Path) -> Result<Store, StoreError> {
    Store::embedded(path, &small())
}

fn put(store: &Store) -> Result<(), StoreError> {
    Do::default().put(key(ROWS, b"a", b""), b"v").on(store.engine())
}

#[test]
fn it_is_opened_once() {
    let dir = tempfile::tempdir().unwrap();
    let store = open(dir.path()).unwrap();
    assert!(matches!(open(dir.path()), Err(StoreError::InUse(_))));
    put(&store).unwrap();
    drop(store);
    assert_eq!(all(open(dir.path()).unwrap().engine(), ROWS).len(), 1);
}

#[test]
fn a_format_it_does_not_know_is_refused() {
    let dir = tempfile::tempdir().unwrap();
    drop(open(dir.path()).unwrap());
    for (format, answer) in [
        ("bonafide store 2\n", "newer"),
        ("bonafide store 99\n", "newer"),
        ("bonafide store 0\n", "corrupt"),
        ("bonafide store one\n", "corrupt"),
        ("", "corrupt"),
        ("bonafide store 1\n", "open"),
    ] {
        fs::write(dir.path().join("format"), format).unwrap();
        let got = match open(dir.path()) {
            Ok(_) => "open",
            Err(StoreError::NewerFormat { found, known: 1, .. }) if found > 1 => "newer",
            Err(StoreError::Corrupt(_)) => "corrupt",
            Err(other) => panic!("{format}: {other}"),
        };
        assert_eq!(got, answer, "{format}");
    }
}

#[test]
fn a_lost_tree_is_not_replaced_by_an_empty_one() {
    let dir = tempfile::tempdir().unwrap();
    drop(open(dir.path()).unwrap());
    fs::remove_dir_all(dir.path().join("tree")).unwrap();
    assert!(matches!(open(dir.path()), Err(StoreError::Corrupt(_))));
}

#[test]
fn a_making_that_was_interrupted_is_begun_again() {
    let dir = tempfile::tempdir().unwrap();
    fs::create_dir(dir.path().join("tree.unfinished")).unwrap();
    fs::write(dir.path().join("tree.unfinished/0.jnl"), "").unwrap();
    put(&open(dir.path()).unwrap()).unwrap();
    fs::remove_file(dir.path().join("format")).unwrap();
    assert_eq!(all(open(dir.path()).unwrap().engine(), ROWS).len(), 1);
}

#[test]
fn it_notices_when_its_directory_goes() {
    type Harm = fn(&Path);
    let harms: [(&str, Harm); 5] = [
        ("deleted", |path| fs::remove_dir_all(path).unwrap()),
        ("moved away", |path| fs::rename(path, path.with_extension("moved")).unwrap()),
        ("replaced by another store", |path| {
            fs::rename(path, path.with_extension("moved")).unwrap();
            drop(open(path).unwrap());
        }),
        ("format deleted", |path| fs::remove_file(path.join("format")).unwrap()),
        ("journal deleted", |path| {
            for file in fs::read_dir(path.join("tree")).unwrap() {
                let file = file.unwrap().path();
                if file.extension().is_some_and(|extension| extension == "jnl") {
                    fs::remove_file(file).unwrap();
                }
            }
        }),
    ];
    for (name, harm) in harms {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("store");
        let store = open(&path).unwrap();
        put(&store).unwrap();
        store.alive().unwrap();
        harm(&path);
        assert!(matches!(store.alive(), Err(StoreError::Unavailable(_))), "{name}");
        assert!(put(&store).is_err(), "{name}: acknowledged into nowhere");
        assert!(put(&store).is_err(), "{name}: acknowledged into nowhere");
        assert!(store.alive().is_err(), "{name}");
    }
}

#[test]
fn a_full_disk_refuses_batches_and_takes_them_again() {
    let dir = tempfile::tempdir().unwrap();
    let full = EmbeddedOptions { free_min_bytes: u64::MAX, ..small() };
    let store = Store::embedded(dir.path(), &full).unwrap();
    assert!(matches!(put(&store), Err(StoreError::Full(_))));
    assert!(matches!(store.alive(), Err(StoreError::Full(_))));
    assert_eq!(get(store.engine(), &key(ROWS, b"a", b"")), None);
    drop(store);
    put(&open(dir.path()).unwrap()).unwrap();
}

#[test]
fn closing_leaves_little_to_replay() {
    let dir = tempfile::tempdir().unwrap();
    let store = Store::embedded(dir.path(), &EmbeddedOptions::default()).unwrap();
    for n in 0..2_000_u16 {
        let batch = Do::default().put(key(ROWS, &n.to_be_bytes(), b""), &[1; 1_000]);
        store.engine().apply(&batch.0).unwrap();
    }
    drop(store);
    let tables = walk(dir.path()).into_iter().filter(|path| path.contains("/tables/"));
    assert!(tables.count() > 0, "{:?}", walk(dir.path()));
    assert_eq!(all(open(dir.path()).unwrap().engine(), ROWS).len(), 2_000);
}

fn walk(path: &Path) -> Vec<String> {
    let mut found = Vec::new();
    for entry in fs::read_dir(path).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            found.extend(walk(&path));
        } else {
            found.push(path.display().to_string());
        }
    }
    found
}
