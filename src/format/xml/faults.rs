//! Complaints that several parts of reading make in the same words.

use super::chars::QualifiedName;
use super::codes::malformed;
use super::{ENTITY, WRONG_NAMESPACE};
use crate::format::FormatError;
use crate::format::nested::{broken, shown};

/// A known element in a namespace that is not the mapping's.
pub(super) fn wrong_namespace(name: QualifiedName<'_>, at: u64) -> FormatError {
    let text = format!(
        "the element `{}` is not in the mapping's namespace",
        shown(name.local)
    );
    broken(&WRONG_NAMESPACE, at, text)
}

/// A prefix that nothing declares.
pub(super) fn undeclared(prefix: &str, at: u64) -> FormatError {
    let text = format!("the prefix `{}` is not declared", shown(prefix));
    broken(&WRONG_NAMESPACE, at, text)
}

/// A reference to nothing.
pub(super) fn bad_reference(reference: &str, at: u64) -> FormatError {
    let text = format!(
        "`&{};` is neither a predefined entity nor a character that XML allows",
        shown(reference)
    );
    broken(&ENTITY, at, text)
}

/// A character that is none.
pub(super) fn noncharacter(at: u64) -> FormatError {
    malformed(at, "U+FFFE or U+FFFF is not allowed in XML")
}
