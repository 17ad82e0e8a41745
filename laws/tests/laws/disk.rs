//! A full disk: the program says so, keeps what it acknowledged, and goes on when there is room.

use laws::brand::{batch, deed};
use laws::client::Client;
use laws::house::{DESK, PRIVACY, WEB};
use laws::process::{Server, Site};
use std::fs::{self, File};
use std::io::Write;
use std::path::Path;
use std::process::Command;

/// The disk's size. The embedded store leaves a reserve of 64 MiB, and preallocates journals.
const DISK: &str = "size=400m";

/// A small file system of its own, where the machine lets us mount one.
struct Disk(tempfile::TempDir);

impl Disk {
    fn mount() -> Option<Self> {
        let dir = tempfile::tempdir().unwrap();
        let mut mount = Command::new("mount");
        mount.args(["-t", "tmpfs", "-o", DISK, "laws"]).arg(dir.path());
        let mounted = mount.output().is_ok_and(|output| output.status.success());
        mounted.then(|| Self(dir))
    }

    /// Fills it to the last byte.
    fn fill(&self) {
        let mut file = File::create(self.0.path().join("filler")).unwrap();
        let block = vec![7_u8; 1 << 20];
        while file.write_all(&block).is_ok() {}
        drop(file.sync_all());
    }

    fn free(&self) {
        fs::remove_file(self.0.path().join("filler")).unwrap();
    }
}

impl Drop for Disk {
    fn drop(&mut self) {
        let mut unmount = Command::new("umount");
        drop(unmount.arg("-l").arg(self.0.path()).output());
    }
}

fn body(serial: u64) -> String {
    let at =
        format!("2026-11-21T{:02}:{:02}:{:02}Z", serial / 3_600, serial / 60 % 60, serial % 60);
    batch(&[deed("ada", serial, &at)])
}

/// Sends `serials`; gives those that were acknowledged.
fn send(client: &mut Client, serials: std::ops::Range<u64>) -> Vec<u64> {
    let sent = serials.filter(|serial| {
        let answer = client.send(WEB, &body(*serial)).unwrap();
        let refused = matches!(answer.status, 429 | 503) && answer.header("retry-after").is_some();
        assert!(answer.status == 200 || refused, "{}: {}", answer.status, answer.text());
        answer.status == 200
    });
    sent.collect()
}

fn healthy(client: &mut Client) -> u16 {
    client.call("GET", "/healthz", &[], b"").unwrap().status
}

fn known(client: &mut Client) -> Vec<u64> {
    let path = "/api/people/lookup?type=user_id&value=user-ada";
    let found = client.read(PRIVACY, "subject_access", path).json();
    let path = format!("/api/people/{}/timeline?limit=1000", found["person"].as_str().unwrap());
    let page = client.read(PRIVACY, "subject_access", &path).json();
    let serials = page["events"].as_array().unwrap().iter().map(|event| {
        let mut parts = event["parts"].as_object().unwrap().values();
        parts.find_map(|part| part["properties"]["serial"].as_u64().or(part["serial"].as_u64()))
    });
    let mut serials: Vec<_> = serials.map(|serial| serial.unwrap_or(u64::MAX)).collect();
    serials.sort_unstable();
    serials
}

#[test]
fn on_a_full_disk_nothing_is_acknowledged_and_nothing_acknowledged_is_lost() {
    let elsewhere = tempfile::tempdir().unwrap();
    fills(&|disk| Site::logging_to(disk, elsewhere.path().join("log")));
}

/// As when somebody starts it with `2>>log` beside its data.
#[test]
fn a_log_that_cannot_be_written_changes_nothing() {
    fills(&Site::new);
}

fn fills(site: &dyn Fn(&Path) -> Site) {
    let Some(disk) = Disk::mount() else {
        // Without the right to mount, the same is tested with faults in `record_or_refuse`.
        println!("no file system can be mounted here: run as root to test a full disk");
        return;
    };
    let site = site(disk.0.path());
    let server = site.serve("info");
    let mut client = Client::new(server.address);
    let mut acknowledged = send(&mut client, 0..20);
    assert_eq!(acknowledged.len(), 20);
    disk.fill();
    let late = send(&mut client, 20..40);
    assert_eq!(late, [0; 0], "acknowledged on a full disk");
    assert_eq!(healthy(&mut client), 503);
    let read = client.read(DESK, "service_provision", "/api/people/count");
    assert_eq!(read.status, 503, "a use that cannot be recorded: {}", read.text());
    disk.free();
    let (server, mut client) = recovered(&site, server, client);
    acknowledged.extend(send(&mut client, 40..60));
    assert_eq!(acknowledged.len(), 40, "all are taken again");
    let found = known(&mut client);
    let lost: Vec<_> = acknowledged.iter().filter(|serial| !found.contains(serial)).collect();
    assert_eq!(lost, [&0; 0], "of {found:?}");
    assert!(found.windows(2).all(|pair| pair[0] != pair[1]), "twice: {found:?}");
    server.stop();
    let said = site.done(&["doctor"]);
    assert!(said.contains("every invariant holds"), "{said}");
}

/// The server is healthy again once there is room; if the disk failed it while it flushed, it says
/// so and wants to be started again.
fn recovered(site: &Site, server: Server, mut client: Client) -> (Server, Client) {
    if healthy(&mut client) == 200 {
        return (server, client);
    }
    server.kill();
    let server = site.serve("warn");
    let mut client = Client::new(server.address);
    assert_eq!(healthy(&mut client), 200);
    (server, client)
}

/// A directory that takes no writes is refused when the program starts, in words.
#[test]
fn a_data_directory_that_is_a_file_is_refused_in_words() {
    let dir = tempfile::tempdir().unwrap();
    let site = Site::new(dir.path());
    fs::write(site.data(), b"").unwrap();
    assert!(site.try_serve("warn").is_none());
    let log: String = site.log();
    assert!(log.contains("bonafide: ") && !log.contains("panicked"), "{log}");
    assert!(Path::new(&site.data()).is_file());
}
