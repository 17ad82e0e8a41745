//! A marker in every kind of personal field is found nowhere outside of the process: not on disk,
//! in the log, in metrics, in errors, in the quarantine's list, or in a backup.

use laws::brand::{Sent, batches, world, write_key};
use laws::client::Client;
use laws::house::{MUTE, NEWSLETTER, PRIVACY};
use laws::process::{Server, Site};
use laws::search::Marker;
use std::fs;
use store::{EmbeddedOptions, Store};

const CANARY: &str = "q7canaryq7";
const CUSTOMERS: usize = 300;
const EVENTS: usize = 3_000;

/// The answers that anybody but the subject could see.
#[derive(Default)]
struct Heard(Vec<(String, Vec<u8>)>);

impl Heard {
    fn call(
        &mut self,
        client: &mut Client,
        method: &str,
        path: &str,
        headers: &[(&str, &str)],
        body: &[u8],
    ) -> u16 {
        let answer = client.call(method, path, headers, body).unwrap();
        let all = [answer.head.as_bytes(), &answer.body].concat();
        self.0.push((format!("{method} {path} ({})", answer.status), all));
        answer.status
    }
}

/// Sends the world in the ways of its sources.
fn play(client: &mut Client, heard: &mut Heard, sent: &[Sent]) {
    for sent in sent {
        let key = write_key(sent.source);
        let mut headers = vec![("X-Write-Key", &*key), ("Content-Type", "application/json")];
        headers.extend(sent.gpc.then_some(("Sec-GPC", "1")));
        let status = heard.call(client, "POST", "/v1/batch", &headers, sent.body.as_bytes());
        assert_eq!(status, 200);
    }
}

/// Requests that go wrong in every way, each with the marker where it hurts.
fn err(client: &mut Client, heard: &mut Heard) {
    let key = format!("Bearer {PRIVACY}");
    let own = [("Authorization", &*key), ("Bonafide-Purpose", "subject_access")];
    let web = [("X-Write-Key", "web-write-key"), ("Content-Type", "application/json")];
    let person = "0".repeat(32);
    for (path, headers) in [
        (format!("/api/people/{CANARY}"), &own[..]),
        (format!("/api/people/{person}?{CANARY}=1"), &own),
        (format!("/api/people/{person}?purpose={CANARY}"), &own[..1]),
        (format!("/api/people/{person}/timeline?before={CANARY}"), &own),
        (format!("/api/people/{person}/timeline?limit={CANARY}"), &own),
        (format!("/api/people?after={CANARY}"), &own),
        (format!("/api/people/lookup?type={CANARY}&value=x"), &own),
        (format!("/api/people/lookup?type=email&value={CANARY}"), &own),
        (format!("/api/people/lookup?type=email&value={CANARY}%40nowhere.example"), &own),
        (format!("/api/sources/{CANARY}"), &own[..1]),
        (format!("/api/quarantine/{CANARY}"), &own[..1]),
        (format!("/api/ledger/proof/{CANARY}"), &[]),
        (format!("/api/ledger/tile/{CANARY}"), &[]),
        (format!("/{CANARY}"), &[]),
        (format!("/sourceConfig?writeKey={CANARY}"), &[]),
        (format!("/v1/projects/{CANARY}/settings"), &[]),
        (format!("/pixel/v1/track?email={CANARY}&event={CANARY}"), &[]),
    ] {
        heard.call(client, "GET", &path, headers, b"");
    }
    for (path, body) in [
        ("/v1/batch", format!("{{\"batch\":[{{\"type\":\"{CANARY}\"}}]}}")),
        ("/v1/batch", format!("{{\"batch\":[{CANARY}")),
        ("/v1/batch", format!("{{\"{CANARY}\":1}}")),
        ("/v1/batch", format!("{CANARY}{CANARY}")),
        ("/v1/track", format!("{{\"event\":\"{CANARY}\",\"userId\":[\"{CANARY}\"]}}")),
        ("/v1/identify", format!("{{\"userId\":\"u\",\"traits\":\"{CANARY}\"}}")),
        (
            "/v1/track",
            format!("{{\"userId\":\"{CANARY}\",\"event\":\"e\",\"timestamp\":\"{CANARY}\"}}"),
        ),
        ("/v1/m", format!("{{\"series\":\"{CANARY}\"}}")),
        ("/v1/t", format!("{{\"writeKey\":\"{CANARY}\",\"userId\":\"u\",\"event\":\"e\"}}")),
    ] {
        heard.call(client, "POST", path, &web, body.as_bytes());
    }
    let wrong = format!("Basic {CANARY}");
    let headers = [("Authorization", &*wrong), ("Content-Encoding", CANARY)];
    heard.call(client, "POST", "/v1/batch", &headers, CANARY.as_bytes());
    let json = [("Authorization", &*key), ("Content-Type", "application/json")];
    for (method, path, body) in [
        ("POST", "/api/people/merge", format!("{{\"a\":\"{CANARY}\",\"b\":\"x\"}}")),
        ("POST", "/api/people/merge", format!("{{\"{CANARY}\":1}}")),
        ("PUT", "/api/sources/web", format!("{{\"{CANARY}\":1}}")),
        ("POST", "/api/people/lookup", format!("{{\"type\":\"{CANARY}\",\"value\":\"x\"}}")),
    ] {
        heard.call(client, method, path, &json, body.as_bytes());
    }
}

