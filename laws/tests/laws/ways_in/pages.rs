//! How the pages of the ways in are for who sees them, in a real browser.

use super::served;
use crate::centre::pages::{axe, examined};
use crate::sdks::driver::Browser;
use laws::client::Client;
use laws::house::NEWSLETTER;
use laws::post::PostOffice;

/// Every page on which somebody comes in or refuses, in every language.
#[test]
fn the_ways_in_are_accessible_in_every_language() {
    let (axe, office) = (axe(), PostOffice::closed());
    let (mut served, _) = served(&office);
    let person = served.person("ada");
    let key = format!("Bearer {NEWSLETTER}");
    let headers = [("Authorization", &*key), ("Bonafide-Purpose", "marketing")];
    let path = format!("/api/subjects/{person}/message");
    let links = served.client.call("POST", &path, &headers, b"").unwrap().json();
    let path = |name: &str| links[name].as_str().unwrap().to_owned();
    let home = format!("http://{}", served.running.address);
    let profile = tempfile::tempdir().unwrap();
    let mut browser = Browser::start(profile.path());
    browser.open(&format!("{home}{}", path("contract")));
    browser.run("document.querySelector('main button').click()");
    for language in ["de", "fr", "es", "ar", "en"] {
        browser.open(&format!("{home}/me/in"));
        let choose = format!(
            "document.getElementById('language').value = '{language}';
             document.querySelector('footer button').click()"
        );
        browser.run(&choose);
        for (name, path) in [
            ("ask", "/me/in"),
            ("sent", "/me/in?sent=1"),
            ("message", &path("contract")),
            ("agreed", "/me/agreed"),
            ("unsubscribe", &path("unsubscribe")),
            ("not-me", "/me/not-me?ticket=abc"),
        ] {
            for width in [320, 1_000] {
                browser.resize(width, 900);
                browser.open(&format!("{home}{path}"));
                assert_eq!(browser.run("return document.documentElement.lang"), language);
                examined(&mut browser, &axe, &format!("{name}-{language}-{width}"));
            }
        }
    }
    // As a customer fills it in: an address, and a code that is wrong.
    browser.open(&format!("{home}/me/in"));
    browser.run(
        "document.getElementById('address').value = 'ada@post.example';
         document.querySelector('main button').click()",
    );
    assert_eq!(browser.run("return location.search"), "?sent=1");
    browser.run(
        "document.getElementById('code').value = '00000000';
         document.querySelector('main button').click()",
    );
    examined(&mut browser, &axe, "wrong code");
    assert_eq!(browser.run("return location.pathname"), "/me/in/code");
    browser.run("document.querySelector('footer button').click()");
    assert_eq!(browser.run("return location.pathname"), "/me/in");
    // And by the button of a message.
    browser.open(&format!("{home}{}", path("unsubscribe")));
    browser.run("document.querySelector('main button').click()");
    examined(&mut browser, &axe, "unsubscribed");
    let person = format!("/api/people/{person}");
    let mut client = Client::new(served.running.address);
    assert_eq!(client.read(NEWSLETTER, "marketing", &person).status, 403);
    let called = |url: &str| url.starts_with("http") && !url.starts_with(&home);
    let others: Vec<_> = browser.asked().into_iter().filter(|asked| called(&asked.url)).collect();
    assert!(others.is_empty(), "{others:?}");
}
