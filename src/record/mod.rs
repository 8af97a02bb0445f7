//! The data model between formats and datasets: what a file says, and what a table keeps.
//!
//! A [`WireRecord`] is one record as the file has it: a text by slot, with its place. A [`Row`] is
//! one dataset row, encoded for staging on disk. A [`Reject`] is a record refused: a value, never
//! an error. Formats make the first, mappings turn it into the second or the third, the engine
//! stages and loads. The one invariant: a record always knows its place in the file's content.

mod reject;
mod row;
mod wire;

pub use reject::{Place, Reject};
pub use row::{Row, RowError, RowReader, push_key};
pub use wire::WireRecord;
