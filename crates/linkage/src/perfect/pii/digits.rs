//! Numbers in running text: cards, bank accounts, social security numbers, phones.

use super::{Kind, Span, after, before};

/// Longest run that is looked at, in bytes: an IBAN in groups of four.
const RUN_BYTES_MAX: usize = 44;

/// Looks at every place where a number can begin.
pub(super) fn scan(text: &str, spans: &mut Vec<Span>) {
    let bytes = text.as_bytes();
    let mut at = 0;
    while let Some(byte) = bytes.get(at).copied() {
        let start =
            byte.is_ascii_digit() || matches!(byte, b'+' | b'(') || byte.is_ascii_alphabetic();
        let previous = at.checked_sub(1).and_then(|at| bytes.get(at)).copied();
        if !start || previous.is_some_and(|previous| previous.is_ascii_alphanumeric()) {
            at += 1;
            continue;
        }
        let end = if byte.is_ascii_alphabetic() { iban(text, at) } else { number(text, at) };
        match end {
            Some((end, kind)) => {
                if let Some(kind) = kind {
                    spans.push(Span { start: at, end, kind });
                }
                at = end.max(at + 1);
            }
            None => at += 1,
        }
    }
}

/// Two letters, two digits, and up to thirty more, grouped by blanks or not; mod 97 is 1.
fn iban(text: &str, start: usize) -> Option<(usize, Option<Kind>)> {
    let head = text.as_bytes().get(start..start + 4)?;
    let &[first, second, third, fourth] = head else {
        return None;
    };
    if !(first.is_ascii_alphabetic()
        && second.is_ascii_alphabetic()
        && third.is_ascii_digit()
        && fourth.is_ascii_digit())
    {
        return None;
    }
    let mut letters: Vec<u8> = Vec::with_capacity(34);
    let mut best = None;
    for (at, byte) in text.bytes().enumerate().skip(start).take(RUN_BYTES_MAX) {
        if byte.is_ascii_alphanumeric() && letters.len() < 34 {
            letters.push(byte.to_ascii_uppercase());
            let bounded = !after(text, at + 1).is_some_and(char::is_alphanumeric);
            if bounded && letters.len() >= 15 && mod_97(&letters) == 1 {
                best = Some((at + 1, Some(Kind::Iban)));
            }
        } else if byte != b' ' && byte != b'-' {
            break;
        }
    }
    best
}

/// ISO 7064: the first four characters behind the others, letters as 10 to 35.
fn mod_97(letters: &[u8]) -> u32 {
    let (head, body) = letters.split_at_checked(4).unwrap_or((letters, &[]));
    body.iter().chain(head).fold(0, |rest, letter| {
        let value = char::from(*letter).to_digit(36).unwrap_or(0);
        (rest * if value > 9 { 100 } else { 10 } + value) % 97
    })
}

/// A run of digits with single separators, as groups.
struct Run {
    end: usize,
    digits: Vec<u8>,
    /// Lengths of the groups.
    groups: Vec<usize>,
    /// Separators between them, without blanks beside others.
    separators: Vec<u8>,
    plus: bool,
    bracket: bool,
}

/// Digits of the run at `start`, and where they end: cheap, for the many runs that are too short.
fn length(text: &str, start: usize) -> (usize, usize) {
    let mut digits = 0;
    let mut first_end = None;
    let run = text.bytes().enumerate().skip(start).take(RUN_BYTES_MAX);
    for (at, byte) in run {
        match byte {
            b'0'..=b'9' => digits += 1,
            b' ' | b'-' | b'.' | b'(' | b')' | b'/' | b'+' => {
                if digits > 0 {
                    first_end.get_or_insert(at);
                }
            }
            _ => {
                first_end.get_or_insert(at);
                break;
            }
        }
    }
    (digits, first_end.unwrap_or(text.len()))
}

fn read(text: &str, start: usize) -> Option<Run> {
    let mut run = Run {
        end: start,
        digits: Vec::new(),
        groups: Vec::new(),
        separators: Vec::new(),
        plus: false,
        bracket: false,
    };
    let mut gap = 0;
    for (at, byte) in text.bytes().enumerate().skip(start).take(RUN_BYTES_MAX) {
        match byte {
            b'0'..=b'9' => {
                if gap > 0 || run.groups.is_empty() {
                    run.groups.push(0);
                }
                if let Some(group) = run.groups.last_mut() {
                    *group += 1;
                }
                run.digits.push(byte - b'0');
                run.end = at + 1;
                gap = 0;
            }
            b'+' if at == start => run.plus = true,
            b'(' if gap <= 1 || run.digits.is_empty() => {
                run.bracket = true;
                gap += 1;
            }
            b' ' | b'-' | b'.' | b')' | b'/' if gap < 2 => {
                if !run.digits.is_empty() {
                    run.separators.push(byte);
                }
                gap += 1;
            }
            _ => break,
        }
    }
    (!run.digits.is_empty()).then_some(run)
}

