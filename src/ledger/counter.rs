//! Numbers without holes.

use super::LedgerError;
use crate::db::Transaction;
use crate::value::Value;

/// The next number of the counter `name`, from 1.
///
/// A number taken by a transaction that is rolled back is given again: there are no holes. For
/// the same reason the counter stays locked until the transaction ends and all others that want a
/// number wait: take it as the **last** statement of a load transaction, after the bulk load.
pub async fn next_number(tx: &mut Transaction, name: &str) -> Result<i64, LedgerError> {
    reserve(tx, name, 1).await
}

/// A moment that this counter never gave before: `now` in milliseconds since 1970, or the one after
/// the last given. Locked until the transaction ends, as [`next_number`] is.
pub async fn next_moment(tx: &mut Transaction, name: &str, now: i64) -> Result<i64, LedgerError> {
    let sql = "INSERT INTO ledger_counter (name, taken) VALUES ($1, $2) \
               ON CONFLICT (name) DO UPDATE SET taken = CASE \
               WHEN excluded.taken > ledger_counter.taken THEN excluded.taken \
               ELSE ledger_counter.taken + 1 END RETURNING taken";
    let row = tx.query_one(sql, &[name.into(), Value::Int(now)]).await?;
    Ok(row.int(0)?)
}

/// The first of `count` numbers in a row, as [`next_number`] gives one; `count` is at least 1.
pub async fn reserve(tx: &mut Transaction, name: &str, count: u32) -> Result<i64, LedgerError> {
    let sql = "INSERT INTO ledger_counter (name, taken) VALUES ($1, $2) \
               ON CONFLICT (name) DO UPDATE SET taken = ledger_counter.taken + excluded.taken \
               RETURNING taken";
    let count = i64::from(count.max(1));
    let row = tx.query_one(sql, &[name.into(), Value::Int(count)]).await?;
    Ok(row.int(0)? - count + 1)
}
