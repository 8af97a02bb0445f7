//! Conditions: a small language over the rows of a dataset, checked once and rendered to SQL.
//!
//! A person writes `where`, `exists`, `missing`, `duplicate` and `total` (`read.rs`); a [`Condition`] is
//! what came out checked: every name exists, every value has its column's type. All parts must
//! hold. Callers are jobs (decide and refuse rules), composing, reconciliations and reports. The
//! one invariant: no text that a person wrote reaches SQL except as an argument.

mod lookup;
mod operand;
mod read;
mod render;
mod shared;
mod total;

#[cfg(test)]
mod tests;

use super::column::{Column, ColumnType};
use super::table::Dataset;
use crate::id::{FileNo, Ident};
use crate::value::Value;

pub use lookup::{ON, read_on};
pub use read::{CONDITION_KEYS, DUPLICATE, EXISTS, MISSING, WHERE};
pub(super) use read::{misfit, read_where};
pub(super) use render::Rendering;
pub(super) use shared::Shared;
pub use total::TOTAL;

/// The most values of one list in a condition.
pub const MAX_LIST: usize = 1_000;

/// What must hold of a row of a dataset; without parts it holds of every row.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Condition {
    pub(super) dataset: Ident,
    pub(super) tests: Vec<Test>,
    pub(super) lookups: Vec<Lookup>,
    pub(super) totals: Vec<Total>,
    /// Another row with equal, non-null values in these columns stands before this one.
    pub(super) duplicate: Vec<Ident>,
}

/// One comparison of one column.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Test {
    pub(super) column: Ident,
    pub(super) column_type: ColumnType,
    pub(super) check: Check,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Check {
    /// It is null.
    Null,
    /// It is not null.
    Present,
    /// It equals one of these.
    OneOf(Vec<Value>),
    /// It equals none of these; a null equals nothing.
    NoneOf(Vec<Value>),
    /// It compares so with another value.
    Compare(Order, Operand),
    /// It is further from this column of the outer row than the tolerance. What is null is apart
    /// from nothing.
    Apart(Ident, Tolerance),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Order {
    Equal,
    Different,
    Above,
    AtLeast,
    Below,
    AtMost,
}

/// What a column is compared with.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Operand {
    Value(Value),
    /// A column of the outer row (inside a lookup) or of the same row, some days later.
    Column {
        name: Ident,
        column_type: ColumnType,
        later: Later,
    },
    /// A text of the settings.
    Setting(String),
}

/// How much later than a date: months first, then days, then the end of the period it falls into.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) struct Later {
    /// A month later is the same day of the next month, or its last.
    pub(super) months: i32,
    pub(super) days: i32,
    pub(super) end_of: Option<Period>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Period {
    Month,
    Year,
}

/// How far two numbers may be apart.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Tolerance {
    /// In the unit of the columns.
    Amount(i64),
    /// In hundredths of a percent of the outer row's.
    Percent(i64),
}

/// Rows of another dataset that belong to this row, counted or added up.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Total {
    pub(super) rows: Lookup,
    /// Their column that is added up; without it they are counted.
    pub(super) sum: Option<Ident>,
    pub(super) column_type: ColumnType,
    pub(super) checks: Vec<Check>,
}

/// Rows of another dataset that belong to this row.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Lookup {
    pub(super) dataset: Ident,
    pub(super) presence: Presence,
    /// (their column, our column).
    pub(super) on: Vec<(Ident, Ident)>,
    pub(super) as_of: Option<AsOf>,
    pub(super) tests: Vec<Test>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Presence {
    Exists,
    Missing,
}

/// Only the row in force at a moment of ours.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct AsOf {
    /// Their column that says from when.
    pub(super) effective: Ident,
    /// Their other key columns: within these the rows follow one another.
    pub(super) group: Vec<Ident>,
    /// Our column that says when.
    pub(super) at: Ident,
}

