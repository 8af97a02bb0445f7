//! A file's bytes are in the archive: its row begins.

use chrono::{DateTime, Utc};

use super::{AnswerState, FileRow, FileState, FinishState};
use crate::db::Transaction;
use crate::id::{FileDigest, FileNo, RunNo};
use crate::ledger::sql;
use crate::ledger::{LedgerError, Location, next_number};
use crate::value::Value;

/// A file whose bytes are in the archive.
#[derive(Debug, Clone, Copy)]
pub struct Landed<'a> {
    /// Who sent it.
    pub partner: &'a str,
    /// Where it was found.
    pub location: &'a Location,
    /// SHA-256 of the bytes.
    pub digest: FileDigest,
    /// How many bytes.
    pub bytes: i64,
    /// When the partner last wrote it, by the listing.
    pub modified_at: Option<DateTime<Utc>>,
    /// The run that fetched it.
    pub run: Option<RunNo>,
}

/// What the books know about a file that landed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Registered {
    /// It is new and has this number.
    New(FileNo),
    /// It landed before and was not decided (a crash): go on with this number.
    Resumed(FileNo),
    /// It was decided before and only not finished at the partner (a crash between the commit and
    /// that): finish it there, do not load it again.
    Unfinished(FileNo),
}

/// Gives a landed file its row, or finds the one that a crash left behind: the same location, the
/// same digest and the same moment of writing. Call it while the file is claimed.
///
/// A partner that sends the same bytes again under the same name writes them at another moment:
/// that is a file of its own and gets an answer of its own. What was written at the very same
/// moment (a tool that keeps times) cannot be told from the file that was left, and is taken for it.
pub async fn register_landed(
    tx: &mut Transaction,
    landed: &Landed<'_>,
    now: DateTime<Utc>,
) -> Result<Registered, LedgerError> {
    if let Some(row) = find_left(tx, landed).await? {
        if row.state != FileState::Landed {
            return Ok(Registered::Unfinished(row.file_no));
        }
        let sql = "UPDATE ledger_file SET run_no = $2, finish_state = 'pending' WHERE file_no = $1";
        let run = landed.run.map_or(row.run_no, Some);
        let run = run.map_or(Value::Null(crate::value::Kind::Int), |run| {
            Value::Int(run.0)
        });
        tx.execute(sql, &[Value::Int(row.file_no.0), run]).await?;
        return Ok(Registered::Resumed(row.file_no));
    }
    let file_no = FileNo(next_number(tx, "file").await?);
    sql::insert(tx, &new_row(file_no, landed, now)).await?;
    Ok(Registered::New(file_no))
}

/// Remembers what the companions of a landed file say of it, so that it is judged by that after a
/// crash too.
pub async fn note_promise(
    tx: &mut Transaction,
    file: FileNo,
    promise: &str,
) -> Result<(), LedgerError> {
    let sql = "UPDATE ledger_file SET promise = $2 WHERE file_no = $1 AND state = 'landed'";
    tx.execute(sql, &[Value::Int(file.0), promise.into()])
        .await?;
    Ok(())
}

async fn find_left(
    tx: &mut Transaction,
    landed: &Landed<'_>,
) -> Result<Option<FileRow>, LedgerError> {
    let tail = "WHERE connection = $1 AND path = $2 AND name = $3 AND landed_digest = $4 \
                AND (state = 'landed' OR finish_state = 'pending') ORDER BY file_no DESC";
    let args = [
        landed.location.connection.as_str().into(),
        landed.location.path.as_str().into(),
        landed.location.name.as_str().into(),
        landed.digest.to_string().into(),
    ];
    let rows: Vec<FileRow> = sql::all(tx, tail, &args).await?;
    let is_it = |row: &FileRow| {
        landed
            .modified_at
            .is_none_or(|at| row.may_be_written_at(at))
    };
    Ok(rows.into_iter().find(is_it))
}

fn new_row(file_no: FileNo, landed: &Landed<'_>, now: DateTime<Utc>) -> FileRow {
    FileRow {
        file_no,
        partner: landed.partner.to_owned(),
        interface: None,
        identity: None,
        connection: landed.location.connection.clone(),
        path: landed.location.path.clone(),
        name: landed.location.name.clone(),
        state: FileState::Landed,
        landed_digest: landed.digest,
        landed_bytes: landed.bytes,
        content_digest: None,
        content_bytes: None,
        envelope: None,
        mapping: None,
        read_label: None,
        run_no: landed.run,
        business_date: None,
        received_at: now,
        decided_at: None,
        loaded_at: None,
        promised: None,
        decoded: 0,
        loaded: 0,
        rejected: 0,
        duplicates: 0,
        flagged: 0,
        code: None,
        reason: None,
        original_file_no: None,
        supersedes: None,
        superseded_by: None,
        answer_state: AnswerState::None,
        finish_state: FinishState::Pending,
        source_modified_at: landed.modified_at,
        promise: None,
        container_file_no: None,
        entry: None,
    }
}
