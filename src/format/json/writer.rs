//! Records as one JSON document, or as one a line.

use std::io::Write;
use std::sync::Arc;

use super::UNWRITABLE;
use super::codes::shown;
use super::escape::push_quoted;
use super::path::Step;
use super::plan::{AbsentFields, JsonField, JsonPlan, JsonType};
use super::tree::{field, select};
use crate::format::nested::UNREAD;
use crate::format::{Batch, Layout, RecordLayout, WriteError};

/// Writes records as JSON: a record before those inside it.
///
/// A record's fields are written in slot order, each by its first source; shared (absolute)
/// sources are the business of the record they stand in. With `lines`, every record that stands in
/// no other begins a line. After an error the document is spoilt: throw it away.
pub struct JsonWriter<W: Write> {
    batch: Batch<W>,
    plan: JsonPlan,
    kinds: Arc<[Kind]>,
    levels: Vec<Level>,
    started: bool,
}

struct Kind {
    name: String,
    steps: Vec<Step>,
    /// The kind that must be open, if this one stands in another.
    parent: Option<usize>,
    /// Of each kind directly inside that is a list: its number, and the names from here to it.
    lists: Vec<(usize, Vec<String>)>,
    slots: Vec<Option<JsonField>>,
    skip_empty: bool,
}

/// An open object or array, and how it was reached.
struct Level {
    step: Option<Step>,
    is_object: bool,
    kind: Option<usize>,
    /// Members or elements so far.
    count: usize,
    /// Names that it has had.
    names: Vec<String>,
    /// Kinds directly inside of which there was a record.
    filled: Vec<usize>,
    /// Whether its empty lists are written.
    is_settled: bool,
}

