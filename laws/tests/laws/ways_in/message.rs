//! By a message: refusing with one click, and the contract without anybody's data.

use super::{BASE, cookie, served};
use crate::centre::{Served, Visitor};
use laws::client::Answer;
use laws::house::{ANALYST, NEWSLETTER, PRIVACY};
use laws::post::PostOffice;
use serde_json::Value;
use web::{PAGES, Verb};

/// What the newsletter puts into a message to somebody.
fn links(served: &mut Served, name: &str, purpose: &str) -> Value {
    let (key, path) = (format!("Bearer {NEWSLETTER}"), served.person(name));
    let headers = [("Authorization", &*key), ("Bonafide-Purpose", purpose)];
    let path = format!("/api/subjects/{path}/message");
    let answer = served.client.call("POST", &path, &headers, b"").unwrap();
    assert_eq!(answer.status, 200, "{}", answer.text());
    answer.json()
}

fn text(value: &Value) -> String {
    value.as_str().unwrap().to_owned()
}

fn token_of(page: &str) -> String {
    let token = page.split("name=\"token\" value=\"").nth(1).unwrap();
    token.split('"').next().unwrap().to_owned()
}

/// Posts as the server of a mailbox provider does: no cookie, from elsewhere.
fn one_click(served: &mut Served, path: &str, media: &str, body: &str) -> Answer {
    let headers = [("Content-Type", media), ("Origin", "https://mail.example")];
    served.client.call("POST", path, &headers, body.as_bytes()).unwrap()
}

fn signals(served: &mut Served, name: &str) -> Vec<(String, bool)> {
    let path = format!("/api/people/{}/contract", served.person(name));
    let contract = served.client.read(PRIVACY, "subject_access", &path).json();
    let signals = contract["signals"].as_array().unwrap().iter();
    let by_click = signals.filter(|said| said["method"] == "one_click");
    by_click.map(|said| (text(&said["grant"]), said["allowed"].as_bool().unwrap())).collect()
}

#[test]
fn a_mail_program_refuses_with_one_click() {
    let office = PostOffice::closed();
    let form = "application/x-www-form-urlencoded";
    let parts = "multipart/form-data; boundary=xyz";
    let in_parts = "--xyz\r\nContent-Disposition: form-data; name=\"List-Unsubscribe\"\r\n\r\n\
                    One-Click\r\n--xyz--\r\n";
    for (media, body) in [(form, "List-Unsubscribe=One-Click"), (parts, in_parts)] {
        let (mut served, _) = served(&office);
        let ada = served.person("ada");
        let said = links(&mut served, "ada", "marketing");
        let (list, post) = (&said["headers"][0], &said["headers"][1]);
        let path = text(&said["unsubscribe"]);
        assert_eq!(text(&list["value"]), format!("<{BASE}{path}>"));
        assert_eq!(text(&list["name"]), "List-Unsubscribe");
        assert_eq!(text(&post["value"]), "List-Unsubscribe=One-Click");
        // Scanners look at it; that refuses nothing.
        for _ in 0..3 {
            let page = served.client.call("GET", &path, &[], b"").unwrap();
            assert_eq!((page.status, page.text().contains("ada@")), (200, false));
        }
        let read = |served: &mut Served| {
            served.client.read(NEWSLETTER, "marketing", &format!("/api/people/{ada}")).status
        };
        assert_eq!(read(&mut served), 200);
        served.waits(399 * 24 * 60 * 60_000);
        let clicked = one_click(&mut served, &path, media, body);
        assert_eq!((clicked.status, clicked.text()), (200, String::new()), "{media}");
        for header in ["set-cookie", "location"] {
            assert_eq!(clicked.header(header), None);
        }
        assert_eq!(read(&mut served), 403);
        assert_eq!(signals(&mut served, "ada"), [("marketing".to_owned(), false)]);
        assert_eq!(signals(&mut served, "bob"), []);
        // Clicked again, it is still refused; late, it is none.
        assert_eq!(one_click(&mut served, &path, media, body).status, 200);
        served.waits(2 * 24 * 60 * 60_000);
        assert_eq!(one_click(&mut served, &path, media, body).status, 404);
    }
}

