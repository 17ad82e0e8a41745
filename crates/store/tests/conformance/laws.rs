//! What a batch and a view do, on every engine.

use crate::house::{
    Do, House, MORE, ROWS, all, get, guard_version, key, look, on_each_engine, version,
};
use store::{Batch, StoreError, Version, limits, table};

on_each_engine! {
    a_batch_happens_whole_or_not_at_all, a_check_refuses_what_changed, a_deleted_row_comes_back_as_another,
    a_guard_refuses_phantoms, contradicting_checks_never_hold, a_view_stands_still, a_limit_is_named,
    what_was_synced_is_found_after_reopening, typed_tables_read_back, it_is_alive_and_empty_at_first,
    versions_differ_across_reopening, large_rows_fit,
}

fn it_is_alive_and_empty_at_first(house: &mut House) {
    let engine = house.engine();
    engine.alive().unwrap();
    assert_eq!(engine.read().unwrap().tables().unwrap(), Vec::<String>::new());
    assert_eq!(all(engine, ROWS), []);
    assert_eq!(get(engine, &key(ROWS, b"a", b"")), None);
    assert_eq!(guard_version(engine, ROWS, b"a"), None);
    Do::default().on(engine).unwrap();
}

fn a_batch_happens_whole_or_not_at_all(house: &mut House) {
    let engine = house.engine();
    let (a, b, c) = (key(ROWS, b"a", b"1"), key(MORE, b"b", b""), key(ROWS, b"c", b""));
    Do::default().put(a.clone(), b"old").on(engine).unwrap();
    let stale = Some(Version(u64::MAX >> 1));
    let refused = Do::default()
        .put(a.clone(), b"new")
        .put(b.clone(), b"new")
        .delete(c.clone())
        .check(c.clone(), stale)
        .on(engine);
    assert!(matches!(refused, Err(StoreError::Conflict)), "{refused:?}");
    assert_eq!(get(engine, &a).unwrap().1, b"old");
    assert_eq!(get(engine, &b), None);

    Do::default().put(a.clone(), b"new").put(b.clone(), b"").check(c, None).on(engine).unwrap();
    let ((a_version, a), (b_version, b)) = (get(engine, &a).unwrap(), get(engine, &b).unwrap());
    assert_eq!((&a[..], &b[..], a_version == b_version), (&b"new"[..], &b""[..], true));
}

/// Before, what happens between reading and applying, and whether a check of what was read holds.
fn a_check_refuses_what_changed(house: &mut House) {
    type Step = fn(Do) -> Do;
    let row = || key(ROWS, b"p", b"s");
    let nothing: Step = |it| it;
    let put: Step = |it| it.put(key(ROWS, b"p", b"s"), b"v");
    let delete: Step = |it| it.delete(key(ROWS, b"p", b"s"));
    let beside: Step = |it| it.put(key(ROWS, b"p", b"t"), b"v").put(key(MORE, b"p", b"s"), b"v");
    let cases = [
        ("absent, left alone", delete, nothing, true),
        ("absent, others written", delete, beside, true),
        ("absent, inserted", delete, put, false),
        ("present, left alone", put, nothing, true),
        ("present, others written", put, beside, true),
        ("present, written again with the same value", put, put, false),
        ("present, deleted", put, delete, false),
    ];
    let decisions: [(&str, Step); 3] = [("keep", nothing), ("write", put), ("delete", delete)];
    let engine = house.engine();
    for (name, before, between, holds) in cases {
        for ((decision, decide), read) in decisions.iter().flat_map(|d| [(d, false), (d, true)]) {
            before(Do::default()).on(engine).unwrap();
            let (seen, at) = look(engine, &row());
            let (seen, at) = (seen.map(|(version, _)| version), at.filter(|_| read));
            between(Do::default()).on(engine).unwrap();
            let mark = key(MORE, b"mark", name.as_bytes());
            let said = format!("{decision} {read}");
            let checked = Do::default().check_read(row(), seen, at);
            let done = decide(checked).put(mark.clone(), said.as_bytes()).on(engine);
            assert_eq!(done.is_ok(), holds, "{name}, then {decision}: {done:?}");
            assert!(holds || matches!(done, Err(StoreError::Conflict)), "{name}: {done:?}");
            let marked = get(engine, &mark).is_some_and(|(_, mark)| mark == said.as_bytes());
            assert_eq!(marked, holds, "{name}, then {decision}");
            if *decision == "keep" && holds {
                assert_eq!(version(engine, &row()), seen, "{name}: a check changes nothing");
            }
        }
    }
}

