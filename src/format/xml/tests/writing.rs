//! Records as documents.

use super::*;
use crate::format::xml::{XmlLineEnd, reading_problems, writing_problems};
use crate::text::Encoding;

fn accounting() -> Layout {
    layout(vec![
        kind(
            "accounting",
            "Message",
            &[
                "Header/Version",
                "Header/MessageId",
                "Body/@ContentType",
                "Body/MessageId",
                "Body/Amount",
            ],
        ),
        kind(
            "disputed",
            "Message/Body/DisputedRecord",
            &["/Message/Body/MessageId", "TransId", "Result"],
        ),
    ])
}

const CANONICAL: &str = r#"<?xml version="1.0" encoding="UTF-8"?>
<Message>
  <Header>
    <Version>00010000</Version>
    <MessageId>5001</MessageId>
  </Header>
  <Body ContentType="1">
    <MessageId>101</MessageId>
    <Amount>19.00</Amount>
    <DisputedRecord>
      <TransId>2</TransId>
      <Result>14</Result>
    </DisputedRecord>
    <DisputedRecord>
      <TransId/>
    </DisputedRecord>
    <DisputedRecord/>
  </Body>
</Message>
"#;

/// A record as the tests write it.
type Fields = Vec<Option<&'static str>>;

fn records() -> Vec<(usize, Fields)> {
    vec![
        (
            0,
            vec![
                Some("00010000"),
                Some("5001"),
                Some("1"),
                Some("101"),
                Some("19.00"),
            ],
        ),
        (1, vec![Some("ignored"), Some("2"), Some("14")]),
        (1, vec![None, Some(""), None]),
        (1, vec![None, None, None]),
    ]
}

fn written(plan: &XmlPlan, layout: &Layout, records: &[(usize, Fields)]) -> String {
    let records: Vec<(usize, &[Option<&str>])> = records
        .iter()
        .map(|(kind, fields)| (*kind, fields.as_slice()))
        .collect();
    let bytes = write_with(plan, layout, &records).expect("it can be written");
    String::from_utf8(bytes).expect("UTF-8")
}

#[test]
fn nested_records_are_written_inside_the_open_element() {
    let text = written(&XmlPlan::default(), &accounting(), &records());
    assert_eq!(text, CANONICAL);
}

#[test]
fn a_canonical_document_is_written_back_as_it_was_read() {
    let all = read(CANONICAL, &accounting()).expect("well-formed");
    // Read from the inside, written from the outside.
    let mut order: Vec<&crate::format::trial::Found> = all.records.iter().collect();
    order.sort_by_key(|record| record.place.offset);
    let owned: Vec<(usize, Vec<Option<&str>>)> = order
        .iter()
        .map(|record| {
            (
                record.kind,
                record.slots.iter().map(Option::as_deref).collect(),
            )
        })
        .collect();
    let records: Vec<(usize, &[Option<&str>])> = owned
        .iter()
        .map(|(kind, fields)| (*kind, fields.as_slice()))
        .collect();
    let bytes = write_with(&XmlPlan::default(), &accounting(), &records).expect("it can");
    assert_eq!(String::from_utf8(bytes).expect("UTF-8"), CANONICAL);
}

#[test]
fn one_line_without_a_declaration_and_windows_lines_are_options() {
    let plan = XmlPlan {
        declaration: false,
        indent: 0,
        ..XmlPlan::default()
    };
    assert_eq!(
        written(
            &plan,
            &accounting(),
            &[(0, vec![None, None, Some("1"), Some("a<b")])]
        ),
        "<Message><Body ContentType=\"1\"><MessageId>a&lt;b</MessageId></Body></Message>"
    );
    let plan = XmlPlan {
        line_end: XmlLineEnd::CrLf,
        indent: 1,
        namespace: Some("urn:a&b".to_owned()),
        ..XmlPlan::default()
    };
    assert_eq!(
        written(&plan, &accounting(), &[(0, vec![Some("1")])]),
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\r\n<Message xmlns=\"urn:a&amp;b\">\r\n <Header>\r\n  \
         <Version>1</Version>\r\n </Header>\r\n</Message>\r\n"
    );
}

#[test]
fn what_the_encoding_or_xml_cannot_hold_is_refused() {
    let plan = XmlPlan {
        encoding: Encoding::Gbk,
        indent: 0,
        ..XmlPlan::default()
    };
    let bytes = write_with(&plan, &accounting(), &[(0, &[Some("陕A")])]).expect("GBK has it");
    assert_eq!(
        bytes,
        b"<?xml version=\"1.0\" encoding=\"GBK\"?><Message><Header><Version>\xc9\xc2A</Version>\
          </Header></Message>"
    );
    for (plan, value, message) in [
        (
            plan,
            "张😀",
            "`accounting`: `Header/Version`: character 2 (`😀`, U+1F600) does not exist in GBK",
        ),
        (
            XmlPlan::default(),
            "a\u{1}",
            "`accounting`: `Header/Version` has U+0001, which XML forbids",
        ),
        (
            XmlPlan {
                trim: true,
                ..XmlPlan::default()
            },
            "a\t",
            "`accounting`: `Header/Version` begins or ends with white space, which `trim` would drop",
        ),
    ] {
        let error =
            write_with(&plan, &accounting(), &[(0, &[Some(value)])]).expect_err("it cannot");
        assert_eq!(error.to_string(), message);
    }
}

