//! Finds the row of headings: by what it says, not by where it stands.

use super::cell::{Area, letters};
use super::codes::{self, list, refuse, short};
use super::plan::{ExcelPlan, ExtraColumns};
use super::value::is_blank;
use crate::diag::did_you_mean;
use crate::format::FormatError;

/// One of the first rows of a sheet: its number and its texts by column.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct TextRow {
    pub(super) number: u32,
    pub(super) texts: Vec<(u32, String)>,
}

impl TextRow {
    fn text(&self, column: u32) -> &str {
        let at = self
            .texts
            .binary_search_by_key(&column, |(column, _)| *column);
        at.ok()
            .and_then(|at| self.texts.get(at))
            .map_or("", |(_, text)| text)
    }
}

/// What is wanted of a sheet.
#[derive(Debug, Clone, Default)]
pub(super) struct Wanted {
    /// Columns by the mapping's names, each once.
    pub(super) columns: Vec<String>,
    /// Of each entry one column must be there.
    pub(super) needs: Vec<Vec<usize>>,
}

/// The row of headings, found.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Header {
    /// Its number; of two rows the second.
    pub(super) row: u32,
    /// Where each wanted column stands.
    pub(super) columns: Vec<Option<u32>>,
    /// Every heading of the sheet, as shown.
    pub(super) headings: Vec<(u32, String)>,
    /// The plain texts of each row of headings at the wanted columns, to know it when it is repeated.
    rows: Vec<Vec<String>>,
}

impl Header {
    /// The heading of a column of the sheet.
    pub(super) fn heading(&self, column: u32) -> Option<&str> {
        let found = self.headings.iter().find(|(at, _)| *at == column);
        found.map(|(_, heading)| heading.as_str())
    }

    /// Whether a row says what the row of headings says; `texts` are those of the wanted columns
    /// that are there, in their order.
    pub(super) fn is_repeated(&self, texts: &[&str]) -> bool {
        let plain: Vec<String> = texts.iter().map(|text| plain_heading(text)).collect();
        self.rows.contains(&plain) && plain.iter().any(|text| !text.is_empty())
    }
}

/// A heading or mark without what people add to it: spaces, wide forms, case, a colon or star at its
/// ends.
pub(super) fn plain_heading(text: &str) -> String {
    let narrow = |char: char| match char {
        '\u{FF01}'..='\u{FF5E}' => char::from_u32(char as u32 - 0xFEE0)
            .unwrap_or(char)
            .to_ascii_lowercase(),
        _ => char.to_ascii_lowercase(),
    };
    let text: String = text
        .chars()
        .filter(|char| !is_blank(*char))
        .map(narrow)
        .collect();
    text.trim_matches(['*', ':']).to_owned()
}

/// One row that may be the row of headings.
struct Candidate {
    row: u32,
    headings: Vec<(u32, String)>,
    /// For each wanted column, the columns of the sheet whose headings fit.
    found: Vec<Vec<u32>>,
}

impl Candidate {
    fn score(&self) -> usize {
        self.found
            .iter()
            .filter(|columns| !columns.is_empty())
            .count()
    }

    /// The first need that nothing meets.
    fn lacks<'w>(&self, plan: &ExcelPlan, wanted: &'w Wanted) -> Vec<&'w [usize]> {
        let is_met = |need: &[usize]| {
            need.iter().any(|index| {
                let is_there = self
                    .found
                    .get(*index)
                    .is_some_and(|columns| !columns.is_empty());
                let name = wanted.columns.get(*index);
                is_there || name.is_some_and(|name| plan.is_optional(name))
            })
        };
        wanted
            .needs
            .iter()
            .map(Vec::as_slice)
            .filter(|need| !is_met(need))
            .collect()
    }
}

/// Finds the row of headings among the first rows of a sheet.
pub(super) fn find(
    plan: &ExcelPlan,
    wanted: &Wanted,
    rows: &[TextRow],
    merges: &[Area],
) -> Result<Header, FormatError> {
    let candidates: Vec<Candidate> = (rows.iter())
        .filter(|row| row.number <= plan.header_within)
        .map(|row| candidate(plan, wanted, row, rows, merges))
        .collect();
    let complete: Vec<&Candidate> = (candidates.iter())
        .filter(|one| one.score() > 0 && one.lacks(plan, wanted).is_empty())
        .collect();
    match complete.as_slice() {
        [] => Err(missing(plan, wanted, &candidates)),
        [one] => header(plan, wanted, one, rows),
        several => {
            let numbers: Vec<String> = several.iter().map(|one| one.row.to_string()).collect();
            let message = format!("the rows {} have every wanted heading", numbers.join(", "));
            Err(refuse(codes::HEADER_AMBIGUOUS, message))
        }
    }
}

