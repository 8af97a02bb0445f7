//! Reads records from a sheet: finds the headings, tells each row's kind and fills its slots.

use std::io::Read;

use super::cell::{Cell, letters};
use super::codes::{self, list, refuse};
use super::heading::{self, Header};
use super::kinds::{self, Kind, Pick};
use super::merges::{Merges, Spread};
use super::plan::{BlankRows, ExcelPlan, Formulas, Hidden, Merged};
use super::rows::{Row, Rows};
use super::spool;
use super::value::{Reading, Refused};
use crate::format::{FormatError, Layout, Limits, Next};
use crate::id::RecordNo;
use crate::record::{Place, Reject, WireRecord};
use crate::text::Encoding;

/// Reads records from a sheet.
///
/// A record's number is that of its row in the sheet. Its offset and length are those of the
/// smallest stretch of the content that holds the sheet: a row has no bytes of its own, because the
/// sheet is compressed as a whole.
pub struct ExcelReader {
    plan: ExcelPlan,
    kinds: Vec<Kind>,
    header: Header,
    rows: Rows,
    merges: Merges,
    reading: Reading,
    record_bytes: usize,
    last_row: u32,
    text: String,
    notes: Notes,
}

/// What was read that somebody may want to know of.
#[derive(Debug, Default)]
struct Notes {
    formulas: u64,
    spread: u64,
    /// The blank row where the records end.
    end: Option<u32>,
}

impl ExcelReader {
    pub(in crate::format) fn open(
        plan: &ExcelPlan,
        layout: &Layout,
        limits: &Limits,
        content: Box<dyn Read + Send>,
    ) -> Result<Self, FormatError> {
        let source = spool::open(plan, limits, content)?;
        let reading = Reading {
            trim: plan.trim,
            text_dates: plan.text_dates,
            is_1904: source.facts.is_1904,
            text_bytes: limits.field_bytes,
        };
        let mut rows = Rows::new(source);
        let first = rows.first(plan.header_within + plan.header_rows - 1, &reading)?;
        let wanted = kinds::wanted(layout);
        let header = heading::find(plan, &wanted, &first, &rows.source.facts.merges)?;
        let reader = Self {
            plan: plan.clone(),
            kinds: kinds::kinds(layout, &wanted, &header),
            merges: Merges::new(&header, &rows.source.facts.merges)?,
            last_row: header.row,
            header,
            rows,
            reading,
            record_bytes: limits.record_bytes,
            text: String::new(),
            notes: Notes::default(),
        };
        let hidden = reader.hidden();
        if plan.hidden == Hidden::Refuse && !hidden.is_empty() {
            return Err(refuse(codes::HIDDEN, hidden.join("; ")));
        }
        Ok(reader)
    }

    pub(in crate::format) fn record(&self) -> WireRecord {
        WireRecord::new(Encoding::Utf8)
    }

    pub(in crate::format) fn next(&mut self, record: &mut WireRecord) -> Result<Next, FormatError> {
        if !self.advance()? {
            return Ok(Next::End);
        }
        let place = self.place(self.rows.row().number());
        match self.fill(place, record) {
            Ok(()) => Ok(Next::Record),
            Err(Refusal { refused, field }) => {
                let (code, detail) = refused;
                Ok(Next::Refused(Reject {
                    code,
                    place,
                    field,
                    detail,
                }))
            }
        }
    }

    /// Goes to the next row that is not blank and may be a record.
    pub(super) fn advance(&mut self) -> Result<bool, FormatError> {
        if self.notes.end.is_some() {
            return Ok(false);
        }
        while self.rows.advance()? {
            let row = self.rows.row();
            let number = row.number();
            if number <= self.header.row || row.is_blank() {
                continue;
            }
            if self.plan.blank_rows == BlankRows::End && number > self.last_row + 1 {
                self.notes.end = Some(self.last_row + 1);
                return Ok(false);
            }
            self.merges.pass(row);
            self.last_row = number;
            return Ok(true);
        }
        Ok(false)
    }

