//! A transaction: ledger statements and bulk loads that become visible together or not at all.

use super::database::first;
use super::lent::with_handle;
use super::{
    BulkInsert, BulkOutcome, DbError, Dialect, Row, RowSource, postgres, postgres_bulk, sqlite,
    sqlite_bulk,
};
use crate::value::Value;
use sqlx::{Postgres, Sqlite};
use tokio::sync::OwnedSemaphorePermit;

/// An open transaction. Dropped without [`Transaction::commit`] it is rolled back.
///
/// After an error, or a call that was cancelled, every further call gives
/// [`DbError::TransactionFailed`]; nothing of it will be stored.
#[must_use = "a transaction that is not committed is rolled back"]
pub struct Transaction {
    inner: Inner,
    failed: bool,
}

enum Inner {
    /// The transaction comes first: it is rolled back before the next writer's turn begins.
    Sqlite(sqlx::Transaction<'static, Sqlite>, OwnedSemaphorePermit),
    Postgres(sqlx::Transaction<'static, Postgres>),
}

impl Transaction {
    pub(super) fn sqlite(
        transaction: sqlx::Transaction<'static, Sqlite>,
        turn: OwnedSemaphorePermit,
    ) -> Self {
        Self {
            inner: Inner::Sqlite(transaction, turn),
            failed: false,
        }
    }

    pub(super) fn postgres(transaction: sqlx::Transaction<'static, Postgres>) -> Self {
        Self {
            inner: Inner::Postgres(transaction),
            failed: false,
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
        let changed = match &mut self.inner {
            Inner::Sqlite(tx, _) => with_handle(tx, |lent| sqlite::execute(lent, sql, [args]))
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
        let changed = match &mut self.inner {
            Inner::Sqlite(tx, _) => with_handle(tx, |lent| {
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
            Inner::Sqlite(tx, _) => with_handle(tx, |lent| sqlite::collect(lent, sql, args))
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
            Inner::Sqlite(tx, _) => {
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
        insert.check()?;
        let outcome = match &mut self.inner {
            Inner::Sqlite(tx, _) => with_handle(tx, |lent| sqlite_bulk::load(lent, insert, rows))
                .await
                .map_err(|error| DbError::statement("bulk insert", error))??,
            Inner::Postgres(tx) => postgres_bulk::load(tx, insert, rows).await?,
        };
        self.failed = false;
        Ok(outcome)
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
            Inner::Sqlite(transaction, _turn) => transaction.commit().await,
            Inner::Postgres(transaction) => transaction.commit().await,
        }
        .map_err(|error| DbError::commit(dialect, error))
    }

    /// Undoes everything; on return the next writer may begin.
    pub async fn rollback(self) -> Result<(), DbError> {
        match self.inner {
            Inner::Sqlite(transaction, _turn) => transaction.rollback().await,
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

impl std::fmt::Debug for Transaction {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Transaction")
            .field("dialect", &self.dialect())
            .field("failed", &self.failed)
            .finish_non_exhaustive()
    }
}
