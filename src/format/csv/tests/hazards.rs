//! The catalogue of hostile and broken delimited files, each with its exact outcome.

use std::io::Read;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use super::support::{Csv, kind};
use crate::format::csv::plan::{Bom, FinalLineEnd, Header, LineEnd};
use crate::format::csv::select::Condition;
use crate::text::Encoding;

/// The same byte again and again after a beginning, counting how much of it was read.
struct Endless {
    start: &'static [u8],
    byte: u8,
    left: u64,
    given: Arc<AtomicU64>,
}

impl Read for Endless {
    fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
        if !self.start.is_empty() {
            return self.start.read(buffer);
        }
        let count = (buffer.len() as u64).min(self.left) as usize;
        buffer[..count].fill(self.byte);
        self.left -= count as u64;
        self.given.fetch_add(count as u64, Ordering::Relaxed);
        Ok(count)
    }
}

/// What is said about `start` and 512 MiB of `byte`, and how many bytes were read of them.
fn read_endless(csv: &Csv, start: &'static [u8], byte: u8) -> (Vec<String>, u64) {
    let given = Arc::new(AtomicU64::new(0));
    let content = Endless {
        start,
        byte,
        left: 512 << 20,
        given: Arc::clone(&given),
    };
    let said = csv.read_from(content);
    (said, given.load(Ordering::Relaxed))
}

#[test]
fn an_unterminated_quote_of_512_mib_refuses_the_file_after_one_record_limit() {
    let (said, read) = read_endless(&Csv::of(&["a", "b"]), b"1,2\n3,\"", b'x');
    assert_eq!(
        said,
        [
            "1 @0+3 row: [1][2]",
            "error unterminated-quote: the quote that opens field 2 of this line is not closed \
             within `record_bytes` = 1048576 bytes or before the end (at byte 4)",
        ]
    );
    assert!(read < 2 << 20, "{read} bytes were read");
    let (said, read) = read_endless(&Csv::of(&["a"]), b"\"", b'\n');
    assert_eq!(
        said,
        [
            "error unterminated-quote: the quote that opens field 1 of this line is not closed within \
          `record_bytes` = 1048576 bytes or before the end (at byte 0)"
        ]
    );
    assert!(read < 2 << 20, "{read} bytes were read");
}

#[test]
fn an_unterminated_quote_at_the_end_refuses_the_file() {
    assert_eq!(
        Csv::of(&["a", "b"]).read("1,2\n3,\"x\n4,y\n"),
        [
            "1 @0+3 row: [1][2]",
            "error unterminated-quote: the quote that opens field 2 of this line is not closed \
             within `record_bytes` = 1048576 bytes or before the end (at byte 4)",
        ]
    );
}

#[test]
fn a_quote_inside_an_unquoted_field_refuses_the_line_only() {
    assert_eq!(
        Csv::of(&["a", "b"]).read("1,2\n3,x\"y\n\"5\"6,7\n8,\"9\"\n"),
        [
            "1 @0+3 row: [1][2]",
            "2 @4+5 refused stray-quote: field 2 has a quote inside but does not begin with one",
            "3 @10+6 refused text-after-quote: field 1 goes on after its closing quote",
            "4 @17+5 row: [8][9]",
        ]
    );
}

#[test]
fn a_million_columns_refuse_the_file() {
    let line = ",".repeat(1_000_000) + "\n";
    assert_eq!(
        Csv::of(&["a"]).read(&line),
        ["error too-many-columns: columns is larger than the limit of 1024 (at byte 0)"]
    );
    let quoted = format!("\"\"{line}");
    assert_eq!(
        Csv::of(&["a"]).read(quoted),
        ["error too-many-columns: columns is larger than the limit of 1024 (at byte 0)"]
    );
    assert_eq!(
        Csv::of(&["a"])
            .plan(|plan| plan.separator = "||".into())
            .read("||".repeat(2000)),
        ["error too-many-columns: columns is larger than the limit of 1024 (at byte 0)"]
    );
}

