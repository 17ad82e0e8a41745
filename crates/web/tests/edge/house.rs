//! A house over a store in memory, with a shop that sends and services that ask.

use axum::Router;
use axum::body::Body;
use axum::http::{HeaderMap, Request, StatusCode};
use collect::{Intake, IntakeOptions, Source, SourceKind};
use gate::{Gate, Ledger, Parts, Policy, Service, Services, Signer, UseKind, key_sha256};
use http_body_util::BodyExt;
use model::{Clock, Grant, Purpose, Rng, Scope, Sensitive, Timestamp};
use people::People;
use serde_json::Value;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, AtomicU64, Ordering};
use store::Store;
use store::memory::Faults;
use tower::ServiceExt;
use vault::{Keys, RootKeyFile, Vault};
use web::{Edge, Scripts};

/// 24 November 2026, noon.
pub(crate) const NOON: i64 = 1_795_521_600_000;
/// The shop's write key.
pub(crate) const SHOP: &str = "shop-write-key";
/// The key of a source that is switched off.
pub(crate) const CLOSED: &str = "closed-write-key";
/// A service that may do everything.
pub(crate) const OFFICE: &str = "office-api-key-0001";
/// A service that may only look for marketing.
pub(crate) const NEWS: &str = "newsletter-api-key-1";

/// A clock that moves a millisecond each time somebody looks.
#[derive(Debug)]
struct Steps(AtomicI64);

impl Clock for Steps {
    fn now(&self) -> Timestamp {
        Timestamp(self.0.fetch_add(1, Ordering::Relaxed))
    }
}

/// Chance from a counter (splitmix64): the same in every run.
#[derive(Debug)]
struct Counted(AtomicU64);

impl Rng for Counted {
    fn fill(&self, bytes: &mut [u8]) {
        for chunk in bytes.chunks_mut(8) {
            let mut mixed = self.0.fetch_add(0x9e37_79b9_7f4a_7c15, Ordering::Relaxed);
            mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
            mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
            let fresh = (mixed ^ (mixed >> 31)).to_le_bytes();
            chunk.copy_from_slice(&fresh[..chunk.len()]);
        }
    }
}

pub(crate) struct House {
    pub(crate) router: Router,
    pub(crate) faults: Faults,
    _keys: tempfile::TempDir,
}

/// An answer, read whole.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: StatusCode,
    pub(crate) headers: HeaderMap,
    pub(crate) bytes: Vec<u8>,
}

impl Answer {
    pub(crate) fn json(&self) -> Value {
        serde_json::from_slice(&self.bytes).unwrap_or_else(|_| panic!("no JSON: {}", self.text()))
    }

    pub(crate) fn text(&self) -> String {
        String::from_utf8_lossy(&self.bytes).into_owned()
    }

    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name).map(|value| value.to_str().unwrap())
    }
}

fn services() -> Services {
    Services::new(vec![
        Service {
            name: "office".to_owned(),
            team: None,
            key_sha256: key_sha256(OFFICE),
            purposes: Purpose::ALL.to_vec(),
            kinds: UseKind::ALL.to_vec(),
            operates: true,
        },
        Service {
            name: "newsletter".to_owned(),
            team: None,
            key_sha256: key_sha256(NEWS),
            purposes: vec![Purpose::Marketing],
            kinds: vec![UseKind::View],
            operates: false,
        },
    ])
}

fn sources() -> Vec<Source> {
    let shop = Source::new("shop", SourceKind::Web).unwrap().with_key(SHOP);
    let mut closed = Source::new("closed", SourceKind::Web).unwrap().with_key(CLOSED);
    closed.enabled = false;
    vec![shop, closed]
}

