//! Typed values that travel between records, datasets and databases.
//!
//! Five storage kinds carry every column type: money and codes are `Int` and `Text`. The one
//! invariant: a null still knows its kind, because a database must know it too.

use chrono::{DateTime, NaiveDate, Utc};

/// How a value is stored.
///
/// | kind | SQLite | PostgreSQL |
/// |---|---|---|
/// | `Int` | INTEGER | BIGINT |
/// | `Text` | TEXT | TEXT |
/// | `Date` | TEXT `YYYY-MM-DD` | DATE |
/// | `Instant` | INTEGER, UTC microseconds | TIMESTAMPTZ |
/// | `Bytes` | BLOB | BYTEA |
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Kind {
    /// A 64-bit signed integer; money is 分.
    Int,
    /// Text without NUL.
    Text,
    /// A calendar day.
    Date,
    /// A moment, to the microsecond.
    Instant,
    /// Raw bytes.
    Bytes,
}

/// An owned value.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Value {
    /// No value, of a kind.
    Null(Kind),
    /// An integer.
    Int(i64),
    /// A text.
    Text(String),
    /// A day.
    Date(NaiveDate),
    /// A moment.
    Instant(DateTime<Utc>),
    /// Raw bytes.
    Bytes(Vec<u8>),
}

/// A borrowed value, for the bulk paths.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ValueRef<'a> {
    /// No value, of a kind.
    Null(Kind),
    /// An integer.
    Int(i64),
    /// A text.
    Text(&'a str),
    /// A day.
    Date(NaiveDate),
    /// A moment.
    Instant(DateTime<Utc>),
    /// Raw bytes.
    Bytes(&'a [u8]),
}

impl Value {
    /// The kind, of nulls too.
    pub fn kind(&self) -> Kind {
        self.borrow().kind()
    }

    /// Whether it is a null.
    pub fn is_null(&self) -> bool {
        matches!(self, Self::Null(_))
    }

    /// The same value, borrowed.
    pub fn borrow(&self) -> ValueRef<'_> {
        match self {
            Self::Null(kind) => ValueRef::Null(*kind),
            Self::Int(value) => ValueRef::Int(*value),
            Self::Text(value) => ValueRef::Text(value),
            Self::Date(value) => ValueRef::Date(*value),
            Self::Instant(value) => ValueRef::Instant(*value),
            Self::Bytes(value) => ValueRef::Bytes(value),
        }
    }

    /// The integer, if it is one.
    pub fn as_int(&self) -> Option<i64> {
        if let Self::Int(value) = self {
            Some(*value)
        } else {
            None
        }
    }

    /// The text, if it is one.
    pub fn as_text(&self) -> Option<&str> {
        if let Self::Text(value) = self {
            Some(value)
        } else {
            None
        }
    }
}

impl ValueRef<'_> {
    /// The kind, of nulls too.
    pub fn kind(self) -> Kind {
        match self {
            Self::Null(kind) => kind,
            Self::Int(_) => Kind::Int,
            Self::Text(_) => Kind::Text,
            Self::Date(_) => Kind::Date,
            Self::Instant(_) => Kind::Instant,
            Self::Bytes(_) => Kind::Bytes,
        }
    }

    /// The same value, owned.
    pub fn to_owned(self) -> Value {
        match self {
            Self::Null(kind) => Value::Null(kind),
            Self::Int(value) => Value::Int(value),
            Self::Text(value) => Value::Text(value.to_owned()),
            Self::Date(value) => Value::Date(value),
            Self::Instant(value) => Value::Instant(value),
            Self::Bytes(value) => Value::Bytes(value.to_vec()),
        }
    }
}

impl From<i64> for Value {
    fn from(value: i64) -> Self {
        Self::Int(value)
    }
}

impl From<&str> for Value {
    fn from(value: &str) -> Self {
        Self::Text(value.to_owned())
    }
}

impl From<String> for Value {
    fn from(value: String) -> Self {
        Self::Text(value)
    }
}

impl From<NaiveDate> for Value {
    fn from(value: NaiveDate) -> Self {
        Self::Date(value)
    }
}

impl From<DateTime<Utc>> for Value {
    fn from(value: DateTime<Utc>) -> Self {
        Self::Instant(value)
    }
}

impl From<Vec<u8>> for Value {
    fn from(value: Vec<u8>) -> Self {
        Self::Bytes(value)
    }
}
