//! `[limits]`: the most a file may ask for.

use crate::document::{Key, KeyKind, Section};
use crate::format::Limits;

/// One limit: its key, and where its value goes.
struct Limit {
    key: Key,
    set: fn(&mut Limits, u64),
}

const fn limit(
    name: &'static str,
    default: &'static str,
    doc: &'static str,
    set: fn(&mut Limits, u64),
) -> Limit {
    let key = Key::with_default(name, KeyKind::POSITIVE, default, doc);
    Limit { key, set }
}

/// All limits; their defaults are those of [`Limits`].
const LIMITS: &[Limit] = &[
    limit(
        "content_bytes",
        "21474836480",
        "Bytes of a file, landed and opened.",
        |limits, most| limits.content_bytes = most,
    ),
    limit(
        "record_bytes",
        "1048576",
        "Bytes of one record.",
        |limits, most| limits.record_bytes = most as usize,
    ),
    limit(
        "field_bytes",
        "65536",
        "Bytes of one delimited field.",
        |limits, most| limits.field_bytes = most as usize,
    ),
    limit(
        "columns",
        "1024",
        "Fields of one delimited record.",
        |limits, most| limits.columns = most as usize,
    ),
    limit(
        "xml_depth",
        "64",
        "Open XML elements at once.",
        |limits, most| limits.xml_depth = most as usize,
    ),
    limit(
        "xml_attributes",
        "256",
        "Attributes of one XML element.",
        |limits, most| limits.xml_attributes = most as usize,
    ),
    limit(
        "xml_namespaces",
        "64",
        "Namespace declarations of one XML element.",
        |limits, most| limits.xml_namespaces = most as usize,
    ),
    limit(
        "xml_text_bytes",
        "262144",
        "Bytes of one XML text, comment or processing instruction.",
        |limits, most| limits.xml_text_bytes = most as usize,
    ),
    limit(
        "xml_held_bytes",
        "16777216",
        "Bytes of XML records that wait for a value behind them.",
        |limits, most| limits.xml_held_bytes = most as usize,
    ),
    limit(
        "json_depth",
        "64",
        "Open JSON objects and arrays at once.",
        |limits, most| limits.json_depth = most as usize,
    ),
    limit(
        "json_members",
        "1024",
        "Names of one JSON object.",
        |limits, most| limits.json_members = most as usize,
    ),
    limit(
        "workbook_bytes",
        "104857600",
        "Bytes of a workbook.",
        |limits, most| limits.workbook.bytes = most,
    ),
    limit(
        "workbook_opened_bytes",
        "536870912",
        "Bytes of all parts of a workbook, opened.",
        |limits, most| limits.workbook.opened_bytes = most,
    ),
    limit(
        "workbook_part_bytes",
        "268435456",
        "Bytes of one part of a workbook, opened.",
        |limits, most| limits.workbook.part_bytes = most,
    ),
    limit(
        "workbook_ratio",
        "100",
        "How many times as large as its compressed bytes a part of more than 1 MiB may be.",
        |limits, most| limits.workbook.ratio = most,
    ),
    limit(
        "workbook_parts",
        "1000",
        "Parts of a workbook.",
        |limits, most| limits.workbook.parts = most as usize,
    ),
    limit(
        "workbook_cells",
        "5000000",
        "Cells of a sheet.",
        |limits, most| limits.workbook.cells = most,
    ),
    limit(
        "workbook_strings",
        "1000000",
        "Shared texts of a workbook.",
        |limits, most| limits.workbook.strings = most,
    ),
    limit(
        "workbook_string_bytes",
        "134217728",
        "Bytes of the part with the shared texts, opened.",
        |limits, most| limits.workbook.string_bytes = most,
    ),
    limit(
        "workbook_merges",
        "100000",
        "Merged areas of a sheet.",
        |limits, most| limits.workbook.merges = most as usize,
    ),
    limit(
        "workbook_xls_memory_bytes",
        "536870912",
        "Bytes of memory for the process that reads an old workbook (xls).",
        |limits, most| limits.workbook.xls_memory_bytes = most,
    ),
    limit(
        "workbook_xls_seconds",
        "60",
        "Seconds for the process that reads an old workbook (xls).",
        |limits, most| limits.workbook.xls_seconds = most,
    ),
    limit(
        "json_text_bytes",
        "262144",
        "Bytes of one JSON text, name or number.",
        |limits, most| limits.json_text_bytes = most as usize,
    ),
];

/// The keys of the limits.
pub(super) const LIMIT_KEYS: &[Key] = &keys();

#[expect(
    clippy::indexing_slicing,
    reason = "a constant: an index out of bounds does not compile"
)]
const fn keys() -> [Key; LIMITS.len()] {
    let mut keys = [LIMITS[0].key; LIMITS.len()];
    let mut at = 1;
    while at < LIMITS.len() {
        keys[at] = LIMITS[at].key;
        at += 1;
    }
    keys
}

/// Reads the limits; what is absent has its default.
pub(super) fn read(section: &Section<'_>) -> Limits {
    let mut limits = Limits::default();
    for Limit { key, set } in LIMITS {
        if let Some(most) = section.count(key.name) {
            set(&mut limits, most.value);
        }
    }
    limits
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::document::read_text;

    #[test]
    fn the_written_defaults_are_the_defaults() {
        let (limits, problems) = read_text("", LIMIT_KEYS, |section, _| read(section));
        assert_eq!(limits, Limits::default());
        assert!(problems.is_empty());
    }
}
