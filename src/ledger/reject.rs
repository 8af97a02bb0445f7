//! Rejects: records refused, with their raw bytes, until they are repaired or waived.

use std::collections::HashMap;

use chrono::{DateTime, Utc};
use serde_json::json;

use super::cell::{row, words};
use super::error::reason;
use super::sql::{self, Conditions, bounded};
use super::{Act, LedgerError, NewAudit, record_audit};
use crate::db::{Database, Transaction};
use crate::id::FileNo;
use crate::record::Reject;
use crate::value::Value;

/// How many rejects a held file keeps; its counts stay full and its bytes are in the archive.
pub const KEPT_REJECTS_OF_A_HELD_FILE: usize = 1_000;

/// The most raw bytes that a reject keeps; its length says how long the record is.
pub const MAX_RAW_BYTES: usize = 64 * 1024;

/// The most bytes of a reject's explanation.
const MAX_DETAIL_BYTES: usize = 2_000;

words! {
    /// Why a record was not loaded.
    pub enum RejectKind {
        /// It breaks a rule of its mapping.
        Reject = "reject",
        /// Its key was there already: counted in controls, not in tolerance.
        DuplicateKey = "duplicate_key",
    }
}

words! {
    /// What became of a reject.
    pub enum RejectState {
        /// Somebody must look.
        Open = "open",
        /// A later file or a retry brought the record in order.
        Repaired = "repaired",
        /// A person decided that it needs no repair.
        Waived = "waived",
    }
}

row! {
    /// One refused record, or one of several refusals of it.
    pub struct RejectRow in "ledger_reject" {
        /// The file.
        pub file_no: FileNo,
        /// The record, from 1.
        pub record_no: i64,
        /// Which refusal of this record, from 1.
        pub ordinal: i64,
        /// First byte of the record in the opened content, from 0.
        pub byte_offset: i64,
        /// Length of the record in bytes.
        pub byte_length: i64,
        /// The record's bytes, at most [`MAX_RAW_BYTES`].
        pub raw: Vec<u8>,
        /// The column or wire field.
        pub field: Option<String>,
        /// Why, as a code.
        pub code: String,
        /// What was found and expected; personal values masked.
        pub detail: String,
        /// A broken rule or a known key.
        pub kind: RejectKind,
        /// What became of it.
        pub state: RejectState,
        /// Why it was waived.
        pub waived_reason: Option<String>,
        /// Who waived it.
        pub waived_by: Option<String>,
        /// When.
        pub waived_at: Option<DateTime<Utc>>,
        /// The file that repaired it.
        pub repaired_by: Option<FileNo>,
        /// When.
        pub repaired_at: Option<DateTime<Utc>>,
    }
}

/// A reject to be kept.
#[derive(Debug, Clone, Copy)]
pub struct NewReject<'a> {
    /// Where, why.
    pub reject: &'a Reject,
    /// The record's bytes.
    pub raw: &'a [u8],
    /// A broken rule or a known key.
    pub kind: RejectKind,
}

/// How many of a file's rejects are kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Keep {
    /// Every one: of a file that is loaded.
    All,
    /// The first [`KEPT_REJECTS_OF_A_HELD_FILE`]: of a file that is held.
    First,
}

/// Which reject.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct RejectKey {
    /// The file.
    pub file: FileNo,
    /// The record, from 1.
    pub record_no: i64,
    /// Which refusal of this record, from 1.
    pub ordinal: i64,
}

impl RejectKey {
    fn args(&self) -> [Value; 3] {
        [
            Value::Int(self.file.0),
            Value::Int(self.record_no),
            Value::Int(self.ordinal),
        ]
    }
}

impl std::fmt::Display for RejectKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}/{}/{}", self.file, self.record_no, self.ordinal)
    }
}

