//! Email addresses in running text.

use super::{Kind, Span};

const LOCAL_BYTES_MAX: usize = 96;
const DOMAIN_BYTES_MAX: usize = 253;

/// Every `@` or `%40` with a mailbox before and a domain behind it.
pub(super) fn emails(text: &str, spans: &mut Vec<Span>) {
    let mut from = 0;
    while let Some((at, width)) = next_at(text, from) {
        from = at + width;
        let (Some(start), Some(end)) = (local_start(text, at), domain_end(text, at + width)) else {
            continue;
        };
        spans.push(Span { start, end, kind: Kind::Email });
        from = from.max(end);
    }
}

fn next_at(text: &str, from: usize) -> Option<(usize, usize)> {
    let rest = text.get(from..)?;
    rest.char_indices().find_map(|(at, letter)| match letter {
        '@' => Some((from + at, 1)),
        '＠' => Some((from + at, letter.len_utf8())),
        '%' if rest.get(at..at + 3).is_some_and(|code| code == "%40") => Some((from + at, 3)),
        _ => None,
    })
}

/// Latin letters with accents count, others do not: in Japanese text no blank parts the address
/// from the words before it.
fn is_word(letter: char) -> bool {
    letter.is_ascii_alphanumeric()
        || (matches!(letter, '\u{c0}'..='\u{24f}') && letter.is_alphabetic())
}

fn local_start(text: &str, at: usize) -> Option<usize> {
    let before = text.get(..at)?;
    let start = before
        .char_indices()
        .rev()
        .take_while(|(from, letter)| {
            at - from <= LOCAL_BYTES_MAX
                && (is_word(*letter) || "._+-%'!#$*~{}|^`".contains(*letter))
        })
        .last()?
        .0;
    // Quotes and dots before the first letter are not part of it, nor are encoded blanks and quotes.
    let local = before.get(start..)?;
    let mut trimmed = local.trim_start_matches(|letter| {
        !is_word(letter) && letter != '%' && letter != '_' && letter != '+'
    });
    while let Some(rest) =
        ["%20", "%22", "%27", "%3C", "%3c", "%3D", "%3d", "%3A", "%3a", "%26", "%2C", "%2c"]
            .iter()
            .find_map(|code| trimmed.strip_prefix(code))
    {
        trimmed = rest;
    }
    let inner = ["%3D", "%3d", "%3C", "%3c", "%26", "%20", "%3A", "%3a", "%22"]
        .iter()
        .filter_map(|code| trimmed.rfind(code).map(|at| at + 3))
        .max();
    let trimmed = inner.and_then(|from| trimmed.get(from..)).unwrap_or(trimmed);
    (!trimmed.is_empty() && trimmed.chars().any(|letter| is_word(letter) || letter == '_'))
        .then(|| at - trimmed.len())
}

fn domain_end(text: &str, from: usize) -> Option<usize> {
    let behind = text.get(from..)?;
    let end = behind
        .char_indices()
        .take_while(|(at, letter)| {
            *at < DOMAIN_BYTES_MAX && (is_word(*letter) || matches!(letter, '.' | '-'))
        })
        .last()
        .map(|(at, letter)| at + letter.len_utf8())?;
    let domain = behind.get(..end)?.trim_end_matches(['.', '-']);
    let (name, ending) = domain.rsplit_once('.')?;
    let plausible = !name.is_empty()
        && !name.starts_with('.')
        && ending.chars().count() >= 2
        && ending.chars().any(char::is_alphabetic);
    plausible.then_some(from + domain.len())
}