#[test]
fn as_many_columns_as_the_limit_are_read() {
    let csv = Csv::of(&["a", "b", "c"]).limits(|limits| limits.columns = 3);
    assert_eq!(
        csv.read("1,2,3\n\"1\",2,3"),
        ["1 @0+5 row: [1][2][3]", "2 @6+7 row: [1][2][3]"]
    );
}

#[test]
fn a_field_of_100_mb_refuses_the_file_when_the_record_is_too_long() {
    let (said, read) = read_endless(&Csv::of(&["a", "b"]), b"1,", b'x');
    assert_eq!(
        said,
        ["error record-too-long: record_bytes is larger than the limit of 1048576 (at byte 0)"]
    );
    assert!(read < 2 << 20, "{read} bytes were read");
}

#[test]
fn a_field_above_its_limit_refuses_the_line_only() {
    let csv = Csv::of(&["a", "b"]).limits(|limits| limits.field_bytes = 4);
    let detail = "refused field-too-long: field 2 has more than `field_bytes` = 4 bytes";
    assert_eq!(
        csv.read("1,1234\n2,12345\n3,\"12345\"\n4,\"1\n34\"\n"),
        [
            "1 @0+6 row: [1][1234]".to_owned(),
            format!("2 @7+7 {detail}"),
            format!("3 @15+9 {detail}"),
            "4 @25+8 row: [4][1\n34]".to_owned(),
        ]
    );
}

#[test]
fn a_bare_cr_refuses_the_line_and_stands_in_quotes() {
    assert_eq!(
        Csv::of(&["a", "b"]).read("1,2\r3,4\n5,\"6\r7\"\r\n8,9\r"),
        [
            "1 @0+7 refused bare-cr: field 2 has a carriage return that ends no line",
            "2 @8+7 row: [5][6\r7]",
            "3 @17+4 refused bare-cr: field 2 has a carriage return that ends no line",
        ]
    );
}

#[test]
fn mixed_line_ends_are_read_unless_one_is_declared() {
    let content = "1\r\n2\n3\r\n\"4\r\n\n\"\n";
    assert_eq!(
        Csv::of(&["a"]).read(content),
        [
            "1 @0+1 row: [1]",
            "2 @3+1 row: [2]",
            "3 @5+1 row: [3]",
            "4 @8+6 row: [4\r\n\n]"
        ]
    );
    assert_eq!(
        Csv::of(&["a"])
            .plan(|plan| plan.line_end = LineEnd::Crlf)
            .read(content),
        [
            "1 @0+1 row: [1]",
            "2 @3+1 refused line-end: the line ends with LF, expected CRLF",
            "3 @5+1 row: [3]",
            "4 @8+6 refused line-end: the line ends with LF, expected CRLF",
        ]
    );
    assert_eq!(
        Csv::of(&["a"])
            .plan(|plan| plan.line_end = LineEnd::Lf)
            .read("1\r\n2\n"),
        [
            "1 @0+1 refused line-end: the line ends with CRLF, expected LF",
            "2 @3+1 row: [2]",
        ]
    );
}

#[test]
fn a_nul_byte_refuses_the_line_only() {
    assert_eq!(
        Csv::of(&["a", "b"]).read(b"1,2\n3,x\0\n\"\0\",4\n5,6\n"),
        [
            "1 @0+3 row: [1][2]",
            "2 @4+4 refused nul-byte: field 2 has a NUL byte",
            "3 @9+5 refused nul-byte: field 1 has a NUL byte",
            "4 @15+3 row: [5][6]",
        ]
    );
}

#[test]
fn a_byte_order_mark_is_refused_admitted_or_required() {
    let (with, without) = ("\u{FEFF}1\n", "1\n");
    let csv = |bom| Csv::of(&["a"]).plan(|plan| plan.bom = bom);
    assert_eq!(
        csv(Bom::Refuse).read(with),
        [
            "at open, error unexpected-bom: the content begins with a byte order mark; \
          `bom = \"optional\"` admits it (at byte 0)"
        ]
    );
    assert_eq!(csv(Bom::Optional).read(with), ["1 @3+1 row: [1]"]);
    assert_eq!(csv(Bom::Optional).read(without), ["1 @0+1 row: [1]"]);
    assert_eq!(csv(Bom::Required).read(with), ["1 @3+1 row: [1]"]);
    assert_eq!(
        csv(Bom::Required).read(without),
        [
            "at open, error missing-bom: the content does not begin with a byte order mark, `bom` is \
          `required` (at byte 0)"
        ]
    );
}

