//! PostgreSQL: opening a pool, and statements on a connection.

use super::{DatabaseUrl, DbError, OpenOptions, Row, bounds};
use crate::value::{Kind, Value};
use chrono::{DateTime, NaiveDate, Utc};
use sqlx::postgres::{PgArguments, PgConnectOptions, PgPool, PgPoolOptions};
use sqlx::{Arguments, AssertSqlSafe, ConnectOptions, PgConnection, Postgres};
use std::str::FromStr;

pub(super) async fn open(url: &DatabaseUrl, options: &OpenOptions) -> Result<PgPool, sqlx::Error> {
    // Waiting for a lock has the same end as on SQLite.
    let lock_timeout = options.busy_timeout.as_millis().to_string();
    let connect = PgConnectOptions::from_str(url.postgres_text())?
        .application_name("dukou")
        .options([("lock_timeout", lock_timeout.as_str())])
        .disable_statement_logging();
    PgPoolOptions::new()
        .max_connections(options.pool_size)
        .acquire_timeout(options.busy_timeout)
        .connect_with(connect)
        .await
}

pub(super) async fn execute(
    connection: &mut PgConnection,
    sql: &str,
    args: &[Value],
) -> Result<u64, DbError> {
    let done = query(sql, args)?
        .execute(connection)
        .await
        .map_err(|error| DbError::statement(sql, error))?;
    Ok(done.rows_affected())
}

pub(super) async fn collect(
    connection: &mut PgConnection,
    sql: &str,
    args: &[Value],
) -> Result<Vec<Row>, DbError> {
    let rows = query(sql, args)?
        .fetch_all(connection)
        .await
        .map_err(|error| DbError::statement(sql, error))?;
    Ok(rows.into_iter().map(Row::from_postgres).collect())
}

pub(super) async fn each<E: From<DbError>>(
    connection: &mut PgConnection,
    sql: &str,
    args: &[Value],
    mut see: impl FnMut(&Row) -> Result<(), E> + Send,
) -> Result<(), E> {
    let mut rows = query(sql, args)?.fetch(connection);
    while let Some(row) = std::future::poll_fn(|context| rows.as_mut().poll_next(context)).await {
        let row = row.map_err(|error| DbError::statement(sql, error))?;
        see(&Row::from_postgres(row))?;
    }
    Ok(())
}

type Query<'q> = sqlx::query::Query<'q, Postgres, PgArguments>;

fn query<'q>(sql: &str, args: &[Value]) -> Result<Query<'q>, DbError> {
    let mut arguments = PgArguments::default();
    for (index, value) in args.iter().enumerate() {
        let position = index + 1;
        bounds::check(value.borrow()).map_err(|problem| DbError::Value { position, problem })?;
        bind(&mut arguments, value)
            .map_err(|error| DbError::statement(sql, sqlx::Error::Encode(error)))?;
    }
    // Only statements with arguments come again; DDL must not fill the cache of prepared ones.
    Ok(sqlx::query_with(AssertSqlSafe(sql.to_owned()), arguments).persistent(!args.is_empty()))
}

fn bind(arguments: &mut PgArguments, value: &Value) -> Result<(), sqlx::error::BoxDynError> {
    match value {
        Value::Null(Kind::Int) => arguments.add(None::<i64>),
        Value::Null(Kind::Text) => arguments.add(None::<&str>),
        Value::Null(Kind::Date) => arguments.add(None::<NaiveDate>),
        Value::Null(Kind::Instant) => arguments.add(None::<DateTime<Utc>>),
        Value::Null(Kind::Bytes) => arguments.add(None::<&[u8]>),
        Value::Int(value) => arguments.add(*value),
        Value::Text(value) => arguments.add(value.as_str()),
        Value::Date(value) => arguments.add(*value),
        Value::Instant(value) => arguments.add(*value),
        Value::Bytes(value) => arguments.add(value.as_slice()),
    }
}
