//! What documents give.

use super::*;
use crate::format::json::{Nulls, UnknownMembers};
use crate::text::Encoding;

#[test]
fn nested_records_come_with_the_values_of_what_they_stand_in() {
    let all = read(ORDERS, &orders()).expect("a good document");
    assert_eq!(all.rejects, []);
    assert_eq!(
        all.of(2),
        [
            [Some("s1"), Some("1"), Some("A1")],
            [Some("s2"), Some("25.0"), Some("A1")]
        ]
    );
    assert_eq!(all.of(3), [[Some("早")], [Some("晚")]]);
    assert_eq!(
        all.of(1),
        [
            [
                Some("A1"),
                Some("12.30"),
                Some("6101"),
                Some("true"),
                Some("2024-01-02")
            ],
            [Some("A2"), Some("0.05"), None, None, Some("2024-01-02")],
        ]
    );
    assert_eq!(all.of(0), [[Some("2024-01-02"), Some("2"), Some("C\"1")]]);
    let kinds: Vec<usize> = all.records.iter().map(|record| record.kind).collect();
    assert_eq!(kinds, [2, 2, 3, 3, 1, 1, 0], "from the inside out");
}

#[test]
fn a_records_place_is_that_of_its_value() {
    let marked = format!("\u{feff}{ORDERS}");
    for content in [ORDERS, &marked] {
        let all = read(content, &orders()).expect("a good document");
        for (number, record) in all.records.iter().enumerate() {
            assert_eq!(record.place.record.0, number as u64 + 1);
            let start = record.place.offset as usize;
            let bytes = &content.as_bytes()[start..start + record.place.length as usize];
            let value: serde_json::Value = serde_json::from_slice(bytes).expect("a whole value");
            assert_eq!(value.is_object(), record.kind != 3);
            if record.kind == 1 {
                let id = value.get("id").and_then(serde_json::Value::as_str);
                assert_eq!(id, record.slots[0].as_deref());
            }
        }
    }
}

#[test]
fn places_in_gbk_are_those_of_the_raw_bytes() {
    let text = "[{\"名\":\"陕A\\\\\",\"n\":\"乱\"},{\"名\":\"浓\",\"n\":\"\\u4e2d\"}]";
    let bytes = Encoding::Gbk.encode(text).expect("GBK has it");
    let plan = JsonPlan {
        encoding: Encoding::Gbk,
        ..JsonPlan::default()
    };
    let layout = layout(vec![kind("row", "[]", &["名", "n"])]);
    let all = read_with(&*bytes, &plan, &layout).expect("a good document");
    assert_eq!(
        all.of(0),
        [[Some("陕A\\"), Some("乱")], [Some("浓"), Some("中")]]
    );
    let place = all.records[1].place;
    let (start, end) = (
        place.offset as usize,
        (place.offset + place.length) as usize,
    );
    let second = Encoding::Gbk.decode(&bytes[start..end]).expect("GBK");
    assert_eq!(second, "{\"名\":\"浓\",\"n\":\"\\u4e2d\"}");
}

#[test]
fn numbers_are_their_text_and_exponents_are_written_out() {
    let content = "[12.30,-0,1e3,12345678901234567890.123456789,1E-2]";
    let all = read(content, &layout(vec![kind("n", "[]", &["."])])).expect("a good document");
    let found: Vec<_> = all.of(0).concat().into_iter().flatten().collect();
    assert_eq!(
        found,
        [
            "12.30",
            "-0",
            "1000",
            "12345678901234567890.123456789",
            "0.01"
        ]
    );
}

#[test]
fn a_number_too_long_to_write_out_refuses_its_record() {
    let content = r#"[{"a":1e400},{"a":1e2}]"#;
    let all = read(content, &layout(vec![kind("n", "[]", &["a"])])).expect("a good document");
    assert_eq!(
        all.refused(),
        [(
            1,
            "json-number",
            "`[]/a` is `1e400`, which takes more than 64 digits to write out"
        )]
    );
    assert_eq!(all.of(0), [[Some("100")]]);
}

#[test]
fn null_absent_and_empty_are_three_things() {
    let content = r#"[{"a":null},{},{"a":""},{"a":"null"}]"#;
    let layout = layout(vec![kind("n", "[]", &["a"])]);
    let read = |nulls| {
        let plan = JsonPlan {
            nulls,
            ..JsonPlan::default()
        };
        read_with(content, &plan, &layout).expect("a good document")
    };
    let absent = read(Nulls::Absent);
    assert_eq!(absent.of(0), [[None], [None], [Some("")], [Some("null")]]);
    let empty = read(Nulls::Empty);
    assert_eq!(
        empty.of(0),
        [[Some("")], [None], [Some("")], [Some("null")]]
    );
    let refuse = read(Nulls::Refuse);
    assert_eq!(refuse.of(0), [[None], [Some("")], [Some("null")]]);
    assert_eq!(
        refuse.refused(),
        [(1, "json-null", "`a` is null, expected a value")]
    );
}

