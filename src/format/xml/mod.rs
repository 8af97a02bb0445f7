//! XML: one document ⇄ records, by local names, streaming both ways.
//!
//! Which elements are records and where their values stand is said by paths ([`XmlSelect`],
//! [`XmlField`]); the rest of a document is checked to be well-formed and left out. Not for
//! validation against a schema, and never for DOCTYPEs, entities or anything outside the document.
//! `format` calls it. The one invariant: nothing is believed before the whole document has been
//! proven to be one, and no token is held whole before it is known to be within the limits.

mod carried;
mod chars;
mod codes;
mod declaration;
mod draft;
mod escape;
mod faults;
mod layout;
mod namespaces;
mod options;
mod path;
mod plan;
mod reader;
mod source;
mod tag;
mod tree;
mod walk;
mod writer;

pub use codes::{
    CARRIED_PREFIX, CODES, DOCTYPE, DUPLICATE_ELEMENT, ENCODING_MISMATCH, ENTITY, LAYOUT,
    LIMIT_EXCEEDED, MALFORMED, MIXED_CONTENT, OPTION, PATH, TRUNCATED, UNKNOWN_ELEMENT, UNWRITABLE,
    WRONG_NAMESPACE, WRONG_ROOT,
};
pub use layout::{LayoutProblem, reading_problems, writing_problems};
pub use options::{FORMAT_KEYS, RECORD_KEYS};
pub use path::{PathError, XmlField};
pub use plan::{SharedValues, UnknownElements, XmlLineEnd, XmlPlan, XmlSelect};
pub use reader::XmlReader;
pub use writer::XmlWriter;

#[cfg(test)]
#[expect(
    clippy::indexing_slicing,
    reason = "tests look into records they have made themselves"
)]
mod tests;
