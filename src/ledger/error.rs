//! Why the ledger did not do what was asked.

use chrono::NaiveDate;

use super::{Location, codes};
use crate::db::DbError;
use crate::diag::Code;
use crate::id::{DeliveryNo, FileDigest, FileNo};

/// Why the ledger did not do what was asked. After any of these the transaction must be rolled
/// back by its owner, but for `NotFound` and `Reason`, which changed nothing.
#[derive(Debug, thiserror::Error)]
pub enum LedgerError {
    /// The database.
    #[error(transparent)]
    Db(#[from] DbError),
    /// A number that the ledger does not have.
    #[error("there is no {what} `{number}`; list them to see the numbers")]
    NotFound {
        /// The kind: `file`, `delivery`, `reject` …
        what: &'static str,
        /// As it was asked for.
        number: String,
    },
    /// A change of state that is not allowed.
    #[error(
        "{what} `{number}` is {from} and cannot become {to}; look at it again, somebody may have been faster"
    )]
    Transition {
        /// The kind: `file`, `delivery`, `reject` …
        what: &'static str,
        /// Which.
        number: String,
        /// The state it has.
        from: &'static str,
        /// The state it was to have.
        to: &'static str,
    },
    /// Another file with the same identity was accepted by a transaction that ran at the same
    /// time: judge this one again, in a new transaction.
    #[error(
        "file `{file}` could not be accepted because another one with its identity was accepted at the same moment; judge it again"
    )]
    IdentityTaken {
        /// The file that came second.
        file: FileNo,
    },
    /// A file was to be accepted before its interface and identity were described.
    #[error("file `{file}` has no interface or no identity yet and cannot be accepted")]
    IdentityMissing {
        /// The file.
        file: FileNo,
    },
    /// The lease ran out and another process took the claim over: nothing may be written.
    #[error(
        "the claim on {location} (epoch {epoch}) is no longer held: its lease ran out and another process took it over; nothing was stored"
    )]
    ClaimLost {
        /// What had been claimed.
        location: Location,
        /// The epoch that is over.
        epoch: i64,
    },
    /// An operator's act that changes the books needs a reason.
    #[error("a reason is needed to {act}; say in a few words why")]
    Reason {
        /// The act: `waive a reject` …
        act: &'static str,
    },
    /// A report's version exists already: versions are never overwritten.
    #[error(
        "report `{name}` of {business_date} has a version {version} already; take the next number"
    )]
    ReportExists {
        /// The report.
        name: String,
        /// Its day.
        business_date: NaiveDate,
        /// The version.
        version: i64,
    },
    /// Rows that are in a table already.
    #[error("{count} rows are in `{table}` already; a file's rejects are written once")]
    Repeated {
        /// The table.
        table: &'static str,
        /// How many.
        count: u64,
    },
    /// A file has its business answer already.
    #[error("file `{file}` has its business answer already; exactly one is composed")]
    AnsweredAlready {
        /// The file.
        file: FileNo,
    },
    /// A resend would send other bytes than the first time under the same number.
    #[error(
        "delivery `{delivery}` was rendered as {was} before and now as {is}; the partner would take it for an altered file: cancel it and compose a new one"
    )]
    OtherBytes {
        /// The delivery.
        delivery: DeliveryNo,
        /// The digest that was sent.
        was: FileDigest,
        /// The digest now.
        is: FileDigest,
    },
    /// A stored value that this program does not know.
    #[error(
        "column `{column}` holds `{found}`, which this program does not know; it was written by a newer program or by hand"
    )]
    Damaged {
        /// Table and column.
        column: &'static str,
        /// What was found.
        found: String,
    },
}

impl LedgerError {
    /// Whether the same work may succeed when it is done again from its beginning.
    pub fn is_transient(&self) -> bool {
        match self {
            Self::Db(error) => error.is_transient(),
            Self::IdentityTaken { .. } => true,
            _ => false,
        }
    }

    /// The code for messages, JSON and `dukou explain`.
    pub fn code(&self) -> &'static Code {
        match self {
            Self::Db(error) => error.code(),
            Self::NotFound { .. } => &codes::UNKNOWN_NUMBER,
            Self::Transition { .. } => &codes::FORBIDDEN_TRANSITION,
            Self::IdentityTaken { .. } => &codes::IDENTITY_TAKEN,
            Self::IdentityMissing { .. } => &codes::IDENTITY_MISSING,
            Self::ClaimLost { .. } => &codes::CLAIM_LOST,
            Self::Reason { .. } => &codes::REASON_MISSING,
            Self::ReportExists { .. } => &codes::REPORT_EXISTS,
            Self::Repeated { .. } => &codes::REPEATED_ROWS,
            Self::AnsweredAlready { .. } => &codes::ANSWERED_ALREADY,
            Self::OtherBytes { .. } => &codes::OTHER_BYTES,
            Self::Damaged { .. } => &codes::LEDGER_DAMAGED,
        }
    }

    pub(super) fn not_found(what: &'static str, number: impl std::fmt::Display) -> Self {
        Self::NotFound {
            what,
            number: number.to_string(),
        }
    }
}

/// An act that must say why: its reason, trimmed and not empty.
pub(super) fn reason<'a>(act: &'static str, text: &'a str) -> Result<&'a str, LedgerError> {
    let text = text.trim();
    if text.is_empty() {
        return Err(LedgerError::Reason { act });
    }
    Ok(text)
}
