//! How one kind of record is told from the others, and where its fields are.

use super::kinds::style_of;
use super::plan::FixedPlan;
use super::shape::Style;
use crate::format::lines::{Stand, Standing};
use crate::text::Encoding;

/// What makes a line a record of one kind, and its columns.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct FixedSelect {
    /// All must hold; none: the kind of every record that no other kind takes.
    pub(super) conditions: Vec<Condition>,
    /// Bytes of a record, the line end not counted.
    pub(super) length: usize,
    /// In the order of their places.
    pub(super) columns: Vec<Column>,
    /// Where its records may stand.
    pub(in crate::format) standing: Standing,
}

impl FixedSelect {
    /// A kind without anything.
    pub(super) const fn nothing() -> Self {
        Self {
            conditions: Vec::new(),
            length: 0,
            columns: Vec::new(),
            standing: Standing::ANYWHERE,
        }
    }

    /// Where the records of this kind stand in a file.
    pub fn stand(&self) -> Stand {
        let has = |wanted: &Condition| self.conditions.contains(wanted);
        match (has(&Condition::First), has(&Condition::Last)) {
            (true, _) => Stand::First,
            (false, true) => Stand::Last,
            (false, false) => Stand::Between,
        }
    }

    /// How many bytes the column of a field of this kind has.
    pub fn width(&self, field: &FixedField) -> Option<usize> {
        self.columns.get(field.column).map(|column| column.length)
    }

    /// Whether a text can stand in the column of a field of this kind and be read back as it was.
    pub fn admits(&self, plan: &FixedPlan, field: &FixedField, text: &str) -> bool {
        let Some(column) = self.columns.get(field.column) else {
            return false;
        };
        let style = style_of(plan, column, field.is_number);
        let encoded = plan.encoding.encode(text);
        encoded.is_ok_and(|bytes| style.written(&bytes, column.length).is_ok())
    }
}

impl FixedField {
    /// For a field of another kind's record (`kind.column`): the kind's index in the layout, and
    /// the same field as that kind itself has it.
    pub fn shared(&self) -> Option<(usize, Self)> {
        let own = Self {
            kind: None,
            ..self.clone()
        };
        self.kind.map(|kind| (kind, own))
    }
}

/// One column of a kind of record.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Column {
    pub(super) name: String,
    /// Its first byte, from 0.
    pub(super) start: usize,
    /// In bytes.
    pub(super) length: usize,
    /// How a value stands in it; `None`: as its field's type has it.
    pub(super) style: Option<Style>,
}

impl Column {
    /// Where the byte after it is.
    pub(super) fn end(&self) -> usize {
        self.start + self.length
    }
}

/// One thing that must be so of a record.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Condition {
    /// The first record of the file.
    First,
    /// The last record of the file.
    Last,
    /// The bytes from `at`, counted from 0, are one of `values`.
    At { at: usize, values: Vec<String> },
    /// The line has so many bytes.
    Length(usize),
}

/// Where the bytes of a slot are: a column of the record, or of the last record of another kind.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FixedField {
    /// The other kind's index in the layout.
    pub(super) kind: Option<usize>,
    /// The column's index in that kind.
    pub(super) column: usize,
    /// Whether the field's type is a number.
    pub(super) is_number: bool,
}

/// What is known of a record when its kind is to be found.
pub(super) struct Facts<'a> {
    pub(super) first: bool,
    pub(super) last: bool,
    pub(super) line: &'a [u8],
    /// Whether bytes beyond the line count as blanks.
    pub(super) is_padded: bool,
}

/// A [`Condition`] with its texts in the encoding of the file.
#[derive(Debug)]
pub(super) enum Test {
    First,
    Last,
    At(usize, Vec<Vec<u8>>),
    Length(usize),
}

impl Test {
    pub(super) fn new(condition: &Condition, encoding: Encoding) -> Self {
        // A checked text exists in the encoding.
        let encode = |text: &String| Some(encoding.encode(text).ok()?.into_owned());
        match condition {
            Condition::First => Self::First,
            Condition::Last => Self::Last,
            Condition::At { at, values } => {
                Self::At(*at, values.iter().filter_map(encode).collect())
            }
            Condition::Length(length) => Self::Length(*length),
        }
    }

    pub(super) fn holds(&self, facts: &Facts<'_>) -> bool {
        match self {
            Self::First => facts.first,
            Self::Last => facts.last,
            Self::Length(length) => facts.line.len() == *length,
            Self::At(at, values) => {
                let rest = facts.line.get(*at..).unwrap_or_default();
                values
                    .iter()
                    .any(|value| stands(value, rest, facts.is_padded))
            }
        }
    }
}

/// Whether `rest` begins with `value`.
fn stands(value: &[u8], rest: &[u8], is_padded: bool) -> bool {
    if rest.len() >= value.len() || !is_padded {
        return rest.starts_with(value);
    }
    let (head, tail) = value.split_at(rest.len());
    head == rest && tail.iter().all(|byte| *byte == b' ')
}
