//! Why a report was not written.

use std::io;
use std::path::{Path, PathBuf};

use chrono::NaiveDate;

use super::codes;
use crate::db::DbError;
use crate::diag::Code;
use crate::ledger::LedgerError;
use crate::reconcile::{Figure, ReconcileError};

/// Why a report was not written. Nothing was recorded; the same work may be done again.
#[derive(Debug, thiserror::Error)]
pub enum ReportError {
    /// The database did not do it.
    #[error(transparent)]
    Db(#[from] DbError),
    /// The ledger did not do it.
    #[error(transparent)]
    Ledger(#[from] LedgerError),
    /// The rows could not be read.
    #[error(transparent)]
    Reconcile(#[from] ReconcileError),
    /// The day has no reconciliation.
    #[error(
        "`{name}` has not been reconciled for {business_date}; run `dukou run {name} --business-date {business_date}` first"
    )]
    NoReconciliation {
        /// The reconciliation.
        name: String,
        /// The day.
        business_date: NaiveDate,
    },
    /// The rows no longer add up to what the reconciliation found.
    #[error(
        "`{part}` was {then_count} rows and {then_amount} yuan when it was reconciled and is {now_count} rows and {now_amount} yuan now; reconcile the day again",
        then_count = .then.count, then_amount = .then.amount, now_count = .now.count, now_amount = .now.amount
    )]
    StoreChanged {
        /// The component.
        part: String,
        /// What the ledger keeps.
        then: Figure,
        /// What the rows come to.
        now: Figure,
    },
    /// A file or folder could not be written.
    #[error("cannot {action} `{}`: {source}", path.display())]
    Io {
        /// What was tried.
        action: &'static str,
        /// With what.
        path: PathBuf,
        /// The system's reason.
        source: io::Error,
    },
    /// The template and its data do not fit: a bug.
    #[error("the page could not be filled: {0}")]
    Page(#[from] minijinja::Error),
    /// The workbook and its data do not fit: a bug.
    #[error("the workbook could not be filled: {0}")]
    Book(#[from] rust_xlsxwriter::XlsxError),
    /// Other processes kept taking the next version.
    #[error("other processes wrote {tries} versions of `{name}` meanwhile; run it again")]
    Overtaken {
        /// The report.
        name: String,
        /// How often it was tried.
        tries: u32,
    },
}

impl ReportError {
    /// Whether the same work may succeed later, unchanged.
    pub fn is_transient(&self) -> bool {
        match self {
            Self::Db(error) => error.is_transient(),
            Self::Ledger(error) => error.is_transient(),
            Self::Reconcile(error) => error.is_transient(),
            Self::Overtaken { .. } => true,
            _ => false,
        }
    }

    /// The code for messages, JSON and `dukou explain`.
    pub fn code(&self) -> &'static Code {
        match self {
            Self::Db(error) => error.code(),
            Self::Ledger(error) => error.code(),
            Self::Reconcile(error) => error.code(),
            Self::NoReconciliation { .. } => &codes::REPORT_NO_RECONCILIATION,
            Self::StoreChanged { .. } => &codes::REPORT_STORE_CHANGED,
            Self::Io { .. } | Self::Overtaken { .. } => &codes::REPORT_NOT_WRITTEN,
            Self::Page(_) => &codes::REPORT_PAGE,
            Self::Book(_) => &codes::REPORT_BOOK,
        }
    }

    /// For `map_err` of an operation on a path.
    pub(super) fn io(action: &'static str, path: &Path) -> impl FnOnce(io::Error) -> Self {
        let path = path.to_owned();
        move |source| Self::Io {
            action,
            path,
            source,
        }
    }
}
