//! When an event happened, by our clock: the client's times, corrected by what its clock was off.

use crate::json::{Number, Value};
use jiff::civil::DateTime;
use jiff::tz::TimeZone;
use model::Timestamp;

/// A clock that is off by more than this is marked, in milliseconds: one minute. Less is the way
/// over the network.
pub const SKEW_MARK_MS: i64 = 60_000;

/// What is older than this when it arrives is marked, in milliseconds: twenty years.
pub const AGE_MARK_MS: i64 = 20 * 365 * 24 * 3_600_000;

/// Years that eight digits without dashes can begin with; others are seconds since the epoch.
const YEARS_WITHOUT_DASHES: std::ops::RangeInclusive<i16> = 1900..=2100;

/// Numbers from here on are milliseconds since the epoch, smaller ones seconds: as milliseconds it is
/// March 1973, as seconds the year 5138.
const MILLISECONDS_FROM: i64 = 100_000_000_000;
const MILLISECONDS_FROM_REAL: f64 = 100_000_000_000.0;

/// When an event happened.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Corrected {
    /// When, by our clock; never after its receipt.
    pub at: Timestamp,
    /// What was done to the client's time.
    pub mark: Mark,
}

/// What was done to a client's time.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Mark {
    /// Nothing worth a word.
    None,
    /// The client's clock was off by more than [`SKEW_MARK_MS`]; corrected.
    SkewCorrected,
    /// It would not have happened yet; the time of receipt is taken.
    ClampedFuture,
    /// The client gave no time; the time of receipt is taken.
    NoClientTime,
    /// More than [`AGE_MARK_MS`] old; kept as it is.
    TooOld,
}

impl Mark {
    /// The word for it in metrics.
    pub const fn word(self) -> &'static str {
        match self {
            Self::None => "none",
            Self::SkewCorrected => "skew_corrected",
            Self::ClampedFuture => "clamped_future",
            Self::NoClientTime => "no_client_time",
            Self::TooOld => "too_old",
        }
    }
}

/// Corrects a client's time: `received − (sent − original)`, which takes the client's clock out
/// (Segment and Rudder do the same). Without `sent` the client's clock is believed.
///
/// Nothing happens after its receipt: an event from the future would win over every later truth and
/// outlive every retention period.
pub const fn correct(
    original: Option<Timestamp>,
    sent: Option<Timestamp>,
    received: Timestamp,
) -> Corrected {
    let Some(original) = original else {
        return Corrected { at: received, mark: Mark::NoClientTime };
    };
    let skew_ms = match sent {
        Some(sent) => received.ms_since(sent),
        None => 0,
    };
    let at = original.plus_ms(skew_ms);
    if at.0 > received.0 {
        Corrected { at: received, mark: Mark::ClampedFuture }
    } else if received.ms_since(at) > AGE_MARK_MS {
        Corrected { at, mark: Mark::TooOld }
    } else if skew_ms.saturating_abs() > SKEW_MARK_MS {
        Corrected { at, mark: Mark::SkewCorrected }
    } else {
        Corrected { at, mark: Mark::None }
    }
}

/// A time that was read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ReadTime {
    /// The instant.
    pub at: Timestamp,
    /// Whether it came with its zone; without one it is taken for UTC.
    pub zoned: bool,
}

/// Reads a time: RFC 3339 and ISO 8601 with any fraction and zone, the same without a zone, a date
/// alone (its first instant in UTC), or seconds or milliseconds since the epoch. Nothing when it is
/// none of these.
pub fn read(text: &str) -> Option<ReadTime> {
    let text = text.trim();
    if let Ok(at) = text.parse::<jiff::Timestamp>() {
        return Some(ReadTime { at: Timestamp(at.as_millisecond()), zoned: true });
    }
    let civil = text.parse::<DateTime>();
    if let Ok(number) = text.parse::<i64>() {
        // Eight digits are a date written without dashes, where they are one of our times.
        let date = civil.as_ref().is_ok_and(|civil| YEARS_WITHOUT_DASHES.contains(&civil.year()));
        if text.len() != 8 || !date {
            return Some(ReadTime { at: of_epoch(number), zoned: true });
        }
    }
    let civil = civil.ok()?;
    let at = TimeZone::UTC.to_timestamp(civil).ok()?;
    Some(ReadTime { at: Timestamp(at.as_millisecond()), zoned: false })
}

