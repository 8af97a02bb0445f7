//! The rows of a sheet, one after the other, with a look at the first ones.

use std::collections::VecDeque;

use super::cell::{Batch, Cell};
use super::heading::TextRow;
use super::plan::CellKind;
use super::source::Source;
use super::value::{Reading, is_blank};
use crate::format::FormatError;

/// Rows being read.
pub(super) struct Rows {
    pub(super) source: Source,
    waiting: VecDeque<Batch>,
    batch: Batch,
    at: usize,
}

/// One row.
#[derive(Debug, Clone, Copy)]
pub(super) struct Row<'b> {
    pub(super) batch: &'b Batch,
    pub(super) cells: &'b [Cell],
}

impl<'b> Row<'b> {
    pub(super) fn number(&self) -> u32 {
        self.cells.first().map_or(0, |cell| cell.row)
    }

    pub(super) fn cell(&self, column: u32) -> Option<&'b Cell> {
        let at = self.cells.binary_search_by_key(&column, |cell| cell.column);
        at.ok().and_then(|at| self.cells.get(at))
    }

    /// Whether nothing in it can be seen.
    pub(super) fn is_blank(&self) -> bool {
        self.cells.iter().all(|cell| match &cell.value {
            super::cell::CellValue::Text(range) => self.batch.text(range).chars().all(is_blank),
            _ => false,
        })
    }
}

impl Rows {
    pub(super) fn new(source: Source) -> Self {
        Self {
            source,
            waiting: VecDeque::new(),
            batch: Batch::default(),
            at: 0,
        }
    }

    /// The texts of the rows up to a number, which stay to be read.
    pub(super) fn first(
        &mut self,
        last: u32,
        reading: &Reading,
    ) -> Result<Vec<TextRow>, FormatError> {
        let mut rows = Vec::new();
        while let Some(batch) = self.source.next()? {
            let mut at = 0;
            loop {
                let cells = batch.row(at);
                let number = cells.first().map_or(u32::MAX, |cell| cell.row);
                if cells.is_empty() || number > last {
                    break;
                }
                at += cells.len();
                rows.push(text_row(
                    Row {
                        batch: &batch,
                        cells,
                    },
                    reading,
                ));
            }
            let is_enough = at < batch.cells.len();
            self.waiting.push_back(batch);
            if is_enough {
                break;
            }
        }
        Ok(rows)
    }

    /// Goes to the next row, and says whether there is one.
    pub(super) fn advance(&mut self) -> Result<bool, FormatError> {
        self.at += self.batch.row(self.at).len();
        while self.at >= self.batch.cells.len() {
            let next = match self.waiting.pop_front() {
                Some(batch) => Some(batch),
                None => self.source.next()?,
            };
            let Some(batch) = next else {
                return Ok(false);
            };
            (self.batch, self.at) = (batch, 0);
        }
        Ok(true)
    }

    /// The row that [`Self::advance`] went to.
    pub(super) fn row(&self) -> Row<'_> {
        Row {
            batch: &self.batch,
            cells: self.batch.row(self.at),
        }
    }
}

fn text_row(row: Row<'_>, reading: &Reading) -> TextRow {
    let mut texts = Vec::with_capacity(row.cells.len());
    for cell in row.cells {
        let mut text = String::new();
        // A heading that cannot be read is no heading.
        let is_read = reading
            .push(row.batch, &cell.value, CellKind::Text, &mut text)
            .is_ok();
        if is_read && !text.trim_matches(is_blank).is_empty() {
            texts.push((cell.column, text.trim_matches(is_blank).to_owned()));
        }
    }
    TextRow {
        number: row.number(),
        texts,
    }
}
