//! What people write in a mapping, and what is said about it.

use crate::diag::Problems;
use crate::document::{Item, Key, KeyKind, Section, key_table_faults, read_text};
use crate::format::csv::options::{FORMAT_KEYS, RECORD_KEYS, check_records};
use crate::format::csv::plan::{
    BlankLines, Bom, CsvPlan, ExtraColumns, FinalLineEnd, Header, LineEnd, TrailingSeparator, Trim,
};
use crate::format::csv::select::{Column, Condition, CsvField, CsvSelect};
use crate::text::Encoding;

const FORMATS: &[Key] = &[Key::required(
    "csv",
    KeyKind::Table(FORMAT_KEYS),
    "Delimited text.",
)];
const RECORDS: &[Key] = &[Key::required(
    "csv",
    KeyKind::Table(RECORD_KEYS),
    "By the line.",
)];
const ROOT: &[Key] = &[
    Key::required("format", KeyKind::Table(FORMATS), "The format."),
    Key::optional(
        "record",
        KeyKind::NamedTables(RECORDS),
        "The kinds of record.",
    ),
    Key::optional("from", KeyKind::TextList, "Fields of the last record."),
];

/// What was read of a mapping, and what was said about it.
struct Read {
    plan: Option<CsvPlan>,
    records: Vec<(String, CsvSelect)>,
    fields: Vec<Option<CsvField>>,
    said: Vec<String>,
}

fn read(text: &str) -> Read {
    let (read, problems) = read_text(text, ROOT, read_root);
    let said = problems.lines_with_help();
    let (plan, records, fields) = read;
    Read {
        plan,
        records,
        fields,
        said,
    }
}

type Parts = (
    Option<CsvPlan>,
    Vec<(String, CsvSelect)>,
    Vec<Option<CsvField>>,
);

fn read_root(root: &Section<'_>, problems: &mut Problems) -> Parts {
    let format = root.table("format").and_then(|table| table.table("csv"));
    let format = format.expect("the mapping has a `[format.csv]`");
    let Some(plan) = CsvPlan::read(&format, problems) else {
        return (None, Vec::new(), Vec::new());
    };
    let records: Vec<(Item<String>, CsvSelect)> = (root.named_tables("record").into_iter())
        .filter_map(|(name, record)| {
            Some((
                name,
                CsvSelect::read(&record.table("csv")?, &plan, problems)?,
            ))
        })
        .collect();
    check_records(&plan, &records, &format.place(), problems);
    let own = records.len().saturating_sub(1);
    let fields = (root.texts("from").unwrap_or_default().iter())
        .map(|from| CsvField::parse(from, &plan, own, &records, problems))
        .collect();
    let records = records
        .into_iter()
        .map(|(name, select)| (name.value, select))
        .collect();
    (Some(plan), records, fields)
}

#[test]
fn the_key_tables_have_no_faults() {
    assert_eq!(key_table_faults(FORMAT_KEYS), [""; 0]);
    assert_eq!(key_table_faults(RECORD_KEYS), [""; 0]);
}

#[test]
fn an_empty_table_is_the_default_plan() {
    let read = read("[format.csv]\n");
    assert_eq!(read.said, [""; 0]);
    assert_eq!(read.plan, Some(CsvPlan::default()));
}

