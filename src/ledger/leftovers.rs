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
    /// Decided files that are not finished at the partner.
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
    let source = &mut &*db;
    let args = [Value::from(now)];
    let idle = |table: &str, condition: &str, number: &str| {
        format!(
            "WHERE {condition} AND NOT EXISTS (SELECT 1 FROM ledger_claim c \
             WHERE c.connection = {table}.connection AND c.path = {table}.path \
             AND c.name = {table}.name AND c.released_at IS NULL AND c.leased_until > $1) \
             ORDER BY {number} LIMIT {limit}"
        )
    };
    let file = |condition: &str| idle("ledger_file", condition, "file_no");
    let delivery = |condition: &str| idle("ledger_delivery", condition, "delivery_no");
    let claims = format!(
        "WHERE released_at IS NULL AND leased_until <= $1 \
         ORDER BY connection, path, name LIMIT {limit}"
    );
    let runs =
        format!("WHERE state = 'running' AND alive_until <= $1 ORDER BY run_no LIMIT {limit}");
    Ok(Leftovers {
        claims: sql::all(source, &claims, &args).await?,
        runs: sql::all(source, &runs, &args).await?,
        landed: sql::all(source, &file("state = 'landed'"), &args).await?,
        unanswered: sql::all(source, &file("answer_state = 'pending'"), &args).await?,
        unfinished: sql::all(
            source,
            &file("finish_state = 'pending' AND state <> 'landed'"),
            &args,
        )
        .await?,
        composed: sql::all(source, &delivery("state = 'composed'"), &args).await?,
        staged: sql::all(source, &delivery("state = 'staged'"), &args).await?,
    })
}
