//! IP addresses in running text.

use super::{Kind, Span, after, before};
use std::net::{Ipv4Addr, Ipv6Addr};

/// The longest written address: eight groups of four and seven colons, or with IPv4 behind.
const ADDRESS_BYTES_MAX: usize = 45;

/// Runs of hexadecimal digits, dots and colons that are an address.
pub(super) fn scan(text: &str, spans: &mut Vec<Span>) {
    let mut start = None;
    for (at, byte) in text.bytes().chain(std::iter::once(b' ')).enumerate() {
        let part = byte.is_ascii_hexdigit() || matches!(byte, b'.' | b':');
        match (part, start) {
            (true, None) => start = Some(at),
            (false, Some(from)) => {
                run(text, from, at, spans);
                start = None;
            }
            _ => {}
        }
    }
}

fn run(text: &str, start: usize, end: usize, spans: &mut Vec<Span>) {
    let Some(whole) = text.get(start..end) else {
        return;
    };
    // A colon or dot at the end belongs to the sentence, one before a port to the address.
    let trimmed = whole.trim_end_matches('.');
    let body = if trimmed.ends_with("::") { trimmed } else { trimmed.trim_end_matches(':') };
    let lead = body.len() - body.trim_start_matches('.').len();
    if v6(text, start, body, spans) {
        return;
    }
    if !after(text, end).is_some_and(|letter| letter.is_alphanumeric() || letter == '_') {
        let mut at = start + lead;
        for piece in body.get(lead..).unwrap_or_default().split(':') {
            v4(text, at, piece, spans);
            at += piece.len() + 1;
        }
    }
}

fn v4(text: &str, start: usize, piece: &str, spans: &mut Vec<Span>) {
    let Ok(address) = piece.parse::<Ipv4Addr>() else {
        return;
    };
    let previous = before(text, start);
    let path = previous == Some('/') && before(text, start - 1) != Some('/');
    let glued = previous
        .is_some_and(|letter| letter.is_alphanumeric() || matches!(letter, '_' | '-' | '.'));
    // `Chrome/120.0.0.0`, `v1.2.3.4` and `version 1.2.3.4` are versions; 0.0.0.0 and 127.0.0.1 nobody's.
    let words = text.get(..start).unwrap_or_default().trim_end();
    let named = ["ersion", "ersión", "Build", "build"].iter().any(|word| words.ends_with(word));
    if !(path || glued || named || address.is_unspecified() || address.is_loopback()) {
        spans.push(Span { start, end: start + piece.len(), kind: Kind::Ip });
    }
}

fn v6(text: &str, start: usize, body: &str, spans: &mut Vec<Span>) -> bool {
    let colons = body.bytes().filter(|byte| *byte == b':').count();
    let plausible = colons >= 2
        && body.len() <= ADDRESS_BYTES_MAX
        && body.bytes().any(|byte| byte.is_ascii_digit());
    let glued = before(text, start).is_some_and(char::is_alphanumeric)
        || after(text, start + body.len()).is_some_and(char::is_alphanumeric);
    if !plausible || glued {
        return false;
    }
    let Ok(address) = body.parse::<Ipv6Addr>() else {
        return false;
    };
    // `a::1` in program text has two groups; real addresses have more.
    let groups = address.segments().iter().filter(|group| **group != 0).count();
    if groups >= 3 {
        spans.push(Span { start, end: start + body.len(), kind: Kind::Ip });
    }
    groups >= 3
}
