//! From a message to facts about a record: time corrected, values perfected, identifiers blinded,
//! consent read, content sorted by category. Runs on the request's own thread, before the pipeline.

mod content;
mod grounds;
mod home;
mod traits;

use crate::consent::{ConsentSubject, ConsentWord};
use crate::json::Value;
use crate::message::Message;
use crate::pipeline::Prepared;
use crate::source::Source;
use crate::time;
use gate::{Basis, Gate, Language, Manner, Method, NoticeHash, Signal, Standing, Voice};
use linkage::perfect::{Attribute, Context, Country, Date};
use model::{Blind, Grant, IdentifierKind, Purpose, RecordKind, Sensitive, Timestamp};
use people::{EventFact, EventKind, Facts};
use sha2::{Digest, Sha256};
use vault::Vault;

/// Milliseconds of a day.
const DAY_MS: i64 = 86_400_000;

/// What preparing needs of the house.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Preparer<'a> {
    pub(crate) gate: &'a Gate,
    pub(crate) vault: &'a Vault,
    pub(crate) source: &'a Source,
    pub(crate) received: Timestamp,
}

impl Preparer<'_> {
    /// Prepares a message that names somebody; nothing when it names nobody.
    pub(crate) fn prepare(&self, message: &Message) -> Option<Prepared> {
        let corrected = time::correct(message.original, message.sent, self.received);
        let at = corrected.at;
        let (kind, id) = match (&message.user_id, &message.anonymous_id) {
            (Some(user), _) => (RecordKind::User, user),
            (None, Some(visitor)) => (RecordKind::Anonymous, visitor),
            (None, None) => return None,
        };
        #[expect(clippy::disallowed_methods, reason = "only its keyed hash goes on")]
        let record = self.vault.record_id(&self.source.slug, kind, id.reveal());
        let of_namespace = |kind, id: &Option<Sensitive<String>>| {
            id.as_ref().map(|id| (kind, self.blind_in_namespace(kind, id)))
        };
        let own_user = message
            .user_id
            .as_ref()
            .map(|user| self.blind_in_namespace(IdentifierKind::UserId, user));
        let mut identifiers: Vec<(IdentifierKind, Blind)> = [
            of_namespace(IdentifierKind::UserId, &message.user_id),
            of_namespace(IdentifierKind::AnonymousId, &message.anonymous_id),
            // An alias does not say whether the old id was a visitor's or a user's.
            of_namespace(IdentifierKind::UserId, &message.previous_id),
            of_namespace(IdentifierKind::AnonymousId, &message.previous_id),
        ]
        .into_iter()
        .flatten()
        .collect();
        let said = self.traits(message, at);
        identifiers.extend(said.identifiers);
        let blind = self.message_blind(message);
        let facts = Facts {
            record,
            source: self.source.id,
            kind,
            namespace: self.namespace(),
            own_user,
            first: at,
            last: at,
            identifiers,
            features: said.features,
            traits: said.facts,
            home: said.home,
            events: vec![self.event(message, at, blind)],
            signals: self.signals(message, at),
            place: self.source.jurisdiction,
            lives: said.lives,
            age: said.age,
            received: self.received,
            under: self.under(),
            returns: self.source.returns,
        };
        let facts = Box::new(facts);
        Some(Prepared::Event { source: self.source.id, message: blind, facts })
    }

    /// The grant under which the source collects, where that needs one.
    fn under(&self) -> Option<model::Bit> {
        let purpose = self.source.collects_under;
        let terms = self.gate.policy().terms(&[self.source.jurisdiction], &Grant::whole(purpose));
        match terms.basis {
            Basis::Necessary => None,
            Basis::Consent | Basis::OptOut | Basis::LegitimateInterest => {
                self.gate.grants().whole(purpose)
            }
        }
    }

    fn namespace(&self) -> u32 {
        let [a, b, c, d, ..] = self.vault.feature("namespace", &self.source.namespace).0;
        u32::from_be_bytes([a, b, c, d])
    }

    /// An id is only an id within the namespace of those who share a customer base.
    fn blind_in_namespace(&self, kind: IdentifierKind, id: &Sensitive<String>) -> Blind {
        #[expect(clippy::disallowed_methods, reason = "only its keyed hash goes on")]
        let id = id.reveal();
        self.vault.blind(kind, &format!("{}\0{id}", self.source.namespace))
    }

    /// The pseudonym by which a repetition is recognised. A message without an id of its own is
    /// recognised by its content.
    #[expect(clippy::disallowed_methods, reason = "only a keyed hash goes on")]
    fn message_blind(&self, message: &Message) -> Blind {
        let id = |id: &Option<Sensitive<String>>| {
            id.as_ref().map(|id| id.reveal().clone()).unwrap_or_default()
        };
        let text = message.message_id.clone().unwrap_or_else(|| {
            format!(
                "\0{:?}\0{}\0{}\0{}\0{}\0{}\0{}\0{}",
                message.kind,
                id(&message.user_id),
                id(&message.anonymous_id),
                id(&message.previous_id),
                id(&message.name),
                message.original.map_or(0, |at| at.0),
                message.traits.reveal(),
                message.properties.reveal(),
            )
        });
        self.vault.blind(IdentifierKind::DeviceId, &format!("message\0{text}"))
    }

    fn event(&self, message: &Message, at: Timestamp, blind: Blind) -> EventFact {
        let short = blind.0.first_chunk::<8>().copied().unwrap_or_default();
        #[expect(clippy::disallowed_methods, reason = "only its keyed hash goes on")]
        let name = message.name.as_ref().map_or("", |name| name.reveal().as_str());
        let parts = match message.kind {
            // What an identify says stands in the record's traits.
            EventKind::Identify => Vec::new(),
            EventKind::Track
            | EventKind::Page
            | EventKind::Screen
            | EventKind::Group
            | EventKind::Alias => content::parts(message, self.source),
        };
        EventFact {
            kind: message.kind,
            at,
            message: short,
            name: self.vault.field(name),
            parts: parts.into(),
        }
    }

    /// What the message says about consent, as signals about purposes as a whole.
    fn signals(&self, message: &Message, at: Timestamp) -> Vec<(Signal, Manner)> {
        if message.consent.is_empty() {
            return Vec::new();
        }
        let verdicts = self.source.consent_map.verdicts(&message.consent, message.resolution);
        let gpc = message.consent.iter().any(ConsentWord::is_gpc);
        let (notice, language) = manners(message);
        let evidence = evidence(&message.consent);
        verdicts
            .purposes
            .iter()
            .copied()
            .filter_map(|(purpose, allowed)| {
                let bit = self.gate.grants().whole(purpose)?;
                let standing = match message.user_id {
                    Some(_) => Standing::SignedIn,
                    None => Standing::Anonymous,
                };
                let said = verdicts.days.get(&purpose).filter(|_| allowed);
                let at = said.map_or(at, |said| at.min(end_of_day(*said)));
                let signal = Signal { bit, allowed, at, standing, voice: Voice::Page };
                let by_gpc = gpc
                    && matches!(
                        purpose,
                        Purpose::ThirdPartySharing | Purpose::CrossContextAdvertising
                    );
                let method = match (by_gpc, message.preference) {
                    (true, _) => Method::Gpc,
                    (false, true) => Method::PreferenceEvent,
                    (false, false) if self.source.kind.is_file() => Method::Import,
                    (false, false) => Method::Event,
                };
                Some((signal, Manner { method, notice, language, evidence }))
            })
            .collect()
    }

    fn context(&self) -> Context {
        Context {
            country_default: self.source.country.as_deref().and_then(Country::of_code),
            today: Date::of_timestamp(self.received),
        }
    }
}

