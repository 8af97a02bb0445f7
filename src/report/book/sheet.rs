//! One sheet: rows are written once, in order, to a spool file.

use std::borrow::Cow;

use chrono::{Datelike, NaiveDate, NaiveDateTime, Timelike};
use rust_xlsxwriter::{ExcelDateTime, Url, Worksheet, XlsxError};

use super::guard::guarded;
use super::style::{Formats, Kind, Style};
use super::{Printed, Tally};
use crate::report::ReportError;
use crate::report::cell::{Cell, harmless};
use crate::report::words;
use crate::text::display_width;

/// The most digits that a spreadsheet keeps of a number (IEEE 754 binary64 as the programs show it).
const MAX_NUMBER: u64 = 999_999_999_999_999;
/// The most characters of a cell; 32,767 is the programs' own limit.
const MAX_TEXT: usize = 32_000;
/// The most links of a sheet; 65,530 is Excel's own limit.
const MAX_LINKS: u32 = 65_000;
/// Widths of columns, in digits of the default font.
const WIDTHS: std::ops::RangeInclusive<usize> = 7..=60;
const PADDING: usize = 3;
/// A4 (ECMA-376 part 1, 18.3.1.63, `paperSize`).
const A4: u8 = 9;
/// The height of a line, and the most lines of a row (409 points are the programs' own limit).
const LINE: f64 = 15.0;
const MAX_LINES: usize = 27;
/// Wider than this, a sheet is printed across.
const PORTRAIT: usize = 110;

/// A sheet being written.
pub(super) struct Sheet {
    inner: Worksheet,
    name: String,
    headings: Vec<String>,
    next: u32,
    widths: Vec<usize>,
    /// Whether the widths are given, and not those of the widest cells.
    is_fixed: bool,
    /// How many lines the current row needs.
    tall: usize,
    links: u32,
}

impl std::fmt::Debug for Sheet {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Sheet")
            .field("name", &self.name)
            .field("next", &self.next)
            .finish_non_exhaustive()
    }
}

impl Sheet {
    pub(super) fn new(
        mut inner: Worksheet,
        name: &str,
        printed: &Printed,
    ) -> Result<Self, ReportError> {
        guarded("set up a sheet of", || {
            inner.set_name(name)?;
            inner.set_paper_size(A4);
            inner.set_margins(0.5, 0.5, 0.8, 0.7, 0.4, 0.35);
            inner.set_print_fit_to_pages(1, 0);
            inner.set_header(&printed.header);
            inner.set_footer(&printed.footer);
            Ok(())
        })?;
        Ok(Self {
            inner,
            name: name.to_owned(),
            headings: Vec::new(),
            next: 0,
            widths: Vec::new(),
            is_fixed: false,
            tall: 1,
            links: 0,
        })
    }

    pub(super) fn name(&self) -> &str {
        &self.name
    }

    pub(super) fn headings(&self) -> &[String] {
        &self.headings
    }

    /// Rows so far, without the heading.
    pub(super) fn rows(&self) -> u32 {
        self.next
            .saturating_sub(u32::from(!self.headings.is_empty()))
    }

    /// Goes on to the next row. Programs do not measure wrapped text of a file, so a row that
    /// needs several lines says so.
    pub(super) fn down(&mut self) -> Result<(), ReportError> {
        if self.tall > 1 {
            let (row, height) = (self.next, self.tall.min(MAX_LINES) as f64 * LINE);
            let sheet = &mut self.inner;
            guarded("set up a sheet of", || {
                sheet.set_row_height(row, height)?;
                Ok(())
            })?;
        }
        self.tall = 1;
        self.next += 1;
        Ok(())
    }

    pub(super) fn heading(
        &mut self,
        headings: &[&str],
        formats: &Formats,
    ) -> Result<(), ReportError> {
        self.headings = headings.iter().map(|text| (*text).to_owned()).collect();
        let mut tally = Tally::default();
        for (at, text) in (0..).zip(headings) {
            // Room for the filter's arrow.
            self.see(at, display_width(text) + 2);
            self.put(at, &Cell::Text(text), Style::Heading, formats, &mut tally)?;
        }
        self.down()
    }

