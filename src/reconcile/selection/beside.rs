//! Columns that are seen beside a row: its own, or those of the one row of another dataset that is
//! tied to it by that dataset's whole key.

use super::read::{tie, wanted_time};
use crate::dataset::{Class, Column, Dataset, Datasets, dataset_of};
use crate::diag::{Problem, Problems};
use crate::document::{Item, Key, KeyKind, Section};
use crate::id::Ident;
use crate::reconcile::codes::RECONCILE_COLUMN;
use crate::value::Kind;

const ON: Key = Key::required(
    "on",
    KeyKind::TextList,
    "The columns that both datasets have and that are equal: its whole key.",
);
const FROM_KEYS: &[Key] = &[
    Key::required("dataset", KeyKind::Name, "The dataset that has the column."),
    ON,
];

pub(in crate::reconcile) const FROM: Key = Key::optional(
    "from",
    KeyKind::Table(FROM_KEYS),
    "The dataset whose row has the column, when the rows that are checked do not have it.",
);
pub(in crate::reconcile) const BESIDE_KEYS: &[Key] = &[
    Key::required(
        "dataset",
        KeyKind::Name,
        "The dataset that has the columns.",
    ),
    ON,
    Key::required(
        "columns",
        KeyKind::TextList,
        "Its columns that stand in the break, none of them personal.",
    ),
];

/// The one row of another dataset that is tied to a row.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::reconcile) struct Tied {
    pub(super) dataset: Ident,
    pub(super) on: Vec<Ident>,
}

/// A moment or day of a row, or of the row tied to it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Since {
    pub(super) column: Ident,
    pub(super) kind: Kind,
    pub(super) from: Option<Tied>,
}

/// A column that stands in a break.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Beside {
    pub(in crate::reconcile) column: Column,
    pub(super) from: Option<Tied>,
}

/// The keys `column` and `from`.
pub(in crate::reconcile) fn read_since(
    table: &Section<'_>,
    ours: &Dataset,
    datasets: &Datasets,
    problems: &mut Problems,
) -> Option<Since> {
    let name = table.text("column")?;
    let (from, theirs) = match table.table("from") {
        None => (None, ours),
        Some(from) => {
            let theirs = dataset_of(&from.text("dataset")?, datasets, problems)?;
            (Some(read_tied(&from, ours, theirs, problems)?), theirs)
        }
    };
    let column = wanted_time(&name, theirs, problems)?;
    let kind = theirs.type_of(column.as_str())?.kind();
    Some(Since { column, kind, from })
}

/// The key `show`: columns of the row itself.
pub(in crate::reconcile) fn read_shown(
    table: &Section<'_>,
    ours: &Dataset,
    problems: &mut Problems,
) -> Vec<Beside> {
    let names = table.texts("show").unwrap_or_default();
    shown(&names, ours, None, problems)
}

/// One table of `beside`.
pub(in crate::reconcile) fn read_beside(
    table: &Section<'_>,
    ours: &Dataset,
    datasets: &Datasets,
    problems: &mut Problems,
) -> Vec<Beside> {
    let Some(name) = table.text("dataset") else {
        return Vec::new();
    };
    let Some(theirs) = dataset_of(&name, datasets, problems) else {
        return Vec::new();
    };
    let tied = read_tied(table, ours, theirs, problems);
    let names = table.texts("columns").unwrap_or_default();
    shown(&names, theirs, tied, problems)
}

fn read_tied(
    table: &Section<'_>,
    ours: &Dataset,
    theirs: &Dataset,
    problems: &mut Problems,
) -> Option<Tied> {
    Some(Tied {
        dataset: theirs.name().clone(),
        on: tie(table, ours, theirs, None, problems)?,
    })
}

fn shown(
    names: &[Item<String>],
    dataset: &Dataset,
    from: Option<Tied>,
    problems: &mut Problems,
) -> Vec<Beside> {
    let mut columns = Vec::new();
    for name in names {
        let Some(column) = dataset.column_named(name, problems) else {
            continue;
        };
        if column.class != Class::None {
            let message = format!(
                "column `{}` of `{}` is personal, and breaks are shown to everybody",
                column.name,
                dataset.name()
            );
            let problem = Problem::error(&RECONCILE_COLUMN, name.place.clone(), message);
            problems.push(problem.help("leave it out: the row is found by the break's own key"));
        }
        columns.push(Beside {
            column: column.clone(),
            from: from.clone(),
        });
    }
    columns
}
