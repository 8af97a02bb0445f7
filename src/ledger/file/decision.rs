//! What a file claims to be, and the decision that ends it.

use chrono::{DateTime, NaiveDate, Utc};

use super::state::enter;
use super::{AnswerState, Counts, FileState};
use crate::db::{Database, Transaction};
use crate::id::{FileDigest, FileNo, RunNo};
use crate::ledger::LedgerError;
use crate::ledger::cell::Cell as _;
use crate::ledger::sql::bounded;
use crate::value::Value;

/// The most bytes of a reason that the books keep.
const MAX_REASON_BYTES: usize = 4_000;

/// What was learnt about a file by opening it; what is unknown stays `None`.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Description {
    /// The interface whose identity it has.
    pub interface: Option<String>,
    /// The identity, from [`identity_text`](super::identity_text).
    pub identity: Option<String>,
    /// SHA-256 of the opened content.
    pub content_digest: Option<FileDigest>,
    /// Bytes of the opened content.
    pub content_bytes: Option<i64>,
    /// The envelope that was opened.
    pub envelope: Option<String>,
    /// The mapping that reads it.
    pub mapping: Option<String>,
    /// The label of the `[[read]]` entry that fitted.
    pub read_label: Option<String>,
    /// The run that works on it.
    pub run: Option<RunNo>,
    /// The business day it belongs to.
    pub business_date: Option<NaiveDate>,
}

/// How an accepted file is entered.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Load {
    /// Its counts.
    pub counts: Counts,
    /// Whether a business answer is owed.
    pub answer: AnswerState,
}

/// Why and how a file is held.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Hold {
    /// The kind of reason, such as `altered-resend`.
    pub code: &'static str,
    /// The reason in a sentence.
    pub reason: String,
    /// Full counts, however few rejects are kept.
    pub counts: Counts,
    /// The accepted file that it alters, if it does.
    pub original: Option<FileNo>,
}

/// Writes what was learnt about a file by opening it. Only while it is `landed`.
pub async fn describe(
    tx: &mut Transaction,
    file: FileNo,
    what: &Description,
) -> Result<(), LedgerError> {
    let sql = "UPDATE ledger_file SET interface = $2, identity = $3, content_digest = $4, \
               content_bytes = $5, envelope = $6, mapping = $7, read_label = $8, \
               run_no = COALESCE($9, run_no), business_date = $10 \
               WHERE file_no = $1 AND state = 'landed'";
    let args = [
        Value::Int(file.0),
        what.interface.store(),
        what.identity.store(),
        what.content_digest.store(),
        what.content_bytes.store(),
        what.envelope.store(),
        what.mapping.store(),
        what.read_label.store(),
        what.run.store(),
        what.business_date.store(),
    ];
    if tx.execute(sql, &args).await? == 0 {
        let row = super::listing::in_transaction(tx, file).await?;
        return Err(LedgerError::Transition {
            what: "file",
            number: file.to_string(),
            from: row.state.as_str(),
            to: "described",
        });
    }
    Ok(())
}

/// Accepts a landed and described file; call it in the transaction of its rows.
///
/// The accepted file that an operator allowed it to supersede becomes `superseded` by it (its
/// rows are the caller's to remove, in this same transaction), and so do earlier held files with
/// the same identity. [`LedgerError::IdentityTaken`] if another one was accepted meanwhile.
pub async fn decide_loaded(
    tx: &mut Transaction,
    file: FileNo,
    load: &Load,
    now: DateTime<Utc>,
) -> Result<(), LedgerError> {
    let row = super::listing::in_transaction(tx, file).await?;
    let (Some(interface), Some(identity)) = (&row.interface, &row.identity) else {
        return Err(LedgerError::IdentityMissing { file });
    };
    if let Some(old) = row.supersedes {
        supersede(tx, old, file, now).await?;
    }
    enter(tx, file, FileState::Loaded).await?;
    write_counts(tx, file, &load.counts).await?;
    let sql = "UPDATE ledger_file SET decided_at = $2, loaded_at = $2, answer_state = $3, \
               code = NULL, reason = NULL WHERE file_no = $1";
    let args = [Value::Int(file.0), now.into(), load.answer.as_str().into()];
    tx.execute(sql, &args).await?;
    let key = [&row.partner, interface, identity].map(|text| Value::from(text.as_str()));
    supersede_held(tx, key, file, now).await
}

/// Earlier held files with the same identity are settled by the accepted one.
async fn supersede_held(
    tx: &mut Transaction,
    [partner, interface, identity]: [Value; 3],
    by: FileNo,
    now: DateTime<Utc>,
) -> Result<(), LedgerError> {
    let sql = "SELECT file_no FROM ledger_file WHERE partner = $1 AND interface = $2 \
               AND identity = $3 AND state = 'held' AND file_no < $4 ORDER BY file_no";
    let args = [partner, interface, identity, Value::Int(by.0)];
    for held in tx.query(sql, &args).await? {
        supersede(tx, FileNo(held.int(0)?), by, now).await?;
    }
    Ok(())
}

