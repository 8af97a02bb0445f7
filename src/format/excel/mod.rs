//! Workbooks: a sheet with a row of headings, xlsx and xls; xlsx is written.
//!
//! `spool` brings the content to where it can be read out of order and tells what it is, `xlsx` and
//! `xls` open the two kinds, `source` gives rows of either. `heading` finds the row of headings,
//! `kinds` tells rows apart, `merges` follows merged cells, `value` makes text of cells, `reader`
//! makes records. `writer` is the reverse. `show` shows single rows. `plan` is the checked
//! configuration, read by `options`. The one invariant: whatever the workbook claims or hides,
//! memory stays within [`WorkbookLimits`], and a value that cannot be exact is refused.

mod cell;
mod codes;
mod heading;
mod kinds;
mod limits;
mod merges;
mod options;
mod plan;
mod reader;
mod rows;
pub(super) mod show;
mod source;
mod spool;
#[cfg(test)]
mod tests;
mod value;
mod writer;
mod xls;
mod xlsx;

pub use codes::CODES;
pub use limits::WorkbookLimits;
pub use options::{FORMAT_KEYS, RECORD_KEYS, check_records, unwritable};
pub use plan::{CellKind, ExcelField, ExcelPlan, ExcelSelect};
pub use reader::ExcelReader;
pub use writer::ExcelWriter;
pub use xls::{XLS_VERB, serve};
