//! Writes records as an xlsx workbook: one sheet, the headings frozen, cells of their kinds.
//!
//! A number, day or moment becomes a real one only when it reads back as exactly the same value;
//! everything else is text. What would be read back as something else is an error. The one
//! invariant: the same records give the same bytes.

use std::fs::File;
use std::io::{self, Seek, SeekFrom, Write};

use chrono::{Datelike, NaiveDate, NaiveDateTime, Timelike};
use rust_xlsxwriter::{DocProperties, ExcelDateTime, Format, Workbook, Worksheet, XlsxError};

use super::codes;
use super::heading::plain_heading;
use super::kinds::{excel_fields, excel_select};
use super::plan::{CellKind, ExcelPlan, SheetChoice, Trim};
use super::value::{is_blank, number};
use crate::format::{Layout, RecordLayout, WriteError};

/// The sheet that is written when the mapping does not name one.
pub(super) const SHEET: &str = "Sheet1";
/// Characters that a cell holds at most.
const MOST_CHARS: usize = 32_767;
/// Rows that a sheet has at most.
const MOST_ROWS: u32 = 1_048_576;

/// Writes records as an xlsx workbook.
pub struct ExcelWriter<W: Write> {
    output: W,
    plan: ExcelPlan,
    workbook: Workbook,
    sheet: Worksheet,
    columns: Vec<ColumnOut>,
    kinds: Vec<KindOut>,
    formats: Formats,
    row: u32,
}

struct ColumnOut {
    name: String,
    heading: String,
}

struct KindOut {
    name: String,
    /// By column.
    places: Vec<PlaceOut>,
    matching: Option<MatchOut>,
}

/// What a kind has in one column.
#[derive(Clone, Default)]
struct PlaceOut {
    /// They must agree.
    slots: Vec<usize>,
    kind: CellKind,
}

/// What a kind's `match` says, written where no slot says so.
struct MatchOut {
    column: Option<usize>,
    one_of: Vec<String>,
}

/// A cell of a row: its text, and its number if it becomes one.
struct CellOut<'t> {
    text: &'t str,
    number: Option<f64>,
    kind: CellKind,
}

struct Formats {
    heading: Format,
    text: Format,
    integer: Format,
    day: Format,
    moment: Format,
}

impl<W: Write> ExcelWriter<W> {
    pub(in crate::format) fn new(
        plan: &ExcelPlan,
        layout: &Layout,
        output: W,
    ) -> Result<Self, WriteError> {
        let columns = columns(plan, layout);
        let mut workbook = Workbook::new();
        workbook.set_properties(&DocProperties::new().set_creation_datetime(&first_day()?));
        let mut sheet = workbook
            .new_worksheet_with_constant_memory()
            .map_err(|error| failed("", &error))?;
        let name = match &plan.sheet {
            SheetChoice::Named(name) => name.as_str(),
            SheetChoice::FirstVisible | SheetChoice::Like(_) => SHEET,
        };
        sheet.set_name(name).map_err(|error| failed("", &error))?;
        sheet
            .set_freeze_panes(plan.rows_above.len() as u32 + 1, 0)
            .map_err(|error| failed("", &error))?;
        for (at, column) in columns.iter().enumerate() {
            let width = crate::text::display_width(&column.heading).clamp(10, 40) as f64 + 2.0;
            sheet
                .set_column_width(at as u16, width)
                .map_err(|error| failed("", &error))?;
        }
        let mut writer = Self {
            output,
            plan: plan.clone(),
            workbook,
            sheet,
            kinds: layout
                .records
                .iter()
                .map(|record| KindOut::new(record, &columns))
                .collect(),
            columns,
            formats: Formats {
                heading: Format::new().set_bold(),
                text: Format::new().set_num_format("@"),
                integer: Format::new().set_num_format("0"),
                day: Format::new().set_num_format("yyyy-mm-dd"),
                moment: Format::new().set_num_format("yyyy-mm-dd hh:mm:ss"),
            },
            row: 0,
        };
        writer.headings().map_err(|error| failed("", &error))?;
        Ok(writer)
    }

