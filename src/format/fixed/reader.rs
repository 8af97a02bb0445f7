//! Reads records from text of fixed width: finds each one's kind and fills its slots.

use std::io::Read;

use super::codes;
use super::kinds::Kinds;
use super::plan::FixedPlan;
use super::scan::{Found, Scanner};
use crate::format::lines::{Shared, Structure, StructureFault};
use crate::format::{FormatError, Layout, Limits, Next, Refusal};
use crate::id::RecordNo;
use crate::record::{Place, WireRecord};
use crate::text::Encoding;

/// Reads records from text of fixed width.
///
/// Records are counted from 1 over all records of all kinds, refused ones too; blank lines that
/// the plan skips are none.
pub struct FixedReader {
    encoding: Encoding,
    scanner: Scanner,
    kinds: Kinds,
    shared: Shared,
    structure: Structure,
    /// What the record that was refused last was.
    refused: Option<usize>,
    records: u64,
}

impl FixedReader {
    pub(in crate::format) fn open(
        plan: &FixedPlan,
        layout: &Layout,
        limits: &Limits,
        content: Box<dyn Read + Send>,
    ) -> Result<Self, FormatError> {
        Ok(Self {
            encoding: plan.encoding,
            scanner: Scanner::open(plan, limits, content)?,
            kinds: Kinds::new(plan, layout),
            shared: Shared::default(),
            structure: Structure::new(layout),
            refused: None,
            records: 0,
        })
    }

    pub(in crate::format) fn record(&self) -> WireRecord {
        WireRecord::new(self.encoding)
    }

    /// What the record that was refused last was.
    pub(in crate::format) fn refused_kind(&self) -> Option<usize> {
        self.refused
    }

    pub(in crate::format) fn next(&mut self, record: &mut WireRecord) -> Result<Next, FormatError> {
        let Some(found) = self.scanner.find()? else {
            (self.structure.finish()).map_err(|fault| self.misplaced(fault))?;
            return Ok(Next::End);
        };
        let last = self.kinds.has_last() && self.scanner.is_last(&found)?;
        let place = Place {
            record: RecordNo(self.records + 1),
            offset: self.scanner.offset(),
            length: found.length as u64,
        };
        let filled = self.fill(&found, last, place, record)?;
        self.records += 1;
        self.scanner.advance(&found);
        Ok(match filled {
            Ok(()) => Next::Record,
            Err(refusal) => Next::Refused(refusal.at(place)),
        })
    }

    fn fill(
        &mut self,
        found: &Found,
        last: bool,
        place: Place,
        record: &mut WireRecord,
    ) -> Result<Result<(), Refusal>, FormatError> {
        let line = self.scanner.line(found);
        let kind = self.kinds.of(self.records == 0, last, line);
        self.refused = kind;
        let Some(kind) = kind else {
            let detail = match line {
                [] => "the record is blank and fits the `match` of no kind of record",
                _ => "the record fits the `match` of no kind of record",
            };
            (self.structure.enter_unknown(detail)).map_err(|fault| self.misplaced(fault))?;
            return Ok(Err(Refusal {
                code: codes::UNMATCHED_RECORD,
                field: None,
                detail: detail.to_owned(),
            }));
        };
        self.enter(kind)?;
        record.start(kind, place, self.kinds.slots(kind));
        let filled = match &found.fault {
            None => {
                let line = self.scanner.line(found);
                (self.kinds).fill(kind, line, place.offset, &mut self.shared, record)
            }
            Some((code, detail)) => {
                self.kinds.forget(kind, &mut self.shared);
                Err(Refusal {
                    code,
                    field: None,
                    detail: detail.clone(),
                })
            }
        };
        self.leave(kind)?;
        Ok(filled)
    }

    /// Follows the file into a record; the values of groups that it ends are gone.
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
}
