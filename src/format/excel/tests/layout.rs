//! Sheets, headings, kinds of row, merged cells, blank rows and what is hidden.

use regex::Regex;

use super::support::{Book, Excel, field, marked, row, text, texts};
use crate::format::excel::plan::{BlankRows, CellKind, ExtraColumns, Hidden, Merged, SheetChoice};

fn two() -> Excel {
    Excel::texts(&["车架号", "品牌"])
}

fn book() -> Book {
    Book::rows(&(texts(1, &["车架号", "品牌"]) + &texts(2, &["LSV1", "大众"])))
}

#[test]
fn headings_are_found_by_what_they_say_wherever_they_stand() {
    let layout = Excel::texts(&["vin", "brand"])
        .column("vin", &["车架号", "VIN", "车辆识别代号"])
        .column("brand", &["品牌"]);
    let rows = texts(1, &["二手车出口台账"])
        + &texts(3, &["", "*ｖｉｎ：", " 品\u{3000}牌 "])
        + &texts(4, &["", "LSV1", "大众"])
        + &texts(6, &["", "LSV2", "奔驰"]);
    assert_eq!(
        layout.read(Book::rows(&rows).bytes()),
        ["4: LSV1|大众", "6: LSV2|奔驰"]
    );
}

#[test]
fn missing_ambiguous_double_and_unknown_headings_are_named() {
    let said = |rows: &str| two().refuses(Book::rows(rows).bytes());
    assert_eq!(
        said(&(texts(1, &["台账"]) + &texts(2, &["车架号码", "品牌"]))),
        "error excel-header-missing: row 2 is most like the row of headings, but lacks `车架号` (near: \
         `车架号码`); it has `车架号码`, `品牌`"
    );
    assert_eq!(
        said(&texts(1, &["甲", "乙"])),
        "error excel-header-missing: none of the first 20 rows has any of the wanted headings; expected \
         `车架号`, `品牌`"
    );
    assert_eq!(
        said(""),
        "error excel-header-missing: none of the first 20 rows has any of the wanted headings; expected \
         `车架号`, `品牌`"
    );
    let header = ["车架号", "品牌"];
    assert_eq!(
        said(&(texts(1, &header) + &texts(2, &["1", "2"]) + &texts(5, &header))),
        "error excel-header-ambiguous: the rows 1, 5 have every wanted heading"
    );
    assert_eq!(
        said(&texts(1, &["车架号", "品牌", " 品牌"])),
        "error excel-heading-twice: the columns B and C both have a heading of `品牌`"
    );
    assert_eq!(
        said(&texts(1, &["车架号", "备注", "品牌"])),
        "error excel-extra-column: the sheet has `备注`, which nothing reads; `extra_columns = \"ignore\"` \
         admits them"
    );
    let rows = texts(1, &["车架号", "备注", "品牌"]) + &texts(2, &["1", "2", "3"]);
    let open = two().plan(|plan| plan.extra_columns = ExtraColumns::Ignore);
    assert_eq!(open.read(Book::rows(&rows).bytes()), ["2: 1|3"]);
}

#[test]
fn an_optional_column_may_be_missing() {
    let mut layout = two().column("备注", &["备注"]);
    layout
        .plan
        .columns
        .iter_mut()
        .for_each(|column| column.is_optional = true);
    layout.layout.records[0]
        .slots
        .push(field("备注", CellKind::Text));
    assert_eq!(layout.read(book().bytes()), ["2: LSV1|大众|~"]);
}

#[test]
fn headings_after_the_first_rows_are_not_found() {
    let layout = two().plan(|plan| plan.header_within = 2);
    let rows = texts(3, &["车架号", "品牌"]) + &texts(4, &["1", "2"]);
    assert!(
        layout
            .refuses(Book::rows(&rows).bytes())
            .starts_with("error excel-header-missing: none")
    );
}

