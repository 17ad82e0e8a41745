//! An erasure reaches every table: each is registered here with how, every row of a person is filled in
//! through the doors that fill it, and after the erasure nothing of the person is in the raw store.

use gate::rights::{NewRequest, RequestKind, Step, Through};
use laws::brand::{Sent, batch, customer, deed, event, play};
use laws::house::{Home, NOW_MS, PRIVACY};
use laws::search::{each_row, holds};
use model::{Category, Grant, IdentifierKind, Purpose, RecordId, Sensitive};
use people::Correction;
use serde_json::json;
use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;

/// How an erasure reaches a table.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Reach {
    /// Its rows bear the ids of records, of people, of requests or the pseudonyms of identifiers.
    Rows,
    /// So do these, which are filled where mail is set up or somebody gives an address; that they are reached, the
    /// laws of mail and of households say.
    Elsewhere,
    /// It holds nothing of anybody, for this reason.
    Nobodys(&'static str),
}
use Reach::{Elsewhere, Nobodys, Rows};

/// Every table of the house. Adding one is a decision about what an erasure does to it.
const TABLES: &[(&str, Reach)] = &[
    ("action.asks", Elsewhere),
    ("action.asks_of", Elsewhere),
    ("action.house", Nobodys("how often anybody asked this minute")),
    ("action.outbox", Elsewhere),
    ("action.queue", Nobodys("asks that nobody looked at yet, for seconds, by a knock")),
    ("collect.quarantine", Nobodys("an item has a key and an id of its own, of no record")),
    ("collect.quarantine_items", Nobodys("where an item lies, by its own id")),
    ("collect.seen", Nobodys("pseudonyms of message ids, forgotten after a while")),
    ("collect.sources", Nobodys("systems, not people")),
    ("gate.among", Nobodys("ordinals, which lead to nobody without a contract")),
    ("gate.among_many", Nobodys("ordinals, which lead to nobody without a contract")),
    ("gate.cohort_uses", Nobodys("ordinals, which lead to nobody without a contract")),
    ("gate.contracts", Rows),
    ("gate.doors", Rows),
    ("gate.grants", Nobodys("purposes and scopes")),
    (
        "gate.knocks",
        Nobodys("hashes of what a browser holds while it comes in; they end by themselves"),
    ),
    ("gate.ledger_chunks", Nobodys("commitments whose keys are destroyed")),
    ("gate.ledger_head", Nobodys("a hash over everything")),
    ("gate.ledger_tiles", Nobodys("hashes of commitments")),
    ("gate.notices", Nobodys("what the brand promises")),
    ("gate.ordinals", Nobodys("a number")),
    ("gate.policy", Nobodys("a hash of the policy")),
    (
        "gate.recalls",
        Nobodys("who was given what by export has to be told; gone when acknowledged"),
    ),
    ("gate.request_queue", Rows),
    ("gate.requests", Rows),
    ("gate.requests_kept", Nobodys("that there was a request, without whose: 11 CCR 7101")),
    ("gate.requests_of", Rows),
    ("gate.signals", Rows),
    ("gate.uses", Rows),
    ("people.components", Rows),
    ("people.corrections", Rows),
    ("people.events", Rows),
    ("people.homes", Elsewhere),
    ("people.likeness", Nobodys("which model compared")),
    ("people.models", Nobodys("what was learned from many, sealed under a key of its own")),
    ("people.postings", Rows),
    ("people.postings_apart", Rows),
    ("people.postings_more", Rows),
    ("people.records", Rows),
    ("people.tombstones", Nobodys("keyed hashes of pseudonyms, so that nobody comes back by file")),
    ("people.traits", Rows),
    ("vault.erasures", Nobodys("the number of the last group of erasures")),
    ("vault.keyring", Nobodys("which keys belong to this store")),
    ("vault.keys", Rows),
];

/// The names of tables that rooms declare, as their sources say it.
fn declared() -> BTreeSet<String> {
    let crates = Path::new(env!("CARGO_MANIFEST_DIR")).join("../crates");
    let mut names = BTreeSet::new();
    for room in ["store", "gate", "vault", "people", "action", "collect", "web", "app"] {
        for file in laws::search::files(&crates.join(room).join("src")) {
            let tests =
                file.file_stem().is_some_and(|name| name.to_string_lossy().ends_with("tests"));
            if tests || file.extension().is_none_or(|kind| kind != "rs") {
                continue;
            }
            let text = fs::read_to_string(&file).unwrap();
            let uses = text.split("table!(\"").skip(1);
            names.extend(
                uses.filter_map(|rest| Some(format!("{room}.{}", rest.split('"').next()?))),
            );
        }
    }
    names
}

#[test]
fn every_table_says_how_an_erasure_reaches_it() {
    let known: BTreeSet<String> = TABLES.iter().map(|(name, _)| (*name).to_owned()).collect();
    assert_eq!(declared(), known, "tell here how an erasure reaches the table");
    for (name, reach) in TABLES {
        assert!(!matches!(reach, Nobodys("")), "{name}: say why it is nobody's");
    }
}

/// Fifty-two customers of one telephone, so that its postings overflow.
const CROWD: u32 = 52;

