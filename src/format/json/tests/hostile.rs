//! Content that means harm, and what it gets.

use super::*;
use crate::text::Encoding;

fn rows() -> Layout {
    layout(vec![kind("row", "rows[]", &["id", "note"])])
}

/// Content, and the code and message it gets.
const NOT_JSON: &[(&str, &str, &str)] = &[
    (
        "",
        "json-truncated",
        "the content ends: it has no value (at byte 0)",
    ),
    (
        " \n",
        "json-truncated",
        "the content ends: it has no value (at byte 2)",
    ),
    (
        "{\"rows\":[",
        "json-truncated",
        "the content ends: an object or array is still open (at byte 9)",
    ),
    (
        "{\"rows\":[{\"id\":\"a",
        "json-truncated",
        "the content ends: a text does not end (at byte 15)",
    ),
    (
        "{\"rows\":[]} x",
        "json-malformed",
        "`x` stands after the end (at byte 12)",
    ),
    (
        "{\"rows\":[]}{}",
        "json-malformed",
        "`{` stands after the end (at byte 11)",
    ),
    (
        "{\"rows\":[],}",
        "json-malformed",
        "`}` stands where a name in quotes is expected (at byte 11)",
    ),
    (
        "{\"rows\":[{},]}",
        "json-malformed",
        "`]` is not a value (at byte 12)",
    ),
    (
        "{\"rows\":[{} {}]}",
        "json-malformed",
        "`{` stands where `,` or `]` is expected (at byte 12)",
    ),
    (
        "{\"rows\" []}",
        "json-malformed",
        "`[` stands where `:` is expected (at byte 8)",
    ),
    (
        "{rows:[]}",
        "json-malformed",
        "`r` stands where a name in quotes is expected (at byte 1)",
    ),
    (
        "{'rows':[]}",
        "json-malformed",
        "`'` stands where a name in quotes is expected (at byte 1)",
    ),
    (
        "{\"rows\":[}",
        "json-malformed",
        "`}` is not a value (at byte 9)",
    ),
    (
        "{\"n\":NaN}",
        "json-malformed",
        "`NaN` is not a value (at byte 5)",
    ),
    (
        "{\"n\":-Infinity}",
        "json-malformed",
        "`-` is not a number (at byte 5)",
    ),
    (
        "{\"n\":01}",
        "json-malformed",
        "`01` is not a number (at byte 5)",
    ),
    (
        "{\"n\":1.}",
        "json-malformed",
        "`1.` is not a number (at byte 5)",
    ),
    (
        "{\"n\":True}",
        "json-malformed",
        "`True` is not a value (at byte 5)",
    ),
    (
        "{/* x */}",
        "json-malformed",
        "`/` stands where a name in quotes is expected (at byte 1)",
    ),
    (
        "{\"n\":\"a\tb\"}",
        "json-malformed",
        "the control character 0x09 stands inside a text (at byte 7)",
    ),
    (
        "{\"n\":\"\\x41\"}",
        "json-malformed",
        "a `\\` begins no escape of JSON (at byte 6)",
    ),
    (
        "\u{feff}\u{feff}{}",
        "json-malformed",
        "the byte 0xef is not a value (at byte 3)",
    ),
    (
        "{\u{a0}}",
        "json-malformed",
        "the byte 0xc2 stands where a name in quotes is expected (at byte 1)",
    ),
];

#[test]
fn what_is_not_json_is_refused_with_its_place() {
    for (content, code, message) in NOT_JSON {
        assert_eq!(
            refusal(read(content, &rows())),
            (*code, (*message).to_owned()),
            "{content}"
        );
    }
}

#[test]
fn another_encoding_is_named() {
    let utf16: Vec<u8> = "\u{feff}{}"
        .encode_utf16()
        .flat_map(u16::to_le_bytes)
        .collect();
    let bare: Vec<u8> = "{}".encode_utf16().flat_map(u16::to_le_bytes).collect();
    let begins = |other| {
        format!(
            "the content begins as {other} does; only UTF-8, GBK and GB18030 are read (at byte 0)"
        )
    };
    for (content, other) in [(utf16, "UTF-16"), (bare, "UTF-16 or UTF-32")] {
        assert_eq!(
            refusal(read(content, &rows())),
            ("json-encoding", begins(other))
        );
    }
    let gbk = JsonPlan {
        encoding: Encoding::Gbk,
        ..JsonPlan::default()
    };
    let (code, _) = refusal(read_with(b"{\"rows\":[{\"id\":\"\xff\"}]}", &gbk, &rows()));
    assert_eq!(code, "json-encoding");
}

