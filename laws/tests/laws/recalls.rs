//! Who was given data by an export learns when it is recalled; who was not learns nothing.

use laws::brand::{Sent, batch, customer, play};
use laws::client::Client;
use laws::house::{AGENCY, Home, MUTE, NEWSLETTER, NOW_MS, PRIVACY};
use model::IdentifierKind;
use serde_json::{Value, json};
use std::sync::Arc;

struct Served {
    running: app::command::Running,
    _dir: tempfile::TempDir,
    client: Client,
}

impl Served {
    fn new() -> Self {
        let Home { house, dir, clock } = Home::memory();
        let names = ["ada", "bob", "eve", "zoe"];
        let body = batch(&names.map(|name| customer(name, Some(true))));
        let sent = Sent { source: "web", gpc: false, received_ms: NOW_MS - 1_000, body };
        play(&house, &clock, &[sent], 1);
        let running = app::command::start(house, "127.0.0.1:0").unwrap();
        let client = Client::new(running.address);
        Self { running, _dir: dir, client }
    }

    fn person(&self, name: &str) -> String {
        let house = Arc::clone(&self.running.house);
        let email = format!("{name}@post.example");
        let blind = house.intake.identifier(IdentifierKind::Email, &email).unwrap();
        house.people.lookup(blind).unwrap()[0].to_string()
    }

    fn withdraws(&mut self, person: &str) {
        let path = format!("/api/contracts/{person}/signals");
        let no = json!({ "grant": "marketing", "allowed": false, "signed_in": true }).to_string();
        assert_eq!(self.client.change(PRIVACY, "POST", &path, &no).status, 200);
    }

    fn recalls(&mut self, key: &str) -> Vec<Value> {
        let answer = self.client.change(key, "GET", "/api/recalls", "");
        assert_eq!(answer.status, 200, "{}", answer.text());
        answer.json()["recalls"].as_array().unwrap().clone()
    }
}

#[test]
fn who_was_given_data_learns_that_it_is_recalled() {
    let mut served = Served::new();
    let [ada, bob, eve] = ["ada", "bob", "eve"].map(|name| served.person(name));
    // The agency takes Ada's and Eve's data out, the newsletter looks at Bob's.
    for person in [&ada, &eve] {
        let path = format!("/api/people/{person}");
        assert_eq!(served.client.read(AGENCY, "marketing", &path).status, 200);
    }
    let path = format!("/api/people/{bob}");
    assert_eq!(served.client.read(NEWSLETTER, "marketing", &path).status, 200);
    assert_eq!(served.recalls(AGENCY), [Value::Null; 0]);
    served.withdraws(&ada);
    served.withdraws(&bob);
    let recalls = served.recalls(AGENCY);
    let marketing: Vec<_> = recalls.iter().filter(|of| of["grant"] == "marketing").collect();
    assert_eq!(marketing.len(), 1, "{recalls:?}");
    assert_eq!(
        (&marketing[0]["person"], &marketing[0]["reason"]),
        (&json!(ada), &json!("withdrawn"))
    );
    assert!(recalls.iter().all(|of| of["person"] == json!(ada)), "{recalls:?}");
    assert_eq!(served.recalls(NEWSLETTER), [Value::Null; 0], "looking is no export");
    // Erased: the recipient is told, by the id it was given.
    let path = format!("/api/subjects/{eve}");
    assert_eq!(served.client.change(PRIVACY, "DELETE", &path, "").status, 200);
    let recalls = served.recalls(AGENCY);
    let erased: Vec<_> = recalls.iter().filter(|of| of["person"] == json!(eve)).collect();
    assert!(!erased.is_empty() && erased.iter().all(|of| of["reason"] == "erased"), "{recalls:?}");
    // Each is acknowledged once, and by nobody else.
    for recall in &recalls {
        let path = format!("/api/recalls/{}/acknowledge", recall["id"].as_str().unwrap());
        assert_eq!(served.client.change(MUTE, "POST", &path, "").status, 404);
        assert_eq!(served.client.change(AGENCY, "POST", &path, "").status, 200);
        assert_eq!(served.client.change(AGENCY, "POST", &path, "").status, 404);
    }
    assert_eq!(served.recalls(AGENCY), [Value::Null; 0]);
    let wrong = served.client.change(AGENCY, "POST", "/api/recalls/x/acknowledge", "");
    assert_eq!(wrong.status, 400);
    assert_eq!(laws::house::examine(&served.running.house), [""; 0]);
}

/// A page of everybody who granted something is an export to whoever takes it out.
#[test]
fn who_was_among_many_is_recalled_too() {
    let mut served = Served::new();
    let page = served.client.read(AGENCY, "marketing", "/api/people").json();
    assert_eq!(page["profiles"].as_array().unwrap().len(), 4, "{page}");
    let zoe = served.person("zoe");
    served.withdraws(&zoe);
    let recalls = served.recalls(AGENCY);
    assert!(
        !recalls.is_empty() && recalls.iter().all(|of| of["person"] == json!(zoe)),
        "{recalls:?}"
    );
    assert_eq!(served.recalls(MUTE), [Value::Null; 0]);
}
