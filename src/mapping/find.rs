//! `[find.NAME]`: rows for what stands somewhere inside of texts.
//!
//! One record gives one row of its own dataset. A text of it may hold any number of vehicle
//! identification numbers, in a place that nobody prescribed; each becomes a row of another dataset,
//! with the place where it was found and how much that place is to be trusted. The one invariant:
//! what is found is evidence, so nothing is dropped and nothing is chosen here.

use std::sync::Arc;

use super::field::Scratch;
use super::options::{BAD_MAPPING, World, unknown};
use super::plan::RecordPlan;
use super::promises::Checked;
use crate::dataset::Dataset;
use crate::db::OnConflict;
use crate::diag::{Problem, Problems};
use crate::document::{Item, Key, KeyKind, Section};
use crate::identifier::find_vins;
use crate::record::{Row, push_key};
use crate::value::{Kind, ValueRef};

/// The keys of `[find.NAME]`.
pub(super) const FIND_KEYS: &[Key] = &[
    Key::required(
        "dataset",
        KeyKind::Name,
        "The dataset its rows fill. It has the columns `vin`, `place` (the field), `place_order` (1 is trusted most) and \
         `check_digit` (`agrees` or `differs`); columns with the name of a field of the record take its value.",
    ),
    Key::required(
        "vins",
        KeyKind::TextList,
        "`record.field`s whose texts are searched for vehicle identification numbers, the most trusted first.",
    ),
];

/// What is searched, and which dataset its rows fill.
#[derive(Debug, Clone)]
pub struct FindPlan {
    /// The index of its kind of record, behind those that the file has.
    pub record: usize,
    /// Record and field by index, the most trusted first.
    pub places: Vec<(usize, usize)>,
}

/// A row that was found.
#[derive(Debug)]
pub struct Found {
    /// Which kind of record.
    pub record: usize,
    /// Order-preserving bytes of the key.
    pub key: Vec<u8>,
    /// The values, in the order of the dataset's columns.
    pub row: Row,
}

impl FindPlan {
    /// What a record of a kind has in it; `scratch` are the values of its fields.
    pub(super) fn search(
        &self,
        records: &[RecordPlan],
        kind: usize,
        scratch: &[Scratch],
        texts: &str,
    ) -> Vec<Found> {
        let (Some(source), Some(target)) = (records.get(kind), records.get(self.record)) else {
            return Vec::new();
        };
        let mut all = Vec::new();
        for (order, (record, field)) in self.places.iter().enumerate() {
            if *record != kind {
                continue;
            }
            let Some(ValueRef::Text(text)) = scratch
                .get(*field)
                .map(|value| value.value(texts, Kind::Text))
            else {
                continue;
            };
            for (vin, agrees) in find_vins(text) {
                let place = source.fields.get(*field).map_or("", |field| &field.name);
                let found = Evidence {
                    vin: &vin,
                    place: &format!("{}.{place}", source.name),
                    order: order as i64 + 1,
                    check_digit: if agrees { "agrees" } else { "differs" },
                };
                all.push(found.row(self.record, source, target, scratch, texts));
            }
        }
        all
    }
}

struct Evidence<'e> {
    vin: &'e str,
    place: &'e str,
    order: i64,
    check_digit: &'e str,
}

impl Evidence<'_> {
    fn row(
        &self,
        record: usize,
        source: &RecordPlan,
        target: &RecordPlan,
        scratch: &[Scratch],
        texts: &str,
    ) -> Found {
        let columns = target.dataset.as_ref().map(|dataset| dataset.columns());
        let values: Vec<ValueRef<'_>> = columns
            .unwrap_or_default()
            .iter()
            .zip(&target.kinds)
            .map(|(column, kind)| match column.name.as_str() {
                "vin" => ValueRef::Text(self.vin),
                "place" => ValueRef::Text(self.place),
                "place_order" => ValueRef::Int(self.order),
                "check_digit" => ValueRef::Text(self.check_digit),
                name => source
                    .field(name)
                    .and_then(|(index, _)| scratch.get(index))
                    .map_or(ValueRef::Null(*kind), |value| value.value(texts, *kind)),
            })
            .collect();
        let mut found = Found {
            record,
            key: Vec::new(),
            row: Row::new(),
        };
        for value in &values {
            found.row.push(*value);
        }
        for column in &target.key {
            if let Some(value) = values.get(*column) {
                push_key(&mut found.key, *value);
            }
        }
        found
    }
}

