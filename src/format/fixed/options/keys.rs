//! What may be written, for reading, for suggestions and for the reference.

use crate::document::{Key, KeyKind};

/// The most bytes that a record can be declared to have.
const MOST: i64 = 1 << 20;

/// The keys of `[format.fixed]`.
pub const FORMAT_KEYS: &[Key] = &[
    Key::with_default(
        "encoding",
        KeyKind::OneOf(&["UTF-8", "GBK", "GB18030", "ASCII"]),
        "UTF-8",
        "The encoding, strict in both directions. Places and lengths are bytes in every one.",
    ),
    Key::with_default(
        "line_end",
        KeyKind::OneOf(&["any", "lf", "crlf", "none"]),
        "any",
        "What ends a record. `any` reads LF and CRLF and writes LF; with `none` records follow each other.",
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
        KeyKind::OneOf(&["refuse", "skip"]),
        "refuse",
        "`refuse` reads a line without a byte as a record that is too short, `skip` as nothing.",
    ),
    Key::optional(
        "length",
        KeyKind::Integer { min: 1, max: MOST },
        "Bytes of a record, its line end not counted. Otherwise a record ends with its last column.",
    ),
    Key::optional(
        "between",
        KeyKind::Text,
        "The byte that stands before every column but the first, such as \" \" or \"|\": checked and written.",
    ),
    Key::with_default(
        "gaps",
        KeyKind::OneOf(&["ignore", "blank"]),
        "ignore",
        "What bytes that no column names must be when read: anything, or blanks. Blanks are written.",
    ),
    Key::with_default(
        "short_lines",
        KeyKind::OneOf(&["refuse", "pad"]),
        "refuse",
        "`pad` reads a line that is too short as if blanks followed, for peers that take trailing blanks off.",
    ),
    Key::with_default(
        "long_lines",
        KeyKind::OneOf(&["refuse", "blank"]),
        "refuse",
        "`blank` admits blanks after the last byte of a record.",
    ),
    Key::with_default(
        "end_of_file_mark",
        KeyKind::OneOf(&["refuse", "optional"]),
        "refuse",
        "Whether the file may end with a byte 1A (Ctrl-Z). It is never written.",
    ),
    Key::optional(
        "style",
        KeyKind::NamedTables(STYLE_KEYS),
        "How values stand in their columns, by name. `text` and `number` are those of columns that name none, by the \
         type of their field: text on the left with blanks, numbers on the right with zeros.",
    ),
];

const STYLE_KEYS: &[Key] = &[
    Key::optional(
        "align",
        KeyKind::OneOf(&["left", "right"]),
        "On which side a value stands; numbers on the right and others on the left when nothing is said.",
    ),
    Key::optional(
        "pad",
        KeyKind::Text,
        "The byte on the other side; zeros for numbers and blanks for others when nothing is said.",
    ),
    Key::optional(
        "sign",
        KeyKind::OneOf(&[
            "none",
            "minus",
            "leading",
            "leading_minus",
            "trailing",
            "trailing_minus",
            "overpunch",
        ]),
        "Makes it a style of numbers. `minus`: `-` before the digits of a negative one. `leading`, `trailing`: the first or \
         last byte is `+` or `-`; with `_minus`, `-` or a blank. `overpunch`: the last digit carries it.",
    ),
];

/// The keys of the `fixed` table of `[record.NAME]`.
pub const RECORD_KEYS: &[Key] = &[
    Key::optional(
        "match",
        KeyKind::Table(MATCH_KEYS),
        "What makes a line a record of this kind; all must hold. Without it, the kind of every record \
         that no other kind takes.",
    ),
    Key::optional(
        "length",
        KeyKind::Integer { min: 1, max: MOST },
        "Bytes of a record of this kind, instead of the format's.",
    ),
    Key::required(
        "columns",
        KeyKind::Values,
        "Its columns: `name = [start, length]` with the first byte counted from 1, `name = length` when it follows the \
         column above, `name = [start, length, \"style\"]`. Bytes that no column names are gaps.",
    ),
];

const MATCH_KEYS: &[Key] = &[
    Key::optional(
        "first",
        KeyKind::Boolean,
        "`true`: the first record of the file.",
    ),
    Key::optional(
        "last",
        KeyKind::Boolean,
        "`true`: the last record of the file.",
    ),
    Key::optional(
        "at",
        KeyKind::Integer { min: 1, max: MOST },
        "The byte, counted from 1, where `equals` or `one_of` stands.",
    ),
    Key::optional("equals", KeyKind::Name, "What stands at `at`."),
    Key::optional("one_of", KeyKind::TextList, "What may stand at `at`."),
    Key::optional(
        "length",
        KeyKind::Integer { min: 1, max: MOST },
        "How many bytes the line has.",
    ),
];
