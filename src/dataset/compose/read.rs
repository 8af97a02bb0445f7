//! Reads compositions; every problem in them is reported with its place.

use super::{Certainty, Compose, Expression, Promised, Total};
use crate::dataset::codes::{COMPOSE_SET, CONDITION_SHAPE};
use crate::dataset::column::{Column, ColumnType};
use crate::dataset::condition::{
    Condition, DUPLICATE, EXISTS, MISSING, ON, TOTAL, WHERE, misfit, read_on, read_where,
};
use crate::dataset::names::{dataset_of, unknown, wrong};
use crate::dataset::table::{Dataset, Datasets};
use crate::diag::{Place, Problem, Problems};
use crate::document::{Item, Key, KeyKind, Section};
use crate::value::Kind;

/// The keys of one `[[compose]]`.
pub const COMPOSE_KEYS: &[Key] = &[
    Key::required("dataset", KeyKind::Name, "The dataset that gets the rows."),
    Key::optional(
        "from",
        KeyKind::Name,
        "The dataset that they are composed from, one for one; without it one row is written.",
    ),
    WHERE,
    EXISTS,
    MISSING,
    DUPLICATE,
    TOTAL,
    Key::required(
        "set",
        KeyKind::OpenNamedTables,
        "For each column one of column, value, now, setting, number, context, count, sum.",
    ),
];

/// The expressions, of which exactly one stands for a column.
const EXPRESSIONS: [&str; 8] = [
    "column", "value", "now", "setting", "number", "context", "count", "sum",
];

const EXPRESSION_KEYS: &[Key] = &[
    Key::optional(
        "column",
        KeyKind::Name,
        "A column of the row it is composed from.",
    ),
    Key::optional("value", KeyKind::Scalar, "This value."),
    Key::optional("now", KeyKind::Boolean, "The moment of composing."),
    Key::optional(
        "setting",
        KeyKind::Name,
        "A text of `[values]` in the settings.",
    ),
    Key::optional(
        "number",
        KeyKind::Boolean,
        "The number of the message that is sent.",
    ),
    Key::optional(
        "context",
        KeyKind::Name,
        "A value of the job: business_date, and in an answer file_name, the captures of the name, and what `[route]` and `set` name.",
    ),
    Key::optional(
        "count",
        KeyKind::Name,
        "How many rows of this dataset belong to the row.",
    ),
    Key::optional(
        "sum",
        KeyKind::Name,
        "The sum of a column, `dataset.column`, over the rows that belong to the row.",
    ),
    ON,
    WHERE,
];

impl Compose {
    /// Reads a section that was checked against [`COMPOSE_KEYS`]; `promised` are the values that
    /// its caller will give. `None` when anything is wrong, and then `problems` has at least one
    /// more error, here or for the dataset that is named.
    pub fn read(
        section: &Section<'_>,
        datasets: &Datasets,
        promised: &[Promised],
        problems: &mut Problems,
    ) -> Option<Self> {
        let before = problems.error_count();
        let target = section.text("dataset");
        let target = target.and_then(|name| dataset_of(&name, datasets, problems));
        let source_name = section.text("from");
        let source = source_name
            .as_ref()
            .and_then(|name| dataset_of(name, datasets, problems));
        if source_name.is_none() {
            refuse_conditions(section, problems);
        }
        let from = source.and_then(|source| Condition::read(section, source, datasets, problems));
        let target = target?;
        if source_name.is_some() && source.is_none() {
            return None;
        }
        let mut set = Vec::new();
        for (name, table) in section.open_named_tables("set") {
            let table = table.with_keys(EXPRESSION_KEYS, problems);
            let column = target.column_named(&name, problems);
            let mut reading = Reading {
                table: &table,
                target,
                source,
                datasets,
                promised,
                problems,
            };
            let expression = column.and_then(|column| reading.expression(column));
            set.extend(column.map(|column| column.name.clone()).zip(expression));
        }
        check_key(section, target, problems);
        (problems.error_count() == before).then(|| Self {
            target: target.clone(),
            from,
            source_key: source.map_or_else(Vec::new, |source| source.key().to_vec()),
            set,
        })
    }
}

