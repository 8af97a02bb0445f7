//! What a table may contain: one declaration drives reading, suggestions and schema.
//!
//! Each component declares its keys as a constant; nothing else says what a key is called.
//! The invariant: a kind describes shape only, so that it can be written as JSON Schema.

use std::collections::BTreeSet;

/// A key of a table.
#[derive(Debug, Clone, Copy)]
pub struct Key {
    /// As written: snake case, units in full.
    pub name: &'static str,
    /// What may stand behind it.
    pub kind: KeyKind,
    /// Whether it must be there.
    pub presence: Presence,
    /// What it means, for the reference and for editors: a sentence or two of English.
    pub doc: &'static str,
}

impl Key {
    /// A key that must be there.
    pub const fn required(name: &'static str, kind: KeyKind, doc: &'static str) -> Self {
        Self {
            name,
            kind,
            presence: Presence::Required,
            doc,
        }
    }

    /// A key that may be absent.
    pub const fn optional(name: &'static str, kind: KeyKind, doc: &'static str) -> Self {
        Self {
            name,
            kind,
            presence: Presence::Optional,
            doc,
        }
    }

    /// One of several kinds: of the keys of a table that are declared so, exactly one is written.
    pub const fn kind(name: &'static str, kind: KeyKind, doc: &'static str) -> Self {
        Self {
            name,
            kind,
            presence: Presence::Kind,
            doc,
        }
    }

    /// A key whose getter answers `default` when it is absent.
    pub const fn with_default(
        name: &'static str,
        kind: KeyKind,
        default: &'static str,
        doc: &'static str,
    ) -> Self {
        Self {
            name,
            kind,
            presence: Presence::Default(default),
            doc,
        }
    }
}

/// Whether a key must be there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Presence {
    /// Its absence is a problem.
    Required,
    /// Its getter may answer `None`.
    Optional,
    /// Exactly one of the keys of a table with this presence is there: see
    /// [`Section::one_of_tables`](super::Section::one_of_tables).
    Kind,
    /// Its getter answers this instead, written without quotes: `5`, `true`, `last`.
    Default(&'static str),
}

/// What may stand behind a key.
#[derive(Debug, Clone, Copy)]
pub enum KeyKind {
    /// Any text, also an empty one.
    Text,
    /// A text of at least one character that is not blank.
    Name,
    /// An integer from `min` to `max`, both included.
    Integer {
        /// The smallest.
        min: i64,
        /// The largest.
        max: i64,
    },
    /// `true` or `false`.
    Boolean,
    /// A number from 0 to 1.
    Ratio,
    /// One of a closed set of words.
    OneOf(&'static [&'static str]),
    /// A day: `2026-03-01`, with or without quotes.
    Date,
    /// A time of day: `09:30` or `09:30:15`, with or without quotes.
    Time,
    /// Texts: `["a", "b"]`.
    TextList,
    /// One text or several: `"a"` or `["a", "b"]`.
    TextOrList,
    /// Some of a closed set of words: `["monday", "friday"]`.
    WordList(&'static [&'static str]),
    /// An integer, a text, `true`/`false`, a day or a moment with its offset.
    Scalar,
    /// One scalar or several.
    ScalarOrList,
    /// Free names, each with a scalar or a list of them: `{ status = ["lost"], kind = 5 }`.
    Values,
    /// Where a secret is kept: `{ env = "…" }`, `{ file = "…" }` or `{ credential = "…" }`.
    Secret,
    /// A table of known keys.
    Table(&'static [Key]),
    /// Tables of known keys in an order: `[[x]]` or `x = [{ … }, { … }]`.
    TableList(&'static [Key]),
    /// Tables of known keys under free names: `[x.NAME]`.
    NamedTables(&'static [Key]),
    /// A table whose keys depend on something else: read it with `Section::open_table`.
    OpenTable,
    /// The same in an order: read it with `Section::open_table_list`.
    OpenTableList,
    /// The same under free names: read it with `Section::open_named_tables`.
    OpenNamedTables,
    /// A scalar, a list or a table, as its reader wants it: read it with `Section::shape`.
    Any,
}

impl KeyKind {
    /// Any integer.
    pub const ANY_INTEGER: Self = Self::Integer {
        min: i64::MIN,
        max: i64::MAX,
    };

    /// Zero or more.
    pub const COUNT: Self = Self::Integer {
        min: 0,
        max: i64::MAX,
    };

    /// One or more.
    pub const POSITIVE: Self = Self::Integer {
        min: 1,
        max: i64::MAX,
    };

    /// As a message names it: `an integer`.
    pub fn noun(&self) -> &'static str {
        match self {
            Self::Text | Self::Name => "a text",
            Self::Integer { .. } => "an integer",
            Self::Boolean => "`true` or `false`",
            Self::Ratio => "a number from 0 to 1",
            Self::OneOf(_) => "a word",
            Self::Date => "a date such as 2026-03-01",
            Self::Time => "a time of day such as \"09:30\"",
            Self::TextList => "a list of texts",
            Self::TextOrList => "a text or a list of texts",
            Self::WordList(_) => "a list of words",
            Self::Scalar => "a text, an integer, a boolean or a date",
            Self::ScalarOrList => "a text, an integer, a boolean, a date, or a list of them",
            Self::Values | Self::Table(_) | Self::OpenTable => "a table",
            Self::Secret => "a reference to a secret",
            Self::TableList(_) | Self::OpenTableList => "a list of tables",
            Self::NamedTables(_) | Self::OpenNamedTables => "a table of named tables",
            Self::Any => "a value, a list or a table",
        }
    }
}

/// What is wrong with a table of keys itself, nested ones included; empty when all is well.
///
/// Every module that declares keys asserts in a test that there are no faults.
pub fn key_table_faults(keys: &[Key]) -> Vec<String> {
    let mut faults = Vec::new();
    let mut names = BTreeSet::new();
    for key in keys {
        let name = key.name;
        if !names.insert(name) {
            faults.push(format!("`{name}` is declared twice"));
        }
        if !is_snake_case(name) {
            faults.push(format!("`{name}` is not snake case"));
        }
        if key.doc.trim().is_empty() {
            faults.push(format!("`{name}` has no doc"));
        }
        if let Presence::Default(text) = key.presence
            && !super::value::is_default_of(text, &key.kind)
        {
            faults.push(format!(
                "`{name}` has the default `{text}`, which it would refuse"
            ));
        }
        if let KeyKind::Table(inner) | KeyKind::TableList(inner) | KeyKind::NamedTables(inner) =
            key.kind
        {
            let nested = key_table_faults(inner);
            faults.extend(nested.into_iter().map(|fault| format!("{name}: {fault}")));
        }
    }
    faults
}

fn is_snake_case(name: &str) -> bool {
    !name.is_empty()
        && name
            .bytes()
            .all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'_')
}
