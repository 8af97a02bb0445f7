//! A selection: which rows of a dataset count for a day, and what of them is counted.
//!
//! Membership goes by the partner's own lists (`members`), which are joined from the list to the
//! rows, so that a day costs what the day holds and not what the table holds. At most one member
//! belongs to a row (checked when the plan is read), so a join never counts a row twice.

use chrono::NaiveDate;

mod beside;
mod query;
mod read;
mod sql;

use serde_json::{Value as Json, json};

use crate::dataset::{ColumnType, Condition, Dataset, Given};
use crate::id::{Fen, FileNo, Ident};
use crate::ledger::identity_text;
use crate::value::Value;

pub(super) use beside::{BESIDE_KEYS, FROM, read_beside, read_shown, read_since};
pub use beside::{Beside, Since};
pub(super) use query::{Total, has_rows};
pub(super) use read::{AMOUNT, AMOUNT_FROM, BY, COUNT, DATASET, DATE, MEMBERS, ONCE, read};

/// Rows of one dataset.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Selection {
    pub(super) dataset: Dataset,
    /// Its column that holds the business date.
    pub(super) date: Option<Ident>,
    pub(super) members: Option<Members>,
    pub(super) condition: Condition,
    /// Of rows that are equal in these columns only the earliest counts.
    pub(super) once: Vec<Ident>,
    pub(super) amount: Option<Amount>,
    /// The column that says how many rows a row stands for; without it each is one.
    pub(super) count: Option<Ident>,
    /// What its rows are grouped or told apart by; at least one column.
    pub(super) by: Vec<Ident>,
}

/// A partner's list for a day: only rows whose keys it lists.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Members {
    pub(super) dataset: Ident,
    pub(super) date: Ident,
    pub(super) on: Vec<Ident>,
}

/// Where the amount of a row is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Amount {
    pub(super) column: Ident,
    /// In one row of another dataset, tied by its whole key.
    pub(super) from: Option<(Ident, Vec<Ident>)>,
}

/// The business day, and what statements take from the settings.
#[derive(Debug, Clone, Copy)]
pub struct Scene<'a> {
    /// The business day.
    pub day: NaiveDate,
    /// From the settings.
    pub given: &'a Given,
}

/// The place of a row in a partner's file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Lineage {
    /// The file.
    pub file: FileNo,
    /// The record in it, from 1.
    pub record: i64,
    /// Its first byte in the opened content.
    pub offset: i64,
    /// Its bytes.
    pub length: i64,
}

/// One row selected.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Line {
    /// The values that it is told apart by.
    pub key: Vec<Value>,
    /// The same as text: `service_provider_id=…;message_id=…`.
    pub object: String,
    /// How many rows it stands for.
    pub count: i64,
    /// Its amount, if it is known.
    pub amount: Option<Fen>,
    /// Where it came from.
    pub lineage: Lineage,
    /// The moment or day that was asked for beside, as a local day.
    pub since: Option<NaiveDate>,
    /// The columns that were asked for beside, in their order.
    pub beside: Vec<Value>,
}

/// Rows of equal `by` columns together.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Group {
    /// The values of the columns, in their order.
    pub key: Vec<Value>,
    /// The same as text: `service_provider_id=…;message_id=…`.
    pub object: String,
    /// How many rows.
    pub count: i64,
    /// Their sum in 分.
    pub amount: Fen,
    /// How many of them have no amount.
    pub unpriced: i64,
    /// The first file they came with; none if there is no row.
    pub file: Option<FileNo>,
    /// With how many files they came.
    pub files: i64,
}

/// Which of the selected rows to list.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Listing<'a> {
    /// A date or instant to see beside.
    pub(super) since: Option<&'a Since>,
    /// Only rows whose `since` is before this day (local).
    pub(super) before: Option<NaiveDate>,
    /// More columns to see.
    pub(super) beside: &'a [Beside],
    pub(super) order: Order,
    /// At most so many; all when absent.
    pub(super) limit: Option<i64>,
}

#[derive(Debug, Clone, Copy, Default)]
pub(super) enum Order {
    #[default]
    Key,
    /// By file and record.
    File,
    /// Closest to this amount first.
    Near(i64),
    /// Not above this amount, largest first.
    UpTo(i64),
}

impl Selection {
    /// The dataset its rows are of.
    pub fn dataset(&self) -> &Dataset {
        &self.dataset
    }

    /// The columns its rows are grouped or told apart by.
    pub fn by(&self) -> &[Ident] {
        &self.by
    }

    /// What tells its rows apart: the dataset's key without the business date.
    pub(super) fn row_key(&self) -> Vec<Ident> {
        let key = self.dataset.key();
        let rest = key.iter().filter(|name| self.date.as_ref() != Some(name));
        let rest: Vec<Ident> = rest.cloned().collect();
        if rest.is_empty() { key.to_vec() } else { rest }
    }

    /// The columns that [`Line::key`] has in [`Selection::each_row`]: those of `by`, then the rest of
    /// the dataset's key.
    pub fn row_columns(&self) -> Vec<Ident> {
        let key = self.dataset.key().iter();
        // The day is the report's own and says nothing about a row.
        let others = key.filter(|name| !self.by.contains(name) && self.date.as_ref() != Some(name));
        self.by.iter().chain(others).cloned().collect()
    }

    /// Whether it selects rows of one business day, by a column or by a partner's list.
    pub fn is_dated(&self) -> bool {
        self.date.is_some() || self.members.is_some()
    }

    /// Whether its rows have an amount.
    pub fn has_amount(&self) -> bool {
        self.amount.is_some()
    }
}

/// `name=value;name=value`, as file identities are written.
pub(super) fn object(names: &[Ident], key: &[Value]) -> String {
    let texts: Vec<String> = key.iter().map(text).collect();
    let pairs = names.iter().zip(&texts);
    identity_text(pairs.map(|(name, text)| (name.as_str(), text.as_str())))
}

fn text(value: &Value) -> String {
    match value {
        Value::Null(_) => String::new(),
        Value::Int(number) => number.to_string(),
        Value::Text(text) => text.clone(),
        Value::Date(day) => day.to_string(),
        Value::Instant(moment) => moment.to_rfc3339(),
        Value::Bytes(bytes) => format!("{} bytes", bytes.len()),
    }
}

impl Beside {
    /// The column as a break keeps it: name, titles and the value as people write it.
    pub(super) fn shown(&self, value: &Value) -> Json {
        let column = &self.column;
        let text = match (column.column_type, value) {
            (ColumnType::Money, Value::Int(fen)) => Fen(*fen).to_string(),
            (ColumnType::Decimal { scale, .. }, Value::Int(scaled)) => decimal(*scaled, scale),
            _ => text(value),
        };
        json!({
            "name": column.name.as_str(),
            "title": column.title,
            "title_en": column.title_en,
            "value": (!value.is_null()).then_some(text),
        })
    }
}

/// A decimal as people write it.
fn decimal(scaled: i64, scale: u8) -> String {
    if scale == 0 {
        return scaled.to_string();
    }
    let unit = 10_u64.saturating_pow(scale.into());
    let (sign, size) = (if scaled < 0 { "-" } else { "" }, scaled.unsigned_abs());
    let width = usize::from(scale);
    format!("{sign}{}.{:0width$}", size / unit, size % unit)
}

fn local_day(value: &Value, given: &Given) -> Option<NaiveDate> {
    match value {
        Value::Date(day) => Some(*day),
        Value::Instant(moment) => Some(crate::reconcile::local_date(*moment, given)),
        _ => None,
    }
}
