//! What cannot be decoded or encoded, and where.

use super::Encoding;

/// A name that is none of the known encodings.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{name}` is not an encoding: write UTF-8, GBK, GB18030 or ASCII")]
pub struct EncodingNameError {
    /// What was given.
    pub name: String,
}

/// What is wrong with bytes that cannot be decoded.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fault {
    /// No character of the encoding has these bytes.
    Unassigned,
    /// The bytes end in the middle of a character.
    Truncated,
    /// A four-byte form of GB18030 in a text that is declared GBK.
    FourBytes,
    /// A second way to write a character, which would not be written back as the same bytes.
    Alias,
}

impl Fault {
    fn says(self) -> &'static str {
        match self {
            Self::Unassigned => "no character has these bytes",
            Self::Truncated => "the character is cut off",
            Self::FourBytes => "GBK has no four-byte form; is the text GB18030?",
            Self::Alias => "the character has another, canonical form",
        }
    }
}

/// Bytes that are not text in the declared encoding.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("byte {offset} is not {encoding}: `{}`: {}", hex(.bytes), .fault.says())]
pub struct DecodeError {
    /// The encoding that was declared.
    pub encoding: Encoding,
    /// Offset of the first wrong byte, from 0, in the bytes given (of a stream: since its start).
    pub offset: u64,
    /// The wrong bytes: one to four.
    pub bytes: Vec<u8>,
    /// What is wrong with them.
    pub fault: Fault,
}

/// A character that the encoding does not have.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error(
    "character {} (`{}`, U+{:04X}) does not exist in {encoding}",
    .index + 1, .char.escape_debug(), u32::from(*.char)
)]
pub struct EncodeError {
    /// The encoding asked for.
    pub encoding: Encoding,
    /// The character.
    pub char: char,
    /// Its position in the text, in characters from 0.
    pub index: usize,
}

fn hex(bytes: &[u8]) -> String {
    let digits: Vec<String> = bytes.iter().map(|byte| format!("{byte:02X}")).collect();
    digits.join(" ")
}
