//! Rows of datasets with their lineage, found and shown.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Map, Value as Json, json};

use super::bytes::{Cut, Proof};
use super::{Sight, Tracer};
use crate::cli::error::CliError;
use crate::cli::screen::Screen;
use crate::cli::sheet::Sheet;
use crate::cli::{mapped, shown, words};
use crate::dataset::{
    Class, Column, ColumnType, Condition, Dataset, LINEAGE, Select, mask, select_all,
};
use crate::diag::did_you_mean;
use crate::engine::Engine;
use crate::id::{Fen, FileNo, Ident};
use crate::ledger::{DeliveryRow, FileRow};
use crate::value::Value;

/// The most rows that are listed.
pub(super) const LISTED: u64 = 20;

/// A row and where its bytes are.
pub(super) struct Found<'d> {
    pub(super) dataset: &'d Dataset,
    /// In the order of the dataset's columns.
    pub(super) values: Vec<Value>,
    pub(super) file: FileNo,
    pub(super) record: i64,
    pub(super) offset: i64,
    pub(super) length: i64,
}

impl Found<'_> {
    /// The value of a column.
    pub(super) fn value(&self, column: &str) -> Option<&Value> {
        self.values.get(self.dataset.position(column)?)
    }

    fn columns(&self) -> impl Iterator<Item = (&Column, &Value)> {
        self.dataset.columns().iter().zip(&self.values)
    }
}

/// Rows that meet a condition, at most `limit`.
pub(super) async fn find<'d>(
    engine: &Engine,
    dataset: &'d Dataset,
    condition: &Condition,
    limit: u64,
) -> Result<Vec<Found<'d>>, CliError> {
    let declared = dataset.columns().iter().map(|column| column.name.as_str());
    let columns: Vec<&str> = declared.chain(LINEAGE).collect();
    let question = Select {
        dataset,
        columns: &columns,
        condition,
        order_by: &[],
        limit: Some(limit),
    };
    let rows = select_all(engine.database(), question, &mapped::given(engine)).await?;
    Ok(rows
        .into_iter()
        .filter_map(|values| found(dataset, values))
        .collect())
}

fn found(dataset: &Dataset, mut values: Vec<Value>) -> Option<Found<'_>> {
    let lineage = values.split_off(dataset.columns().len());
    let [file, record, offset, length] = lineage.as_slice() else {
        return None;
    };
    Some(Found {
        dataset,
        values,
        file: FileNo(file.as_int()?),
        record: record.as_int()?,
        offset: offset.as_int()?,
        length: length.as_int()?,
    })
}

/// The rows that one record of a file became: those of its mapping's datasets. (Rows that the hub
/// composed from them have the same lineage, in datasets of their own.)
pub(super) async fn of_record<'e>(
    engine: &'e Engine,
    file: &FileRow,
    record: i64,
) -> Result<Vec<Found<'e>>, CliError> {
    let configuration = engine.configuration();
    let mapping = file
        .mapping
        .as_ref()
        .and_then(|name| configuration.mappings.get(name));
    let filled = mapping.into_iter().flat_map(|mapping| &mapping.records);
    let names: BTreeSet<&str> = filled
        .filter_map(|record| Some(record.dataset.as_ref()?.name().as_str()))
        .collect();
    let [_, record_column, _, _] = LINEAGE;
    let mut rows = Vec::new();
    for dataset in names
        .into_iter()
        .filter_map(|name| configuration.datasets.get(name))
    {
        let mut condition = Condition::always(dataset.name()).and_of_file(file.file_no);
        if let Ok(column) = Ident::new(record_column) {
            condition = condition.and_equals(&column, ColumnType::Integer, Value::Int(record));
        }
        rows.extend(find(engine, dataset, &condition, LISTED).await?);
    }
    Ok(rows)
}

/// The rows that a delivery carries, those of its first dataset first.
pub(super) async fn of_delivery<'e>(
    engine: &'e Engine,
    delivery: &DeliveryRow,
) -> Result<Vec<Found<'e>>, CliError> {
    let configuration = engine.configuration();
    let mut rows = Vec::new();
    let Some(mapping) = configuration.mappings.get(&delivery.mapping) else {
        return Ok(rows);
    };
    let key: BTreeMap<&str, Value> = delivery
        .key
        .as_object()
        .into_iter()
        .flatten()
        .filter_map(|(name, value)| Some((name.as_str(), plain(value)?)))
        .collect();
    for record in &mapping.records {
        let name = record
            .dataset
            .as_ref()
            .map(|dataset| dataset.name().as_str());
        let Some(dataset) = name.and_then(|name| configuration.datasets.get(name)) else {
            continue;
        };
        let mut condition = Condition::always(dataset.name());
        let mut is_bound = false;
        for column in dataset.columns() {
            let value = key
                .get(column.name.as_str())
                .filter(|value| value.kind() == column.kind());
            if let Some(value) = value {
                condition = condition.and_equals(&column.name, column.column_type, value.clone());
                is_bound = true;
            }
        }
        if is_bound {
            rows.extend(find(engine, dataset, &condition, LISTED).await?);
        }
    }
    Ok(rows)
}

