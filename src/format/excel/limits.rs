//! What one workbook may ask of the machine, and where on it.

use std::path::PathBuf;

/// The most a workbook may have of anything; each number is a setting with this default.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WorkbookLimits {
    /// Bytes of the workbook as it came out of its envelope. Default 100 MiB.
    pub bytes: u64,
    /// Bytes of all its parts, opened. Default 512 MiB.
    pub opened_bytes: u64,
    /// Bytes of one part, opened. Default 256 MiB.
    pub part_bytes: u64,
    /// How many times as large as its compressed bytes a part may be; parts of at most 1 MiB may
    /// always. Default 100.
    pub ratio: u64,
    /// Parts. Default 1,000.
    pub parts: usize,
    /// Cells of the sheet that is read. Default 5,000,000.
    pub cells: u64,
    /// Texts in the table of shared texts. Default 1,000,000.
    pub strings: u64,
    /// Bytes of that table, opened. Default 128 MiB.
    pub string_bytes: u64,
    /// Merged areas of the sheet that is read. Default 100,000.
    pub merges: usize,
    /// Bytes of memory that the helper for old workbooks (xls) may take. Default 512 MiB.
    pub xls_memory_bytes: u64,
    /// Seconds that it may take. Default 60.
    pub xls_seconds: u64,
    /// Where a workbook lies while it is read; without it the system's place for such files.
    pub spool: Option<PathBuf>,
    /// The program that reads old workbooks when it is called with
    /// [`XLS_VERB`](super::XLS_VERB); without it this very program.
    pub xls_program: Option<PathBuf>,
}

impl Default for WorkbookLimits {
    fn default() -> Self {
        Self {
            bytes: 100 << 20,
            opened_bytes: 512 << 20,
            part_bytes: 256 << 20,
            ratio: 100,
            parts: 1_000,
            cells: 5_000_000,
            strings: 1_000_000,
            string_bytes: 128 << 20,
            merges: 100_000,
            xls_memory_bytes: 512 << 20,
            xls_seconds: 60,
            spool: None,
            xls_program: None,
        }
    }
}
