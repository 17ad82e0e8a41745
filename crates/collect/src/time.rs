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

/// Numbers from here on are milliseconds since the epoch, smaller ones seconds: as milliseconds it is
/// March 1973, as seconds the year 5138.
const MILLISECONDS_FROM: i64 = 100_000_000_000;

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
    if let Ok(number) = text.parse::<i64>() {
        // Eight digits are a date written without dashes, not a day of 1970.
        if text.len() != 8 {
            return Some(ReadTime { at: of_epoch(number), zoned: true });
        }
    }
    let civil = text.parse::<DateTime>().ok()?;
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
            jiff::Timestamp::from_duration(jiff::SignedDuration::try_from_secs_f64(*number).ok()?)
                .ok()
                .map(|at| ReadTime { at: Timestamp(at.as_millisecond()), zoned: true })
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
