//! Moments whose time of day does not stand beside the day: in another place of the record, or
//! nowhere, so that the moment is the first or last second of the day.
//!
//! The one invariant: what is written reads back as the same moment; another one is not written.

use chrono::{NaiveDateTime, NaiveTime};

use super::datetime::TimeFormat;
use super::field::{Fault, NOT_A_DATE};

/// Where the time of day of a moment stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum TimeOfDay {
    /// In a slot of its own.
    Slot {
        /// The slot.
        slot: usize,
        /// How it is written.
        format: TimeFormat,
    },
    /// Nowhere: it is always this one.
    Always(NaiveTime),
}

impl TimeOfDay {
    /// The moment that a day (read without a time) and the text of the time make together; `None`
    /// when the text is no time.
    pub(super) fn moment(&self, day: NaiveDateTime, text: Option<&str>) -> Option<NaiveDateTime> {
        match self {
            Self::Always(time) => Some(day.date().and_time(*time)),
            Self::Slot { format, .. } => format
                .read_time(text?)
                .map(|time| day.date().and_time(time)),
        }
    }

    /// The text of the time of a moment, none when it stands nowhere; `Err` when the day and this
    /// text would be another moment.
    pub(super) fn text(&self, moment: NaiveDateTime) -> Result<Option<String>, Lost> {
        match self {
            Self::Always(time) if moment.time() == *time => Ok(None),
            Self::Always(_) => Err(Lost),
            Self::Slot { format, .. } => {
                let text = format.write(moment).ok_or(Lost)?;
                match format.read_time(&text) {
                    Some(time) if time == moment.time() => Ok(Some(text)),
                    _ => Err(Lost),
                }
            }
        }
    }
}

/// The moment of a day whose time of day stands elsewhere; any other is whole already.
pub(super) fn with_time(
    time: Option<&TimeOfDay>,
    day: NaiveDateTime,
    text: Option<&str>,
) -> Result<NaiveDateTime, Fault> {
    let Some(time) = time else { return Ok(day) };
    let detail = || match (time, text) {
        (TimeOfDay::Slot { format, .. }, Some(text)) if !text.is_empty() => format!(
            "found the time of day `{text}`, expected {}",
            format.as_str()
        ),
        _ => "the day is there and its time of day is absent".to_owned(),
    };
    time.moment(day, text).ok_or_else(|| Fault {
        code: &NOT_A_DATE,
        detail: detail(),
    })
}

/// A time of day that its place cannot say.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Lost;

#[cfg(test)]
mod tests {
    use super::*;
    use crate::mapping::datetime::HasTime;

    fn moment(text: &str) -> NaiveDateTime {
        text.parse().expect("a moment")
    }

    fn seconds() -> TimeOfDay {
        TimeOfDay::Slot {
            slot: 1,
            format: TimeFormat::new("%H%M%S", HasTime::Only).expect("a format"),
        }
    }

    #[test]
    fn a_day_and_a_time_of_two_places_are_one_moment_and_come_apart_again() {
        let whole = moment("2026-03-01T10:15:01");
        let day = moment("2026-03-01T00:00:00");
        assert_eq!(seconds().moment(day, Some("101501")), Some(whole));
        assert_eq!(seconds().text(whole), Ok(Some("101501".to_owned())));
        for bad in ["", "1015", "246000", "10:15:01"] {
            assert_eq!(seconds().moment(day, Some(bad)), None, "{bad}");
        }
        assert_eq!(seconds().moment(day, None), None);
    }

    #[test]
    fn a_time_that_its_place_cannot_say_is_not_written() {
        assert_eq!(seconds().text(moment("2026-03-01T10:15:01.5")), Err(Lost));
        let (day, end) = (moment("2026-03-01T00:00:00"), moment("2026-03-01T23:59:59"));
        let last = TimeOfDay::Always(end.time());
        assert_eq!(last.moment(day, None), Some(end));
        assert_eq!(last.text(end), Ok(None));
        assert_eq!(last.text(day), Err(Lost));
    }
}
