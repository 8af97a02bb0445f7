//! From a text to a table, with every syntax error reported and the healthy rest kept.

use std::collections::BTreeSet;

use toml::de::{DeTable, Error};

use crate::diag::{Problem, Problems, Source, masked};

use super::codes::{DUPLICATE_KEY, TOML_SYNTAX};
use super::statements::{Statement, StatementKind, split};
use super::tree::{Node, NodeKind, Table};
use super::{Document, sensitive};

/// Broken statements shown per file; behind the next one nothing more is looked at.
const SHOWN: usize = 100;

/// What was left out, so that it is not reported again as missing.
#[derive(Debug, Default)]
pub(super) struct Damage {
    /// Where the table's header begins (0 for the top) and the broken key, if it could be read.
    statements: BTreeSet<(usize, Option<String>)>,
    /// Whether a header was broken: then any table may seem to be missing.
    headers: bool,
    /// Whether the rest of the file was given up: then anything may seem to be missing.
    rest: bool,
}

impl Damage {
    /// Whether `key` may have been meant by a broken statement of the table that begins at `start`.
    pub(super) fn may_hold(&self, start: usize, key: &str) -> bool {
        let has = |key: Option<String>| self.statements.contains(&(start, key));
        self.rest || has(None) || has(Some(key.to_owned()))
    }

    /// Whether a whole table may have been meant by a broken header.
    pub(super) fn may_hold_tables(&self) -> bool {
        self.headers || self.rest
    }
}

/// Parses; the text without its byte order mark is what all places point into.
pub(super) fn parse(source: Source, problems: &mut Problems) -> Document {
    let source = match source.text.strip_prefix('\u{feff}') {
        Some(text) => Source::new(source.path, text),
        None => source,
    };
    sensitive::hide_all(&source);
    if let Ok(table) = DeTable::parse(&source.text) {
        let root = root(table.get_ref());
        return Document {
            source,
            root,
            damage: Damage::default(),
        };
    }
    let (damage, healthy) = leave_out_broken(&source, problems);
    let (table, errors) = DeTable::parse_recoverable(&healthy);
    for error in errors.iter().take(SHOWN) {
        problems.push(problem(&source, error, 0));
    }
    let root = root(table.get_ref());
    Document {
        source,
        root,
        damage,
    }
}

fn root(table: &DeTable<'_>) -> Node {
    Node {
        kind: NodeKind::Table(Table::from_parser(table)),
        span: 0..0,
    }
}

/// Reports every broken statement, and gives the text with blanks in their place. Under a broken
/// header all is blanked, because it would seem to belong to the table before.
fn leave_out_broken(source: &Source, problems: &mut Problems) -> (Damage, String) {
    let text: &str = &source.text;
    let mut damage = Damage::default();
    let mut healthy = text.as_bytes().to_vec();
    let mut table_start = 0;
    let mut in_lost_table = false;
    let mut broken = 0;
    for statement in split(text) {
        let Some(content) = text.get(statement.span.clone()) else {
            continue;
        };
        let error = DeTable::parse(content).err();
        if statement.kind == StatementKind::Header {
            table_start = statement.span.start;
            in_lost_table = error.is_some();
            damage.headers |= error.is_some();
        } else if error.is_some() {
            damage.statements.insert((table_start, first_key(content)));
        }
        if error.is_some() || in_lost_table {
            blank(&mut healthy, &statement);
        }
        if let Some(error) = error {
            broken += 1;
            if broken > SHOWN {
                problems.push(too_many(source, &statement));
                damage.rest = true;
                healthy.truncate(statement.span.start);
                break;
            }
            problems.push(problem(source, &error, statement.span.start));
        }
    }
    // Only whole statements were overwritten, with ASCII.
    (damage, String::from_utf8(healthy).unwrap_or_default())
}

fn blank(text: &mut [u8], statement: &Statement) {
    for byte in text.get_mut(statement.span.clone()).unwrap_or_default() {
        if *byte != b'\n' {
            *byte = b' ';
        }
    }
}

/// The key of a broken statement, as far as it can be read.
fn first_key(statement: &str) -> Option<String> {
    let end = statement
        .find(|character: char| {
            !character.is_alphanumeric() && !matches!(character, '_' | '-' | '"' | '\'')
        })
        .unwrap_or(statement.len());
    let key = statement.get(..end)?.trim_matches(['"', '\'']);
    (!key.is_empty()).then(|| key.to_owned())
}

fn too_many(source: &Source, statement: &Statement) -> Problem {
    let message = format!("more than {SHOWN} statements of this file are not valid TOML");
    Problem::error(&TOML_SYNTAX, source.place(statement.span.clone()), message)
        .help("the rest of the file is not looked at; is it a TOML file?")
}

/// The parser's error as a problem; `offset` is where the parsed part begins. The parser's
/// messages name characters it expected, never the text it found.
fn problem(source: &Source, error: &Error, offset: usize) -> Problem {
    let span = error.span().unwrap_or(0..0);
    let place = source.place(offset + span.start..offset + span.end);
    let message = error.message();
    if message == "duplicate key" {
        let name = source.text.get(place.span.clone()).unwrap_or_default();
        let message = format!("`{}` is written twice", masked(name));
        return Problem::error(&DUPLICATE_KEY, place, message)
            .help("remove one of them; to list several tables write `[[name]]` for each");
    }
    let (message, help) = match message {
        _ if message.starts_with("string values must be quoted") && span.is_empty() => {
            ("there is no value behind `=`", Some("write a value"))
        }
        _ if message.starts_with("string values must be quoted") => (
            "this is no number, date or boolean, and a text stands in quotes",
            Some("write it as \"…\""),
        ),
        _ if message.starts_with("key with no value") => (
            "a key without a value: expected `=`",
            Some("write `key = value`; a text stands in quotes"),
        ),
        _ if message.starts_with("invalid basic string, expected `\"`")
            || message.starts_with("invalid literal string, expected `'`")
            || message.starts_with("invalid multi-line") =>
        {
            (
                "the text is not closed",
                Some("close it with the quote it began with"),
            )
        }
        _ if message.starts_with("unclosed array, ") => (
            "the list is not closed: expected `]`",
            Some("close it with `]`"),
        ),
        _ if message.starts_with("unclosed inline table") => (
            "the table is not closed: expected `}`",
            Some("close it with `}`"),
        ),
        _ if message.starts_with("unclosed table")
            || message.starts_with("unclosed array table") =>
        {
            (
                "the header is not closed: expected `]`",
                Some("close it with `]`; until then nothing under it is checked"),
            )
        }
        _ if message.starts_with("invalid unquoted key") => (
            "a key has only letters a-z, digits, `-` and `_`",
            Some("put any other key in quotes"),
        ),
        _ => (message, None),
    };
    let problem = Problem::error(&TOML_SYNTAX, place, message);
    match help {
        Some(help) => problem.help(help),
        None => problem,
    }
}
