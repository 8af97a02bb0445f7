//! Workbooks through the whole hub, and old ones through their helper process.

mod old;

use std::fs;
use std::path::Path;
use std::process::{Command, Stdio};

use rust_xlsxwriter::{Format, Formula, Workbook};
use serde_json::{Value as Json, json};

use crate::harness::postgres::FreshDatabase;
use crate::harness::world::copy_folder;

/// The program under test.
const PROGRAM: &str = env!("CARGO_BIN_EXE_dukou");

/// The story of `fixtures/excel` in a directory of its own.
struct Story(tempfile::TempDir);

impl Story {
    fn new(store: Option<&str>) -> Self {
        let root = tempfile::tempdir().expect("a directory");
        let story = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/excel");
        copy_folder(&story, root.path());
        fs::create_dir_all(root.path().join("inbox/dealer/in")).expect("a folder");
        let story = Self(root);
        if let Some(url) = store {
            story.edit("dukou.toml", "sqlite://var/dukou.db", url);
        }
        story.json("store migrate", 0);
        story
    }

    fn edit(&self, path: &str, from: &str, to: &str) {
        let path = self.0.path().join(path);
        let text = fs::read_to_string(&path).expect("it is there");
        assert!(
            text.contains(from),
            "`{from}` is not in `{}`",
            path.display()
        );
        fs::write(&path, text.replacen(from, to, 1)).expect("it can be written");
    }

    fn inbox(&self, name: &str, bytes: &[u8]) {
        fs::write(self.0.path().join("inbox/dealer/in").join(name), bytes).expect("space");
    }

    /// What a verb prints, and its exit code asserted.
    fn says(&self, line: &str, exit: i32) -> String {
        let output = Command::new(PROGRAM)
            .current_dir(self.0.path())
            .args(line.split_whitespace())
            .stdin(Stdio::null())
            .env("COLUMNS", "100")
            .env("USER", "tester")
            .output()
            .expect("the program starts");
        let text = |bytes: &[u8]| String::from_utf8(bytes.to_vec()).expect("output is text");
        let (said, errors) = (text(&output.stdout), text(&output.stderr));
        assert_eq!(
            output.status.code(),
            Some(exit),
            "`{line}`\n{said}\n{errors}"
        );
        said
    }

    fn json(&self, line: &str, exit: i32) -> Json {
        serde_json::from_str(&self.says(&format!("{line} --json"), exit)).expect("a document")
    }

    /// What became of the one file of a run: outcome, code, reason, loaded, rejected.
    fn run(&self, exit: i32) -> Json {
        let said = self.json("run export/receive_ledger --business-date 2024-01-02", exit);
        let file = said.pointer("/run/files/0").unwrap_or(&said);
        json!([
            file["outcome"],
            file["code"],
            file["reason"],
            file["loaded"],
            file["rejected"],
            file["notes"]
        ])
    }
}

/// A ledger as a dealer sends it: a title, headings, rows of `(vin, brand, amount, day)`, a total.
fn ledger(rows: &[(&str, &str, Cell, &str)], total: f64) -> Vec<u8> {
    let mut workbook = Workbook::new();
    let sheet = workbook
        .add_worksheet()
        .set_name("出口台账")
        .expect("a name");
    sheet.write_string(0, 0, "2024年1月").expect("a cell");
    for (column, heading) in ["序号", "VIN ", "品牌", "金额(万元)", "出口日期"]
        .iter()
        .enumerate()
    {
        sheet
            .write_string(2, column as u16, *heading)
            .expect("a cell");
    }
    let days = Format::new().set_num_format("yyyy\"年\"m\"月\"d\"日\"");
    let mut row = 2;
    for (vin, brand, amount, day) in rows {
        row += 1;
        sheet.write_number(row, 0, row - 2).expect("a cell");
        sheet.write_string(row, 1, *vin).expect("a cell");
        sheet.write_string(row, 2, *brand).expect("a cell");
        match amount {
            Cell::Number(value) => sheet.write_number(row, 3, *value),
            Cell::Result(value) => {
                sheet.write_formula(row, 3, Formula::new("=1").set_result(*value))
            }
            Cell::Text(text) => sheet.write_string(row, 3, *text),
        }
        .expect("a cell");
        match day.parse::<f64>() {
            Ok(serial) => sheet.write_number_with_format(row, 4, serial, &days),
            Err(_) => sheet.write_string(row, 4, *day),
        }
        .expect("a cell");
    }
    sheet.write_string(row + 2, 1, "合 计").expect("a cell");
    sheet.write_number(row + 2, 3, total).expect("a cell");
    let note = workbook.add_worksheet().set_name("说明").expect("a name");
    note.set_hidden(true);
    workbook.save_to_buffer().expect("memory")
}

