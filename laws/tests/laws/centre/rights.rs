//! Requests by right: their clocks, what they do at once, and who cannot misuse them.

use super::{Served, Visitor};
use laws::brand::{batch, event};
use laws::house::{DESK, MUTE, NEWSLETTER, PRIVACY, WEB};
use serde_json::{Value, json};

const MINUTE_MS: i64 = 60_000;
const DAY_MS: i64 = 24 * 60 * MINUTE_MS;

impl Served {
    /// Asks by right in the preference centre; gives where that leads.
    fn asks(&mut self, visitor: &Visitor, kind: &str) -> String {
        let fields = [("token", &*visitor.token), ("kind", kind)];
        let answer = self.form("/me/requests", &visitor.cookie, &fields);
        assert_eq!(answer.status, 303, "{kind}: {}", answer.text());
        answer.header("location").unwrap().to_owned()
    }

    fn steps_own(&mut self, visitor: &Visitor, id: &str, step: &str) -> u16 {
        let fields = [("token", &*visitor.token), ("id", id), ("step", step)];
        self.form("/me/requests/step", &visitor.cookie, &fields).status
    }

    /// Tells the desk of a request about somebody.
    fn tells(&mut self, name: &str, kind: &str, more: &Value) -> (u16, Value) {
        let mut body =
            json!({ "person": self.person(name), "kind": kind, "through": "unverified" });
        body.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        let answer = self.client.change(PRIVACY, "POST", "/api/requests", &body.to_string());
        (answer.status, answer.json())
    }

    fn steps(&mut self, id: &str, body: &Value) -> (u16, Value) {
        let path = format!("/api/requests/{id}/steps");
        let answer = self.client.change(PRIVACY, "POST", &path, &body.to_string());
        (answer.status, answer.json())
    }

    fn queue(&mut self, query: &str) -> Vec<Value> {
        let answer = self.client.change(PRIVACY, "GET", &format!("/api/requests{query}"), "");
        assert_eq!(answer.status, 200, "{}", answer.text());
        answer.json()["requests"].as_array().unwrap().clone()
    }

    fn sees(&mut self, key: &str, purpose: &str, person: &str) -> u16 {
        self.client.read(key, purpose, &format!("/api/people/{person}")).status
    }
}

fn id_of(location: &str) -> String {
    location.split_once("#request-").unwrap().1.to_owned()
}

#[test]
fn who_asks_sees_how_far_it_is_and_takes_it_back() {
    let mut served = Served::new();
    let (ada, bob) = (served.comes_in("ada"), served.comes_in("bob"));
    let id = id_of(&served.asks(&ada, "access"));
    // In another window the same request is shown.
    assert_eq!(served.asks(&ada, "access"), format!("/me/requests#request-{id}"));
    assert_eq!(served.queue("").len(), 1);
    let page = served.page("/me/requests", &ada).text();
    assert!(page.contains(&id) && page.contains("To be answered by"), "{page}");
    assert!(!served.page("/me/requests", &bob).text().contains(&id));
    // Nobody else's, none at all, and no such thing.
    assert_eq!(served.steps_own(&bob, &id, "withdraw"), 400);
    for (id, step) in [(&*"0".repeat(32), "withdraw"), ("x", "withdraw"), (&*id, "answer")] {
        assert_eq!(served.steps_own(&ada, id, step), 400, "{id} {step}");
    }
    let path = format!("/me/request.json?id={id}");
    assert_eq!(served.page(&path, &bob).status, 400);
    let shoes = [("token", &*ada.token), ("kind", "shoes")];
    assert_eq!(served.form("/me/requests", &ada.cookie, &shoes).status, 400);
    assert_eq!(served.steps_own(&ada, &id, "withdraw"), 303);
    assert_eq!(served.steps_own(&ada, &id, "withdraw"), 303, "the other window sees how it stands");
    assert!(served.page("/me/requests", &ada).text().contains("Taken back"));
    assert_eq!((served.queue("").len(), served.queue("?state=withdrawn").len()), (0, 1));
    // Each step proves itself.
    let document = served.page(&path, &ada).text();
    let key = served.client.call("GET", "/api/ledger/vkey", &[], b"").unwrap().text();
    let dir = tempfile::tempdir().unwrap();
    let verify = |text: &str| {
        let (file, vkey) = (dir.path().join("kept.json"), dir.path().join("log.vkey"));
        std::fs::write(&file, text).unwrap();
        std::fs::write(&vkey, &key).unwrap();
        let mut program = std::process::Command::new(laws::process::program());
        program.args(["contract", "verify"]).arg(file).arg("--key").arg(vkey);
        let done = program.output().unwrap();
        (done.status.success(), String::from_utf8([done.stdout, done.stderr].concat()).unwrap())
    };
    let (good, told) = verify(&document);
    assert!(good && told.contains("step receive") && told.contains("step withdraw"), "{told}");
    for (from, to) in [("eu-gdpr:A15", "eu-gdpr:A17"), ("\"withdraw\"", "\"answer\"")] {
        assert!(document.contains(from), "{document}");
        let (good, told) = verify(&document.replacen(from, to, 1));
        assert!(!good, "{from}: {told}");
    }
}

