//! Groups of lines, delimited: each break of the structure with its code and line.

use std::io::Cursor;

use crate::document::{Key, read_text};
use crate::format::trial::{layout_keys, line_keys, read_layout};
use crate::format::{FormatError, FormatPlan, Layout, Limits, Next, Reader, csv};

const RECORDS: &[Key] = &line_keys("csv", csv::RECORD_KEYS);
const ROOT: &[Key] = &layout_keys(RECORDS);

/// A file header, batches of details with addenda, a summary, a file trailer.
const FILE: &str = r#"
[format.csv]
[record.head]
occurs = "once"
csv = { match = { column = 1, equals = "H" }, columns = ["mark", "day"] }
[record.batch]
inside = "head"
occurs = "one_or_more"
csv = { match = { column = 1, equals = "B" }, columns = ["mark", "no"] }
from = ["no", "head.day"]
[record.detail]
inside = "batch"
csv = { match = { column = 1, equals = "D" }, columns = ["mark", "card"] }
from = ["card", "batch.no", "head.day"]
[record.addendum]
inside = "detail"
occurs = "optional"
csv = { match = { column = 1, equals = "A" }, columns = ["mark", "note"] }
from = ["note", "detail.card", "batch.no"]
[record.batch_end]
closes = "batch"
csv = { match = { column = 1, equals = "E" }, columns = ["mark"] }
from = ["batch.no"]
[record.summary]
inside = "head"
after = ["batch"]
csv = { match = { column = 1, equals = "S" }, columns = ["mark"] }
from = ["batch.no", "head.day"]
[record.tail]
closes = "head"
csv = { match = { column = 1, equals = "T" }, columns = ["mark"] }
from = ["head.day"]
"#;

fn layout(text: &str) -> (Vec<String>, Option<(FormatPlan, Layout)>) {
    let (layout, problems) = read_text(text, ROOT, read_layout);
    let has_errors = problems.has_errors();
    (problems.lines(), layout.filter(|_| !has_errors))
}

/// What is said about content, one line for each record.
fn read(text: &str, content: &str) -> Vec<String> {
    let (said, layout) = layout(text);
    assert_eq!(said, [""; 0]);
    let (plan, layout) = layout.expect("it has no problem");
    let content = Box::new(Cursor::new(content.as_bytes().to_vec()));
    let mut reader = Reader::open(&plan, &layout, &Limits::default(), content).expect("readable");
    let mut record = reader.record();
    let mut said = Vec::new();
    loop {
        match reader.next(&mut record) {
            Ok(Next::End) => return said,
            Ok(Next::Record) => {
                let values: Vec<String> = (0..record.slots())
                    .map(|slot| record.text(slot).expect("it is UTF-8"))
                    .map(|text| text.map_or("-".to_owned(), |text| format!("[{text}]")))
                    .collect();
                said.push(format!(
                    "{}{}",
                    layout.records[record.kind()].name,
                    values.concat()
                ));
            }
            Ok(Next::Refused(reject)) => {
                let kind = reader.refused_kind();
                let kind = kind.map_or("?", |kind| layout.records[kind].name.as_str());
                said.push(format!("{kind} refused {}", reject.code.id));
            }
            Err(FormatError::Malformed {
                code,
                offset,
                detail,
            }) => {
                said.push(format!("{} @{offset}: {detail}", code.id));
                return said;
            }
            Err(error) => panic!("{error}"),
        }
    }
}

/// The last thing that is said about a file of these lines, separated by blanks.
fn end_of(lines: &str) -> String {
    let said = read(FILE, &lines.replace(' ', "\n"));
    said.last().cloned().unwrap_or_default()
}

