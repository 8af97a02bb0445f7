//! Why a run, or one file of it, could not be completed.

use std::io;
use std::path::PathBuf;

use super::staging::StagingError;
use crate::dataset::DatasetError;
use crate::db::DbError;
use crate::diag::Code;
use crate::envelope::EnvelopeError;
use crate::format::WriteError;
use crate::ledger::LedgerError;
use crate::reconcile::ReconcileError;
use crate::report::ReportError;
use crate::retry::{Class, Classify};
use crate::secret::SecretError;
use crate::transport::TransportError;

macro_rules! codes {
    ($($name:ident = $id:literal, $title:literal, $zh:literal, $help:literal;)*) => {
        $(
            #[doc = $title]
            pub(super) const $name: Code = Code { id: $id, title: $title, title_zh: $zh, help: $help };
        )*
        /// What this module can complain about.
        pub const CODES: &[Code] = &[$($name),*];
    };
}

codes! {
    UNROUTABLE = "unroutable", "no `[[read]]` of the job fits the file", "没有可用的读取规则",
        "The values that the job routes by are in the reason. Add a `[[read]]` for such files, or \
         ask the partner why it sent one.";
    MALFORMED = "malformed-file", "the file breaks the rules of its format", "文件格式错误",
        "The reason says where. The bytes are in the archive; ask the partner to send the file \
         again. Nothing of it was loaded.";
    TOO_MANY_REJECTS = "too-many-rejects", "more records are refused than the job tolerates", "拒收记录过多",
        "`dukou rejects list` shows them. Fix the mapping and run `dukou rejects retry FILE`, or \
         ask the partner for a corrected file. Nothing of it was loaded.";
    CONTROL_MISMATCH = "control-mismatch", "a count or sum that the file promises is not so", "汇总核对不符",
        "`dukou files show FILE` shows every promise beside what was decoded. Ask the partner for a \
         corrected file. Nothing of it was loaded.";
    COMPANION_MISMATCH = "companion-mismatch", "the file is not what its companion file says", "文件与其校验文件不符",
        "The digest or size in the companion file differs, or the companion cannot be understood; \
         the reason says what was found. Nothing of the file was loaded. Ask the partner to send \
         both again.";
    NO_IDENTITY = "no-identity", "the file does not say which file it is", "文件标识缺失",
        "The fields that the mapping's `[identity]` names must be there exactly once.";
    REFUSED_BY_RULE = "refused-by-rule", "a `[[refuse]]` rule of the job does not accept the file", "规则拒绝",
        "The reason names the rule and the first rows that met it. Nothing of the file was loaded.";
    DUPLICATE_KEY = "duplicate-key", "a row whose key is already there", "主键重复",
        "Within a file the lowest record number wins; against loaded rows the mapping's \
         `on_conflict` decides. Duplicates count in controls and not in the tolerance.";
}

/// Why work could not be completed.
#[derive(Debug, thiserror::Error)]
pub enum EngineError {
    /// No job has the name.
    #[error("there is no job `{name}`; the jobs are {}", known.join(", "))]
    UnknownJob {
        /// What was asked for.
        name: String,
        /// What there is.
        known: Vec<String>,
    },
    /// A job names a connection that the settings no longer have.
    #[error("there is no connection `{name}` in the settings")]
    UnknownConnection {
        /// What was asked for.
        name: String,
    },
    /// A delivery names a mapping that is gone.
    #[error(
        "delivery {delivery} needs the mapping `{mapping}`, which is gone: restore it, or cancel the delivery with `dukou deliveries cancel {delivery}`"
    )]
    MappingGone {
        /// The delivery.
        delivery: i64,
        /// The mapping.
        mapping: String,
    },
    /// No job of the configuration reads a file any more.
    #[error("file {file} came by `{location}`, which no job reads now")]
    JobGone {
        /// The file.
        file: i64,
        /// Where it came from.
        location: String,
    },
    /// A delivery cannot be rendered from the store.
    #[error("delivery {delivery} cannot be rendered: {why}")]
    Unrenderable {
        /// The delivery.
        delivery: i64,
        /// Why.
        why: String,
    },
    /// A directory of the hub cannot be made or used.
    #[error("the directory `{path}` cannot be used: {source}", path = path.display())]
    Directory {
        /// Which.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// A thread of the work ended in a panic: a bug.
    #[error("a worker stopped unexpectedly while {doing}: this is a bug")]
    WorkerLost {
        /// What it did.
        doing: &'static str,
    },
    /// An operator asked for something that the file's state does not allow.
    #[error("{0}")]
    NotNow(String),
    /// The store.
    #[error(transparent)]
    Db(#[from] DbError),
    /// The books.
    #[error(transparent)]
    Ledger(#[from] LedgerError),
    /// A dataset.
    #[error(transparent)]
    Dataset(#[from] DatasetError),
    /// Files and directories.
    #[error(transparent)]
    Transport(#[from] TransportError),
    /// Spool files.
    #[error(transparent)]
    Staging(#[from] StagingError),
    /// A secret.
    #[error(transparent)]
    Secret(#[from] SecretError),
    /// Writing content.
    #[error(transparent)]
    Write(#[from] WriteError),
    /// Sealing content.
    #[error(transparent)]
    Envelope(#[from] EnvelopeError),
    /// Matching sides.
    #[error(transparent)]
    Reconcile(#[from] ReconcileError),
    /// Writing a report.
    #[error(transparent)]
    Report(#[from] ReportError),
    /// Reading or writing a local file.
    #[error("{doing}: {source}")]
    Io {
        /// What was being done.
        doing: &'static str,
        /// Why it failed.
        source: io::Error,
    },
}

impl EngineError {
    /// Whether the store cannot say if a commit took place: look before doing it again.
    pub(super) fn is_commit_unknown(&self) -> bool {
        match self {
            Self::Db(error) => error.is_commit_unknown(),
            Self::Ledger(LedgerError::Db(error)) => error.is_commit_unknown(),
            _ => false,
        }
    }
}

impl Classify for EngineError {
    fn class(&self) -> Class {
        let is_transient = match self {
            Self::Db(error) => error.is_transient(),
            Self::Ledger(error) => error.is_transient(),
            Self::Dataset(error) => error.is_transient(),
            Self::Transport(error) => error.is_transient(),
            Self::WorkerLost { .. } => return Class::Bug,
            _ => false,
        };
        if is_transient {
            Class::Transient
        } else {
            Class::Permanent
        }
    }
}
