//! By an address that is known.

use super::{BASE, asks, cookie, enters, rows, served, settled, visitor};
use crate::centre::{Served, Visitor};
use laws::brand::{batch, event};
use laws::client::Client;
use laws::house::Home;
use laws::post::{Letter, PostOffice};
use laws::process::Site;
use laws::search::Marker;
use serde_json::json;
use std::fs;

const ADA: &str = "ada@post.example";

#[test]
fn who_reads_the_mail_comes_in_by_link_or_by_code() {
    let office = PostOffice::opened();
    let (mut served, _) = served(&office);
    let page = served.client.call("GET", "/me/in", &[], b"").unwrap().text();
    assert!(page.contains("action=\"/me/in/mail\""), "{page}");
    // However it is written: what is stored is written to.
    asks(&mut served, "%20ADA@Post.Example");
    let letter = office.arrived(ADA, 1).remove(0);
    assert_eq!(letter.header("from").as_deref(), Some("Brand <privacy@brand.example>"));
    let link = letter.link();
    let html = letter.part("text/html").unwrap();
    assert!(html.contains(&format!("<a href=\"{BASE}{link}\">")), "{html}");
    // Scanners follow every link, as often as they like.
    for _ in 0..3 {
        assert_eq!(served.client.call("GET", &link, &[], b"").unwrap().status, 200);
    }
    let entered = enters(&mut served, &link);
    let ada = visitor(&entered);
    assert!(served.page("/me/data", &ada).text().contains(ADA));
    let uses = served.page("/me/uses", &ada).text();
    assert!(uses.contains("preference centre mail") && uses.contains("wrote to you"), "{uses}");
    assert_eq!(enters(&mut served, &link).status, 401, "a link opens once");

    office.emptied();
    served.waits(60_000);
    let browser = asks(&mut served, ADA);
    let code = office.arrived(ADA, 1).remove(0).code();
    let other = asks(&mut served, "nobody@post.example");
    let tries = |served: &mut Served, cookie: &str, code: &str| {
        served.form("/me/in/code", cookie, &[("code", code)])
    };
    for stranger in ["", "__Host-bonafide-knock=AAAA", &*other] {
        assert_eq!(tries(&mut served, stranger, &code).status, 401, "{stranger}");
    }
    let (before, after) = code.split_at(4);
    let spaced = format!("{before}+{after}");
    let entered = tries(&mut served, &browser, &spaced);
    let ada = visitor(&entered);
    assert_eq!(cookie(&entered, "__Host-bonafide-knock"), "__Host-bonafide-knock=");
    assert_eq!(served.page("/me", &ada).status, 200);
    assert_eq!(tries(&mut served, &browser, &code).status, 401, "a code opens once");
}

/// What is the same for everybody: status, headers, body, what is written, and how a wrong code is answered.
#[test]
fn nobody_learns_whether_an_address_is_known() {
    let office = PostOffice::opened();
    let (mut served, store) = served(&office);
    let known = ["action.asks", "gate.knocks", "action.house"];
    let mut seen = Vec::new();
    for address in [ADA, "nobody@post.example", "no+address+at+all", ""] {
        settled(&served, &store);
        let before = known.map(|table| rows(&store, table));
        let answer = served.form("/me/in/mail", "", &[("address", address)]);
        let grown: Vec<usize> =
            known.iter().zip(before).map(|(table, before)| rows(&store, table) - before).collect();
        let held = cookie(&answer, "__Host-bonafide-knock");
        let shape = |text: &str| {
            let text = text.replace(&held, "<held>");
            let lines = text.lines().filter(|line| !line.starts_with("x-request-id"));
            lines.filter(|line| !line.starts_with("date")).collect::<Vec<_>>().join("\n")
        };
        settled(&served, &store);
        let mut said = vec![shape(&answer.head), answer.text(), format!("{:?}", &grown[..2])];
        for _ in 0..6 {
            let wrong = served.form("/me/in/code", &held, &[("code", "00000000")]);
            said.extend([shape(&wrong.head), wrong.text()]);
        }
        seen.push(said);
    }
    for other in &seen[1..] {
        assert_eq!(*other, seen[0]);
    }
    assert_eq!(office.letters().len(), 1);
}

