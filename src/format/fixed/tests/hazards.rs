//! The catalogue of hostile and broken files of fixed width, each with its exact outcome.

use std::io::Read;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use super::support::{Fixed, fixed};

/// Ten bytes: a mark, a text of six, a number of three.
fn ten(format: &str) -> Fixed {
    fixed(&format!(
        "[format.fixed]\n{format}\n[record.row]\nfrom = [\"mark\", \"name\"]\nnumbers = [\"n\"]\n\
         fixed = {{ columns = {{ mark = 1, name = 6, n = 3 }} }}\n"
    ))
}

#[test]
fn a_record_one_byte_short_or_long_is_refused_and_the_next_is_read() {
    let count = |found| format!("number of bytes: found {found}, expected 10 for `row`");
    assert_eq!(
        ten("").read("Dabcdef001\nDabcdef01\nDabcdef0001\nDabcdef002\n"),
        [
            "1 @0+10 row: [D][abcdef][1]".to_owned(),
            format!("2 @11+9 row refused record-length: {}", count(9)),
            format!("3 @21+11 row refused record-length: {}", count(11)),
            "4 @33+10 row: [D][abcdef][2]".to_owned(),
        ]
    );
}

#[test]
fn trailing_blanks_that_the_peer_took_off_or_added_are_admitted_when_declared() {
    let tolerant = ten("short_lines = \"pad\"\nlong_lines = \"blank\"");
    let long =
        "number of bytes: found 11, expected 10 for `row`, with other bytes than blanks beyond";
    assert_eq!(
        tolerant.read("Dabc\nDabcdef001  \nDabcdef0012\n\nD"),
        [
            "1 @0+4 row: [D][abc][]".to_owned(),
            "2 @5+12 row: [D][abcdef][1]".to_owned(),
            format!("3 @18+11 row refused record-length: {long}"),
            "4 @30+0 row: [][][]".to_owned(),
            "5 @31+1 row: [D][][]".to_owned(),
        ]
    );
    assert_eq!(
        ten("blank_lines = \"skip\"").read("\n\r\nDabcdef001\n\n"),
        ["1 @3+10 row: [D][abcdef][1]"]
    );
}

#[test]
fn lengths_are_bytes_and_not_characters() {
    let gbk = ten("encoding = \"GBK\"");
    assert_eq!(
        gbk.read(b"D\xC9\xC2\xC9\xC2\xC9\xC2001\n"),
        ["1 @0+10 row: [D][陕陕陕][1]"]
    );
    let utf8 = ten("");
    assert_eq!(utf8.read("D陕西001\n"), ["1 @0+10 row: [D][陕西][1]"]);
    // Ten characters, as a peer that counts characters would write them.
    assert_eq!(
        utf8.read("D陕西abcd001\n"),
        ["1 @0+14 row refused record-length: number of bytes: found 14, expected 10 for `row`"]
    );
}

#[test]
fn a_character_cut_by_the_edge_of_a_field_is_refused_with_its_offset() {
    let cut = |at: u64, offset: u64, what: &str, end: u64| {
        format!(
            "the character at byte {at} of the record (offset {offset}) is cut by the end of {what} \
             at byte {end}"
        )
    };
    let gbk = ten("encoding = \"GBK\"");
    assert_eq!(
        gbk.read(b"Dabcdef001\nDabcde\xC9\xC201\nD\xC9\xC2abcd001\n"),
        [
            "1 @0+10 row: [D][abcdef][1]".to_owned(),
            format!(
                "2 @11+10 row refused cut-character row.name: {}",
                cut(7, 17, "`name`", 7)
            ),
            "3 @22+10 row: [D][陕abcd][1]".to_owned(),
        ]
    );
    // The first half stands in a gap: together with the next byte the second looks like a good one.
    let gap = fixed(
        "[format.fixed]\nencoding = \"GBK\"\n[record.row]\nfrom = [\"b\"]\n\
         fixed = { columns = { b = [4, 3] } }\n",
    );
    assert_eq!(
        gap.read(b"ab\xC9\xC2AB\n"),
        [format!(
            "1 @0+6 row refused cut-character: {}",
            cut(3, 2, "the gap", 3)
        )]
    );
    assert_eq!(
        ten("").read("Dabcd陕001\n".replace("001", "01")),
        [format!(
            "1 @0+10 row refused cut-character row.name: {}",
            cut(6, 5, "`name`", 7)
        )]
    );
    let gb18030 = ten("encoding = \"GB18030\"");
    assert_eq!(
        gb18030.read(b"Dabcd\x94\x39\xFC\x36 \n"),
        [format!(
            "1 @0+10 row refused cut-character row.name: {}",
            cut(6, 5, "`name`", 7)
        )]
    );
}