#[test]
fn every_key_is_read() {
    let read = read(
        r#"
from = ["day", "2", "header.day", "header.1", "detail.card"]
[format.csv]
encoding = "GB18030"
separator = "|+|"
quote = "'"
line_end = "crlf"
final_line_end = "required"
blank_lines = "skip"
header = "position"
trailing_separator = "optional"
bom = "required"
trim = "spaces"
[record.header.csv]
match = { first = true, column = 1, equals = "H", fields = 2 }
columns = ["type", "day"]
[record.trailer.csv]
match = { last = true, column = 1, one_of = ["T", "合计"], starts_with = "T" }
columns = ["type", "count"]
[record.detail.csv]
columns = ["card", "day"]
"#,
    );
    assert_eq!(read.said, [""; 0]);
    let plan = CsvPlan {
        encoding: Encoding::Gb18030,
        separator: "|+|".into(),
        quote: Some(b'\''),
        line_end: LineEnd::Crlf,
        final_line_end: FinalLineEnd::Required,
        blank_lines: BlankLines::Skip,
        header: Header::Position,
        extra_columns: ExtraColumns::Refuse,
        trailing_separator: TrailingSeparator::Optional,
        bom: Bom::Required,
        trim: Trim::Spaces,
    };
    assert_eq!(read.plan, Some(plan));
    let is = |values: &[&str]| Condition::Column {
        column: 0,
        values: values.iter().map(|value| (*value).to_owned()).collect(),
    };
    let kind = |name: &str, conditions, columns: [&str; 2]| {
        let columns = columns.map(str::to_owned).to_vec();
        (
            name.to_owned(),
            CsvSelect {
                conditions,
                columns,
                ..CsvSelect::default()
            },
        )
    };
    let header = vec![Condition::First, is(&["H"]), Condition::Fields(2)];
    let trailer = vec![
        Condition::Last,
        is(&["T", "合计"]),
        Condition::StartsWith("T".into()),
    ];
    assert_eq!(
        read.records,
        [
            kind("header", header, ["type", "day"]),
            kind("trailer", trailer, ["type", "count"]),
            kind("detail", Vec::new(), ["card", "day"]),
        ]
    );
    let field = |kind, at| {
        Some(CsvField {
            kind,
            column: Column::At(at),
        })
    };
    assert_eq!(
        read.fields,
        [
            field(None, 1),
            field(None, 1),
            field(Some(0), 1),
            field(Some(0), 0),
            field(None, 0)
        ]
    );
}

#[test]
fn columns_by_name_need_no_declaration_and_keep_their_names() {
    let read = read(
        r#"
from = ["卡号", "3", "header.day", "a.b"]
[format.csv]
header = "name"
extra_columns = "ignore"
quote = "none"
separator = "\u0001"
[record.header.csv]
match = { starts_with = "H" }
columns = ["type", "day"]
[record.detail.csv]
"#,
    );
    assert_eq!(read.said, [""; 0]);
    let plan = read.plan.expect("it is good");
    assert_eq!(
        (plan.header, plan.extra_columns),
        (Header::Name, ExtraColumns::Ignore)
    );
    assert_eq!((plan.quote, plan.separator.as_str()), (None, "\u{1}"));
    let named = |name: &str| {
        Some(CsvField {
            kind: None,
            column: Column::Named(name.into()),
        })
    };
    let day = Some(CsvField {
        kind: Some(0),
        column: Column::At(1),
    });
    assert_eq!(read.fields, [named("卡号"), named("3"), day, named("a.b")]);
}

#[test]
fn every_unusable_setting_is_reported_at_its_place() {
    let read = read(
        "[format.csv]\nencoding = \"GBK\"\nseparator = \"😀\"\nquote = \"''\"\nbom = \"optional\"\n",
    );
    assert_eq!(
        read.said,
        [
            "3:13 csv-option: the separator `😀` cannot be in the file: character 1 (`😀`, U+1F600) does not exist in GBK",
            "4:9 csv-option: `''` cannot be a quote (write one ASCII sign such as \"'\", or \"none\")",
            "5:7 csv-option: GBK has no byte order mark (leave `bom` out)",
        ]
    );
    assert_eq!(read.plan, None);
    for (separator, why) in [
        ("", "the separator `` is empty"),
        ("\\n", "the separator `\\n` has a line end or a NUL"),
        ("\\\"|", "the separator `\"|` has the quote in it"),
        (
            "; ",
            "the separator `; ` has a space, which `trim = \"spaces\"` would take off fields",
        ),
    ] {
        let text = format!("[format.csv]\nseparator = \"{separator}\"\ntrim = \"spaces\"\n");
        assert_eq!(self::read(&text).said, [format!("2:13 csv-option: {why}")]);
    }
}

