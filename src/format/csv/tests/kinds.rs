//! Header rows, kinds of record and the values they share.

use super::support::{Csv, at_column, column_of, kind, named, named_column};
use crate::format::csv::plan::{BlankLines, ExtraColumns, Header, TrailingSeparator, Trim};
use crate::format::csv::select::Condition;

fn starts_with(text: &str) -> Vec<Condition> {
    vec![Condition::StartsWith(text.into())]
}

fn column_is(column: usize, value: &str) -> Condition {
    let values = vec![value.to_owned()];
    Condition::Column { column, values }
}

#[test]
fn columns_are_found_by_name_in_any_order() {
    let csv = Csv::by_name(&["card", "amount"]);
    assert_eq!(csv.read("amount,card\n5,A\n"), ["1 @12+3 row: [A][5]"]);
}

#[test]
fn a_missing_column_is_named_with_what_is_near() {
    let csv = Csv::by_name(&["card", "amount", "day"]);
    assert_eq!(
        csv.read("card,amuont,x\n1,2,3\n"),
        [
            "at open, error header-mismatch: the header row lacks `amount` (near: `amuont`), `day`; it \
          has `card`, `amuont`, `x` (at byte 0)"
        ]
    );
}

#[test]
fn extra_columns_are_refused_unless_they_are_to_be_ignored() {
    let csv = Csv::by_name(&["card"]);
    assert_eq!(
        csv.read("card,x,y\n1,2,3\n"),
        [
            "at open, error header-mismatch: the header row has `x`, `y`, which nothing reads; \
          `extra_columns = \"ignore\"` admits them (at byte 0)"
        ]
    );
    let tolerant = csv.plan(|plan| plan.extra_columns = ExtraColumns::Ignore);
    assert_eq!(
        tolerant.read("x,card,y\n1,2,3\n4,5\n"),
        [
            "1 @9+5 row: [2]",
            "2 @15+3 refused column-count: number of fields: found 2, expected 3 for `row`",
        ]
    );
}

#[test]
fn the_first_name_that_the_header_row_has_wins() {
    let mut row = named("row", &["card"]);
    row.slots
        .push(vec![named_column("money"), named_column("amount")]);
    let csv = Csv::kinds(vec![row]).plan(|plan| plan.header = Header::Name);
    assert_eq!(csv.read("card,amount\n1,2\n"), ["1 @12+3 row: [1][2]"]);
    assert_eq!(
        csv.read("card\n1\n"),
        [
            "at open, error header-mismatch: the header row lacks `money` or `amount`; it has `card` (at byte 0)"
        ]
    );
}

#[test]
fn a_header_row_by_position_must_be_exactly_the_declared_one() {
    let csv = Csv::of(&["a", "b"]).plan(|plan| plan.header = Header::Position);
    assert_eq!(csv.read("a,b\n1,2\n"), ["1 @4+3 row: [1][2]"]);
    assert_eq!(
        csv.read("b,a\n1,2\n"),
        [
            "at open, error header-mismatch: column 1 of the header row is `b`, expected `a` (at byte 0)"
        ]
    );
    assert_eq!(
        csv.read("a,b,c\n1,2\n"),
        ["at open, error header-mismatch: the header row has 3 names, expected 2 (at byte 0)"]
    );
    assert_eq!(
        csv.read("a,\"b\"x\n"),
        [
            "at open, error text-after-quote: the header row: field 2 goes on after its closing quote (at byte 0)"
        ]
    );
}

#[test]
fn kinds_are_told_apart_by_all_their_conditions() {
    let header = vec![Condition::First, column_is(0, "H")];
    let csv = Csv::kinds(vec![
        kind("header", &["type", "day"], header),
        kind(
            "detail",
            &["type", "card", "amount"],
            vec![column_is(0, "D"), Condition::Fields(3)],
        ),
        kind("note", &["text"], starts_with("#")),
        kind(
            "trailer",
            &["type", "count"],
            vec![Condition::Last, column_is(0, "T")],
        ),
    ]);
    assert_eq!(
        csv.read("H,0301\nD,A,5\n#x\nD,B\nT,0\nD,C,6\nT,2\n"),
        [
            "1 @0+6 header: [H][0301]",
            "2 @7+5 detail: [D][A][5]",
            "3 @13+2 note: [#x]",
            "4 @16+3 refused unmatched-record: the line fits the `match` of no kind of record",
            "5 @20+3 refused unmatched-record: the line fits the `match` of no kind of record",
            "6 @24+5 detail: [D][C][6]",
            "7 @30+3 trailer: [T][2]",
        ]
    );
}

#[test]
fn values_of_a_header_line_are_shared_by_the_records_after_it() {
    let mut detail = kind("detail", &["type", "card"], Vec::new());
    detail.slots = vec![vec![at_column(1)], vec![column_of(0, 1)]];
    let csv = Csv::kinds(vec![
        kind("header", &["type", "day"], vec![column_is(0, "H")]),
        detail,
    ]);
    assert_eq!(
        csv.read("D,A\nH,0301\nD,B\nD,C\nH,0302\nD,D\n"),
        [
            "1 @0+3 detail: [A]-",
            "2 @4+6 header: [H][0301]",
            "3 @11+3 detail: [B][0301]",
            "4 @15+3 detail: [C][0301]",
            "5 @19+6 header: [H][0302]",
            "6 @26+3 detail: [D][0302]",
        ]
    );
}

