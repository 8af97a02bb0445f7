//! Reports everything wrong with a table's shape, nested tables included.
//!
//! The invariant: no message holds a value where a secret may stand.

use std::collections::BTreeSet;

use crate::diag::{Place, Problem, Problems, did_you_mean, masked};

use super::codes::{
    MISSING_KEY, OUT_OF_RANGE, SECRET_LITERAL, SECRET_REFERENCE, UNKNOWN_KEY, UNKNOWN_WORD,
    WRONG_TYPE,
};
use super::key::{Key, KeyKind, Presence};
use super::section::Section;
use super::sensitive::is_sensitive;
use super::tree::{Entry, Node, NodeKind};
use super::value::{self, Fault};

const SECRET_HELP: &str = "write where it is kept: `{ env = \"NAME\" }`, `{ file = \"PATH\" }` or \
                           `{ credential = \"NAME\" }`";

/// Checks a section against its keys.
pub(super) fn section(section: &Section<'_>, problems: &mut Problems) {
    let mut misspelt = BTreeSet::new();
    for entry in &section.table.entries {
        match section.keys.iter().find(|key| key.name == entry.name) {
            Some(key) => Check {
                section,
                key,
                entry,
            }
            .value(problems),
            None => misspelt.extend(unknown(section, entry, problems)),
        }
    }
    for key in section.keys {
        // One mistake, one problem: a misspelt key is not missing as well.
        let is_there = section.has(key.name) || misspelt.contains(key.name);
        if key.presence == Presence::Required && !is_there {
            missing(section, key, problems);
        }
    }
}