/// Without `from` there is no row that a condition could be about.
fn refuse_conditions(section: &Section<'_>, problems: &mut Problems) {
    for name in ["where", "exists", "missing", "duplicate"] {
        if let Some(place) = section.key_place(name) {
            let message = format!("`{name}` asks about rows of `from`, and there is no `from`");
            let help = "name the dataset that the rows are composed from";
            problems.push(wrong(&CONDITION_SHAPE, &place, message, help));
        }
    }
}

fn check_key(section: &Section<'_>, target: &Dataset, problems: &mut Problems) {
    let written = section.open_named_tables("set");
    for key in target.key() {
        if !written.iter().any(|(name, _)| name.value == key.as_str()) {
            let place = section.key_place("set").unwrap_or_else(|| section.place());
            let message = format!(
                "key column `{key}` of dataset `{}` is not set",
                target.name()
            );
            let help = format!("add `{key} = {{ column = \"…\" }}`");
            problems.push(wrong(&COMPOSE_SET, &place, message, help));
        }
    }
}

/// One column's expression being read.
struct Reading<'a> {
    table: &'a Section<'a>,
    target: &'a Dataset,
    source: Option<&'a Dataset>,
    datasets: &'a Datasets,
    promised: &'a [Promised],
    problems: &'a mut Problems,
}

impl<'a> Reading<'a> {
    fn expression(&mut self, column: &Column) -> Option<Expression> {
        let found: Vec<&str> = EXPRESSIONS
            .into_iter()
            .filter(|name| self.table.has(name))
            .collect();
        let [kind] = found.as_slice() else {
            let message = format!(
                "column `{}` takes exactly one of {}",
                column.name,
                EXPRESSIONS.map(|name| format!("`{name}`")).join(", ")
            );
            let place = self.table.place();
            self.problems
                .push(Problem::error(&COMPOSE_SET, place, message));
            return None;
        };
        self.refuse_parts(kind);
        match *kind {
            "column" => self.source_column(column),
            "value" => self.value(column),
            "now" => self.flag("now", column, ColumnType::Instant, Expression::Now),
            "number" => self.flag("number", column, ColumnType::Integer, Expression::Number),
            "setting" => {
                let name = self.table.text("setting")?;
                self.check_type(column, ColumnType::Text, &name.place)?;
                Some(Expression::Setting(name.value))
            }
            "context" => self.context(column),
            "count" => self.count(column),
            _ => self.sum(column),
        }
    }

    /// `on` and `where` belong to totals only.
    fn refuse_parts(&mut self, kind: &str) {
        if matches!(kind, "count" | "sum") {
            return;
        }
        for name in ["on", "where"] {
            if let Some(place) = self.table.key_place(name) {
                let message =
                    format!("`{name}` belongs to `count` and `sum`, and this is `{kind}`");
                self.problems
                    .push(wrong(&COMPOSE_SET, &place, message, "remove it"));
            }
        }
    }

    fn source_column(&mut self, column: &Column) -> Option<Expression> {
        let name = self.table.text("column")?;
        let source = self.source_of(&name.place)?;
        let found = source.column_named(&name, self.problems)?;
        self.check_type(column, found.column_type, &name.place)?;
        Some(Expression::Column(found.name.clone()))
    }

