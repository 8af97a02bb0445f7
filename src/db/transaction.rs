//! A transaction: ledger statements and bulk loads that become visible together or not at all.

use super::database::first;
use super::lent::with_handle;
use super::{
    BulkInsert, BulkOutcome, DbError, Dialect, Met, Row, RowSource, WalkSide, postgres,
    postgres_bulk, sqlite, sqlite_bulk, walk,
};
use crate::value::Value;
use sqlx::pool::PoolConnection;
use sqlx::{Postgres, Sqlite, SqlitePool};
use tokio::sync::OwnedSemaphorePermit;

/// An open transaction. Dropped without [`Transaction::commit`] it is rolled back.
///
/// After an error, or a call that was cancelled, every further call gives
/// [`DbError::TransactionFailed`]; nothing of it will be stored.
#[must_use = "a transaction that is not committed is rolled back"]
pub struct Transaction {
    inner: Inner,
    failed: bool,
    /// Whether a statement may have changed a row.
    has_written: bool,
}

/// What a walk of two lists must see.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reads {
    /// What this transaction itself changed.
    Own,
    /// What is committed: the transaction has changed nothing that the lists read.
    Committed,
}

enum Inner {
    /// The transaction comes first: it is rolled back before the next writer's turn begins.
    Sqlite(
        sqlx::Transaction<'static, Sqlite>,
        OwnedSemaphorePermit,
        SqlitePool,
    ),
    Postgres(sqlx::Transaction<'static, Postgres>),
}

impl Transaction {
    pub(super) fn sqlite(
        transaction: sqlx::Transaction<'static, Sqlite>,
        turn: OwnedSemaphorePermit,
        pool: SqlitePool,
    ) -> Self {
        Self {
            inner: Inner::Sqlite(transaction, turn, pool),
            failed: false,
            has_written: false,
        }
    }

    pub(super) fn postgres(transaction: sqlx::Transaction<'static, Postgres>) -> Self {
        Self {
            inner: Inner::Postgres(transaction),
            failed: false,
            has_written: false,
        }
    }

    /// Which SQL it speaks.
    pub fn dialect(&self) -> Dialect {
        match self.inner {
            Inner::Sqlite(..) => Dialect::Sqlite,
            Inner::Postgres(_) => Dialect::Postgres,
        }
    }

    /// Runs one statement and returns how many rows it changed.
    pub async fn execute(&mut self, sql: &str, args: &[Value]) -> Result<u64, DbError> {
        self.enter()?;
        self.has_written = true;
        let changed = match &mut self.inner {
            Inner::Sqlite(tx, ..) => with_handle(tx, |lent| sqlite::execute(lent, sql, [args]))
                .await
                .map_err(|error| DbError::statement(sql, error))??,
            Inner::Postgres(tx) => postgres::execute(tx, sql, args).await?,
        };
        self.failed = false;
        Ok(changed)
    }

    /// Runs one statement for each of `rows` and returns how many rows they changed together. For
    /// some hundred rows; more belong into [`Transaction::bulk_insert`].
    pub async fn execute_many(&mut self, sql: &str, rows: &[Vec<Value>]) -> Result<u64, DbError> {
        self.enter()?;
        self.has_written = true;
        let changed = match &mut self.inner {
            Inner::Sqlite(tx, ..) => with_handle(tx, |lent| {
                sqlite::execute(lent, sql, rows.iter().map(Vec::as_slice))
            })
            .await
            .map_err(|error| DbError::statement(sql, error))??,
            Inner::Postgres(tx) => {
                let mut changed = 0;
                for args in rows {
                    changed += postgres::execute(tx, sql, args).await?;
                }
                changed
            }
        };
        self.failed = false;
        Ok(changed)
    }

    /// All rows of a query, in memory: for results that the caller knows to be small.
    pub async fn query(&mut self, sql: &str, args: &[Value]) -> Result<Vec<Row>, DbError> {
        self.enter()?;
        let rows = match &mut self.inner {
            Inner::Sqlite(tx, ..) => with_handle(tx, |lent| sqlite::collect(lent, sql, args))
                .await
                .map_err(|error| DbError::statement(sql, error))??,
            Inner::Postgres(tx) => postgres::collect(tx, sql, args).await?,
        };
        self.failed = false;
        Ok(rows)
    }

    /// The first row of a query; [`DbError::NoRow`] if there is none (the transaction goes on).
    pub async fn query_one(&mut self, sql: &str, args: &[Value]) -> Result<Row, DbError> {
        first(sql, self.query(sql, args).await?)
    }

    /// The first row of a query, if there is one.
    pub async fn query_optional(
        &mut self,
        sql: &str,
        args: &[Value],
    ) -> Result<Option<Row>, DbError> {
        Ok(self.query(sql, args).await?.into_iter().next())
    }

