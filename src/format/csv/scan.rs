//! Cuts content into records and their fields; knows nothing of kinds and slots.
//!
//! Called by the reader. The one invariant: what is refused as a record ends at a line end, so
//! that the next line is read as if nothing had happened.

use std::io::Read;

use super::codes;
use super::fault::Fault;
use super::plan::{BlankLines, Bom, CsvPlan, FinalLineEnd, LineEnd};
use super::split::{Fields, Splitter};
use crate::diag::Code;
use crate::format::lines::{FoundEnd, Line, LineError, Window};
use crate::format::{FormatError, Limits};
use crate::text::{Encoding, bom_length};

/// Cuts content into records and their fields.
pub(super) struct Scanner {
    plan: CsvPlan,
    limits: Limits,
    window: Window,
    splitter: Splitter,
    /// The text of the record's lines, where lines are decoded before they are split.
    decoded: Option<Vec<u8>>,
    /// The number of the line at the front, from 1.
    line_no: u64,
    /// Lines of the record at the front.
    lines: u64,
}

/// A record, at the front of the window and split.
pub(super) struct Found {
    /// Bytes without the line end.
    pub(super) length: usize,
    next: usize,
    split: Split,
}

/// Where its fields are.
enum Split {
    /// In the line.
    Plain,
    /// In the splitter, without their quotes.
    Quoted,
    Refused(Fault),
}

impl Found {
    pub(super) fn fault(&self) -> Option<&Fault> {
        match &self.split {
            Split::Refused(fault) => Some(fault),
            Split::Plain | Split::Quoted => None,
        }
    }
}

impl Scanner {
    /// A scanner at the first byte after the byte order mark.
    pub(super) fn open(
        plan: &CsvPlan,
        limits: &Limits,
        content: Box<dyn Read + Send>,
    ) -> Result<Self, FormatError> {
        // A checked plan's separator exists in its encoding.
        let separator = plan
            .slot_encoding()
            .encode(&plan.separator)
            .unwrap_or_default();
        let mut scanner = Self {
            window: Window::new(content, limits),
            splitter: Splitter::new(plan, &separator, limits),
            decoded: (!plan.splits_raw()).then(Vec::new),
            plan: plan.clone(),
            limits: limits.clone(),
            line_no: 1,
            lines: 1,
        };
        scanner.skip_bom()?;
        Ok(scanner)
    }

    fn skip_bom(&mut self) -> Result<(), FormatError> {
        let start = self.window.peek(4)?.to_vec();
        let encoding = self.plan.encoding;
        if let [0, 1..=255] | [1..=255, 0] = start.get(..2).unwrap_or_default() {
            let detail = format!("the content looks like UTF-16, expected {encoding}");
            return Err(self.malformed(codes::UTF_16, detail));
        }
        let length = bom_length(&start, encoding).map_err(|error| {
            let is_utf_16 = error.found.starts_with("UTF-16");
            let code = if is_utf_16 {
                codes::UTF_16
            } else {
                codes::UNEXPECTED_BOM
            };
            self.malformed(code, error.to_string())
        })?;
        match (self.plan.bom, length) {
            (Bom::Required, 0) => Err(self.malformed(
                codes::MISSING_BOM,
                "the content does not begin with a byte order mark, `bom` is `required`".into(),
            )),
            (Bom::Refuse, 1..) => Err(self.malformed(
                codes::UNEXPECTED_BOM,
                "the content begins with a byte order mark; `bom = \"optional\"` admits it".into(),
            )),
            _ => {
                self.window.advance(length);
                Ok(())
            }
        }
    }

    /// Where the next record begins in the content.
    pub(super) fn offset(&self) -> u64 {
        self.window.offset()
    }

    /// The record's line or lines, in the encoding of the slots.
    pub(super) fn line(&self, found: &Found) -> &[u8] {
        match &self.decoded {
            Some(text) => text,
            None => self.window.bytes(0..found.length),
        }
    }

