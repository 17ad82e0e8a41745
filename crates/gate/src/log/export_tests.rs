//! An export verifies as long as nobody touches it.

use super::*;
use model::Timestamp;
use proptest::prelude::*;
use std::fs;
use std::path::{Path, PathBuf};
use store::{Batch, Store};

fn ledger_of(size: u64) -> Ledger {
    let signer = Signer::from_seed("example.com/ledger", &[5; 32]).unwrap();
    let ledger = Ledger::open(Store::memory(), signer, None).unwrap();
    add(&ledger, size);
    ledger
}

fn add(ledger: &Ledger, count: u64) {
    let leaves = (0..count).map(|n| format!("entry {n}").into_bytes()).collect();
    let appended = ledger.append(leaves, Batch::default(), Timestamp(0)).unwrap();
    ledger.sync(&appended).unwrap();
}

fn exported(ledger: &Ledger) -> tempfile::TempDir {
    let directory = tempfile::tempdir().unwrap();
    let mut heard = (0, 0);
    let size = export(ledger, directory.path(), &mut |done, total| heard = (done, total)).unwrap();
    assert_eq!(size, ledger.size());
    assert_eq!(heard.0, heard.1);
    directory
}

fn verified(directory: &Path, ledger: &Ledger) -> Result<Verified, LedgerError> {
    verify_dir(directory, ledger.verifier(), None, &|_, _| {})
}

fn files(directory: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in fs::read_dir(directory).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() { found.extend(files(&path)) } else { found.push(path) }
    }
    found.sort();
    found
}

/// All files of a small export; of a large one those of the upper levels and some of the others.
fn some_files(directory: &Path) -> Vec<PathBuf> {
    let mut files = files(directory);
    let mut place = 0;
    files.retain(|path| {
        let path = path.to_string_lossy();
        place += 1;
        let alike = path.contains("/tile/0/") || path.contains("/tile/entries/");
        !alike || place < 20 || place % 40 == 0
    });
    files
}

#[test]
fn an_export_of_any_size_verifies() {
    for size in [0, 1, 255, 256, 257, 600, 65_536, 65_537, 140_000] {
        let ledger = ledger_of(size);
        let directory = exported(&ledger);
        let found = verified(directory.path(), &ledger).unwrap();
        assert_eq!(found, Verified { size, root: ledger.root() });
        let again = export(&ledger, directory.path(), &mut |_, _| {});
        assert!(matches!(again, Err(LedgerError::File { .. })), "not over another export");
    }
}

/// Changing one file in this way is noticed, whichever file it is.
fn check_every_file(size: u64, harm: impl Fn(&Path, &[u8])) {
    let ledger = ledger_of(size);
    let directory = exported(&ledger);
    for path in some_files(directory.path()) {
        let before = fs::read(&path).unwrap();
        harm(&path, &before);
        let refused = verified(directory.path(), &ledger);
        assert!(matches!(refused, Err(LedgerError::File { .. })), "{}", path.display());
        fs::write(&path, before).unwrap();
    }
    verified(directory.path(), &ledger).unwrap();
}

#[test]
fn a_missing_file_is_noticed() {
    check_every_file(70_000, |path, _| fs::remove_file(path).unwrap());
}

#[test]
fn a_cut_or_longer_file_is_noticed() {
    check_every_file(600, |path, bytes| fs::write(path, &bytes[..bytes.len() - 1]).unwrap());
    check_every_file(600, |path, bytes| fs::write(path, &bytes[..bytes.len() / 2]).unwrap());
    check_every_file(600, |path, _| fs::write(path, []).unwrap());
    check_every_file(600, |path, bytes| fs::write(path, [bytes, &[0]].concat()).unwrap());
}

#[test]
fn a_change_of_any_byte_of_a_small_export_is_noticed() {
    let ledger = ledger_of(5);
    let directory = exported(&ledger);
    for path in files(directory.path()) {
        let before = fs::read(&path).unwrap();
        for place in 0..before.len() {
            for flip in [0x01, 0x20, 0x80] {
                let mut altered = before.clone();
                altered[place] ^= flip;
                fs::write(&path, &altered).unwrap();
                let refused = verified(directory.path(), &ledger);
                assert!(refused.is_err(), "byte {place} of {}", path.display());
            }
        }
        fs::write(&path, before).unwrap();
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(8))]

    #[test]
    fn a_changed_byte_of_a_large_export_is_noticed(
        file in any::<prop::sample::Index>(),
        places in prop::collection::vec(any::<prop::sample::Index>(), 4),
        flip in 1..=255_u8,
    ) {
        let ledger = ledger_of(66_000);
        let directory = exported(&ledger);
        let files = files(directory.path());
        let path = file.get(&files);
        let before = fs::read(path).unwrap();
        for place in places {
            let mut altered = before.clone();
            altered[place.index(before.len())] ^= flip;
            fs::write(path, &altered).unwrap();
            prop_assert!(verified(directory.path(), &ledger).is_err(), "{}", path.display());
        }
    }
}

#[test]
fn a_refusal_names_file_and_entry() {
    let ledger = ledger_of(700);
    let directory = exported(&ledger);
    let path = directory.path().join("tile/entries/001");
    let mut bundle = fs::read(&path).unwrap();
    let place = bundle.windows(9).position(|text| text == b"entry 300").unwrap();
    bundle[place] = b'E';
    fs::write(&path, bundle).unwrap();
    let refused = verified(directory.path(), &ledger).unwrap_err().to_string();
    assert!(refused.contains("tile/0/001: hash 300 "), "{refused}");
    assert!(refused.contains("tile/entries/001 hashes to"), "{refused}");
}

#[test]
fn an_older_or_another_history_is_noticed_by_who_knows_better() {
    let ledger = ledger_of(300);
    let old = exported(&ledger);
    let known_old = Checkpoint::open(&ledger.checkpoint(), ledger.verifier()).unwrap();
    add(&ledger, 500);
    let new = exported(&ledger);
    let known_new = Checkpoint::open(&ledger.checkpoint(), ledger.verifier()).unwrap();
    let check = |directory: &Path, known| {
        verify_dir(directory, ledger.verifier(), Some(known), &|_, _| {}).map(|found| found.size)
    };
    assert_eq!(check(old.path(), &known_old).ok(), Some(300));
    assert_eq!(check(new.path(), &known_old).ok(), Some(800));
    assert_eq!(check(new.path(), &known_new).ok(), Some(800));
    assert!(check(old.path(), &known_new).is_err(), "an old export, whole and signed");
    let checkpoint = fs::read(old.path().join("checkpoint")).unwrap();
    fs::write(new.path().join("checkpoint"), checkpoint).unwrap();
    assert!(check(new.path(), &known_new).is_err(), "an old checkpoint over new tiles");
    let forked = Checkpoint { root: Hash([1; 32]), ..known_old.clone() };
    assert!(check(old.path(), &forked).is_err(), "another history");
    let elsewhere = Checkpoint { origin: "example.com/other".to_owned(), ..known_old.clone() };
    assert!(check(old.path(), &elsewhere).is_err(), "another log");
    let stranger = Signer::from_seed("example.com/ledger", &[9; 32]).unwrap();
    let refused = verify_dir(old.path(), stranger.verifier(), None, &|_, _| {}).unwrap_err();
    assert!(refused.to_string().contains("ledger.vkey"), "{refused}");
}
