//! Delimited text: lines of fields with a separator of one or more characters, quoted or not, with
//! or without a row of column names, and with several kinds of record.
//!
//! `split` cuts a line into fields, `scan` makes records of the lines that [`lines`](super::lines) hands out,
//! `kinds` tells their kinds apart, `reader` fills slots. `compose` is the reverse of `split`,
//! `writer` of `reader`. `plan` and `select` are the checked configuration, read by `options`.
//!
//! Lines are split as raw bytes where no byte of the separator or quote can be part of another
//! character, else they are decoded first, one by one: CR and LF are never part of another
//! character in UTF-8, GBK and GB18030. The one invariant: memory stays within the limits.

mod codes;
mod compose;
mod fault;
mod header;
mod kinds;
mod options;
mod plan;
mod reader;
mod scan;
mod select;
mod split;
#[cfg(test)]
mod tests;
mod writer;

pub use codes::CODES;
pub use options::{FORMAT_KEYS, RECORD_KEYS, check_records};
pub use plan::CsvPlan;
pub use reader::CsvReader;
pub use select::{CsvField, CsvSelect};
pub use writer::CsvWriter;
