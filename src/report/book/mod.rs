//! The workbook: typed cells on sheets that are frozen, filtered and ready to print.
//!
//! Responsible for the file's form; what stands on the sheets is said by `tables`, `details`,
//! [`mod@cover`] and [`mod@parts`]. Rows go straight to spool files without a name, so memory stays flat.
//! The one invariant: **nothing here is a formula**; a text that looks like one is neutralised and
//! counted, and the notes say how many.

mod cover;
mod guard;
mod notes;
mod parts;
mod sheet;
mod style;

use std::path::Path;

use rust_xlsxwriter::{DocProperties, ExcelDateTime, Workbook};

use super::cell::Cell;
use super::folder::Sink;
use super::{ReportError, Request};
use guard::guarded;
use sheet::Sheet;
use style::Formats;

pub(super) use cover::cover;
pub(super) use notes::notes;
pub(super) use parts::{id, key_cell, parts, titles};
pub(super) use style::Style;

/// The most rows below a heading; what is more goes on on another sheet. Excel's own limit is
/// 1,048,576 rows (ECMA-376 part 1, 18.3.1.73, as implemented by the programs).
const MAX_ROWS: u32 = 1_000_000;

/// Where a sheet stands in the workbook.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Place {
    Cover,
    Summary,
    Kinds,
    Breaks,
    Cleared,
    Matches,
    Candidates,
    Reasons,
    Parts,
    Sources,
    Details,
    Notes,
}

/// What was not written as it was.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Tally {
    /// Texts that got an apostrophe in front.
    pub(super) neutralised: u64,
    /// Numbers with more digits than a spreadsheet keeps, written as text.
    pub(super) long_numbers: u64,
    /// Texts longer than a cell holds, cut.
    pub(super) cut: u64,
}

/// Lines of the details that stand on one sheet.
#[derive(Debug)]
struct Span {
    first: u64,
    last: u64,
    sheet: String,
}

/// A sheet that is complete.
#[derive(Debug)]
struct Done {
    place: Place,
    name: String,
    rows: u32,
    sheet: Sheet,
}

/// A table being written.
struct Open {
    place: Place,
    /// The name that was asked for; sheets that go on are numbered.
    wanted: String,
    sheet: Sheet,
}

/// A workbook being made.
pub(super) struct Book {
    workbook: Workbook,
    formats: Formats,
    printed: Printed,
    done: Vec<Done>,
    open: Option<Open>,
    spans: Vec<Span>,
    pub(super) tally: Tally,
    /// [`MAX_ROWS`], or fewer in a test.
    pub(super) rows_max: u32,
}

/// What stands at the edges of printed pages.
#[derive(Debug, Clone)]
struct Printed {
    header: String,
    footer: String,
}

impl Book {
    /// A workbook whose spool files live in `folder`.
    pub(super) fn new(
        request: &Request<'_>,
        version: i64,
        folder: &Path,
    ) -> Result<Self, ReportError> {
        let mut workbook = Workbook::new();
        guarded("make the workbook", || {
            workbook.set_tempdir(folder)?;
            let made = ExcelDateTime::from_timestamp(request.context.now.timestamp())?;
            let title = request.title.in_language(request.language);
            let properties = DocProperties::new()
                .set_title(format!("{title} {} v{version}", request.business_date))
                .set_creation_datetime(&made);
            workbook.set_properties(&properties);
            Ok(())
        })?;
        Ok(Self {
            workbook,
            formats: Formats::new(),
            printed: Printed::of(request, version),
            done: Vec::new(),
            open: None,
            spans: Vec::new(),
            tally: Tally::default(),
            rows_max: MAX_ROWS,
        })
    }

    /// Begins a table: its heading is the first row, frozen, and repeated on each printed page.
    pub(super) fn begin(
        &mut self,
        place: Place,
        name: &str,
        headings: &[&str],
    ) -> Result<(), ReportError> {
        self.end()?;
        let mut sheet = self.sheet(name)?;
        sheet.heading(headings, &self.formats)?;
        self.open = Some(Open {
            place,
            wanted: name.to_owned(),
            sheet,
        });
        Ok(())
    }

