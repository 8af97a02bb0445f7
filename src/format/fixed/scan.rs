//! Finds the records of content: lines, or stretches of one length without line ends.
//!
//! Called by the reader. The one invariant: what is refused as a record ends where the next one
//! begins, so that the next is read as if nothing had happened.

use std::io::Read;

use super::codes;
use super::plan::{BlankLines, EndOfFileMark, FinalLineEnd, FixedPlan, LineEnd};
use crate::diag::Code;
use crate::format::lines::{FoundEnd, Line, LineError, Window};
use crate::format::{FormatError, Limits};
use crate::text::bom_length;

const END_OF_FILE: u8 = 0x1A;

/// Finds the records of content.
pub(super) struct Scanner {
    plan: FixedPlan,
    window: Window,
    record_bytes: usize,
    line_no: u64,
}

/// A record at the front of the window.
pub(super) struct Found {
    /// Bytes without the line end.
    pub(super) length: usize,
    next: usize,
    /// Why it is refused whatever its bytes are.
    pub(super) fault: Option<(&'static Code, String)>,
}

impl Scanner {
    pub(super) fn open(
        plan: &FixedPlan,
        limits: &Limits,
        content: Box<dyn Read + Send>,
    ) -> Result<Self, FormatError> {
        let mut scanner = Self {
            window: Window::new(content, limits),
            record_bytes: limits.record_bytes,
            plan: plan.clone(),
            line_no: 1,
        };
        scanner.check_start()?;
        Ok(scanner)
    }

    /// A byte order mark would shift every field of the first record.
    fn check_start(&mut self) -> Result<(), FormatError> {
        let start = self.window.peek(4)?.to_vec();
        let encoding = self.plan.encoding;
        if let [0, 1..=255] | [1..=255, 0] = start.get(..2).unwrap_or_default() {
            let detail = format!("the content looks like UTF-16, expected {encoding}");
            return Err(self.malformed(codes::UTF_16, detail));
        }
        match bom_length(&start, encoding) {
            Ok(0) => Ok(()),
            Ok(_) => {
                let detail = "the content begins with a byte order mark".to_owned();
                Err(self.malformed(codes::UNEXPECTED_BOM, detail))
            }
            Err(error) => {
                let is_utf_16 = error.found.starts_with("UTF-16");
                let code = if is_utf_16 {
                    codes::UTF_16
                } else {
                    codes::UNEXPECTED_BOM
                };
                Err(self.malformed(code, error.to_string()))
            }
        }
    }

    /// Where the next record begins in the content.
    pub(super) fn offset(&self) -> u64 {
        self.window.offset()
    }

    /// The number of its line, or of itself where there are no lines; from 1.
    pub(super) fn line_no(&self) -> u64 {
        self.line_no
    }

    /// The record's bytes.
    pub(super) fn line(&self, found: &Found) -> &[u8] {
        self.window.bytes(0..found.length)
    }

    /// Goes on to the record after `found`.
    pub(super) fn advance(&mut self, found: &Found) {
        self.window.advance(found.next);
        self.line_no += 1;
    }

    /// The next record; `None` at the end.
    pub(super) fn find(&mut self) -> Result<Option<Found>, FormatError> {
        let line = loop {
            match self.line_at(0)? {
                None => return Ok(None),
                Some(line) if self.is_blank(&line) => {
                    self.window.advance(line.next);
                    self.line_no += 1;
                }
                Some(line) => break line,
            }
        };
        if self.is_end_of_file(&line)? {
            return match self.plan.end_of_file_mark {
                EndOfFileMark::Optional => Ok(None),
                EndOfFileMark::Refuse => Err(self.malformed(
                    codes::END_OF_FILE_MARK,
                    "the content ends with a byte 1A; `end_of_file_mark = \"optional\"` admits it"
                        .to_owned(),
                )),
            };
        }
        let fault = self.fault(&line)?;
        Ok(Some(Found {
            length: line.body,
            next: line.next,
            fault,
        }))
    }

