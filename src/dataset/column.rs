//! One column of a dataset, its type, and what its values look like when a person writes them.

use crate::id::{Fen, Ident};
use crate::value::{Kind, Value};
use chrono::{DateTime, NaiveDate, Utc};
use std::fmt;

/// What a column holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum ColumnType {
    /// Text without NUL.
    Text,
    /// A 64-bit signed integer.
    Integer,
    /// An amount in 分, written by people in yuan.
    Money,
    /// A calendar day.
    Date,
    /// A moment, to the microsecond.
    Instant,
    /// A decimal number, stored as an integer in units of the last decimal.
    Decimal {
        /// Digits in all, 1 to 18.
        precision: u8,
        /// Digits behind the point, 0 to `precision`.
        scale: u8,
    },
}

/// Whether a column tells something about a person (个人信息分类).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub enum Class {
    /// Nothing about a person.
    #[default]
    None,
    /// Personal data: shown masked to whoever has no right to it.
    Personal,
    /// Sensitive personal data: masked likewise, and its use is stricter.
    Sensitive,
}

/// A column as declared.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Column {
    /// Its name in the store.
    pub name: Ident,
    /// What it holds.
    pub column_type: ColumnType,
    /// Chinese title.
    pub title: String,
    /// English title.
    pub title_en: String,
    /// Personal-data class.
    pub class: Class,
    /// What else a reader of the dictionary must know.
    pub doc: Option<String>,
}

impl Column {
    /// How its values are stored.
    pub fn kind(&self) -> Kind {
        self.column_type.kind()
    }
}

impl ColumnType {
    /// How its values are stored.
    pub fn kind(self) -> Kind {
        match self {
            Self::Text => Kind::Text,
            Self::Integer | Self::Money | Self::Decimal { .. } => Kind::Int,
            Self::Date => Kind::Date,
            Self::Instant => Kind::Instant,
        }
    }

    /// The stored unit, for the dictionary; empty when there is none.
    pub fn unit(self) -> &'static str {
        match self {
            Self::Money => "分",
            Self::Instant => "UTC 微秒",
            Self::Text | Self::Integer | Self::Date | Self::Decimal { .. } => "",
        }
    }

    /// What a person writes for a value of this type.
    pub(super) fn written_as(self) -> String {
        match self {
            Self::Text => "a text in quotes".to_owned(),
            Self::Integer => "an integer without quotes".to_owned(),
            Self::Money => "yuan as text with two decimals, such as \"2000.00\"".to_owned(),
            Self::Date => "a date as text, such as \"2026-01-02\"".to_owned(),
            Self::Instant => "a moment as text, such as \"2026-01-02T03:04:05+08:00\"".to_owned(),
            Self::Decimal { scale, .. } => {
                format!("a number as text with exactly {scale} decimals")
            }
        }
    }

    /// The value a person wrote; `None` when it is not of this type. A date is a value of an
    /// instant column too: it means the whole local day.
    pub fn value_of(self, written: &Value) -> Option<Value> {
        match (self, written) {
            (Self::Text, Value::Text(text)) if text.contains('\0') => None,
            (Self::Text, Value::Text(_))
            | (Self::Integer, Value::Int(_))
            | (Self::Date | Self::Instant, Value::Date(_))
            | (Self::Instant, Value::Instant(_)) => Some(written.clone()),
            (Self::Money, Value::Text(text)) => {
                Fen::from_yuan(text).ok().map(|fen| Value::Int(fen.0))
            }
            (Self::Date, Value::Text(text)) => date_of(text),
            (Self::Instant, Value::Text(text)) => date_of(text).or_else(|| instant_of(text)),
            (Self::Decimal { precision, scale }, Value::Text(text)) => {
                decimal_of(text, precision, scale)
            }
            _ => None,
        }
    }
}

/// `YYYY-MM-DD`, every digit of it.
fn date_of(text: &str) -> Option<Value> {
    if text.len() != 10 {
        return None;
    }
    NaiveDate::parse_from_str(text, "%Y-%m-%d")
        .ok()
        .map(Value::Date)
}

fn instant_of(text: &str) -> Option<Value> {
    DateTime::parse_from_rfc3339(text)
        .ok()
        .map(|moment| Value::Instant(moment.with_timezone(&Utc)))
}

fn decimal_of(text: &str, precision: u8, scale: u8) -> Option<Value> {
    let (negative, number) = match text.strip_prefix('-') {
        Some(rest) => (true, rest),
        None => (false, text),
    };
    let (whole, decimals) = match scale {
        0 => (number, ""),
        _ => number.split_once('.')?,
    };
    let digits = format!("{whole}{decimals}");
    let fits = !whole.is_empty()
        && decimals.len() == usize::from(scale)
        && digits.bytes().all(|byte| byte.is_ascii_digit())
        && digits.trim_start_matches('0').len() <= usize::from(precision);
    let scaled: i64 = fits.then(|| digits.parse().ok())??;
    Some(Value::Int(if negative { -scaled } else { scaled }))
}

impl fmt::Display for ColumnType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Text => f.write_str("text"),
            Self::Integer => f.write_str("integer"),
            Self::Money => f.write_str("money"),
            Self::Date => f.write_str("date"),
            Self::Instant => f.write_str("instant"),
            Self::Decimal { precision, scale } => write!(f, "decimal({precision},{scale})"),
        }
    }
}

impl Class {
    /// Its name in TOML.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::None => "none",
            Self::Personal => "personal",
            Self::Sensitive => "sensitive",
        }
    }

    /// Its name on screen.
    pub fn title(self) -> &'static str {
        match self {
            Self::None => "无",
            Self::Personal => "个人信息",
            Self::Sensitive => "敏感个人信息",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn written(column_type: ColumnType, text: &str) -> Option<Value> {
        column_type.value_of(&Value::from(text))
    }

    #[test]
    fn a_value_is_written_as_its_column_type_wants_it() {
        let day = NaiveDate::from_ymd_opt(2026, 1, 2).expect("a day");
        let moment = DateTime::parse_from_rfc3339("2026-01-02T03:04:05+08:00").expect("a moment");
        let decimal = ColumnType::Decimal {
            precision: 5,
            scale: 3,
        };
        for (column_type, text, value) in [
            (ColumnType::Text, "", Some(Value::from(""))),
            (ColumnType::Text, "a\0", None),
            (ColumnType::Integer, "5", None),
            (ColumnType::Money, "2000.00", Some(Value::Int(200_000))),
            (ColumnType::Money, "2000", None),
            (ColumnType::Date, "2026-01-02", Some(Value::Date(day))),
            (ColumnType::Date, "2026-1-2", None),
            (ColumnType::Date, "2026-02-30", None),
            (ColumnType::Instant, "2026-01-02", Some(Value::Date(day))),
            (
                ColumnType::Instant,
                "2026-01-02T03:04:05+08:00",
                Some(Value::Instant(moment.with_timezone(&Utc))),
            ),
            (ColumnType::Instant, "2026-01-02T03:04:05", None),
            (decimal, "-12.345", Some(Value::Int(-12_345))),
            (decimal, "012.345", Some(Value::Int(12_345))),
            (decimal, "123.456", None),
            (decimal, "12.34", None),
            (decimal, "12", None),
        ] {
            assert_eq!(written(column_type, text), value, "{column_type} {text}");
        }
        assert_eq!(
            ColumnType::Integer.value_of(&Value::Int(5)),
            Some(Value::Int(5))
        );
        assert_eq!(ColumnType::Money.value_of(&Value::Int(5)), None);
    }
}
