//! Reads selections; every problem in them is reported with its place.

use super::{Amount, Members, Selection};
use crate::dataset::{ColumnType, Condition, Dataset, Datasets, dataset_of};
use crate::diag::{Place, Problem, Problems};
use crate::document::{Item, Key, KeyKind, Section};
use crate::id::Ident;
use crate::reconcile::codes::{RECONCILE_COLUMN, RECONCILE_TIE};

const ON: Key = Key::required(
    "on",
    KeyKind::TextList,
    "The columns that both datasets have and that are equal.",
);
const MEMBERS_KEYS: &[Key] = &[
    Key::required("dataset", KeyKind::Name, "The list's dataset."),
    Key::required(
        "date",
        KeyKind::Name,
        "Its column that holds the business date.",
    ),
    ON,
];
const AMOUNT_FROM_KEYS: &[Key] = &[
    Key::required("dataset", KeyKind::Name, "The dataset that has the amount."),
    ON,
];

pub(in crate::reconcile) const DATASET: Key =
    Key::required("dataset", KeyKind::Name, "The dataset whose rows count.");
pub(in crate::reconcile) const DATE: Key = Key::optional(
    "date",
    KeyKind::Name,
    "Its column that holds the business date: only rows of the day that is reconciled.",
);
pub(in crate::reconcile) const MEMBERS: Key = Key::optional(
    "members",
    KeyKind::Table(MEMBERS_KEYS),
    "The partner's own list for the day: only rows whose keys it lists count, whatever their date.",
);
pub(in crate::reconcile) const ONCE: Key = Key::optional(
    "once",
    KeyKind::TextList,
    "Of rows that are equal in these columns only the earliest counts, whatever its day.",
);
pub(in crate::reconcile) const AMOUNT: Key =
    Key::optional("amount", KeyKind::Name, "The money column that is summed.");
pub(in crate::reconcile) const AMOUNT_FROM: Key = Key::optional(
    "amount_from",
    KeyKind::Table(AMOUNT_FROM_KEYS),
    "The dataset whose row has `amount`, when the rows that count do not have it themselves.",
);
pub(in crate::reconcile) const COUNT: Key = Key::optional(
    "count",
    KeyKind::Name,
    "The integer column that says how many rows a row stands for; without it each is one.",
);
pub(in crate::reconcile) const BY: Key = Key::optional(
    "by",
    KeyKind::TextList,
    "The columns that rows are grouped or told apart by; by default the dataset's key without `date`.",
);

/// Reads what a section declares of the keys above and of `CONDITION_KEYS`; `None` when anything
/// is wrong, and then `problems` has at least one more error.
pub(in crate::reconcile) fn read(
    section: &Section<'_>,
    datasets: &Datasets,
    problems: &mut Problems,
) -> Option<Selection> {
    let before = problems.error_count();
    let keys = section.keys_in_order();
    let has = |name: &str| keys.contains(&name);
    let dataset = dataset_of(&section.text("dataset")?, datasets, problems)?;
    let typed = |name: &str, wanted, problems: &mut Problems| {
        let written = has(name).then(|| section.text(name))??;
        column_of_type(&written, dataset, wanted, problems)
    };
    let date = typed("date", Wanted::Date, problems);
    let count = typed("count", Wanted::Integer, problems);
    let members = has("members").then(|| read_members(section, dataset, datasets, problems));
    let amount = has("amount").then(|| read_amount(section, dataset, datasets, problems));
    let columns = |name: &str, problems: &mut Problems| {
        let written = has(name).then(|| section.texts(name)).flatten();
        named(&written.unwrap_or_default(), dataset, problems)
    };
    let once = columns("once", problems);
    let by = columns("by", problems);
    let condition = Condition::read(section, dataset, datasets, problems);
    if problems.error_count() > before {
        return None;
    }
    let mut selection = Selection {
        by,
        dataset: dataset.clone(),
        date,
        members: members.flatten(),
        condition: condition?,
        once,
        amount: amount.flatten(),
        count,
    };
    if selection.by.is_empty() {
        selection.by = selection.row_key();
    }
    Some(selection)
}

/// What a column must be.
#[derive(Debug, Clone, Copy)]
enum Wanted {
    Date,
    Integer,
    Money,
    DateOrInstant,
}

impl Wanted {
    fn fits(self, found: ColumnType) -> bool {
        match self {
            Self::Date => found == ColumnType::Date,
            Self::Integer => found == ColumnType::Integer,
            Self::Money => found == ColumnType::Money,
            Self::DateOrInstant => matches!(found, ColumnType::Date | ColumnType::Instant),
        }
    }

