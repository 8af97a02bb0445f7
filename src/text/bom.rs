//! Byte order marks: removed where they fit, refused where they prove another encoding.

use super::Encoding;

/// The text begins with the byte order mark of an encoding that was not declared.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the text begins with a {found} byte order mark but is declared {declared}")]
pub struct BomError {
    /// The encoding the mark belongs to: `UTF-8`, `UTF-16LE` or `UTF-16BE`.
    pub found: &'static str,
    /// The encoding that was declared.
    pub declared: Encoding,
}

const UTF8: &[u8] = b"\xEF\xBB\xBF";
const GB18030: &[u8] = b"\x84\x31\x95\x33";

/// How many bytes at `start` are a byte order mark of the declared encoding: 0, 3 or 4.
///
/// Four bytes of the text are enough. A GBK text that really begins with 锘 and a lead byte 0xBF
/// is refused with the rest: in practice it is always a UTF-8 file.
pub fn bom_length(start: &[u8], declared: Encoding) -> Result<usize, BomError> {
    let foreign = |found| Err(BomError { found, declared });
    if start.starts_with(b"\xFF\xFE") {
        return foreign("UTF-16LE");
    }
    if start.starts_with(b"\xFE\xFF") {
        return foreign("UTF-16BE");
    }
    match declared {
        Encoding::Utf8 if start.starts_with(UTF8) => Ok(UTF8.len()),
        _ if start.starts_with(UTF8) => foreign("UTF-8"),
        Encoding::Gb18030 if start.starts_with(GB18030) => Ok(GB18030.len()),
        _ => Ok(0),
    }
}

/// `bytes` without the byte order mark of the declared encoding, if they begin with it.
pub fn strip_bom(bytes: &[u8], declared: Encoding) -> Result<&[u8], BomError> {
    let length = bom_length(bytes, declared)?;
    Ok(bytes.get(length..).unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_mark_of_the_declared_encoding_is_removed_once() {
        let marked = b"\xEF\xBB\xBF\xEF\xBB\xBFa";
        assert_eq!(
            strip_bom(marked, Encoding::Utf8),
            Ok(b"\xEF\xBB\xBFa".as_slice())
        );
        assert_eq!(
            strip_bom(b"\x84\x31\x95\x33a", Encoding::Gb18030),
            Ok(b"a".as_slice())
        );
        assert_eq!(strip_bom(b"a", Encoding::Gbk), Ok(b"a".as_slice()));
        assert_eq!(strip_bom(b"", Encoding::Utf8), Ok(b"".as_slice()));
    }

    #[test]
    fn a_mark_of_another_encoding_is_named() {
        for (bytes, declared, found) in [
            (b"\xFF\xFEa\0".as_slice(), Encoding::Utf8, "UTF-16LE"),
            (b"\xFE\xFF\0a", Encoding::Gbk, "UTF-16BE"),
            (b"\xEF\xBB\xBFa", Encoding::Gbk, "UTF-8"),
        ] {
            assert_eq!(
                strip_bom(bytes, declared),
                Err(BomError { found, declared })
            );
        }
        let error = strip_bom(b"\xFF\xFE", Encoding::Utf8).expect_err("UTF-16");
        assert_eq!(
            error.to_string(),
            "the text begins with a UTF-16LE byte order mark but is declared UTF-8"
        );
    }
}
