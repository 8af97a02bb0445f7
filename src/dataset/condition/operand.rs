//! Reads what a column is compared with, and how far from it it may be.

use super::read::Reading;
use super::{Check, Later, Operand, Period, Tolerance};
use crate::dataset::codes::CONDITION_VALUE;
use crate::dataset::column::ColumnType;
use crate::dataset::names::wrong;
use crate::diag::{Place, Problem};
use crate::document::{Item, Key, KeyKind, Section, Shape};
use crate::id::Fen;

const COLUMN: Key = Key::optional(
    "column",
    KeyKind::Name,
    "A column of the row that is asked about.",
);

const OPERAND_KEYS: &[Key] = &[
    COLUMN,
    Key::with_default(
        "months",
        KeyKind::Integer {
            min: -1_200,
            max: 1_200,
        },
        "0",
        "So many months later: the same day of the month, or its last; an instant counts as its day.",
    ),
    Key::with_default(
        "days",
        KeyKind::Integer {
            min: -36_500,
            max: 36_500,
        },
        "0",
        "So many days later, for dates and instants.",
    ),
    Key::optional(
        "end_of",
        KeyKind::OneOf(&["month", "year"]),
        "The last day of the month or year that it falls into; an instant counts as its day.",
    ),
    Key::optional(
        "setting",
        KeyKind::Name,
        "A text of `[values]` in the settings.",
    ),
];

const APART_KEYS: &[Key] = &[
    COLUMN,
    Key::optional(
        "percent",
        KeyKind::Name,
        "By more than so many percent of that column, as text with at most two decimals: `\"1\"`.",
    ),
    Key::optional(
        "amount",
        KeyKind::Scalar,
        "By more than this, written as a value of the column.",
    ),
];

impl Reading<'_> {
    pub(super) fn operand(&mut self, table: Section<'_>) -> Option<Operand> {
        let table = table.with_keys(OPERAND_KEYS, self.problems);
        match (table.text("column"), table.text("setting")) {
            (Some(name), None) => self.column_operand(&name, &table),
            (None, Some(name)) => self.setting_operand(name, &table),
            _ => {
                let message = "an operand is either a `column` or a `setting`".to_owned();
                self.shape_problem(&table.place(), message);
                None
            }
        }
    }

    fn column_operand(&mut self, name: &Item<String>, table: &Section<'_>) -> Option<Operand> {
        let other = self.outer.column_named(name, self.problems)?;
        let (left, right) = (self.column.column_type, other.column_type);
        if left != right && !(is_time(left) && is_time(right)) {
            self.misfit(name, right);
            return None;
        }
        if !is_time(right)
            && let Some(place) = later_place(table)
        {
            let message = format!("`{}` is `{right}`, and days are added to dates", other.name);
            self.problems
                .push(Problem::error(&CONDITION_VALUE, place, message));
            return None;
        }
        let number = |key| i32::try_from(table.integer(key)?.value).ok();
        Some(Operand::Column {
            name: other.name.clone(),
            column_type: right,
            later: Later {
                months: number("months")?,
                days: number("days")?,
                end_of: table.word("end_of").map(|word| match word.value {
                    "month" => Period::Month,
                    _ => Period::Year,
                }),
            },
        })
    }

    fn setting_operand(&mut self, name: Item<String>, table: &Section<'_>) -> Option<Operand> {
        if self.column.column_type != ColumnType::Text || later_place(table).is_some() {
            let message = format!(
                "column `{}` is `{}`, and a setting is compared with a text, without days",
                self.column.name, self.column.column_type
            );
            self.problems
                .push(Problem::error(&CONDITION_VALUE, name.place, message));
            return None;
        }
        Some(Operand::Setting(name.value))
    }

    /// `differs = { column = "…", percent = "1" }`: two numbers that are too far apart.
    pub(super) fn apart(&mut self, shape: Shape<'_>) -> Option<Check> {
        let Shape::Table(table) = shape else {
            let message = "`differs` is a table of `column` and `percent` or `amount`".to_owned();
            self.shape_problem(&shape.place(), message);
            return None;
        };
        let table = table.with_keys(APART_KEYS, self.problems);
        let Some(name) = table.text("column") else {
            let message = "`differs` names the `column` it is compared with".to_owned();
            self.shape_problem(&table.place(), message);
            return None;
        };
        let other = self.outer.column_named(&name, self.problems)?;
        let column_type = self.column.column_type;
        if column_type != other.column_type {
            self.misfit(&name, other.column_type);
            return None;
        }
        if !is_number(column_type) {
            let message = format!(
                "column `{}` is `{column_type}`, and only numbers differ by so much",
                self.column.name
            );
            let problem = Problem::error(&CONDITION_VALUE, name.place, message);
            self.problems
                .push(problem.help("write `not = { column = \"…\" }`"));
            return None;
        }
        let other = other.name.clone();
        Some(Check::Apart(other, self.tolerance(&table)?))
    }

    fn tolerance(&mut self, table: &Section<'_>) -> Option<Tolerance> {
        match (table.text("percent"), table.scalar("amount")) {
            (Some(percent), None) => {
                let hundredths = Fen::from_yuan(&full(&percent.value)).ok();
                let hundredths = hundredths.filter(|percent| percent.0 >= 0);
                if hundredths.is_none() {
                    let message = format!("`{}` is no percentage", percent.value);
                    let help =
                        "write a number with at most two decimals, such as \"1\" or \"0.05\"";
                    let problem = wrong(&CONDITION_VALUE, &percent.place, message, help);
                    self.problems.push(problem);
                }
                Some(Tolerance::Percent(hundredths?.0))
            }
            (None, Some(amount)) => match self.value(&amount)? {
                crate::value::Value::Int(amount) => Some(Tolerance::Amount(amount)),
                _ => None,
            },
            _ => {
                let message = "`differs` has either `percent` or `amount`".to_owned();
                self.shape_problem(&table.place(), message);
                None
            }
        }
    }

    fn misfit(&mut self, name: &Item<String>, right: ColumnType) {
        let message = format!(
            "column `{}` is `{}` and column `{}` of `{}` is `{right}`",
            self.column.name,
            self.column.column_type,
            name.value,
            self.outer.name()
        );
        let help = "columns are compared with columns of their own type, dates also with instants";
        self.problems
            .push(wrong(&CONDITION_VALUE, &name.place, message, help));
    }
}

/// Where it says how much later.
fn later_place(table: &Section<'_>) -> Option<Place> {
    let number = |key| {
        let is_written = table.has(key);
        is_written.then(|| table.integer(key))?
    };
    let numbers = ["months", "days"].into_iter().find_map(number);
    let numbers = numbers.map(|item| item.place);
    numbers.or_else(|| Some(table.word("end_of")?.place))
}

/// With two decimals, as amounts are written.
fn full(percent: &str) -> String {
    match percent.split_once('.') {
        None => format!("{percent}.00"),
        Some((whole, decimals)) if decimals.len() == 1 => format!("{whole}.{decimals}0"),
        Some(_) => percent.to_owned(),
    }
}

fn is_time(column_type: ColumnType) -> bool {
    matches!(column_type, ColumnType::Date | ColumnType::Instant)
}

fn is_number(column_type: ColumnType) -> bool {
    matches!(
        column_type,
        ColumnType::Integer | ColumnType::Money | ColumnType::Decimal { .. }
    )
}
