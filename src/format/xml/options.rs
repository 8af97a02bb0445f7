//! Reads `[format.xml]`, the `xml` table of `[record.NAME]` and the `from` of a field.
//!
//! Called by the mapping, which also asks [`reading_problems`](super::reading_problems) and
//! [`writing_problems`](super::writing_problems) once all paths are known. The one invariant: every
//! path that comes out of here can be written in the plan's encoding.

use super::path::{PathError, XmlField};
use super::plan::{SharedValues, UnknownElements, XmlLineEnd, XmlPlan, XmlSelect};
use super::{LAYOUT, LayoutProblem, OPTION, PATH};
use crate::diag::{Place, Problem, Problems};
use crate::document::{Item, Key, KeyKind, Section};
use crate::text::Encoding;

/// The keys of `[format.xml]`.
pub const FORMAT_KEYS: &[Key] = &[
    Key::with_default(
        "encoding",
        KeyKind::OneOf(&["UTF-8", "GBK", "GB18030"]),
        "UTF-8",
        "The encoding, strict in both directions. An XML declaration that says another is refused.",
    ),
    Key::optional(
        "namespace",
        KeyKind::Name,
        "The namespace URI that all known elements must be in, whatever their prefix; written as \
         the default namespace. Without it only local names count.",
    ),
    Key::with_default(
        "namespace_required",
        KeyKind::Boolean,
        "true",
        "Whether what is read must be in `namespace`; if not, it is only written, and any or none is read.",
    ),
    Key::with_default(
        "shared_values",
        KeyKind::OneOf(&["before", "anywhere"]),
        "before",
        "Where a value that records share (a path with a leading `/`) may stand: before their end, or anywhere; then \
         records wait for the end of the document, at most `xml_held_bytes` of them.",
    ),
    Key::with_default(
        "declaration",
        KeyKind::Boolean,
        "true",
        "Whether an XML declaration is written.",
    ),
    Key::with_default(
        "indent",
        KeyKind::Integer { min: 0, max: 16 },
        "2",
        "Spaces of indentation per level, written; 0 writes everything on one line.",
    ),
    Key::with_default(
        "line_end",
        KeyKind::OneOf(&["lf", "crlf"]),
        "lf",
        "What ends a written line. Read are all that XML allows.",
    ),
    Key::with_default(
        "unknown_elements",
        KeyKind::OneOf(&["ignore", "refuse"]),
        "ignore",
        "What becomes of an element or attribute that no field wants and that leads to none: \
         `refuse` refuses the record it stands in. Attributes with a prefix are always left out.",
    ),
    Key::with_default(
        "trim",
        KeyKind::Boolean,
        "false",
        "Whether white space around an element's text is dropped on reading; written as it is.",
    ),
];

/// The keys of the `xml` table of `[record.NAME]`.
pub const RECORD_KEYS: &[Key] = &[
    Key::required(
        "path",
        KeyKind::Name,
        "The elements that are records of this kind: local names from the root with `/` between, \
         such as `Message/Body/Transaction`.",
    ),
    Key::with_default(
        "skip_empty",
        KeyKind::Boolean,
        "false",
        "Whether an element without text, attributes and child elements is no record at all.",
    ),
];

impl XmlPlan {
    /// Reads `[format.xml]`, a table checked against [`FORMAT_KEYS`].
    pub fn read(section: &Section<'_>, problems: &mut Problems) -> Option<Self> {
        let namespace = section.text("namespace");
        let encoding: Encoding = section.word("encoding")?.value.parse().ok()?;
        let mut is_writable = true;
        if let Some(item) = &namespace
            && let Err(error) = encoding.encode(&item.value)
        {
            let message = format!("the namespace `{}` cannot be written: {error}", item.value);
            problems.push(Problem::error(&OPTION, item.place.clone(), message));
            is_writable = false;
        }
        let plan = Self {
            encoding,
            namespace: namespace.map(|item| item.value),
            namespace_required: section.boolean("namespace_required")?.value,
            shared: match section.word("shared_values")?.value {
                "anywhere" => SharedValues::Anywhere,
                _ => SharedValues::Before,
            },
            declaration: section.boolean("declaration")?.value,
            indent: section.count("indent")?.value as usize,
            line_end: match section.word("line_end")?.value {
                "crlf" => XmlLineEnd::CrLf,
                _ => XmlLineEnd::Lf,
            },
            unknown: match section.word("unknown_elements")?.value {
                "refuse" => UnknownElements::Refuse,
                _ => UnknownElements::Ignore,
            },
            trim: section.boolean("trim")?.value,
        };
        if plan.indent == 0 && section.has("line_end") {
            let place = section.key_place("line_end")?;
            let message = "`line_end` means nothing with `indent = 0`: all is on one line";
            problems.push(Problem::warning(&OPTION, place, message));
        }
        is_writable.then_some(plan)
    }
}

