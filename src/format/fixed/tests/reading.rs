//! What is read: places, pads, signs, kinds of record and the values they share.

use super::support::fixed;

const ACCOUNTS: &str = r#"
[format.fixed]
encoding = "GBK"
[record.detail]
fixed = { columns = { mark = [1, 1], name = [2, 6], amount = [10, 5] } }
from = ["mark", "name"]
numbers = ["amount"]
"#;

/// A layout of one number in a column of a style.
fn number(style: &str, width: usize) -> super::support::Fixed {
    fixed(&format!(
        "[format.fixed]\nstyle.it = {{ {style} }}\n[record.n]\nnumbers = [\"n\"]\n\
         fixed = {{ columns = {{ n = [1, {width}, \"it\"] }} }}\n"
    ))
}

#[test]
fn fields_are_cut_by_bytes_and_lose_their_pads() {
    assert_eq!(
        fixed(ACCOUNTS).read(b"D\xC9\xC2A   xx00123\nD      xx00000\r\nD abc  ..     "),
        [
            "1 @0+14 detail: [D][陕A][123]",
            "2 @15+14 detail: [D][][0]",
            "3 @31+14 detail: [D][ abc][]",
        ]
    );
}

#[test]
fn a_column_without_a_start_follows_the_one_above() {
    let follows = fixed(
        "[format.fixed]\nbetween = \"|\"\n[record.row]\nfrom = [\"a\", \"b\", \"c\"]\n\
         fixed = { columns = { a = 2, b = 3, c = 1 } }\n",
    );
    assert_eq!(
        follows.read("xx|yyy|z\nxx|yyy z\n"),
        [
            "1 @0+8 row: [xx][yyy][z]",
            "2 @9+8 row refused gap-byte: byte 7 between the fields is 20, expected `|`",
        ]
    );
}

#[test]
fn every_form_of_sign_is_read() {
    for (style, good) in [
        (
            "sign = \"minus\"",
            [("-0012", "-12"), ("00012", "12"), ("00000", "0")],
        ),
        (
            "sign = \"minus\", pad = \" \"",
            [("  -12", "-12"), ("   12", "12"), ("    0", "0")],
        ),
        (
            "sign = \"leading\"",
            [("-0012", "-12"), ("+0012", "12"), ("+0000", "0")],
        ),
        (
            "sign = \"leading_minus\"",
            [("-0012", "-12"), (" 0012", "12"), (" 0000", "0")],
        ),
        (
            "sign = \"trailing\"",
            [("0012-", "-12"), ("0012+", "12"), ("0000+", "0")],
        ),
        (
            "sign = \"trailing_minus\"",
            [("0012-", "-12"), ("0012 ", "12"), ("0000 ", "0")],
        ),
        (
            "sign = \"overpunch\"",
            [("0001K", "-12"), ("0001B", "12"), ("0000{", "0")],
        ),
        (
            "sign = \"none\"",
            [("00012", "12"), ("99999", "99999"), ("00000", "0")],
        ),
        (
            "sign = \"minus\", align = \"left\", pad = \" \"",
            [("-12  ", "-12"), ("12   ", "12"), ("0    ", "0")],
        ),
    ] {
        let layout = number(style, 5);
        for (bytes, value) in good {
            assert_eq!(
                layout.read(bytes),
                [format!("1 @0+5 n: [{value}]")],
                "{style}"
            );
        }
        assert_eq!(layout.read("     "), ["1 @0+5 n: []"], "{style}");
    }
}

#[test]
fn a_number_without_its_sign_is_refused_and_never_guessed() {
    let refused = "1 @0+5 n refused sign-form n.n: the number at byte 1 of the record (offset 0) \
                   has no sign of its column's form";
    for (style, bad) in [
        ("sign = \"minus\"", ["00-12", "0012-", "--012"]),
        ("sign = \"leading\"", ["00012", " 0012", "+-012"]),
        ("sign = \"leading_minus\"", ["+0012", "00012", "--012"]),
        ("sign = \"trailing\"", ["00012", "0012 ", "-012+"]),
        ("sign = \"trailing_minus\"", ["0012+", "00012", "-0012"]),
        ("sign = \"overpunch\"", ["0001Z", "0001 ", "0012-"]),
        ("sign = \"none\"", ["-0012", "0012-", "+0012"]),
    ] {
        for bytes in bad {
            assert_eq!(number(style, 5).read(bytes), [refused], "{style} {bytes}");
        }
    }
}

