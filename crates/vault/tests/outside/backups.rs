//! Stores that went back in time: survivors open, the erased do not.

use crate::house::{back_up, copy, fresh, keys, open, record, restored};
use model::RecordId;
use std::path::Path;
use store::{Batch, Store};

const SHARD: u16 = 9;

fn ids(range: std::ops::Range<u8>) -> Vec<RecordId> {
    range.map(|n| record(SHARD, n)).collect()
}

/// Heals, and gives whom it lost.
fn heal(store: &Store, place: &Path) -> Vec<RecordId> {
    keys(place).unwrap().heal_restored(store, &mut |_| {}).unwrap().unreadable
}

#[test]
fn after_a_restore_survivors_open_and_the_erased_do_not() {
    let (house, dir, place) = fresh();
    house.take_in(&ids(1..6));
    let backup = back_up(&house, &dir, "backup");
    for n in [1, 2] {
        house.erase(&[record(SHARD, n)]).unwrap();
        house.take_in(&[record(SHARD, 100 + n)]);
    }
    drop(house);
    let store = restored(&backup);
    assert_eq!(heal(&store, &place), ids(1..3));
    let house = open(&store, &place).unwrap();
    let open: Vec<_> = ids(1..6).into_iter().filter(|id| house.opens(*id)).collect();
    assert_eq!(open, ids(3..6));
    assert_eq!(house.doctored(), [""; 0]);
}

#[test]
fn a_restored_store_is_not_served_before_it_is_healed() {
    let (house, dir, place) = fresh();
    house.take_in(&ids(1..4));
    let backup = back_up(&house, &dir, "backup");
    house.erase(&ids(1..2)).unwrap();
    drop(house);
    assert!(open(&restored(&backup), &place).is_err());
}

#[test]
fn healing_twice_is_healing_once() {
    let (house, dir, place) = fresh();
    house.take_in(&ids(1..4));
    let backup = back_up(&house, &dir, "backup");
    house.erase(&ids(1..2)).unwrap();
    drop(house);
    let store = restored(&backup);
    assert_eq!(heal(&store, &place), ids(1..2));
    assert_eq!(heal(&store, &place), []);
}

#[test]
fn a_newer_backup_heals_after_an_older_one_was_in_use() {
    let (house, dir, place) = fresh();
    house.take_in(&ids(1..3));
    let older = back_up(&house, &dir, "older");
    house.take_in(&ids(3..5));
    let newer = back_up(&house, &dir, "newer");
    house.erase(&ids(1..2)).unwrap();
    drop(house);
    let store = restored(&older);
    heal(&store, &place);
    let house = open(&store, &place).unwrap();
    house.take_in(&ids(7..8));
    house.erase(&ids(7..8)).unwrap();
    drop(house);
    let store = restored(&newer);
    assert_eq!(heal(&store, &place), ids(1..2));
    let house = open(&store, &place).unwrap();
    assert!(ids(2..5).into_iter().all(|id| house.opens(id)));
}

#[test]
fn an_erasure_cut_short_and_then_a_restore_still_erases() {
    for committed in [true, false] {
        let (house, dir, place) = fresh();
        house.take_in(&ids(1..4));
        let backup = back_up(&house, &dir, "backup");
        let mut batch = Batch::default();
        let view = house.store.read().unwrap();
        let shredding = house.vault.stage_shred(&view, &mut batch, &ids(1..2)).unwrap();
        drop(view);
        if committed {
            house.store.commit(batch).unwrap();
        }
        drop((shredding, house));
        let store = restored(&backup);
        assert_eq!(heal(&store, &place), ids(1..2));
        let house = open(&store, &place).unwrap();
        assert!(ids(2..4).into_iter().all(|id| house.opens(id)));
    }
}

#[test]
fn keys_that_are_older_than_the_backup_delete_nobody() {
    let (house, dir, place) = fresh();
    let older = dir.path().join("older");
    copy(&place, &older);
    house.take_in(&ids(1..4));
    house.erase(&ids(1..2)).unwrap();
    let backup = back_up(&house, &dir, "backup");
    drop(house);
    let store = restored(&backup);
    assert!(keys(&older).unwrap().heal_restored(&store, &mut |_| {}).is_err());
    assert_eq!(heal(&store, &place), []);
    let house = open(&store, &place).unwrap();
    assert!(ids(2..4).into_iter().all(|id| house.opens(id)));
}

/// So many erasures that new records have keys of another tree.
#[test]
fn an_old_copy_of_the_keys_opens_nothing_new() {
    let (house, dir, place) = fresh();
    let older = dir.path().join("older");
    copy(&place, &older);
    for round in 0..70 {
        house.take_in(&ids(1..2));
        house.erase(&ids(1..2)).unwrap();
        assert!(!house.opens(record(SHARD, 1)), "{round}");
    }
    house.take_in(&ids(5..6));
    let view = house.store.read().unwrap();
    let ring = keys(&older).unwrap();
    assert!(gate::LedgerKeys::ledger_keys(&*ring, &view, &ids(5..6)).is_err(), "no key");
    let ring = keys(&place).unwrap();
    assert!(gate::LedgerKeys::ledger_keys(&*ring, &view, &ids(5..6)).unwrap()[0].is_some());
}

#[test]
fn the_wrong_keys_are_refused() {
    let ((house, dir, place), (_, _other_dir, other)) = (fresh(), fresh());
    house.take_in(&ids(1..3));
    let older = dir.path().join("older");
    copy(&place, &older);
    house.erase(&ids(1..2)).unwrap();
    let store = house.store.clone();
    drop(house);
    assert!(open(&store, &other).is_err(), "of another house");
    assert!(open(&store, &older).is_err(), "older than the store");
    assert!(open(&store, &place).is_ok());
}

/// What an erasure cannot reach, so that nobody believes otherwise: old backup and old keys.
#[test]
fn an_old_copy_of_the_keys_opens_an_old_backup() {
    let (house, dir, place) = fresh();
    house.take_in(&ids(1..3));
    let (backup, copied) = (back_up(&house, &dir, "backup"), dir.path().join("copied"));
    copy(&place, &copied);
    house.erase(&ids(1..2)).unwrap();
    drop(house);
    assert!(open(&restored(&backup), &copied).unwrap().opens(record(SHARD, 1)));
}

#[test]
fn two_processes_may_share_the_keys() {
    let (house, _dir, place) = fresh();
    house.take_in(&ids(1..4));
    let other = open(&house.store, &place).unwrap();
    house.erase(&ids(1..2)).unwrap();
    other.erase(&ids(2..3)).unwrap();
    house.take_in(&ids(7..8));
    for house in [&house, &other] {
        assert!([3, 7].iter().all(|id| house.opens(record(SHARD, *id))));
        assert!([1, 2].iter().all(|id| !house.opens(record(SHARD, *id))));
    }
}
