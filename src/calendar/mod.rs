//! Which days work, rest, make up or are closed for settlement, and what follows from it.
//!
//! Responsible for working-day arithmetic over a declared table (`jobs/calendars/*.tsv`). Not for
//! the time of day (`clock`) and not for schedules. Jobs, expectations and reconciliation ask it.
//! The one invariant: a day of a year that the table does not cover has no answer; a missing
//! notice must never quietly turn a holiday into a working day.

mod days;
mod table;

use std::collections::BTreeMap;

use chrono::{Datelike, NaiveDate, Weekday};

use crate::diag::Code;

pub use days::{Deadline, DeadlineKind, Roll};

/// A row of the table is not `date`, `kind`, `note`, or its date or kind is wrong.
pub const CALENDAR_ROW: Code = Code {
    id: "calendar-row",
    title: "a row of a calendar cannot be read",
    title_zh: "工作日历中有无法识别的行",
    help: "A calendar is a table with the columns date, kind and note, separated by tabs. The date is written \
           YYYY-MM-DD; the kind is rest (a day off), makeup_work (a weekend day that works) or \
           settlement_closed (works, but does not settle). Lines that begin with # are comments.",
};

/// One date has two rows that say the same or contradict each other.
pub const CALENDAR_DUPLICATE: Code = Code {
    id: "calendar-duplicate",
    title: "a date stands twice in a calendar",
    title_zh: "工作日历中日期重复",
    help: "Keep one row for each date. Only settlement_closed may stand beside makeup_work or rest.",
};

/// A row changes nothing: a working weekday is declared to work.
pub const CALENDAR_NO_EFFECT: Code = Code {
    id: "calendar-no-effect",
    title: "a row of a calendar changes nothing",
    title_zh: "工作日历中有不起作用的行",
    help: "A makeup_work row declares a Saturday or Sunday that works; Monday to Friday work anyway. \
           Check the date against the notice.",
};

/// A year that is needed has no rows.
pub const CALENDAR_YEAR_MISSING: Code = Code {
    id: "calendar-year-missing",
    title: "a calendar has no rows for a year that is needed",
    title_zh: "工作日历缺少所需年份",
    help: "Add the holidays and make-up days of the year from the State Council's notice, which comes out in the \
           autumn before. Until then no working day of that year can be told.",
};

/// What this module complains about.
pub const CODES: &[Code] = &[
    CALENDAR_ROW,
    CALENDAR_DUPLICATE,
    CALENDAR_NO_EFFECT,
    CALENDAR_YEAR_MISSING,
];

/// Why a question about days has no answer.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum CalendarError {
    /// The table has no row for that year.
    #[error("calendar `{calendar}` has no rows for {year}: add that year's holidays to it")]
    YearMissing {
        /// The calendar.
        calendar: String,
        /// The year.
        year: i32,
    },
    /// The answer lies beyond the dates that can be written.
    #[error("calendar `{calendar}` ends before the day that is that far from {date}")]
    BeyondDates {
        /// The calendar.
        calendar: String,
        /// Where the counting stood.
        date: NaiveDate,
    },
}

/// What a row says about its day.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum DayKind {
    /// 休息日: a day off.
    Rest,
    /// 补班日: a weekend day that works.
    MakeupWork,
    /// 非清算日: nothing settles, whether people work or not.
    SettlementClosed,
}

impl DayKind {
    const ALL: [Self; 3] = [Self::Rest, Self::MakeupWork, Self::SettlementClosed];

    /// The name in the table.
    pub fn name(self) -> &'static str {
        match self {
            Self::Rest => "rest",
            Self::MakeupWork => "makeup_work",
            Self::SettlementClosed => "settlement_closed",
        }
    }
}

/// What the table says about one date.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
struct Day {
    /// Rest or make-up.
    work: Option<DayKind>,
    settlement_closed: bool,
    note: String,
}

/// A working calendar (工作日历): Saturday and Sunday rest unless the table says otherwise.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Calendar {
    name: String,
    rule: Rule,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Rule {
    EveryDay,
    Table(BTreeMap<NaiveDate, Day>),
}

impl Calendar {
    /// The calendar named `every_day`: every day works and settles, in every year.
    pub fn every_day() -> Self {
        Self {
            name: "every_day".to_owned(),
            rule: Rule::EveryDay,
        }
    }

    /// The file's name without `.tsv`.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Whether the year has rows.
    pub fn covers(&self, year: i32) -> bool {
        match &self.rule {
            Rule::EveryDay => true,
            Rule::Table(days) => {
                let first = NaiveDate::from_ymd_opt(year, 1, 1);
                let last = NaiveDate::from_ymd_opt(year, 12, 31);
                let (Some(first), Some(last)) = (first, last) else {
                    return false;
                };
                // A year known only for its closed days lacks its holidays.
                days.range(first..=last).any(|(_, day)| day.work.is_some())
            }
        }
    }

