//! Audit: who did what to the books, and why. Written in the act's own transaction, so that no
//! act is without its entry and no entry without its act.

use chrono::{DateTime, Utc};
use serde_json::Value as Json;

use super::cell::row;
use super::sql::{self, bounded};
use super::{LedgerError, next_number};
use crate::db::{Database, Transaction};

/// The most bytes of a reason that the books keep.
const MAX_REASON_BYTES: usize = 4_000;

/// A person's act: who, and why. The reason may not be empty where the books change.
#[derive(Debug, Clone, Copy)]
pub struct Act<'a> {
    /// The person, or `system`.
    pub who: &'a str,
    /// Why.
    pub reason: &'a str,
}

row! {
    /// One entry.
    pub struct AuditRow in "ledger_audit" {
        /// Its number.
        pub audit_no: i64,
        /// When.
        pub at: DateTime<Utc>,
        /// Who.
        pub who: String,
        /// What was done, as a stable word: `file.supersede`.
        pub act: String,
        /// To what: `file 17`.
        pub object: String,
        /// Why.
        pub reason: Option<String>,
        /// What else is worth knowing.
        pub detail: Json,
    }
}

/// An entry to be made.
#[derive(Debug, Clone)]
pub struct NewAudit<'a> {
    /// Who.
    pub who: &'a str,
    /// What was done.
    pub act: &'a str,
    /// To what.
    pub object: &'a str,
    /// Why.
    pub reason: Option<&'a str>,
    /// What else is worth knowing; no personal data, no secrets.
    pub detail: Json,
}

/// Makes an entry and returns its number.
pub async fn record_audit(
    tx: &mut Transaction,
    entry: &NewAudit<'_>,
    now: DateTime<Utc>,
) -> Result<i64, LedgerError> {
    let audit_no = next_number(tx, "audit").await?;
    let row = AuditRow {
        audit_no,
        at: now,
        who: entry.who.to_owned(),
        act: entry.act.to_owned(),
        object: entry.object.to_owned(),
        reason: entry.reason.map(|why| bounded(why, MAX_REASON_BYTES)),
        detail: entry.detail.clone(),
    };
    sql::insert(tx, &row).await?;
    Ok(audit_no)
}

/// Entries, the latest first; below a number if one is given.
pub async fn list_audit(
    db: &Database,
    before: Option<i64>,
    limit: u32,
) -> Result<Vec<AuditRow>, LedgerError> {
    sql::Conditions::default()
        .and("audit_no < ?", before)
        .list(&mut &*db, "audit_no DESC", limit)
        .await
}