    /// Shows each row of a query to `see`, one at a time; memory stays flat. The first error of
    /// `see` ends it, and with it the transaction.
    pub async fn each<E: From<DbError> + Send>(
        &mut self,
        sql: &str,
        args: &[Value],
        see: impl FnMut(&Row) -> Result<(), E> + Send,
    ) -> Result<(), E> {
        self.enter()?;
        match &mut self.inner {
            Inner::Sqlite(tx, ..) => {
                with_handle(tx, |lent| sqlite::each(lent, sql, args, see))
                    .await
                    .map_err(|error| DbError::statement(sql, error))??;
            }
            Inner::Postgres(tx) => postgres::each(tx, sql, args, see).await?,
        }
        self.failed = false;
        Ok(())
    }

    /// Inserts many rows, by the fastest way the database has, and says which keys it knew.
    pub async fn bulk_insert(
        &mut self,
        insert: &BulkInsert,
        rows: &mut dyn RowSource,
    ) -> Result<BulkOutcome, DbError> {
        self.enter()?;
        self.has_written = true;
        insert.check()?;
        let outcome = match &mut self.inner {
            Inner::Sqlite(tx, ..) => with_handle(tx, |lent| sqlite_bulk::load(lent, insert, rows))
                .await
                .map_err(|error| DbError::statement("bulk insert", error))??,
            Inner::Postgres(tx) => postgres_bulk::load(tx, insert, rows).await?,
        };
        self.failed = false;
        Ok(outcome)
    }

    /// Whether a statement of it may have changed a row.
    pub fn has_written(&self) -> bool {
        self.has_written
    }

    /// Walks two ordered lists side by side, which share their first `keys` columns; `see` says of
    /// a pair whether it agrees. What has no counterpart that agrees is kept by its side's insert.
    /// With [`Reads::Committed`] the caller knows that this transaction changed nothing that the
    /// lists read: two threads then read one list each.
    ///
    /// For SQLite; on PostgreSQL it gives [`DbError::Unsupported`].
    pub async fn walk<E: From<DbError> + Send>(
        &mut self,
        sides: &[WalkSide; 2],
        keys: usize,
        reads: Reads,
        see: impl FnMut(Met<'_>) -> Result<bool, E> + Send,
    ) -> Result<(), E> {
        self.enter()?;
        let Inner::Sqlite(tx, _, pool) = &mut self.inner else {
            return Err(DbError::Unsupported {
                what: "a walk of two lists",
            }
            .into());
        };
        self.has_written = true;
        let [first, second] = sides;
        let beside = match reads {
            Reads::Committed => beside(pool).await,
            Reads::Own => None,
        };
        let begun = beside.and_then(|connection| walk::Reading::begin(connection, second));
        let (reading, arriving) = begun.unzip();
        let walked = with_handle(tx, |lent| walk::walk(lent, sides, keys, arriving, see)).await;
        if let Some(reading) = reading {
            reading.end();
        }
        walked.map_err(|error| DbError::statement(&first.sql, error))??;
        self.failed = false;
        Ok(())
    }

    /// Stores everything, durably, before it returns. See [`DbError::CommitUnknown`].
    pub async fn commit(self) -> Result<(), DbError> {
        if self.failed {
            // The failure is the news; a rollback that fails too leaves the same nothing.
            drop(self.rollback().await);
            return Err(DbError::TransactionFailed);
        }
        let dialect = self.dialect();
        match self.inner {
            Inner::Sqlite(transaction, _turn, _) => transaction.commit().await,
            Inner::Postgres(transaction) => transaction.commit().await,
        }
        .map_err(|error| DbError::commit(dialect, error))
    }

    /// Undoes everything; on return the next writer may begin.
    pub async fn rollback(self) -> Result<(), DbError> {
        match self.inner {
            Inner::Sqlite(transaction, _turn, _) => transaction.rollback().await,
            Inner::Postgres(transaction) => transaction.rollback().await,
        }
        .map_err(|error| DbError::statement("ROLLBACK", error))
    }

    /// Every call fails the transaction until it has succeeded: an error, a `?` and a cancelled
    /// future all leave it failed.
    fn enter(&mut self) -> Result<(), DbError> {
        if self.failed {
            return Err(DbError::TransactionFailed);
        }
        self.failed = true;
        Ok(())
    }
}

/// Another connection, if one is free: whoever waits for one inside a transaction may wait for
/// itself. A runtime of one thread could not drive both.
async fn beside(pool: &SqlitePool) -> Option<PoolConnection<Sqlite>> {
    let runtime = tokio::runtime::Handle::try_current().ok()?;
    if runtime.runtime_flavor() != tokio::runtime::RuntimeFlavor::MultiThread {
        return None;
    }
    if let Some(idle) = pool.try_acquire() {
        return Some(idle);
    }
    if pool.size() < pool.options().get_max_connections() {
        return pool.acquire().await.ok();
    }
    None
}

impl std::fmt::Debug for Transaction {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Transaction")
            .field("dialect", &self.dialect())
            .field("failed", &self.failed)
            .finish_non_exhaustive()
    }
}
