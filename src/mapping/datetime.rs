//! Days and moments as partners write them: digits and literals.
//!
//! A format is `%Y %m %d %H %M %S %f` (year 4, the others 2, `%f` milliseconds 3 digits) between
//! literal characters; `%y` is the year of this century in 2 digits, `%-m %-d %-H` have no zero in
//! front. Nothing is optional and nothing is guessed: `2024-1-2` is not `%Y-%m-%d`, and `2024-01-2`
//! not `%Y-%-m-%-d`. That keeps reading exact, writing its inverse, and both fast.

use chrono::{Datelike, NaiveDate, NaiveDateTime, NaiveTime, Timelike};

/// One piece of a format.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Piece {
    Year,
    /// Of 2000 to 2099.
    ShortYear,
    Month,
    Day,
    Hour,
    /// One or two digits, the first no zero but for zero itself.
    BareMonth,
    BareDay,
    BareHour,
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
    #[error(
        "`%{0}` is not a part of a date format: use %Y %m %d %H %M %S %f, %y for a year of two \
         digits, %-m %-d %-H for numbers without a zero in front"
    )]
    Unknown(String),
    /// A lone `%`.
    #[error("a date format ends with a lone `%`")]
    Broken,
    /// Where a number without a zero in front ends cannot be told.
    #[error("a digit follows `{0}`, so that nobody could tell where it ends")]
    Endless(&'static str),
    /// A day cannot be made of it.
    #[error("the format has no {0}")]
    Missing(&'static str),
}

impl TimeFormat {
    /// Checks a format for days, moments or times of day.
    pub fn new(text: &str, has_time: HasTime) -> Result<Self, TimeFormatError> {
        let mut pieces = Vec::new();
        let mut chars = text.chars();
        while let Some(c) = chars.next() {
            let piece = match c {
                '%' => match chars.next().ok_or(TimeFormatError::Broken)? {
                    'Y' => Piece::Year,
                    'y' => Piece::ShortYear,
                    'm' => Piece::Month,
                    'd' => Piece::Day,
                    'H' => Piece::Hour,
                    'M' => Piece::Minute,
                    'S' => Piece::Second,
                    'f' => Piece::Millis,
                    '-' => bare(chars.next().ok_or(TimeFormatError::Broken)?)?,
                    other => return Err(TimeFormatError::Unknown(other.to_string())),
                },
                other => {
                    let mut bytes = [0; 4];
                    let bytes = other.encode_utf8(&mut bytes).bytes();
                    pieces.extend(bytes.map(Piece::Literal));
                    continue;
                }
            };
            pieces.push(piece);
        }
        if let Some(part) = pieces.windows(2).find_map(endless) {
            return Err(TimeFormatError::Endless(part));
        }
        let needed: &[(Piece, &str)] = match has_time {
            HasTime::Only => &[(Piece::Hour, "%H"), (Piece::Minute, "%M")],
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
            if !pieces.iter().any(|there| there.says(*piece)) {
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

    /// Reads a time of day of a format that has no day; `None` when the text is none.
    pub fn read_time(&self, text: &str) -> Option<NaiveTime> {
        self.read(text).map(|moment| moment.time())
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
                Piece::ShortYear => (&mut year, 2),
                Piece::Month => (&mut month, 2),
                Piece::Day => (&mut day, 2),
                Piece::Hour => (&mut hour, 2),
                Piece::BareMonth => (&mut month, bare_width(rest)?),
                Piece::BareDay => (&mut day, bare_width(rest)?),
                Piece::BareHour => (&mut hour, bare_width(rest)?),
                Piece::Minute => (&mut minute, 2),
                Piece::Second => (&mut second, 2),
                Piece::Millis => (&mut millis, 3),
            };
            let (digits, after) = rest.split_at_checked(width)?;
            *slot = number(digits)?;
            if *piece == Piece::ShortYear {
                year += CENTURY;
            }
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

    /// Writes a moment; years outside 0–9999, of two digits outside 2000–2099, cannot be written.
    pub fn write(&self, moment: NaiveDateTime) -> Option<String> {
        let year = u32::try_from(moment.year())
            .ok()
            .filter(|year| *year <= 9999)?;
        let mut out = Vec::with_capacity(24);
        for piece in &self.pieces {
            let (value, width) = match piece {
                Piece::Literal(byte) => {
                    out.push(*byte);
                    continue;
                }
                Piece::Year => (year, 4),
                Piece::ShortYear => (year.checked_sub(CENTURY).filter(|year| *year < 100)?, 2),
                Piece::BareMonth => (moment.month(), 1),
                Piece::BareDay => (moment.day(), 1),
                Piece::BareHour => (moment.hour(), 1),
                Piece::Month => (moment.month(), 2),
                Piece::Day => (moment.day(), 2),
                Piece::Hour => (moment.hour(), 2),
                Piece::Minute => (moment.minute(), 2),
                Piece::Second => (moment.second(), 2),
                Piece::Millis => (moment.and_utc().timestamp_subsec_millis(), 3),
            };
            out.extend_from_slice(format!("{value:0width$}").as_bytes());
        }
        String::from_utf8(out).ok()
    }
}

/// What a year of two digits is counted from.
const CENTURY: u32 = 2000;

impl Piece {
    /// Whether it says what another one says, in whatever form.
    fn says(self, other: Self) -> bool {
        let plain = match self {
            Self::ShortYear => Self::Year,
            Self::BareMonth => Self::Month,
            Self::BareDay => Self::Day,
            Self::BareHour => Self::Hour,
            plain => plain,
        };
        plain == other
    }
}

/// A number without a zero in front.
fn bare(letter: char) -> Result<Piece, TimeFormatError> {
    match letter {
        'm' => Ok(Piece::BareMonth),
        'd' => Ok(Piece::BareDay),
        'H' => Ok(Piece::BareHour),
        other => Err(TimeFormatError::Unknown(format!("-{other}"))),
    }
}

/// The first of two pieces when its end could not be told from the second.
fn endless(pair: &[Piece]) -> Option<&'static str> {
    let [first, second] = pair else {
        return None;
    };
    let part = match first {
        Piece::BareMonth => "%-m",
        Piece::BareDay => "%-d",
        Piece::BareHour => "%-H",
        _ => return None,
    };
    let is_open = match second {
        Piece::Literal(byte) => byte.is_ascii_digit(),
        _ => true,
    };
    is_open.then_some(part)
}

/// How many digits a number without a zero in front has.
fn bare_width(rest: &[u8]) -> Option<usize> {
    let width = rest.iter().take_while(|byte| byte.is_ascii_digit()).count();
    let has_zero = width > 1 && rest.first() == Some(&b'0');
    (width > 0 && width < 3 && !has_zero).then_some(width)
}

/// Whether a format must carry a time of day.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum HasTime {
    /// A day.
    No,
    /// A moment, to the minute at least.
    Yes,
    /// A time of day, to the minute at least.
    Only,
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
        for (text, said) in [
            (
                "%b %d",
                "`%b` is not a part of a date format: use %Y %m %d %H %M %S %f, %y for a \
                      year of two digits, %-m %-d %-H for numbers without a zero in front",
            ),
            (
                "%Y%-S",
                "`%-S` is not a part of a date format: use %Y %m %d %H %M %S %f, %y for a \
                      year of two digits, %-m %-d %-H for numbers without a zero in front",
            ),
            ("%Y%m%", "a date format ends with a lone `%`"),
            (
                "%Y-%-m%d",
                "a digit follows `%-m`, so that nobody could tell where it ends",
            ),
            (
                "%Y-%m-%-d7",
                "a digit follows `%-d`, so that nobody could tell where it ends",
            ),
        ] {
            let error = TimeFormat::new(text, HasTime::No).expect_err("it is no format");
            assert_eq!(error.to_string(), said, "{text}");
        }
    }

    #[test]
    fn short_years_bare_numbers_and_chinese_literals_read_and_write_back_exactly() {
        for (format, text, value) in [
            ("%y%m%d", "260309", "2026-03-09T00:00:00"),
            ("%Y年%m月%d日", "2026年03月09日", "2026-03-09T00:00:00"),
            ("%Y/%-m/%-d", "2026/3/9", "2026-03-09T00:00:00"),
            ("%Y/%-m/%-d", "2026/12/31", "2026-12-31T00:00:00"),
            (
                "%Y年%-m月%-d日 %-H:%M",
                "2026年3月9日 0:05",
                "2026-03-09T00:05:00",
            ),
        ] {
            let format = TimeFormat::new(format, HasTime::No).expect("a format");
            assert_eq!(format.read(text), Some(moment(value)), "{text}");
            assert_eq!(format.write(moment(value)).as_deref(), Some(text));
        }
        let bare = TimeFormat::new("%Y/%-m/%-d", HasTime::No).expect("a format");
        for bad in [
            "2026/03/9",
            "2026/3/",
            "2026//9",
            "2026/3/009",
            "2026/0/1",
            "2026/3/32",
        ] {
            assert_eq!(bare.read(bad), None, "{bad}");
        }
        let short = TimeFormat::new("%y%m%d", HasTime::No).expect("a format");
        assert_eq!(short.write(moment("1999-12-31T00:00:00")), None);
        assert_eq!(short.write(moment("2100-01-01T00:00:00")), None);
    }
}
