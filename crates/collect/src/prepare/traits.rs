//! What a message says about the customer: traits, and from them identifiers and features.

use super::Preparer;
use super::grounds::Grounds;
use super::home::Home;
use crate::json::{Map, Value};
use crate::message::Message;
use gate::Dated;
use linkage::perfect::{self, Attribute, Context, Trait, Verdict};
use model::{Blind, Category, IdentifierKind, Jurisdiction, Sensitive, Timestamp};
use people::{EventKind, FeatureFact, FeatureKind, HomeFacts, TraitFact, TraitValue};
use std::sync::Arc;

/// How deep objects inside traits are read as traits of their own (`address.city`).
const DEPTH_MAX: usize = 3;

/// Traits of one message beyond this number are left out: no customer has so many.
const TRAITS_MAX: usize = 256;

/// The length of a whole date, `1985-02-28`.
const WHOLE_DATE_LEN: usize = 10;

/// What a message says about the customer.
#[derive(Debug, Default)]
pub(super) struct Said {
    pub(super) facts: Vec<TraitFact>,
    pub(super) identifiers: Vec<(IdentifierKind, Blind)>,
    pub(super) features: Vec<FeatureFact>,
    pub(super) lives: Option<Dated<Option<Jurisdiction>>>,
    pub(super) age: Option<Dated<Option<u8>>>,
    pub(super) home: HomeFacts,
}

impl Preparer<'_> {
    pub(super) fn traits(&self, message: &Message, at: Timestamp) -> Said {
        let mut said = Said::default();
        let context = self.context();
        #[expect(clippy::disallowed_methods, reason = "each value is wrapped again as it is read")]
        let (traits, of_context) = (message.traits.reveal(), message.context.reveal());
        match message.kind {
            EventKind::Identify => self.read(&mut said, &context, traits, at),
            EventKind::Track
            | EventKind::Page
            | EventKind::Screen
            | EventKind::Alias
            | EventKind::Group => {
                if let Some(traits) = of_context.get("traits").and_then(Value::as_object) {
                    self.read(&mut said, &context, traits, at);
                }
            }
        }
        let device = of_context.get("device").and_then(Value::as_object);
        if let Some(id) = device.and_then(|device| device.get("advertisingId")?.as_text()) {
            let blind = super::identifier(
                self.vault,
                &context,
                &self.source.namespace,
                IdentifierKind::DeviceId,
                id,
            );
            said.identifiers.extend(blind.map(|blind| (IdentifierKind::DeviceId, blind)));
        }
        said
    }

    fn read(&self, said: &mut Said, context: &Context, traits: &Map, at: Timestamp) {
        let mut leaves = Vec::new();
        flatten(traits, "", DEPTH_MAX, &mut leaves);
        let (mut grounds, mut home) = (Grounds::default(), Home::default());
        for (name, value) in leaves.into_iter().take(TRAITS_MAX) {
            let attribute = Attribute::of_name(&name);
            if let Value::Text(_) | Value::Number(_) = value {
                let raw = value.as_text().map_or_else(|| value.to_string(), str::to_owned);
                grounds.note(attribute, &raw, context, at);
                home.note(attribute, &name, &raw, context);
            } else if *value == Value::Null {
                home.erased(attribute);
            }
            self.read_one(said, context, &name, value, at);
        }
        (said.lives, said.age) = (grounds.lives(context, at), grounds.age(at));
        said.home = home.facts(self.vault, context, at);
    }

    fn read_one(
        &self,
        said: &mut Said,
        context: &Context,
        name: &str,
        value: &Value,
        at: Timestamp,
    ) {
        let raw = match value {
            Value::Null => return self.erased(said, name, at),
            Value::Text(text) => text.to_string(),
            Value::Bool(_) | Value::Number(_) | Value::List(_) | Value::Object(_) => {
                value.to_string()
            }
        };
        let Trait { attribute, verdict } = perfect::trait_value(name, &raw, context);
        let (matching, shared) = match &verdict {
            Verdict::Good(good) => (good.value.matching.clone(), good.value.shared),
            Verdict::Junk(_) | Verdict::Unreadable(_) => (None, false),
        };
        if let (Some(kind), Some(matching), false) = (identifier_kind(attribute), &matching, shared)
        {
            said.identifiers.push((kind, self.vault.blind(kind, matching)));
        }
        self.features(said, context, (attribute, &raw), matching.as_deref(), at);
        let canonical = canonical(attribute, name);
        let value = trait_value(canonical, raw, verdict);
        said.facts.push(TraitFact {
            field: self.vault.field(canonical),
            at,
            tie: self.vault.feature("tie", &value.raw).0,
            category: self.category(attribute, name),
            value: Some(Arc::new(Sensitive::new(value))),
        });
    }

    /// An explicit null erases a trait, and what it told people apart by.
    fn erased(&self, said: &mut Said, name: &str, at: Timestamp) {
        let attribute = Attribute::of_name(name);
        said.facts.push(TraitFact {
            field: self.vault.field(canonical(attribute, name)),
            at,
            tie: [0; 8],
            category: self.category(attribute, name),
            value: None,
        });
        let kinds: &[FeatureKind] = if matches!(attribute, Attribute::GivenName | Attribute::Name) {
            &[FeatureKind::Given, FeatureKind::GivenSound]
        } else if attribute == Attribute::BirthDate {
            &[FeatureKind::BirthDate]
        } else if attribute == Attribute::Suffix {
            &[FeatureKind::Suffix]
        } else {
            &[]
        };
        said.features.extend(kinds.iter().map(|kind| FeatureFact { kind: *kind, at, value: None }));
    }

    fn features(
        &self,
        said: &mut Said,
        context: &Context,
        (attribute, raw): (Attribute, &str),
        matching: Option<&str>,
        at: Timestamp,
    ) {
        let mut push = |kind: FeatureKind, name: &str, value: &str| {
            let value = Some(self.vault.feature(name, value));
            said.features.push(FeatureFact { kind, at, value });
        };
        match (attribute, matching) {
            (Attribute::GivenName, Some(given)) => {
                given_features(given, &mut push);
            }
            (Attribute::Name, Some(_)) => {
                let full = perfect::name::full(raw, context.country_default).good();
                if let Some(full) = full.map(|full| full.value) {
                    if !full.given.is_empty() {
                        given_features(&perfect::name::canonical_given(&full.given), &mut push);
                    }
                    if !full.suffix.is_empty() {
                        push(FeatureKind::Suffix, "suffix", &perfect::match_form(&full.suffix));
                    }
                }
            }
            // Only a whole date tells people apart.
            (Attribute::BirthDate, Some(date)) if date.len() == WHOLE_DATE_LEN => {
                push(FeatureKind::BirthDate, "birth_date", date);
            }
            (Attribute::Suffix, Some(suffix)) => push(FeatureKind::Suffix, "suffix", suffix),
            _no_feature => {}
        }
    }

    /// What kind of data a trait is: as the plan says, else as the attribute says.
    fn category(&self, attribute: Attribute, name: &str) -> Category {
        self.source.plan.trait_category(name).unwrap_or_else(|| default_category(attribute))
    }
}

