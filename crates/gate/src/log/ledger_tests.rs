//! The ledger over the store: appends, crashes, two writers, tampering.

use super::rows::{Bytes, CHUNKS, HEAD, TILES};
use super::tile::{entries, levels, tiles_at};
use super::tree::{Frontier, consistency_holds, root_at};
use super::*;
use crate::log::tile::Level;
use model::Timestamp;
use std::path::Path;
use store::memory::{Fault, faulty};
use store::{Batch, Store, Table};

pub(super) const NOW: Timestamp = Timestamp(1_700_000_000_000);
const NOTES: Table<u8, u8, u64> = store::table!("test_notes", 1);

pub(super) fn signer() -> Signer {
    Signer::from_seed("example.com/ledger", &[5; 32]).unwrap()
}

pub(super) fn open(store: &Store) -> Result<Ledger, LedgerError> {
    Ledger::open(store.clone(), signer(), None)
}

pub(super) fn witnessed(store: &Store, path: &Path) -> Result<Ledger, LedgerError> {
    Ledger::open(store.clone(), signer(), Some(path.to_owned()))
}

fn leaf(n: u64) -> Vec<u8> {
    let length = usize::try_from(n % 40).unwrap();
    [&n.to_be_bytes()[..], &vec![b'.'; length]].concat()
}

pub(super) fn add(ledger: &Ledger, count: u64) {
    let first = ledger.size();
    let leaves = (first..first + count).map(leaf).collect();
    let appended = ledger.append(leaves, Batch::default(), NOW).unwrap();
    assert_eq!((appended.first, appended.size), (first, first + count));
    ledger.sync(&appended).unwrap();
}

fn expected_root(size: u64) -> Hash {
    let mut tree = Frontier::default();
    (0..size).for_each(|n| tree.push(Hash::leaf(&leaf(n)), |_, _| {}));
    tree.root()
}

#[test]
fn what_is_appended_in_commits_of_any_size_is_one_tree() {
    let store = Store::memory();
    let ledger = open(&store).unwrap();
    for count in [1, 1, 253, 1, 1, 64, 300, 700, 0, 1000] {
        add(&ledger, count);
        assert_eq!(ledger.root(), expected_root(ledger.size()), "size {}", ledger.size());
        let checkpoint = Checkpoint::open(&ledger.checkpoint(), ledger.verifier()).unwrap();
        assert_eq!((checkpoint.size, checkpoint.root), (ledger.size(), ledger.root()));
        let again = open(&store).unwrap();
        assert_eq!((again.size(), again.root()), (ledger.size(), ledger.root()));
        ledger.verify_all().unwrap();
    }
}

#[test]
fn tiles_and_entries_are_served_by_their_paths() {
    let ledger = open(&Store::memory()).unwrap();
    (0..20).for_each(|_| add(&ledger, 37));
    let size = ledger.size();
    let all: Vec<_> = levels(size)
        .flat_map(|level| tiles_at(Level::Hashes(level), size))
        .chain(tiles_at(Level::Entries, size))
        .collect();
    assert_eq!(all.len(), 3 + 1 + 3);
    let mut served = Vec::new();
    for tile in all {
        let bytes = ledger.tile(&tile).unwrap().unwrap();
        if tile.level == Level::Entries {
            served.extend(entries(&bytes).unwrap().into_iter().map(<[u8]>::to_vec));
        } else {
            assert_eq!(bytes.len(), usize::from(tile.width) * 32);
        }
        let narrow = Tile { width: 1, ..tile };
        let first = ledger.tile(&narrow).unwrap().unwrap();
        assert!(bytes.starts_with(&first), "a narrower tile is the front of the wider");
        assert_eq!(ledger.tile(&Tile { index: 9, ..tile }).unwrap(), None);
    }
    assert_eq!(served, (0..size).map(leaf).collect::<Vec<_>>());
    let wide = Tile { level: Level::Hashes(0), index: size / 256, width: 256 };
    assert_eq!(ledger.tile(&wide).unwrap(), None);
}

