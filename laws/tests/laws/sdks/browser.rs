//! The SDKs for browsers, each in a real Chromium, on a page of another origin, against the real
//! server. The browser resolves no name, and its own log says that nobody else was called.

use super::driver::{Asked, Browser};
use super::{by_status, node_modules, script, shop, step};
use laws::client::Client;
use laws::house::{ANALYST, BRAND, DESK, NEWSLETTER, PRIVACY};
use laws::process::{Server, Site};
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::fs;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::thread;
use std::time::Duration;

/// The source of the pages.
const SOURCE: &str = r#"
[[source]]
slug = "pages"
kind = "web"
write_keys = ["page-write-key", "page:write-key"]
namespace = "shop"
trust = 50
collects_under = "service_provision"
consent_map = { ads = ["marketing"], numbers = ["analytics"], partners = ["third_party_sharing"] }
"#;
const KEY: &str = "page-write-key";
/// Jitsu's script starts with no key that has no colon in it.
const KEY_OF_TWO_PARTS: &str = "page:write-key";

/// The longest wait for events, and how often to look; milliseconds.
const PATIENCE_MS: u64 = 30_000;
const LOOK_MS: u64 = 50;

/// How a page comes by its SDK.
#[derive(Clone, Copy, Debug)]
enum Page {
    /// It bundles the SDK: the script of `laws/sdks/browser` that does.
    Bundles(&'static str),
    /// It asks the house for the script that is there: the script that asks.
    AsksFor(&'static str),
    /// The same, where the operator has put the vendor's script.
    AsksForTheVendor(&'static str),
}

/// What is particular about an SDK.
#[derive(Clone, Copy, Debug)]
struct Sdk {
    page: Page,
    /// What it shows.
    key: &'static str,
    /// Whether it has `alias`.
    aliases: bool,
    /// Whether the page can say what the visitor allows.
    consents: bool,
    /// Whether browsers ask the house before they send its events.
    preflights: bool,
    /// On how many records the visit stands.
    records: usize,
}

const OURS: Sdk = Sdk {
    page: Page::AsksFor("snippet.js"),
    key: KEY,
    aliases: true,
    consents: true,
    preflights: false,
    records: 2,
};

/// A house that serves, pages that are not its own, and a browser that looks at them.
struct Visit {
    server: Server,
    shop: SocketAddr,
    browser: Browser,
    _dir: tempfile::TempDir,
}

impl Visit {
    fn new(page: Page, objects: bool) -> Self {
        let dir = tempfile::tempdir().unwrap();
        let site = Site::new(dir.path());
        let scripts = dir.path().join("scripts");
        fs::create_dir(&scripts).unwrap();
        let intake = match page {
            Page::Bundles(_) | Page::AsksFor(_) => String::new(),
            Page::AsksForTheVendor(_) => {
                put_vendor_s_scripts(&scripts);
                format!("\n[intake]\nscripts_dir = {:?}\n", scripts.display().to_string())
            }
        };
        // The brand of the laws says something of the intake already.
        let brand =
            BRAND.replace("\n[intake]\n", if intake.is_empty() { "\n[intake]\n" } else { &intake });
        fs::write(dir.path().join("bonafide.toml"), format!("{brand}{SOURCE}")).unwrap();
        let server = site.serve("warn");
        let mut browser = Browser::start(&dir.path().join("profile"));
        if objects {
            browser.objects();
        }
        Self { server, shop: shop::open(files(page)), browser, _dir: dir }
    }

    /// Lets the page tell the story of a visitor; gives the visitor's id.
    fn tell(&mut self, key: &str, who: &Value, consent: &Value) -> String {
        self.browser.open(&format!("http://{}/lamps", self.shop));
        let host = format!("http://{}", self.server.address);
        let told = json!({ "host": host, "writeKey": key, "consent": consent, "who": who });
        let visitor = self.browser.told("window.tell", &told);
        visitor.as_str().unwrap_or_else(|| panic!("no visitor: {visitor}")).to_owned()
    }

    /// How many events came to what, once `wanted` were accepted.
    fn events(&mut self, wanted: u64) -> BTreeMap<String, u64> {
        let mut client = Client::new(self.server.address);
        let mut count = || {
            let metrics = client.call("GET", "/metrics", &[], b"").unwrap().text();
            by_status(&metrics, "bonafide_intake_events_total{")
        };
        for _ in 0..PATIENCE_MS / LOOK_MS {
            if count().get("accepted").is_some_and(|&accepted| accepted >= wanted) {
                break;
            }
            thread::sleep(Duration::from_millis(LOOK_MS));
        }
        // Whoever would send twice has the time to.
        thread::sleep(Duration::from_millis(500));
        count()
    }
}

/// What the shop's server has for a page.
fn files(page: Page) -> BTreeMap<&'static str, Vec<u8>> {
    let read = |name: &str| fs::read(script("browser").join(name)).unwrap();
    let sdk = match page {
        Page::Bundles(name) => bundled(name),
        Page::AsksFor(name) | Page::AsksForTheVendor(name) => read(name),
    };
    let html = br#"<!doctype html><html lang="en"><title>Desk lamps</title>
        <script src="/story.js"></script><script src="/sdk.js"></script>"#;
    BTreeMap::from([
        ("/lamps", html.to_vec()),
        ("/story.js", read("story.js")),
        ("/sdk.js", sdk),
        ("/elsewhere", b"<!doctype html><title>Elsewhere</title>".to_vec()),
    ])
}

/// A page's script with the SDK that it imports, as a build of a shop's pages makes it.
fn bundled(name: &str) -> Vec<u8> {
    let modules = node_modules();
    let out = tempfile::tempdir().unwrap();
    let file = out.path().join("bundle.js");
    let mut build = Command::new(modules.join(".bin/esbuild"));
    build.arg(script("browser").join(name)).args(["--bundle", "--format=iife"]);
    build.arg(format!("--outfile={}", file.display())).env("NODE_PATH", &modules);
    step(&mut build, "npm installs esbuild with the SDKs");
    fs::read(file).unwrap()
}

/// What an operator does who prefers the vendor's own script.
fn put_vendor_s_scripts(dir: &Path) {
    let modules = node_modules();
    fs::copy(modules.join("@jitsu/js/dist/web/p.js.txt"), dir.join("p.js")).unwrap();
    let built = modules.join("@segment/analytics-next/dist/umd");
    for entry in fs::read_dir(built).unwrap() {
        let path: PathBuf = entry.unwrap().path();
        let name = path.file_name().and_then(|name| name.to_str()).unwrap();
        if name == "standalone.js" {
            fs::copy(&path, dir.join("analytics.min.js")).unwrap();
        } else if name.contains(".bundle.") && path.extension().is_some_and(|end| end == "js") {
            fs::copy(&path, dir.join(name)).unwrap();
        }
    }
}

fn story() -> Value {
    let story: Value = serde_json::from_slice(&fs::read(script("story.json")).unwrap()).unwrap();
    let mut story = story;
    story["earlierId"] = json!("browser-6001");
    story
}

/// A visitor comes, and everything about the visit is as it should be.
fn visited(sdk: Sdk, objects: bool) {
    let mut visit = Visit::new(sdk.page, objects);
    let who = story();
    let consent = json!({ "ads": true, "numbers": false, "partners": true });
    let visitor = visit.tell(sdk.key, &who, &consent);
    let calls = if sdk.aliases { 6 } else { 5 };
    let events = visit.events(calls);
    let console = visit.browser.console();
    let others =
        ["duplicate", "declined", "quarantined", "suppressed"].map(|status| (status.to_owned(), 0));
    let wanted = others.into_iter().chain([("accepted".to_owned(), calls)]).collect();
    assert_eq!(events, wanted, "sent once, and taken: {console:?}");

    let mut client = Client::new(visit.server.address);
    let person = is_one_person(&mut client, &who, &visitor, (calls, sdk.records));
    happened_once(&mut client, &person, sdk.aliases);
    if sdk.consents {
        agreed(&mut client, &person, objects);
    }
    let asked = visit.browser.asked();
    nobody_else_was_called(&asked);
    let preflights = asked.iter().filter(|asked| asked.preflight).count();
    // The browser's objection is a header that the tools of this test add, not the page.
    if !objects {
        assert_eq!(preflights > 0, sdk.preflights, "{asked:?}");
    }
}

/// The unknown visitor and the customer who signed in are one, with every event.
fn is_one_person(
    client: &mut Client,
    who: &Value,
    visitor: &str,
    (calls, wanted): (u64, usize),
) -> String {
    let email = who["traits"]["email"].as_str().unwrap().replace('@', "%40");
    let by_email = format!("/api/people/lookup?type=email&value={email}");
    let found = client.read(DESK, "service_provision", &by_email);
    assert_eq!(found.status, 200, "{}", found.text());
    let found = found.json();
    let records = found["records"].as_array().unwrap();
    assert_eq!(records.len(), wanted, "a visitor and a customer: {found}");
    let events: u64 = records.iter().filter_map(|record| record["events"].as_u64()).sum();
    assert_eq!(events, calls, "{found}");
    let blind = client.read(
        DESK,
        "service_provision",
        &format!("/api/people/lookup?type=anonymous_id&value={visitor}"),
    );
    assert_eq!(blind.json()["person"], found["person"], "{visitor}: {}", blind.text());
    found["person"].as_str().unwrap().to_owned()
}

/// Each call stands in the timeline once.
fn happened_once(client: &mut Client, person: &str, aliases: bool) {
    let path = format!("/api/people/{person}/timeline");
    let timeline = client.read(DESK, "service_provision", &path).json();
    let mut kinds = BTreeMap::<&str, u64>::new();
    for event in timeline["events"].as_array().unwrap() {
        *kinds.entry(event["kind"].as_str().unwrap()).or_default() += 1;
    }
    let mut wanted = BTreeMap::from([("page", 1), ("track", 2), ("identify", 1), ("group", 1)]);
    if aliases {
        wanted.insert("alias", 1);
    }
    assert_eq!(kinds, wanted, "{timeline}");
}

/// What the visitor allowed is allowed, and what not is not, whatever the visitor's browser objects
/// to.
fn agreed(client: &mut Client, person: &str, objects: bool) {
    let contract =
        client.read(PRIVACY, "subject_access", &format!("/api/people/{person}/contract")).json();
    let grants: BTreeMap<&str, bool> = contract["grants"]
        .as_array()
        .unwrap()
        .iter()
        .map(|line| (line["grant"].as_str().unwrap(), line["allowed"].as_bool().unwrap()))
        .collect();
    for (grant, wanted) in [
        ("marketing", true),
        ("analytics", false),
        ("third_party_sharing", !objects),
        ("cross_context_advertising", false),
    ] {
        assert_eq!(grants[grant], wanted, "{grant}: {contract}");
    }
    let said = contract["signals"].as_array().unwrap();
    assert_eq!(said.iter().any(|signal| signal["method"] == "gpc"), objects, "{contract}");
    let path = format!("/api/people/{person}");
    assert_eq!(client.read(NEWSLETTER, "marketing", &path).status, 200);
    assert_eq!(client.read(ANALYST, "analytics", &path).status, 403);
}

fn nobody_else_was_called(asked: &[Asked]) {
    // Other schemes, such as those of the browser's own pages, never leave it.
    let leaves = |asked: &&Asked| ["http", "ws"].iter().any(|begin| asked.url.starts_with(begin));
    let calls: Vec<_> = asked.iter().filter(leaves).collect();
    assert!(!calls.is_empty(), "the browser's log is empty");
    for call in calls {
        assert!(call.url.starts_with("http://127.0.0.1:"), "{call:?}");
    }
}

fn visited_both_ways(sdk: Sdk) {
    visited(sdk, false);
    visited(sdk, true);
}

#[test]
fn browser_segment_analytics_next() {
    let page = Page::Bundles("analytics_next.js");
    visited_both_ways(Sdk {
        page,
        key: KEY,
        aliases: true,
        consents: true,
        preflights: true,
        records: 2,
    });
}

#[test]
fn browser_rudderstack_analytics_js() {
    let page = Page::Bundles("rudder.js");
    visited_both_ways(Sdk {
        page,
        key: KEY,
        aliases: true,
        consents: true,
        preflights: true,
        records: 2,
    });
}

#[test]
fn browser_jitsu_js() {
    let page = Page::Bundles("jitsu.js");
    visited_both_ways(Sdk {
        page,
        key: KEY,
        aliases: false,
        consents: true,
        preflights: true,
        records: 2,
    });
}

#[test]
fn browser_our_script_by_the_snippet() {
    visited_both_ways(OURS);
}

#[test]
fn browser_our_script_by_the_tag() {
    visited_both_ways(Sdk { page: Page::AsksFor("tag.js"), ..OURS });
}

#[test]
fn browser_the_vendors_scripts_in_the_operator_s_directory() {
    // They are the vendors': they read consent elsewhere. Segment's looks at who signs in first, so
    // that nothing in the queue is of an unknown visitor.
    let segment = Page::AsksForTheVendor("snippet.js");
    let sdk = Sdk {
        page: segment,
        key: KEY,
        aliases: true,
        consents: false,
        preflights: true,
        records: 1,
    };
    visited(sdk, false);
    let jitsu = Page::AsksForTheVendor("tag.js");
    visited(Sdk { page: jitsu, key: KEY_OF_TWO_PARTS, aliases: false, records: 2, ..sdk }, false);
}

#[test]
fn browser_our_script_loses_nothing_when_the_visitor_leaves() {
    let mut visit = Visit::new(OURS.page, false);
    visit.tell(KEY, &story(), &json!({}));
    let leave = "(elsewhere) => { analytics.track('Left'); location.href = elsewhere; }";
    let elsewhere = format!("http://{}/elsewhere", visit.shop);
    visit.browser.told(&format!("({leave})"), &json!(elsewhere));
    let events = visit.events(7);
    assert_eq!((events["accepted"], events["duplicate"]), (7, 0), "{events:?}");
}