#[test]
fn other_bytes_in_a_number_are_left_for_its_type_to_refuse() {
    let layout = number("sign = \"minus\"", 8);
    assert_eq!(layout.read("   00012"), ["1 @0+8 n: [   00012]"]);
    assert_eq!(layout.read("0012.345"), ["1 @0+8 n: [12.345]"]);
    assert_eq!(layout.read("０１00"), ["1 @0+8 n: [０１00]"]);
    assert_eq!(layout.read("\u{3000}   12"), ["1 @0+8 n: [\u{3000}   12]"]);
}

#[test]
fn kinds_are_told_by_bytes_at_a_place_by_their_order_and_by_their_length() {
    let layout = fixed(
        r#"
[format.fixed]
[record.head]
fixed = { match = { first = true }, columns = { day = [1, 4] } }
from = ["day"]
[record.debit]
fixed = { match = { at = 2, equals = "D" }, columns = { no = [3, 2] } }
from = ["no"]
[record.other]
fixed = { match = { at = 2, one_of = ["C", "陕"] }, length = 4, columns = { no = [1, 1] } }
from = ["no"]
[record.long]
fixed = { match = { length = 6 }, columns = { text = [1, 6] } }
from = ["text"]
[record.tail]
fixed = { match = { last = true, at = 1, equals = "T" }, columns = { count = [2, 3] } }
numbers = ["count"]
"#,
    );
    assert_eq!(
        layout.read("1D01\n1D02\n2C  \n3陕\nabcdef\nT9\n\u{7f}\nT004\n"),
        [
            "1 @0+4 head: [1D01]",
            "2 @5+4 debit: [02]",
            "3 @10+4 other: [2]",
            "4 @15+4 other: [3]",
            "5 @20+6 long: [abcdef]",
            "6 @27+2 ? refused unmatched-record: the record fits the `match` of no kind of record",
            "7 @30+1 ? refused unmatched-record: the record fits the `match` of no kind of record",
            "8 @32+4 tail: [4]",
        ]
    );
}

#[test]
fn values_of_another_kind_are_shared_until_its_group_ends() {
    let layout = fixed(
        r#"
[format.fixed]
[record.batch]
fixed = { match = { at = 1, equals = "B" }, columns = { no = [2, 2] } }
numbers = ["no"]
[record.detail]
inside = "batch"
fixed = { match = { at = 1, equals = "D" }, columns = { card = [2, 2] } }
from = ["card", "batch.no"]
[record.addendum]
inside = "detail"
fixed = { match = { at = 1, equals = "A" }, columns = { note = [2, 2] } }
from = ["note", "detail.card"]
numbers = ["batch.no"]
[record.batch_end]
closes = "batch"
fixed = { match = { at = 1, equals = "E" }, columns = { mark = 1 } }
numbers = ["batch.no"]
[record.note]
fixed = { columns = { text = 1 } }
from = ["batch.no", "detail.card"]
"#,
    );
    assert_eq!(
        layout.read("B01\nDxx\nAn1\nDyyy\nAn2\nE\n.\nB2x\nDzz\nE\n"),
        [
            "1 @0+3 batch: [1]",
            "2 @4+3 detail: [xx][01]",
            "3 @8+3 addendum: [n1][xx][1]",
            "4 @12+4 detail refused record-length: number of bytes: found 4, expected 3 for `detail`",
            // The refused line's own addendum must not get the card of the line before.
            "5 @17+3 addendum: [n2]-[1]",
            "6 @21+1 batch_end: [1]",
            "7 @23+1 note: --",
            "8 @25+3 batch: [2x]",
            "9 @29+3 detail: [zz][2x]",
            "10 @33+1 batch_end: [2x]",
        ]
    );
}