    fn headings(&mut self) -> Result<(), XlsxError> {
        for cells in &self.plan.rows_above {
            for (at, text) in (0..).zip(cells) {
                if !text.is_empty() {
                    self.sheet
                        .write_string_with_format(self.row, at, text, &self.formats.text)?;
                }
            }
            self.row += 1;
        }
        for (at, column) in self.columns.iter().enumerate() {
            let heading = &self.formats.heading;
            self.sheet
                .write_string_with_format(self.row, at as u16, &column.heading, heading)?;
        }
        self.row += 1;
        Ok(())
    }

    pub(in crate::format) fn record(
        &mut self,
        kind: usize,
        fields: &[Option<&str>],
    ) -> Result<(), WriteError> {
        let Some(layout) = self.kinds.get(kind) else {
            return Ok(());
        };
        if self.row >= MOST_ROWS {
            let detail = format!("a sheet has at most {MOST_ROWS} rows");
            return Err(WriteError::unwritable(
                codes::UNWRITABLE_CELL,
                &layout.name,
                detail,
            ));
        }
        let cells = self.cells(layout, fields)?;
        self.check_row(kind, &cells).map_err(|detail| {
            WriteError::unwritable(codes::UNWRITABLE_ROW, &layout.name, detail)
        })?;
        let written = (0..).zip(&cells).try_for_each(|(at, cell)| match cell {
            Some(cell) => write_cell(&mut self.sheet, &self.formats, (self.row, at), cell),
            None => Ok(()),
        });
        written.map_err(|error| failed(&layout.name, &error))?;
        self.row += 1;
        Ok(())
    }

    /// The cells of a record, by column.
    fn cells<'a>(
        &self,
        layout: &'a KindOut,
        fields: &[Option<&'a str>],
    ) -> Result<Vec<Option<CellOut<'a>>>, WriteError> {
        let mut cells = Vec::with_capacity(self.columns.len());
        for (at, column) in self.columns.iter().enumerate() {
            let refuse = |why: &str| {
                let detail = format!("the value of `{}` {why}", column.name);
                WriteError::unwritable(codes::UNWRITABLE_CELL, &layout.name, detail)
            };
            let cell = layout.cell(at, fields).map_err(refuse)?;
            if let Some(cell) = cell.as_ref().filter(|cell| cell.number.is_none()) {
                self.plan
                    .check_text(cell.text)
                    .map_err(|why| refuse(&why))?;
            }
            cells.push(cell);
        }
        Ok(cells)
    }

    /// Whether a row reads back as one of its kind; else what it would be.
    fn check_row(&self, kind: usize, cells: &[Option<CellOut<'_>>]) -> Result<(), String> {
        let texts = cells.iter().map(|cell| CellOut::text_of(cell.as_ref()));
        let texts: Vec<&str> = texts.collect();
        let is_number = |cell: &CellOut<'_>| cell.number.is_some();
        let is_seen = |text: &&str| !text.chars().all(is_blank);
        if !cells.iter().flatten().any(is_number) && !texts.iter().any(is_seen) {
            return Err("the row has nothing that can be seen, so it would be passed over".into());
        }
        let mut headings = self.columns.iter().zip(&texts);
        if headings.all(|(column, text)| plain_heading(text) == plain_heading(&column.heading)) {
            return Err("the row would be the row of headings once more".into());
        }
        let first = CellOut::text_of(cells.iter().flatten().next());
        let matches = |other: &KindOut| {
            other.matching.as_ref().is_some_and(|matching| {
                let found = matching
                    .column
                    .map_or(Some(&first), |column| texts.get(column));
                let found = plain_heading(found.copied().unwrap_or_default());
                (matching.one_of.iter()).any(|text| plain_heading(text) == found)
            })
        };
        let is_main = |other: &KindOut| other.matching.is_none();
        let marked = self.kinds.iter().position(matches);
        let found = marked.or_else(|| self.kinds.iter().position(is_main));
        if found == Some(kind) {
            return Ok(());
        }
        let found = found.and_then(|found| self.kinds.get(found));
        let as_what = found.map_or("no kind", |found| &found.name);
        Err(format!("the row would be read back as `{as_what}`"))
    }

    pub(in crate::format) fn finish(self) -> Result<W, WriteError> {
        let Self {
            mut output,
            mut workbook,
            sheet,
            ..
        } = self;
        workbook.push_worksheet(sheet);
        let mut spool: File = tempfile::tempfile()?;
        workbook
            .save_to_writer(&spool)
            .map_err(|error| failed("", &error))?;
        spool.seek(SeekFrom::Start(0))?;
        io::copy(&mut spool, &mut output)?;
        output.flush()?;
        Ok(output)
    }
}

