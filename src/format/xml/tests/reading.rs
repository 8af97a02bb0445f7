//! Texts, attributes, namespaces, repeats and encodings.

use super::*;
use crate::format::xml::UnknownElements;
use crate::text::Encoding;

fn rows() -> Layout {
    layout(vec![
        kind("file", "F", &["H/Id"]),
        kind("row", "F/R", &["A", "B", "@a", "N/C", "/F/H/Id"]),
    ])
}

fn row(inside: &str) -> String {
    format!("<F><H><Id>9</Id></H><R>{inside}</R></F>")
}

fn only_row(inside: &str) -> Vec<Option<String>> {
    let all = read(&row(inside), &rows()).expect("well-formed");
    assert_eq!(all.rejects, []);
    let mut rows = all.records.into_iter().filter(|record| record.kind == 1);
    rows.next().expect("one row").slots
}

#[test]
fn text_is_put_together_from_all_its_pieces() {
    for (inside, text) in [
        ("<A>1</A>", Some("1")),
        ("<A/>", Some("")),
        ("<A></A>", Some("")),
        ("<B/>", None),
        (
            "<A>a&amp;b&lt;&gt;&quot;&apos;&#65;&#x9655;</A>",
            Some("a&b<>\"'A陕"),
        ),
        ("<A>1<![CDATA[<2>&amp;]]>3</A>", Some("1<2>&amp;3")),
        ("<A>1<!-- 2 -->3<?p 4?>5</A>", Some("135")),
        ("<A>  1 </A>", Some("  1 ")),
        ("<A> \n </A>", Some(" \n ")),
        ("<A>1\r\n2\r3&#13;</A>", Some("1\n2\n3\r")),
        ("<A> <x/> <y>1</y> </A>", None),
    ] {
        let found = only_row(inside);
        assert_eq!(found.first().expect("a slot").as_deref(), text, "{inside}");
    }
}

#[test]
fn white_space_around_text_is_dropped_only_when_asked() {
    let plan = XmlPlan {
        trim: true,
        ..XmlPlan::default()
    };
    let content = row("<A>\n  1 2\t</A><B> </B>");
    let all = read_with(content.as_bytes(), &plan, &rows()).expect("well-formed");
    assert_eq!(all.of(1), [[Some("1 2"), Some(""), None, None, Some("9")]]);
}

#[test]
fn an_attribute_with_a_prefix_never_stands_in_for_one_without() {
    let content = "<F xmlns:xsi='http://www.w3.org/2001/XMLSchema-instance' \
        xsi:schemaLocation='file:///etc/passwd x'><R xsi:a='1'/><R a='2' xsi:a='1'/>\
        <R xsi:type='other' a = \"3 &lt;\"/></F>";
    let all = read(content, &rows()).expect("well-formed");
    let found: Vec<_> = all
        .of(1)
        .iter()
        .map(|row| row.get(2).copied().flatten())
        .collect();
    assert_eq!(found, [None, Some("2"), Some("3 <")]);
}

#[test]
fn an_element_given_twice_refuses_its_record_only() {
    let content =
        "<F><R><A>1</A><A>2</A></R><R><A>3</A></R><R><N><C>1</C></N><N><C>1</C></N></R></F>";
    let all = read(content, &rows()).expect("well-formed");
    assert_eq!(
        all.of(1),
        [[Some("3"), None, None, None, None]],
        "the good one stays"
    );
    let found: Vec<_> = all
        .rejects
        .iter()
        .map(|r| {
            (
                r.code.id,
                r.place.record.0,
                r.place.offset,
                r.detail.as_str(),
            )
        })
        .collect();
    assert_eq!(
        found,
        [
            (
                "duplicate-element",
                1,
                3,
                "`A` stands twice in one record, expected at most once"
            ),
            (
                "duplicate-element",
                3,
                41,
                "`N` stands twice in one record, expected at most once"
            ),
        ]
    );
    assert_eq!(all.rejects[0].field.as_deref(), Some("A"));
    assert_eq!(all.rejects[0].place.length, 23);
}

