//! Why a reconciliation could not be made.

use super::codes;
use crate::calendar::{CALENDAR_YEAR_MISSING, CalendarError};
use crate::dataset::DatasetError;
use crate::db::DbError;
use crate::diag::Code;
use crate::id::Ident;
use crate::ledger::LedgerError;

/// Why a reconciliation could not be made. That two sides differ is a result, not an error.
#[derive(Debug, thiserror::Error)]
pub enum ReconcileError {
    /// The database did not do it.
    #[error(transparent)]
    Db(#[from] DbError),
    /// A condition could not be asked.
    #[error(transparent)]
    Dataset(#[from] DatasetError),
    /// The ledger did not keep it.
    #[error(transparent)]
    Ledger(#[from] LedgerError),
    /// A sum beyond 64 bits.
    #[error("the sum of `{what}` does not fit 64 bits; look for an absurd amount in its rows")]
    Overflow {
        /// The part or dataset that was summed.
        what: String,
    },
    /// The calendar does not know a day that is needed.
    #[error(transparent)]
    Calendar(#[from] CalendarError),
    /// A pass with a tolerance has more pairs than it may weigh.
    #[error(
        "pass `{pass}` has more than {limit} pairs within its tolerance; name more columns in `on`"
    )]
    TooManyPairs {
        /// The pass.
        pass: Ident,
        /// How many it may have.
        limit: u64,
    },
    /// A side's figures do not tie out.
    #[error(
        "{what}: {expected_count} rows and {expected_amount} fen were expected, {found_count} rows \
         and {found_amount} fen were found; nothing is kept"
    )]
    TieOut {
        /// Which figures.
        what: String,
        /// Rows on one side of the equation.
        expected_count: i64,
        /// 分 on one side of the equation.
        expected_amount: i64,
        /// Rows on the other side.
        found_count: i64,
        /// 分 on the other side.
        found_amount: i64,
    },
}

impl ReconcileError {
    /// Whether the same work may succeed later, unchanged.
    pub fn is_transient(&self) -> bool {
        match self {
            Self::Db(error) => error.is_transient(),
            Self::Dataset(error) => error.is_transient(),
            Self::Ledger(error) => error.is_transient(),
            // Rows that another load commits in between are there the next time.
            Self::TieOut { .. } => true,
            Self::Overflow { .. } | Self::Calendar(_) | Self::TooManyPairs { .. } => false,
        }
    }

    /// The code for messages, JSON and `dukou explain`.
    pub fn code(&self) -> &'static Code {
        match self {
            Self::Db(error) => error.code(),
            Self::Dataset(error) => error.code(),
            Self::Ledger(error) => error.code(),
            Self::Overflow { .. } => &codes::RECONCILE_OVERFLOW,
            Self::Calendar(_) => &CALENDAR_YEAR_MISSING,
            Self::TooManyPairs { .. } => &codes::MATCH_PAIRS,
            Self::TieOut { .. } => &codes::MATCH_TIE_OUT,
        }
    }
}
