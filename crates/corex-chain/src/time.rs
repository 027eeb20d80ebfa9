//! Times and lengths of time as people write and read them. Contracts count Unix seconds.

use serde::{Serialize, Serializer};
use std::{fmt, str::FromStr};

const MINUTE: u64 = 60;
const HOUR: u64 = 60 * MINUTE;
const DAY: u64 = 24 * HOUR;
const WEEK: u64 = 7 * DAY;
/// The last second of the year 9999: what lies behind it has no date that people would recognise.
const LAST: u64 = 253_402_300_799;

/// A moment, in Unix seconds. Shown as a date in UTC, read as a date, or as a number of seconds behind `@`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Moment(pub u64);

/// A length of time, in seconds. Shown as `1d 12h`, read as `1d12h`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Span(pub u64);

/// Why a text is not a time.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ParseTimeError {
    /// Not a date.
    #[error(
        "'{0}' is not a time\nhint: write 2027-01-31, 2027-01-31T18:30 (both UTC) or @1801339200 (Unix seconds)"
    )]
    Moment(String),
    /// Not a length of time.
    #[error("'{0}' is not a length of time\nhint: write 2w, 1d12h, 90m or 30s")]
    Span(String),
}

impl fmt::Display for Moment {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.0 > LAST {
            return write!(f, "@{}", self.0);
        }
        let (year, month, day) = civil(self.0 / DAY);
        let (hour, minute, second) = (self.0 % DAY / HOUR, self.0 % HOUR / MINUTE, self.0 % MINUTE);
        write!(f, "{year:04}-{month:02}-{day:02} {hour:02}:{minute:02}:{second:02} UTC")
    }
}

impl FromStr for Moment {
    type Err = ParseTimeError;

    fn from_str(text: &str) -> Result<Self, ParseTimeError> {
        let seconds = match text.strip_prefix('@') {
            Some(seconds) => digits(seconds, 1..=12),
            None => date(text),
        };
        seconds
            .filter(|seconds| *seconds <= LAST)
            .map(Self)
            .ok_or_else(|| ParseTimeError::Moment(text.into()))
    }
}

impl fmt::Display for Span {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut rest = self.0;
        let mut separator = "";
        for (unit, seconds) in UNITS {
            let count = rest / seconds;
            rest %= seconds;
            if count > 0 {
                write!(f, "{separator}{count}{unit}")?;
                separator = " ";
            }
        }
        if self.0 == 0 { f.write_str("0s") } else { Ok(()) }
    }
}

const UNITS: [(char, u64); 5] = [('w', WEEK), ('d', DAY), ('h', HOUR), ('m', MINUTE), ('s', 1)];

impl FromStr for Span {
    type Err = ParseTimeError;

    fn from_str(text: &str) -> Result<Self, ParseTimeError> {
        let parse = || {
            let (mut rest, mut total, mut smallest) = (text, 0u64, u64::MAX);
            while !rest.is_empty() {
                let end = rest.find(|c: char| !c.is_ascii_digit())?;
                let count = digits(rest.get(..end)?, 1..=12)?;
                let unit = rest.get(end..)?.chars().next()?;
                let seconds = UNITS.iter().find(|(name, _)| *name == unit)?.1;
                // Each unit once, the longest first: anything else is a slip of the finger.
                if seconds >= smallest {
                    return None;
                }
                smallest = seconds;
                total = total.checked_add(count.checked_mul(seconds)?)?;
                rest = rest.get(end + unit.len_utf8()..)?;
            }
            (smallest < u64::MAX && total <= LAST).then_some(Self(total))
        };
        parse().ok_or_else(|| ParseTimeError::Span(text.into()))
    }
}

impl Serialize for Moment {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_u64(self.0)
    }
}

impl Serialize for Span {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_u64(self.0)
    }
}

/// `2027-01-31`, `2027-01-31T18:30`, `2027-01-31 18:30:05`, the last two also with a Z behind.
fn date(text: &str) -> Option<u64> {
    let (day, clock) = match text.split_once(['T', ' ']) {
        None => (text, None),
        Some((day, clock)) => (day, Some(clock.strip_suffix('Z').unwrap_or(clock))),
    };
    let mut parts = day.split('-');
    let year = digits(parts.next()?, 4..=4)?;
    let month = digits(parts.next()?, 2..=2)?;
    let day = digits(parts.next()?, 2..=2)?;
    let days = days(year, month, day)?;
    let mut seconds = days * DAY;
    if let Some(clock) = clock {
        let mut parts = clock.split(':');
        let hour = digits(parts.next()?, 2..=2).filter(|h| *h < 24)?;
        let minute = digits(parts.next()?, 2..=2).filter(|m| *m < 60)?;
        let second = parts.next().map_or(Some(0), |s| digits(s, 2..=2)).filter(|s| *s < 60)?;
        seconds += hour * HOUR + minute * MINUTE + second;
        if parts.next().is_some() {
            return None;
        }
    }
    parts.next().is_none().then_some(seconds)
}

