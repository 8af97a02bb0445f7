//! A refillable buffer over the content that hands out lines.
//!
//! The one invariant: it never holds much more than `record_bytes`, or 256 KiB if that is more,
//! whatever the content is.

use std::io::{ErrorKind, Read};
use std::ops::Range;

use super::codes;
use crate::format::{FormatError, Limits};

const SIZE: usize = 256 << 10;

/// The bytes of the current record and what was read ahead of it. All positions are relative to
/// the record's first byte and stay valid while more is read.
pub(in crate::format) struct Window {
    content: Box<dyn Read + Send>,
    buffer: Vec<u8>,
    start: usize,
    filled: usize,
    offset: u64,
    total: u64,
    ended: bool,
    record_bytes: usize,
    content_bytes: u64,
}

/// One line of the content.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::format) struct Line {
    pub(in crate::format) from: usize,
    /// Where its line end begins.
    pub(in crate::format) body: usize,
    /// Where the next line begins.
    pub(in crate::format) next: usize,
}

impl Line {
    pub(in crate::format) fn end(&self) -> FoundEnd {
        match self.next - self.body {
            0 => FoundEnd::Missing,
            1 => FoundEnd::Lf,
            _ => FoundEnd::Crlf,
        }
    }
}

/// What ended a line.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::format) enum FoundEnd {
    /// The content ended.
    Missing,
    Lf,
    Crlf,
}

/// Why there is no line.
pub(in crate::format) enum LineError {
    /// The record would be longer than `record_bytes`.
    TooLong,
    Failed(FormatError),
}

impl Window {
    pub(in crate::format) fn new(content: Box<dyn Read + Send>, limits: &Limits) -> Self {
        Self {
            content,
            buffer: vec![0; SIZE],
            start: 0,
            filled: 0,
            offset: 0,
            total: 0,
            ended: false,
            record_bytes: limits.record_bytes,
            content_bytes: limits.content_bytes,
        }
    }

    /// Where the current record begins in the content.
    pub(in crate::format) fn offset(&self) -> u64 {
        self.offset
    }

    /// Bytes of the current record.
    pub(in crate::format) fn bytes(&self, range: Range<usize>) -> &[u8] {
        self.buffer
            .get(self.start + range.start..self.start + range.end)
            .unwrap_or_default()
    }

    /// The line that begins at `from`; `None` at the end of the content.
    pub(in crate::format) fn line(&mut self, from: usize) -> Result<Option<Line>, LineError> {
        let mut scanned = from;
        loop {
            if let Some(at) = memchr::memchr(b'\n', self.bytes(scanned..self.held())) {
                return self.bounded(from, scanned + at, scanned + at + 1).map(Some);
            }
            scanned = self.held();
            // One more than allowed may be the CR of a CRLF.
            if scanned > self.record_bytes + 1 {
                return Err(LineError::TooLong);
            }
            if !self.fill().map_err(LineError::Failed)? {
                break;
            }
        }
        if scanned == from {
            return Ok(None);
        }
        self.bounded(from, scanned, scanned).map(Some)
    }

    /// The `length` bytes that begin at `from`, or what is left of the content; `None` at its end.
    pub(in crate::format) fn exact(
        &mut self,
        from: usize,
        length: usize,
    ) -> Result<Option<Line>, LineError> {
        if length > self.record_bytes {
            return Err(LineError::TooLong);
        }
        while self.held() < from + length {
            if !self.fill().map_err(LineError::Failed)? {
                break;
            }
        }
        let next = self.held().min(from + length);
        Ok((next > from).then_some(Line {
            from,
            body: next,
            next,
        }))
    }

    fn bounded(&self, from: usize, end: usize, next: usize) -> Result<Line, LineError> {
        let crlf = next > end && end > from && self.bytes(end - 1..end) == b"\r";
        let body = end - usize::from(crlf);
        if body > self.record_bytes {
            return Err(LineError::TooLong);
        }
        Ok(Line { from, body, next })
    }

