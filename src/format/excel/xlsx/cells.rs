//! The cells of a surveyed sheet, read by calamine on a thread of its own, in batches of whole rows.
//!
//! A thread, because the reader of cells borrows the workbook that it reads; it also opens the
//! package while records are made of what came before. It ends when nobody wants its batches.

use std::fs::File;
use std::io::{BufReader, Seek, SeekFrom};
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::thread;

use calamine::{DataRef, Reader as _, Xlsx, XlsxError};

use crate::format::excel::cell::{Batch, Cell, CellValue, letters};
use crate::format::excel::codes::{self, refuse, short};
use crate::format::excel::source::BatchResult;
use crate::format::{FormatError, Limits};

/// A batch is given away when it has so many bytes of text or so many cells.
const BATCH_BYTES: usize = 64 << 10;
const BATCH_CELLS: usize = 8 << 10;

/// Batches that may wait.
const WAITING: usize = 2;

/// Starts to read the cells of a sheet by its index.
pub(super) fn stream(
    mut file: File,
    sheet: usize,
    name: &str,
    limits: &Limits,
) -> Result<Receiver<BatchResult>, FormatError> {
    file.seek(SeekFrom::Start(0)).map_err(FormatError::Read)?;
    let (sender, receiver) = sync_channel(WAITING);
    let (name, limits) = (name.to_owned(), limits.clone());
    thread::Builder::new()
        .name("workbook".to_owned())
        .spawn(move || {
            let work = Work {
                sheet: name,
                columns: limits.columns,
                row_bytes: limits.record_bytes,
                sender: &sender,
            };
            let last = work.read(file, sheet);
            let is_over = !matches!(last, Ok(Some(_)));
            // Nobody listens to a reader that was dropped: then there is nothing left to say.
            if sender.send(last).is_ok() && !is_over {
                drop(sender.send(Ok(None)));
            }
        })
        .map_err(FormatError::Read)?;
    Ok(receiver)
}

struct Work<'s> {
    sheet: String,
    columns: usize,
    row_bytes: usize,
    sender: &'s SyncSender<BatchResult>,
}

/// Nobody wants more.
struct Dropped;

impl Work<'_> {
    /// Sends all batches but the last, which it gives.
    fn read(&self, file: File, index: usize) -> BatchResult {
        let mut workbook = Xlsx::new(BufReader::new(file)).map_err(|error| self.damaged(&error))?;
        let sheets = workbook.sheets_metadata();
        let Some(name) = sheets.get(index).map(|sheet| sheet.name.clone()) else {
            return Err(self.damaged(&XlsxError::WorksheetNotFound(self.sheet.clone())));
        };
        let reader = workbook.worksheet_cells_reader(&name);
        let mut reader = reader.map_err(|error| self.damaged(&error))?;
        let mut rows = Rows::default();
        loop {
            let next = reader.next_cell_with_formula_metadata();
            let Some(cell) = next.map_err(|error| self.damaged(&error))? else {
                return Ok((!rows.batch.cells.is_empty()).then_some(rows.batch));
            };
            let (row, column) = (cell.pos.0.saturating_add(1), cell.pos.1);
            if rows.last.is_some_and(|last| last >= (row, column)) {
                let message = format!("the cell {}{row} stands after a later one", letters(column));
                return Err(refuse(codes::ORDER, message));
            }
            rows.last = Some((row, column));
            if rows.begins(row) && rows.is_full() {
                if self.send(std::mem::take(&mut rows.batch)).is_err() {
                    return Ok(None);
                }
                rows.texts_at_row = 0;
            }
            rows.push(row, column, &cell.value, cell.formula.is_some());
            self.check(&rows, row, column)?;
        }
    }

    fn send(&self, batch: Batch) -> Result<(), Dropped> {
        self.sender.send(Ok(Some(batch))).or(Err(Dropped))
    }

    fn check(&self, rows: &Rows, row: u32, column: u32) -> Result<(), FormatError> {
        let sheet = short(&self.sheet);
        if rows.cells_in_row > self.columns {
            let message = format!(
                "row {row} of `{sheet}` has more than {} cells at {}{row}, the setting `columns`",
                self.columns,
                letters(column)
            );
            return Err(refuse(codes::LIMIT, message));
        }
        if rows.batch.texts.len() - rows.texts_at_row > self.row_bytes {
            let message = format!(
                "row {row} of `{sheet}` has more than {} bytes of text, the setting \
                 `record_bytes`",
                self.row_bytes
            );
            return Err(refuse(codes::LIMIT, message));
        }
        Ok(())
    }

    fn damaged(&self, error: &XlsxError) -> FormatError {
        let message = format!(
            "the sheet `{}` cannot be read: {}",
            short(&self.sheet),
            short(&error.to_string())
        );
        refuse(codes::PART, message)
    }
}

/// Rows being gathered.
#[derive(Default)]
struct Rows {
    batch: Batch,
    row: u32,
    last: Option<(u32, u32)>,
    cells_in_row: usize,
    texts_at_row: usize,
}

impl Rows {
    /// Whether a cell begins another row; if so it is the one that is gathered now.
    fn begins(&mut self, row: u32) -> bool {
        let begins = self.row != row;
        if begins {
            self.row = row;
            self.cells_in_row = 0;
            self.texts_at_row = self.batch.texts.len();
        }
        begins
    }

    fn is_full(&self) -> bool {
        self.batch.texts.len() >= BATCH_BYTES || self.batch.cells.len() >= BATCH_CELLS
    }

    fn push(&mut self, row: u32, column: u32, value: &DataRef<'_>, is_formula: bool) {
        let batch = &mut self.batch;
        let value = match value {
            DataRef::Empty if is_formula => CellValue::Nothing,
            DataRef::Empty => return,
            DataRef::Int(value) => CellValue::Number(*value as f64),
            DataRef::Float(value) => CellValue::Number(*value),
            DataRef::String(text) => CellValue::Text(batch.push_text(text)),
            DataRef::SharedString(text) => CellValue::Text(batch.push_text(text)),
            DataRef::Bool(value) => CellValue::Bool(*value),
            DataRef::DateTime(value) if value.is_duration() => CellValue::Elapsed(value.as_f64()),
            DataRef::DateTime(value) => CellValue::Days(value.as_f64()),
            DataRef::DateTimeIso(text) | DataRef::DurationIso(text) => {
                CellValue::Text(batch.push_text(text))
            }
            DataRef::Error(error) => CellValue::Error(batch.push_text(&error.to_string())),
        };
        self.cells_in_row += 1;
        batch.cells.push(Cell {
            row,
            column,
            value,
            is_formula,
        });
    }
}