#[test]
fn a_file_of_groups_is_read_with_the_values_of_each_group() {
    let content = "H,0301\nB,1\nD,x\nA,n\nD,y\nE\nB,2\nE\nB,3\nD,z\nE\nS\nS\nT\n";
    assert_eq!(
        read(FILE, content),
        [
            "head",
            "batch[1][0301]",
            "detail[x][1][0301]",
            "addendum[n][x][1]",
            "detail[y][1][0301]",
            "batch_end[1]",
            "batch[2][0301]",
            "batch_end[2]",
            "batch[3][0301]",
            "detail[z][3][0301]",
            "batch_end[3]",
            "summary-[0301]",
            "summary-[0301]",
            "tail[0301]",
        ]
    );
}

#[test]
fn every_break_of_the_structure_refuses_the_file_with_its_line() {
    for (lines, said) in [
        (
            "H,1 D,x",
            "misplaced-record @4: line 2: `detail` stands outside of a `batch`: there was none yet",
        ),
        (
            "B,1",
            "misplaced-record @0: line 1: `batch` stands outside of a `head`: there was none yet",
        ),
        (
            "T",
            "misplaced-record @0: line 1: `tail` stands outside of a `head`: there was none yet",
        ),
        (
            "H,1 B,1 E D,x",
            "misplaced-record @10: line 4: `detail` stands outside of a `batch`: the one of line 2 is over",
        ),
        (
            "H,1 B,1 A,n",
            "misplaced-record @8: line 3: `addendum` stands outside of a `detail`: there was none yet",
        ),
        (
            "H,1 B,1 D,x A,1 A,2",
            "repeated-record @16: line 5: `addendum` comes a second time in the `detail` of line 3, the \
             first stood at line 4",
        ),
        (
            "H,1 B,1 B,2",
            "missing-record @8: line 3: `batch` of line 2 has no `batch_end` when `batch` comes",
        ),
        (
            "H,1 B,1 D,x T",
            "missing-record @12: line 4: `batch` of line 2 has no `batch_end` when `tail` comes",
        ),
        (
            "H,1 T",
            "missing-record @4: line 2: `head` of line 1 has no `batch` when `tail` comes",
        ),
        (
            "H,1 B,1 E",
            "missing-record @9: line 4: `head` of line 1 has no `tail` when the content ends",
        ),
        (
            "H,1 B,1 E T H,2",
            "repeated-record @12: line 5: `head` comes a second time, the first stood at line 1",
        ),
        (
            "H,1 B,1 E T D,x",
            "misplaced-record @12: line 5: `detail` stands outside of a `batch`: the one of line 2 is over",
        ),
        (
            "H,1 B,1 E T zzz",
            "misplaced-record @12: line 5: the line fits the `match` of no kind of record; nothing may come \
             after `tail`, which ended the file",
        ),
        (
            "H,1 B,1 X,1 D,x",
            "misplaced-record @8: line 3: the line fits the `match` of no kind of record; where it stands, \
             in the `batch` of line 2, nobody can know what it began or ended",
        ),
        (
            "H,1 B,1  D,x",
            "misplaced-record @8: line 3: the line is blank and fits the `match` of no kind of record; \
             where it stands, in the `batch` of line 2, nobody can know what it began or ended",
        ),
        (
            "\"x\"y",
            "misplaced-record @0: line 1: field 1 goes on after its closing quote; where it stands nobody \
             can know what it began or ended",
        ),
        (
            "H,1 B,1 E S B,2",
            "misplaced-record @12: line 5: `batch` comes after `summary` of line 4, after which none may \
             come in the `head` of line 1",
        ),
        (
            "",
            "missing-record @0: line 1: the file has no `head` when the content ends",
        ),
    ] {
        assert_eq!(end_of(lines), said, "{lines}");
    }
}

#[test]
fn a_second_header_that_only_the_first_line_may_be_refuses_a_file_that_says_where_lines_stand() {
    let text = r#"
[format.csv]
[record.head]
csv = { match = { first = true }, columns = ["mark", "day"] }
[record.row]
csv = { match = { column = 1, equals = "D" }, columns = ["mark", "x"] }
from = ["head.day"]
"#;
    let content = "H,1\nD,x\nH,2\nD,y\n";
    assert_eq!(
        read(text, content),
        ["head", "row[1]", "? refused unmatched-record", "row[1]"]
    );
    let text = text.replace("[record.head]", "[record.head]\noccurs = \"once\"");
    assert_eq!(
        read(&text, content),
        [
            "head",
            "row[1]",
            "misplaced-record @8: line 3: the line fits the `match` of no kind of record; where it \
             stands nobody can know what it began or ended"
        ]
    );
}

