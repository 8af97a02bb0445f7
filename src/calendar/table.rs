//! The table of a calendar, as a person writes it.

use std::collections::BTreeMap;
use std::ops::Range;

use chrono::{Datelike, NaiveDate, Weekday};

use super::{
    CALENDAR_DUPLICATE, CALENDAR_NO_EFFECT, CALENDAR_ROW, CALENDAR_YEAR_MISSING, Calendar, Day,
    DayKind, Rule,
};
use crate::diag::{Problem, Problems, Source, did_you_mean};

const HEADER: &str = "date\tkind\tnote";

/// One line of the table with its place in the source.
struct Row<'a> {
    text: &'a str,
    start: usize,
}

impl Calendar {
    /// Reads `date`, `kind`, `note` rows, in any order, below that header; `#` begins a comment.
    ///
    /// All problems are collected; `None` if any of them is an error.
    pub fn from_tsv(source: &Source, problems: &mut Problems) -> Option<Self> {
        let errors_before = problems.error_count();
        let mut rows = rows(&source.text).into_iter();
        match rows.next() {
            Some(header) if header.text == HEADER => {}
            other => {
                let end = source.text.len();
                let span = other.map_or(end..end, |row| row.span());
                problems.push(Problem::error(
                    &CALENDAR_ROW,
                    source.place(span),
                    "the first row must be `date`, `kind`, `note`, separated by tabs",
                ));
                return None;
            }
        }
        let mut days = BTreeMap::new();
        for row in rows {
            row.read(source, &mut days, problems);
        }
        if days.is_empty() && problems.error_count() == errors_before {
            let end = source.text.len();
            problems.push(Problem::error(
                &CALENDAR_YEAR_MISSING,
                source.place(end..end),
                "the calendar has no rows at all",
            ));
        }
        let name = source.path.file_stem().unwrap_or_default();
        (problems.error_count() == errors_before).then(|| Self {
            name: name.to_string_lossy().into_owned(),
            rule: Rule::Table(days),
        })
    }
}

/// The lines that are neither empty nor comments.
fn rows(text: &str) -> Vec<Row<'_>> {
    let mut start = 0;
    let mut found = Vec::new();
    for line in text.split_inclusive('\n') {
        let text = line.trim_end_matches(['\n', '\r']);
        if !text.trim().is_empty() && !text.starts_with('#') {
            found.push(Row { text, start });
        }
        start += line.len();
    }
    found
}

impl Row<'_> {
    fn span(&self) -> Range<usize> {
        self.start..self.start + self.text.len()
    }

    fn read(&self, source: &Source, days: &mut BTreeMap<NaiveDate, Day>, problems: &mut Problems) {
        let mut cells = self.text.splitn(3, '\t');
        let (Some(date_text), Some(kind_text)) = (cells.next(), cells.next()) else {
            problems.push(Problem::error(
                &CALENDAR_ROW,
                source.place(self.span()),
                "a row is `date`, `kind`, `note`, separated by tabs; the kind is missing",
            ));
            return;
        };
        let note = cells.next().unwrap_or_default().trim();
        let date_span = self.start..self.start + date_text.len();
        let kind_start = date_span.end + 1;
        let kind_span = kind_start..kind_start + kind_text.len();
        let date = read_date(date_text);
        if date.is_none() {
            problems.push(Problem::error(
                &CALENDAR_ROW,
                source.place(date_span.clone()),
                format!("`{date_text}` is not a date: write YYYY-MM-DD"),
            ));
        }
        let kind = DayKind::ALL
            .into_iter()
            .find(|kind| kind.name() == kind_text);
        if kind.is_none() {
            problems.push(unknown_kind(source, kind_span.clone(), kind_text));
        }
        let (Some(date), Some(kind)) = (date, kind) else {
            return;
        };
        if let Err(found) = days.entry(date).or_default().claim(kind, note) {
            problems.push(Problem::error(
                &CALENDAR_DUPLICATE,
                source.place(date_span),
                format!(
                    "`{date}` is `{}` already and cannot be `{kind_text}` too",
                    found.name()
                ),
            ));
        } else if kind == DayKind::MakeupWork && !is_weekend(date) {
            problems.push(Problem::warning(
                &CALENDAR_NO_EFFECT,
                source.place(kind_span),
                format!("`{date}` is a {} and works anyway", date.format("%A")),
            ));
        }
    }
}

impl Day {
    /// Adds what one row says; the error is what contradicts it.
    fn claim(&mut self, kind: DayKind, note: &str) -> Result<(), DayKind> {
        match kind {
            DayKind::SettlementClosed if self.settlement_closed => return Err(kind),
            DayKind::SettlementClosed => self.settlement_closed = true,
            DayKind::Rest | DayKind::MakeupWork => {
                if let Some(found) = self.work {
                    return Err(found);
                }
                self.work = Some(kind);
            }
        }
        if self.note.is_empty() {
            note.clone_into(&mut self.note);
        }
        Ok(())
    }
}

/// Exactly `YYYY-MM-DD`.
fn read_date(text: &str) -> Option<NaiveDate> {
    let date: NaiveDate = text.parse().ok()?;
    (date.to_string() == text).then_some(date)
}

fn is_weekend(date: NaiveDate) -> bool {
    matches!(date.weekday(), Weekday::Sat | Weekday::Sun)
}

