//! How a field of a ledger row is stored and shown; the two macros that declare rows and words.
//!
//! A row is declared once: its struct, its columns, its reading, its insertion and its JSON come
//! from the same list, so that none of them can drift from another.

use chrono::{DateTime, NaiveDate, SecondsFormat, Utc};
use serde_json::Value as Json;

use super::{LedgerError, ReconNo};
use crate::db::Row;
use crate::id::{DeliveryNo, FileDigest, FileNo, RunNo};
use crate::value::{Kind, Value};

/// A field of a ledger row.
pub(super) trait Cell: Sized {
    /// How it is stored.
    const KIND: Kind;

    /// As stored.
    fn store(&self) -> Value;

    /// From what is stored; `None` is a value that this program never wrote.
    fn restore(value: Value) -> Option<Self>;

    /// As JSON shows it: moments in RFC 3339, bytes as hex digits.
    fn show(&self) -> Json {
        match self.store() {
            Value::Null(_) => Json::Null,
            Value::Int(value) => value.into(),
            Value::Text(value) => value.into(),
            Value::Date(value) => value.to_string().into(),
            Value::Instant(value) => value.to_rfc3339_opts(SecondsFormat::AutoSi, true).into(),
            Value::Bytes(value) => hex(&value).into(),
        }
    }
}

/// A struct that is a row of a ledger table.
pub(super) trait Stored: Sized {
    /// The table.
    const TABLE: &'static str;
    /// Its columns, in the order of the fields.
    const COLUMNS: &'static [&'static str];

    /// Reads a row that has `COLUMNS`.
    fn restore(row: &Row) -> Result<Self, LedgerError>;

    /// The values of `COLUMNS`.
    fn store(&self) -> Vec<Value>;
}

/// Reads one field.
pub(super) fn read<T: Cell>(
    row: &Row,
    column: usize,
    name: &'static str,
) -> Result<T, LedgerError> {
    let value = row.value(column, T::KIND)?;
    let found = match &value {
        Value::Text(text) => text.clone(),
        other => format!("{other:?}"),
    };
    T::restore(value).ok_or(LedgerError::Damaged {
        column: name,
        found,
    })
}

fn hex(bytes: &[u8]) -> String {
    use std::fmt::Write as _;
    bytes.iter().fold(String::new(), |mut text, byte| {
        // Writing to a `String` cannot fail.
        let _ = write!(text, "{byte:02x}");
        text
    })
}

macro_rules! plain_cell {
    ($($type:ty, $kind:ident;)*) => {$(
        impl Cell for $type {
            const KIND: Kind = Kind::$kind;

            fn store(&self) -> Value {
                Value::$kind(self.clone())
            }

            fn restore(value: Value) -> Option<Self> {
                match value {
                    Value::$kind(value) => Some(value),
                    _ => None,
                }
            }
        }
    )*};
}
plain_cell! {
    i64, Int;
    String, Text;
    NaiveDate, Date;
    DateTime<Utc>, Instant;
    Vec<u8>, Bytes;
}

macro_rules! number_cell {
    ($($type:ident),*) => {$(
        impl Cell for $type {
            const KIND: Kind = Kind::Int;

            fn store(&self) -> Value {
                Value::Int(self.0)
            }

            fn restore(value: Value) -> Option<Self> {
                value.as_int().map($type)
            }
        }
    )*};
}
number_cell!(FileNo, RunNo, DeliveryNo, ReconNo);

impl Cell for FileDigest {
    const KIND: Kind = Kind::Text;

    fn store(&self) -> Value {
        Value::Text(self.to_string())
    }

    fn restore(value: Value) -> Option<Self> {
        value.as_text().and_then(Self::from_hex)
    }
}

impl Cell for bool {
    const KIND: Kind = Kind::Int;

    fn store(&self) -> Value {
        Value::Int(i64::from(*self))
    }