    /// Writes a row of the table that was begun; past the limit it goes on on another sheet.
    pub(super) fn row(&mut self, cells: &[Cell<'_>]) -> Result<(), ReportError> {
        if let Some(open) = self
            .open
            .as_ref()
            .filter(|open| open.sheet.rows() >= self.rows_max)
        {
            let (place, wanted) = (open.place, open.wanted.clone());
            let headings = open.sheet.headings().to_vec();
            let headings: Vec<&str> = headings.iter().map(String::as_str).collect();
            self.begin(place, &wanted, &headings)?;
        }
        let links: Vec<Option<String>> = cells.iter().map(|cell| self.target(cell)).collect();
        let Some(open) = &mut self.open else {
            return Ok(());
        };
        open.sheet
            .table_row(cells, &links, &self.formats, &mut self.tally)
    }

    /// The same for a row of the details, which lines elsewhere lead to.
    pub(super) fn detail(&mut self, line: u64, cells: &[Cell<'_>]) -> Result<(), ReportError> {
        self.row(cells)?;
        let Some(Open { sheet, .. }) = &self.open else {
            return Ok(());
        };
        match self.spans.last_mut() {
            Some(span) if span.sheet == sheet.name() => span.last = line,
            _ => self.spans.push(Span {
                first: line,
                last: line,
                sheet: sheet.name().to_owned(),
            }),
        }
        Ok(())
    }

    /// Ends the table that was begun.
    pub(super) fn end(&mut self) -> Result<(), ReportError> {
        if let Some(mut open) = self.open.take() {
            open.sheet.close_table()?;
            self.keep(open.place, open.sheet);
        }
        Ok(())
    }

    fn keep(&mut self, place: Place, sheet: Sheet) {
        self.done.push(Done {
            place,
            name: sheet.name().to_owned(),
            rows: sheet.rows(),
            sheet,
        });
    }

    /// Writes the whole file. The same rows and moments give the same bytes.
    pub(super) fn finish(mut self, out: &mut Sink) -> Result<(), ReportError> {
        self.end()?;
        self.done.sort_by_key(|done| done.place);
        for done in self.done {
            self.workbook.push_worksheet(done.sheet.into_inner());
        }
        let workbook = &mut self.workbook;
        guarded("write the workbook", || workbook.save_to_writer(out))
    }

    fn sheet(&mut self, wanted: &str) -> Result<Sheet, ReportError> {
        let name = self.free_name(wanted);
        let workbook = &mut self.workbook;
        let fresh = guarded("make a sheet of", || {
            workbook.new_worksheet_with_constant_memory()
        })?;
        Sheet::new(fresh, &name, &self.printed)
    }

    /// Where a line of the details stands: `internal:'明细-清分'!A2`.
    fn target(&self, cell: &Cell<'_>) -> Option<String> {
        let Cell::Line(line) = cell else { return None };
        let span = self
            .spans
            .iter()
            .find(|span| (span.first..=span.last).contains(line))?;
        // The heading is row 1.
        Some(format!(
            "internal:'{}'!A{}",
            span.sheet,
            line - span.first + 2
        ))
    }

    /// A name that a sheet may have and that no other one has: at most 31 characters, none of
    /// `[]:*?/\`, no apostrophe (ECMA-376 part 1, 18.2.19, and the programs' own limits).
    fn free_name(&self, wanted: &str) -> String {
        let is_bad = |one: char| one.is_control() || "[]:*?/\\'".contains(one);
        let clean: String = wanted
            .chars()
            .map(|one| if is_bad(one) { ' ' } else { one })
            .collect();
        let cut = |room: usize| -> String { clean.trim().chars().take(room).collect() };
        let is_free = |name: &String| {
            !name.is_empty()
                && self
                    .done
                    .iter()
                    .all(|done| done.name.to_lowercase() != name.to_lowercase())
        };
        std::iter::once(cut(31))
            .chain((2_u32..).map(|n| format!("{} {n}", cut(24))))
            .find(is_free)
            .unwrap_or_default()
    }
}

impl Printed {
    fn of(request: &Request<'_>, version: i64) -> Self {
        let l = request.language;
        let title: String = request.title.in_language(l).chars().take(60).collect();
        let title = title.replace('&', "&&");
        let unit = l.pick("单位：元", "Unit: yuan");
        let mut sign = String::new();
        for who in request.plan.signatures_in(l).into_iter().take(4) {
            let who: String = who.chars().take(12).collect();
            let colon = l.pick("：", ":");
            sign.push_str(&format!("{}{colon}            ", who.replace('&', "&&")));
        }
        Self {
            // A digit after a size would be part of it, so a space ends the size.
            header: format!(
                "&L&9 {title}　{} v{version}&R&9 {unit}",
                request.business_date
            ),
            footer: format!(
                "&L&9 {sign}&R&9 {}&P{}&N{}",
                l.pick("第 ", "Page "),
                l.pick(" 页／共 ", " of "),
                l.pick(" 页", "")
            ),
        }
    }
}
