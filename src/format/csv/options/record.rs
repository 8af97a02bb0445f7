//! Reads what tells a kind of record from the others, and its columns.

use crate::diag::{Code, Place, Problem, Problems};
use crate::document::{Item, Section};
use crate::format::csv::codes;
use crate::format::csv::kinds::is_named;
use crate::format::csv::plan::{CsvPlan, Header};
use crate::format::csv::select::{Condition, CsvSelect};
use crate::format::lines::Standing;
use crate::format::matching::{check_distinct, flag};

impl CsvSelect {
    /// Reads the `csv` table of a `[record.NAME]`, a table checked against [`RECORD_KEYS`](super::RECORD_KEYS).
    pub fn read(section: &Section<'_>, plan: &CsvPlan, problems: &mut Problems) -> Option<Self> {
        let before = problems.error_count();
        let columns = section.texts("columns");
        check_columns(columns.as_deref().unwrap_or_default(), plan, problems);
        let columns: Option<Vec<String>> =
            columns.map(|items| items.into_iter().map(|item| item.value).collect());
        let conditions = match section.table("match") {
            Some(table) => Conditions {
                table,
                plan,
                columns: columns.as_deref().filter(|columns| !columns.is_empty()),
            }
            .read(problems),
            None => Vec::new(),
        };
        let is_named = !section.has("match") && is_named(plan, &conditions);
        if columns.as_ref().map_or(!is_named, Vec::is_empty) {
            let place = section
                .key_place("columns")
                .unwrap_or_else(|| section.place());
            let message = format!(
                "{} `columns` must name the fields of a line",
                section.label()
            );
            problems.push(Problem::error(codes::CSV_COLUMNS, place, message));
        }
        (problems.error_count() == before).then(|| Self {
            conditions,
            columns: columns.unwrap_or_default(),
            standing: Standing::default(),
        })
    }
}

fn check_columns(columns: &[Item<String>], plan: &CsvPlan, problems: &mut Problems) {
    for (at, column) in columns.iter().enumerate() {
        let name = &column.value;
        let refuse =
            |message: String| Problem::error(codes::CSV_COLUMNS, column.place.clone(), message);
        if name.trim().is_empty() {
            problems.push(refuse(format!("column {} has no name", at + 1)));
        } else if columns.iter().take(at).any(|other| other.value == *name) {
            problems.push(refuse(format!(
                "the column `{name}` stands here a second time"
            )));
        } else if plan.header != Header::None {
            check_encodes(column, plan, codes::CSV_COLUMNS, problems);
        }
    }
}

/// Whether a text can be in the file at all.
fn check_encodes(
    item: &Item<String>,
    plan: &CsvPlan,
    code: &'static Code,
    problems: &mut Problems,
) {
    if let Err(error) = plan.encoding.encode(&item.value) {
        let message = format!("`{}` can never be in the file: {error}", item.value);
        problems.push(Problem::error(code, item.place.clone(), message));
    }
}

/// A `match` being read.
struct Conditions<'a> {
    table: Section<'a>,
    plan: &'a CsvPlan,
    columns: Option<&'a [String]>,
}

impl Conditions<'_> {
    fn read(&self, problems: &mut Problems) -> Vec<Condition> {
        let flags = [("first", Condition::First), ("last", Condition::Last)];
        let mut conditions: Vec<Condition> = (flags.into_iter())
            .filter_map(|(name, condition)| {
                flag(&self.table, name, codes::CSV_MATCH, problems).then_some(condition)
            })
            .collect();
        conditions.extend(self.column(problems));
        if let Some(item) = self.table.text("starts_with") {
            check_encodes(&item, self.plan, codes::CSV_MATCH, problems);
            conditions.push(Condition::StartsWith(item.value));
        }
        if let Some(item) = self.table.count("fields") {
            let count = item.value as usize;
            if self.columns.is_some_and(|columns| columns.len() != count) {
                let message = format!(
                    "`fields` is {count}, but `columns` names {}",
                    self.columns.map_or(0, <[_]>::len)
                );
                problems.push(Problem::error(codes::CSV_MATCH, item.place, message));
            }
            conditions.push(Condition::Fields(count));
        }
        if conditions.is_empty() && self.table.keys_in_order().is_empty() {
            let message = format!("{} there is no condition", self.table.label());
            let problem = Problem::error(codes::CSV_MATCH, self.table.place(), message);
            problems
                .push(problem.help("leave `match` out for the kind that takes all other lines"));
        }
        conditions
    }

    fn column(&self, problems: &mut Problems) -> Option<Condition> {
        let equals = self.table.text("equals").map(|item| vec![item]);
        let one_of = self.table.texts("one_of");
        let column = self.table.count("column");
        let refuse = |name: &str, message: String| {
            let place = self
                .table
                .key_place(name)
                .unwrap_or_else(|| self.table.place());
            Problem::error(codes::CSV_MATCH, place, message)
        };
        if equals.is_some() && one_of.is_some() {
            problems.push(refuse(
                "one_of",
                "`one_of` and `equals` exclude each other".into(),
            ));
        }
        let values = equals.or(one_of);
        match (&column, &values) {
            (None, None) => return None,
            (Some(_), None) => {
                problems.push(refuse(
                    "column",
                    "`column` needs `equals` or `one_of`".into(),
                ));
            }
            (None, Some(_)) => {
                let name = if self.table.has("equals") {
                    "equals"
                } else {
                    "one_of"
                };
                problems.push(refuse(
                    name,
                    format!("`{name}` needs `column`, a field's number"),
                ));
            }
            (Some(_), Some(values)) if values.is_empty() => {
                problems.push(refuse("one_of", "`one_of` lists nothing".into()));
            }
            _ => {}
        }
        let (column, values) = (column?, values?);
        let number = column.value as usize;
        if let Some(columns) = self.columns.filter(|columns| columns.len() < number) {
            let message = format!(
                "`column` is {number}, but `columns` names {}",
                columns.len()
            );
            problems.push(Problem::error(codes::CSV_MATCH, column.place, message));
        }
        for value in &values {
            check_encodes(value, self.plan, codes::CSV_MATCH, problems);
        }
        Some(Condition::Column {
            column: number.checked_sub(1)?,
            values: values.into_iter().map(|item| item.value).collect(),
        })
    }
}

/// Checks the kinds of record of a file together. `format` is where `[format.csv]` stands.
pub fn check_records(
    plan: &CsvPlan,
    records: &[(Item<String>, CsvSelect)],
    format: &Place,
    problems: &mut Problems,
) {
    fn conditions(select: &CsvSelect) -> Option<&[Condition]> {
        let conditions = select.conditions.as_slice();
        (!conditions.is_empty()).then_some(conditions)
    }
    let help = "give each kind something that tells its lines from the others'";
    check_distinct(records, conditions, (codes::CSV_MATCH, help), problems);
    let has_main = records
        .iter()
        .any(|(_, select)| select.conditions.is_empty());
    if plan.header != Header::None && !has_main && !records.is_empty() {
        let message = "a header row is declared, but every kind of record has a `match`";
        let problem = Problem::error(codes::CSV_MATCH, format.clone(), message);
        problems
            .push(problem.help("leave `match` out of the kind whose columns the header row names"));
    }
}
