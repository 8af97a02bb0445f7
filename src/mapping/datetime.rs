//! Days and moments as partners write them: fixed-width digits and literals.
//!
//! A format is `%Y %m %d %H %M %S %f` (year 4, the others 2, `%f` milliseconds 3 digits) between
//! literal characters. Nothing is optional and nothing is guessed: `2024-1-2` is not
//! `%Y-%m-%d`. That keeps reading exact, writing its inverse, and both fast.

use chrono::{Datelike, NaiveDate, NaiveDateTime, NaiveTime, Timelike};

/// One piece of a format.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Piece {
    Year,
    Month,
    Day,
    Hour,
    Minute,
    Second,
    Millis,
    Literal(u8),
}

/// A checked date or date-time format.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TimeFormat {
    text: String,
    pieces: Vec<Piece>,
}

/// Why a format is not one.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum TimeFormatError {
    /// An unknown `%x`.
    #[error("`%{0}` is not a part of a date format: use %Y %m %d %H %M %S %f")]
    Unknown(char),
    /// A character outside ASCII, or a lone `%`.
    #[error("a date format has ASCII characters and complete % parts only")]
    Broken,
    /// A day cannot be made of it.
    #[error("the format has no {0}")]
    Missing(&'static str),
}

impl TimeFormat {
    /// Checks a format for days (`time: false`) or moments.
    pub fn new(text: &str, has_time: HasTime) -> Result<Self, TimeFormatError> {
        let mut pieces = Vec::new();
        let mut chars = text.chars();
        while let Some(c) = chars.next() {
            let piece = match c {
                '%' => match chars.next().ok_or(TimeFormatError::Broken)? {
                    'Y' => Piece::Year,
                    'm' => Piece::Month,
                    'd' => Piece::Day,
                    'H' => Piece::Hour,
                    'M' => Piece::Minute,
                    'S' => Piece::Second,
                    'f' => Piece::Millis,
                    other => return Err(TimeFormatError::Unknown(other)),
                },
                c if c.is_ascii() => Piece::Literal(c as u8),
                _ => return Err(TimeFormatError::Broken),
            };
            pieces.push(piece);
        }
        let needed: &[(Piece, &str)] = match has_time {
            HasTime::No => &[
                (Piece::Year, "%Y"),
                (Piece::Month, "%m"),
                (Piece::Day, "%d"),
            ],
            HasTime::Yes => &[
                (Piece::Year, "%Y"),
                (Piece::Month, "%m"),
                (Piece::Day, "%d"),
                (Piece::Hour, "%H"),
                (Piece::Minute, "%M"),
            ],
        };
        for (piece, name) in needed {
            if !pieces.contains(piece) {
                return Err(TimeFormatError::Missing(name));
            }
        }
        Ok(Self {
            text: text.to_owned(),
            pieces,
        })
    }

    /// The format as written.
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// Reads a moment; `None` when the text is not exactly of this format or no such moment exists.
    pub fn read(&self, text: &str) -> Option<NaiveDateTime> {
        let mut rest = text.as_bytes();
        let (mut year, mut month, mut day) = (0, 1, 1);
        let (mut hour, mut minute, mut second, mut millis) = (0, 0, 0, 0);
        for piece in &self.pieces {
            let (slot, width) = match piece {
                Piece::Literal(byte) => {
                    rest = rest.strip_prefix(&[*byte])?;
                    continue;
                }
                Piece::Year => (&mut year, 4),
                Piece::Month => (&mut month, 2),
                Piece::Day => (&mut day, 2),
                Piece::Hour => (&mut hour, 2),
                Piece::Minute => (&mut minute, 2),
                Piece::Second => (&mut second, 2),
                Piece::Millis => (&mut millis, 3),
            };
            let (digits, after) = rest.split_at_checked(width)?;
            *slot = number(digits)?;
            rest = after;
        }
        if !rest.is_empty() {
            return None;
        }
        let date = NaiveDate::from_ymd_opt(i32::try_from(year).ok()?, month, day)?;
        // Second 60 exists in `chrono` only as a leap second; no partner may send one.
        let time = NaiveTime::from_hms_milli_opt(hour, minute, second, millis)?;
        Some(date.and_time(time))
    }

    /// Writes a moment; years outside 0–9999 cannot be written.
    pub fn write(&self, moment: NaiveDateTime) -> Option<String> {
        let year = u32::try_from(moment.year())
            .ok()
            .filter(|year| *year <= 9999)?;
        let mut out = String::with_capacity(24);
        for piece in &self.pieces {
            let (value, width) = match piece {
                Piece::Literal(byte) => {
                    out.push(char::from(*byte));
                    continue;
                }
                Piece::Year => (year, 4),
                Piece::Month => (moment.month(), 2),
                Piece::Day => (moment.day(), 2),
                Piece::Hour => (moment.hour(), 2),
                Piece::Minute => (moment.minute(), 2),
                Piece::Second => (moment.second(), 2),
                Piece::Millis => (moment.and_utc().timestamp_subsec_millis(), 3),
            };
            out.push_str(&format!("{value:0width$}"));
        }
        Some(out)
    }
}

/// Whether a format must carry a time of day.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum HasTime {
    /// A day.
    No,
    /// A moment, to the minute at least.
    Yes,
}

fn number(digits: &[u8]) -> Option<u32> {
    digits.iter().try_fold(0_u32, |sum, byte| {
        byte.is_ascii_digit()
            .then(|| sum * 10 + u32::from(byte - b'0'))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn moment(text: &str) -> NaiveDateTime {
        text.parse().expect("a moment")
    }

    #[test]
    fn a_moment_reads_and_writes_back_exactly() {
        for (format, text, value) in [
            (
                "%Y-%m-%dT%H:%M:%S",
                "2024-01-02T08:30:00",
                "2024-01-02T08:30:00",
            ),
            ("%Y%m%d%H%M%S", "20240102083000", "2024-01-02T08:30:00"),
            (
                "%Y%m%d%H%M%S%f",
                "20240102083000123",
                "2024-01-02T08:30:00.123",
            ),
        ] {
            let format = TimeFormat::new(format, HasTime::Yes).expect("a format");
            assert_eq!(format.read(text), Some(moment(value)), "{text}");
            assert_eq!(format.write(moment(value)).as_deref(), Some(text));
        }
    }

    #[test]
    fn what_is_not_exactly_of_the_format_is_not_read() {
        let format = TimeFormat::new("%Y-%m-%d", HasTime::No).expect("a format");
        for bad in [
            "",
            "2024-1-2",
            "2024-01-02 ",
            " 2024-01-02",
            "2024/01/02",
            "2024-13-01",
            "2023-02-29",
            "+024-01-02",
            "20240102",
            "２０２４-01-02",
            "0000-00-00",
        ] {
            assert_eq!(format.read(bad), None, "{bad}");
        }
        let format = TimeFormat::new("%Y%m%d%H%M%S", HasTime::Yes).expect("a format");
        for bad in ["20240102240000", "20240102236000", "20240102235960"] {
            assert_eq!(format.read(bad), None, "{bad}");
        }
    }

    #[test]
    fn a_format_must_make_a_whole_day() {
        assert_eq!(
            TimeFormat::new("%Y-%m", HasTime::No),
            Err(TimeFormatError::Missing("%d"))
        );
        assert_eq!(
            TimeFormat::new("%Y-%m-%d", HasTime::Yes),
            Err(TimeFormatError::Missing("%H"))
        );
        assert_eq!(
            TimeFormat::new("%y%m%d", HasTime::No),
            Err(TimeFormatError::Unknown('y'))
        );
    }
}
