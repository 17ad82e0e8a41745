//! The preference centre: a customer comes in by a link, sees their own data and nobody else's,
//! decides, and is obeyed; what others try does not open.

mod household;
mod kept;
mod outside;
pub(crate) mod pages;
mod rights;

use laws::brand::{batch, customer, event};
use laws::chance::TestClock;
use laws::client::{Answer, Client};
use laws::house::{ANALYST, Home, NEWSLETTER, NOW_MS, PRIVACY, WEB};
use model::IdentifierKind;
use serde_json::json;
use std::sync::Arc;
use web::{PAGES, Verb};

/// Pages that anybody may call, and why: opening one is a decision somebody reads.
const OPEN: &[(&str, &str)] = &[
    ("GET", "/me/in"),
    ("POST", "/me/in"),
    ("POST", "/me/in/mail"),
    ("POST", "/me/in/code"),
    ("GET", "/me/not-me"),
    ("POST", "/me/not-me"),
    ("GET", "/me/unsubscribe/{ticket}"),
    ("POST", "/me/unsubscribe/{ticket}"),
    ("GET", "/me/confirm"),
    ("POST", "/me/confirmed"),
    ("POST", "/me/language"),
    ("GET", "/me/style.css"),
    ("GET", "/.well-known/gpc.json"),
];

/// Text that would do harm if it were read as anything else.
const HARM: &str = "<script>alert(1)</script>\"'><img src=x onerror=alert(2)>";

pub(crate) struct Served {
    pub(crate) running: app::command::Running,
    _dir: tempfile::TempDir,
    pub(crate) client: Client,
    clock: Arc<TestClock>,
    now_ms: i64,
}

/// A customer who is there.
pub(crate) struct Visitor {
    pub(crate) cookie: String,
    pub(crate) token: String,
}

impl Served {
    fn new() -> Self {
        Self::over(Home::memory())
    }

    /// A server of a house, with three customers.
    pub(crate) fn over(home: Home) -> Self {
        let Home { house, dir, clock } = home;
        let running = app::command::start(house, "127.0.0.1:0").unwrap();
        let mut client = Client::new(running.address);
        let harm = json!({
            "userId": "user-eve",
            "traits": { "firstName": HARM, "email": "eve@post.example", HARM: HARM },
        });
        let harm = event("identify", "harm", "2026-11-20T10:00:00Z", &harm);
        client.sent(WEB, &batch(&[customer("ada", Some(true)), customer("bob", Some(true)), harm]));
        Self { running, _dir: dir, client, clock, now_ms: NOW_MS }
    }

    pub(crate) fn person(&self, name: &str) -> String {
        let house = Arc::clone(&self.running.house);
        let email = format!("{name}@post.example");
        let blind = house.intake.identifier(IdentifierKind::Email, &email).unwrap();
        house.people.lookup(blind).unwrap()[0].to_string()
    }

    pub(crate) fn link(&mut self, name: &str) -> String {
        let path = format!("/api/subjects/{}/links", self.person(name));
        let answer = self.client.change(PRIVACY, "POST", &path, "{}");
        assert_eq!(answer.status, 200, "{}", answer.text());
        answer.json()["path"].as_str().unwrap().to_owned()
    }

    pub(crate) fn form(&mut self, path: &str, cookie: &str, fields: &[(&str, &str)]) -> Answer {
        self.form_from(path, cookie, fields, &[])
    }

    pub(crate) fn form_from(
        &mut self,
        path: &str,
        cookie: &str,
        fields: &[(&str, &str)],
        more: &[(&str, &str)],
    ) -> Answer {
        let body: Vec<String> =
            fields.iter().map(|(name, value)| format!("{name}={value}")).collect();
        let mut headers =
            vec![("Content-Type", "application/x-www-form-urlencoded"), ("Cookie", cookie)];
        headers.extend(more);
        self.client.call("POST", path, &headers, body.join("&").as_bytes()).unwrap()
    }

    pub(crate) fn page(&mut self, path: &str, visitor: &Visitor) -> Answer {
        self.client.call("GET", path, &[("Cookie", &visitor.cookie)], b"").unwrap()
    }

