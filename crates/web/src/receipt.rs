//! Consent receipts and certificates of erasure as outside JSON: the terms of ISO/IEC TS 27560 in the W3C's
//! Data Privacy Vocabulary, with the evidence by which anybody can check them offline.

use crate::shape::instant;
use gate::rights::{Request, RequestKind, Step};
use gate::{
    Basis, Categories, Evidence, Fact, Method, Notice, Policy, SignalRow, Standing, Verifier, Voice,
};
use model::{Category, Timestamp};
use serde::Deserialize;
use serde_json::{Value, json};
use std::fmt;

/// The member that holds what proves a receipt.
const EVIDENCE: &str = "bonafide:evidence";

/// Where the terms are from.
fn context() -> Value {
    json!({
        "dpv": "https://w3id.org/dpv#",
        "pd": "https://w3id.org/dpv/pd#",
        "eu-gdpr": "https://w3id.org/dpv/legal/eu/gdpr#",
        "dct": "http://purl.org/dc/terms/",
        "bonafide": "urn:bonafide:",
    })
}

/// Whether something was said before that this takes back.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Before {
    /// There was a yes.
    Yes,
    /// There was none.
    NoYes,
}

/// The receipt of one thing that a customer said (TS 27560: consent receipt).
pub(crate) fn consent(
    at: Timestamp,
    row: &SignalRow,
    before: Before,
    evidence: &Evidence,
    notice: &Notice,
    policy: &Policy,
) -> Value {
    let terms = policy.terms(&[row.place], &row.grant);
    let offer = notice.offers.iter().find(|offer| offer.grant == row.grant);
    let texts: Value = offer.map_or(Value::Null, |offer| {
        let text = offer.text(row.language.unwrap_or_default());
        json!(text.map(|text| json!({ "title": text.title, "what": text.what, "why": text.why })))
    });
    let known = row.notice == Some(notice.hash);
    json!({
        "@context": context(),
        "@type": "dpv:ConsentReceipt",
        "dct:conformsTo": "https://w3id.org/dpv/schema/dpv-27560#receipt",
        "dct:identifier": format!("urn:bonafide:receipt:{}", row.entry),
        "dct:created": instant(row.received),
        "dct:publisher": notice.controller,
        "dpv:hasJurisdiction": row.place.to_string(),
        "dpv:hasDataController": {
            "@type": "dpv:DataController",
            "dpv:hasName": notice.controller,
            "dpv:hasContact": notice.contact,
        },
        "dpv:hasProcess": {
            "dpv:hasPurpose": row.grant.purpose.dpv(),
            "bonafide:grant": row.grant.to_string(),
            "dpv:hasPersonalData": personal(policy.categories(row.grant.purpose)),
            "dpv:hasRecipient": offer.map(|offer| offer.recipients.clone()).unwrap_or_default(),
            "dpv:hasStorageCondition": offer.and_then(|offer| offer.retention_days).map_or_else(
                || json!("until consent is withdrawn"),
                |days| json!({ "dpv:hasDuration": format!("P{days}D") }),
            ),
            "dpv:hasLegalBasis": basis(terms.basis),
        },
        "dpv:hasNotice": {
            "bonafide:sha256": row.notice.map(|hash| hash.to_string()),
            "dct:source": row.notice.map(|hash| format!("/api/notices/{hash}")),
            "dct:language": row.language.map(gate::Language::tag),
            "dct:date": known.then_some(&notice.version),
            "bonafide:text": if known { texts } else { Value::Null },
        },
        "dpv:hasConsentControl": { "@type": "dpv:WithdrawConsent", "dpv:isExercisedAt": "/me" },
        "dpv:hasRight": [
            "eu-gdpr:A7-3", "eu-gdpr:A13", "eu-gdpr:A15", "eu-gdpr:A16", "eu-gdpr:A17",
            "eu-gdpr:A18", "eu-gdpr:A20", "eu-gdpr:A21", "eu-gdpr:A77",
        ],
        "dpv:hasConsentStatus": {
            "@type": status(row.allowed, before),
            "dpv:isIndicatedAtTime": instant(at),
            "dpv:hasIndicationMethod": method(row.method),
            "bonafide:signedIn": row.standing >= Standing::SignedIn,
            "bonafide:confirmed": row.standing == Standing::Confirmed,
            "bonafide:guardian": row.voice == Voice::Guardian,
            "bonafide:evidenceSha256": row.evidence.map(hex),
        },
        EVIDENCE: evidence,
    })
}