    /// Whether the content ends at `from`.
    pub(in crate::format) fn ends_at(&mut self, from: usize) -> Result<bool, FormatError> {
        while self.held() <= from {
            if !self.fill()? {
                return Ok(true);
            }
        }
        Ok(false)
    }

    /// The first bytes of the record, at most `count`.
    pub(in crate::format) fn peek(&mut self, count: usize) -> Result<&[u8], FormatError> {
        while self.held() < count && self.fill()? {}
        Ok(self.bytes(0..count.min(self.held())))
    }

    /// Makes `next` the first byte of the current record.
    pub(in crate::format) fn advance(&mut self, next: usize) {
        self.start += next;
        self.offset += next as u64;
    }

    fn held(&self) -> usize {
        self.filled - self.start
    }

    /// Reads once; `false` when the content has ended.
    fn fill(&mut self) -> Result<bool, FormatError> {
        if self.ended {
            return Ok(false);
        }
        self.make_room();
        let room = self.buffer.get_mut(self.filled..).unwrap_or_default();
        let count = loop {
            match self.content.read(room) {
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                other => break other.map_err(FormatError::Read)?,
            }
        };
        self.filled += count;
        self.total += count as u64;
        self.ended = count == 0;
        if self.total > self.content_bytes {
            return Err(FormatError::Limit {
                code: codes::CONTENT_TOO_LARGE,
                what: "content_bytes",
                limit: self.content_bytes,
                offset: self.content_bytes,
            });
        }
        Ok(!self.ended)
    }

    /// Growth ends by itself: `line` gives up soon after `record_bytes`.
    fn make_room(&mut self) {
        if self.filled < self.buffer.len() {
            return;
        }
        if self.start > 0 {
            self.buffer.copy_within(self.start..self.filled, 0);
            self.filled -= self.start;
            self.start = 0;
        } else {
            let most = SIZE.max(self.record_bytes + 3);
            let size = (self.buffer.len() * 2).min(most).max(self.buffer.len() + 1);
            self.buffer.resize(size, 0);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Gives one byte at a time, as a slow connection would.
    struct Drip(std::vec::IntoIter<u8>);

    impl Read for Drip {
        fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
            match (self.0.next(), buffer.first_mut()) {
                (Some(byte), Some(room)) => {
                    *room = byte;
                    Ok(1)
                }
                _ => Ok(0),
            }
        }
    }

    fn lines(text: &str, record_bytes: usize) -> Vec<String> {
        let limits = Limits {
            record_bytes,
            ..Limits::default()
        };
        let content = Drip(text.as_bytes().to_vec().into_iter());
        let mut window = Window::new(Box::new(content), &limits);
        let mut found = Vec::new();
        loop {
            match window.line(0) {
                Ok(Some(line)) => {
                    let body = String::from_utf8_lossy(window.bytes(0..line.body)).into_owned();
                    found.push(format!("{}:{body}:{:?}", window.offset(), line.end()));
                    window.advance(line.next);
                }
                Ok(None) => return found,
                Err(LineError::TooLong) => {
                    found.push(format!("{}: too long", window.offset()));
                    return found;
                }
                Err(LineError::Failed(error)) => {
                    found.push(error.to_string());
                    return found;
                }
            }
        }
    }

    #[test]
    fn lines_come_with_their_offsets_and_line_ends_however_slowly_the_content_arrives() {
        let found = lines("a\r\nbc\n\nd\r", 10);
        assert_eq!(found, ["0:a:Crlf", "3:bc:Lf", "6::Lf", "7:d\r:Missing"]);
    }

    #[test]
    fn a_line_of_exactly_the_limit_is_a_line_and_one_byte_more_is_not() {
        assert_eq!(lines("abcd\r\nabcd", 4), ["0:abcd:Crlf", "6:abcd:Missing"]);
        assert_eq!(lines("abcd\nabcde\n", 4), ["0:abcd:Lf", "5: too long"]);
        assert_eq!(lines("abcde", 4), ["0: too long"]);
    }
}
