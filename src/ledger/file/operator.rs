//! What an operator decides about a held file. Each act is in the audit.

use chrono::{DateTime, Utc};
use serde_json::json;

use super::decision::write_counts;
use super::state::enter;
use super::{Counts, FileState};
use crate::db::Transaction;
use crate::id::FileNo;
use crate::ledger::error::reason;
use crate::ledger::{ALTERED_RESEND, Act, LedgerError, NewAudit, record_audit};
use crate::value::Value;

/// A held file is not to be loaded; final.
pub async fn refuse_file(
    tx: &mut Transaction,
    file: FileNo,
    act: &Act<'_>,
    now: DateTime<Utc>,
) -> Result<(), LedgerError> {
    let why = reason("refuse a file", act.reason)?;
    let before = enter(tx, file, FileState::Refused).await?;
    let sql = "UPDATE ledger_file SET decided_at = $2, reason = $3 WHERE file_no = $1";
    tx.execute(sql, &[Value::Int(file.0), now.into(), why.into()])
        .await?;
    audit(
        tx,
        "file.refuse",
        file,
        act,
        json!({ "code": before.code }),
        now,
    )
    .await
}

/// A held altered re-send may take the place of the accepted file that it alters: it is `landed`
/// again and goes through staging; [`decide_loaded`](super::decide_loaded) makes the change.
///
/// [`LedgerError::Transition`] if it is no altered re-send.
pub async fn supersede_file(
    tx: &mut Transaction,
    file: FileNo,
    act: &Act<'_>,
    now: DateTime<Utc>,
) -> Result<(), LedgerError> {
    reason("supersede a file", act.reason)?;
    let row = super::listing::in_transaction(tx, file).await?;
    let Some(original) = row.original_file_no.filter(|_| is_altered_resend(&row)) else {
        return Err(LedgerError::Transition {
            what: "file",
            number: file.to_string(),
            from: "no held altered re-send",
            to: "the successor of another file",
        });
    };
    begin_again(tx, file).await?;
    let sql = "UPDATE ledger_file SET supersedes = $2 WHERE file_no = $1";
    tx.execute(sql, &[Value::Int(file.0), Value::Int(original.0)])
        .await?;
    let detail = json!({ "original": original.0 });
    audit(tx, "file.supersede", file, act, detail, now).await
}

fn is_altered_resend(row: &super::FileRow) -> bool {
    row.state == FileState::Held && row.code.as_deref() == Some(ALTERED_RESEND.id)
}

/// A held file is tried again, after its mapping or a code table was mended: it is `landed` again
/// and its former rejects, controls and counts are gone (they come again, if they do).
pub async fn reopen_file(
    tx: &mut Transaction,
    file: FileNo,
    act: &Act<'_>,
    now: DateTime<Utc>,
) -> Result<(), LedgerError> {
    reason("try a file again", act.reason)?;
    let before = begin_again(tx, file).await?;
    let detail = json!({ "code": before.code, "rejected": before.rejected });
    audit(tx, "file.retry", file, act, detail, now).await
}

async fn begin_again(tx: &mut Transaction, file: FileNo) -> Result<super::FileRow, LedgerError> {
    let before = enter(tx, file, FileState::Landed).await?;
    let key = [Value::Int(file.0)];
    for sql in [
        "DELETE FROM ledger_reject WHERE file_no = $1",
        "DELETE FROM ledger_control WHERE file_no = $1",
        "UPDATE ledger_file SET code = NULL, reason = NULL, decided_at = NULL, \
         original_file_no = NULL WHERE file_no = $1",
    ] {
        tx.execute(sql, &key).await?;
    }
    write_counts(tx, file, &Counts::default()).await?;
    Ok(before)
}

async fn audit(
    tx: &mut Transaction,
    name: &str,
    file: FileNo,
    act: &Act<'_>,
    detail: serde_json::Value,
    now: DateTime<Utc>,
) -> Result<(), LedgerError> {
    let entry = NewAudit {
        who: act.who,
        act: name,
        object: &format!("file {file}"),
        reason: Some(act.reason),
        detail,
    };
    record_audit(tx, &entry, now).await?;
    Ok(())
}