/// Reads a JSON text or number as [`read`] does.
pub fn read_value(value: &Value) -> Option<ReadTime> {
    match value {
        Value::Text(text) => read(text),
        Value::Number(Number::Whole(number)) => {
            let at = of_epoch(i64::try_from(*number).ok()?);
            Some(ReadTime { at, zoned: true })
        }
        Value::Number(Number::Negative(number)) => {
            Some(ReadTime { at: of_epoch(*number), zoned: true })
        }
        // Python's `time.time()`.
        Value::Number(Number::Real(number)) => {
            let ms = number.abs() >= MILLISECONDS_FROM_REAL;
            let seconds = if ms { number / 1_000.0 } else { *number };
            let since = jiff::SignedDuration::try_from_secs_f64(seconds).ok()?;
            let at = jiff::Timestamp::from_duration(since).ok()?;
            Some(ReadTime { at: Timestamp(at.as_millisecond()), zoned: true })
        }
        Value::Null | Value::Bool(_) | Value::List(_) | Value::Object(_) => None,
    }
}

/// Writes a time as RFC 3339; nothing beyond the year 9999.
pub fn write(at: Timestamp) -> Option<String> {
    jiff::Timestamp::from_millisecond(at.0).ok().map(|at| at.to_string())
}

/// Reads seconds or milliseconds since the epoch, whichever the size of the number says.
pub const fn of_epoch(number: i64) -> Timestamp {
    if number.saturating_abs() < MILLISECONDS_FROM {
        Timestamp(number.saturating_mul(1_000))
    } else {
        Timestamp(number)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOON: Timestamp = Timestamp(1_795_521_600_000);

    #[test]
    fn every_form_of_a_time_is_read() {
        for (text, ms, zoned) in [
            ("2026-11-24T12:00:00Z", 0, true),
            ("2026-11-24T12:00:00.123Z", 123, true),
            ("2026-11-24T12:00:00.123456+00:00", 123, true),
            ("2026-11-24T14:00:00.5+02:00", 500, true),
            ("2026-11-24T14:00:00+0200", 0, true),
            ("2026-11-24 12:00:00Z", 0, true),
            (" 2026-11-24t12:00:00z ", 0, true),
            ("2026-11-24T12:00:00", 0, false),
            ("2026-11-24 12:00:00.25", 250, false),
            ("2026-11-24", -43_200_000, false),
            ("20261124", -43_200_000, false),
            ("1795521600", 0, true),
            ("1795521600007", 7, true),
        ] {
            assert_eq!(read(text), Some(ReadTime { at: NOON.plus_ms(ms), zoned }), "{text}");
        }
        for text in ["", "soon", "2026-13-01", "2026-11-24T25:00:00Z", "24.11.2026", "12:00", "1e3"]
        {
            assert_eq!(read(text), None, "{text}");
        }
    }

    #[test]
    fn numbers_are_seconds_or_milliseconds() {
        for (number, ms) in [
            (Number::Whole(1_795_521_600), 0),
            (Number::Whole(1_795_521_600_500), 500),
            (Number::Real(1_795_521_600.5), 500),
            (Number::Real(1_795_521_600_500.0), 500),
        ] {
            let read = read_value(&Value::Number(number)).unwrap();
            assert_eq!(read.at, NOON.plus_ms(ms));
        }
        assert_eq!(read_value(&Value::Number(Number::Real(1e300))), None);
        assert_eq!(read_value(&Value::Number(Number::Whole(u64::MAX))), None);
        assert_eq!(read_value(&Value::Bool(true)), None);
    }

    #[test]
    fn a_time_is_corrected_by_what_the_clock_was_off() {
        const DAY: i64 = 86_400_000;
        for (original, sent, at, mark) in [
            (None, None, 0, Mark::NoClientTime),
            (None, Some(-5), 0, Mark::NoClientTime),
            (Some(-1_000), None, -1_000, Mark::None),
            (Some(-1_000), Some(-200), -800, Mark::None),
            // A clock a day behind, and one a day ahead.
            (Some(-DAY - 1_000), Some(-DAY), -1_000, Mark::SkewCorrected),
            (Some(DAY - 1_000), Some(DAY), -1_000, Mark::SkewCorrected),
            (Some(5_000), None, 0, Mark::ClampedFuture),
            (Some(1_000), Some(500), 0, Mark::ClampedFuture),
            (Some(i64::MAX), Some(i64::MIN), 0, Mark::ClampedFuture),
            (Some(-30 * 365 * DAY), None, -30 * 365 * DAY, Mark::TooOld),
        ] {
            let instant = |ms: Option<i64>| ms.map(|ms| NOON.plus_ms(ms));
            let corrected = correct(instant(original), instant(sent), NOON);
            let wanted = Corrected { at: NOON.plus_ms(at), mark };
            assert_eq!(corrected, wanted, "{original:?} {sent:?}");
        }
    }

    proptest::proptest! {
        #[test]
        fn nothing_happens_after_its_receipt(original: i64, sent: Option<i64>, received: i64) {
            let received = Timestamp(received);
            let sent = sent.map(Timestamp);
            let corrected = correct(Some(Timestamp(original)), sent, received);
            proptest::prop_assert!(corrected.at <= received);
        }

        #[test]
        fn any_text_is_a_time_or_none(text in "\\PC{0,30}") {
            drop(read(&text).map(|read| write(read.at)));
        }
    }
}
