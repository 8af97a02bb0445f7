//! How delimited text is laid out as a whole, checked.

pub(super) use crate::format::lines::FinalLineEnd;
use crate::text::Encoding;

/// How delimited text is laid out as a whole, checked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CsvPlan {
    pub(super) encoding: Encoding,
    pub(super) separator: String,
    /// ASCII, so that it is one byte in every encoding.
    pub(super) quote: Option<u8>,
    pub(super) line_end: LineEnd,
    pub(super) final_line_end: FinalLineEnd,
    pub(super) blank_lines: BlankLines,
    pub(super) header: Header,
    pub(super) extra_columns: ExtraColumns,
    pub(super) trailing_separator: TrailingSeparator,
    pub(super) bom: Bom,
    pub(super) trim: Trim,
}

/// Which bytes end a line.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum LineEnd {
    /// LF or CRLF, mixed or not; LF is written.
    Any,
    Lf,
    Crlf,
}

impl LineEnd {
    /// The bytes that are written.
    pub(super) fn written(self) -> &'static [u8] {
        match self {
            Self::Any | Self::Lf => b"\n",
            Self::Crlf => b"\r\n",
        }
    }
}

/// What a line without a byte is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum BlankLines {
    /// A record with one empty field.
    Keep,
    /// Nothing at all.
    Skip,
}

/// Whether a row of column names stands before the records.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Header {
    None,
    /// Its names say where the columns are.
    Name,
    /// It must have exactly the declared names in their order.
    Position,
}

/// What becomes of columns that nothing names.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum ExtraColumns {
    Refuse,
    Ignore,
}

/// Whether a separator stands after the last field.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum TrailingSeparator {
    None,
    Required,
    /// Admitted, not written.
    Optional,
}

/// Whether the content begins with a UTF-8 byte order mark.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Bom {
    Refuse,
    /// Admitted, not written.
    Optional,
    Required,
}

/// What is taken off both ends of an unquoted field.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Trim {
    None,
    /// ASCII spaces.
    Spaces,
}

impl Default for CsvPlan {
    fn default() -> Self {
        Self {
            encoding: Encoding::Utf8,
            separator: ",".to_owned(),
            quote: Some(b'"'),
            line_end: LineEnd::Any,
            final_line_end: FinalLineEnd::Optional,
            blank_lines: BlankLines::Keep,
            header: Header::None,
            extra_columns: ExtraColumns::Refuse,
            trailing_separator: TrailingSeparator::None,
            bom: Bom::Refuse,
            trim: Trim::None,
        }
    }
}

impl CsvPlan {
    /// Whether a header row says where the columns are, so that a record needs no `columns`.
    pub fn names_come_from_the_file(&self) -> bool {
        self.header == Header::Name
    }

    /// Whether lines can be split as they are: no byte of the separator or quote can be part of
    /// another character. CR and LF never can, in any of the encodings.
    pub(super) fn splits_raw(&self) -> bool {
        let safe = |byte: u8| byte.is_ascii() && !self.encoding.is_trail_byte_possible(byte);
        self.encoding == Encoding::Utf8 || self.separator.bytes().chain(self.quote).all(safe)
    }

    /// The encoding of the bytes.
    pub(in crate::format) fn declared_encoding(&self) -> Encoding {
        self.encoding
    }

    /// The encoding that a reader leaves its slots in.
    pub(super) fn slot_encoding(&self) -> Encoding {
        if self.splits_raw() {
            self.encoding
        } else {
            Encoding::Utf8
        }
    }
}
