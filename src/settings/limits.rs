//! `[limits]`: the most a file may ask for.

use crate::document::{Key, KeyKind, Section};
use crate::format::Limits;

const fn limit(name: &'static str, default: &'static str, doc: &'static str) -> Key {
    Key::with_default(name, KeyKind::POSITIVE, default, doc)
}

/// The keys of the limits; their defaults are those of [`Limits`].
pub(super) const LIMIT_KEYS: &[Key] = &[
    limit(
        "content_bytes",
        "21474836480",
        "Bytes of a file, landed and opened.",
    ),
    limit("record_bytes", "1048576", "Bytes of one record."),
    limit("field_bytes", "65536", "Bytes of one delimited field."),
    limit("columns", "1024", "Fields of one delimited record."),
    limit("xml_depth", "64", "Open XML elements at once."),
    limit("xml_attributes", "256", "Attributes of one XML element."),
    limit(
        "xml_namespaces",
        "64",
        "Namespace declarations of one XML element.",
    ),
    limit(
        "xml_text_bytes",
        "262144",
        "Bytes of one XML text, comment or processing instruction.",
    ),
    limit("json_depth", "64", "Open JSON objects and arrays at once."),
    limit("json_members", "1024", "Names of one JSON object."),
    limit("workbook_bytes", "104857600", "Bytes of a workbook."),
    limit(
        "workbook_opened_bytes",
        "536870912",
        "Bytes of all parts of a workbook, opened.",
    ),
    limit(
        "workbook_part_bytes",
        "268435456",
        "Bytes of one part of a workbook, opened.",
    ),
    limit(
        "workbook_ratio",
        "100",
        "How many times as large as its compressed bytes a part of more than 1 MiB may be.",
    ),
    limit("workbook_parts", "1000", "Parts of a workbook."),
    limit("workbook_cells", "5000000", "Cells of a sheet."),
    limit("workbook_strings", "1000000", "Shared texts of a workbook."),
    limit(
        "workbook_string_bytes",
        "134217728",
        "Bytes of the part with the shared texts, opened.",
    ),
    limit("workbook_merges", "100000", "Merged areas of a sheet."),
    limit(
        "workbook_xls_memory_bytes",
        "536870912",
        "Bytes of memory for the process that reads an old workbook (xls).",
    ),
    limit(
        "workbook_xls_seconds",
        "60",
        "Seconds for the process that reads an old workbook (xls).",
    ),
    limit(
        "json_text_bytes",
        "262144",
        "Bytes of one JSON text, name or number.",
    ),
];

/// Reads the limits; what is absent has its default.
pub(super) fn read(section: &Section<'_>) -> Limits {
    let mut limits = Limits::default();
    if let Some(bytes) = section.count("content_bytes") {
        limits.content_bytes = bytes.value;
    }
    workbook(section, &mut limits);
    let slots: [(&str, &mut usize); 10] = [
        ("record_bytes", &mut limits.record_bytes),
        ("field_bytes", &mut limits.field_bytes),
        ("columns", &mut limits.columns),
        ("xml_depth", &mut limits.xml_depth),
        ("xml_attributes", &mut limits.xml_attributes),
        ("xml_namespaces", &mut limits.xml_namespaces),
        ("xml_text_bytes", &mut limits.xml_text_bytes),
        ("json_depth", &mut limits.json_depth),
        ("json_members", &mut limits.json_members),
        ("json_text_bytes", &mut limits.json_text_bytes),
    ];
    for (name, slot) in slots {
        if let Some(count) = section.count(name) {
            *slot = count.value as usize;
        }
    }
    limits
}

fn workbook(section: &Section<'_>, limits: &mut Limits) {
    let workbook = &mut limits.workbook;
    let slots: [(&str, &mut u64); 9] = [
        ("workbook_bytes", &mut workbook.bytes),
        ("workbook_opened_bytes", &mut workbook.opened_bytes),
        ("workbook_part_bytes", &mut workbook.part_bytes),
        ("workbook_ratio", &mut workbook.ratio),
        ("workbook_cells", &mut workbook.cells),
        ("workbook_strings", &mut workbook.strings),
        ("workbook_string_bytes", &mut workbook.string_bytes),
        ("workbook_xls_memory_bytes", &mut workbook.xls_memory_bytes),
        ("workbook_xls_seconds", &mut workbook.xls_seconds),
    ];
    for (name, slot) in slots {
        if let Some(count) = section.count(name) {
            *slot = count.value;
        }
    }
    let slots = [
        ("workbook_parts", &mut workbook.parts),
        ("workbook_merges", &mut workbook.merges),
    ];
    for (name, slot) in slots {
        if let Some(count) = section.count(name) {
            *slot = count.value as usize;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::diag::{Problems, Source};
    use crate::document::Document;

    #[test]
    fn the_written_defaults_are_the_defaults() {
        let mut problems = Problems::new();
        let document = Document::parse(Source::new("dukou.toml", ""), &mut problems);
        let section = document.root(LIMIT_KEYS, &mut problems);
        assert_eq!(read(&section), Limits::default());
        assert!(problems.is_empty());
    }
}
