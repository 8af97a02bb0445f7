//! What a crash left behind: the work of `dukou recover`.

use chrono::{DateTime, Utc};
use serde::Serialize;

use super::sql;
use super::{ClaimRow, DeliveryRow, FileRow, LedgerError, RunRow};
use crate::db::Database;
use crate::value::Value;

/// Work that nobody is doing at the moment. What a living process works on, under a lease that
/// has not run out, is not in it.
#[derive(Debug, Clone, PartialEq, Default, Serialize)]
pub struct Leftovers {
    /// Claims whose lease ran out: they may be taken over.
    pub claims: Vec<ClaimRow>,
    /// Runs whose process died; [`interrupt_runs`](super::interrupt_runs) says so in the books.
    pub runs: Vec<RunRow>,
    /// Files in the archive that were not decided: stage them again from there.
    pub landed: Vec<FileRow>,
    /// Accepted files whose business answer is not composed.
    pub unanswered: Vec<FileRow>,
    /// Decided files that are not finished at the partner, and archives of which every entry is.
    pub unfinished: Vec<FileRow>,
    /// Deliveries whose bytes are not in the outbox: render them.
    pub composed: Vec<DeliveryRow>,
    /// Deliveries that are not sent: send them.
    pub staged: Vec<DeliveryRow>,
}

impl Leftovers {
    /// Whether nothing is left to do.
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }
}

/// Everything a crash left behind, each list in the order of numbers and at most `limit` long.
pub async fn leftovers(
    db: &Database,
    now: DateTime<Utc>,
    limit: u32,
) -> Result<Leftovers, LedgerError> {
    let books = &mut &*db;
    let args = [Value::from(now)];
    let idle = |table: &str, name: &str, condition: &str, number: &str| {
        format!(
            "WHERE {condition} AND NOT EXISTS (SELECT 1 FROM ledger_claim c \
             WHERE c.connection = {table}.connection AND c.path = {table}.path \
             AND c.name = {name} AND c.released_at IS NULL AND c.leased_until > $1) \
             ORDER BY {number} LIMIT {limit}"
        )
    };
    // Whoever works on an entry has claimed the archive around it: `ARCHIVE!/ENTRY`.
    let source = "CASE WHEN ledger_file.entry IS NULL THEN ledger_file.name ELSE \
                  SUBSTR(ledger_file.name, 1, LENGTH(ledger_file.name) - LENGTH(ledger_file.entry) - 2) END";
    let file = |condition: &str| idle("ledger_file", source, condition, "file_no");
    let delivery = |condition: &str| {
        idle(
            "ledger_delivery",
            "ledger_delivery.name",
            condition,
            "delivery_no",
        )
    };
    let claims = format!(
        "WHERE released_at IS NULL AND leased_until <= $1 \
         ORDER BY connection, path, name LIMIT {limit}"
    );
    let runs =
        format!("WHERE state = 'running' AND alive_until <= $1 ORDER BY run_no LIMIT {limit}");
    Ok(Leftovers {
        claims: sql::all(books, &claims, &args).await?,
        runs: sql::all(books, &runs, &args).await?,
        landed: sql::all(books, &file("state = 'landed'"), &args).await?,
        unanswered: sql::all(books, &file("answer_state = 'pending'"), &args).await?,
        unfinished: sql::all(
            books,
            &file(
                "finish_state = 'pending' AND state <> 'landed' AND NOT EXISTS (SELECT 1 \
                 FROM ledger_file e WHERE e.container_file_no = ledger_file.file_no \
                 AND e.state = 'landed')",
            ),
            &args,
        )
        .await?,
        composed: sql::all(books, &delivery("state = 'composed'"), &args).await?,
        staged: sql::all(books, &delivery("state = 'staged'"), &args).await?,
    })
}
