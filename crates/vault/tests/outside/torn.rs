//! Erasures of which a power cut left any part on the disk, and damage.

use crate::erasure::{ada, bob, staged};
use crate::house::{House, back_up, fresh, open, put_tree, restored, tree};
use std::collections::BTreeSet;

/// What a power cut may leave of writes that were not flushed: those sectors, of any size, that were written
/// before it; the file may be as long as before, too.
fn torn(before: &[u8], after: &[u8]) -> BTreeSet<Vec<u8>> {
    let old = |place: usize| before.get(place).copied().unwrap_or(0);
    let but = |is_old: &dyn Fn(usize) -> bool| -> Vec<u8> {
        let each = after.iter().enumerate();
        each.map(|(place, byte)| if is_old(place) { old(place) } else { *byte }).collect()
    };
    let mut torn = BTreeSet::from([before.to_vec(), after.to_vec()]);
    for cut in (0..=after.len()).step_by((after.len() / 30).max(1)) {
        torn.insert(but(&|place| place >= cut));
        torn.insert(but(&|place| place < cut));
        torn.insert(after[..cut.max(before.len().min(after.len()))].to_vec());
    }
    for piece in [1, 16, 61, 512] {
        torn.insert(but(&|place| (place / piece).is_multiple_of(2)));
        torn.insert(but(&|place| !(place / piece).is_multiple_of(2)));
    }
    torn
}

fn check_opened(house: &House, erased: bool) {
    assert_eq!((house.opens(ada()), house.opens(bob())), (!erased, true));
    assert_eq!(house.doctored(), [""; 0]);
}

/// A house with Ada and Bob whose store is copied for each check.
fn check_each_torn(before_commit: bool) {
    let (house, dir, place) = fresh();
    house.take_in(&[ada(), bob()]);
    let whole = back_up(&house, &dir, "whole");
    let unbegun = tree(&place);
    let (batch, shredding) = staged(&house);
    let begun = tree(&place);
    house.store.commit(batch).unwrap();
    let committed = back_up(&house, &dir, "committed");
    shredding.finish().unwrap();
    let done = tree(&place);
    drop(house);
    let (from, to, backup) =
        if before_commit { (&unbegun, &begun, &whole) } else { (&begun, &done, &committed) };
    for file in torn(from, to) {
        let store = restored(backup);
        put_tree(&place, &file);
        let house = open(&store, &place).unwrap();
        check_opened(&house, !before_commit);
        if !before_commit {
            assert_eq!(tree(&place), done, "nothing is left from which Ada's key could be derived");
        }
        // And the next erasure leaves nothing of what the one that was cut short had written.
        house.erase(&[bob()]).unwrap();
        assert!(!house.opens(bob()));
        assert_eq!(house.doctored(), [""; 0]);
    }
}

#[test]
fn a_power_cut_while_it_is_begun_erases_nobody() {
    check_each_torn(true);
}

#[test]
fn a_power_cut_while_it_is_ended_erases_all_the_same() {
    check_each_torn(false);
}

#[test]
fn what_was_begun_and_taken_back_leaves_no_secret() {
    let (house, _dir, place) = fresh();
    house.take_in(&[ada(), bob()]);
    let before = tree(&place);
    let (_, shredding) = staged(&house);
    assert_ne!(tree(&place), before);
    shredding.abandon().unwrap();
    assert_eq!(tree(&place), before);
}

#[test]
fn a_damaged_tree_is_refused() {
    let (house, _dir, place) = fresh();
    house.take_in(&[ada(), bob()]);
    house.erase(&[ada()]).unwrap();
    let whole = tree(&place);
    for at in (0..whole.len()).step_by(7) {
        let mut file = whole.clone();
        file[at] ^= 0x10;
        put_tree(&place, &file);
        // Damage where zeros stand is overwritten; any other is not taken for an erasure.
        if let Ok(house) = open(&house.store, &place) {
            check_opened(&house, true);
            assert_eq!(tree(&place), whole);
        }
    }
}