    pub(super) fn table_row(
        &mut self,
        cells: &[Cell<'_>],
        links: &[Option<String>],
        formats: &Formats,
        tally: &mut Tally,
    ) -> Result<(), ReportError> {
        for ((at, cell), link) in (0..).zip(cells).zip(links) {
            if let Some(target) = link {
                self.link(at, "0", target, formats)?;
            }
            let style = Style::Body;
            match link {
                Some(_) => self.number_link(at, cell, formats)?,
                None => self.put(at, cell, style, formats, tally)?,
            }
        }
        self.down()
    }

    /// Writes a cell of the current row.
    pub(super) fn put(
        &mut self,
        at: u16,
        cell: &Cell<'_>,
        style: Style,
        formats: &Formats,
        tally: &mut Tally,
    ) -> Result<(), ReportError> {
        let shown = Shown::of(cell, tally);
        self.see(at, shown.width());
        let kind = match shown {
            Shown::Text(_) | Shown::Blank => Kind::Text,
            _ => Kind::of(cell),
        };
        let (row, sheet) = (self.next, &mut self.inner);
        let format = formats.of(style, kind);
        guarded("write a cell of", || {
            match shown {
                Shown::Text(text) => sheet.write_string_with_format(row, at, text, format)?,
                Shown::Number(number, _) => {
                    sheet.write_number_with_format(row, at, number, format)?
                }
                Shown::Moment(moment, _) => {
                    sheet.write_datetime_with_format(row, at, &moment, format)?
                }
                Shown::Blank => sheet.write_blank(row, at, format)?,
            };
            Ok(())
        })
    }

    /// A text over several columns of the current row, both included.
    pub(super) fn across(
        &mut self,
        (first, last): (u16, u16),
        text: &str,
        style: Style,
        formats: &Formats,
    ) -> Result<(), ReportError> {
        let range = usize::from(first)..=usize::from(last);
        let merged = self.widths.get(range).unwrap_or_default();
        let room: usize = merged.iter().map(|width| width + PADDING).sum();
        if style != Style::Title {
            self.lines(display_width(text).div_ceil(room.max(1)));
        }
        let (row, sheet) = (self.next, &mut self.inner);
        let format = formats.of(style, Kind::Text);
        let (clean, _) = harmless(text);
        guarded("write a cell of", || {
            sheet.merge_range(row, first, row, last, &clean, format)?;
            Ok(())
        })
    }

    /// A text of the current row that leads to another sheet.
    pub(super) fn link(
        &mut self,
        at: u16,
        text: &str,
        target: &str,
        formats: &Formats,
    ) -> Result<(), ReportError> {
        self.links += 1;
        if self.links > MAX_LINKS {
            return Ok(());
        }
        let (row, sheet) = (self.next, &mut self.inner);
        let format = formats.of(Style::Body, Kind::Link);
        guarded("write a link of", || {
            let url = Url::new(target).set_text(text);
            sheet.write_url_with_format(row, at, url, format)?;
            Ok(())
        })
    }

    /// A number in the place of a link's text.
    fn number_link(
        &mut self,
        at: u16,
        cell: &Cell<'_>,
        formats: &Formats,
    ) -> Result<(), ReportError> {
        let Cell::Line(line) = cell else {
            return Ok(());
        };
        self.see(at, line.to_string().len());
        let (row, sheet) = (self.next, &mut self.inner);
        let format = formats.of(Style::Body, Kind::Jump);
        guarded("write a cell of", || {
            sheet.write_number_with_format(row, at, *line as f64, format)?;
            Ok(())
        })
    }

    /// The current row is at least so many lines high.
    pub(super) fn lines(&mut self, lines: usize) {
        self.tall = self.tall.max(lines);
    }

    /// Fixed widths, for sheets that are no table.
    pub(super) fn fixed(&mut self, widths: &[usize]) {
        self.widths = widths.to_vec();
        self.is_fixed = true;
    }

    /// Freezes and filters the table, and sets it up for printing.
    pub(super) fn close_table(&mut self) -> Result<(), ReportError> {
        let last_column = self.headings.len().saturating_sub(1) as u16;
        let last_row = self.next.saturating_sub(1);
        let sheet = &mut self.inner;
        guarded("set up a sheet of", || {
            sheet.set_freeze_panes(1, 0)?;
            sheet.autofilter(0, 0, last_row, last_column)?;
            sheet.set_repeat_rows(0, 0)?;
            Ok(())
        })?;
        self.close()
    }

    /// Sets the widths, and the way it lies on paper.
    pub(super) fn close(&mut self) -> Result<(), ReportError> {
        let widths: Vec<usize> = self
            .widths
            .iter()
            .map(|width| (width + PADDING).max(*WIDTHS.start()))
            .collect();
        let sheet = &mut self.inner;
        guarded("set up a sheet of", || {
            for (at, width) in (0..).zip(&widths) {
                sheet.set_column_width(at, *width as f64)?;
            }
            if widths.iter().sum::<usize>() > PORTRAIT {
                sheet.set_landscape();
            }
            Ok(())
        })
    }

    pub(super) fn into_inner(self) -> Worksheet {
        self.inner
    }

    /// Takes note of how wide a cell is: its column grows, up to a limit, and then its row.
    fn see(&mut self, at: u16, width: usize) {
        let at = usize::from(at);
        if self.widths.len() <= at {
            self.widths.resize(at + 1, 0);
        }
        let Some(known) = self.widths.get_mut(at) else {
            return;
        };
        if !self.is_fixed {
            *known = (*known).max(width).min(*WIDTHS.end());
        }
        let room = if self.is_fixed { *known } else { *WIDTHS.end() };
        self.lines(width.div_ceil(room.max(1)));
    }
}

/// A cell as it is written.
enum Shown<'a> {
    Text(Cow<'a, str>),
    /// The number, and how wide it is shown.
    Number(f64, usize),
    Moment(ExcelDateTime, usize),
    Blank,
}

impl<'a> Shown<'a> {
    fn of(cell: &Cell<'a>, tally: &mut Tally) -> Self {
        match *cell {
            Cell::Text(text) => Self::Text(text_of(text, tally)),
            Cell::Int(number) | Cell::No(number) => match is_kept(number) {
                true => Self::Number(number as f64, words::number(number).len()),
                false => Self::long(number.to_string(), tally),
            },
            Cell::Line(line) => Self::Number(line as f64, line.to_string().len()),
            // Yuan with two places: at most fifteen digits survive as they are.
            Cell::Money(amount) => match is_kept(amount.0) {
                true => Self::Number(amount.0 as f64 / 100.0, words::money(amount).len()),
                false => Self::long(amount.to_string(), tally),
            },
            // A day that a spreadsheet has no number for stays a text.
            Cell::Date(day) => match excel_day(day) {
                Ok(excel) => Self::Moment(excel, 10),
                Err(_) => Self::Text(day.to_string().into()),
            },
            Cell::Moment(moment) => match excel_moment(moment) {
                Ok(excel) => Self::Moment(excel, 19),
                Err(_) => Self::Text(moment.to_string().into()),
            },
            Cell::Blank => Self::Blank,
        }
    }

