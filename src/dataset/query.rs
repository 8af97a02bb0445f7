//! Typed questions to one dataset: rows, how many, how much.

use super::column::ColumnType;
use super::condition::Condition;
use super::error::DatasetError;
use super::reader::Reader;
use super::sql::{Given, SqlArgs, SqlContext, qualified, quote};
use super::table::Dataset;
use crate::value::{Kind, Value};

/// The alias of the dataset's table in every statement of this module.
pub(super) const ROW: &str = "t";

/// Which way an order goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Direction {
    /// Least first.
    Rising,
    /// Greatest first.
    Falling,
}

/// A question for rows.
#[derive(Debug, Clone, Copy)]
pub struct Select<'a> {
    /// Of which dataset.
    pub dataset: &'a Dataset,
    /// Declared or lineage columns, in the order of the values in each row; at least one.
    pub columns: &'a [&'a str],
    /// Which rows.
    pub condition: &'a Condition,
    /// In which order; without one, any.
    pub order_by: &'a [(&'a str, Direction)],
    /// At most so many.
    pub limit: Option<u64>,
}

/// Shows each row to `see`, one at a time; memory stays flat. The first error of `see` ends it.
pub async fn select<E: From<DatasetError> + From<crate::db::DbError> + Send>(
    store: impl Into<Reader<'_>>,
    question: Select<'_>,
    given: &Given,
    mut see: impl FnMut(&[Value]) -> Result<(), E> + Send,
) -> Result<(), E> {
    let mut store = store.into();
    let dialect = store.dialect();
    let mut args = SqlArgs::new();
    let sql = question.to_sql(&mut args, SqlContext { dialect, given })?;
    let kinds = question.kinds()?;
    let mut values = Vec::with_capacity(kinds.len());
    store
        .each(&sql, args.values(), |row| {
            values.clear();
            for (at, kind) in kinds.iter().enumerate() {
                values.push(row.value(at, *kind)?);
            }
            see(&values)
        })
        .await
}

/// All rows at once: for results that the caller knows to be small.
pub async fn select_all(
    store: impl Into<Reader<'_>>,
    question: Select<'_>,
    given: &Given,
) -> Result<Vec<Vec<Value>>, DatasetError> {
    let mut rows = Vec::new();
    select(store, question, given, |row: &[Value]| {
        rows.push(row.to_vec());
        Ok::<_, DatasetError>(())
    })
    .await?;
    Ok(rows)
}

/// How many rows meet a condition.
pub async fn count(
    store: impl Into<Reader<'_>>,
    dataset: &Dataset,
    condition: &Condition,
    given: &Given,
) -> Result<i64, DatasetError> {
    number(store.into(), dataset, "COUNT(*)", condition, given).await
}

/// The sum of an integer, money (分) or decimal column over the rows that meet a condition; zero
/// for none.
pub async fn sum(
    store: impl Into<Reader<'_>>,
    dataset: &Dataset,
    column: &str,
    condition: &Condition,
    given: &Given,
) -> Result<i64, DatasetError> {
    let kind = dataset.kind_of(column)?;
    if kind != Kind::Int {
        return Err(dataset.wrong_kind(column, "a number"));
    }
    let column = qualified(ROW, column);
    let sum = format!("CAST(COALESCE(SUM({column}), 0) AS BIGINT)");
    number(store.into(), dataset, &sum, condition, given).await
}

async fn number(
    mut store: Reader<'_>,
    dataset: &Dataset,
    expression: &str,
    condition: &Condition,
    given: &Given,
) -> Result<i64, DatasetError> {
    let dialect = store.dialect();
    let mut args = SqlArgs::new();
    let condition = condition.to_sql(ROW, &mut args, SqlContext { dialect, given })?;
    let sql = format!(
        "SELECT {expression} FROM {} AS {ROW} WHERE {condition}",
        quote(dataset.name())
    );
    Ok(store.query_one(&sql, args.values()).await?.int(0)?)
}

impl Select<'_> {
    fn to_sql(self, args: &mut SqlArgs, context: SqlContext<'_>) -> Result<String, DatasetError> {
        let mut columns = Vec::new();
        for name in self.columns {
            self.dataset.kind_of(name)?;
            columns.push(qualified(ROW, name));
        }
        let condition = self.condition.to_sql(ROW, args, context)?;
        let mut sql = format!(
            "SELECT {} FROM {} AS {ROW} WHERE {condition}",
            columns.join(", "),
            quote(self.dataset.name())
        );
        let mut order = Vec::new();
        for (name, direction) in self.order_by {
            self.dataset.kind_of(name)?;
            order.push(format!("{} {}", qualified(ROW, name), direction.keyword()));
        }
        if !order.is_empty() {
            sql.push_str(" ORDER BY ");
            sql.push_str(&order.join(", "));
        }
        if let Some(limit) = self.limit {
            let limit = i64::try_from(limit).unwrap_or(i64::MAX);
            sql.push_str(" LIMIT ");
            sql.push_str(&args.push(limit));
        }
        Ok(sql)
    }

    fn kinds(self) -> Result<Vec<Kind>, DatasetError> {
        let kinds = self.columns.iter().map(|name| self.dataset.kind_of(name));
        kinds.collect()
    }
}

impl Direction {
    /// PostgreSQL would sort nulls last by itself and SQLite first.
    fn keyword(self) -> &'static str {
        match self {
            Self::Rising => "ASC NULLS FIRST",
            Self::Falling => "DESC NULLS LAST",
        }
    }
}

impl Dataset {
    /// How a declared or lineage column is stored, or [`DatasetError::NoColumn`].
    pub(super) fn kind_of(&self, column: &str) -> Result<Kind, DatasetError> {
        self.type_of(column)
            .map(ColumnType::kind)
            .ok_or_else(|| DatasetError::NoColumn {
                dataset: self.name().clone(),
                column: column.to_owned(),
            })
    }

    pub(super) fn wrong_kind(&self, column: &str, expected: &'static str) -> DatasetError {
        DatasetError::ColumnKind {
            dataset: self.name().clone(),
            column: column.to_owned(),
            found: self
                .type_of(column)
                .map(|found| found.to_string())
                .unwrap_or_default(),
            expected,
        }
    }
}