    fn restore(value: Value) -> Option<Self> {
        value.as_int().map(|value| value != 0)
    }

    fn show(&self) -> Json {
        (*self).into()
    }
}

impl Cell for Json {
    const KIND: Kind = Kind::Text;

    fn store(&self) -> Value {
        Value::Text(self.to_string())
    }

    fn restore(value: Value) -> Option<Self> {
        value
            .as_text()
            .and_then(|text| serde_json::from_str(text).ok())
    }

    fn show(&self) -> Json {
        self.clone()
    }
}

impl<T: Cell> Cell for Option<T> {
    const KIND: Kind = T::KIND;

    fn store(&self) -> Value {
        self.as_ref().map_or(Value::Null(T::KIND), Cell::store)
    }

    fn restore(value: Value) -> Option<Self> {
        if value.is_null() {
            return Some(None);
        }
        T::restore(value).map(Some)
    }

    fn show(&self) -> Json {
        self.as_ref().map_or(Json::Null, Cell::show)
    }
}

/// Declares a row: `row! { /// … pub struct Name in "table" { /// … pub field: Type, } }`.
macro_rules! row {
    (
        $(#[$doc:meta])*
        pub struct $name:ident in $table:literal {
            $($(#[$field_doc:meta])* pub $field:ident: $type:ty,)*
        }
    ) => {
        $(#[$doc])*
        #[derive(Debug, Clone, PartialEq)]
        pub struct $name {
            $($(#[$field_doc])* pub $field: $type,)*
        }

        impl $crate::ledger::cell::Stored for $name {
            const TABLE: &'static str = $table;
            const COLUMNS: &'static [&'static str] = &[$(stringify!($field)),*];

            fn restore(row: &$crate::db::Row) -> Result<Self, $crate::ledger::LedgerError> {
                let mut columns = 0_usize..;
                Ok(Self {
                    $($field: $crate::ledger::cell::read(
                        row,
                        columns.next().unwrap_or(usize::MAX),
                        concat!($table, ".", stringify!($field)),
                    )?,)*
                })
            }

            fn store(&self) -> Vec<$crate::value::Value> {
                vec![$($crate::ledger::cell::Cell::store(&self.$field)),*]
            }
        }

        impl serde::Serialize for $name {
            fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                let mut map = serde::Serializer::serialize_map(serializer, None)?;
                $(serde::ser::SerializeMap::serialize_entry(
                    &mut map,
                    stringify!($field),
                    &$crate::ledger::cell::Cell::show(&self.$field),
                )?;)*
                serde::ser::SerializeMap::end(map)
            }
        }
    };
}

/// Declares a closed list of words, stored and shown as text that never changes.
macro_rules! words {
    (
        $(#[$doc:meta])*
        pub enum $name:ident {
            $($(#[$variant_doc:meta])* $variant:ident = $word:literal,)*
        }
    ) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize)]
        pub enum $name {
            $($(#[$variant_doc])* #[serde(rename = $word)] $variant,)*
        }

        impl $name {
            /// Every word, in the order of their declaration.
            pub const ALL: &'static [Self] = &[$(Self::$variant),*];

            /// The word in the store, in JSON and on the command line.
            pub const fn as_str(self) -> &'static str {
                match self {
                    $(Self::$variant => $word,)*
                }
            }

            /// The value of a word; `None` for any other text.
            pub fn from_word(word: &str) -> Option<Self> {
                match word {
                    $($word => Some(Self::$variant),)*
                    _ => None,
                }
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.pad(self.as_str())
            }
        }

        impl $crate::ledger::cell::Cell for $name {
            const KIND: $crate::value::Kind = $crate::value::Kind::Text;

            fn store(&self) -> $crate::value::Value {
                $crate::value::Value::from(self.as_str())
            }

            fn restore(value: $crate::value::Value) -> Option<Self> {
                value.as_text().and_then(Self::from_word)
            }
        }
    };
}

pub(super) use row;
pub(super) use words;
