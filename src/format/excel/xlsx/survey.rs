//! What must be known of a sheet and of the shared texts before their cells are read.

use std::io::Read;

use super::markup::{Markup, Tag, attribute, is_true};
use super::package::{Package, Use};
use super::workbook::Sheet;
use crate::format::excel::cell::{SheetFacts, area, letters, reference};
use crate::format::excel::codes::{self, over, refuse, short};
use crate::format::{FormatError, Limits};

/// Hidden rows and columns that are named; more are only counted.
const NAMED: usize = 20;

/// The table of shared texts.
const STRINGS: &str = "xl/sharedstrings.xml";

/// Reads every part that is left to its end, the sheet's and the shared texts' with care.
pub(super) fn survey(
    package: &mut Package,
    sheet: &Sheet,
    limits: &Limits,
    facts: &mut SheetFacts,
) -> Result<(), FormatError> {
    let Some(own) = &sheet.part else {
        let message = format!("`{}` has no cells: it is no worksheet", short(&sheet.name));
        return Err(refuse(codes::SHEET, message));
    };
    facts.stretch = (own.start, own.compressed);
    for part in package.parts.clone() {
        if part.name == own.name {
            package.read(&part, Use::Passing, |content| {
                SheetSurvey::new(limits, facts).read(&part.name, content)
            })?;
        } else if part.name == STRINGS {
            package.read(&part, Use::Strings, |content| {
                strings(&part.name, content, limits)
            })?;
        } else {
            // A part that the reader of cells keeps must be small; it is told by its name there.
            let is_kept = part.name.contains("_rels/")
                || ["xl/workbook.xml", "xl/styles.xml", "xl/theme/theme1.xml"]
                    .contains(&part.name.as_str());
            let kept = if is_kept { Use::Kept } else { Use::Passing };
            package.read(&part, kept, |_| Ok(()))?;
        }
    }
    Ok(())
}

/// Counts the shared texts; the number that the part claims is memory that a reader would take.
fn strings(part: &str, content: &mut dyn Read, limits: &Limits) -> Result<(), FormatError> {
    let limit = limits.workbook.strings;
    let too_many = || over("the number of shared texts", limit, "workbook_strings");
    let mut markup = Markup::new(part, content);
    let mut count = 0;
    loop {
        match markup.next()? {
            Tag::End => return Ok(()),
            Tag::Open(tag) => match tag.local_name().as_ref() {
                "sst" => {
                    let claimed = attribute(&tag, "uniqueCount").unwrap_or_default();
                    let claimed: u64 = match claimed.trim() {
                        "" => 0,
                        text => text.parse().unwrap_or(u64::MAX),
                    };
                    if claimed > limit {
                        return Err(too_many());
                    }
                }
                "si" => {
                    count += 1;
                    if count > limit {
                        return Err(too_many());
                    }
                }
                _ => {}
            },
            Tag::Close(_) | Tag::Text(_) => {}
        }
    }
}

struct SheetSurvey<'f> {
    limits: &'f Limits,
    facts: &'f mut SheetFacts,
    cells: u64,
    /// The last row and cell, from 1 and from 0.
    row: u32,
    column: Option<u32>,
    is_in_cell: bool,
    /// Bytes of text in the cell.
    text: usize,
}

impl<'f> SheetSurvey<'f> {
    fn new(limits: &'f Limits, facts: &'f mut SheetFacts) -> Self {
        Self {
            limits,
            facts,
            cells: 0,
            row: 0,
            column: None,
            is_in_cell: false,
            text: 0,
        }
    }