#[test]
fn proofs_hold_and_end_where_the_disk_does() {
    let ledger = open(&Store::memory()).unwrap();
    (0..9).for_each(|_| add(&ledger, 113));
    let size = ledger.size();
    for index in (0..size).step_by(97).chain([size - 1]) {
        let proof = Proof::parse(&ledger.inclusion_proof(index).unwrap().to_string()).unwrap();
        let checkpoint = proof.verify(&leaf(index), ledger.verifier()).unwrap();
        assert_eq!(checkpoint.size, size);
        assert_eq!(proof.verify(&leaf(index + 1), ledger.verifier()), Err(ProofError::NotIncluded));
        let path = ledger.consistency_proof(index, size).unwrap();
        let roots = ((index, expected_root(index)), (size, ledger.root()));
        assert!(consistency_holds(roots.0, roots.1, &path), "from {index}");
    }
    let beyond = |asked| matches!(asked, Err(LedgerError::Outside { .. }));
    assert!(beyond(ledger.inclusion_proof(size).map(|_| ())));
    assert!(beyond(ledger.consistency_proof(0, size + 1).map(|_| ())));
    assert!(beyond(ledger.consistency_proof(2, 1).map(|_| ())));
    let applied = ledger.append(vec![leaf(size)], Batch::default(), NOW).unwrap();
    assert!(beyond(ledger.inclusion_proof(size).map(|_| ())), "not on disk yet");
    assert_eq!(ledger.size(), size);
    ledger.sync(&applied).unwrap();
    assert!(ledger.inclusion_proof(size).is_ok());
}

#[test]
fn entries_and_batch_happen_together_or_not_at_all() {
    let (store, faults) = faulty();
    let ledger = open(&store).unwrap();
    add(&ledger, 300);
    let noted = |store: &Store| store.read().unwrap().get(&NOTES, &1, &1).unwrap();
    let note = |first| {
        let mut batch = Batch::default();
        batch.put(&NOTES, &1, &1, &first);
        batch
    };
    for fault in [Fault::Conflict, Fault::Full, Fault::Unavailable] {
        faults.next_applies([Some(fault)]);
        let refused = ledger.append_with(vec![leaf(300)], NOW, note).unwrap_err();
        assert_eq!(refused.is_conflict(), fault == Fault::Conflict, "{fault:?}");
        assert_eq!((ledger.size(), noted(&store)), (300, None));
    }
    let mut batch = note(0);
    batch.check(&NOTES, &2, &2, Some(store::Version(77)));
    assert!(ledger.append(vec![leaf(300)], batch, NOW).unwrap_err().is_conflict());
    let long = ledger.append(vec![vec![0; 65_536]], note(0), NOW);
    assert!(matches!(long, Err(LedgerError::TooLong { bytes: 65_536 })));
    let appended = ledger.append_with(vec![leaf(300)], NOW, note).unwrap();
    ledger.sync(&appended).unwrap();
    assert_eq!(noted(&store).map(|row| row.value), Some(300));
    assert_eq!(ledger.root(), expected_root(301));
}

#[test]
fn long_entries_are_cut_into_rows_the_store_takes() {
    let store = Store::memory();
    let ledger = open(&store).unwrap();
    let leaves: Vec<_> = (0..100_u8).map(|n| vec![n; 65_535]).collect();
    let appended = ledger.append(leaves.clone(), Batch::default(), NOW).unwrap();
    ledger.sync(&appended).unwrap();
    let bundle = Tile { level: Level::Entries, index: 0, width: 100 };
    assert_eq!(entries(&ledger.tile(&bundle).unwrap().unwrap()).unwrap(), leaves);
    assert_eq!(open(&store).unwrap().root(), ledger.root());
}

