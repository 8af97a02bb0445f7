//! One error over two drivers, with the questions that callers ask.

use super::codes;
use super::{Dialect, SourceError, ValueProblem};
use crate::diag::Code;
use std::fmt;

/// What a driver said. Opaque: ask [`DbError`].
#[derive(Debug)]
pub struct DriverError(Box<Driver>);

#[derive(Debug)]
enum Driver {
    Sqlx(sqlx::Error),
    Rusqlite(rusqlite::Error),
}

/// Why a database did not do what was asked.
#[derive(Debug, thiserror::Error)]
pub enum DbError {
    /// The database could not be opened.
    #[error("cannot open {database}: {source}")]
    Open {
        /// Its address, without password.
        database: String,
        /// The driver's reason.
        source: DriverError,
    },
    /// The folder for a new SQLite file could not be made.
    #[error("cannot create the folder of {database}: {source}")]
    Folder {
        /// Its address.
        database: String,
        /// The system's reason.
        source: std::io::Error,
    },
    /// No connection or no transaction could be had.
    #[error("cannot begin to work on {database}: {source}")]
    Begin {
        /// Its address, without password.
        database: String,
        /// The driver's reason.
        source: DriverError,
    },
    /// Other writers of this process held a SQLite database for too long.
    #[error(
        "{database} was being written for {waited_secs} seconds; try again when the other load is done"
    )]
    Busy {
        /// Its address.
        database: String,
        /// How long this one waited.
        waited_secs: u64,
    },
    /// A statement failed.
    #[error("statement `{statement}` failed: {source}")]
    Statement {
        /// The beginning of the statement, without arguments.
        statement: String,
        /// The driver's reason.
        source: DriverError,
    },
    /// The commit was refused: nothing was stored.
    #[error("the commit was refused and nothing was stored: {source}")]
    Commit {
        /// The driver's reason.
        source: DriverError,
    },
    /// The connection broke between sending the commit and its answer: all or nothing was
    /// stored, and only a look by identity can tell which.
    #[error(
        "the answer to the commit was lost: the transaction may or may not be stored; look before doing it again: {source}"
    )]
    CommitUnknown {
        /// The driver's reason.
        source: DriverError,
    },
    /// The transaction was used after one of its statements had failed.
    #[error("an earlier statement of this transaction failed; it can only be rolled back")]
    TransactionFailed,
    /// A query that promises a row gave none.
    #[error("statement `{statement}` found no row and one was expected")]
    NoRow {
        /// The beginning of the statement.
        statement: String,
    },
    /// A column of a row is not what the caller reads.
    #[error(
        "column {column} of the result: expected {expected}, found {found} (sums need a CAST to BIGINT)"
    )]
    Cell {
        /// The column, from 0.
        column: usize,
        /// What was asked for.
        expected: &'static str,
        /// What the database gave.
        found: String,
    },
    /// A value that cannot be stored.
    #[error("value {position} cannot be stored: {problem}")]
    Value {
        /// The argument or column, from 1.
        position: usize,
        /// Why.
        problem: ValueProblem,
    },
    /// More or fewer arguments than the statement names.
    #[error("statement `{statement}` names ${named} and has {given} arguments")]
    Arguments {
        /// The beginning of the statement.
        statement: String,
        /// The parameter.
        named: String,
        /// How many arguments were given.
        given: usize,
    },
    /// The database at hand has no way to do it; a caller that asks nevertheless is wrong.
    #[error("this database cannot do {what}")]
    Unsupported {
        /// What was asked for.
        what: &'static str,
    },
    /// A bulk insert that contradicts itself or its rows.
    #[error("bulk insert into `{table}`: {problem}")]
    Bulk {
        /// The table.
        table: String,
        /// What is wrong.
        problem: String,
    },
    /// The source of a bulk insert failed.
    #[error("bulk insert into `{table}`: its source failed at row {row}: {source}")]
    Source {
        /// The table.
        table: String,
        /// The row that was asked for, from 0.
        row: u64,
        /// The source's reason.
        source: SourceError,
    },
    /// The database was made by a later program.
    #[error(
        "the database has migration {found} and this program knows up to {known}; use the newer program"
    )]
    Newer {
        /// The highest version recorded.
        found: i64,
        /// The highest version known.
        known: i64,
    },
    /// A recorded migration has another name than the known one of its number.
    #[error(
        "migration {version} is recorded as `{recorded}` and this program knows it as `{known}`; the database belongs to another program"
    )]
    OtherMigration {
        /// The number.
        version: i64,
        /// The name in the database.
        recorded: String,
        /// The name in this program.
        known: String,
    },
    /// One statement of a migration failed; the migration left nothing.
    #[error("migration {version} `{name}` failed and left nothing: {source}")]
    Migration {
        /// The number.
        version: i64,
        /// The name.
        name: String,
        /// What failed.
        source: Box<DbError>,
    },
}

