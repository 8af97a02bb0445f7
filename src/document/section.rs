//! A table being read against its keys.
//!
//! Getters answer `None` for what is absent and for what the check already reported; a key with a
//! default is never absent. Asking for a name that the keys do not declare is a bug of the caller.

use std::ops::Range;

use chrono::{NaiveDate, NaiveTime};

use crate::diag::{Place, Problem, Problems, did_you_mean};
use crate::secret::SecretReference;
use crate::value::Value;

use super::codes::NOT_ONE_KIND;
use super::key::{Key, KeyKind, Presence};
use super::tree::{Entry, Node, Table};
use super::value::{self, Fault};
use super::{Document, Item, NamedValues, check};

static NO_ENTRIES: Table = Table {
    entries: Vec::new(),
};

/// A table being read against its keys.
#[derive(Debug, Clone)]
pub struct Section<'d> {
    pub(super) document: &'d Document,
    pub(super) table: &'d Table,
    pub(super) keys: &'static [Key],
    span: Range<usize>,
    label: String,
    path: String,
}

impl<'d> Section<'d> {
    pub(super) fn root(document: &'d Document, keys: &'static [Key]) -> Self {
        Self {
            document,
            table: document.root.as_table().unwrap_or(&NO_ENTRIES),
            keys,
            span: 0..0,
            label: "at the top of the file".to_owned(),
            path: String::new(),
        }
    }

    /// A nested table; `None` if the node is none.
    pub(super) fn nested(
        &self,
        name: &str,
        node: &'d Node,
        keys: &'static [Key],
        is_listed: bool,
    ) -> Option<Self> {
        let path = self.path_of(name);
        let label = if is_listed {
            format!("in `[[{path}]]`")
        } else {
            format!("in `[{path}]`")
        };
        Some(Self {
            document: self.document,
            table: node.as_table()?,
            keys,
            span: node.span.clone(),
            label,
            path,
        })
    }

    /// As people write it: `pull.ready`, empty at the top.
    pub fn path(&self) -> &str {
        &self.path
    }

    /// As a message says it: ``in `[pull]` ``, `at the top of the file`.
    pub fn label(&self) -> &str {
        &self.label
    }

    /// The path of a key of this table: `pull.path`.
    pub fn path_of(&self, name: &str) -> String {
        if self.path.is_empty() {
            name.to_owned()
        } else {
            format!("{}.{name}", self.path)
        }
    }

    /// Where the table's header (or its opening brace) stands.
    pub fn place(&self) -> Place {
        self.document.source.place(self.span.clone())
    }

    pub(super) fn start(&self) -> usize {
        self.span.start
    }

    /// Where a key's name stands, if it is written.
    pub fn key_place(&self, name: &str) -> Option<Place> {
        let entry = self.table.find(name)?;
        Some(self.document.source.place(entry.name_span.clone()))
    }

    /// Whether a key is written, right or wrong.
    pub fn has(&self, name: &str) -> bool {
        self.table.find(name).is_some()
    }

