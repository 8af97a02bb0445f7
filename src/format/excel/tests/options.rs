//! `[format.excel]`, as written.

use crate::diag::Problems;
use crate::document::{Item, Key, KeyKind, Section, read_text};
use crate::format::{FORMAT_KEYS, FieldSource, FormatPlan, Layout, Select};

const ROOT: &[Key] = &[
    Key::required("format", KeyKind::Table(FORMAT_KEYS), "The format."),
    Key::optional(
        "a",
        KeyKind::Table(crate::format::excel::RECORD_KEYS),
        "A record.",
    ),
    Key::optional(
        "b",
        KeyKind::Table(crate::format::excel::RECORD_KEYS),
        "Another.",
    ),
    Key::optional("from", KeyKind::TextList, "Fields."),
];

/// The problems of a text, and why it cannot be written.
fn read(text: &str) -> (Vec<String>, Option<String>) {
    let (why, problems) = read_text(text, ROOT, why_unwritable);
    (problems.lines_with_help(), why)
}

fn why_unwritable(root: &Section<'_>, problems: &mut Problems) -> Option<String> {
    let plan = root
        .table("format")
        .and_then(|format| FormatPlan::read(&format, problems))?;
    let mut records: Vec<(Item<String>, Select)> = Vec::new();
    for name in ["a", "b"] {
        let Some(section) = root.table(name) else {
            continue;
        };
        let item = Item::new(name.to_owned(), section.place());
        if let Some(select) = Select::read(&plan, Some(&section), &item, problems) {
            records.push((item, select));
        }
    }
    plan.check_records(&records, &root.place(), problems);
    for from in root.texts("from").unwrap_or_default() {
        FieldSource::read(&plan, &from, 0, &records, problems);
    }
    plan.unwritable(&Layout::default())
}

fn problems(text: &str) -> Vec<String> {
    read(text).0
}

#[test]
fn a_format_without_a_word_is_one() {
    assert_eq!(read("format.excel = {}"), (vec![], None));
}

#[test]
fn every_mistake_is_said_at_its_place() {
    let text = r#"
from = ["vin", "VIN", "品牌", "＊"]
[format.excel]
sheet = "a"
sheet_pattern = "b"
columns = { vin = ["车架号", "VIN"], brand = ["车 架 号"], empty = [], number = 5 }
optional_columns = ["vim"]
"#;
    assert_eq!(
        problems(text),
        [
            "5:17 excel-option: `sheet_pattern` means nothing beside `sheet` (leave one of them out)",
            "6:44 excel-option: `车 架 号` is a heading of `vin` already",
            "6:54 excel-option: `empty` has no heading",
            "6:66 excel-option: `number` has no heading",
            "6:75 excel-option: a heading of `number` is no text or has none",
            "7:21 excel-option: `vim` is no name of `columns` (did you mean `vin`?)",
        ]
    );
    let text = "from = [\"vin\", \"Ｖin\", \"车架号\", \"品牌\", \"*\"]\n[format.excel.columns]\nvin = [\"VIN\", \"车架号\"]";
    assert_eq!(
        problems(text),
        [
            "1:16 excel-option: `Ｖin` is a heading of the column `vin` (write `from = \"vin\"`)",
            "1:23 excel-option: `车架号` is a heading of the column `vin` (write `from = \"vin\"`)",
            "1:36 excel-option: a heading has at least one character",
        ]
    );
    assert_eq!(
        problems("format.excel = { sheet_pattern = \"(\" }"),
        ["1:34 excel-option: the pattern is not a regular expression: error: unclosed group"]
    );
}

#[test]
fn kinds_of_row_must_be_told_apart() {
    let text = r#"
format.excel = { columns = { no = ["序号"] } }
a = { match = { column = "序号", one_of = ["合计"] } }
b = { match = { one_of = [] } }
"#;
    assert_eq!(
        problems(text),
        [
            "3:5 excel-option: `序号` is a heading of the column `no` (write `column = \"no\"`)",
            "4:17 excel-match: `one_of` names no text, so no row would be of this kind",
        ]
    );
    assert_eq!(
        problems("format.excel = {}\na = {}\nb = {}"),
        [
            "3:5 excel-match: `b` has no `match`, and neither has `a` (give each kind something that tells \
          its rows from the others')"
        ]
    );
}

#[test]
fn what_cannot_be_written_is_said() {
    let why = |text: &str| read(text).1.unwrap_or_default();
    assert_eq!(
        why("format.excel = { header_rows = 2 }"),
        "two rows of headings are read, not written"
    );
    assert_eq!(
        why("format.excel = { sheet_pattern = \"^台账\" }"),
        "`sheet_pattern` does not name the sheet to be written, and `Sheet1` is not like it"
    );
    assert_eq!(
        why("format.excel = { sheet = \"a/b\" }"),
        "`a/b` cannot be the name of a sheet that is written"
    );
    assert_eq!(why("format.excel = { sheet_pattern = \"^S\" }"), "");
}
