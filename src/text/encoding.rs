//! The four encodings, strict in both directions.

use std::borrow::Cow;
use std::fmt;
use std::str::FromStr;

use super::error::{DecodeError, EncodeError, EncodingNameError, Fault};
use super::gb;

/// An encoding of text as bytes. Its names in configuration are those of its `Display`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Encoding {
    /// UTF-8, without overlong forms and surrogates.
    Utf8,
    /// GBK: one byte below 0x80, or two bytes. No four-byte form, no single 0x80.
    Gbk,
    /// GB18030: as GBK, and four bytes for everything else in Unicode.
    Gb18030,
    /// Bytes below 0x80 only.
    Ascii,
}

/// How far one stretch of bytes could be decoded.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Step {
    /// Bytes whose text has been appended.
    pub(super) consumed: usize,
    /// Whether any of them was a four-byte form of GB18030.
    pub(super) four_bytes: bool,
    /// Why decoding stopped.
    pub(super) stop: Stop,
}

/// Why decoding stopped.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Stop {
    /// Nothing is left.
    End,
    /// At most three bytes are left, the start of a character.
    Incomplete,
    /// The next `length` bytes are wrong.
    Wrong { length: usize, fault: Fault },
}

impl Encoding {
    /// All of them, in the order messages list them.
    pub const ALL: [Self; 4] = [Self::Utf8, Self::Gbk, Self::Gb18030, Self::Ascii];

    /// The name in configuration: `UTF-8`, `GBK`, `GB18030` or `ASCII`.
    pub fn name(self) -> &'static str {
        match self {
            Self::Utf8 => "UTF-8",
            Self::Gbk => "GBK",
            Self::Gb18030 => "GB18030",
            Self::Ascii => "ASCII",
        }
    }

    /// The text of `bytes`; borrowed where the bytes are that text already (UTF-8, pure ASCII).
    pub fn decode(self, bytes: &[u8]) -> Result<Cow<'_, str>, DecodeError> {
        let borrowable = self == Self::Utf8 || bytes.is_ascii();
        if borrowable && let Ok(text) = std::str::from_utf8(bytes) {
            return Ok(Cow::Borrowed(text));
        }
        let mut utf8 = Vec::with_capacity(bytes.len() + bytes.len() / 2);
        let step = self.decode_into(bytes, &mut utf8);
        match self.refusal(bytes, step, 0) {
            None => Ok(Cow::Owned(as_utf8(&utf8).unwrap_or_default().to_owned())),
            Some(error) => Err(error),
        }
    }

    /// Appends the text of `bytes` to `utf8`; appends nothing and says `false` if they are not text.
    pub fn append(self, bytes: &[u8], utf8: &mut Vec<u8>) -> bool {
        if bytes.is_ascii() {
            utf8.extend_from_slice(bytes);
            return true;
        }
        let start = utf8.len();
        let is_text = self.decode_into(bytes, utf8).stop == Stop::End;
        if !is_text {
            utf8.truncate(start);
        }
        is_text
    }

    /// The bytes of `text`; borrowed where the text is those bytes already.
    pub fn encode(self, text: &str) -> Result<Cow<'_, [u8]>, EncodeError> {
        if self == Self::Utf8 || text.is_ascii() {
            return Ok(Cow::Borrowed(text.as_bytes()));
        }
        let mut bytes = Vec::with_capacity(text.len());
        for (index, char) in text.chars().enumerate() {
            match self.code(char) {
                Some(code) => bytes.extend_from_slice(code.bytes()),
                None => {
                    return Err(EncodeError {
                        encoding: self,
                        char,
                        index,
                    });
                }
            }
        }
        Ok(Cow::Owned(bytes))
    }

    /// Whether `byte` can be the second or a later byte of a character.
    ///
    /// A separator whose bytes cannot be trail bytes may be searched for in the raw bytes; for
    /// any other (`|` and `\` in GBK) the text must be decoded first.
    pub fn is_trail_byte_possible(self, byte: u8) -> bool {
        match self {
            Self::Ascii => false,
            Self::Utf8 => (0x80..=0xBF).contains(&byte),
            Self::Gbk => (0x40..=0xFE).contains(&byte) && byte != 0x7F,
            // The second and fourth byte of a four-byte form are digits.
            Self::Gb18030 => {
                ((0x40..=0xFE).contains(&byte) && byte != 0x7F) || byte.is_ascii_digit()
            }
        }
    }

    /// Appends the UTF-8 of `bytes` to `utf8`, as far as it goes.
    pub(super) fn decode_into(self, bytes: &[u8], utf8: &mut Vec<u8>) -> Step {
        match self {
            Self::Utf8 => decode_utf8(bytes, utf8),
            Self::Ascii => decode_ascii(bytes, utf8),
            Self::Gbk => gb::decode_into(bytes, gb::Forms::Two, utf8),
            Self::Gb18030 => gb::decode_into(bytes, gb::Forms::TwoAndFour, utf8),
        }
    }

    /// What a step that ends the text refuses; `bytes` begin at `base` of their stream.
    pub(super) fn refusal(self, bytes: &[u8], step: Step, base: u64) -> Option<DecodeError> {
        let rest = bytes.get(step.consumed..).unwrap_or_default();
        let (length, fault) = match step.stop {
            Stop::End => return None,
            Stop::Incomplete => (rest.len(), Fault::Truncated),
            Stop::Wrong { length, fault } => (length, fault),
        };
        Some(DecodeError {
            encoding: self,
            offset: base + step.consumed as u64,
            bytes: rest.iter().take(length).copied().collect(),
            fault,
        })
    }

    /// The bytes of one character that is not UTF-8.
    fn code(self, char: char) -> Option<gb::Code> {
        if char.is_ascii() {
            return Some(gb::Code::one(char as u8));
        }
        match self {
            Self::Ascii | Self::Utf8 => None,
            Self::Gbk => gb::code(char, gb::Forms::Two),
            Self::Gb18030 => gb::code(char, gb::Forms::TwoAndFour),
        }
    }
}

