//! One row to be written through a mapping, filled by the names of its fields.

use std::io::Write;

use super::SimulateError;
use crate::format::WriteError;
use crate::mapping::{FileWriter, Local, Mapping, RecordPlan};
use crate::value::{Kind, Value};

/// One row of one kind of record. A name that the mapping does not have is left out: what a
/// contract's own layout does not carry is not written.
pub(super) struct Sheet<'m> {
    kind: usize,
    plan: &'m RecordPlan,
    kinds: Vec<Kind>,
    values: Vec<Value>,
    local: Local,
}

impl<'m> Sheet<'m> {
    /// An empty row of the mapping's record with a name.
    pub(super) fn of(mapping: &'m Mapping, record: &str) -> Result<Self, SimulateError> {
        let (kind, plan) = mapping
            .record(record)
            .ok_or_else(|| SimulateError::NoRecord {
                mapping: mapping.name.to_string(),
                record: record.to_owned(),
            })?;
        let kinds = plan
            .dataset
            .as_ref()
            .map(|dataset| dataset.kinds())
            .unwrap_or_default();
        let values = kinds.iter().map(|kind| Value::Null(*kind)).collect();
        Ok(Self {
            kind,
            plan,
            kinds,
            values,
            local: Local::new(),
        })
    }

    /// Sets a field.
    pub(super) fn set(&mut self, name: &str, value: impl Into<Value>) -> &mut Self {
        let Some((_, field)) = self.plan.field(name) else {
            return self;
        };
        match field.column.map(|column| self.values.get_mut(column)) {
            Some(Some(place)) => *place = value.into(),
            Some(None) => {}
            None => {
                self.local.insert(name.to_owned(), value.into());
            }
        }
        self
    }

    /// Leaves a field out.
    pub(super) fn leave_out(&mut self, name: &str) -> &mut Self {
        let column = self.plan.field(name).and_then(|(_, field)| field.column);
        if let Some(column) = column
            && let (Some(place), Some(kind)) = (self.values.get_mut(column), self.kinds.get(column))
        {
            *place = Value::Null(*kind);
        }
        self.local.remove(name);
        self
    }

    /// Writes the row; it stays as it is for the next one.
    pub(super) fn write<W: Write>(&self, writer: &mut FileWriter<'_, W>) -> Result<(), WriteError> {
        writer.record(self.kind, &self.values, &self.local)
    }
}
