//! What the engine does to the rows of one file: decide, find, take away.

use std::fmt::Write as _;

use super::condition::{Condition, Shared};
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

/// One of the rules that decide about rows.
#[derive(Debug, Clone, Copy)]
pub struct Rule<'a> {
    /// What is written into the rows that it hits.
    pub reason: i64,
    /// Which rows it hits.
    pub condition: &'a Condition,
}

/// Writes into `column` of the rows of `file` the reason of the first of `rules` that hits them,
/// unless they have one; returns how many rows each rule gave its reason.
///
/// Rows are read once whatever the number of rules, and again only for rules that hit one.
pub async fn apply_decisions(
    transaction: &mut Transaction,
    dataset: &Dataset,
    file: FileNo,
    column: &Ident,
    rules: &[Rule<'_>],
    given: &Given,
) -> Result<Vec<u64>, DatasetError> {
    if dataset.kind_of(column.as_str())? != Kind::Int {
        return Err(dataset.wrong_kind(column.as_str(), "a number"));
    }
    // What one rule writes can change what another one sees.
    let are_tied = rules.iter().any(|rule| rule.condition.mentions(column));
    let expected = if are_tied || rules.len() < 2 {
        None
    } else {
        Some(first_hits(transaction, dataset, file, column, rules, given).await?)
    };
    let mut decided = Vec::with_capacity(rules.len());
    for (number, rule) in rules.iter().enumerate() {
        let is_idle = (expected.as_ref()).is_some_and(|hits| !hits.contains(&number));
        decided.push(if is_idle {
            0
        } else {
            apply(transaction, dataset, file, column, *rule, given).await?
        });
    }
    Ok(decided)
}

/// The numbers of the rules that are the first to hit some row.
async fn first_hits(
    transaction: &mut Transaction,
    dataset: &Dataset,
    file: FileNo,
    column: &Ident,
    rules: &[Rule<'_>],
    given: &Given,
) -> Result<Vec<usize>, DatasetError> {
    let dialect = transaction.dialect();
    let mut args = SqlArgs::new();
    let shared = Shared::by(rules.iter().map(|rule| rule.condition));
    let mut cases = String::new();
    for (number, rule) in rules.iter().enumerate() {
        let context = SqlContext { dialect, given };
        let condition = rule
            .condition
            .to_sql_beside(Some(&shared), ROW, &mut args, context)?;
        // Writing into a text cannot fail.
        let _ = write!(cases, " WHEN {condition} THEN {number}");
    }
    let undecided = undecided(file, column, &mut args);
    let sql = format!(
        "SELECT DISTINCT CAST(CASE{cases} END AS BIGINT) FROM {} AS {ROW}{} WHERE {undecided}",
        quote(dataset.name()),
        shared.joins(ROW)
    );
    let rows = transaction.query(&sql, args.values()).await?;
    let mut hits = Vec::with_capacity(rows.len());
    for row in &rows {
        // Rows that no rule hits have none.
        hits.extend(
            row.opt_int(0)?
                .and_then(|number| usize::try_from(number).ok()),
        );
    }
    Ok(hits)
}

/// Writes the reason of one rule into the rows that it hits and that have none.
async fn apply(
    transaction: &mut Transaction,
    dataset: &Dataset,
    file: FileNo,
    column: &Ident,
    rule: Rule<'_>,
    given: &Given,
) -> Result<u64, DatasetError> {
    let dialect = transaction.dialect();
    let mut args = SqlArgs::new();
    let reason = args.push(rule.reason);
    let undecided = undecided(file, column, &mut args);
    let condition = (rule.condition).to_sql(ROW, &mut args, SqlContext { dialect, given })?;
    let sql = format!(
        "UPDATE {} AS {ROW} SET {} = {reason} WHERE {undecided} AND {condition}",
        quote(dataset.name()),
        quote(column),
    );
    Ok(transaction.execute(&sql, args.values()).await?)
}

fn undecided(file: FileNo, column: &Ident, args: &mut SqlArgs) -> String {
    let file = args.push(file.0);
    let lineage = qualified(ROW, "lineage_file");
    format!("{lineage} = {file} AND {} IS NULL", qualified(ROW, column))
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
