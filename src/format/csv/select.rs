//! How one kind of record is told from the others, and where its fields are.

use std::borrow::Cow;

use super::split::Fields;
use crate::format::lines::{Stand, Standing};
use crate::text::Encoding;

/// What makes a line a record of one kind, and its columns.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct CsvSelect {
    /// All must hold; none: the kind of every line that no other kind takes.
    pub(super) conditions: Vec<Condition>,
    /// By position; empty only for the kind whose names are the header row's.
    pub(super) columns: Vec<String>,
    /// Where its lines may stand.
    pub(in crate::format) standing: Standing,
}

/// One thing that must be so of a line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Condition {
    /// The first line of the file; a header row comes after it.
    First,
    /// The last line of the file.
    Last,
    /// The field at `column`, counted from 0, is one of `values`.
    Column { column: usize, values: Vec<String> },
    /// The line begins with this.
    StartsWith(String),
    /// The line has so many fields, a trailing separator not counted.
    Fields(usize),
}

/// Where the bytes of a slot are: a column of the line, or of the last line of another kind.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CsvField {
    /// The other kind's index in the layout.
    pub(super) kind: Option<usize>,
    pub(super) column: Column,
}

impl CsvSelect {
    /// Where the lines of this kind stand in a file.
    pub fn stand(&self) -> Stand {
        let has = |wanted: &Condition| self.conditions.contains(wanted);
        match (has(&Condition::First), has(&Condition::Last)) {
            (true, _) => Stand::First,
            (false, true) => Stand::Last,
            (false, false) => Stand::Between,
        }
    }
}

impl CsvField {
    /// For a field of another kind's line (`kind.column`): the kind's index in the layout, and the
    /// same field as that kind itself has it.
    pub fn shared(&self) -> Option<(usize, Self)> {
        let column = self.column.clone();
        self.kind.map(|kind| (kind, Self { kind: None, column }))
    }
}

/// A column of a kind of record.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Column {
    /// Found by name in the header row.
    Named(String),
    /// By position, counted from 0.
    At(usize),
}

/// What is known of a line when its kind is to be found.
pub(super) struct Facts<'a> {
    pub(super) first: bool,
    pub(super) last: bool,
    pub(super) line: &'a [u8],
    pub(super) fields: Fields<'a>,
    /// The fewest and the most fields that it may count as having.
    pub(super) counts: (usize, usize),
}

/// A [`Condition`] with its texts in the encoding of the lines.
#[derive(Debug)]
pub(super) enum Test {
    First,
    Last,
    Column(usize, Vec<Vec<u8>>),
    StartsWith(Vec<u8>),
    Fields(usize),
    /// Its text cannot be in the encoding, so no line can have it.
    Never,
}

impl Test {
    pub(super) fn new(condition: &Condition, encoding: Encoding) -> Self {
        let encode = |text: &str| encoding.encode(text).ok().map(Cow::into_owned);
        match condition {
            Condition::First => Self::First,
            Condition::Last => Self::Last,
            Condition::Column { column, values } => Self::Column(
                *column,
                values.iter().filter_map(|value| encode(value)).collect(),
            ),
            Condition::StartsWith(text) => encode(text).map_or(Self::Never, Self::StartsWith),
            Condition::Fields(count) => Self::Fields(*count),
        }
    }

    pub(super) fn holds(&self, facts: &Facts<'_>) -> bool {
        match self {
            Self::First => facts.first,
            Self::Last => facts.last,
            Self::Column(column, values) => (facts.fields.get(*column))
                .is_some_and(|field| values.iter().any(|value| value == field)),
            Self::StartsWith(bytes) => facts.line.starts_with(bytes),
            Self::Fields(count) => facts.counts.0 == *count || facts.counts.1 == *count,
            Self::Never => false,
        }
    }
}
