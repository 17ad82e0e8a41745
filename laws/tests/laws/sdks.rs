//! The SDKs people already run need another host and nothing else: each tells the same story, as
//! published, to the real server. Here are those for servers; those for browsers need one, and stand
//! in `browser`.

mod browser;
pub(crate) mod driver;
mod manners;
mod shop;

use laws::client::Client;
use laws::house::{BRAND, DESK};
use laws::process::Site;
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
use std::thread;
use std::time::Duration;

/// The scripts, and which versions of the SDKs they run.
const SCRIPTS: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/sdks");

/// The source of the SDKs.
const SOURCE: &str = r#"
[[source]]
slug = "backend"
kind = "server"
write_keys = ["backend-write-key", "backend:write-key"]
namespace = "shop"
trust = 50
collects_under = "service_provision"
"#;
const KEY: &str = "backend-write-key";
/// `@jitsu/js` starts with no key that has no colon in it.
const KEY_OF_TWO_PARTS: &str = "backend:write-key";

/// The longest wait for a script, and how often to look; milliseconds.
const PATIENCE_MS: u64 = 45_000;
const LOOK_MS: u64 = 20;

/// Where installed SDKs stay between runs: beside the directory for what tests throw away.
fn place() -> PathBuf {
    Path::new(env!("CARGO_TARGET_TMPDIR")).with_file_name("sdks")
}

/// Runs `install` in a directory, unless it ran there for the same `list` of packages already.
/// Whoever installs holds a lock: tests run in threads, and some runners give each a process.
fn installed(name: &str, list: &str, install: impl Fn(&Path)) -> PathBuf {
    let dir = place().join(name);
    fs::create_dir_all(&dir).unwrap();
    let lock = File::create(place().join(format!("{name}.lock"))).unwrap();
    lock.lock().unwrap();
    let (stamp, wanted) = (dir.join("installed"), script(list));
    if fs::read(&stamp).ok() != fs::read(&wanted).ok() {
        drop(fs::remove_file(&stamp));
        install(&dir);
        fs::copy(wanted, stamp).unwrap();
    }
    dir
}

fn script(name: &str) -> PathBuf {
    Path::new(SCRIPTS).join(name)
}

/// Runs a step of an installation, which must succeed.
fn step(command: &mut Command, needs: &str) {
    let said = match command.stdin(Stdio::null()).output() {
        Ok(Output { status, .. }) if status.success() => return,
        Ok(Output { stdout, stderr, .. }) => {
            String::from_utf8_lossy(&[stdout, stderr].concat()).into_owned()
        }
        Err(error) => error.to_string(),
    };
    panic!("the SDKs cannot be installed: {needs}; {command:?} says: {said}");
}

/// The modules of the SDKs for Node.js.
pub(crate) fn node_modules() -> PathBuf {
    let needs = "install nodejs and npm, and let npm reach its registry";
    let dir = installed("node", "package-lock.json", |dir| {
        for list in ["package.json", "package-lock.json"] {
            fs::copy(script(list), dir.join(list)).unwrap();
        }
        let quiet = ["ci", "--ignore-scripts", "--no-audit", "--no-fund", "--prefix"];
        step(Command::new("npm").args(quiet).arg(dir), needs);
        step(Command::new("node").arg("--version"), needs);
    });
    dir.join("node_modules")
}

/// A Python with the SDKs.
fn python() -> PathBuf {
    let needs = "install python3 and python3-venv, and let pip reach PyPI";
    let dir = installed("python", "requirements.txt", |dir| {
        step(Command::new("python3").args(["-m", "venv", "--clear"]).arg(dir), needs);
        let pip = ["-m", "pip", "install", "--disable-pip-version-check", "--requirement"];
        let list = script("requirements.txt");
        step(Command::new(dir.join("bin/python")).args(pip).arg(list), needs);
    });
    dir.join("bin/python")
}

fn node_runs(name: &str) -> Command {
    let mut command = Command::new("node");
    command.env("NODE_PATH", node_modules()).arg(script(name));
    command
}

fn python_runs(module: &str) -> Command {
    let mut command = Command::new(python());
    command.arg(script("python_story.py")).arg(module);
    command
}