    pub(crate) fn comes_in(&mut self, name: &str) -> Visitor {
        let link = self.link(name);
        let secret = link.split_once("link=").unwrap().1;
        let answer = self.form("/me/in", "", &[("link", secret)]);
        assert_eq!((answer.status, answer.header("location")), (303, Some("/me")));
        let set = answer.header("set-cookie").unwrap();
        for word in ["HttpOnly", "Secure", "SameSite=Strict", "Path=/"] {
            assert!(set.contains(word), "{set}");
        }
        let cookie = set.split(';').next().unwrap().to_owned();
        let visitor = Visitor { cookie, token: String::new() };
        let page = self.page("/me", &visitor).text();
        let token = page.split("name=\"token\" value=\"").nth(1).unwrap();
        Visitor { token: token.split('"').next().unwrap().to_owned(), ..visitor }
    }

    pub(crate) fn waits(&mut self, ms: i64) {
        self.now_ms += ms;
        self.clock.set(self.now_ms);
    }

    pub(crate) fn says(&mut self, visitor: &Visitor, grant: &str, allowed: &str) -> Answer {
        self.waits(1_000);
        let fields = [("token", &*visitor.token), ("grant", grant), ("allowed", allowed)];
        self.form("/me/contract", &visitor.cookie, &fields)
    }

    /// Checks that somebody's contract has no to what GPC refuses.
    fn refuses_sale(&mut self, name: &str) {
        let path = format!("/api/people/{}/contract", self.person(name));
        let contract = self.client.read(PRIVACY, "subject_access", &path).json();
        let grants = contract["grants"].as_array().unwrap();
        for purpose in ["third_party_sharing", "cross_context_advertising"] {
            let grant = grants.iter().find(|grant| grant["grant"] == purpose).unwrap();
            assert_eq!(grant["allowed"], false, "{name}: {purpose}");
        }
        let signals = contract["signals"].as_array().unwrap();
        assert!(signals.iter().any(|said| said["method"] == "gpc"), "{name}: {contract}");
    }

    fn newsletter_sees(&mut self, person: &str) -> u16 {
        self.client.read(NEWSLETTER, "marketing", &format!("/api/people/{person}")).status
    }
}

#[test]
fn every_open_page_is_on_the_list_and_nothing_changes_by_get() {
    let open = PAGES.iter().filter(|page| page.open_because().is_some());
    let open: Vec<_> = open.map(|page| (page.method.as_str(), page.path)).collect();
    assert_eq!(open, OPEN);
    let mut served = Served::new();
    let visitor = served.comes_in("ada");
    let gets = |path| PAGES.iter().any(|page| page.path == path && page.method == Verb::Get);
    for page in PAGES.iter().filter(|page| page.method == Verb::Post && !gets(page.path)) {
        assert_eq!(served.page(page.path, &visitor).status, 405, "{page:?}");
    }
    served.says(&visitor, "marketing", "no");
    let receipt = served.page("/me", &visitor).text();
    let receipt = receipt.split("/me/receipt.json").nth(1).unwrap().split('"').next().unwrap();
    let fields = [("token", &*visitor.token), ("kind", "access")];
    let asked = served.form("/me/requests", &visitor.cookie, &fields);
    let asked = asked.header("location").unwrap().split_once("#request-").unwrap().1.to_owned();
    let request = format!("?id={asked}");
    let own = PAGES.iter().filter(|page| page.open_because().is_none() && !page.is_agreed());
    for page in own.filter(|page| page.method == Verb::Get) {
        let before = served.running.house.gate.ledger().size();
        let query = match page.path {
            "/me/receipt.json" => receipt,
            "/me/request.json" => &request,
            _ => "",
        };
        let answer = served.page(&format!("{}{query}", page.path), &visitor);
        assert_eq!(answer.status, 200, "{page:?}: {}", answer.text());
        let grown = served.running.house.gate.ledger().size() - before;
        // The page that only offers a file and an erasure shows no data.
        assert!(grown >= 1 || page.path == "/me/take", "{page:?} is not in the ledger");
        let nobody = served.client.call("GET", page.path, &[], b"").unwrap();
        assert_eq!(nobody.status, 401, "{page:?}");
    }
}