#[test]
fn what_is_restricted_is_kept_and_shown_to_its_customer_only() {
    let mut served = Served::new();
    let (ada, bob) = (served.person("ada"), served.person("bob"));
    let visitor = served.comes_in("ada");
    assert_eq!(served.sees(DESK, "service_provision", &ada), 200);
    served.asks(&visitor, "restriction");
    assert_eq!(served.sees(DESK, "service_provision", &ada), 403, "not even what is necessary");
    assert_eq!(served.sees(NEWSLETTER, "marketing", &ada), 403);
    assert_eq!(served.sees(PRIVACY, "subject_access", &ada), 200);
    assert_eq!(served.sees(DESK, "service_provision", &bob), 200);
    assert_eq!(served.page("/me/data", &visitor).status, 200);
    assert!(served.page("/me/requests", &visitor).text().contains("only kept"));
    // A page's consent tool ends nothing; what they say here since is done.
    served.waits(10_000);
    let yes = json!({ "consent": { "categoryPreferences": { "marketing": true } } });
    let repeated = json!({ "userId": "user-ada", "context": yes });
    let repeated = event("identify", "repeated", "2026-11-24T00:00:08Z", &repeated);
    served.client.sent(WEB, &batch(&[repeated]));
    assert_eq!(served.sees(NEWSLETTER, "marketing", &ada), 403);
    served.says(&visitor, "marketing", "yes");
    assert_eq!(served.sees(NEWSLETTER, "marketing", &ada), 200);
    assert_eq!(served.sees(DESK, "service_provision", &ada), 403);
    assert_eq!(laws::house::examine(&served.running.house), [""; 0]);
    let token = [("token", &*visitor.token)];
    assert_eq!(served.form("/me/lift", &visitor.cookie, &token).status, 303);
    assert_eq!(served.sees(DESK, "service_provision", &ada), 200);
    // Staff end one for a reason.
    served.asks(&visitor, "restriction");
    let path = format!("/api/subjects/{ada}/lift");
    assert_eq!(served.client.change(PRIVACY, "POST", &path, r#"{"reason":"bored"}"#).status, 400);
    assert_eq!(served.sees(DESK, "service_provision", &ada), 403);
    assert_eq!(
        served.client.change(PRIVACY, "POST", &path, r#"{"reason":"accurate"}"#).status,
        200
    );
    assert_eq!(served.sees(DESK, "service_provision", &ada), 200);
}

#[test]
fn who_objects_is_obeyed_at_once() {
    let mut served = Served::new();
    let (ada, visitor) = (served.person("ada"), served.comes_in("ada"));
    assert_eq!(served.newsletter_sees(&ada), 200);
    served.waits(1_000);
    let id = id_of(&served.asks(&visitor, "objection"));
    assert_eq!(served.newsletter_sees(&ada), 403);
    let path = format!("/api/people/{ada}/contract");
    let contract = served.client.read(PRIVACY, "subject_access", &path).json();
    let grants = contract["grants"].as_array().unwrap();
    let allowed = |name: &str| {
        grants.iter().find(|grant| grant["grant"] == name).unwrap()["allowed"].as_bool().unwrap()
    };
    assert!(!allowed("identity_linking") && !allowed("marketing/email"), "{contract}");
    assert!(allowed("service_provision") && allowed("analytics"), "{contract}");
    let closed = served.queue("?state=answered");
    assert_eq!((closed.len(), &closed[0]["id"]), (1, &json!(id)));
    // What is done is not done again.
    assert_eq!(served.steps(&id, &json!({ "step": "carry_out" })).0, 409);
}

#[test]
fn nobody_is_erased_by_a_letter() {
    let mut served = Served::new();
    let ada = served.person("ada");
    let (status, request) = served.tells("ada", "erasure", &json!({}));
    assert_eq!(status, 200, "{request}");
    let id = request["id"].as_str().unwrap().to_owned();
    let refused = served.steps(&id, &json!({ "step": "carry_out" }));
    assert_eq!((refused.0, &refused.1["code"]), (409, &json!("no_step")));
    served.waits(3 * DAY_MS);
    let house = std::sync::Arc::clone(&served.running.house);
    assert_eq!(house.people.carry_out_due("bonafide").unwrap(), 0);
    // The customer signs in, says it was them, and may still think again for a day.
    let visitor = served.comes_in("ada");
    assert!(served.page("/me/requests", &visitor).text().contains("whether it was you"));
    assert_eq!(served.steps_own(&visitor, &id, "verify"), 303);
    assert!(served.page("/me/requests", &visitor).text().contains("you can take it back"));
    served.waits(DAY_MS - 1);
    assert_eq!(served.steps(&id, &json!({ "step": "carry_out" })).0, 409);
    assert_eq!(house.people.carry_out_due("bonafide").unwrap(), 0);
    assert_eq!(served.sees(PRIVACY, "subject_access", &ada), 200);
    served.waits(1);
    assert_eq!(house.people.carry_out_due("bonafide").unwrap(), 1);
    assert_eq!(served.sees(PRIVACY, "subject_access", &ada), 404);
    assert_eq!(served.steps(&id, &json!({ "step": "escalate" })).0, 404);
    // That there was a request is kept, of nobody.
    let view = house.people.view().unwrap();
    let kept = house.gate.kept_request(&view, id.parse().unwrap()).unwrap().unwrap();
    assert_eq!(kept.state, gate::rights::RequestState::Answered);
    drop(view);
    assert_eq!((served.queue("").len(), served.queue("?state=answered").len()), (0, 0));
    assert_eq!(laws::house::examine(&house), [""; 0]);
}

#[test]
fn who_did_not_ask_takes_it_back_and_strangers_are_locked_out() {
    let mut served = Served::new();
    let (_, erasure) = served.tells("bob", "erasure", &json!({}));
    let id = erasure["id"].as_str().unwrap().to_owned();
    let bob = served.comes_in("bob");
    assert_eq!(served.steps_own(&bob, &id, "withdraw"), 303);
    assert_eq!(served.tells("bob", "access", &json!({})).0, 200);
    assert_eq!(served.tells("bob", "restriction", &json!({})).0, 200);
    // Three doubtful requests are enough for a day, the one taken back among them.
    let (status, locked) = served.tells("bob", "objection", &json!({}));
    assert_eq!((status, &locked["code"]), (429, &json!("too_many_requests")));
    assert_eq!(served.tells("ada", "objection", &json!({})).0, 200, "others are not");
    served.asks(&bob, "objection");
    served.waits(DAY_MS);
    assert_eq!(served.tells("bob", "portability", &json!({})).0, 200);
}

#[test]
fn the_desk_keeps_to_the_clocks() {
    let mut served = Served::new();
    let on_time = json!({ "through": "service", "verified": true });
    let (status, request) = served.tells("ada", "access", &on_time);
    assert_eq!(status, 200, "{request}");
    let id = request["id"].as_str().unwrap().to_owned();
    assert_eq!(request["answer_by"], "2026-12-24T00:00:00.000Z");
    assert_eq!(request["extendable_to"], "2027-02-24T00:00:00.000Z");
    assert_eq!(served.tells("ada", "access", &on_time).0, 409, "there is one");
    assert_eq!(served.queue("?due_before=2026-12-24T00:00:00Z").len(), 0);
    assert_eq!(served.queue("?due_before=2026-12-24T00:00:01Z").len(), 1);
    for (step, status) in [
        (json!({ "step": "extend" }), 400),
        (json!({ "step": "extend", "reason": "holidays" }), 400),
        (json!({ "step": "acknowledge", "reason": "complex" }), 400),
        (json!({ "step": "dance" }), 400),
        (json!({ "step": "acknowledge" }), 200),
        (json!({ "step": "acknowledge" }), 409),
        (json!({ "step": "extend", "reason": "complex" }), 200),
        (json!({ "step": "extend", "reason": "complex" }), 409),
        (json!({ "step": "escalate" }), 200),
    ] {
        let (was, answer) = served.steps(&id, &step);
        assert_eq!(was, status, "{step}: {answer}");
    }
    assert_eq!(served.queue("")[0]["answer_by"], "2027-02-24T00:00:00.000Z");
    // A letter that came long ago is late already.
    let late = json!({ "received": "2026-10-01T09:00:00Z" });
    let (_, late) = served.tells("bob", "access", &late);
    let late = late["id"].as_str().unwrap().to_owned();
    let too_late = json!({ "step": "extend", "reason": "numerous" });
    assert_eq!(served.steps(&late, &too_late).0, 409);
    let metrics = served.client.call("GET", "/metrics", &[], b"").unwrap().text();
    for line in ["bonafide_requests_open 2", "bonafide_requests_overdue 1"] {
        assert!(metrics.lines().any(|one| one == line), "{line}: {metrics}");
    }
    let queue = served.queue("");
    assert_eq!((&queue[0]["id"], &queue[0]["overdue"]), (&json!(late), &json!(true)));
    let first = served.client.change(PRIVACY, "GET", "/api/requests?limit=1", "").json();
    let after = first["after"].as_str().unwrap();
    assert_eq!(served.queue(&format!("?limit=1&after={after}"))[0]["id"], id);
    assert_eq!(served.steps(&late, &json!({ "step": "answer" })).0, 409, "nobody knows who asked");
    let refusal = json!({ "step": "refuse", "reason": "not_identified" });
    assert_eq!((served.steps(&late, &refusal).0, served.steps(&late, &refusal).0), (200, 409));
    assert_eq!(served.steps(&id, &json!({ "step": "answer" })).0, 200);
    assert_eq!(served.steps(&"0".repeat(32), &json!({ "step": "answer" })).0, 404);
    for (body, status) in [
        (json!({ "received": "2027-01-01T00:00:00Z" }), 400),
        (json!({ "received": "soon" }), 400),
        (json!({ "through": "preference_centre" }), 400),
        (json!({ "verified": true }), 400),
        (json!({ "kind": "shoes" }), 400),
        (json!({ "person": "0".repeat(32) }), 404),
    ] {
        assert_eq!(served.tells("eve", "access", &body).0, status, "{body}");
    }
    for path in ["/api/requests?state=lost", "/api/requests?after=x"] {
        assert_eq!(served.client.change(PRIVACY, "GET", path, "").status, 400, "{path}");
    }
    for key in [MUTE, NEWSLETTER] {
        assert_eq!(served.client.change(key, "GET", "/api/requests", "").status, 403);
    }
}

#[test]
fn what_customers_say_of_themselves_outranks_what_others_say() {
    let mut served = Served::new();
    let (ada, visitor) = (served.person("ada"), served.comes_in("ada"));
    let corrects = |served: &mut Served, name: &str, value: &str| {
        served.waits(1_000);
        let fields = [("token", &*visitor.token), ("name", name), ("value", value)];
        served.form("/me/correct", &visitor.cookie, &fields).status
    };
    let value = |served: &mut Served, name: &str| {
        let path = format!("/api/people/{ada}");
        let profile = served.client.read(PRIVACY, "subject_access", &path).json();
        let values = profile["values"].as_array().unwrap();
        values.iter().find(|value| value["name"] == name).cloned().unwrap_or(Value::Null)
    };
    assert_eq!(corrects(&mut served, "given_name", "Augusta"), 303);
    let said = value(&mut served, "given_name");
    assert_eq!((&said["value"], &said["source"]), (&json!("Augusta"), &json!("preference_centre")));
    assert!(said["corrected"].as_str().unwrap().eq_ignore_ascii_case("ada"), "{said}");
    assert!(served.page("/me/data", &visitor).text().contains("corrected; before:"));
    // A source that says something later does not win.
    let later = json!({ "userId": "user-ada", "traits": { "firstName": "Adeline" } });
    let later = event("identify", "later", "2026-11-24T00:00:01Z", &later);
    served.client.sent(WEB, &batch(&[later]));
    assert_eq!(value(&mut served, "given_name")["value"], "Augusta");
    assert_eq!(corrects(&mut served, "given_name", ""), 303);
    assert_eq!(value(&mut served, "given_name")["value"], "Adeline");
    assert_eq!(corrects(&mut served, "interests", "ferns, chess"), 303);
    let likes = value(&mut served, "interests");
    assert_eq!(
        (&likes["value"], &likes["category"]),
        (&json!("ferns, chess"), &json!("preference"))
    );
    for (name, value) in [("shoe_size", "38"), ("interests", &*"x".repeat(2_000))] {
        assert_eq!(corrects(&mut served, name, value), 400, "{name}");
    }
    // A service corrects on their behalf, if it may answer them.
    let path = format!("/api/subjects/{ada}/rectify");
    let body = r#"{"name":"given_name","value":"Ada Augusta"}"#;
    assert_eq!(served.client.change(PRIVACY, "POST", &path, body).status, 200);
    assert_eq!(value(&mut served, "given_name")["value"], "Ada Augusta");
    assert_eq!(served.client.change(NEWSLETTER, "POST", &path, body).status, 403);
    assert_eq!(laws::house::examine(&served.running.house), [""; 0]);
}