#[test]
fn a_utf_8_byte_order_mark_in_a_gbk_file_says_that_it_is_utf_8() {
    let csv = Csv::of(&["a"]).plan(|plan| {
        plan.encoding = Encoding::Gbk;
        plan.bom = Bom::Optional;
    });
    assert_eq!(
        csv.read("\u{FEFF}陕\n"),
        [
            "at open, error unexpected-bom: the text begins with a UTF-8 byte order mark but is \
          declared GBK (at byte 0)"
        ]
    );
}

#[test]
fn a_utf_16_file_is_named_with_and_without_its_mark() {
    let little = |text: &str| {
        text.encode_utf16()
            .flat_map(u16::to_le_bytes)
            .collect::<Vec<u8>>()
    };
    let big = |text: &str| {
        text.encode_utf16()
            .flat_map(u16::to_be_bytes)
            .collect::<Vec<u8>>()
    };
    let marked = |found| {
        format!(
            "at open, error utf-16-content: the text begins with a {found} byte order mark but is \
             declared UTF-8 (at byte 0)"
        )
    };
    let csv = Csv::of(&["a"]);
    assert_eq!(csv.read(little("\u{FEFF}1\n")), [marked("UTF-16LE")]);
    assert_eq!(csv.read(big("\u{FEFF}1\n")), [marked("UTF-16BE")]);
    let bare =
        "at open, error utf-16-content: the content looks like UTF-16, expected UTF-8 (at byte 0)";
    assert_eq!(csv.read(little("1\n")), [bare]);
    assert_eq!(csv.read(big("1\n")), [bare]);
}

#[test]
fn a_header_row_repeated_mid_file_is_refused() {
    assert_eq!(
        Csv::by_name(&["a", "b"]).read("a,b\n1,2\na,b\r\n3,4\n"),
        [
            "1 @4+3 row: [1][2]",
            "2 @8+3 refused repeated-header: the line is the header row once more",
            "3 @13+3 row: [3][4]",
        ]
    );
}

#[test]
fn a_header_row_with_a_name_twice_refuses_the_file() {
    assert_eq!(
        Csv::by_name(&["a", "b"]).read("a,b,a\n1,2,3\n"),
        [
            "at open, error duplicate-header: the header row has `a` twice, again as column 3 (at byte 0)"
        ]
    );
}

#[test]
fn more_or_fewer_columns_refuse_the_line_only() {
    assert_eq!(
        Csv::of(&["a", "b"]).read("1,2,3\n4\n\n5,6\n"),
        [
            "1 @0+5 refused column-count: number of fields: found 3, expected 2 for `row`",
            "2 @6+1 refused column-count: number of fields: found 1, expected 2 for `row`",
            "3 @8+0 refused column-count: number of fields: found 1, expected 2 for `row`",
            "4 @9+3 row: [5][6]",
        ]
    );
}

#[test]
fn a_trailer_gives_its_promises_so_that_the_controls_can_compare_them() {
    let csv = Csv::kinds(vec![
        kind("row", &["amount"], Vec::new()),
        kind("trailer", &["count", "sum"], vec![Condition::Last]),
    ]);
    assert_eq!(
        csv.read("100\n200\n3,999\n"),
        [
            "1 @0+3 row: [100]",
            "2 @4+3 row: [200]",
            "3 @8+5 trailer: [3][999]"
        ]
    );
}

#[test]
fn a_missing_final_line_end_is_read_unless_it_means_a_cut_file() {
    let csv = Csv::of(&["a", "b"]);
    assert_eq!(
        csv.read("1,2\n3,4"),
        ["1 @0+3 row: [1][2]", "2 @4+3 row: [3][4]"]
    );
    let strict = csv.plan(|plan| plan.final_line_end = FinalLineEnd::Required);
    assert_eq!(
        strict.read("1,2\n3,4"),
        [
            "1 @0+3 row: [1][2]",
            "error missing-final-line-end: the last line has no line end, so the content was \
             probably cut (at byte 7)",
        ]
    );
    assert_eq!(strict.read("1,2\n"), ["1 @0+3 row: [1][2]"]);
}

