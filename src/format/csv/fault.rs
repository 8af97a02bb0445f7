//! Why a line is refused while it is split.

use super::codes;
use crate::diag::Code;

/// Why a record is refused; fields are counted from 1.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Fault {
    StrayQuote {
        field: usize,
    },
    TextAfterQuote {
        field: usize,
    },
    FieldTooLong {
        field: usize,
        limit: usize,
    },
    NulByte {
        field: usize,
    },
    BareCr {
        field: usize,
    },
    LineEnd {
        found: &'static str,
        expected: &'static str,
    },
    TrailingSeparator,
    Undecodable {
        detail: String,
    },
    /// Of the whole file: the scanner makes it an error.
    TooManyColumns,
}

impl Fault {
    pub(super) fn code(&self) -> &'static Code {
        match self {
            Self::StrayQuote { .. } => codes::STRAY_QUOTE,
            Self::TextAfterQuote { .. } => codes::TEXT_AFTER_QUOTE,
            Self::FieldTooLong { .. } => codes::FIELD_TOO_LONG,
            Self::NulByte { .. } => codes::NUL_BYTE,
            Self::BareCr { .. } => codes::BARE_CR,
            Self::LineEnd { .. } => codes::LINE_END,
            Self::TrailingSeparator => codes::TRAILING_SEPARATOR,
            Self::Undecodable { .. } => codes::UNDECODABLE_LINE,
            Self::TooManyColumns => codes::TOO_MANY_COLUMNS,
        }
    }

    pub(super) fn detail(&self) -> String {
        match self {
            Self::StrayQuote { field } => {
                format!("field {field} has a quote inside but does not begin with one")
            }
            Self::TextAfterQuote { field } => {
                format!("field {field} goes on after its closing quote")
            }
            Self::FieldTooLong { field, limit } => {
                format!("field {field} has more than `field_bytes` = {limit} bytes")
            }
            Self::NulByte { field } => format!("field {field} has a NUL byte"),
            Self::BareCr { field } => {
                format!("field {field} has a carriage return that ends no line")
            }
            Self::LineEnd { found, expected } => {
                format!("the line ends with {found}, expected {expected}")
            }
            Self::TrailingSeparator => {
                "the line does not end with a separator, `trailing_separator` is `required`".into()
            }
            Self::Undecodable { detail } => detail.clone(),
            Self::TooManyColumns => "the line has too many fields".into(),
        }
    }
}