    /// The row that [`Self::advance`] went to.
    pub(super) fn row(&self) -> Row<'_> {
        self.rows.row()
    }

    pub(super) fn reading(&self) -> &Reading {
        &self.reading
    }

    pub(super) fn sheet(&self) -> &str {
        &self.rows.source.facts.name
    }

    /// The heading of a column of the sheet.
    pub(super) fn heading(&self, column: u32) -> Option<&str> {
        self.header.heading(column)
    }

    fn place(&self, row: u32) -> Place {
        let (offset, length) = self.rows.source.facts.stretch;
        Place {
            record: RecordNo(u64::from(row)),
            offset,
            length,
        }
    }

    fn fill(&mut self, place: Place, record: &mut WireRecord) -> Result<(), Refusal> {
        let row = self.rows.row();
        let index = self.kind(row).map_err(Refusal::of_row)?;
        let Some(kind) = self.kinds.get(index) else {
            return Ok(());
        };
        record.start(index, place, kind.slots.len());
        let mut bytes = 0;
        for (slot, pick) in kind.slots.iter().enumerate() {
            let Some(pick) = pick else { continue };
            self.text.clear();
            let work = Value {
                plan: &self.plan,
                reading: &self.reading,
                merges: &self.merges,
                sheet: &self.rows.source.facts.name,
                kind,
                row,
            };
            let found = work.push(pick, &mut self.text).map_err(|refused| Refusal {
                refused: work.named(pick, refused),
                field: Some(format!("{}.{}", kind.name, pick.name)),
            })?;
            self.notes.formulas += u64::from(found.is_formula);
            self.notes.spread += u64::from(found.is_spread);
            bytes += self.text.len();
            record.set(slot, self.text.as_bytes());
        }
        if bytes > self.record_bytes {
            let detail = format!(
                "the row has {bytes} bytes, at most {} may be",
                self.record_bytes
            );
            return Err(Refusal::of_row((codes::LONG_TEXT, detail)));
        }
        Ok(())
    }

    fn kind(&self, row: Row<'_>) -> Result<usize, Refused> {
        let text_of = |cell: Option<&Cell>| match cell.map(|cell| &cell.value) {
            Some(super::cell::CellValue::Text(range)) => row.batch.text(range),
            _ => "",
        };
        let wanted: Vec<&str> = (self.header.columns.iter().flatten())
            .map(|column| text_of(row.cell(*column)))
            .collect();
        if self.header.is_repeated(&wanted) {
            let detail = "the row is the row of headings once more".to_owned();
            return Err((codes::REPEATED_HEADER, detail));
        }
        let text = |column: Option<usize>| match column {
            None => text_of(row.cells.first()),
            Some(index) => {
                let column = self.header.columns.get(index).copied().flatten();
                text_of(column.and_then(|column| row.cell(column)))
            }
        };
        let marked = self.kinds.iter().position(|kind| kind.matches(text));
        let found = marked.or_else(|| self.kinds.iter().position(Kind::is_main));
        found.ok_or_else(|| {
            let detail = "the row fits the `match` of no kind of record".to_owned();
            (codes::UNMATCHED_ROW, detail)
        })
    }

    /// Sentences about what was hidden, calculated or spread, once all is read.
    pub(in crate::format) fn notes(&self) -> Vec<String> {
        let mut notes = self.hidden();
        let sheet = self.sheet();
        if self.notes.formulas > 0 {
            let count = self.notes.formulas;
            notes.push(format!("`{sheet}`: {count} values are results of formulas"));
        }
        if self.notes.spread > 0 {
            let count = self.notes.spread;
            notes.push(format!(
                "`{sheet}`: {count} values were spread from merged cells"
            ));
        }
        if let Some(row) = self.notes.end {
            notes.push(format!("`{sheet}`: the records end at the blank row {row}"));
        }
        notes
    }

    fn hidden(&self) -> Vec<String> {
        let facts = &self.rows.source.facts;
        let mut notes = Vec::new();
        let sheet = &facts.name;
        if facts.is_hidden {
            notes.push(format!("the sheet `{sheet}` is hidden"));
        }
        if !facts.hidden_sheets.is_empty() {
            let names = list(facts.hidden_sheets.iter().map(String::as_str));
            notes.push(format!("hidden sheets: {names}"));
        }
        if facts.hidden_row_count > 0 {
            let rows: Vec<String> = facts.hidden_rows.iter().map(ToString::to_string).collect();
            let more = facts.hidden_row_count - rows.len() as u64;
            let more = if more > 0 {
                format!(" and {more} more")
            } else {
                String::new()
            };
            notes.push(format!("`{sheet}`: hidden rows {}{more}", rows.join(", ")));
        }
        if !facts.hidden_columns.is_empty() {
            let columns: Vec<String> = (facts.hidden_columns.iter())
                .map(|(first, last)| format!("{}:{}", letters(*first), letters(*last)))
                .collect();
            notes.push(format!("`{sheet}`: hidden columns {}", columns.join(", ")));
        }
        notes
    }
}

/// Why a row is refused, and for which of its fields.
struct Refusal {
    refused: Refused,
    field: Option<String>,
}

impl Refusal {
    fn of_row(refused: Refused) -> Self {
        Self {
            refused,
            field: None,
        }
    }
}

/// The value of one slot being found.
struct Value<'v> {
    plan: &'v ExcelPlan,
    reading: &'v Reading,
    merges: &'v Merges,
    sheet: &'v str,
    kind: &'v Kind,
    row: Row<'v>,
}

#[derive(Debug, Clone, Copy, Default)]
struct How {
    is_formula: bool,
    is_spread: bool,
}

impl Value<'_> {
    fn push(&self, pick: &Pick, out: &mut String) -> Result<How, Refused> {
        let own = self.row.cell(pick.column);
        let area = self.merges.area(pick.wanted, self.row.number());
        let (found, is_spread) = match area {
            None => (own.map(|cell| (self.row.batch, cell)), false),
            Some(area) => {
                let is_across = self.kind.reads_several(area.left, area.right);
                if is_across || pick.column != area.left {
                    let detail = format!("the cells {} are merged across columns", area.shown());
                    return Err((codes::MERGED_CELL, detail));
                }
                let is_down = area.bottom > area.top;
                if is_down && self.plan.merged == Merged::Refuse {
                    let detail = format!("the cells {} are merged", area.shown());
                    return Err((codes::MERGED_CELL, detail));
                }
                let found = match self.merges.spread(pick.wanted, area) {
                    Spread::Value(batch, cell) => Some((batch, cell)),
                    Spread::Nothing => None,
                    Spread::FromHeadings => {
                        let detail =
                            format!("the cells {} are merged with the headings", area.shown());
                        return Err((codes::MERGED_CELL, detail));
                    }
                };
                (found, self.row.number() > area.top)
            }
        };
        let Some((batch, cell)) = found else {
            return Ok(How::default());
        };
        if cell.is_formula && self.plan.formulas == Formulas::Refuse {
            return Err((codes::FORMULA, "the value is a formula".to_owned()));
        }
        self.reading.push(batch, &cell.value, pick.kind, out)?;
        Ok(How {
            is_formula: cell.is_formula,
            is_spread,
        })
    }

    /// A refusal with the cell that it is about.
    fn named(&self, pick: &Pick, (code, detail): Refused) -> Refused {
        let cell = format!(
            "{}!{}{}",
            self.sheet,
            letters(pick.column),
            self.row.number()
        );
        (code, format!("`{cell}`: {detail}"))
    }
}