/// An initial says too little to tell people apart.
fn given_features(given: &str, push: &mut impl FnMut(FeatureKind, &str, &str)) {
    let first = given.split(' ').next().unwrap_or(given);
    if first.chars().count() > 1 {
        push(FeatureKind::Given, "given", first);
        push(FeatureKind::GivenSound, "given_sound", &perfect::name::phonetic(first));
    }
}

fn flatten<'a>(map: &'a Map, prefix: &str, depth: usize, out: &mut Vec<(String, &'a Value)>) {
    for (key, value) in map.iter() {
        let name = if prefix.is_empty() { key.to_owned() } else { format!("{prefix}.{key}") };
        match value {
            Value::Object(inner) if depth > 0 => flatten(inner, &name, depth - 1, out),
            Value::Null
            | Value::Bool(_)
            | Value::Number(_)
            | Value::Text(_)
            | Value::List(_)
            | Value::Object(_) => out.push((name, value)),
        }
    }
}

/// The name under which a trait is kept: the attribute's word, or the source's own name.
fn canonical(attribute: Attribute, name: &str) -> &str {
    if attribute == Attribute::Other { name } else { attribute.word() }
}

fn trait_value(name: &str, raw: String, verdict: Verdict<perfect::Value>) -> TraitValue {
    let name = name.to_owned();
    match verdict {
        Verdict::Good(good) => {
            let mut note: Vec<&str> = good.notes.iter().map(perfect::Note::word).collect();
            if good.value.shared {
                note.push("shared");
            }
            TraitValue {
                name,
                raw,
                perfected: Some(good.value.text),
                confidence: good.confidence,
                note: note.join(" "),
            }
        }
        Verdict::Junk(reason) => TraitValue {
            name,
            raw,
            perfected: None,
            confidence: 0.0,
            note: reason.word().to_owned(),
        },
        Verdict::Unreadable(reason) => TraitValue {
            name,
            raw,
            perfected: None,
            confidence: 0.0,
            note: reason.word().to_owned(),
        },
    }
}

/// The attributes whose values point at a person.
const IDENTIFIERS: [(Attribute, IdentifierKind); 5] = [
    (Attribute::Email, IdentifierKind::Email),
    (Attribute::Phone, IdentifierKind::Phone),
    (Attribute::Mobile, IdentifierKind::Phone),
    (Attribute::Loyalty, IdentifierKind::Loyalty),
    (Attribute::DeviceId, IdentifierKind::DeviceId),
];

fn identifier_kind(attribute: Attribute) -> Option<IdentifierKind> {
    IDENTIFIERS.iter().find(|(known, _)| *known == attribute).map(|(_, kind)| *kind)
}

const fn default_category(attribute: Attribute) -> Category {
    match attribute {
        Attribute::Email | Attribute::Phone | Attribute::Mobile => Category::Contact,
        Attribute::Name
        | Attribute::GivenName
        | Attribute::MiddleName
        | Attribute::FamilyName
        | Attribute::Suffix
        | Attribute::Title => Category::Name,
        Attribute::BirthDate | Attribute::Gender | Attribute::Age | Attribute::Language => {
            Category::Demographic
        }
        Attribute::Street
        | Attribute::Unit
        | Attribute::Postcode
        | Attribute::City
        | Attribute::Region
        | Attribute::Country
        | Attribute::Address => Category::Address,
        Attribute::UserId | Attribute::Loyalty | Attribute::Username => Category::Identifier,
        Attribute::DeviceId => Category::Device,
        Attribute::Company | Attribute::JobTitle => Category::Demographic,
        Attribute::Other => Category::Unclassified,
    }
}
