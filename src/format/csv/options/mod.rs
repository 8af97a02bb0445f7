//! Reads `[format.csv]`, the `csv` table of `[record.NAME]` and the `from` of a field.
//!
//! Called by the mapping. The one invariant: what is read here can be opened, so that the reader
//! and the writer never meet a separator that the encoding lacks or a column that is not there.

mod field;
mod format;
mod keys;
mod record;

pub use keys::{FORMAT_KEYS, RECORD_KEYS};
pub use record::check_records;