fn plain(value: &Json) -> Option<Value> {
    match value {
        Json::Number(number) => number.as_i64().map(Value::Int),
        Json::String(text) => Some(Value::Text(text.clone())),
        _ => None,
    }
}

impl Tracer<'_> {
    /// A dataset and what must hold of its rows, from what a person wrote.
    pub(super) fn question(
        &self,
        name: &str,
        conditions: &[(String, String)],
    ) -> Result<(&Dataset, Condition), CliError> {
        let datasets = &self.engine.configuration().datasets;
        let dataset = datasets.get(name).ok_or_else(|| CliError::Unknown {
            what: "dataset",
            name: name.to_owned(),
            next: nearest(name, datasets.names()),
        })?;
        let mut condition = Condition::always(dataset.name());
        for (column, written) in conditions {
            let found = dataset.column(column).ok_or_else(|| CliError::Unknown {
                what: "column",
                name: column.clone(),
                next: nearest(
                    column,
                    dataset.columns().iter().map(|column| column.name.as_str()),
                ),
            })?;
            let value = self.value_of(found, written)?;
            condition = condition.and_equals(&found.name, found.column_type, value);
        }
        Ok((dataset, condition))
    }

    fn value_of(&self, column: &Column, written: &str) -> Result<Value, CliError> {
        let (value, expected) = match column.column_type {
            ColumnType::Text => (Some(Value::from(written)), "a text"),
            ColumnType::Integer => (written.parse().ok().map(Value::Int), "a whole number"),
            ColumnType::Money => (
                Fen::from_yuan(written).ok().map(|fen| Value::Int(fen.0)),
                "yuan with two decimals, such as 12.50",
            ),
            ColumnType::Date => (
                written.parse().ok().map(Value::Date),
                "a day, such as 2026-03-09",
            ),
            ColumnType::Instant => (
                self.instant(written),
                "a local time, such as 2026-03-09T08:15:00",
            ),
            ColumnType::Decimal { .. } => (None, "another column: decimals are not looked up"),
        };
        value.ok_or_else(|| CliError::Usage {
            message: format!(
                "`{written}` is not what `{}` holds: {expected}",
                column.name
            ),
        })
    }

    fn instant(&self, written: &str) -> Option<Value> {
        let local = written.replace(' ', "T").parse().ok()?;
        self.engine
            .clock()
            .instant_of(local)
            .ok()
            .map(Value::Instant)
    }

    /// A value as this person may see it.
    pub(super) fn shown(&self, column: &Column, value: &Value) -> String {
        let text = shown::value(self.screen, self.engine.clock(), column.column_type, value);
        match self.sight {
            Sight::Full => text,
            Sight::Masked => mask(column.class, &text),
        }
    }

    /// Every value of a row, a line each; nulls are left out.
    pub(super) fn values(&self, found: &Found<'_>) -> String {
        let mut sheet = Sheet::new(self.screen);
        for (column, value) in found.columns() {
            let mut shown = self.shown(column, value);
            if let (false, Some(reason)) = (value.is_null(), self.reason(found, column, value)) {
                shown = format!("{shown} {reason}");
            }
            sheet.named(
                format!("{} {}", self.column_title(column), column.name),
                shown,
            );
        }
        sheet.shown()
    }

    /// What a column is called, in the screen's language.
    pub(super) fn column_title<'c>(&self, column: &'c Column) -> &'c str {
        self.screen.pick(&column.title, &column.title_en)
    }

    fn reason(&self, found: &Found<'_>, column: &Column, value: &Value) -> Option<String> {
        let configuration = self.engine.configuration();
        let dataset = found.dataset.name().as_str();
        mapped::reason_title(
            configuration,
            dataset,
            column.name.as_str(),
            value.as_int()?,
        )
    }

    /// A row on one line: its title, its key, where it came from.
    pub(super) fn line(&self, found: &Found<'_>) -> String {
        let is_key = |column: &Column| found.dataset.key().contains(&column.name);
        let key: Vec<String> = found
            .columns()
            .filter(|(column, _)| is_key(column))
            .map(|(column, value)| format!("{}={}", column.name, self.shown(column, value)))
            .collect();
        let origin = match found.record {
            0 => self.screen.fill(words::MADE_WITH_FILE, &[&found.file]),
            record => self
                .screen
                .fill(words::FROM_RECORD, &[&found.file, &record]),
        };
        format!("{}  {}  {origin}", self.title(found.dataset), key.join(" "))
    }

    /// A row as data, with its lineage.
    pub(super) fn row_json(&self, found: &Found<'_>) -> Json {
        let values: Map<String, Json> = found
            .columns()
            .map(|(column, value)| {
                let shown = if value.is_null() {
                    Json::Null
                } else {
                    self.shown(column, value).into()
                };
                (column.name.to_string(), shown)
            })
            .collect();
        json!({
            "dataset": found.dataset.name().as_str(),
            "values": values,
            "lineage": {
                "file": found.file.0, "record": found.record,
                "offset": found.offset, "length": found.length,
            },
        })
    }

    /// The record's bytes as this person may see them.
    pub(super) fn raw(&self, raw: &[u8], found: &Found<'_>) -> String {
        self.raw_text(raw, found)
            .unwrap_or_else(|| self.screen.say(words::WITHHELD).to_owned())
    }

    fn raw_text(&self, raw: &[u8], found: &Found<'_>) -> Option<String> {
        let decoded = mapped::decoded(raw).map(|(text, _)| text);
        if self.sight == Sight::Full {
            return Some(decoded.map_or_else(
                || shown::escaped(raw),
                |text| shown::escaped(text.as_bytes()),
            ));
        }
        let personal: Vec<(Class, &str)> = found
            .columns()
            .filter(|(column, _)| column.class != Class::None)
            .filter_map(|(column, value)| Some((column.class, value.as_text()?)))
            .filter(|(_, text)| !text.is_empty())
            .collect();
        masked_text(&decoded?, &personal).map(|text| shown::escaped(text.as_bytes()))
    }

    /// The cut as data, with its bytes as far as this person may see them.
    pub(super) fn bytes_json(&self, cut: &Cut, found: &Found<'_>) -> Json {
        let mut json = cut.to_json();
        super::add(&mut json, "text", self.raw_text(&cut.raw, found).into());
        json
    }
}

