//! Reading the file registry.

use chrono::NaiveDate;

use super::{FileRow, FileState};
use crate::db::{Database, Transaction};
use crate::id::{FileDigest, FileNo};
use crate::ledger::sql::{self, Conditions};
use crate::ledger::{LedgerError, Location};
use crate::value::Value;

/// Which files to list; `None` is any.
#[derive(Debug, Clone, Default)]
pub struct FileFilter {
    /// In this state.
    pub state: Option<FileState>,
    /// Of this partner.
    pub partner: Option<String>,
    /// Of this business day.
    pub business_date: Option<NaiveDate>,
    /// With this text in the name.
    pub name: Option<String>,
    /// Of this interface.
    pub interface: Option<String>,
    /// Entries of this archive.
    pub container: Option<FileNo>,
    /// Below this number: the last one of the page before.
    pub before: Option<FileNo>,
    /// At most so many.
    pub limit: u32,
}

/// Where a loaded row came from.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct Origin {
    /// The partner.
    pub partner: String,
    /// Where its file was.
    pub location: Location,
    /// The digest of the landed bytes, 64 hex digits: their address in the archive.
    pub landed_digest: String,
    /// The envelope around the content.
    pub envelope: Option<String>,
}

impl Origin {
    /// The digest as a value.
    pub fn digest(&self) -> Option<FileDigest> {
        FileDigest::from_hex(&self.landed_digest)
    }
}

/// Files, the latest first.
pub async fn list_files(db: &Database, filter: &FileFilter) -> Result<Vec<FileRow>, LedgerError> {
    let text = |value: &Option<String>| value.clone().map(Value::Text);
    Conditions::default()
        .and("state = ?", filter.state.map(FileState::as_str))
        .and("partner = ?", text(&filter.partner))
        .and("interface = ?", text(&filter.interface))
        .and("business_date = ?", filter.business_date)
        .and("container_file_no = ?", filter.container.map(|file| file.0))
        .and("file_no < ?", filter.before.map(|file| file.0))
        .contains("name", filter.name.as_deref())
        .list(&mut &*db, "file_no DESC", filter.limit)
        .await
}

/// One file; [`LedgerError::NotFound`] if there is none.
pub async fn show_file(db: &Database, file: FileNo) -> Result<FileRow, LedgerError> {
    find(&mut &*db, file).await
}

pub(super) async fn in_transaction(
    tx: &mut Transaction,
    file: FileNo,
) -> Result<FileRow, LedgerError> {
    find(tx, file).await
}

async fn find(source: &mut impl sql::Source, file: FileNo) -> Result<FileRow, LedgerError> {
    sql::first(source, "WHERE file_no = $1", &[Value::Int(file.0)])
        .await?
        .ok_or_else(|| LedgerError::not_found("file", file))
}

/// The latest file that was found at a location, whatever became of it: for sources that are only
/// read and keep their files.
pub async fn find_at(db: &Database, location: &Location) -> Result<Option<FileRow>, LedgerError> {
    let tail = "WHERE connection = $1 AND path = $2 AND name = $3 ORDER BY file_no DESC LIMIT 1";
    let args = [
        location.connection.as_str().into(),
        location.path.as_str().into(),
        location.name.as_str().into(),
    ];
    sql::first(&mut &*db, tail, &args).await
}

/// Where the rows of a file came from: the step from a figure to the partner's bytes.
pub async fn origin(db: &Database, file: FileNo) -> Result<Origin, LedgerError> {
    let row = show_file(db, file).await?;
    Ok(Origin {
        location: row.location(),
        partner: row.partner,
        landed_digest: row.landed_digest.to_string(),
        envelope: row.envelope,
    })
}