#[test]
fn who_looks_at_the_page_chooses_these_or_everything() {
    let office = PostOffice::closed();
    let (mut served, _) = served(&office);
    let ada = served.comes_in("ada");
    served.says(&ada, "marketing/email", "yes");
    served.says(&ada, "analytics", "yes");
    let path = text(&links(&mut served, "ada", "marketing/email")["unsubscribe"]);
    served.waits(1_000);
    for nothing in [&[][..], &[("refuse", "x")], &[("List-Unsubscribe", "x")]] {
        assert_eq!(served.form(&path, "", nothing).status, 400);
    }
    assert_eq!(served.form(&path, "", &[("refuse", "these")]).status, 200);
    assert_eq!(signals(&mut served, "ada"), [("marketing/email".to_owned(), false)]);
    let analytics = format!("/api/people/{}", served.person("ada"));
    assert_eq!(served.client.read(ANALYST, "analytics", &analytics).status, 200);
    served.waits(1_000);
    assert_eq!(served.form(&path, "", &[("refuse", "all")]).status, 200);
    assert_eq!(served.client.read(ANALYST, "analytics", &analytics).status, 403);
    assert!(signals(&mut served, "ada").iter().all(|(_, allowed)| !allowed));
}

#[test]
fn a_ticket_is_made_by_the_house_for_who_may_write_and_ends_with_its_record() {
    let office = PostOffice::closed();
    let (mut served, _) = served(&office);
    let said = links(&mut served, "ada", "marketing");
    let path = text(&said["unsubscribe"]);
    let (start, ticket) = path.rsplit_once('/').unwrap();
    let click = |served: &mut Served, path: &str| {
        let form = "application/x-www-form-urlencoded";
        one_click(served, path, form, "List-Unsubscribe=One-Click").status
    };
    // Every changed character, in head and signature, and tickets of another use.
    for at in 0..ticket.len() {
        let mut changed = ticket.as_bytes().to_vec();
        changed[at] = if changed[at] == b'A' { b'B' } else { b'A' };
        let changed = String::from_utf8(changed).unwrap();
        assert_eq!(click(&mut served, &format!("{start}/{changed}")), 404, "{at}");
    }
    let contract = text(&said["contract"]).split_once("message=").unwrap().1.to_owned();
    assert_eq!(click(&mut served, &format!("{start}/{contract}")), 404);
    assert_eq!(served.form("/me/in", "", &[("message", ticket)]).status, 401);
    assert_eq!(served.form("/me/not-me", "", &[("ticket", ticket)]).status, 401);
    // Who may not contact, or for what somebody refused, is given none.
    let path_of = format!("/api/subjects/{}/message", served.person("ada"));
    let key = format!("Bearer {ANALYST}");
    let headers = [("Authorization", &*key), ("Bonafide-Purpose", "analytics")];
    assert_eq!(served.client.call("POST", &path_of, &headers, b"").unwrap().status, 403);
    let ada = served.comes_in("ada");
    served.says(&ada, "marketing", "no");
    let key = format!("Bearer {NEWSLETTER}");
    let headers = [("Authorization", &*key), ("Bonafide-Purpose", "marketing")];
    assert_eq!(served.client.call("POST", &path_of, &headers, b"").unwrap().status, 403);
    assert_eq!(click(&mut served, &path), 200);
    let sure = [("token", &*ada.token), ("sure", "yes")];
    assert_eq!(served.form("/me/erase", &ada.cookie, &sure).status, 200);
    assert_eq!(click(&mut served, &path), 404);
}