#[test]
fn declared_types_are_held_when_asked_for() {
    let content =
        r#"[{"a":1,"b":"x","c":true},{"a":"1","b":"x","c":true},{"a":1,"b":2,"c":"true"}]"#;
    let layout = layout(vec![kind("n", "[]", &["#a", "b", "?c"])]);
    let plan = JsonPlan {
        strict_types: true,
        ..JsonPlan::default()
    };
    let all = read_with(content, &plan, &layout).expect("a good document");
    assert_eq!(all.of(0), [[Some("1"), Some("x"), Some("true")]]);
    assert_eq!(
        all.refused(),
        [
            (2, "json-type", "`a` is a text, expected a number"),
            (3, "json-type", "`b` is a number, expected a text"),
        ]
    );
    let all = read(content, &layout).expect("a good document");
    assert_eq!(all.records.len(), 3);
}

#[test]
fn a_value_of_another_type_refuses_its_record_and_what_carries_records_the_content() {
    let layout = layout(vec![
        kind("day", ".", &["head/date"]),
        kind("order", "data/orders[]", &["id", "card/no"]),
    ]);
    let content = r#"{"head":{},"data":{"orders":[
        {"id":{"x":1}},{"id":["a"]},{"id":"A3","card":"6101"},7,null,["x"],{"id":"A7"}]}}"#;
    let all = read(content, &layout).expect("the rest is good");
    assert_eq!(
        all.refused(),
        [
            (
                1,
                "json-type",
                "`/data/orders[]/id` is an object, expected a text, number or boolean"
            ),
            (
                2,
                "json-type",
                "`/data/orders[]/id` is an array, expected a text, number or boolean"
            ),
            (
                3,
                "json-type",
                "`/data/orders[]/card` is a text, expected an object"
            ),
            (
                4,
                "json-type",
                "`/data/orders[]` is a number, expected an object"
            ),
            (
                5,
                "json-null",
                "`/data/orders[]` is null, expected a record"
            ),
            (
                6,
                "json-type",
                "`/data/orders[]` is an array, expected an object"
            ),
        ]
    );
    assert_eq!(all.of(1), [[Some("A7"), None]]);
    for (content, message) in [
        (
            r#"{"data":{"orders":{"id":"A1"}}}"#,
            "`/data/orders` is an object, expected an array (at byte 18)",
        ),
        (
            r#"{"data":[]}"#,
            "`/data` is an array, expected an object (at byte 8)",
        ),
        (
            r#"{"data":"x"}"#,
            "`/data` is a text, expected an object (at byte 8)",
        ),
    ] {
        assert_eq!(
            refusal(read(content, &layout)),
            ("json-type", message.to_owned()),
            "{content}"
        );
    }
    for (content, found) in [("[]", "an array"), ("7", "a number"), ("\"x\"", "a text")] {
        let message = format!("the content is {found}, expected an object (at byte 0)");
        assert_eq!(
            refusal(read(content, &layout)),
            ("json-wrong-root", message)
        );
    }
}

