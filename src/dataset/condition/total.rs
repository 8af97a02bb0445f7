//! Reads `total`: rows of another dataset that belong to a row, counted or added up, and what that
//! must be.

use super::lookup::{ON, read_on};
use super::read::{Reading, WHERE, read_where};
use super::{Check, Lookup, Presence, Total};
use crate::dataset::codes::CONDITION_SHAPE;
use crate::dataset::column::{Class, Column, ColumnType};
use crate::dataset::names::{dataset_of, wrong};
use crate::dataset::table::{Dataset, Datasets};
use crate::diag::{Place, Problems};
use crate::document::{Key, KeyKind, Section, Shape};
use crate::id::Ident;

/// `total = { dataset = "…", on = ["…"], is = { above = 1 } }`, or several.
pub const TOTAL: Key = Key::optional(
    "total",
    KeyKind::Any,
    "Rows of another dataset counted, or their `sum`, and what `is` says of it: dataset, on, where, sum, is; or a list of such tables.",
);

const TOTAL_KEYS: &[Key] = &[
    Key::required(
        "dataset",
        KeyKind::Name,
        "The dataset whose rows are counted.",
    ),
    ON,
    WHERE,
    Key::optional(
        "sum",
        KeyKind::Name,
        "Their number column that is added up; without it they are counted.",
    ),
    Key::required(
        "is",
        KeyKind::Any,
        "What the total is: a number, or a table of equals, not, above, at_least, below, at_most, differs.",
    ),
];

pub(super) fn read_totals(
    section: &Section<'_>,
    ours: &Dataset,
    datasets: &Datasets,
    problems: &mut Problems,
) -> Vec<Total> {
    let mut tables = Vec::new();
    match section.shape("total", problems) {
        None => {}
        Some(Shape::List(list)) => tables.extend(list.value),
        Some(one) => tables.push(one),
    }
    let mut totals = Vec::new();
    for shape in tables {
        if let Shape::Table(table) = shape {
            totals.extend(read_total(table, ours, datasets, problems));
        } else {
            let message = "`total` is a table, or a list of tables".to_owned();
            problems.push(misshapen(&shape.place(), message));
        }
    }
    totals
}

fn read_total(
    table: Section<'_>,
    ours: &Dataset,
    datasets: &Datasets,
    problems: &mut Problems,
) -> Option<Total> {
    let before = problems.error_count();
    let table = table.with_keys(TOTAL_KEYS, problems);
    let theirs = dataset_of(&table.text("dataset")?, datasets, problems)?;
    let on = read_on(&table, theirs, ours, problems);
    let tests = read_where(&table, theirs, ours, problems);
    let sum = table.text("sum");
    let sum = sum.and_then(|name| Some((theirs.column_named(&name, problems)?, name.place)));
    let counted = Column {
        name: Ident::new("total").ok()?,
        column_type: ColumnType::Integer,
        title: String::new(),
        title_en: String::new(),
        class: Class::None,
        doc: None,
    };
    if let Some((column, place)) = &sum
        && matches!(
            column.column_type,
            ColumnType::Text | ColumnType::Date | ColumnType::Instant
        )
    {
        let message = format!(
            "column `{}` is `{}`, and only numbers are added up",
            column.name, column.column_type
        );
        problems.push(misshapen(place, message));
        return None;
    }
    let column = sum.as_ref().map_or(&counted, |(column, _)| column);
    let checks = read_is(&table, column, ours, problems);
    (problems.error_count() == before).then(|| Total {
        rows: Lookup {
            dataset: theirs.name().clone(),
            presence: Presence::Exists,
            on,
            as_of: None,
            tests,
        },
        column_type: column.column_type,
        sum: sum.as_ref().map(|(column, _)| column.name.clone()),
        checks,
    })
}

fn read_is(
    table: &Section<'_>,
    column: &Column,
    ours: &Dataset,
    problems: &mut Problems,
) -> Vec<Check> {
    let Some(shape) = table.shape("is", problems) else {
        return Vec::new();
    };
    let place = shape.place();
    Reading::new(column, ours, problems).checks(&place, shape)
}

fn misshapen(place: &Place, message: String) -> crate::diag::Problem {
    let help = "write `total = { dataset = \"…\", on = [\"…\"], is = { above = 1 } }`";
    wrong(&CONDITION_SHAPE, place, message, help)
}