fn hex(bytes: [u8; 32]) -> String {
    gate::NoticeHash(bytes).to_string()
}

/// The certificate of an erasure.
pub(crate) fn erasure(at: Timestamp, evidence: &[Evidence], notice: &Notice) -> Value {
    json!({
        "@context": context(),
        "@type": "bonafide:ErasureCertificate",
        "dct:created": instant(at),
        "dct:publisher": notice.controller,
        "dpv:hasRight": "eu-gdpr:A17",
        EVIDENCE: evidence,
    })
}

/// What was done with a request by right, step by step.
pub(crate) fn requested(request: &Request, evidence: &[Evidence], notice: &Notice) -> Value {
    json!({
        "@context": context(),
        "@type": REQUEST,
        "dct:identifier": request.id.to_string(),
        "dct:created": instant(request.received),
        "dct:publisher": notice.controller,
        "dpv:hasRight": article(request.kind),
        "bonafide:answerBy": instant(request.answer_by),
        "bonafide:steps": request.steps.iter().map(|row| step(row.at, row.step)).collect::<Value>(),
        EVIDENCE: evidence,
    })
}

const REQUEST: &str = "bonafide:RightsRequest";

const fn article(kind: RequestKind) -> &'static str {
    match kind {
        RequestKind::Access => "eu-gdpr:A15",
        RequestKind::Portability => "eu-gdpr:A20",
        RequestKind::Rectification => "eu-gdpr:A16",
        RequestKind::Restriction => "eu-gdpr:A18",
        RequestKind::Objection => "eu-gdpr:A21",
        RequestKind::Erasure => "eu-gdpr:A17",
    }
}

fn step(at: Timestamp, step: Step) -> Value {
    json!({ "at": instant(at), "step": step.word(), "reason": step.reason() })
}

fn personal(categories: Categories) -> Vec<&'static str> {
    categories.iter().map(Category::dpv).collect()
}

const fn basis(basis: Basis) -> &'static str {
    match basis {
        Basis::Consent => "eu-gdpr:A6-1-a",
        Basis::LegitimateInterest => "eu-gdpr:A6-1-f",
        Basis::OptOut => "dpv:OptOut",
        Basis::Necessary => "eu-gdpr:A6-1-b",
    }
}

const fn status(allowed: bool, before: Before) -> &'static str {
    match (allowed, before) {
        (true, _) => GIVEN,
        (false, Before::Yes) => "dpv:ConsentWithdrawn",
        (false, Before::NoYes) => "dpv:ConsentRefused",
    }
}

const GIVEN: &str = "dpv:ConsentGiven";

/// How a signal reached us, in one word.
pub(crate) const fn method(method: Method) -> &'static str {
    match method {
        Method::Event => "event",
        Method::PreferenceEvent => "preference_event",
        Method::Gpc => "gpc",
        Method::Import => "import",
        Method::Api => "api",
        Method::Confirmation => "confirmation",
        Method::PreferenceCentre => "preference_centre",
        Method::OneClick => "one_click",
    }
}

/// Why a receipt or certificate is not believed.
#[derive(Debug)]
pub enum NotProven {
    /// It is none.
    Form(String),
    /// Its evidence proves nothing.
    Evidence(gate::ReceiptError),
    /// Its evidence proves something else than it says: where.
    Says(&'static str),
}

impl fmt::Display for NotProven {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Form(why) => write!(f, "it is no receipt and no certificate: {why}"),
            Self::Evidence(error) => error.fmt(f),
            Self::Says(what) => write!(f, "it says something else than was recorded: {what}"),
        }
    }
}

impl std::error::Error for NotProven {}

