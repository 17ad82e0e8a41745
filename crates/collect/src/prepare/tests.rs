//! What an event says about consent, from the wire to the signals of its record.

use super::*;
use crate::SourceKind;
use crate::consent::encode;
use crate::dialect::{IntakeHeaders, IntakePath, read_body};
use gate::{Ledger, Parts, Policy, Signer};
use model::{Clock, Limits, Rng};
use std::sync::Arc;
use std::sync::atomic::{AtomicU8, Ordering};
use store::Store;
use vault::{Keys, RootKeyFile};

const NOON: Timestamp = Timestamp(1_795_521_600_000);

struct Noon;

impl Clock for Noon {
    fn now(&self) -> Timestamp {
        NOON
    }
}

#[derive(Default)]
struct Counting(AtomicU8);

impl Rng for Counting {
    fn fill(&self, bytes: &mut [u8]) {
        bytes.fill_with(|| self.0.fetch_add(1, Ordering::Relaxed));
    }
}

/// The signals of an event that was made a minute before noon and came at noon.
fn signals(context: &str, headers: &[(&str, &str)]) -> Vec<(Purpose, bool, i64, Method)> {
    let dir = tempfile::tempdir().unwrap();
    let store = Store::memory();
    let rng: Arc<dyn Rng> = Arc::new(Counting::default());
    let root = RootKeyFile::open(dir.path(), Arc::clone(&rng)).unwrap();
    let keys = Arc::new(Keys::open(dir.path(), &root, Arc::clone(&rng)).unwrap());
    let signer = Signer::from_seed("example.org/log", &[7; 32]).unwrap();
    let gate = Gate::open(Parts {
        store: store.clone(),
        ledger: Ledger::open(store.clone(), signer, None).unwrap(),
        keys: Arc::<Keys>::clone(&keys),
        policy: Policy::default(),
        scoped_grants: Vec::new(),
        kept: Vec::new(),
        clock: Arc::new(Noon),
        rng,
    })
    .unwrap();
    let vault = Vault::open(store, keys, gate.seal()).unwrap();
    let source = Source::new("shop", SourceKind::Web).unwrap();
    let headers = headers.iter().map(|(name, value)| (*name, value.as_bytes()));
    let body = format!(
        r#"{{"type":"page","anonymousId":"a","context":{context},"timestamp":{}}}"#,
        NOON.0 - 60_000,
    );
    let headers = IntakeHeaders::read(None, headers);
    let path = IntakePath::of("POST", "/v1/page").unwrap();
    let read = read_body(body.as_bytes(), &headers, &path, &Limits::DEFAULT).unwrap();
    let message = read.items.into_iter().next().unwrap().unwrap();
    let preparer = Preparer { gate: &gate, vault: &vault, source: &source, received: NOON };
    let Some(Prepared::Event { facts, .. }) = preparer.prepare(&message) else {
        panic!("the event names a visitor")
    };
    let purpose = |signal: Signal| {
        let of_bit = |purpose: &&Purpose| gate.grants().whole(**purpose) == Some(signal.bit);
        *Purpose::ALL.iter().find(of_bit).unwrap()
    };
    let shown = |&(signal, manner): &(Signal, Manner)| {
        (purpose(signal), signal.allowed, NOON.0 - signal.at.0, manner.method)
    };
    facts.signals.iter().map(shown).collect()
}

#[test]
fn iab_strings_become_signals_at_the_time_of_their_event() {
    // Of the morning of that day.
    let made = NOON.0.unsigned_abs() / 100 - 3 * 36_000;
    let tcf = encode::tcf_of(&[1, 2, 3, 4, 7, 8, 9], made);
    let event = |purpose, allowed| (purpose, allowed, 60_000, Method::Event);
    let of_tcf = [
        event(Purpose::Personalisation, false),
        event(Purpose::Analytics, true),
        event(Purpose::ModelTraining, false),
        event(Purpose::CrossContextAdvertising, true),
    ];
    assert_eq!(signals(&format!(r#"{{"consent":{{"tcf":"{tcf}"}}}}"#), &[]), of_tcf);
    assert_eq!(signals("{}", &[("x-consent-tcf", &tcf)]), of_tcf);
    let of_gpp =
        [event(Purpose::ThirdPartySharing, false), event(Purpose::CrossContextAdvertising, false)];
    assert_eq!(signals(r#"{"consent":{"gpp":"DBABL~BVQVAAAAAg"}}"#, &[]), of_gpp);
    assert_eq!(signals(r#"{"consent":{"gpp":"DBABL~BVQqAAAAAg"}}"#, &[]), []);
    assert_eq!(signals(r#"{"consent":{"tcf":"CO","gpp":"DB"}}"#, &[]), []);
    let of_header = of_gpp.map(|(purpose, allowed, ago, _)| (purpose, allowed, ago, Method::Gpc));
    assert_eq!(signals(r#"{"consent":{"tcf":"CO"}}"#, &[("sec-gpc", "1")]), of_header);
}

#[test]
fn what_an_old_string_allows_was_allowed_on_its_day() {
    let old = encode::tcf(&[2, 3, 4, 7]);
    let end_of_day = 1_790_035_199_999;
    let of_string = |context: &str| {
        let signals = signals(context, &[]);
        let of = |wanted: Purpose| signals.iter().find(|signal| signal.0 == wanted).copied();
        (of(Purpose::CrossContextAdvertising).unwrap(), of(Purpose::Analytics).unwrap())
    };
    let (yes, no) = of_string(&format!(r#"{{"consent":{{"tcf":"{old}"}}}}"#));
    assert_eq!((yes.1, NOON.0 - yes.2), (true, end_of_day));
    // What it refuses is refused whenever it is said.
    assert_eq!((no.1, no.2), (false, 60_000));
}