#[test]
fn who_comes_in_decides_and_is_obeyed() {
    let mut served = Served::new();
    let ada = served.person("ada");
    assert_eq!(served.newsletter_sees(&ada), 200);
    let visitor = served.comes_in("ada");
    let said = served.says(&visitor, "marketing", "no");
    assert_eq!(said.status, 303, "{}", said.text());
    assert_eq!(served.newsletter_sees(&ada), 403);
    // What a page's consent tool goes on repeating does not take it back.
    served.waits(10_000);
    let yes = json!({ "consent": { "categoryPreferences": { "marketing": true } } });
    let repeated = json!({ "userId": "user-ada", "context": yes });
    let repeated = event("identify", "repeated", "2026-11-24T00:00:08Z", &repeated);
    served.client.sent(WEB, &batch(&[repeated]));
    assert_eq!(served.newsletter_sees(&ada), 403);
    assert_eq!(served.says(&visitor, "marketing", "yes").status, 303);
    assert_eq!(served.newsletter_sees(&ada), 200);
    served.waits(1_000);
    let refused = [("token", &*visitor.token), ("refuse", "all")];
    assert_eq!(served.form("/me/contract", &visitor.cookie, &refused).status, 303);
    assert_eq!(served.newsletter_sees(&ada), 403);
    // What is necessary has no switch, and what is no grant is none.
    for grant in ["service_provision", "subject_access", "shoes"] {
        assert_eq!(served.says(&visitor, grant, "no").status, 400, "{grant}");
    }
    let contract =
        served.client.read(PRIVACY, "subject_access", &format!("/api/people/{ada}/contract"));
    let signals = contract.json()["signals"].as_array().unwrap().clone();
    let own = signals.iter().filter(|signal| signal["method"] == "preference_centre");
    assert!(own.clone().count() >= 3 && own.clone().all(|signal| signal["signed_in"] == true));
    let uses = served.page("/me/uses", &visitor).text();
    assert!(uses.contains("newsletter") && uses.contains("refused"), "{uses}");
}

#[test]
fn a_link_opens_once_and_is_not_spent_by_looking() {
    let mut served = Served::new();
    let link = served.link("ada");
    for _ in 0..3 {
        let seen = served.client.call("GET", &link, &[], b"").unwrap();
        assert_eq!(seen.status, 200);
        assert!(!seen.text().contains("ada@"));
    }
    let secret = link.split_once("link=").unwrap().1;
    assert_eq!(served.form("/me/in", "", &[("link", secret)]).status, 303);
    assert_eq!(served.form("/me/in", "", &[("link", secret)]).status, 401);
    // Two who try at once: one comes in.
    let link = served.link("ada");
    let secret = link.split_once("link=").unwrap().1.to_owned();
    let address = served.running.address;
    let tries: Vec<u16> = std::thread::scope(|scope| {
        let try_it = || {
            let body = format!("link={secret}");
            let form = [("Content-Type", "application/x-www-form-urlencoded")];
            Client::new(address).call("POST", "/me/in", &form, body.as_bytes()).unwrap().status
        };
        let tries: Vec<_> = (0..8).map(|_| scope.spawn(try_it)).collect();
        tries.into_iter().map(|one| one.join().unwrap()).collect()
    });
    assert_eq!(tries.iter().filter(|status| **status == 303).count(), 1, "{tries:?}");
}

#[test]
fn what_is_guessed_foreign_or_ended_opens_nothing() {
    let mut served = Served::new();
    let (ada, bob) = (served.comes_in("ada"), served.comes_in("bob"));
    // One customer's record with another's secret.
    let value = |visitor: &Visitor| visitor.cookie.split_once('=').unwrap().1.to_owned();
    let mixed: String = value(&ada).chars().take(21).chain(value(&bob).chars().skip(21)).collect();
    let name = ada.cookie.split_once('=').unwrap().0;
    for guess in [&*mixed, "", "AAAA", &"A".repeat(64), &"é".repeat(9), &"A".repeat(9_000)] {
        let visitor = Visitor { cookie: format!("{name}={guess}"), token: String::new() };
        let status = served.page("/me/data", &visitor).status;
        assert!(matches!(status, 401 | 431), "{guess}: {status}");
        assert_eq!(served.form("/me/in", "", &[("link", guess)]).status, 401);
    }
    // A session is no link, and a link no session.
    let link = served.link("ada");
    let link = link.split_once("link=").unwrap().1.to_owned();
    let as_session = Visitor { cookie: format!("{name}={link}"), token: String::new() };
    assert_eq!(served.page("/me", &as_session).status, 401);
    assert_eq!(served.form("/me/in", "", &[("link", &value(&ada))]).status, 401);
    // A form without the token, with another's, or from another site.
    let grant = [("grant", "marketing"), ("allowed", "no")];
    let with = |token| [("token", token), grant[0], grant[1]];
    assert_eq!(served.form("/me/contract", &ada.cookie, &grant).status, 403);
    assert_eq!(served.form("/me/contract", &ada.cookie, &with(&*bob.token)).status, 403);
    for header in [("Origin", "https://evil.example"), ("Sec-Fetch-Site", "cross-site")] {
        let from = served.form_from("/me/contract", &ada.cookie, &with(&*ada.token), &[header]);
        assert_eq!(from.status, 403, "{header:?}");
        let entered = served.form_from("/me/in", "", &[("link", &link)], &[header]);
        assert_eq!(entered.status, 403, "{header:?}");
    }
    let person = served.person("ada");
    assert_eq!(served.newsletter_sees(&person), 200, "nothing was changed");
    // A service that may not give access makes no link.
    let path = format!("/api/subjects/{person}/links");
    assert_eq!(served.client.change(ANALYST, "POST", &path, "{}").status, 403);
    // A link that has ended is none.
    let late = served.link("ada");
    served.waits(16 * 60_000);
    let late = late.split_once("link=").unwrap().1.to_owned();
    assert_eq!(served.form("/me/in", "", &[("link", &late)]).status, 401);
    // Signed out is out.
    let out = served.form("/me/leave", &ada.cookie, &[("token", &ada.token)]);
    assert_eq!((out.status, served.page("/me", &ada).status), (303, 401));
    assert_eq!(served.page("/me", &bob).status, 200);
    served.waits(60 * 60_000);
    assert_eq!(served.page("/me", &bob).status, 401, "visits end by themselves");
    // Who is led astray is led home.
    let fields = [("language", "de"), ("back", "//evil.example")];
    assert_eq!(served.form("/me/language", "", &fields).header("location"), Some("/me"));
}

