//! What delimited and fixed lines have in common: handing out lines, sharing values between kinds
//! of record, and the groups that records stand in.
//!
//! `window` hands out the bytes of one line after the other, `shared` keeps what the last line of
//! a kind leaves for others, `standing` is where a kind of record may stand as a person declares
//! it, `structure` follows a file through its groups. Called by `csv` and `fixed`, for reading and
//! for writing alike. The one invariant: a record outside of its group never counts as inside.

pub(in crate::format) mod codes;
mod ending;
mod shared;
mod standing;
mod structure;
#[cfg(test)]
mod tests;
mod window;

pub use codes::CODES;
pub(in crate::format) use ending::FinalLineEnd;
pub(in crate::format) use shared::{Pick, Shared, Source, shared_fields};
pub use standing::{Occurs, RECORD_KEYS, Stand, Standing};
pub(in crate::format) use standing::{read_standings, refuse_standings};
pub(in crate::format) use structure::{Structure, StructureFault};
pub(in crate::format) use window::{FoundEnd, Line, LineError, Window};
