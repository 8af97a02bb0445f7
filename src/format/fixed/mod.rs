//! Text of fixed width: every field has its place in bytes, and every record its length.
//!
//! `shape` turns the bytes of a field into a value's text and back, `edges` finds characters that
//! a field's edge cuts, `kinds` tells kinds of record apart and knows their fields, `scan` finds
//! lines or records without line ends, `reader` fills slots, `writer` is the reverse. `plan` and
//! `select` are the checked configuration, read by `options`.
//!
//! Lines are cut as raw bytes first and decoded after: places and lengths are bytes in every
//! encoding. The one invariant: what is written reads back as the same values; what would not, or
//! does not fit, is an error and never cut off.

mod codes;
mod edges;
mod kinds;
mod options;
mod plan;
mod reader;
mod scan;
mod select;
mod shape;
#[cfg(test)]
mod tests;
mod writer;

pub use codes::CODES;
pub use options::{FORMAT_KEYS, RECORD_KEYS, check_records};
pub use plan::FixedPlan;
pub use reader::FixedReader;
pub use select::{FixedField, FixedSelect};
pub use writer::FixedWriter;
