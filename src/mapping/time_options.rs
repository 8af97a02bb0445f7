//! `time` and `time_of_day` of a field, as written → [`TimeOfDay`].

use chrono::NaiveTime;

use super::datetime::{HasTime, TimeFormat};
use super::field_options::FieldReader;
use super::options::BAD_MAPPING;
use super::time_of_day::TimeOfDay;
use crate::dataset::ColumnType;
use crate::diag::{Problem, Problems};
use crate::document::{Key, KeyKind, Section};
use crate::format::FieldSource;

/// `time = { from = "…", format = "%H%M%S" }`.
pub(super) const TIME: Key = Key::optional(
    "time",
    KeyKind::Table(TIME_KEYS),
    "Of a moment whose day and time stand in two places: where its time of day stands; `from` and `format` are those of the \
         day. Not in workbooks.",
);
/// `time_of_day = "end"`.
pub(super) const TIME_OF_DAY: Key = Key::optional(
    "time_of_day",
    KeyKind::OneOf(&["start", "end"]),
    "Of a moment of which only the day is written: the first second of that day, or its last. Not in workbooks.",
);
/// Where the time of day of a moment stands.
const TIME_KEYS: &[Key] = &[
    Key::required("from", KeyKind::Text, "Where it stands in the record."),
    Key::required(
        "format",
        KeyKind::Text,
        "How it is written: %H %M %S %f (milliseconds), %-H for an hour without a zero in front.",
    ),
];

/// Whether a moment's time of day does not stand beside its day.
pub(super) fn stands_apart(section: &Section<'_>) -> bool {
    section.has("time") || section.has("time_of_day")
}

impl FieldReader<'_> {
    /// Where the time of day of a moment stands, if not beside its day.
    pub(super) fn time_of_day(
        &mut self,
        ty: Option<ColumnType>,
        section: &Section<'_>,
        problems: &mut Problems,
    ) -> Option<TimeOfDay> {
        if !stands_apart(section) || ty != Some(ColumnType::Instant) {
            return None;
        }
        if self.is_workbook()
            || section.has("context")
            || section.has("time") == section.has("time_of_day")
        {
            let message = "`time` and `time_of_day` are for the text of a day, one of them alone; a cell of a workbook \
                           and a value of the surroundings have their own";
            problems.push(Problem::error(&BAD_MAPPING, section.place(), message));
            return None;
        }
        let Some(time) = section.table("time") else {
            return match section.word("time_of_day")?.value {
                "end" => NaiveTime::from_hms_opt(23, 59, 59).map(TimeOfDay::Always),
                _ => Some(TimeOfDay::Always(NaiveTime::MIN)),
            };
        };
        let (from, text) = (time.text("from")?, time.text("format")?);
        let source = FieldSource::read(self.format?, &from, self.own, self.known, problems)?;
        match TimeFormat::new(&text.value, HasTime::Only) {
            Ok(format) => {
                self.slots.push(vec![source]);
                let slot = self.slots.len() - 1;
                Some(TimeOfDay::Slot { slot, format })
            }
            Err(found) => {
                problems.push(Problem::error(&BAD_MAPPING, text.place, found.to_string()));
                None
            }
        }
    }
}
