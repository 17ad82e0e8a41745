//! Likeness as the program serves it: why and how, learning on command, a restored backup.

use crate::likeness::{card, find, house, quists, record, take};
use laws::brand::batch;
use laws::client::Client;
use laws::house::{Home, NEWSLETTER, PRIVACY, WEB, copy_dir};
use laws::process::Site;
use serde_json::{Value, json};
use std::fs;

/// Asks the server of a house, for subject access.
fn ask(client: &mut Client, path: &str) -> Value {
    let answer = client.read(PRIVACY, "subject_access", path);
    assert_eq!(answer.status, 200, "{path}: {}", answer.text());
    answer.json()
}

#[test]
fn why_and_how_are_told_over_http_without_values() {
    let home = house();
    take(&home, &quists());
    let [one, two, sister] = ["z1", "z2", "m1"].map(|id| record(&home, id));
    let person = find(&home, "z1");
    let Home { house, dir, .. } = home;
    let running = app::command::start(house, "127.0.0.1:0").unwrap();
    let mut client = Client::new(running.address);
    let why = ask(&mut client, &format!("/api/people/{one}/why?other={two}"));
    assert_eq!(why["same"], true, "{why}");
    assert!(why["likeness"]["weight"].as_f64().unwrap() > 0.0, "{why}");
    let steps = why["likeness"]["steps"].as_array().unwrap();
    let sum: f64 = steps.iter().map(|step| step["adds"].as_f64().unwrap()).sum();
    let whole = why["likeness"]["start"].as_f64().unwrap() + sum;
    assert!((whole - why["likeness"]["weight"].as_f64().unwrap()).abs() < 0.01, "{why}");
    let not = ask(&mut client, &format!("/api/people/{one}/why?other={sister}"));
    assert_eq!(not["same"], false, "{not}");
    assert!(not["likeness"]["weight"].as_f64().unwrap() < 0.0, "{not}");
    assert!(not["contradictions"].as_array().unwrap().contains(&json!("given_name")), "{not}");
    let how = ask(&mut client, &format!("/api/people/{person}/how"));
    assert_eq!(how["steps"][0]["by"], "likeness", "{how}");
    for told in [why, not, how] {
        let text = told.to_string().to_lowercase();
        for value in ["zebulo", "quist", "1961", "quillon"] {
            assert!(!text.contains(value), "{text}");
        }
    }
    // Each of two people is asked about, and finds it in their own log.
    let uses = ask(&mut client, &format!("/api/people/{sister}/uses")).to_string();
    assert!(uses.matches("privacy").count() >= 2, "{uses}");
    let wrong = client.read(PRIVACY, "subject_access", &format!("/api/people/{one}/why?other=x"));
    assert_eq!(wrong.status, 400, "{}", wrong.text());
    let refused = client.read(NEWSLETTER, "marketing", &format!("/api/people/{one}/how"));
    assert_eq!(refused.status, 403, "{}", refused.text());
    drop((running, dir));
}

