//! Dates, whole or partial, in the notations of many countries.

mod calendar;
mod months;

pub use calendar::{Date, PartialDate};

use super::{Country, Junk, Note, Notes, Perfected, Unreadable, Verdict, junk, text};

/// The oldest age that is believed, in years (the oldest person known reached 122).
pub const AGE_YEARS_MAX: u16 = 122;

/// Reads a date. `today` decides the century of two-digit years: the last one that is not later.
///
/// Counts of days or seconds are not guessed at.
pub fn parse(raw: &str, country: Option<Country>, today: Date) -> Verdict<PartialDate> {
    let (clean, mut notes) = match text::clean_compatible(raw) {
        Ok(clean) => clean,
        Err(reason) => return Verdict::Unreadable(reason),
    };
    if let Some(reason) = junk::text(&clean) {
        return Verdict::Junk(reason);
    }
    let body = without_time(&clean);
    notes.add_if(body.len() != clean.len(), Note::TimeRemoved);
    if is_sentinel_text(body) {
        return Verdict::Junk(Junk::Sentinel);
    }
    let Some(parts) = months::tokens(body) else {
        return Verdict::Unreadable(Unreadable::Malformed);
    };
    let Some(reading) = read(&parts, country, today) else {
        return Verdict::Unreadable(Unreadable::Malformed);
    };
    notes.join(reading.notes);
    let Some(value) = PartialDate::new(reading.year, reading.month, reading.day) else {
        return Verdict::Unreadable(Unreadable::Impossible);
    };
    notes.add_if(reading.day.is_none(), Note::Partial);
    Verdict::Good(Perfected { value, confidence: reading.confidence, notes })
}

/// Reads a birth date: not in the future, not older than people become, not a value that software
/// or hurried people write.
pub fn birth(raw: &str, country: Option<Country>, today: Date) -> Verdict<PartialDate> {
    let verdict = parse(raw, country, today);
    let Verdict::Good(good) = &verdict else {
        return verdict;
    };
    let born = good.value;
    if is_sentinel(born) {
        return Verdict::Junk(Junk::Sentinel);
    }
    if born.earliest() > today || today.year.saturating_sub(born.year) > AGE_YEARS_MAX {
        return Verdict::Unreadable(Unreadable::Impossible);
    }
    verdict
}

/// First days of the epochs of software, and the repeated ones people type.
fn is_sentinel(date: PartialDate) -> bool {
    let first_day = (date.month, date.day) == (Some(1), Some(1));
    let last_days = date.month == Some(12) && matches!(date.day, Some(30 | 31));
    (first_day && matches!(date.year, 1753 | 1800 | 1900 | 1901 | 1970))
        || (last_days && matches!(date.year, 1899 | 1969))
        || (date.year == 1900 && date.day.is_none())
        || matches!(date.year, 0 | 1 | 1111 | 9000..)
}

fn is_sentinel_text(body: &str) -> bool {
    let digits: String = body.chars().filter(char::is_ascii_digit).collect();
    matches!(
        digits.as_str(),
        "00000000"
            | "00010101"
            | "01010001"
            | "99991231"
            | "31129999"
            | "12319999"
            | "99999999"
            | "11111111"
            | "12345678"
            | "01011111"
            | "000000"
    )
}

/// Cuts `T00:00:00Z`, ` 10:30`, `, 10:30 pm` off.
fn without_time(clean: &str) -> &str {
    let Some(colon) = clean.find(':') else {
        return clean.strip_suffix(['T', 'Z']).unwrap_or(clean);
    };
    let before = clean.get(..colon).unwrap_or(clean);
    let hours = before.trim_end_matches(|letter: char| letter.is_ascii_digit());
    if hours.len() == before.len() || before.len() - hours.len() > 2 {
        return clean;
    }
    match hours.chars().next_back() {
        Some('T' | 't')
            if hours.chars().rev().nth(1).is_some_and(|letter| letter.is_ascii_digit()) =>
        {
            hours.get(..hours.len() - 1).unwrap_or(hours)
        }
        Some(' ' | ',') => hours.trim_end_matches([' ', ',']),
        _ => clean,
    }
}

struct Reading {
    year: u16,
    month: Option<u8>,
    day: Option<u8>,
    confidence: f32,
    notes: Notes,
}

impl Reading {
    fn sure(year: u16, month: Option<u8>, day: Option<u8>) -> Self {
        Self { year, month, day, confidence: 0.98, notes: Notes::NONE }
    }

    fn doubt(mut self, note: Note, confidence: f32) -> Self {
        self.notes.add(note);
        self.confidence = self.confidence.min(confidence);
        self
    }
}

use months::Token::{Month, Number};

