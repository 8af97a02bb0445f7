//! The file registry: every file that ever landed, and what became of it.
//!
//! A file gets its row when its bytes are in the archive, before anything of it is believed
//! ([`register_landed`]). When it has been opened, [`describe`] says what it claims to be;
//! [`judge`] compares that with what was accepted before; one of the `decide_` functions ends it,
//! in the transaction of its rows, rejects, controls and answer.
//!
//! **The identity rule.** A file is known by partner, interface and the identity fields that its
//! mapping declares, never by its name or digest.
//!
//! | earlier file with this identity | content | the new file is |
//! |---|---|---|
//! | accepted (`loaded`) | the same | `duplicate`: answered again, not loaded again |
//! | accepted (`loaded`) | other | `held` with `altered-resend`, until an operator says supersede or refuse |
//! | only held, refused or superseded | any | judged on its own; when it loads, earlier held ones become `superseded` by it |
//!
//! **Entries.** An archive whose entries are files of their own is `opened`: each entry has a row, with
//! the archive's number and its own name inside, and is judged by itself. The archive is finished at
//! the partner when none of its entries is `landed`.
//!
//! A partial unique index over (partner, interface, identity) of loaded files is the last defence
//! when two such files are loaded at the same moment.

mod decision;
mod entries;
mod identity;
mod landing;
mod listing;
mod operator;
mod state;

pub use decision::{
    Description, Hold, Load, decide_duplicate, decide_held, decide_loaded, describe, mark_answered,
    mark_finished,
};
pub use entries::{entry_path, landed_entries, open_archive};
pub use identity::{Judgement, find_accepted, identity_text, judge};
pub use landing::{Landed, Registered, note_promise, register_landed};
pub use listing::{FileFilter, Origin, find_at, list_files, origin, show_file};
pub use operator::{refuse_file, reopen_file, supersede_file};
pub use state::{AnswerState, FileState, FinishState};

use chrono::{DateTime, NaiveDate, Utc};

use super::Location;
use super::cell::row;
use crate::id::{FileDigest, FileNo, RunNo};

row! {
    /// One file that landed.
    pub struct FileRow in "ledger_file" {
        /// Its number: the link from every loaded row.
        pub file_no: FileNo,
        /// Who sent it.
        pub partner: String,
        /// Which of the partner's interfaces it belongs to (the mapping that defines identity);
        /// unknown until it has been opened.
        pub interface: Option<String>,
        /// Its identity fields, as [`identity_text`] joins them; unknown until it has been opened.
        pub identity: Option<String>,
        /// The connection it came by.
        pub connection: String,
        /// The folder it was in.
        pub path: String,
        /// Its name there.
        pub name: String,
        /// What became of it.
        pub state: FileState,
        /// SHA-256 of the bytes as they landed: the address in the archive.
        pub landed_digest: FileDigest,
        /// How many bytes landed.
        pub landed_bytes: i64,
        /// SHA-256 of the opened content: decides "the same bytes".
        pub content_digest: Option<FileDigest>,
        /// How many bytes the opened content has.
        pub content_bytes: Option<i64>,
        /// The envelope that was opened, such as `lz77`.
        pub envelope: Option<String>,
        /// The mapping that read it.
        pub mapping: Option<String>,
        /// The label of the job's `[[read]]` entry that fitted.
        pub read_label: Option<String>,
        /// The run that decided it, or works on it.
        pub run_no: Option<RunNo>,
        /// The business day it belongs to.
        pub business_date: Option<NaiveDate>,
        /// When it landed.
        pub received_at: DateTime<Utc>,
        /// When its state was decided last.
        pub decided_at: Option<DateTime<Utc>>,
        /// When it was loaded.
        pub loaded_at: Option<DateTime<Utc>>,
        /// How many records its header or trailer promises.
        pub promised: Option<i64>,
        /// How many records were decoded.
        pub decoded: i64,
        /// How many rows were loaded.
        pub loaded: i64,
        /// How many records were rejected.
        pub rejected: i64,
        /// How many records had a key that was there already.
        pub duplicates: i64,
        /// How many of the loaded rows carry a flag.
        pub flagged: i64,
        /// Why it is held or refused, as a code.
        pub code: Option<String>,
        /// Why it is held or refused, in a sentence.
        pub reason: Option<String>,
        /// The accepted file that it repeats or alters.
        pub original_file_no: Option<FileNo>,
        /// The accepted file whose place an operator allowed it to take.
        pub supersedes: Option<FileNo>,
        /// The file that took its place.
        pub superseded_by: Option<FileNo>,
        /// Whether its business answer is composed.
        pub answer_state: AnswerState,
        /// Whether it is finished (archived, moved, deleted) at the partner.
        pub finish_state: FinishState,
        /// When the partner last wrote the file, by its transport's listing.
        pub source_modified_at: Option<DateTime<Utc>>,
        /// What its companion files say of it.
        pub promise: Option<String>,
        /// The archive of which it is an entry.
        pub container_file_no: Option<FileNo>,
        /// Its name inside that archive; `name` is then [`entry_path`].
        pub entry: Option<String>,
    }
}

impl FileRow {
    /// Whether a listing that says `modified_at` may have seen the file of this row: the same
    /// moment of writing, to the microsecond that the books keep; any, where it was not noted.
    pub fn may_be_written_at(&self, modified_at: DateTime<Utc>) -> bool {
        let noted = self.source_modified_at.map(|at| at.timestamp_micros());
        noted.is_none_or(|noted| noted == modified_at.timestamp_micros())
    }

    /// Where it came from; of an entry, with its path inside the archive.
    pub fn location(&self) -> Location {
        Location::new(&*self.connection, &*self.path, &*self.name)
    }

    /// Where what lies at the partner is or was: the file itself, or the archive around it. Claims
    /// are for that.
    pub fn source(&self) -> Location {
        Location::new(&*self.connection, &*self.path, self.source_name())
    }

    /// The name of what lies at the partner.
    pub fn source_name(&self) -> &str {
        let inside = self.entry.as_deref();
        inside
            .and_then(|entry| self.name.strip_suffix(entry)?.strip_suffix(entries::INSIDE))
            .unwrap_or(&self.name)
    }

    /// Its name without the archive around it.
    pub fn own_name(&self) -> &str {
        self.entry.as_deref().unwrap_or(&self.name)
    }
}

/// How many records a file has, and what became of them:
/// promised = decoded = loaded + rejected + duplicates.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Counts {
    /// What the header or trailer promises, if it does.
    pub promised: Option<i64>,
    /// Decoded.
    pub decoded: i64,
    /// Loaded as rows.
    pub loaded: i64,
    /// Refused.
    pub rejected: i64,
    /// Not loaded because their key was there already.
    pub duplicates: i64,
    /// Loaded with a flag.
    pub flagged: i64,
}