fn edge(store: &Store, keys: &Path) -> Edge {
    let clock: Arc<dyn Clock> = Arc::new(Steps(AtomicI64::new(NOON)));
    let rng: Arc<dyn Rng> = Arc::new(Counted(AtomicU64::new(7)));
    let root = RootKeyFile::open(keys, Arc::clone(&rng)).unwrap();
    let keys = Arc::new(Keys::open(keys, &root, Arc::clone(&rng)).unwrap());
    let signer = Signer::from_seed("shop.example/ledger", &[3; 32]).unwrap();
    let ledger = Ledger::open(store.clone(), signer, None).unwrap();
    let email = Grant { purpose: Purpose::Marketing, scope: Scope::Channel("email".to_owned()) };
    let gate = Gate::open(Parts {
        store: store.clone(),
        ledger,
        keys: Arc::clone(&keys) as Arc<dyn gate::LedgerKeys>,
        policy: Policy::default(),
        scoped_grants: vec![email],
        kept: Vec::new(),
        clock: Arc::clone(&clock),
        rng: Arc::clone(&rng),
    });
    let gate = Arc::new(gate.unwrap());
    let vault = Arc::new(Vault::open(store.clone(), keys, gate.seal()).unwrap());
    let people = Arc::new(People::new(store.clone(), Arc::clone(&gate), vault));
    let options = IntakeOptions { dedupe_ms: 604_800_000, sources: sources() };
    let intake =
        Intake::open(store.clone(), Arc::clone(&people), options, Arc::clone(&clock)).unwrap();
    let notice = Arc::new(gate::Notice::shipped().unwrap());
    let key = "mail-0123456789abcdef";
    let mailer = Service {
        name: action::CALLER.to_owned(),
        team: None,
        key_sha256: key_sha256(key),
        purposes: Vec::new(),
        kinds: Vec::new(),
        operates: false,
    };
    let caller = Services::new(vec![mailer]).authenticate(&Sensitive::new(key.to_owned()));
    let action = action::Action::new(action::Parts {
        store: store.clone(),
        gate: Arc::clone(&gate),
        people: Arc::clone(&people),
        caller: caller.unwrap(),
        notice: Arc::clone(&notice),
        mail: None,
        trusted: Arc::new(|_| false),
        receipts: Arc::new(|_, _| None),
        rng,
    });
    Edge {
        gate,
        people,
        intake: Arc::new(intake),
        action: Arc::new(action),
        scripts: Scripts::own(),
        services: services(),
        brands: gate::BrandKeys::default(),
        notice,
        clock,
        monotonic_ms: Arc::new(|| 0.0),
        version: "0.0.0-test",
    }
}

impl House {
    pub(crate) fn new() -> Self {
        Self::with_scripts(Scripts::own())
    }

    /// A house that gives these scripts to pages.
    pub(crate) fn with_scripts(scripts: Scripts) -> Self {
        let (store, faults) = store::memory::faulty();
        let keys = tempfile::tempdir().unwrap();
        let edge = Edge { scripts, ..edge(&store, keys.path()) };
        Self { router: web::router(Arc::new(edge)), faults, _keys: keys }
    }

    /// An edge for a real socket.
    pub(crate) fn edge() -> (Edge, tempfile::TempDir) {
        let keys = tempfile::tempdir().unwrap();
        (edge(&Store::memory(), keys.path()), keys)
    }

    pub(crate) async fn send(&self, request: Request<Body>) -> Answer {
        let response = self.router.clone().oneshot(request).await.unwrap();
        let (parts, body) = response.into_parts();
        let bytes = body.collect().await.unwrap().to_bytes().to_vec();
        Answer { status: parts.status, headers: parts.headers, bytes }
    }

    pub(crate) async fn call(
        &self,
        method: &str,
        path: &str,
        headers: &[(&str, &str)],
        body: impl Into<Body>,
    ) -> Answer {
        let mut request = Request::builder().method(method).uri(path);
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        self.send(request.body(body.into()).unwrap()).await
    }

    /// A call of the office.
    pub(crate) async fn office(&self, method: &str, path: &str, body: &str) -> Answer {
        self.service(OFFICE, method, path, body).await
    }

    pub(crate) async fn service(&self, key: &str, method: &str, path: &str, body: &str) -> Answer {
        let key = format!("Bearer {key}");
        self.call(method, path, &[("authorization", &key)], body.to_owned()).await
    }

    /// Sends events of the shop.
    pub(crate) async fn shop(&self, path: &str, body: Value) -> Answer {
        self.call("POST", path, &[("x-write-key", SHOP)], body.to_string()).await
    }

    /// Sends an identify event and gives the person's id.
    pub(crate) async fn customer(&self, user: &str, email: &str) -> String {
        let event = serde_json::json!({
            "userId": user,
            "messageId": format!("identify-{user}"),
            "traits": { "email": email, "firstName": "Ada" },
        });
        let answer = self.shop("/v1/identify", event).await;
        assert_eq!(answer.text(), r#"{"success":true,"ok":true}"#);
        let path = format!("/api/people/lookup?type=user_id&value={user}&purpose=subject_access");
        let answer = self.office("GET", &path, "").await;
        assert_eq!(answer.status, 200, "{}", answer.text());
        answer.json()["person"].as_str().unwrap().to_owned()
    }

    /// The customer says yes or no.
    pub(crate) async fn say(&self, person: &str, grant: &str, allowed: bool) {
        let body = serde_json::json!({ "grant": grant, "allowed": allowed, "signed_in": true });
        let path = format!("/api/contracts/{person}/signals");
        let answer = self.office("POST", &path, &body.to_string()).await;
        assert_eq!(answer.status, 200, "{}", answer.text());
    }
}
