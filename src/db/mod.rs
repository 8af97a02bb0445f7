//! The databases: addresses, pools, transactions, bulk loads, migrations, on SQLite and PostgreSQL.
//!
//! Responsible for: every byte that goes to a database driver; no other module names one. Not for:
//! what the tables mean (`ledger`, `dataset`). Callers write portable SQL once: `$1, $2 …` for
//! arguments, `CAST(SUM(x) AS BIGINT)` because a sum of `BIGINT` is `NUMERIC` in PostgreSQL (and
//! reading it with [`Row::int`] is refused there), `ON CONFLICT` instead of catching a violation,
//! and [`Dialect`] where the two differ.
//!
//! The one invariant: a [`Transaction`] that met an error can no longer be committed, on either
//! back end. (PostgreSQL answers `COMMIT` of a failed transaction with a quiet rollback, SQLite
//! would commit the statements before the failure; neither may look like success.)
//!
//! SQLite statements run through a prepared loop on the pool's own connection, lent to `rusqlite`
//! (`lent.rs`); they block the calling worker thread, as a file would.

mod bounds;
mod bulk;
mod codes;
mod database;
mod dialect;
mod error;
mod lent;
mod migration;
mod postgres;
mod postgres_bulk;
mod row;
mod sqlite;
mod sqlite_bulk;
mod transaction;
mod url;
mod walk;

#[cfg(test)]
mod tests;

pub use bounds::{MAX_VALUE_BYTES, ValueProblem};
pub use bulk::{
    BulkInsert, BulkOutcome, MAX_SKIPPED_ORDINALS, OnConflict, OwnedRows, RowSource, RowWriter,
    SourceError,
};
pub use codes::CODES;
pub use database::{Database, IfMissing, OpenOptions};
pub use dialect::Dialect;
pub use error::{DbError, DriverError};
pub use migration::{Ddl, Migration, migrate};
pub use row::Row;
pub use transaction::{Reads, Transaction};
pub use url::{DatabaseUrl, UrlProblem};
pub use walk::{Met, WalkRow, WalkSide};
