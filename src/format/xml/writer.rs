//! Records as one XML document.

mod carried;

use std::collections::VecDeque;
use std::io::Write;
use std::sync::Arc;

use carried::{Before, Carried};

use super::UNWRITABLE;
use super::chars::SPACE;
use super::escape::{Spot, push_escaped};
use super::layout::{reading_problems, writing_problems};
use super::path::XmlField;
use super::plan::XmlPlan;
use super::tree::{DOCUMENT, Tree, field, is_below, selected};
use crate::format::nested::{UNREAD, shown};
use crate::format::{Batch, FieldSource, Layout, RecordLayout, WriteError};

/// Writes records as one XML document: a record before those inside it.
///
/// A record's fields are written in slot order, each by its first source; shared (absolute)
/// sources are the business of the record they stand in. `None` leaves the element out, an empty
/// text writes `<X/>`. After an error the document is spoilt: throw it away.
pub struct XmlWriter<W: Write> {
    batch: Batch<W>,
    plan: XmlPlan,
    tree: Tree,
    kinds: Arc<[Kind]>,
    /// Of each node, its name encoded.
    names: Vec<Vec<u8>>,
    /// Of each node, its place in the order of writing.
    order: Vec<usize>,
    levels: Vec<Level>,
    /// Elements that have been closed and must not be opened again; see [`Level::closed_from`].
    closed: Vec<usize>,
    scratch: String,
    line: Vec<u8>,
    started: bool,
}

struct Kind {
    name: String,
    /// The slot with the elements that are carried.
    rest: Option<usize>,
    /// Nodes from the root to the record.
    chain: Vec<usize>,
    /// Kinds that must be open.
    above: Vec<usize>,
    slots: Vec<Option<Target>>,
}

struct Target {
    /// Nodes from below the record to the field's element.
    chain: Vec<usize>,
    /// ` Name="`, encoded.
    attribute: Option<Vec<u8>>,
    label: String,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Content {
    /// The start tag is still open.
    None,
    Text,
    Elements,
}

struct Level {
    node: usize,
    kind: Option<usize>,
    content: Content,
    has_attributes: bool,
    /// Of a record: what is carried in it and not written yet.
    carried: VecDeque<Carried>,
    /// Where this element's own part of `closed` begins.
    closed_from: usize,
}

impl<W: Write> XmlWriter<W> {
    pub(in crate::format) fn new(
        plan: &XmlPlan,
        layout: &Layout,
        output: W,
    ) -> Result<Self, WriteError> {
        let problems = reading_problems(layout).into_iter();
        if let Some(problem) = problems.chain(writing_problems(layout)).next() {
            let record = layout.records.get(problem.record);
            let name = record.map_or("", |record| record.name.as_str());
            return Err(unwritable(name, problem.message));
        }
        let tree = Tree::new(layout);
        let encode = |text: &str, record: &str| match plan.encoding.encode(text) {
            Ok(bytes) => Ok(bytes.into_owned()),
            Err(error) => Err(unwritable(record, format!("`{text}`: {error}"))),
        };
        let names = (0..tree.len()).map(|node| encode(&tree.node(node).name, ""));
        let names = names.collect::<Result<_, _>>()?;
        let kinds = layout.records.iter();
        let kinds = kinds.map(|record| compile(layout, record, &tree, &encode));
        let line = encode(plan.line_end.text(), "")?;
        let kinds: Arc<[Kind]> = kinds.collect::<Result<_, _>>()?;
        Ok(Self {
            order: carried::order(&kinds, tree.len()),
            kinds,
            batch: Batch::new(output),
            plan: plan.clone(),
            tree,
            names,
            levels: Vec::new(),
            closed: Vec::new(),
            scratch: String::new(),
            line,
            started: false,
        })
    }

    pub(in crate::format) fn record(
        &mut self,
        kind: usize,
        fields: &[Option<&str>],
    ) -> Result<(), WriteError> {
        let kinds = Arc::clone(&self.kinds);
        let Some(known) = kinds.get(kind) else {
            return Err(unwritable("", format!("there is no kind of record {kind}")));
        };
        self.write(kind, known, fields, &kinds)?;
        Ok(self.batch.end_record()?)
    }