#[test]
fn a_text_that_is_none_refuses_its_record() {
    let content =
        b"{\"rows\":[{\"id\":\"\xc3\x28\"},{\"id\":\"\xed\xa0\x80\"},{\"x\":\"\xc0\xaf\"},\
        {\"id\":\"\\ud800\"},{\"id\":\"\\udc00\\ud800\"},{\"id\":\"a\\u0000\"},{\"id\":\"ok\"}]}";
    let all = read(content, &rows()).expect("the rest is good");
    let half = "a text has half a surrogate pair, expected both or none";
    assert_eq!(
        all.refused(),
        [
            (1, "json-text", "the byte 0xc3 is not UTF-8 here"),
            (2, "json-text", "the byte 0xed is not UTF-8 here"),
            (3, "json-text", "the byte 0xc0 is not UTF-8 here"),
            (4, "json-text", half),
            (5, "json-text", half),
            (6, "json-text", "a text has the character U+0000"),
        ]
    );
    assert_eq!(all.of(0), [[Some("ok"), None]]);
    let outside = b"{\"x\":\"\xff\",\"rows\":[]}";
    assert_eq!(
        refusal(read(outside, &rows())),
        (
            "json-text",
            "the byte 0xff is not UTF-8 here (at byte 6)".to_owned()
        )
    );
}

#[test]
fn depth_members_and_texts_end_at_their_limits() {
    let deep = |count: usize| format!("{{\"rows\":{}", "[".repeat(count));
    assert_eq!(
        refusal(read(deep(100_000), &rows())),
        (
            "json-limit-exceeded",
            "json_depth is larger than the limit of 64 (at byte 71)".to_owned()
        )
    );
    let many: String = (0..2_000).map(|n| format!("\"n{n}\":1,")).collect();
    let (code, message) = refusal(read(format!("{{{many}\"rows\":[]}}"), &rows()));
    assert_eq!(code, "json-limit-exceeded");
    assert!(message.starts_with("json_members is larger than the limit of 1024"));
    for content in [
        format!("{{\"rows\":[{{\"id\":\"{}\"}}]}}", "x".repeat(300_000)),
        format!("{{\"{}\":1}}", "x".repeat(300_000)),
        format!("{{\"n\":{}}}", "1".repeat(300_000)),
        format!("{{\"n\":{}}}", "n".repeat(300_000)),
    ] {
        let (code, message) = refusal(read(content, &rows()));
        assert_eq!(code, "json-limit-exceeded");
        assert!(message.starts_with("json_text_bytes is larger than the limit of 262144"));
    }
    let long = format!("[{}]", "{\"id\":\"x\"},".repeat(200_000));
    let content = format!("{{\"rows\":[{{\"x\":{}}}]}}", long.replace(",]", "]"));
    assert_eq!(
        refusal(read(content, &rows())),
        (
            "json-limit-exceeded",
            "record_bytes is larger than the limit of 1048576 (at byte 9)".to_owned()
        )
    );
}

/// Gives the same bytes again and again, without an end.
struct Endless(&'static [u8]);

impl Read for Endless {
    fn read(&mut self, out: &mut [u8]) -> std::io::Result<usize> {
        let mut count = 0;
        for (to, from) in out.iter_mut().zip(self.0) {
            *to = *from;
            count += 1;
        }
        Ok(count)
    }
}

#[test]
fn endless_content_ends_at_a_limit_and_is_never_held() {
    let limits = Limits {
        content_bytes: 2 << 20,
        ..Limits::default()
    };
    for (start, endless, what) in [
        ("{\"rows\":[{\"id\":\"", "x", "json_text_bytes"),
        ("{\"rows\":[{\"id\":1},", "{\"id\":1},", "content_bytes"),
        ("{\"rows\":[],\"x\":[", "1,", "content_bytes"),
        ("", " ", "content_bytes"),
        ("{\"rows\":", "[", "json_depth"),
        ("{\"n\":", "1", "json_text_bytes"),
    ] {
        let content = start.as_bytes().chain(Endless(endless.as_bytes()));
        let mut reader = Reader::open(
            &FormatPlan::Json(JsonPlan::default()),
            &rows(),
            &limits,
            Box::new(content),
        )
        .expect("a good start");
        let mut record = reader.record();
        let error = loop {
            match reader.next(&mut record) {
                Ok(Next::End) => panic!("it has no end"),
                Ok(_) => {}
                Err(error) => break error,
            }
        };
        assert!(error.to_string().starts_with(what), "{error}");
    }
}

#[test]
fn names_that_other_programs_obey_are_names() {
    let content = r#"{"__proto__":{"id":1},"constructor":2,"rows":[{"id":"1","$ref":"x"}]}"#;
    let all = read(content, &rows()).expect("a good document");
    assert_eq!(all.of(0), [[Some("1"), None]]);
}
