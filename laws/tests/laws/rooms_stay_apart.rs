//! The arrows between rooms, and which room alone may use which library. Adding either is an
//! architectural decision: it starts with a page in `docs/decisions/`, and changes this table and
//! the page that draws the rooms in the same commit.

use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};
use std::process::Command;

/// Every crate of the workspace, and the rooms below it.
const ARROWS: &str = "
    model   ->
    store   -> model
    gate    -> model store
    vault   -> model store gate
    linkage -> model
    people  -> model store gate vault linkage
    collect -> model store gate vault linkage people
    action  -> model store gate vault people
    web     -> model gate vault linkage people collect action
    app     -> model store gate vault linkage people collect action web
    laws    -> model store gate vault linkage people collect action web app
    xtask   ->
";

/// What any room may use in its own tests and benches: a real engine to stand on.
const BELOW_EVERY_TEST: &str = "store";

/// Libraries that belong to a room. Others come in through that room's words or not at all.
const ALONE: &str = "
    fjall              -> store
    postgres           -> store
    aws-lc-rs          -> gate vault
    cedar-policy       -> gate
    roaring            -> gate people collect
    phonenumber        -> linkage
    csv                -> collect
    parquet            -> collect app
    lettre             -> action
    axum               -> web
    tokio              -> web app
    clap               -> app
    indicatif          -> app
    tracing-subscriber -> app
    trybuild           -> laws
    anyhow             -> app xtask
";

type Table<'a> = BTreeMap<&'a str, BTreeSet<&'a str>>;

fn table(text: &str) -> Table<'_> {
    let rows = text.lines().filter_map(|line| line.split_once("->"));
    rows.map(|(name, others)| (name.trim(), others.split_whitespace().collect())).collect()
}

/// What in `metadata` (`cargo metadata --no-deps`) is not as drawn, one sentence each.
fn strangers(metadata: &Value, drawn: &Table<'_>, alone: &Table<'_>) -> Vec<String> {
    let mut found = Vec::new();
    let packages = metadata["packages"].as_array().unwrap();
    let names = |of: &Value| of["name"].as_str().unwrap().to_owned();
    for package in packages {
        let room = names(package);
        let Some(below) = drawn.get(room.as_str()) else {
            found.push(format!("{room} is a crate that is not drawn"));
            continue;
        };
        for dependency in package["dependencies"].as_array().unwrap() {
            let name = names(dependency);
            let test = dependency["kind"] == "dev";
            let own_test = test && (name == BELOW_EVERY_TEST || name == room);
            if drawn.contains_key(name.as_str()) && !below.contains(name.as_str()) && !own_test {
                found.push(format!("{room} -> {name} is not drawn"));
            }
            let owners = alone.get(name.as_str());
            if !test && owners.is_some_and(|owners| !owners.contains(room.as_str())) {
                found.push(format!("{room} uses {name}, which belongs to another room"));
            }
        }
    }
    let here: BTreeSet<String> = packages.iter().map(names).collect();
    let ghosts = drawn.keys().filter(|room| !here.contains(**room));
    found.extend(ghosts.map(|room| format!("{room} is drawn and does not exist")));
    found
}

#[test]
fn rooms_depend_only_as_drawn() {
    let manifest = concat!(env!("CARGO_MANIFEST_DIR"), "/../Cargo.toml");
    let output = Command::new(env!("CARGO"))
        .args(["metadata", "--no-deps", "--format-version", "1", "--manifest-path", manifest])
        .output()
        .unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let metadata = serde_json::from_slice(&output.stdout).unwrap();
    let found = strangers(&metadata, &table(ARROWS), &table(ALONE));
    assert!(found.is_empty(), "draw it or drop it:\n{}", found.join("\n"));
}

#[test]
fn the_drawing_has_no_circle() {
    let drawn = table(ARROWS);
    let mut placed = BTreeSet::new();
    // Each round places the rooms that stand only on placed ones; a circle is never placed.
    for _ in 0..drawn.len() {
        let ready = drawn.iter().filter(|(_, below)| below.is_subset(&placed));
        placed.extend(ready.map(|(room, _)| *room).collect::<Vec<_>>());
    }
    assert_eq!(placed.len(), drawn.len(), "only {placed:?} stand on firm ground");
}

#[test]
fn a_dependency_that_is_not_drawn_is_found() {
    let drawn = table("cellar ->\n hall -> cellar\n store -> cellar");
    let alone = table("boiler -> cellar");
    let check = |room: &str, name: &str, kind: &str, want: &[&str]| {
        let kind = if kind.is_empty() { Value::Null } else { kind.into() };
        let mut packages: Vec<Value> = ["cellar", "hall", "store"]
            .iter()
            .filter(|other| **other != room)
            .map(|other| serde_json::json!({ "name": other, "dependencies": [] }))
            .collect();
        let dependency = serde_json::json!({ "name": name, "kind": kind });
        packages.push(serde_json::json!({ "name": room, "dependencies": [dependency] }));
        let metadata = serde_json::json!({ "packages": packages });
        assert_eq!(strangers(&metadata, &drawn, &alone), want, "{room} -> {name} ({kind})");
    };
    check("hall", "cellar", "", &[]);
    check("hall", "serde", "", &[]);
    check("cellar", "hall", "", &["cellar -> hall is not drawn"]);
    check("cellar", "hall", "dev", &["cellar -> hall is not drawn"]);
    check("cellar", "store", "", &["cellar -> store is not drawn"]);
    check("cellar", "store", "dev", &[]);
    check("hall", "hall", "dev", &[]);
    check("cellar", "boiler", "", &[]);
    check("hall", "boiler", "", &["hall uses boiler, which belongs to another room"]);
    check("hall", "boiler", "build", &["hall uses boiler, which belongs to another room"]);
    check("hall", "boiler", "dev", &[]);
    check("attic", "serde", "", &["attic is a crate that is not drawn"]);
}

#[test]
fn a_room_that_does_not_exist_is_found() {
    let metadata = serde_json::json!({ "packages": [] });
    let found = strangers(&metadata, &table("cellar ->"), &table(""));
    assert_eq!(found, ["cellar is drawn and does not exist"]);
}