/// Reads that are refused, and lists that operators see.
fn look(client: &mut Client, heard: &mut Heard) {
    for (service, purpose) in
        [(MUTE, "marketing"), (NEWSLETTER, "analytics"), ("none", "marketing")]
    {
        let key = format!("Bearer {service}");
        let headers = [("Authorization", &*key), ("Bonafide-Purpose", purpose)];
        heard.call(client, "GET", "/api/people", &headers, b"");
        heard.call(client, "GET", "/api/people/count", &headers, b"");
    }
    let key = format!("Bearer {PRIVACY}");
    let own = [("Authorization", &*key)];
    assert_eq!(heard.call(client, "GET", "/api/quarantine?limit=500", &own, b""), 200);
    assert_eq!(heard.call(client, "GET", "/api/sources", &own, b""), 200);
    for path in ["/metrics", "/healthz", "/readyz", "/openapi.json", "/", "/problems"] {
        assert_eq!(heard.call(client, "GET", path, &[], b""), 200, "{path}");
    }
    heard.call(client, "GET", "/api/ledger/tile/entries/000.p/1", &[], b"");
    // Permitted: her own answer holds the marker, or the marker was never there.
    let answer = client.read(PRIVACY, "subject_access", "/api/people?limit=500");
    assert!(Marker::new(CANARY).found_in(&answer.body).is_some(), "{}", answer.status);
    let person = answer.json()["profiles"][0]["person"].as_str().unwrap().to_owned();
    for part in ["timeline", "uses", "contract", "links"] {
        let path = format!("/api/people/{person}/{part}");
        assert_eq!(client.read(PRIVACY, "subject_access", &path).status, 200, "{path}");
    }
}

#[test]
fn the_marker_is_found_nowhere() {
    let dir = tempfile::tempdir().unwrap();
    let site = Site::new(dir.path());
    let shop = world(7, CUSTOMERS, EVENTS, Some(CANARY));
    let sent = batches(&shop, 50);
    assert!(sent.iter().any(|sent| sent.body.contains(CANARY)));
    let server: Server = site.serve("trace");
    let (mut client, mut heard) = (Client::new(server.address), Heard::default());
    play(&mut client, &mut heard, &sent);
    err(&mut client, &mut heard);
    look(&mut client, &mut heard);
    server.stop();
    // A second life reads what the first wrote, and moves journals into tables.
    let server = site.serve("trace");
    look(&mut Client::new(server.address), &mut heard);
    server.stop();
    let backup = dir.path().join("backup");
    site.done(&["backup", backup.to_str().unwrap()]);
    site.done(&["doctor"]);
    let export = dir.path().join("ledger");
    site.done(&["ledger", "export", export.to_str().unwrap()]);
    let marker = Marker::new(CANARY);
    let mut found: Vec<String> = heard
        .0
        .iter()
        .filter_map(|(call, answer)| Some(format!("{call}: {}", marker.found_in(answer)?)))
        .collect();
    assert!(site.log().lines().count() > sent.len(), "the log is kept");
    found.extend(marker.found_below(dir.path()));
    let store = Store::embedded(&site.data().join("store"), &EmbeddedOptions::default()).unwrap();
    found.extend(marker.found_in_rows(&store));
    assert_eq!(found, [""; 0]);
    assert!(fs::metadata(backup).unwrap().len() > 100_000, "the backup holds the house");
}
