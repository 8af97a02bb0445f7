//! The wanted paths of a layout as one tree of local names.
//!
//! Built once per reader; matching an element is one look among its parent's children.

use super::path::XmlField;
use crate::format::nested::{Capture, Kept, Nodes, SharedKeys, position_from};
use crate::format::{FieldSource, Layout, RecordLayout, Select};

/// Above the root element.
pub(super) const DOCUMENT: usize = 0;

/// One element that is wanted or that leads to wanted ones.
#[derive(Debug, Default)]
pub(super) struct Node {
    pub(super) name: String,
    pub(super) children: Vec<usize>,
    pub(super) attributes: Vec<(String, Vec<Capture>)>,
    pub(super) text: Vec<Capture>,
    /// The kind whose records these elements are.
    pub(super) kind: Option<usize>,
    /// Shared values that end with this element.
    pub(super) clears: Vec<usize>,
    /// Set when a value is taken from it or from inside it, so that two would be one too many.
    pub(super) once: Option<Once>,
}

/// An element that may stand once in its parent.
#[derive(Debug)]
pub(super) struct Once {
    /// Whose record two of them spoil; `None`: all that share its value, so the whole content.
    pub(super) kind: Option<usize>,
    /// Its path as messages say it.
    pub(super) label: String,
}

/// One kind of record.
#[derive(Debug)]
pub(super) struct Kind {
    pub(super) skip_empty: bool,
    /// Whether no other kind lies below.
    pub(super) leaf: bool,
    /// Of each slot, in order of preference.
    pub(super) slots: Vec<Vec<Kept>>,
    /// Of each local source, its path as written.
    pub(super) labels: Vec<String>,
    /// The local source that is everything no field wants.
    pub(super) rest: Option<usize>,
}

/// All of a layout's paths.
#[derive(Debug)]
pub(super) struct Tree {
    nodes: Nodes<Node>,
    pub(super) kinds: Vec<Kind>,
    /// Of each shared value, its path as written.
    pub(super) shared: Vec<String>,
}

impl Tree {
    /// The tree of a layout. Of two kinds at one path the first has the records; a layout with
    /// problems (see `super::layout`) does not get here from a mapping.
    pub(super) fn new(layout: &Layout) -> Self {
        let mut tree = Self {
            nodes: Nodes::new(Node::default()),
            kinds: Vec::new(),
            shared: Vec::new(),
        };
        let mut keys = SharedKeys::new();
        for (kind, record) in layout.records.iter().enumerate() {
            tree.add_kind(kind, record, &mut keys);
        }
        for (index, record) in layout.records.iter().enumerate() {
            let leaf = !layout.records.iter().any(|other| is_below(other, record));
            if let Some(kind) = tree.kinds.get_mut(index) {
                kind.leaf = leaf;
            }
        }
        tree
    }

