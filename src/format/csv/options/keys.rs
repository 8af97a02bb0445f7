//! What may be written, for reading, for suggestions and for the reference.

use crate::document::{Key, KeyKind};

/// The keys of `[format.csv]`.
pub const FORMAT_KEYS: &[Key] = &[
    Key::with_default(
        "encoding",
        KeyKind::OneOf(&["UTF-8", "GBK", "GB18030", "ASCII"]),
        "UTF-8",
        "The encoding, strict in both directions.",
    ),
    Key::with_default(
        "separator",
        KeyKind::Text,
        ",",
        "What stands between two fields: one or more characters, such as \"|\", \"||\" or \"\\u0001\".",
    ),
    Key::with_default(
        "quote",
        KeyKind::Text,
        "\"",
        "The sign around a field that has separators, quotes or line ends in it, doubled inside; \
         `none` if there is none.",
    ),
    Key::with_default(
        "line_end",
        KeyKind::OneOf(&["any", "lf", "crlf"]),
        "any",
        "What ends a line. `any` reads LF and CRLF and writes LF.",
    ),
    Key::with_default(
        "final_line_end",
        KeyKind::OneOf(&["optional", "required", "omitted"]),
        "optional",
        "`required` refuses a file whose last line has no line end, because it was probably cut. `omitted` reads the last \
         line with or without and writes it without.",
    ),
    Key::with_default(
        "blank_lines",
        KeyKind::OneOf(&["keep", "skip"]),
        "keep",
        "`keep` reads a line without a byte as a record with one empty field, `skip` as nothing.",
    ),
    Key::with_default(
        "header",
        KeyKind::OneOf(&["none", "name", "position"]),
        "none",
        "Whether a row of column names stands before the records of the kind without `match`. `name` \
         finds columns by it, in any order; `position` wants exactly the declared names.",
    ),
    Key::with_default(
        "extra_columns",
        KeyKind::OneOf(&["refuse", "ignore"]),
        "refuse",
        "With `header = \"name\"`, what becomes of columns that nothing reads.",
    ),
    Key::with_default(
        "trailing_separator",
        KeyKind::OneOf(&["none", "required", "optional"]),
        "none",
        "Whether a separator stands after the last field. `optional` reads it and does not write it.",
    ),
    Key::with_default(
        "bom",
        KeyKind::OneOf(&["refuse", "optional", "required"]),
        "refuse",
        "Whether the file begins with a byte order mark. `optional` reads it and does not write it.",
    ),
    Key::with_default(
        "trim",
        KeyKind::OneOf(&["none", "spaces"]),
        "none",
        "`spaces` takes spaces off both ends of fields that are not quoted; written as they are.",
    ),
];

/// The keys of the `csv` table of `[record.NAME]`.
pub const RECORD_KEYS: &[Key] = &[
    Key::optional(
        "match",
        KeyKind::Table(MATCH_KEYS),
        "What makes a line a record of this kind; all must hold. Without it, the kind of every line \
         that no other kind takes.",
    ),
    Key::optional(
        "columns",
        KeyKind::TextList,
        "The names of the fields in their order. Optional only with `header = \"name\"`.",
    ),
];

const MATCH_KEYS: &[Key] = &[
    Key::optional(
        "first",
        KeyKind::Boolean,
        "`true`: the first line of the file. A row of column names comes after it.",
    ),
    Key::optional(
        "last",
        KeyKind::Boolean,
        "`true`: the last line of the file.",
    ),
    Key::optional(
        "column",
        KeyKind::Integer { min: 1, max: 1024 },
        "The field to compare with `equals` or `one_of`, counted from 1.",
    ),
    Key::optional("equals", KeyKind::Text, "What the field at `column` is."),
    Key::optional(
        "one_of",
        KeyKind::TextList,
        "What the field at `column` may be.",
    ),
    Key::optional("starts_with", KeyKind::Name, "What the line begins with."),
    Key::optional(
        "fields",
        KeyKind::Integer { min: 1, max: 1024 },
        "How many fields the line has, a trailing separator not counted.",
    ),
];