/// What a script reports in its last line. It is killed when it hangs.
fn report(command: &mut Command) -> Value {
    // A proxy of this machine has no business with a server on it.
    command.env("NO_PROXY", "127.0.0.1").env("no_proxy", "127.0.0.1").stdin(Stdio::null());
    let mut child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    let mut looks = 0..PATIENCE_MS / LOOK_MS;
    while child.try_wait().unwrap().is_none() {
        if looks.next().is_none() {
            child.kill().unwrap();
            break;
        }
        thread::sleep(Duration::from_millis(LOOK_MS));
    }
    let Output { status, stdout, stderr } = child.wait_with_output().unwrap();
    let (said, why) = (String::from_utf8_lossy(&stdout), String::from_utf8_lossy(&stderr));
    assert!(status.success(), "{command:?}: {status}: {said}{why}");
    let last = said.lines().last().and_then(|line| serde_json::from_str(line).ok());
    last.unwrap_or_else(|| panic!("{command:?} reports nothing: {said}{why}"))
}

/// The samples of a metric whose line begins with `prefix`, added up by their label `status`.
fn by_status(metrics: &str, prefix: &str) -> BTreeMap<String, u64> {
    let mut counts = BTreeMap::new();
    for line in metrics.lines().filter(|line| line.starts_with(prefix)) {
        let (_, status) = line.split_once("status=\"").unwrap();
        let (status, count) = status.split_once("\"} ").unwrap();
        *counts.entry(status.to_owned()).or_default() += count.parse::<u64>().unwrap();
    }
    counts
}

/// Lets an SDK tell the story of `calls` calls to a server of its own, and checks what came of it.
fn tells(command: &mut Command, write_key: &str, calls: u64) {
    let dir = tempfile::tempdir().unwrap();
    let site = Site::new(dir.path());
    fs::write(dir.path().join("bonafide.toml"), format!("{BRAND}{SOURCE}")).unwrap();
    let server = site.serve("warn");
    let told = report(command.arg(format!("http://{}", server.address)).arg(write_key));
    assert_eq!(told, json!({ "sent": calls, "confirmed": calls, "errors": [] }), "{}", site.log());

    let mut client = Client::new(server.address);
    let metrics = client.call("GET", "/metrics", &[], b"").unwrap().text();
    let events = by_status(&metrics, "bonafide_intake_events_total{");
    let others =
        ["duplicate", "declined", "quarantined", "suppressed"].map(|status| (status.to_owned(), 0));
    let accepted = ("accepted".to_owned(), calls);
    assert_eq!(events, others.into_iter().chain([accepted]).collect(), "sent once, and taken");
    let requests = by_status(&metrics, "bonafide_http_requests_total{method=\"POST\",");
    let taken = requests.get("200").copied().unwrap_or_default();
    assert!(requests.len() == 1 && (1..=calls).contains(&taken), "{requests:?}");
    knows(&mut client, calls);
}

/// The person of the story is found with every trait, and with every call.
fn knows(client: &mut Client, calls: u64) {
    let story: Value = serde_json::from_slice(&fs::read(script("story.json")).unwrap()).unwrap();
    let traits = &story["traits"];
    let email = traits["email"].as_str().unwrap().replace('@', "%40");
    let path = format!("/api/people/lookup?type=email&value={email}");
    let found = client.read(DESK, "service_provision", &path);
    assert_eq!(found.status, 200, "{}", found.text());
    let found = found.json();
    let values = found["values"].as_array().unwrap().iter();
    let values: BTreeMap<_, _> =
        values.map(|v| (v["name"].as_str().unwrap(), &v["value"])).collect();
    let wanted = [("email", "email"), ("given_name", "firstName"), ("family_name", "lastName")];
    for (name, sent_as) in wanted {
        assert_eq!(values.get(name), Some(&&traits[sent_as]), "{name}: {found}");
    }
    let records = found["records"].as_array().unwrap().iter();
    let events: u64 = records.filter_map(|record| record["events"].as_u64()).sum();
    assert_eq!(events, calls, "{found}");
}

#[test]
fn sdk_segment_analytics_node() {
    tells(&mut node_runs("segment_node.cjs"), KEY, 5);
}

#[test]
fn sdk_segment_analytics_node_legacy() {
    tells(&mut node_runs("segment_node_legacy.cjs"), KEY, 5);
}

#[test]
fn sdk_rudderstack_node() {
    tells(&mut node_runs("rudder_node.cjs"), KEY, 5);
}

#[test]
fn sdk_jitsu_node() {
    tells(&mut node_runs("jitsu_node.cjs"), KEY_OF_TWO_PARTS, 4);
}

#[test]
fn sdk_segment_python() {
    tells(&mut python_runs("segment.analytics"), KEY, 5);
}

#[test]
fn sdk_rudderstack_python() {
    tells(&mut python_runs("rudderstack.analytics"), KEY, 5);
}
