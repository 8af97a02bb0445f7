//! A place to read from: the database, or a transaction that sees its own changes.

use crate::db::{Database, DbError, Dialect, Row, Transaction};
use crate::value::Value;

/// Where a query runs.
#[derive(Debug)]
pub enum Reader<'a> {
    /// On a connection of its own: what is committed.
    Database(&'a Database),
    /// In a transaction: what it changed, too.
    Transaction(&'a mut Transaction),
}

impl<'a> From<&'a Database> for Reader<'a> {
    fn from(database: &'a Database) -> Self {
        Self::Database(database)
    }
}

impl<'a> From<&'a mut Transaction> for Reader<'a> {
    fn from(transaction: &'a mut Transaction) -> Self {
        Self::Transaction(transaction)
    }
}

impl Reader<'_> {
    pub(super) fn dialect(&self) -> Dialect {
        match self {
            Self::Database(database) => database.dialect(),
            Self::Transaction(transaction) => transaction.dialect(),
        }
    }

    pub(super) async fn query(&mut self, sql: &str, args: &[Value]) -> Result<Vec<Row>, DbError> {
        match self {
            Self::Database(database) => database.query(sql, args).await,
            Self::Transaction(transaction) => transaction.query(sql, args).await,
        }
    }

    pub(super) async fn query_one(&mut self, sql: &str, args: &[Value]) -> Result<Row, DbError> {
        match self {
            Self::Database(database) => database.query_one(sql, args).await,
            Self::Transaction(transaction) => transaction.query_one(sql, args).await,
        }
    }

    pub(super) async fn each<E: From<DbError> + Send>(
        &mut self,
        sql: &str,
        args: &[Value],
        see: impl FnMut(&Row) -> Result<(), E> + Send,
    ) -> Result<(), E> {
        match self {
            Self::Database(database) => database.each(sql, args, see).await,
            Self::Transaction(transaction) => transaction.each(sql, args, see).await,
        }
    }
}
