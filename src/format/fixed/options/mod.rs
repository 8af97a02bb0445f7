//! Reads `[format.fixed]`, the `fixed` table of `[record.NAME]` and the `from` of a field.
//!
//! Called by the mapping. The one invariant: what is read here can be opened: columns lie within
//! their record and beside each other, and every byte that is written for them exists.

mod field;
mod format;
mod keys;
mod record;

pub use keys::{FORMAT_KEYS, RECORD_KEYS};
pub use record::check_records;
