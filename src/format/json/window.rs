//! A moving window over the content, and the tokens in it.
//!
//! The one invariant: the window grows only for one token, and never past `json_text_bytes` and
//! one buffer.

use std::io::Read;
use std::ops::Range;

use super::codes::{malformed, over, shown_byte};
use super::mark::mark_length;
use super::number::is_number;
use super::{ENCODING, LIMIT_EXCEEDED, TRUNCATED};
use crate::format::nested::{Content, ContentCodes, broken};
use crate::format::{FormatError, Limits};
use crate::text::Encoding;

const BUFFER_BYTES: usize = 64 << 10;

/// A text or number in the window; good until the window moves.
#[derive(Debug, Clone)]
pub(super) struct Token {
    /// Without quotes.
    pub(super) range: Range<usize>,
    /// Offset of its first byte, the quote included.
    pub(super) at: u64,
    pub(super) has_escape: bool,
    pub(super) is_ascii: bool,
}

pub(super) struct Window {
    source: Content,
    buffer: Vec<u8>,
    /// The next byte, and the end of what is there.
    next: usize,
    end: usize,
    /// Offset of `buffer`'s first byte in what the source gave out.
    base: u64,
    text_bytes: usize,
}

impl Window {
    /// A window before the first byte after a byte order mark.
    pub(super) fn open(
        content: Box<dyn Read + Send>,
        encoding: Encoding,
        limits: &Limits,
    ) -> Result<Self, FormatError> {
        let codes = ContentCodes {
            encoding: &ENCODING,
            limit: &LIMIT_EXCEEDED,
        };
        let mut window = Self {
            source: Content::new(content, encoding, limits.content_bytes, codes),
            buffer: vec![0; BUFFER_BYTES],
            next: 0,
            end: 0,
            base: 0,
            text_bytes: limits.json_text_bytes,
        };
        while window.end < 4 && window.read_more(0)? {}
        let head = window.buffer.get(..window.end).unwrap_or_default();
        // A transcoder has taken the mark off already, and raw offsets count it.
        window.next = mark_length(head)?;
        Ok(window)
    }

    /// Offset of the next byte.
    pub(super) fn at(&self) -> u64 {
        self.base + self.next as u64
    }

    /// The offset in the raw content of one here; ask in ascending order.
    pub(super) fn raw_offset(&mut self, at: u64) -> u64 {
        self.source.raw_offset(at)
    }

    /// Bytes of a token.
    pub(super) fn bytes(&self, range: &Range<usize>) -> &[u8] {
        self.buffer.get(range.clone()).unwrap_or_default()
    }

    /// Reads more behind what is there, dropping what is before `keep`; whether there was more.
    fn read_more(&mut self, keep: usize) -> Result<bool, FormatError> {
        if keep > 0 {
            self.buffer.copy_within(keep..self.end, 0);
            self.base += keep as u64;
            self.next -= keep;
            self.end -= keep;
        }
        if self.end == self.buffer.len() {
            self.buffer.resize(self.end + BUFFER_BYTES, 0);
        }
        let space = self.buffer.get_mut(self.end..).unwrap_or_default();
        let count = self.source.read(space)?;
        self.end += count;
        Ok(count > 0)
    }

    /// The next byte, not taken; `None` at the end.
    pub(super) fn peek(&mut self) -> Result<Option<u8>, FormatError> {
        while self.next == self.end {
            if !self.read_more(self.next)? {
                return Ok(None);
            }
        }
        Ok(self.buffer.get(self.next).copied())
    }

    /// Takes the byte that [`Self::peek`] gave.
    pub(super) fn take(&mut self) {
        self.next += 1;
    }

    /// Takes white space; the line end too unless lines are documents. Gives the byte after it.
    pub(super) fn skip_space(&mut self, takes_line_end: bool) -> Result<Option<u8>, FormatError> {
        loop {
            let rest = self.buffer.get(self.next..self.end).unwrap_or_default();
            let is_space = |byte: &u8| {
                matches!(byte, b' ' | b'\t' | b'\r') || (*byte == b'\n' && takes_line_end)
            };
            match rest.iter().position(|byte| !is_space(byte)) {
                Some(count) => {
                    self.next += count;
                    return Ok(self.buffer.get(self.next).copied());
                }
                None => self.next = self.end,
            }
            if self.peek()?.is_none() {
                return Ok(None);
            }
        }
    }