/// A backup from before an erasure brings nobody back, and nothing that was like them.
#[test]
fn a_restored_house_compares_nobody_who_was_erased() {
    let dir = tempfile::tempdir().unwrap();
    let site = Site::new(dir.path()).by_likeness();
    let server = site.serve("warn");
    let mut client = Client::new(server.address);
    client.sent(WEB, &batch(&quists()));
    let found = |client: &mut Client, id: &str| {
        let path = format!("/api/people/lookup?type=user_id&value={id}");
        let profile = ask(client, &path);
        let records = profile["records"].as_array().unwrap().iter();
        let ids = records.map(|record| record["id"].as_str().unwrap().to_owned());
        (profile["person"].as_str().unwrap().to_owned(), ids.collect::<Vec<_>>())
    };
    let (person, records) = found(&mut client, "z1");
    assert_eq!(records.len(), 2);
    // Two people now, and still alike: each stands in the other's row.
    let apart = records.iter().find(|id| **id != person).unwrap();
    let (key, body) = (format!("Bearer {PRIVACY}"), json!({ "records": [apart] }).to_string());
    let headers = [("Authorization", &*key), ("Content-Type", "application/json")];
    let path = format!("/api/people/{person}/unmerge");
    assert_eq!(client.call("POST", &path, &headers, body.as_bytes()).unwrap().status, 200);
    // Ids are drawn with the keys: either of the two may bear the person's.
    let left = if found(&mut client, "z1").0 == person { "z2" } else { "z1" };
    server.stop();
    explained_on_the_command_line(&site, &person, apart);
    let backup = dir.path().join("backup");
    site.done(&["backup", backup.to_str().unwrap()]);
    site.done(&["erase", "--id", &person, "--yes"]);
    assert!(site.done(&["doctor"]).contains("every invariant holds"));
    let other = tempfile::tempdir().unwrap();
    let restored = Site::new(other.path()).by_likeness();
    fs::create_dir_all(restored.data()).unwrap();
    copy_dir(&site.data().join("keys"), &restored.data().join("keys"));
    fs::copy(site.data().join("witness"), restored.data().join("witness")).unwrap();
    restored.done(&["restore", backup.to_str().unwrap()]);
    let said = restored.done(&["doctor"]);
    assert!(said.contains("every invariant holds"), "{said}");
    let server = restored.serve("warn");
    let mut client = Client::new(server.address);
    assert_eq!(found(&mut client, left).1.len(), 1);
    server.stop();
}

/// What two records are, before and after somebody says otherwise.
fn explained_on_the_command_line(site: &Site, one: &str, other: &str) {
    let why = site.done(&["why", one, other]);
    assert!(why.contains("two people") && why.contains("said not to be one"), "{why}");
    assert!(why.contains("in the end: one person with probability"), "{why}");
    assert!(!why.to_lowercase().contains("zebulo"), "{why}");
    site.done(&["merge", one, other]);
    assert!(site.done(&["why", one, other]).contains("one person\nsaid to be one"));
    assert!(site.done(&["how", one]).contains("it was said"));
    assert!(site.done(&["unmerge", one, other]).contains("two people, for ever"));
    let wrong = site.run(&["why", one, "zebulon"]);
    assert_eq!(wrong.status.code(), Some(1));
}

/// The command asks the server that has the store open.
#[test]
fn a_running_server_learns_on_command() {
    let dir = tempfile::tempdir().unwrap();
    let site = Site::new(dir.path());
    let config = dir.path().join("bonafide.toml");
    let told = fs::read_to_string(&config).unwrap();
    fs::write(&config, format!("{told}\n[linkage]\nlikeness = true\n")).unwrap();
    let server = site.serve("info");
    let mut client = Client::new(server.address);
    let refused = site.run(&["learn"]);
    let why = String::from_utf8_lossy(&refused.stderr).into_owned();
    assert!(!refused.status.success() && why.contains("too little to learn from"), "{why}");
    let cards: Vec<Value> = (0..people::LEARNED_MIN).map(stranger).collect();
    for some in cards.chunks(50) {
        client.sent(WEB, &batch(some));
    }
    client.sent(WEB, &batch(&quists()));
    server.stop();
    // Due when it starts again, and on command.
    let server = site.serve("info");
    assert!(site.log().contains("learned anew who is alike"), "{}", site.log());
    let said = site.done(&["learn"]);
    assert!(said.contains("learned from"), "{said}");
    server.stop();
    let said = site.done(&["doctor"]);
    assert!(said.contains("every invariant holds"), "{said}");
}

/// Somebody who is like nobody else.
fn stranger(nth: u64) -> Value {
    let letters: String = (0..5)
        .map(|place| char::from(b'a' + u8::try_from(nth / 3_u64.pow(place) % 3 * 7).unwrap()))
        .collect();
    let born = format!("19{:02}-{:02}-{:02}", nth % 90 + 10, nth % 12 + 1, nth % 28 + 1);
    card(
        &format!("stranger{nth}"),
        &format!("Q{letters}"),
        &format!("{letters}son{}", nth % 7),
        &born,
    )
}
