//! A source's tracking plan: which events and traits it sends, what they look like and what kind of
//! data they are.

use crate::json::{Map, Number, Value};
use crate::message::{EventError, Message, Rejected};
use crate::time;
use model::{Category, Sensitive};
use people::EventKind;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// Which events and traits a source sends. A plan without events has no opinion on events, and one
/// without traits none on traits.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Plan {
    /// What becomes of track events the plan does not name.
    pub unknown_events: Unknown,
    /// What becomes of properties and traits the plan does not name.
    pub unknown_fields: Unknown,
    /// Track events by name.
    pub events: BTreeMap<String, Event>,
    /// Traits of identify events by name; a dot goes one object deeper.
    pub traits: BTreeMap<String, Field>,
}

/// What becomes of what a plan does not name.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Unknown {
    /// It is kept as unclassified data, which no purpose but subject access opens.
    #[default]
    Seal,
    /// It is left out; of an event, all of its properties.
    Drop,
    /// The whole event goes to quarantine.
    Quarantine,
}

/// A track event of a plan.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Event {
    /// Its properties by name; a dot goes one object deeper.
    pub fields: BTreeMap<String, Field>,
}

/// A property or trait of a plan.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Field {
    /// Its type.
    #[serde(rename = "type")]
    pub kind: FieldType,
    /// Whether the event is nothing without it. Null counts as absent.
    pub required: bool,
    /// What kind of data it is; unclassified when nobody says.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub category: Option<Category>,
    /// The only texts it may be; any when empty.
    pub one_of: Vec<String>,
    /// The longest text, in characters.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub length_max: Option<usize>,
}

/// The type of a field.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FieldType {
    /// Any.
    #[default]
    Any,
    /// A text.
    Text,
    /// A number.
    Number,
    /// A number without a fraction.
    Whole,
    /// True or false.
    Boolean,
    /// A time that [`time::read_value`] reads.
    Time,
    /// An array.
    List,
    /// An object.
    Object,
}

/// One way in which an event is not as planned.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Violation {
    /// What is wrong.
    pub cause: Cause,
    /// Where: a JSON pointer with names the plan does not have as `*`.
    pub pointer: String,
    /// What becomes of it.
    pub action: Unknown,
    /// The member to leave out, of properties or of traits; nothing for all of the properties.
    field: Option<(Part, Sensitive<String>)>,
}

/// What can be wrong with an event under a plan.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Cause {
    /// The plan does not name the event.
    UnknownEvent,
    /// The plan does not name the field.
    UnknownField,
    /// A required field is absent.
    Missing,
    /// It has another type.
    WrongType,
    /// It is none of the texts it may be.
    NotOneOf,
    /// It is too long.
    TooLong,
}

impl Cause {
    /// The code in answers, metrics and quarantine.
    pub const fn code(self) -> &'static str {
        match self {
            Self::UnknownEvent => "plan_unknown_event",
            Self::UnknownField => "plan_unknown_field",
            Self::Missing => "plan_missing",
            Self::WrongType => "plan_wrong_type",
            Self::NotOneOf => "plan_not_one_of",
            Self::TooLong => "plan_too_long",
        }
    }

    const fn message(self) -> &'static str {
        match self {
            Self::UnknownEvent => "the tracking plan does not name this event",
            Self::UnknownField => "the tracking plan does not name this field",
            Self::Missing => "the tracking plan requires this field",
            Self::WrongType => "the field has another type than the tracking plan says",
            Self::NotOneOf => "the field is none of the values of the tracking plan",
            Self::TooLong => "the field is longer than the tracking plan allows",
        }
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Part {
    Properties,
    Traits,
}

impl Part {
    const fn pointer(self) -> &'static str {
        match self {
            Self::Properties => "/properties",
            Self::Traits => "/traits",
        }
    }
}

/// The violation for which a plan refuses an event.
#[derive(Clone, Debug)]
pub struct Refusing(Violation);

impl Refusing {
    /// The event with the reason, for the quarantine.
    pub fn rejected(&self, message: &Message) -> Rejected {
        let Violation { cause, pointer, .. } = &self.0;
        let error = EventError {
            code: cause.code(),
            index: 0,
            pointer: pointer.clone(),
            message: cause.message().to_owned(),
            remedy: "mend the event, or change the source's tracking plan",
        };
        Rejected { error, raw: message.to_body() }
    }
}

impl Plan {
    /// In which ways an event is not as planned.
    pub fn check(&self, message: &Message) -> Vec<Violation> {
        let mut found = Vec::new();
        match message.kind {
            EventKind::Track if !self.events.is_empty() => self.check_track(message, &mut found),
            EventKind::Identify if !self.traits.is_empty() => {
                #[expect(clippy::disallowed_methods, reason = "only what is wrong goes on")]
                let traits = message.traits.reveal();
                self.check_fields(&self.traits, traits, Part::Traits, &mut found);
            }
            EventKind::Track
            | EventKind::Identify
            | EventKind::Page
            | EventKind::Screen
            | EventKind::Group
            | EventKind::Alias => {}
        }
        found
    }