fn fill(home: &Home) -> BTreeSet<RecordId> {
    let at = NOW_MS - 86_400_000;
    let send = |source, events: &[serde_json::Value]| {
        let sent = Sent { source, gpc: false, received_ms: at, body: batch(events) };
        play(&home.house, &home.clock, &[sent], 1);
    };
    let with_phone = |name: &str| {
        let mut event = customer(name, Some(true));
        event["traits"]["phone"] = json!("+442079460003");
        event
    };
    let crowd: Vec<_> = (0..CROWD).map(|number| with_phone(&format!("crowd{number}"))).collect();
    send("web", &crowd);
    send("web", &[with_phone("ada"), deed("ada", 1, "2026-11-20T11:00:00Z")]);
    // A second record of hers, by her address; and one that must not be linked.
    let traits = json!({ "firstName": "ada", "email": "ada@post.example" });
    let card = json!({ "userId": "card-ada", "traits": traits });
    send("loyalty", &[event("identify", "card", "2026-11-20T10:00:00Z", &card)]);
    let ada = home.find(IdentifierKind::UserId, "user-ada")[0];
    let caller = home.caller(PRIVACY);
    let (gate, people) = (&home.house.gate, &home.house.people);
    let own = Grant::whole(Purpose::SubjectAccess);
    let permit = gate.ask::<gate::SubjectAccess>(&caller, ada, &own).unwrap();
    gate.link(permit, 60_000).unwrap();
    let record = RecordId::from(ada);
    for kind in [RequestKind::Access, RequestKind::Restriction] {
        let (through, received) = (Through::Service, gate.now());
        let asked = NewRequest { kind, through, verified: true, received };
        let request = gate.receive(ada, record, &asked, "privacy").unwrap();
        if kind == RequestKind::Restriction {
            people.carry_out(request.id, "privacy").unwrap();
        } else {
            gate.step(request.id, Step::Acknowledge, "privacy").unwrap();
        }
    }
    let name = Sensitive::new("given_name".to_owned());
    let value = Some(Sensitive::new("Augusta".to_owned()));
    let correction = Correction { category: Category::Name, name: &name, value };
    people.correct(record, &correction, "privacy").unwrap();
    let view = people.view().unwrap();
    let contract = gate.contracts(&view, &[ada]).unwrap().remove(0).unwrap().value;
    assert!(contract.records.len() >= 2 && contract.restricted.is_some());
    contract.records.into_iter().collect()
}

/// Which tables have rows with any of these bytes.
fn found(home: &Home, marks: &[[u8; 16]]) -> BTreeMap<String, usize> {
    let mut found = BTreeMap::new();
    each_row(&home.house.store, &mut |table, row| {
        if marks.iter().any(|mark| holds(row, mark)) {
            *found.entry(table.to_owned()).or_default() += 1;
        }
    });
    found
}

fn erase(home: &Home, record: RecordId) {
    let person = home.house.people.locate(record.into()).unwrap();
    let caller = home.caller(PRIVACY);
    let own = Grant::whole(Purpose::SubjectAccess);
    let permit = home.house.gate.ask::<gate::SubjectAccess>(&caller, person, &own).unwrap();
    home.house.people.erase(permit).unwrap();
}

#[test]
fn an_erasure_reaches_every_table() {
    let home = Home::memory();
    let records = fill(&home);
    let view = home.house.people.view().unwrap();
    let ids: Vec<RecordId> = records.iter().copied().collect();
    let requests = home.house.gate.requests_of(&view, &ids).unwrap();
    drop(view);
    let blind = |kind, raw: &str| home.house.intake.identifier_in("shop", kind, raw).unwrap().0;
    let mut marks: Vec<[u8; 16]> = ids.iter().map(|record| record.0).collect();
    let blinds = [
        blind(IdentifierKind::Email, "ada@post.example"),
        blind(IdentifierKind::UserId, "user-ada"),
        blind(IdentifierKind::AnonymousId, "browser-ada"),
    ];
    marks.extend(blinds);
    marks.extend(requests.iter().map(|request| request.id.0));
    assert_eq!(requests.len(), 2);
    // One who must not be linked stands in postings of their own; so do hers once she says so.
    let before = found(&home, &marks);
    let apart = refuse_linking(&home, ids[0]);
    let after_refusal = found(&home, &marks);
    for (table, reach) in TABLES {
        let filled = before.contains_key(*table) || after_refusal.contains_key(*table);
        // What overflows depends on whose ids are greater: it is nobody's, or hers.
        let may_be_empty = *table == "people.postings_more";
        assert_eq!(filled || may_be_empty, *reach == Rows || may_be_empty, "{table}");
    }
    for record in apart {
        if home.house.people.locate(record.into()).is_ok() {
            erase(&home, record);
        }
    }
    let left = found(&home, &marks);
    let kept = left.get("gate.requests_kept").copied();
    let left: Vec<_> = left.keys().filter(|table| *table != "gate.requests_kept").collect();
    assert_eq!((left, kept), (vec![], Some(2)));
    assert_eq!(home.examine(), [""; 0]);
}

/// Refuses linking on a record, which takes it apart from the rest; gives all that was one person.
fn refuse_linking(home: &Home, record: RecordId) -> Vec<RecordId> {
    let person = home.house.people.locate(record.into()).unwrap();
    let view = home.house.people.view().unwrap();
    let contract = home.house.gate.contracts(&view, &[person]).unwrap().remove(0).unwrap().value;
    drop(view);
    let linking = home.house.gate.grants().whole(Purpose::IdentityLinking).unwrap();
    let signal = gate::Signal {
        bit: linking,
        allowed: false,
        at: home.house.gate.now(),
        standing: gate::Standing::SignedIn,
        voice: gate::Voice::House,
    };
    let caller = home.caller(PRIVACY);
    let manner = gate::Manner::by(gate::Method::Api);
    home.house.people.say(&caller, record.into(), &[signal], manner).unwrap();
    contract.records
}
