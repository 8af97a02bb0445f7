//! What may be written, for reading, for suggestions and for the reference.

use crate::document::{Key, KeyKind};

/// The keys of `[format.excel]`.
pub const FORMAT_KEYS: &[Key] = &[
    Key::with_default(
        "workbook",
        KeyKind::OneOf(&["xlsx", "xls", "any"]),
        "xlsx",
        "Which kinds of workbook are read. `xls` is read in a process of its own; xlsx is written.",
    ),
    Key::optional(
        "sheet",
        KeyKind::Name,
        "The name of the sheet; without it and `sheet_pattern` the first visible one.",
    ),
    Key::optional(
        "sheet_pattern",
        KeyKind::Name,
        "A regular expression that the name of exactly one visible sheet must match.",
    ),
    Key::with_default(
        "header_rows",
        KeyKind::Integer { min: 1, max: 2 },
        "1",
        "Rows of headings. Of 2, the upper is joined to the lower: `出口/数量`.",
    ),
    Key::with_default(
        "header_within",
        KeyKind::Integer { min: 1, max: 200 },
        "20",
        "The headings begin within so many rows.",
    ),
    Key::optional(
        "rows_above",
        KeyKind::TextList,
        "Rows that are written above the headings, their cells apart by tabs; what stands there is not read.",
    ),
    Key::optional(
        "columns",
        KeyKind::Values,
        "Columns by free names, each with the headings it may have; the first is written. A `from` that is no name \
         here is a heading itself.",
    ),
    Key::optional(
        "optional_columns",
        KeyKind::TextList,
        "Names of `columns` that a sheet may lack.",
    ),
    Key::with_default(
        "extra_columns",
        KeyKind::OneOf(&["refuse", "ignore"]),
        "refuse",
        "What becomes of columns that nothing reads.",
    ),
    Key::with_default(
        "merged",
        KeyKind::OneOf(&["refuse", "spread"]),
        "refuse",
        "What becomes of records whose values stand in cells merged downwards: refused, or the value belongs to every \
         row of the area.",
    ),
    Key::with_default(
        "blank_rows",
        KeyKind::OneOf(&["skip", "end"]),
        "skip",
        "Whether a blank row is passed over or ends the records.",
    ),
    Key::with_default(
        "hidden",
        KeyKind::OneOf(&["report", "refuse"]),
        "report",
        "Whether a workbook with hidden sheets, rows or columns is read and they are reported, or it is refused.",
    ),
    Key::with_default(
        "formulas",
        KeyKind::OneOf(&["read", "refuse"]),
        "read",
        "Whether the last result of a formula is a value, or refused.",
    ),
    Key::with_default(
        "text_dates",
        KeyKind::OneOf(&["exact", "year_first"]),
        "exact",
        "How a day or moment that is text is read: by the field's `format`, or as year, month and day in this order, \
         whatever stands between them.",
    ),
    Key::with_default(
        "trim",
        KeyKind::OneOf(&["none", "spaces"]),
        "none",
        "`spaces` takes spaces, wide ones too, and line ends off both ends of texts.",
    ),
];

/// The keys of the `excel` table of `[record.NAME]`.
pub const RECORD_KEYS: &[Key] = &[Key::optional(
    "match",
    KeyKind::Table(MATCH_KEYS),
    "What a row must have to be of this kind; none for the kind of every row that no other kind takes.",
)];

const MATCH_KEYS: &[Key] = &[
    Key::optional(
        "column",
        KeyKind::Name,
        "The column that the text stands in; without it the first cell that has anything.",
    ),
    Key::required(
        "one_of",
        KeyKind::TextList,
        "The texts, compared as headings are: without spaces, narrow, in lower case. The first is written.",
    ),
];