#[test]
fn a_shared_element_given_twice_refuses_the_content() {
    let content = "<F><H><Id>1</Id></H><H><Id>2</Id></H><R/></F>";
    assert_eq!(
        refusal(read(content, &rows())),
        (
            "duplicate-element",
            "`/F/H` stands twice, and records share its value: expected one (at byte 20)".into()
        )
    );
}

#[test]
fn the_parts_of_one_element_never_come_from_two() {
    let fields = &["N/C", "N/D", "A"];
    let two = layout(vec![kind("file", "F", &[]), kind("row", "F/R", fields)]);
    for inside in [
        "<N><C>1</C></N><N><D>2</D></N>",
        "<N/><N><C>1</C></N>",
        "<A><x/></A><A>1</A>",
        "<A/><A/>",
    ] {
        let all = read(&format!("<F><R>{inside}</R></F>"), &two).expect("well-formed");
        let codes: Vec<_> = all.rejects.iter().map(|reject| reject.code.id).collect();
        assert_eq!(codes, ["duplicate-element"], "{inside}");
        assert!(all.of(1).is_empty());
    }
    let content = "<F><R><N/><A/></R><R><A/><N/></R></F>";
    let all = read(content, &two).expect("well-formed");
    assert_eq!(all.rejects, [], "once in each record is once");
}

#[test]
fn a_shared_element_behind_the_record_is_absent() {
    let content = "<F><R/><H><Id>1</Id></H><R/></F>";
    let all = read(content, &rows()).expect("well-formed");
    let found: Vec<_> = all.of(1).iter().map(|row| row[4]).collect();
    assert_eq!(found, [None, Some("1")]);
}

#[test]
fn text_beside_child_elements_refuses_its_record() {
    for inside in [
        "<A>1<x/></A>",
        "<A><x/>1</A>",
        "<A>1<x>2</x>3</A>",
        "<A>&#49;<x/></A>",
    ] {
        let all = read(&row(inside), &rows()).expect("well-formed");
        let reject = all.rejects.first().expect("it is refused");
        assert_eq!(reject.code.id, "mixed-content", "{inside}");
        assert_eq!(
            reject.detail,
            "`A` has both text and child elements, expected text only"
        );
    }
    let content = "<F><H><Id>1<x/></Id></H></F>";
    assert_eq!(refusal(read(content, &rows())).0, "mixed-content");
}

#[test]
fn unknown_elements_are_left_out_with_all_they_hold() {
    let inside = "<X><A>2</A><R><A>3</A></R></X><A>1</A><x:A xmlns:x='urn:x'><A>4</A></x:A>";
    let content = row(inside)
        .replace("<x:A", "<x:B")
        .replace("</x:A", "</x:B");
    let all = read(&content, &rows()).expect("well-formed");
    assert_eq!(all.rejects, []);
    assert_eq!(all.of(1)[0][0], Some("1"));
}

#[test]
fn unknown_elements_and_attributes_refuse_their_record_when_asked() {
    let plan = XmlPlan {
        unknown: UnknownElements::Refuse,
        ..XmlPlan::default()
    };
    let content = "<F><R><A>1</A><Z/></R><R z='1'/><R><A x='1'/></R><R a='1'/></F>";
    let all = read_with(content.as_bytes(), &plan, &rows()).expect("well-formed");
    let details: Vec<_> = all.rejects.iter().map(|r| r.detail.as_str()).collect();
    assert_eq!(
        details,
        [
            "the element `Z` is in no field of the mapping",
            "the attribute `z` is in no field of the mapping",
            "the attribute `x` is in no field of the mapping",
        ]
    );
    assert_eq!(all.of(1).len(), 1);
    let rows_only = layout(vec![kind("row", "F/R", &["A"])]);
    let content = "<F><Z/><R/></F>";
    assert_eq!(
        refusal(read_with(content.as_bytes(), &plan, &rows_only)),
        (
            "unknown-element",
            "the element `Z` is in no field of the mapping (at byte 3)".into()
        )
    );
}

#[test]
fn names_are_local_whatever_their_prefix() {
    let content = "<p:F xmlns:p='urn:a' xmlns:q='urn:b'><q:R><A>1</A></q:R></p:F>";
    let all = read(content, &rows()).expect("well-formed");
    assert_eq!(all.of(1)[0][0], Some("1"));
}