#[test]
fn a_refused_header_begins_its_group_and_lends_nothing_of_the_last_one() {
    let content = "H,0301\nB,1\nD,x\nE\nB,2,3\nD,y\nE\nB,\"4\"5\nD,z\nE\nT\n";
    assert_eq!(
        read(FILE, content),
        [
            "head",
            "batch[1][0301]",
            "detail[x][1][0301]",
            "batch_end[1]",
            "batch refused column-count",
            "detail[y]-[0301]",
            "batch_end-",
            "batch refused text-after-quote",
            "detail[z]-[0301]",
            "batch_end-",
            "tail[0301]",
        ]
    );
}

#[test]
fn a_group_without_a_trailer_ends_where_an_outer_record_begins() {
    let text = r#"
[format.csv]
[record.station]
csv = { match = { column = 1, equals = "S" }, columns = ["mark", "no"] }
[record.lane]
inside = "station"
csv = { match = { column = 1, equals = "L" }, columns = ["mark", "x"] }
from = ["station.no"]
[record.total]
csv = { match = { column = 1, equals = "T" }, columns = ["mark"] }
from = ["station.no"]
"#;
    assert_eq!(
        read(text, "S,1\nL,x\nS,2\nL,x\nT\n"),
        ["station", "lane[1]", "station", "lane[2]", "total-"]
    );
    let said = read(text, "S,1\nT\nL,x\n");
    assert_eq!(
        said.last().map(String::as_str),
        Some(
            "misplaced-record @6: line 3: `lane` stands outside of a `station`: the one of line 1 is over"
        )
    );
}

#[test]
fn lines_are_counted_as_an_editor_counts_them() {
    let text = FILE.replace("[format.csv]", "[format.csv]\nblank_lines = \"skip\"");
    let said = read(&text, "H,1\n\nB,\"1\n2\"\n\nE\nD,x\n");
    assert_eq!(
        said.last().map(String::as_str),
        Some(
            "misplaced-record @16: line 7: `detail` stands outside of a `batch`: the one of line 3 is over"
        )
    );
}

#[test]
fn every_mistake_in_the_groups_is_found_in_one_pass() {
    let (said, _) = layout(
        r#"
[format.csv]
[record.a]
inside = "b"
csv = { match = { column = 1, equals = "A" }, columns = ["x"] }
[record.b]
inside = "a"
csv = { match = { column = 1, equals = "B" }, columns = ["x"] }
[record.c]
inside = "haed"
after = ["a", "c"]
csv = { match = { column = 1, equals = "C" }, columns = ["x"] }
[record.head]
csv = { match = { column = 1, equals = "H" }, columns = ["x"] }
[record.tail]
closes = "head"
inside = "head"
occurs = "many"
csv = { match = { column = 1, equals = "T" }, columns = ["x"] }
[record.tail_too]
closes = "head"
csv = { match = { column = 1, equals = "U" }, columns = ["x"] }
[record.late]
inside = "tail"
csv = { match = { column = 1, equals = "L" }, columns = ["x"] }
"#,
    );
    assert_eq!(
        said,
        [
            "4:1 record-structure: `a` would stand inside of itself",
            "7:1 record-structure: `b` would stand inside of itself",
            "10:10 record-structure: there is no record `haed`",
            "11:1 record-structure: `a` and `c` do not stand in the same group",
            "11:1 record-structure: no `c` may come after `c`",
            "16:1 record-structure: `late` stands inside of `tail`, which ends a group and begins none",
            "17:1 record-structure: a record that `closes` a group stands inside of it",
            "18:1 record-structure: `tail` ends its group, so it comes once",
            "21:1 record-structure: `head` is closed by `tail` already",
        ]
    );
}
