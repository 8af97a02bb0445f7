//! Bytes for the tokenizer, never more for one token than a limit.
//!
//! The tokenizer collects a whole text, comment or tag before it gives it away, so the bound must
//! be underneath it. The one invariant: between two calls of [`Source::begin`] at most
//! `token_bytes` bytes are given out, and no byte that XML forbids ever is.

use std::io::{self, BufRead, Read};

use super::chars::is_space;
use super::codes::{malformed, over};
use super::{ENCODING_MISMATCH, LIMIT_EXCEEDED};
use crate::format::nested::{Content, ContentCodes, broken};
use crate::format::{FormatError, Limits};
use crate::text::Encoding;

const BUFFER_BYTES: usize = 64 << 10;
/// Markup around the longest allowed content: `<![CDATA[` and `]]>`.
const MARKUP_BYTES: usize = 16;

/// Why no more bytes come.
#[derive(Debug)]
enum Failure {
    Token,
    Character(u8),
    Content(FormatError),
}

/// Content in UTF-8 as the tokenizer reads it.
pub(super) struct Source {
    content: Content,
    buffer: Vec<u8>,
    start: usize,
    end: usize,
    /// A forbidden byte stands at `end`.
    forbidden: Option<u8>,
    /// Bytes given out and, of UTF-8, the byte order mark.
    given: u64,
    token_bytes: usize,
    token_left: usize,
    failure: Option<Failure>,
}

impl Source {
    /// Content of which nothing has been read yet.
    pub(super) fn new(input: Box<dyn Read + Send>, encoding: Encoding, limits: &Limits) -> Self {
        let codes = ContentCodes {
            encoding: &ENCODING_MISMATCH,
            limit: &LIMIT_EXCEEDED,
        };
        let token_bytes = limits.xml_text_bytes.saturating_add(MARKUP_BYTES);
        Self {
            content: Content::new(input, encoding, limits.content_bytes, codes),
            buffer: vec![0; BUFFER_BYTES],
            start: 0,
            end: 0,
            forbidden: None,
            given: 0,
            token_bytes,
            token_left: token_bytes,
            failure: None,
        }
    }

    /// The tokenizer will now look for the next token.
    pub(super) fn begin(&mut self) {
        self.token_left = self.token_bytes;
    }

    /// What is buffered and was not given out.
    pub(super) fn ahead(&self) -> &[u8] {
        self.buffer.get(self.start..self.end).unwrap_or(&[])
    }

    /// Takes some of what is ahead past the tokenizer.
    pub(super) fn take(&mut self, count: usize) {
        self.consume(count);
    }

    /// Why the tokenizer could not read on, if it was this source that stopped it; its offset is
    /// one in the raw bytes.
    pub(super) fn failed(&mut self) -> Option<FormatError> {
        let failure = self.failure.take()?;
        let at = self.raw_offset(self.given);
        Some(match failure {
            Failure::Token => over(
                "xml_text_bytes",
                (self.token_bytes - MARKUP_BYTES) as u64,
                at,
            ),
            Failure::Character(byte) => malformed(
                at,
                format!("the control character 0x{byte:02x} is not allowed in XML"),
            ),
            Failure::Content(error) => error,
        })
    }

    /// The offset in the raw content of one in what was given out; ask in ascending order.
    pub(super) fn raw_offset(&mut self, given: u64) -> u64 {
        self.content.raw_offset(given)
    }

    /// Takes a UTF-8 byte order mark off and refuses what is plainly another encoding. Gives the
    /// number of bytes taken.
    pub(super) fn sniff(&mut self) -> Result<u64, FormatError> {
        while self.end < 8 && self.read_more()? > 0 {}
        let head = self.buffer.get(..self.end).unwrap_or(&[]);
        if let Some(other) = other_encoding(head) {
            return Err(broken(
                &ENCODING_MISMATCH,
                0,
                format!("the content begins as {other} does; only UTF-8, GBK and GB18030 are read"),
            ));
        }
        if !head.starts_with(b"\xef\xbb\xbf") {
            self.bar(0);
            return Ok(0);
        }
        if head.starts_with(b"\xef\xbb\xbf\xef\xbb\xbf") {
            return Err(malformed(
                3,
                "a second byte order mark stands before the root element",
            ));
        }
        self.start = 3;
        self.given = 3;
        self.bar(3);
        Ok(3)
    }

    /// Reads more behind what is buffered; gives the number of bytes, 0 at the end.
    fn read_more(&mut self) -> Result<usize, FormatError> {
        let space = self.buffer.get_mut(self.end..).unwrap_or(&mut []);
        let count = self.content.read(space)?;
        self.end += count;
        Ok(count)
    }

    /// Bars the way at the first byte that XML forbids, from `first` on.
    fn bar(&mut self, first: usize) {
        let fresh = self.buffer.get(first..self.end).unwrap_or(&[]);
        // Without an early exit the compiler makes this a few vector instructions.
        let bad = fresh.iter().fold(false, |bad, b| bad | is_forbidden(*b));
        if bad && let Some(at) = fresh.iter().position(|b| is_forbidden(*b)) {
            self.forbidden = fresh.get(at).copied();
            self.end = first + at;
        }
    }

    fn refill(&mut self) -> io::Result<()> {
        if let Some(byte) = self.forbidden {
            return Err(self.fail(Failure::Character(byte)));
        }
        self.start = 0;
        self.end = 0;
        match self.read_more() {
            Ok(_) => self.bar(0),
            Err(error) => return Err(self.fail(Failure::Content(error))),
        }
        match self.forbidden {
            Some(byte) if self.end == 0 => Err(self.fail(Failure::Character(byte))),
            _ => Ok(()),
        }
    }

    fn fail(&mut self, failure: Failure) -> io::Error {
        self.failure = Some(failure);
        io::Error::other("the source stopped")
    }
}

fn is_forbidden(byte: u8) -> bool {
    byte < b' ' && !is_space(byte)
}

/// The encoding that the first bytes betray, when it is one that cannot be read at all.
fn other_encoding(head: &[u8]) -> Option<&'static str> {
    let starts = |bytes: &[u8]| head.starts_with(bytes);
    if starts(b"\x00\x00\xfe\xff") || starts(b"\xff\xfe\x00\x00") || starts(b"\x00\x00\x00<") {
        Some("UTF-32")
    } else if starts(b"\xfe\xff") || starts(b"\xff\xfe") || starts(b"<\0") || starts(b"\0<") {
        Some("UTF-16")
    } else if starts(b"\x4c\x6f\xa7\x94") {
        Some("EBCDIC")
    } else {
        None
    }
}

impl Read for Source {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        let available = self.fill_buf()?;
        let count = available.len().min(out.len());
        for (to, from) in out.iter_mut().zip(available) {
            *to = *from;
        }
        self.consume(count);
        Ok(count)
    }
}

impl BufRead for Source {
    fn fill_buf(&mut self) -> io::Result<&[u8]> {
        if self.start == self.end {
            self.refill()?;
        }
        if self.token_left == 0 && self.start < self.end {
            return Err(self.fail(Failure::Token));
        }
        let end = self.end.min(self.start.saturating_add(self.token_left));
        Ok(self.buffer.get(self.start..end).unwrap_or(&[]))
    }

    fn consume(&mut self, count: usize) {
        self.start += count;
        self.token_left = self.token_left.saturating_sub(count);
        self.given += count as u64;
    }
}
