//! The states of a file and the one place that allows a change.

use crate::db::Transaction;
use crate::id::FileNo;
use crate::ledger::cell::words;
use crate::ledger::sql;
use crate::ledger::{FileRow, LedgerError};
use crate::value::Value;

words! {
    /// What became of a file.
    pub enum FileState {
        /// In the archive, not decided yet.
        Landed = "landed",
        /// Accepted: its rows are in the store.
        Loaded = "loaded",
        /// Not accepted: nothing was loaded, somebody must look.
        Held = "held",
        /// The same identity and content as an accepted one: nothing was loaded again.
        Duplicate = "duplicate",
        /// Another file took its place.
        Superseded = "superseded",
        /// An operator decided that it is not to be loaded.
        Refused = "refused",
        /// An archive whose entries are files of their own.
        Opened = "opened",
    }
}

words! {
    /// Whether the business answer of a file (not its confirmation) is composed.
    pub enum AnswerState {
        /// None is owed.
        None = "none",
        /// Owed and not composed yet.
        Pending = "pending",
        /// Composed, in a delivery.
        Done = "done",
    }
}

words! {
    /// Whether a file is finished (archived, moved, deleted) at the partner.
    pub enum FinishState {
        /// Not yet: after the decision is committed.
        Pending = "pending",
        /// Yes, or nothing is to be done there.
        Done = "done",
    }
}

impl FileState {
    /// Whether a file in this state may enter `to`.
    ///
    /// `held → landed` is a new attempt: a retry after a mapping fix, or an allowed supersession.
    pub fn may_become(self, to: Self) -> bool {
        use FileState::{Duplicate, Held, Landed, Loaded, Opened, Refused, Superseded};
        matches!(
            (self, to),
            (Landed, Loaded | Held | Duplicate | Opened)
                | (Held, Landed | Superseded | Refused)
                | (Loaded, Superseded)
        )
    }
}

/// Brings a file into a state, if that is allowed, and returns the row as it was before. Every
/// change of a file's state goes through here; the caller writes what belongs to it.
pub(super) async fn enter(
    tx: &mut Transaction,
    file: FileNo,
    to: FileState,
) -> Result<FileRow, LedgerError> {
    let key = Value::Int(file.0);
    let row: FileRow = sql::first(tx, "WHERE file_no = $1", std::slice::from_ref(&key))
        .await?
        .ok_or_else(|| LedgerError::not_found("file", file))?;
    let refused = |from: FileState| LedgerError::Transition {
        what: "file",
        number: file.to_string(),
        from: from.as_str(),
        to: to.as_str(),
    };
    if !row.state.may_become(to) {
        return Err(refused(row.state));
    }
    // The unique index over accepted files speaks up here.
    let sql = "UPDATE ledger_file SET state = $2 WHERE file_no = $1 AND state = $3";
    let args = [key, to.as_str().into(), row.state.as_str().into()];
    let changed = tx.execute(sql, &args).await.map_err(|error| {
        if error.is_unique_violation() {
            LedgerError::IdentityTaken { file }
        } else {
            error.into()
        }
    })?;
    if changed == 0 {
        return Err(refused(row.state));
    }
    Ok(row)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_moves_only_along_the_allowed_ways() {
        let allowed: Vec<String> = FileState::ALL
            .iter()
            .flat_map(|from| FileState::ALL.iter().map(move |to| (*from, *to)))
            .filter(|(from, to)| from.may_become(*to))
            .map(|(from, to)| format!("{from} -> {to}"))
            .collect();
        assert_eq!(
            allowed,
            [
                "landed -> loaded",
                "landed -> held",
                "landed -> duplicate",
                "landed -> opened",
                "loaded -> superseded",
                "held -> landed",
                "held -> superseded",
                "held -> refused",
            ]
        );
    }
}