#[test]
fn two_rows_of_headings_are_joined_and_merged_cells_spread() {
    let layout =
        Excel::texts(&["车架号", "出口/数量", "出口/金额"]).plan(|plan| plan.header_rows = 2);
    let rows = texts(1, &["台账"])
        + &texts(2, &["车架号", "出口"])
        + &texts(3, &["", "数量", "金额"])
        + &texts(4, &["LSV1", "2", "3"])
        + &texts(5, &["车架号", "出口"]);
    let merges = r#"<mergeCells><mergeCell ref="A1:C1"/><mergeCell ref="A2:A3"/><mergeCell ref="B2:C2"/></mergeCells>"#;
    let book = Book::sheet(&format!("<sheetData>{rows}</sheetData>{merges}"));
    assert_eq!(
        layout.read(book.bytes()),
        [
            "4: LSV1|2|3",
            "5 refused excel-repeated-header: the row is the row of headings once more"
        ]
    );
}

#[test]
fn total_rows_are_kinds_of_their_own() {
    let layout = Excel::of(&[("序号", CellKind::Integer), ("金额", CellKind::Decimal(2))])
        .and(marked("subtotal", Some("序号"), "小计", &["金额"]))
        .and(marked("total", None, "合计", &["金额"]));
    let number = |place: &str, value: &str| format!("<c r=\"{place}\"><v>{value}</v></c>");
    let rows = texts(1, &["序号", "金额"])
        + &row(2, &[&number("A2", "1"), &number("B2", "1.1")])
        + &row(3, &[&text("A3", "小　计："), &number("B3", "1.1")])
        + &row(4, &[&number("A4", "2"), &number("B4", "2.2")])
        + &row(
            5,
            &[&text("A5", "合 计"), &number("B5", "3.3000000000000003")],
        );
    assert_eq!(
        layout.read(Book::rows(&rows).bytes()),
        [
            "2: 1|1.1",
            "3 kind 1: 1.1",
            "4: 2|2.2",
            "5 kind 2: 3.3000000000000003"
        ]
    );
}

#[test]
fn a_row_of_no_kind_is_refused() {
    let mut layout = two();
    layout.layout.records = vec![marked("total", None, "合计", &["车架号", "品牌"])];
    assert_eq!(
        layout.read(book().bytes()),
        ["2 refused excel-unmatched-row: the row fits the `match` of no kind of record"]
    );
}

#[test]
fn merged_cells_are_refused_or_spread_downwards_and_never_across() {
    let rows = texts(1, &["车架号", "品牌"])
        + &texts(2, &["A", "大众"])
        + &texts(3, &["B"])
        + &texts(4, &["C", "奔驰"])
        + &texts(5, &["横"]);
    let merges = r#"<mergeCells><mergeCell ref="B2:B3"/><mergeCell ref="A5:B5"/></mergeCells>"#;
    let book = Book::sheet(&format!("<sheetData>{rows}</sheetData>{merges}")).bytes();
    let across = "5 refused excel-merged-cell row.车架号: `Sheet1!A5`: the cells A5:B5 are merged across columns";
    assert_eq!(
        two().read(&book),
        [
            "2 refused excel-merged-cell row.品牌: `Sheet1!B2`: the cells B2:B3 are merged",
            "3 refused excel-merged-cell row.品牌: `Sheet1!B3`: the cells B2:B3 are merged",
            "4: C|奔驰",
            across,
        ]
    );
    let spread = two().plan(|plan| plan.merged = Merged::Spread);
    assert_eq!(
        spread.read(&book),
        [
            "2: A|大众",
            "3: B|大众",
            "4: C|奔驰",
            across,
            "note: `Sheet1`: 1 values were spread from merged cells"
        ]
    );
}

#[test]
fn an_area_that_begins_at_the_headings_or_at_a_blank_row_is_told_apart() {
    let rows = texts(1, &["车架号", "品牌"])
        + &texts(2, &["A"])
        + &texts(4, &["B"])
        + &texts(5, &["C", "1"]);
    let merges = r#"<mergeCells><mergeCell ref="B1:B2"/><mergeCell ref="B3:B4"/></mergeCells>"#;
    let book = Book::sheet(&format!("<sheetData>{rows}</sheetData>{merges}"));
    let spread = two().plan(|plan| plan.merged = Merged::Spread);
    assert_eq!(
        spread.read(book.bytes()),
        [
            "2 refused excel-merged-cell row.品牌: `Sheet1!B2`: the cells B1:B2 are merged with the headings",
            "4: B|",
            "5: C|1",
        ]
    );
}