/// Reads all `[find.NAME]`; each adds a kind of record behind those of the file.
pub(super) fn read_finds(
    root: &Section<'_>,
    world: &World<'_>,
    checked: &Checked<'_>,
    problems: &mut Problems,
) -> (Vec<FindPlan>, Vec<RecordPlan>) {
    let (mut finds, mut added) = (Vec::new(), Vec::new());
    for (name, section) in root.named_tables("find") {
        let Some(dataset) = dataset(&section, world, problems) else {
            continue;
        };
        let places: Vec<(usize, usize)> = section
            .texts("vins")
            .unwrap_or_default()
            .iter()
            .filter_map(|item| {
                let place = checked.field(item, problems)?;
                check_place(item, place, &dataset, checked, problems);
                Some(place)
            })
            .collect();
        finds.push(FindPlan {
            record: checked.records.len() + added.len(),
            places,
        });
        added.push(RecordPlan {
            name: name.value,
            on_conflict: OnConflict::KeepFirst,
            flag: None,
            fields: Vec::new(),
            by_column: vec![None; dataset.columns().len()],
            kinds: dataset.kinds(),
            key: dataset.key_positions(),
            dataset: Some(dataset),
        });
    }
    (finds, added)
}

const OWN: [&str; 4] = ["vin", "place", "place_order", "check_digit"];

fn dataset(
    section: &Section<'_>,
    world: &World<'_>,
    problems: &mut Problems,
) -> Option<Arc<Dataset>> {
    let name = section.text("dataset")?;
    let Some(dataset) = world.datasets.get(&name.value) else {
        if !world.datasets.is_broken(&name.value) {
            problems.push(unknown(&name, "dataset", world.datasets.names()));
        }
        return None;
    };
    for (column, kind) in OWN
        .into_iter()
        .zip([Kind::Text, Kind::Text, Kind::Int, Kind::Text])
    {
        let found = dataset
            .columns()
            .iter()
            .position(|own| own.name.as_str() == column);
        let is_it = found.and_then(|at| dataset.kinds().get(at).copied()) == Some(kind);
        if !is_it {
            let what = if kind == Kind::Int { "integer" } else { "text" };
            let message = format!(
                "dataset `{}` needs the {what} column `{column}`",
                name.value
            );
            problems.push(Problem::error(&BAD_MAPPING, name.place.clone(), message));
        }
    }
    Some(Arc::new(dataset.clone()))
}

/// The key must be known wherever something is found.
fn check_place(
    item: &Item<String>,
    (record, field): (usize, usize),
    dataset: &Dataset,
    checked: &Checked<'_>,
    problems: &mut Problems,
) {
    let Some(plan) = checked.records.get(record) else {
        return;
    };
    let is_text = |kind: &super::FieldKind| matches!(kind, super::FieldKind::Text(_));
    if !plan
        .fields
        .get(field)
        .is_some_and(|field| is_text(&field.kind))
    {
        let message = format!("`{}` is no text, so nothing is found in it", item.value);
        problems.push(Problem::error(&BAD_MAPPING, item.place.clone(), message));
    }
    for column in dataset.key_positions() {
        let Some(column) = dataset.columns().get(column) else {
            continue;
        };
        let name = column.name.as_str();
        let is_known = plan.field(name).is_some_and(|(_, field)| field.required);
        if !is_known && !OWN.contains(&name) {
            let message = format!(
                "`{name}` belongs to the key of `{}`, so record `{}` must have a required field for it",
                dataset.name(),
                plan.name
            );
            problems.push(Problem::error(&BAD_MAPPING, item.place.clone(), message));
        }
    }
}