    fn name(self) -> &'static str {
        match self {
            Self::Date => "`date`",
            Self::Integer => "`integer`",
            Self::Money => "`money`",
            Self::DateOrInstant => "`date` or `instant`",
        }
    }
}

fn column_of_type(
    name: &Item<String>,
    dataset: &Dataset,
    wanted: Wanted,
    problems: &mut Problems,
) -> Option<Ident> {
    let column = dataset.column_named(name, problems)?;
    if wanted.fits(column.column_type) {
        return Some(column.name.clone());
    }
    let message = format!(
        "column `{}` of `{}` is `{}` and must be {}",
        column.name,
        dataset.name(),
        column.column_type,
        wanted.name()
    );
    problems.push(Problem::error(
        &RECONCILE_COLUMN,
        name.place.clone(),
        message,
    ));
    None
}

/// A column that says since when something is open.
pub(super) fn wanted_time(
    name: &Item<String>,
    dataset: &Dataset,
    problems: &mut Problems,
) -> Option<Ident> {
    column_of_type(name, dataset, Wanted::DateOrInstant, problems)
}

fn named(names: &[Item<String>], dataset: &Dataset, problems: &mut Problems) -> Vec<Ident> {
    let find = |name: &Item<String>| {
        let column = dataset.column_named(name, problems)?;
        Some(column.name.clone())
    };
    names.iter().filter_map(find).collect()
}

fn read_members(
    section: &Section<'_>,
    ours: &Dataset,
    datasets: &Datasets,
    problems: &mut Problems,
) -> Option<Members> {
    let table = section.table("members")?;
    let theirs = dataset_of(&table.text("dataset")?, datasets, problems)?;
    let date = column_of_type(&table.text("date")?, theirs, Wanted::Date, problems)?;
    let on = tie(&table, ours, theirs, Some(&date), problems)?;
    Some(Members {
        dataset: theirs.name().clone(),
        date,
        on,
    })
}

fn read_amount(
    section: &Section<'_>,
    ours: &Dataset,
    datasets: &Datasets,
    problems: &mut Problems,
) -> Option<Amount> {
    let name = section.text("amount")?;
    let has_from = section.keys_in_order().contains(&"amount_from");
    let Some(table) = has_from.then(|| section.table("amount_from")).flatten() else {
        let column = column_of_type(&name, ours, Wanted::Money, problems)?;
        return Some(Amount { column, from: None });
    };
    let theirs = dataset_of(&table.text("dataset")?, datasets, problems)?;
    let column = column_of_type(&name, theirs, Wanted::Money, problems)?;
    let on = tie(&table, ours, theirs, None, problems)?;
    Some(Amount {
        column,
        from: Some((theirs.name().clone(), on)),
    })
}

/// The columns `on`, which with `date` cover the whole key of `theirs`, each of one type.
pub(super) fn tie(
    table: &Section<'_>,
    ours: &Dataset,
    theirs: &Dataset,
    date: Option<&Ident>,
    problems: &mut Problems,
) -> Option<Vec<Ident>> {
    let names = table.texts("on")?;
    let on = named(&names, theirs, problems);
    let of_ours = named(&names, ours, problems);
    if on.len() != names.len() || of_ours.len() != names.len() {
        return None;
    }
    for name in &on {
        let types = (ours.type_of(name.as_str()), theirs.type_of(name.as_str()));
        if types.0 != types.1 {
            let message = format!(
                "column `{name}` has another type in `{}` than in `{}`",
                ours.name(),
                theirs.name()
            );
            let place = place_of(&names, name).unwrap_or_else(|| table.place());
            problems.push(Problem::error(&RECONCILE_COLUMN, place, message));
        }
    }
    let covered = |name: &&Ident| !on.contains(name) && Some(*name) != date;
    let lacking: Vec<String> = theirs
        .key()
        .iter()
        .filter(covered)
        .map(|name| format!("`{name}`"))
        .collect();
    if lacking.is_empty() {
        return Some(on);
    }
    let message = format!(
        "`{}` has several rows for each of ours: `on` lacks {} of its key",
        theirs.name(),
        lacking.join(", ")
    );
    let place = table.key_place("on").unwrap_or_else(|| table.place());
    problems.push(
        Problem::error(&RECONCILE_TIE, place, message)
            .help("name the whole key, so that no row is counted twice"),
    );
    None
}

fn place_of(names: &[Item<String>], name: &Ident) -> Option<Place> {
    let item = names.iter().find(|item| item.value == name.as_str())?;
    Some(item.place.clone())
}