    fn long(text: String, tally: &mut Tally) -> Self {
        tally.long_numbers += 1;
        Self::Text(Cow::Owned(text))
    }

    fn width(&self) -> usize {
        match self {
            Self::Text(text) => display_width(text),
            Self::Number(_, width) | Self::Moment(_, width) => *width,
            Self::Blank => 0,
        }
    }
}

fn is_kept(number: i64) -> bool {
    number.unsigned_abs() <= MAX_NUMBER
}

fn text_of<'a>(text: &'a str, tally: &mut Tally) -> Cow<'a, str> {
    let (clean, is_neutralised) = harmless(text);
    tally.neutralised += u64::from(is_neutralised);
    if clean.len() <= MAX_TEXT || clean.encode_utf16().count() <= MAX_TEXT {
        return clean;
    }
    tally.cut += 1;
    let mut kept: String = clean.chars().take(MAX_TEXT / 2).collect();
    kept.push('…');
    Cow::Owned(kept)
}

fn excel_day(day: NaiveDate) -> Result<ExcelDateTime, XlsxError> {
    let year = u16::try_from(day.year()).unwrap_or_default();
    ExcelDateTime::from_ymd(year, day.month() as u8, day.day() as u8)
}

fn excel_moment(moment: NaiveDateTime) -> Result<ExcelDateTime, XlsxError> {
    let time = moment.time();
    excel_day(moment.date())?.and_hms(
        time.hour() as u16,
        time.minute() as u8,
        f64::from(time.second()),
    )
}
