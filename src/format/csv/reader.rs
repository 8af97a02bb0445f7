//! Reads records from delimited text: finds each line's kind and fills its slots.

use std::io::Read;

use super::codes;
use super::fault::Fault;
use super::header;
use super::kinds::{Kinds, Refusal, count, counts};
use super::plan::{CsvPlan, Header};
use super::scan::{Found, Scanner};
use super::select::Facts;
use crate::diag::Code;
use crate::format::lines::{Shared, Structure, StructureFault};
use crate::format::{FormatError, Layout, Limits, Next};
use crate::id::RecordNo;
use crate::record::{Place, Reject, WireRecord};

/// Reads records from delimited text.
///
/// Records are counted from 1 over all lines of all kinds, refused ones too. The header row of
/// column names is no record, and neither are blank lines that the plan skips.
pub struct CsvReader {
    plan: CsvPlan,
    layout: Layout,
    scanner: Scanner,
    kinds: Kinds,
    shared: Shared,
    structure: Structure,
    /// What the line that was refused last was, or looked like.
    refused: Option<usize>,
    header: HeaderRow,
    /// Lines taken, the header row among them.
    lines: u64,
    records: u64,
}

/// Why a line is refused: the code and what was found and expected.
type Refused = (&'static Code, String);

enum HeaderRow {
    /// None is declared.
    None,
    Awaited,
    /// Its bytes, so that a repetition is recognised.
    Read(Vec<u8>),
}

impl CsvReader {
    pub(in crate::format) fn open(
        plan: &CsvPlan,
        layout: &Layout,
        limits: &Limits,
        content: Box<dyn Read + Send>,
    ) -> Result<Self, FormatError> {
        let mut reader = Self {
            plan: plan.clone(),
            layout: layout.clone(),
            scanner: Scanner::open(plan, limits, content)?,
            kinds: Kinds::new(plan, layout, None, plan.slot_encoding()),
            shared: Shared::default(),
            structure: Structure::new(layout),
            refused: None,
            header: match plan.header {
                Header::None => HeaderRow::None,
                Header::Name | Header::Position => HeaderRow::Awaited,
            },
            lines: 0,
            records: 0,
        };
        reader.open_header()?;
        Ok(reader)
    }

    /// Takes the header row if it is the first line, so that a wrong one is known at once.
    fn open_header(&mut self) -> Result<(), FormatError> {
        if !self.is_header_awaited() {
            return Ok(());
        }
        match self.scanner.find()? {
            None => Err(self.no_header()),
            Some(found) if self.is_header(&found) => self.take_header(&found),
            Some(_) => Ok(()),
        }
    }

    pub(in crate::format) fn record(&self) -> WireRecord {
        WireRecord::new(self.plan.slot_encoding())
    }

    pub(in crate::format) fn next(&mut self, record: &mut WireRecord) -> Result<Next, FormatError> {
        loop {
            match self.scanner.find()? {
                Some(found) if self.is_header(&found) => self.take_header(&found)?,
                Some(found) => return self.take_record(&found, record),
                None if self.is_header_awaited() => return Err(self.no_header()),
                None => {
                    (self.structure.finish()).map_err(|fault| self.misplaced(fault))?;
                    return Ok(Next::End);
                }
            }
        }
    }

    /// What the line that was refused last was, or looked like.
    pub(in crate::format) fn refused_kind(&self) -> Option<usize> {
        self.refused
    }

    fn is_header_awaited(&self) -> bool {
        matches!(self.header, HeaderRow::Awaited)
    }

    /// The header row is the first line that no kind's conditions take. Being the last line does
    /// not count: without records, the header row is that too.
    fn is_header(&self, found: &Found) -> bool {
        self.is_header_awaited() && self.kinds.matched(&self.facts(found, false)).is_none()
    }

    fn facts(&self, found: &Found, last: bool) -> Facts<'_> {
        let fields = self.scanner.fields(found);
        Facts {
            first: self.lines == 0,
            last,
            line: self.scanner.line(found),
            counts: counts(&fields, self.plan.trailing_separator),
            fields,
        }
    }

    fn no_header(&self) -> FormatError {
        let (code, detail) = match self.lines {
            0 => (
                codes::EMPTY_FILE,
                "the content is empty, expected a header row",
            ),
            _ => (
                codes::HEADER_MISMATCH,
                "the content ends without its header row",
            ),
        };
        self.scanner.malformed(code, detail.to_owned())
    }

    fn take_header(&mut self, found: &Found) -> Result<(), FormatError> {
        let names = self
            .header_names(found)
            .map_err(|(code, detail)| self.scanner.malformed(code, detail))?;
        let encoding = self.plan.slot_encoding();
        self.kinds = Kinds::new(&self.plan, &self.layout, Some(&names), encoding);
        self.header = HeaderRow::Read(self.scanner.line(found).to_vec());
        self.lines += 1;
        self.scanner.advance(found);
        Ok(())
    }

    fn header_names(&self, found: &Found) -> Result<Vec<String>, Refused> {
        let refuse = |fault: &Fault| (fault.code(), format!("the header row: {}", fault.detail()));
        if let Some(fault) = found.fault() {
            return Err(refuse(fault));
        }
        let fields = self.scanner.fields(found);
        let expected = self.kinds.main().and_then(|main| self.kinds.columns(main));
        // By name, no number is expected: an empty last name is an optional trailing separator.
        let count = count(&fields, self.plan.trailing_separator, expected.or(Some(0)))
            .map_err(|fault| refuse(&fault))?;
        let names = header::names(&fields, count, self.plan.slot_encoding())?;
        header::check(&self.plan, &self.layout, &names)?;
        Ok(names)
    }

    fn take_record(&mut self, found: &Found, record: &mut WireRecord) -> Result<Next, FormatError> {
        let last = self.kinds.has_last() && self.scanner.is_last(found)?;
        self.records += 1;
        let place = Place {
            record: RecordNo(self.records),
            offset: self.scanner.offset(),
            length: found.length as u64,
        };
        let next = match self.fill(found, last, place, record)? {
            Ok(()) => Next::Record,
            Err((code, detail)) => Next::Refused(Reject {
                code,
                place,
                field: None,
                detail,
            }),
        };
        self.lines += 1;
        self.scanner.advance(found);
        Ok(next)
    }

    fn fill(
        &mut self,
        found: &Found,
        last: bool,
        place: Place,
        record: &mut WireRecord,
    ) -> Result<Result<(), Refused>, FormatError> {
        if let Some(fault) = found.fault() {
            let refused = (fault.code(), fault.detail());
            self.refused = self.guess(found, last);
            return self.enter_refused(&refused.1).map(|()| Err(refused));
        }
        let kind = match self.kind(found, last) {
            Ok(kind) => kind,
            Err(refused) => {
                self.refused = None;
                return self.enter_refused(&refused.1).map(|()| Err(refused));
            }
        };
        self.enter(kind)?;
        let fields = self.scanner.fields(found);
        record.start(kind, place, self.kinds.slots(kind));
        let filled = self.kinds.fill(kind, &fields, &mut self.shared, record);
        self.leave(kind)?;
        Ok(filled.map_err(|refusal| {
            self.refused = Some(kind);
            match refusal {
                Refusal::Fault(fault) => (fault.code(), fault.detail()),
                Refusal::Columns { found, expected } => (
                    codes::COLUMN_COUNT,
                    format!(
                        "number of fields: found {found}, expected {expected} for `{}`",
                        self.kinds.name(kind)
                    ),
                ),
            }
        }))
    }

    /// What a refused line looks like.
    fn guess(&mut self, found: &Found, last: bool) -> Option<usize> {
        let fields = self.scanner.guess(found);
        let facts = Facts {
            first: self.lines == 0,
            last,
            line: fields.bytes,
            counts: counts(&fields, self.plan.trailing_separator),
            fields,
        };
        self.kinds.of(&facts)
    }

    /// A refused line that looks like the header of a new group begins that group, and must not
    /// leave the last one's values for the records after it.
    fn enter_refused(&mut self, why: &str) -> Result<(), FormatError> {
        let Some(kind) = self.refused else {
            let entered = self.structure.enter_unknown(why);
            return entered.map_err(|fault| self.misplaced(fault));
        };
        self.enter(kind)?;
        self.kinds.forget(kind, &mut self.shared);
        self.leave(kind)
    }

    /// Follows the file into the line of a kind; the values of groups that it ends are gone.
    fn enter(&mut self, kind: usize) -> Result<(), FormatError> {
        if self.structure.is_plain() {
            return Ok(());
        }
        (self.structure.enter(kind, self.scanner.line_no()))
            .map_err(|fault| self.misplaced(fault))?;
        for group in self.structure.ended() {
            for kind in self.structure.family(*group) {
                self.kinds.forget(*kind, &mut self.shared);
            }
        }
        Ok(())
    }

    fn leave(&mut self, kind: usize) -> Result<(), FormatError> {
        let closed = (self.structure.leave(kind)).map_err(|fault| self.misplaced(fault))?;
        for kind in closed
            .iter()
            .flat_map(|group| self.structure.family(*group))
        {
            self.kinds.forget(*kind, &mut self.shared);
        }
        Ok(())
    }

    fn misplaced(&self, fault: StructureFault) -> FormatError {
        let detail = format!("line {}: {}", self.scanner.line_no(), fault.detail);
        self.scanner.malformed(fault.code, detail)
    }

    fn kind(&self, found: &Found, last: bool) -> Result<usize, Refused> {
        if let HeaderRow::Read(row) = &self.header
            && row == self.scanner.line(found)
        {
            let detail = "the line is the header row once more";
            return Err((codes::REPEATED_HEADER, detail.to_owned()));
        }
        let kind = if self.kinds.is_one() {
            self.kinds.main()
        } else {
            self.kinds.of(&self.facts(found, last))
        };
        kind.ok_or_else(|| {
            let detail = match self.scanner.line(found) {
                [] => "the line is blank and fits the `match` of no kind of record",
                _ => "the line fits the `match` of no kind of record",
            };
            (codes::UNMATCHED_RECORD, detail.to_owned())
        })
    }
}
