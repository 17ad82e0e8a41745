//! Erasing, undisturbed and disturbed at every step.

use crate::house::{House, fresh, is_conflict, open, record, tree};
use model::RecordId;
use std::path::Path;
use std::sync::Arc;
use store::{Batch, Store, StoreError, memory};
use vault::{Shredding, VaultError};

pub(crate) const SHARD: u16 = 5;

pub(crate) fn ada() -> RecordId {
    record(SHARD, 1)
}

pub(crate) fn bob() -> RecordId {
    record(SHARD, 2)
}

pub(crate) fn staged(house: &House) -> (Batch, Shredding) {
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
    let (house, _dir, place) = fresh();
    house.take_in(&[ada(), bob()]);
    let before = tree(&place);
    std::fs::rename(place.join("tree.keys"), place.join("elsewhere")).unwrap();
    assert!(house.erase(&[ada()]).is_err());
    std::fs::rename(place.join("elsewhere"), place.join("tree.keys")).unwrap();
    assert_eq!(tree(&place), before);
    check(&house, false);
    house.erase(&[ada()]).unwrap();
    check(&house, true);
}

#[test]
fn a_store_that_fails_at_the_end_is_asked_again() {
    let (store, faults) = memory::faulty();
    let dir = tempfile::tempdir().unwrap();
    let house = open(&store, dir.path()).unwrap();
    house.take_in(&[ada(), bob(), record(SHARD, 3)]);
    let (batch, shredding) = staged(&house);
    store.commit(batch).unwrap();
    faults.gone(true);
    assert!(shredding.finish().is_err());
    faults.gone(false);
    // Whoever is erased next ends it first.
    house.erase(&[record(SHARD, 3)]).unwrap();
    assert!(!house.opens(record(SHARD, 3)));
    check(&house, true);
}

#[test]
fn very_many_erasures_leave_a_small_file_and_everybody_else() {
    let (house, _dir, place) = fresh();
    let all: Vec<RecordId> = (0..=255).flat_map(|n| [record(SHARD, n), record(6, n)]).collect();
    house.take_in(&all);
    let (gone, stay) = all.split_at(300);
    let mut most = 0;
    for some in gone.chunks(3) {
        house.erase(some).unwrap();
        most = most.max(tree(&place).len());
    }
    assert!(gone.iter().all(|id| !house.opens(*id)));
    assert!(stay.iter().all(|id| house.opens(*id)));
    let store = house.store.clone();
    drop(house);
    let house = open(&store, &place).unwrap();
    assert!(stay.iter().all(|id| house.opens(*id)));
    assert!(most < 2 << 20, "{most} bytes");
    // New records have their keys from a tree that older copies of the directory do not have.
    let newcomer = record(7, 1);
    house.take_in(&[newcomer]);
    assert!(house.opens(newcomer));
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
fn intake_meanwhile_is_kept() {
    let (house, _dir, _) = fresh();
    house.take_in(&[ada(), bob()]);
    let (early, late) = (record(SHARD, 10), record(SHARD, 11));
    let (early_batch, late_batch) = (house.staged(&[early]), house.staged(&[late]));
    let (batch, shredding) = staged(&house);
    house.store.commit(early_batch).unwrap();
    house.store.commit(batch).unwrap();
    house.store.commit(late_batch).unwrap();
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
    // Another's erasure changed nothing of this one's key.
    let second = house.vault.stage_shred(&view, &mut stale, &[record(SHARD, 3)]).unwrap();
    drop(view);
    house.store.commit(stale).unwrap();
    second.finish().unwrap();
    assert!(!house.opens(record(SHARD, 3)));
    check(&house, true);
}

#[test]
fn who_is_erased_from_a_view_from_before_their_erasure_is_a_conflict() {
    let (house, _dir, _) = fresh();
    house.take_in(&[ada(), bob()]);
    let view = house.store.read().unwrap();
    house.erase(&[ada()]).unwrap();
    let mut stale = Batch::default();
    let second = house.vault.stage_shred(&view, &mut stale, &[ada()]).unwrap();
    assert!(matches!(house.store.commit(stale), Err(StoreError::Conflict)));
    second.abandon().unwrap();
    drop(view);
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
