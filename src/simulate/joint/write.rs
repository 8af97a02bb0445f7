//! Views written as files, through the mappings that read them.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use chrono::{DateTime, NaiveDateTime, Utc};

use super::statement::{FileFigure, JointStatement, Planted};
use super::template::Template;
use super::view::{FilePlan, RecordView, View};
use super::world::{World, WorldRow};
use super::{JointRequest, Scenery};
use crate::clock::Clock;
use crate::dataset::ColumnType;
use crate::digest::PeerDigest;
use crate::id::Fen;
use crate::job::Configuration;
use crate::mapping::{Draft, FieldKind, FieldPlan, FileWriter, Local, RecordPlan};
use crate::simulate::SimulateError;
use crate::simulate::output::{claim_folder, make_folder, write_bytes};
use crate::value::Value;

/// One record, as the writer takes it.
struct Told {
    kind: usize,
    values: Vec<Value>,
    local: Local,
}

/// Writes the views of a world into `out`, an empty or new folder: a folder for each connection,
/// to be copied into its directory as a whole. `only` names one partner; all without it. What was
/// planted is in the statement, in `statement.json` and, in Chinese, in `statement.txt`.
///
/// Memory holds one file at a time beside the world.
pub fn write(
    request: &JointRequest,
    scenery: &Scenery,
    only: Option<&str>,
    configuration: &Configuration,
    out: &Path,
) -> Result<JointStatement, SimulateError> {
    claim_folder(out)?;
    let world = scenery.world.make(request);
    let mut statement = JointStatement {
        world: world
            .sizes()
            .map(|(name, rows)| (name.to_owned(), rows))
            .collect(),
        ..JointStatement::default()
    };
    let clock = Clock::fixed(DateTime::<Utc>::UNIX_EPOCH, configuration.settings.zone);
    for view in &scenery.views {
        if only.is_none_or(|only| only == view.partner) {
            for file in &view.files {
                let writing = Writing {
                    request,
                    world: &world,
                    view,
                    file,
                    clock: &clock,
                };
                writing.write(out, &mut statement)?;
            }
        }
    }
    let json = serde_json::to_vec_pretty(&statement).unwrap_or_default();
    write_bytes(&out.join("statement.json"), &json)?;
    write_bytes(&out.join("statement.txt"), statement.text().as_bytes())?;
    Ok(statement)
}

/// One file being written.
struct Writing<'w> {
    request: &'w JointRequest,
    world: &'w World,
    view: &'w View,
    file: &'w FilePlan,
    clock: &'w Clock,
}