#[test]
fn a_refused_header_line_leaves_no_value_of_the_batch_before_it() {
    let mut detail = kind("detail", &["type", "card"], Vec::new());
    detail.slots = vec![vec![at_column(1)], vec![column_of(0, 1)]];
    let csv = Csv::kinds(vec![
        kind("header", &["type", "day"], vec![column_is(0, "H")]),
        detail,
    ]);
    let count = "refused column-count: number of fields: found 3, expected 2 for `header`";
    let quote = "refused stray-quote: field 2 has a quote inside but does not begin with one";
    assert_eq!(
        csv.read("H,0301\nD,A\"\nD,B\nH,1,2\nD,C\nH,0303\nH,x\"\nD,D\n"),
        [
            "1 @0+6 header: [H][0301]".to_owned(),
            format!("2 @7+4 {quote}"),
            "3 @12+3 detail: [B][0301]".to_owned(),
            format!("4 @16+5 {count}"),
            "5 @22+3 detail: [C]-".to_owned(),
            "6 @26+6 header: [H][0303]".to_owned(),
            format!("7 @33+4 {quote}"),
            "8 @38+3 detail: [D]-".to_owned(),
        ]
    );
}

#[test]
fn the_header_row_comes_after_a_first_line_of_its_own_kind() {
    let mut row = named("row", &["card", "amount"]);
    row.slots.push(vec![column_of(0, 1)]);
    let trailer = kind("trailer", &["word", "count"], vec![Condition::Last]);
    let first = kind("title", &["what", "day"], vec![Condition::First]);
    let csv = Csv::kinds(vec![first, row, trailer]).plan(|plan| plan.header = Header::Name);
    assert_eq!(
        csv.read("list,0301\namount,card\n5,A\ntotal,1\n"),
        [
            "1 @0+9 title: [list][0301]",
            "2 @22+3 row: [A][5][0301]",
            "3 @26+7 trailer: [total][1]",
        ]
    );
    assert_eq!(
        csv.read("list,0301\n"),
        [
            "1 @0+9 title: [list][0301]",
            "error header-mismatch: the content ends without its header row (at byte 10)",
        ]
    );
}

#[test]
fn the_last_line_is_known_in_spite_of_blank_lines_that_are_skipped() {
    let csv = Csv::kinds(vec![
        kind("row", &["a"], Vec::new()),
        kind("trailer", &["count"], vec![Condition::Last]),
    ])
    .plan(|plan| plan.blank_lines = BlankLines::Skip);
    assert_eq!(
        csv.read("\n1\n\n2\n\r\n\n"),
        ["1 @1+1 row: [1]", "2 @4+1 trailer: [2]"]
    );
}

#[test]
fn a_trailing_separator_is_no_field() {
    let csv = |trailing| Csv::of(&["a", "b"]).plan(|plan| plan.trailing_separator = trailing);
    let detail = "the line does not end with a separator, `trailing_separator` is `required`";
    assert_eq!(
        csv(TrailingSeparator::Required).read("1,2,\n3,4\n5,\"\"\n6,,\n7,8,\"\"\n"),
        [
            "1 @0+4 row: [1][2]".to_owned(),
            format!("2 @5+3 refused trailing-separator: {detail}"),
            format!("3 @9+4 refused trailing-separator: {detail}"),
            "4 @14+3 row: [6][]".to_owned(),
            format!("5 @18+6 refused trailing-separator: {detail}"),
        ]
    );
    assert_eq!(
        csv(TrailingSeparator::Optional).read("1,2,\n3,4\n5,\n6,,\n"),
        [
            "1 @0+4 row: [1][2]",
            "2 @5+3 row: [3][4]",
            "3 @9+2 row: [5][]",
            "4 @12+3 row: [6][]"
        ]
    );
    assert_eq!(
        csv(TrailingSeparator::None).read("1,2,\n"),
        ["1 @0+4 refused column-count: number of fields: found 3, expected 2 for `row`"]
    );
}

#[test]
fn a_header_row_has_the_trailing_separator_too() {
    for trailing in [TrailingSeparator::Required, TrailingSeparator::Optional] {
        let csv = Csv::by_name(&["a", "b"]).plan(|plan| plan.trailing_separator = trailing);
        assert_eq!(csv.read("b,a,\n1,2,\n"), ["1 @5+4 row: [2][1]"]);
    }
}

#[test]
fn spaces_are_trimmed_outside_of_quotes_only() {
    let csv = Csv::of(&["a", "b", "c"]).plan(|plan| plan.trim = Trim::Spaces);
    assert_eq!(
        csv.read("  1 ,  ,x y \n \" 2 \" ,\"\", 3\n"),
        ["1 @0+12 row: [1][][x y]", "2 @13+13 row: [ 2 ][][3]"]
    );
    assert_eq!(Csv::of(&["a"]).read(" 1 \n"), ["1 @0+3 row: [ 1 ]"]);
}

#[test]
fn separators_of_several_characters_split_from_the_left() {
    for (separator, line) in [
        ("||", "1||2|||3"),
        ("|+|", "1|+|2|+||3"),
        ("\u{1}", "1\u{1}2\u{1}|3"),
        ("§", "1§2§|3"),
    ] {
        let csv = Csv::of(&["a", "b", "c"]).plan(|plan| plan.separator = separator.into());
        let length = line.len();
        assert_eq!(
            csv.read(line),
            [format!("1 @0+{length} row: [1][2][|3]")],
            "{separator}"
        );
    }
}
