//! The witness file: a store set back is noticed, and a file taken away stops the ledger.

use super::ledger_tests::{NOW, add, open, signer, witnessed};
use super::*;
use std::path::{Path, PathBuf};
use store::memory::{Faults, faulty};
use store::{Batch, Store};

#[test]
fn a_store_set_back_is_noticed_by_the_witness() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("witness");
    let (backup, store) = (Store::memory(), Store::memory());
    add(&open(&backup).unwrap(), 300);
    let ledger = witnessed(&store, &path).unwrap();
    add(&ledger, 300);
    add(&ledger, 200);
    let fault = |opened: Result<Ledger, LedgerError>| {
        let refused = opened.unwrap_err();
        let LedgerError::Witness { fault, .. } = refused else { panic!("{refused}") };
        fault
    };
    drop(ledger);
    let ahead = |store| WitnessFault::Ahead { witness: 500, store };
    assert_eq!(fault(witnessed(&backup, &path)), ahead(300));
    assert_eq!(fault(witnessed(&Store::memory(), &path)), ahead(0));
    let note = std::fs::read_to_string(&path).unwrap();
    std::fs::remove_file(&path).unwrap();
    assert_eq!(fault(witnessed(&store, &path)), WitnessFault::Missing);
    std::fs::write(&path, note.replacen("500", "400", 1)).unwrap();
    assert_eq!(fault(witnessed(&store, &path)), WitnessFault::Unreadable(NoteError::Forged));
    std::fs::write(&path, note).unwrap();
    assert_eq!(witnessed(&store, &path).unwrap().size(), 500);

    let rebased = rebase_witness(&backup, &signer(), &path).unwrap();
    assert_eq!(rebased, Rebased { before: Some(500), after: 300 });
    let restored = witnessed(&backup, &path).unwrap();
    let other = vec![b"another history".to_vec(); 250];
    let appended = restored.append(other, Batch::default(), NOW).unwrap();
    restored.sync(&appended).unwrap();
    drop(restored);
    add(&open(&store).unwrap(), 100);
    assert_eq!(fault(witnessed(&store, &path)), WitnessFault::Differs);
}

#[test]
fn the_witness_is_written_now_and_then_and_at_the_end() {
    let directory = tempfile::tempdir().unwrap();
    let path: PathBuf = directory.path().join("witness");
    let seen = || witness::read(&path, signer().verifier()).unwrap().unwrap().size;
    let store = Store::memory();
    let ledger = witnessed(&store, &path).unwrap();
    assert_eq!(seen(), 0, "there before the first entry");
    let steps = [(0, 1), (1, 1), (99, 1), (100, 4), (150, 4), (-5000, 6), (-4950, 6), (-4900, 8)];
    for (ms, witnessed) in steps {
        let appended = ledger.append(vec![vec![]], Batch::default(), NOW.plus_ms(ms)).unwrap();
        ledger.sync(&appended).unwrap();
        assert_eq!(seen(), witnessed, "at {ms}");
        ledger.alive().unwrap();
    }
    let appended = ledger.append(vec![vec![]], Batch::default(), NOW.plus_ms(-4899)).unwrap();
    ledger.sync(&appended).unwrap();
    assert_eq!(seen(), 8);
    ledger.flush_witness().unwrap();
    assert_eq!(seen(), 9);
    let appended = ledger.append(vec![vec![]], Batch::default(), NOW.plus_ms(-4898)).unwrap();
    ledger.sync(&appended).unwrap();
    drop(ledger);
    assert_eq!(seen(), 10);
    add(&open(&store).unwrap(), 5);
    witnessed(&store, &path).unwrap().alive().unwrap();
    assert_eq!(seen(), 15, "caught up when opened");
}

/// A ledger in use whose surroundings are taken away stops.
fn check_alive(how: &str, harm: impl Fn(&Path, &Faults)) {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("witness");
    let (store, faults) = faulty();
    let ledger = witnessed(&store, &path).unwrap();
    add(&ledger, 3);
    ledger.alive().unwrap();
    harm(&path, &faults);
    assert!(ledger.alive().is_err(), "{how}");
    let late = NOW.plus_ms(1000);
    let written = ledger.append(vec![vec![]], Batch::default(), late);
    assert!(written.and_then(|appended| ledger.sync(&appended)).is_err(), "{how}");
}

#[test]
fn a_ledger_whose_storage_is_taken_away_stops() {
    check_alive("witness deleted", |path, _| std::fs::remove_file(path).unwrap());
    check_alive("witness cut", |path, _| std::fs::write(path, "short").unwrap());
    check_alive("witness replaced", |path, _| {
        let copy = path.with_extension("copy");
        std::fs::copy(path, &copy).unwrap();
        std::fs::rename(copy, path).unwrap();
    });
    check_alive("store gone", |_, faults| faults.gone(true));
}