/// Keeps a file's rejects in the transaction of its decision, and returns how many were kept. A
/// file's rejects may come in several calls, those of one record in the same one.
pub async fn add_rejects(
    tx: &mut Transaction,
    file: FileNo,
    rejects: &[NewReject<'_>],
    keep: Keep,
) -> Result<usize, LedgerError> {
    let limit = match keep {
        Keep::All => usize::MAX,
        Keep::First => {
            let sql = "SELECT COUNT(*) FROM ledger_reject WHERE file_no = $1";
            let there = sql::number(tx, sql, &[Value::Int(file.0)]).await?;
            KEPT_REJECTS_OF_A_HELD_FILE.saturating_sub(there as usize)
        }
    };
    let mut seen = HashMap::new();
    let mut rows: Vec<RejectRow> = rejects
        .iter()
        .take(limit)
        .map(|new| {
            let ordinal = seen.entry(new.reject.place.record).or_insert(0);
            *ordinal += 1;
            open_row(file, new, *ordinal)
        })
        .collect();
    rows.sort_by_key(|row| (row.record_no, row.ordinal));
    sql::insert_all(tx, &["file_no", "record_no", "ordinal"], &rows).await?;
    Ok(rows.len())
}

fn open_row(file: FileNo, new: &NewReject<'_>, ordinal: i64) -> RejectRow {
    let NewReject { reject, raw, kind } = new;
    RejectRow {
        file_no: file,
        record_no: reject.place.record.0 as i64,
        ordinal,
        byte_offset: reject.place.offset as i64,
        byte_length: reject.place.length as i64,
        raw: raw.iter().take(MAX_RAW_BYTES).copied().collect(),
        field: reject.field.as_deref().map(|field| bounded(field, 200)),
        code: reject.code.id.to_owned(),
        detail: bounded(&reject.detail, MAX_DETAIL_BYTES),
        kind: *kind,
        state: RejectState::Open,
        waived_reason: None,
        waived_by: None,
        waived_at: None,
        repaired_by: None,
        repaired_at: None,
    }
}

/// Which rejects to list; `None` is any.
#[derive(Debug, Clone, Default)]
pub struct RejectFilter {
    /// Of this file.
    pub file: Option<FileNo>,
    /// In this state.
    pub state: Option<RejectState>,
    /// With this code.
    pub code: Option<String>,
    /// At most so many.
    pub limit: u32,
}

/// Rejects, by file (the latest first) and record.
pub async fn list_rejects(
    db: &Database,
    filter: &RejectFilter,
) -> Result<Vec<RejectRow>, LedgerError> {
    Conditions::default()
        .and("file_no = ?", filter.file.map(|file| file.0))
        .and("state = ?", filter.state.map(RejectState::as_str))
        .and("code = ?", filter.code.clone().map(Value::Text))
        .list(&mut &*db, "file_no DESC, record_no, ordinal", filter.limit)
        .await
}

const WHICH: &str = "file_no = $1 AND record_no = $2 AND ordinal = $3";

/// One reject.
pub async fn show_reject(db: &Database, key: &RejectKey) -> Result<RejectRow, LedgerError> {
    find(&mut &*db, key).await
}

async fn find(source: &mut impl sql::Source, key: &RejectKey) -> Result<RejectRow, LedgerError> {
    sql::first(source, &format!("WHERE {WHICH}"), &key.args())
        .await?
        .ok_or_else(|| LedgerError::not_found("reject", key))
}

/// An open reject needs no repair: the reason is obligatory, and the act is in the audit.
pub async fn waive_reject(
    tx: &mut Transaction,
    key: &RejectKey,
    act: &Act<'_>,
    now: DateTime<Utc>,
) -> Result<(), LedgerError> {
    let why = reason("waive a reject", act.reason)?;
    let sql = format!(
        "UPDATE ledger_reject SET state = 'waived', waived_reason = $4, waived_by = $5, \
         waived_at = $6 WHERE {WHICH} AND state = 'open'"
    );
    let [file, record, ordinal] = key.args();
    let why = bounded(why, MAX_DETAIL_BYTES);
    let args = [
        file,
        record,
        ordinal,
        why.into(),
        act.who.into(),
        now.into(),
    ];
    if tx.execute(&sql, &args).await? == 0 {
        return Err(not_open(find(tx, key).await, key, RejectState::Waived));
    }
    let entry = NewAudit {
        who: act.who,
        act: "reject.waive",
        object: &format!("reject {key}"),
        reason: Some(act.reason),
        detail: json!({}),
    };
    record_audit(tx, &entry, now).await?;
    Ok(())
}

/// An open reject was brought in order by a file that has been loaded.
pub async fn mark_repaired(
    tx: &mut Transaction,
    key: &RejectKey,
    by: FileNo,
    now: DateTime<Utc>,
) -> Result<(), LedgerError> {
    let sql = format!(
        "UPDATE ledger_reject SET state = 'repaired', repaired_by = $4, repaired_at = $5 \
         WHERE {WHICH} AND state = 'open'"
    );
    let [file, record, ordinal] = key.args();
    let args = [file, record, ordinal, Value::Int(by.0), now.into()];
    if tx.execute(&sql, &args).await? == 0 {
        return Err(not_open(find(tx, key).await, key, RejectState::Repaired));
    }
    Ok(())
}

fn not_open(
    found: Result<RejectRow, LedgerError>,
    key: &RejectKey,
    to: RejectState,
) -> LedgerError {
    match found {
        Ok(row) => LedgerError::Transition {
            what: "reject",
            number: key.to_string(),
            from: row.state.as_str(),
            to: to.as_str(),
        },
        Err(error) => error,
    }
}
