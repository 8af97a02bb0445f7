//! Controls: what a file's header, trailer or manifest promises, and what was found.

use super::LedgerError;
use super::cell::row;
use super::sql::{self, bounded};
use crate::db::{Database, Transaction};
use crate::id::FileNo;
use crate::value::Value;

row! {
    /// One control of one file.
    pub struct ControlRow in "ledger_control" {
        /// The file.
        pub file_no: FileNo,
        /// Its place among the file's controls, from 1.
        pub ordinal: i64,
        /// What is compared: `count`, `amount` …
        pub name: String,
        /// What the file declares; money is 分.
        pub declared: Option<String>,
        /// What was computed; none if it could not be.
        pub computed: Option<String>,
        /// Whether the two agree.
        pub agrees: bool,
    }
}

/// A control to be kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewControl {
    /// What is compared.
    pub name: String,
    /// What the file declares.
    pub declared: Option<String>,
    /// What was computed.
    pub computed: Option<String>,
    /// Whether the two agree.
    pub agrees: bool,
}

/// Keeps a file's controls, all at once, in the transaction of its decision.
pub async fn add_controls(
    tx: &mut Transaction,
    file: FileNo,
    controls: &[NewControl],
) -> Result<(), LedgerError> {
    let text = |value: &Option<String>| value.as_deref().map(|value| bounded(value, 1_000));
    let rows: Vec<ControlRow> = (1..)
        .zip(controls)
        .map(|(ordinal, control)| ControlRow {
            file_no: file,
            ordinal,
            name: control.name.clone(),
            declared: text(&control.declared),
            computed: text(&control.computed),
            agrees: control.agrees,
        })
        .collect();
    sql::insert_all(tx, &["file_no", "ordinal"], &rows).await
}

/// The controls of a file, in their order.
pub async fn list_controls(db: &Database, file: FileNo) -> Result<Vec<ControlRow>, LedgerError> {
    let tail = "WHERE file_no = $1 ORDER BY ordinal";
    sql::all(&mut &*db, tail, &[Value::Int(file.0)]).await
}