impl fmt::Display for Encoding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

impl FromStr for Encoding {
    type Err = EncodingNameError;

    /// Reads a name, in either case.
    fn from_str(name: &str) -> Result<Self, Self::Err> {
        Self::ALL
            .into_iter()
            .find(|encoding| encoding.name().eq_ignore_ascii_case(name))
            .ok_or_else(|| EncodingNameError {
                name: name.to_owned(),
            })
    }
}

/// How many bytes `text` has in `encoding`, or `None` if it has a character that the encoding
/// lacks. A Chinese character is 2 in GBK and GB18030 (a rare one 4 in GB18030).
pub fn byte_width(text: &str, encoding: Encoding) -> Option<usize> {
    if encoding == Encoding::Utf8 || text.is_ascii() {
        return Some(text.len());
    }
    text.chars()
        .map(|char| encoding.code(char).map(|code| code.bytes().len()))
        .sum()
}

fn decode_utf8(bytes: &[u8], utf8: &mut Vec<u8>) -> Step {
    let (valid, stop) = match std::str::from_utf8(bytes) {
        Ok(_) => (bytes.len(), Stop::End),
        Err(error) => {
            let stop = match error.error_len() {
                None => Stop::Incomplete,
                Some(length) => Stop::Wrong {
                    length,
                    fault: Fault::Unassigned,
                },
            };
            (error.valid_up_to(), stop)
        }
    };
    utf8.extend_from_slice(bytes.get(..valid).unwrap_or_default());
    Step {
        consumed: valid,
        four_bytes: false,
        stop,
    }
}

fn decode_ascii(bytes: &[u8], utf8: &mut Vec<u8>) -> Step {
    let valid = encoding_rs::Encoding::ascii_valid_up_to(bytes);
    utf8.extend_from_slice(bytes.get(..valid).unwrap_or_default());
    let stop = if valid == bytes.len() {
        Stop::End
    } else {
        Stop::Wrong {
            length: 1,
            fault: Fault::Unassigned,
        }
    };
    Step {
        consumed: valid,
        four_bytes: false,
        stop,
    }
}