#[test]
fn a_setting_without_effect_is_a_warning() {
    let read = read("[format.csv]\nextra_columns = \"ignore\"\n");
    assert_eq!(
        read.said,
        ["2:1 csv-option: `extra_columns` means nothing without `header = \"name\"`"]
    );
    assert!(read.plan.is_some());
}

#[test]
fn every_match_that_tells_nothing_apart_is_reported() {
    let read = read(
        r#"[format.csv]
[record.a.csv]
match = {}
columns = ["x"]
[record.b.csv]
match = { first = false, column = 3, fields = 2 }
columns = ["x", "x", " "]
[record.c.csv]
match = { equals = "H", one_of = ["T"] }
columns = ["x"]
[record.d.csv]
match = { column = 2, one_of = [] }
columns = []
[record.e.csv]
match = { column = 2, equals = "x" }
columns = ["x"]
[record.f.csv]
"#,
    );
    assert_eq!(
        read.said,
        [
            "3:9 csv-match: in `[record.a.csv.match]` there is no condition (leave `match` out for the kind that takes all other lines)",
            "6:19 csv-match: `first = false` means nothing (write `first = true` or leave it out)",
            "6:26 csv-match: `column` needs `equals` or `one_of`",
            "6:47 csv-match: `fields` is 2, but `columns` names 3",
            "7:17 csv-columns: the column `x` stands here a second time",
            "7:22 csv-columns: column 3 has no name",
            "9:11 csv-match: `equals` needs `column`, a field's number",
            "9:25 csv-match: `one_of` and `equals` exclude each other",
            "12:23 csv-match: `one_of` lists nothing",
            "13:1 csv-columns: in `[record.d.csv]` `columns` must name the fields of a line",
            "15:20 csv-match: `column` is 2, but `columns` names 1",
            "17:1 csv-columns: in `[record.f.csv]` `columns` must name the fields of a line",
        ]
    );
}

#[test]
fn kinds_that_cannot_be_told_apart_are_reported() {
    let read = read(
        r#"[format.csv]
header = "position"
[record.a.csv]
match = { first = true }
columns = ["x"]
[record.b.csv]
match = { first = true }
columns = ["x"]
"#,
    );
    assert_eq!(
        read.said,
        [
            "1:1 csv-match: a header row is declared, but every kind of record has a `match` (leave `match` out of the kind whose columns the header row names)",
            "6:9 csv-match: `b` has the same `match` as `a` (give each kind something that tells its lines from the others')",
        ]
    );
    let two = self::read(
        "[format.csv]\n[record.a.csv]\ncolumns = [\"x\"]\n[record.b.csv]\ncolumns = [\"y\"]\n",
    );
    assert_eq!(
        two.said,
        [
            "4:9 csv-match: `b` has no `match`, and neither has `a` (give each kind something that tells its lines from the others')"
        ]
    );
}

#[test]
fn a_from_that_names_no_column_says_what_may_be_meant() {
    let read = read(
        r#"from = ["card_di", "3", "header.dya", "footer.day"]
[format.csv]
[record.header.csv]
match = { first = true }
columns = ["type", "day"]
[record.detail.csv]
columns = ["card_id", "amount"]
"#,
    );
    let known = "write one of `card_id`, `amount`, a number from 1, or `kind.column`";
    assert_eq!(
        read.said,
        [
            "1:9 unknown-csv-column: `card_di` is no column of `detail` (did you mean `card_id`?)"
                .to_owned(),
            format!("1:20 unknown-csv-column: `3` is no column of `detail` ({known})"),
            "1:25 unknown-csv-column: `dya` is no column of `header` (did you mean `day`?)"
                .to_owned(),
            format!("1:39 unknown-csv-column: `footer.day` is no column of `detail` ({known})"),
        ]
    );
    assert_eq!(read.fields, [None, None, None, None]);
}
