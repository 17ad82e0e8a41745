//! The digits of a phone by which it is compared. Far cheaper than the numbering plans of
//! [`crate::perfect::phone`], and blind to them: the last ten digits tell subscribers apart.

/// Digits that are compared.
const DIGITS: usize = 10;

/// Toll-free prefixes: they ring a company.
const SERVICE: &[&str] = &["800", "833", "844", "855", "866", "877", "888"];

/// The last ten digits without trunk prefix; empty for fillers, service numbers and what is too
/// short to be a number.
pub(crate) fn phone_digits(raw: &str) -> String {
    let lower = raw.trim_start();
    let end = lower.find(['x', 'X', ';', ',', '/', '#']).unwrap_or(lower.len());
    let plain = lower.get(..end).unwrap_or(lower);
    let digits: String = plain
        .chars()
        .filter_map(|c| c.to_digit(10))
        .filter_map(|d| char::from_digit(d, 10))
        .collect();
    let digits = digits.trim_start_matches('0');
    if digits.len() < 6 || digits.len() > 16 || is_filler(digits) {
        return String::new();
    }
    let last = digits.get(digits.len().saturating_sub(DIGITS)..).unwrap_or(digits);
    if is_filler(last)
        || (last.len() == DIGITS && SERVICE.iter().any(|start| last.starts_with(start)))
    {
        return String::new();
    }
    last.to_owned()
}

fn is_filler(digits: &str) -> bool {
    let tail = digits.get(1..).unwrap_or_default();
    let same =
        |text: &str| text.len() > 4 && text.bytes().all(|byte| text.bytes().next() == Some(byte));
    let ascending =
        "01234567890123456789".contains(digits) || "98765432109876543210".contains(digits);
    same(digits) || same(tail) || ascending
}