/// The text that these bytes are in UTF-8, if they are one.
pub fn as_utf8(bytes: &[u8]) -> Option<&str> {
    simdutf8::basic::from_utf8(bytes).ok()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn fault(encoding: Encoding, bytes: &[u8]) -> (u64, Vec<u8>, Fault) {
        let error = encoding.decode(bytes).expect_err("the bytes are wrong");
        (error.offset, error.bytes, error.fault)
    }

    #[test]
    fn a_name_is_read_in_either_case_and_shown_as_written_in_configuration() {
        assert_eq!("utf-8".parse(), Ok(Encoding::Utf8));
        assert_eq!("gb18030".parse(), Ok(Encoding::Gb18030));
        assert_eq!(Encoding::Gbk.to_string(), "GBK");
        let error = "latin1".parse::<Encoding>().expect_err("not offered");
        assert_eq!(
            error.to_string(),
            "`latin1` is not an encoding: write UTF-8, GBK, GB18030 or ASCII"
        );
    }

    #[test]
    fn ascii_and_utf8_are_borrowed() {
        for encoding in Encoding::ALL {
            assert!(matches!(
                encoding.decode(b"A1,\"x\"\r\n"),
                Ok(Cow::Borrowed("A1,\"x\"\r\n"))
            ));
            assert!(matches!(encoding.encode("A1"), Ok(Cow::Borrowed(b"A1"))));
        }
        let plate = "陕A12345";
        assert!(matches!(
            Encoding::Utf8.decode(plate.as_bytes()),
            Ok(Cow::Borrowed("陕A12345"))
        ));
    }

    #[test]
    fn chinese_text_has_two_bytes_a_character_in_gbk() {
        let bytes = b"\xC9\xC2A12345";
        assert_eq!(Encoding::Gbk.decode(bytes).expect("good"), "陕A12345");
        assert_eq!(
            Encoding::Gbk.encode("陕A12345").expect("good").as_ref(),
            bytes
        );
    }

    #[test]
    fn a_wrong_byte_is_refused_with_its_offset() {
        assert_eq!(
            fault(Encoding::Gbk, b"ab\x81\"c"),
            (2, vec![0x81], Fault::Unassigned)
        );
        assert_eq!(
            fault(Encoding::Gbk, b"\x80"),
            (0, vec![0x80], Fault::Unassigned)
        );
        assert_eq!(
            fault(Encoding::Gb18030, b"a\xFF\xFF"),
            (1, vec![0xFF], Fault::Unassigned)
        );
        assert_eq!(
            fault(Encoding::Gbk, b"a\xC9"),
            (1, vec![0xC9], Fault::Truncated)
        );
        assert_eq!(
            fault(Encoding::Utf8, b"a\xC0\xAF"),
            (1, vec![0xC0], Fault::Unassigned)
        );
        assert_eq!(
            fault(Encoding::Utf8, b"a\xE9\x99"),
            (1, vec![0xE9, 0x99], Fault::Truncated)
        );
        assert_eq!(
            fault(Encoding::Ascii, "a陕".as_bytes()),
            (1, vec![0xE9], Fault::Unassigned)
        );
    }

    #[test]
    fn a_four_byte_form_belongs_to_gb18030_only() {
        let smile = b"x\x94\x39\xFC\x36";
        assert_eq!(Encoding::Gb18030.decode(smile).expect("good"), "x😀");
        assert_eq!(
            fault(Encoding::Gbk, smile),
            (1, b"\x94\x39\xFC\x36".to_vec(), Fault::FourBytes)
        );
        for cut in 1..4 {
            let (offset, bytes, fault) =
                fault(Encoding::Gb18030, smile.get(..=cut).expect("in range"));
            assert_eq!(
                (offset, bytes.len(), fault),
                (1, cut, Fault::Truncated),
                "{cut}"
            );
        }
    }

    #[test]
    fn a_second_way_to_write_a_character_is_refused() {
        // 0xA3A0 decodes to the ideographic space of 0xA1A1; the four bytes to that of 0xFE59.
        assert_eq!(
            fault(Encoding::Gbk, b"\xA3\xA0"),
            (0, vec![0xA3, 0xA0], Fault::Alias)
        );
        assert_eq!(
            fault(Encoding::Gb18030, b"\x82\x35\x90\x37"),
            (0, vec![0x82, 0x35, 0x90, 0x37], Fault::Alias)
        );
    }

    #[test]
    fn messages_say_where_what_and_why() {
        let error = Encoding::Gbk.decode(b"ab\x81\"c").expect_err("wrong");
        assert_eq!(
            error.to_string(),
            "byte 2 is not GBK: `81`: no character has these bytes"
        );
        let error = Encoding::Gbk.encode("张😀").expect_err("not in GBK");
        assert_eq!(
            error,
            EncodeError {
                encoding: Encoding::Gbk,
                char: '😀',
                index: 1
            }
        );
        assert_eq!(
            error.to_string(),
            "character 2 (`😀`, U+1F600) does not exist in GBK"
        );
    }

    #[test]
    fn the_euro_sign_has_two_bytes_in_gbk_and_never_0x80() {
        assert_eq!(
            Encoding::Gbk.encode("€").expect("good").as_ref(),
            b"\xA2\xE3"
        );
        assert_eq!(Encoding::Gbk.decode(b"\xA2\xE3").expect("good"), "€");
    }

    #[test]
    fn a_byte_width_counts_the_bytes_on_the_wire() {
        assert_eq!(byte_width("陕A1", Encoding::Gb18030), Some(4));
        assert_eq!(byte_width("陕A1", Encoding::Utf8), Some(5));
        assert_eq!(byte_width("㐂", Encoding::Gb18030), Some(4));
        assert_eq!(byte_width("㐂", Encoding::Gbk), None);
        assert_eq!(byte_width("陕", Encoding::Ascii), None);
        assert_eq!(byte_width("", Encoding::Gbk), Some(0));
    }

    #[test]
    fn separators_that_can_be_trail_bytes_are_known() {
        for safe in b",\"\r\n\t ;" {
            assert!(!Encoding::Gbk.is_trail_byte_possible(*safe), "{safe}");
            assert!(!Encoding::Gb18030.is_trail_byte_possible(*safe), "{safe}");
        }
        for unsafe_byte in b"|\\^~@A" {
            assert!(
                Encoding::Gbk.is_trail_byte_possible(*unsafe_byte),
                "{unsafe_byte}"
            );
        }
        assert!(!Encoding::Gbk.is_trail_byte_possible(b'0'));
        assert!(Encoding::Gb18030.is_trail_byte_possible(b'0'));
        assert!(!Encoding::Utf8.is_trail_byte_possible(b'|'));
    }

    #[test]
    fn the_trail_byte_question_agrees_with_every_pair_that_decodes() {
        for encoding in [Encoding::Gbk, Encoding::Gb18030] {
            for (lead, trail) in (0x81..=0xFE_u8).flat_map(|l| (0..=0xFF_u8).map(move |t| (l, t))) {
                if encoding.decode(&[lead, trail]).is_ok() {
                    assert!(
                        encoding.is_trail_byte_possible(trail),
                        "{lead:02X}{trail:02X}"
                    );
                }
            }
        }
    }

    proptest! {
        #[test]
        fn whatever_decodes_encodes_to_the_same_bytes(
            bytes in proptest::collection::vec(any::<u8>(), 0..12)
        ) {
            for encoding in Encoding::ALL {
                if let Ok(text) = encoding.decode(&bytes) {
                    let again = encoding.encode(&text);
                    prop_assert_eq!(again.as_deref(), Ok(bytes.as_slice()));
                    prop_assert_eq!(byte_width(&text, encoding), Some(bytes.len()));
                }
            }
        }

        #[test]
        fn whatever_encodes_decodes_to_the_same_text(text in any::<String>()) {
            for encoding in Encoding::ALL {
                if let Ok(bytes) = encoding.encode(&text) {
                    let again = encoding.decode(&bytes);
                    prop_assert_eq!(again.as_deref(), Ok(text.as_str()));
                }
            }
        }
    }
}