impl Writing<'_> {
    fn write(&self, out: &Path, statement: &mut JointStatement) -> Result<(), SimulateError> {
        let name = self.file.name.filled(&self.given());
        let folder = out.join(&self.view.connection).join(&self.file.path);
        let path = match self.file.path.as_str() {
            "" => name.clone(),
            folder => format!("{folder}/{name}"),
        };
        let mut told = Vec::new();
        for record in &self.file.records {
            self.tell(record, &path, &mut told, statement)?;
        }
        let failed = |error| SimulateError::Write {
            file: path.clone(),
            error,
        };
        let mapping = &self.file.mapping;
        let mut draft = Draft::new(mapping);
        for one in &told {
            draft.record(one.kind, &one.values, &one.local);
        }
        let writer = FileWriter::stating(mapping, self.clock, Vec::new(), draft.finish());
        let mut writer = writer.map_err(failed)?;
        for one in &told {
            writer
                .record(one.kind, &one.values, &one.local)
                .map_err(failed)?;
        }
        let content = writer.finish().map_err(failed)?;
        make_folder(&folder)?;
        let bytes = self.sealed(&path, content)?;
        write_bytes(&folder.join(&name), &bytes)?;
        let names = WorldRow::from([("name".to_owned(), name)]);
        if let Some(digest) = &self.file.sm3 {
            let text = PeerDigest::Sm3.of(&bytes);
            write_bytes(&folder.join(digest.filled(&names)), text.as_bytes())?;
        }
        if let Some(flag) = &self.file.flag {
            write_bytes(&folder.join(flag.filled(&names)), &[])?;
        }
        statement.files.push(self.figure(path, &told));
        Ok(())
    }

    /// What templates have without a row.
    fn given(&self) -> WorldRow {
        let date = self.request.date;
        let mut given = self.world.sums.clone();
        given.extend([
            ("day".to_owned(), date.to_string()),
            ("date".to_owned(), date.format("%Y%m%d").to_string()),
            ("n".to_owned(), "1".to_owned()),
        ]);
        given
    }

    fn tell(
        &self,
        record: &RecordView,
        path: &str,
        told: &mut Vec<Told>,
        statement: &mut JointStatement,
    ) -> Result<(), SimulateError> {
        let alone = [self.given()];
        let rows = match &record.from {
            Some(table) => self.world.rows(table),
            None => &alone,
        };
        let mut planted = BTreeSet::new();
        for (at, row) in (1..).zip(rows.iter().filter(|row| record.tells(row))) {
            let plant = record.plants.iter().find(|plant| plant.row == at);
            let mut values = row.clone();
            values.extend(self.given().into_iter().filter(|(name, _)| name != "n"));
            let set = plant.map_or(&[][..], |plant| &plant.set);
            for _ in 0..plant.map_or(1, |plant| plant.times) {
                told.push(self.record(record, set, &values)?);
            }
            if let Some(plant) = plant {
                planted.insert(at);
                statement.planted.push(Planted {
                    partner: self.view.partner.clone(),
                    path: path.to_owned(),
                    title: plant.title.clone(),
                    row: row.get("n").and_then(|n| n.parse().ok()).unwrap_or(at),
                });
            }
        }
        let lacking = record
            .plants
            .iter()
            .find(|plant| !planted.contains(&plant.row));
        match lacking {
            None => Ok(()),
            Some(plant) => Err(SimulateError::Request {
                problems: vec![format!(
                    "`{path}` has no row {} of `{}` to plant \"{}\" in",
                    plant.row, record.record, plant.title
                )],
            }),
        }
    }

    fn record(
        &self,
        record: &RecordView,
        planted: &[(String, Template)],
        row: &WorldRow,
    ) -> Result<Told, SimulateError> {
        let mapping = &self.file.mapping;
        let (kind, plan) =
            mapping
                .record(&record.record)
                .ok_or_else(|| SimulateError::NoRecord {
                    mapping: mapping.name.to_string(),
                    record: record.record.clone(),
                })?;
        let kinds = plan.kinds.iter();
        let mut told = Told {
            kind,
            values: kinds.map(|kind| Value::Null(*kind)).collect(),
            local: Local::new(),
        };
        for (field, template) in record.set.iter().chain(planted) {
            let text = template.filled(row);
            let Some((_, wanted)) = plan.field(field) else {
                continue;
            };
            let kind = type_of(plan, wanted);
            let value = self
                .value(kind, &text)
                .ok_or_else(|| SimulateError::Request {
                    problems: vec![format!(
                        "`{text}` is no value of `{field}` of `{}`",
                        self.file.mapping.name
                    )],
                })?;
            match wanted.column.and_then(|column| told.values.get_mut(column)) {
                Some(place) => *place = value,
                None => drop(told.local.insert(field.clone(), value)),
            }
        }
        Ok(told)
    }

    /// A text as a value of a type; an empty one is null.
    fn value(&self, wanted: ColumnType, text: &str) -> Option<Value> {
        if text.is_empty() {
            return Some(Value::Null(wanted.kind()));
        }
        match wanted {
            ColumnType::Text => Some(Value::from(text)),
            ColumnType::Integer => text.parse().ok().map(Value::Int),
            ColumnType::Money => Fen::from_yuan(text).ok().map(|fen| Value::Int(fen.0)),
            ColumnType::Date => text.parse().ok().map(Value::Date),
            ColumnType::Instant => {
                let local = NaiveDateTime::parse_from_str(text, "%Y-%m-%d %H:%M:%S").ok()?;
                self.clock.instant_of(local).ok().map(Value::Instant)
            }
            ColumnType::Decimal { scale, .. } => {
                let (whole, rest) = text.split_once('.').unwrap_or((text, ""));
                let width = usize::from(scale);
                let digits = format!("{whole}{rest:0<width$}");
                let number = digits.parse().ok().map(Value::Int);
                number.filter(|_| rest.len() <= width)
            }
        }
    }

    fn sealed(&self, path: &str, content: Vec<u8>) -> Result<Vec<u8>, SimulateError> {
        let Some(envelope) = &self.file.envelope else {
            return Ok(content);
        };
        let mut sealed = Vec::new();
        let failed = |error| SimulateError::Seal {
            file: path.to_owned(),
            error,
        };
        envelope
            .seal(&mut content.as_slice(), &mut sealed)
            .map_err(failed)?;
        Ok(sealed)
    }

    fn figure(&self, path: String, told: &[Told]) -> FileFigure {
        let mut records: BTreeMap<&str, u64> = BTreeMap::new();
        let mut sums: BTreeMap<String, i64> = BTreeMap::new();
        for one in told {
            let Some(plan) = self.file.mapping.records.get(one.kind) else {
                continue;
            };
            *records.entry(&plan.name).or_default() += 1;
            let columns = plan
                .dataset
                .as_ref()
                .map_or(&[][..], |dataset| dataset.columns());
            for (column, value) in columns.iter().zip(&one.values) {
                if let (ColumnType::Money, Value::Int(fen)) = (column.column_type, value) {
                    *sums
                        .entry(format!("{}.{}", plan.name, column.name))
                        .or_default() += fen;
                }
            }
        }
        FileFigure {
            partner: self.view.partner.clone(),
            path,
            mapping: self.file.mapping.name.to_string(),
            records: records
                .into_iter()
                .map(|(name, count)| (name.to_owned(), count))
                .collect(),
            sums: sums.into_iter().collect(),
        }
    }
}

/// The type of a field: its column's, or of one that is not stored what its text becomes.
fn type_of(record: &RecordPlan, field: &FieldPlan) -> ColumnType {
    let columns = record.dataset.as_ref().map(|dataset| dataset.columns());
    let column = columns
        .zip(field.column)
        .and_then(|(columns, at)| columns.get(at));
    match (column, &field.kind) {
        (Some(column), _) => column.column_type,
        (None, FieldKind::Int { .. }) => ColumnType::Integer,
        (None, FieldKind::Money { .. }) => ColumnType::Money,
        (None, FieldKind::Date(_)) => ColumnType::Date,
        (None, FieldKind::Instant(_)) => ColumnType::Instant,
        (None, FieldKind::Decimal { scale, .. }) => ColumnType::Decimal {
            precision: 18,
            scale: u8::try_from(*scale).unwrap_or_default(),
        },
        (None, _) => ColumnType::Text,
    }
}
