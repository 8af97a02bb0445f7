//! What the engine does to the rows of one file: decide, find, take away.

use super::condition::Condition;
use super::error::DatasetError;
use super::query::{Direction, ROW, Select, select_all};
use super::sql::{Given, SqlArgs, SqlContext, qualified, quote};
use super::table::{Dataset, LINEAGE};
use crate::db::Transaction;
use crate::id::{FileNo, Ident, RecordNo};
use crate::record::Place;
use crate::value::{Kind, Value};

/// A row that a rule holds of.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Found {
    /// Where it stands in its file.
    pub place: Place,
    /// The values of its key, in the order of the key.
    pub key: Vec<Value>,
}

/// Writes `reason` into `column` of the rows of `file` that meet the condition and have no
/// reason yet; returns how many. So the first rule that hits a row wins.
pub async fn apply_decision(
    transaction: &mut Transaction,
    dataset: &Dataset,
    file: FileNo,
    (column, reason): (&Ident, i64),
    condition: &Condition,
    given: &Given,
) -> Result<u64, DatasetError> {
    if dataset.kind_of(column.as_str())? != Kind::Int {
        return Err(dataset.wrong_kind(column.as_str(), "a number"));
    }
    let dialect = transaction.dialect();
    let mut args = SqlArgs::new();
    let (reason, file) = (args.push(reason), args.push(file.0));
    let condition = condition.to_sql(ROW, &mut args, SqlContext { dialect, given })?;
    let sql = format!(
        "UPDATE {} AS {ROW} SET {} = {reason} WHERE {} = {file} AND {} IS NULL AND {condition}",
        quote(dataset.name()),
        quote(column),
        qualified(ROW, "lineage_file"),
        qualified(ROW, column),
    );
    Ok(transaction.execute(&sql, args.values()).await?)
}

/// The rows of `file` that meet the condition, by record, at most `limit`.
pub async fn find(
    transaction: &mut Transaction,
    dataset: &Dataset,
    file: FileNo,
    condition: &Condition,
    limit: u64,
    given: &Given,
) -> Result<Vec<Found>, DatasetError> {
    let [_, record, offset, length] = LINEAGE;
    let mut columns = vec![record, offset, length];
    columns.extend(dataset.key().iter().map(Ident::as_str));
    let condition = condition.clone().and_of_file(file);
    let question = Select {
        dataset,
        columns: &columns,
        condition: &condition,
        order_by: &[(record, Direction::Rising)],
        limit: Some(limit),
    };
    let rows = select_all(transaction, question, given).await?;
    Ok(rows.into_iter().map(found).collect())
}

/// Takes the rows of a file away, as when another file supersedes it; returns how many.
pub async fn delete_of_file(
    transaction: &mut Transaction,
    dataset: &Dataset,
    file: FileNo,
) -> Result<u64, DatasetError> {
    let sql = format!(
        "DELETE FROM {} WHERE lineage_file = $1",
        quote(dataset.name())
    );
    Ok(transaction.execute(&sql, &[Value::Int(file.0)]).await?)
}

fn found(row: Vec<Value>) -> Found {
    let mut values = row.into_iter();
    let mut number = || {
        let value = values.next().and_then(|value| value.as_int());
        value.unwrap_or_default().cast_unsigned()
    };
    let place = Place {
        record: RecordNo(number()),
        offset: number(),
        length: number(),
    };
    Found {
        place,
        key: values.collect(),
    }
}
