//! Entries of an archive: files of their own, in the books from the moment the archive is opened.

use chrono::{DateTime, Utc};

use super::state::enter;
use super::{FileRow, FileState, FinishState};
use crate::db::{Database, Transaction};
use crate::id::FileNo;
use crate::ledger::sql;
use crate::ledger::{LedgerError, reserve};
use crate::value::Value;

/// What stands between the name of an archive and that of its entry. No name at a partner has a
/// `/`, so that it can be neither's part.
pub(super) const INSIDE: &str = "!/";

/// The path of an entry: `pack.zip!/list.csv`.
pub fn entry_path(archive: &str, entry: &str) -> String {
    format!("{archive}{INSIDE}{entry}")
}

/// A landed archive is opened: each of `entries` is a `landed` file of its own, in this order, of
/// the same bytes, partner, run and day; nothing is to be finished for it at the partner. The
/// archive itself is decided.
pub async fn open_archive(
    tx: &mut Transaction,
    archive: FileNo,
    entries: &[String],
    now: DateTime<Utc>,
) -> Result<(), LedgerError> {
    enter(tx, archive, FileState::Opened).await?;
    let sql = "UPDATE ledger_file SET decided_at = $2, code = NULL, reason = NULL \
               WHERE file_no = $1";
    tx.execute(sql, &[Value::Int(archive.0), now.into()])
        .await?;
    let Ok(count @ 1..) = u32::try_from(entries.len()) else {
        return Ok(());
    };
    let around = super::listing::in_transaction(tx, archive).await?;
    let first = reserve(tx, "file", count).await?;
    let rows: Vec<FileRow> = (first..)
        .zip(entries)
        .map(|(number, entry)| entry_row(&around, FileNo(number), entry))
        .collect();
    sql::insert_all(tx, &["file_no"], &rows).await
}

fn entry_row(archive: &FileRow, file_no: FileNo, entry: &str) -> FileRow {
    FileRow {
        file_no,
        name: entry_path(&archive.name, entry),
        state: FileState::Landed,
        decided_at: None,
        finish_state: FinishState::Done,
        promise: None,
        container_file_no: Some(archive.file_no),
        entry: Some(entry.to_owned()),
        ..archive.clone()
    }
}

/// The entries of an archive that are not decided yet, in its order.
pub async fn landed_entries(db: &Database, archive: FileNo) -> Result<Vec<FileRow>, LedgerError> {
    let tail = "WHERE container_file_no = $1 AND state = 'landed' ORDER BY file_no";
    sql::all(&mut &*db, tail, &[Value::Int(archive.0)]).await
}
