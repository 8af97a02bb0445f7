//! Characters that the edge of a field cuts.
//!
//! A field is cut out of raw bytes, so its neighbour may hold the other half of a character; and
//! half a character together with the next byte can look like a good one. So every stretch of a
//! record, columns and gaps alike, is walked by the lengths of its characters: the last must end
//! where the stretch does.

use crate::text::Encoding;

/// Where the character begins that the end of a stretch cuts, from 0 within the stretch.
///
/// Bytes that are no character at all are left to decoding.
pub(super) fn cut_at_end(stretch: &[u8], encoding: Encoding) -> Option<usize> {
    if stretch.is_ascii() {
        return None;
    }
    let mut at = 0;
    while let Some(rest) = stretch.get(at..).filter(|rest| !rest.is_empty()) {
        let length = character_bytes(rest, encoding);
        if length > rest.len() {
            return Some(at);
        }
        at += length;
    }
    None
}

/// How many bytes the character has that a text begins with, as its first bytes say.
fn character_bytes(text: &[u8], encoding: Encoding) -> usize {
    match (encoding, text) {
        (Encoding::Ascii, _) | (_, [0..=0x80, ..]) => 1,
        (Encoding::Utf8, [0xC2..=0xDF, ..]) => 2,
        (Encoding::Utf8, [0xE0..=0xEF, ..]) => 3,
        (Encoding::Utf8, [0xF0..=0xF4, ..]) => 4,
        (Encoding::Utf8, _) => 1,
        (Encoding::Gbk | Encoding::Gb18030, [0xFF, ..]) => 1,
        // GB 18030-2022: a digit as the second byte makes it a four-byte form.
        (Encoding::Gb18030, [_, 0x30..=0x39, ..]) => 4,
        (Encoding::Gbk | Encoding::Gb18030, _) => 2,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_stretch_that_ends_inside_a_character_is_cut_there() {
        for (encoding, stretch, cut) in [
            (Encoding::Gbk, &b"ab"[..], None),
            (Encoding::Gbk, b"\xC9\xC2A", None),
            (Encoding::Gbk, b"A\xC9", Some(1)),
            (Encoding::Gbk, b"\xC9\xC2\xCE", Some(2)),
            (Encoding::Gb18030, b"\x94\x39\xFC\x36", None),
            (Encoding::Gb18030, b"x\x94\x39\xFC", Some(1)),
            (Encoding::Gb18030, b"\x94", Some(0)),
            (Encoding::Utf8, "陕".as_bytes(), None),
            (Encoding::Utf8, b"a\xE9\x99", Some(1)),
            (Encoding::Utf8, b"\xE9\x99", Some(0)),
            // What is no character is not cut: decoding says what is wrong with it.
            (Encoding::Gbk, b"\xFF", None),
            (Encoding::Utf8, b"\x80\xFF", None),
            (Encoding::Ascii, b"\xC9", None),
        ] {
            assert_eq!(
                cut_at_end(stretch, encoding),
                cut,
                "{encoding} {stretch:x?}"
            );
        }
    }
}
