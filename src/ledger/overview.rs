//! The whole state of the hub on one screen: what `dukou status` shows.

use chrono::NaiveDate;
use serde::{Serialize, Serializer};

use super::cell::Cell as _;
use super::sql;
use super::{
    ClaimRow, DeliveryRow, EventRow, FileRow, FileState, GapRow, LedgerError, Level, RunRow,
    list_claims, list_gaps, list_runs, list_unseen_events,
};
use crate::db::Database;
use crate::id::FileNo;
use crate::value::Value;

/// The most entries of each list.
pub const SHOWN_AT_MOST: u32 = 100;

/// How many files are in a state.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct FileCount {
    /// The state.
    pub state: FileState,
    /// How many.
    pub count: i64,
}

/// How many open rejects a file has.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct RejectCount {
    /// The file's number.
    pub file_no: i64,
    /// Its name.
    pub name: String,
    /// Its partner.
    pub partner: String,
    /// How many open rejects are kept.
    pub open: i64,
}

impl RejectCount {
    /// The file.
    pub fn file(&self) -> FileNo {
        FileNo(self.file_no)
    }
}

/// What an operator must know. Counts of files are of one business day if one was asked for;
/// everything that is open is shown whatever its day. Lists end after [`SHOWN_AT_MOST`].
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Status {
    /// The business day of the counts, if one was asked for.
    #[serde(serialize_with = "show_day")]
    pub business_date: Option<NaiveDate>,
    /// Files by state; states without files are left out.
    pub files: Vec<FileCount>,
    /// Held files with their reasons, the latest first.
    pub held: Vec<FileRow>,
    /// Files with open rejects, the latest first.
    pub rejects: Vec<RejectCount>,
    /// Numbers that are missing.
    pub gaps: Vec<GapRow>,
    /// Deliveries that are not sent.
    pub unsent: Vec<DeliveryRow>,
    /// Deliveries that are sent, refused or overdue and not acknowledged though they should be.
    pub unacknowledged: Vec<DeliveryRow>,
    /// Claims and their leases.
    pub claims: Vec<ClaimRow>,
    /// The last runs.
    pub runs: Vec<RunRow>,
    /// Warnings and alerts that nobody has seen.
    pub events: Vec<EventRow>,
}

#[expect(
    clippy::ref_option,
    clippy::trivially_copy_pass_by_ref,
    reason = "serde passes the field by reference"
)]
fn show_day<S: Serializer>(day: &Option<NaiveDate>, serializer: S) -> Result<S::Ok, S::Error> {
    day.show().serialize(serializer)
}

/// Reads it all; of a business day's files, or of all.
pub async fn overview(
    db: &Database,
    business_date: Option<NaiveDate>,
) -> Result<Status, LedgerError> {
    let limit = SHOWN_AT_MOST;
    let source = &mut &*db;
    let held = format!("WHERE state = 'held' ORDER BY file_no DESC LIMIT {limit}");
    let unsent =
        format!("WHERE state IN ('composed', 'staged') ORDER BY delivery_no LIMIT {limit}");
    let unacknowledged = format!(
        "WHERE state IN ('refused', 'overdue', 'unproven') \
         OR (state = 'sent' AND done_when = 'acknowledged') ORDER BY delivery_no LIMIT {limit}"
    );
    Ok(Status {
        business_date,
        files: count_files(db, business_date).await?,
        held: sql::all(source, &held, &[]).await?,
        rejects: count_rejects(db).await?,
        gaps: list_gaps(db, None, limit).await?,
        unsent: sql::all(source, &unsent, &[]).await?,
        unacknowledged: sql::all(source, &unacknowledged, &[]).await?,
        claims: list_claims(db, limit).await?,
        runs: list_runs(db, None, 20).await?,
        events: list_unseen_events(db, &[Level::Warning, Level::Alert], limit).await?,
    })
}

async fn count_files(
    db: &Database,
    business_date: Option<NaiveDate>,
) -> Result<Vec<FileCount>, LedgerError> {
    let (condition, args) = match business_date {
        Some(day) => ("WHERE business_date = $1", vec![Value::from(day)]),
        None => ("", Vec::new()),
    };
    let sql = format!("SELECT state, COUNT(*) FROM ledger_file {condition} GROUP BY state");
    let rows = db.query(&sql, &args).await?;
    let mut counts = Vec::new();
    for row in &rows {
        let found = row.text(0)?;
        let state = FileState::from_word(found).ok_or_else(|| LedgerError::Damaged {
            column: "ledger_file.state",
            found: found.to_owned(),
        })?;
        counts.push(FileCount {
            state,
            count: row.int(1)?,
        });
    }
    counts.sort_by_key(|count| count.state);
    Ok(counts)
}

async fn count_rejects(db: &Database) -> Result<Vec<RejectCount>, LedgerError> {
    let sql = format!(
        "SELECT f.file_no, f.name, f.partner, COUNT(*) FROM ledger_reject r \
         JOIN ledger_file f ON f.file_no = r.file_no WHERE r.state = 'open' \
         AND f.state IN ('loaded', 'held') \
         GROUP BY f.file_no, f.name, f.partner ORDER BY f.file_no DESC LIMIT {SHOWN_AT_MOST}"
    );
    let rows = db.query(&sql, &[]).await?;
    rows.iter()
        .map(|row| {
            Ok(RejectCount {
                file_no: row.int(0)?,
                name: row.text(1)?.to_owned(),
                partner: row.text(2)?.to_owned(),
                open: row.int(3)?,
            })
        })
        .collect()
}