#[test]
fn rows_are_stored_as_the_design_page_says() {
    let store = Store::memory();
    let ledger = open(&store).unwrap();
    add(&ledger, 2);
    let view = store.read().unwrap();
    let one = |table| view.raw().scan(table, None, 9).unwrap().pop().unwrap();
    let chunk = one("gate.ledger_chunks");
    assert_eq!((chunk.partition, chunk.sort), (vec![0; 8], vec![0; 8]));
    let entries = [&[0, 8][..], &leaf(0), &[0, 9], &leaf(1)].concat();
    assert_eq!(chunk.value, [&[1, 21][..], &entries].concat());
    let head = one("gate.ledger_head");
    assert_eq!((head.partition, head.sort), (vec![], vec![]));
    let note = ledger.checkpoint();
    let length = u8::try_from(note.len() - 128).unwrap();
    let expected = [&[1, 2][..], &ledger.root().0, &[0x80 | length, 1], note.as_bytes()].concat();
    assert_eq!(head.value, expected);
}

#[test]
fn a_ledger_on_disk_opens_again() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("witness");
    let options = store::EmbeddedOptions::default();
    for round in 1..=3 {
        let store = Store::embedded(&directory.path().join("store"), &options).unwrap();
        let ledger = witnessed(&store, &path).unwrap();
        assert_eq!(ledger.size(), (round - 1) * 301);
        add(&ledger, 300);
        add(&ledger, 1);
        assert_eq!(ledger.root(), expected_root(round * 301));
    }
    std::fs::remove_dir_all(directory.path().join("store")).unwrap();
    let store = Store::embedded(&directory.path().join("store"), &options).unwrap();
    assert!(matches!(witnessed(&store, &path), Err(LedgerError::Witness { .. })));
}

#[test]
fn two_ledgers_on_one_store_continue_each_other() {
    let store = Store::memory();
    let (one, two) = (open(&store).unwrap(), open(&store).unwrap());
    for round in 0..40_u64 {
        let ledger = if round % 3 == 0 { &one } else { &two };
        let first = round * 20;
        let leaves = (first..first + 20).map(leaf).collect();
        let appended = ledger.append(leaves, Batch::default(), NOW).unwrap();
        assert_eq!(appended.first, first);
        ledger.sync(&appended).unwrap();
        assert_eq!(ledger.root(), expected_root(first + 20));
    }
    std::thread::scope(|scope| {
        for ledger in [&one, &two, &one, &two] {
            scope.spawn(|| {
                for n in 0..50 {
                    let appended = loop {
                        match ledger.append(vec![leaf(n)], Batch::default(), NOW) {
                            Ok(appended) => break appended,
                            Err(error) => assert!(error.is_conflict(), "{error}"),
                        }
                    };
                    ledger.sync(&appended).unwrap();
                }
            });
        }
    });
    let again = open(&store).unwrap();
    assert_eq!(again.size(), 1000);
    again.verify_all().unwrap();
    assert_eq!(again.root(), if one.size() == 1000 { one.root() } else { two.root() });
}

#[test]
fn a_power_cut_takes_only_what_was_not_synced() {
    let (store, faults) = faulty();
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("witness");
    let ledger = witnessed(&store, &path).unwrap();
    add(&ledger, 500);
    let lost = ledger.append((500..900).map(leaf).collect(), Batch::default(), NOW).unwrap();
    faults.restart();
    assert!(ledger.sync(&lost).is_err());
    assert_eq!(ledger.size(), 500, "what may be lost was never shown");
    let later = ledger.append(vec![leaf(500)], Batch::default(), NOW);
    assert!(matches!(later, Err(LedgerError::Altered(_))), "this process must be restarted");
    drop(ledger);
    let ledger = witnessed(&store, &path).unwrap();
    assert_eq!((ledger.size(), ledger.root()), (500, expected_root(500)));
}

/// A store of 700 entries, changed behind the ledger's back, refuses to open.
fn check_tampering(how: &str, tamper: impl Fn(&mut Batch, &Store)) {
    let store = Store::memory();
    let ledger = open(&store).unwrap();
    (0..10).for_each(|_| add(&ledger, 70));
    let mut batch = Batch::default();
    tamper(&mut batch, &store);
    store.commit(batch).unwrap();
    let refused = open(&store).unwrap_err();
    assert!(
        matches!(refused, LedgerError::Altered(_) | LedgerError::Checkpoint(_)),
        "{how}: {refused}"
    );
}