#[derive(Deserialize)]
#[serde(untagged)]
enum Held {
    One(Evidence),
    Many(Vec<Evidence>),
}

/// Checks a receipt or a certificate offline, and gives what it proves, line by line. What is said
/// around the evidence must agree with it.
///
/// # Errors
///
/// [`NotProven`].
pub fn verify(text: &str, verifier: &Verifier) -> Result<Vec<String>, NotProven> {
    let whole: Value =
        serde_json::from_str(text).map_err(|error| NotProven::Form(error.to_string()))?;
    let held = whole.get(EVIDENCE).cloned().unwrap_or(Value::Null);
    let held: Held = serde_json::from_value(held)
        .map_err(|_| NotProven::Form(format!("`{EVIDENCE}` is missing or not of its form")))?;
    let all = match held {
        Held::One(one) => vec![one],
        Held::Many(many) => many,
    };
    if all.is_empty() {
        return Err(NotProven::Form("it holds no evidence".to_owned()));
    }
    let is = at_place(&whole, "/@type").as_str().unwrap_or_default();
    let (certificate, requested) = (is == "bonafide:ErasureCertificate", is == REQUEST);
    let mut lines = Vec::new();
    for evidence in &all {
        let proven = evidence.verify(verifier).map_err(NotProven::Evidence)?;
        let (at, entry, size) = (instant(proven.at), proven.entry, proven.checkpoint.size);
        let said = match proven.fact {
            Fact::Said(row) if !certificate && !requested => {
                agrees(&whole, &at, &row)?;
                let word = if row.allowed { "yes" } else { "no" };
                format!("{word} to {} was said at {at}", row.grant)
            }
            Fact::Erased(record) if certificate => {
                if at_place(&whole, "/dct:created") != at.as_str() {
                    return Err(NotProven::Says("dct:created"));
                }
                format!("record {record} was erased at {at}")
            }
            Fact::Asked(fact) if requested => {
                let place = format!("/bonafide:steps/{}", fact.number);
                let same = at_place(&whole, "/dct:identifier") == fact.request.to_string().as_str()
                    && at_place(&whole, "/dpv:hasRight") == article(fact.kind)
                    && *at_place(&whole, &place) == step(proven.at, fact.step);
                if !same {
                    return Err(NotProven::Says("bonafide:steps"));
                }
                format!("step {} of request {} was made at {at}", fact.step.word(), fact.request)
            }
            Fact::Said(_) | Fact::Erased(_) | Fact::Asked(_) => {
                return Err(NotProven::Says("@type"));
            }
        };
        lines.push(format!("{said}: entry {entry} of a log of {size}"));
    }
    Ok(lines)
}

/// What stands at a JSON pointer (RFC 6901); null where nothing does.
fn at_place<'a>(whole: &'a Value, pointer: &str) -> &'a Value {
    whole.pointer(pointer).unwrap_or(&Value::Null)
}

fn agrees(whole: &Value, at: &str, row: &SignalRow) -> Result<(), NotProven> {
    let notice = row.notice.map_or(Value::Null, |hash| json!(hash.to_string()));
    let status = at_place(whole, "/dpv:hasConsentStatus/@type");
    if (status == GIVEN) != row.allowed || !status.is_string() {
        return Err(NotProven::Says("dpv:hasConsentStatus"));
    }
    let checks: [(&'static str, Value); 6] = [
        ("/dpv:hasConsentStatus/dpv:isIndicatedAtTime", json!(at)),
        ("/dpv:hasConsentStatus/dpv:hasIndicationMethod", json!(method(row.method))),
        ("/dpv:hasProcess/bonafide:grant", json!(row.grant.to_string())),
        ("/dpv:hasProcess/dpv:hasPurpose", json!(row.grant.purpose.dpv())),
        ("/dpv:hasNotice/bonafide:sha256", notice),
        ("/dct:created", json!(instant(row.received))),
    ];
    match checks.into_iter().find(|(place, recorded)| at_place(whole, place) != recorded) {
        Some((place, _)) => Err(NotProven::Says(place)),
        None => Ok(()),
    }
}
