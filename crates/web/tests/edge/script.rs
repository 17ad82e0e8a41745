//! Scripts for pages: ours, and the operator's in its place.

use crate::house::{CLOSED, House, SHOP};
use std::fs;

const ORIGIN: &str = "https://shop.example";

fn analytics(key: &str) -> String {
    format!("/analytics.js/v1/{key}/analytics.min.js")
}

#[tokio::test]
async fn a_page_gets_our_script_by_either_address() {
    let house = House::new();
    for path in [&analytics(SHOP), "/p.js", "/analytics.js/shop-write-key/analytics.min.js"] {
        let answer = house.call("GET", path, &[("origin", ORIGIN)], "").await;
        assert_eq!(answer.status, 200, "{path}");
        assert!(answer.text().starts_with("/*! bonafide.js"), "{path}");
        for (name, value) in [
            ("content-type", "text/javascript; charset=utf-8"),
            ("cache-control", "public, max-age=300"),
            ("x-content-type-options", "nosniff"),
            ("access-control-allow-origin", ORIGIN),
            ("cross-origin-resource-policy", "cross-origin"),
            ("vary", "Origin"),
        ] {
            assert_eq!(answer.header(name), Some(value), "{path}: {name}");
        }
    }
}

#[tokio::test]
async fn a_page_that_has_the_script_is_told_so() {
    let house = House::new();
    let etag = house.call("GET", "/p.js", &[], "").await.header("etag").unwrap().to_owned();
    let cases = [(etag.clone(), 304), (format!("W/{etag}, \"x\""), 304), ("\"x\"".to_owned(), 200)];
    for (known, status) in cases {
        let answer = house.call("GET", "/p.js", &[("if-none-match", &known)], "").await;
        assert_eq!(answer.status, status, "{known}");
        assert_eq!(answer.header("etag"), Some(&*etag));
        assert_eq!(answer.bytes.is_empty(), status == 304);
    }
}

#[tokio::test]
async fn a_wrong_key_is_told_at_once() {
    let house = House::new();
    for (key, status, code) in
        [("nobody", 401, "unknown_write_key"), (CLOSED, 403, "source_disabled")]
    {
        let answer = house.call("GET", &analytics(key), &[], "").await;
        assert_eq!((answer.status.as_u16(), &answer.json()["code"]), (status, &code.into()));
    }
}

/// Serves a directory with a script and a part of it, beside a file that is nobody's business.
fn with_scripts() -> (House, tempfile::TempDir) {
    let dir = tempfile::tempdir().unwrap();
    let scripts = dir.path().join("scripts");
    fs::create_dir(&scripts).unwrap();
    fs::write(dir.path().join("secret.js"), "secret").unwrap();
    fs::write(scripts.join("analytics.min.js"), "theirs()").unwrap();
    fs::write(scripts.join("part.bundle.0a1b.js"), "part()").unwrap();
    fs::write(scripts.join("notes.txt"), "secret").unwrap();
    (House::with_scripts(web::Scripts::with_those_in(&scripts).unwrap()), dir)
}

#[tokio::test]
async fn the_operator_s_script_stands_in_for_ours() {
    let (house, _dir) = with_scripts();
    for (path, text) in
        [(&*analytics(SHOP), "theirs()"), ("/analytics-next/bundles/part.bundle.0a1b.js", "part()")]
    {
        let answer = house.call("GET", path, &[], "").await;
        assert_eq!((answer.status.as_u16(), &*answer.text()), (200, text), "{path}");
    }
    assert!(house.call("GET", "/p.js", &[], "").await.text().contains("bonafide.js"));
}

#[tokio::test]
async fn no_path_leads_to_another_file() {
    let (house, dir) = with_scripts();
    let absolute = format!("{}/secret.js", dir.path().display()).replace('/', "%2f");
    for name in [
        "secret.js",
        "notes.txt",
        "../secret.js",
        "..%2fsecret.js",
        "%2e%2e%2fsecret.js",
        "..%5csecret.js",
        "part.bundle.0a1b.js%00.txt",
        "./part.bundle.0a1b.js/../../secret.js",
        &absolute,
        "",
    ] {
        for prefix in ["/analytics-next/bundles/", "/analytics.js/v1/shop-write-key/"] {
            let answer = house.call("GET", &format!("{prefix}{name}"), &[], "").await;
            assert_eq!(answer.status, 404, "{prefix}{name}: {}", answer.text());
            assert!(!answer.text().contains("secret"), "{prefix}{name}");
        }
    }
}