    fn add_kind<'a>(
        &mut self,
        kind: usize,
        record: &'a RecordLayout,
        keys: &mut SharedKeys<'a, XmlField>,
    ) {
        let (path, skip_empty) = selected(record);
        let node = self.reach(DOCUMENT, path);
        self.nodes.at_mut(node).kind.get_or_insert(kind);
        let mut labels = Vec::new();
        let mut slots = Vec::new();
        let mut rest = None;
        for sources in &record.slots {
            let kept = sources.iter().filter_map(field).map(|field| {
                if field.absolute {
                    Kept::Shared(self.share(field, path, keys))
                } else {
                    labels.push(field.to_string());
                    let source = labels.len() - 1;
                    if field.is_rest {
                        rest = Some(source);
                        return Kept::Local(source);
                    }
                    let target = self.reach(node, &field.steps);
                    self.capture(target, field, Capture::Local { kind, source });
                    self.stand_once(node, &field.steps, 0, Some(kind));
                    Kept::Local(source)
                }
            });
            slots.push(kept.collect());
        }
        self.kinds.push(Kind {
            skip_empty,
            leaf: true,
            slots,
            labels,
            rest,
        });
    }

    /// A shared value ends with the nearest element that both it and the record stand in, so that
    /// a second list never sees the first one's values.
    fn share<'a>(
        &mut self,
        field: &'a XmlField,
        record_path: &[String],
        keys: &mut SharedKeys<'a, XmlField>,
    ) -> usize {
        let holders = match field.attribute {
            Some(_) => field.steps.len(),
            None => field.steps.len().saturating_sub(1),
        };
        let common = field
            .steps
            .iter()
            .take(holders)
            .zip(record_path)
            .take_while(|(a, b)| a == b)
            .count();
        let clear = self.reach(DOCUMENT, field.steps.get(..common).unwrap_or(&[]));
        let (index, is_new) = keys.number(field, clear);
        if !is_new {
            return index;
        }
        self.shared.push(field.to_string());
        let target = self.reach(DOCUMENT, &field.steps);
        self.capture(target, field, Capture::Shared(index));
        self.stand_once(DOCUMENT, &field.steps, common, None);
        self.nodes.at_mut(clear).clears.push(index);
        index
    }

    /// Marks the elements at `steps` below `from`, but for the first `free` of them.
    fn stand_once(&mut self, from: usize, steps: &[String], free: usize, kind: Option<usize>) {
        for length in free + 1..=steps.len() {
            let part = steps.get(..length).unwrap_or(&[]);
            let node = self.reach(from, part);
            let once = &mut self.nodes.at_mut(node).once;
            // What all share weighs more.
            if once.is_none() || kind.is_none() {
                let start = if kind.is_none() { "/" } else { "" };
                let label = format!("{start}{}", part.join("/"));
                *once = Some(Once { kind, label });
            }
        }
    }

    fn capture(&mut self, node: usize, field: &XmlField, capture: Capture) {
        let node = self.nodes.at_mut(node);
        let Some(name) = &field.attribute else {
            node.text.push(capture);
            return;
        };
        match node.attributes.iter_mut().find(|(known, _)| known == name) {
            Some((_, captures)) => captures.push(capture),
            None => node.attributes.push((name.clone(), vec![capture])),
        }
    }

    /// The node at `steps` below `from`, made where it is missing.
    fn reach(&mut self, from: usize, steps: &[String]) -> usize {
        let mut at = from;
        for step in steps {
            let found = self.node(at).children.iter().copied();
            let known = { found }.find(|child| self.node(*child).name == *step);
            at = known.unwrap_or_else(|| self.add(at, step));
        }
        at
    }

    fn add(&mut self, parent: usize, name: &str) -> usize {
        let number = self.nodes.add(Node {
            name: name.to_owned(),
            ..Node::default()
        });
        self.nodes.at_mut(parent).children.push(number);
        number
    }

    /// A node of this tree.
    pub(super) fn node(&self, number: usize) -> &Node {
        self.nodes.at(number)
    }

    /// The child of a name, with its position; the search begins at position `hint`, because
    /// documents mostly keep an order.
    pub(super) fn child(&self, parent: usize, name: &str, hint: usize) -> Option<(usize, usize)> {
        let children = &self.node(parent).children;
        let at = position_from(children, hint, |child| self.node(*child).name == name)?;
        children.get(at).map(|node| (*node, at))
    }

    /// How many nodes there are.
    pub(super) fn len(&self) -> usize {
        self.nodes.all().len()
    }

    /// The nodes at `steps` below `from`, one by one; all are in the tree.
    pub(super) fn chain(&self, from: usize, steps: &[String]) -> Vec<usize> {
        let mut at = Some(from);
        let next = |step: &String| {
            at = self.child(at?, step, 0).map(|(node, _)| node);
            at
        };
        steps.iter().map_while(next).collect()
    }

    /// The names that a root element may have.
    pub(super) fn roots(&self) -> String {
        let names = self.node(DOCUMENT).children.iter();
        let names: Vec<&str> = names.map(|root| self.node(*root).name.as_str()).collect();
        names.join("` or `")
    }
}

/// A record's path and whether empty elements are left out; a select of another format has none.
pub(super) fn selected(record: &RecordLayout) -> (&[String], bool) {
    match &record.select {
        Select::Xml(select) => (&select.path, select.skip_empty),
        _ => (&[], false),
    }
}

/// A source of this format.
pub(super) fn field(source: &FieldSource) -> Option<&XmlField> {
    match source {
        FieldSource::Xml(field) => Some(field),
        _ => None,
    }
}

/// Whether records of `lower` stand inside those of `upper`.
pub(super) fn is_below(lower: &RecordLayout, upper: &RecordLayout) -> bool {
    let (lower, upper) = (selected(lower).0, selected(upper).0);
    lower.len() > upper.len() && lower.starts_with(upper)
}
