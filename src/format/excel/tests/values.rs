//! What the cells of a workbook become.

use super::support::{Book, Excel, row, text, texts};
use crate::format::excel::plan::{CellKind, Formulas, TextDates, Trim};

/// A sheet with one column of this kind and the cells, one a row from row 2 on: attributes and
/// inside.
fn column(kind: CellKind, cells: &[(&str, &str)]) -> Vec<String> {
    layout(kind).read(book(cells).bytes())
}

fn layout(kind: CellKind) -> Excel {
    Excel::of(&[("列", kind)])
}

fn book(cells: &[(&str, &str)]) -> Book {
    let mut rows = texts(1, &["列"]);
    for (at, (attributes, inside)) in cells.iter().enumerate() {
        let number = at as u32 + 2;
        let cell = format!("<c r=\"A{number}\" {attributes}>{inside}</c>");
        rows.push_str(&row(number, &[&cell]));
    }
    Book::rows(&rows)
}

#[test]
fn numbers_are_the_shortest_text_that_means_them() {
    let cells = [
        ("", "<v>1</v>"),
        ("", "<v>1.0E5</v>"),
        ("", "<v>123.45</v>"),
        ("", "<v>1234.5599999999999</v>"),
        ("", "<v>0.30000000000000004</v>"),
        ("", "<v>-0</v>"),
        ("", "<v>1E-7</v>"),
        ("t=\"n\"", "<v>99999999999999</v>"),
        ("t=\"b\"", "<v>1</v>"),
        ("t=\"str\"", "<v>00123</v>"),
    ];
    assert_eq!(
        column(CellKind::Decimal(2), &cells),
        [
            "2: 1",
            "3: 100000",
            "4: 123.45",
            "5: 1234.56",
            "6: 0.30000000000000004",
            "7: 0",
            "8: 0.0000001",
            "9: 99999999999999",
            "10: TRUE",
            "11: 00123",
        ]
    );
}

#[test]
fn what_cannot_be_exact_is_refused_with_its_cell() {
    let cells = [
        ("", "<v>100000000000000</v>"),
        ("", "<v>6.222021234567890E+18</v>"),
        ("t=\"e\"", "<v>#N/A</v>"),
        ("t=\"e\"", "<v>#REF!</v>"),
        ("", "<v>1e999</v>"),
        ("", "<f>A1+1</f>"),
        ("t=\"inlineStr\"", "<is><t>\u{FFFD}</t></is>"),
    ];
    let long = |digits: u32| {
        format!(
            "a number of {digits} digits is stored as a number, of which a workbook keeps 15: it must be text"
        )
    };
    let expected = [
        format!("2 refused excel-long-number row.列: `Sheet1!A2`: {}", long(15)),
        format!("3 refused excel-long-number row.列: `Sheet1!A3`: {}", long(19)),
        "4 refused excel-error-cell row.列: `Sheet1!A4`: the cell shows `#N/A`".to_owned(),
        "5 refused excel-error-cell row.列: `Sheet1!A5`: the cell shows `#REF!`".to_owned(),
        "6 refused excel-number row.列: `Sheet1!A6`: the number is infinite or none at all".to_owned(),
        "7 refused excel-formula-without-result row.列: `Sheet1!A7`: the formula has no result: it was \
         never calculated"
            .to_owned(),
        "8 refused excel-broken-text row.列: `Sheet1!A8`: the text has a lost character (U+FFFD) at byte 0"
            .to_owned(),
    ];
    assert_eq!(column(CellKind::Text, &cells), expected);
}

#[test]
fn days_are_counted_from_1900_with_its_hole() {
    // Styles: 1 is format 14, 2 and 3 are 27 and 57, 5 and 6 have times.
    let cells = [
        ("s=\"1\"", "<v>1</v>"),
        ("s=\"1\"", "<v>59</v>"),
        ("s=\"1\"", "<v>60</v>"),
        ("s=\"1\"", "<v>61</v>"),
        ("s=\"2\"", "<v>45293</v>"),
        ("s=\"3\"", "<v>45293</v>"),
        ("s=\"1\"", "<v>2958465</v>"),
        ("s=\"1\"", "<v>2958466</v>"),
        ("s=\"1\"", "<v>-1</v>"),
        ("s=\"1\"", "<v>45293.354166666667</v>"),
        ("s=\"1\"", "<v>0.25</v>"),
        ("", "<v>45293</v>"),
    ];
    let no_day = |number: &str, cell: u32, why: &str| {
        format!(
            "{cell} refused excel-no-such-day row.列: `Sheet1!A{cell}`: the day with the number {number} \
             does not exist: {why}"
        )
    };
    let never = "no day of the years up to 9999 has it";
    assert_eq!(
        column(CellKind::Day, &cells),
        [
            "2: 1900-01-01".to_owned(),
            "3: 1900-02-28".to_owned(),
            no_day("60", 4, "it is 1900-02-29, which never was"),
            "5: 1900-03-01".to_owned(),
            "6: 2024-01-02".to_owned(),
            "7: 2024-01-02".to_owned(),
            "8: 9999-12-31".to_owned(),
            no_day("2958466", 9, never),
            no_day("-1", 10, never),
            // A day with a time is no day: its field refuses it.
            "11: 2024-01-02T08:30:00".to_owned(),
            no_day("0.25", 12, "it has no day"),
            // A number without a format of days is no day either.
            "13: 45293".to_owned(),
        ]
    );
}

