//! A reader that turns a stream in any encoding into UTF-8, strictly.

use std::io::{self, BufRead, Read};

use super::bom::{BomError, bom_length};
use super::encoding::{Encoding, Stop, as_utf8};
use super::error::DecodeError;
use super::offsets::Offsets;

/// Why a stream is not text in the declared encoding.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum TextError {
    /// Wrong bytes; their offset counts from the start of the raw stream.
    #[error(transparent)]
    Decode(#[from] DecodeError),
    /// A byte order mark that proves another encoding.
    #[error(transparent)]
    Bom(#[from] BomError),
}

impl TextError {
    /// The text error inside an error that a [`Transcoder`] returned.
    pub fn from_io(error: &io::Error) -> Option<&Self> {
        error.get_ref()?.downcast_ref()
    }
}

const CHUNK: usize = 64 << 10;
const RETAIN: usize = 8 << 20;

/// Reads `R` in an encoding and yields UTF-8.
///
/// A byte order mark of the declared encoding is removed. Text before wrong bytes is still
/// yielded; then every read fails with [`io::ErrorKind::InvalidData`] around a [`TextError`],
/// which [`Transcoder::failure`] shows too. Errors of `R` pass through unchanged.
#[derive(Debug)]
pub struct Transcoder<R> {
    inner: R,
    encoding: Encoding,
    raw: Box<[u8]>,
    /// How much of `raw` is filled; its first byte stands at `raw_start` of the stream.
    filled: usize,
    raw_start: u64,
    ended: bool,
    /// Decoded text, of which `taken` bytes have been handed out.
    text: String,
    utf8: Vec<u8>,
    taken: usize,
    position: u64,
    bom: Option<usize>,
    offsets: Offsets,
    failure: Option<TextError>,
}

impl<R: Read> Transcoder<R> {
    /// A reader of `inner`, of which nothing is read yet.
    pub fn new(inner: R, encoding: Encoding) -> Self {
        Self {
            inner,
            encoding,
            raw: vec![0; CHUNK].into_boxed_slice(),
            filled: 0,
            raw_start: 0,
            ended: false,
            text: String::new(),
            utf8: Vec::new(),
            taken: 0,
            position: 0,
            bom: None,
            offsets: Offsets::new(RETAIN),
            failure: None,
        }
    }

    /// Keeps `bytes` of decoded text for [`Self::raw_offset`] instead of 8 MiB: more than the
    /// largest record plus the caller's own buffers.
    #[must_use]
    pub fn retaining(mut self, bytes: usize) -> Self {
        self.offsets.retain(bytes);
        self
    }

    /// The offset in the raw bytes of the character at offset `decoded` of the UTF-8 yielded
    /// (which does not count the byte order mark; the raw offset does).
    ///
    /// Ask in ascending order and not beyond what has been read. An offset below the last one
    /// asked for, or further back than the text kept, answers the lowest place still known; one
    /// beyond what has been decoded, its end.
    pub fn raw_offset(&mut self, decoded: u64) -> u64 {
        if self.maps() {
            self.offsets.raw_of(decoded)
        } else {
            decoded + self.bom.unwrap_or(0) as u64
        }
    }

    /// Bytes of UTF-8 handed out so far.
    pub fn position(&self) -> u64 {
        self.position
    }

    /// Whether the stream began with a byte order mark; `false` before the first read.
    pub fn has_bom(&self) -> bool {
        self.bom.is_some_and(|length| length > 0)
    }

    /// What ended the text before its end, if anything did.
    pub fn failure(&self) -> Option<&TextError> {
        self.failure.as_ref()
    }

    /// The encoding that was declared.
    pub fn encoding(&self) -> Encoding {
        self.encoding
    }

    /// The reader below.
    pub fn get_ref(&self) -> &R {
        &self.inner
    }

    /// The reader below, which has been read further than the text handed out.
    pub fn into_inner(self) -> R {
        self.inner
    }

    fn maps(&self) -> bool {
        matches!(self.encoding, Encoding::Gbk | Encoding::Gb18030)
    }

    /// Decodes until there is text, the end or a failure.
    fn advance(&mut self) -> io::Result<()> {
        while self.taken == self.text.len() {
            if let Some(failure) = &self.failure {
                return Err(io::Error::new(io::ErrorKind::InvalidData, failure.clone()));
            }
            if self.ended {
                return Ok(());
            }
            self.read_raw()?;
            if self.bom.is_none() && !self.start() {
                continue;
            }
            self.decode();
        }
        Ok(())
    }

    fn read_raw(&mut self) -> io::Result<()> {
        let room = self.raw.get_mut(self.filled..).unwrap_or_default();
        let count = self.inner.read(room)?;
        self.filled += count;
        self.ended = count == 0;
        Ok(())
    }

    /// Looks for a byte order mark; `false` while there are too few bytes to tell.
    fn start(&mut self) -> bool {
        if self.filled < 4 && !self.ended {
            return false;
        }
        let head = self.raw.get(..self.filled).unwrap_or_default();
        match bom_length(head, self.encoding) {
            Ok(length) => {
                self.bom = Some(length);
                self.drop_raw(length);
            }
            Err(error) => {
                self.bom = Some(0);
                self.failure = Some(error.into());
                self.drop_raw(self.filled);
            }
        }
        true
    }

    fn decode(&mut self) {
        self.utf8.clear();
        self.text.clear();
        self.taken = 0;
        let raw = self.raw.get(..self.filled).unwrap_or_default();
        let step = self.encoding.decode_into(raw, &mut self.utf8);
        self.text.push_str(as_utf8(&self.utf8).unwrap_or_default());
        if step.stop != Stop::End && (self.ended || step.stop != Stop::Incomplete) {
            let refusal = self.encoding.refusal(raw, step, self.raw_start);
            self.failure = refusal.map(TextError::from);
        }
        if self.maps() {
            self.offsets
                .push(&self.text, self.raw_start, step.four_bytes);
        }
        self.drop_raw(step.consumed);
    }

    fn drop_raw(&mut self, count: usize) {
        self.raw.copy_within(count..self.filled, 0);
        self.filled -= count;
        self.raw_start += count as u64;
    }
}

impl<R: Read> BufRead for Transcoder<R> {
    fn fill_buf(&mut self) -> io::Result<&[u8]> {
        self.advance()?;
        Ok(self.text.as_bytes().get(self.taken..).unwrap_or_default())
    }

    fn consume(&mut self, count: usize) {
        let count = count.min(self.text.len() - self.taken);
        self.taken += count;
        self.position += count as u64;
    }
}

impl<R: Read> Read for Transcoder<R> {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        let count = self.fill_buf()?.read(out)?;
        self.consume(count);
        Ok(count)
    }
}

