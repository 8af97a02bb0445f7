//! A table in the forms that a report is written in: a CSV file, a sheet of the workbook, or both.

use std::path::PathBuf;

use super::book::{Book, Place};
use super::cell::Cell;
use super::csv::Table;
use super::folder::{Making, Sink};
use super::{ReportError, Request};

/// What a table is called.
#[derive(Debug, Clone, Copy)]
pub(super) struct Named {
    /// Its file.
    pub(super) file: &'static str,
    /// Its sheet, in Chinese and English.
    pub(super) sheet: (&'static str, &'static str),
    /// Where its sheet stands; `None` if it has none.
    pub(super) place: Option<Place>,
}

/// A table being written.
pub(super) struct Grid<'b> {
    named: Named,
    path: PathBuf,
    making: &'b mut Making,
    csv: Option<Table<Sink>>,
    book: Option<&'b mut Book>,
}

impl<'b> Grid<'b> {
    /// Begins it with its heading.
    pub(super) fn new<const N: usize>(
        request: &Request<'_>,
        named: Named,
        headings: [(&str, &str); N],
        making: &'b mut Making,
        book: Option<&'b mut Book>,
    ) -> Result<Self, ReportError> {
        let l = request.language;
        let headings = headings.map(|(zh, en)| l.pick(zh, en));
        let path = request.reports.join(named.file);
        let mut csv = None;
        if request.plan.csv {
            let failed = || ReportError::io("write", &path);
            let mut table = Table::new(making.sink()?).map_err(failed())?;
            table.row(&headings.map(Cell::Text)).map_err(failed())?;
            csv = Some(table);
        }
        let mut grid = Self {
            named,
            path,
            making,
            csv,
            book: None,
        };
        if let (Some(book), Some(place)) = (book, named.place) {
            let (zh, en) = named.sheet;
            book.begin(place, l.pick(zh, en), &headings)?;
            grid.book = Some(book);
        }
        Ok(grid)
    }

    /// Writes a row.
    pub(super) fn row(&mut self, cells: &[Cell<'_>]) -> Result<(), ReportError> {
        if let Some(csv) = &mut self.csv {
            csv.row(cells)
                .map_err(ReportError::io("write", &self.path))?;
        }
        if let Some(book) = &mut self.book {
            book.row(cells)?;
        }
        Ok(())
    }

    /// Ends it; returns how many cells of the file were neutralised.
    pub(super) fn finish(self) -> Result<u64, ReportError> {
        if let Some(book) = self.book {
            book.end()?;
        }
        let Some(csv) = self.csv else { return Ok(0) };
        let (sink, neutralised) = csv.finish();
        self.making.keep(sink, self.named.file)?;
        Ok(neutralised)
    }
}
