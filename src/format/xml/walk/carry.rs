//! Elements that no field wants, kept as they stand for the record that has a field `*`.
//!
//! The tokens of such an element are put together again, character by character; only white space
//! before the `>` of an end tag is lost. A prefix must be declared inside the element, because it is
//! written back into a document that may not declare it.

use super::super::carried::push;
use super::super::chars::qualified;
use super::super::codes::over;
use super::super::tag::{Splitter, Tag};
use super::super::{CARRIED_PREFIX, carried};
use super::Walk;
use crate::format::FormatError;
use crate::format::nested::{Capture, shown};

/// What is being kept, and what was.
#[derive(Debug, Default)]
pub(super) struct Carry {
    /// The element at hand.
    open: Option<Element>,
    /// By kind, the pieces of its open record.
    kept: Vec<String>,
}

#[derive(Debug)]
struct Element {
    kind: usize,
    path: String,
    raw: String,
    /// Of the open elements inside, the name; `None` for one that ends in its start tag.
    names: Vec<Option<String>>,
    /// How deep it stands.
    depth: usize,
}

impl Carry {
    pub(super) fn new(kinds: usize) -> Self {
        Self {
            open: None,
            kept: vec![String::new(); kinds],
        }
    }

    /// A record of a kind begins.
    pub(super) fn begin(&mut self, kind: usize) {
        if let Some(kept) = self.kept.get_mut(kind) {
            kept.clear();
        }
    }

    /// Some characters inside of the element at hand, if there is one.
    pub(super) fn raw(&mut self, texts: &[&str]) {
        if let Some(open) = &mut self.open {
            texts.iter().for_each(|text| open.raw.push_str(text));
        }
    }
}

impl Walk {
    /// Begins to keep an unknown element if the innermost record wants it; it stands in the
    /// innermost known element.
    pub(super) fn carry(&mut self, tag: Tag<'_>) -> Result<bool, FormatError> {
        let is_record = |open: &super::Open| self.tree.node(open.node).kind.is_some();
        let Some(at) = self.open.iter().rposition(is_record) else {
            return Ok(false);
        };
        let kind = self
            .open
            .get(at)
            .and_then(|open| self.tree.node(open.node).kind);
        let wants = kind.and_then(|kind| self.tree.kinds.get(kind)?.rest);
        let (Some(kind), Some(_)) = (kind, wants) else {
            return Ok(false);
        };
        if let Some(open) = self.open.last() {
            let texts = &self.tree.node(open.node).text;
            if !texts.is_empty() {
                self.drafts.mixed(texts, &self.tree, open.at)?;
                return Ok(true);
            }
        }
        let mut path = String::new();
        for open in self.open.iter().skip(at + 1) {
            path.push_str(&self.tree.node(open.node).name);
            path.push('/');
        }
        let last = self.open.last();
        let last = last.and_then(|open| self.tree.node(open.node).children.get(open.last?));
        path.push_str(last.map_or("", |child| self.tree.node(*child).name.as_str()));
        self.carry.open = Some(Element {
            kind,
            path,
            raw: String::new(),
            names: Vec::new(),
            depth: self.open.len() + 1,
        });
        self.carry_start(tag)?;
        Ok(true)
    }

    /// A start tag inside of what is kept.
    pub(super) fn carry_start(&mut self, tag: Tag<'_>) -> Result<(), FormatError> {
        let Some(depth) = self.carry.open.as_ref().map(|open| open.depth) else {
            return Ok(());
        };
        let prefix = qualified(tag.name).map_or("", |name| name.prefix);
        self.refuse_foreign(prefix, depth);
        let mut attributes = Splitter::new(tag.attributes, tag.at);
        while let Some(attribute) = attributes.next()? {
            if attribute.declares().is_none() {
                self.refuse_foreign(attribute.name.prefix, depth);
            }
        }
        let Some(open) = &mut self.carry.open else {
            return Ok(());
        };
        let close = if tag.is_empty { "/>" } else { ">" };
        for text in ["<", tag.name, tag.attributes, close] {
            open.raw.push_str(text);
        }
        open.names
            .push((!tag.is_empty).then(|| tag.name.to_owned()));
        self.bound_carried(tag.at)
    }

    fn refuse_foreign(&mut self, prefix: &str, depth: usize) {
        if prefix.is_empty() || prefix == "xml" || self.namespaces.is_declared_in(prefix, depth) {
            return;
        }
        if let Some(kind) = self.carry.open.as_ref().map(|open| open.kind) {
            let detail = format!(
                "an element that no field wants uses the prefix `{}`, which is declared outside of \
                 it, so it cannot be carried",
                shown(prefix)
            );
            self.drafts.refuse(kind, &CARRIED_PREFIX, None, detail);
        }
    }

    /// However many small pieces, a record is not larger than a record.
    pub(super) fn bound_carried(&self, at: u64) -> Result<(), FormatError> {
        let Some(open) = &self.carry.open else {
            return Ok(());
        };
        let kept = self.carry.kept.get(open.kind).map_or(0, String::len);
        if open.raw.len() + kept > self.limits.record_bytes {
            return Err(over("record_bytes", self.limits.record_bytes as u64, at));
        }
        Ok(())
    }

    /// An end inside of what is kept, or its own.
    pub(super) fn carry_end(&mut self) {
        let Some(open) = &mut self.carry.open else {
            return;
        };
        if let Some(Some(name)) = open.names.pop() {
            for text in ["</", &name, ">"] {
                open.raw.push_str(text);
            }
        }
        if !open.names.is_empty() {
            return;
        }
        if let Some(done) = self.carry.open.take()
            && let Some(kept) = self.carry.kept.get_mut(done.kind)
        {
            push(kept, &done.path, &done.raw);
        }
    }

    /// The record of a kind ends: what was kept for it becomes the value of its field `*`.
    pub(super) fn keep_carried(&mut self, kind: usize, at: u64) -> Result<(), FormatError> {
        let rest = self.tree.kinds.get(kind).and_then(|known| known.rest);
        let kept = self.carry.kept.get_mut(kind).map(std::mem::take);
        let (Some(source), Some(kept)) = (rest, kept) else {
            return Ok(());
        };
        if kept.is_empty() {
            return Ok(());
        }
        debug_assert!(carried::pieces(&kept).is_some(), "what is kept reads back");
        let capture = Capture::Local { kind, source };
        self.drafts.keep(&[capture], kept.as_bytes(), at)
    }
}
