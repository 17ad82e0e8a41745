//! How pages are for who sees them, in a real browser.

use super::Served;
use crate::sdks::driver::Browser;
use crate::sdks::node_modules;
use serde_json::Value;

/// The longest page, bytes.
const PAGE_BYTES_MAX: usize = 100_000;

/// Every page in every language, on a phone's width and a desk's, in a real browser: nothing that axe
/// finds, nothing in the console, nothing that sticks out, nobody else called.
#[test]
fn pages_are_accessible_in_every_language_on_every_width() {
    let axe = axe();
    let mut served = Served::new();
    served.share_a_home();
    let visitor = served.comes_in("ada");
    served.says(&visitor, "marketing", "no");
    // Requests of each state, and a value that was corrected.
    for kind in ["access", "restriction", "erasure"] {
        let fields = [("token", &*visitor.token), ("kind", kind)];
        assert_eq!(served.form("/me/requests", &visitor.cookie, &fields).status, 303);
    }
    let fields = [("token", &*visitor.token), ("name", "given_name"), ("value", "Augusta")];
    assert_eq!(served.form("/me/correct", &visitor.cookie, &fields).status, 303);
    let link = served.link("ada");
    let profile = tempfile::tempdir().unwrap();
    let mut browser = Browser::start(profile.path());
    let home = format!("http://{}", served.running.address);
    browser.open(&format!("{home}{link}"));
    examined(&mut browser, &axe, "in");
    browser.run("document.querySelector('main button').click()");
    for language in ["de", "fr", "es", "ar", "en"] {
        browser.open(&format!("{home}/me"));
        let choose = format!(
            "document.getElementById('language').value = '{language}';
             document.querySelector('footer button').click()"
        );
        browser.run(&choose);
        for (name, path) in [
            ("contract", "/me"),
            ("messages", "/me/messages"),
            ("data", "/me/data"),
            ("uses", "/me/uses"),
            ("household", "/me/household"),
            ("take", "/me/take"),
            ("requests", "/me/requests"),
        ] {
            for width in [320, 1_000] {
                browser.resize(width, 900);
                browser.open(&format!("{home}{path}"));
                assert_eq!(browser.run("return document.documentElement.lang"), language);
                let place = format!("{name}-{language}-{width}");
                examined(&mut browser, &axe, &place);
                keep_picture(&mut browser, &place);
            }
        }
    }
    // Its own pages a browser loads from itself.
    let called = |url: &str| url.starts_with("http") && !url.starts_with(&home);
    let others: Vec<_> = browser.asked().into_iter().filter(|asked| called(&asked.url)).collect();
    assert!(others.is_empty(), "{others:?}");
    assert_eq!(browser.console(), [""; 0]);
}

/// What finds what is not accessible.
pub(crate) fn axe() -> String {
    std::fs::read_to_string(node_modules().join("axe-core/axe.min.js")).unwrap()
}

pub(crate) fn examined(browser: &mut Browser, axe: &str, place: &str) {
    let size = browser.run("return document.documentElement.outerHTML.length").as_u64().unwrap();
    assert!(usize::try_from(size).unwrap() < PAGE_BYTES_MAX, "{place}: {size} bytes");
    let sticks = browser
        .run("return document.documentElement.scrollWidth - document.documentElement.clientWidth");
    assert_eq!(sticks, 0, "{place} is wider than its window");
    browser.run(axe);
    let found = browser.told("(() => axe.run())", &Value::Null);
    let found: Vec<String> = found["violations"]
        .as_array()
        .unwrap()
        .iter()
        .map(|found| format!("{}: {}", found["id"], found["nodes"][0]["html"]))
        .collect();
    assert_eq!(found, [""; 0], "{place}");
}

/// Keeps a picture of the page, where somebody wants some.
fn keep_picture(browser: &mut Browser, place: &str) {
    if let Some(dir) = std::env::var_os("BONAFIDE_PICTURES") {
        let path = std::path::Path::new(&dir).join(format!("{place}.png"));
        std::fs::write(path, browser.picture()).unwrap();
    }
}
