//! Many at once, on every engine.

use crate::house::{Do, House, MORE, ROWS, all, get, key, look, on_each_engine, version};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::thread;
use store::{Engine, StoreError};

on_each_engine! {
    counters_lose_no_update, only_one_finds_it_absent, nobody_skips_past_another, a_scan_sees_one_moment,
}

/// Adds one, again and again until nobody was faster.
pub(crate) fn count(engine: &dyn Engine, partition: &[u8]) {
    loop {
        let row = key(ROWS, partition, b"count");
        let (found, at) = look(engine, &row);
        let (seen, value) = found.map_or((None, 0), |(version, value)| {
            (Some(version), u64::from_be_bytes(value.try_into().unwrap()))
        });
        let next = (value + 1).to_be_bytes();
        match Do::default().check_read(row.clone(), seen, at).put(row, &next).on(engine) {
            Ok(()) => return,
            Err(StoreError::Conflict) => {}
            Err(other) => panic!("{other}"),
        }
    }
}

fn counters_lose_no_update(house: &mut House) {
    let engine = house.engine();
    thread::scope(|scope| {
        for _ in 0..4 {
            scope.spawn(|| (0..60_u8).for_each(|n| count(engine, &[n % 3])));
        }
    });
    for n in 0..3 {
        let (_, value) = get(engine, &key(ROWS, &[n], b"count")).unwrap();
        assert_eq!(value, 80_u64.to_be_bytes());
    }
}

fn only_one_finds_it_absent(house: &mut House) {
    let engine = house.engine();
    for round in 0..20_u8 {
        let (row, winners) = (key(ROWS, &[round], b""), AtomicUsize::new(0));
        thread::scope(|scope| {
            for thread in 0..4_u8 {
                let (row, winners) = (row.clone(), &winners);
                scope.spawn(move || {
                    let batch = Do::default().check(row.clone(), None).put(row, &[thread]);
                    match batch.on(engine) {
                        Ok(()) => drop(winners.fetch_add(1, Ordering::Relaxed)),
                        Err(error) => assert!(matches!(error, StoreError::Conflict), "{error}"),
                    }
                });
            }
        });
        assert_eq!(winners.into_inner(), 1, "round {round}");
    }
}

/// Each decides by the absence of what the other writes: at most one may succeed.
fn nobody_skips_past_another(house: &mut House) {
    let engine = house.engine();
    for round in 0..20_u8 {
        let (one, other) = (key(ROWS, &[round], b"one"), key(MORE, &[round], b"other"));
        thread::scope(|scope| {
            for (absent, written) in [(&one, &other), (&other, &one)] {
                scope.spawn(move || {
                    let batch = Do::default().check(absent.clone(), None);
                    drop(batch.put(written.clone(), b"v").on(engine));
                });
            }
        });
        let both = version(engine, &one).is_some() && version(engine, &other).is_some();
        assert!(!both, "round {round}");
    }
}

/// Ends the writer when the scanning ends, well or badly.
struct Ending<'a>(&'a AtomicBool);

impl Drop for Ending<'_> {
    fn drop(&mut self) {
        self.0.store(true, Ordering::Relaxed);
    }
}

fn a_scan_sees_one_moment(house: &mut House) {
    const ROWS_MANY: u16 = 2_000;
    let engine = house.engine();
    let write = |value: u64| {
        (0..ROWS_MANY).fold(Do::default(), |batch, n| {
            batch.put(key(ROWS, &n.to_be_bytes(), b""), &value.to_be_bytes())
        })
    };
    write(0).on(engine).unwrap();
    let done = AtomicBool::new(false);
    thread::scope(|scope| {
        let _ending = Ending(&done);
        scope.spawn(|| {
            let mut value = 0;
            while !done.load(Ordering::Relaxed) {
                value += 1;
                write(value).on(engine).unwrap();
            }
        });
        for _ in 0..6 {
            let view = engine.read().unwrap();
            let (mut rows, mut page) = (Vec::new(), view.scan(ROWS, None, 150).unwrap());
            while let Some(last) = page.last().cloned() {
                rows.append(&mut page);
                page = view.scan(ROWS, Some((&last.partition, &last.sort)), 150).unwrap();
            }
            assert_eq!(rows.len(), usize::from(ROWS_MANY));
            assert!(rows.iter().all(|row| row.value == rows[0].value));
        }
    });
    assert_eq!(all(engine, ROWS).len(), usize::from(ROWS_MANY));
}
