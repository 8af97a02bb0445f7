//! Whole rows, their values in the order of the dataset's columns.

use super::condition::Condition;
use super::error::DatasetError;
use super::query::{Direction, ROW, Select, select_all};
use super::reader::Reader;
use super::sql::{Given, SqlArgs, SqlContext, qualified, quote, quote_list};
use super::table::{Dataset, LINEAGE};
use crate::db::Transaction;
use crate::id::{FileNo, Ident};
use crate::value::Value;

/// Writes one row that the hub made itself on account of a file: its lineage names the file and
/// no record. A key that is there already fails the transaction.
///
/// Errors: [`DatasetError::NotGiven`] and [`DatasetError::GivenKind`] before anything is done,
/// when `row` has not one value of its kind for each declared column.
pub async fn insert(
    transaction: &mut Transaction,
    dataset: &Dataset,
    row: &[Value],
    file: FileNo,
) -> Result<(), DatasetError> {
    let mut args = SqlArgs::new();
    let mut places = Vec::new();
    for (at, column) in dataset.columns().iter().enumerate() {
        let value = row.get(at).ok_or_else(|| DatasetError::NotGiven {
            dataset: dataset.name().clone(),
            what: "a value for",
            name: column.name.to_string(),
        })?;
        if value.kind() != column.kind() {
            return Err(DatasetError::GivenKind {
                dataset: dataset.name().clone(),
                name: column.name.to_string(),
                column: column.name.clone(),
                found: value.kind(),
                expected: column.kind(),
            });
        }
        places.push(args.push(value.clone()));
    }
    let file = args.push(file.0);
    let columns = dataset.columns().iter().map(|column| column.name.as_str());
    let sql = format!(
        "INSERT INTO {} ({}) VALUES ({}, {file}, 0, 0, 0)",
        quote(dataset.name()),
        quote_list(columns.chain(LINEAGE)),
        places.join(", ")
    );
    transaction.execute(&sql, args.values()).await?;
    Ok(())
}

/// Writes the rows that meet a condition once more, with these columns changed, and returns how
/// many: their lineage stays. A key that is there already fails the transaction.
///
/// Errors: those of rendering the condition, before anything is done.
pub async fn copy_rows(
    transaction: &mut Transaction,
    dataset: &Dataset,
    condition: &Condition,
    changes: &[(Ident, Value)],
    given: &Given,
) -> Result<u64, DatasetError> {
    let dialect = transaction.dialect();
    let context = SqlContext { dialect, given };
    let mut args = SqlArgs::new();
    let mut values = Vec::new();
    for column in dataset.columns() {
        let change = changes.iter().find(|(name, _)| *name == column.name);
        values.push(match change {
            Some((_, value)) => context.typed(&args.push(value.clone()), column.kind()),
            None => qualified(ROW, &column.name),
        });
    }
    values.extend(LINEAGE.iter().map(|name| qualified(ROW, name)));
    let columns = dataset.columns().iter().map(|column| column.name.as_str());
    let table = quote(dataset.name());
    let condition = condition.to_sql(ROW, &mut args, context)?;
    let sql = format!(
        "INSERT INTO {table} ({}) SELECT {} FROM {table} AS {ROW} WHERE {condition}",
        quote_list(columns.chain(LINEAGE)),
        values.join(", ")
    );
    Ok(transaction.execute(&sql, args.values()).await?)
}

/// The rows that meet a condition, by their key, in memory: for results that the caller knows to
/// be small.
pub async fn rows_by_key(
    store: impl Into<Reader<'_>>,
    dataset: &Dataset,
    condition: &Condition,
    given: &Given,
) -> Result<Vec<Vec<Value>>, DatasetError> {
    let key = dataset.key().iter().map(Ident::as_str);
    let order: Vec<_> = key.map(|name| (name, Direction::Rising)).collect();
    whole_rows(store.into(), dataset, condition, (&order, None), given).await
}

/// The row of a file's first record; of a file without rows, none.
pub async fn first_of_file(
    store: impl Into<Reader<'_>>,
    dataset: &Dataset,
    file: FileNo,
    given: &Given,
) -> Result<Option<Vec<Value>>, DatasetError> {
    let condition = Condition::always(dataset.name()).and_of_file(file);
    let [_, record, _, _] = LINEAGE;
    let order = [(record, Direction::Rising)];
    let rows = whole_rows(store.into(), dataset, &condition, (&order, Some(1)), given).await?;
    Ok(rows.into_iter().next())
}

async fn whole_rows(
    store: Reader<'_>,
    dataset: &Dataset,
    condition: &Condition,
    (order_by, limit): (&[(&str, Direction)], Option<u64>),
    given: &Given,
) -> Result<Vec<Vec<Value>>, DatasetError> {
    let columns = dataset.columns().iter().map(|column| column.name.as_str());
    let columns: Vec<&str> = columns.collect();
    let question = Select {
        dataset,
        columns: &columns,
        condition,
        order_by,
        limit,
    };
    select_all(store, question, given).await
}
