//! Reports: numbered versions that are made once and never changed.

use chrono::{DateTime, NaiveDate, Utc};
use serde_json::Value as Json;

use super::cell::row;
use super::sql::{self, Conditions};
use super::{LedgerError, ReconNo};
use crate::db::{Database, Transaction};
use crate::id::FileDigest;
use crate::value::Value;

row! {
    /// One version of a report.
    pub struct ReportRow in "ledger_report" {
        /// The report.
        pub name: String,
        /// Its business day.
        pub business_date: NaiveDate,
        /// Its version, from 1.
        pub version: i64,
        /// When it was made.
        pub created_at: DateTime<Utc>,
        /// SHA-256 of its main file.
        pub digest: FileDigest,
        /// Length of its main file.
        pub bytes: i64,
        /// Its files: names, digests, lengths.
        pub files: Json,
        /// The reconciliation that it shows.
        pub recon_no: Option<ReconNo>,
    }
}

/// A version to be kept.
#[derive(Debug, Clone)]
pub struct NewReport<'a> {
    /// The report.
    pub name: &'a str,
    /// Its business day.
    pub business_date: NaiveDate,
    /// The version that its bytes show, from [`next_report_version`].
    pub version: i64,
    /// SHA-256 of its main file.
    pub digest: FileDigest,
    /// Length of its main file.
    pub bytes: i64,
    /// Its files.
    pub files: Json,
    /// The reconciliation that it shows.
    pub recon: Option<ReconNo>,
}

/// The version that the next report of this name and day gets.
pub async fn next_report_version(
    tx: &mut Transaction,
    name: &str,
    business_date: NaiveDate,
) -> Result<i64, LedgerError> {
    let sql = "SELECT CAST(COALESCE(MAX(version), 0) + 1 AS BIGINT) FROM ledger_report \
               WHERE name = $1 AND business_date = $2";
    sql::number(tx, sql, &[name.into(), business_date.into()]).await
}

/// Keeps a version. [`LedgerError::ReportExists`] if another process was faster: take the next
/// version and render again.
pub async fn add_report(
    tx: &mut Transaction,
    report: &NewReport<'_>,
    now: DateTime<Utc>,
) -> Result<(), LedgerError> {
    let row = ReportRow {
        name: report.name.to_owned(),
        business_date: report.business_date,
        version: report.version,
        created_at: now,
        digest: report.digest,
        bytes: report.bytes,
        files: report.files.clone(),
        recon_no: report.recon,
    };
    match sql::insert(tx, &row).await {
        Err(LedgerError::Db(error)) if error.is_unique_violation() => {
            Err(LedgerError::ReportExists {
                name: row.name,
                business_date: row.business_date,
                version: row.version,
            })
        }
        other => other,
    }
}

/// Reports, the latest day and version first; of one name, of one day, if given.
pub async fn list_reports(
    db: &Database,
    name: Option<&str>,
    business_date: Option<NaiveDate>,
    limit: u32,
) -> Result<Vec<ReportRow>, LedgerError> {
    let order = "business_date DESC, name, version DESC";
    Conditions::default()
        .and("name = ?", name.map(Value::from))
        .and("business_date = ?", business_date)
        .list(&mut &*db, order, limit)
        .await
}
