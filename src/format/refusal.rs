//! Why one record is refused, before its place is known.

use crate::diag::Code;
use crate::record::{Place, Reject};

/// Why a record is none.
#[derive(Debug)]
pub(in crate::format) struct Refusal {
    pub(in crate::format) code: &'static Code,
    /// As the mapping's `from` names it.
    pub(in crate::format) field: Option<String>,
    pub(in crate::format) detail: String,
}

impl Refusal {
    /// The refused record that stands there.
    pub(in crate::format) fn at(self, place: Place) -> Reject {
        Reject {
            code: self.code,
            place,
            field: self.field,
            detail: self.detail,
        }
    }
}
