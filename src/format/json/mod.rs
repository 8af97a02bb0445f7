//! JSON: one document or one document a line ⇄ records, streaming both ways.
//!
//! Which values are records and where their fields stand is said by paths ([`JsonSelect`],
//! [`JsonField`]); the rest of a document is checked to be JSON and left out. Numbers are taken as
//! their text, so that none loses a digit. Not for validation against a schema. `format` calls it.
//! The one invariant: whatever the bytes, no more than one text of at most `json_text_bytes` is
//! held at once, and the end is given only after the whole content has been proven to be JSON.

mod codes;
mod draft;
mod escape;
mod layout;
mod mark;
mod names;
mod number;
mod options;
mod path;
mod plan;
mod reader;
mod route;
mod tree;
mod window;
mod writer;

pub use codes::{
    CODES, DUPLICATE_MEMBER, ENCODING, LATE_VALUE, LAYOUT, LIMIT_EXCEEDED, MALFORMED, NULL, NUMBER,
    OPTION, PATH, TEXT, TRUNCATED, TYPE, UNKNOWN_MEMBER, UNWRITABLE, WRONG_ROOT,
};
pub use layout::{LayoutProblem, reading_problems, writing_problems};
pub use options::{FORMAT_KEYS, RECORD_KEYS};
pub use path::{JsonPath, PathError};
pub use plan::{AbsentFields, JsonField, JsonPlan, JsonSelect, JsonType, Nulls, UnknownMembers};
pub use reader::JsonReader;
pub use route::{JsonRoute, peek_json};
pub use writer::JsonWriter;

#[cfg(test)]
#[expect(
    clippy::indexing_slicing,
    reason = "tests look into records they have made themselves"
)]
mod tests;