fn contradicting_checks_never_hold(house: &mut House) {
    let (engine, row) = (house.engine(), key(ROWS, b"a", b""));
    let twice = Do::default().check(row.clone(), None).check(row.clone(), None);
    twice.put(row.clone(), b"v").on(engine).unwrap();
    let seen = version(engine, &row);
    let both = Do::default().check(row.clone(), seen).check(row.clone(), None);
    assert!(matches!(both.put(row, b"w").on(engine), Err(StoreError::Conflict)));
}

fn a_deleted_row_comes_back_as_another(house: &mut House) {
    let (engine, row) = (house.engine(), key(ROWS, b"a", b""));
    Do::default().put(row.clone(), b"v").on(engine).unwrap();
    let first = version(engine, &row);
    Do::default().delete(row.clone()).delete(key(ROWS, b"never", b"")).on(engine).unwrap();
    assert_eq!(get(engine, &row), None);
    Do::default().put(row.clone(), b"v").on(engine).unwrap();
    let stale = Do::default().check(row.clone(), first).put(row, b"w").on(engine);
    assert!(matches!(stale, Err(StoreError::Conflict)));
}

fn a_guard_refuses_phantoms(house: &mut House) {
    let engine = house.engine();
    let insert = |sort: &[u8]| Do::default().put(key(ROWS, b"p", sort), b"v").guard(ROWS, b"p");
    let decide = |seen| {
        let decision = Do::default().check_guard(ROWS, b"p", seen);
        decision.put(key(MORE, b"decision", b""), b"").on(engine)
    };
    let never = guard_version(engine, ROWS, b"p");
    assert_eq!(never, None);
    decide(never).unwrap();
    insert(b"1").on(engine).unwrap();
    assert!(matches!(decide(never), Err(StoreError::Conflict)), "a first row");

    let one = guard_version(engine, ROWS, b"p");
    decide(one).unwrap();
    decide(one).unwrap();
    insert(b"2").on(engine).unwrap();
    assert!(matches!(decide(one), Err(StoreError::Conflict)), "a second row");

    let two = guard_version(engine, ROWS, b"p");
    let delete = Do::default().delete(key(ROWS, b"p", b"1")).guard(ROWS, b"p");
    delete.on(engine).unwrap();
    assert!(matches!(decide(two), Err(StoreError::Conflict)), "a deletion");

    let three = guard_version(engine, ROWS, b"p");
    let other = Do::default().put(key(ROWS, b"q", b""), b"v").guard(ROWS, b"q");
    other.on(engine).unwrap();
    decide(three).unwrap();
    let own = insert(b"3").check_guard(ROWS, b"p", three);
    own.on(engine).unwrap();
    assert!(matches!(decide(three), Err(StoreError::Conflict)), "one's own row");
}

fn a_view_stands_still(house: &mut House) {
    let engine = house.engine();
    let old = |n: u8| key(ROWS, b"p", &[n]);
    let mut fill = Do::default().guard(ROWS, b"p");
    for n in 0..20 {
        fill = fill.put(old(n), b"old");
    }
    fill.on(engine).unwrap();
    let view = engine.read().unwrap();
    for n in 0..20 {
        let change = Do::default().guard(ROWS, b"p").put(key(ROWS, b"p", &[n, n]), b"new");
        if n % 2 == 0 { change.delete(old(n)) } else { change.put(old(n), b"new") }
            .on(engine)
            .unwrap();
    }
    Do::default().put(key(MORE, b"p", b""), b"new").on(engine).unwrap();

    let keys: Vec<_> = (0..20).map(|n| (b"p".to_vec(), vec![n])).collect();
    let rows = view.range(ROWS, b"p", None, None, false, 100).unwrap();
    assert_eq!(rows.len(), 20);
    assert!(rows.iter().all(|row| row.value == b"old"));
    assert!(
        view.get_many(ROWS, &keys).unwrap().iter().all(|row| row.as_ref().unwrap().1 == b"old")
    );
    assert_eq!(view.scan(ROWS, None, 100).unwrap(), rows);
    assert_eq!(view.scan(MORE, None, 100).unwrap(), []);
    let guard = view.partition_versions(ROWS, &[b"p".to_vec()]).unwrap();
    drop(view);
    assert_ne!(guard[0], guard_version(engine, ROWS, b"p"));
    assert_eq!(all(engine, ROWS).len(), 30);
}