#[test]
fn days_may_be_counted_from_1904() {
    let cells = [("s=\"1\"", "<v>0</v>"), ("s=\"1\"", "<v>43831</v>")];
    let book = book(&cells).edit(
        "xl/workbook.xml",
        "<workbookPr/>",
        "<workbookPr date1904=\"1\"/>",
    );
    assert_eq!(
        layout(CellKind::Day).read(book.bytes()),
        ["2: 1904-01-01", "3: 2024-01-02"]
    );
}

#[test]
fn moments_times_and_elapsed_times_are_read_to_the_millisecond() {
    let cells = [
        ("s=\"5\"", "<v>45293.354166666664</v>"),
        ("s=\"6\"", "<v>45293</v>"),
        ("s=\"6\"", "<v>45293.000001446761</v>"),
    ];
    assert_eq!(
        column(CellKind::Moment, &cells),
        [
            "2: 2024-01-02T08:30:00",
            "3: 2024-01-02T00:00:00",
            "4: 2024-01-02T00:00:00.125",
        ]
    );
    let cells = [
        ("s=\"1\"", "<v>0.354166666666667</v>"),
        ("s=\"4\"", "<v>1.2604166666666667</v>"),
        ("s=\"6\"", "<v>45293.354166666664</v>"),
        ("s=\"1\"", "<v>45293</v>"),
    ];
    assert_eq!(
        column(CellKind::Text, &cells),
        [
            "2: 08:30:00",
            "3: 30:15:00",
            "4: 2024-01-02 08:30:00",
            "5: 2024-01-02"
        ]
    );
}

#[test]
fn texts_of_days_are_read_year_first_when_that_is_declared() {
    let days = [
        ("2024/1/2", "2024-01-02"),
        ("2024年1月2日", "2024-01-02"),
        ("2024.01.02", "2024-01-02"),
        ("20240102", "2024-01-02"),
        (" 2024-1-2 ", "2024-01-02"),
        ("2024-1-2 8:05", "2024-01-02T08:05:00"),
        ("2024年1月2日 8时5分9秒", "2024-01-02T08:05:09"),
        // What is no day so stays as it is, and its field refuses it.
        ("2/1/2024", "2/1/2024"),
        ("2024-2-30", "2024-2-30"),
        ("2024-1", "2024-1"),
        ("2024-1-2x", "2024-1-2x"),
        ("24-1-2", "24-1-2"),
    ];
    let mut rows = texts(1, &["列"]);
    for (at, (day, _)) in days.iter().enumerate() {
        rows.push_str(&texts(at as u32 + 2, &[day]));
    }
    let book = Book::rows(&rows).bytes();
    let exact: Vec<String> = (days.iter().enumerate())
        .map(|(at, (day, _))| format!("{}: {day}", at + 2))
        .collect();
    assert_eq!(layout(CellKind::Day).read(&book), exact);
    let expected: Vec<String> = (days.iter().enumerate())
        .map(|(at, (_, day))| format!("{}: {day}", at + 2))
        .collect();
    let layout = layout(CellKind::Day).plan(|plan| plan.text_dates = TextDates::YearFirst);
    assert_eq!(layout.read(&book), expected);
}

#[test]
fn texts_keep_their_spaces_unless_they_are_trimmed() {
    let rows = texts(1, &["列"]) + &texts(2, &[" \u{3000}甲 乙\u{3000}"]);
    let book = Book::rows(&rows).bytes();
    assert_eq!(
        layout(CellKind::Text).read(&book),
        ["2:  \u{3000}甲 乙\u{3000}"]
    );
    let trimmed = layout(CellKind::Text).plan(|plan| plan.trim = Trim::Spaces);
    assert_eq!(trimmed.read(&book), ["2: 甲 乙"]);
}

#[test]
fn results_of_formulas_are_read_and_said_or_refused() {
    let cells = [
        ("", "<f>1+1</f><v>2</v>"),
        ("t=\"str\"", "<f>\"\"</f><v></v>"),
        ("", "<f t=\"shared\" si=\"0\" ref=\"A4:A5\">1</f><v>1</v>"),
        ("", "<f t=\"shared\" si=\"0\"/><v>1</v>"),
    ];
    let book = book(&cells).bytes();
    assert_eq!(
        layout(CellKind::Integer).read(&book),
        [
            "2: 2",
            "4: 1",
            "5: 1",
            "note: `Sheet1`: 3 values are results of formulas"
        ]
    );
    let strict = layout(CellKind::Integer).plan(|plan| plan.formulas = Formulas::Refuse);
    assert_eq!(
        strict.read(&book).first().map(String::as_str),
        Some("2 refused excel-formula row.列: `Sheet1!A2`: the value is a formula")
    );
}

#[test]
fn a_text_longer_than_the_limit_is_refused_with_its_cell() {
    let rows = texts(1, &["列"]) + &texts(2, &["12345"]) + &row(3, &[&text("A3", "1234")]);
    let small = layout(CellKind::Text).limits(|limits| limits.field_bytes = 4);
    assert_eq!(
        small.read(Book::rows(&rows).bytes()),
        [
            "2 refused excel-long-text row.列: `Sheet1!A2`: the text has 5 bytes, at most 4 may be",
            "3: 1234"
        ]
    );
}
