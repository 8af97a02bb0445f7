//! A delivery's rows → the bytes of its file, the same every time.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::{BufWriter, Seek, SeekFrom};

use chrono::NaiveDate;
use serde_json::Value as Json;

use super::{Engine, EngineError};
use crate::dataset::{self, Condition, Dataset};
use crate::format::lines::Occurs;
use crate::ledger::DeliveryRow;
use crate::mapping::{Draft, FileWriter, Local, Mapping, Stated};
use crate::value::{Kind, Value};

/// Column values that the rows of a delivery share.
type Shared = BTreeMap<String, Value>;

impl Engine {
    /// Renders a delivery into an unnamed spool file, rewound to its start; envelopes not yet put
    /// around it.
    pub(super) async fn render(&self, delivery: &DeliveryRow) -> Result<File, EngineError> {
        let mappings = &self.configuration.mappings;
        let mapping = mappings
            .get(&delivery.mapping)
            .ok_or_else(|| EngineError::MappingGone {
                delivery: delivery.delivery_no.0,
                mapping: delivery.mapping.clone(),
            })?;
        let spool = tempfile::tempfile_in(&self.configuration.settings.paths.staging).map_err(
            |source| EngineError::Io {
                doing: "making a spool file",
                source,
            },
        )?;
        let render = Render {
            mapping,
            shared: shared_values(mapping, &delivery.key),
            business_date: delivery.business_date,
        };
        // A header stands before the rows that it counts, so that these go by twice.
        let stated = if mapping.states_promises() {
            let mut draft = Draft::new(mapping);
            self.write_all(&render, &mut Pass::Draft(&mut draft))
                .await?;
            draft.finish()
        } else {
            Stated::default()
        };
        let output = BufWriter::new(spool);
        let mut writer = FileWriter::stating(mapping, &self.clock, output, stated)?;
        let mut pass = Pass::Write(&mut writer);
        let written = self.write_all(&render, &mut pass).await?;
        if written == 0 {
            return Err(EngineError::Unrenderable {
                delivery: delivery.delivery_no.0,
                why: "the store has no rows for it".to_owned(),
            });
        }
        let io = |source| EngineError::Io {
            doing: "writing a spool file",
            source,
        };
        let mut spool = writer
            .finish()?
            .into_inner()
            .map_err(|error| io(std::io::IntoInnerError::into_error(error)))?;
        spool.seek(SeekFrom::Start(0)).map_err(io)?;
        Ok(spool)
    }

    /// One pass over all records of the file; says how many rows there were at its top.
    async fn write_all(
        &self,
        render: &Render<'_>,
        pass: &mut Pass<'_, '_>,
    ) -> Result<usize, EngineError> {
        let mut written = 0;
        for kind in top_kinds(render.mapping) {
            written += self.write_kind(render, kind, &render.shared, pass).await?;
        }
        Ok(written)
    }

    /// Writes all records of a kind with these shared values, each followed by the records inside
    /// it; says how many rows there were.
    async fn write_kind(
        &self,
        render: &Render<'_>,
        kind: usize,
        shared: &Shared,
        pass: &mut Pass<'_, '_>,
    ) -> Result<usize, EngineError> {
        let mapping = render.mapping;
        let dataset = mapping
            .records
            .get(kind)
            .and_then(|record| record.dataset.clone());
        let children = children(mapping, kind);
        let Some(dataset) = dataset else {
            if !is_frame(mapping, kind) {
                return Ok(0);
            }
            pass.record(kind, &[], &render.local(shared))?;
            let mut written = 0;
            for child in &children {
                written += Box::pin(self.write_kind(render, *child, shared, pass)).await?;
            }
            return Ok(written);
        };
        let rows = self.rows_with(render, &dataset, shared).await?;
        for row in &rows {
            pass.record(kind, row, &Local::new())?;
            for child in &children {
                let inner = inherited(&dataset, row, shared);
                Box::pin(self.write_kind(render, *child, &inner, pass)).await?;
            }
        }
        Ok(rows.len())
    }

    async fn rows_with(
        &self,
        render: &Render<'_>,
        dataset: &Dataset,
        shared: &Shared,
    ) -> Result<Vec<Vec<Value>>, EngineError> {
        let mut condition = Condition::always(dataset.name());
        for column in dataset.columns().iter().map(|column| &column.name) {
            // What a parent hands down ties keys; the message's own identity ties any column, so
            // that a row keyed by something else is never in two messages.
            let is_key = dataset.key().contains(column);
            let tie = if is_key { shared } else { &render.shared };
            let value = tie.get(column.as_str());
            if let (Some(value), Some(ty)) = (value, dataset.type_of(column.as_str()))
                && !value.is_null()
            {
                condition = condition.and_equals(column, ty, typed(value, ty.kind()));
            }
        }
        Ok(dataset::rows_by_key(&self.db, dataset, &condition, &self.given).await?)
    }
}