/// Reports an unknown key and answers which one may have been meant.
fn unknown(section: &Section<'_>, entry: &Entry, problems: &mut Problems) -> Option<&'static str> {
    let names = || section.keys.iter().map(|key| key.name);
    let meant = did_you_mean(&entry.name, names());
    let may_be_secret = |key: &Key| {
        matches!(key.kind, KeyKind::Secret) && meant.is_none_or(|name| name == key.name)
    };
    if is_sensitive(&entry.name) || section.keys.iter().any(may_be_secret) {
        hide(section, &entry.node);
    }
    let help = match meant {
        Some(name) => format!("did you mean `{name}`?"),
        None if section.keys.is_empty() => "this table has no keys".to_owned(),
        None => format!("known here: {}", quoted(names())),
    };
    let place = section.document.source.place(entry.name_span.clone());
    let name = shortened(&entry.name);
    let message = format!("unknown key `{name}` {}", section.label());
    problems.push(Problem::error(&UNKNOWN_KEY, place, message).help(help));
    meant
}

fn missing(section: &Section<'_>, key: &Key, problems: &mut Problems) {
    let damage = &section.document.damage;
    let may_have_header = matches!(
        key.kind,
        KeyKind::Table(_)
            | KeyKind::TableList(_)
            | KeyKind::NamedTables(_)
            | KeyKind::OpenTable
            | KeyKind::OpenTableList
            | KeyKind::OpenNamedTables
            | KeyKind::Values
            | KeyKind::Secret
    );
    if damage.may_hold(section.start(), key.name) || (may_have_header && damage.may_hold_tables()) {
        return;
    }
    let message = format!("missing key `{}` {}", key.name, section.label());
    let help = format!("add {}", example(section, key));
    problems.push(Problem::error(&MISSING_KEY, section.place(), message).help(help));
}

/// How a person would write a key.
fn example(section: &Section<'_>, key: &Key) -> String {
    let name = key.name;
    let path = section.path_of(name);
    match key.kind {
        KeyKind::Table(_) | KeyKind::OpenTable => format!("a table `[{path}]`"),
        KeyKind::TableList(_) | KeyKind::OpenTableList => format!("a table `[[{path}]]`"),
        KeyKind::NamedTables(_) | KeyKind::OpenNamedTables => format!("a table `[{path}.NAME]`"),
        KeyKind::OneOf(words) => {
            format!(
                "`{name} = \"…\"` with one of {}",
                quoted(words.iter().copied())
            )
        }
        KeyKind::Integer { .. } => format!("`{name} = …`, an integer"),
        KeyKind::Secret => format!("`{name} = {{ env = \"NAME\" }}`"),
        KeyKind::Text | KeyKind::Name => format!("`{name} = \"…\"`"),
        kind => format!("`{name} = …`, {}", kind.noun()),
    }
}

/// One written key against its declaration.
struct Check<'s, 'd> {
    section: &'s Section<'d>,
    key: &'static Key,
    entry: &'d Entry,
}

impl Check<'_, '_> {
    fn value(&self, problems: &mut Problems) {
        let node = &self.entry.node;
        let name = self.key.name;
        match &self.key.kind {
            KeyKind::Secret => self.secret(problems),
            KeyKind::Table(keys) => match self.section.nested(name, node, keys, false) {
                Some(nested) => section(&nested, problems),
                None => self.wrong_type(node, problems),
            },
            KeyKind::OpenTable if node.as_table().is_none() => self.wrong_type(node, problems),
            KeyKind::OpenTable => {}
            KeyKind::TableList(keys) => self.table_list(Some(keys), problems),
            KeyKind::OpenTableList => self.table_list(None, problems),
            KeyKind::NamedTables(keys) => self.named_tables(Some(keys), problems),
            KeyKind::OpenNamedTables => self.named_tables(None, problems),
            KeyKind::Values => self.values(problems),
            KeyKind::TextList => self.list(&KeyKind::Text, problems),
            KeyKind::WordList(words) => self.list(&KeyKind::OneOf(words), problems),
            KeyKind::TextOrList => self.each(value::one_or_several(node), &KeyKind::Text, problems),
            KeyKind::ScalarOrList => {
                self.each(value::one_or_several(node), &KeyKind::Scalar, problems);
            }
            kind => self.scalar(node, kind, problems),
        }
    }

    fn scalar(&self, node: &Node, kind: &KeyKind, problems: &mut Problems) {
        match value::fault(node, kind) {
            None => {}
            Some(Fault::Type) => self.wrong_type(node, problems),
            Some(Fault::Range(limit)) => {
                let message = format!("`{}` {limit}", self.key.name);
                problems.push(Problem::error(&OUT_OF_RANGE, self.place(node), message));
            }
            Some(Fault::Word) => self.unknown_word(node, kind, problems),
        }
    }

    fn each(&self, nodes: &[Node], kind: &KeyKind, problems: &mut Problems) {
        for node in nodes {
            self.scalar(node, kind, problems);
        }
    }

    fn list(&self, kind: &KeyKind, problems: &mut Problems) {
        match value::list(&self.entry.node) {
            Ok(nodes) => self.each(nodes, kind, problems),
            Err(_) => self.wrong_type(&self.entry.node, problems),
        }
    }

    fn values(&self, problems: &mut Problems) {
        let Some(table) = self.entry.node.as_table() else {
            return self.wrong_type(&self.entry.node, problems);
        };
        for entry in &table.entries {
            let nodes = value::one_or_several(&entry.node);
            self.each(nodes, &KeyKind::Scalar, problems);
        }
    }

    fn table_list(&self, keys: Option<&'static [Key]>, problems: &mut Problems) {
        let Ok(nodes) = value::list(&self.entry.node) else {
            return self.wrong_type(&self.entry.node, problems);
        };
        for node in nodes {
            let name = self.key.name;
            match self
                .section
                .nested(name, node, keys.unwrap_or_default(), true)
            {
                None => self.wrong_type(node, problems),
                Some(nested) if keys.is_some() => section(&nested, problems),
                Some(_) => {}
            }
        }
    }

    fn named_tables(&self, keys: Option<&'static [Key]>, problems: &mut Problems) {
        let Some(table) = self.entry.node.as_table() else {
            return self.wrong_type(&self.entry.node, problems);
        };
        for entry in &table.entries {
            let path = format!("{}.{}", self.key.name, entry.name);
            let keys_or_none = keys.unwrap_or_default();
            match self.section.nested(&path, &entry.node, keys_or_none, false) {
                Some(nested) if keys.is_some() => section(&nested, problems),
                Some(_) => {}
                None => {
                    let place = self.section.document.source.place(entry.name_span.clone());
                    let path = self.section.path_of(&path);
                    let found = entry.node.noun();
                    let message = format!("expected a table `[{path}]`, found {found}");
                    hide(self.section, &entry.node);
                    problems.push(Problem::error(&WRONG_TYPE, place, message));
                }
            }
        }
    }

    fn secret(&self, problems: &mut Problems) {
        let node = &self.entry.node;
        if value::secret_reference(node).is_some() {
            return;
        }
        hide(self.section, node);
        // The key, because the value must not be pointed at.
        let place = self
            .section
            .document
            .source
            .place(self.entry.name_span.clone());
        let name = self.key.name;
        let (code, message) = if node.as_table().is_none() {
            let message = format!("`{name}` is a secret and must not be written here");
            (&SECRET_LITERAL, message)
        } else {
            let message = format!("`{name}` must name exactly one place where the secret is kept");
            (&SECRET_REFERENCE, message)
        };
        problems.push(Problem::error(code, place, message).help(SECRET_HELP));
    }

    fn unknown_word(&self, node: &Node, kind: &KeyKind, problems: &mut Problems) {
        let KeyKind::OneOf(words) = kind else {
            return;
        };
        let found = value::text(node).unwrap_or_default();
        let message = format!("`{}` is no word for `{}`", shortened(found), self.key.name);
        let known = format!("expected one of {}", quoted(words.iter().copied()));
        let help = match did_you_mean(found, words.iter().copied()) {
            Some(word) => format!("did you mean `{word}`? {known}"),
            None => known,
        };
        problems.push(Problem::error(&UNKNOWN_WORD, self.place(node), message).help(help));
    }

    fn wrong_type(&self, node: &Node, problems: &mut Problems) {
        let name = self.key.name;
        let is_inside = !std::ptr::eq(node, &raw const self.entry.node);
        let expected = match self.key.kind {
            KeyKind::TextList | KeyKind::TextOrList if is_inside => "a text",
            KeyKind::WordList(_) if is_inside => "a word",
            KeyKind::ScalarOrList | KeyKind::Values if is_inside => KeyKind::Scalar.noun(),
            KeyKind::TableList(_) | KeyKind::OpenTableList if is_inside => "a table",
            kind => kind.noun(),
        };
        let found = node.noun();
        let message = format!("`{name}`: expected {expected}, found {found}");
        let problem = Problem::error(&WRONG_TYPE, self.place(node), message);
        problems.push(match self.cure(node) {
            Some(help) => problem.help(help),
            None => problem,
        });
    }

    /// What to do about a common confusion.
    fn cure(&self, node: &Node) -> Option<String> {
        let name = self.key.name;
        let path = self.section.path_of(name);
        let is_text = matches!(node.kind, NodeKind::Text(_));
        match self.key.kind {
            KeyKind::Integer { .. } | KeyKind::Boolean | KeyKind::Ratio if is_text => {
                Some("write it without quotes".to_owned())
            }
            KeyKind::OneOf(words) if value::scalar(node).is_err() => {
                let known = quoted(words.iter().copied());
                Some(format!("write one of {known}, in quotes"))
            }
            KeyKind::Text | KeyKind::Name | KeyKind::OneOf(_) => {
                let is_scalar = value::scalar(node).is_ok();
                is_scalar.then(|| "write it in quotes".to_owned())
            }
            KeyKind::TextList | KeyKind::WordList(_) if is_text => {
                Some(format!("write `{name} = [\"…\"]`"))
            }
            KeyKind::TableList(_) | KeyKind::OpenTableList => {
                Some(format!("write `[[{path}]]` above each of them"))
            }
            KeyKind::Table(_) | KeyKind::OpenTable => Some(format!("write `[{path}]`, once")),
            _ => None,
        }
    }

    fn place(&self, node: &Node) -> Place {
        self.section.document.source.place(node.span.clone())
    }
}

/// Hides what may be a secret: all texts and numbers of a value.
fn hide(section: &Section<'_>, node: &Node) {
    match &node.kind {
        NodeKind::Table(table) => {
            for entry in &table.entries {
                hide(section, &entry.node);
            }
        }
        NodeKind::List(list) => {
            for node in list {
                hide(section, node);
            }
        }
        _ => section.document.source.hide(node.span.clone()),
    }
}

fn quoted<'a>(names: impl Iterator<Item = &'a str>) -> String {
    let names: Vec<String> = names.map(|name| format!("`{name}`")).collect();
    names.join(", ")
}

/// At most 40 characters of what someone wrote.
fn shortened(text: &str) -> String {
    let mut short: String = masked(text).chars().take(40).collect();
    if text.chars().nth(40).is_some() {
        short.push('…');
    }
    short
}
