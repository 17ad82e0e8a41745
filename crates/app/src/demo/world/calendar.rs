//! Days and instants as the wire writes them (RFC 3339), after Hinnant's civil calendar.

/// One day in milliseconds.
pub(super) const DAY_MS: i64 = 86_400_000;
/// One minute in milliseconds.
pub(super) const MINUTE_MS: i64 = 60_000;
/// One hour in milliseconds.
pub(super) const HOUR_MS: i64 = 3_600_000;

/// Year, month and day of a day counted from 1970-01-01.
pub(super) fn civil(day: i64) -> (i64, i64, i64) {
    let shifted = day + 719_468;
    let era = shifted.div_euclid(146_097);
    let of_era = shifted.rem_euclid(146_097);
    let year_of_era = (of_era - of_era / 1_460 + of_era / 36_524 - of_era / 146_096) / 365;
    let of_year = of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let month = (5 * of_year + 2) / 153;
    let day = of_year - (153 * month + 2) / 5 + 1;
    let month = if month < 10 { month + 3 } else { month - 9 };
    (year_of_era + era * 400 + i64::from(month <= 2), month, day)
}

/// `1984-03-07`.
pub(super) fn date(day: i64) -> String {
    let mut out = String::with_capacity(10);
    push_date(&mut out, day);
    out
}

/// `2026-11-24T02:08:21.123Z`.
pub(super) fn push_instant(out: &mut String, ms: i64) {
    push_seconds(out, ms);
    out.push('.');
    push_number(out, ms.rem_euclid(1_000), 3);
    out.push('Z');
}

/// `2026-11-24T02:08:21.123000+00:00`, as Python writes it.
pub(super) fn push_instant_offset(out: &mut String, ms: i64) {
    push_seconds(out, ms);
    out.push('.');
    push_number(out, ms.rem_euclid(1_000), 3);
    out.push_str("000+00:00");
}

/// The instant as text of its own.
pub(super) fn instant(ms: i64) -> String {
    let mut out = String::with_capacity(24);
    push_instant(&mut out, ms);
    out
}

/// Writes a number with at least `digits` digits.
pub(super) fn push_number(out: &mut String, number: i64, digits: u32) {
    let mut unit = 10_i64.pow(digits.saturating_sub(1));
    while number / unit >= 10 {
        unit *= 10;
    }
    while unit > 0 {
        let digit = u32::try_from(number / unit % 10).unwrap_or_default();
        out.push(char::from_digit(digit, 10).unwrap_or('0'));
        unit /= 10;
    }
}

fn push_seconds(out: &mut String, ms: i64) {
    push_date(out, ms.div_euclid(DAY_MS));
    let of_day = ms.rem_euclid(DAY_MS);
    out.push('T');
    push_number(out, of_day / HOUR_MS, 2);
    out.push(':');
    push_number(out, of_day / MINUTE_MS % 60, 2);
    out.push(':');
    push_number(out, of_day / 1_000 % 60, 2);
}

fn push_date(out: &mut String, day: i64) {
    let (year, month, day) = civil(day);
    push_number(out, year, 4);
    out.push('-');
    push_number(out, month, 2);
    out.push('-');
    push_number(out, day, 2);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn instants_are_written_as_the_wire_does() {
        for (ms, text) in [
            (0, "1970-01-01T00:00:00.000Z"),
            (951_782_399_999, "2000-02-28T23:59:59.999Z"),
            (1_795_478_901_123, "2026-11-24T00:08:21.123Z"),
            (-1, "1969-12-31T23:59:59.999Z"),
        ] {
            assert_eq!(instant(ms), text);
        }
    }

    /// The day of a date, counted from 1970-01-01.
    fn day_of(year: i64, month: i64, day: i64) -> i64 {
        let year = year - i64::from(month <= 2);
        let era = year.div_euclid(400);
        let year_of_era = year.rem_euclid(400);
        let of_year = (153 * ((month + 9) % 12) + 2) / 5 + day - 1;
        era * 146_097 + year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + of_year - 719_468
    }

    #[test]
    fn dates_come_back() {
        for day in (-40_000..40_000).step_by(17) {
            let (year, month, of_month) = civil(day);
            assert_eq!(day_of(year, month, of_month), day);
        }
    }
}
