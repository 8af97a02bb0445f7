//! Reads `[[reconcile.check]]`: rows that must not be there.

use super::read::{EFFECTS, KINDS, SIDES, ident, side};
use super::{Check, Overdue};
use crate::calendar::{Deadline, DeadlineKind};
use crate::dataset::{DUPLICATE, Dataset, Datasets, EXISTS, MISSING, TOTAL, WHERE, dataset_of};
use crate::diag::{Place, Problem, Problems};
use crate::document::{Key, KeyKind, Section};
use crate::id::Ident;
use crate::ledger::{BreakKind, FundsEffect, Level};
use crate::reconcile::codes::RECONCILE_PART;
use crate::reconcile::deadline;
use crate::reconcile::selection::{
    AMOUNT, AMOUNT_FROM, BESIDE_KEYS, BY, Beside, COUNT, DATASET, DATE, FROM, MEMBERS, read,
    read_beside, read_shown, read_since,
};
use crate::reconcile::title::{TITLE, TITLE_EN, Title};

const OVERDUE_KEYS: &[Key] = &[
    Key::required(
        "column",
        KeyKind::Name,
        "The date or instant that the days are counted from.",
    ),
    FROM,
    Key::optional(
        "days",
        KeyKind::Integer { min: 0, max: 3_650 },
        "How many days after that day it is not yet overdue: 2 for T+2.",
    ),
    Key::optional(
        "months",
        KeyKind::Integer { min: 0, max: 120 },
        "Or how many months after that day: to the same day of the month, or its last.",
    ),
    deadline::WORKING,
];

pub(super) const CHECK_KEYS: &[Key] = &[
    Key::required(
        "type",
        KeyKind::OneOf(KINDS),
        "The kind of break that each row is.",
    ),
    Key::with_default(
        "funds_effect",
        KeyKind::OneOf(EFFECTS),
        "none",
        "What it does to our funds.",
    ),
    Key::required(
        "reason",
        KeyKind::Name,
        "A stable word for the reason, such as `missing_package`.",
    ),
    TITLE,
    TITLE_EN,
    Key::optional(
        "explains",
        KeyKind::OneOf(SIDES),
        "Which difference it may explain although its amount is not known: the other side states `more` or `less`.",
    ),
    Key::optional(
        "overdue",
        KeyKind::Table(OVERDUE_KEYS),
        "Only rows past this deadline, as of the day of the run.",
    ),
    Key::optional(
        "needs",
        KeyKind::TextList,
        "Datasets without whose rows the check cannot be made: it is then shown as not checked, never as passed.",
    ),
    Key::optional(
        "alert",
        KeyKind::OneOf(&["info", "warning", "alert"]),
        "How loud it is when a run finds what no run before it found: one event of this level.",
    ),
    Key::optional(
        "show",
        KeyKind::TextList,
        "Columns of the row that stand in the break, none of them personal.",
    ),
    Key::optional(
        "beside",
        KeyKind::TableList(BESIDE_KEYS),
        "One row of another dataset whose columns stand in the break.",
    ),
    DATASET,
    DATE,
    MEMBERS,
    AMOUNT,
    AMOUNT_FROM,
    COUNT,
    BY,
    WHERE,
    EXISTS,
    MISSING,
    DUPLICATE,
    TOTAL,
];

pub(super) fn read_checks(
    section: &Section<'_>,
    datasets: &Datasets,
    problems: &mut Problems,
) -> Vec<Check> {
    let tables = section.table_list("check");
    let mut checks: Vec<Check> = Vec::new();
    for table in &tables {
        let Some((place, check)) = read_check(table, datasets, problems) else {
            continue;
        };
        if checks.iter().any(|other| other.reason == check.reason) {
            let message = format!("the reason `{}` is taken already", check.reason);
            problems.push(Problem::error(&RECONCILE_PART, place, message));
        } else {
            checks.push(check);
        }
    }
    checks
}

fn read_check(
    table: &Section<'_>,
    datasets: &Datasets,
    problems: &mut Problems,
) -> Option<(Place, Check)> {
    let reason = table.text("reason").and_then(|name| ident(&name, problems));
    let needs = read_needs(table, datasets, problems);
    let ours = table.text("dataset");
    let ours = ours.and_then(|name| datasets.get(&name.value));
    let show = ours.map(|ours| read_show(table, ours, datasets, problems));
    let overdue = table.table("overdue").zip(ours);
    let overdue = overdue.map(|(overdue, ours)| read_overdue(&overdue, ours, datasets, problems));
    // Last, for it ends at the first thing that is missing.
    let selection = read(table, datasets, problems)?;
    let overdue = match overdue {
        None => None,
        Some(read) => Some(read?),
    };
    let reason = reason?;
    let check = Check {
        kind: BreakKind::from_word(table.word("type")?.value)?,
        funds_effect: FundsEffect::from_word(table.word("funds_effect")?.value)?,
        reason: reason.value,
        title: Title::read(table)?,
        selection,
        overdue,
        explains: table.word("explains").map(|word| side(word.value)),
        needs,
        show: show.unwrap_or_default(),
        alert: table
            .word("alert")
            .and_then(|word| Level::from_word(word.value)),
    };
    Some((reason.place, check))
}

fn read_show(
    table: &Section<'_>,
    ours: &Dataset,
    datasets: &Datasets,
    problems: &mut Problems,
) -> Vec<Beside> {
    let mut show = read_shown(table, ours, problems);
    for beside in table.table_list("beside") {
        show.extend(read_beside(&beside, ours, datasets, problems));
    }
    show
}

fn read_needs(table: &Section<'_>, datasets: &Datasets, problems: &mut Problems) -> Vec<Ident> {
    let names = table.texts("needs").unwrap_or_default();
    let named = |name| dataset_of(name, datasets, problems).map(|dataset| dataset.name().clone());
    names.iter().filter_map(named).collect()
}

fn read_overdue(
    table: &Section<'_>,
    ours: &Dataset,
    datasets: &Datasets,
    problems: &mut Problems,
) -> Option<Overdue> {
    let since = read_since(table, ours, datasets, problems);
    let natural = match table.boolean("working")?.value {
        true => DeadlineKind::Working,
        false => DeadlineKind::Natural,
    };
    let (number, kind) = match (table.integer("days"), table.integer("months")) {
        (Some(days), None) => (days.value, natural),
        (None, Some(months)) => (months.value, DeadlineKind::Months),
        _ => {
            let message = "a deadline has either `days` or `months`";
            problems.push(Problem::error(&RECONCILE_PART, table.place(), message));
            return None;
        }
    };
    Some(Overdue {
        since: since?,
        deadline: Deadline {
            number: u32::try_from(number).ok()?,
            kind,
        },
    })
}
