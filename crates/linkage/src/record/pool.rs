//! Interned values. A value is kept as what comparing needs: a hash of the folded text, one byte a
//! letter, a signature, a sound, a nickname's full form. The text itself is not kept.

use super::hash::{Map, hash_bytes};
use crate::perfect::{match_form, name};

/// A value of a [`Pool`]; equal ids are equal values of one kind.
pub type ValueId = u32;

/// No value.
pub const NONE: ValueId = 0;

/// The letters of a value that are compared; what follows still makes values differ.
pub(crate) const LETTERS_MAX: usize = 63;

/// What a value is. One text under two kinds is two values.
#[derive(Clone, Copy, PartialEq, Eq, Debug, PartialOrd, Ord)]
#[repr(u8)]
pub enum Kind {
    /// Given, middle and family names alike, for they are mistaken for one another.
    Name = 1,
    /// Street names.
    Street,
    /// House numbers.
    Number,
    /// Flats and second address lines.
    Unit,
    /// Towns and suburbs.
    Place,
    /// States and countries.
    State,
    /// Postal codes.
    Postcode,
    /// Whole email addresses.
    Email,
    /// What stands before the `@`.
    Local,
    /// What stands behind the `@`.
    Domain,
    /// Phones.
    Phone,
    /// Numbers given by authorities.
    Government,
    /// Birth dates.
    Birth,
    /// Other columns.
    Other,
}

impl Kind {
    /// Whether a value is given to one person as a rule: contact points, numbers of authorities.
    pub(crate) const fn is_for_one(self) -> bool {
        matches!(self, Self::Email | Self::Phone | Self::Government)
    }
}

/// What is kept of a value.
#[derive(Clone, Copy, Debug)]
pub struct Value {
    /// The hash of kind and folded text: the value's name in frequency tables and blocking keys.
    pub hash: u64,
    /// A set of letters, one bit each, as a bound for edit distances.
    pub(crate) signature: u32,
    /// Names: hash of the sound. Emails: the domain.
    pub(crate) sound: u32,
    /// Names: the full form of a nickname. Emails: the local part.
    pub(crate) alias: ValueId,
    /// Natural logarithm of the share of records that bear the value.
    pub(crate) frequency: f32,
    start: u32,
    len: u8,
    /// What it is.
    pub kind: Kind,
    /// The letters themselves where they are few, so that a value is one line of the processor's cache.
    inline: [u8; INLINE],
}

/// Letters that are kept in the value itself.
const INLINE: usize = 32;

/// All values of a run.
pub struct Pool {
    letters: Vec<u8>,
    values: Vec<Value>,
    index: Map<u64, ValueId>,
}

impl Default for Pool {
    fn default() -> Self {
        let nothing = Value {
            hash: 0,
            signature: 0,
            sound: 0,
            alias: NONE,
            frequency: 0.0,
            start: 0,
            len: 0,
            kind: Kind::Other,
            inline: [0; INLINE],
        };
        Self { letters: Vec::new(), values: vec![nothing], index: Map::default() }
    }
}

impl std::fmt::Debug for Pool {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Pool").field("values", &self.values.len()).finish_non_exhaustive()
    }
}

impl Pool {
    /// The id of a folded text, [`NONE`] for an empty one.
    pub fn intern(&mut self, kind: Kind, folded: &str) -> ValueId {
        if folded.is_empty() {
            return NONE;
        }
        let hash = hash_bytes(kind as u64, folded.as_bytes());
        if let Some(known) = self.index.get(&hash) {
            return *known;
        }
        let id = self.push(kind, hash, folded);
        match kind {
            Kind::Name => {
                let sound = name::phonetic(folded);
                let full = name::canonical_given(folded).replace(' ', "");
                let alias = if full == folded { id } else { self.intern(Kind::Name, &full) };
                let sound = u32::try_from(hash_bytes(99, sound.as_bytes()) >> 32).unwrap_or(0);
                self.set(id, alias, sound);
            }
            Kind::Email => {
                let (local, domain) = folded.rsplit_once('@').unwrap_or((folded, ""));
                let local = self.intern(Kind::Local, local);
                let domain = self.intern(Kind::Domain, domain);
                self.set(id, local, domain);
            }
            Kind::Street
            | Kind::Number
            | Kind::Unit
            | Kind::Place
            | Kind::State
            | Kind::Postcode
            | Kind::Local
            | Kind::Domain
            | Kind::Phone
            | Kind::Government
            | Kind::Birth
            | Kind::Other => {}
        }
        id
    }

