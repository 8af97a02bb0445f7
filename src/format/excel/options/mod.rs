//! `[format.excel]`, the `excel` table of a record and `from`, as written → checked.

mod field;
mod format;
mod keys;
mod record;

pub use keys::{FORMAT_KEYS, RECORD_KEYS};
pub use record::{check_records, unwritable};
