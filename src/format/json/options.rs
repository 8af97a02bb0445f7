//! Reads `[format.json]`, the `json` table of `[record.NAME]` and the `from` of a field.
//!
//! Called by the mapping, which also asks [`reading_problems`](super::reading_problems) and
//! [`writing_problems`](super::writing_problems) once all paths are known.

use super::path::JsonPath;
use super::plan::{AbsentFields, JsonField, JsonPlan, JsonSelect, Nulls, UnknownMembers};
use super::{LAYOUT, LayoutProblem, OPTION, PATH};
use crate::diag::{Place, Problem, Problems};
use crate::document::{Item, Key, KeyKind, Section};

/// The keys of `[format.json]`.
pub const FORMAT_KEYS: &[Key] = &[
    Key::with_default(
        "encoding",
        KeyKind::OneOf(&["UTF-8", "GBK", "GB18030"]),
        "UTF-8",
        "The encoding, strict in both directions.",
    ),
    Key::with_default(
        "lines",
        KeyKind::Boolean,
        "false",
        "Whether every line is a document of its own (NDJSON); a broken line is refused alone.",
    ),
    Key::with_default(
        "unknown_members",
        KeyKind::OneOf(&["ignore", "refuse"]),
        "ignore",
        "What becomes of a name that no field wants and that leads to none: `refuse` refuses the \
         record it stands in.",
    ),
    Key::with_default(
        "nulls",
        KeyKind::OneOf(&["absent", "empty", "refuse"]),
        "absent",
        "What a field is whose value is null: not there, an empty text, or a reason to refuse the \
         record.",
    ),
    Key::with_default(
        "types",
        KeyKind::OneOf(&["any", "declared"]),
        "any",
        "`any` takes texts, numbers and booleans alike, as their text; `declared` refuses a record \
         where a field is of another type than it is written as.",
    ),
    Key::with_default(
        "absent_fields",
        KeyKind::OneOf(&["omit", "null"]),
        "omit",
        "What is written for a field without a value.",
    ),
    Key::with_default(
        "empty_lists",
        KeyKind::Boolean,
        "true",
        "Whether a list without records is written, as `[]`.",
    ),
    Key::with_default(
        "indent",
        KeyKind::Integer { min: 0, max: 16 },
        "2",
        "Spaces of indentation per level, written; 0 writes everything on one line.",
    ),
];

/// The keys of the `json` table of `[record.NAME]`.
pub const RECORD_KEYS: &[Key] = &[
    Key::required(
        "path",
        KeyKind::Name,
        "The values that are records of this kind: names from the outermost value with `/` \
         between, `[]` for every element of an array, such as `data/orders[]`; `.` is the \
         outermost value itself.",
    ),
    Key::optional(
        "numbers",
        KeyKind::TextList,
        "Which of its fields (by their `from`) are written as numbers.",
    ),
    Key::optional(
        "booleans",
        KeyKind::TextList,
        "Which of its fields (by their `from`) are written as `true` or `false`.",
    ),
    Key::with_default(
        "skip_empty",
        KeyKind::Boolean,
        "false",
        "Whether `null`, an empty text and an object without members are no record at all.",
    ),
];

impl JsonPlan {
    /// Reads `[format.json]`, a table checked against [`FORMAT_KEYS`].
    pub fn read(section: &Section<'_>, problems: &mut Problems) -> Option<Self> {
        let plan = Self {
            encoding: section.word("encoding")?.value.parse().ok()?,
            lines: section.boolean("lines")?.value,
            unknown: match section.word("unknown_members")?.value {
                "refuse" => UnknownMembers::Refuse,
                _ => UnknownMembers::Ignore,
            },
            nulls: match section.word("nulls")?.value {
                "empty" => Nulls::Empty,
                "refuse" => Nulls::Refuse,
                _ => Nulls::Absent,
            },
            strict_types: section.word("types")?.value == "declared",
            absent: match section.word("absent_fields")?.value {
                "null" => AbsentFields::Null,
                _ => AbsentFields::Omit,
            },
            empty_lists: section.boolean("empty_lists")?.value,
            indent: section.count("indent")?.value as usize,
        };
        if plan.lines && section.has("indent") {
            let place = section.key_place("indent")?;
            let message = "`indent` means nothing with `lines`: every document is on one line";
            problems.push(Problem::warning(&OPTION, place, message));
        }
        if plan.absent == AbsentFields::Null && plan.nulls == Nulls::Refuse {
            let place = section.key_place("absent_fields")?;
            let message = "`absent_fields = \"null\"` writes what `nulls = \"refuse\"` refuses";
            problems.push(Problem::error(&OPTION, place, message));
        }
        Some(plan)
    }
}

impl JsonSelect {
    /// Reads the `json` table of a `[record.NAME]`, a table checked against [`RECORD_KEYS`].
    pub fn read(section: &Section<'_>, problems: &mut Problems) -> Option<Self> {
        let path = section.text("path")?;
        let select = parsed(&path, problems).map(|parsed| Self {
            steps: parsed.steps,
            skip_empty: false,
            numbers: Vec::new(),
            booleans: Vec::new(),
        });
        let mut paths = |key| -> Vec<JsonPath> {
            let items = section.texts(key).unwrap_or_default();
            let read = items.iter().filter_map(|item| parsed(item, problems));
            read.collect()
        };
        let (numbers, booleans) = (paths("numbers"), paths("booleans"));
        let skip_empty = section.boolean("skip_empty")?.value;
        Some(select?.skip_empty(skip_empty).with_types(numbers, booleans))
    }
}

