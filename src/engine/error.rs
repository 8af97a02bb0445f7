//! Why a run, or one file of it, could not be completed.

use std::io;
use std::path::PathBuf;

use super::codes;
use super::staging::StagingError;
use crate::dataset::DatasetError;
use crate::db::DbError;
use crate::diag::Code;
use crate::envelope::EnvelopeError;
use crate::format::WriteError;
use crate::key::KeyError;
use crate::ledger::LedgerError;
use crate::life::LifeError;
use crate::reconcile::ReconcileError;
use crate::report::ReportError;
use crate::retry::{Class, Classify};
use crate::secret::SecretError;
use crate::transport::TransportError;

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
    /// A reconciliation names a calendar that is gone.
    #[error("there is no calendar `{name}` in jobs/calendars")]
    UnknownCalendar {
        /// What was asked for.
        name: String,
    },
    /// A job is named where a reconciliation is wanted.
    #[error("`{name}` is no reconciliation")]
    NoReconciliation {
        /// The job.
        name: String,
    },
    /// The rows that a job composes do not say which message they are.
    #[error("`{job}` composes no row of its mapping's first dataset with `{{ number = true }}`")]
    Unnumbered {
        /// The job.
        job: String,
    },
    /// What a job sends has no name that it could be sent under.
    #[error("`{job}` cannot name what it sends: {why}")]
    Unnameable {
        /// The job.
        job: String,
        /// Why.
        why: String,
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
    /// Keys of the settings that cannot be used: all of them.
    #[error("{}", .0.iter().map(ToString::to_string).collect::<Vec<_>>().join("; "))]
    Keys(Vec<KeyError>),
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
    /// Judging lives.
    #[error(transparent)]
    Life(#[from] LifeError),
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
    /// Whether a request was sent and nobody knows what became of it.
    pub fn is_outcome_unknown(&self) -> bool {
        matches!(self, Self::Transport(error) if error.is_outcome_unknown())
    }

    /// The code for messages, JSON and `dukou explain`.
    pub fn code(&self) -> &'static Code {
        match self {
            Self::UnknownJob { .. } => &codes::UNKNOWN_JOB,
            Self::UnknownConnection { .. } => &codes::UNKNOWN_CONNECTION,
            Self::UnknownCalendar { .. } => &codes::UNKNOWN_CALENDAR,
            Self::NoReconciliation { .. } => &codes::NO_RECONCILIATION,
            Self::Unnumbered { .. } => &codes::UNNUMBERED_MESSAGE,
            Self::Unnameable { .. } => &codes::UNNAMEABLE,
            Self::MappingGone { .. } => &codes::MAPPING_GONE,
            Self::JobGone { .. } => &codes::JOB_GONE,
            Self::Unrenderable { .. } => &codes::UNRENDERABLE,
            Self::Directory { .. } => &codes::HUB_DIRECTORY,
            Self::WorkerLost { .. } => &codes::WORKER_LOST,
            Self::NotNow(_) => &codes::NOT_NOW,
            Self::Db(error) => error.code(),
            Self::Ledger(error) => error.code(),
            Self::Dataset(error) => error.code(),
            Self::Transport(error) => error.code(),
            Self::Staging(_) => &codes::STAGING_FAILED,
            Self::Keys(errors) => errors
                .first()
                .map_or(&codes::SECRET_MISSING, KeyError::code),
            Self::Secret(_) => &codes::SECRET_MISSING,
            Self::Write(WriteError::Unwritable { code, .. }) => code,
            Self::Envelope(error) => error.code().unwrap_or(&codes::LOCAL_FILE),
            Self::Reconcile(error) => error.code(),
            Self::Life(error) => error.code(),
            Self::Report(error) => error.code(),
            Self::Write(WriteError::Write(_)) | Self::Io { .. } => &codes::LOCAL_FILE,
        }
    }

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
            Self::Life(error) => error.is_transient(),
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

#[cfg(test)]
mod tests {
    use super::*;

    /// A failure of each situation that is the engine's own, with its code.
    fn situations() -> Vec<(EngineError, &'static str)> {
        let name = || "a/b".to_owned();
        let disk = || io::Error::other("no room");
        vec![
            (
                EngineError::UnknownJob {
                    name: name(),
                    known: Vec::new(),
                },
                "unknown-job",
            ),
            (
                EngineError::UnknownConnection { name: name() },
                "unknown-connection",
            ),
            (
                EngineError::UnknownCalendar { name: name() },
                "unknown-calendar",
            ),
            (
                EngineError::NoReconciliation { name: name() },
                "not-a-reconciliation",
            ),
            (
                EngineError::Unnumbered { job: name() },
                "unnumbered-message",
            ),
            (
                EngineError::MappingGone {
                    delivery: 7,
                    mapping: name(),
                },
                "mapping-gone",
            ),
            (
                EngineError::JobGone {
                    file: 7,
                    location: name(),
                },
                "job-gone",
            ),
            (
                EngineError::Unrenderable {
                    delivery: 7,
                    why: name(),
                },
                "unrenderable",
            ),
            (
                EngineError::Directory {
                    path: name().into(),
                    source: disk(),
                },
                "hub-directory",
            ),
            (
                EngineError::WorkerLost {
                    doing: "sealing a file",
                },
                "worker-lost",
            ),
            (EngineError::NotNow(name()), "not-now"),
            (EngineError::Write(WriteError::Write(disk())), "local-file"),
            (
                EngineError::Envelope(EnvelopeError::Write(disk())),
                "local-file",
            ),
            (
                EngineError::Io {
                    doing: "opening a copy",
                    source: disk(),
                },
                "local-file",
            ),
            (
                EngineError::Secret(SecretError::Unset { name: name() }),
                "secret-missing",
            ),
        ]
    }

    #[test]
    fn every_situation_has_its_code_and_every_code_is_listed() {
        for (error, code) in situations() {
            assert_eq!(error.code().id, code, "{error}");
            assert!(
                codes::CODES.contains(error.code()),
                "`{code}` is not listed"
            );
        }
    }
}
