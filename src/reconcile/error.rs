//! Why a reconciliation could not be made.

use super::codes;
use crate::dataset::DatasetError;
use crate::db::DbError;
use crate::diag::Code;
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
}

impl ReconcileError {
    /// Whether the same work may succeed later, unchanged.
    pub fn is_transient(&self) -> bool {
        match self {
            Self::Db(error) => error.is_transient(),
            Self::Dataset(error) => error.is_transient(),
            Self::Ledger(error) => error.is_transient(),
            Self::Overflow { .. } => false,
        }
    }

    /// The code for messages, JSON and `dukou explain`.
    pub fn code(&self) -> &'static Code {
        match self {
            Self::Db(error) => error.code(),
            Self::Dataset(error) => error.code(),
            Self::Ledger(error) => error.code(),
            Self::Overflow { .. } => &codes::RECONCILE_OVERFLOW,
        }
    }
}
