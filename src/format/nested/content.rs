//! Content as UTF-8: bounded, with the offsets of its raw bytes.

use std::io::{self, ErrorKind, Read};

use super::{broken, over};
use crate::diag::Code;
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

/// Formats check UTF-8 themselves, piece by piece; the rest is decoded for them.
enum Input {
    Utf8(Capped),
    Coded(Box<Transcoder<Capped>>),
}

/// What a format calls the two ways in which its bytes can be wrong.
#[derive(Debug, Clone, Copy)]
pub(in crate::format) struct ContentCodes {
    /// They are not in the encoding.
    pub(in crate::format) encoding: &'static Code,
    /// They are too many.
    pub(in crate::format) limit: &'static Code,
}

/// Content in UTF-8, which need not be valid where the content is UTF-8 itself.
pub(in crate::format) struct Content {
    input: Input,
    codes: ContentCodes,
}

impl Content {
    /// Content of which nothing has been read yet; at most `limit` bytes of it are.
    pub(in crate::format) fn new(
        input: Box<dyn Read + Send>,
        encoding: Encoding,
        limit: u64,
        codes: ContentCodes,
    ) -> Self {
        let capped = Capped {
            input,
            limit,
            left: limit,
        };
        let input = match encoding {
            Encoding::Utf8 => Input::Utf8(capped),
            _ => Input::Coded(Box::new(Transcoder::new(capped, encoding))),
        };
        Self { input, codes }
    }

    /// The offset in the raw content of one in what was given out; ask in ascending order.
    pub(in crate::format) fn raw_offset(&mut self, given: u64) -> u64 {
        match &mut self.input {
            Input::Utf8(_) => given,
            Input::Coded(input) => input.raw_offset(given),
        }
    }

    /// Reads some bytes, 0 at the end. The offset of an error is one in the raw bytes.
    pub(in crate::format) fn read(&mut self, out: &mut [u8]) -> Result<usize, FormatError> {
        loop {
            let result = match &mut self.input {
                Input::Utf8(input) => input.read(out),
                Input::Coded(input) => input.read(out),
            };
            match result {
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                other => return other.map_err(|error| self.unreadable(error)),
            }
        }
    }

    fn unreadable(&self, error: io::Error) -> FormatError {
        if let Some(wrong) = TextError::from_io(&error) {
            let offset = match wrong {
                TextError::Decode(wrong) => wrong.offset,
                TextError::Bom(_) => 0,
            };
            return broken(self.codes.encoding, offset, wrong.to_string());
        }
        match error.get_ref().and_then(|inner| inner.downcast_ref()) {
            Some(TooMuch(limit)) => over(self.codes.limit, "content_bytes", *limit, *limit),
            None => FormatError::Read(error),
        }
    }
}