impl DbError {
    /// Whether a key or unique column is already taken.
    pub fn is_unique_violation(&self) -> bool {
        self.driver().is_some_and(DriverError::is_unique_violation)
    }

    /// Whether the same work may succeed later, unchanged: busy, deadlock, serialisation failure,
    /// server starting or stopping, connection lost before the commit was sent. Never true of
    /// [`DbError::CommitUnknown`].
    pub fn is_transient(&self) -> bool {
        match self {
            Self::Busy { .. } => true,
            Self::CommitUnknown { .. } => false,
            Self::Migration { source, .. } => source.is_transient(),
            _ => self.driver().is_some_and(DriverError::is_transient),
        }
    }

    /// Whether it is unknown if the transaction was stored.
    pub fn is_commit_unknown(&self) -> bool {
        matches!(self, Self::CommitUnknown { .. })
    }

    /// The code for messages, JSON and the ledger.
    pub fn code(&self) -> &'static Code {
        match self {
            Self::Open { .. } | Self::Folder { .. } => &codes::UNREACHABLE,
            Self::CommitUnknown { .. } => &codes::COMMIT_UNKNOWN,
            Self::Newer { .. } | Self::OtherMigration { .. } => &codes::OTHER_PROGRAM,
            Self::Value { .. } => &codes::VALUE,
            Self::Source { .. } => &codes::SOURCE,
            other if other.is_transient() => &codes::BUSY,
            _ => &codes::REFUSED,
        }
    }

    fn driver(&self) -> Option<&DriverError> {
        match self {
            Self::Open { source, .. }
            | Self::Begin { source, .. }
            | Self::Statement { source, .. }
            | Self::Commit { source }
            | Self::CommitUnknown { source } => Some(source),
            Self::Migration { source, .. } => source.driver(),
            _ => None,
        }
    }

    pub(super) fn statement(sql: &str, source: impl Into<DriverError>) -> Self {
        Self::Statement {
            statement: shorten(sql),
            source: source.into(),
        }
    }

    /// Decides between a refused commit and one whose fate is unknown.
    pub(super) fn commit(dialect: Dialect, source: sqlx::Error) -> Self {
        let source = DriverError::from(source);
        let unknown = match source.code() {
            // SQLITE_IOERR: the log may hold the commit although its sync was not confirmed.
            Some(Vendor::Sqlite(code)) => code & 0xff == rusqlite::ffi::SQLITE_IOERR,
            Some(Vendor::Postgres(code)) => code.starts_with("08") || code.starts_with("57P"),
            None => {
                dialect == Dialect::Postgres
                    || matches!(*source.0, Driver::Sqlx(sqlx::Error::WorkerCrashed))
            }
        };
        if unknown {
            Self::CommitUnknown { source }
        } else {
            Self::Commit { source }
        }
    }
}

/// A code that a database gave.
enum Vendor<'a> {
    /// SQLite's extended result code.
    Sqlite(i32),
    /// PostgreSQL's SQLSTATE.
    Postgres(&'a str),
}

