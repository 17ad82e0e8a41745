//! Reads against a plain map, on every engine.

use crate::house::{Dice, Do, House, MORE, ROWS, key, small};
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::select;
use proptest::test_runner::{Config, TestRunner};
use std::collections::BTreeMap;
use store::{Engine, RawRow, RawView, Store};

const TABLES: [&str; 2] = [ROWS, MORE];
const PARTS: [&[u8]; 8] = [b"", b"\0", b"\0\0", b"a", b"a\0", b"ab", b"\xff", b"\xff\xff"];

type Plain = BTreeMap<(&'static str, Vec<u8>, Vec<u8>), Vec<u8>>;

#[derive(Clone, Debug)]
struct Write {
    table: &'static str,
    partition: &'static [u8],
    sort: &'static [u8],
    value: Option<Vec<u8>>,
}

fn write() -> impl Strategy<Value = Write> {
    let value = prop::option::weighted(0.7, vec(any::<u8>(), 0..20));
    (select(&TABLES[..]), select(&PARTS[..]), select(&PARTS[..]), value)
        .prop_map(|(table, partition, sort, value)| Write { table, partition, sort, value })
}

/// Batches; after each `true` the store is opened again.
fn history() -> impl Strategy<Value = Vec<(Vec<Write>, bool)>> {
    vec((vec(write(), 1..12), prop::bool::weighted(0.1)), 1..12)
}

fn check(cases: u32, open: fn() -> House) {
    let config = Config { cases, failure_persistence: None, ..Config::default() };
    let reads = (any::<u64>(), 1_usize..40);
    TestRunner::new(config)
        .run(&(history(), reads), |(history, (seed, limit))| {
            let (mut house, mut plain) = (open(), Plain::new());
            for (batch, reopen) in history {
                // The last write of a key wins, and a batch names a key once.
                let batch: BTreeMap<_, _> = batch
                    .into_iter()
                    .map(|w| ((w.table, w.partition.to_vec(), w.sort.to_vec()), w.value))
                    .collect();
                let mut todo = Do::default();
                for ((table, partition, sort), value) in batch {
                    let row = key(table, &partition, &sort);
                    if let Some(value) = value {
                        todo = todo.put(row, &value);
                        plain.insert((table, partition, sort), value);
                    } else {
                        todo = todo.delete(row);
                        plain.remove(&(table, partition, sort));
                    }
                }
                todo.on(house.engine()).unwrap();
                if reopen {
                    house.reopen();
                }
            }
            compare(house.engine(), &plain, Dice(seed | 1), limit);
            Ok(())
        })
        .unwrap();
}

fn compare(engine: &dyn Engine, plain: &Plain, mut dice: Dice, limit: usize) {
    let view = engine.read().unwrap();
    for table in TABLES {
        let of_table: Vec<_> = plain.iter().filter(|((of, ..), _)| *of == table).collect();
        let keys: Vec<_> =
            PARTS.iter().flat_map(|p| PARTS.map(|s| (p.to_vec(), s.to_vec()))).collect();
        let got = view.get_many(table, &keys).unwrap();
        for ((partition, sort), got) in keys.into_iter().zip(got) {
            let want = plain.get(&(table, partition, sort));
            assert_eq!(got.as_ref().map(|(_, value)| value), want);
        }
        for partition in PARTS {
            ranges(&*view, plain, table, partition, &mut dice, limit);
        }
        let mut scanned: Vec<RawRow> = Vec::new();
        loop {
            let after = scanned.last().map(|row| (&row.partition[..], &row.sort[..]));
            let page = view.scan(table, after, limit).unwrap();
            assert!(page.len() <= limit);
            if page.is_empty() {
                break;
            }
            scanned.extend(page);
        }
        let together = scanned.chunk_by(|a, b| a.partition == b.partition);
        assert!(together.clone().all(|rows| rows.is_sorted_by(|a, b| a.sort < b.sort)));
        let mut rows: Vec<_> = scanned.iter().map(|r| (&r.partition, &r.sort, &r.value)).collect();
        rows.sort_unstable();
        let want: Vec<_> = of_table.iter().map(|((_, p, s), value)| (p, s, *value)).collect();
        assert_eq!(rows, want);
        let partitions: std::collections::BTreeSet<_> = want.iter().map(|(p, ..)| *p).collect();
        assert_eq!(together.count(), partitions.len(), "partitions are kept together");
    }
}

fn ranges(
    view: &dyn RawView,
    plain: &Plain,
    table: &'static str,
    partition: &[u8],
    dice: &mut Dice,
    limit: usize,
) {
    for _ in 0..4 {
        let mut bound = || PARTS.get(usize::try_from(dice.below(10)).unwrap()).copied();
        let (from, to) = (bound(), bound());
        for descending in [false, true] {
            let got = view.range(table, partition, from, to, descending, limit).unwrap();
            let mut want: Vec<_> = plain
                .iter()
                .filter(|((of, p, s), _)| {
                    *of == table
                        && p == partition
                        && from.is_none_or(|from| from <= &s[..])
                        && to.is_none_or(|to| &s[..] < to)
                })
                .map(|((_, _, sort), value)| (sort.clone(), value.clone()))
                .collect();
            if descending {
                want.reverse();
            }
            want.truncate(limit);
            let got: Vec<_> = got.into_iter().map(|row| (row.sort, row.value)).collect();
            assert_eq!(got, want, "{table} {partition:?} {from:?} {to:?} {descending} {limit}");
        }
    }
}

#[test]
fn memory_is_a_map() {
    check(200, House::memory);
}

#[test]
fn embedded_is_a_map() {
    check(20, House::embedded);
}

#[test]
fn postgresql_is_a_map() {
    check(20, House::postgresql);
}

/// The tree beneath once returned stale rows when memtables were tiny (its issue 315, mended in
/// `lsm-tree` 3.1.10), so it is asked again and again while it flushes and compacts.
#[test]
fn embedded_never_reads_stale_rows() {
    const KEYS: u64 = 4_000;
    const WINDOW: u64 = 150;
    let dir = tempfile::tempdir().unwrap();
    let options = store::EmbeddedOptions { table_buffer_bytes: 16 << 10, ..small() };
    let (mut dice, mut plain) = (Dice(42), vec![None; usize::try_from(KEYS).unwrap()]);
    let mut reads = 0;
    for _ in 0..4 {
        let store = Store::embedded(dir.path(), &options).unwrap();
        for round in 0..250_u64 {
            let window = dice.below(KEYS - WINDOW);
            let mut batch = BTreeMap::new();
            for _ in 0..60 {
                let row = window + dice.below(WINDOW);
                let value = (dice.below(5) > 0).then(|| (dice.below(1 << 40), round));
                batch.insert(row, value);
            }
            let mut todo = Do::default();
            for (row, value) in batch {
                plain[usize::try_from(row).unwrap()] = value;
                let row = key(ROWS, &row.to_be_bytes(), b"");
                todo = match value {
                    Some((a, b)) => todo.put(row, &[a.to_be_bytes(), b.to_be_bytes()].concat()),
                    None => todo.delete(row),
                };
            }
            store.engine().apply(&todo.0).unwrap();
            let window = if round % 3 == 0 { dice.below(KEYS - 2 * WINDOW) } else { window };
            let keys: Vec<_> = (window..window + 2 * WINDOW).filter(|row| *row < KEYS).collect();
            let asked: Vec<_> =
                keys.iter().map(|row| (row.to_be_bytes().to_vec(), vec![])).collect();
            let view = store.engine().read().unwrap();
            let got = view.get_many(ROWS, &asked).unwrap();
            for (row, got) in keys.into_iter().zip(got) {
                reads += 1;
                let want = plain[usize::try_from(row).unwrap()]
                    .map(|(a, b)| [a.to_be_bytes(), b.to_be_bytes()].concat());
                assert_eq!(got.map(|(_, value)| value), want, "row {row} in round {round}");
            }
        }
    }
    assert!(reads > 200_000, "{reads}");
}