enum Cell {
    Number(f64),
    Result(&'static str),
    Text(&'static str),
}

use Cell::{Number, Result, Text};

const A: &str = "LSVAA4187C2000001";
const B: &str = "LSVAA4187C2000002";
const C: &str = "LSVAA4187C2000003";

/// The whole story on one database.
fn story(store: Option<&str>) {
    let hub = Story::new(store);
    let note = json!([
        "hidden sheets: `说明`",
        "`出口台账`: 1 values are results of formulas"
    ]);
    // A day as a number, as a text, and an amount that is a formula: all exact.
    let good = [
        (A, " 大众", Number(12.3456), "45293"),
        (B, "奔驰", Result("1.5"), "2024年1月3日"),
    ];
    hub.inbox("ledger_20240102.xlsx", &ledger(&good, 13.8456));
    assert_eq!(hub.run(0), json!(["loaded", null, null, 2, 0, note]));

    // A refused row: the total promises it, so the whole ledger is held.
    let bad = [
        (C, "大众", Number(1.0), "45293"),
        ("LSV", "大众", Number(2.0), "45294"),
        ("LSVAA4187C2000009", "大众", Text("约3"), "45294"),
    ];
    hub.inbox("ledger_20240103.xlsx", &ledger(&bad, 6.0));
    let run = hub.run(1);
    assert_eq!(run[0], "control");
    assert_eq!(run[1], "control-mismatch");
    assert_eq!(
        run[2],
        "金额合计: promised 60000.00, decoded nothing that can be added up"
    );
    let rejects = hub.json("rejects list --file 2", 0);
    let shown: Vec<Json> = rejects["rejects"]
        .as_array()
        .expect("a list")
        .iter()
        .map(|row| json!([row["record_no"], row["field"], row["code"]]))
        .collect();
    assert_eq!(
        shown,
        [
            json!([5, "car.vin", "wrong-characters"]),
            json!([6, "car.amount", "not-an-amount"])
        ]
    );
    let shown = hub.says("rejects show 2 6", 0);
    assert!(shown.contains("位置  出口台账!6（工作表!行）"), "{shown}");
    assert!(shown.contains("D6 金额(万元): 约3"), "{shown}");

    // From the row back to the cells, and to the bytes of the archive.
    let traced = hub.says("trace file 1 --record 4", 0);
    assert!(
        traced.contains("出口台账!4（工作表!行；该表在内容第 "),
        "{traced}"
    );
    assert!(traced.contains("D4 金额(万元): 12.3456"), "{traced}");
    assert!(traced.contains("123456.00"), "{traced}");

    // A row that the reader refuses, and one whose values cannot be exact.
    let other = [
        (C, "大众", Result("#N/A"), "45293"),
        (
            "LSVAA4187C2000004",
            "大众",
            Number(0.300_000_000_000_000_04),
            "45293",
        ),
    ];
    hub.inbox("ledger_20240104.xlsx", &ledger(&other, 1.0));
    assert_eq!(hub.run(1)[1], "control-mismatch");
    let rejects = hub.json("rejects list --file 3", 0);
    assert_eq!(
        rejects["rejects"][0]["detail"],
        "`出口台账!D4`: the cell shows `#N/A`"
    );
    assert_eq!(
        rejects["rejects"][1]["detail"],
        "found `0.30000000000000004`, expected an amount with at most 6 decimals"
    );

    // What is no workbook is held under its own code, and says what it is.
    hub.inbox("ledger_20240105.xlsx", b"<html></html>");
    let expected = json!([
        "malformed",
        "excel-not-a-workbook",
        "the content begins neither as an xlsx nor as an xls workbook",
        0,
        0,
        []
    ]);
    assert_eq!(hub.run(1), expected);

    // A key that is there: the duplicate is kept with its cells.
    hub.inbox(
        "ledger_20240106.xlsx",
        &ledger(&[(A, "大众", Number(1.0), "45293")], 1.0),
    );
    hub.run(0);
    let shown = hub.says("rejects show 5 4", 0);
    assert!(shown.contains(&format!("B4 VIN: {A}")), "{shown}");
}

#[test]
fn a_ledger_is_loaded_refused_and_traced_on_sqlite() {
    story(None);
}

#[test]
fn a_ledger_is_loaded_refused_and_traced_on_postgres() {
    let runtime = tokio::runtime::Runtime::new().expect("a runtime");
    let database = runtime.block_on(FreshDatabase::create());
    story(Some(database.text()));
}
