//! The bytes below the window: bounded, in UTF-8, with their places in the raw content.

use std::io::{self, ErrorKind, Read};

use super::ENCODING;
use super::codes::{broken, over};
use crate::format::FormatError;
use crate::text::{Encoding, TextError, Transcoder};

/// Content that never gives more bytes than a limit.
struct Capped {
    input: Box<dyn Read + Send>,
    limit: u64,
    left: u64,
}

/// More content than allowed.
#[derive(Debug, Clone, Copy, thiserror::Error)]
#[error("more content than {0} bytes")]
struct TooMuch(u64);

impl Read for Capped {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        let count = self.input.read(out)? as u64;
        if count > self.left {
            return Err(io::Error::other(TooMuch(self.limit)));
        }
        self.left -= count;
        Ok(count as usize)
    }
}

/// The reader checks UTF-8 itself, text by text; the rest is decoded for it.
enum Input {
    Utf8(Capped),
    Coded(Box<Transcoder<Capped>>),
}

/// Content in UTF-8, which need not be valid where the content is UTF-8 itself.
pub(super) struct Source {
    input: Input,
}

impl Source {
    /// Content of which nothing has been read yet; at most `limit` bytes of it are.
    pub(super) fn new(input: Box<dyn Read + Send>, encoding: Encoding, limit: u64) -> Self {
        let capped = Capped {
            input,
            limit,
            left: limit,
        };
        Self {
            input: match encoding {
                Encoding::Utf8 => Input::Utf8(capped),
                _ => Input::Coded(Box::new(Transcoder::new(capped, encoding))),
            },
        }
    }

    /// The offset in the raw content of one in what was given out; ask in ascending order.
    pub(super) fn raw_offset(&mut self, given: u64) -> u64 {
        match &mut self.input {
            Input::Utf8(_) => given,
            Input::Coded(input) => input.raw_offset(given),
        }
    }

    /// Reads some bytes, 0 at the end.
    pub(super) fn read(&mut self, out: &mut [u8]) -> Result<usize, FormatError> {
        loop {
            let result = match &mut self.input {
                Input::Utf8(input) => input.read(out),
                Input::Coded(input) => input.read(out),
            };
            match result {
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                other => return other.map_err(unreadable),
            }
        }
    }
}

/// How many of the content's first bytes are a byte order mark; refuses what is plainly another
/// encoding.
pub(super) fn mark_length(head: &[u8]) -> Result<usize, FormatError> {
    let starts = |bytes: &[u8]| head.starts_with(bytes);
    let other = if starts(b"\x00\x00\xfe\xff") || starts(b"\xff\xfe\x00\x00") {
        "UTF-32"
    } else if starts(b"\xfe\xff") || starts(b"\xff\xfe") {
        "UTF-16"
    } else if starts(b"{\0") || starts(b"[\0") || starts(b"\0{") || starts(b"\0[") {
        "UTF-16 or UTF-32"
    } else {
        return Ok(if starts(b"\xef\xbb\xbf") { 3 } else { 0 });
    };
    let text = format!("the content begins as {other} does; only UTF-8, GBK and GB18030 are read");
    Err(broken(&ENCODING, 0, text))
}

fn unreadable(error: io::Error) -> FormatError {
    if let Some(wrong) = TextError::from_io(&error) {
        let offset = match wrong {
            TextError::Decode(wrong) => wrong.offset,
            TextError::Bom(_) => 0,
        };
        return broken(&ENCODING, offset, wrong.to_string());
    }
    match error.get_ref().and_then(|inner| inner.downcast_ref()) {
        Some(TooMuch(limit)) => over("content_bytes", *limit as usize, *limit),
        None => FormatError::Read(error),
    }
}
