//! JSON values: small in memory, in the order they came, and silent about their content.

mod read;

pub use read::{Cause, Fault, read, read_scalar};

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

#[cfg(test)]
mod tests;