/// What is rendered.
struct Render<'r> {
    mapping: &'r Mapping,
    shared: Shared,
    business_date: Option<NaiveDate>,
}

impl Render<'_> {
    /// What a header or trailer without a dataset may say: the values that its rows share, and the
    /// business day.
    fn local(&self, shared: &Shared) -> Local {
        let mut local = shared.clone();
        if let Some(day) = self.business_date {
            let name = "business_date".to_owned();
            local.entry(name).or_insert(Value::Date(day));
        }
        local
    }
}

/// One pass over the rows of a file.
enum Pass<'p, 'm> {
    /// Finds what header and trailer promise.
    Draft(&'p mut Draft<'m>),
    Write(&'p mut FileWriter<'m, BufWriter<File>>),
}

impl Pass<'_, '_> {
    fn record(&mut self, kind: usize, row: &[Value], local: &Local) -> Result<(), EngineError> {
        match self {
            Self::Draft(draft) => draft.record(kind, row, local),
            Self::Write(writer) => writer.record(kind, row, local)?,
        }
        Ok(())
    }
}

/// A value of a delivery's key, as a column of this kind stores it.
pub(super) fn key_value(value: &Json, kind: Kind) -> Option<Value> {
    let value = match value {
        Json::Number(number) => number.as_i64().map(Value::Int),
        Json::String(text) => Some(Value::Text(text.clone())),
        _ => None,
    };
    value.map(|value| typed(&value, kind))
}

/// The delivery's key, typed by the datasets of the mapping.
fn shared_values(mapping: &Mapping, key: &Json) -> Shared {
    let datasets = || {
        mapping
            .records
            .iter()
            .filter_map(|record| record.dataset.as_deref())
    };
    let mut shared = Shared::new();
    for (name, value) in key.as_object().into_iter().flatten() {
        let kind = datasets()
            .find_map(|dataset| dataset.type_of(name))
            .map(|ty| ty.kind());
        if let Some(value) = kind.and_then(|kind| key_value(value, kind)) {
            shared.insert(name.clone(), value);
        }
    }
    shared
}

fn typed(value: &Value, kind: Kind) -> Value {
    match (value, kind) {
        (Value::Text(text), Kind::Date) => text
            .parse()
            .map_or_else(|_not_a_date| value.clone(), Value::Date),
        (Value::Int(micros), Kind::Instant) => chrono::DateTime::from_timestamp_micros(*micros)
            .map_or_else(|| value.clone(), Value::Instant),
        _ => value.clone(),
    }
}

/// What a record hands down to the records inside it: its own values over those it was given.
fn inherited(dataset: &Dataset, row: &[Value], shared: &Shared) -> Shared {
    let mut inner = shared.clone();
    for (column, value) in dataset.columns().iter().zip(row) {
        inner.insert(column.name.as_str().to_owned(), value.clone());
    }
    inner
}

fn top_kinds(mapping: &Mapping) -> Vec<usize> {
    let kinds = 0..mapping.layout.records.len();
    kinds
        .filter(|kind| mapping.layout.parent(*kind).is_none())
        .collect()
}

/// The kinds directly inside another, the one that ends its group last.
fn children(mapping: &Mapping, kind: usize) -> Vec<usize> {
    let kinds = 0..mapping.layout.records.len();
    let mut children: Vec<usize> = kinds
        .filter(|child| mapping.layout.parent(*child) == Some(kind))
        .collect();
    children.sort_by_key(|child| closes(mapping, *child));
    children
}

fn closes(mapping: &Mapping, kind: usize) -> bool {
    (mapping.layout.standing(kind)).is_some_and(|standing| standing.closes.is_some())
}

/// Whether a kind without a dataset is written all the same: it begins or ends a group, comes
/// exactly once, or stands around other records.
fn is_frame(mapping: &Mapping, kind: usize) -> bool {
    let Some(standing) = mapping.layout.standing(kind) else {
        // What stands around records of a document is there once.
        return !children(mapping, kind).is_empty();
    };
    standing.occurs == Occurs::Once
        || standing.closes.is_some()
        || !children(mapping, kind).is_empty()
}