/// The day that every workbook says it was made on.
fn first_day() -> Result<ExcelDateTime, WriteError> {
    ExcelDateTime::from_ymd(2000, 1, 1).map_err(|error| failed("", &error))
}

fn write_cell(
    sheet: &mut Worksheet,
    formats: &Formats,
    (row, column): (u32, u16),
    cell: &CellOut<'_>,
) -> Result<(), XlsxError> {
    let Some(value) = cell.number else {
        sheet.write_string_with_format(row, column, cell.text, &formats.text)?;
        return Ok(());
    };
    let decimal;
    let format = match cell.kind {
        CellKind::Day => &formats.day,
        CellKind::Moment => &formats.moment,
        CellKind::Decimal(decimals @ 1..) => {
            let shown = format!("0.{}", "0".repeat(decimals.min(9) as usize));
            decimal = Format::new().set_num_format(shown);
            &decimal
        }
        CellKind::Decimal(0) | CellKind::Integer | CellKind::Text => &formats.integer,
    };
    sheet.write_number_with_format(row, column, value, format)?;
    Ok(())
}

/// The number of a text, if it reads back as the same value.
fn exact(kind: CellKind, text: &str) -> Option<f64> {
    match kind {
        CellKind::Text => None,
        CellKind::Integer | CellKind::Decimal(_) => {
            let value: f64 = text.parse().ok()?;
            let mut again = String::new();
            number(value, &mut again).ok()?;
            (trimmed(&again) == trimmed(text)).then_some(value)
        }
        CellKind::Day => {
            let day = NaiveDate::parse_from_str(text, "%Y-%m-%d").ok()?;
            is_after_the_hole(day).then(|| days_of(day))
        }
        CellKind::Moment => {
            let moment = NaiveDateTime::parse_from_str(text, "%Y-%m-%dT%H:%M:%S%.f").ok()?;
            // A cell is read to the millisecond.
            let millis = moment.nanosecond() / 1_000_000;
            if millis * 1_000_000 != moment.nanosecond() {
                return None;
            }
            let seconds =
                f64::from(moment.num_seconds_from_midnight()) + f64::from(millis) / 1_000.0;
            let value = days_of(moment.date()) + seconds / 86_400.0;
            is_after_the_hole(moment.date()).then_some(value)
        }
    }
}

/// A number's text without what does not change it.
pub(super) fn trimmed(text: &str) -> &str {
    match text.contains('.') {
        true => text.trim_end_matches('0').trim_end_matches('.'),
        false => text,
    }
}

/// Days before March 1900 are counted in two ways by different programs.
fn is_after_the_hole(day: NaiveDate) -> bool {
    (1901..=9999).contains(&day.year())
}

fn days_of(day: NaiveDate) -> f64 {
    /// The day 0 of the 1900 count after its hole, 1899-12-30, from year 1.
    const ZERO: i32 = 693_594;
    f64::from(day.num_days_from_ce() - ZERO)
}

