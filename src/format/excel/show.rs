//! A row of a sheet for people's eyes: where it stands, and each of its cells.

use std::collections::{BTreeMap, BTreeSet};
use std::io::Read;

use super::cell::letters;
use super::plan::{CellKind, ExcelPlan};
use super::reader::ExcelReader;
use crate::format::{FormatError, Layout, Limits};

/// Bytes of one row that are shown at most.
const MOST_BYTES: usize = 60 << 10;

/// The texts of rows by their numbers. The first line says where the row stands (`工作表!5`), each other
/// one shows a cell: its place, its heading and its value.
pub(in crate::format) fn rows(
    plan: &ExcelPlan,
    layout: &Layout,
    limits: &Limits,
    content: Box<dyn Read + Send>,
    wanted: &BTreeSet<u64>,
) -> Result<BTreeMap<u64, String>, FormatError> {
    let mut reader = ExcelReader::open(plan, layout, limits, content)?;
    let mut shown = BTreeMap::new();
    while shown.len() < wanted.len() && reader.advance()? {
        let number = u64::from(reader.row().number());
        if wanted.contains(&number) {
            shown.insert(number, row(&reader));
        }
    }
    Ok(shown)
}

fn row(reader: &ExcelReader) -> String {
    let row = reader.row();
    let mut shown = format!("{}!{}", reader.sheet(), row.number());
    for cell in row.cells {
        if shown.len() > MOST_BYTES {
            shown.push_str("\n…");
            break;
        }
        let mut value = String::new();
        if let Err((_, why)) =
            reader
                .reading()
                .push(row.batch, &cell.value, CellKind::Text, &mut value)
        {
            value = format!("({why})");
        }
        let mark = if cell.is_formula { "=" } else { "" };
        let heading = reader.heading(cell.column).unwrap_or_default();
        shown.push_str(&format!(
            "\n{}{} {heading}: {mark}{value}",
            letters(cell.column),
            cell.row
        ));
    }
    shown
}
