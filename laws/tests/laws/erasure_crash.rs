//! `kill -9` while people are erased, again and again: who was told so is gone, from a restored backup too,
//! and everybody else is there.

use laws::brand::{batch, customer};
use laws::client::Client;
use laws::house::{PRIVACY, WEB, copy_dir};
use laws::process::Site;
use laws::rounds;

use std::collections::BTreeSet;
use std::net::SocketAddr;
use std::sync::Mutex;
use std::thread;
use std::time::Duration;

const KILLS: usize = 12;
const CUSTOMERS: usize = 400;
/// Who is never to be erased: every so many.
const STAYS: usize = 4;
const ERASERS: usize = 4;
/// How long people are erased before the kill, milliseconds: at least, and up to so much more.
const LOAD_MS: (u64, usize) = (5, 90);

fn name(number: usize) -> String {
    format!("customer{number:03}")
}

fn header(key: &str) -> String {
    format!("Bearer {key}")
}

/// Who somebody is; nothing when the server has ended, an empty text when nobody is.
fn person(client: &mut Client, number: usize) -> Option<String> {
    let key = header(PRIVACY);
    let headers = [("Authorization", &*key), ("Bonafide-Purpose", "subject_access")];
    let path = format!("/api/people/lookup?type=user_id&value=user-{}", name(number));
    let answer = client.call("GET", &path, &headers, b"").ok()?;
    let found = (answer.status == 200).then(|| answer.json()["person"].as_str().map(str::to_owned));
    Some(found.flatten().unwrap_or_default())
}

/// Erases whoever is next until the server ends.
fn erase_until(address: SocketAddr, next: &Mutex<Vec<usize>>, told: &Mutex<BTreeSet<usize>>) {
    let mut client = Client::new(address);
    let key = header(PRIVACY);
    loop {
        let Some(number) = next.lock().unwrap().pop() else { return };
        let Some(person) = person(&mut client, number) else { return };
        let path = format!("/api/subjects/{person}");
        match client.call("DELETE", &path, &[("Authorization", &key)], b"") {
            Ok(answer) if answer.status == 200 => {
                told.lock().unwrap().insert(number);
            }
            Ok(answer) => assert!(matches!(answer.status, 409 | 429 | 503), "{}", answer.text()),
            Err(_) => return,
        }
    }
}

/// Whether somebody can be read.
fn reads(client: &mut Client, number: usize) -> bool {
    let person = person(client, number).unwrap();
    if person.is_empty() {
        return false;
    }
    let answer = client.read(PRIVACY, "subject_access", &format!("/api/people/{person}"));
    assert_eq!(answer.status, 200, "{number}: {}", answer.text());
    assert!(answer.text().contains(&name(number)), "{number}: {}", answer.text());
    true
}

fn check(site: &Site, asked: &BTreeSet<usize>, told: &BTreeSet<usize>) {
    let said = site.done(&["doctor"]);
    assert!(said.contains("every invariant holds"), "{said}");
    let server = site.serve("warn");
    let mut client = Client::new(server.address);
    for number in 0..CUSTOMERS {
        let there = reads(&mut client, number);
        assert!(!(there && told.contains(&number)), "{number} was told to be erased");
        assert!(there || asked.contains(&number), "{number} was never to be erased");
    }
    server.stop();
}

#[test]
fn who_was_told_to_be_erased_is_gone_whenever_the_server_is_killed() {
    let dir = tempfile::tempdir().unwrap();
    let site = Site::new(dir.path());
    let chance = laws::chance::Seeded::new(16);
    let server = site.serve("warn");
    let everybody: Vec<_> = (0..CUSTOMERS).map(|number| customer(&name(number), None)).collect();
    let mut client = Client::new(server.address);
    for some in everybody.chunks(50) {
        client.sent(WEB, &batch(some));
    }
    let backup = dir.path().join("backup");
    site.done(&["backup", backup.to_str().unwrap()]);
    server.kill();
    let going: Vec<_> = (0..CUSTOMERS).filter(|number| number % STAYS != 0).collect();
    let (next, told) = (Mutex::new(going.clone()), Mutex::new(BTreeSet::new()));
    for _ in 0..rounds(KILLS) {
        let server = site.serve("warn");
        let address = server.address;
        thread::scope(|scope| {
            for _ in 0..ERASERS {
                scope.spawn(|| erase_until(address, &next, &told));
            }
            let more = chance.below(LOAD_MS.1) as u64;
            thread::sleep(Duration::from_millis(LOAD_MS.0 + more));
            server.kill();
        });
    }
    let left = next.into_inner().unwrap();
    let asked: BTreeSet<_> = going.into_iter().filter(|number| !left.contains(number)).collect();
    let told = told.into_inner().unwrap();
    assert!(!told.is_empty(), "nobody was erased: no load");
    check(&site, &asked, &told);

    // The keys as they are now; the store as it was then.
    let other = tempfile::tempdir().unwrap();
    let restored = Site::new(other.path());
    std::fs::create_dir_all(restored.data()).unwrap();
    copy_dir(&site.data().join("keys"), &restored.data().join("keys"));
    std::fs::copy(site.data().join("witness"), restored.data().join("witness")).unwrap();
    restored.done(&["restore", backup.to_str().unwrap()]);
    check(&restored, &asked, &told);
}
