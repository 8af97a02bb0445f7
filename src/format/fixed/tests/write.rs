//! What is written, to the byte, and what is not.

use super::support::fixed;

const MESSAGE: &str = r#"
[format.fixed]
encoding = "GBK"
line_end = "crlf"
style.signed = { sign = "trailing", pad = "0" }
[record.head]
occurs = "once"
fixed = { match = { first = true, at = 1, equals = "H" }, length = 20, columns = { mark = [1, 1], day = [2, 8] } }
from = ["day"]
[record.detail]
inside = "head"
fixed = { match = { at = 1, equals = "D" }, length = 20, columns = { mark = [1, 1], name = [3, 6], net = [9, 6, "signed"], count = [15, 4] } }
from = ["mark", "name"]
numbers = ["net", "count"]
[record.tail]
closes = "head"
fixed = { match = { at = 1, equals = "T" }, columns = { rows = [2, 4] } }
numbers = ["rows"]
"#;

#[test]
fn a_file_is_written_to_the_byte() {
    let written = fixed(MESSAGE).write(&[
        (0, vec!["20260301"]),
        (1, vec!["D", "陕A", "-1200", "7"]),
        (1, vec!["", "", "", ""]),
        (2, vec!["2"]),
    ]);
    let expected: &[u8] = b"H20260301           \r\nD \xC9\xC2A   01200-0007  \r\n\
                            D                   \r\nT0002\r\n";
    assert_eq!(written.expect("it fits"), expected);
}

#[test]
fn the_last_line_may_be_written_without_its_line_end() {
    let layout = MESSAGE.replace(
        "line_end = \"crlf\"",
        "line_end = \"crlf\"\nfinal_line_end = \"omitted\"",
    );
    let written = fixed(&layout).write(&[(0, vec!["20260301"]), (2, vec!["0"])]);
    assert_eq!(written.expect("it fits"), b"H20260301           \r\nT0000");
}

#[test]
fn what_does_not_fit_is_refused_and_never_cut() {
    let layout = fixed(MESSAGE);
    let refused = |values: [&str; 4]| {
        let records = [(0, vec!["20260301"]), (1, values.to_vec())];
        layout.write(&records).expect_err("it does not fit")
    };
    assert_eq!(
        refused(["D", "陕西咸阳", "0", "0"]),
        "field-does-not-fit: `detail`: the value of `name` has 8 bytes, the field has 6"
    );
    assert_eq!(
        refused(["D", "a", "100000", "0"]),
        "field-does-not-fit: `detail`: the value of `net` has 7 bytes, the field has 6"
    );
    assert_eq!(
        refused(["D", "a", "0", "-1000"]),
        "field-does-not-fit: `detail`: the value of `count` has 5 bytes, the field has 4"
    );
    assert_eq!(
        refused(["D", "😀", "0", "0"]),
        "field-does-not-fit: `detail`: the value of `name` cannot be written: character 1 \
         (`😀`, U+1F600) does not exist in GBK"
    );
    assert_eq!(
        refused(["D", "a ", "0", "0"]),
        "field-does-not-fit: `detail`: the value of `name` would be read back as `a`, because the \
         field is padded with ` `"
    );
    assert_eq!(
        refused(["D", "a\nb", "0", "0"]),
        "field-does-not-fit: `detail`: the value of `name` has a NUL, a line end or a byte 1A"
    );
    assert_eq!(
        refused(["X", "a", "0", "0"]),
        "unwritable-record: `detail`: the record would be read back as `no kind`"
    );
}

#[test]
fn records_are_written_in_their_groups_or_not_at_all() {
    let layout = fixed(MESSAGE);
    let head = || (0, vec!["20260301"]);
    let detail = || (1, vec!["D", "a", "0", "0"]);
    assert_eq!(
        layout.write(&[head(), detail()]).expect_err("no trailer"),
        "missing-record: `the file`: `head` of line 1 has no `tail` when the content ends"
    );
    assert_eq!(
        layout
            .write(&[head(), (2, vec!["0"]), detail()])
            .expect_err("after the trailer"),
        "misplaced-record: `detail`: `detail` stands outside of a `head`: the one of line 1 is over"
    );
}

#[test]
fn canonical_bytes_read_and_write_back_as_they_were() {
    let layout = fixed(MESSAGE);
    let bytes: &[u8] = b"H20260301           \r\nD \xC9\xC2A   01200-0007  \r\n\
                         D ab    00000+0000  \r\nT0002\r\n";
    let values = layout.values(bytes).expect("the fixture is good");
    let records: Vec<(usize, Vec<&str>)> = (values.iter())
        .map(|(kind, values)| (*kind, values.iter().map(String::as_str).collect()))
        .collect();
    assert_eq!(layout.write(&records).expect("it was just read"), bytes);
}
