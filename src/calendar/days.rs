//! Arithmetic over working days: T+N, roll rules, ageing, deadlines.

use chrono::{Datelike, Days, Months, NaiveDate};

use super::{Calendar, CalendarError};

/// Where a date goes that is not a working day.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Roll {
    /// To the next working day.
    Following,
    /// To the last working day before.
    Preceding,
    /// To the next working day, or, if that is in the next month, to the last one before.
    ModifiedFollowing,
}

/// Which days a deadline counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum DeadlineKind {
    /// 自然日: every day.
    Natural,
    /// 工作日: working days; make-up weekends count.
    Working,
    /// 自然月: calendar months; one later is the same day of the next month, or its last.
    Months,
}

/// A number of days or months after which something is overdue, such as T+2 for disputes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Deadline {
    /// How many days (or months) after the date.
    pub number: u32,
    /// What is counted.
    pub kind: DeadlineKind,
}

#[derive(Clone, Copy)]
enum Toward {
    Later,
    Earlier,
}

impl Calendar {
    /// The date `days` natural days later (earlier if negative).
    pub fn add_days(&self, date: NaiveDate, days: i32) -> Result<NaiveDate, CalendarError> {
        let count = Days::new(u64::from(days.unsigned_abs()));
        let moved = if days < 0 {
            date.checked_sub_days(count)
        } else {
            date.checked_add_days(count)
        };
        moved.ok_or_else(|| self.beyond(date))
    }

    /// The `days`-th working day after the date (before it if negative). The date itself does not
    /// count and need not be a working day; 0 is the date.
    pub fn add_working_days(&self, date: NaiveDate, days: i32) -> Result<NaiveDate, CalendarError> {
        let toward = if days < 0 {
            Toward::Earlier
        } else {
            Toward::Later
        };
        (0..days.unsigned_abs()).try_fold(date, |date, _| {
            let next = self.step(date, toward)?;
            self.nearest_working(next, toward)
        })
    }

    /// The date itself if it is a working day, else the one the rule leads to.
    pub fn roll(&self, date: NaiveDate, rule: Roll) -> Result<NaiveDate, CalendarError> {
        match rule {
            Roll::Following => self.nearest_working(date, Toward::Later),
            Roll::Preceding => self.nearest_working(date, Toward::Earlier),
            Roll::ModifiedFollowing => match self.nearest_working(date, Toward::Later) {
                Ok(later) if later.month() == date.month() => Ok(later),
                // The next year's rows may be missing while the answer lies in this one.
                Ok(_) | Err(CalendarError::YearMissing { .. }) => {
                    self.nearest_working(date, Toward::Earlier)
                }
                Err(error) => Err(error),
            },
        }
    }

    /// How many working days lie after `from` up to and including `to`: the age, in working days,
    /// of what arose on `from`. Negative if `to` is the earlier one.
    pub fn working_days_between(
        &self,
        from: NaiveDate,
        to: NaiveDate,
    ) -> Result<i64, CalendarError> {
        let (first, last, sign) = if from <= to {
            (from, to, 1)
        } else {
            (to, from, -1)
        };
        let mut count = 0;
        let mut date = first;
        while date < last {
            date = self.step(date, Toward::Later)?;
            count += i64::from(self.is_working(date)?);
        }
        Ok(sign * count)
    }

    /// The last day on which it is not yet overdue.
    pub fn deadline(
        &self,
        date: NaiveDate,
        deadline: Deadline,
    ) -> Result<NaiveDate, CalendarError> {
        let number = i32::try_from(deadline.number).unwrap_or(i32::MAX);
        match deadline.kind {
            DeadlineKind::Natural => self.add_days(date, number),
            DeadlineKind::Working => self.add_working_days(date, number),
            DeadlineKind::Months => date
                .checked_add_months(Months::new(deadline.number))
                .ok_or_else(|| self.beyond(date)),
        }
    }

    /// The date or the nearest working day; ends where the table's years end.
    fn nearest_working(
        &self,
        start: NaiveDate,
        toward: Toward,
    ) -> Result<NaiveDate, CalendarError> {
        let mut date = start;
        while !self.is_working(date)? {
            date = self.step(date, toward)?;
        }
        Ok(date)
    }

    fn step(&self, date: NaiveDate, toward: Toward) -> Result<NaiveDate, CalendarError> {
        match toward {
            Toward::Later => date.succ_opt(),
            Toward::Earlier => date.pred_opt(),
        }
        .ok_or_else(|| self.beyond(date))
    }
}

#[cfg(test)]
mod tests {
    use super::super::shipped;
    use super::*;

    fn date(text: &str) -> NaiveDate {
        text.parse().expect("a date")
    }

