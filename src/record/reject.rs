//! A record refused, and where it stands.

use crate::diag::Code;
use crate::id::RecordNo;

/// Where a record stands in the opened content of its file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Place {
    /// Counted from 1 over all records of all kinds.
    pub record: RecordNo,
    /// First byte, from 0.
    pub offset: u64,
    /// Bytes, the line end not counted.
    pub length: u64,
}

/// A record refused: kept with its raw bytes until it is repaired or waived.
///
/// The engine adds the raw bytes from the archive by `place`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reject {
    /// Why, as a code that `dukou explain` explains.
    pub code: &'static Code,
    /// Where.
    pub place: Place,
    /// The column or wire field that was refused, when it was one.
    pub field: Option<String>,
    /// What was found and expected; personal values masked.
    pub detail: String,
}
