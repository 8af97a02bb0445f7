//! One row of a result, read by position and kind, the same from either database.

use super::DbError;
use crate::value::{Kind, Value};
use chrono::{DateTime, NaiveDate, Utc};
use sqlx::postgres::PgRow;
use sqlx::{Decode, Postgres, Row as _, Type, TypeInfo, ValueRef as _};

/// One row. Columns count from 0; reading one that does not exist is an error, as is reading
/// NULL without `opt_`.
#[derive(Debug)]
pub struct Row(Cells);

enum Cells {
    Sqlite(Vec<Cell>),
    Postgres(PgRow),
}

impl std::fmt::Debug for Cells {
    /// Rows hold personal data: only the shape is shown.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Sqlite(cells) => write!(f, "{} columns", cells.len()),
            Self::Postgres(row) => write!(f, "{} columns", row.columns().len()),
        }
    }
}

/// One value as SQLite stores it.
enum Cell {
    Null,
    Int(i64),
    Real,
    Text(String),
    Bytes(Vec<u8>),
}

macro_rules! required {
    ($($(#[$doc:meta])* $name:ident, $optional:ident, $type:ty, $expected:literal;)*) => {$(
        $(#[$doc])*
        pub fn $name(&self, column: usize) -> Result<$type, DbError> {
            self.$optional(column)?.ok_or_else(|| cell_error(column, $expected, "NULL"))
        }
    )*};
}

impl Row {
    required! {
        /// An integer; a PostgreSQL boolean reads as 0 or 1, as SQLite stores it.
        int, opt_int, i64, "an integer";
        /// A text.
        text, opt_text, &str, "a text";
        /// A day.
        date, opt_date, NaiveDate, "a day";
        /// A moment.
        instant, opt_instant, DateTime<Utc>, "a moment";
        /// Bytes.
        bytes, opt_bytes, &[u8], "bytes";
    }

    /// An integer or NULL.
    pub fn opt_int(&self, column: usize) -> Result<Option<i64>, DbError> {
        const EXPECTED: &str = "an integer";
        match &self.0 {
            Cells::Sqlite(cells) => match cell(cells, column)? {
                Cell::Null => Ok(None),
                Cell::Int(value) => Ok(Some(*value)),
                other => Err(cell_error(column, EXPECTED, other.name())),
            },
            Cells::Postgres(row) => match postgres_type(row, column)?.as_str() {
                "INT2" => Ok(postgres::<i16>(row, column, EXPECTED)?.map(i64::from)),
                "INT4" => Ok(postgres::<i32>(row, column, EXPECTED)?.map(i64::from)),
                "BOOL" => Ok(postgres::<bool>(row, column, EXPECTED)?.map(i64::from)),
                _ => postgres(row, column, EXPECTED),
            },
        }
    }

    /// A text or NULL.
    pub fn opt_text(&self, column: usize) -> Result<Option<&str>, DbError> {
        match &self.0 {
            Cells::Sqlite(cells) => match cell(cells, column)? {
                Cell::Null => Ok(None),
                Cell::Text(value) => Ok(Some(value)),
                other => Err(cell_error(column, "a text", other.name())),
            },
            Cells::Postgres(row) => postgres(row, column, "a text"),
        }
    }

    /// A day or NULL.
    pub fn opt_date(&self, column: usize) -> Result<Option<NaiveDate>, DbError> {
        const EXPECTED: &str = "a day";
        match &self.0 {
            Cells::Sqlite(cells) => match cell(cells, column)? {
                Cell::Null => Ok(None),
                Cell::Text(text) => match text.parse() {
                    Ok(day) => Ok(Some(day)),
                    Err(_) => Err(cell_error(column, EXPECTED, "a text that is no day")),
                },
                other => Err(cell_error(column, EXPECTED, other.name())),
            },
            Cells::Postgres(row) => postgres(row, column, EXPECTED),
        }
    }

    /// A moment or NULL.
    pub fn opt_instant(&self, column: usize) -> Result<Option<DateTime<Utc>>, DbError> {
        const EXPECTED: &str = "a moment";
        match &self.0 {
            Cells::Sqlite(cells) => match cell(cells, column)? {
                Cell::Null => Ok(None),
                Cell::Int(micros) => match DateTime::from_timestamp_micros(*micros) {
                    Some(instant) => Ok(Some(instant)),
                    None => Err(cell_error(column, EXPECTED, "an integer out of range")),
                },
                other => Err(cell_error(column, EXPECTED, other.name())),
            },
            Cells::Postgres(row) => postgres(row, column, EXPECTED),
        }
    }

    /// Bytes or NULL.
    pub fn opt_bytes(&self, column: usize) -> Result<Option<&[u8]>, DbError> {
        match &self.0 {
            Cells::Sqlite(cells) => match cell(cells, column)? {
                Cell::Null => Ok(None),
                Cell::Bytes(value) => Ok(Some(value)),
                other => Err(cell_error(column, "bytes", other.name())),
            },
            Cells::Postgres(row) => postgres(row, column, "bytes"),
        }
    }

    /// The value of a column whose kind the caller knows; NULL is a null of that kind.
    pub fn value(&self, column: usize, kind: Kind) -> Result<Value, DbError> {
        let value = match kind {
            Kind::Int => self.opt_int(column)?.map(Value::Int),
            Kind::Text => self.opt_text(column)?.map(Value::from),
            Kind::Date => self.opt_date(column)?.map(Value::Date),
            Kind::Instant => self.opt_instant(column)?.map(Value::Instant),
            Kind::Bytes => self
                .opt_bytes(column)?
                .map(|bytes| Value::Bytes(bytes.to_vec())),
        };
        Ok(value.unwrap_or(Value::Null(kind)))
    }

    pub(super) fn from_postgres(row: PgRow) -> Self {
        Self(Cells::Postgres(row))
    }

    /// A row to be filled again and again, so that a long result costs no allocation per row.
    pub(super) fn for_sqlite() -> Self {
        Self(Cells::Sqlite(Vec::new()))
    }

    /// Takes over the row that `from` stands on.
    pub(super) fn fill(&mut self, from: &rusqlite::Row<'_>) -> Result<(), rusqlite::Error> {
        let Cells::Sqlite(cells) = &mut self.0 else {
            return Ok(());
        };
        cells.resize_with(from.as_ref().column_count(), || Cell::Null);
        for (column, cell) in cells.iter_mut().enumerate() {
            cell.fill(from.get_ref(column)?)
                .map_err(|error| rusqlite::Error::Utf8Error(column, error))?;
        }
        Ok(())
    }
}

impl Cell {
    fn fill(&mut self, from: rusqlite::types::ValueRef<'_>) -> Result<(), std::str::Utf8Error> {
        use rusqlite::types::ValueRef;
        match (from, &mut *self) {
            (ValueRef::Text(bytes), Self::Text(text)) => {
                text.clear();
                text.push_str(std::str::from_utf8(bytes)?);
            }
            (ValueRef::Text(bytes), _) => {
                *self = Self::Text(std::str::from_utf8(bytes)?.to_owned());
            }
            (ValueRef::Blob(bytes), Self::Bytes(blob)) => {
                blob.clear();
                blob.extend_from_slice(bytes);
            }
            (ValueRef::Blob(bytes), _) => *self = Self::Bytes(bytes.to_vec()),
            (ValueRef::Null, _) => *self = Self::Null,
            (ValueRef::Integer(value), _) => *self = Self::Int(value),
            (ValueRef::Real(_), _) => *self = Self::Real,
        }
        Ok(())
    }

    fn name(&self) -> &'static str {
        match self {
            Self::Null => "NULL",
            Self::Int(_) => "INTEGER",
            Self::Real => "REAL",
            Self::Text(_) => "TEXT",
            Self::Bytes(_) => "BLOB",
        }
    }
}

fn cell(cells: &[Cell], column: usize) -> Result<&Cell, DbError> {
    cells
        .get(column)
        .ok_or_else(|| cell_error(column, "a column", "none at this place"))
}

fn cell_error(column: usize, expected: &'static str, found: &str) -> DbError {
    DbError::Cell {
        column,
        expected,
        found: found.to_owned(),
    }
}

fn postgres_type(row: &PgRow, column: usize) -> Result<String, DbError> {
    match row.try_get_raw(column) {
        Ok(value) => Ok(value.type_info().name().to_owned()),
        Err(_) => Err(cell_error(column, "a column", "none at this place")),
    }
}

fn postgres<'r, T: Decode<'r, Postgres> + Type<Postgres>>(
    row: &'r PgRow,
    column: usize,
    expected: &'static str,
) -> Result<Option<T>, DbError> {
    if let Ok(value) = row.try_get::<Option<T>, _>(column) {
        return Ok(value);
    }
    let found = postgres_type(row, column)?;
    Err(cell_error(column, expected, &found))
}
