//! What records become.

use super::*;
use crate::format::json::{AbsentFields, Nulls, reading_problems, writing_problems};
use crate::text::Encoding;

fn text(plan: &JsonPlan, layout: &Layout, records: &[(usize, &[Option<&str>])]) -> String {
    let bytes = write_with(plan, layout, records).expect("it can be written");
    String::from_utf8(bytes).expect("UTF-8")
}

const RECORDS: &[(usize, &[Option<&str>])] = &[
    (0, &[Some("2024-01-02"), Some("2"), Some("C\"1")]),
    (
        1,
        &[Some("A1"), Some("12.30"), Some("6101"), Some("true"), None],
    ),
    (2, &[Some("s1"), Some("1"), None]),
    (2, &[Some("s2"), Some("25.0"), None]),
    (3, &[Some("早")]),
    (1, &[Some("A2"), Some("0.05"), None, None, None]),
];

#[test]
fn records_are_written_in_the_declared_order() {
    assert_eq!(
        text(&JsonPlan::default(), &orders(), RECORDS),
        r#"{
  "head": {
    "date": "2024-01-02",
    "count": 2,
    "sender": "C\"1"
  },
  "data": {
    "orders": [
      {
        "id": "A1",
        "amount": 12.30,
        "card": {
          "no": "6101"
        },
        "paid": true,
        "items": [
          {
            "sku": "s1",
            "n": 1
          },
          {
            "sku": "s2",
            "n": 25.0
          }
        ],
        "tags": [
          "早"
        ]
      },
      {
        "id": "A2",
        "amount": 0.05,
        "items": [],
        "tags": []
      }
    ]
  }
}
"#
    );
}

#[test]
fn a_compact_document_has_no_space_and_may_have_nulls() {
    let plan = JsonPlan {
        indent: 0,
        absent: AbsentFields::Null,
        empty_lists: false,
        ..JsonPlan::default()
    };
    assert_eq!(
        text(&plan, &orders(), RECORDS),
        "{\"head\":{\"date\":\"2024-01-02\",\"count\":2,\"sender\":\"C\\\"1\"},\"data\":{\"orders\":[\
         {\"id\":\"A1\",\"amount\":12.30,\"card\":{\"no\":\"6101\"},\"paid\":true,\
         \"items\":[{\"sku\":\"s1\",\"n\":1},{\"sku\":\"s2\",\"n\":25.0}],\"tags\":[\"早\"]},\
         {\"id\":\"A2\",\"amount\":0.05,\"card\":{\"no\":null},\"paid\":null}]}}"
    );
}

#[test]
fn a_header_alone_has_its_empty_lists() {
    let plan = JsonPlan {
        indent: 0,
        ..JsonPlan::default()
    };
    assert_eq!(
        text(&plan, &orders(), &[(0, &[Some("d"), None, None])]),
        "{\"head\":{\"date\":\"d\"},\"data\":{\"orders\":[]}}"
    );
}

#[test]
fn lines_are_written_one_by_one() {
    let layout = layout(vec![
        kind("row", ".", &["id", "#n"]),
        kind("part", "parts[]", &["."]),
    ]);
    let records: &[(usize, &[Option<&str>])] = &[
        (0, &[Some("a"), Some("1")]),
        (1, &[Some("x")]),
        (0, &[Some("b\n"), None]),
    ];
    assert_eq!(
        text(&lines(), &layout, records),
        "{\"id\":\"a\",\"n\":1,\"parts\":[\"x\"]}\n{\"id\":\"b\\n\",\"parts\":[]}\n"
    );
    assert_eq!(text(&lines(), &layout, &[]), "");
}

#[test]
fn an_array_may_be_outermost() {
    let plan = JsonPlan {
        indent: 0,
        encoding: Encoding::Gbk,
        ..JsonPlan::default()
    };
    let layout = layout(vec![kind("row", "[]", &["名"])]);
    let bytes = write_with(&plan, &layout, &[(0, &[Some("中😀")]), (0, &[Some("")])]);
    let bytes = bytes.expect("it can be written");
    let decoded = Encoding::Gbk.decode(&bytes).expect("GBK");
    assert_eq!(decoded, "[{\"名\":\"中\\ud83d\\ude00\"},{\"名\":\"\"}]");
}