    fn write(
        &mut self,
        index: usize,
        kind: &Kind,
        fields: &[Option<&str>],
        kinds: &[Kind],
    ) -> Result<(), WriteError> {
        let holders = kind.chain.len().saturating_sub(1);
        let holders = kind.chain.get(..holders).unwrap_or(&[]);
        self.reach(0, holders, &kind.name)?;
        for above in &kind.above {
            if !self.levels.iter().any(|level| level.kind == Some(*above)) {
                let upper = kinds.get(*above).map_or("", |kind| kind.name.as_str());
                let text = format!("comes before its `{upper}`, expected after");
                return Err(unwritable(&kind.name, text));
            }
        }
        if let Some(node) = kind.chain.last() {
            self.open(*node, Some(index), &kind.name)?;
        }
        self.take_carried(kind, fields)?;
        let base = self.levels.len();
        for (target, value) in kind.slots.iter().zip(fields) {
            if let (Some(target), Some(value)) = (target, value) {
                self.field(base, target, value, &kind.name)?;
            }
        }
        Ok(())
    }

    fn field(
        &mut self,
        base: usize,
        target: &Target,
        value: &str,
        record: &str,
    ) -> Result<(), WriteError> {
        self.reach(base, &target.chain, record)?;
        let Some(level) = self.levels.last_mut() else {
            return Ok(());
        };
        if level.content != Content::None {
            let text = format!("`{}` comes after content of its element", target.label);
            return Err(unwritable(record, text));
        }
        if let Some(attribute) = &target.attribute {
            level.has_attributes = true;
            self.batch.bytes.extend_from_slice(attribute);
            self.value(value, Spot::Attribute, &target.label, record)?;
            self.batch.bytes.push(b'"');
        } else if !value.is_empty() {
            if self.plan.trim && value.trim_matches(SPACE) != value {
                let text = format!(
                    "`{}` begins or ends with white space, which `trim` would drop",
                    target.label
                );
                return Err(unwritable(record, text));
            }
            level.content = Content::Text;
            self.batch.bytes.push(b'>');
            self.value(value, Spot::Text, &target.label, record)?;
        }
        Ok(())
    }

    fn value(
        &mut self,
        value: &str,
        spot: Spot,
        label: &str,
        record: &str,
    ) -> Result<(), WriteError> {
        self.scratch.clear();
        push_escaped(&mut self.scratch, value, spot).map_err(|c| {
            let text = format!("`{label}` has U+{:04X}, which XML forbids", u32::from(c));
            unwritable(record, text)
        })?;
        let bytes = self.plan.encoding.encode(&self.scratch);
        let bytes = bytes.map_err(|error| unwritable(record, format!("`{label}`: {error}")))?;
        self.batch.bytes.extend_from_slice(&bytes);
        Ok(())
    }

    /// Closes and opens elements until those above `base` are exactly `chain`.
    fn reach(&mut self, base: usize, chain: &[usize], record: &str) -> Result<(), WriteError> {
        let open = self.levels.iter().skip(base);
        let common = open
            .zip(chain)
            .take_while(|(level, node)| level.node == **node)
            .count();
        self.close_to(base + common)?;
        for node in chain.iter().skip(common) {
            self.open(*node, None, record)?;
        }
        Ok(())
    }

    fn open(&mut self, node: usize, kind: Option<usize>, record: &str) -> Result<(), WriteError> {
        let from = self.levels.last().map_or(0, |level| level.closed_from);
        let closed = self.closed.get(from..).unwrap_or(&[]);
        // Records repeat, other elements do not, and neither does the root.
        if (kind.is_none() || self.levels.is_empty()) && closed.contains(&node) {
            let name = &self.tree.node(node).name;
            let text = format!("needs a second `{}`, which was left already", shown(name));
            return Err(unwritable(record, text));
        }
        self.write_carried(Before::Child(node), record)?;
        self.begin_content();
        self.batch.bytes.push(b'<');
        self.batch
            .bytes
            .extend_from_slice(self.names.get(node).map_or(&[], Vec::as_slice));
        if self.levels.is_empty()
            && let Some(namespace) = self.plan.namespace.clone()
        {
            self.batch.bytes.extend_from_slice(b" xmlns=\"");
            self.value(&namespace, Spot::Attribute, "namespace", record)?;
            self.batch.bytes.push(b'"');
        }
        self.levels.push(Level {
            node,
            kind,
            content: Content::None,
            has_attributes: false,
            carried: VecDeque::new(),
            closed_from: self.closed.len(),
        });
        Ok(())
    }

