//! What is written, to the byte, and what is not.

use super::support::{Csv, at_column, column_of, kind, named};
use crate::format::csv::plan::{BlankLines, Bom, FinalLineEnd, Header, LineEnd, TrailingSeparator};
use crate::format::csv::select::Condition;
use crate::text::Encoding;

fn text(written: Result<Vec<u8>, String>) -> String {
    String::from_utf8(written.expect("it can be written")).expect("it is UTF-8")
}

fn row(values: &[&'static str]) -> (usize, Vec<&'static str>) {
    (0, values.to_vec())
}

#[test]
fn a_file_is_written_with_its_header_row_separators_and_line_ends() {
    let csv = Csv::by_name(&["a", "b"]);
    assert_eq!(
        text(csv.write(&[row(&["1", "x,y"]), row(&["", "\""])])),
        "a,b\n1,\"x,y\"\n,\"\"\"\"\n"
    );
    let csv = Csv::of(&["a", "b"]).plan(|plan| {
        plan.line_end = LineEnd::Crlf;
        plan.trailing_separator = TrailingSeparator::Required;
        plan.bom = Bom::Required;
        plan.separator = "||".into();
    });
    assert_eq!(text(csv.write(&[row(&["1", "2"])])), "\u{FEFF}1||2||\r\n");
}

#[test]
fn a_closing_line_may_end_the_file_without_a_line_end() {
    let csv = Csv::of(&["a"]).plan(|plan| {
        plan.line_end = LineEnd::Crlf;
        plan.final_line_end = FinalLineEnd::Omitted;
    });
    assert_eq!(text(csv.write(&[row(&["1"]), row(&["2"])])), "1\r\n2");
    assert_eq!(text(csv.write(&[])), "");
    for read in [&b"1\r\n2"[..], b"1\r\n2\r\n"] {
        assert_eq!(csv.values(read).expect("both are read").len(), 2);
    }
}

#[test]
fn a_file_without_records_still_has_its_header_row() {
    assert_eq!(text(Csv::by_name(&["a", "b"]).write(&[])), "a,b\n");
    assert_eq!(text(Csv::of(&["a"]).write(&[])), "");
}

#[test]
fn canonical_bytes_read_and_write_back_as_they_were() {
    let plain = Csv::of(&["a", "b", "c"]);
    let gbk = plain.clone().plan(|plan| plan.encoding = Encoding::Gbk);
    let piped = plain.clone().plan(|plan| {
        plan.encoding = Encoding::Gb18030;
        plan.separator = "|".into();
        plan.quote = None;
    });
    let cases: [(&Csv, &[u8]); 4] = [
        (&plain, b"1,2,3\n\"a,b\",\" c\",\"d\"\"\n\"\n,,\n"),
        (&gbk, b"\xC9\xC2A,\"\xC9\xC2,\",5\n"),
        (&piped, b"\x81\x7C|\"|5\n||\n"),
        (&piped, b"\x94\x39\xFC\x36|x|\xC9\xC2\n"),
    ];
    for (csv, bytes) in cases {
        let values = csv.values(bytes).expect("the fixture is good");
        let records: Vec<(usize, Vec<&str>)> = (values.iter())
            .map(|row| (0, row.iter().map(String::as_str).collect()))
            .collect();
        assert_eq!(csv.write(&records).expect("it was just read"), bytes);
    }
}

#[test]
fn a_character_that_the_encoding_lacks_is_named_with_its_column() {
    let csv = Csv::of(&["card", "name"]).plan(|plan| plan.encoding = Encoding::Gbk);
    assert_eq!(
        csv.write(&[row(&["1", "张😀"])]),
        Err("unwritable-field: `row`: the value of `name`: character 2 (`😀`, U+1F600) does not exist in GBK".into())
    );
    let csv = Csv::by_name(&["姓😀"]).plan(|plan| plan.encoding = Encoding::Gbk);
    assert_eq!(
        csv.write(&[]),
        Err("unwritable-field: `row`: the value of `姓😀`: character 2 (`😀`, U+1F600) does not exist in GBK".into())
    );
}

#[test]
fn a_value_that_no_quotes_can_hold_is_refused() {
    let csv = Csv::of(&["card", "name"]).plan(|plan| plan.quote = None);
    assert_eq!(
        csv.write(&[row(&["1", "a,b"])]),
        Err("unwritable-field: `row`: the value of `name` has the separator in it, and the format has no quotes".into())
    );
}

#[test]
fn lines_of_several_kinds_are_written_where_they_belong() {
    let mut detail = kind("detail", &["type", "card"], Vec::new());
    detail.slots = vec![vec![at_column(1)], vec![column_of(0, 1)]];
    let is_h = Condition::Column {
        column: 0,
        values: vec!["H".into()],
    };
    let csv = Csv::kinds(vec![
        kind("header", &["type", "day"], vec![is_h, Condition::First]),
        detail,
        kind("trailer", &["count"], vec![Condition::Last]),
    ]);
    let header = (0, vec!["H", "0301"]);
    let records = [header.clone(), (1, vec!["A", "0301"]), (2, vec!["1"])];
    assert_eq!(text(csv.write(&records)), "H,0301\n,A\n1\n");
    assert_eq!(
        csv.write(&[header.clone(), (2, vec!["0"]), (1, vec!["A"])]),
        Err("unwritable-record: `detail`: `trailer` is the last line, nothing follows it".into())
    );
    assert_eq!(
        csv.write(std::slice::from_ref(&header)),
        Err(
            "unwritable-record: `trailer`: it is the last line of the file and was not written"
                .into()
        )
    );
    assert_eq!(
        csv.write(&[(1, vec!["A"]), header]),
        Err("unwritable-record: `header`: the line would be read back as `detail`".into())
    );
    assert_eq!(
        csv.write(&[(0, vec!["X", "0301"])]),
        Err("unwritable-record: `header`: the line would be read back as `detail`".into())
    );
}

#[test]
fn what_a_match_says_of_a_column_is_written_where_no_field_says_it() {
    let is_h = Condition::Column {
        column: 0,
        values: vec!["H".into()],
    };
    let mut header = kind("header", &["type", "day"], vec![is_h]);
    header.slots = vec![vec![at_column(1)]];
    let csv = Csv::kinds(vec![header, kind("row", &["a"], Vec::new())]);
    assert_eq!(
        text(csv.write(&[(0, vec!["0301"]), (1, vec!["5"])])),
        "H,0301\n5\n"
    );
}

#[test]
fn the_header_row_is_written_after_a_first_line_of_its_own_kind() {
    let title = kind("title", &["what"], vec![Condition::First]);
    let csv =
        Csv::kinds(vec![title, named("row", &["a", "b"])]).plan(|plan| plan.header = Header::Name);
    assert_eq!(
        text(csv.write(&[(0, vec!["list"]), (1, vec!["1", "2"])])),
        "list\na,b\n1,2\n"
    );
}

#[test]
fn a_line_that_would_be_read_back_otherwise_is_refused() {
    let csv = Csv::by_name(&["a", "b"]);
    assert_eq!(
        csv.write(&[row(&["1", "2"]), row(&["a", "b"])]),
        Err("unwritable-record: `row`: the line would be the header row once more".into())
    );
    assert_eq!(
        Csv::of(&["a"]).write(&[row(&["\u{FEFF}1"])]),
        Err("unwritable-record: `row`: the file would begin with a byte order mark".into())
    );
    let skipping = Csv::of(&["a"]).plan(|plan| plan.blank_lines = BlankLines::Skip);
    assert_eq!(text(skipping.write(&[row(&[""])])), "\"\"\n");
    let unquoted = skipping.plan(|plan| plan.quote = None);
    assert_eq!(
        unquoted.write(&[row(&[""])]),
        Err(
            "unwritable-field: `row`: the value of `a` would make a blank line, which is skipped"
                .into()
        )
    );
}

#[test]
fn one_column_from_two_fields_must_be_the_same() {
    let mut twice = kind("row", &["a"], Vec::new());
    twice.slots = vec![vec![at_column(0)], vec![at_column(0)]];
    let csv = Csv::kinds(vec![twice]);
    assert_eq!(text(csv.write(&[row(&["1", "1"])])), "1\n");
    assert_eq!(
        csv.write(&[row(&["1", "2"])]),
        Err("unwritable-field: `row`: the value of `a` is given twice, and differently".into())
    );
}