impl Condition {
    /// One that every row of a dataset meets.
    pub fn always(dataset: &Ident) -> Self {
        Self {
            dataset: dataset.clone(),
            tests: Vec::new(),
            lookups: Vec::new(),
            totals: Vec::new(),
            duplicate: Vec::new(),
        }
    }

    /// The dataset whose rows it is about.
    pub fn dataset(&self) -> &Ident {
        &self.dataset
    }

    /// The other datasets it looks into, in written order.
    pub fn looks_into(&self) -> impl Iterator<Item = &Ident> {
        let totals = self.totals.iter().map(|total| &total.rows);
        self.lookups
            .iter()
            .chain(totals)
            .map(|lookup| &lookup.dataset)
    }

    /// Whether it may be otherwise when a column of that name, of any dataset, is.
    pub(super) fn mentions(&self, column: &Ident) -> bool {
        let of_check = |check: &Check| match check {
            Check::Compare(_, Operand::Column { name, .. }) | Check::Apart(name, _) => {
                name == column
            }
            _ => false,
        };
        let of_test = |test: &Test| test.column == *column || of_check(&test.check);
        let of_lookup = |lookup: &Lookup| {
            let is_tied = lookup.on.iter().any(|(a, b)| a == column || b == column);
            let is_dated = lookup.as_of.as_ref().is_some_and(|as_of| {
                as_of.effective == *column || as_of.at == *column || as_of.group.contains(column)
            });
            is_tied || is_dated || lookup.tests.iter().any(of_test)
        };
        self.tests.iter().any(of_test)
            || self.lookups.iter().any(of_lookup)
            || self.totals.iter().any(|total| {
                of_lookup(&total.rows)
                    || total.sum.as_ref() == Some(column)
                    || total.checks.iter().any(of_check)
            })
            || self.duplicate.contains(column)
    }

    /// The settings whose texts it compares with.
    pub fn settings(&self) -> impl Iterator<Item = &str> {
        let totals = self.totals.iter().map(|total| &total.rows);
        let lookups = self.lookups.iter().chain(totals);
        let inner = lookups.flat_map(|lookup| &lookup.tests);
        settings_of(self.tests.iter().chain(inner))
    }

    /// Adds that a column equals a value, for callers that know the column and its type.
    #[must_use]
    pub fn and_equals(mut self, column: &Ident, column_type: ColumnType, value: Value) -> Self {
        self.tests.push(equals(column, column_type, value));
        self
    }

    /// Adds that a dataset has a row with these values that is tied to ours by `on` (their
    /// column, our column).
    #[must_use]
    pub fn and_exists(
        mut self,
        theirs: &Dataset,
        on: &[(Ident, Ident)],
        values: &[(&Column, Value)],
    ) -> Self {
        let tests = values.iter();
        self.lookups.push(Lookup {
            dataset: theirs.name().clone(),
            presence: Presence::Exists,
            on: on.to_vec(),
            as_of: None,
            tests: tests
                .map(|(column, value)| equals(&column.name, column.column_type, value.clone()))
                .collect(),
        });
        self
    }

    /// Adds that a row came with a file.
    #[must_use]
    pub fn and_of_file(self, file: FileNo) -> Self {
        match Ident::new("lineage_file") {
            Ok(column) => self.and_equals(&column, ColumnType::Integer, Value::Int(file.0)),
            Err(_) => self,
        }
    }
}

fn equals(column: &Ident, column_type: ColumnType, value: Value) -> Test {
    Test {
        column: column.clone(),
        column_type,
        check: Check::OneOf(vec![value]),
    }
}

pub(super) fn settings_of<'a>(
    tests: impl Iterator<Item = &'a Test>,
) -> impl Iterator<Item = &'a str> {
    tests.filter_map(|test| match &test.check {
        Check::Compare(_, Operand::Setting(name)) => Some(name.as_str()),
        _ => None,
    })
}