    fn push(&mut self, kind: Kind, hash: u64, folded: &str) -> ValueId {
        let start = u32::try_from(self.letters.len()).unwrap_or(u32::MAX);
        let mut signature = 0;
        let mut len = 0_u8;
        let mut inline = [0; INLINE];
        for letter in folded.chars().filter(|letter| *letter != ' ').take(LETTERS_MAX) {
            let byte = byte_of(letter);
            signature |= 1 << (byte & 31);
            if let Some(place) = inline.get_mut(usize::from(len)) {
                *place = byte;
            }
            self.letters.push(byte);
            len += 1;
        }
        if usize::from(len) <= INLINE {
            self.letters.truncate(start as usize);
        }
        let id = u32::try_from(self.values.len()).unwrap_or(NONE);
        let frequency = 0.0;
        self.values.push(Value {
            hash,
            signature,
            sound: 0,
            alias: id,
            frequency,
            start,
            len,
            kind,
            inline,
        });
        self.index.insert(hash, id);
        id
    }

    fn set(&mut self, id: ValueId, alias: ValueId, sound: u32) {
        if let Some(value) = self.values.get_mut(id as usize) {
            value.alias = alias;
            value.sound = sound;
        }
    }

    /// Interns what people wrote: folded first.
    pub fn intern_raw(&mut self, kind: Kind, raw: &str) -> ValueId {
        self.intern(kind, &match_form(raw))
    }

    /// A value; that of [`NONE`] for an id from elsewhere.
    #[inline]
    pub fn value(&self, id: ValueId) -> &Value {
        static NOTHING: Value = Value {
            hash: 0,
            signature: 0,
            sound: 0,
            alias: NONE,
            frequency: 0.0,
            start: 0,
            len: 0,
            kind: Kind::Other,
            inline: [0; INLINE],
        };
        self.values.get(id as usize).unwrap_or(&NOTHING)
    }

    /// The letters of a value, one byte each: ASCII as it is, others by a hash of seven bits.
    #[inline]
    pub(crate) fn letters<'a>(&'a self, value: &'a Value) -> &'a [u8] {
        if let Some(letters) = value.inline.get(..usize::from(value.len)) {
            return letters;
        }
        let start = value.start as usize;
        self.letters.get(start..start + usize::from(value.len)).unwrap_or_default()
    }

    /// How many values there are, [`NONE`] among them.
    pub fn len(&self) -> usize {
        self.values.len()
    }

    /// Whether nothing was interned.
    pub fn is_empty(&self) -> bool {
        self.values.len() <= 1
    }

    /// All values, in the order of their ids.
    pub(crate) fn values(&self) -> &[Value] {
        &self.values
    }

    /// Sets the logarithm of each value's frequency.
    pub(crate) fn weigh(&mut self, from: usize, frequency: impl Fn(&Value) -> f32) {
        for value in self.values.iter_mut().skip(from) {
            value.frequency = frequency(value);
        }
    }
}

fn byte_of(letter: char) -> u8 {
    let code = u32::from(letter);
    match u8::try_from(code) {
        Ok(byte) if byte < 128 => byte,
        _ => 0x80 | u8::try_from(code.wrapping_mul(0x9E37_79B1) >> 25).unwrap_or(0),
    }
}
