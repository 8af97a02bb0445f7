//! Complaints about content as a whole.

use crate::diag::Code;
use crate::format::FormatError;

/// The whole content is refused, for a reason of this code.
pub(in crate::format) fn broken(
    code: &'static Code,
    offset: u64,
    detail: impl Into<String>,
) -> FormatError {
    FormatError::Malformed {
        code,
        offset,
        detail: detail.into(),
    }
}

/// The whole content is refused, because the limit of the setting `what` is passed.
pub(in crate::format) fn over(
    code: &'static Code,
    what: &'static str,
    limit: u64,
    offset: u64,
) -> FormatError {
    FormatError::Limit {
        code,
        what,
        limit,
        offset,
    }
}

/// Why a record is not written of which a reader would see nothing.
pub(in crate::format) const UNREAD: &str = "has no value, so it would not be read back as a record";

/// A name as a message may show it: hostile content never makes a message long or unprintable.
pub(in crate::format) fn shown(text: &str) -> String {
    const LONGEST: usize = 64;
    let visible = |c: char| if c.is_control() { '\u{fffd}' } else { c };
    let cut: String = text.chars().take(LONGEST).map(visible).collect();
    if text.chars().nth(LONGEST).is_some() {
        cut + "…"
    } else {
        cut
    }
}