fn read(parts: &[months::Token], country: Option<Country>, today: Date) -> Option<Reading> {
    match *parts {
        [Number { value, digits: 8 }] => packed(value),
        [Number { value, digits: 6 }] => {
            // `198403`; six digits with a two-digit year could be anything.
            Some(Reading::sure(small16(value / 100)?, Some(small(value % 100)?), None))
                .filter(|reading| (1880..2100).contains(&reading.year))
        }
        [Number { value, digits: 4 }] => Some(Reading::sure(small16(value)?, None, None)),
        [Month(month), Number { value, digits: 4 }]
        | [Number { value, digits: 4 }, Month(month)] => {
            Some(Reading::sure(small16(value)?, Some(month), None))
        }
        [Number { value: year, digits: 4 }, Number { value: month, .. }]
        | [Number { value: month, digits: 1 | 2 }, Number { value: year, digits: 4 }] => {
            Some(calendar_year(small16(year)?, Some(small(month)?), None, country))
        }
        [
            Number { value: year, digits: 4 },
            Number { value: month, .. },
            Number { value: day, .. },
        ] => Some(calendar_year(small16(year)?, Some(small(month)?), Some(small(day)?), country)),
        [Number { value: year, digits: 4 }, Month(month), Number { value: day, .. }] => {
            Some(Reading::sure(small16(year)?, Some(month), Some(small(day)?)))
        }
        [Number { value: day, .. }, Month(month), Number { value: year, digits }]
        | [Month(month), Number { value: day, .. }, Number { value: year, digits }] => {
            with_century(year, digits, Some(month), small(day)?, today)
        }
        [
            Number { value: first, digits: 1 | 2 },
            Number { value: second, digits: 1 | 2 },
            Number { value: year, digits },
        ] => by_country(small(first)?, small(second)?, year, digits, country, today),
        _ => None,
    }
}

/// `19840305`, or `05031984` when that is the only way to read it.
fn packed(value: u32) -> Option<Reading> {
    let (year, month, day) =
        (small16(value / 10_000)?, small(value / 100 % 100)?, small(value % 100)?);
    if (1800..2200).contains(&year) && PartialDate::new(year, Some(month), Some(day)).is_some() {
        return Some(Reading::sure(year, Some(month), Some(day)));
    }
    let (day, month, year) =
        (small(value / 1_000_000)?, small(value / 10_000 % 100)?, small16(value % 10_000)?);
    (1800..2200)
        .contains(&year)
        .then(|| Reading::sure(year, Some(month), Some(day)).doubt(Note::OrderAssumed, 0.6))
}

/// A number in the year's place: Thai years are counted from 543 BC.
fn calendar_year(
    year: u16,
    month: Option<u8>,
    day: Option<u8>,
    country: Option<Country>,
) -> Reading {
    if (2400..2700).contains(&year) && country.is_some_and(|country| country.is_in(&["TH"])) {
        return Reading::sure(year - 543, month, day).doubt(Note::CalendarConverted, 0.9);
    }
    Reading::sure(year, month, day)
}

/// Countries that write the month first.
const MONTH_FIRST: &[&str] = &["US", "PR", "GU", "VI", "AS", "MP", "FM", "MH", "PW", "PH"];

fn by_country(
    first: u8,
    second: u8,
    year: u32,
    digits: usize,
    country: Option<Country>,
    today: Date,
) -> Option<Reading> {
    let month_first = country.is_some_and(|country| country.is_in(MONTH_FIRST));
    let (day, month) = match (first > 12, second > 12) {
        (true, _) => (first, second),
        (_, true) => (second, first),
        _ if month_first => (second, first),
        _ => (first, second),
    };
    let mut reading = with_century(year, digits, Some(month), day, today)?;
    if first <= 12 && second <= 12 && first != second {
        reading = match country {
            Some(_) => reading.doubt(Note::OrderAssumed, 0.85),
            None => reading.doubt(Note::OrderAssumed, 0.55),
        };
    }
    if digits == 4 {
        let dated = calendar_year(reading.year, reading.month, reading.day, country);
        if dated.year != reading.year {
            return Some(dated);
        }
    }
    Some(reading)
}

fn with_century(
    year: u32,
    digits: usize,
    month: Option<u8>,
    day: u8,
    today: Date,
) -> Option<Reading> {
    match digits {
        4 => Some(Reading::sure(small16(year)?, month, Some(day))),
        2 => {
            let this = today.year / 100 * 100 + small16(year)?;
            let late = Date::new(this, month.unwrap_or(1), day).is_none_or(|date| date > today);
            let full = if late { this.checked_sub(100)? } else { this };
            Some(Reading::sure(full, month, Some(day)).doubt(Note::CenturyAssumed, 0.7))
        }
        _ => None,
    }
}

fn small(value: u32) -> Option<u8> {
    u8::try_from(value).ok()
}

fn small16(value: u32) -> Option<u16> {
    u16::try_from(value).ok()
}

#[cfg(test)]
mod tests;
