//! The wanted paths of a layout as one tree.
//!
//! Built once per reader; matching a member is one look among its parent's children.

use super::path::{JsonPath, Step};
use super::plan::{JsonField, JsonSelect, JsonType};
use crate::format::nested::{Capture, Kept, Nodes, SharedKeys, position_from};
use crate::format::{FieldSource, Layout, RecordLayout, Select};

/// The outermost value.
pub(super) const ROOT: usize = 0;

/// One value that is wanted or that leads to wanted ones.
#[derive(Debug, Default)]
pub(super) struct Node {
    /// By name.
    pub(super) children: Vec<(Vec<u8>, usize)>,
    /// The elements of an array.
    pub(super) each: Option<usize>,
    pub(super) captures: Vec<Capture>,
    /// The kind whose records these values are.
    pub(super) kind: Option<usize>,
    /// Shared values that end with this value.
    pub(super) clears: Vec<usize>,
    /// Whether records stand at or below it, or records share what does: a fault here spoils the
    /// whole content, not one record.
    pub(super) carries: bool,
    /// Its path, for messages.
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
    /// Of each local source, its path as written and the type it is written as.
    pub(super) sources: Vec<(String, JsonType)>,
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
            nodes: Nodes::new(Node {
                label: "the content".to_owned(),
                ..Node::default()
            }),
            kinds: Vec::new(),
            shared: Vec::new(),
        };
        let mut keys = SharedKeys::new();
        for (kind, record) in layout.records.iter().enumerate() {
            tree.add_kind(kind, record, layout, &mut keys);
        }
        tree
    }

    fn add_kind<'a>(
        &mut self,
        kind: usize,
        record: &'a RecordLayout,
        layout: &Layout,
        keys: &mut SharedKeys<'a, JsonPath>,
    ) {
        let Some(select) = select(record) else {
            return;
        };
        let node = self.carry(&select.steps);
        self.nodes.at_mut(node).kind.get_or_insert(kind);
        let mut sources = Vec::new();
        let mut slots = Vec::new();
        for slot in &record.slots {
            let kept = slot.iter().filter_map(field).map(|field| {
                if field.path.absolute {
                    return Kept::Shared(self.share(&field.path, &select.steps, keys));
                }
                let source = sources.len();
                sources.push((field.path.to_string(), field.kind));
                let target = self.reach(node, &field.path.steps);
                let capture = Capture::Local { kind, source };
                self.nodes.at_mut(target).captures.push(capture);
                Kept::Local(source)
            });
            slots.push(kept.collect());
        }
        let mut others = layout.records.iter().filter_map(self::select);
        self.kinds.push(Kind {
            skip_empty: select.skip_empty,
            leaf: !others.any(|other| other.is_inside(select)),
            slots,
            sources,
        });
    }

    /// A shared value ends with the nearest value that both it and the record stand in, so that a
    /// second list never sees the first one's values.
    fn share<'a>(
        &mut self,
        path: &'a JsonPath,
        record: &[Step],
        keys: &mut SharedKeys<'a, JsonPath>,
    ) -> usize {
        let holders = path.steps.len().saturating_sub(1);
        let same = path.steps.iter().take(holders).zip(record);
        let common = same.take_while(|(a, b)| a == b).count();
        let clear = self.reach(ROOT, path.steps.get(..common).unwrap_or_default());
        let (index, is_new) = keys.number(path, clear);
        if !is_new {
            return index;
        }
        self.shared.push(path.to_string());
        let target = self.carry(&path.steps);
        self.nodes
            .at_mut(target)
            .captures
            .push(Capture::Shared(index));
        self.nodes.at_mut(clear).clears.push(index);
        index
    }

    /// The node at `steps`, all nodes on the way to it marked as carrying.
    fn carry(&mut self, steps: &[Step]) -> usize {
        let mut at = ROOT;
        self.nodes.at_mut(at).carries = true;
        for step in steps {
            at = self.reach(at, std::slice::from_ref(step));
            self.nodes.at_mut(at).carries = true;
        }
        at
    }

    /// The node at `steps` below `from`, made where it is missing.
    fn reach(&mut self, from: usize, steps: &[Step]) -> usize {
        let mut at = from;
        for step in steps {
            let known = match step {
                Step::Each => self.node(at).each,
                Step::Name(name) => self.child(at, name.as_bytes(), 0).map(|(node, _)| node),
            };
            at = known.unwrap_or_else(|| self.add(at, step));
        }
        at
    }

    fn add(&mut self, parent: usize, step: &Step) -> usize {
        let mut label = match parent {
            ROOT => String::new(),
            _ => self.node(parent).label.clone(),
        };
        match step {
            Step::Each => label.push_str("[]"),
            Step::Name(name) => {
                label.push('/');
                label.push_str(name);
            }
        }
        let number = self.nodes.add(Node {
            label,
            ..Node::default()
        });
        let parent = self.nodes.at_mut(parent);
        match step {
            Step::Each => parent.each = Some(number),
            Step::Name(name) => parent.children.push((name.as_bytes().to_vec(), number)),
        }
        number
    }

    /// A node of this tree.
    pub(super) fn node(&self, number: usize) -> &Node {
        self.nodes.at(number)
    }

    /// The child of a name, with its position; the search begins at position `hint`, because
    /// documents mostly keep an order.
    pub(super) fn child(&self, parent: usize, name: &[u8], hint: usize) -> Option<(usize, usize)> {
        let children = &self.node(parent).children;
        let at = position_from(children, hint, |(known, _)| known == name)?;
        children.get(at).map(|(_, node)| (*node, at))
    }

    /// All nodes.
    pub(super) fn nodes(&self) -> &[Node] {
        self.nodes.all()
    }
}

impl Node {
    /// What the mapping says that the value is, other than a text, number or boolean.
    pub(super) fn container(&self) -> Option<&'static str> {
        if self.each.is_some() {
            Some("an array")
        } else if self.children.is_empty() {
            None
        } else {
            Some("an object")
        }
    }
}

/// A record's select; none for a select of another format.
pub(super) fn select(record: &RecordLayout) -> Option<&JsonSelect> {
    match &record.select {
        Select::Json(select) => Some(select),
        _ => None,
    }
}

/// A source of this format.
pub(super) fn field(source: &FieldSource) -> Option<&JsonField> {
    match source {
        FieldSource::Json(field) => Some(field),
        _ => None,
    }
}