/// Ada's other address, by another source that knows her phone.
fn other_address(served: &mut Served) {
    let phone = "+44 20 7946 0123";
    let ada = json!({
        "userId": "user-ada",
        "traits": { "firstName": "ada", "email": ADA, "phone": phone },
    });
    let card = json!({
        "userId": "card-7",
        "traits": { "firstName": "ada", "email": "ada@work.example", "phone": phone },
    });
    let at = "2026-11-20T11:00:00Z";
    served.client.sent(laws::house::WEB, &batch(&[event("identify", "phone", at, &ada)]));
    served.client.sent("loyalty-write-key", &batch(&[event("identify", "card", at, &card)]));
    assert_eq!(served.person("ada"), {
        let house = &served.running.house;
        let kind = model::IdentifierKind::Email;
        let blind = house.intake.identifier(kind, "ada@work.example").unwrap();
        house.people.lookup(blind).unwrap()[0].to_string()
    });
}

#[test]
fn other_addresses_hear_of_it_and_can_end_it() {
    let office = PostOffice::opened();
    let (mut served, _) = served(&office);
    other_address(&mut served);
    let bob = served.comes_in("bob");
    let browser = asks(&mut served, ADA);
    let letter = office.arrived(ADA, 1).remove(0);
    let ada = visitor(&enters(&mut served, &letter.link()));
    let notice = office.arrived("ada@work.example", 1).remove(0);
    assert!(!notice.raw.contains(ADA), "{}", notice.raw);
    let link = notice.link();
    assert!(link.starts_with("/me/not-me?ticket="), "{link}");
    assert_eq!(served.client.call("GET", &link, &[], b"").unwrap().status, 200);
    assert_eq!(served.page("/me", &ada).status, 200, "looking changes nothing");
    let ticket = link.split_once("ticket=").unwrap().1.to_owned();
    // Neither a link nor a session is a ticket, and a ticket is neither.
    let held = ada.cookie.split_once('=').unwrap().1.to_owned();
    let (start, end) = ticket.split_at(ticket.len() / 2);
    let flip = |text: &str| text.replacen(|c: char| c.is_ascii_lowercase(), "A", 1);
    for none in ["", "AAAA", &held, &flip(start), &format!("{start}{}", flip(end))] {
        assert_eq!(served.form("/me/not-me", "", &[("ticket", none)]).status, 401, "{none}");
    }
    assert_eq!(served.form("/me/in", "", &[("link", &ticket)]).status, 401);
    let as_session =
        Visitor { cookie: format!("__Host-bonafide-me={ticket}"), token: String::new() };
    assert_eq!(served.page("/me", &as_session).status, 401);
    assert_eq!(served.page("/me", &ada).status, 200);

    assert_eq!(served.form("/me/not-me", "", &[("ticket", &ticket)]).status, 200);
    assert_eq!(served.page("/me", &ada).status, 401);
    let late = served.form("/me/in/code", &browser, &[("code", &letter.code())]);
    assert_eq!(late.status, 401);
    assert_eq!(served.page("/me", &bob).status, 200, "others are left alone");
    // It can be pressed again, until it ends.
    assert_eq!(served.form("/me/not-me", "", &[("ticket", &ticket)]).status, 200);
    served.waits(31 * 24 * 60 * 60_000);
    assert_eq!(served.form("/me/not-me", "", &[("ticket", &ticket)]).status, 401);
}

/// Whoever reads a page's key can write a customer's address; that lets nobody in unless the operator says.
#[test]
fn what_a_page_says_is_an_address_lets_nobody_in() {
    let office = PostOffice::opened();
    let store = store::Store::memory();
    let (dir, more) = (tempfile::tempdir().unwrap(), office.careful(BASE));
    let mut served = Served::over(Home::configured(dir, Some(store.clone()), &more));
    other_address(&mut served);
    let evil = json!({ "userId": "user-ada", "traits": { "email": "eve@evil.example" } });
    let evil = event("identify", "evil", "2026-11-20T12:00:00Z", &evil);
    served.client.sent(laws::house::WEB, &batch(&[evil]));
    for address in ["eve@evil.example", ADA] {
        asks(&mut served, address);
        settled(&served, &store);
        assert_eq!(office.letters(), [], "{address}");
    }
    asks(&mut served, "ada@work.example");
    let letter = office.arrived("ada@work.example", 1).remove(0);
    visitor(&enters(&mut served, &letter.link()));
    // The others hear of it all the same.
    office.arrived("eve@evil.example", 1);
}

