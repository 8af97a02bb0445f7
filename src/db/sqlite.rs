//! SQLite: opening a pool, and statements on a lent connection.

use super::error::shorten;
use super::{DbError, IfMissing, OpenOptions, Row, bounds};
use crate::value::{Value, ValueRef};
use rusqlite::ToSql;
use rusqlite::types::{ToSqlOutput, ValueRef as SqlValue};
use sqlx::sqlite::{
    SqliteConnectOptions, SqliteJournalMode, SqlitePool, SqlitePoolOptions, SqliteSynchronous,
};
use sqlx::{ConnectOptions, Connection};
use std::path::Path;
use std::time::Duration;
use tokio::time::Instant;

/// 32 KiB: 1.1 to 1.25 times the speed of 4 KiB pages on long loads, measured.
const PAGE_BYTES: u32 = 32 * 1024;

pub(super) async fn open(path: &Path, options: &OpenOptions) -> Result<SqlitePool, sqlx::Error> {
    let connect = SqliteConnectOptions::new()
        .filename(path)
        .create_if_missing(options.if_missing == IfMissing::Create)
        .busy_timeout(options.busy_timeout)
        // Before the journal mode, or a new file keeps SQLite's default size.
        .page_size(PAGE_BYTES)
        .journal_mode(SqliteJournalMode::Wal)
        .synchronous(SqliteSynchronous::Full)
        .foreign_keys(true)
        // 8 MiB for each connection: a larger cache was slower and breaks the memory promise.
        .pragma("cache_size", "-8192")
        // Sorts of unknown size go to disk.
        .pragma("temp_store", "FILE")
        // A ten-million-row load leaves a log of gigabytes; the next one starts small again.
        .pragma("journal_size_limit", "67108864")
        .pragma("trusted_schema", "OFF")
        .disable_statement_logging();
    let pool = SqlitePoolOptions::new()
        .max_connections(options.pool_size)
        .acquire_timeout(options.busy_timeout)
        .test_before_acquire(false)
        .after_release(|connection, _| {
            Box::pin(async move {
                // SQLite ends a transaction by itself on a full disk and the like. sqlx still
                // counts it then, and every later BEGIN on this connection would be refused.
                connection.ping().await?;
                Ok(!connection.is_in_transaction())
            })
        });
    let deadline = Instant::now() + options.busy_timeout;
    loop {
        match pool.clone().connect_with(connect.clone()).await {
            // Turning a new file's log on needs it alone, and SQLite does not wait for that when
            // another process is creating the same file.
            Err(error) if is_busy(&error) && Instant::now() < deadline => {
                tokio::time::sleep(Duration::from_millis(10)).await;
            }
            opened => return opened,
        }
    }
}

fn is_busy(error: &sqlx::Error) -> bool {
    let code = error
        .as_database_error()
        .and_then(|error| error.code()?.parse().ok());
    code.is_some_and(|code: i32| code & 0xff == rusqlite::ffi::SQLITE_BUSY)
}

/// Runs one statement for each of `rows` and returns how many rows they changed.
pub(super) fn execute<'a>(
    connection: &rusqlite::Connection,
    sql: &str,
    rows: impl IntoIterator<Item = &'a [Value]>,
) -> Result<u64, DbError> {
    let mut statement = prepare(connection, sql)?;
    let mut changed = 0;
    for args in rows {
        bind(&mut statement, sql, args)?;
        // `changes()` keeps its number when a statement, such as DDL, changes no row at all.
        let before = connection.total_changes();
        let rows = statement
            .raw_execute()
            .map_err(|error| DbError::statement(sql, error))?;
        if connection.total_changes() != before {
            changed += rows as u64;
        }
    }
    Ok(changed)
}

/// Runs a query and shows each row to `see`; the row is reused.
pub(super) fn each<E: From<DbError>>(
    connection: &rusqlite::Connection,
    sql: &str,
    args: &[Value],
    mut see: impl FnMut(&Row) -> Result<(), E>,
) -> Result<(), E> {
    let mut row = Row::for_sqlite();
    fetch(connection, sql, args, |from| {
        row.fill(from)
            .map_err(|error| DbError::statement(sql, error))?;
        see(&row)
    })
}

