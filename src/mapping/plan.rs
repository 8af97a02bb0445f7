//! A checked mapping, as the mapper and the writer use it.

use std::sync::Arc;

use super::control::ControlPlan;
use super::field::FieldPlan;
use super::find::FindPlan;
use crate::dataset::Dataset;
use crate::db::OnConflict;
use crate::format::{FormatPlan, Layout};
use crate::id::{Ident, MappingName};
use crate::value::Kind;

/// Whether the layout is a public fact or a stand-in for a contract's own.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Status {
    /// Built exactly from public facts.
    Public,
    /// A labelled profile: the contract's layout replaces it.
    Profile,
}

/// What makes a file this file: values of the identity record, or of the surroundings.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum IdentityPlan {
    /// Fields of one record kind, which must occur exactly once.
    Record {
        /// Which kind of record.
        record: usize,
        /// Its fields.
        fields: Vec<usize>,
    },
    /// Values of the surroundings, such as `file_name`.
    Context(Vec<String>),
}

/// A number that is contiguous within a scope: holes are gaps.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SequencePlan {
    /// Which kind of record has it.
    pub record: usize,
    /// The numbered field.
    pub number: usize,
    /// The fields within which it is contiguous.
    pub scope: Vec<usize>,
}

/// A row whose needed fields are readable is loaded flagged instead of refused.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FlagPlan {
    /// Fields that must be readable; key columns are needed in any case.
    pub needs: Vec<usize>,
    /// The dataset column that says what was wrong.
    pub note: usize,
}

/// One kind of record.
#[derive(Debug, Clone)]
pub struct RecordPlan {
    /// Its name in the mapping.
    pub name: String,
    /// The dataset it fills; none for a header or trailer that only promises.
    pub dataset: Option<Arc<Dataset>>,
    /// What happens to a row whose key is already there.
    pub on_conflict: OnConflict,
    /// Whether unreadable fields may be flagged instead of refused.
    pub flag: Option<FlagPlan>,
    /// Its fields, in the written order.
    pub fields: Vec<FieldPlan>,
    /// For each dataset column, the field that fills it.
    pub by_column: Vec<Option<usize>>,
    /// How each dataset column is stored.
    pub kinds: Vec<Kind>,
    /// The key's columns, in the order of the key.
    pub key: Vec<usize>,
}

/// A checked mapping.
#[derive(Debug, Clone)]
pub struct Mapping {
    /// Its path below `mappings/`.
    pub name: MappingName,
    /// In Chinese.
    pub title: String,
    /// In English.
    pub title_en: String,
    /// Public or profile.
    pub status: Status,
    /// How the file is laid out.
    pub format: FormatPlan,
    /// The kinds of record and their slots, in step with the first of `records`.
    pub layout: Layout,
    /// What identifies a file.
    pub identity: IdentityPlan,
    /// What is contiguous, if anything.
    pub sequence: Option<SequencePlan>,
    /// The kinds of record; those that `finds` fill stand last and have no layout.
    pub records: Vec<RecordPlan>,
    /// What is searched for in texts.
    pub finds: Vec<FindPlan>,
    /// What must tie out.
    pub controls: Vec<ControlPlan>,
    /// Why it cannot be written, if it cannot.
    pub read_only: Option<String>,
}

impl Mapping {
    /// The kind of record with a name.
    pub fn record(&self, name: &str) -> Option<(usize, &RecordPlan)> {
        self.records
            .iter()
            .enumerate()
            .find(|(_, record)| record.name == name)
    }

    /// The names of what makes a file this file: fields of the identity record, or the key of the
    /// first dataset.
    pub fn identity_names(&self) -> Vec<&str> {
        match &self.identity {
            IdentityPlan::Record { record, fields } => {
                let plan = self.records.get(*record);
                let field = |index: &usize| Some(plan?.fields.get(*index)?.name.as_str());
                fields.iter().filter_map(field).collect()
            }
            IdentityPlan::Context(_) => {
                let mut datasets = self
                    .records
                    .iter()
                    .filter_map(|record| record.dataset.as_ref());
                let key = datasets.next().map(|dataset| dataset.key());
                key.unwrap_or_default().iter().map(Ident::as_str).collect()
            }
        }
    }

    /// The kind of record that stands once in a file and identifies it, or the first.
    pub fn file_record(&self) -> usize {
        match &self.identity {
            IdentityPlan::Record { record, .. } => *record,
            IdentityPlan::Context(_) => 0,
        }
    }
}

impl RecordPlan {
    /// The field with a name.
    pub fn field(&self, name: &str) -> Option<(usize, &FieldPlan)> {
        self.fields
            .iter()
            .enumerate()
            .find(|(_, field)| field.name == name)
    }
}
