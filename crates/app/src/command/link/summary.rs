//! What a run came to, on the terminal.

use super::engine::Linked;
use super::table::Table;
use crate::command::say;

/// A number with its thousands apart.
pub(super) fn grouped(number: u64) -> String {
    let digits = number.to_string();
    let mut text = String::new();
    for (place, digit) in digits.chars().enumerate() {
        if place > 0 && (digits.len() - place).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

/// How many people, in words.
pub(super) fn people(count: usize) -> String {
    format!("{} {}", grouped(count as u64), if count == 1 { "person" } else { "people" })
}

/// Says what linking came to, and how fast it was.
pub(super) fn say_linked(table: &Table, linked: &Linked, read_ms: f64, link_ms: f64) {
    let records = table.ids.len();
    let people = linked.people_count();
    let several = linked.groups();
    let largest = several.iter().map(Vec::len).max().unwrap_or(1);
    let wide = several.iter().map(Vec::len).sum::<usize>();
    say::line(&format!(
        "{} records are {}: {} records of {} with several, the largest of {largest}",
        grouped(records as u64),
        self::people(people),
        grouped(wide as u64),
        self::people(several.len()),
    ));
    if let Some(households) = &linked.households {
        let homes = super::engine::count(households);
        say::line(&format!("{} households", grouped(homes as u64)));
    }
    say::line(&format!(
        "{} pairs compared, {} may be one person",
        grouped(linked.compared),
        grouped(linked.pairs.len() as u64),
    ));
    if !linked.ambiguous.is_empty() {
        say::line(&format!(
            "{} records fit several people about as well",
            grouped(linked.ambiguous.len() as u64)
        ));
    }
    if table.unreadable > 0 {
        say::line(&format!(
            "{} rows could not be read and are left out",
            grouped(table.unreadable)
        ));
    }
    say::line(&format!(
        "read in {:.1} s, linked in {:.1} s: {} records/s",
        read_ms / 1e3,
        link_ms / 1e3,
        grouped(rate(records, read_ms + link_ms)),
    ));
}

#[expect(
    clippy::cast_precision_loss,
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "a rate for people"
)]
fn rate(records: usize, ms: f64) -> u64 {
    (records as f64 * 1e3 / ms.max(1.0)) as u64
}
