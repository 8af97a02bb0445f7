//! Rows of a partner's reply against the rows that were sent.
//!
//! The one invariant: a row counts as answered only by a row of the reply's dataset with equal key
//! values, and only among the rows that the delivery itself carried.

use super::error::DatasetError;
use super::sql::{SqlArgs, qualified, quote};
use super::table::Dataset;
use crate::db::Transaction;
use crate::id::{FileNo, Ident, RecordNo};
use crate::value::Value;

const ANSWER: &str = "answer";
const SENT: &str = "sent";

/// Which rows answer which.
#[derive(Debug, Clone, Copy)]
pub struct AnsweredRows<'a> {
    /// The dataset of the reply's rows.
    pub answers: &'a Dataset,
    /// The dataset of the rows sent.
    pub sent: &'a Dataset,
    /// (column of the reply, column of what was sent).
    pub on: &'a [(Ident, Ident)],
    /// Which rows were sent: columns of `sent` with their values.
    pub of: &'a [(Ident, Value)],
}

/// How far the rows sent are answered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RowsAnswered {
    /// Rows sent.
    pub sent: i64,
    /// Of these, with an answer in whatever file.
    pub answered: i64,
    /// Rows of this file that answer none of them.
    pub strangers: i64,
    /// The first of these.
    pub first_stranger: Option<RecordNo>,
}

/// Counts the rows sent, those answered so far, and the rows of `file` that answer none.
pub async fn rows_answered(
    transaction: &mut Transaction,
    rows: &AnsweredRows<'_>,
    file: FileNo,
) -> Result<RowsAnswered, DatasetError> {
    let mut args = SqlArgs::new();
    let of = rows.of(&mut args);
    let (sent, answers) = (quote(rows.sent.name()), quote(rows.answers.name()));
    let on = rows.on();
    let sql = format!(
        "SELECT COUNT(*), COUNT(CASE WHEN EXISTS (SELECT 1 FROM {answers} AS {ANSWER} WHERE {on}) \
         THEN 1 END) FROM {sent} AS {SENT} WHERE {of}"
    );
    let counted = transaction.query_one(&sql, args.values()).await?;
    let mut args = SqlArgs::new();
    let of = rows.of(&mut args);
    let file = args.push(file.0);
    let lineage = qualified(ANSWER, "lineage_file");
    let record = qualified(ANSWER, "lineage_record");
    let sql = format!(
        "SELECT COUNT(*), COALESCE(MIN({record}), 0) FROM {answers} AS {ANSWER} \
         WHERE {lineage} = {file} \
         AND NOT EXISTS (SELECT 1 FROM {sent} AS {SENT} WHERE {on} AND {of})"
    );
    let strange = transaction.query_one(&sql, args.values()).await?;
    let strangers = strange.int(0)?;
    Ok(RowsAnswered {
        sent: counted.int(0)?,
        answered: counted.int(1)?,
        strangers,
        first_stranger: (strangers > 0)
            .then(|| strange.int(1))
            .transpose()?
            .map(|record| RecordNo(record.cast_unsigned())),
    })
}

impl AnsweredRows<'_> {
    fn on(&self) -> String {
        let pairs = self.on.iter().map(|(answer, sent)| {
            format!("{} = {}", qualified(ANSWER, answer), qualified(SENT, sent))
        });
        pairs.collect::<Vec<_>>().join(" AND ")
    }

    fn of(&self, args: &mut SqlArgs) -> String {
        let tests = self.of.iter().map(|(column, value)| {
            let place = args.push(value.clone());
            format!("{} = {place}", qualified(SENT, column))
        });
        let tests: Vec<String> = tests.collect();
        if tests.is_empty() {
            // Nothing says which rows were sent: none was.
            return "1 = 0".to_owned();
        }
        tests.join(" AND ")
    }
}
