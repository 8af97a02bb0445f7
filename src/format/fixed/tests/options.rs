//! What people write in a mapping, and what is said about it.

use super::support::{fixed, said};
use crate::document::key_table_faults;
use crate::format::fixed::plan::{
    BlankLines, EndOfFileMark, FinalLineEnd, FixedPlan, Gaps, LineEnd, LongLines, ShortLines,
};
use crate::format::fixed::shape::{Align, Sign, Style};
use crate::format::fixed::{FORMAT_KEYS, RECORD_KEYS};
use crate::format::{FormatPlan, lines};
use crate::text::Encoding;

#[test]
fn the_key_tables_have_no_faults() {
    assert_eq!(key_table_faults(FORMAT_KEYS), [""; 0]);
    assert_eq!(key_table_faults(RECORD_KEYS), [""; 0]);
    assert_eq!(key_table_faults(&lines::RECORD_KEYS), [""; 0]);
}

#[test]
fn every_key_is_read() {
    let read = fixed(
        r#"
[format.fixed]
encoding = "GB18030"
line_end = "crlf"
final_line_end = "required"
blank_lines = "skip"
length = 40
between = " "
gaps = "blank"
short_lines = "pad"
long_lines = "blank"
end_of_file_mark = "optional"
style.number = { pad = " " }
style.code = { align = "right", pad = "*" }
style.net = { sign = "overpunch" }
[record.row]
fixed = { columns = { a = 2, net = [4, 8, "net"] } }
from = ["a"]
"#,
    );
    let plan = FixedPlan {
        encoding: Encoding::Gb18030,
        line_end: LineEnd::Crlf,
        final_line_end: FinalLineEnd::Required,
        blank_lines: BlankLines::Skip,
        length: Some(40),
        between: Some(b' '),
        gaps: Gaps::Blank,
        short_lines: ShortLines::Pad,
        long_lines: LongLines::Blank,
        end_of_file_mark: EndOfFileMark::Optional,
        styles: [
            (
                "number",
                Style {
                    pad: b' ',
                    ..Style::number()
                },
            ),
            ("text", Style::text()),
            (
                "code",
                Style {
                    align: Align::Right,
                    pad: b'*',
                    sign: None,
                },
            ),
            (
                "net",
                Style {
                    sign: Some(Sign::Overpunch),
                    ..Style::number()
                },
            ),
        ]
        .into_iter()
        .map(|(name, style)| (name.to_owned(), style))
        .collect(),
    };
    assert!(matches!(read.plan, FormatPlan::Fixed(found) if found == plan));
}

#[test]
fn every_mistake_in_a_format_is_found_in_one_pass() {
    assert_eq!(
        said(
            r#"
[format.fixed]
encoding = "GBK"
line_end = "none"
between = "陕"
short_lines = "pad"
style.text = { sign = "minus" }
style.cut = { pad = "_" }
style.late = { sign = "trailing_minus", align = "left", pad = " " }
style.wrong = { sign = "minus", pad = "1" }
[record]
"#
        ),
        [
            "4:1 fixed-option: without line ends, `length` must say how many bytes a record has (add \
             `length = …`, the bytes of one record)",
            "5:11 fixed-option: `陕` cannot be the byte between columns (write one printable ASCII \
             character, such as \" \")",
            "6:1 fixed-option: `short_lines` means nothing with `line_end = \"none\"`",
            "7:16 fixed-option: the style `text` is that of fields that are no numbers, so it has no sign",
            "8:15 fixed-option: the style `cut` pads on the right with a byte that can be the end of a \
             character in this encoding",
            "9:41 fixed-option: the style `late` has a blank as its sign and blanks after it, which \
             cannot be told apart",
            "10:33 fixed-option: the style `wrong` would pad a number with digits that change it",
        ]
    );
}

#[test]
fn every_mistake_in_records_is_found_in_one_pass() {
    let help = "(write `[start, length]` with the first byte counted from 1, a length alone when it \
                follows the column above, or `[start, length, \"style\"]`)";
    assert_eq!(
        said(
            r#"
[format.fixed]
length = 20
[record.a]
fixed = { columns = { a = [1, 5], b = [5, 2], c = [19, 3], d = [0, 1], e = ["x"], f = [8, 1, "numbr"] } }
[record.b]
fixed = { match = { at = 20, equals = "DD" }, columns = { a = 1 } }
[record.c]
fixed = { match = { at = 1 }, columns = { } }
[record.d]
fixed = { match = { first = false, one_of = ["x"] }, columns = { a = 1 } }
"#
        ),
        [
            "5:35 fixed-columns: `b` (bytes 5 to 6) overlaps `a` (bytes 1 to 5)".to_owned(),
            "5:47 fixed-columns: `c` ends at byte 21, but the record has 20".to_owned(),
            format!("5:60 fixed-columns: `d` is no place of a column {help}"),
            format!("5:72 fixed-columns: `e` is no place of a column {help}"),
            "5:94 fixed-columns: there is no style `numbr` (did you mean `number`?)".to_owned(),
            "7:39 fixed-match: `DD` would end at byte 21, but the record has 20".to_owned(),
            "9:21 fixed-match: `at` needs `equals` or `one_of`".to_owned(),
            "9:31 fixed-columns: in `[record.c.fixed]` `columns` names none".to_owned(),
            "11:29 fixed-match: `first = false` means nothing (write `first = true` or leave it out)"
                .to_owned(),
            "11:36 fixed-match: `one_of` needs `at`, a byte from 1".to_owned(),
        ]
    );
}

#[test]
fn kinds_and_columns_that_are_not_told_apart_or_not_there_are_found() {
    assert_eq!(
        said(
            r#"
[format.fixed]
between = "|"
[record.a]
fixed = { columns = { card = [1, 4], amount = [5, 2] } }
[record.b]
fixed = { columns = { a = 1, b = 2 } }
"#
        ),
        ["5:38 fixed-columns: `amount` begins at byte 5, which leaves none for `between`"]
    );
    assert_eq!(
        said(
            r#"
[format.fixed]
[record.a]
fixed = { columns = { card = [1, 4] } }
from = ["crad"]
[record.b]
fixed = { columns = { a = 1, b = 2 } }
"#
        ),
        [
            "5:9 unknown-fixed-column: `crad` is no column of `a` (did you mean `card`?)",
            "6:9 fixed-match: `b` has no `match`, and neither has `a` (give each kind something that \
             tells its records from the others')",
        ]
    );
}
