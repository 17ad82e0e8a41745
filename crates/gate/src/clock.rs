//! Statutory clocks: spans as laws count them.

use jiff::civil::Weekday;
use jiff::tz::TimeZone;
use jiff::{Span, Zoned};
use model::Timestamp;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use std::fmt;
use std::str::FromStr;

/// By when a request is answered, in one place. Each is counted from its receipt (GDPR Art. 12(3);
/// 11 CCR 7021).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Clocks {
    /// By when its receipt is acknowledged, where that is asked for.
    pub acknowledge: Option<Term>,
    /// By when it is answered.
    pub answer: Term,
    /// By how much the answer may be put off, where it may.
    pub extension: Option<Term>,
    /// By when an objection or opt-out is obeyed, at the latest. Bonafide obeys at once.
    pub opt_out: Term,
    /// How long somebody who said no is not asked again.
    pub ask_again: Option<Term>,
}

impl Clocks {
    /// What is kept to where no pack is known: a month, without extension.
    pub const NONE_KNOWN: Self = Self {
        acknowledge: None,
        answer: Term::Months(1),
        extension: None,
        opt_out: Term::BusinessDays(1),
        ask_again: None,
    };
}

/// A span of whole days, business days or months.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Term {
    /// Days.
    Days(u16),
    /// Days from Monday to Friday. Holidays are not known, so a deadline is never later than the law's.
    BusinessDays(u16),
    /// Months; one that has no such day ends with its last (Regulation 1182/71, Art. 3(2)(c)).
    Months(u8),
}

impl Term {
    /// The instant at which a span that begins at `from` ends, counted in UTC; the end of time when
    /// there is no such instant.
    #[must_use]
    pub fn after(self, from: Timestamp) -> Timestamp {
        let moved = || -> Option<Zoned> {
            let start = jiff::Timestamp::from_millisecond(from.0).ok()?.to_zoned(TimeZone::UTC);
            let day = Span::new().days(1);
            match self {
                Self::Days(days) => start.checked_add(Span::new().days(i64::from(days))).ok(),
                Self::Months(months) => {
                    start.checked_add(Span::new().months(i64::from(months))).ok()
                }
                Self::BusinessDays(days) => {
                    let mut at = start;
                    let mut left = days;
                    while left > 0 {
                        at = at.checked_add(day).ok()?;
                        let weekend = matches!(at.weekday(), Weekday::Saturday | Weekday::Sunday);
                        left -= u16::from(!weekend);
                    }
                    Some(at)
                }
            }
        };
        moved().map_or(Timestamp(i64::MAX), |at| Timestamp(at.timestamp().as_millisecond()))
    }
}

/// A text that is no term.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NoTerm;

impl fmt::Display for NoTerm {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a term is like `45 days`, `10 business days` or `1 month`")
    }
}

impl std::error::Error for NoTerm {}

impl FromStr for Term {
    type Err = NoTerm;

    fn from_str(text: &str) -> Result<Self, NoTerm> {
        let (count, unit) = text.trim().split_once(' ').ok_or(NoTerm)?;
        let count: u16 = count.parse().map_err(|_| NoTerm)?;
        match unit {
            "day" | "days" => Ok(Self::Days(count)),
            "business day" | "business days" => Ok(Self::BusinessDays(count)),
            "month" | "months" => u8::try_from(count).map(Self::Months).map_err(|_| NoTerm),
            _other => Err(NoTerm),
        }
    }
}

impl fmt::Display for Term {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (count, unit) = match self {
            Self::Days(count) => (*count, "day"),
            Self::BusinessDays(count) => (*count, "business day"),
            Self::Months(count) => (u16::from(*count), "month"),
        };
        write!(f, "{count} {unit}{}", if count == 1 { "" } else { "s" })
    }
}

impl Serialize for Term {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Term {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?.parse().map_err(serde::de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(from: &str, term: &str, wanted: &str) {
        let from: jiff::Timestamp = from.parse().unwrap();
        let term: Term = term.parse().unwrap();
        let until = term.after(Timestamp(from.as_millisecond()));
        let until = jiff::Timestamp::from_millisecond(until.0).unwrap();
        assert_eq!(until.to_string(), wanted, "{term}");
    }

    #[test]
    fn terms_are_counted_as_laws_count_them() {
        check("2026-01-31T09:00:00Z", "1 month", "2026-02-28T09:00:00Z");
        check("2028-01-31T09:00:00Z", "1 month", "2028-02-29T09:00:00Z");
        check("2026-11-30T09:00:00Z", "45 days", "2027-01-14T09:00:00Z");
        // A Friday: the tenth business day is the Friday after next.
        check("2026-11-27T09:00:00Z", "10 business days", "2026-12-11T09:00:00Z");
        check("2026-11-28T09:00:00Z", "1 business day", "2026-11-30T09:00:00Z");
        assert_eq!(Term::Months(1).after(Timestamp(i64::MAX)), Timestamp(i64::MAX));
    }

    #[test]
    fn what_is_no_term_is_refused() {
        for text in ["", "soon", "1", "-1 days", "1 year", "300 months", "1  day"] {
            assert_eq!(text.parse::<Term>(), Err(NoTerm), "{text}");
        }
    }
}
