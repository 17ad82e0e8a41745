//! Consent strings for tests, written from the specifications and not from the readers.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

/// Bits as `0` and `1`, as letters of six bits; the last one is filled with zeros.
pub(crate) fn letters(bits: &str) -> String {
    let filled = bits.to_owned() + &"0".repeat(bits.len().next_multiple_of(24) - bits.len());
    let byte = |at| u8::from_str_radix(filled.get(at..at + 8).unwrap(), 2).unwrap();
    let bytes: Vec<u8> = (0..filled.len()).step_by(8).map(byte).collect();
    let mut text = URL_SAFE_NO_PAD.encode(bytes);
    text.truncate(bits.len().div_ceil(6));
    text
}

/// A number in bits.
pub(crate) fn number(value: u64, width: usize) -> String {
    format!("{value:0width$b}")
}

/// A bit for each number from 1 to `count`.
pub(crate) fn ids(ids: &[u8], count: u8) -> String {
    (1..=count).map(|id| if ids.contains(&id) { '1' } else { '0' }).collect()
}

/// A core segment of 21 September 2026 with these consents and no vendors.
pub(crate) fn tcf(consents: &[u8]) -> String {
    tcf_of(consents, 17_899_488_000)
}

/// The same, made `at` a time in tenths of a second.
pub(crate) fn tcf_of(consents: &[u8], at: u64) -> String {
    let head = [number(2, 6), number(at, 36), number(at, 36), number(7, 12), number(1, 12)];
    let tail = [number(0, 6), number(0, 12), number(100, 12), number(5, 6), "10".to_owned()];
    let purposes = [ids(&[], 12), ids(consents, 24), ids(&[2, 7, 8, 9, 10], 24)];
    let rest = ["0".to_owned(), number(0, 12), number(0, 17), number(0, 17), number(0, 12)];
    letters(&[head.concat(), tail.concat(), purposes.concat(), rest.concat()].concat())
}

/// The header of a GPP string with one section.
pub(crate) fn gpp_header(fibonacci: &str) -> String {
    letters(&["000011", "000001", &number(1, 12), "0", fibonacci].concat())
}