#[test]
fn what_anybody_can_fill_is_text() {
    let mut served = Served::new();
    let visitor = served.comes_in("eve");
    for path in [
        "/me",
        "/me/messages",
        "/me/data",
        "/me/uses",
        "/me/take",
        "/me/requests",
        "/me/uses?before=%22%3E%3Cscript%3E",
    ] {
        let page = served.page(path, &visitor);
        assert_eq!(page.status, 200, "{path}");
        let (text, policy) = (page.text(), page.header("content-security-policy").unwrap());
        assert!(!text.contains("<script") && !text.contains("<img"), "{path}: {text}");
        for word in ["default-src 'none'", "frame-ancestors 'none'", "form-action 'self'"] {
            assert!(policy.contains(word), "{policy}");
        }
    }
    assert!(served.page("/me/data", &visitor).text().contains("&lt;script&gt;"));
    let link = "/me/in?link=%22%3E%3Cscript%3Ealert(1)%3C/script%3E";
    let page = served.client.call("GET", link, &[], b"").unwrap();
    assert!(!page.text().contains("<script"), "{}", page.text());
    let split = served.form("/me/language", "", &[("back", "/me/%0d%0aSet-Cookie:%20a=b")]);
    assert!(!split.head.contains("Set-Cookie: a=b"), "{}", split.head);
}

#[test]
fn gpc_is_shown_obeyed_and_said_at_its_place() {
    let mut served = Served::new();
    let visitor = served.comes_in("ada");
    assert_eq!(served.says(&visitor, "third_party_sharing", "yes").status, 303);
    let gpc = [("Cookie", &*visitor.cookie), ("Sec-GPC", "1")];
    let page = served.client.call("GET", "/me", &gpc, b"").unwrap().text();
    assert!(page.contains("not yet recorded"), "{page}");
    let fields = [("token", &*visitor.token)];
    served.waits(1_000);
    let said = served.form_from("/me/gpc", &visitor.cookie, &fields, &[("Sec-GPC", "1")]);
    assert_eq!(said.status, 303);
    let page = served.client.call("GET", "/me", &gpc, b"").unwrap().text();
    assert!(page.contains("We obey it"), "{page}");
    served.refuses_sale("ada");
    // Who comes in with it has said so by coming in.
    let bob = served.comes_in("bob");
    served.says(&bob, "cross_context_advertising", "yes");
    let link = served.link("bob");
    let secret = link.split_once("link=").unwrap().1;
    served.waits(1_000);
    let entered = served.form_from("/me/in", "", &[("link", secret)], &[("Sec-GPC", "1")]);
    assert_eq!(entered.status, 303);
    served.refuses_sale("bob");
    let place = served.client.call("GET", "/.well-known/gpc.json", &[], b"").unwrap();
    assert_eq!(place.json()["gpc"], true);
}
