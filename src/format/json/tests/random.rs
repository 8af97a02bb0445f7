//! Random records there and back; random damage; another reader's opinion.

use proptest::prelude::*;

use super::*;
use crate::format::trial::{damaged, damages};

fn nested() -> Layout {
    layout(vec![
        kind("file", ".", &["v", "h/a", "#h/b", "b/c"]),
        kind("list", "b/l[]", &["#n", "i"]),
        kind("row", "b/l[]/r[]", &["k", "p/q", "?p/s", "/b/l[]/i"]),
        kind("note", "b/l[]/o[]", &["."]),
    ])
}

fn text() -> impl Strategy<Value = String> {
    let character = prop_oneof![
        4 => prop::char::range('a', 'z'),
        2 => prop::sample::select(vec!['<', '"', '\\', '/', '{', ']', ' ', '\t', '\n', '\r', ',', ':']),
        2 => prop::char::range('一', '龥'),
        1 => prop::char::range('\u{10000}', '\u{10ffff}'),
        1 => prop::sample::select(vec!['\u{fffd}', '\u{feff}', '\u{1}', '\u{7f}', '\u{2028}']),
    ];
    prop::collection::vec(character, 0..12).prop_map(|all| all.into_iter().collect())
}

fn value() -> impl Strategy<Value = Option<String>> {
    prop::option::of(text())
}

fn number() -> impl Strategy<Value = Option<String>> {
    let number = (any::<i64>(), 0..1000_u32).prop_map(|(a, b)| format!("{a}.{b:03}"));
    prop::option::of(number)
}

fn boolean() -> impl Strategy<Value = Option<String>> {
    prop::option::of(any::<bool>().prop_map(|value| value.to_string()))
}

#[derive(Debug, Clone)]
struct List {
    own: [Option<String>; 2],
    rows: Vec<[Option<String>; 3]>,
    notes: Vec<String>,
}

type File = ([Option<String>; 4], Vec<List>);

fn file() -> impl Strategy<Value = File> {
    let row = (value(), value(), boolean()).prop_map(|(a, b, c)| [a, b, c]);
    let list = (
        (number(), value()),
        prop::collection::vec(row, 0..4),
        prop::collection::vec(text(), 0..3),
    );
    let list = list.prop_map(|((n, i), rows, notes)| List {
        own: [n, i],
        rows,
        notes,
    });
    let head = (value(), value(), number(), value()).prop_map(|(a, b, c, d)| [a, b, c, d]);
    (head, prop::collection::vec(list, 0..4))
}

/// In the order of the document.
fn flat(file: &File) -> Vec<(usize, Vec<Option<String>>)> {
    let mut all = vec![(0, file.0.to_vec())];
    for list in &file.1 {
        all.push((1, list.own.to_vec()));
        for row in &list.rows {
            let mut fields = row.to_vec();
            fields.push(list.own[1].clone());
            all.push((2, fields));
        }
        all.extend(list.notes.iter().map(|note| (3, vec![Some(note.clone())])));
    }
    all
}

fn document(plan: &JsonPlan, records: &[(usize, Vec<Option<String>>)]) -> Vec<u8> {
    write_all(&FormatPlan::Json(plan.clone()), &nested(), records).expect("JSON can hold it")
}

/// Bytes of which many are JSON.
fn bytes() -> impl Strategy<Value = Vec<u8>> {
    let piece = prop_oneof![
        6 => prop::sample::select(vec![
            "{", "}", "[", "]", ",", ":", "\"a\"", "\"b\"", "1", "-2.5e3", "true", "null", " ",
            "\"\\u00e9\"", "\"\\ud83d\\ude00\"", "{\"a\":", "[1,", "\"b\":[",
        ]).prop_map(|text| text.as_bytes().to_vec()),
        1 => prop::collection::vec(any::<u8>(), 1..3),
    ];
    prop::collection::vec(piece, 0..16).prop_map(|pieces| pieces.concat())
}

/// Whether another reader takes it for JSON.
fn is_json(content: &[u8]) -> bool {
    serde_json::from_slice::<serde_json::Value>(content).is_ok()
}

proptest! {
    #[test]
    fn what_is_written_reads_back_as_it_was(
        file in file(), indent in 0_usize..3, step in 1_usize..9, is_lines in any::<bool>(),
    ) {
        let plan = JsonPlan { indent, lines: is_lines, ..JsonPlan::default() };
        let records = flat(&file);
        let content = document(&plan, &records);
        prop_assert!(is_json(&content));
        prop_assert_eq!(&document(&plan, &records), &content, "the same bytes again");
        let slow = Slow(std::io::Cursor::new(content), step);
        let mut all = read_from(Box::new(slow), &plan, &nested(), &Limits::default())
            .expect("well-formed");
        prop_assert!(all.rejects.is_empty());
        all.records.sort_by_key(|record| (record.place.offset, record.kind));
        let found: Vec<_> = all.records.into_iter().map(|r| (r.kind, r.slots)).collect();
        prop_assert_eq!(found, records);
    }

    #[test]
    fn any_bytes_are_an_answer_and_what_is_read_whole_is_json(content in bytes(), step in 1_usize..20) {
        for layout in [nested(), layout(vec![kind("n", "[]", &["a"])]), layout(vec![kind("s", ".", &["."])])] {
            let slow = Slow(std::io::Cursor::new(content.clone()), step);
            let limits = Limits { json_text_bytes: 50, ..Limits::default() };
            let result = read_from(Box::new(slow), &JsonPlan::default(), &layout, &limits);
            if result.is_ok_and(|all| all.rejects.is_empty()) {
                prop_assert!(is_json(&content), "{:?}", String::from_utf8_lossy(&content));
            }
            let slow = Slow(std::io::Cursor::new(content.clone()), step);
            drop(read_from(Box::new(slow), &lines(), &layout, &limits));
        }
    }

    #[test]
    fn what_another_reader_takes_for_json_is_at_most_refused_for_what_it_means(content in bytes()) {
        let layout = layout(vec![kind("n", "[]", &["a"])]);
        if is_json(&content)
            && let Err(error) = read(&content, &layout)
        {
            let (code, _) = refusal(Err(error));
            prop_assert!(["json-wrong-root", "json-duplicate-member", "json-text"].contains(&code));
        }
    }

    #[test]
    fn damaged_content_never_panics_and_always_ends(
        damages in damages(b"{}[],:\"\\u0e1-. tn\0\xff\xef\r\n"),
        step in 1..200_usize,
    ) {
        let bytes = damaged(ORDERS.as_bytes(), damages);
        for plan in [JsonPlan::default(), lines()] {
            let slow = Slow(std::io::Cursor::new(bytes.clone()), step);
            drop(read_from(Box::new(slow), &plan, &orders(), &Limits::default()));
        }
    }
}

#[test]
fn a_cut_document_is_never_taken_for_a_whole_one() {
    for end in 0..ORDERS.len() {
        let result = read(&ORDERS.as_bytes()[..end], &orders());
        assert!(result.is_err(), "cut at byte {end}");
    }
    assert!(read(ORDERS, &orders()).is_ok());
}