    #[test]
    fn t_plus_two_over_the_spring_festival_counts_make_up_days() {
        let cn = shipped();
        for (from, to) in [
            ("2026-02-11", "2026-02-13"),
            ("2026-02-12", "2026-02-14"), // to the make-up Saturday
            ("2026-02-13", "2026-02-24"), // Saturday works, then nine days of holiday
            ("2026-02-14", "2026-02-25"),
            ("2026-02-18", "2026-02-25"), // from within the holiday
            ("2026-02-26", "2026-02-28"), // to the make-up Saturday after
            ("2026-02-27", "2026-03-02"),
        ] {
            assert_eq!(cn.add_working_days(date(from), 2), Ok(date(to)), "{from}");
            let working = Deadline {
                number: 2,
                kind: DeadlineKind::Working,
            };
            assert_eq!(cn.deadline(date(from), working), Ok(date(to)), "{from}");
        }
        let natural = Deadline {
            number: 2,
            kind: DeadlineKind::Natural,
        };
        assert_eq!(
            cn.deadline(date("2026-02-13"), natural),
            Ok(date("2026-02-15"))
        );
    }

    #[test]
    fn two_months_end_on_the_same_day_or_on_the_last_one() {
        let months = Deadline {
            number: 2,
            kind: DeadlineKind::Months,
        };
        for (from, to) in [
            ("2026-03-09", "2026-05-09"),
            ("2025-12-31", "2026-02-28"),
            ("2023-12-30", "2024-02-29"),
        ] {
            let every_day = Calendar::every_day();
            assert_eq!(
                every_day.deadline(date(from), months),
                Ok(date(to)),
                "{from}"
            );
        }
    }

    #[test]
    fn working_days_are_added_backwards_too() {
        let cn = shipped();
        assert_eq!(
            cn.add_working_days(date("2026-02-24"), -2),
            Ok(date("2026-02-13"))
        );
        assert_eq!(
            cn.add_working_days(date("2026-02-17"), 0),
            Ok(date("2026-02-17"))
        );
        assert_eq!(cn.add_days(date("2026-03-01"), -1), Ok(date("2026-02-28")));
    }

    #[test]
    fn a_date_rolls_by_its_rule() {
        let cn = shipped();
        for (day, following, preceding, modified) in [
            ("2026-02-13", "2026-02-13", "2026-02-13", "2026-02-13"),
            ("2026-02-17", "2026-02-24", "2026-02-14", "2026-02-24"),
            ("2026-05-31", "2026-06-01", "2026-05-29", "2026-05-29"),
            ("2026-10-03", "2026-10-08", "2026-09-30", "2026-10-08"),
        ] {
            assert_eq!(cn.roll(date(day), Roll::Following), Ok(date(following)));
            assert_eq!(cn.roll(date(day), Roll::Preceding), Ok(date(preceding)));
            assert_eq!(
                cn.roll(date(day), Roll::ModifiedFollowing),
                Ok(date(modified))
            );
        }
    }

    #[test]
    fn an_age_counts_working_days_after_the_first() {
        let cn = shipped();
        for (from, to, age) in [
            ("2026-02-13", "2026-02-13", 0),
            ("2026-02-13", "2026-02-14", 1),
            ("2026-02-13", "2026-02-23", 1),
            ("2026-02-13", "2026-02-24", 2),
            ("2026-02-24", "2026-02-13", -2),
            ("2026-09-30", "2026-10-12", 4), // 8, 9, 10 (make-up), 12
        ] {
            assert_eq!(
                cn.working_days_between(date(from), date(to)),
                Ok(age),
                "{from} to {to}"
            );
        }
    }

    #[test]
    fn a_search_past_the_last_year_names_the_missing_one() {
        let cn = shipped();
        let missing = |year| CalendarError::YearMissing {
            calendar: "cn".to_owned(),
            year,
        };
        for (from, days, year) in [
            ("2026-12-30", 2, 2027),
            ("2026-12-30", i32::MAX, 2027),
            ("2024-01-02", -1, 2023),
        ] {
            assert_eq!(
                cn.add_working_days(date(from), days),
                Err(missing(year)),
                "{from}"
            );
        }
        assert_eq!(
            cn.working_days_between(date("2026-12-30"), date("2027-01-01")),
            Err(missing(2027))
        );
    }

    #[test]
    fn the_end_of_the_last_year_rolls_back_when_the_next_is_missing() {
        let source =
            crate::diag::Source::new("x.tsv", "date\tkind\tnote\n2022-01-01\trest\t元旦\n");
        let mut problems = crate::diag::Problems::new();
        let only_2022 = Calendar::from_tsv(&source, &mut problems).expect("no errors");
        assert_eq!(
            only_2022.roll(date("2022-12-31"), Roll::ModifiedFollowing),
            Ok(date("2022-12-30"))
        );
    }

    #[test]
    fn a_date_beyond_all_dates_is_an_error() {
        let every_day = Calendar::every_day();
        let error = every_day
            .add_working_days(NaiveDate::MAX, 1)
            .expect_err("nothing is later");
        assert_eq!(
            error.to_string(),
            format!(
                "calendar `every_day` ends before the day that is that far from {}",
                NaiveDate::MAX
            )
        );
    }
}