fn candidate(
    plan: &ExcelPlan,
    wanted: &Wanted,
    row: &TextRow,
    rows: &[TextRow],
    merges: &[Area],
) -> Candidate {
    let headings = match plan.header_rows {
        1 => row.texts.clone(),
        _ => two_rows(row, rows, merges),
    };
    let headings: Vec<(u32, String)> = (headings.into_iter())
        .filter(|(_, text)| !plain_heading(text).is_empty())
        .collect();
    let plain: Vec<(u32, String)> = (headings.iter())
        .map(|(column, text)| (*column, plain_heading(text)))
        .collect();
    let fits = |name: &String| {
        let known: Vec<String> = plan
            .headings(name)
            .iter()
            .map(|one| plain_heading(one))
            .collect();
        let fitting = plain.iter().filter(|(_, text)| known.contains(text));
        fitting.map(|(column, _)| *column).collect()
    };
    Candidate {
        row: row.number + plan.header_rows - 1,
        found: wanted.columns.iter().map(fits).collect(),
        headings,
    }
}

/// A heading over others belongs to each of them: `出口/数量`.
fn two_rows(upper: &TextRow, rows: &[TextRow], merges: &[Area]) -> Vec<(u32, String)> {
    let empty = TextRow::default();
    let lower = rows
        .iter()
        .find(|row| row.number == upper.number + 1)
        .unwrap_or(&empty);
    let last = [upper, lower]
        .into_iter()
        .filter_map(|row| row.texts.last());
    let last = last.map(|(column, _)| *column).max().unwrap_or_default();
    let area = |row: u32, column: u32| merges.iter().find(|area| area.holds(row, column));
    let spread = |row: &TextRow, number: u32, column: u32| -> String {
        match area(number, column).filter(|area| area.top == number) {
            Some(area) => row.text(area.left).to_owned(),
            None => row.text(column).to_owned(),
        }
    };
    (0..=last)
        .map(|column| {
            let above = spread(upper, upper.number, column);
            let is_one =
                area(upper.number, column).is_some_and(|area| area.holds(upper.number + 1, column));
            let below = if is_one {
                String::new()
            } else {
                spread(lower, upper.number + 1, column)
            };
            let (above, below) = (above.trim_matches(is_blank), below.trim_matches(is_blank));
            let joined = match (above, below) {
                (one, "") | ("", one) => one.to_owned(),
                (above, below) => format!("{above}/{below}"),
            };
            (column, joined)
        })
        .collect()
}

fn missing(plan: &ExcelPlan, wanted: &Wanted, candidates: &[Candidate]) -> FormatError {
    let best = candidates
        .iter()
        .filter(|one| one.score() > 0)
        .max_by_key(|one| one.score());
    let Some(best) = best else {
        let message = format!(
            "none of the first {} rows has any of the wanted headings; expected {}",
            plan.header_within,
            list(
                wanted
                    .columns
                    .iter()
                    .filter_map(|name| plan.headings(name).first())
                    .map(String::as_str)
            )
        );
        return refuse(codes::HEADER_MISSING, message);
    };
    let known = || best.headings.iter().map(|(_, text)| text.as_str());
    let lacking: Vec<String> = (best.lacks(plan, wanted).iter())
        .map(|need| {
            let names = need.iter().filter_map(|index| wanted.columns.get(*index));
            let headings: Vec<&str> = names
                .flat_map(|name| plan.headings(name))
                .map(String::as_str)
                .collect();
            let near = headings
                .iter()
                .find_map(|heading| did_you_mean(heading, known()));
            let shown: Vec<String> = headings.iter().map(|text| format!("`{text}`")).collect();
            match near {
                Some(near) => format!("{} (near: `{}`)", shown.join(" or "), short(near)),
                None => shown.join(" or "),
            }
        })
        .collect();
    let message = format!(
        "row {} is most like the row of headings, but lacks {}; it has {}",
        best.row,
        lacking.join(", "),
        list(known())
    );
    refuse(codes::HEADER_MISSING, message)
}

fn header(
    plan: &ExcelPlan,
    wanted: &Wanted,
    found: &Candidate,
    rows: &[TextRow],
) -> Result<Header, FormatError> {
    for (name, columns) in wanted.columns.iter().zip(&found.found) {
        if let [first, second, ..] = columns.as_slice() {
            let message = format!(
                "the columns {} and {} both have a heading of `{name}`",
                letters(*first),
                letters(*second)
            );
            return Err(refuse(codes::HEADING_TWICE, message));
        }
    }
    let is_read = |column: &u32| found.found.iter().any(|columns| columns.contains(column));
    let extra = (found.headings.iter()).filter(|(column, _)| !is_read(column));
    let extra: Vec<&str> = extra.map(|(_, heading)| heading.as_str()).collect();
    if plan.extra_columns == ExtraColumns::Refuse && !extra.is_empty() {
        let message = format!(
            "the sheet has {}, which nothing reads; `extra_columns = \"ignore\"` admits them",
            list(extra)
        );
        return Err(refuse(codes::EXTRA_COLUMN, message));
    }
    let columns: Vec<Option<u32>> = found
        .found
        .iter()
        .map(|columns| columns.first().copied())
        .collect();
    let own = |number: u32| {
        let row = rows.iter().find(|row| row.number == number)?;
        let plain = |column: &u32| plain_heading(row.text(*column));
        Some(columns.iter().flatten().map(plain).collect())
    };
    let first = found.row + 1 - plan.header_rows;
    Ok(Header {
        row: found.row,
        rows: (first..=found.row).filter_map(own).collect(),
        columns,
        headings: found.headings.clone(),
    })
}
