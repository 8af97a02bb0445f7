//! A dataset, checked, and the collection of all of them.

use super::column::{Class, Column, ColumnType};
use crate::id::Ident;
use crate::value::Kind;
use std::collections::{BTreeMap, BTreeSet};

/// The most columns a dataset may declare.
pub const MAX_COLUMNS: usize = 200;

/// The columns that every table has behind the declared ones; all integers, never null.
///
/// | column | what |
/// |---|---|
/// | `lineage_file` | the ledger's number of the file the row came with |
/// | `lineage_record` | the record in that file, from 1 |
/// | `lineage_offset` | its first byte in the opened content, from 0 |
/// | `lineage_length` | its bytes |
///
/// A row that the hub composed has the place of the row it was composed from.
pub const LINEAGE: [&str; 4] = [
    "lineage_file",
    "lineage_record",
    "lineage_offset",
    "lineage_length",
];

/// A declared, typed, documented table of the shared store.
///
/// Made by [`Dataset::read`]; the names in it exist among its columns, and its name is that of
/// its file and of its table.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Dataset {
    pub(super) name: Ident,
    pub(super) title: String,
    pub(super) title_en: String,
    pub(super) doc: Option<String>,
    pub(super) key: Vec<Ident>,
    pub(super) distribution: Ident,
    pub(super) indexes: Vec<Vec<Ident>>,
    pub(super) has_file_index: bool,
    pub(super) effective: Option<Ident>,
    pub(super) columns: Vec<Column>,
}

impl Dataset {
    /// Its name, which is its table's.
    pub fn name(&self) -> &Ident {
        &self.name
    }

    /// Chinese title.
    pub fn title(&self) -> &str {
        &self.title
    }

    /// English title.
    pub fn title_en(&self) -> &str {
        &self.title_en
    }

    /// What else a reader of the dictionary must know.
    pub fn doc(&self) -> Option<&str> {
        self.doc.as_deref()
    }

    /// The natural key, in the order of the primary key; never null.
    pub fn key(&self) -> &[Ident] {
        &self.key
    }

    /// The column that decides where a row lives when the store is distributed; in the key.
    pub fn distribution(&self) -> &Ident {
        &self.distribution
    }

    /// Declared indexes; one on `lineage_file` comes with them unless the dataset says otherwise.
    pub fn indexes(&self) -> &[Vec<Ident>] {
        &self.indexes
    }

    /// From when a row is in force: until the next row of the same other key columns.
    pub fn effective(&self) -> Option<&Ident> {
        self.effective.as_ref()
    }

    /// The declared columns, in written order: the order of the values of a staged row.
    pub fn columns(&self) -> &[Column] {
        &self.columns
    }

    /// A declared column.
    pub fn column(&self, name: &str) -> Option<&Column> {
        self.columns
            .iter()
            .find(|column| column.name.as_str() == name)
    }

    /// Where a column stands among the declared ones, from 0.
    pub fn position(&self, name: &str) -> Option<usize> {
        self.columns
            .iter()
            .position(|column| column.name.as_str() == name)
    }

    /// How each declared column is stored.
    pub fn kinds(&self) -> Vec<Kind> {
        self.columns
            .iter()
            .map(|column| column.column_type.kind())
            .collect()
    }

    /// Where the key's columns stand among the declared ones, in the order of the key.
    pub fn key_positions(&self) -> Vec<usize> {
        self.key
            .iter()
            .filter_map(|name| self.position(name.as_str()))
            .collect()
    }

    /// Whether a column may be null: every one outside the key.
    pub fn is_nullable(&self, name: &str) -> bool {
        !self.key.iter().any(|key| key.as_str() == name)
    }

    /// The personal-data class of a column; lineage has none.
    pub fn class(&self, name: &str) -> Class {
        self.column(name).map_or(Class::None, |column| column.class)
    }

    /// The type of a declared or lineage column.
    pub fn type_of(&self, name: &str) -> Option<ColumnType> {
        if LINEAGE.contains(&name) {
            return Some(ColumnType::Integer);
        }
        self.column(name).map(|column| column.column_type)
    }
}

/// All datasets, by name.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Datasets {
    checked: BTreeMap<Ident, Dataset>,
    broken: BTreeSet<String>,
}

impl Datasets {
    /// One dataset.
    pub fn get(&self, name: &str) -> Option<&Dataset> {
        Ident::new(name)
            .ok()
            .and_then(|name| self.checked.get(&name))
    }

    /// All, in the order of their names.
    pub fn iter(&self) -> impl Iterator<Item = &Dataset> {
        self.checked.values()
    }

    /// All names, in order.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.checked.keys().map(Ident::as_str)
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        self.checked.len()
    }

    /// Whether there is a file of that name whose own problems are reported already: whoever names
    /// it makes no further mistake, and nothing that depends on its columns can be checked.
    pub fn is_broken(&self, name: &str) -> bool {
        self.broken.contains(name)
    }

    /// Remembers a file that could not be made a dataset.
    pub(super) fn note_broken(&mut self, name: &str) {
        self.broken.insert(name.to_owned());
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.checked.is_empty()
    }
}

impl FromIterator<Dataset> for Datasets {
    fn from_iter<I: IntoIterator<Item = Dataset>>(datasets: I) -> Self {
        Self {
            checked: datasets
                .into_iter()
                .map(|dataset| (dataset.name.clone(), dataset))
                .collect(),
            broken: BTreeSet::new(),
        }
    }
}