impl DriverError {
    fn code(&self) -> Option<Vendor<'_>> {
        match &*self.0 {
            Driver::Rusqlite(error) => error
                .sqlite_error()
                .map(|failure| Vendor::Sqlite(failure.extended_code)),
            Driver::Sqlx(sqlx::Error::Database(error)) => {
                if let Some(error) = error.try_downcast_ref::<sqlx::postgres::PgDatabaseError>() {
                    return Some(Vendor::Postgres(error.code()));
                }
                let code = error.code()?.parse().ok()?;
                Some(Vendor::Sqlite(code))
            }
            Driver::Sqlx(_) => None,
        }
    }

    fn is_unique_violation(&self) -> bool {
        use rusqlite::ffi::{SQLITE_CONSTRAINT_PRIMARYKEY, SQLITE_CONSTRAINT_UNIQUE};
        match self.code() {
            Some(Vendor::Sqlite(code)) => {
                code == SQLITE_CONSTRAINT_PRIMARYKEY || code == SQLITE_CONSTRAINT_UNIQUE
            }
            Some(Vendor::Postgres(code)) => code == "23505",
            None => false,
        }
    }

    fn is_transient(&self) -> bool {
        use rusqlite::ffi::{SQLITE_BUSY, SQLITE_LOCKED};
        match self.code() {
            Some(Vendor::Sqlite(code)) => matches!(code & 0xff, SQLITE_BUSY | SQLITE_LOCKED),
            // Serialisation failure, deadlock, lock timeout, too many connections, the server
            // stopping or starting, the connection lost: PostgreSQL, appendix A.
            Some(Vendor::Postgres(code)) => {
                matches!(code, "40001" | "40P01" | "55P03" | "53300")
                    || code.starts_with("57P")
                    || code.starts_with("08")
            }
            None => match &*self.0 {
                Driver::Sqlx(sqlx::Error::Io(error)) => is_transient_io(error),
                Driver::Sqlx(sqlx::Error::PoolTimedOut) => true,
                _ => false,
            },
        }
    }
}

fn is_transient_io(error: &std::io::Error) -> bool {
    use std::io::ErrorKind;
    !matches!(
        error.kind(),
        ErrorKind::NotFound | ErrorKind::PermissionDenied | ErrorKind::InvalidInput
    )
}

impl fmt::Display for DriverError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &*self.0 {
            Driver::Sqlx(error) => error.fmt(f),
            Driver::Rusqlite(error) => error.fmt(f),
        }
    }
}

impl std::error::Error for DriverError {}

impl From<sqlx::Error> for DriverError {
    fn from(error: sqlx::Error) -> Self {
        Self(Box::new(Driver::Sqlx(error)))
    }
}

impl From<rusqlite::Error> for DriverError {
    fn from(error: rusqlite::Error) -> Self {
        Self(Box::new(Driver::Rusqlite(error)))
    }
}

/// The beginning of a statement on one line, at most 120 characters.
pub(super) fn shorten(sql: &str) -> String {
    let mut text = sql.split_whitespace().collect::<Vec<_>>().join(" ");
    if let Some((at, _)) = text.char_indices().nth(120) {
        text.truncate(at);
        text.push('…');
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_long_statement_is_shown_on_one_short_line() {
        assert_eq!(shorten("SELECT\n   1"), "SELECT 1");
        assert_eq!(shorten(&"值 ".repeat(200)).chars().count(), 121);
    }

    #[test]
    fn a_commit_whose_answer_was_lost_is_unknown_and_not_transient() {
        let lost = || sqlx::Error::Io(std::io::ErrorKind::ConnectionReset.into());
        let error = DbError::commit(Dialect::Postgres, lost());
        assert!(error.is_commit_unknown() && !error.is_transient());
        assert_eq!(error.code().id, "commit-unknown");
        let earlier = DbError::statement("SELECT 1", lost());
        assert!(earlier.is_transient() && !earlier.is_commit_unknown());
        assert_eq!(earlier.code().id, "store-busy");
    }
}