/// A superseded file is owed no answer any more: its rows are gone, its successor has its own.
async fn supersede(
    tx: &mut Transaction,
    old: FileNo,
    by: FileNo,
    now: DateTime<Utc>,
) -> Result<(), LedgerError> {
    enter(tx, old, FileState::Superseded).await?;
    let sql = "UPDATE ledger_file SET superseded_by = $2, decided_at = $3, \
               answer_state = CASE answer_state WHEN 'pending' THEN 'none' ELSE answer_state END \
               WHERE file_no = $1";
    let args = [Value::Int(old.0), Value::Int(by.0), now.into()];
    tx.execute(sql, &args).await?;
    Ok(())
}

/// Holds a landed file: nothing of it is loaded, its rejects and controls are kept.
pub async fn decide_held(
    tx: &mut Transaction,
    file: FileNo,
    hold: &Hold,
    now: DateTime<Utc>,
) -> Result<(), LedgerError> {
    enter(tx, file, FileState::Held).await?;
    write_counts(tx, file, &hold.counts).await?;
    let sql = "UPDATE ledger_file SET decided_at = $2, code = $3, reason = $4, \
               original_file_no = $5, supersedes = NULL WHERE file_no = $1";
    let args = [
        Value::Int(file.0),
        now.into(),
        hold.code.into(),
        bounded(&hold.reason, MAX_REASON_BYTES).into(),
        hold.original.store(),
    ];
    tx.execute(sql, &args).await?;
    Ok(())
}

/// Enters a landed file as an unchanged repetition of an accepted one.
pub async fn decide_duplicate(
    tx: &mut Transaction,
    file: FileNo,
    original: FileNo,
    now: DateTime<Utc>,
) -> Result<(), LedgerError> {
    enter(tx, file, FileState::Duplicate).await?;
    let sql = "UPDATE ledger_file SET decided_at = $2, code = $3, original_file_no = $4, \
               supersedes = NULL WHERE file_no = $1";
    let args = [
        Value::Int(file.0),
        now.into(),
        crate::ledger::DUPLICATE_FILE.id.into(),
        Value::Int(original.0),
    ];
    tx.execute(sql, &args).await?;
    Ok(())
}

pub(super) async fn write_counts(
    tx: &mut Transaction,
    file: FileNo,
    counts: &Counts,
) -> Result<(), LedgerError> {
    let sql = "UPDATE ledger_file SET promised = $2, decoded = $3, loaded = $4, rejected = $5, \
               duplicates = $6, flagged = $7 WHERE file_no = $1";
    let args = [
        Value::Int(file.0),
        counts.promised.store(),
        counts.decoded.into(),
        counts.loaded.into(),
        counts.rejected.into(),
        counts.duplicates.into(),
        counts.flagged.into(),
    ];
    tx.execute(sql, &args).await?;
    Ok(())
}

/// The business answer of a file is composed; call it in the transaction of that delivery.
/// [`LedgerError::Transition`] if none is pending: exactly one answer is composed.
pub async fn mark_answered(tx: &mut Transaction, file: FileNo) -> Result<(), LedgerError> {
    let sql = "UPDATE ledger_file SET answer_state = 'done' \
               WHERE file_no = $1 AND answer_state = 'pending'";
    if tx.execute(sql, &[Value::Int(file.0)]).await? == 0 {
        let row = super::listing::in_transaction(tx, file).await?;
        return Err(LedgerError::Transition {
            what: "the answer of file",
            number: file.to_string(),
            from: row.answer_state.as_str(),
            to: AnswerState::Done.as_str(),
        });
    }
    Ok(())
}

/// A decided file is finished at the partner. Saying it twice is harmless; a file that is still
/// `landed` is refused, because finishing comes after the decision is committed, and so is an
/// archive of which an entry is.
pub async fn mark_finished(db: &Database, file: FileNo) -> Result<(), LedgerError> {
    let sql = "UPDATE ledger_file SET finish_state = 'done' \
               WHERE file_no = $1 AND state <> 'landed' AND NOT EXISTS (SELECT 1 \
               FROM ledger_file e WHERE e.container_file_no = ledger_file.file_no \
               AND e.state = 'landed')";
    if db.execute(sql, &[Value::Int(file.0)]).await? == 0 {
        let row = super::show_file(db, file).await?;
        return Err(LedgerError::Transition {
            what: "file",
            number: file.to_string(),
            from: row.state.as_str(),
            to: "finished",
        });
    }
    Ok(())
}
