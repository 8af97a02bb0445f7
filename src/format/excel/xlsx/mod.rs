//! Workbooks of today (xlsx): a package is examined, its sheet surveyed, then its cells streamed.
//!
//! `package` and `guard` bound what any reader can be made to hold, `workbook` lists the sheets and
//! refuses macros and links, `survey` counts cells and finds merged areas and hidden rows, `cells`
//! streams the cells with calamine on a thread of its own.

mod cells;
mod guard;
mod markup;
mod package;
mod survey;
mod workbook;

use std::fs::File;

use super::cell::SheetFacts;
use super::plan::SheetChoice;
use super::source::{Batches, Source, choose};
use crate::format::{FormatError, Limits};
use package::Package;
use workbook::Workbook;

/// Opens the sheet that is wanted of a workbook.
pub(super) fn open(
    file: File,
    choice: &SheetChoice,
    limits: &Limits,
) -> Result<Source, FormatError> {
    let again = file.try_clone().map_err(FormatError::Read)?;
    let mut package = Package::open(again, limits)?;
    let workbook = Workbook::read(&mut package)?;
    let names: Vec<(&str, bool)> = (workbook.sheets.iter())
        .map(|sheet| (sheet.name.as_str(), sheet.is_hidden))
        .collect();
    let index = choose(&names, choice)?;
    let mut facts = SheetFacts::default();
    if let Some(sheet) = workbook.sheets.get(index) {
        facts.name.clone_from(&sheet.name);
        facts.is_hidden = sheet.is_hidden;
        facts.is_1904 = workbook.is_1904;
        facts.hidden_sheets = hidden(&workbook, index);
        survey::survey(&mut package, sheet, limits, &mut facts)?;
    }
    drop(package);
    let batches = cells::stream(file, index, &facts.name, limits)?;
    Ok(Source::new(facts, Batches::Thread(batches)))
}

fn hidden(workbook: &Workbook, chosen: usize) -> Vec<String> {
    let others = workbook.sheets.iter().enumerate();
    others
        .filter(|(index, sheet)| *index != chosen && sheet.is_hidden)
        .map(|(_, sheet)| sheet.name.clone())
        .take(20)
        .collect()
}
