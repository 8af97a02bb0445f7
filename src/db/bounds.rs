//! What a value must be before any driver sees it; the same on both databases.

use std::ops::RangeInclusive;

use crate::value::ValueRef;
use chrono::{Datelike, NaiveDate};

/// The most bytes of one text or byte value: 16 MiB. Drivers have had overflows in the lengths
/// they write; nothing a partner sends in one field is near this.
pub const MAX_VALUE_BYTES: usize = 16 * 1024 * 1024;

/// Why a value cannot be stored.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ValueProblem {
    /// Longer than [`MAX_VALUE_BYTES`].
    #[error("it has {bytes} bytes and the limit is {MAX_VALUE_BYTES}")]
    TooLong {
        /// Its length in bytes.
        bytes: usize,
    },
    /// A text with a NUL, which PostgreSQL cannot store.
    #[error("its text has a NUL character")]
    Nul,
    /// A year that the text form of a day cannot hold in four digits.
    #[error("its year is {year} and years from 1 to 9999 can be stored")]
    Year {
        /// The year.
        year: i32,
    },
}

/// Seconds of Unix time that are surely in years from 1 to 9999.
const YEARS: RangeInclusive<i64> = -62_000_000_000..=253_000_000_000;

/// Whether both databases can hold `value`.
pub(super) fn check(value: ValueRef<'_>) -> Result<(), ValueProblem> {
    match value {
        ValueRef::Null(_) | ValueRef::Int(_) => Ok(()),
        ValueRef::Text(text) => {
            check_length(text.len())?;
            if memchr::memchr(0, text.as_bytes()).is_some() {
                return Err(ValueProblem::Nul);
            }
            Ok(())
        }
        ValueRef::Bytes(bytes) => check_length(bytes.len()),
        ValueRef::Date(day) => check_year(day),
        ValueRef::Instant(instant) if YEARS.contains(&instant.timestamp()) => Ok(()),
        ValueRef::Instant(instant) => check_year(instant.date_naive()),
    }
}

fn check_length(bytes: usize) -> Result<(), ValueProblem> {
    if bytes > MAX_VALUE_BYTES {
        return Err(ValueProblem::TooLong { bytes });
    }
    Ok(())
}

fn check_year(day: NaiveDate) -> Result<(), ValueProblem> {
    let year = day.year();
    if (1..=9999).contains(&year) {
        Ok(())
    } else {
        Err(ValueProblem::Year { year })
    }
}

/// Appends `value` in decimal, with zeros in front up to `width` digits.
pub(super) fn push_digits(out: &mut Vec<u8>, mut value: u32, width: usize) {
    let start = out.len();
    out.resize(start + width, b'0');
    for place in out.iter_mut().skip(start).rev() {
        *place = b'0' + u8::try_from(value % 10).unwrap_or(0);
        value /= 10;
    }
}

/// Appends `YYYY-MM-DD`; the year has been checked.
pub(super) fn push_date(out: &mut Vec<u8>, day: NaiveDate) {
    out.extend_from_slice(&date_text(day));
}

/// `YYYY-MM-DD`; the year has been checked.
pub(super) fn date_text(day: NaiveDate) -> [u8; 10] {
    let (year, month, day) = (day.year().unsigned_abs(), day.month(), day.day());
    let digit = |value: u32| b'0' + (value % 10) as u8;
    [
        digit(year / 1000),
        digit(year / 100),
        digit(year / 10),
        digit(year),
        b'-',
        digit(month / 10),
        digit(month),
        b'-',
        digit(day / 10),
        digit(day),
    ]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_one_database_could_not_hold_is_refused_for_both() {
        let long = "a".repeat(MAX_VALUE_BYTES + 1);
        let far = NaiveDate::from_ymd_opt(10000, 1, 1).expect("a day");
        for (value, problem) in [
            (
                ValueRef::Text(&long),
                ValueProblem::TooLong { bytes: 16_777_217 },
            ),
            (
                ValueRef::Bytes(long.as_bytes()),
                ValueProblem::TooLong { bytes: 16_777_217 },
            ),
            (ValueRef::Text("a\0b"), ValueProblem::Nul),
            (ValueRef::Date(far), ValueProblem::Year { year: 10000 }),
            (
                ValueRef::Instant(far.and_time(chrono::NaiveTime::MIN).and_utc()),
                ValueProblem::Year { year: 10000 },
            ),
        ] {
            assert_eq!(check(value), Err(problem));
        }
        assert_eq!(check(ValueRef::Text("渡口")), Ok(()));
    }

    #[test]
    fn a_day_is_written_with_its_zeros() {
        let mut out = Vec::new();
        push_date(&mut out, NaiveDate::from_ymd_opt(987, 6, 5).expect("a day"));
        assert_eq!(out, b"0987-06-05");
    }
}
