//! How JSON content is laid out as a whole, and its records and fields.

use super::number::is_number;
use super::path::{JsonPath, PathError, Step};
use crate::text::Encoding;

/// What to do about a member that no field wants and that leads to none.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum UnknownMembers {
    /// Leave it out, with all it holds.
    #[default]
    Ignore,
    /// Refuse the record it stands in; the whole content if it stands in none.
    Refuse,
}

/// What a field is whose value is `null`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Nulls {
    /// As if its name were not there.
    #[default]
    Absent,
    /// As if it were `""`.
    Empty,
    /// The record is refused.
    Refuse,
}

/// What is written for a field without a value.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum AbsentFields {
    /// Nothing: its name is left out.
    #[default]
    Omit,
    /// `null`.
    Null,
}

/// The JSON type that a field is written as.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum JsonType {
    /// `"…"`.
    #[default]
    Text,
    /// `12.30`.
    Number,
    /// `true` or `false`.
    Boolean,
}

impl JsonType {
    /// With its article, for messages.
    pub(super) fn noun(self) -> &'static str {
        match self {
            Self::Text => "a text",
            Self::Number => "a number",
            Self::Boolean => "a boolean",
        }
    }
}

/// `[format.json]`, checked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct JsonPlan {
    /// Of the content's bytes. Default UTF-8.
    pub encoding: Encoding,
    /// Whether every line is a document of its own. Default no.
    pub lines: bool,
    /// What unknown members get. Default `Ignore`.
    pub unknown: UnknownMembers,
    /// What a null is, read. Default `Absent`.
    pub nulls: Nulls,
    /// Whether a field must be of the type it is written as. Default no: texts, numbers and
    /// booleans are taken as their text.
    pub strict_types: bool,
    /// What a field without a value is, written. Default `Omit`.
    pub absent: AbsentFields,
    /// Whether a list without records is written as `[]`. Default yes.
    pub empty_lists: bool,
    /// Spaces of indentation per level, written; 0 writes all on one line. Default 2.
    pub indent: usize,
}

impl Default for JsonPlan {
    fn default() -> Self {
        Self {
            encoding: Encoding::Utf8,
            lines: false,
            unknown: UnknownMembers::Ignore,
            nulls: Nulls::Absent,
            strict_types: false,
            absent: AbsentFields::Omit,
            empty_lists: true,
            indent: 2,
        }
    }
}

/// Which values are records of a kind, checked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct JsonSelect {
    pub(super) steps: Vec<Step>,
    pub(super) skip_empty: bool,
    /// Relative paths of fields that are numbers, and of those that are booleans.
    pub(super) numbers: Vec<JsonPath>,
    pub(super) booleans: Vec<JsonPath>,
}

impl JsonSelect {
    /// Every value at `path` is a record: from the outermost value, `data/orders[]`; `.` is the
    /// outermost value itself.
    pub fn new(path: &str) -> Result<Self, PathError> {
        JsonPath::parse(path).map(|path| Self {
            steps: path.steps,
            skip_empty: false,
            numbers: Vec::new(),
            booleans: Vec::new(),
        })
    }

    /// `null`, `""` and an object without members are no record of the kind.
    #[must_use]
    pub fn skip_empty(mut self, skip: bool) -> Self {
        self.skip_empty = skip;
        self
    }

    /// Whether `null`, `""` and an object without members are no record.
    pub fn skips_empty(&self) -> bool {
        self.skip_empty
    }

    /// The fields that are numbers and those that are booleans; all others are texts.
    #[must_use]
    pub fn with_types(mut self, numbers: Vec<JsonPath>, booleans: Vec<JsonPath>) -> Self {
        self.numbers = numbers;
        self.booleans = booleans;
        self
    }

    /// The path as text.
    pub fn path(&self) -> String {
        JsonPath {
            absolute: false,
            steps: self.steps.clone(),
        }
        .to_string()
    }

    /// Whether its records are elements of an array inside one record of `outer`, or inside the
    /// content without one: there may be any number of them.
    pub fn is_list_in(&self, outer: Option<&Self>) -> bool {
        let depth = outer.map_or(0, Self::depth);
        let inner = self.steps.get(depth..).unwrap_or_default();
        inner.contains(&Step::Each)
    }

    /// Whether its records stand inside those of `outer`.
    pub fn is_inside(&self, outer: &Self) -> bool {
        self.steps.len() > outer.steps.len() && self.steps.starts_with(&outer.steps)
    }

    /// How many steps its path has.
    pub fn depth(&self) -> usize {
        self.steps.len()
    }

    /// The type that its field at `path` is written as.
    pub(super) fn type_of(&self, path: &JsonPath) -> JsonType {
        if self.numbers.contains(path) {
            JsonType::Number
        } else if self.booleans.contains(path) {
            JsonType::Boolean
        } else {
            JsonType::Text
        }
    }
}

/// Where a slot's value stands: relative to the record, or absolute and shared by all records
/// after it inside the nearest value that holds both.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct JsonField {
    pub(super) path: JsonPath,
    pub(super) kind: JsonType,
}

impl JsonField {
    /// A field at a path, of the type that the record's select says.
    pub fn new(path: JsonPath, select: &JsonSelect) -> Self {
        Self {
            kind: select.type_of(&path),
            path,
        }
    }

    /// Its path.
    pub fn path(&self) -> &JsonPath {
        &self.path
    }

    /// Whether a text can be written as the type that it is written as.
    pub fn admits(&self, text: &str) -> bool {
        match self.kind {
            JsonType::Text => true,
            JsonType::Number => is_number(text.as_bytes()),
            JsonType::Boolean => matches!(text, "true" | "false"),
        }
    }
}