impl XmlSelect {
    /// Reads the `xml` table of a `[record.NAME]`, a table checked against [`RECORD_KEYS`].
    pub fn read(section: &Section<'_>, plan: &XmlPlan, problems: &mut Problems) -> Option<Self> {
        let skip_empty = section.boolean("skip_empty");
        let path = section.text("path")?;
        let select = checked(&path, plan, Self::new(&path.value), problems)?;
        Some(select.skip_empty(skip_empty?.value))
    }
}

impl XmlField {
    /// Reads one `from` of a field: see [`XmlField`] for what it may be.
    pub fn read(from: &Item<String>, plan: &XmlPlan, problems: &mut Problems) -> Option<Self> {
        checked(from, plan, Self::parse(&from.value), problems)
    }
}

impl LayoutProblem {
    /// The problem at the place of the record or `from` that it names.
    pub fn at(self, place: Place) -> Problem {
        Problem::error(&LAYOUT, place, self.message)
    }
}

/// A path that can be read, and written in the plan's encoding.
fn checked<T>(
    path: &Item<String>,
    plan: &XmlPlan,
    parsed: Result<T, PathError>,
    problems: &mut Problems,
) -> Option<T> {
    let message = match (&parsed, plan.encoding.encode(&path.value)) {
        (Err(error), _) => error.to_string(),
        (Ok(_), Err(error)) => format!("`{}` can never be in the file: {error}", path.value),
        (Ok(_), Ok(_)) => return parsed.ok(),
    };
    problems.push(Problem::error(&PATH, path.place.clone(), message));
    None
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::document::{key_table_faults, read_text};
    use crate::format::trial::single_keys;

    const KEYS: &[Key] = &single_keys(FORMAT_KEYS, RECORD_KEYS);

    /// What a text reads as, and all messages.
    fn read(
        text: &str,
    ) -> (
        Option<XmlPlan>,
        Option<XmlSelect>,
        Vec<XmlField>,
        Vec<String>,
    ) {
        let reading = |root: &Section<'_>, problems: &mut Problems| {
            let plan = root
                .table("format")
                .and_then(|section| XmlPlan::read(&section, problems));
            let known = plan.clone().unwrap_or_default();
            let select = root
                .table("record")
                .and_then(|section| XmlSelect::read(&section, &known, problems));
            let from = root.texts("from").unwrap_or_default();
            let fields = from.iter();
            let fields = fields.filter_map(|from| XmlField::read(from, &known, problems));
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
        assert_eq!(plan, Some(XmlPlan::default()));
    }

    #[test]
    fn every_key_is_read() {
        let (plan, select, fields, messages) = read(
            "from = [\"ICCard/CardId\", \"/Message/@v\"]\n\
             [format]\nencoding = \"GBK\"\nnamespace = \"urn:a\"\ndeclaration = false\nindent = 4\n\
             namespace_required = false\nshared_values = \"anywhere\"\nline_end = \"crlf\"\nunknown_elements = \"refuse\"\ntrim = true\n\
             [record]\npath = \"Message/Body\"\nskip_empty = true\n",
        );
        assert_eq!(messages, Vec::<String>::new());
        let expected = XmlPlan {
            encoding: Encoding::Gbk,
            namespace: Some("urn:a".to_owned()),
            namespace_required: false,
            shared: SharedValues::Anywhere,
            declaration: false,
            indent: 4,
            line_end: XmlLineEnd::CrLf,
            unknown: UnknownElements::Refuse,
            trim: true,
        };
        assert_eq!(plan, Some(expected));
        let body = XmlSelect::new("Message/Body").expect("a good path");
        assert_eq!(select, Some(body.skip_empty(true)));
        let shown: Vec<String> = fields.iter().map(ToString::to_string).collect();
        assert_eq!(shown, ["ICCard/CardId", "/Message/@v"]);
    }

    #[test]
    fn all_problems_are_found_at_their_places() {
        let (plan, select, fields, messages) = read(
            "from = [\"A//B\", \"n:A\", \"Fee\", \"\u{1f600}\", \"㐂\"]\n\
             [format]\nencoding = \"GBK\"\nnamespace = \"urn:😀\"\nindent = 0\nline_end = \"lf\"\n\
             [record]\npath = \"Message/@Body\"\n",
        );
        assert_eq!((plan, select), (None, None));
        // Without a plan the paths are read as if it were the default one.
        assert_eq!(fields.len(), 3);
        assert_eq!(
            messages,
            [
                "1:9 xml-path: `A//B` has an empty step: write element names with one `/` between",
                "1:17 xml-path: `n:A` in `n:A` is not a local name: no prefix, spaces or wildcards",
                "4:13 xml-option: the namespace `urn:😀` cannot be written: character 5 (`😀`, \
                 U+1F600) does not exist in GBK",
                "6:1 xml-option: `line_end` means nothing with `indent = 0`: all is on one line",
                "8:8 xml-path: `Message/@Body` names an attribute: a record is an element",
            ]
        );
        let (_, _, fields, messages) = read("from = \"㐂\"\n[format]\nencoding = \"GBK\"\n");
        assert_eq!(fields, []);
        assert_eq!(
            messages,
            [
                "1:8 xml-path: `㐂` can never be in the file: character 1 (`㐂`, U+3402) does not \
                 exist in GBK"
            ]
        );
    }
}