/// Runs a query and keeps its rows.
pub(super) fn collect(
    connection: &rusqlite::Connection,
    sql: &str,
    args: &[Value],
) -> Result<Vec<Row>, DbError> {
    let mut rows = Vec::new();
    fetch(connection, sql, args, |from| {
        let mut row = Row::for_sqlite();
        row.fill(from)
            .map_err(|error| DbError::statement(sql, error))?;
        rows.push(row);
        Ok::<_, DbError>(())
    })?;
    Ok(rows)
}

fn fetch<E: From<DbError>>(
    connection: &rusqlite::Connection,
    sql: &str,
    args: &[Value],
    mut see: impl FnMut(&rusqlite::Row<'_>) -> Result<(), E>,
) -> Result<(), E> {
    let mut statement = prepare(connection, sql)?;
    bind(&mut statement, sql, args)?;
    let mut rows = statement.raw_query();
    loop {
        match rows.next() {
            Ok(Some(row)) => see(row)?,
            Ok(None) => return Ok(()),
            Err(error) => return Err(DbError::statement(sql, error).into()),
        }
    }
}

pub(super) fn prepare<'c>(
    connection: &'c rusqlite::Connection,
    sql: &str,
) -> Result<rusqlite::Statement<'c>, DbError> {
    connection
        .prepare(sql)
        .map_err(|error| DbError::statement(sql, error))
}

/// Binds by number: SQLite itself takes `$2` for a name and numbers it by its first appearance.
pub(super) fn bind(
    statement: &mut rusqlite::Statement<'_>,
    sql: &str,
    args: &[Value],
) -> Result<(), DbError> {
    for place in 1..=statement.parameter_count() {
        let name = statement.parameter_name(place).unwrap_or("?");
        let number: Option<usize> = name.get(1..).and_then(|digits| digits.parse().ok());
        let Some((number, value)) = number.and_then(|n| Some((n, args.get(n.checked_sub(1)?)?)))
        else {
            return Err(DbError::Arguments {
                statement: shorten(sql),
                named: name.trim_start_matches('$').to_owned(),
                given: args.len(),
            });
        };
        bind_one(statement, place, value.borrow()).map_err(|problem| problem.at(sql, number))?;
    }
    Ok(())
}

/// Why one value could not be bound.
pub(super) enum BindProblem {
    Value(bounds::ValueProblem),
    Driver(rusqlite::Error),
}

impl BindProblem {
    pub(super) fn at(self, sql: &str, position: usize) -> DbError {
        match self {
            Self::Value(problem) => DbError::Value { position, problem },
            Self::Driver(error) => DbError::statement(sql, error),
        }
    }
}

/// Binds `value` at `place`, from 1; SQLite copies it.
pub(super) fn bind_one(
    statement: &mut rusqlite::Statement<'_>,
    place: usize,
    value: ValueRef<'_>,
) -> Result<(), BindProblem> {
    bounds::check(value).map_err(BindProblem::Value)?;
    let day;
    let value = match value {
        ValueRef::Null(_) => SqlValue::Null,
        ValueRef::Int(value) => SqlValue::Integer(value),
        ValueRef::Text(value) => SqlValue::Text(value.as_bytes()),
        ValueRef::Bytes(value) => SqlValue::Blob(value),
        ValueRef::Instant(value) => SqlValue::Integer(value.timestamp_micros()),
        ValueRef::Date(value) => {
            day = bounds::date_text(value);
            SqlValue::Text(&day)
        }
    };
    statement
        .raw_bind_parameter(place, Borrowed(value))
        .map_err(BindProblem::Driver)
}

struct Borrowed<'a>(SqlValue<'a>);

impl ToSql for Borrowed<'_> {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        Ok(ToSqlOutput::Borrowed(self.0))
    }
}
