//! Composing: rows that the hub writes itself, derived from rows that are there, in one statement.
//!
//! A person writes `[[compose]]` (`read.rs`); a [`Compose`] is what came out checked: every name
//! exists, every expression has its column's type, every key column is set. The one invariant: a
//! composed row has the lineage of the row it was composed from.

mod read;
mod render;

#[cfg(test)]
mod tests;

use super::column::ColumnType;
use super::condition::{Condition, Test, settings_of};
use super::error::DatasetError;
use super::sql::{Given, SqlArgs, SqlContext};
use super::table::Dataset;
use crate::db::Transaction;
use crate::id::{FileNo, Ident};
use crate::value::Value;
use chrono::{DateTime, Utc};
use std::collections::BTreeMap;

pub use read::COMPOSE_KEYS;

/// Rows to compose, checked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Compose {
    /// The dataset written, whole, because its columns are needed.
    target: Dataset,
    /// The rows it is composed from, one for one; without them it is one row.
    from: Option<Condition>,
    /// The key of the dataset composed from: the order in which rows are split into messages.
    source_key: Vec<Ident>,
    set: Vec<(Ident, Expression)>,
}

/// What a column of a composed row is.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Expression {
    /// A column of the row it is composed from.
    Column(Ident),
    Value(Value),
    Now,
    Setting(String),
    Number,
    /// A value of the caller.
    Context(String),
    Count(Total),
    Sum(Ident, Total),
}

/// Rows of a dataset that belong to the row it is composed from.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Total {
    dataset: Ident,
    /// (their column, our column).
    on: Vec<(Ident, Ident)>,
    tests: Vec<Test>,
}

/// A value that a caller promises to give when rows are composed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Promised {
    /// The name that `context` uses.
    pub name: String,
    /// What it is.
    pub column_type: ColumnType,
    /// Whether it may be null for some files.
    pub certainty: Certainty,
}

/// Whether a promised value is always there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Certainty {
    /// It is.
    Always,
    /// It may be null.
    Sometimes,
}

/// What composing takes from its caller.
#[derive(Debug, Clone)]
pub struct ComposeContext {
    /// What `now` is.
    pub now: DateTime<Utc>,
    /// What `number` is: the message number taken from the ledger's counter.
    pub number: Option<i64>,
    /// What each `context` is.
    pub values: BTreeMap<String, Value>,
    /// How rows are split into messages; without it all rows have one number.
    pub split: Option<Split>,
}

/// How rows are split into messages, in the order of the source's key: the first ones have the
/// number given, the next ones the number after it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Split {
    /// Rows of one message at most.
    pub rows: u32,
    /// Messages at most; what is left over waits for another time.
    pub messages: u32,
}

/// Which rows are composed from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Scope {
    /// All of the dataset.
    All,
    /// Those of one file.
    File(FileNo),
}

impl Compose {
    /// The dataset written.
    pub fn target(&self) -> &Ident {
        self.target.name()
    }

    /// The dataset composed from; without one, exactly one row is written.
    pub fn source(&self) -> Option<&Ident> {
        self.from.as_ref().map(Condition::dataset)
    }

    /// The columns of the target that are set, in written order.
    pub fn columns(&self) -> impl Iterator<Item = &Ident> {
        self.set.iter().map(|(column, _)| column)
    }

    /// Whether a column takes the message number.
    pub fn is_numbered(&self) -> bool {
        self.numbered_column().is_some()
    }

    /// The column that takes the message number.
    pub fn numbered_column(&self) -> Option<&Ident> {
        let mut set = self.set.iter();
        let numbered = set.find(|(_, expression)| *expression == Expression::Number);
        numbered.map(|(column, _)| column)
    }

    /// The names of the values that it wants of its caller.
    pub fn context_names(&self) -> impl Iterator<Item = &str> {
        self.set
            .iter()
            .filter_map(|(_, expression)| match expression {
                Expression::Context(name) => Some(name.as_str()),
                _ => None,
            })
    }

    /// The settings it wants.
    pub fn settings(&self) -> Vec<&str> {
        let mut names: Vec<&str> = self.from.iter().flat_map(Condition::settings).collect();
        for (_, expression) in &self.set {
            match expression {
                Expression::Setting(name) => names.push(name),
                Expression::Count(total) | Expression::Sum(_, total) => {
                    names.extend(settings_of(total.tests.iter()));
                }
                _ => {}
            }
        }
        names
    }
}

/// Writes the rows and returns how many. A key that is there already fails the transaction.
///
/// Errors: [`DatasetError::NotGiven`] and [`DatasetError::GivenKind`] before anything is done.
pub async fn compose(
    transaction: &mut Transaction,
    rows: &Compose,
    scope: Scope,
    context: &ComposeContext,
    given: &Given,
) -> Result<u64, DatasetError> {
    let mut args = SqlArgs::new();
    let dialect = transaction.dialect();
    let sql = render::statement(
        rows,
        scope,
        context,
        &mut args,
        SqlContext { dialect, given },
    )?;
    Ok(transaction.execute(&sql, args.values()).await?)
}