    /// The years of a span that have no rows, for a warning ahead of time.
    pub fn missing_years(&self, years: std::ops::RangeInclusive<i32>) -> Vec<i32> {
        years.filter(|year| !self.covers(*year)).collect()
    }

    /// Whether people work on the date.
    pub fn is_working(&self, date: NaiveDate) -> Result<bool, CalendarError> {
        self.check_year(date)?;
        let weekend = matches!(date.weekday(), Weekday::Sat | Weekday::Sun);
        Ok(match &self.rule {
            Rule::EveryDay => true,
            Rule::Table(days) => match days.get(&date).and_then(|day| day.work) {
                Some(DayKind::Rest) => false,
                Some(DayKind::MakeupWork) => true,
                Some(DayKind::SettlementClosed) | None => !weekend,
            },
        })
    }

    /// Whether money settles on the date: it works and is not closed for settlement.
    pub fn is_settling(&self, date: NaiveDate) -> Result<bool, CalendarError> {
        let closed = self.day(date).is_some_and(|day| day.settlement_closed);
        Ok(self.is_working(date)? && !closed)
    }

    /// What the table notes about the date, such as 春节.
    pub fn note(&self, date: NaiveDate) -> Option<&str> {
        self.day(date)
            .map(|day| day.note.as_str())
            .filter(|note| !note.is_empty())
    }

    fn day(&self, date: NaiveDate) -> Option<&Day> {
        match &self.rule {
            Rule::EveryDay => None,
            Rule::Table(days) => days.get(&date),
        }
    }

    fn check_year(&self, date: NaiveDate) -> Result<(), CalendarError> {
        if self.covers(date.year()) {
            return Ok(());
        }
        Err(CalendarError::YearMissing {
            calendar: self.name.clone(),
            year: date.year(),
        })
    }

    fn beyond(&self, date: NaiveDate) -> CalendarError {
        CalendarError::BeyondDates {
            calendar: self.name.clone(),
            date,
        }
    }
}

/// The calendar shipped with the product.
#[cfg(test)]
fn shipped() -> Calendar {
    let source = crate::diag::Source::new(
        "jobs/calendars/cn.tsv",
        include_str!("../../jobs/calendars/cn.tsv"),
    );
    let mut problems = crate::diag::Problems::new();
    let calendar = Calendar::from_tsv(&source, &mut problems);
    assert_eq!(
        problems.sorted(),
        [],
        "the shipped calendar has no problems"
    );
    calendar.expect("it could be read")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn date(text: &str) -> NaiveDate {
        text.parse().expect("a date")
    }

    #[test]
    fn make_up_weekends_work_and_holidays_rest() {
        let cn = shipped();
        for (day, works) in [
            ("2026-02-13", true),
            ("2026-02-14", true),  // Saturday, make-up
            ("2026-02-15", false), // Sunday, holiday
            ("2026-02-16", false), // Monday, holiday
            ("2026-02-24", true),
            ("2026-02-28", true),  // Saturday, make-up
            ("2026-03-01", false), // plain Sunday
            ("2026-09-20", true),  // Sunday, make-up
            ("2026-09-30", true),
            ("2026-10-01", false),
            ("2026-10-07", false),
            ("2026-10-08", true),
            ("2026-10-10", true), // Saturday, make-up
            ("2026-10-11", false),
        ] {
            assert_eq!(cn.is_working(date(day)), Ok(works), "{day}");
        }
        assert_eq!(cn.note(date("2026-02-17")), Some("春节"));
        assert_eq!(cn.note(date("2026-03-02")), None);
        assert_eq!(cn.name(), "cn");
    }

    #[test]
    fn the_shipped_years_work_as_many_days_as_their_notices_say() {
        let cn = shipped();
        for (year, days) in [(2024, 251), (2025, 248), (2026, 248)] {
            let first = NaiveDate::from_ymd_opt(year, 1, 1).expect("a date");
            let working = first
                .iter_days()
                .take_while(|day| day.year() == year)
                .filter(|day| cn.is_working(*day) == Ok(true))
                .count();
            assert_eq!(working, days, "{year}");
        }
    }

    #[test]
    fn a_year_without_rows_has_no_answer() {
        let cn = shipped();
        let error = cn
            .is_working(date("2027-01-04"))
            .expect_err("not published");
        assert_eq!(
            error.to_string(),
            "calendar `cn` has no rows for 2027: add that year's holidays to it"
        );
        assert_eq!(cn.missing_years(2023..=2027), [2023, 2027]);
    }

    #[test]
    fn every_day_works_on_every_day_of_every_year() {
        let every_day = Calendar::every_day();
        assert_eq!(every_day.is_working(date("2099-02-01")), Ok(true));
        assert_eq!(every_day.is_settling(date("2099-02-01")), Ok(true));
        assert_eq!(every_day.missing_years(1970..=2100), [0; 0]);
    }
}