    #[expect(clippy::disallowed_methods, reason = "only what is wrong goes on")]
    fn check_track(&self, message: &Message, found: &mut Vec<Violation>) {
        let name = message.name.as_ref().map_or("", |name| name.reveal());
        match self.events.get(name) {
            Some(event) => {
                let properties = message.properties.reveal();
                self.check_fields(&event.fields, properties, Part::Properties, found);
            }
            // The consent signal is always wanted.
            None if message.preference => {}
            None => found.push(Violation {
                cause: Cause::UnknownEvent,
                pointer: "/event".to_owned(),
                action: self.unknown_events,
                field: None,
            }),
        }
    }

    fn check_fields(
        &self,
        fields: &BTreeMap<String, Field>,
        map: &Map,
        part: Part,
        found: &mut Vec<Violation>,
    ) {
        for (name, field) in fields {
            let value = lookup(map, name).filter(|value| **value != Value::Null);
            let cause = match value {
                None => field.required.then_some(Cause::Missing),
                Some(value) => field.wrong(value),
            };
            found.extend(cause.map(|cause| Violation {
                cause,
                pointer: format!("{}/{}", part.pointer(), name.replace('.', "/")),
                action: Unknown::Quarantine,
                field: None,
            }));
        }
        for (key, _) in map.iter().filter(|(key, _)| !names(fields, key)) {
            found.push(Violation {
                cause: Cause::UnknownField,
                pointer: format!("{}/*", part.pointer()),
                action: self.unknown_fields,
                field: Some((part, Sensitive::new(key.to_owned()))),
            });
        }
    }

    /// Leaves out of an event what the plan wants left out; gives the violation for which the
    /// event is refused instead, if there is one.
    pub fn apply(&self, message: &mut Message, violations: &[Violation]) -> Option<Refusing> {
        let refusing = violations.iter().find(|found| found.action == Unknown::Quarantine);
        if let Some(refusing) = refusing {
            return Some(Refusing(refusing.clone()));
        }
        for violation in violations.iter().filter(|found| found.action == Unknown::Drop) {
            match &violation.field {
                None => message.properties = Sensitive::default(),
                Some((Part::Properties, key)) => leave_out(&mut message.properties, key),
                Some((Part::Traits, key)) => leave_out(&mut message.traits, key),
            }
        }
        None
    }

    /// What kind of data a property of a track event is; nothing when the plan has no opinion.
    pub fn property_category(&self, event: &str, name: &str) -> Option<Category> {
        match self.events.get(event) {
            Some(event) => category(&event.fields, name),
            None if self.events.is_empty() => None,
            None => Some(Category::Unclassified),
        }
    }

    /// What kind of data a trait is; nothing when the plan has no opinion. A dot in the name goes one
    /// object deeper.
    pub fn trait_category(&self, name: &str) -> Option<Category> {
        if self.traits.is_empty() { None } else { category(&self.traits, name) }
    }
}

impl Field {
    fn wrong(&self, value: &Value) -> Option<Cause> {
        let fits = match self.kind {
            FieldType::Any => true,
            FieldType::Text => matches!(value, Value::Text(_)),
            FieldType::Number => matches!(value, Value::Number(_)),
            FieldType::Whole => match value {
                Value::Number(Number::Real(number)) => number.fract() == 0.0,
                Value::Number(Number::Whole(_) | Number::Negative(_)) => true,
                Value::Null
                | Value::Bool(_)
                | Value::Text(_)
                | Value::List(_)
                | Value::Object(_) => false,
            },
            FieldType::Boolean => matches!(value, Value::Bool(_)),
            FieldType::Time => time::read_value(value).is_some(),
            FieldType::List => matches!(value, Value::List(_)),
            FieldType::Object => matches!(value, Value::Object(_)),
        };
        let text = value.as_text();
        let among = |text: &str| self.one_of.iter().any(|allowed| allowed == text);
        let too_long = |max: usize| text.is_some_and(|text| text.chars().count() > max);
        if !fits {
            Some(Cause::WrongType)
        } else if !self.one_of.is_empty() && !text.is_some_and(among) {
            Some(Cause::NotOneOf)
        } else if self.length_max.is_some_and(too_long) {
            Some(Cause::TooLong)
        } else {
            None
        }
    }
}

/// The value at a dotted name: a member of that very name, or one object deeper.
fn lookup<'a>(map: &'a Map, name: &str) -> Option<&'a Value> {
    map.get(name).or_else(|| {
        let (first, rest) = name.split_once('.')?;
        lookup(map.get(first)?.as_object()?, rest)
    })
}

/// Whether a plan names a member, or something inside it.
fn names(fields: &BTreeMap<String, Field>, key: &str) -> bool {
    fields.contains_key(key)
        || fields.range(format!("{key}.")..).next().is_some_and(|(name, _)| {
            name.strip_prefix(key).is_some_and(|rest| rest.starts_with('.'))
        })
}

/// The category of a name, or of the closest object around it that has one.
fn category(fields: &BTreeMap<String, Field>, name: &str) -> Option<Category> {
    let mut around = name;
    loop {
        if let Some(field) = fields.get(around) {
            return field.category;
        }
        match around.rsplit_once('.') {
            Some((outer, _)) => around = outer,
            None => return Some(Category::Unclassified),
        }
    }
}

fn leave_out(map: &mut Sensitive<Map>, key: &Sensitive<String>) {
    #[expect(clippy::disallowed_methods, reason = "looked up only")]
    let key = key.reveal();
    *map = std::mem::take(map).map(|mut map| {
        map.take(key);
        map
    });
}

#[cfg(test)]
mod tests;