/// All columns of all kinds, in the order of the mapping, each once.
fn columns(plan: &ExcelPlan, layout: &Layout) -> Vec<ColumnOut> {
    let mut columns: Vec<ColumnOut> = Vec::new();
    let mut note = |name: &String| {
        if columns.iter().any(|column| column.name == *name) {
            return;
        }
        columns.push(ColumnOut {
            heading: plan.headings(name).first().unwrap_or(name).clone(),
            name: name.clone(),
        });
    };
    // The kind with rows comes first, so that its columns lead.
    let is_main = |record: &&RecordLayout| excel_select(record).matching.is_none();
    let (main, others): (Vec<_>, Vec<_>) = layout.records.iter().partition(is_main);
    for record in main.into_iter().chain(others) {
        for field in record
            .slots
            .iter()
            .filter_map(|slot| excel_fields(slot).next())
        {
            note(&field.column);
        }
        let matching = excel_select(record).matching.as_ref();
        if let Some(column) = matching.and_then(|matching| matching.column.as_ref()) {
            note(column);
        }
    }
    columns
}

impl KindOut {
    fn new(record: &RecordLayout, columns: &[ColumnOut]) -> Self {
        let position = |name: &String| columns.iter().position(|column| column.name == *name);
        let mut places = vec![PlaceOut::default(); columns.len()];
        for (slot, sources) in record.slots.iter().enumerate() {
            let Some(field) = excel_fields(sources).next() else {
                continue;
            };
            if let Some(place) = position(&field.column).and_then(|at| places.get_mut(at)) {
                // What is wanted as two kinds is text, which loses nothing.
                let is_same = place.slots.is_empty() || place.kind == field.wanted;
                place.kind = if is_same {
                    field.wanted
                } else {
                    CellKind::Text
                };
                place.slots.push(slot);
            }
        }
        let matching = excel_select(record).matching.as_ref();
        Self {
            name: record.name.clone(),
            places,
            matching: matching.map(|matching| MatchOut {
                column: matching.column.as_ref().and_then(position),
                one_of: matching.one_of.clone(),
            }),
        }
    }

    /// The cell of a column, if the record has any.
    fn cell<'a>(
        &'a self,
        column: usize,
        fields: &[Option<&'a str>],
    ) -> Result<Option<CellOut<'a>>, &'static str> {
        let Some(place) = self.places.get(column) else {
            return Ok(None);
        };
        let mut values = (place.slots.iter()).filter_map(|at| fields.get(*at).copied().flatten());
        let (text, kind) = match (values.next(), &self.matching) {
            (Some(text), _) => (text, place.kind),
            (None, Some(matching)) if matching.column.unwrap_or(0) == column => {
                let mark = matching.one_of.first();
                (mark.map_or("", String::as_str), CellKind::Text)
            }
            (None, _) => return Ok(None),
        };
        if values.any(|other| other != text) {
            return Err("is given twice, and differently");
        }
        Ok((!text.is_empty()).then(|| CellOut {
            text,
            number: exact(kind, text),
            kind,
        }))
    }
}

impl CellOut<'_> {
    /// What a reader that looks for texts finds in a cell.
    fn text_of<'t>(cell: Option<&'t CellOut<'_>>) -> &'t str {
        match cell {
            Some(cell) if cell.number.is_none() => cell.text,
            _ => "",
        }
    }
}

impl ExcelPlan {
    /// Whether a text reads back as it is from a cell of its own.
    pub fn admits(&self, text: &str) -> bool {
        self.check_text(text).is_ok()
    }

    fn check_text(&self, text: &str) -> Result<(), String> {
        // The last two are no characters of XML, which a workbook is made of.
        if text.encode_utf16().count() > MOST_CHARS
            || text.contains(['\u{FFFD}', '\u{FFFE}', '\u{FFFF}'])
        {
            return Err(format!(
                "has more than {MOST_CHARS} characters or a lost one"
            ));
        }
        if self.trim == Trim::Spaces && text.trim_matches(is_blank) != text {
            return Err("begins or ends with a blank, which `trim` would drop".to_owned());
        }
        Ok(())
    }
}

fn failed(record: &str, error: &XlsxError) -> WriteError {
    match error {
        XlsxError::IoError(error) => WriteError::Write(io::Error::other(error.to_string())),
        other => WriteError::unwritable(codes::UNWRITABLE_CELL, record, other.to_string()),
    }
}
