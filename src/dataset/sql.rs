//! Pieces of SQL and their arguments; the one place where the two databases' dates differ.

use crate::db::Dialect;
use crate::value::{Kind, Value};
use std::collections::BTreeMap;

/// The arguments of a statement, in the order of `$1, $2 …`.
#[derive(Debug, Default, Clone)]
pub struct SqlArgs(Vec<Value>);

impl SqlArgs {
    /// None yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds one and gives its placeholder.
    pub fn push(&mut self, value: impl Into<Value>) -> String {
        self.0.push(value.into());
        format!("${}", self.0.len())
    }

    /// All of them.
    pub fn values(&self) -> &[Value] {
        &self.0
    }
}

/// What statements take from the settings.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Given {
    /// The IANA name of the zone in which an instant has its date, for PostgreSQL.
    pub zone: String,
    /// That zone's seconds east of UTC, for SQLite, which knows no zones. China's has been fixed
    /// since 1991.
    pub offset_secs: i32,
    /// The named texts of `[values]`.
    pub settings: BTreeMap<String, String>,
}

/// The database that a statement is rendered for, and what it takes from the settings.
#[derive(Debug, Clone, Copy)]
pub struct SqlContext<'a> {
    /// The dialect.
    pub dialect: Dialect,
    /// The settings.
    pub given: &'a Given,
}

/// `"name"`.
pub(super) fn quote(name: impl AsRef<str>) -> String {
    format!("\"{}\"", name.as_ref())
}

/// `alias."name"`.
pub(super) fn qualified(alias: &str, name: impl AsRef<str>) -> String {
    format!("{alias}.\"{}\"", name.as_ref())
}

/// `"a", "b"`.
pub(super) fn quote_list<T: AsRef<str>>(names: impl IntoIterator<Item = T>) -> String {
    names.into_iter().map(quote).collect::<Vec<_>>().join(", ")
}

/// A period that has a last day.
#[derive(Debug, Clone, Copy)]
pub(super) enum End {
    Month,
    Year,
}

impl SqlContext<'_> {
    /// The local date of an instant.
    pub(super) fn local_date(&self, args: &mut SqlArgs, instant: &str) -> String {
        match self.dialect {
            // Microseconds before 1970 round up to the next second.
            Dialect::Sqlite => format!(
                "date({instant} / 1000000 + {}, 'unixepoch')",
                self.given.offset_secs
            ),
            Dialect::Postgres => {
                let zone = args.push(self.given.zone.as_str());
                format!("CAST({instant} AT TIME ZONE CAST({zone} AS TEXT) AS DATE)")
            }
        }
    }

    /// A date some days later.
    pub(super) fn later_date(&self, date: String, days: i32) -> String {
        match self.dialect {
            _ if days == 0 => date,
            Dialect::Sqlite => format!("date({date}, '{days:+} days')"),
            Dialect::Postgres => format!("({date} + ({days}))"),
        }
    }

    /// A date some months later: the same day of the month, or its last.
    pub(super) fn later_months(&self, date: String, months: i32) -> String {
        match self.dialect {
            _ if months == 0 => date,
            Dialect::Sqlite => format!("date({date}, '{months:+} months', 'floor')"),
            Dialect::Postgres => {
                format!("CAST({date} + make_interval(months => {months}) AS DATE)")
            }
        }
    }

    /// The last day of the period that a date falls into.
    pub(super) fn end_of(&self, date: &str, end: End) -> String {
        let unit = match end {
            End::Month => "month",
            End::Year => "year",
        };
        match self.dialect {
            Dialect::Sqlite => format!("date({date}, 'start of {unit}', '+1 {unit}', '-1 day')"),
            Dialect::Postgres => format!(
                "CAST(date_trunc('{unit}', CAST({date} AS TIMESTAMP)) + interval '1 {unit} - 1 day' AS DATE)"
            ),
        }
    }

    /// A whole number that may be multiplied without an overflow: SQLite goes on as a real.
    pub(super) fn wide(&self, number: &str) -> String {
        match self.dialect {
            Dialect::Sqlite => number.to_owned(),
            Dialect::Postgres => format!("CAST({number} AS NUMERIC)"),
        }
    }

    /// An instant some times 24 hours later.
    pub(super) fn later_instant(&self, instant: String, days: i32) -> String {
        let seconds = i64::from(days) * 86_400;
        match self.dialect {
            _ if days == 0 => instant,
            Dialect::Sqlite => format!("({instant} + ({}))", seconds * 1_000_000),
            Dialect::Postgres => format!("({instant} + make_interval(secs => {seconds}))"),
        }
    }

    /// A placeholder whose kind must be known where no column says it.
    pub(super) fn typed(&self, placeholder: &str, kind: Kind) -> String {
        match self.dialect {
            Dialect::Sqlite => placeholder.to_owned(),
            Dialect::Postgres => format!("CAST({placeholder} AS {})", self.dialect.cast_type(kind)),
        }
    }
}