impl<W: Write> JsonWriter<W> {
    pub(in crate::format) fn new(
        plan: &JsonPlan,
        layout: &Layout,
        output: W,
    ) -> Result<Self, WriteError> {
        if let Some(problem) = super::reading_problems(layout).into_iter().next() {
            let record = layout.records.get(problem.record);
            let name = record.map_or("", |record| record.name.as_str());
            return Err(unwritable(name, problem.message));
        }
        let kinds = layout.records.iter().enumerate();
        Ok(Self {
            kinds: kinds
                .map(|(index, record)| compile(layout, index, record))
                .collect(),
            batch: Batch::new(output),
            plan: plan.clone(),
            levels: Vec::new(),
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
        match kind.parent {
            None if self.plan.lines => self.end_line(kinds)?,
            None => {}
            Some(parent) => {
                let mut open = self.levels.iter_mut();
                let Some(level) = open.find(|level| level.kind == Some(parent)) else {
                    let upper = kinds.get(parent).map_or("", |kind| kind.name.as_str());
                    let text = format!("comes before its `{upper}`, expected after");
                    return Err(unwritable(&kind.name, text));
                };
                if !level.filled.contains(&index) {
                    level.filled.push(index);
                }
            }
        }
        let is_scalar = kind
            .slots
            .iter()
            .flatten()
            .any(|field| field.path.steps.is_empty());
        self.reach(0, &kind.steps, kinds, &kind.name, !is_scalar)?;
        if is_scalar {
            let mut slots = kind.slots.iter().zip(fields);
            let own = slots.find_map(|(field, value)| Some((field.as_ref()?, *value)));
            return match own {
                Some((_, value)) if value.is_none_or(|text| kind.skip_empty && text.is_empty()) => {
                    Err(unwritable(&kind.name, UNREAD))
                }
                Some((field, value)) => self.value(field, value, &kind.name),
                None => Ok(()),
            };
        }
        if let Some(level) = self.levels.last_mut() {
            level.kind = Some(index);
        }
        let base = self.levels.len();
        for (field, value) in kind.slots.iter().zip(fields) {
            if let Some(field) = field {
                self.field(base, field, *value, kinds, &kind.name)?;
            }
        }
        Ok(())
    }

    /// Writes one field into the record whose own level is the last below `base`.
    fn field(
        &mut self,
        base: usize,
        field: &JsonField,
        value: Option<&str>,
        kinds: &[Kind],
        record: &str,
    ) -> Result<(), WriteError> {
        if value.is_none() && self.plan.absent == AbsentFields::Omit {
            return Ok(());
        }
        self.reach(base, &field.path.steps, kinds, record, false)?;
        self.value(field, value, record)
    }

    fn value(
        &mut self,
        field: &JsonField,
        value: Option<&str>,
        record: &str,
    ) -> Result<(), WriteError> {
        match value {
            None => self.batch.bytes.extend_from_slice(b"null"),
            Some(text) if !field.admits(text) => {
                let text = shown(text.as_bytes());
                let (label, noun) = (&field.path, field.kind.noun());
                let text = format!("`{label}` is `{text}`, which is not {noun}");
                return Err(unwritable(record, text));
            }
            Some(text) if field.kind == JsonType::Text => {
                push_quoted(&mut self.batch.bytes, text, self.plan.encoding);
            }
            Some(text) => self.batch.bytes.extend_from_slice(text.as_bytes()),
        }
        Ok(())
    }

    /// Closes and opens until the value at `steps` below the level `base` can be written; with
    /// `opens` its own object is opened too.
    fn reach(
        &mut self,
        base: usize,
        steps: &[Step],
        kinds: &[Kind],
        record: &str,
        opens: bool,
    ) -> Result<(), WriteError> {
        let Some((last, holders)) = steps.split_last() else {
            return self.root(kinds, record, opens);
        };
        if self.levels.is_empty() {
            self.open(None, !matches!(steps.first(), Some(Step::Each)));
        }
        let base = base.max(1);
        let open = self.levels.iter().skip(base);
        // The element that is open last is the one that inner records stand in.
        let same = open.zip(holders);
        let common = same
            .take_while(|(level, step)| level.step.as_ref() == Some(*step))
            .count();
        self.close_to(base + common, kinds)?;
        for (at, step) in holders.iter().enumerate().skip(common) {
            self.begin_value(step, record)?;
            self.open(
                Some(step.clone()),
                !matches!(steps.get(at + 1), Some(Step::Each)),
            );
        }
        self.begin_value(last, record)?;
        if opens {
            self.open(Some(last.clone()), true);
        }
        Ok(())
    }

    /// The record is the outermost value itself.
    fn root(&mut self, kinds: &[Kind], record: &str, opens: bool) -> Result<(), WriteError> {
        if self.started && !self.plan.lines || !self.levels.is_empty() {
            let text = "a document has one outermost value, and it was written already";
            return Err(unwritable(record, text));
        }
        self.close_to(0, kinds)?;
        self.started = true;
        if opens {
            self.open(None, true);
        }
        Ok(())
    }

    fn open(&mut self, step: Option<Step>, is_object: bool) {
        self.started = true;
        self.batch.bytes.push(if is_object { b'{' } else { b'[' });
        self.levels.push(Level {
            step,
            is_object,
            kind: None,
            count: 0,
            names: Vec::new(),
            filled: Vec::new(),
            is_settled: false,
        });
    }

    /// Writes what comes before a member or element: comma, line, name.
    fn begin_value(&mut self, step: &Step, record: &str) -> Result<(), WriteError> {
        let depth = self.levels.len();
        let Some(level) = self.levels.last_mut() else {
            return Ok(());
        };
        if let Step::Name(name) = step {
            if level.names.contains(name) {
                let text =
                    format!("`{name}` would be written twice: fields of one object stand together");
                return Err(unwritable(record, text));
            }
            level.names.push(name.clone());
        }
        level.count += 1;
        if level.count > 1 {
            self.batch.bytes.push(b',');
        }
        self.new_line(depth);
        if let Step::Name(name) = step {
            push_quoted(&mut self.batch.bytes, name, self.plan.encoding);
            self.batch.bytes.push(b':');
            if self.indent() > 0 {
                self.batch.bytes.push(b' ');
            }
        }
        Ok(())
    }

    fn indent(&self) -> usize {
        if self.plan.lines { 0 } else { self.plan.indent }
    }

    fn new_line(&mut self, depth: usize) {
        if self.indent() > 0 {
            self.batch.bytes.push(b'\n');
            let spaces = self.indent() * depth;
            self.batch
                .bytes
                .resize(self.batch.bytes.len() + spaces, b' ');
        }
    }

    fn close_to(&mut self, depth: usize, kinds: &[Kind]) -> Result<(), WriteError> {
        while self.levels.len() > depth {
            // A list goes into objects that are open still, so it is settled before they close.
            if let Some((at, kind)) = self.unsettled(depth) {
                self.settle(at, kinds.get(kind), kinds)?;
            } else if let Some(level) = self.levels.pop() {
                let kind = level.kind.and_then(|kind| kinds.get(kind));
                if let Some(kind) = kind.filter(|kind| kind.skip_empty && level.count == 0) {
                    return Err(unwritable(&kind.name, UNREAD));
                }
                if level.count > 0 {
                    self.new_line(self.levels.len());
                }
                self.batch
                    .bytes
                    .push(if level.is_object { b'}' } else { b']' });
            }
        }
        Ok(())
    }

    /// The innermost record at `depth` or deeper whose empty lists are not written: how many levels
    /// there are up to it, and its kind.
    fn unsettled(&mut self, depth: usize) -> Option<(usize, usize)> {
        let mut levels = self.levels.iter_mut().enumerate().skip(depth).rev();
        levels.find_map(|(at, level)| {
            let kind = level.kind.filter(|_| !level.is_settled)?;
            level.is_settled = true;
            Some((at + 1, kind))
        })
    }

    /// Writes the lists of the record at the last of `at` levels that have no record.
    fn settle(&mut self, at: usize, kind: Option<&Kind>, kinds: &[Kind]) -> Result<(), WriteError> {
        let Some(kind) = kind.filter(|_| self.plan.empty_lists) else {
            return Ok(());
        };
        for (list, names) in &kind.lists {
            let level = self.levels.get(at - 1);
            if level.is_some_and(|level| level.filled.contains(list)) {
                continue;
            }
            let steps: Vec<Step> = names.iter().cloned().map(Step::Name).collect();
            self.reach(at, &steps, kinds, &kind.name, false)?;
            self.batch.bytes.extend_from_slice(b"[]");
        }
        Ok(())
    }

    /// Ends the line at hand, when one was begun.
    fn end_line(&mut self, kinds: &[Kind]) -> Result<(), WriteError> {
        if self.started {
            self.close_to(0, kinds)?;
            self.batch.bytes.push(b'\n');
            self.started = false;
        }
        Ok(())
    }

    pub(in crate::format) fn finish(mut self) -> Result<W, WriteError> {
        let kinds = Arc::clone(&self.kinds);
        if self.plan.lines {
            self.end_line(&kinds)?;
        } else if !self.started {
            let first = kinds.first().map_or("", |kind| kind.name.as_str());
            let text = "no record was written, and a document needs its outermost value";
            return Err(unwritable(first, text));
        }
        self.close_to(0, &kinds)?;
        self.new_line(0);
        Ok(self.batch.finish()?)
    }
}

fn compile(layout: &Layout, index: usize, record: &RecordLayout) -> Kind {
    let steps = select(record).map_or_else(Vec::new, |select| select.steps.clone());
    let slots = record.slots.iter().map(|sources| {
        let first = sources.first().and_then(field);
        let first = first.filter(|first| !first.path.absolute);
        first.cloned()
    });
    let inside = layout.records.iter().enumerate();
    let lists = inside
        .filter(|(child, _)| layout.parent(*child) == Some(index))
        .filter_map(|(child, record)| Some((child, list_names(&steps, &select(record)?.steps)?)));
    Kind {
        name: record.name.clone(),
        parent: layout.parent(index),
        lists: lists.collect(),
        slots: slots.collect(),
        skip_empty: select(record).is_some_and(|select| select.skip_empty),
        steps,
    }
}

/// The names from a record at `outer` to the array that holds those at `inner`.
fn list_names(outer: &[Step], inner: &[Step]) -> Option<Vec<String>> {
    let mut names = Vec::new();
    for step in inner.get(outer.len()..)? {
        match step {
            Step::Name(name) => names.push(name.clone()),
            Step::Each => return (!names.is_empty()).then_some(names),
        }
    }
    None
}

fn unwritable(record: &str, detail: impl Into<String>) -> WriteError {
    WriteError::unwritable(&UNWRITABLE, record, detail)
}