#[test]
fn empty_values_are_no_records_when_asked_for() {
    let layout = layout(vec![skipping_empty(kind("n", "[]", &["a"]))]);
    let all = read(r#"[null,{},"",{"a":"1"},{"b":2}]"#, &layout).expect("a good document");
    assert_eq!(all.of(0), [[Some("1")], [None]]);
    assert_eq!(all.rejects, []);
    assert_eq!(
        all.records[0].place.record.0, 1,
        "what is no record is not counted"
    );
}

#[test]
fn unknown_names_are_left_out_or_refused() {
    let content = r#"{"head":{"x":1},"data":{"orders":[{"id":"1","z":{"id":2}},{"id":"2"}]}}"#;
    let all = read(content, &orders()).expect("a good document");
    assert_eq!(all.records.len(), 3);
    let plan = JsonPlan {
        unknown: UnknownMembers::Refuse,
        ..JsonPlan::default()
    };
    let all = read_with(content, &plan, &orders()).expect("a good document");
    assert_eq!(
        all.refused(),
        [
            (
                1,
                "json-unknown-member",
                "the name `z` is in no field of the mapping"
            ),
            (
                3,
                "json-unknown-member",
                "the name `x` is in no field of the mapping"
            ),
        ]
    );
}

#[test]
fn a_name_that_stands_twice_refuses_its_record_and_what_carries_records_the_content() {
    let rows = layout(vec![kind("row", "rows[]", &["id", "a/b", "/date"])]);
    let content = r#"{"date":"d","rows":[
        {"id":1,"id":2},{"id":3,"x":1,"x":1},{"a":{"b":1,"\u0062":2}},{"q":{"z":1,"z":2}},{"id":9}]}"#;
    let all = read(content, &rows).expect("the rest is good");
    let twice = |name| format!("the name `{name}` stands twice in an object");
    let messages = ["id", "x", "b", "z"].map(twice);
    let found: Vec<_> = all
        .rejects
        .iter()
        .map(|reject| reject.detail.clone())
        .collect();
    assert_eq!(found, messages);
    assert_eq!(all.of(0), [[Some("9"), None, Some("d")]]);
    for (content, name, at) in [
        (r#"{"rows":[],"rows":[]}"#, "rows", 11),
        (r#"{"date":1,"date":2}"#, "date", 10),
        (r#"{"x":1,"x":2}"#, "x", 7),
    ] {
        let message = format!("the name `{name}` stands twice in an object (at byte {at})");
        assert_eq!(
            refusal(read(content, &rows)),
            ("json-duplicate-member", message)
        );
    }
}

#[test]
fn a_shared_value_after_its_records_is_refused_and_never_missing_in_silence() {
    let rows = layout(vec![kind(
        "row",
        "lists[]/rows[]",
        &["id", "/lists[]/date"],
    )]);
    let content =
        r#"{"lists":[{"date":"a","rows":[{"id":1}]},{"rows":[{"id":2}]},{"date":"c","rows":[]}]}"#;
    let all = read(content, &rows).expect("a good document");
    assert_eq!(all.of(0), [[Some("1"), Some("a")], [Some("2"), None]]);
    let content = r#"{"lists":[{"rows":[{"id":2}],"date":"b"}]}"#;
    assert_eq!(
        refusal(read(content, &rows)),
        (
            "json-late-value",
            "`/lists[]/date` comes after records that share it, expected before them (at byte 36)"
                .to_owned()
        )
    );
}

#[test]
fn every_line_is_a_document() {
    let layout = layout(vec![kind("row", ".", &["id", "#n"])]);
    let content = "\u{feff}{\"id\":\"a\",\"n\":1}\n\n  {\"id\":\"b\"} \r\n{\"id\":\"c\",\"n\":3}";
    let all = read_with(content, &lines(), &layout).expect("good lines");
    assert_eq!(
        all.of(0),
        [
            [Some("a"), Some("1")],
            [Some("b"), None],
            [Some("c"), Some("3")]
        ]
    );
    let place = all.records[1].place;
    assert_eq!((place.offset, place.length), (23, 10));
    assert!(
        read_with("", &lines(), &layout)
            .expect("no lines")
            .records
            .is_empty()
    );
}

#[test]
fn a_broken_line_is_refused_alone_with_its_place() {
    let layout = layout(vec![kind("row", ".", &["id"])]);
    let content = "{\"id\":1}\n{\"id\":2\n{\"id\":3} x\n[1]\n{\"id\":\"4\n{\"id\":5,\"id\":6}\nnull\n{\"id\":7}\n";
    let all = read_with(content, &lines(), &layout).expect("lines");
    assert_eq!(all.of(0), [[Some("1")], [Some("7")]]);
    assert_eq!(
        all.refused(),
        [
            (
                2,
                "json-malformed",
                "the line ends before its document does"
            ),
            (3, "json-malformed", "`x` stands after the line's document"),
            (
                4,
                "json-wrong-root",
                "the content is an array, expected an object"
            ),
            (
                5,
                "json-malformed",
                "the control character 0x0a stands inside a text"
            ),
            (
                6,
                "json-duplicate-member",
                "the name `id` stands twice in an object"
            ),
            (7, "json-null", "`the content` is null, expected a record"),
        ]
    );
    let raw: Vec<&str> = all
        .rejects
        .iter()
        .map(|reject| {
            let start = reject.place.offset as usize;
            let end = start + reject.place.length as usize;
            content.get(start..end).expect("within")
        })
        .collect();
    assert_eq!(
        raw,
        [
            "{\"id\":2",
            "{\"id\":3} x",
            "[1]",
            "{\"id\":\"4",
            "{\"id\":5,\"id\":6}",
            "null"
        ]
    );
}

#[test]
fn a_cut_last_line_and_a_line_half_given_spoil_the_content() {
    let rows = layout(vec![kind("row", ".", &["id"])]);
    assert_eq!(
        refusal(read_with("{\"id\":1}\n{\"id\":2", &lines(), &rows)),
        (
            "json-truncated",
            "the content ends: an object or array is still open (at byte 16)".to_owned()
        )
    );
    let items = layout(vec![kind("item", "items[]", &["."])]);
    assert_eq!(
        refusal(read_with(
            "{\"items\":[1,2,}\n{\"items\":[3]}\n",
            &lines(),
            &items
        )),
        (
            "json-malformed",
            "`}` is not a value (at byte 14)".to_owned()
        )
    );
}