    /// A value of the caller: known, of the column's type, and always there where a key needs it.
    fn context(&mut self, column: &Column) -> Option<Expression> {
        let name = self.table.text("context")?;
        let Some(promised) = self
            .promised
            .iter()
            .find(|promised| promised.name == name.value)
        else {
            let names: Vec<&str> = self
                .promised
                .iter()
                .map(|known| known.name.as_str())
                .collect();
            let message = format!("the job has no value `{}`", name.value);
            self.problems
                .push(unknown(&COMPOSE_SET, &name, message, &names));
            return None;
        };
        self.check_type(column, promised.column_type, &name.place)?;
        let is_key = !self.target.is_nullable(column.name.as_str());
        if is_key && promised.certainty == Certainty::Sometimes {
            let message = format!(
                "`{}` may be missing for some files, and key column `{}` is never null",
                name.value, column.name
            );
            self.problems
                .push(Problem::error(&COMPOSE_SET, name.place, message));
            return None;
        }
        Some(Expression::Context(name.value))
    }

    fn value(&mut self, column: &Column) -> Option<Expression> {
        let written = self.table.scalar("value")?;
        let value = column.column_type.value_of(&written.value);
        let value = value.filter(|value| value.kind() == column.kind());
        if value.is_none() {
            let problem = misfit(&column.name, column.column_type, &written.place);
            self.problems.push(problem);
        }
        value.map(Expression::Value)
    }

    fn flag(
        &mut self,
        name: &str,
        column: &Column,
        column_type: ColumnType,
        expression: Expression,
    ) -> Option<Expression> {
        let flag = self.table.boolean(name)?;
        if !flag.value {
            let message = format!("`{name}` is `true` or not there");
            self.problems.push(wrong(
                &COMPOSE_SET,
                &flag.place,
                message,
                format!("write `{name} = true`"),
            ));
            return None;
        }
        self.check_type(column, column_type, &flag.place)?;
        Some(expression)
    }

    fn count(&mut self, column: &Column) -> Option<Expression> {
        let name = self.table.text("count")?;
        self.check_type(column, ColumnType::Integer, &name.place);
        let theirs = dataset_of(&name, self.datasets, self.problems)?;
        self.total(theirs, &name.place).map(Expression::Count)
    }

    fn sum(&mut self, column: &Column) -> Option<Expression> {
        let written = self.table.text("sum")?;
        let Some((dataset, summed)) = written.value.split_once('.') else {
            let message = "`sum` names a dataset and its column".to_owned();
            let help = "write `sum = \"dataset.column\"`";
            self.problems
                .push(wrong(&COMPOSE_SET, &written.place, message, help));
            return None;
        };
        let at = |name: &str| Item::new(name.to_owned(), written.place.clone());
        let theirs = dataset_of(&at(dataset), self.datasets, self.problems)?;
        let summed = theirs.column_named(&at(summed), self.problems)?;
        if summed.column_type.kind() != Kind::Int {
            let message = format!(
                "column `{}` of `{dataset}` is `{}` and cannot be summed",
                summed.name, summed.column_type
            );
            self.problems
                .push(Problem::error(&COMPOSE_SET, written.place.clone(), message));
            return None;
        }
        self.check_type(column, summed.column_type, &written.place);
        let total = self.total(theirs, &written.place)?;
        Some(Expression::Sum(summed.name.clone(), total))
    }

    fn total(&mut self, theirs: &Dataset, place: &Place) -> Option<Total> {
        let source = self.source_of(place)?;
        Some(Total {
            dataset: theirs.name().clone(),
            on: read_on(self.table, theirs, source, self.problems),
            tests: read_where(self.table, theirs, source, self.problems),
        })
    }

    fn source_of(&mut self, place: &Place) -> Option<&'a Dataset> {
        if self.source.is_none() {
            let message = "there is no row to take it from, because there is no `from`".to_owned();
            let help = "name the dataset that the rows are composed from";
            self.problems
                .push(wrong(&COMPOSE_SET, place, message, help));
        }
        self.source
    }

    fn check_type(&mut self, column: &Column, found: ColumnType, place: &Place) -> Option<()> {
        if column.column_type == found {
            return Some(());
        }
        let message = format!(
            "column `{}` is `{}` and this is `{found}`",
            column.name, column.column_type
        );
        self.problems
            .push(Problem::error(&COMPOSE_SET, place.clone(), message));
        None
    }
}