fn what_was_synced_is_found_after_reopening(house: &mut House) {
    for n in 0..300_u16 {
        let batch = Do::default().put(key(ROWS, &n.to_be_bytes(), b""), &[7; 500]);
        batch.guard(ROWS, &n.to_be_bytes()).on(house.engine()).unwrap();
    }
    let (rows, tables) =
        (all(house.engine(), ROWS), house.engine().read().unwrap().tables().unwrap());
    assert_eq!((rows.len(), tables), (300, vec!["guard:store.rows".to_owned(), ROWS.to_owned()]));
    for _ in 0..2 {
        house.reopen();
        assert_eq!(all(house.engine(), ROWS), rows);
        assert!(guard_version(house.engine(), ROWS, &[0, 9]).is_some());
    }
}

fn versions_differ_across_reopening(house: &mut House) {
    let row = key(ROWS, b"a", b"");
    let mut seen = Vec::new();
    for _ in 0..3 {
        for _ in 0..3 {
            Do::default().put(row.clone(), b"v").on(house.engine()).unwrap();
            let version = version(house.engine(), &row).unwrap();
            assert!(!seen.contains(&version));
            seen.push(version);
        }
        house.reopen();
    }
}

fn large_rows_fit(house: &mut House) {
    let (engine, value) = (house.engine(), vec![0xa5; limits::VALUE_MAX]);
    let row = key(ROWS, &vec![0xff; limits::KEY_MAX - 10], &[0xff; 10]);
    let batch = (0..4_u8).fold(Do::default().put(row.clone(), &value), |batch, n| {
        batch.put(key(ROWS, b"p", &[n]), &value)
    });
    batch.on(engine).unwrap();
    assert_eq!(get(engine, &row).unwrap().1, value);
    assert_eq!(all(engine, ROWS).len(), 5);
}

fn a_limit_is_named(house: &mut House) {
    let (rows, long) = (table!("typed", 1), "x".repeat(limits::KEY_MAX + 1));
    let value = "x".repeat(limits::VALUE_MAX + 1);
    let typed: &store::Table<String, (), String> = &rows;
    let mut key_too_long = Batch::default();
    key_too_long.put(typed, &long, &(), &String::new());
    let mut value_too_long = Batch::default();
    value_too_long.put(typed, &"p".to_owned(), &(), &value);
    let mut commit_too_long = Batch::default();
    for n in 0..70 {
        commit_too_long.put(typed, &n.to_string(), &(), &"x".repeat(limits::VALUE_MAX - 10));
    }
    let mut too_many = Batch::default();
    for n in 0..=limits::WRITES_MAX {
        too_many.delete(typed, &n.to_string(), &());
    }
    for (batch, named) in [
        (key_too_long, "limits::KEY_MAX"),
        (value_too_long, "limits::VALUE_MAX"),
        (commit_too_long, "limits::COMMIT_MAX"),
        (too_many, "limits::WRITES_MAX"),
    ] {
        match house.store().apply(batch) {
            Err(StoreError::TooLarge { limit, max, asked }) => {
                assert_eq!(limit, named);
                assert!(asked > max);
            }
            other => panic!("{named}: {other:?}"),
        }
    }
    assert_eq!(all(house.engine(), "store.typed"), []);
}

fn typed_tables_read_back(house: &mut House) {
    let typed: store::Table<u32, String, (u8, String)> = table!("typed", 3);
    let mut batch = Batch::default();
    for (partition, sort) in [(1, "a"), (1, "b"), (1, "c"), (2, "a")] {
        batch.put(&typed, &partition, &sort.to_owned(), &(9, sort.to_owned()));
    }
    house.store().commit(batch).unwrap();
    let view = house.store().read().unwrap();
    let names = |rows: Vec<(String, store::Row<(u8, String)>)>| {
        rows.into_iter().map(|(sort, _)| sort).collect::<String>()
    };
    assert_eq!(names(view.range(&typed, &1, Some(&"b".to_owned()), 9).unwrap()), "bc");
    assert_eq!(names(view.range_back(&typed, &1, Some(&"c".to_owned()), 9).unwrap()), "ba");
    assert_eq!(view.scan(&typed, Some(&(1, "a".to_owned())), 9).unwrap().len(), 3);
    assert_eq!(view.get(&typed, &2, &"a".to_owned()).unwrap().unwrap().value.0, 9);

    let older: store::Table<u32, String, (u8, String)> = table!("typed", 2);
    let newer = view.get(&older, &2, &"a".to_owned());
    assert!(matches!(newer, Err(StoreError::NewerFormat { found: 3, known: 2, .. })));
}
