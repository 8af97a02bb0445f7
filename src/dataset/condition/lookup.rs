//! Reads `exists` and `missing`: rows of another dataset that belong to a row.

use super::read::read_where;
use super::{AsOf, Lookup, Presence};
use crate::dataset::codes::{CONDITION_SHAPE, CONDITION_VALUE};
use crate::dataset::column::ColumnType;
use crate::dataset::names::{dataset_of, wrong};
use crate::dataset::read::{text_of, texts_of};
use crate::dataset::table::{Dataset, Datasets};
use crate::diag::{Problem, Problems};
use crate::document::{Item, Key, KeyKind, Section, Shape};
use crate::id::Ident;

/// What ties rows of another dataset to ours.
pub const ON: Key = Key::optional(
    "on",
    KeyKind::Any,
    "Columns that both datasets have and that are equal, or { their_column = \"our_column\" }.",
);

const LOOKUP_KEYS: &[Key] = &[
    Key::required("dataset", KeyKind::Name, "The dataset to look into."),
    ON,
    Key::optional(
        "at",
        KeyKind::Name,
        "Our instant: only the row that was in force then counts. For datasets with `effective`.",
    ),
    super::read::WHERE,
];

pub(super) fn read_lookup(
    table: Section<'_>,
    presence: Presence,
    ours: &Dataset,
    datasets: &Datasets,
    problems: &mut Problems,
) -> Option<Lookup> {
    let before = problems.error_count();
    let table = table.with_keys(LOOKUP_KEYS, problems);
    let theirs = dataset_of(&table.text("dataset")?, datasets, problems)?;
    let on = read_on(&table, theirs, ours, problems);
    let at = table.text("at");
    let as_of = at.and_then(|at| read_as_of(&at, theirs, ours, problems));
    let tests = read_where(&table, theirs, ours, problems);
    (problems.error_count() == before).then(|| Lookup {
        dataset: theirs.name().clone(),
        presence,
        on,
        as_of,
        tests,
    })
}

/// (their column, our column) of the key `on`: at least one pair, each of one type.
pub fn read_on(
    section: &Section<'_>,
    theirs: &Dataset,
    ours: &Dataset,
    problems: &mut Problems,
) -> Vec<(Ident, Ident)> {
    let shape = section.shape("on", problems);
    let Some(pairs) = shape.and_then(|shape| named_pairs(&shape, problems)) else {
        let place = section.key_place("on").unwrap_or_else(|| section.place());
        let message = format!("nothing ties `{}` to `{}`", theirs.name(), ours.name());
        let help = "write `on = [\"column\"]` for columns that both have, or \
                    `on = { their_column = \"our_column\" }`";
        problems.push(wrong(&CONDITION_SHAPE, &place, message, help));
        return Vec::new();
    };
    let pair = |(their, our): &(Item<String>, Item<String>)| {
        let their_column = theirs.column_named(their, problems);
        let our_column = ours.column_named(our, problems);
        let (their_column, our_column) = (their_column?, our_column?);
        if their_column.column_type != our_column.column_type {
            let message = format!(
                "column `{}` of `{}` is `{}` and column `{}` of `{}` is `{}`",
                their_column.name,
                theirs.name(),
                their_column.column_type,
                our_column.name,
                ours.name(),
                our_column.column_type
            );
            let help = "tie columns of one type";
            problems.push(wrong(&CONDITION_VALUE, &our.place, message, help));
        }
        Some((their_column.name.clone(), our_column.name.clone()))
    };
    pairs.iter().filter_map(pair).collect()
}

type Pairs = Vec<(Item<String>, Item<String>)>;

/// Names as written; `None` when it is no list and no table of texts, or empty.
fn named_pairs(shape: &Shape<'_>, problems: &mut Problems) -> Option<Pairs> {
    let pairs: Pairs = match shape {
        Shape::Scalar(_) => {
            let name = text_of(shape)?;
            vec![(name.clone(), name)]
        }
        Shape::List(_) => texts_of(shape)?
            .into_iter()
            .map(|name| (name.clone(), name))
            .collect(),
        Shape::Table(table) => table
            .shapes(problems)
            .iter()
            .map(|(their, our)| Some((their.clone(), text_of(our)?)))
            .collect::<Option<_>>()?,
    };
    (!pairs.is_empty()).then_some(pairs)
}

fn read_as_of(
    at: &Item<String>,
    theirs: &Dataset,
    ours: &Dataset,
    problems: &mut Problems,
) -> Option<AsOf> {
    let our_column = ours.column_named(at, problems)?;
    if our_column.column_type != ColumnType::Instant {
        let message = format!(
            "`at` is `{}`, which is `{}` and must be `instant`",
            at.value, our_column.column_type
        );
        problems.push(Problem::error(&CONDITION_VALUE, at.place.clone(), message));
        return None;
    }
    let Some(effective) = theirs.effective() else {
        let message = format!(
            "dataset `{}` does not say from when its rows are in force",
            theirs.name()
        );
        let help = "remove `at`, or declare `effective` in that dataset";
        problems.push(wrong(&CONDITION_SHAPE, &at.place, message, help));
        return None;
    };
    let others = theirs.key().iter().filter(|name| *name != effective);
    Some(AsOf {
        effective: effective.clone(),
        group: others.cloned().collect(),
        at: our_column.name.clone(),
    })
}