/// The archive's proof, for people.
pub(super) fn archived(proof: &Proof, screen: Screen) -> String {
    landed(proof, screen).shown()
}

fn landed(proof: &Proof, screen: Screen) -> Sheet {
    let mut sheet = Sheet::new(screen);
    sheet
        .fact(words::ARCHIVE, proof.path.display())
        .fact(
            words::LANDED_DIGEST,
            screen.fill(words::DIGEST_PROVEN, &[&proof.digest, &proof.bytes]),
        )
        .maybe(words::ENVELOPE, proof.envelope.as_ref());
    sheet
}

/// Where a record's bytes are and how that is proven.
pub(super) fn proof(cut: &Cut, record: i64, screen: Screen) -> String {
    let place = match &cut.row {
        Some(row) => screen.fill(words::SHEET_PLACE, &[row, &cut.offset, &cut.length]),
        None => screen.fill(words::RECORD_PLACE, &[&record, &cut.offset, &cut.length]),
    };
    let content = cut.proof.content;
    let mut sheet = landed(&cut.proof, screen);
    sheet.fact(words::POSITION, place).maybe(
        words::CONTENT_DIGEST,
        content.map(|digest| screen.fill(words::CONTENT_PROVEN, &[&digest])),
    );
    sheet.shown()
}

/// The text with personal values masked; `None` when one of them is not found in it as it stands,
/// because then it may stand there in another form.
fn masked_text(text: &str, personal: &[(Class, &str)]) -> Option<String> {
    let mut longest_first = personal.to_vec();
    longest_first.sort_by_key(|(_, value)| std::cmp::Reverse(value.len()));
    let is_there = longest_first.iter().all(|(_, value)| text.contains(value));
    is_there.then(|| {
        longest_first
            .iter()
            .fold(text.to_owned(), |text, (class, value)| {
                text.replace(value, &mask(*class, value))
            })
    })
}

fn nearest<'a>(name: &str, known: impl Iterator<Item = &'a str>) -> String {
    let known: Vec<&str> = known.collect();
    match did_you_mean(name, known.iter().copied()) {
        Some(near) => format!("did you mean `{near}`?"),
        None => format!("there are {}", known.join(", ")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn personal_values_are_masked_inside_raw_text() {
        let raw = "<Id>6101230123456789</Id><L>陕A00001</L><Fee>12.50</Fee>";
        let personal = [
            (Class::Personal, "陕A00001"),
            (Class::Personal, "6101230123456789"),
        ];
        assert_eq!(
            masked_text(raw, &personal).as_deref(),
            Some("<Id>61************89</Id><L>陕A****1</L><Fee>12.50</Fee>")
        );
    }

    #[test]
    fn raw_text_is_withheld_when_a_personal_value_stands_there_in_another_form() {
        assert_eq!(
            masked_text("<L>陕 A00001</L>", &[(Class::Personal, "陕A00001")]),
            None
        );
        assert_eq!(
            masked_text("<Fee>1</Fee>", &[]).as_deref(),
            Some("<Fee>1</Fee>")
        );
    }
}
