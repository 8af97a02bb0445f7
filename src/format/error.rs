//! Why content cannot be read as a file of its format, or records cannot be written.

use crate::diag::Code;

/// The whole file is refused: nothing after the place can be trusted.
#[derive(Debug, thiserror::Error)]
pub enum FormatError {
    /// The content breaks the rules of its format.
    #[error("{detail} (at byte {offset})")]
    Malformed {
        /// Which rule.
        code: &'static Code,
        /// Byte offset in the opened content.
        offset: u64,
        /// What was found and expected.
        detail: String,
    },
    /// The content asks for more than a limit allows.
    #[error("{what} is larger than the limit of {limit} (at byte {offset})")]
    Limit {
        /// `limit-exceeded` or a narrower code.
        code: &'static Code,
        /// What is too large, as the setting names it.
        what: &'static str,
        /// The limit.
        limit: u64,
        /// Byte offset in the opened content.
        offset: u64,
    },
    /// The workbook is refused; its parts have no offsets that lead anywhere.
    #[error("{detail}")]
    Workbook {
        /// Which rule.
        code: &'static Code,
        /// What was found and expected.
        detail: String,
    },
    /// The bytes could not be read: the envelope is broken or the disk failed.
    #[error("the content cannot be read: {0}")]
    Read(#[source] std::io::Error),
}

/// A record or file cannot be written.
#[derive(Debug, thiserror::Error)]
pub enum WriteError {
    /// A value does not fit the format.
    #[error("`{record}`: {detail}")]
    Unwritable {
        /// Why, as a code.
        code: &'static Code,
        /// The record's name in the mapping.
        record: String,
        /// What was found and expected.
        detail: String,
    },
    /// The output failed.
    #[error("the content cannot be written: {0}")]
    Write(#[from] std::io::Error),
}

impl WriteError {
    /// A record that does not fit the format.
    pub(crate) fn unwritable(
        code: &'static Code,
        record: impl Into<String>,
        detail: impl Into<String>,
    ) -> Self {
        Self::Unwritable {
            code,
            record: record.into(),
            detail: detail.into(),
        }
    }
}

/// What this module can complain about: see [`csv::CODES`](super::csv::CODES),
/// [`excel::CODES`](super::excel::CODES), [`json::CODES`](super::json::CODES) and
/// [`xml::CODES`](super::xml::CODES) for the formats' own.
pub const CODES: &[Code] = &[super::RECORD_WITHOUT_KIND];
