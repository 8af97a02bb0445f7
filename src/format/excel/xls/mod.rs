//! Workbooks of yesterday (xls, BIFF): read by a helper process with limits of its own.
//!
//! The format is read as a whole by any reader, and hostile files make readers ask for all memory.
//! So this very program is started once more with [`XLS_VERB`], takes the workbook as its standard
//! input, limits itself, and gives the cells back in bounded frames. `frames` is the wire between
//! the two, `serve` the helper's side, `worker` ours. The one invariant: whatever the file does to
//! its reader, the hub only sees a [`FormatError`](crate::format::FormatError).

mod frames;
mod serve;
mod worker;

pub use serve::serve;
pub(super) use worker::Worker;

use super::plan::SheetChoice;

/// The first argument that makes the program a helper.
pub const XLS_VERB: &str = "read-old-workbook";

/// What the helper must know, its second argument as JSON.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
struct Request {
    sheet: Option<String>,
    pattern: Option<String>,
    columns: usize,
    row_bytes: usize,
    cells: u64,
    merges: usize,
    memory_bytes: u64,
    seconds: u64,
}

impl Request {
    fn choice(&self) -> Option<SheetChoice> {
        match (&self.sheet, &self.pattern) {
            (Some(name), _) => Some(SheetChoice::Named(name.clone())),
            (None, Some(pattern)) => regex::Regex::new(pattern).ok().map(SheetChoice::Like),
            (None, None) => Some(SheetChoice::FirstVisible),
        }
    }
}
