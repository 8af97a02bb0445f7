//! Random records there and back; random damage.

use proptest::prelude::*;

use super::samples::{ALL, clearing, transactions};
use super::*;
use crate::format::trial::{damaged, damages};

fn nested() -> Layout {
    layout(vec![
        kind("file", "M", &["@v", "H/A", "H/B", "B/@t", "B/C"]),
        kind("list", "M/B/L", &["@n", "I"]),
        kind("row", "M/B/L/R", &["@k", "P/Q", "P/S", "T", "/M/B/L/I"]),
        kind("note", "M/B/L/N", &["."]),
    ])
}

/// Any text that XML can hold.
fn text() -> impl Strategy<Value = String> {
    let character = prop_oneof![
        4 => prop::char::range('a', 'z'),
        2 => prop::sample::select(vec!['<', '>', '&', '"', '\'', ']', ' ', '\t', '\n', '\r', ';', '#']),
        2 => prop::char::range('一', '龥'),
        1 => prop::char::range('\u{10000}', '\u{10ffff}'),
        1 => prop::sample::select(vec!['\u{fffd}', '\u{feff}', '\u{85}', '\u{2028}']),
    ];
    prop::collection::vec(character, 0..12).prop_map(|all| all.into_iter().collect())
}

fn value() -> impl Strategy<Value = Option<String>> {
    prop::option::of(text())
}

#[derive(Debug, Clone)]
enum Inner {
    Row([Option<String>; 4]),
    Note(String),
}

type File = ([Option<String>; 5], Vec<([Option<String>; 2], Vec<Inner>)>);

fn file() -> impl Strategy<Value = File> {
    let inner = prop_oneof![
        [value(), value(), value(), value()].prop_map(Inner::Row),
        text().prop_map(Inner::Note),
    ];
    let list = ([value(), value()], prop::collection::vec(inner, 0..5));
    (
        [value(), value(), value(), value(), value()],
        prop::collection::vec(list, 0..4),
    )
}

/// In the order of the document.
fn flat(file: &File) -> Vec<(usize, Vec<Option<String>>)> {
    let mut all = vec![(0, file.0.to_vec())];
    for (list, inner) in &file.1 {
        all.push((1, list.to_vec()));
        for record in inner {
            all.push(match record {
                Inner::Row(fields) => {
                    let mut fields = fields.to_vec();
                    fields.push(list[1].clone());
                    (2, fields)
                }
                Inner::Note(text) => (3, vec![Some(text.clone())]),
            });
        }
    }
    all
}

fn document(plan: &XmlPlan, records: &[(usize, Vec<Option<String>>)]) -> Vec<u8> {
    write_all(&FormatPlan::Xml(plan.clone()), &nested(), records).expect("XML can hold it")
}

proptest! {
    #[test]
    fn what_is_written_reads_back_as_it_was(file in file(), indent in 0_usize..3, step in 1_usize..9) {
        let plan = XmlPlan { indent, ..XmlPlan::default() };
        let records = flat(&file);
        let content = document(&plan, &records);
        let slow = Slow(std::io::Cursor::new(content), step);
        let mut all = read_from(Box::new(slow), &plan, &nested(), &Limits::default())
            .expect("well-formed");
        prop_assert!(all.rejects.is_empty());
        all.records.sort_by_key(|record| record.place.offset);
        let found: Vec<_> = all.records.into_iter().map(|r| (r.kind, r.slots)).collect();
        prop_assert_eq!(found, records);
    }

    #[test]
    fn damaged_content_never_panics_and_has_one_answer(
        sample in 0..ALL.len(),
        damages in damages(b"<>&;/!?-[]'\"= x\0\xff\xef\r\n#D1"),
        step in 1..200_usize,
    ) {
        let bytes = damaged(ALL[sample].as_bytes(), damages);
        for layout in [transactions(), clearing()] {
            let limits = Limits { xml_text_bytes: 300, ..Limits::default() };
            let found = |step| {
                let slow = Slow(std::io::Cursor::new(bytes.clone()), step);
                read_from(Box::new(slow), &XmlPlan::default(), &layout, &limits)
            };
            // Whatever it is, it is an answer, and the same however the content arrives.
            let answer = format!("{:?}", found(step));
            prop_assert_eq!(format!("{:?}", found(usize::MAX)), answer.clone());
            prop_assert_eq!(format!("{:?}", found(1)), answer);
        }
    }
}

#[test]
fn a_cut_document_is_never_taken_for_a_whole_one() {
    for sample in ALL {
        let whole = sample.trim_end().len();
        for end in 0..whole {
            let cut = &sample.as_bytes()[..end];
            let result = read_with(cut, &XmlPlan::default(), &transactions());
            assert!(result.is_err(), "cut at byte {end}");
        }
        assert!(read(sample, &transactions()).is_ok());
    }
}
