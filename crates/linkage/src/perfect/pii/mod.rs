//! Finds personal data in free text and in URLs, and cuts it out.
//!
//! Hand-written scanners: this runs on every text of every event, and nearly all of them hold
//! nothing, which one pass over the bytes shows. A finding too many costs a word of a text, one too
//! few a customer's secret; order numbers, versions and times are told apart where their form allows.

mod contact;
mod digits;
mod network;
mod query;

use super::FREE_TEXT_MAX;
use std::borrow::Cow;

/// What sort of personal data was found.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Kind {
    /// An email address, percent-encoded ones too.
    Email,
    /// A phone number.
    Phone,
    /// A payment card number (ISO/IEC 7812, Luhn).
    Card,
    /// A bank account (ISO 13616, mod 97).
    Iban,
    /// A US social security number.
    Ssn,
    /// An IPv4 or IPv6 address.
    Ip,
    /// A password, token or session id.
    Secret,
    /// Another value that its parameter's name says to be personal: name, birth date, address.
    Personal,
}

impl Kind {
    /// What stands in the clean text in its place.
    pub const fn placeholder(self) -> &'static str {
        match self {
            Self::Email => "[email]",
            Self::Phone => "[phone]",
            Self::Card => "[card]",
            Self::Iban => "[iban]",
            Self::Ssn => "[ssn]",
            Self::Ip => "[ip]",
            Self::Secret => "[secret]",
            Self::Personal => "[personal]",
        }
    }
}

/// Something personal that was in a text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Found {
    /// What it is.
    pub kind: Kind,
    /// As it stood there, percent-decoded.
    pub value: String,
}

/// A text without the personal data in it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Cut<'a> {
    /// The text, with a placeholder for each finding; borrowed when there was none.
    pub clean: Cow<'a, str>,
    /// The findings in the order of the text.
    pub found: Vec<Found>,
}

/// A finding: where it begins and ends, in bytes.
struct Span {
    start: usize,
    end: usize,
    kind: Kind,
}

/// Cuts personal data out of a text. Text beyond [`FREE_TEXT_MAX`] bytes is dropped.
pub fn cut(text: &str) -> Cut<'_> {
    let (text, dropped) = capped(text);
    let signs = Signs::of(text);
    let mut spans = Vec::new();
    if signs.equals > 0 {
        query::scan(text, &mut spans);
    }
    if signs.at > 0 || signs.percent > 0 {
        contact::emails(text, &mut spans);
    }
    if signs.digits >= 3 && (signs.dots >= 3 || signs.colons >= 2) {
        network::scan(text, &mut spans);
    }
    if signs.digits >= 8 {
        digits::scan(text, &mut spans);
    }
    if signs.dots >= 2 && text.len() > 40 {
        query::web_tokens(text, &mut spans);
    }
    if spans.is_empty() {
        return Cut {
            clean: if dropped { Cow::Owned(text.to_owned()) } else { Cow::Borrowed(text) },
            found: Vec::new(),
        };
    }
    replace(text, spans)
}

fn capped(text: &str) -> (&str, bool) {
    if text.len() <= FREE_TEXT_MAX {
        return (text, false);
    }
    (text.get(..text.floor_char_boundary(FREE_TEXT_MAX)).unwrap_or_default(), true)
}

/// How often the bytes occur without which nothing can be found.
#[derive(Default)]
struct Signs {
    digits: u32,
    dots: u32,
    colons: u32,
    at: u32,
    percent: u32,
    equals: u32,
}

impl Signs {
    fn of(text: &str) -> Self {
        // Plain sums without branches: the compiler makes vector instructions of them.
        let count =
            |wanted: u8| -> u32 { text.bytes().map(|byte| u32::from(byte == wanted)).sum() };
        Self {
            digits: text.bytes().map(|byte| u32::from(byte.is_ascii_digit())).sum(),
            dots: count(b'.'),
            colons: count(b':'),
            at: count(b'@'),
            percent: count(b'%'),
            equals: count(b'='),
        }
    }
}

/// Puts placeholders where the findings are; of two that overlap the earlier one stays, of two that
/// begin together the longer one.
fn replace(text: &str, mut spans: Vec<Span>) -> Cut<'_> {
    spans.sort_by(|a, b| a.start.cmp(&b.start).then(b.end.cmp(&a.end)));
    let mut clean = String::with_capacity(text.len());
    let mut found = Vec::new();
    let mut at = 0;
    for span in spans {
        let (Some(before), Some(value)) =
            (text.get(at..span.start), text.get(span.start..span.end))
        else {
            continue;
        };
        clean.push_str(before);
        clean.push_str(span.kind.placeholder());
        found.push(Found { kind: span.kind, value: decoded(value) });
        at = span.end;
    }
    clean.push_str(text.get(at..).unwrap_or_default());
    Cut { clean: Cow::Owned(clean), found }
}

/// The value with `%40` and the like decoded; as it is when that is not UTF-8.
fn decoded(value: &str) -> String {
    if !value.contains('%') {
        return value.to_owned();
    }
    let mut out = Vec::with_capacity(value.len());
    let mut bytes = value.bytes();
    while let Some(byte) = bytes.next() {
        let mut ahead = bytes.clone();
        let pair = (ahead.next().and_then(hex), ahead.next().and_then(hex));
        match (byte, pair) {
            (b'%', (Some(high), Some(low))) => {
                out.push(high << 4 | low);
                bytes = ahead;
            }
            _ => out.push(byte),
        }
    }
    String::from_utf8(out).unwrap_or_else(|_| value.to_owned())
}

fn hex(byte: u8) -> Option<u8> {
    char::from(byte).to_digit(16).and_then(|digit| u8::try_from(digit).ok())
}

/// The character before a byte position.
fn before(text: &str, at: usize) -> Option<char> {
    text.get(..at)?.chars().next_back()
}

/// The character at a byte position.
fn after(text: &str, at: usize) -> Option<char> {
    text.get(at..)?.chars().next()
}

#[cfg(test)]
mod tests;
