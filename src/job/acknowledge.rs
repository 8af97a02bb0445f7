//! `acknowledge`: by when the partner must acknowledge what a job sends.

use super::codes::BAD_JOB;
use super::{World, calendar};
use crate::diag::{Problem, Problems};
use crate::document::{Key, KeyKind, Section};

const KEYS: &[Key] = &[
    Key::optional(
        "within_hours",
        KeyKind::Integer { min: 1, max: 8_760 },
        "So many hours after it was sent.",
    ),
    Key::optional(
        "within_working_days",
        KeyKind::Integer { min: 1, max: 250 },
        "Until the end of so many working days after the day it was sent; needs `calendar`.",
    ),
    Key::optional(
        "calendar",
        KeyKind::Name,
        "Whose working days: a file of jobs/calendars without .tsv, or `every_day`.",
    ),
];

/// The key of whatever declares a message that the partner acknowledges.
pub(super) const ACKNOWLEDGE: Key = Key::optional(
    "acknowledge",
    KeyKind::Table(KEYS),
    "By when the partner must acknowledge it; without it no acknowledgement is expected, and it is done when it is sent.",
);

/// How long a partner has to acknowledge what was sent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum AcknowledgeWithin {
    /// So many hours after it was sent.
    Hours(u32),
    /// Until the end of the last of so many working days after the day it was sent.
    WorkingDays {
        /// How many.
        days: u32,
        /// The calendar's name.
        calendar: String,
    },
}

/// Reads `acknowledge` of a section that declares [`ACKNOWLEDGE`].
pub(super) fn read(
    section: &Section<'_>,
    world: &World<'_>,
    problems: &mut Problems,
) -> Option<AcknowledgeWithin> {
    let section = section.table("acknowledge")?;
    let count = |key: &str| {
        section
            .integer(key)
            .and_then(|item| u32::try_from(item.value).ok())
    };
    let is_written = (
        section.has("within_hours"),
        section.has("within_working_days"),
        section.has("calendar"),
    );
    match is_written {
        (true, false, false) => count("within_hours").map(AcknowledgeWithin::Hours),
        (false, true, true) => Some(AcknowledgeWithin::WorkingDays {
            days: count("within_working_days")?,
            calendar: calendar(&section, world, problems)?,
        }),
        _ => {
            let message = "`acknowledge` is `{ within_hours = … }` or \
                           `{ within_working_days = …, calendar = \"…\" }`";
            problems.push(Problem::error(&BAD_JOB, section.place(), message));
            None
        }
    }
}
