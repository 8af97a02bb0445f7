//! How text of fixed width is laid out as a whole, checked.

use std::collections::BTreeMap;

use super::shape::Style;
pub(super) use crate::format::lines::FinalLineEnd;
use crate::text::Encoding;

/// How text of fixed width is laid out as a whole, checked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FixedPlan {
    pub(super) encoding: Encoding,
    pub(super) line_end: LineEnd,
    pub(super) final_line_end: FinalLineEnd,
    pub(super) blank_lines: BlankLines,
    /// Bytes of a record, where its kind says nothing else.
    pub(super) length: Option<usize>,
    /// The byte before every field but the first.
    pub(super) between: Option<u8>,
    pub(super) gaps: Gaps,
    pub(super) short_lines: ShortLines,
    pub(super) long_lines: LongLines,
    pub(super) end_of_file_mark: EndOfFileMark,
    /// By name; `text` and `number` are those of fields whose column names none.
    pub(super) styles: BTreeMap<String, Style>,
}

impl FixedPlan {
    /// The encoding of the bytes.
    pub(in crate::format) fn declared_encoding(&self) -> Encoding {
        self.encoding
    }
}

/// Which bytes end a record.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum LineEnd {
    /// LF or CRLF, mixed or not; LF is written.
    Any,
    Lf,
    Crlf,
    /// None: records follow each other, all of one length.
    None,
}

impl LineEnd {
    /// The bytes that are written.
    pub(super) fn written(self) -> &'static [u8] {
        match self {
            Self::Any | Self::Lf => b"\n",
            Self::Crlf => b"\r\n",
            Self::None => b"",
        }
    }
}

/// What a line without a byte is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum BlankLines {
    /// A record that is too short.
    Refuse,
    /// Nothing at all.
    Skip,
}

/// What bytes that no column names must be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Gaps {
    /// Anything; blanks are written.
    Ignore,
    /// Blanks.
    Blank,
}

/// What a line with fewer bytes than its kind is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum ShortLines {
    Refuse,
    /// One whose trailing blanks were taken off.
    Pad,
}

/// What a line with more bytes than its kind is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum LongLines {
    Refuse,
    /// Good, when all bytes beyond are blanks.
    Blank,
}

/// Whether the content may end with a byte 1A.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum EndOfFileMark {
    Refuse,
    /// Admitted, not written.
    Optional,
}

impl Default for FixedPlan {
    fn default() -> Self {
        Self {
            encoding: Encoding::Utf8,
            line_end: LineEnd::Any,
            final_line_end: FinalLineEnd::Optional,
            blank_lines: BlankLines::Refuse,
            length: None,
            between: None,
            gaps: Gaps::Ignore,
            short_lines: ShortLines::Refuse,
            long_lines: LongLines::Refuse,
            end_of_file_mark: EndOfFileMark::Refuse,
            styles: Style::defaults(),
        }
    }
}
