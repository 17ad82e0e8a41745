//! The faults that the engine in memory can be told to have.

use crate::house::{Do, ROWS, all, get, key};
use store::StoreError;
use store::memory::{Fault, faulty};

#[test]
fn batches_meet_the_faults_in_turn() {
    let (store, faults) = faulty();
    faults.next_applies([Some(Fault::Conflict), None, Some(Fault::Full), Some(Fault::Unavailable)]);
    let met: Vec<_> = (0..5_u8)
        .map(|n| match Do::default().put(key(ROWS, &[n], b""), b"").on(store.engine()) {
            Ok(()) => "done",
            Err(StoreError::Conflict) => "conflict",
            Err(StoreError::Full(_)) => "full",
            Err(StoreError::Unavailable(_)) => "unavailable",
            Err(other) => panic!("{other}"),
        })
        .collect();
    assert_eq!(met, ["conflict", "done", "full", "unavailable", "done"]);
    assert_eq!(all(store.engine(), ROWS).len(), 2);
}

#[test]
fn a_restart_loses_what_was_not_synced_and_nothing_else() {
    let (store, faults) = faulty();
    let (engine, row, other) = (store.engine(), key(ROWS, b"a", b""), key(ROWS, b"b", b""));
    Do::default().put(row.clone(), b"kept").on(engine).unwrap();
    let lost = engine.apply(&Do::default().put(row.clone(), b"lost").0).unwrap();
    engine.apply(&Do::default().delete(row.clone()).put(other.clone(), b"lost").0).unwrap();
    assert_eq!(get(engine, &row), None);
    faults.restart();
    assert_eq!(get(engine, &row).unwrap().1, b"kept");
    assert_eq!(get(engine, &other), None);
    assert!(engine.sync(lost).is_err());
    Do::default().put(row.clone(), b"next").on(engine).unwrap();
    faults.restart();
    assert_eq!(get(engine, &row).unwrap().1, b"next");
}

#[test]
fn a_failed_sync_is_the_last_until_a_restart() {
    let (store, faults) = faulty();
    let (engine, row) = (store.engine(), key(ROWS, b"a", b""));
    let write = || Do::default().put(row.clone(), b"v").on(engine);
    faults.fail_next_sync();
    assert!(write().is_err());
    assert!(write().is_err());
    assert!(engine.alive().is_err());
    faults.restart();
    assert_eq!(get(engine, &row), None);
    write().unwrap();
    engine.alive().unwrap();
}

#[test]
fn nothing_works_while_it_is_gone() {
    let (store, faults) = faulty();
    faults.gone(true);
    assert!(store.read().is_err());
    assert!(store.alive().is_err());
    assert!(Do::default().on(store.engine()).is_err());
    faults.gone(false);
    store.alive().unwrap();
}
