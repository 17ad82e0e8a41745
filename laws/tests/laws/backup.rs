//! A backup is taken while the server goes on serving, and what it holds was true at one instant.

use laws::brand::{batch, deed};
use laws::client::Client;
use laws::house::{WEB, copy_dir};
use laws::process::Site;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::thread;

#[test]
fn a_backup_is_written_by_the_server_that_runs() {
    let dir = tempfile::tempdir().unwrap();
    let site = Site::new(dir.path());
    let server = site.serve("warn");
    let (stop, sent) = (AtomicBool::new(false), AtomicU64::new(0));
    let file = dir.path().join("backup");
    let acknowledged = thread::scope(|scope| {
        scope.spawn(|| {
            let mut client = Client::new(server.address);
            while !stop.load(Ordering::SeqCst) {
                let serial = sent.load(Ordering::SeqCst);
                let at = format!("2026-11-01T{:02}:{:02}:00Z", serial / 60 % 24, serial % 60);
                client.sent(WEB, &batch(&[deed(&format!("c{}", serial % 5), serial, &at)]));
                sent.fetch_add(1, Ordering::SeqCst);
            }
        });
        while sent.load(Ordering::SeqCst) < 20 {
            thread::yield_now();
        }
        let before = sent.load(Ordering::SeqCst);
        let said = site.done(&["backup", file.to_str().unwrap()]);
        assert!(said.contains("the keys are not in it"), "{said}");
        stop.store(true, Ordering::SeqCst);
        before
    });
    server.stop();
    // Into a fresh place with a copy of the keys: everything acknowledged before is there.
    let elsewhere = tempfile::tempdir().unwrap();
    let restored = Site::new(elsewhere.path());
    std::fs::create_dir_all(restored.data()).unwrap();
    copy_dir(&site.data().join("keys"), &restored.data().join("keys"));
    restored.done(&["restore", file.to_str().unwrap()]);
    let healthy = restored.done(&["doctor"]);
    assert!(healthy.contains("every invariant holds"), "{healthy}");
    let events = healthy.lines().find_map(|line| line.strip_prefix("events"));
    let events: u64 = events.unwrap().trim().parse().unwrap();
    assert!((acknowledged..=sent.into_inner()).contains(&events), "{acknowledged}: {healthy}");
}
