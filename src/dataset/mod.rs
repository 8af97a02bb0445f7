//! Datasets: the declared, typed, documented tables of the shared store.
//!
//! Responsible for: reading their declarations, making and extending their tables, loading staged
//! rows with their lineage, typed questions, conditions over rows, rows that the hub composes
//! itself, masking, and the data dictionary. It writes SQL and owns no driver. Not for: what a file
//! is or was (`ledger`), how a partner's record becomes a row (`mapping`), when anything happens
//! (`engine`). Jobs, the engine, reconciliations, reports and the CLI call it.
//!
//! The one invariant: every row names the file and the bytes it came from.

mod answered;
mod codes;
mod column;
mod compose;
mod condition;
mod ddl;
mod decide;
mod definition;
mod dictionary;
mod error;
mod load;
mod mask;
mod migrate;
mod names;
mod query;
mod read;
mod reader;
mod row;
mod sql;
mod table;

#[cfg(test)]
mod tests;

pub use answered::{AnsweredRows, RowsAnswered, rows_answered};
pub use codes::CODES;
pub use column::{Class, Column, ColumnType};
pub use compose::{
    COMPOSE_KEYS, Certainty, Compose, ComposeContext, Promised, Scope, Split, compose,
};
pub use condition::{
    CONDITION_KEYS, Condition, DUPLICATE, EXISTS, MAX_LIST, MISSING, ON, TOTAL, WHERE, read_on,
};
pub use decide::{Found, Rule, apply_decisions, delete_of_file, find};
pub use dictionary::dictionary;
pub use error::DatasetError;
pub use load::{LoadOutcome, Staged, StagedRows, load};
pub use mask::mask;
pub use migrate::{Change, Difference, Incompatibility, Mode, diff, migrate, verify};
pub use names::dataset_of;
pub use query::{Direction, Select, count, select, select_all, sum};
pub use read::DATASET_KEYS;
pub use reader::Reader;
pub use row::{copy_rows, first_of_file, insert, rows_by_key};
pub use sql::{Given, SqlArgs, SqlContext};
pub use table::{Dataset, Datasets, LINEAGE, MAX_COLUMNS};