#[test]
fn zero_bytes_are_refused_where_a_header_row_is_declared() {
    assert_eq!(
        Csv::by_name(&["a"]).read(""),
        ["at open, error empty-file: the content is empty, expected a header row (at byte 0)"]
    );
    assert_eq!(
        Csv::by_name(&["a"])
            .plan(|plan| plan.bom = Bom::Optional)
            .read("\u{FEFF}"),
        ["at open, error empty-file: the content is empty, expected a header row (at byte 3)"]
    );
    assert_eq!(Csv::of(&["a"]).read(""), [""; 0]);
}

#[test]
fn only_a_header_row_is_a_file_without_records() {
    assert_eq!(Csv::by_name(&["a", "b"]).read("b,a"), [""; 0]);
    let by_position = Csv::of(&["a", "b"]).plan(|plan| plan.header = Header::Position);
    assert_eq!(by_position.read("a,b\r\n"), [""; 0]);
}

#[test]
fn a_separator_byte_inside_a_gbk_character_does_not_split_it() {
    // U+4E42 and U+4E5A are 0x817C and 0x815C in GBK: their second bytes are `|` and `\`.
    for (separator, character) in [("|", b"\x81\x7C"), ("\\", b"\x81\x5C")] {
        for encoding in [Encoding::Gbk, Encoding::Gb18030] {
            let csv = Csv::of(&["a", "b"]).plan(|plan| {
                plan.encoding = encoding;
                plan.separator = separator.into();
            });
            let text = encoding
                .decode(character)
                .expect("a character")
                .into_owned();
            let line = [&character[..], separator.as_bytes(), b"1\n"].concat();
            assert_eq!(csv.read(line), [format!("1 @0+4 row: [{text}][1]")]);
            let quoted = [b"\"", &character[..], b"\n\"", separator.as_bytes(), b"1\n"].concat();
            assert_eq!(csv.read(quoted), [format!("1 @0+7 row: [{text}\n][1]")]);
        }
    }
}

#[test]
fn a_cut_gbk_character_swallows_no_separator() {
    let csv = Csv::of(&["a", "b"]).plan(|plan| plan.encoding = Encoding::Gbk);
    assert_eq!(
        csv.read(b"\xC9,1\n\xC9\xC2,2\n"),
        [
            "1 @0+3 row: <byte 0 is not GBK: `C9`: the character is cut off>[1]",
            "2 @4+4 row: [陕][2]",
        ]
    );
    let piped = csv.plan(|plan| plan.separator = "|".into());
    assert_eq!(
        piped.read(b"\xC9\xC2|1\nx\xFF|2\n\xC9\xC2|3\n"),
        [
            "1 @0+4 row: [陕][1]",
            "2 @5+4 refused undecodable-line: in this line byte 1 is not GBK: `FF`: no character \
             has these bytes",
            "3 @10+4 row: [陕][3]",
        ]
    );
}

#[test]
fn content_above_its_limit_refuses_the_file() {
    let csv = Csv::of(&["a"]).limits(|limits| limits.content_bytes = 4);
    assert_eq!(csv.read("1\n2\n"), ["1 @0+1 row: [1]", "2 @2+1 row: [2]"]);
    assert_eq!(
        csv.read("1\n2\n3"),
        [
            "at open, error lines-content-too-large: content_bytes is larger than the limit of 4 (at byte 4)"
        ]
    );
}

#[test]
fn a_disk_that_fails_is_an_error_and_not_an_end() {
    struct Broken;
    impl Read for Broken {
        fn read(&mut self, _: &mut [u8]) -> std::io::Result<usize> {
            Err(std::io::Error::other("the disk is gone"))
        }
    }
    let said = Csv::of(&["a"]).read_from((b"1\n2\n3".as_slice()).chain(Broken));
    assert_eq!(
        said,
        [
            "1 @0+1 row: [1]",
            "2 @2+1 row: [2]",
            "error read: the content cannot be read: the disk is gone",
        ]
    );
}