fn unknown_kind(source: &Source, span: Range<usize>, found: &str) -> Problem {
    let names = DayKind::ALL.map(DayKind::name);
    let problem = Problem::error(
        &CALENDAR_ROW,
        source.place(span),
        format!(
            "`{found}` is not a kind of day: write `{}`",
            names.join("`, `")
        ),
    );
    match did_you_mean(found, names) {
        Some(name) => problem.help(format!("did you mean `{name}`?")),
        None => problem,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::diag::Severity;

    /// Line, column, severity, message.
    type Found = (usize, usize, Severity, String);

    fn read(text: &str) -> (Option<Calendar>, Vec<Found>) {
        let source = Source::new("jobs/calendars/x.tsv", text);
        let mut problems = Problems::new();
        let calendar = Calendar::from_tsv(&source, &mut problems);
        let found = problems
            .sorted()
            .into_iter()
            .map(|problem| {
                let (line, column) = problem.place.line_column();
                (line, column, problem.severity, problem.message)
            })
            .collect();
        (calendar, found)
    }

    #[test]
    fn every_problem_is_found_in_one_pass_with_its_place() {
        let (calendar, found) = read(
            "# 说明\n\
             date\tkind\tnote\n\
             2026-10-32\trest\t国庆节\n\
             2026-10-01\tresst\t国庆节\n\
             2026-1-1\thalf\n\
             2026-10-02\n\
             2026-10-03\trest\n\
             2026-10-03\tmakeup_work\n",
        );
        assert_eq!(calendar, None);
        let kinds = "write `rest`, `makeup_work`, `settlement_closed`";
        let error =
            |line, column, message: &str| (line, column, Severity::Error, message.to_owned());
        assert_eq!(
            found,
            [
                error(3, 1, "`2026-10-32` is not a date: write YYYY-MM-DD"),
                error(4, 12, &format!("`resst` is not a kind of day: {kinds}")),
                error(5, 1, "`2026-1-1` is not a date: write YYYY-MM-DD"),
                error(5, 10, &format!("`half` is not a kind of day: {kinds}")),
                error(
                    6,
                    1,
                    "a row is `date`, `kind`, `note`, separated by tabs; the kind is missing"
                ),
                error(
                    8,
                    1,
                    "`2026-10-03` is `rest` already and cannot be `makeup_work` too"
                ),
            ]
        );
    }

    #[test]
    fn a_wrong_kind_gets_a_suggestion() {
        let source = Source::new("x.tsv", "date\tkind\tnote\n2026-10-01\tresst\n");
        let mut problems = Problems::new();
        Calendar::from_tsv(&source, &mut problems);
        let helps: Vec<_> = problems
            .iter()
            .map(|problem| problem.help.clone())
            .collect();
        assert_eq!(helps, [Some("did you mean `rest`?".to_owned())]);
    }

    #[test]
    fn a_table_without_header_or_rows_is_refused() {
        for (text, line, message) in [
            (
                "",
                1,
                "the first row must be `date`, `kind`, `note`, separated by tabs",
            ),
            (
                "#\n2026-01-01\trest\t\n",
                2,
                "the first row must be `date`, `kind`, `note`, separated by tabs",
            ),
            ("date\tkind\tnote\n", 2, "the calendar has no rows at all"),
        ] {
            let (calendar, found) = read(text);
            assert_eq!(calendar, None);
            assert_eq!(found, [(line, 1, Severity::Error, message.to_owned())]);
        }
    }

    #[test]
    fn a_make_up_day_on_a_weekday_is_a_warning() {
        let (calendar, found) = read("date\tkind\tnote\n2026-10-09\tmakeup_work\t\n");
        assert!(calendar.is_some());
        assert_eq!(
            found,
            [(
                2,
                12,
                Severity::Warning,
                "`2026-10-09` is a Friday and works anyway".to_owned()
            )]
        );
    }

    #[test]
    fn rows_may_be_unsorted_with_windows_line_ends_and_closed_days_beside_make_up_days() {
        let (calendar, found) = read(
            "date\tkind\tnote\r\n2026-12-31\tsettlement_closed\t年终\r\n\
             2026-10-10\tmakeup_work\t国庆节\r\n2026-10-10\tsettlement_closed\r\n\r\n\
             2026-10-01\trest\t国庆节\r\n",
        );
        assert_eq!(found, []);
        let calendar = calendar.expect("no errors");
        let date = |text: &str| text.parse::<NaiveDate>().expect("a date");
        assert_eq!(calendar.is_working(date("2026-10-10")), Ok(true));
        assert_eq!(calendar.is_settling(date("2026-10-10")), Ok(false));
        assert_eq!(calendar.is_working(date("2026-12-31")), Ok(true));
        assert_eq!(calendar.is_settling(date("2026-12-31")), Ok(false));
        assert_eq!(calendar.is_settling(date("2026-10-09")), Ok(true));
        assert_eq!(calendar.note(date("2026-10-10")), Some("国庆节"));
    }

    #[test]
    fn a_year_known_only_for_its_closed_days_is_missing() {
        let (calendar, _) =
            read("date\tkind\tnote\n2027-12-31\tsettlement_closed\t\n2026-01-01\trest\t\n");
        assert_eq!(
            calendar.expect("no errors").missing_years(2026..=2027),
            [2027]
        );
    }
}
