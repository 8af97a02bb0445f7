//! Texts inside quotes.

use std::io::Write as _;

use crate::text::Encoding;

/// Why a text between quotes is none.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum BadText {
    /// A `\` before something that it cannot stand before: not JSON. Where, from the text's start.
    Escape(usize),
    /// Half a surrogate pair.
    Surrogate(usize),
    /// U+0000.
    Nul(usize),
}

/// Appends what stands between quotes, its escapes resolved.
pub(super) fn push_unescaped(out: &mut Vec<u8>, raw: &[u8]) -> Result<(), BadText> {
    let mut at = 0;
    while let Some(rest) = raw.get(at..).filter(|rest| !rest.is_empty()) {
        let plain = memchr::memchr(b'\\', rest).unwrap_or(rest.len());
        out.extend_from_slice(rest.get(..plain).unwrap_or_default());
        at += plain;
        if plain < rest.len() {
            at += push_escape(out, raw, at)?;
        }
    }
    Ok(())
}

/// Appends the character of the escape at `at`; gives its length.
fn push_escape(out: &mut Vec<u8>, raw: &[u8], at: usize) -> Result<usize, BadText> {
    let sign = match raw.get(at + 1) {
        Some(b'"') => b'"',
        Some(b'\\') => b'\\',
        Some(b'/') => b'/',
        Some(b'b') => 0x08,
        Some(b'f') => 0x0c,
        Some(b'n') => b'\n',
        Some(b'r') => b'\r',
        Some(b't') => b'\t',
        Some(b'u') => return push_unicode(out, raw, at),
        _ => return Err(BadText::Escape(at)),
    };
    out.push(sign);
    Ok(2)
}

fn push_unicode(out: &mut Vec<u8>, raw: &[u8], at: usize) -> Result<usize, BadText> {
    let unit = hex(raw, at).ok_or(BadText::Escape(at))?;
    let (code, length) = match unit {
        0 => return Err(BadText::Nul(at)),
        0xd800..=0xdbff => {
            let has_second = raw.get(at + 6..at + 8).is_some_and(|next| next == b"\\u");
            let low = has_second.then(|| hex(raw, at + 6)).flatten();
            match low {
                Some(low @ 0xdc00..=0xdfff) => {
                    (0x1_0000 + ((unit - 0xd800) << 10) + (low - 0xdc00), 12)
                }
                _ => return Err(BadText::Surrogate(at)),
            }
        }
        _ => (unit, 6),
    };
    let c = char::from_u32(code).ok_or(BadText::Surrogate(at))?;
    out.extend_from_slice(c.encode_utf8(&mut [0; 4]).as_bytes());
    Ok(length)
}

/// The four hexadecimal digits of the `\u` at `at`.
fn hex(raw: &[u8], at: usize) -> Option<u32> {
    let digits = raw.get(at + 2..at + 6)?;
    digits.iter().try_fold(0, |value, digit| {
        Some(value << 4 | char::from(*digit).to_digit(16)?)
    })
}

/// Appends a text in quotes. A character that the encoding lacks is escaped, which loses nothing.
pub(super) fn push_quoted(out: &mut Vec<u8>, text: &str, encoding: Encoding) {
    out.push(b'"');
    for c in text.chars() {
        match c {
            '"' => out.extend_from_slice(b"\\\""),
            '\\' => out.extend_from_slice(b"\\\\"),
            '\n' => out.extend_from_slice(b"\\n"),
            '\r' => out.extend_from_slice(b"\\r"),
            '\t' => out.extend_from_slice(b"\\t"),
            '\u{08}' => out.extend_from_slice(b"\\b"),
            '\u{0c}' => out.extend_from_slice(b"\\f"),
            c if c < ' ' => push_code(out, c),
            c => match encoding.encode(c.encode_utf8(&mut [0; 4])) {
                Ok(bytes) => out.extend_from_slice(&bytes),
                Err(_) => push_code(out, c),
            },
        }
    }
    out.push(b'"');
}

fn push_code(out: &mut Vec<u8>, c: char) {
    for unit in c.encode_utf16(&mut [0; 2]) {
        // Writing into memory cannot fail.
        let _written = write!(out, "\\u{unit:04x}");
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn unescaped(raw: &str) -> Result<String, BadText> {
        let mut out = Vec::new();
        push_unescaped(&mut out, raw.as_bytes())?;
        Ok(String::from_utf8(out).expect("text in, text out"))
    }

    #[test]
    fn every_escape_is_its_character() {
        assert_eq!(
            unescaped(r#"a\"\\\/\b\f\n\r\t\u4e2d\uD83D\uDE00z"#),
            Ok("a\"\\/\u{8}\u{c}\n\r\t中😀z".to_owned())
        );
        assert_eq!(unescaped(""), Ok(String::new()));
    }

    #[test]
    fn half_a_pair_nul_and_unknown_escapes_are_refused_at_their_place() {
        for (raw, expected) in [
            (r"ab\ud800", BadText::Surrogate(2)),
            (r"\ud800x", BadText::Surrogate(0)),
            (r"\ud800\u0041", BadText::Surrogate(0)),
            (r"\udc00", BadText::Surrogate(0)),
            (r"a\u0000", BadText::Nul(1)),
            (r"\x41", BadText::Escape(0)),
            (r"\u12", BadText::Escape(0)),
            (r"\u12g4", BadText::Escape(0)),
            (r"\u+123", BadText::Escape(0)),
        ] {
            assert_eq!(unescaped(raw), Err(expected), "{raw}");
        }
    }

    #[test]
    fn a_character_that_the_encoding_lacks_is_escaped() {
        let mut out = Vec::new();
        push_quoted(&mut out, "中😀\u{1}\"", Encoding::Gbk);
        assert_eq!(out, b"\"\xd6\xd0\\ud83d\\ude00\\u0001\\\"\"");
    }
}
