//! `[identity]` and `[sequence]`, as written → checked against the records.

use super::options::{BAD_MAPPING, unknown};
use super::plan::{IdentityPlan, RecordPlan, SequencePlan};
use crate::diag::{Problem, Problems};
use crate::document::{Item, Section};
use crate::format::Layout;

/// The checked records, to resolve names in.
pub(super) struct Checked<'c> {
    pub(super) records: &'c [RecordPlan],
    /// Where their records stand in groups.
    pub(super) layout: &'c Layout,
}

impl Checked<'_> {
    pub(super) fn record(&self, item: &Item<String>, problems: &mut Problems) -> Option<usize> {
        let found = self
            .records
            .iter()
            .position(|record| record.name == item.value);
        if found.is_none() {
            let names = self.records.iter().map(|record| record.name.as_str());
            problems.push(unknown(item, "record", names));
        }
        found
    }

    /// `record.field`.
    pub(super) fn field(
        &self,
        item: &Item<String>,
        problems: &mut Problems,
    ) -> Option<(usize, usize)> {
        let Some((record, field)) = item.value.split_once('.') else {
            let message = format!("found `{}`, expected `record.field`", item.value);
            problems.push(Problem::error(&BAD_MAPPING, item.place.clone(), message));
            return None;
        };
        let record = self.record(&Item::new(record.to_owned(), item.place.clone()), problems)?;
        let field = Item::new(field.to_owned(), item.place.clone());
        Some((record, self.field_of(record, &field, problems)?))
    }

    pub(super) fn field_of(
        &self,
        record: usize,
        item: &Item<String>,
        problems: &mut Problems,
    ) -> Option<usize> {
        let plan = self.records.get(record)?;
        let found = plan.field(&item.value).map(|(index, _)| index);
        if found.is_none() {
            let names = plan.fields.iter().map(|field| field.name.as_str());
            problems.push(unknown(
                item,
                &format!("field of record `{}`", plan.name),
                names,
            ));
        }
        found
    }

    pub(super) fn identity(
        &self,
        section: &Section<'_>,
        problems: &mut Problems,
    ) -> Option<IdentityPlan> {
        match (section.texts("columns"), section.texts("context")) {
            (Some(columns), None) => {
                let record = match section.text("record") {
                    Some(name) => self.record(&name, problems)?,
                    None => 0,
                };
                let fields = columns
                    .iter()
                    .filter_map(|column| self.field_of(record, column, problems))
                    .collect();
                Some(IdentityPlan::Record { record, fields })
            }
            (None, Some(names)) => Some(IdentityPlan::Context(
                names.into_iter().map(|name| name.value).collect(),
            )),
            _ => {
                let message = "an identity has either `columns` or `context`";
                problems.push(Problem::error(&BAD_MAPPING, section.place(), message));
                None
            }
        }
    }

    pub(super) fn sequence(
        &self,
        section: &Section<'_>,
        problems: &mut Problems,
    ) -> Option<SequencePlan> {
        let number_item = section.text("number")?;
        let (record, number) = self.field(&number_item, problems)?;
        let mut scope = Vec::new();
        for item in section.texts("scope")? {
            let Some((scope_record, field)) = self.field(&item, problems) else {
                continue;
            };
            if scope_record == record {
                scope.push(field);
            } else {
                let message = "the scope and the number must be fields of one record";
                problems.push(Problem::error(&BAD_MAPPING, item.place, message));
            }
        }
        Some(SequencePlan {
            record,
            number,
            scope,
        })
    }
}
