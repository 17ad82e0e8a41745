//! How our own script for pages behaves towards a server that is busy, broken or gone, and towards
//! visitors who leave, object or say nothing. The server here answers as a test plans it.

use super::driver::Browser;
use serde_json::{Value, json};
use std::collections::VecDeque;
use std::io::{self, BufRead, BufReader, Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::Duration;

/// As it is written: what is served leaves out comments only.
const SCRIPT: &str = include_str!("../../../../crates/web/src/script/bonafide.js");

const PAGE: &str = r#"<!doctype html><html lang="en"><title>Lamps</title>
    <script src="/p.js" data-write-key="key" data-init-only="true"></script>"#;

const PATIENCE_MS: u64 = 15_000;
const LOOK_MS: u64 = 20;

const TAKEN: &str = "200 OK";

/// A server, the answers it still has to give (then it takes everything), and what it was sent.
#[derive(Clone)]
struct Planned {
    address: SocketAddr,
    plan: Arc<Mutex<VecDeque<&'static str>>>,
    sent: Arc<Mutex<Vec<Value>>>,
}

impl Planned {
    fn new(plan: &[&'static str]) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let server = Self {
            address: listener.local_addr().unwrap(),
            plan: Arc::new(Mutex::new(plan.iter().copied().collect())),
            sent: Arc::default(),
        };
        let answering = server.clone();
        thread::spawn(move || {
            for stream in listener.incoming().map_while(Result::ok) {
                let server = answering.clone();
                thread::spawn(move || drop(server.answer(stream)));
            }
        });
        server
    }

    fn answer(&self, stream: TcpStream) -> io::Result<()> {
        let mut reader = BufReader::new(stream);
        let mut head = String::new();
        while reader.read_line(&mut head)? > 2 {}
        let length =
            head.lines().filter_map(|line| line.split_once(": ")).find_map(|(name, value)| {
                name.eq_ignore_ascii_case("content-length").then(|| value.trim().parse().ok())?
            });
        let mut body = vec![0; length.unwrap_or(0)];
        reader.read_exact(&mut body)?;
        let (status, media, text) = match head.split(' ').nth(1) {
            Some("/p.js") => (TAKEN, "text/javascript", SCRIPT),
            Some("/v1/batch") => {
                self.sent.lock().unwrap().push(serde_json::from_slice(&body)?);
                let status = self.plan.lock().unwrap().pop_front().unwrap_or(TAKEN);
                let text = r#"{"success":false,"code":"c","message":"m","remedy":"r"}"#;
                (status, "application/json", text)
            }
            Some(_) | None => (TAKEN, "text/html", PAGE),
        };
        let answer = format!(
            "HTTP/1.1 {status}\r\nContent-Type: {media}\r\nContent-Length: {}\r\n\
            Connection: close\r\n\r\n{text}",
            text.len()
        );
        reader.get_mut().write_all(answer.as_bytes())
    }

    /// The first `count` requests, once they are there; and that there are no more.
    fn sent(&self, count: usize) -> Vec<Value> {
        for _ in 0..PATIENCE_MS / LOOK_MS {
            if self.sent.lock().unwrap().len() >= count {
                break;
            }
            thread::sleep(Duration::from_millis(LOOK_MS));
        }
        thread::sleep(Duration::from_millis(600));
        let sent = self.sent.lock().unwrap().clone();
        assert_eq!(sent.len(), count, "{sent:?}");
        sent
    }
}

/// A page of a planned server in a browser.
struct Open {
    server: Planned,
    browser: Browser,
    _dir: tempfile::TempDir,
}

impl Open {
    fn new(plan: &[&'static str]) -> Self {
        let dir = tempfile::tempdir().unwrap();
        let browser = Browser::start(dir.path());
        let mut open = Self { server: Planned::new(plan), browser, _dir: dir };
        open.page();
        open
    }

    fn page(&mut self) {
        let url = format!("http://{}/page", self.server.address);
        self.browser.open(&url);
    }

    fn does(&mut self, what: &str) -> Value {
        self.browser.told(&format!("(() => {{ {what} }})"), &Value::Null)
    }
}

/// The names of the events of a request, in their order.
fn events(request: &Value) -> Vec<&str> {
    let batch = request["batch"].as_array().unwrap().iter();
    batch.map(|event| event["event"].as_str().unwrap_or_default()).collect()
}

fn ids(request: &Value) -> Vec<&Value> {
    request["batch"].as_array().unwrap().iter().map(|event| &event["messageId"]).collect()
}

/// Milliseconds between two requests, by the page's clock.
fn apart(page: &mut Open, one: &Value, other: &Value) -> f64 {
    let [one, other] = [one, other].map(|request| request["sentAt"].as_str().unwrap());
    page.does(&format!("return Date.parse({other:?}) - Date.parse({one:?})")).as_f64().unwrap()
}

#[test]
fn browser_our_script_waits_as_it_is_asked_and_sends_the_same_again() {
    let busy = "429 Too Many Requests\r\nRetry-After: 2";
    let mut page = Open::new(&["503 Service Unavailable", busy]);
    page.does("jitsu.track('One'); jitsu.track('Two', { price: 3 })");
    let sent = page.server.sent(3);
    assert_eq!(events(&sent[0]), ["One", "Two"]);
    assert!(sent.iter().all(|request| ids(request) == ids(&sent[0])), "{sent:?}");
    let backed_off = apart(&mut page, &sent[0], &sent[1]);
    assert!((400.0..2_000.0).contains(&backed_off), "{backed_off} ms");
    let waited = apart(&mut page, &sent[1], &sent[2]);
    assert!((2_000.0..4_000.0).contains(&waited), "{waited} ms");
    page.does("jitsu.track('Three')");
    assert_eq!(events(&page.server.sent(4)[3]), ["Three"]);
}

#[test]
fn browser_our_script_does_not_send_again_what_is_refused() {
    let mut page = Open::new(&["400 Bad Request"]);
    page.does("return jitsu.track('Bad')");
    assert_eq!(page.server.sent(1).len(), 1);
    let console = page.browser.console();
    assert!(console.iter().any(|line| line.contains("refused (400): m: r")), "{console:?}");
    page.does("jitsu.track('Good')");
    assert_eq!(events(&page.server.sent(2)[1]), ["Good"]);
}

#[test]
fn browser_our_script_sends_while_the_visitor_leaves_and_again_on_the_next_page() {
    // Longer than the test looks: what comes second is not a second try of the first page.
    let mut page = Open::new(&["503 Service Unavailable\r\nRetry-After: 60"]);
    page.does("jitsu.track('Kept')");
    page.server.sent(1);
    page.page();
    let sent = page.server.sent(3);
    assert!(sent.iter().all(|request| ids(request) == ids(&sent[0])), "{sent:?}");
    page.page();
    page.server.sent(3);
}

#[test]
fn browser_our_script_is_silent_where_the_visitor_is_and_objects_where_the_visitor_does() {
    let mut page = Open::new(&[]);
    page.does("jitsu.track('Silent')");
    page.server.sent(1);
    page.does("jitsu.consent({ ads: false, numbers: true })");
    page.server.sent(2);
    page.browser.objects();
    page.page();
    page.does("jitsu.track('Objects')");
    let sent = page.server.sent(3);
    let consent = sent.iter().map(|request| &request["batch"][0]["context"]["consent"]);
    let said = json!({ "categoryPreferences": { "ads": false, "numbers": true } });
    assert_eq!(consent.collect::<Vec<_>>(), [&Value::Null, &said, &json!({ "gpc": true })]);
    assert_eq!(events(&sent[1]), ["Segment Consent Preference Updated"]);
}

#[test]
fn browser_our_script_keeps_ids_and_forgets_them_when_it_is_asked_to() {
    let mut page = Open::new(&[]);
    let stored = "return Object.entries(localStorage).concat(Object.entries(sessionStorage))";
    page.does("return jitsu.identify('u-1', { email: 'ines@post.example' })");
    let visitor = page.does("return jitsu.user().anonymousId");
    let kept = page.does(stored);
    let names = [["bonafide_visitor", &format!("{visitor}")], ["bonafide_user", "\"u-1\""]];
    assert_eq!(kept, json!(names), "and no trait");
    page.page();
    page.does("return jitsu.track('Again')");
    page.does("jitsu.reset(); return jitsu.track('Stranger')");
    let sent = page.server.sent(3);
    let [again, stranger] = [&sent[1]["batch"][0], &sent[2]["batch"][0]];
    assert_eq!((&again["anonymousId"], &again["userId"]), (&visitor, &json!("u-1")));
    assert_ne!(stranger["anonymousId"], visitor);
    assert!(stranger.get("userId").is_none(), "{stranger}");
    assert_eq!(page.browser.console(), Vec::<String>::new());
}

#[test]
fn browser_our_script_understands_what_pages_pass() {
    let mut page = Open::new(&[]);
    page.does(
        "const at = new Date(0);
        jitsu.page(); jitsu.page('Lamps'); jitsu.page('Shop', 'Lamps', { a: 1 });
        jitsu.identify({ plan: 'free' }); jitsu.identify(7, { plan: 'pro' });
        jitsu.group('g', { size: 2 }); jitsu.alias('new'); jitsu.screen('Home');
        jitsu.track('T', null, { timestamp: at, integrations: { All: false }, context: { ip: '0' } });
        return new Promise((done) => jitsu.track('Called', {}, {}, done))",
    );
    let sent = page.server.sent(1);
    let batch = &sent[0]["batch"];
    let fields = |at: usize, names: &[&str]| -> Vec<Value> {
        names.iter().map(|name| batch[at].pointer(name).cloned().unwrap_or_default()).collect()
    };
    let named = &["/type", "/category", "/name", "/properties/a", "/properties/title"];
    assert_eq!(
        fields(0, named),
        [json!("page"), json!(null), json!(null), json!(null), json!("Lamps")]
    );
    assert_eq!(fields(1, named)[1..3], [json!(null), json!("Lamps")]);
    assert_eq!(fields(2, named)[1..4], [json!("Shop"), json!("Lamps"), json!(1)]);
    let identified = &["/userId", "/traits/plan"];
    assert_eq!(fields(3, identified), [json!(null), json!("free")]);
    assert_eq!(fields(4, identified), [json!("7"), json!("pro")]);
    assert_eq!(fields(5, &["/groupId", "/traits/size"]), [json!("g"), json!(2)]);
    assert_eq!(fields(6, &["/userId", "/previousId"]), [json!("new"), json!("7")]);
    assert_eq!(fields(7, &["/type", "/name"]), [json!("screen"), json!("Home")]);
    let optional = &["/timestamp", "/integrations/All", "/context/ip", "/context/library/name"];
    let wanted =
        [json!("1970-01-01T00:00:00.000Z"), json!(false), json!("0"), json!("bonafide.js")];
    assert_eq!(fields(8, optional), wanted);
}
