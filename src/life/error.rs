//! Why lives could not be told or judged.

use super::codes;
use crate::dataset::DatasetError;
use crate::db::DbError;
use crate::diag::Code;
use crate::ledger::LedgerError;

/// Why lives could not be told or judged. That steps are out of order is a result, not an error.
#[derive(Debug, thiserror::Error)]
pub enum LifeError {
    /// The database did not do it.
    #[error(transparent)]
    Db(#[from] DbError),
    /// A condition could not be asked.
    #[error(transparent)]
    Dataset(#[from] DatasetError),
    /// The ledger did not keep it.
    #[error(transparent)]
    Ledger(#[from] LedgerError),
    /// One subject has more events than a timeline holds.
    #[error("the subject has more than {limit} events; look whether its name stands for many")]
    TooLong {
        /// How many it may have.
        limit: usize,
    },
}

impl LifeError {
    /// Whether the same work may succeed later, unchanged.
    pub fn is_transient(&self) -> bool {
        match self {
            Self::Db(error) => error.is_transient(),
            Self::Dataset(error) => error.is_transient(),
            Self::Ledger(error) => error.is_transient(),
            Self::TooLong { .. } => false,
        }
    }

    /// The code for messages, JSON and `dukou explain`.
    pub fn code(&self) -> &'static Code {
        match self {
            Self::Db(error) => error.code(),
            Self::Dataset(error) => error.code(),
            Self::Ledger(error) => error.code(),
            Self::TooLong { .. } => &codes::LIFE_TOO_LONG,
        }
    }
}