    fn read(&mut self, part: &str, content: &mut dyn Read) -> Result<(), FormatError> {
        let mut markup = Markup::new(part, content);
        let mut is_in_data = false;
        loop {
            match markup.next()? {
                Tag::End => return Ok(()),
                Tag::Open(tag) => match tag.local_name().as_ref() {
                    "c" if is_in_data => {
                        let place = attribute(&tag, "r");
                        self.cell(place.as_deref())?;
                    }
                    "row" if is_in_data => {
                        let number = attribute(&tag, "r");
                        self.open_row(number.as_deref(), is_true(&tag, "hidden"))?;
                    }
                    "sheetData" => is_in_data = true,
                    "col" if is_true(&tag, "hidden") => {
                        let (min, max) = (attribute(&tag, "min"), attribute(&tag, "max"));
                        self.hidden_columns(min.as_deref(), max.as_deref());
                    }
                    "mergeCell" => {
                        let place = attribute(&tag, "ref");
                        self.merge(place.as_deref().unwrap_or_default())?;
                    }
                    // The reader of cells must understand it, although nothing uses it.
                    "dimension" => {
                        let place = attribute(&tag, "ref").unwrap_or_default();
                        if area(&place).is_none() {
                            return Err(wrong_place(&place));
                        }
                    }
                    _ => {}
                },
                Tag::Close(name) => match name.as_str() {
                    "c" => self.is_in_cell = false,
                    "sheetData" => is_in_data = false,
                    _ => {}
                },
                Tag::Text(bytes) if self.is_in_cell => self.text(bytes)?,
                Tag::Text(_) => {}
            }
        }
    }

    fn open_row(&mut self, number: Option<&str>, is_hidden: bool) -> Result<(), FormatError> {
        let row = match number {
            None => self.row + 1,
            Some(text) => {
                reference(&format!("A{text}"))
                    .ok_or_else(|| wrong_place(text))?
                    .0
            }
        };
        if row <= self.row {
            let message = format!("row {row} comes after row {}", self.row);
            return Err(refuse(codes::ORDER, message));
        }
        (self.row, self.column) = (row, None);
        if is_hidden {
            self.facts.hidden_row_count += 1;
            if self.facts.hidden_rows.len() < NAMED {
                self.facts.hidden_rows.push(row);
            }
        }
        Ok(())
    }

    fn cell(&mut self, place: Option<&str>) -> Result<(), FormatError> {
        self.cells += 1;
        if self.cells > self.limits.workbook.cells {
            let limit = self.limits.workbook.cells;
            return Err(over(
                "the number of cells of the sheet",
                limit,
                "workbook_cells",
            ));
        }
        let next = self.column.map_or(0, |column| column + 1);
        let (row, column) = match place {
            None => (self.row, next),
            Some(text) => reference(text).ok_or_else(|| wrong_place(text))?,
        };
        if row != self.row || column < next || column > 16_383 {
            let message = format!(
                "the cell {}{row} stands in row {} after column {}",
                letters(column),
                self.row,
                next
            );
            return Err(refuse(codes::ORDER, message));
        }
        (self.column, self.is_in_cell, self.text) = (Some(column), true, 0);
        Ok(())
    }

    fn text(&mut self, bytes: usize) -> Result<(), FormatError> {
        self.text += bytes;
        let limit = self.limits.record_bytes;
        if self.text <= limit {
            return Ok(());
        }
        let what = "the text of a cell in bytes";
        Err(over(what, limit as u64, "record_bytes"))
    }

    fn merge(&mut self, place: &str) -> Result<(), FormatError> {
        let limit = self.limits.workbook.merges;
        if self.facts.merges.len() >= limit {
            let what = "the number of merged areas";
            return Err(over(what, limit as u64, "workbook_merges"));
        }
        let merged = area(place).ok_or_else(|| wrong_place(place))?;
        self.facts.merges.push(merged);
        Ok(())
    }

    fn hidden_columns(&mut self, min: Option<&str>, max: Option<&str>) {
        let number = |text: Option<&str>| text.and_then(|text| text.parse::<u32>().ok());
        if let (Some(min), Some(max)) = (number(min), number(max))
            && self.facts.hidden_columns.len() < NAMED
        {
            let last = max.saturating_sub(1);
            self.facts
                .hidden_columns
                .push((min.saturating_sub(1), last));
        }
    }
}

fn wrong_place(text: &str) -> FormatError {
    let message = format!("`{}` is no place of a sheet", short(text));
    refuse(codes::PART, message)
}
