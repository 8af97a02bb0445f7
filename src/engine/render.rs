//! A delivery's rows → the bytes of its file, the same every time.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::{BufWriter, Seek, SeekFrom};

use serde_json::Value as Json;

use super::{Engine, EngineError};
use crate::dataset::{self, Condition, Dataset};
use crate::ledger::DeliveryRow;
use crate::mapping::{FileWriter, Local, Mapping};
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
        let mut writer = FileWriter::new(mapping, &self.clock, BufWriter::new(spool))?;
        let shared = shared_values(mapping, &delivery.key);
        let mut written = 0;
        for kind in top_kinds(mapping) {
            written += self.write_kind(mapping, kind, &shared, &mut writer).await?;
        }
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

    /// Writes all records of a kind with these shared values, each followed by the records inside
    /// it; says how many of the kind there were.
    async fn write_kind(
        &self,
        mapping: &Mapping,
        kind: usize,
        shared: &Shared,
        writer: &mut FileWriter<'_, BufWriter<File>>,
    ) -> Result<usize, EngineError> {
        let Some(dataset) = mapping
            .records
            .get(kind)
            .and_then(|record| record.dataset.clone())
        else {
            return Ok(0);
        };
        let rows = self.rows_with(&dataset, shared).await?;
        let children = children(mapping, kind);
        for row in &rows {
            writer.record(kind, row, &Local::new())?;
            for child in &children {
                let inner = inherited(&dataset, row, shared);
                Box::pin(self.write_kind(mapping, *child, &inner, writer)).await?;
            }
        }
        Ok(rows.len())
    }

    async fn rows_with(
        &self,
        dataset: &Dataset,
        shared: &Shared,
    ) -> Result<Vec<Vec<Value>>, EngineError> {
        let mut condition = Condition::always(dataset.name());
        for column in dataset.key() {
            let value = shared.get(column.as_str());
            if let (Some(value), Some(ty)) = (value, dataset.type_of(column.as_str()))
                && !value.is_null()
            {
                condition = condition.and_equals(column, ty, typed(value, ty.kind()));
            }
        }
        Ok(dataset::rows_by_key(&self.db, dataset, &condition, &self.given).await?)
    }
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
        let value = match value {
            Json::Number(number) => number.as_i64().map(Value::Int),
            Json::String(text) => Some(Value::Text(text.clone())),
            _ => None,
        };
        if let (Some(value), Some(kind)) = (value, kind) {
            shared.insert(name.clone(), typed(&value, kind));
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
    let kinds = 0..mapping.records.len();
    kinds
        .filter(|kind| mapping.layout.parent(*kind).is_none())
        .collect()
}

fn children(mapping: &Mapping, kind: usize) -> Vec<usize> {
    let kinds = 0..mapping.records.len();
    kinds
        .filter(|child| mapping.layout.parent(*child) == Some(kind))
        .collect()
}