fn number(text: &str, start: usize) -> Option<(usize, Option<Kind>)> {
    let (digits, first_end) = length(text, start);
    if digits < 8 {
        return Some((first_end, None));
    }
    let run = read(text, start)?;
    let glued =
        after(text, run.end).is_some_and(|letter| letter.is_alphanumeric() || letter == '_');
    let previous = before(text, start);
    let part_of_id =
        previous.is_some_and(|letter| matches!(letter, '_' | '-' | '#' | '.' | '$' | '€' | '£'));
    if glued || part_of_id {
        return skip(&run);
    }
    let kind = if is_card(&run) {
        Some(Kind::Card)
    } else if is_ssn(&run) {
        Some(Kind::Ssn)
    } else if is_phone(&run, text, start, previous) {
        Some(Kind::Phone)
    } else {
        None
    };
    match kind {
        Some(kind) => Some((run.end, Some(kind))),
        None => skip(&run),
    }
}

/// Past the run: what begins inside it is part of the same number. A long row of groups may be
/// several numbers, so only its first group is passed.
fn skip(run: &Run) -> Option<(usize, Option<Kind>)> {
    (run.groups.len() <= 1).then_some((run.end, None))
}

/// Thirteen to nineteen digits, a first digit of a card network, the usual groups, Luhn.
fn is_card(run: &Run) -> bool {
    let usual = match run.groups.as_slice() {
        [_] | [4, 6, 4 | 5] => true,
        groups => groups.len() <= 5 && groups.iter().rev().skip(1).all(|group| *group == 4),
    };
    let separators_alike = run.separators.windows(2).all(|pair| pair.first() == pair.last());
    let network = matches!(run.digits.first(), Some(2..=6));
    let varied = run.digits.iter().any(|digit| Some(digit) != run.digits.first());
    (13..=19).contains(&run.digits.len())
        && usual
        && separators_alike
        && network
        && varied
        && !run.plus
        && luhn(&run.digits)
}

fn luhn(digits: &[u8]) -> bool {
    let sum: u32 = digits
        .iter()
        .rev()
        .enumerate()
        .map(|(at, digit)| {
            let doubled = u32::from(*digit) << (at % 2);
            if doubled > 9 { doubled - 9 } else { doubled }
        })
        .sum();
    sum.is_multiple_of(10)
}

/// `ddd-dd-dddd` in the ranges the SSA assigns.
fn is_ssn(run: &Run) -> bool {
    let [area, group, serial] = run.groups.as_slice() else {
        return false;
    };
    let value = |from: usize, length: usize| {
        run.digits
            .iter()
            .skip(from)
            .take(length)
            .fold(0_u32, |value, digit| value * 10 + u32::from(*digit))
    };
    (*area, *group, *serial) == (3, 2, 4)
        && matches!(run.separators.as_slice(), [b'-', b'-'] | [b' ', b' '])
        && !matches!(value(0, 3), 0 | 666 | 900..)
        && value(3, 2) != 0
        && value(5, 4) != 0
}

fn is_phone(run: &Run, text: &str, start: usize, previous: Option<char>) -> bool {
    let count = run.digits.len();
    let first = run.digits.first().copied().unwrap_or_default();
    if run.plus {
        return (8..=15).contains(&count) && first != 0;
    }
    if is_date(run) || previous == Some('=') && run.groups.len() == 1 {
        return false;
    }
    let american = match run.groups.as_slice() {
        [3, 3, 4] => count == 10,
        [1, 3, 3, 4] => first == 1,
        [3, 7] | [6, 4] => run.bracket && count == 10,
        _ => false,
    };
    let long_groups = run.groups.iter().all(|group| *group >= 2) && run.groups.first() != Some(&1);
    let trunk = first == 0 && run.groups.len() >= 2 && long_groups && (9..=12).contains(&count);
    let international = first == 0
        && run.digits.get(1) == Some(&0)
        && run.groups.len() >= 2
        && (10..=17).contains(&count);
    american && previous != Some('/')
        || trunk && previous != Some('/')
        || international
        || ((8..=15).contains(&count) && is_announced(text, start))
}

/// `01.02.2024`, `01/02/24`, `2024-01-15`, and times behind them.
fn is_date(run: &Run) -> bool {
    let dated = matches!(run.separators.first(), Some(b'.' | b'/' | b'-'))
        && run.separators.first() == run.separators.get(1);
    dated
        && (matches!(run.groups.as_slice(), [1 | 2, 1 | 2, 4, ..] | [4, 1 | 2, 1 | 2, ..])
            || matches!(run.groups.as_slice(), [1 | 2, 1 | 2, 2]))
}

const ANNOUNCERS: &[&str] = &[
    "phone",
    "tel",
    "telefon",
    "telephone",
    "call",
    "mobile",
    "mobil",
    "handy",
    "cell",
    "whatsapp",
    "sms",
    "ruf",
    "fon",
    "telefono",
    "móvil",
    "movil",
    "celular",
    "portable",
    "fax",
    "rufnummer",
    "telefonnummer",
    "電話",
    "携帯",
    "call me at",
    "number is",
    "nummer ist",
    "text me at",
    "reach me at",
];

/// Whether a word for "phone" stands just before the number.
fn is_announced(text: &str, start: usize) -> bool {
    let from = text.floor_char_boundary(start.saturating_sub(24));
    let lead = text.get(from..start).unwrap_or_default().to_lowercase();
    let words = lead.trim_end_matches([' ', ':', '.', '=', '#', '-', '(', '：']);
    ANNOUNCERS.iter().any(|word| words.ends_with(word))
}
