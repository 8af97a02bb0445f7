//! How a deadline is written in a job: `days`, and whether they are working days.

use crate::calendar::{Deadline, DeadlineKind};
use crate::document::{Key, KeyKind, Section};

/// So many days; what they mean is the table's own.
pub(super) const fn days(doc: &'static str) -> Key {
    Key::required("days", KeyKind::Integer { min: 0, max: 3_650 }, doc)
}

/// Which days count.
pub(super) const WORKING: Key = Key::with_default(
    "working",
    KeyKind::Boolean,
    "true",
    "Whether working days of the calendar count (make-up Saturdays are working days) or all days.",
);

/// Reads a table with both keys; `None` when one of them was reported.
pub(super) fn read(table: &Section<'_>) -> Option<Deadline> {
    Some(Deadline {
        number: u32::try_from(table.integer("days")?.value).ok()?,
        kind: match table.boolean("working")?.value {
            true => DeadlineKind::Working,
            false => DeadlineKind::Natural,
        },
    })
}
