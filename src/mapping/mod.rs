//! mappings/*.toml → a checked [`Mapping`]; wire record ⇄ dataset row or reject. Pure.
//!
//! A mapping says how one message of a partner corresponds to datasets: the format and its
//! kinds of record, which field becomes which column and by which rule, what identifies the file,
//! and what its header or trailer promises. [`Mapper`] reads with it, [`RowWriter`] writes with it.
//! The engine joins them with content and the store; the simulator writes a partner's side with
//! the same mappings. The one invariant: a field that cannot be read is a reject or a flagged row,
//! never a zero and never a guess.

mod amount;
mod amount_options;
mod cells;
mod codes;
mod control;
mod control_options;
mod datetime;
mod field;
mod field_options;
mod find;
mod identify;
mod mapper;
mod options;
mod plan;
mod promises;
mod stating;
mod tally;
#[cfg(test)]
mod tests;
mod time_of_day;
mod time_options;
mod writer;

pub use amount::{AmountForm, AmountSign};
pub use codes::{CodeEntry, CodeTable};
pub use control::{ControlPlan, ControlResult, Counted, Filter, Hash, Promise, Total, Within};
pub use datetime::{HasTime, TimeFormat, TimeFormatError};
pub use field::{FieldKind, FieldPlan, FieldSourcePlan, Part, TextCheck, Unit};
pub use find::{FindPlan, Found};
pub use identify::{Doubtful, IdentifierPlan};
pub use mapper::{Cause, Context, Mapped, Mapper, Summary};
pub use options::{MAPPING_KEYS, World};
pub use plan::{FlagPlan, IdentityPlan, Mapping, RecordPlan, SequencePlan, Status};
pub use stating::{Draft, Stated};
pub use time_of_day::TimeOfDay;
pub use writer::{FileWriter, Local, RowWriter, Slots};

use crate::diag::Code;

/// What the mapping of records can complain about.
pub const CODES: &[Code] = &[
    codes::BAD_CODE_TABLE,
    options::UNKNOWN_NAME,
    options::BAD_MAPPING,
    field::MISSING_FIELD,
    field::UNDECODABLE,
    field::NOT_A_NUMBER,
    field::NOT_AN_AMOUNT,
    field::NOT_A_DATE,
    field::UNKNOWN_CODE,
    field::OUT_OF_RANGE,
    field::WRONG_LENGTH,
    field::WRONG_VALUE,
    field::WRONG_CHARACTERS,
    codes::NO_PARTNER_CODE,
    identify::BAD_IDENTIFIER,
    identify::NO_DOCUMENT_TYPE,
];