impl JsonField {
    /// Reads one `from` of a field of a record: see [`JsonField`] for what it may be.
    pub fn read(from: &Item<String>, select: &JsonSelect, problems: &mut Problems) -> Option<Self> {
        parsed(from, problems).map(|path| Self::new(path, select))
    }
}

impl LayoutProblem {
    /// The problem at the place of the record that it names.
    pub fn at(self, place: Place) -> Problem {
        Problem::error(&LAYOUT, place, self.message)
    }
}

fn parsed(item: &Item<String>, problems: &mut Problems) -> Option<JsonPath> {
    JsonPath::parse(&item.value)
        .map_err(|error| {
            problems.push(Problem::error(&PATH, item.place.clone(), error.to_string()));
        })
        .ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::document::{key_table_faults, read_text};
    use crate::format::trial::single_keys;
    use crate::text::Encoding;

    const KEYS: &[Key] = &single_keys(FORMAT_KEYS, RECORD_KEYS);

    /// What a text reads as, and all messages.
    fn read(
        text: &str,
    ) -> (
        Option<JsonPlan>,
        Option<JsonSelect>,
        Vec<JsonField>,
        Vec<String>,
    ) {
        let reading = |root: &Section<'_>, problems: &mut Problems| {
            let plan = root
                .table("format")
                .and_then(|section| JsonPlan::read(&section, problems));
            let select = root
                .table("record")
                .and_then(|section| JsonSelect::read(&section, problems));
            let known = select
                .clone()
                .unwrap_or_else(|| JsonSelect::new(".").expect("a good path"));
            let from = root.texts("from").unwrap_or_default();
            let fields = from.iter();
            let fields = fields.filter_map(|from| JsonField::read(from, &known, problems));
            (plan, select, fields.collect())
        };
        let ((plan, select, fields), problems) = read_text(text, KEYS, reading);
        (plan, select, fields, problems.lines())
    }

    #[test]
    fn the_keys_are_declared_without_fault() {
        assert_eq!(key_table_faults(FORMAT_KEYS), Vec::<String>::new());
        assert_eq!(key_table_faults(RECORD_KEYS), Vec::<String>::new());
    }

    #[test]
    fn an_empty_table_is_the_default_plan() {
        let (plan, _, _, messages) = read("[format]\n");
        assert_eq!(messages, Vec::<String>::new());
        assert_eq!(plan, Some(JsonPlan::default()));
    }

    #[test]
    fn every_key_is_read() {
        let (plan, select, fields, messages) = read(
            "from = [\"card/no\", \"/data/date\", \"fee\"]\n\
             [format]\nencoding = \"GBK\"\nlines = true\nunknown_members = \"refuse\"\n\
             nulls = \"empty\"\ntypes = \"declared\"\nabsent_fields = \"null\"\n\
             empty_lists = false\n\
             [record]\npath = \"data/orders[]\"\nnumbers = [\"fee\"]\nbooleans = [\"ok\"]\n\
             skip_empty = true\n",
        );
        assert_eq!(messages, Vec::<String>::new());
        let expected = JsonPlan {
            encoding: Encoding::Gbk,
            lines: true,
            unknown: UnknownMembers::Refuse,
            nulls: Nulls::Empty,
            strict_types: true,
            absent: AbsentFields::Null,
            empty_lists: false,
            indent: 2,
        };
        assert_eq!(plan, Some(expected));
        let select = select.expect("it is right");
        assert_eq!(select.path(), "data/orders[]");
        assert!(select.skip_empty);
        let shown: Vec<String> = fields
            .iter()
            .map(|field| format!("{} {:?}", field.path, field.kind))
            .collect();
        assert_eq!(shown, ["card/no Text", "/data/date Text", "fee Number"]);
    }

    #[test]
    fn all_problems_are_found_at_their_places() {
        let (_, select, fields, messages) = read(
            "from = [\"a//b\", \"fee\"]\n\
             [format]\nlines = true\nindent = 4\nnulls = \"refuse\"\nabsent_fields = \"null\"\n\
             [record]\npath = \"data.orders[]\"\nnumbers = [\"a[\"]\n",
        );
        assert_eq!((select, fields.len()), (None, 1));
        assert_eq!(
            messages,
            [
                "1:9 json-path: `a//b` has an empty step: write names with one `/` between",
                "4:1 json-option: `indent` means nothing with `lines`: every document is on one line",
                "6:1 json-option: `absent_fields = \"null\"` writes what `nulls = \"refuse\"` refuses",
                "8:8 json-path: `data.orders` in `data.orders[]` has a dot: write `/` between \
                 steps, or quotes around the name",
                "9:12 json-path: `a[` in `a[` is not a step: write a name, `[]` behind it for the \
                 elements of its array, and quotes around a name with other signs",
            ]
        );
    }
}
