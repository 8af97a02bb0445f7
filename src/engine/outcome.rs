//! What a run did, for screens, for `--json` and for the books.

use chrono::NaiveDate;
use serde::Serialize;
use serde_json::{Value as Json, json};

use super::{EngineError, Mode, RunRequest};
use crate::id::{DeliveryNo, FileNo, RunNo};
use crate::job::{Job, Outcome};
use crate::ledger::Counts;

/// The outcome of an archive whose entries are files of their own, beside those of [`Outcome`].
pub const OPENED: &str = "opened";

/// The same in Chinese.
pub const OPENED_TITLE: &str = "已拆包";

/// What a run did.
#[derive(Debug, Clone, Serialize)]
pub struct RunReport {
    /// The job.
    pub job: String,
    /// The business day.
    pub business_date: NaiveDate,
    /// Whether nothing was changed.
    pub is_dry_run: bool,
    /// The run's number; none for a dry run.
    pub run_no: Option<i64>,
    /// What became of each file.
    pub files: Vec<FileReport>,
    /// What was sent.
    pub deliveries: Vec<DeliveryReport>,
    /// What was not taken, and why.
    pub skipped: Vec<Skipped>,
    /// Other results in a sentence each.
    pub notes: Vec<String>,
    /// The figures of a matching by rows, as the ledger keeps them; money in 分.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub matched: Option<Json>,
    /// The figures of a run over all lives, as the ledger keeps them.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub lives: Option<Json>,
    /// Whether a reconciliation found a difference, or a report shows one.
    pub has_breaks: bool,
}

/// What became of one file.
#[derive(Debug, Clone, Serialize)]
pub struct FileReport {
    /// Its name at the partner; of an archive's entry `ARCHIVE!/ENTRY`.
    pub name: String,
    /// Its number; none in a dry run.
    pub file_no: Option<i64>,
    /// The read that fitted.
    pub read: Option<String>,
    /// The outcome's word.
    pub outcome: &'static str,
    /// The outcome in Chinese.
    pub title: &'static str,
    /// Records decoded.
    pub decoded: i64,
    /// Rows loaded.
    pub loaded: i64,
    /// Records refused.
    pub rejected: i64,
    /// Rows whose key was there.
    pub duplicates: i64,
    /// Rows loaded flagged.
    pub flagged: i64,
    /// Rows by the reason that the decide rules gave.
    pub decided: Vec<(i64, String, u64)>,
    /// Why it is held, as a code.
    pub code: Option<String>,
    /// Why it is held, in a sentence.
    pub reason: Option<String>,
    /// What was found beside its records, such as hidden rows, in a sentence each.
    pub notes: Vec<String>,
}

/// What was sent.
#[derive(Debug, Clone, Serialize)]
pub struct DeliveryReport {
    /// Its number.
    pub delivery_no: i64,
    /// Its name at the partner.
    pub name: String,
    /// The mapping that rendered it.
    pub mapping: String,
    /// Whether it arrived; else why not.
    pub error: Option<String>,
}

/// A file that was not taken.
#[derive(Debug, Clone, Serialize)]
pub struct Skipped {
    /// Its name, everything unusual escaped.
    pub name: String,
    /// Why, as a code.
    pub code: String,
    /// Why, in a sentence.
    pub reason: String,
    /// Whether somebody must look; else it is only waiting.
    pub is_refused: bool,
}

impl RunReport {
    pub(super) fn new(job: &Job, request: &RunRequest, run_no: Option<RunNo>) -> Self {
        Self {
            is_dry_run: request.mode == Mode::DryRun,
            run_no: run_no.map(|run| run.0),
            ..Self::of(job.name.as_str(), request.business_date)
        }
    }

    /// Of work that is no run of a job: what it is, and on which day.
    pub(super) fn of(what: &str, business_date: NaiveDate) -> Self {
        Self {
            job: what.to_owned(),
            business_date,
            is_dry_run: false,
            run_no: None,
            files: Vec::new(),
            deliveries: Vec::new(),
            skipped: Vec::new(),
            notes: Vec::new(),
            matched: None,
            lives: None,
            has_breaks: false,
        }
    }

    /// Whether no file is held, nothing was refused or failed, and both sides agree.
    pub fn is_clean(&self) -> bool {
        let held = |file: &FileReport| !matches!(file.outcome, "loaded" | "duplicate" | OPENED);
        !self.has_breaks
            && !self.files.iter().any(held)
            && !self
                .deliveries
                .iter()
                .any(|delivery| delivery.error.is_some())
            && !self.skipped.iter().any(|skipped| skipped.is_refused)
    }

    pub(super) fn summary(&self, error: Option<&EngineError>) -> Json {
        let loaded: i64 = self.files.iter().map(|file| file.loaded).sum();
        json!({
            "files": self.files.len(),
            "rows": loaded,
            "deliveries": self.deliveries.len(),
            "skipped": self.skipped.len(),
            "notes": self.notes,
            "error": error.map(ToString::to_string),
        })
    }
}

impl FileReport {
    pub(super) fn new(name: &str, file_no: Option<FileNo>, outcome: Outcome) -> Self {
        Self {
            name: name.to_owned(),
            file_no: file_no.map(|file| file.0),
            read: None,
            outcome: outcome.word(),
            title: outcome.title(),
            decoded: 0,
            loaded: 0,
            rejected: 0,
            duplicates: 0,
            flagged: 0,
            decided: Vec::new(),
            code: None,
            reason: None,
            notes: Vec::new(),
        }
    }

    /// An archive whose entries are files of their own.
    pub(super) fn opened(name: &str, file_no: FileNo) -> Self {
        Self {
            outcome: OPENED,
            title: OPENED_TITLE,
            ..Self::new(name, Some(file_no), Outcome::Loaded)
        }
    }

    pub(super) fn with_counts(mut self, counts: &Counts) -> Self {
        self.decoded = counts.decoded;
        self.loaded = counts.loaded;
        self.rejected = counts.rejected;
        self.duplicates = counts.duplicates;
        self.flagged = counts.flagged;
        self
    }
}

impl DeliveryReport {
    pub(super) fn new(delivery: DeliveryNo, name: &str, mapping: &str) -> Self {
        Self {
            delivery_no: delivery.0,
            name: name.to_owned(),
            mapping: mapping.to_owned(),
            error: None,
        }
    }
}
