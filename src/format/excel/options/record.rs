//! Reads what tells a kind of record from the others.

use crate::diag::{Problem, Problems};
use crate::document::{Item, Section};
use crate::format::excel::codes::{EXCEL_MATCH, EXCEL_OPTION};
use crate::format::excel::heading::plain_heading;
use crate::format::excel::plan::{ExcelPlan, ExcelSelect, RowMatch, SheetChoice};
use crate::format::excel::writer::SHEET;
use crate::format::matching::check_distinct;

impl ExcelSelect {
    /// Reads the `excel` table of a `[record.NAME]`, a table checked against
    /// [`RECORD_KEYS`](super::RECORD_KEYS).
    pub fn read(section: &Section<'_>, problems: &mut Problems) -> Option<Self> {
        let Some(table) = section.table("match") else {
            return Some(Self::default());
        };
        let texts = table.texts("one_of")?;
        if texts.is_empty() {
            let place = table.key_place("one_of").unwrap_or_else(|| table.place());
            let message = "`one_of` names no text, so no row would be of this kind";
            problems.push(Problem::error(EXCEL_MATCH, place, message));
            return None;
        }
        let blank = texts
            .iter()
            .find(|text| plain_heading(&text.value).is_empty());
        if let Some(blank) = blank {
            let message = "a text of `one_of` has nothing to compare";
            problems.push(Problem::error(EXCEL_MATCH, blank.place.clone(), message));
            return None;
        }
        Some(Self {
            matching: Some(RowMatch {
                column: table.text("column").map(|item| item.value),
                one_of: texts.into_iter().map(|item| item.value).collect(),
            }),
        })
    }
}

/// Checks the kinds of record of a sheet together.
pub fn check_records(
    plan: &ExcelPlan,
    records: &[(Item<String>, ExcelSelect)],
    problems: &mut Problems,
) {
    let help = "give each kind something that tells its rows from the others'";
    check_distinct(
        records,
        |select| select.matching.as_ref(),
        (EXCEL_MATCH, help),
        problems,
    );
    for (name, select) in records {
        let column = select
            .matching
            .as_ref()
            .and_then(|matching| matching.column.as_ref());
        let owner = column.and_then(|column| {
            let has = |heading: &String| plain_heading(heading) == plain_heading(column);
            let is_name = plan.columns.iter().any(|plan| plan.name == *column);
            plan.columns
                .iter()
                .find(|plan| !is_name && plan.headings.iter().any(has))
        });
        if let (Some(column), Some(owner)) = (column, owner) {
            let message = format!("`{column}` is a heading of the column `{}`", owner.name);
            let problem = Problem::error(EXCEL_OPTION, name.place.clone(), message);
            problems.push(problem.help(format!("write `column = \"{}\"`", owner.name)));
        }
    }
}

/// Why workbooks of a plan cannot be written, if they cannot.
pub fn unwritable(plan: &ExcelPlan) -> Option<String> {
    if plan.header_rows > 1 {
        return Some("two rows of headings are read, not written".to_owned());
    }
    match &plan.sheet {
        SheetChoice::Like(pattern) if !pattern.is_match(SHEET) => Some(format!(
            "`sheet_pattern` does not name the sheet to be written, and `{SHEET}` is not like it"
        )),
        SheetChoice::Named(name) if !is_sheet_name(name) => Some(format!(
            "`{name}` cannot be the name of a sheet that is written"
        )),
        _ => None,
    }
}

/// What a sheet may be called: at most 31 characters, none of `[ ] : * ? / \`, no quote at its ends.
fn is_sheet_name(name: &str) -> bool {
    name.chars().count() <= 31
        && !name.contains(['[', ']', ':', '*', '?', '/', '\\'])
        && !name.starts_with('\'')
        && !name.ends_with('\'')
}
