//! Why an operation on the shared store did not work.

use super::codes;
use super::migrate::{Change, Incompatibility};
use crate::db::DbError;
use crate::diag::Code;
use crate::id::Ident;
use crate::value::Kind;

/// Why an operation on datasets did not work.
#[derive(Debug, thiserror::Error)]
pub enum DatasetError {
    /// The database did not do it.
    #[error(transparent)]
    Store(#[from] DbError),
    /// The declarations and the store differ by more than additions; nothing was changed.
    #[error("{}; a store is only migrated by adding: restore the declaration, or declare a new dataset and load it from the archive", shown(.0))]
    NotAdditive(Vec<Incompatibility>),
    /// The store lacks something that is declared.
    #[error("the store is not up to date ({}); run `dukou store migrate`", shown(.0))]
    Outdated(Vec<Change>),
    /// A table of a dataset's name exists and no dataset made it.
    #[error(
        "a table `{dataset}` exists already and no dataset made it; rename the dataset, or move the table away"
    )]
    TableTaken {
        /// The dataset.
        dataset: Ident,
    },
    /// What the store remembers of a dataset cannot be read.
    #[error(
        "the definition of `{dataset}` in table `dukou_dataset` cannot be read; restore the row from a backup, or use the program that wrote it"
    )]
    Definition {
        /// The dataset.
        dataset: String,
    },
    /// A column was asked for that the dataset does not have.
    #[error("dataset `{dataset}` has no column `{column}`")]
    NoColumn {
        /// The dataset.
        dataset: Ident,
        /// What was asked for.
        column: String,
    },
    /// A column was asked for in a way its type does not have.
    #[error("column `{column}` of `{dataset}` is `{found}` and {expected} was expected")]
    ColumnKind {
        /// The dataset.
        dataset: Ident,
        /// The column.
        column: String,
        /// Its type.
        found: String,
        /// What was wanted.
        expected: &'static str,
    },
    /// A statement needs something that its caller did not give.
    #[error("dataset `{dataset}`: {what} `{name}` is needed and was not given")]
    NotGiven {
        /// The dataset composed or asked about.
        dataset: Ident,
        /// What kind of thing.
        what: &'static str,
        /// Its name.
        name: String,
    },
    /// A value of the caller has another kind than the column it goes to.
    #[error("dataset `{dataset}`: `{name}` is {found:?} and column `{column}` is {expected:?}")]
    GivenKind {
        /// The dataset composed.
        dataset: Ident,
        /// The name of the value.
        name: String,
        /// The column.
        column: Ident,
        /// The kind given.
        found: Kind,
        /// The kind of the column.
        expected: Kind,
    },
}

impl DatasetError {
    /// Whether the same work may succeed later, unchanged.
    pub fn is_transient(&self) -> bool {
        matches!(self, Self::Store(error) if error.is_transient())
    }

    /// The code for messages, JSON and the ledger.
    pub fn code(&self) -> &'static Code {
        match self {
            Self::Store(error) => error.code(),
            Self::NotAdditive(_) | Self::TableTaken { .. } | Self::Definition { .. } => {
                &codes::STORE_NOT_ADDITIVE
            }
            Self::Outdated(_) => &codes::STORE_OUTDATED,
            Self::NoColumn { .. }
            | Self::ColumnKind { .. }
            | Self::NotGiven { .. }
            | Self::GivenKind { .. } => &codes::DATASET_USE,
        }
    }
}

/// All of them, up to five by name.
fn shown<T: std::fmt::Display>(all: &[T]) -> String {
    const MOST: usize = 5;
    let mut text: Vec<String> = all.iter().take(MOST).map(ToString::to_string).collect();
    if all.len() > MOST {
        text.push(format!("and {} more", all.len() - MOST));
    }
    text.join("; ")
}
