//! Plain text leaves for openings only.

use crate::house::{NAME, ROWS, fresh, keys, open, record};
use gate::LedgerKeys;
use model::{Category, Purpose};
use vault::{FieldToken, VaultError};

#[test]
fn a_value_opens_for_its_subject() {
    let (house, _dir, _) = fresh();
    house.take_in(&[record(5, 1), record(6, 1)]);
    assert!(house.opens(record(5, 1)) && house.opens(record(6, 1)));
    assert_eq!(house.doctored(), [""; 0]);
}

#[test]
fn a_closed_category_gives_nothing() {
    let (house, _dir, _) = fresh();
    let ada = record(5, 1);
    house.take_in(&[ada]);
    let view = house.store.read().unwrap();
    let keys = house.load(&[ada]);
    let sealed = keys.seal(ada, NAME, Category::Unclassified, b"secret").unwrap();
    for (purpose, opens) in [(Purpose::Marketing, false), (Purpose::SubjectAccess, true)] {
        let opening = house.opening_for(ada, purpose);
        let plain = house.vault.open_field(&opening, &keys, ada, NAME, &sealed).unwrap();
        assert_eq!(plain.is_some(), opens, "{purpose}");
    }
    drop(view);
}

#[test]
fn what_was_moved_is_damaged() {
    let (house, _dir, _) = fresh();
    let (ada, bob) = (record(5, 1), record(5, 2));
    house.take_in(&[ada, bob]);
    let view = house.store.read().unwrap();
    let sealed = view.get(&ROWS, &bob, &()).unwrap().unwrap().value;
    let keys = house.load(&[ada, bob]);
    let opening = house.opening(ada);
    let moved = house.vault.open_field(&opening, &keys, ada, NAME, &sealed);
    assert!(matches!(moved, Err(VaultError::Damaged)));
    let own = view.get(&ROWS, &ada, &()).unwrap().unwrap().value;
    let elsewhere = house.vault.open_field(&opening, &keys, ada, FieldToken([0; 8]), &own);
    assert!(matches!(elsewhere, Err(VaultError::Damaged)));
}

#[test]
#[should_panic(expected = "cover")]
fn an_opening_for_somebody_else_is_a_bug() {
    let (house, _dir, _) = fresh();
    let (ada, bob) = (record(5, 1), record(5, 2));
    house.take_in(&[ada, bob]);
    let keys = house.load(&[bob]);
    let sealed = keys.seal(bob, NAME, Category::Name, b"Bob").unwrap();
    drop(house.vault.open_field(&house.opening(ada), &keys, bob, NAME, &sealed));
}

#[test]
#[should_panic(expected = "another gate")]
fn an_opening_of_another_gate_is_a_bug() {
    let ((house, _a, _), (other, _b, _)) = (fresh(), fresh());
    let ada = record(5, 1);
    house.take_in(&[ada]);
    let keys = house.load(&[ada]);
    let sealed = keys.seal(ada, NAME, Category::Name, b"Ada").unwrap();
    drop(house.vault.open_field(&other.opening(ada), &keys, ada, NAME, &sealed));
}

#[test]
fn ledger_keys_are_the_same_by_both_ways_and_end_with_the_record() {
    let (house, dir, place) = fresh();
    let (ada, bob) = (record(5, 1), record(5, 2));
    house.take_in(&[ada, bob]);
    let of_ada = house.load(&[ada]).ledger_key(ada);
    assert!(of_ada.is_some());
    house.erase(&[bob]).unwrap();
    assert_eq!(house.load(&[ada]).ledger_key(ada), of_ada);
    let store = house.store.clone();
    drop(house);
    let ring = keys(&place).unwrap();
    let view = store.read().unwrap();
    assert_eq!(ring.ledger_keys(&view, &[bob, ada]).unwrap(), [None, of_ada]);
    drop((view, dir));
}

#[test]
fn a_record_has_one_key_whoever_comes_first() {
    let (house, _dir, _) = fresh();
    let ada = record(5, 1);
    let (first, second) = (house.staged(&[ada]), house.staged(&[ada]));
    house.store.commit(first).unwrap();
    assert!(matches!(house.store.commit(second), Err(store::StoreError::Conflict)));
    assert!(house.opens(ada));
}

#[test]
fn keys_survive_the_process() {
    let (house, _dir, place) = fresh();
    house.take_in(&[record(5, 1)]);
    let store = house.store.clone();
    drop(house);
    assert!(open(&store, &place).unwrap().opens(record(5, 1)));
}

#[test]
fn without_the_root_key_nothing_is_made_anew() {
    let (house, _dir, place) = fresh();
    drop(house);
    std::fs::remove_file(place.join("root.key")).unwrap();
    assert!(keys(&place).is_err());
    assert!(!place.join("root.key").exists());
}
