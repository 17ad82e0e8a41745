//! Erasing, undisturbed and disturbed at every step.

use crate::house::{House, fresh, is_conflict, open, record};
use model::RecordId;
use std::path::Path;
use std::sync::Arc;
use store::{Batch, Store, StoreError, memory};
use vault::{Shredding, VaultError};

const SHARD: u16 = 5;

fn ada() -> RecordId {
    record(SHARD, 1)
}

fn bob() -> RecordId {
    record(SHARD, 2)
}

fn staged(house: &House) -> (Batch, Shredding) {
    let mut batch = Batch::default();
    let view = house.store.read().unwrap();
    let shredding = house.vault.stage_shred(&view, &mut batch, &[ada()]).unwrap();
    (batch, shredding)
}

/// What must hold however an erasure of Ada went.
fn check(house: &House, erased: bool) {
    assert_eq!(house.opens(ada()), !erased);
    assert!(house.opens(bob()), "a neighbour");
    assert_eq!(house.doctored(), [""; 0]);
    let again = record(SHARD, 200);
    house.take_in(&[again]);
    assert!(house.opens(again), "somebody new");
}

#[test]
fn the_erased_is_gone_and_the_neighbours_stay() {
    let (house, _dir, place) = fresh();
    let elsewhere = record(6, 1);
    house.take_in(&[ada(), bob(), elsewhere]);
    house.erase(&[ada()]).unwrap();
    check(&house, true);
    assert!(house.opens(elsewhere));
    let store = house.store.clone();
    drop(house);
    check_reopened(&store, &place, true);
}

fn check_reopened(store: &Store, place: &Path, erased: bool) {
    let house = open(store, place).unwrap();
    assert_eq!((house.opens(ada()), house.opens(bob())), (!erased, true));
    assert_eq!(house.doctored(), [""; 0]);
}

#[test]
fn who_was_erased_may_come_back_as_somebody_new() {
    let (house, _dir, _) = fresh();
    house.take_in(&[ada(), bob()]);
    let before = house.load(&[ada()]).ledger_key(ada());
    house.erase(&[ada()]).unwrap();
    house.take_in(&[ada()]);
    assert!(house.opens(ada()));
    assert_ne!(house.load(&[ada()]).ledger_key(ada()), before);
}

#[test]
fn who_comes_back_before_the_end_was_erased_all_the_same() {
    let (house, _dir, _) = fresh();
    house.take_in(&[ada(), bob()]);
    let before = house.load(&[ada()]).ledger_key(ada());
    let (batch, shredding) = staged(&house);
    house.store.commit(batch).unwrap();
    house.take_in(&[ada()]);
    shredding.finish().unwrap();
    assert_ne!(house.load(&[ada()]).ledger_key(ada()), before);
    check(&house, false);
}

#[test]
fn erasing_nobody_changes_nothing() {
    let (house, _dir, _) = fresh();
    house.take_in(&[bob()]);
    house.erase(&[]).unwrap();
    house.erase(&[ada()]).unwrap();
    assert!(house.opens(bob()));
}

#[test]
fn a_crash_before_the_commit_erases_nobody() {
    let (house, _dir, place) = fresh();
    house.take_in(&[ada(), bob()]);
    let (_batch, shredding) = staged(&house);
    drop(shredding);
    let store = house.store.clone();
    drop(house);
    check_reopened(&store, &place, false);
    check(&open(&store, &place).unwrap(), false);
}

#[test]
fn a_power_cut_before_the_sync_erases_nobody() {
    let (store, faults) = memory::faulty();
    let dir = tempfile::tempdir().unwrap();
    let house = open(&store, dir.path()).unwrap();
    house.take_in(&[ada(), bob()]);
    let (batch, shredding) = staged(&house);
    store.apply(batch).unwrap();
    drop((shredding, house));
    faults.restart();
    check(&open(&store, dir.path()).unwrap(), false);
}

#[test]
fn a_crash_after_the_commit_is_finished_when_opened() {
    let (house, _dir, place) = fresh();
    house.take_in(&[ada(), bob()]);
    let (batch, shredding) = staged(&house);
    house.store.commit(batch).unwrap();
    drop(shredding);
    let store = house.store.clone();
    drop(house);
    check(&open(&store, &place).unwrap(), true);
}

#[test]
fn a_file_that_cannot_be_written_is_written_later() {
    let bridge = format!("bridges/{SHARD:03x}.bridge.unfinished");
    for obstacle in [&*bridge, "shards.keys.unfinished"] {
        let (house, _dir, place) = fresh();
        house.take_in(&[ada(), bob()]);
        let (batch, shredding) = staged(&house);
        house.store.commit(batch).unwrap();
        std::fs::create_dir_all(place.join(obstacle)).unwrap();
        assert!(shredding.finish().is_err(), "{obstacle}");
        std::fs::remove_dir(place.join(obstacle)).unwrap();
        let store = house.store.clone();
        drop(house);
        check(&open(&store, &place).unwrap(), true);
    }
}