/// Digits and nothing else, as many as `length` says.
fn digits(text: &str, length: std::ops::RangeInclusive<usize>) -> Option<u64> {
    let valid = length.contains(&text.len()) && text.bytes().all(|b| b.is_ascii_digit());
    valid.then(|| text.parse().ok()).flatten()
}

/// Days from 1970 to a date of the Gregorian calendar; `None` if there is no such date, or before 1970.
fn days(year: u64, month: u64, day: u64) -> Option<u64> {
    let length = |month| match month {
        2 => 28 + u64::from(is_leap(year)),
        4 | 6 | 9 | 11 => 30,
        _ => 31,
    };
    if year < 1970 || !(1..=12).contains(&month) || day < 1 || day > length(month) {
        return None;
    }
    Some(days_before(year) + (1..month).map(length).sum::<u64>() + day - 1)
}

/// Days from 1970 to the first of January of `year`.
fn days_before(year: u64) -> u64 {
    let leaps = |year: u64| year / 4 - year / 100 + year / 400;
    365 * (year - 1970) + leaps(year - 1) - leaps(1969)
}

fn is_leap(year: u64) -> bool {
    year.is_multiple_of(4) && (!year.is_multiple_of(100) || year.is_multiple_of(400))
}

/// Year, month and day of the day `days` after the first of January 1970.
fn civil(days_since: u64) -> (u64, u64, u64) {
    // Never too early, as no year is shorter.
    let mut year = 1970 + days_since / 365;
    while days_before(year) > days_since {
        year -= 1;
    }
    let of_month = |month| days(year, month, 1).unwrap_or(u64::MAX);
    let month = (1..=12).rev().find(|month| of_month(*month) <= days_since).unwrap_or(1);
    (year, month, days_since - of_month(month) + 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dates_are_those_of_the_calendar() {
        // From `date -u -d @N`.
        for (seconds, text) in [
            (0, "1970-01-01 00:00:00"),
            (951_782_400, "2000-02-29 00:00:00"),
            (1_800_000_000, "2027-01-15 08:00:00"),
            (4_107_542_399, "2100-02-28 23:59:59"),
            (4_107_542_400, "2100-03-01 00:00:00"),
            (253_402_300_799, "9999-12-31 23:59:59"),
        ] {
            assert_eq!(Moment(seconds).to_string(), format!("{text} UTC"));
            assert_eq!(text.parse(), Ok(Moment(seconds)));
        }
        for day in (0..LAST / DAY).step_by(97) {
            let text = Moment(day * DAY).to_string();
            assert_eq!(text[..10].parse(), Ok(Moment(day * DAY)), "{text}");
        }
        assert_eq!("2027-01-15T08:00Z".parse(), Ok(Moment(1_800_000_000)));
        assert_eq!("@1800000000".parse(), Ok(Moment(1_800_000_000)));
        assert_eq!(Moment(u64::MAX).to_string(), "@18446744073709551615");
    }

    #[test]
    fn hostile_times_are_refused() {
        for bad in [
            "",
            "now",
            "1800000000",
            "2027",
            "2027-1-1",
            "2027-02-29",
            "2100-02-29",
            "2027-13-01",
            "2027-00-10",
            "2027-01-32",
            "2027-01-00",
            "1969-12-31",
            "2027-01-15T24:00",
            "2027-01-15T08:60",
            "2027-01-15T08",
            "2027-01-15T08:00:00:00",
            "2027-01-15-01",
            "+027-01-15",
            "２０２７-01-15",
            "@",
            "@-1",
            "@1.5",
            "@253402300800",
            "@99999999999999999999",
            "2027-01-15 08:00 UTC",
        ] {
            let error = bad.parse::<Moment>().expect_err(bad).to_string();
            assert!(error.starts_with(&format!("'{bad}' is not a time\nhint: ")), "{error}");
        }
    }

    #[test]
    fn spans_round_trip() {
        for (seconds, text) in [
            (0, "0s"),
            (30, "30s"),
            (90, "1m 30s"),
            (WEEK * 2, "2w"),
            (DAY + 12 * HOUR, "1d 12h"),
            (3_601, "1h 1s"),
        ] {
            assert_eq!(Span(seconds).to_string(), text);
            assert_eq!(text.replace(' ', "").parse(), Ok(Span(seconds)));
        }
        assert_eq!("90m".parse(), Ok(Span(5_400)));
    }

    #[test]
    fn hostile_spans_are_refused() {
        for bad in [
            "",
            "2",
            "w",
            "2 w",
            "2W",
            "-1d",
            "1.5h",
            "1h1h",
            "1h1d",
            "1d12",
            "1y",
            "2wé",
            "99999999999999999999s",
            "999999999999w",
            "٣d",
        ] {
            assert!(bad.parse::<Span>().is_err(), "{bad}");
        }
    }
}
