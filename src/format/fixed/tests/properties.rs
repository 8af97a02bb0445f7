//! What must hold of any values and any bytes.

use proptest::prelude::*;

use super::support::{Fixed, fixed};

const STYLES: &[&str] = &[
    "sign = \"minus\"",
    "sign = \"minus\", pad = \" \"",
    "sign = \"minus\", pad = \"*\"",
    "sign = \"minus\", align = \"left\", pad = \" \"",
    "sign = \"leading\"",
    "sign = \"leading_minus\", pad = \" \"",
    "sign = \"trailing\", pad = \" \"",
    "sign = \"trailing_minus\"",
    "sign = \"overpunch\"",
    "sign = \"none\"",
];

fn layouts() -> impl Strategy<Value = Fixed> {
    let encoding = prop::sample::select(vec!["UTF-8", "GBK", "GB18030", "ASCII"]);
    let line_end = prop::sample::select(vec!["any", "lf", "crlf", "none"]);
    let style = prop::sample::select(STYLES.to_vec());
    let text = prop::sample::select(vec![
        "align = \"left\"",
        "align = \"right\"",
        "align = \"right\", pad = \"0\"",
    ]);
    let between = prop::sample::select(vec!["", "between = \"|\"\n", "between = \" \"\n"]);
    let rest = prop::sample::select(vec![
        "",
        "gaps = \"blank\"\n",
        "short_lines = \"pad\"\n",
        "long_lines = \"blank\"\nend_of_file_mark = \"optional\"\n",
    ]);
    (encoding, line_end, style, text, between, rest).prop_map(
        |(encoding, line_end, style, text, between, rest)| {
            let rest = if line_end == "none" { "length = 24\n" } else { rest };
            fixed(&format!(
                "[format.fixed]\nencoding = \"{encoding}\"\nline_end = \"{line_end}\"\n{between}{rest}\
                 style.it = {{ {style} }}\nstyle.words = {{ {text} }}\n\
                 [record.row]\nfrom = [\"name\"]\nnumbers = [\"n\"]\n\
                 fixed = {{ length = 24, columns = {{ name = [1, 9, \"words\"], n = [13, 8, \"it\"] }} }}\n"
            ))
        },
    )
}

/// Texts made of what pads, separators and marks are made of, and of GBK characters with the trail
/// bytes 0x7C and 0x30.
fn texts() -> impl Strategy<Value = String> {
    let parts = vec![
        "a", "0", " ", "|", "*", "-", "陕", "\u{3000}", "\u{4e02}", "\u{fffd}", "😀", "\n",
        "\u{1A}",
    ];
    prop::collection::vec(prop::sample::select(parts), 0..6).prop_map(|parts| parts.concat())
}

proptest! {
    #[test]
    fn whatever_is_written_reads_back_as_the_same_values(
        layout in layouts(),
        rows in prop::collection::vec((texts(), -100_000_000_i64..100_000_000), 1..4),
    ) {
        let rows: Vec<(usize, Vec<String>)> =
            rows.into_iter().map(|(text, number)| (0, vec![text, number.to_string()])).collect();
        let records: Vec<(usize, Vec<&str>)> = (rows.iter())
            .map(|(kind, values)| (*kind, values.iter().map(String::as_str).collect()))
            .collect();
        if let Ok(bytes) = layout.write(&records) {
            prop_assert_eq!(layout.values(&bytes), Ok(rows));
        }
    }

    #[test]
    fn small_numbers_and_short_words_are_always_written(
        layout in layouts(),
        number in 0_i64..100_000,
        word in "[a-z]{1,9}",
    ) {
        let number = number.to_string();
        prop_assert!(layout.write(&[(0, vec![&word, &number])]).is_ok());
    }

    #[test]
    fn no_bytes_make_the_reader_panic_or_lose_its_place(
        layout in layouts(),
        bytes in prop::collection::vec(prop::sample::select(b"aD0 |*-+K\r\n\x00\x1A\x81\x30\xC9\xC2\xE9\x99\xFF".to_vec()), 0..120),
    ) {
        for line in layout.read(&bytes) {
            if let Some(place) = line.split_once(" @").and_then(|(_, rest)| rest.split(' ').next()) {
                let (offset, length) = place.split_once('+').expect("a place");
                let offset: usize = offset.parse().expect("a number");
                let length: usize = length.parse().expect("a number");
                prop_assert!(offset + length <= bytes.len());
            }
        }
    }
}
