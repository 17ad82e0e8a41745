//! Reading JSON from outside: no deeper than allowed, every key once.
//!
//! `serde_json` does the lexing. What it would let pass is refused here in the same pass: nesting
//! beyond a limit, a key that comes twice (which of the two would a later reader believe?) and
//! numbers that no longer are what was sent.

use super::{KEYS_COMPARED_MAX, Map, Number, Value};
use serde::de::{DeserializeSeed, Deserializer, MapAccess, SeqAccess, Visitor};
use std::fmt;

/// Why a text is not an acceptable object, and where.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fault {
    /// What is wrong.
    pub cause: Cause,
    /// A JSON pointer (RFC 6901) in which keys that are not part of the event specification are `*`,
    /// because a key can be personal data too.
    pub pointer: String,
}

/// What can be wrong with a JSON text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Cause {
    /// It is not JSON.
    Syntax,
    /// It is JSON, but not an object.
    NotAnObject,
    /// Objects and arrays are nested deeper than allowed.
    TooDeep,
    /// A key comes twice in one object.
    DuplicateKey,
    /// A number no double can hold.
    NumberRange,
    /// Half of a surrogate pair, or another escape that is no character.
    Text,
}

/// Reads one object. `depth_max` counts the object itself.
///
/// # Errors
///
/// A [`Fault`]; see [`Cause`].
pub fn read(text: &str, depth_max: usize) -> Result<Map, Fault> {
    let mut failing = Failing::default();
    let mut deserializer = serde_json::Deserializer::from_str(text);
    let reader = Reader { failing: &mut failing, depth_left: depth_max };
    let read = reader.deserialize(&mut deserializer).and_then(|value| {
        deserializer.end()?;
        Ok(value)
    });
    match read {
        Ok(Value::Object(map)) => Ok(map),
        Ok(_) => Err(Fault { cause: Cause::NotAnObject, pointer: String::new() }),
        Err(error) => {
            let cause = failing.cause.unwrap_or_else(|| cause_of(&error));
            Err(Fault { cause, pointer: pointer(failing.path) })
        }
    }
}

/// Reads one text, number or other value that is no object or array; nothing when it is not one.
pub fn read_scalar(text: &str) -> Option<Value> {
    let mut failing = Failing::default();
    let reader = Reader { failing: &mut failing, depth_left: 0 };
    let mut deserializer = serde_json::Deserializer::from_str(text);
    let value = reader.deserialize(&mut deserializer).ok()?;
    deserializer.end().is_ok().then_some(value)
}

/// `serde_json` keeps the kind of its errors to itself; their texts are fixed by a test below.
fn cause_of(error: &serde_json::Error) -> Cause {
    let text = error.to_string();
    if text.starts_with("number out of range") {
        Cause::NumberRange
    } else if text.contains("hex escape") || text.contains("unicode code point") {
        Cause::Text
    } else if text.starts_with("recursion limit") {
        Cause::TooDeep
    } else {
        Cause::Syntax
    }
}

fn pointer(path_inside_out: Vec<String>) -> String {
    path_inside_out.into_iter().rev().fold(String::new(), |pointer, step| pointer + "/" + &step)
}

/// A key as it may be shown.
pub(crate) fn shown(key: &str) -> &str {
    if KEYS_SHOWN.contains(&key) { key } else { "*" }
}

/// Keys of the Segment specification and its dialects; they say nothing about anybody.
const KEYS_SHOWN: [&str; 40] = [
    "type",
    "messageId",
    "userId",
    "anonymousId",
    "previousId",
    "groupId",
    "event",
    "name",
    "category",
    "traits",
    "properties",
    "context",
    "integrations",
    "timestamp",
    "originalTimestamp",
    "sentAt",
    "receivedAt",
    "writeKey",
    "batch",
    "consent",
    "categoryPreferences",
    "consentManagement",
    "allowedConsentIds",
    "deniedConsentIds",
    "resolutionStrategy",
    "provider",
    "tcf",
    "gpp",
    "page",
    "campaign",
    "library",
    "device",
    "os",
    "app",
    "network",
    "screen",
    "address",
    "products",
    "externalId",
    "metadata",
];

