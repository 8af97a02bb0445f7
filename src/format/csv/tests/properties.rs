//! What must hold of any values and any bytes.

use proptest::prelude::*;

use super::support::{Csv, kind, named};
use crate::format::csv::plan::{BlankLines, CsvPlan, Header, LineEnd, TrailingSeparator, Trim};
use crate::text::Encoding;

fn plans() -> impl Strategy<Value = CsvPlan> {
    let encoding = prop_oneof![
        Just(Encoding::Utf8),
        Just(Encoding::Gbk),
        Just(Encoding::Gb18030)
    ];
    let separator = prop::sample::select(vec![
        ",", "|", "||", "|+|", "\u{1}", "\t", "§", "；；", "a0", "\\",
    ]);
    let quote = prop::sample::select(vec![Some(b'"'), Some(b'\''), Some(b'~'), None]);
    let line_end = prop_oneof![Just(LineEnd::Any), Just(LineEnd::Lf), Just(LineEnd::Crlf)];
    let trailing = prop_oneof![
        Just(TrailingSeparator::None),
        Just(TrailingSeparator::Required),
        Just(TrailingSeparator::Optional)
    ];
    let header = prop_oneof![
        Just(Header::None),
        Just(Header::Name),
        Just(Header::Position)
    ];
    let blank_lines = prop_oneof![Just(BlankLines::Keep), Just(BlankLines::Skip)];
    let trim = prop_oneof![Just(Trim::None), Just(Trim::Spaces)];
    (
        encoding,
        separator,
        quote,
        line_end,
        trailing,
        header,
        blank_lines,
        trim,
    )
        .prop_map(
            |(
                encoding,
                separator,
                quote,
                line_end,
                trailing_separator,
                header,
                blank_lines,
                trim,
            )| {
                CsvPlan {
                    encoding,
                    separator: separator.to_owned(),
                    quote,
                    line_end,
                    trailing_separator,
                    header,
                    blank_lines,
                    trim,
                    ..CsvPlan::default()
                }
            },
        )
}

/// Values made of what separators, quotes and line ends are made of, and of GBK characters with
/// the trail bytes 0x7C, 0x5C, 0x7E and 0x61.
fn values() -> impl Strategy<Value = String> {
    let gbk = |bytes: [u8; 2]| {
        Encoding::Gbk
            .decode(&bytes)
            .expect("a character")
            .into_owned()
    };
    let mut parts: Vec<String> = [
        ",", "|", "+", "\u{1}", "\t", "§", "；", "a", "0", "\\", "\"", "'", "~", "\r", "\n", " ",
        "陕",
    ]
    .map(str::to_owned)
    .to_vec();
    parts.extend([[0x81, 0x7C], [0x81, 0x5C], [0x81, 0x7E], [0x81, 0x61]].map(gbk));
    prop::collection::vec(prop::sample::select(parts), 0..5).prop_map(|parts| parts.concat())
}

proptest! {
    #[test]
    fn whatever_is_written_reads_back_as_the_same_values(
        plan in plans(),
        rows in prop::collection::vec(prop::collection::vec(values(), 3), 0..4),
    ) {
        let columns = ["x", "y", "z"];
        let record = if plan.header == Header::Name {
            named("row", &columns)
        } else {
            kind("row", &columns, Vec::new())
        };
        let csv = Csv::kinds(vec![record]).plan(|own| *own = plan.clone());
        let records: Vec<(usize, Vec<&str>)> =
            rows.iter().map(|row| (0, row.iter().map(String::as_str).collect())).collect();
        match csv.write(&records) {
            Ok(bytes) => prop_assert_eq!(csv.values(&bytes), Ok(rows)),
            Err(error) => prop_assert!(plan.quote.is_none(), "{}", error),
        }
    }

    #[test]
    fn whatever_is_read_without_a_refusal_is_what_another_reader_of_standard_csv_sees(
        parts in prop::collection::vec(prop::sample::select(vec!["a", "b", ",", "\"", "\n", "\r\n", "\",\"", "\"\""]), 0..24)
    ) {
        let content = parts.concat();
        for columns in 1..4 {
            let names = ["x", "y", "z"];
            let csv = Csv::of(&names[..columns]).plan(|plan| plan.blank_lines = BlankLines::Skip);
            if let Ok(values) = csv.values(content.as_bytes()) {
                prop_assert_eq!(values, standard(content.as_bytes()), "{:?}", content);
            }
        }
    }

    #[test]
    fn no_bytes_make_the_reader_panic_or_lose_its_place(
        plan in plans(),
        bytes in prop::collection::vec(prop::sample::select(b"a0,|+\"'~\\\r\n\x00\x01\x81\x7C\xC9\xC2\xEF\xBB\xBF ".to_vec()), 0..60),
    ) {
        let csv = Csv::of(&["x", "y"]).plan(|own| *own = plan);
        for line in csv.read(&bytes) {
            if let Some(place) = line.split_once(" @").and_then(|(_, rest)| rest.split(' ').next()) {
                let (offset, length) = place.split_once('+').expect("a place");
                let offset: usize = offset.parse().expect("a number");
                let length: usize = length.parse().expect("a number");
                prop_assert!(offset + length <= bytes.len());
                let after = bytes.get(offset + length).copied();
                prop_assert!(matches!(after, None | Some(b'\r' | b'\n')), "{:?}", line);
                prop_assert!(offset == 0 || bytes[offset - 1] == b'\n' || bytes[..offset] == *b"\xEF\xBB\xBF");
            }
        }
    }
}

/// The records as `csv-core` splits them.
fn standard(content: &[u8]) -> Vec<Vec<String>> {
    let mut reader = csv_core::Reader::new();
    let content = [content, b"\n"].concat();
    let (mut output, mut ends) = ([0; 1024], [0; 64]);
    let (mut rest, mut records) = (content.as_slice(), Vec::new());
    loop {
        let (result, read, _, count) = reader.read_record(rest, &mut output, &mut ends);
        rest = &rest[read..];
        match result {
            csv_core::ReadRecordResult::Record => {
                let mut start = 0;
                let fields = ends[..count].iter().map(|end| {
                    let field = String::from_utf8_lossy(&output[start..*end]).into_owned();
                    start = *end;
                    field
                });
                records.push(fields.collect());
            }
            csv_core::ReadRecordResult::InputEmpty => assert!(rest.is_empty(), "all was read"),
            csv_core::ReadRecordResult::End => return records,
            other => unreachable!("{other:?} for so little input"),
        }
    }
}