    /// The names of the declared keys that are written, in the order of the file.
    pub fn keys_in_order(&self) -> Vec<&'static str> {
        let declared = |entry: &Entry| {
            let key = self.keys.iter().find(|key| key.name == entry.name)?;
            Some(key.name)
        };
        self.table.entries.iter().filter_map(declared).collect()
    }

    /// A text (`Text`, `Name`).
    pub fn text(&self, name: &str) -> Option<Item<String>> {
        self.read(name, |node, kind| match kind {
            KeyKind::Name => value::name(node).map(str::to_owned),
            _ => value::text(node).map(str::to_owned),
        })
    }

    /// An integer within its limits (`Integer`).
    pub fn integer(&self, name: &str) -> Option<Item<i64>> {
        self.read(name, |node, kind| match kind {
            KeyKind::Integer { min, max } => value::integer(node, *min, *max),
            _ => Err(Fault::Type),
        })
    }

    /// An integer that is not negative (`Integer` with `min` of at least 0).
    pub fn count(&self, name: &str) -> Option<Item<u64>> {
        let item = self.integer(name)?;
        let value = u64::try_from(item.value);
        debug_assert!(
            value.is_ok(),
            "`{name}` is read as a count and may be negative"
        );
        Some(Item::new(value.ok()?, item.place))
    }

    /// `true` or `false` (`Boolean`).
    pub fn boolean(&self, name: &str) -> Option<Item<bool>> {
        self.read(name, |node, _| value::boolean(node))
    }

    /// A number from 0 to 1 (`Ratio`).
    pub fn ratio(&self, name: &str) -> Option<Item<f64>> {
        self.read(name, |node, _| value::ratio(node))
    }

    /// One of the declared words (`OneOf`).
    pub fn word(&self, name: &str) -> Option<Item<&'static str>> {
        self.read(name, |node, kind| match kind {
            KeyKind::OneOf(words) => value::word(node, words),
            _ => Err(Fault::Type),
        })
    }

    /// A day (`Date`).
    pub fn date(&self, name: &str) -> Option<Item<NaiveDate>> {
        self.read(name, |node, _| value::date(node))
    }

    /// A time of day (`Time`).
    pub fn time(&self, name: &str) -> Option<Item<NaiveTime>> {
        self.read(name, |node, _| value::time(node))
    }

    /// A scalar (`Scalar`); `true` and `false` are the texts of that name.
    pub fn scalar(&self, name: &str) -> Option<Item<Value>> {
        self.read(name, |node, _| value::scalar(node))
    }

    /// Texts in their order (`TextList`, `TextOrList`); empty for `[]`, `None` when absent.
    pub fn texts(&self, name: &str) -> Option<Vec<Item<String>>> {
        self.read_list(name, |node, _| value::text(node).map(str::to_owned))
    }

    /// Words in their order (`WordList`).
    pub fn words(&self, name: &str) -> Option<Vec<Item<&'static str>>> {
        self.read_list(name, |node, kind| match kind {
            KeyKind::WordList(words) => value::word(node, words),
            _ => Err(Fault::Type),
        })
    }

    /// Scalars in their order (`ScalarOrList`).
    pub fn scalars(&self, name: &str) -> Option<Vec<Item<Value>>> {
        self.read_list(name, |node, _| value::scalar(node))
    }

    /// Free names with their scalars, in the order of the file (`Values`).
    pub fn values(&self, name: &str) -> Option<Vec<NamedValues>> {
        let (node, _) = self.node(name)?;
        let read_one = |entry: &Entry| {
            let scalars = self.items(value::one_or_several(&entry.node), value::scalar)?;
            Some((self.name_item(entry), scalars))
        };
        node.as_table()?.entries.iter().map(read_one).collect()
    }

    /// Where a secret is kept (`Secret`).
    pub fn secret(&self, name: &str) -> Option<Item<SecretReference>> {
        let (node, _) = self.node(name)?;
        let reference = value::secret_reference(node)?;
        Some(Item::new(reference, self.place_of(node)))
    }

    /// A nested table (`Table`).
    pub fn table(&self, name: &str) -> Option<Section<'d>> {
        let (node, kind) = self.node(name)?;
        match kind {
            KeyKind::Table(keys) => self.nested(name, node, keys, false),
            _ => None,
        }
    }

    /// Nested tables in their order (`TableList`); empty when absent.
    pub fn table_list(&self, name: &str) -> Vec<Section<'d>> {
        match self.node(name) {
            Some((node, KeyKind::TableList(keys))) => self.listed(name, node, keys),
            _ => Vec::new(),
        }
    }

    /// Nested tables with their free names, in the order of the file (`NamedTables`); empty when
    /// absent.
    pub fn named_tables(&self, name: &str) -> Vec<(Item<String>, Section<'d>)> {
        match self.node(name) {
            Some((node, KeyKind::NamedTables(keys))) => self.named(name, node, keys),
            _ => Vec::new(),
        }
    }

    /// A nested table whose keys the caller knows only now (`OpenTable`). It is checked here, so
    /// call it once.
    pub fn open_table(
        &self,
        name: &str,
        keys: &'static [Key],
        problems: &mut Problems,
    ) -> Option<Section<'d>> {
        let (node, _) = self.node(name)?;
        let section = self.nested(name, node, keys, false)?;
        check::section(&section, problems);
        Some(section)
    }

    /// Nested tables, unchecked: check each with [`Section::with_keys`] (`OpenTableList`).
    pub fn open_table_list(&self, name: &str) -> Vec<Section<'d>> {
        self.node(name)
            .map(|(node, _)| self.listed(name, node, &[]))
            .unwrap_or_default()
    }

    /// Named tables, unchecked: check each with [`Section::with_keys`] (`OpenNamedTables`).
    pub fn open_named_tables(&self, name: &str) -> Vec<(Item<String>, Section<'d>)> {
        self.node(name)
            .map(|(node, _)| self.named(name, node, &[]))
            .unwrap_or_default()
    }

    /// The same table against other keys, checked here; for tables got open, once each.
    #[must_use]
    pub fn with_keys(mut self, keys: &'static [Key], problems: &mut Problems) -> Self {
        self.keys = keys;
        check::section(&self, problems);
        self
    }

    /// The one of several kinds that is written, with its table: none or two are a problem.
    ///
    /// Each name is declared with [`Key::kind`] as a `Table`.
    pub fn one_of_tables(
        &self,
        kinds: &[&'static str],
        problems: &mut Problems,
    ) -> Option<(&'static str, Section<'d>)> {
        debug_assert!(
            kinds.iter().all(|kind| self.is_kind(kind)),
            "{kinds:?} are read {} as kinds and not all declared with `Key::kind`",
            self.label
        );
        let found: Vec<&'static str> = kinds
            .iter()
            .copied()
            .filter(|kind| self.has(kind))
            .collect();
        match found.as_slice() {
            [kind] => Some((kind, self.table(kind)?)),
            [] => {
                if !self.may_be_reported(kinds) {
                    problems.push(self.no_kind(kinds));
                }
                None
            }
            [first, others @ ..] => {
                for other in others {
                    problems.push(self.second_kind(first, other, kinds));
                }
                None
            }
        }
    }

    fn is_kind(&self, name: &str) -> bool {
        let key = self.key(name);
        key.is_some_and(|key| key.presence == Presence::Kind)
    }

    /// Whether a kind may have been meant by something that was already reported.
    fn may_be_reported(&self, kinds: &[&str]) -> bool {
        let damage = &self.document.damage;
        let is_misspelt = |entry: &Entry| {
            let is_known = self.keys.iter().any(|key| key.name == entry.name);
            !is_known && did_you_mean(&entry.name, kinds.iter().copied()).is_some()
        };
        damage.may_hold_tables()
            || kinds.iter().any(|kind| damage.may_hold(self.start(), kind))
            || self.table.entries.iter().any(is_misspelt)
    }

    fn no_kind(&self, kinds: &[&str]) -> Problem {
        let message = format!(
            "{} exactly one of {} is required, and none is there",
            self.label,
            self.headers(kinds)
        );
        Problem::error(&NOT_ONE_KIND, self.place(), message)
            .help("add one of these tables, even an empty one")
    }

    fn second_kind(&self, first: &str, other: &str, kinds: &[&str]) -> Problem {
        let place = self.key_place(other).unwrap_or_else(|| self.place());
        let message = format!(
            "`[{}]` stands beside `[{}]`, and exactly one of {} is allowed",
            self.path_of(other),
            self.path_of(first),
            self.headers(kinds)
        );
        Problem::error(&NOT_ONE_KIND, place, message).help("keep one of them")
    }

    fn headers(&self, kinds: &[&str]) -> String {
        let headers: Vec<String> = kinds
            .iter()
            .map(|kind| format!("`[{}]`", self.path_of(kind)))
            .collect();
        headers.join(", ")
    }

    fn listed(&self, name: &str, node: &'d Node, keys: &'static [Key]) -> Vec<Section<'d>> {
        value::list(node)
            .unwrap_or_default()
            .iter()
            .filter_map(|node| self.nested(name, node, keys, true))
            .collect()
    }

    fn named(
        &self,
        name: &str,
        node: &'d Node,
        keys: &'static [Key],
    ) -> Vec<(Item<String>, Section<'d>)> {
        let entries = node.as_table().map_or(&[][..], |table| &table.entries);
        let read_one = |entry: &'d Entry| {
            let path = format!("{name}.{}", entry.name);
            let section = self.nested(&path, &entry.node, keys, false)?;
            Some((self.name_item(entry), section))
        };
        entries.iter().filter_map(read_one).collect()
    }

    fn name_item(&self, entry: &Entry) -> Item<String> {
        let place = self.document.source.place(entry.name_span.clone());
        Item::new(entry.name.clone(), place)
    }

    fn place_of(&self, node: &Node) -> Place {
        self.document.source.place(node.span.clone())
    }

    fn key(&self, name: &str) -> Option<&'static Key> {
        let key = self.keys.iter().find(|key| key.name == name);
        debug_assert!(
            key.is_some(),
            "`{name}` is read {} and not declared",
            self.label
        );
        key
    }

    fn node(&self, name: &str) -> Option<(&'d Node, &'static KeyKind)> {
        let key = self.key(name)?;
        Some((&self.table.find(name)?.node, &key.kind))
    }

    fn read<T>(
        &self,
        name: &str,
        read: impl Fn(&Node, &KeyKind) -> Result<T, Fault>,
    ) -> Option<Item<T>> {
        let key = self.key(name)?;
        match (self.table.find(name), key.presence) {
            (Some(entry), _) => {
                let value = read(&entry.node, &key.kind).ok()?;
                Some(Item::new(value, self.place_of(&entry.node)))
            }
            (None, Presence::Default(text)) => {
                let node = value::default_node(text, &key.kind)?;
                Some(Item::new(read(&node, &key.kind).ok()?, self.place()))
            }
            (None, _) => None,
        }
    }

    fn read_list<T>(
        &self,
        name: &str,
        read: impl Fn(&Node, &KeyKind) -> Result<T, Fault>,
    ) -> Option<Vec<Item<T>>> {
        let key = self.key(name)?;
        let Some(entry) = self.table.find(name) else {
            let Presence::Default(text) = key.presence else {
                return None;
            };
            let node = value::default_node(text, &key.kind)?;
            return Some(vec![Item::new(read(&node, &key.kind).ok()?, self.place())]);
        };
        let may_be_one = matches!(key.kind, KeyKind::TextOrList | KeyKind::ScalarOrList);
        let nodes = if may_be_one {
            value::one_or_several(&entry.node)
        } else {
            value::list(&entry.node).ok()?
        };
        self.items(nodes, |node| read(node, &key.kind))
    }

    fn items<T>(
        &self,
        nodes: &[Node],
        read: impl Fn(&Node) -> Result<T, Fault>,
    ) -> Option<Vec<Item<T>>> {
        nodes
            .iter()
            .map(|node| Some(Item::new(read(node).ok()?, self.place_of(node))))
            .collect()
    }
}