#[test]
fn records_in_an_impossible_order_are_refused() {
    let message: (usize, &[Option<&str>]) = (0, &[]);
    let disputed: (usize, &[Option<&str>]) = (1, &[]);
    for (records, message) in [
        (
            vec![disputed],
            "`disputed`: comes before its `accounting`, expected after",
        ),
        (
            vec![message, message],
            "`accounting`: needs a second `Message`, which was left already",
        ),
        (
            vec![],
            "`accounting`: no record was written, and a document needs its root element",
        ),
    ] {
        let result = write_with(&XmlPlan::default(), &accounting(), &records);
        assert_eq!(result.expect_err("impossible").to_string(), message);
    }
    let two = layout(vec![
        kind("file", "F", &[]),
        kind("a", "F/X/A", &[]),
        kind("b", "F/Y/B", &[]),
    ]);
    let records: [(usize, &[Option<&str>]); 4] = [(0, &[]), (1, &[]), (2, &[]), (1, &[])];
    let result = write_with(&XmlPlan::default(), &two, &records);
    assert_eq!(
        result.expect_err("impossible").to_string(),
        "`a`: needs a second `X`, which was left already"
    );
}

#[test]
fn the_first_sources_of_slots_are_written_and_shared_ones_are_not() {
    let layout = layout(vec![
        kind("file", "F", &["@a", "H/@b", "H|H/Old", "."]),
        kind("row", "F/R", &["/F/@a", "A|Z", "."]),
    ]);
    assert!(!reading_problems(&layout).is_empty());
    let good = super::layout(vec![
        kind("file", "F", &["@a", "H/@b", "H"]),
        kind("row", "F/R", &["/F/@a", "A|Z"]),
    ]);
    let plan = XmlPlan {
        declaration: false,
        indent: 0,
        ..XmlPlan::default()
    };
    let records = [
        (0, vec![Some("1\n"), Some("2"), Some("3")]),
        (1, vec![Some("9"), Some("4")]),
    ];
    assert_eq!(
        written(&plan, &good, &records),
        "<F a=\"1&#10;\"><H b=\"2\">3</H><R><A>4</A></R></F>"
    );
}

#[test]
fn contradicting_paths_are_named() {
    let messages = |records: Vec<RecordLayout>| -> Vec<(usize, Option<usize>, String)> {
        let layout = layout(records);
        reading_problems(&layout)
            .into_iter()
            .chain(writing_problems(&layout))
            .map(|problem| (problem.record, problem.slot, problem.message))
            .collect()
    };
    let one =
        |record: usize, slot: Option<usize>, text: &str| vec![(record, slot, text.to_owned())];
    assert_eq!(messages(accounting().records), vec![]);
    assert_eq!(
        messages(vec![kind("a", "A", &[]), kind("b", "B/C", &[])]),
        one(
            1,
            None,
            "`b` begins with `B`, but `a` with `A`: a document has one root element"
        )
    );
    assert_eq!(
        messages(vec![kind("a", "A", &[]), kind("b", "A", &[])]),
        one(
            1,
            None,
            "`a` and `b` are both at `A`: one element is one record"
        )
    );
    assert_eq!(
        messages(vec![kind("a", "A", &["/B/C"])]),
        one(
            0,
            Some(0),
            "`/B/C` does not begin with the root element `/A`"
        )
    );
    assert_eq!(
        messages(vec![kind("a", "A", &["B/C"]), kind("b", "A/B", &["C"])]),
        one(
            0,
            Some(0),
            "`B/C` lies in the record `b`, of which there may be many"
        )
    );
    assert_eq!(
        messages(vec![kind("a", "A", &["."]), kind("b", "A/B", &[])]),
        one(
            0,
            Some(0),
            "`.` takes the text of an element that holds the record `b`"
        )
    );
    assert_eq!(
        messages(vec![kind("a", "A", &["B/@x", "B", "B/C"])]),
        vec![(
            0,
            Some(1),
            "`B` takes the text of an element that holds `B/C` too".to_owned()
        ),]
    );
    assert_eq!(
        messages(vec![kind("a", "A", &["H/X", "B/Y", "H/Z"])]),
        one(
            0,
            Some(2),
            "`H/Z` comes after `H` was left: fields of one element stand together"
        )
    );
    assert_eq!(
        messages(vec![kind("a", "A", &["B/X", "B/@y"])]),
        one(
            0,
            Some(1),
            "`B/@y` comes after content of its element: attributes come first"
        )
    );
    assert_eq!(
        messages(vec![kind("a", "A", &["X", "X"])]),
        one(0, Some(1), "`X` would be written twice")
    );
    assert_eq!(
        messages(vec![
            kind("a", "A", &["B/X", "T/Y"]),
            kind("b", "A/B/C", &[])
        ]),
        one(
            0,
            None,
            "the record `b` stands in `B`, which other fields of `a` come after"
        )
    );
}

#[test]
fn an_empty_element_that_would_be_no_record_is_an_error() {
    let layout = layout(vec![
        kind("list", "M/L", &["@n"]),
        skipping_empty(kind("row", "M/L/R", &["@k", "T"])),
    ]);
    let written = |fields: [Option<&'static str>; 2]| {
        let records: &[(usize, &[Option<&str>])] = &[(0, &[Some("1")]), (1, &fields)];
        write_with(&XmlPlan::default(), &layout, records)
    };
    assert_eq!(
        written([None, None])
            .expect_err("it would be none")
            .to_string(),
        "`row`: has no value, so it would not be read back as a record"
    );
    for fields in [[Some(""), None], [None, Some("")]] {
        let content = written(fields).expect("it is a record");
        let all = read_with(&content, &XmlPlan::default(), &layout).expect("well-formed");
        assert_eq!(all.of(1), [fields]);
    }
}
