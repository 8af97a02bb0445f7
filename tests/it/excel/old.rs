//! Old workbooks (xls), read by the program itself as a helper, and what becomes of bad helpers.

use std::fs;
use std::io::Cursor;
use std::os::unix::fs::PermissionsExt;
use std::path::PathBuf;

use dukou::diag::{Problems, Source};
use dukou::document::{Document, Item, Key, KeyKind};
use dukou::format::{
    FORMAT_KEYS, FieldSource, FormatError, FormatPlan, Layout, Limits, Next, Reader, RecordLayout,
    Select,
};

use super::PROGRAM;

const ROOT: &[Key] = &[
    Key::required("format", KeyKind::Table(FORMAT_KEYS), "The format."),
    Key::required("from", KeyKind::TextList, "The columns that are read."),
    Key::optional(
        "record",
        KeyKind::Table(dukou::format::excel::RECORD_KEYS),
        "The rows.",
    ),
];

const FORMAT: &str = r#"
from = ["车架号", "品牌", "金额（万元）", "出口日期", "已结关"]
[format.excel]
workbook = "any"
merged = "spread"
"#;

fn fixture() -> Vec<u8> {
    fs::read(concat!(
        env!("CARGO_MANIFEST_DIR"),
        "/fixtures/excel/export_ledger.xls"
    ))
    .expect("it is there")
}

fn limits() -> Limits {
    let mut limits = Limits::default();
    limits.workbook.xls_program = Some(PathBuf::from(PROGRAM));
    limits
}

/// Every record, refusal, error and note.
fn read(format: &str, limits: &Limits, content: &[u8]) -> Vec<String> {
    let mut problems = Problems::new();
    let document = Document::parse(Source::new("m.toml", format), &mut problems);
    let root = document.root(ROOT, &mut problems);
    let plan = root
        .table("format")
        .and_then(|format| FormatPlan::read(&format, &mut problems));
    let plan = plan.expect("a format");
    let name = Item::new("row".to_owned(), root.place());
    let select = Select::read(&plan, None, &name, &mut problems).expect("a kind");
    let known = [(name, select.clone())];
    let from = root.texts("from").expect("columns");
    let slot = |item: &Item<String>, problems: &mut Problems| {
        FieldSource::read(&plan, item, 0, &known, problems)
            .into_iter()
            .collect()
    };
    let slots = from.iter().map(|item| slot(item, &mut problems)).collect();
    assert!(!problems.has_errors(), "the format is right");
    let layout = Layout {
        records: vec![RecordLayout {
            name: "row".to_owned(),
            select,
            slots,
        }],
    };
    let shown = |error: FormatError| match error {
        FormatError::Workbook { code, detail } => format!("error {}: {detail}", code.id),
        other => format!("error: {other}"),
    };
    let content = Box::new(Cursor::new(content.to_vec()));
    let mut reader = match Reader::open(&plan, &layout, limits, content) {
        Ok(reader) => reader,
        Err(error) => return vec![shown(error)],
    };
    let (mut record, mut said) = (reader.record(), Vec::new());
    loop {
        match reader.next(&mut record) {
            Err(error) => {
                said.push(shown(error));
                return said;
            }
            Ok(Next::End) => {
                said.extend(reader.notes());
                return said;
            }
            Ok(Next::Refused(reject)) => {
                said.push(format!(
                    "{} {}: {}",
                    reject.place.record, reject.code.id, reject.detail
                ));
            }
            Ok(Next::Record) => {
                let slot = |slot| {
                    record
                        .text(slot)
                        .expect("UTF-8")
                        .unwrap_or_default()
                        .to_owned()
                };
                let slots: Vec<String> = (0..record.slots()).map(slot).collect();
                said.push(format!("{}: {}", record.place().record, slots.join("|")));
            }
        }
    }
}

#[test]
fn an_old_workbook_is_read_by_the_helper() {
    assert_eq!(
        read(FORMAT, &limits(), &fixture()),
        [
            "3: LSVAA4187C2000001|大众|12.3456|2024-01-02|TRUE",
            "4: LSVAA4187C2000002|大众|1.5|2024-02-29|FALSE",
            "5: LSVAA4187C2000003|比亚迪|100000|2023-12-31|TRUE",
            "6 excel-long-number: `台账!A6`: a number of 19 digits is stored as a number, of which a \
             workbook keeps 15: it must be text",
            "7: 合计||100013.8456||",
            "hidden sheets: `说明`",
            "`台账`: 1 values were spread from merged cells",
        ]
    );
}

#[test]
fn an_old_workbook_is_read_only_where_it_is_declared() {
    let strict = FORMAT.replace("workbook = \"any\"\n", "");
    assert_eq!(
        read(&strict, &limits(), &fixture()),
        ["error excel-not-a-workbook: the content is an xls workbook, expected xlsx"]
    );
    let named = FORMAT.replace("merged", "sheet = \"无\"\nmerged");
    assert_eq!(
        read(&named, &limits(), &fixture()),
        ["error excel-sheet: there is no sheet `无`; the workbook has `说明`, `台账`"]
    );
}