#[test]
fn a_prefix_swap_is_refused_when_the_namespace_is_known() {
    let plan = XmlPlan {
        namespace: Some("urn:a".to_owned()),
        ..XmlPlan::default()
    };
    let good = [
        "<F xmlns='urn:a'><R><A>1</A></R></F>",
        "<p:F xmlns:p='urn:a'><p:R><q:A xmlns:q='urn:a'>1</q:A></p:R></p:F>",
        "<F xmlns='urn:a'><R><Z xmlns='urn:z'><A/></Z><A>1</A></R></F>",
    ];
    for content in good {
        let all = read_with(content.as_bytes(), &plan, &rows()).expect("well-formed");
        assert_eq!(all.of(1)[0][0], Some("1"), "{content}");
    }
    for (content, message) in [
        (
            "<F xmlns='urn:a' xmlns:p='urn:b'><R><p:A>1</p:A></R></F>",
            "the element `A` is not in the mapping's namespace (at byte 36)",
        ),
        (
            "<F><R/></F>",
            "the element `F` is not in the mapping's namespace (at byte 0)",
        ),
        (
            "<F xmlns='urn:a'><R xmlns='urn:b'/></F>",
            "the element `R` is not in the mapping's namespace (at byte 17)",
        ),
        (
            "<F xmlns='urn:a'><p:R/></F>",
            "the prefix `p` is not declared (at byte 17)",
        ),
    ] {
        assert_eq!(
            refusal(read_with(content.as_bytes(), &plan, &rows())),
            ("wrong-namespace", message.to_owned())
        );
    }
}

#[test]
fn another_root_is_told_apart() {
    assert_eq!(
        refusal(read("<G/>", &rows())),
        (
            "wrong-root",
            "the root element is `G`, expected `F` (at byte 0)".into()
        )
    );
}

#[test]
fn a_byte_order_mark_counts_in_offsets() {
    let content = "\u{feff}<?xml version='1.0' encoding='utf-8'?><F><R/></F>";
    let all = read(content, &rows()).expect("well-formed");
    let found = &all.records[0].place;
    assert_eq!(
        (found.offset as usize, found.length),
        (content.find("<R/>").expect("it is there"), 4)
    );
}

#[test]
fn chinese_encodings_are_read_with_offsets_in_their_own_bytes() {
    for encoding in [Encoding::Gbk, Encoding::Gb18030] {
        let plan = XmlPlan {
            encoding,
            ..XmlPlan::default()
        };
        let content = format!(
            "<?xml version=\"1.0\" encoding=\"{encoding}\"?><!-- 西安 --><F>{}</F>",
            "<R><A>陕A00001蓝</A></R>".repeat(20_000)
        );
        let bytes = encoding.encode(&content).expect("it has them all");
        let all = read_with(&bytes, &plan, &rows()).expect("well-formed");
        assert_eq!(all.of(1).len(), 20_000);
        let row = encoding.encode("<R><A>陕A00001蓝</A></R>").expect("it has");
        let first = encoding
            .encode(content.split("<R>").next().expect("a head"))
            .expect("it has");
        for (number, record) in all.records.iter().enumerate().take(20_000) {
            assert_eq!(
                record.place.offset as usize,
                first.len() + number * row.len()
            );
            assert_eq!(record.place.length as usize, row.len());
        }
        let mut broken = bytes.into_owned();
        let at = broken.len() - 20;
        broken[at] = 0xff;
        let (code, message) = refusal(read_with(&broken, &plan, &rows()));
        assert_eq!(code, "encoding-mismatch");
        assert!(message.ends_with(&format!("(at byte {at})")), "{message}");
    }
}

#[test]
fn an_error_of_the_reader_below_comes_through_unchanged() {
    struct Broken;
    impl Read for Broken {
        fn read(&mut self, _: &mut [u8]) -> std::io::Result<usize> {
            Err(std::io::Error::other("the disk is gone"))
        }
    }
    let content = Box::new("<F><R/>".as_bytes().chain(Broken));
    let result = read_from(content, &XmlPlan::default(), &rows(), &Limits::default());
    assert_eq!(
        refusal(result),
        (
            "read",
            "the content cannot be read: the disk is gone".into()
        )
    );
}