#[test]
fn packed_and_zoned_numbers_never_pass_as_digits() {
    // 0x12 0x3C is packed +123; 0xF1 0xF2 0xD3 is zoned -123 in EBCDIC.
    let ascii = ten("encoding = \"ASCII\"");
    assert_eq!(
        ascii.read(b"Dabcdef \x12\x3C\n"),
        ["1 @0+10 row: [D][abcdef][ \u{12}<]"]
    );
    assert_eq!(
        ascii.read(b"Dabcdef\xF1\xF2\xD3\n"),
        ["1 @0+10 row: [D][abcdef]<byte 0 is not ASCII: `F1`: no character has these bytes>"]
    );
    assert_eq!(
        ascii.read("Dabcdef12L\n"),
        ["1 @0+10 row: [D][abcdef][12L]"]
    );
}

#[test]
fn a_byte_1a_at_the_end_is_refused_unless_it_is_admitted() {
    let refused = "error end-of-file-mark: the content ends with a byte 1A; \
                   `end_of_file_mark = \"optional\"` admits it (at byte 11)";
    assert_eq!(
        ten("").read("Dabcdef001\n\u{1A}"),
        ["1 @0+10 row: [D][abcdef][1]", refused]
    );
    let tolerant = ten("end_of_file_mark = \"optional\"");
    assert_eq!(
        tolerant.read("Dabcdef001\n\u{1A}"),
        ["1 @0+10 row: [D][abcdef][1]"]
    );
    assert_eq!(
        tolerant.read("\u{1A}\nDabcdef001\n"),
        [
            "1 @0+1 row refused record-length: number of bytes: found 1, expected 10 for `row`",
            "2 @2+10 row: [D][abcdef][1]",
        ]
    );
    let stretch = ten("line_end = \"none\"\nlength = 10\nend_of_file_mark = \"optional\"");
    assert_eq!(
        stretch.read("Dabcdef001\u{1A}"),
        ["1 @0+10 row: [D][abcdef][1]"]
    );
}

#[test]
fn without_line_ends_records_follow_each_other_and_a_cut_one_refuses_the_file() {
    let stretch = ten("line_end = \"none\"\nlength = 10");
    assert_eq!(
        stretch.read("Dabcdef001Dabcdef002"),
        [
            "1 @0+10 row: [D][abcdef][1]",
            "2 @10+10 row: [D][abcdef][2]"
        ]
    );
    assert_eq!(
        stretch.read("Dabcdef001Dabcdef00"),
        [
            "1 @0+10 row: [D][abcdef][1]",
            "error cut-record: record 2 has 9 bytes before the content ends, expected 10 (at byte 10)",
        ]
    );
    assert_eq!(
        stretch.read("Dabcdef001\nDabcdef00"),
        [
            "1 @0+10 row: [D][abcdef][1]",
            "2 @10+10 row refused line-end: byte 1 of the record ends a line, but `line_end` is `none`",
        ]
    );
    assert_eq!(stretch.read(""), [""; 0]);
}