    /// The record's fields; none if it is refused.
    pub(super) fn fields(&self, found: &Found) -> Fields<'_> {
        match &found.split {
            Split::Plain => self.splitter.of(self.line(found)),
            Split::Quoted => self.splitter.unquoted(),
            Split::Refused(_) => Fields::NONE,
        }
    }

    /// What the fields of a refused record probably are: its line split at every separator.
    pub(super) fn guess(&mut self, found: &Found) -> Fields<'_> {
        let line = match &self.decoded {
            Some(text) if !text.is_empty() => text,
            _ => self.window.bytes(0..found.length),
        };
        self.splitter.guess(line)
    }

    /// Goes on to the record after `found`.
    pub(super) fn advance(&mut self, found: &Found) {
        self.window.advance(found.next);
        self.line_no += self.lines;
    }

    /// The number of the line with which the next record begins, from 1.
    pub(super) fn line_no(&self) -> u64 {
        self.line_no
    }

    /// Whether nothing but skipped lines comes after `found`.
    pub(super) fn is_last(&mut self, found: &Found) -> Result<bool, FormatError> {
        if self.plan.blank_lines == BlankLines::Keep {
            return self.window.ends_at(found.next);
        }
        let mut from = found.next;
        loop {
            match self.window.line(from) {
                Ok(None) => return Ok(true),
                Ok(Some(line)) if line.body == line.from => from = line.next,
                Ok(Some(_)) | Err(LineError::TooLong) => return Ok(false),
                Err(LineError::Failed(error)) => return Err(error),
            }
        }
    }

    /// The next record; `None` at the end.
    pub(super) fn find(&mut self) -> Result<Option<Found>, FormatError> {
        let Some(first) = self.filled_line()? else {
            return Ok(None);
        };
        self.lines = 1;
        if let Some(text) = &mut self.decoded {
            text.clear();
        }
        let (line, split) = self.split(first)?;
        let wrong_end = self.wrong_end(&line)?;
        let split = match split.and_then(|split| wrong_end.map_or(Ok(split), Err)) {
            Ok(split) => split,
            Err(Fault::TooManyColumns) => return Err(self.too_many_columns()),
            Err(fault) => Split::Refused(fault),
        };
        Ok(Some(Found {
            length: line.body,
            next: line.next,
            split,
        }))
    }

    /// The next line that is not skipped.
    fn filled_line(&mut self) -> Result<Option<Line>, FormatError> {
        loop {
            match self.window.line(0) {
                Ok(Some(line)) if line.body == 0 && self.plan.blank_lines == BlankLines::Skip => {
                    self.window.advance(line.next);
                    self.line_no += 1;
                }
                Ok(line) => return Ok(line),
                Err(LineError::Failed(error)) => return Err(error),
                Err(LineError::TooLong) => return Err(self.too_long()),
            }
        }
    }

    /// A line without an end is a quote without one, when it has that.
    fn too_long(&mut self) -> FormatError {
        let limit = self.limits.record_bytes;
        self.splitter.start();
        let is_split = self.splitter.feed(self.window.bytes(0..limit)).is_ok();
        if is_split && self.splitter.is_in_quotes() && self.decoded.is_none() {
            return self.unterminated();
        }
        FormatError::Limit {
            code: codes::RECORD_TOO_LONG,
            what: "record_bytes",
            limit: limit as u64,
            offset: self.window.offset(),
        }
    }

    /// Splits the record that begins with `line`; gives its last line.
    fn split(&mut self, line: Line) -> Result<(Line, Result<Split, Fault>), FormatError> {
        let body = self.window.bytes(line.from..line.body);
        let text = match decode(self.plan.encoding, body, &mut self.decoded) {
            Ok(text) => text,
            Err(fault) => return Ok((line, Err(fault))),
        };
        if self.splitter.is_plain(text) {
            return Ok((line, self.splitter.plain(text).map(|()| Split::Plain)));
        }
        self.splitter.start();
        match self.splitter.feed(text) {
            Ok(()) => self.close_quotes(line),
            Err(fault) => Ok((line, Err(fault))),
        }
    }

    /// Goes on with more lines until the quoted field that `line` leaves open is closed.
    fn close_quotes(
        &mut self,
        mut line: Line,
    ) -> Result<(Line, Result<Split, Fault>), FormatError> {
        while self.splitter.is_in_quotes() {
            let next = match self.window.line(line.next) {
                Ok(Some(next)) => next,
                Ok(None) | Err(LineError::TooLong) => return Err(self.unterminated()),
                Err(LineError::Failed(error)) => return Err(error),
            };
            let end = self.window.bytes(line.body..line.next);
            if let Some(text) = &mut self.decoded {
                text.extend_from_slice(end);
            }
            line = next;
            self.lines += 1;
            let body = self.window.bytes(line.from..line.body);
            let fed = self.splitter.feed(end).and_then(|()| {
                let text = decode(self.plan.encoding, body, &mut self.decoded)?;
                self.splitter.feed(text)
            });
            if let Err(fault) = fed {
                return Ok((line, Err(fault)));
            }
        }
        Ok((line, self.splitter.finish().map(|()| Split::Quoted)))
    }

    fn wrong_end(&self, line: &Line) -> Result<Option<Fault>, FormatError> {
        let (found, expected) = match (self.plan.line_end, line.end()) {
            (_, FoundEnd::Missing) if self.plan.final_line_end == FinalLineEnd::Required => {
                return Err(FormatError::Malformed {
                    code: codes::MISSING_FINAL_LINE_END,
                    offset: self.window.offset() + line.body as u64,
                    detail: "the last line has no line end, so the content was probably cut".into(),
                });
            }
            (LineEnd::Lf, FoundEnd::Crlf) => ("CRLF", "LF"),
            (LineEnd::Crlf, FoundEnd::Lf) => ("LF", "CRLF"),
            _ => return Ok(None),
        };
        Ok(Some(Fault::LineEnd { found, expected }))
    }

    fn unterminated(&self) -> FormatError {
        self.malformed(
            codes::UNTERMINATED_QUOTE,
            format!(
                "the quote that opens field {} of this line is not closed within \
                 `record_bytes` = {} bytes or before the end",
                self.splitter.field(),
                self.limits.record_bytes
            ),
        )
    }

    fn too_many_columns(&self) -> FormatError {
        FormatError::Limit {
            code: codes::TOO_MANY_COLUMNS,
            what: "columns",
            limit: self.limits.columns as u64,
            offset: self.window.offset(),
        }
    }

    /// An error about the line at the front.
    pub(super) fn malformed(&self, code: &'static Code, detail: String) -> FormatError {
        FormatError::Malformed {
            code,
            offset: self.window.offset(),
            detail,
        }
    }
}

/// A line's text: its own bytes, or decoded and appended to `decoded`.
fn decode<'a>(
    encoding: Encoding,
    line: &'a [u8],
    decoded: &'a mut Option<Vec<u8>>,
) -> Result<&'a [u8], Fault> {
    let Some(text) = decoded else {
        return Ok(line);
    };
    let from = text.len();
    match encoding.decode(line) {
        Ok(line) => text.extend_from_slice(line.as_bytes()),
        Err(error) => {
            let detail = format!("in this line {error}");
            return Err(Fault::Undecodable { detail });
        }
    }
    Ok(text.get(from..).unwrap_or_default())
}