    /// Takes everything up to and including the next line end; whether there was one.
    pub(super) fn skip_line(&mut self) -> Result<bool, FormatError> {
        while self.peek()?.is_some() {
            let rest = self.buffer.get(self.next..self.end).unwrap_or_default();
            match memchr::memchr(b'\n', rest) {
                Some(count) => {
                    self.next += count + 1;
                    return Ok(true);
                }
                None => self.next = self.end,
            }
        }
        Ok(false)
    }

    /// Takes a text; the next byte is its quote.
    pub(super) fn text(&mut self) -> Result<Token, FormatError> {
        let at = self.at();
        // Relative to the quote, which moves with the window.
        let mut length = 1;
        let (mut has_escape, mut seen) = (false, 0_u8);
        loop {
            let start = self.next + length;
            let rest = self.buffer.get(start..self.end).unwrap_or_default();
            let mut stop = None;
            for byte in rest {
                if *byte == b'"' || *byte == b'\\' || *byte < b' ' {
                    stop = Some(*byte);
                    break;
                }
                seen |= *byte;
                length += 1;
            }
            if length - 1 > self.text_bytes {
                return Err(over("json_text_bytes", self.text_bytes, at));
            }
            match stop {
                Some(b'"') => break,
                Some(b'\\') if self.next + length + 1 < self.end => {
                    has_escape = true;
                    length += 2;
                }
                Some(byte) if byte != b'\\' => {
                    let text = format!("the control character 0x{byte:02x} stands inside a text");
                    return Err(malformed(at + length as u64, text));
                }
                _ => {
                    if !self.read_more(self.next)? {
                        return Err(truncated(at, "a text does not end"));
                    }
                }
            }
        }
        let range = self.next + 1..self.next + length;
        self.next += length + 1;
        Ok(Token {
            range,
            at,
            has_escape,
            is_ascii: seen < 0x80,
        })
    }

    /// Takes a number; the next byte is its first.
    pub(super) fn number(&mut self) -> Result<Token, FormatError> {
        let at = self.at();
        let length =
            self.run(|byte| matches!(byte, b'0'..=b'9' | b'+' | b'-' | b'.' | b'e' | b'E'))?;
        let range = self.next..self.next + length;
        if !is_number(self.bytes(&range)) {
            let text = super::codes::shown(self.bytes(&range));
            return Err(malformed(at, format!("`{text}` is not a number")));
        }
        self.next += length;
        Ok(Token {
            range,
            at,
            has_escape: false,
            is_ascii: true,
        })
    }

    /// Takes `true`, `false` or `null`; the next byte is any that begins no other value.
    pub(super) fn word(&mut self) -> Result<Token, FormatError> {
        let at = self.at();
        let length = self.run(|byte| byte.is_ascii_alphanumeric())?;
        let range = self.next..self.next + length;
        let found = self.bytes(&range);
        if !matches!(found, b"true" | b"false" | b"null") {
            let text = match found {
                [] => self.peek()?.map_or_else(String::new, shown_byte),
                found => format!("`{}`", super::codes::shown(found)),
            };
            return Err(malformed(at, format!("{text} is not a value")));
        }
        self.next += length;
        Ok(Token {
            range,
            at,
            has_escape: false,
            is_ascii: true,
        })
    }

    /// How many of the next bytes are of a kind; all of them are in the window then.
    fn run(&mut self, is_one: impl Fn(u8) -> bool) -> Result<usize, FormatError> {
        let mut length = 0;
        loop {
            let fresh = self.buffer.get(self.next + length..self.end);
            let fresh = fresh.unwrap_or_default();
            let found = fresh.iter().position(|byte| !is_one(*byte));
            length += found.unwrap_or(fresh.len());
            if length > self.text_bytes {
                return Err(over("json_text_bytes", self.text_bytes, self.at()));
            }
            if found.is_some() || !self.read_more(self.next)? {
                return Ok(length);
            }
        }
    }
}

/// The content is cut off.
pub(super) fn truncated(at: u64, detail: &str) -> FormatError {
    broken(&TRUNCATED, at, format!("the content ends: {detail}"))
}