#[test]
fn line_ends_other_than_declared_are_refused() {
    assert_eq!(
        ten("line_end = \"crlf\"").read("Dabcdef001\r\nDabcdef002\nDabcdef003"),
        [
            "1 @0+10 row: [D][abcdef][1]",
            "2 @12+10 row refused line-end: the line ends with LF, expected CRLF",
            "3 @23+10 row: [D][abcdef][3]",
        ]
    );
    assert_eq!(
        ten("line_end = \"lf\"").read("Dabcdef001\r\nDabc\rf0002\n"),
        [
            "1 @0+10 row refused line-end: the line ends with CRLF, expected LF",
            "2 @12+10 row refused line-end: the line has a carriage return that does not end it",
        ]
    );
    assert_eq!(
        ten("final_line_end = \"required\"").read("Dabcdef001"),
        [
            "error missing-final-line-end: the last line has no line end, so the content was probably \
             cut (at byte 10)"
        ]
    );
}

#[test]
fn gaps_that_must_be_blank_show_a_shifted_record() {
    let layout = fixed(
        "[format.fixed]\ngaps = \"blank\"\n[record.row]\nfrom = [\"a\", \"b\"]\n\
         fixed = { length = 8, columns = { a = [1, 2], b = [5, 2] } }\n",
    );
    assert_eq!(
        layout.read("aa  bb  \naaa bb  \naa  bbb \n"),
        [
            "1 @0+8 row: [aa][bb]",
            "2 @9+8 row refused gap-byte: byte 3 between the fields is 61, expected ` `",
            "3 @18+8 row refused gap-byte: byte 7 between the fields is 62, expected ` `",
        ]
    );
}

#[test]
fn other_encodings_are_known_by_their_first_bytes() {
    assert_eq!(
        ten("").read(b"\xEF\xBB\xBFDabcdef001\n"),
        ["at open, error unexpected-bom: the content begins with a byte order mark (at byte 0)"]
    );
    assert_eq!(
        ten("").read(b"D\0a\0b\0"),
        [
            "at open, error utf-16-content: the content looks like UTF-16, expected UTF-8 (at byte 0)"
        ]
    );
    // A NUL is left for the field's type to refuse, and never taken off as a pad.
    assert_eq!(
        ten("").read("Dabc\u{0}\u{0}\u{0}001\n"),
        ["1 @0+10 row: [D][abc\0\0\0][1]"]
    );
}

/// The same byte again and again, counting how much of it was read.
struct Endless {
    byte: u8,
    left: u64,
    given: Arc<AtomicU64>,
}

impl Read for Endless {
    fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
        let count = (buffer.len() as u64).min(self.left) as usize;
        buffer[..count].fill(self.byte);
        self.left -= count as u64;
        self.given.fetch_add(count as u64, Ordering::Relaxed);
        Ok(count)
    }
}

#[test]
fn an_endless_line_is_given_up_after_one_record_limit() {
    let given = Arc::new(AtomicU64::new(0));
    let content = Endless {
        byte: b'x',
        left: 512 << 20,
        given: Arc::clone(&given),
    };
    assert_eq!(
        ten("").read_from(content),
        ["error record-too-long: record_bytes is larger than the limit of 1048576 (at byte 0)"]
    );
    assert!(given.load(Ordering::Relaxed) < 2 << 20);
}

#[test]
fn content_over_its_limit_is_refused() {
    let small = ten("").limits(|limits| limits.content_bytes = 12);
    assert_eq!(
        small.read("Dabcdef001\nDabcdef002\n"),
        [
            "at open, error lines-content-too-large: content_bytes is larger than the limit of 12 \
             (at byte 12)"
        ]
    );
    let short = ten("line_end = \"none\"\nlength = 10").limits(|limits| limits.record_bytes = 4);
    assert_eq!(
        short.read("Dabcdef001"),
        ["error record-too-long: record_bytes is larger than the limit of 4 (at byte 0)"]
    );
}