#[test]
fn a_store_changed_behind_its_back_is_refused() {
    let get = |store: &Store, partition: u64, sort: u64| {
        store.read().unwrap().get(&CHUNKS, &partition, &sort).unwrap().unwrap().value.0
    };
    check_tampering("an altered entry", |batch, store| {
        let mut chunk = get(store, 1, 280);
        *chunk.last_mut().unwrap() ^= 1;
        batch.put(&CHUNKS, &1, &280, &Bytes(chunk));
    });
    check_tampering("an altered entry in the tail", |batch, store| {
        let mut chunk = get(store, 2, 630);
        *chunk.last_mut().unwrap() ^= 1;
        batch.put(&CHUNKS, &2, &630, &Bytes(chunk));
    });
    check_tampering("a cut chunk", |batch, store| {
        let mut chunk = get(store, 0, 70);
        chunk.pop();
        batch.put(&CHUNKS, &0, &70, &Bytes(chunk));
    });
    check_tampering("a missing chunk", |batch, _| batch.delete(&CHUNKS, &0, &70));
    check_tampering("a missing last chunk", |batch, _| batch.delete(&CHUNKS, &2, &630));
    check_tampering("an empty bundle", |batch, _| {
        for sort in [256, 280, 350, 420, 490] {
            batch.delete(&CHUNKS, &1, &sort);
        }
    });
    check_tampering("an additional entry", |batch, store| {
        batch.put(&CHUNKS, &2, &700, &Bytes(get(store, 0, 0)));
    });
    check_tampering("a missing tile", |batch, _| batch.delete(&TILES, &(0, 0), &1));
    check_tampering("an altered tile", |batch, _| {
        batch.put(&TILES, &(0, 0), &0, &Bytes(vec![7; 8192]));
    });
    check_tampering("a short tile", |batch, _| batch.put(&TILES, &(0, 0), &0, &Bytes(vec![])));
    check_tampering("no head", |batch, _| batch.delete(&HEAD, &(), &()));
    let head = |store: &Store| store.read().unwrap().get(&HEAD, &(), &()).unwrap().unwrap().value;
    check_tampering("a head of less", |batch, store| {
        batch.put(&HEAD, &(), &(), &rows::Head { size: 630, ..head(store) });
    });
    check_tampering("a head with another root", |batch, store| {
        batch.put(&HEAD, &(), &(), &rows::Head { root: [1; 32], ..head(store) });
    });
    check_tampering("a head signed by somebody else", |batch, store| {
        let other = Signer::from_seed("example.com/ledger", &[6; 32]).unwrap();
        let text = head(store).checkpoint;
        let text = signer().verifier().open(&text).unwrap().to_owned();
        let checkpoint = other.sign(&text);
        batch.put(&HEAD, &(), &(), &rows::Head { checkpoint, ..head(store) });
    });
}

#[test]
fn a_long_log_is_checked_by_its_tiles() {
    let store = Store::memory();
    let ledger = open(&store).unwrap();
    for size in [1_u64, 256, 700, 65_535, 65_536, 66_000, 140_000] {
        add(&ledger, size - ledger.size());
        let view = store.read().unwrap();
        let edge = audit::from_tiles(&view, size).unwrap();
        assert_eq!((edge.size(), edge.root()), (size, ledger.root()));
        let full = audit::from_entries(&view, size).unwrap();
        for level in 0..4 {
            assert_eq!(edge.partial(level), full.partial(level), "level {level} of {size}");
        }
        let mut nodes = rows::Nodes::new(&view, &edge);
        let root = root_at(size, &mut |height, index| nodes.node(height, index)).unwrap();
        assert_eq!(root, ledger.root());
    }
    let refuses = |batch| {
        store.commit(batch).unwrap();
        let view = store.read().unwrap();
        matches!(audit::from_tiles(&view, 140_000), Err(LedgerError::Altered(_)))
    };
    let mut batch = Batch::default();
    batch.put(&TILES, &(0, 1), &300, &Bytes(vec![7; 8192]));
    assert!(refuses(batch), "a tile under a full tile");
}
