//! Written workbooks, and what they read back as.

use proptest::prelude::*;

use super::support::{Excel, marked};
use crate::format::WriteError;
use crate::format::excel::plan::{CellKind, SheetChoice, Trim};
use crate::format::trial::show_unwritable;

const NOTHING: &str =
    "unwritable-row: `row`: the row has nothing that can be seen, so it would be passed over";

fn refusal(written: Result<Vec<u8>, WriteError>) -> String {
    show_unwritable(&written.expect_err("it cannot be written"))
}

fn typed() -> Excel {
    Excel::of(&[
        ("vin", CellKind::Text),
        ("数量", CellKind::Integer),
        ("金额", CellKind::Decimal(2)),
        ("日期", CellKind::Day),
        ("时间", CellKind::Moment),
    ])
    .column("vin", &["车架号", "VIN"])
}

fn some<'t>(texts: &[&'t str]) -> Vec<Option<&'t str>> {
    texts
        .iter()
        .map(|text| (!text.is_empty()).then_some(*text))
        .collect()
}

#[test]
fn typed_cells_are_written_and_read_back() {
    let records = [
        (
            0,
            some(&["LSV1", "3", "123.40", "2024-01-02", "2024-01-02T08:30:00"]),
        ),
        (
            0,
            some(&["0012", "", "", "1899-12-31", "2024-01-02T23:59:59.999"]),
        ),
        (
            0,
            some(&["=1+1", "999999999999999", "0.10", "1900-02-28", ""]),
        ),
        (
            0,
            some(&["_x000D_ <&>\"'", "-5", "-12345678.90", "9999-12-31", ""]),
        ),
    ];
    let layout = typed();
    let bytes = layout.write(&records).expect("all can be written");
    assert_eq!(
        layout.read(&bytes),
        [
            "2: LSV1|3|123.4|2024-01-02|2024-01-02T08:30:00",
            "3: 0012|||1899-12-31|2024-01-02T23:59:59.999",
            "4: =1+1|999999999999999|0.1|1900-02-28|",
            "5: _x000D_ <&>\"'|-5|-12345678.9|9999-12-31|",
        ]
    );
    assert_eq!(
        bytes,
        layout.write(&records).expect("again"),
        "the same bytes every time"
    );
}

#[test]
fn the_headings_are_the_first_ones_on_the_named_sheet() {
    let layout = typed().plan(|plan| plan.sheet = SheetChoice::Named("台账".into()));
    let bytes = layout
        .write(&[(0, some(&["A", "1", "2", "2024-01-02", ""]))])
        .expect("plain");
    assert_eq!(
        layout.shown(&bytes, &[2]),
        ["台账!2\nA2 车架号: A\nB2 数量: 1\nC2 金额: 2\nD2 日期: 2024-01-02"]
    );
    let other = Excel::texts(&["VIN"]).plan(|plan| plan.sheet = SheetChoice::Named("台账".into()));
    assert!(
        other
            .refuses(&bytes)
            .starts_with("error excel-header-missing")
    );
}

#[test]
fn a_total_row_is_written_with_its_mark() {
    let layout = Excel::of(&[("序号", CellKind::Integer), ("金额", CellKind::Decimal(2))])
        .and(marked("total", Some("序号"), "合计", &["金额"]));
    let records = [(0, some(&["1", "5.00"])), (1, some(&["5.00"]))];
    let bytes = layout.write(&records).expect("plain");
    assert_eq!(layout.read(bytes), ["2: 1|5", "3 kind 1: 5"]);
}

#[test]
fn what_a_cell_cannot_hold_is_an_error() {
    let long = "x".repeat(32_768);
    let layout = Excel::texts(&["列"]);
    for text in [long.as_str(), "a\u{fffd}", "\u{ffff}"] {
        assert_eq!(
            refusal(layout.write(&[(0, vec![Some(text)])])),
            "unwritable-cell: `row`: the value of `列` has more than 32767 characters or a lost one"
        );
    }
    let trimming = layout.plan(|plan| plan.trim = Trim::Spaces);
    assert_eq!(
        refusal(trimming.write(&[(0, vec![Some("a\u{3000}")])])),
        "unwritable-cell: `row`: the value of `列` begins or ends with a blank, which `trim` would \
         drop"
    );
}

#[test]
fn a_row_that_would_be_read_as_something_else_is_an_error() {
    let layout =
        Excel::texts(&["序号", "金额"]).and(marked("total", Some("序号"), "合计", &["金额"]));
    for (record, message) in [
        ((0, vec![None, None]), NOTHING),
        ((0, vec![Some(" "), None]), NOTHING),
        (
            (0, vec![Some("合 计"), Some("1")]),
            "unwritable-row: `row`: the row would be read back as `total`",
        ),
        (
            (0, vec![Some("序号："), Some("金额")]),
            "unwritable-row: `row`: the row would be the row of headings once more",
        ),
    ] {
        assert_eq!(refusal(layout.write(&[record])), message);
    }
    let unmarked = Excel::texts(&["金额"]).and(marked("total", None, "合计", &["金额"]));
    assert_eq!(
        refusal(unmarked.write(&[(1, vec![Some("5")])])),
        "unwritable-row: `total`: the row would be read back as `row`"
    );
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn every_text_reads_back_as_it_was_written(text in "\\PC{1,40}", more in "[ \\t\\r\\n_x0-9a-fA-F陕]{1,30}") {
        prop_assume!(!text.contains('\u{FFFD}'));
        let layout = Excel::texts(&["甲", "乙"]);
        let written = layout.write(&[(0, vec![Some(&text), Some(&more)])]);
        if text.chars().chain(more.chars()).all(super::super::value::is_blank) {
            prop_assert_eq!(refusal(written), NOTHING);
        } else {
            prop_assert_eq!(layout.read(written.expect("text")), [format!("2: {text}|{more}")]);
        }
    }

    #[test]
    fn every_amount_reads_back_as_it_was_written(fen in -99_999_999_999_999_i64..99_999_999_999_999) {
        let text = crate::id::Fen(fen).to_string();
        let layout = Excel::of(&[("金额", CellKind::Decimal(2))]);
        let bytes = layout.write(&[(0, vec![Some(&text)])]).expect("an amount");
        let said = layout.read(bytes);
        let read = said.first().and_then(|line| line.strip_prefix("2: ")).unwrap_or_default();
        prop_assert_eq!(super::super::writer::trimmed(read), super::super::writer::trimmed(&text));
    }
}