/// A message that was passed on shows nobody's data, and allows nothing.
#[test]
fn who_comes_by_a_message_sees_the_contract_and_refuses() {
    let office = PostOffice::closed();
    let (mut served, _) = served(&office);
    let link = text(&links(&mut served, "ada", "marketing")["contract"]);
    let page = served.client.call("GET", &link, &[], b"").unwrap();
    assert_eq!(page.status, 200);
    let ticket = link.split_once("message=").unwrap().1.to_owned();
    let mut visitors = Vec::new();
    // As often as one likes.
    for _ in 0..2 {
        let entered = served.form("/me/in", "", &[("message", &ticket)]);
        assert_eq!((entered.status, entered.header("location")), (303, Some("/me/agreed")));
        let cookie = cookie(&entered, "__Host-bonafide-agreed");
        visitors.push(Visitor { cookie, token: String::new() });
    }
    let mut visitor = visitors.remove(0);
    let before = served.running.house.gate.ledger().size();
    let page = served.page("/me/agreed", &visitor).text();
    assert!(served.running.house.gate.ledger().size() > before, "a look is recorded");
    for data in ["ada", "post.example", "value=\"yes\"", "/me/data", "receipt"] {
        assert!(!page.contains(data), "{data}: {page}");
    }
    // However often somebody comes by a message, it ends no other's visit.
    let ada = served.comes_in("ada");
    for _ in 0..40 {
        assert_eq!(served.form("/me/in", "", &[("message", &ticket)]).status, 303);
    }
    assert_eq!(served.page("/me", &ada).status, 200);
    let entered = served.form("/me/in", "", &[("message", &ticket)]);
    visitor.cookie = cookie(&entered, "__Host-bonafide-agreed");
    let page = served.page("/me/agreed", &visitor).text();
    visitor.token = token_of(&page);
    // Every other page is closed to this session, under either cookie's name.
    let secret = visitor.cookie.split_once('=').unwrap().1.to_owned();
    let as_own = format!("{}; __Host-bonafide-me={secret}", visitor.cookie);
    for page in PAGES.iter().filter(|page| page.open_because().is_none() && !page.is_agreed()) {
        let visitor = Visitor { cookie: as_own.clone(), token: visitor.token.clone() };
        let answer = match page.method {
            Verb::Post => served.form(page.path, &as_own, &[("token", &visitor.token)]),
            Verb::Get | Verb::Put | Verb::Delete => served.page(page.path, &visitor),
        };
        assert_eq!(answer.status, 401, "{page:?}");
    }
    // And a whole session does not open this page, since another cookie does.
    assert_eq!(served.page("/me/agreed", &ada).status, 401);
    // Refusing takes the form's token; allowing there is not.
    let grant = ("grant", "marketing");
    assert_eq!(served.form("/me/agreed", &visitor.cookie, &[grant]).status, 403);
    served.waits(1_000);
    let fields = [("token", &*visitor.token), grant, ("allowed", "yes")];
    assert_eq!(served.form("/me/agreed", &visitor.cookie, &fields).status, 303);
    assert_eq!(signals(&mut served, "ada"), [("marketing".to_owned(), false)]);
    for grant in ["service_provision", "shoes"] {
        let fields = [("token", &*visitor.token), ("grant", grant)];
        assert_eq!(served.form("/me/agreed", &visitor.cookie, &fields).status, 400, "{grant}");
    }
    served.waits(61 * 60_000);
    assert_eq!(served.page("/me/agreed", &visitor).status, 401);
}

#[test]
fn a_receipt_is_mailed_to_the_address_that_is_held() {
    let office = PostOffice::opened();
    let (mut served, store) = served(&office);
    let (ada, bob) = (served.comes_in("ada"), served.comes_in("bob"));
    served.says(&ada, "marketing", "no");
    let page = served.page("/me", &ada).text();
    let entry = page.split("/me/receipt.json?entry=").nth(1).unwrap();
    let entry = entry.split('"').next().unwrap().to_owned();
    let mail = |served: &mut Served, visitor: &Visitor, entry: &str| {
        let fields = [("token", &*visitor.token), ("entry", entry)];
        served.form("/me/receipt/mail", &visitor.cookie, &fields).status
    };
    assert_eq!(mail(&mut served, &ada, &entry), 303);
    let letter = office.arrived("ada@post.example", 1).remove(0);
    let kept = letter.part("application/ld+json").unwrap();
    let kept: Value = serde_json::from_str(&kept).unwrap();
    let downloaded = served.page(&format!("/me/receipt.json?entry={entry}"), &ada).json();
    let row = |receipt: &Value| receipt["bonafide:evidence"]["row"].clone();
    assert!(row(&kept).is_string() && row(&kept) == row(&downloaded), "{kept}");
    // Another's entry is mailed to nobody.
    assert_eq!(mail(&mut served, &bob, &entry), 303);
    super::settled(&served, &store);
    assert_eq!(office.letters().len(), 1);
    assert_eq!(mail(&mut served, &ada, "x"), 400);
}