#[cfg(test)]
#[expect(clippy::indexing_slicing, reason = "tests cut their own inputs")]
mod tests {
    use proptest::prelude::*;

    use super::super::Fault;
    use super::*;

    /// Gives at most `step` bytes a time, as a slow connection does.
    struct Slow<'a>(&'a [u8], usize);

    impl Read for Slow<'_> {
        fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
            let step = self.1.min(out.len());
            self.0.read(&mut out[..step])
        }
    }

    fn transcode(bytes: &[u8], encoding: Encoding, step: usize) -> (String, Option<TextError>) {
        let mut reader = Transcoder::new(Slow(bytes, step), encoding);
        let mut out = Vec::new();
        let result = reader.read_to_end(&mut out);
        let seen = result.err().map(|error| {
            assert_eq!(error.kind(), io::ErrorKind::InvalidData);
            TextError::from_io(&error).expect("a text error").clone()
        });
        assert_eq!(seen.as_ref(), reader.failure());
        (String::from_utf8(out).expect("only whole characters"), seen)
    }

    #[test]
    fn characters_split_over_reads_are_put_together() {
        let text = "陕A12345,西安绕城高速,㐂😀\r\n";
        for encoding in [Encoding::Utf8, Encoding::Gb18030] {
            let bytes = encoding.encode(text).expect("both have them all");
            for step in 1..8 {
                assert_eq!(transcode(&bytes, encoding, step), (text.to_owned(), None));
            }
        }
    }

    #[test]
    fn text_before_a_wrong_byte_is_yielded_and_the_error_knows_its_raw_offset() {
        let (text, failure) = transcode(b"\xC9\xC2A\xFFB", Encoding::Gbk, 1);
        assert_eq!(text, "陕A");
        let wrong = DecodeError {
            encoding: Encoding::Gbk,
            offset: 3,
            bytes: vec![0xFF],
            fault: Fault::Unassigned,
        };
        assert_eq!(failure, Some(TextError::Decode(wrong)));
    }

    #[test]
    fn a_character_cut_off_at_the_end_is_an_error() {
        for (bytes, encoding, offset) in [
            (b"ab\xC9".as_slice(), Encoding::Gbk, 2),
            (b"ab\xE9\x99", Encoding::Utf8, 2),
            (b"a\x94\x39\xFC", Encoding::Gb18030, 1),
        ] {
            for step in [1, 100] {
                let (_, failure) = transcode(bytes, encoding, step);
                let Some(TextError::Decode(error)) = failure else {
                    unreachable!("{encoding} must fail to decode")
                };
                assert_eq!((error.offset, error.fault), (offset, Fault::Truncated));
            }
        }
    }

    #[test]
    fn the_error_repeats_when_read_again() {
        let mut reader = Transcoder::new(b"\xFF".as_slice(), Encoding::Gbk);
        let mut out = [0; 8];
        for _ in 0..2 {
            let error = reader.read(&mut out).expect_err("wrong byte");
            assert!(TextError::from_io(&error).is_some());
        }
    }

    #[test]
    fn a_byte_order_mark_is_removed_and_counted_in_raw_offsets() {
        for step in [1, 2, 100] {
            let mut reader = Transcoder::new(Slow(b"\xEF\xBB\xBFab", step), Encoding::Utf8);
            let mut text = String::new();
            reader.read_to_string(&mut text).expect("good");
            assert_eq!(text, "ab");
            assert!(reader.has_bom());
            assert_eq!(reader.raw_offset(1), 4);
        }
        let mut reader =
            Transcoder::new(b"\x84\x31\x95\x33\xC9\xC2b".as_slice(), Encoding::Gb18030);
        let mut text = String::new();
        reader.read_to_string(&mut text).expect("good");
        assert_eq!((text.as_str(), reader.raw_offset(3)), ("陕b", 6));
    }

    #[test]
    fn a_utf16_file_is_told_apart() {
        let (text, failure) = transcode(b"\xFF\xFE<\0", Encoding::Utf8, 1);
        assert_eq!(text, "");
        assert_eq!(
            failure.expect("refused").to_string(),
            "the text begins with a UTF-16LE byte order mark but is declared UTF-8"
        );
    }

    #[test]
    fn an_empty_stream_is_an_empty_text() {
        for encoding in Encoding::ALL {
            assert_eq!(transcode(b"", encoding, 1), (String::new(), None));
            assert_eq!(transcode(b"a", encoding, 1), ("a".to_owned(), None));
        }
    }

    #[test]
    fn lines_of_a_large_file_are_found_in_the_raw_bytes() {
        let line = "陕A12345,西安绕城高速公路,㐂,23.45\n";
        let text = line.repeat(20_000);
        let bytes = Encoding::Gb18030.encode(&text).expect("it has them all");
        let width = bytes.len() / 20_000;
        let mut reader = Transcoder::new(bytes.as_ref(), Encoding::Gb18030);
        let mut out = String::new();
        for number in 0..20_000 {
            let start = reader.position();
            out.clear();
            reader.read_line(&mut out).expect("good");
            assert_eq!(out, line);
            assert_eq!(reader.raw_offset(start), number * width as u64);
        }
    }

    proptest! {
        #[test]
        fn streaming_agrees_with_decoding_at_once(
            bytes in proptest::collection::vec(any::<u8>(), 0..24), step in 1_usize..6
        ) {
            for encoding in Encoding::ALL {
                if bom_length(&bytes, encoding) != Ok(0) {
                    continue;
                }
                let (text, failure) = transcode(&bytes, encoding, step);
                match encoding.decode(&bytes) {
                    Ok(whole) => prop_assert_eq!((text, failure), (whole.into_owned(), None)),
                    Err(error) => prop_assert_eq!(failure, Some(TextError::Decode(error))),
                }
            }
        }

        #[test]
        fn every_character_is_found_in_the_raw_bytes(text in "[a-z陕西㐂😀,\n]{0,200}", step in 1_usize..9) {
            let bytes = Encoding::Gb18030.encode(&text).expect("it has them all");
            let mut reader = Transcoder::new(Slow(&bytes, step), Encoding::Gb18030);
            reader.read_to_string(&mut String::new()).expect("good");
            for (at, _) in text.char_indices() {
                let before = Encoding::Gb18030.encode(text.get(..at).expect("a boundary")).expect("good").len();
                prop_assert_eq!(reader.raw_offset(at as u64), before as u64);
            }
        }
    }
}
