//! The value of a cell as text: exact, the same for every workbook that means the same.
//!
//! Numbers are binary in a workbook. Their text is the shortest that means the same number, so that
//! an amount typed as 123.45 is `123.45` and one that a formula made inexact shows it and is refused
//! by its field. Nothing is rounded.

use std::fmt::Write as _;

use chrono::{Days, NaiveDate, NaiveDateTime, NaiveTime, Timelike};

use super::cell::{Batch, CellValue};
use super::codes;
use super::plan::{CellKind, TextDates, Trim};
use crate::diag::Code;

/// Why a value cannot be text: the code and what was found and expected.
pub(super) type Refused = (&'static Code, String);

/// From here on a number has 15 digits before its point.
const LONG: f64 = 1e14;
const MILLIS_OF_DAY: i64 = 86_400_000;

/// How values become text.
#[derive(Debug, Clone, Copy)]
pub(super) struct Reading {
    pub(super) trim: Trim,
    pub(super) text_dates: TextDates,
    pub(super) is_1904: bool,
    /// Bytes of one text at most.
    pub(super) text_bytes: usize,
}

impl Reading {
    /// Appends the value's text to `out`.
    pub(super) fn push(
        &self,
        batch: &Batch,
        value: &CellValue,
        wanted: CellKind,
        out: &mut String,
    ) -> Result<(), Refused> {
        match value {
            CellValue::Nothing => {
                let detail = "the formula has no result: it was never calculated";
                Err((codes::NO_RESULT, detail.to_owned()))
            }
            CellValue::Error(range) => {
                let shown = batch.text(range);
                Err((codes::ERROR_CELL, format!("the cell shows `{shown}`")))
            }
            CellValue::Text(range) => self.text(batch.text(range), wanted, out),
            CellValue::Number(value) => number(*value, out),
            CellValue::Days(value) => self.days(*value, wanted, out),
            CellValue::Elapsed(value) => elapsed(*value, out),
            CellValue::Bool(value) => {
                out.push_str(if *value { "TRUE" } else { "FALSE" });
                Ok(())
            }
        }
    }

    fn text(&self, text: &str, wanted: CellKind, out: &mut String) -> Result<(), Refused> {
        if text.len() > self.text_bytes {
            let detail = format!(
                "the text has {} bytes, at most {} may be",
                text.len(),
                self.text_bytes
            );
            return Err((codes::LONG_TEXT, detail));
        }
        if let Some(at) = text.find('\u{FFFD}') {
            let detail = format!("the text has a lost character (U+FFFD) at byte {at}");
            return Err((codes::BROKEN_TEXT, detail));
        }
        let text = match self.trim {
            Trim::None => text,
            Trim::Spaces => text.trim_matches(is_blank),
        };
        let is_day = matches!(wanted, CellKind::Day | CellKind::Moment);
        if is_day
            && self.text_dates == TextDates::YearFirst
            && let Some(found) = year_first(text)
        {
            match (found, wanted) {
                (Found::Day(day), CellKind::Day) => push_day(day, out),
                (Found::Day(day), _) => push_moment(day.and_time(NaiveTime::MIN), 'T', out),
                (Found::Moment(moment), _) => push_moment(moment, 'T', out),
            }
            return Ok(());
        }
        out.push_str(text);
        Ok(())
    }

    fn days(&self, value: f64, wanted: CellKind, out: &mut String) -> Result<(), Refused> {
        let (day, time) = split_days(value)?;
        let has_time = time != NaiveTime::MIN;
        // A time of day is counted as day 0, which the 1900 count does not have.
        if day == 0 && !self.is_1904 {
            if wanted == CellKind::Text && (has_time || value == 0.0) {
                push_time(time, out);
                return Ok(());
            }
            return Err(no_such_day(value, "it has no day"));
        }
        let day = self.day(day).ok_or_else(|| {
            let is_hole = day == 60 && !self.is_1904;
            let why = if is_hole {
                "it is 1900-02-29, which never was"
            } else {
                "no day of the years up to 9999 has it"
            };
            no_such_day(value, why)
        })?;
        match wanted {
            CellKind::Moment => push_moment(day.and_time(time), 'T', out),
            CellKind::Day if has_time => push_moment(day.and_time(time), 'T', out),
            _ if has_time => push_moment(day.and_time(time), ' ', out),
            _ => push_day(day, out),
        }
        Ok(())
    }

    /// The day with a number; the 1900 count has a day too many after the 28th of February.
    fn day(&self, number: u64) -> Option<NaiveDate> {
        let (year, month, first) = match (self.is_1904, number) {
            (true, _) => (1904, 1, 1),
            (false, 60) => return None,
            (false, ..60) => (1899, 12, 31),
            (false, _) => (1899, 12, 30),
        };
        let day = NaiveDate::from_ymd_opt(year, month, first)?;
        let last = NaiveDate::from_ymd_opt(9999, 12, 31)?;
        day.checked_add_days(Days::new(number))
            .filter(|day| *day <= last)
    }
}

/// The number as the shortest text that means it, without an exponent.
pub(super) fn number(value: f64, out: &mut String) -> Result<(), Refused> {
    if !value.is_finite() {
        let detail = "the number is infinite or none at all";
        return Err((codes::BAD_NUMBER, detail.to_owned()));
    }
    if value.abs() >= LONG {
        let digits = format!("{:.0}", value.abs()).len();
        let detail = format!(
            "a number of {digits} digits is stored as a number, of which a workbook keeps 15: it must be text"
        );
        return Err((codes::LONG_NUMBER, detail));
    }
    // Zero has a sign in binary.
    let value = if value == 0.0 { 0.0 } else { value };
    push(out, format_args!("{value}"));
    Ok(())
}

fn elapsed(value: f64, out: &mut String) -> Result<(), Refused> {
    if !value.is_finite() || value.abs() > 3_000_000.0 {
        return Err(no_such_day(value, "it is no stretch of time"));
    }
    let millis = (value.abs() * MILLIS_OF_DAY as f64).round() as i64;
    let seconds = millis / 1_000;
    let sign = if value < 0.0 { "-" } else { "" };
    let (hours, minutes) = (seconds / 3_600, seconds / 60 % 60);
    push(
        out,
        format_args!("{sign}{hours:02}:{minutes:02}:{:02}", seconds % 60),
    );
    push_millis((millis % 1_000) as u32, out);
    Ok(())
}

/// The day's number and the time of day, to the millisecond.
fn split_days(value: f64) -> Result<(u64, NaiveTime), Refused> {
    if !(0.0..3_000_000.0).contains(&value) {
        return Err(no_such_day(value, "no day of the years up to 9999 has it"));
    }
    let millis = (value * MILLIS_OF_DAY as f64).round() as i64;
    let (day, rest) = (millis / MILLIS_OF_DAY, millis % MILLIS_OF_DAY);
    let seconds = (rest / 1_000) as u32;
    let nanos = (rest % 1_000) as u32 * 1_000_000;
    let time = NaiveTime::from_num_seconds_from_midnight_opt(seconds, nanos);
    Ok((day.unsigned_abs(), time.unwrap_or(NaiveTime::MIN)))
}

fn no_such_day(value: f64, why: &str) -> Refused {
    let detail = format!("the day with the number {value} does not exist: {why}");
    (codes::NO_SUCH_DAY, detail)
}

fn push_day(day: NaiveDate, out: &mut String) {
    push(out, format_args!("{}", day.format("%Y-%m-%d")));
}

fn push_moment(moment: NaiveDateTime, between: char, out: &mut String) {
    push_day(moment.date(), out);
    out.push(between);
    push_time(moment.time(), out);
}

fn push_time(time: NaiveTime, out: &mut String) {
    push(out, format_args!("{}", time.format("%H:%M:%S")));
    push_millis(time.nanosecond() / 1_000_000, out);
}

fn push_millis(millis: u32, out: &mut String) {
    if millis > 0 {
        push(out, format_args!(".{millis:03}"));
    }
}

fn push(out: &mut String, text: std::fmt::Arguments<'_>) {
    let written = out.write_fmt(text);
    debug_assert!(written.is_ok(), "a text never refuses to grow");
}

/// A character that shows nothing.
pub(super) fn is_blank(char: char) -> bool {
    char.is_whitespace()
        || char.is_control()
        || matches!(char, '\u{200B}'..='\u{200D}' | '\u{FEFF}')
}

enum Found {
    Day(NaiveDate),
    Moment(NaiveDateTime),
}

/// Year, month, day and perhaps a time, whatever stands between them: `2024/1/2`, `2024年1月2日 8:05`.
fn year_first(text: &str) -> Option<Found> {
    if text.len() == 8 && text.bytes().all(|byte| byte.is_ascii_digit()) {
        return NaiveDate::parse_from_str(text, "%Y%m%d")
            .ok()
            .map(Found::Day);
    }
    let mut rest = text.trim_matches(is_blank);
    let year = digits(&mut rest, 4..=4)?;
    separator(&mut rest, &['-', '/', '.', '年'])?;
    let month = digits(&mut rest, 1..=2)?;
    separator(&mut rest, &['-', '/', '.', '月'])?;
    let day = digits(&mut rest, 1..=2)?;
    separator(&mut rest, &['日', '号']);
    let day = NaiveDate::from_ymd_opt(i32::try_from(year).ok()?, month, day)?;
    let rest = rest
        .strip_prefix('T')
        .unwrap_or(rest)
        .trim_start_matches(is_blank);
    if rest.is_empty() {
        return Some(Found::Day(day));
    }
    let time = time_of_day(rest)?;
    Some(Found::Moment(day.and_time(time)))
}

fn time_of_day(text: &str) -> Option<NaiveTime> {
    let mut rest = text;
    let hour = digits(&mut rest, 1..=2)?;
    separator(&mut rest, &[':', '：', '时'])?;
    let minute = digits(&mut rest, 1..=2)?;
    let mut second = 0;
    if separator(&mut rest, &[':', '：', '分']).is_some() && !rest.is_empty() {
        second = digits(&mut rest, 1..=2)?;
        separator(&mut rest, &['秒']);
    }
    let is_whole = rest.is_empty();
    is_whole.then(|| NaiveTime::from_hms_opt(hour, minute, second))?
}

fn digits(rest: &mut &str, width: std::ops::RangeInclusive<usize>) -> Option<u32> {
    let count = rest.bytes().take_while(u8::is_ascii_digit).count();
    let (head, after) = rest.split_at_checked(count)?;
    *rest = after;
    width.contains(&count).then(|| head.parse().ok())?
}

fn separator(rest: &mut &str, any_of: &[char]) -> Option<()> {
    *rest = rest.strip_prefix(any_of)?;
    Some(())
}
