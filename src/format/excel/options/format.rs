//! Reads `[format.excel]`.

use regex::Regex;

use crate::diag::{Place, Problem, Problems};
use crate::document::{Item, Section};
use crate::format::excel::codes::EXCEL_OPTION;
use crate::format::excel::heading::plain_heading;
use crate::format::excel::plan::{
    BlankRows, ColumnPlan, Containers, ExcelPlan, ExtraColumns, Formulas, Hidden, Merged,
    SheetChoice, TextDates, Trim,
};

impl ExcelPlan {
    /// Reads `[format.excel]`, a table checked against [`FORMAT_KEYS`](super::FORMAT_KEYS).
    pub fn read(section: &Section<'_>, problems: &mut Problems) -> Option<Self> {
        let before = problems.error_count();
        let word = |name| section.word(name).map(|item| item.value);
        let sheet = sheet(section, problems);
        let columns = columns(section, problems);
        let count = |name| {
            section
                .count(name)
                .and_then(|item| u32::try_from(item.value).ok())
        };
        let plan = Self {
            containers: match word("workbook")? {
                "xls" => Containers::Xls,
                "any" => Containers::Any,
                _ => Containers::Xlsx,
            },
            sheet,
            header_rows: count("header_rows")?,
            header_within: count("header_within")?,
            rows_above: rows_above(section, problems),
            columns,
            extra_columns: match word("extra_columns")? {
                "ignore" => ExtraColumns::Ignore,
                _ => ExtraColumns::Refuse,
            },
            merged: match word("merged")? {
                "spread" => Merged::Spread,
                _ => Merged::Refuse,
            },
            blank_rows: match word("blank_rows")? {
                "end" => BlankRows::End,
                _ => BlankRows::Skip,
            },
            hidden: match word("hidden")? {
                "refuse" => Hidden::Refuse,
                _ => Hidden::Report,
            },
            formulas: match word("formulas")? {
                "refuse" => Formulas::Refuse,
                _ => Formulas::Read,
            },
            text_dates: match word("text_dates")? {
                "year_first" => TextDates::YearFirst,
                _ => TextDates::Exact,
            },
            trim: match word("trim")? {
                "spaces" => Trim::Spaces,
                _ => Trim::None,
            },
        };
        (problems.error_count() == before).then_some(plan)
    }
}

fn problem(place: &Place, message: String) -> Problem {
    Problem::error(EXCEL_OPTION, place.clone(), message)
}

fn sheet(section: &Section<'_>, problems: &mut Problems) -> SheetChoice {
    let (name, pattern) = (section.text("sheet"), section.text("sheet_pattern"));
    match (name, pattern) {
        (Some(_), Some(pattern)) => {
            let message = "`sheet_pattern` means nothing beside `sheet`".to_owned();
            problems.push(problem(&pattern.place, message).help("leave one of them out"));
            SheetChoice::FirstVisible
        }
        (Some(name), None) => SheetChoice::Named(name.value),
        (None, Some(pattern)) => match Regex::new(&pattern.value) {
            Ok(regex) => SheetChoice::Like(regex),
            Err(error) => {
                let reason = error.to_string();
                let last = reason.lines().last().unwrap_or_default().trim().to_owned();
                let message = format!("the pattern is not a regular expression: {last}");
                problems.push(problem(&pattern.place, message));
                SheetChoice::FirstVisible
            }
        },
        (None, None) => SheetChoice::FirstVisible,
    }
}

/// What stands above the headings; the headings are still where they are looked for.
fn rows_above(section: &Section<'_>, problems: &mut Problems) -> Vec<Vec<String>> {
    let texts = section.texts("rows_above").unwrap_or_default();
    let within = section.count("header_within").map_or(0, |item| item.value);
    if let Some(first) = texts.first()
        && u64::try_from(texts.len()).is_ok_and(|rows| rows >= within)
    {
        let message = format!(
            "with {} rows above them the headings begin after row `header_within` = {within}",
            texts.len()
        );
        problems.push(problem(&first.place, message));
    }
    let cells = |text: &Item<String>| text.value.split('\t').map(str::to_owned).collect();
    texts.iter().map(cells).collect()
}

fn columns(section: &Section<'_>, problems: &mut Problems) -> Vec<ColumnPlan> {
    let mut columns: Vec<ColumnPlan> = Vec::new();
    for (name, items) in section.values("columns").unwrap_or_default() {
        let mut headings: Vec<String> = Vec::new();
        for item in items {
            let Some(text) = item
                .value
                .as_text()
                .filter(|text| !plain_heading(text).is_empty())
            else {
                let message = format!("a heading of `{}` is no text or has none", name.value);
                problems.push(problem(&item.place, message));
                continue;
            };
            let same = |other: &String| plain_heading(other) == plain_heading(text);
            let known = columns
                .iter()
                .find(|column| column.headings.iter().any(same));
            if let Some(other) = known {
                let message = format!("`{text}` is a heading of `{}` already", other.name);
                problems.push(problem(&item.place, message));
            }
            headings.push(text.to_owned());
        }
        if headings.is_empty() {
            let message = format!("`{}` has no heading", name.value);
            problems.push(problem(&name.place, message));
        }
        columns.push(ColumnPlan {
            name: name.value,
            headings,
            is_optional: false,
        });
    }
    for item in section.texts("optional_columns").unwrap_or_default() {
        optional(&item, &mut columns, problems);
    }
    columns
}

fn optional(item: &Item<String>, columns: &mut [ColumnPlan], problems: &mut Problems) {
    let found = columns.iter_mut().find(|column| column.name == item.value);
    if let Some(column) = found {
        column.is_optional = true;
        return;
    }
    let message = format!("`{}` is no name of `columns`", item.value);
    let names = columns.iter().map(|column| column.name.as_str());
    let near = crate::diag::did_you_mean(&item.value, names);
    let problem = problem(&item.place, message);
    problems.push(match near {
        Some(near) => problem.help(format!("did you mean `{near}`?")),
        None => problem,
    });
}