#[test]
fn an_encrypted_or_damaged_old_workbook_is_refused_by_the_helper() {
    // The record after the first one becomes the one that says how the workbook is encrypted.
    let mut locked = fixture();
    let record = [0xE1, 0x00, 0x02, 0x00, 0xB0, 0x04];
    let at = locked
        .windows(6)
        .position(|six| six == record)
        .expect("an interface record");
    locked[at] = 0x2F;
    assert_eq!(
        read(FORMAT, &limits(), &locked),
        ["error excel-encrypted: the workbook asks for a password"]
    );
    let mut macros = fixture();
    macros.extend("_VBA_PROJECT_CUR".encode_utf16().flat_map(u16::to_le_bytes));
    assert_eq!(
        read(FORMAT, &limits(), &macros),
        ["error excel-macros: the workbook has a VBA project"]
    );
    let cut = &fixture()[..600];
    let said = read(FORMAT, &limits(), cut);
    let [one] = said.as_slice() else {
        panic!("one error: {said:?}");
    };
    assert!(
        one.starts_with("error excel-part:") || one.starts_with("error excel-xls-failed:"),
        "{one}"
    );
}

#[test]
fn every_damaged_byte_ends_in_rows_or_in_an_error() {
    let good = fixture();
    for at in (0..good.len()).step_by(97) {
        let mut bad = good.clone();
        bad[at] ^= 0xFF;
        // Whatever the helper did, the hub goes on and says so.
        assert!(!read(FORMAT, &limits(), &bad).is_empty(), "byte {at}");
    }
}

#[test]
fn a_limit_of_the_helper_is_said() {
    // A number in the last cell that there can be: a reader keeps all cells before it.
    let mut far = fixture();
    let record = [0x03, 0x02, 0x0E, 0x00, 0x06, 0x00, 0x02, 0x00];
    let at = far
        .windows(8)
        .position(|eight| eight == record)
        .expect("the total");
    far[at + 4..at + 8].copy_from_slice(&[0xFF, 0xFF, 0xFF, 0x00]);
    let mut small = limits();
    small.workbook.xls_memory_bytes = 64 << 20;
    assert_eq!(
        read(FORMAT, &small, &far),
        [
            "error excel-xls-limit: it asked for more memory than 67108864 bytes, the setting \
          `workbook_xls_memory_bytes`"
        ]
    );
    let mut few = limits();
    few.workbook.cells = 3;
    assert_eq!(
        read(FORMAT, &few, &fixture()),
        [
            "error excel-limit: the number of cells of the sheet is more than 3, the setting `workbook_cells`"
        ]
    );
}

/// A helper that does something else.
fn other(script: &str) -> (tempfile::TempDir, Limits) {
    let directory = tempfile::tempdir().expect("a directory");
    let path = directory.path().join("program");
    fs::write(&path, format!("#!/bin/sh\n{script}\n")).expect("space");
    fs::set_permissions(&path, fs::Permissions::from_mode(0o755)).expect("it is ours");
    let mut limits = limits();
    limits.workbook.xls_program = Some(path);
    (directory, limits)
}

#[test]
fn a_helper_that_dies_fails_or_babbles_leaves_the_hub_unaffected() {
    let said = |script: &str| {
        let (_directory, limits) = other(script);
        read(FORMAT, &limits, &fixture())
    };
    assert_eq!(
        said("kill -SEGV $$"),
        ["error excel-xls-failed: the helper ended with signal 11"]
    );
    assert_eq!(
        said("exit 3"),
        ["error excel-xls-failed: the helper ended with exit code 3"]
    );
    assert_eq!(
        said("kill -XCPU $$"),
        [
            "error excel-xls-limit: the system ended it with signal 24: its memory or its 60 seconds were over"
        ]
    );
    assert_eq!(
        said("echo babble and more of it"),
        ["error excel-xls-failed: the helper said something unexpected"]
    );
    assert_eq!(
        read(FORMAT, &limits(), &fixture()).len(),
        7,
        "the next one is read as ever"
    );
}

#[test]
fn a_helper_that_never_answers_is_ended_when_its_time_is_over() {
    // It waits for a pipe that nobody opens.
    let (directory, mut limits) = other("mkfifo \"$0.pipe\"; read line < \"$0.pipe\"");
    limits.workbook.xls_seconds = 1;
    assert_eq!(
        read(FORMAT, &limits, &fixture()),
        ["error excel-xls-limit: it took more than 1 seconds, the setting `workbook_xls_seconds`"]
    );
    drop(directory);
}
