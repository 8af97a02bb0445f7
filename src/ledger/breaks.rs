//! The breaks and matches of one reconciliation at any number: sums, and one after the other.

use chrono::NaiveDate;

use super::cell::Cell;
use super::reconciliation::{
    BreakKind, BreakRow, BreakState, ClosedAs, FundsEffect, MatchRow, ReconNo,
};
use super::{LedgerError, cell, sql};
use crate::db::{Database, DbError, Row};
use crate::id::FileNo;
use crate::value::Value;

/// Breaks that are alike, together.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BreakSum {
    /// What kind.
    pub kind: BreakKind,
    /// What they do to our funds.
    pub funds_effect: FundsEffect,
    /// How far their handling is.
    pub state: BreakState,
    /// Why they are closed.
    pub closed_as: Option<ClosedAs>,
    /// The reconciliation that closed them.
    pub closed_by: Option<ReconNo>,
    /// On which business day they were first found.
    pub first_seen: NaiveDate,
    /// How many.
    pub items: i64,
    /// The sum of their differences in 分.
    pub amount: i64,
    /// The sum of the differences' absolute values in 分, without those that are not known.
    pub size: i64,
    /// How many rows of our side they name.
    pub ours_rows: i64,
    /// What those come to, in 分.
    pub ours_amount: i64,
    /// How many rows of the other side they name.
    pub theirs_rows: i64,
    /// What those come to, in 分.
    pub theirs_amount: i64,
}

/// What tells sums apart.
const ALIKE: &str = "kind, funds_effect, state, closed_as, closed_by, first_seen";

/// Items of earlier days that the reconciliation `$1` closed for good.
const CLEARED: &str = "closed_by = $1 AND closed_as IN ('matched', 'gone') AND recon_no IN \
     (SELECT e.recon_no FROM ledger_reconciliation AS e JOIN ledger_reconciliation AS own \
     ON own.name = e.name WHERE own.recon_no = $1 AND e.business_date < own.business_date)";

/// The breaks of a reconciliation that matched rows, by all that tells sums apart.
pub async fn sum_breaks(db: &Database, recon: ReconNo) -> Result<Vec<BreakSum>, LedgerError> {
    sums(db, "recon_no = $1", recon).await
}

/// The same of what it closed of earlier days: what found its counterpart, and what is no row of
/// its side any more.
pub async fn sum_cleared(db: &Database, recon: ReconNo) -> Result<Vec<BreakSum>, LedgerError> {
    sums(db, CLEARED, recon).await
}

async fn sums(db: &Database, which: &str, recon: ReconNo) -> Result<Vec<BreakSum>, LedgerError> {
    let sum = |what: &str| format!("CAST(COALESCE(SUM({what}), 0) AS BIGINT)");
    let known = |side: &str| format!("({side}_key IS NULL OR {side}_amount IS NOT NULL)");
    let sql = format!(
        "SELECT {ALIKE}, COUNT(*), {amount}, {size}, COUNT(ours_key), {ours}, COUNT(theirs_key), \
         {theirs} FROM ledger_break WHERE {which} GROUP BY {ALIKE}",
        amount = sum("amount"),
        size = sum(&format!(
            "CASE WHEN {} AND {} THEN ABS(amount) ELSE 0 END",
            known("ours"),
            known("theirs")
        )),
        ours = sum("ours_amount"),
        theirs = sum("theirs_amount"),
    );
    let rows = db.query(&sql, &[Value::Int(recon.0)]).await?;
    let sums: Result<Vec<BreakSum>, LedgerError> = rows.iter().map(restore).collect();
    let mut sums = sums?;
    sums.sort_by_key(|sum| {
        let closed = (sum.closed_as, sum.closed_by);
        (
            sum.kind,
            sum.funds_effect,
            sum.first_seen,
            sum.state,
            closed,
        )
    });
    Ok(sums)
}

fn restore(row: &Row) -> Result<BreakSum, LedgerError> {
    fn word<T: Cell>(row: &Row, at: usize) -> Result<T, LedgerError> {
        cell::read(row, at, "ledger_break")
    }
    Ok(BreakSum {
        kind: word(row, 0)?,
        funds_effect: word(row, 1)?,
        state: word(row, 2)?,
        closed_as: word(row, 3)?,
        closed_by: word(row, 4)?,
        first_seen: word(row, 5)?,
        items: row.int(6)?,
        amount: row.int(7)?,
        size: row.int(8)?,
        ours_rows: row.int(9)?,
        ours_amount: row.int(10)?,
        theirs_rows: row.int(11)?,
        theirs_amount: row.int(12)?,
    })
}

/// Shows every break of a reconciliation, the most important first; memory stays flat.
pub async fn each_break<E: From<LedgerError> + From<DbError> + Send>(
    db: &Database,
    recon: ReconNo,
    see: impl FnMut(BreakRow) -> Result<(), E> + Send,
) -> Result<(), E> {
    let tail = "WHERE recon_no = $1 ORDER BY break_no";
    sql::each(db, tail, &[Value::Int(recon.0)], see).await
}

/// Shows every item of earlier days that a reconciliation closed for good, the earliest first.
pub async fn each_cleared<E: From<LedgerError> + From<DbError> + Send>(
    db: &Database,
    recon: ReconNo,
    see: impl FnMut(BreakRow) -> Result<(), E> + Send,
) -> Result<(), E> {
    let tail = format!("WHERE {CLEARED} ORDER BY recon_no, break_no");
    sql::each(db, &tail, &[Value::Int(recon.0)], see).await
}

/// The first of them.
pub async fn list_cleared(
    db: &Database,
    recon: ReconNo,
    limit: u32,
) -> Result<Vec<BreakRow>, LedgerError> {
    let tail = format!("WHERE {CLEARED} ORDER BY recon_no, break_no LIMIT {limit}");
    sql::all(&mut &*db, &tail, &[Value::Int(recon.0)]).await
}

/// Shows every record that passes with a tolerance or a group matched, those that belong together
/// beside each other.
pub async fn each_match<E: From<LedgerError> + From<DbError> + Send>(
    db: &Database,
    recon: ReconNo,
    see: impl FnMut(MatchRow) -> Result<(), E> + Send,
) -> Result<(), E> {
    let tail = "WHERE recon_no = $1 ORDER BY match_no, ordinal";
    sql::each(db, tail, &[Value::Int(recon.0)], see).await
}

/// How many records those are.
pub async fn count_matches(db: &Database, recon: ReconNo) -> Result<i64, LedgerError> {
    let sql = "SELECT COUNT(*) FROM ledger_match WHERE recon_no = $1";
    sql::number(&mut &*db, sql, &[Value::Int(recon.0)]).await
}

/// The files of all rows that a reconciliation's breaks, matches and cleared items name.
pub async fn files_named(db: &Database, recon: ReconNo) -> Result<Vec<FileNo>, LedgerError> {
    let one = |side: &str, by: &str| {
        format!("SELECT {side}_file AS file FROM ledger_break WHERE {by} = $1")
    };
    let sql = format!(
        "SELECT file FROM ({} UNION {} UNION {} UNION {} UNION SELECT file FROM ledger_match \
         WHERE recon_no = $1) AS named WHERE file IS NOT NULL ORDER BY file",
        one("ours", "recon_no"),
        one("theirs", "recon_no"),
        one("ours", "closed_by"),
        one("theirs", "closed_by"),
    );
    let rows = db.query(&sql, &[Value::Int(recon.0)]).await?;
    rows.iter().map(|row| Ok(FileNo(row.int(0)?))).collect()
}
