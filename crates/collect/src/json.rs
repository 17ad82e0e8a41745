//! JSON as it comes from outside: small in memory, no deeper than allowed, every key once.
//!
//! `serde_json` does the lexing. What it would let pass is refused here in the same pass: nesting
//! beyond a limit, a key that comes twice (which of the two would a later reader believe?) and
//! numbers that no longer are what was sent.

use serde::de::{DeserializeSeed, Deserializer, MapAccess, SeqAccess, Visitor};
use serde::ser::{Serialize, SerializeMap, Serializer};
use std::collections::BTreeMap;
use std::fmt;

/// Up to this many keys of one object are compared one by one; beyond it they are sorted first.
const KEYS_COMPARED_MAX: usize = 16;

/// One JSON value. `Debug` shows its type only, because its content may be about somebody.
#[derive(Clone, Default, PartialEq)]
pub enum Value {
    /// `null`: an explicit nothing, which erases.
    #[default]
    Null,
    /// `true` or `false`.
    Bool(bool),
    /// A number.
    Number(Number),
    /// A text.
    Text(Box<str>),
    /// An array.
    List(Vec<Value>),
    /// An object.
    Object(Map),
}

/// A JSON number, in the narrowest type that holds it.
#[derive(Clone, Copy, PartialEq)]
pub enum Number {
    /// A whole number that is not negative.
    Whole(u64),
    /// A negative whole number.
    Negative(i64),
    /// Any other number; finite.
    Real(f64),
}

impl Value {
    /// The text, if it is one.
    pub fn as_text(&self) -> Option<&str> {
        if let Self::Text(text) = self { Some(text) } else { None }
    }

    /// The object, if it is one.
    pub const fn as_object(&self) -> Option<&Map> {
        if let Self::Object(map) = self { Some(map) } else { None }
    }

    /// Whether it is `null` or the empty text.
    pub fn is_blank(&self) -> bool {
        match self {
            Self::Null => true,
            Self::Text(text) => text.is_empty(),
            Self::Bool(_) | Self::Number(_) | Self::List(_) | Self::Object(_) => false,
        }
    }

    /// The JSON name of its type.
    pub const fn kind(&self) -> &'static str {
        match self {
            Self::Null => "null",
            Self::Bool(_) => "boolean",
            Self::Number(_) => "number",
            Self::Text(_) => "text",
            Self::List(_) => "array",
            Self::Object(_) => "object",
        }
    }
}

impl From<&str> for Value {
    fn from(text: &str) -> Self {
        Self::Text(text.into())
    }
}

impl From<String> for Value {
    fn from(text: String) -> Self {
        Self::Text(text.into_boxed_str())
    }
}

/// The members of a JSON object in the order they came, each key once.
#[derive(Clone, Default, PartialEq)]
pub struct Map(Vec<(Box<str>, Value)>);

impl Map {
    /// The value of a key.
    pub fn get(&self, key: &str) -> Option<&Value> {
        self.0.iter().find(|(known, _)| **known == *key).map(|(_, value)| value)
    }

    /// The value of a key, to change it.
    pub fn get_mut(&mut self, key: &str) -> Option<&mut Value> {
        self.0.iter_mut().find(|(known, _)| **known == *key).map(|(_, value)| value)
    }

    /// Sets a key; the value it had comes back.
    pub fn set(&mut self, key: impl Into<Box<str>>, value: Value) -> Option<Value> {
        let key = key.into();
        if let Some(old) = self.get_mut(&key) {
            return Some(std::mem::replace(old, value));
        }
        self.0.push((key, value));
        None
    }

    /// Takes a key out.
    pub fn take(&mut self, key: &str) -> Option<Value> {
        let place = self.0.iter().position(|(known, _)| **known == *key)?;
        Some(self.0.remove(place).1)
    }

    /// The members in order.
    pub fn iter(&self) -> impl ExactSizeIterator<Item = (&str, &Value)> {
        self.0.iter().map(|(key, value)| (&**key, value))
    }

    /// How many members.
    pub const fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether there are none.
    pub const fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Adds what `under` has and this one has not, object by object; what is here wins, `null` too.
    pub fn merge_under(&mut self, under: &Self) {
        // Sorted when there are many, so that two objects of nothing but keys cost no more than
        // their length.
        let places: Option<BTreeMap<Box<str>, usize>> = (self.0.len() > KEYS_COMPARED_MAX)
            .then(|| self.0.iter().enumerate().map(|(at, (key, _))| (key.clone(), at)).collect());
        for (key, value) in &under.0 {
            let place = match &places {
                Some(places) => places.get(key).copied(),
                None => self.0.iter().position(|(known, _)| known == key),
            };
            match (place.and_then(|place| self.0.get_mut(place)), value) {
                (None, _) => self.0.push((key.clone(), value.clone())),
                (Some((_, Value::Object(mine))), Value::Object(theirs)) => mine.merge_under(theirs),
                (Some(_), _) => {}
            }
        }
    }
}

impl IntoIterator for Map {
    type Item = (Box<str>, Value);
    type IntoIter = std::vec::IntoIter<(Box<str>, Value)>;

    fn into_iter(self) -> Self::IntoIter {
        self.0.into_iter()
    }
}

/// Later members replace earlier ones of the same key.
impl<K: Into<Box<str>>> FromIterator<(K, Value)> for Map {
    fn from_iter<I: IntoIterator<Item = (K, Value)>>(members: I) -> Self {
        let mut map = Self::default();
        for (key, value) in members {
            map.set(key, value);
        }
        map
    }
}

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

impl Serialize for Value {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Null => to.serialize_unit(),
            Self::Bool(value) => to.serialize_bool(*value),
            Self::Number(Number::Whole(value)) => to.serialize_u64(*value),
            Self::Number(Number::Negative(value)) => to.serialize_i64(*value),
            Self::Number(Number::Real(value)) => to.serialize_f64(*value),
            Self::Text(text) => to.serialize_str(text),
            Self::List(list) => to.collect_seq(list),
            Self::Object(map) => map.serialize(to),
        }
    }
}

impl Serialize for Map {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        let mut members = to.serialize_map(Some(self.0.len()))?;
        for (key, value) in &self.0 {
            members.serialize_entry(key, value)?;
        }
        members.end()
    }
}

/// The JSON text.
impl fmt::Display for Map {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&serde_json::to_string(self).map_err(|_| fmt::Error)?)
    }
}

/// The JSON text.
impl fmt::Display for Value {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&serde_json::to_string(self).map_err(|_| fmt::Error)?)
    }
}

impl fmt::Debug for Value {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "<{}>", self.kind())
    }
}

impl fmt::Debug for Number {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("<number>")
    }
}

impl fmt::Debug for Map {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "<object of {}>", self.0.len())
    }
}
