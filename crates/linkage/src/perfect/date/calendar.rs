//! Days and partly known days of the Gregorian calendar.

use std::fmt;

/// A day.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Date {
    /// From 1 to 9999.
    pub year: u16,
    /// From 1 to 12.
    pub month: u8,
    /// From 1 to the length of the month.
    pub day: u8,
}

impl Date {
    /// The day, if the calendar has it.
    pub fn new(year: u16, month: u8, day: u8) -> Option<Self> {
        ((1..=9999).contains(&year)
            && (1..=12).contains(&month)
            && (1..=days_in(year, month)).contains(&day))
        .then_some(Self { year, month, day })
    }

    /// The UTC day of an instant. Instants outside the years 1 to 9999 give the nearest day.
    pub fn of_timestamp(at: model::Timestamp) -> Self {
        let days = at.0.div_euclid(86_400_000).clamp(-719_162, 2_932_896);
        // Days since 1 March of year 0, in cycles of 400 years.
        let shifted = days + 719_468;
        let cycle = shifted.div_euclid(146_097);
        let in_cycle = shifted.rem_euclid(146_097);
        let year = (in_cycle - in_cycle / 1_460 + in_cycle / 36_524 - in_cycle / 146_096) / 365;
        let in_year = in_cycle - (365 * year + year / 4 - year / 100);
        let month = (5 * in_year + 2) / 153;
        let day = in_year - (153 * month + 2) / 5 + 1;
        let (civil, carry) = if month < 10 { (month + 3, 0) } else { (month - 9, 1) };
        Self {
            year: u16::try_from(year + cycle * 400 + carry).unwrap_or(1),
            month: u8::try_from(civil).unwrap_or(1),
            day: u8::try_from(day).unwrap_or(1),
        }
    }
}

/// `1984-03-05`.
impl fmt::Display for Date {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:04}-{:02}-{:02}", self.year, self.month, self.day)
    }
}

fn days_in(year: u16, month: u8) -> u8 {
    match month {
        2 if year.is_multiple_of(4) && (!year.is_multiple_of(100) || year.is_multiple_of(400)) => {
            29
        }
        2 => 28,
        4 | 6 | 9 | 11 => 30,
        _ => 31,
    }
}

/// A day of which the day, or day and month, may be unknown. A known day has a known month.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct PartialDate {
    /// From 1 to 9999.
    pub year: u16,
    /// From 1 to 12.
    pub month: Option<u8>,
    /// From 1 to the length of the month.
    pub day: Option<u8>,
}

impl PartialDate {
    /// The date, if the calendar has it.
    pub fn new(year: u16, month: Option<u8>, day: Option<u8>) -> Option<Self> {
        if day.is_some() && month.is_none() {
            return None;
        }
        Date::new(year, month.unwrap_or(1), day.unwrap_or(1)).map(|_| Self { year, month, day })
    }

    /// The first day it can be.
    pub fn earliest(self) -> Date {
        Date { year: self.year, month: self.month.unwrap_or(1), day: self.day.unwrap_or(1) }
    }

    /// The day, when it is fully known.
    pub fn whole(self) -> Option<Date> {
        Date::new(self.year, self.month?, self.day?)
    }
}

/// `1984-03-05`, `1984-03` or `1984` (ISO 8601, reduced precision).
impl fmt::Display for PartialDate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:04}", self.year)?;
        let Some(month) = self.month else {
            return Ok(());
        };
        write!(f, "-{month:02}")?;
        self.day.map_or(Ok(()), |day| write!(f, "-{day:02}"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_instant_lies_on_its_day() {
        for (ms, day) in [
            (0, "1970-01-01"),
            (-1, "1969-12-31"),
            (951_782_400_000, "2000-02-29"),
            (1_795_478_400_000, "2026-11-24"),
            (i64::MAX, "9999-12-31"),
            (i64::MIN, "0001-01-01"),
        ] {
            assert_eq!(Date::of_timestamp(model::Timestamp(ms)).to_string(), day);
        }
    }
}
