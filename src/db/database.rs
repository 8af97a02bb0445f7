//! An open database: a pool of connections behind one small interface.

use super::lent::with_handle;
use super::{DatabaseUrl, DbError, Dialect, Row, Transaction, postgres, sqlite};
use crate::value::Value;
use sqlx::{PgPool, SqlitePool};
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::Semaphore;

/// How a database is opened.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OpenOptions {
    /// The most connections at a time; at least 1.
    pub pool_size: u32,
    /// How long to wait for a connection, for another writer (SQLite) or for a lock (PostgreSQL).
    pub busy_timeout: Duration,
    /// What to do when the SQLite file does not exist.
    pub if_missing: IfMissing,
}

impl Default for OpenOptions {
    /// Eight connections, 60 seconds, a missing file is created.
    fn default() -> Self {
        Self {
            pool_size: 8,
            busy_timeout: Duration::from_mins(1),
            if_missing: IfMissing::Create,
        }
    }
}

/// What to do when the SQLite file does not exist. PostgreSQL databases are never created.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum IfMissing {
    /// Create it, with its folder.
    Create,
    /// Fail.
    Refuse,
}

/// An open database; clones share it.
#[derive(Debug, Clone)]
pub struct Database {
    pool: Pool,
    /// The address without password, for messages.
    address: Arc<str>,
    busy_timeout: Duration,
}

#[derive(Debug, Clone)]
enum Pool {
    Sqlite {
        pool: SqlitePool,
        /// Writers of this process queue here in order; SQLite's own waiting is a lottery.
        turn: Arc<Semaphore>,
    },
    Postgres(PgPool),
}

impl Database {
    /// Opens the database at `url` and proves it by one connection.
    pub async fn open(url: &DatabaseUrl, options: &OpenOptions) -> Result<Self, DbError> {
        let failed = |source: sqlx::Error| DbError::Open {
            database: url.to_string(),
            source: source.into(),
        };
        let pool = match url.sqlite_path() {
            Some(path) => {
                if options.if_missing == IfMissing::Create {
                    create_folder(url, path)?;
                }
                Pool::Sqlite {
                    pool: sqlite::open(path, options).await.map_err(failed)?,
                    turn: Arc::new(Semaphore::new(1)),
                }
            }
            None => Pool::Postgres(postgres::open(url, options).await.map_err(failed)?),
        };
        Ok(Self {
            pool,
            address: url.to_string().into(),
            busy_timeout: options.busy_timeout,
        })
    }

    /// Which SQL it speaks.
    pub fn dialect(&self) -> Dialect {
        match self.pool {
            Pool::Sqlite { .. } => Dialect::Sqlite,
            Pool::Postgres(_) => Dialect::Postgres,
        }
    }

    /// Begins a transaction that may write. On SQLite it is the sole writer from here on
    /// (`BEGIN IMMEDIATE`; a reader's upgrade would fail at once), so a task that holds one must
    /// not ask this database for another. On PostgreSQL it reads committed rows.
    pub async fn begin(&self) -> Result<Transaction, DbError> {
        match &self.pool {
            Pool::Sqlite { pool, turn } => {
                let permit = tokio::time::timeout(self.busy_timeout, turn.clone().acquire_owned())
                    .await
                    .map_err(|_elapsed| self.busy())?
                    // Only a closed semaphore refuses, and nobody closes this one.
                    .map_err(|_closed| self.busy())?;
                let begun = pool.begin_with("BEGIN IMMEDIATE").await;
                let transaction = begun.map_err(|error| self.begin_error(error))?;
                Ok(Transaction::sqlite(transaction, permit, pool.clone()))
            }
            Pool::Postgres(pool) => {
                let begun = pool.begin().await;
                let transaction = begun.map_err(|error| self.begin_error(error))?;
                Ok(Transaction::postgres(transaction))
            }
        }
    }

    /// Runs one statement in a transaction of its own and returns how many rows it changed.
    pub async fn execute(&self, sql: &str, args: &[Value]) -> Result<u64, DbError> {
        let mut transaction = self.begin().await?;
        let changed = transaction.execute(sql, args).await?;
        transaction.commit().await?;
        Ok(changed)
    }

    /// All rows of a query, in memory: for results that the caller knows to be small.
    pub async fn query(&self, sql: &str, args: &[Value]) -> Result<Vec<Row>, DbError> {
        match &self.pool {
            Pool::Sqlite { pool, .. } => {
                let mut connection = pool.acquire().await.map_err(|e| self.begin_error(e))?;
                with_handle(&mut connection, |lent| sqlite::collect(lent, sql, args))
                    .await
                    .map_err(|error| DbError::statement(sql, error))?
            }
            Pool::Postgres(pool) => {
                let mut connection = pool.acquire().await.map_err(|e| self.begin_error(e))?;
                postgres::collect(&mut connection, sql, args).await
            }
        }
    }

    /// The first row of a query; [`DbError::NoRow`] if there is none.
    pub async fn query_one(&self, sql: &str, args: &[Value]) -> Result<Row, DbError> {
        first(sql, self.query(sql, args).await?)
    }

    /// The first row of a query, if there is one.
    pub async fn query_optional(&self, sql: &str, args: &[Value]) -> Result<Option<Row>, DbError> {
        Ok(self.query(sql, args).await?.into_iter().next())
    }

    /// Shows each row of a query to `see`, one at a time; memory stays flat. All rows come from one
    /// moment of the database. The first error of `see` ends it.
    pub async fn each<E: From<DbError> + Send>(
        &self,
        sql: &str,
        args: &[Value],
        see: impl FnMut(&Row) -> Result<(), E> + Send,
    ) -> Result<(), E> {
        match &self.pool {
            Pool::Sqlite { pool, .. } => {
                let mut connection = pool.acquire().await.map_err(|e| self.begin_error(e))?;
                with_handle(&mut connection, |lent| sqlite::each(lent, sql, args, see))
                    .await
                    .map_err(|error| DbError::statement(sql, error))?
            }
            Pool::Postgres(pool) => {
                let mut connection = pool.acquire().await.map_err(|e| self.begin_error(e))?;
                postgres::each(&mut connection, sql, args, see).await
            }
        }
    }

    /// Waits until every connection is back and closes them. SQLite then empties its log.
    pub async fn close(self) {
        match self.pool {
            Pool::Sqlite { pool, .. } => pool.close().await,
            Pool::Postgres(pool) => pool.close().await,
        }
    }

    fn busy(&self) -> DbError {
        DbError::Busy {
            database: self.address.to_string(),
            waited_secs: self.busy_timeout.as_secs(),
        }
    }

    fn begin_error(&self, source: sqlx::Error) -> DbError {
        DbError::Begin {
            database: self.address.to_string(),
            source: source.into(),
        }
    }
}

pub(super) fn first(sql: &str, rows: Vec<Row>) -> Result<Row, DbError> {
    rows.into_iter().next().ok_or_else(|| DbError::NoRow {
        statement: super::error::shorten(sql),
    })
}

fn create_folder(url: &DatabaseUrl, path: &std::path::Path) -> Result<(), DbError> {
    let Some(folder) = path
        .parent()
        .filter(|folder| !folder.as_os_str().is_empty())
    else {
        return Ok(());
    };
    std::fs::create_dir_all(folder).map_err(|source| DbError::Folder {
        database: url.to_string(),
        source,
    })
}
