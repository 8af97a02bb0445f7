//! What the store remembers of a dataset: the structure, not the titles.

use super::column::Column;
use super::table::Dataset;
use crate::id::Ident;
use serde::{Deserialize, Serialize};

/// A dataset's structure as recorded in table `dukou_dataset`, in JSON.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Definition {
    /// Name and type of each declared column, in written order.
    pub(super) columns: Vec<(String, String)>,
    pub(super) key: Vec<String>,
    pub(super) distribution: String,
    pub(super) indexes: Vec<Vec<String>>,
}

impl Definition {
    pub(super) fn of(dataset: &Dataset) -> Self {
        Self {
            columns: dataset
                .columns()
                .iter()
                .map(|column| (column.name.to_string(), column.type_name()))
                .collect(),
            key: names(dataset.key()),
            distribution: dataset.distribution().to_string(),
            indexes: dataset
                .indexes()
                .iter()
                .map(|columns| names(columns))
                .collect(),
        }
    }

    pub(super) fn from_json(text: &str) -> Option<Self> {
        serde_json::from_str(text).ok()
    }

    pub(super) fn to_json(&self) -> String {
        serde_json::to_string(self).expect("texts and lists are always JSON")
    }

    pub(super) fn type_of(&self, column: &str) -> Option<&str> {
        let found = self.columns.iter().find(|(name, _)| name == column);
        found.map(|(_, column_type)| column_type.as_str())
    }

    pub(super) fn has_index(&self, columns: &[Ident]) -> bool {
        self.indexes.contains(&names(columns))
    }
}

impl Column {
    /// Its type as recorded: `text`, `decimal(12,3)`.
    pub(super) fn type_name(&self) -> String {
        self.column_type.to_string()
    }
}

fn names(idents: &[Ident]) -> Vec<String> {
    idents.iter().map(ToString::to_string).collect()
}
