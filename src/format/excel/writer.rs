//! Writes records as an xlsx workbook: one sheet, the headings frozen, cells of their kinds.
//!
//! A number, day or moment becomes a real one only when it reads back as exactly the same value;
//! everything else is text. The one invariant: the same records give the same bytes.

use std::fs::File;
use std::io::{self, Seek, SeekFrom, Write};

use chrono::{Datelike, NaiveDate, NaiveDateTime, Timelike};
use rust_xlsxwriter::{DocProperties, ExcelDateTime, Format, Workbook, Worksheet, XlsxError};

use super::codes;
use super::kinds::{excel_fields, excel_select};
use super::plan::{CellKind, ExcelPlan, SheetChoice};
use super::value::number;
use crate::diag::Code;
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
    kind: CellKind,
}

struct KindOut {
    name: String,
    /// Slots by column; they must agree.
    slots: Vec<Vec<usize>>,
    /// What the kind's `match` says, and in which column, where no slot says so.
    mark: Option<(usize, String)>,
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
            .set_freeze_panes(1, 0)
            .map_err(|error| failed("", &error))?;
        for (at, column) in columns.iter().enumerate() {
            let width = crate::text::display_width(&column.heading).clamp(10, 40) as f64 + 2.0;
            sheet
                .set_column_width(at as u16, width)
                .map_err(|error| failed("", &error))?;
        }
        let mut writer = Self {
            output,
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
        for (at, column) in self.columns.iter().enumerate() {
            let heading = &self.formats.heading;
            self.sheet
                .write_string_with_format(0, at as u16, &column.heading, heading)?;
        }
        self.row = 1;
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
            return Err(unwritable(&layout.name, codes::UNWRITABLE_CELL, detail));
        }
        for (at, column) in self.columns.iter().enumerate() {
            let value = layout.value(at, fields).map_err(|why| {
                let detail = format!("the value of `{}` {why}", column.name);
                unwritable(&layout.name, codes::UNWRITABLE_CELL, detail)
            })?;
            let Some(text) = value.filter(|text| !text.is_empty()) else {
                continue;
            };
            if text.encode_utf16().count() > MOST_CHARS || text.contains('\u{FFFD}') {
                let detail = format!(
                    "the value of `{}` has more than {MOST_CHARS} characters or a lost one",
                    column.name
                );
                return Err(unwritable(&layout.name, codes::UNWRITABLE_CELL, detail));
            }
            let place = (self.row, at as u16);
            write_cell(&mut self.sheet, &self.formats, place, column.kind, text)
                .map_err(|error| failed(&layout.name, &error))?;
        }
        self.row += 1;
        Ok(())
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
    kind: CellKind,
    text: &str,
) -> Result<(), XlsxError> {
    match (kind, exact(kind, text)) {
        (CellKind::Integer, Some(value)) => {
            sheet.write_number_with_format(row, column, value, &formats.integer)
        }
        (CellKind::Decimal(decimals), Some(value)) => {
            let shown = match decimals {
                0 => "0".to_owned(),
                decimals => format!("0.{}", "0".repeat(decimals.min(9) as usize)),
            };
            let format = Format::new().set_num_format(shown);
            sheet.write_number_with_format(row, column, value, &format)
        }
        (CellKind::Day, Some(value)) => {
            sheet.write_number_with_format(row, column, value, &formats.day)
        }
        (CellKind::Moment, Some(value)) => {
            sheet.write_number_with_format(row, column, value, &formats.moment)
        }
        _ => sheet.write_string_with_format(row, column, text, &formats.text),
    }?;
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
            let millis = moment.nanosecond() / 1_000_000;
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
    let mut note = |name: &String, kind: CellKind| {
        if columns.iter().any(|column| column.name == *name) {
            return;
        }
        columns.push(ColumnOut {
            heading: plan.headings(name).first().unwrap_or(name).clone(),
            name: name.clone(),
            kind,
        });
    };
    // The kind with rows comes first, so that its columns and their kinds lead.
    let is_main = |record: &&RecordLayout| excel_select(record).matching.is_none();
    let (main, others): (Vec<_>, Vec<_>) = layout.records.iter().partition(is_main);
    for record in main.into_iter().chain(others) {
        for field in record
            .slots
            .iter()
            .filter_map(|slot| excel_fields(slot).next())
        {
            note(&field.column, field.wanted);
        }
        let matching = excel_select(record).matching.as_ref();
        if let Some(column) = matching.and_then(|matching| matching.column.as_ref()) {
            note(column, CellKind::Text);
        }
    }
    columns
}

impl KindOut {
    fn new(record: &RecordLayout, columns: &[ColumnOut]) -> Self {
        let position = |name: &String| columns.iter().position(|column| column.name == *name);
        let mut slots = vec![Vec::new(); columns.len()];
        for (slot, sources) in record.slots.iter().enumerate() {
            let column = excel_fields(sources)
                .next()
                .and_then(|field| position(&field.column));
            if let Some(own) = column.and_then(|column| slots.get_mut(column)) {
                own.push(slot);
            }
        }
        let matching = excel_select(record).matching.as_ref();
        let mark = matching.and_then(|matching| {
            let column = matching.column.as_ref().map_or(Some(0), position)?;
            Some((column, matching.one_of.first()?.clone()))
        });
        Self {
            name: record.name.clone(),
            slots,
            mark,
        }
    }

    /// The text of a column, if the record has any.
    fn value<'a>(
        &'a self,
        column: usize,
        fields: &[Option<&'a str>],
    ) -> Result<Option<&'a str>, &'static str> {
        let slots = self.slots.get(column).map_or(&[][..], Vec::as_slice);
        let mut values = slots
            .iter()
            .filter_map(|slot| fields.get(*slot).copied().flatten());
        let Some(value) = values.next() else {
            let mark = self.mark.as_ref().filter(|(at, _)| *at == column);
            return Ok(mark.map(|(_, text)| text.as_str()));
        };
        if values.any(|other| other != value) {
            return Err("is given twice, and differently");
        }
        Ok(Some(value))
    }
}

fn unwritable(record: &str, code: &'static Code, detail: String) -> WriteError {
    WriteError::Unwritable {
        code,
        record: record.to_owned(),
        detail,
    }
}

fn failed(record: &str, error: &XlsxError) -> WriteError {
    match error {
        XlsxError::IoError(error) => WriteError::Write(io::Error::other(error.to_string())),
        other => unwritable(record, codes::UNWRITABLE_CELL, other.to_string()),
    }
}