#[test]
fn a_failed_commit_is_abandoned() {
    let (house, _dir, place) = fresh();
    house.take_in(&[ada(), bob()]);
    let (batch, shredding) = staged(&house);
    shredding.abandon().unwrap();
    // Should the batch come after all, it must not apply: its keys are gone.
    assert!(matches!(house.store.commit(batch), Err(StoreError::Conflict)));
    check(&house, false);
    house.erase(&[ada()]).unwrap();
    check_reopened_after(house, &place);
}

fn check_reopened_after(house: House, place: &Path) {
    let store = house.store.clone();
    drop(house);
    check_reopened(&store, place, true);
}

#[test]
fn finishing_without_the_commit_destroys_nothing() {
    let (house, _dir, _) = fresh();
    house.take_in(&[ada(), bob()]);
    let (batch, shredding) = staged(&house);
    assert!(shredding.finish().is_err());
    assert!(house.store.commit(batch).is_err());
    check(&house, false);
}

#[test]
fn intake_meanwhile_is_kept_or_conflicts() {
    let (house, _dir, _) = fresh();
    house.take_in(&[ada(), bob()]);
    let (early, late) = (record(SHARD, 10), record(SHARD, 11));
    let (early_batch, late_batch) = (house.staged(&[early]), house.staged(&[late]));
    let (batch, shredding) = staged(&house);
    house.store.commit(early_batch).unwrap();
    house.store.commit(batch).unwrap();
    assert!(matches!(house.store.commit(late_batch), Err(StoreError::Conflict)));
    // Whoever decides again sees the commit, and need not wait for the end.
    house.take_in(&[late]);
    shredding.finish().unwrap();
    assert!(house.opens(early) && house.opens(late));
    check(&house, true);
}

#[test]
fn a_view_from_before_still_opens_the_neighbours() {
    let (house, _dir, _) = fresh();
    house.take_in(&[ada(), bob()]);
    let view = house.store.read().unwrap();
    house.erase(&[ada()]).unwrap();
    let keys = house.vault.load(&view, &[ada(), bob()]).unwrap();
    assert_eq!((keys.has(ada()), keys.has(bob())), (false, true));
}

#[test]
fn two_who_erase_in_one_shard_do_not_hurt_each_other() {
    let (house, _dir, _) = fresh();
    house.take_in(&[ada(), bob(), record(SHARD, 3)]);
    let view = house.store.read().unwrap();
    let (batch, shredding) = staged(&house);
    house.store.commit(batch).unwrap();
    shredding.finish().unwrap();
    let mut stale = Batch::default();
    let second = house.vault.stage_shred(&view, &mut stale, &[record(SHARD, 3)]);
    match second {
        Err(error) => assert!(is_conflict(&error)),
        Ok(shredding) => {
            assert!(house.store.commit(stale).is_err());
            shredding.abandon().unwrap();
        }
    }
    drop(view);
    house.erase(&[record(SHARD, 3)]).unwrap();
    check(&house, true);
}

#[test]
fn a_crowd_takes_in_and_erases_at_once() {
    let (house, _dir, place) = fresh();
    let house = Arc::new(house);
    let workers: Vec<_> = (0..4_u8)
        .map(|worker| {
            let house = Arc::clone(&house);
            std::thread::spawn(move || {
                for n in 0..10 {
                    let id = record(SHARD, worker * 10 + n);
                    while house.store.commit(house.staged(&[id])).is_err() {}
                    if n % 3 == 0 {
                        again(|| house.erase(&[id]));
                    }
                }
            })
        })
        .collect();
    for worker in workers {
        worker.join().unwrap();
    }
    let store = house.store.clone();
    let opens = |house: &House| (0..40).filter(|n| house.opens(record(SHARD, *n))).collect();
    let expected: Vec<u8> = (0..40).filter(|n| n % 10 % 3 != 0).collect();
    let found: Vec<u8> = opens(&house);
    assert_eq!(found, expected);
    assert_eq!(house.doctored(), [""; 0]);
    drop(house);
    let found: Vec<u8> = opens(&open(&store, &place).unwrap());
    assert_eq!(found, expected);
}

fn again(mut erase: impl FnMut() -> Result<(), VaultError>) {
    loop {
        match erase() {
            Ok(()) => return,
            Err(error) => assert!(is_conflict(&error), "{error}"),
        }
    }
}