#[test]
fn what_cannot_be_written_says_why() {
    let refused = |records: &[(usize, &[Option<&str>])]| {
        let written = write_with(&JsonPlan::default(), &orders(), records);
        written.expect_err("it cannot be written").to_string()
    };
    let head: (usize, &[Option<&str>]) = (0, &[Some("d"), Some("1"), None]);
    assert_eq!(
        refused(&[head, (1, &[Some("a"), Some("012"), None, None, None])]),
        "`order`: `amount` is `012`, which is not a number"
    );
    assert_eq!(
        refused(&[head, (1, &[Some("a"), None, None, Some("yes"), None])]),
        "`order`: `paid` is `yes`, which is not a boolean"
    );
    assert_eq!(
        refused(&[(1, &[Some("a"), None, None, None, None])]),
        "`order`: comes before its `day`, expected after"
    );
    assert_eq!(
        refused(&[head, head]),
        "`day`: a document has one outermost value, and it was written already"
    );
    assert_eq!(
        refused(&[]),
        "`day`: no record was written, and a document needs its outermost value"
    );
}

#[test]
fn contradicting_paths_are_found() {
    for (records, expected) in [
        (
            vec![kind("a", "x[]", &["id"]), kind("b", "x[]", &["no"])],
            "`a` and `b` are both at `x[]`: one value is one record",
        ),
        (
            vec![kind("a", "x[]", &["items[]/id"])],
            "`items[]/id` lies in an array, of which there may be many elements: make it a record",
        ),
        (
            vec![kind("a", "x[]", &["/y[]/id"])],
            "`/y[]/id` lies in an array, of which there may be many elements: make it a record",
        ),
        (
            vec![kind("a", "x[]", &["id", "id/no"])],
            "`/x[]/id` would have to be both an object and a field",
        ),
        (
            vec![kind("a", "x[]", &["id"]), kind("b", "x/y", &["id"])],
            "`/x` would have to be both an object and an array",
        ),
        (
            vec![kind("a", "x[]", &["/x"])],
            "`/x` would have to be both an array and a field",
        ),
    ] {
        let messages: Vec<String> = reading_problems(&layout(records))
            .into_iter()
            .map(|problem| problem.message)
            .collect();
        assert_eq!(messages, [expected]);
    }
    assert_eq!(reading_problems(&orders()), []);
    let mut numbers = kind("a", "x[]", &["id"]);
    if let Select::Json(select) = numbers.select {
        numbers.select = Select::Json(select.with_types(vec![path("no")], vec![]));
    }
    let messages = reading_problems(&layout(vec![numbers]));
    assert_eq!(
        messages[0].message,
        "`numbers` has `no`, which no field takes"
    );
}

#[test]
fn a_layout_that_cannot_be_written_says_why() {
    let plan = JsonPlan::default();
    assert_eq!(writing_problems(&plan, &orders()), None);
    let apart = layout(vec![kind("a", "x[]", &["c/a", "b", "c/d"])]);
    assert_eq!(
        writing_problems(&plan, &apart).as_deref(),
        Some("`a`: `c` would be written twice: fields of one object stand together")
    );
    let left = layout(vec![
        kind("a", ".", &["data/date", "sum"]),
        kind("b", "data/rows[]", &["id"]),
    ]);
    assert_eq!(
        writing_problems(&plan, &left).as_deref(),
        Some("`b`: `data` would be written twice: fields of one object stand together")
    );
}

#[test]
fn a_record_that_would_be_none_is_an_error() {
    let unread = "`row`: has no value, so it would not be read back as a record";
    let objects = layout(vec![skipping_empty(kind("row", "rows[]", &["id"]))]);
    let texts = layout(vec![skipping_empty(kind("row", "rows[]", &["."]))]);
    let either = layout(vec![kind("row", "rows[]", &["."])]);
    for (layout, value) in [
        (&objects, None),
        (&texts, None),
        (&texts, Some("")),
        (&either, None),
    ] {
        let written = write_with(&JsonPlan::default(), layout, &[(0, &[value])]);
        assert_eq!(written.expect_err("it would be none").to_string(), unread);
    }
    let written = write_with(&JsonPlan::default(), &either, &[(0, &[Some("")])]);
    let all = read(written.expect("an empty text is a record"), &either).expect("a document");
    assert_eq!(all.of(0), [[Some("")]]);
}

#[test]
fn a_null_that_stands_for_an_absent_value_is_of_every_type() {
    let plan = JsonPlan {
        absent: AbsentFields::Null,
        nulls: Nulls::Empty,
        strict_types: true,
        ..JsonPlan::default()
    };
    let layout = layout(vec![kind("row", "rows[]", &["id", "#n", "?b"])]);
    let records: &[(usize, &[Option<&str>])] = &[(0, &[Some("1"), None, None])];
    let written = write_with(&plan, &layout, records).expect("it can be written");
    let all = read_with(&written, &plan, &layout).expect("a document");
    assert_eq!(all.refused(), []);
    assert_eq!(all.of(0), [[Some("1"), Some(""), Some("")]]);
}
