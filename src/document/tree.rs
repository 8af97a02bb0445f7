//! What was parsed, as values with places, in the order of the file.
//!
//! The parser keeps tables sorted by name; people do not, and for fields the order means
//! something. So its tree is copied once into this one, ordered by where the keys stand.

use std::ops::Range;

use chrono::{DateTime, NaiveDate, NaiveTime, Utc};
use toml::Spanned;
use toml::de::{DeInteger, DeTable, DeValue};

/// A value and the bytes it stands on: of a table its header, or its braces.
#[derive(Debug)]
pub(super) struct Node {
    pub(super) kind: NodeKind,
    pub(super) span: Range<usize>,
}

/// A value.
#[derive(Debug)]
pub(super) enum NodeKind {
    Text(String),
    /// `None` when it does not fit 64 bits.
    Integer(Option<i64>),
    /// `None` when it is beyond what 64 bits can hold.
    Float(Option<f64>),
    Boolean(bool),
    /// A day; `None` when the calendar has no such day.
    Date(Option<NaiveDate>),
    Time(NaiveTime),
    /// A day with a time; `None` when its offset from UTC is not said or it is no moment.
    Instant(Option<DateTime<Utc>>),
    List(Vec<Node>),
    Table(Table),
}

/// Keys in the order of the file.
#[derive(Debug, Default)]
pub(super) struct Table {
    pub(super) entries: Vec<Entry>,
}

/// A key with its value.
#[derive(Debug)]
pub(super) struct Entry {
    pub(super) name: String,
    pub(super) name_span: Range<usize>,
    pub(super) node: Node,
}

impl Table {
    /// Copies the parser's table; its depth is bounded by the parser (80).
    pub(super) fn from_parser(table: &DeTable<'_>) -> Self {
        let mut entries: Vec<Entry> = table
            .iter()
            .map(|(key, value)| Entry {
                name: key.get_ref().to_string(),
                name_span: key.span(),
                node: Node::from_parser(value),
            })
            .collect();
        entries.sort_by_key(|entry| entry.name_span.start);
        Self { entries }
    }

    /// The entry of a name.
    pub(super) fn find(&self, name: &str) -> Option<&Entry> {
        self.entries.iter().find(|entry| entry.name == name)
    }
}

impl Node {
    fn from_parser(value: &Spanned<DeValue<'_>>) -> Self {
        let kind = match value.get_ref() {
            DeValue::String(text) => NodeKind::Text(text.to_string()),
            DeValue::Integer(integer) => NodeKind::Integer(integer_of(integer)),
            DeValue::Float(float) => {
                let number = float.as_str().parse().ok();
                NodeKind::Float(number.filter(|number: &f64| number.is_finite()))
            }
            DeValue::Boolean(boolean) => NodeKind::Boolean(*boolean),
            // The parser's own type has no public name; its text is RFC 3339.
            DeValue::Datetime(moment) => moment_of(&moment.to_string()),
            DeValue::Array(list) => NodeKind::List(list.iter().map(Self::from_parser).collect()),
            DeValue::Table(table) => NodeKind::Table(Table::from_parser(table)),
        };
        Self {
            kind,
            span: value.span(),
        }
    }

    /// The table, if it is one.
    pub(super) fn as_table(&self) -> Option<&Table> {
        if let NodeKind::Table(table) = &self.kind {
            Some(table)
        } else {
            None
        }
    }

    /// As a message names it: `a text`.
    pub(super) fn noun(&self) -> &'static str {
        match &self.kind {
            NodeKind::Text(_) => "a text",
            NodeKind::Integer(_) => "an integer",
            NodeKind::Float(_) => "a decimal number",
            NodeKind::Boolean(_) => "a boolean",
            NodeKind::Date(_) => "a date",
            NodeKind::Time(_) => "a time",
            NodeKind::Instant(_) => "a date with a time",
            NodeKind::List(list) if list.iter().any(|node| node.as_table().is_some()) => {
                "a list of tables"
            }
            NodeKind::List(_) => "a list",
            NodeKind::Table(_) => "a table",
        }
    }
}

fn integer_of(integer: &DeInteger<'_>) -> Option<i64> {
    i64::from_str_radix(integer.as_str(), integer.radix()).ok()
}

fn moment_of(text: &str) -> NodeKind {
    if let Some(time) = time_of(text) {
        NodeKind::Time(time)
    } else if text.contains('T') {
        let moment = DateTime::parse_from_rfc3339(text).ok();
        NodeKind::Instant(moment.map(|moment| moment.to_utc()))
    } else {
        NodeKind::Date(date_of(text))
    }
}

/// A day written `2026-03-01`.
pub(super) fn date_of(text: &str) -> Option<NaiveDate> {
    NaiveDate::parse_from_str(text, "%Y-%m-%d").ok()
}

/// A time of day written `09:30`, `09:30:15` or with a fraction.
pub(super) fn time_of(text: &str) -> Option<NaiveTime> {
    NaiveTime::parse_from_str(text, "%H:%M")
        .or_else(|_| NaiveTime::parse_from_str(text, "%H:%M:%S%.f"))
        .ok()
}