#[derive(Default)]
struct Failing {
    cause: Option<Cause>,
    /// From the place of the error outwards; only filled while an error unwinds.
    path: Vec<String>,
}

struct Reader<'a> {
    failing: &'a mut Failing,
    depth_left: usize,
}

impl Reader<'_> {
    fn fail<E: serde::de::Error>(&mut self, cause: Cause) -> E {
        self.failing.cause = Some(cause);
        E::custom("refused")
    }

    /// Goes into an object or array; gives what its values may use.
    fn enter<E: serde::de::Error>(&mut self) -> Result<usize, E> {
        self.depth_left.checked_sub(1).ok_or_else(|| self.fail(Cause::TooDeep))
    }
}

impl<'de> DeserializeSeed<'de> for Reader<'_> {
    type Value = Value;

    fn deserialize<D: Deserializer<'de>>(self, from: D) -> Result<Value, D::Error> {
        from.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Reader<'_> {
    type Value = Value;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("JSON")
    }

    fn visit_bool<E>(self, value: bool) -> Result<Value, E> {
        Ok(Value::Bool(value))
    }

    fn visit_u64<E>(self, value: u64) -> Result<Value, E> {
        Ok(Value::Number(Number::Whole(value)))
    }

    fn visit_i64<E>(self, value: i64) -> Result<Value, E> {
        let number = u64::try_from(value).map_or(Number::Negative(value), Number::Whole);
        Ok(Value::Number(number))
    }

    fn visit_f64<E>(self, value: f64) -> Result<Value, E> {
        Ok(Value::Number(Number::Real(value)))
    }

    fn visit_str<E>(self, text: &str) -> Result<Value, E> {
        Ok(Value::Text(text.into()))
    }

    fn visit_string<E>(self, text: String) -> Result<Value, E> {
        Ok(text.into())
    }

    fn visit_unit<E>(self) -> Result<Value, E> {
        Ok(Value::Null)
    }

    fn visit_seq<A: SeqAccess<'de>>(mut self, mut from: A) -> Result<Value, A::Error> {
        let depth_left = self.enter()?;
        let mut list = Vec::new();
        loop {
            match from.next_element_seed(Reader { failing: self.failing, depth_left }) {
                Ok(Some(value)) => list.push(value),
                Ok(None) => return Ok(Value::List(list)),
                Err(error) => {
                    self.failing.path.push(list.len().to_string());
                    return Err(error);
                }
            }
        }
    }

    fn visit_map<A: MapAccess<'de>>(mut self, mut from: A) -> Result<Value, A::Error> {
        let depth_left = self.enter()?;
        let mut members: Vec<(Box<str>, Value)> = Vec::with_capacity(8);
        while let Some(key) = from.next_key::<Box<str>>()? {
            match from.next_value_seed(Reader { failing: self.failing, depth_left }) {
                Ok(value) => members.push((key, value)),
                Err(error) => {
                    self.failing.path.push(shown(&key).to_owned());
                    return Err(error);
                }
            }
        }
        if let Some(twice) = repeated(&members) {
            self.failing.path.push(shown(twice).to_owned());
            return Err(self.fail(Cause::DuplicateKey));
        }
        Ok(Value::Object(Map(members)))
    }
}

/// A key that comes twice. Sorted when there are many, so that one event of nothing but keys costs
/// no more than its length.
fn repeated(members: &[(Box<str>, Value)]) -> Option<&str> {
    let mut keys = members.iter().map(|(key, _)| &**key);
    if members.len() > KEYS_COMPARED_MAX {
        let mut keys: Vec<&str> = keys.collect();
        keys.sort_unstable();
        return keys.windows(2).find_map(|pair| match pair {
            [a, b] if a == b => Some(*a),
            _ => None,
        });
    }
    while let Some(key) = keys.next() {
        if keys.clone().any(|other| other == key) {
            return Some(key);
        }
    }
    None
}
