//! Events: what an operator should know, kept until somebody has seen it.
//!
//! The log line and the metric of the same happening are the `event` module's.

use chrono::{DateTime, Utc};
use serde_json::Value as Json;

use super::cell::{row, words};
use super::sql::{self, Conditions, bounded};
use super::{LedgerError, next_number};
use crate::db::{Database, Transaction};
use crate::id::FileNo;
use crate::value::Value;

words! {
    /// How much an event matters.
    pub enum Level {
        /// Good to know.
        Info = "info",
        /// Somebody should look today.
        Warning = "warning",
        /// Somebody must look now.
        Alert = "alert",
    }
}

row! {
    /// One event.
    pub struct EventRow in "ledger_event" {
        /// Its number.
        pub event_no: i64,
        /// When it happened.
        pub at: DateTime<Utc>,
        /// How much it matters.
        pub level: Level,
        /// The kind, as a stable word: `altered-resend`.
        pub name: String,
        /// The partner it concerns.
        pub partner: Option<String>,
        /// The file it concerns.
        pub file_no: Option<FileNo>,
        /// What happened, in a sentence.
        pub sentence: String,
        /// The facts of the sentence.
        pub fields: Json,
        /// When somebody saw it.
        pub seen_at: Option<DateTime<Utc>>,
        /// Who.
        pub seen_by: Option<String>,
    }
}

/// An event to be raised.
#[derive(Debug, Clone)]
pub struct NewEvent<'a> {
    /// How much it matters.
    pub level: Level,
    /// The kind.
    pub name: &'a str,
    /// The partner it concerns.
    pub partner: Option<&'a str>,
    /// The file it concerns.
    pub file: Option<FileNo>,
    /// What happened; no personal data, no secrets.
    pub sentence: &'a str,
    /// The facts.
    pub fields: Json,
}

/// Raises an event, in the transaction of what it tells about, and returns its number.
pub async fn raise(
    tx: &mut Transaction,
    event: &NewEvent<'_>,
    now: DateTime<Utc>,
) -> Result<i64, LedgerError> {
    let event_no = next_number(tx, "event").await?;
    let row = EventRow {
        event_no,
        at: now,
        level: event.level,
        name: event.name.to_owned(),
        partner: event.partner.map(str::to_owned),
        file_no: event.file,
        sentence: bounded(event.sentence, 4_000),
        fields: event.fields.clone(),
        seen_at: None,
        seen_by: None,
    };
    sql::insert(tx, &row).await?;
    Ok(event_no)
}

/// Events that nobody has seen, the latest first; of these levels only, if any are named.
pub async fn list_unseen_events(
    db: &Database,
    levels: &[Level],
    limit: u32,
) -> Result<Vec<EventRow>, LedgerError> {
    let words: Vec<String> = levels.iter().map(|level| format!("'{level}'")).collect();
    let conditions = Conditions::default().always("seen_at IS NULL");
    let conditions = if words.is_empty() {
        conditions
    } else {
        conditions.always(&format!("level IN ({})", words.join(", ")))
    };
    conditions.list(&mut &*db, "event_no DESC", limit).await
}

/// Somebody saw an event. The first one stays in the books.
pub async fn mark_seen(
    tx: &mut Transaction,
    event_no: i64,
    by: &str,
    now: DateTime<Utc>,
) -> Result<(), LedgerError> {
    let sql = "UPDATE ledger_event SET seen_at = COALESCE(seen_at, $2), \
               seen_by = COALESCE(seen_by, $3) WHERE event_no = $1";
    let args = [Value::Int(event_no), now.into(), by.into()];
    if tx.execute(sql, &args).await? == 0 {
        return Err(LedgerError::not_found("event", event_no));
    }
    Ok(())
}