#[test]
fn a_letter_that_cannot_go_goes_once_later_or_never_late() {
    let mut office = PostOffice::closed();
    let (mut served, store) = served(&office);
    asks(&mut served, ADA);
    settled(&served, &store);
    assert_eq!(rows(&store, "action.outbox"), 1);
    office.open();
    settled(&served, &store);
    assert_eq!(office.letters(), [], "it waits for its time");
    served.waits(61_000);
    office.arrived(ADA, 1);
    settled(&served, &store);
    assert_eq!((office.letters().len(), rows(&store, "action.outbox")), (1, 0));

    office.close();
    office.emptied();
    asks(&mut served, ADA);
    settled(&served, &store);
    served.waits(15 * 60_000);
    office.open();
    settled(&served, &store);
    settled(&served, &store);
    assert_eq!((office.letters(), rows(&store, "action.outbox")), (vec![], 0));
}

#[test]
fn who_is_erased_is_written_to_no_more() {
    let mut office = PostOffice::closed();
    let (mut served, store) = served(&office);
    let ada = served.comes_in("ada");
    let token = {
        let page = served.page("/me", &ada).text();
        let token = page.split("name=\"token\" value=\"").nth(1).unwrap();
        token.split('"').next().unwrap().to_owned()
    };
    let browser = asks(&mut served, ADA);
    settled(&served, &store);
    let tables = ["action.outbox", "action.asks_of", "action.asks", "gate.doors"];
    assert!(tables.iter().all(|table| rows(&store, table) > 0));
    let sure = [("token", &*token), ("sure", "yes")];
    assert_eq!(served.form("/me/erase", &ada.cookie, &sure).status, 200);
    assert_eq!(tables.map(|table| rows(&store, table)), [0; 4]);
    asks(&mut served, ADA);
    served.waits(61_000);
    office.open();
    settled(&served, &store);
    assert_eq!(office.letters(), []);
    assert_eq!(served.form("/me/in/code", &browser, &[("code", "12345678")]).status, 401);
    assert_eq!(laws::house::examine(&served.running.house), [""; 0]);
}

#[test]
fn what_is_typed_for_an_address_writes_no_letter_of_its_own() {
    let office = PostOffice::opened();
    let (mut served, store) = served(&office);
    for evil in [
        "ada@post.example%0d%0aBcc:%20eve@evil.example",
        "ada@post.example,eve@evil.example",
        "%22ada@post.example%22%3Ceve@evil.example%3E",
        "ada@post.example%00eve@evil.example",
    ] {
        asks(&mut served, evil);
    }
    settled(&served, &store);
    let strangers = |letter: &Letter| letter.raw.contains("evil");
    assert!(!office.letters().iter().any(strangers), "{:?}", office.letters());
}

/// Neither the address nor what opens is anywhere but in the letter and in the browser.
#[test]
fn what_is_mailed_is_found_nowhere_on_disk_or_in_the_log() {
    let office = PostOffice::opened();
    let dir = tempfile::tempdir().unwrap();
    let site = Site::new(dir.path());
    let config = dir.path().join("bonafide.toml");
    let mut all = fs::read_to_string(&config).unwrap();
    all.push_str(&office.configured(BASE));
    fs::write(config, all).unwrap();
    let server = site.serve("trace");
    let mut client = Client::new(server.address);
    let canary = "q7canaryq7";
    let who =
        json!({ "userId": "user-1", "traits": { "email": format!("{canary}@post.example") } });
    let who = event("identify", "hello", "2026-11-20T10:00:00Z", &who);
    client.sent(laws::house::WEB, &batch(&[who]));
    let form = [("Content-Type", "application/x-www-form-urlencoded")];
    let body = format!("address={canary}@post.example");
    let answer = client.call("POST", "/me/in/mail", &form, body.as_bytes()).unwrap();
    let held = cookie(&answer, "__Host-bonafide-knock").split_once('=').unwrap().1.to_owned();
    let letter = office.arrived(&format!("{canary}@post.example"), 1).remove(0);
    let secret = letter.link().split_once("link=").unwrap().1.to_owned();
    let metrics = client.call("GET", "/metrics", &[], b"").unwrap();
    server.stop();
    // The secret of a link begins after its record, which stands in the store.
    let secret = secret.split_at(22).1;
    for (what, text) in [("address", canary), ("link", secret), ("browser", &held)] {
        let marker = Marker::new(text);
        assert_eq!(marker.found_below(dir.path()), [""; 0], "{what}");
        assert_eq!(marker.found_in(&metrics.body), None, "{what}");
        assert!(!site.log().contains(text), "{what}");
    }
    assert!(site.log().contains("post"), "the post is logged by its counts");
}