/// The last millisecond of the day of an instant, UTC.
fn end_of_day(at: Timestamp) -> Timestamp {
    Timestamp(at.0.div_euclid(DAY_MS) * DAY_MS + (DAY_MS - 1))
}

/// The notice that the page showed, and the language it was in, where the event says so.
fn manners(message: &Message) -> (Option<NoticeHash>, Option<Language>) {
    #[expect(clippy::disallowed_methods, reason = "of a context only the notice and the language")]
    let context = message.context.reveal();
    let consent = context.get("consent").and_then(Value::as_object);
    let notice = consent.and_then(|consent| consent.get("notice")?.as_text()?.parse().ok());
    (notice, context.get("locale").and_then(|tag| Language::of_tag(tag.as_text()?)))
}

/// The SHA-256 of the IAB strings that came with a message, where there are any.
fn evidence(words: &[ConsentWord]) -> Option<[u8; 32]> {
    let mut strings = words.iter().filter_map(ConsentWord::evidence).peekable();
    strings.peek()?;
    let mut hash = Sha256::new();
    for of in strings {
        #[expect(clippy::disallowed_methods, reason = "only its hash goes on")]
        let string = of.string.reveal();
        hash.update(string.as_bytes());
        hash.update([0]);
    }
    Some(hash.finalize().into())
}

impl ConsentWord {
    fn is_gpc(&self) -> bool {
        match self.subject {
            ConsentSubject::Gpc => true,
            ConsentSubject::Purpose(_)
            | ConsentSubject::Category(_)
            | ConsentSubject::EveryCategory
            | ConsentSubject::Tcf(_)
            | ConsentSubject::Gpp(_) => false,
        }
    }
}

/// The pseudonym of an identifier that somebody looks up, in the form in which the intake blinds
/// it; nothing when the value is no such identifier.
pub(crate) fn identifier(
    vault: &Vault,
    context: &Context,
    namespace: &str,
    kind: IdentifierKind,
    raw: &str,
) -> Option<Blind> {
    let attribute = match kind {
        IdentifierKind::UserId | IdentifierKind::AnonymousId => {
            return Some(vault.blind(kind, &format!("{namespace}\0{raw}")));
        }
        IdentifierKind::Email => Attribute::Email,
        IdentifierKind::Phone => Attribute::Phone,
        IdentifierKind::DeviceId => Attribute::DeviceId,
        IdentifierKind::Loyalty => Attribute::Loyalty,
    };
    let value = linkage::perfect::trait_value(attribute.word(), raw, context).verdict.good()?.value;
    Some(vault.blind(kind, &value.matching?))
}

#[cfg(test)]
mod tests;