    /// Makes ready for a child element of the innermost open one, or for the root.
    fn begin_content(&mut self) {
        match self.levels.last_mut() {
            Some(level) => {
                if level.content == Content::None {
                    self.batch.bytes.push(b'>');
                }
                level.content = Content::Elements;
                self.new_line(self.levels.len());
            }
            None if self.plan.declaration => {
                let encoding = self.plan.encoding;
                let text = format!("<?xml version=\"1.0\" encoding=\"{encoding}\"?>");
                self.batch.bytes.extend_from_slice(text.as_bytes());
                self.new_line(0);
            }
            None => {}
        }
        self.started = true;
    }

    fn new_line(&mut self, depth: usize) {
        if self.plan.indent > 0 {
            self.batch.bytes.extend_from_slice(&self.line);
            let spaces = self.plan.indent * depth;
            self.batch
                .bytes
                .resize(self.batch.bytes.len() + spaces, b' ');
        }
    }

    fn close_to(&mut self, depth: usize) -> Result<(), WriteError> {
        while self.levels.len() > depth {
            self.close_carried()?;
            let Some(level) = self.levels.pop() else {
                return Ok(());
            };
            self.closed.truncate(level.closed_from);
            if level.kind.is_none() || self.levels.is_empty() {
                self.closed.push(level.node);
            }
            if level.content == Content::None {
                self.check_empty(&level)?;
                self.batch.bytes.extend_from_slice(b"/>");
                continue;
            }
            if level.content == Content::Elements {
                self.new_line(self.levels.len());
            }
            self.batch.bytes.extend_from_slice(b"</");
            self.batch
                .bytes
                .extend_from_slice(self.names.get(level.node).map_or(&[], Vec::as_slice));
            self.batch.bytes.push(b'>');
        }
        Ok(())
    }

    /// An empty element is no record of a kind that skips them.
    fn check_empty(&self, level: &Level) -> Result<(), WriteError> {
        let index = level.kind.filter(|_| !level.has_attributes);
        let skips = index.and_then(|index| self.tree.kinds.get(index));
        if !skips.is_some_and(|kind| kind.skip_empty) {
            return Ok(());
        }
        let kind = index.and_then(|index| self.kinds.get(index));
        Err(unwritable(kind.map_or("", |kind| &kind.name), UNREAD))
    }

    pub(in crate::format) fn finish(mut self) -> Result<W, WriteError> {
        if !self.started {
            let root = self.kinds.first().map_or("", |kind| kind.name.as_str());
            let text = "no record was written, and a document needs its root element";
            return Err(unwritable(root, text));
        }
        self.close_to(0)?;
        self.new_line(0);
        Ok(self.batch.finish()?)
    }
}

fn compile(
    layout: &Layout,
    record: &RecordLayout,
    tree: &Tree,
    encode: &impl Fn(&str, &str) -> Result<Vec<u8>, WriteError>,
) -> Result<Kind, WriteError> {
    let chain = tree.chain(DOCUMENT, selected(record).0);
    let node = chain.last().copied().unwrap_or(DOCUMENT);
    let slots = record.slots.iter().map(|sources| {
        let first = sources.first().and_then(field);
        let first = first.filter(|first| !first.absolute && !first.is_rest);
        first
            .map(|first| target(first, node, &record.name, tree, encode))
            .transpose()
    });
    let above = layout.records.iter().enumerate();
    let above = above.filter(|(_, other)| is_below(record, other));
    let is_rest = |sources: &Vec<FieldSource>| {
        let first = sources.first().and_then(field);
        first.is_some_and(|first| first.is_rest)
    };
    Ok(Kind {
        name: record.name.clone(),
        rest: record.slots.iter().position(is_rest),
        above: above.map(|(index, _)| index).collect(),
        slots: slots.collect::<Result<_, _>>()?,
        chain,
    })
}

fn target(
    field: &XmlField,
    node: usize,
    record: &str,
    tree: &Tree,
    encode: &impl Fn(&str, &str) -> Result<Vec<u8>, WriteError>,
) -> Result<Target, WriteError> {
    let attribute = field.attribute.as_ref();
    Ok(Target {
        chain: tree.chain(node, &field.steps),
        attribute: attribute
            .map(|name| encode(&format!(" {name}=\""), record))
            .transpose()?,
        label: field.to_string(),
    })
}

fn unwritable(record: &str, detail: impl Into<String>) -> WriteError {
    WriteError::unwritable(&UNWRITABLE, record, detail)
}