    /// Whether nothing but skipped lines and the end of the file comes after `found`.
    pub(super) fn is_last(&mut self, found: &Found) -> Result<bool, FormatError> {
        let mut from = found.next;
        loop {
            match self.window_line(from) {
                Ok(None) => return Ok(true),
                Ok(Some(line)) if self.is_blank(&line) => from = line.next,
                Ok(Some(line)) => return self.is_end_of_file(&line),
                Err(LineError::TooLong) => return Ok(false),
                Err(LineError::Failed(error)) => return Err(error),
            }
        }
    }

    fn line_at(&mut self, from: usize) -> Result<Option<Line>, FormatError> {
        match self.window_line(from) {
            Ok(line) => Ok(line),
            Err(LineError::Failed(error)) => Err(error),
            Err(LineError::TooLong) => Err(FormatError::Limit {
                code: codes::RECORD_TOO_LONG,
                what: "record_bytes",
                limit: self.record_bytes as u64,
                offset: self.window.offset(),
            }),
        }
    }

    fn window_line(&mut self, from: usize) -> Result<Option<Line>, LineError> {
        match (self.plan.line_end, self.plan.length) {
            (LineEnd::None, Some(length)) => self.window.exact(from, length),
            _ => self.window.line(from),
        }
    }

    fn is_blank(&self, line: &Line) -> bool {
        self.plan.blank_lines == BlankLines::Skip && line.body == line.from
    }

    /// Whether a line is nothing but the mark that ends the file.
    fn is_end_of_file(&mut self, line: &Line) -> Result<bool, FormatError> {
        let is_mark = self.window.bytes(line.from..line.next) == [END_OF_FILE];
        Ok(is_mark && self.window.ends_at(line.next)?)
    }

    /// What is wrong with a line's end or, without line ends, with its length.
    fn fault(&self, line: &Line) -> Result<Option<(&'static Code, String)>, FormatError> {
        let body = self.window.bytes(line.from..line.body);
        let ends_with = |found: &str, expected: &str| {
            let detail = format!("the line ends with {found}, expected {expected}");
            Ok(Some((codes::LINE_END, detail)))
        };
        match (self.plan.line_end, line.end()) {
            (LineEnd::None, _) => self.stretch_fault(line),
            (_, FoundEnd::Missing) if self.plan.final_line_end == FinalLineEnd::Required => {
                Err(FormatError::Malformed {
                    code: codes::MISSING_FINAL_LINE_END,
                    offset: self.window.offset() + line.body as u64,
                    detail: "the last line has no line end, so the content was probably cut".into(),
                })
            }
            (LineEnd::Lf, FoundEnd::Crlf) => ends_with("CRLF", "LF"),
            (LineEnd::Crlf, FoundEnd::Lf) => ends_with("LF", "CRLF"),
            _ if memchr::memchr(b'\r', body).is_some() => {
                let detail = "the line has a carriage return that does not end it".to_owned();
                Ok(Some((codes::LINE_END, detail)))
            }
            _ => Ok(None),
        }
    }

    fn stretch_fault(&self, line: &Line) -> Result<Option<(&'static Code, String)>, FormatError> {
        let length = self.plan.length.unwrap_or_default();
        if line.body < length {
            let detail = format!(
                "record {} has {} bytes before the content ends, expected {length}",
                self.line_no, line.body
            );
            return Err(self.malformed(codes::CUT_RECORD, detail));
        }
        let body = self.window.bytes(line.from..line.body);
        if let Some(at) = memchr::memchr2(b'\r', b'\n', body) {
            let detail = format!(
                "byte {} of the record ends a line, but `line_end` is `none`",
                at + 1
            );
            return Ok(Some((codes::LINE_END, detail)));
        }
        Ok(None)
    }

    /// An error about the record at the front.
    pub(super) fn malformed(&self, code: &'static Code, detail: String) -> FormatError {
        FormatError::Malformed {
            code,
            offset: self.window.offset(),
            detail,
        }
    }
}