#[test]
fn a_total_row_may_merge_cells_that_it_does_not_read() {
    let layout =
        Excel::texts(&["序号", "车架号", "金额"]).and(marked("total", None, "合计", &["金额"]));
    let rows = texts(1, &["序号", "车架号", "金额"]) + &texts(2, &["合计", "", "5"]);
    let merges = r#"<mergeCells><mergeCell ref="A2:B2"/></mergeCells>"#;
    let book = Book::sheet(&format!("<sheetData>{rows}</sheetData>{merges}"));
    assert_eq!(layout.read(book.bytes()), ["2 kind 1: 5"]);
}

#[test]
fn blank_rows_are_passed_over_or_end_the_records() {
    let rows = texts(1, &["车架号", "品牌"])
        + &texts(2, &["A", "1"])
        + &texts(3, &["\u{3000}", " "])
        + &texts(4, &["B", "2"]);
    let book = Book::rows(&rows).bytes();
    assert_eq!(two().read(&book), ["2: A|1", "4: B|2"]);
    let ending = two().plan(|plan| plan.blank_rows = BlankRows::End);
    assert_eq!(
        ending.read(&book),
        [
            "2: A|1",
            "note: `Sheet1`: the records end at the blank row 3"
        ]
    );
}

#[test]
fn the_sheet_is_the_first_visible_the_named_or_the_one_like_a_pattern() {
    let sheet = |mark: &str| {
        let rows = texts(1, &["车架号", "品牌"]) + &texts(2, &[mark, "1"]);
        format!("<sheetData>{rows}</sheetData>")
    };
    let (a, b, c) = (sheet("a"), sheet("b"), sheet("c"));
    let book = Book::sheets(&[
        ("说明", "state=\"hidden\"", &a),
        ("2024年1月", "", &b),
        ("2024年2月", "", &c),
    ])
    .bytes();
    let hidden = "note: hidden sheets: `说明`";
    assert_eq!(two().read(&book), ["2: b|1", hidden]);
    let named = |name: &str| two().plan(|plan| plan.sheet = SheetChoice::Named(name.into()));
    assert_eq!(named("2024年2月").read(&book), ["2: c|1", hidden]);
    assert_eq!(
        named("说明").read(&book),
        ["2: a|1", "note: the sheet `说明` is hidden"]
    );
    assert_eq!(
        named("台账").refuses(&book),
        "error excel-sheet: there is no sheet `台账`; the workbook has `说明`, `2024年1月`, `2024年2月`"
    );
    let like = |pattern: &str| {
        let regex = Regex::new(pattern).expect("a pattern");
        two().plan(|plan| plan.sheet = SheetChoice::Like(regex))
    };
    assert_eq!(like("2月$").read(&book), ["2: c|1", hidden]);
    assert_eq!(
        like("^2024").refuses(&book),
        "error excel-sheet: more than one sheet fits: `2024年1月`, `2024年2月`; expected exactly one"
    );
    assert_eq!(
        like("明").refuses(&book),
        "error excel-sheet: no visible sheet is like `明`; the workbook has `说明`, `2024年1月`, `2024年2月`"
    );
}

#[test]
fn hidden_rows_and_columns_are_read_and_reported_or_refused() {
    let rows = texts(1, &["车架号", "品牌"])
        + &texts(2, &["A", "1"]).replace("<row ", "<row hidden=\"1\" ");
    let cols = r#"<cols><col min="2" max="2" hidden="1"/></cols>"#;
    let book = Book::sheet(&format!("{cols}<sheetData>{rows}</sheetData>")).bytes();
    assert_eq!(
        two().read(&book),
        [
            "2: A|1",
            "note: `Sheet1`: hidden rows 2",
            "note: `Sheet1`: hidden columns B:B"
        ]
    );
    let strict = two().plan(|plan| plan.hidden = Hidden::Refuse);
    assert_eq!(
        strict.refuses(&book),
        "error excel-hidden: `Sheet1`: hidden rows 2; `Sheet1`: hidden columns B:B"
    );
}

#[test]
fn a_row_is_shown_with_its_place_its_headings_and_its_values() {
    let rows = texts(1, &["车架号", "品牌"])
        + &row(
            2,
            &[&text("A2", "LSV1"), "<c r=\"B2\"><f>1</f><v>1.5</v></c>"],
        );
    assert_eq!(
        two().shown(&Book::rows(&rows).bytes(), &[2, 9]),
        ["Sheet1!2\nA2 车架号: LSV1\nB2 品牌: =1.5"]
    );
}
