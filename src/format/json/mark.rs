//! What the first bytes of the content say about its encoding.

use super::ENCODING;
use crate::format::FormatError;
use crate::format::nested::broken;

/// How many of the content's first bytes are a byte order mark; refuses what is plainly another
/// encoding.
pub(super) fn mark_length(head: &[u8]) -> Result<usize, FormatError> {
    let starts = |bytes: &[u8]| head.starts_with(bytes);
    let other = if starts(b"\x00\x00\xfe\xff") || starts(b"\xff\xfe\x00\x00") {
        "UTF-32"
    } else if starts(b"\xfe\xff") || starts(b"\xff\xfe") {
        "UTF-16"
    } else if starts(b"{\0") || starts(b"[\0") || starts(b"\0{") || starts(b"\0[") {
        "UTF-16 or UTF-32"
    } else {
        return Ok(if starts(b"\xef\xbb\xbf") { 3 } else { 0 });
    };
    let text = format!("the content begins as {other} does; only UTF-8, GBK and GB18030 are read");
    Err(broken(&ENCODING, 0, text))
}
