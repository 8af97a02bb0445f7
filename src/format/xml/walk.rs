//! From tags and texts to records: where the document stands, and what ends there.
//!
//! An element that leads to no wanted value is only counted, with all inside it; but everything is
//! checked to be well-formed. The one invariant: records are given at their end tags, so that the
//! records inside an element come before the element's own.

mod carry;
mod held;
mod leaf;

use carry::Carry;
use held::Waiting;

use super::chars::{
    BadValue, QualifiedName, SPACE, has_noncharacter, is_blank, push_attribute, push_char,
    push_lines, qualified, resolve,
};
use super::codes::{malformed, over};
use super::draft::Drafts;
use super::faults::{bad_reference, noncharacter, undeclared, wrong_namespace};
use super::namespaces::Namespaces;
use super::plan::{SharedValues, UnknownElements, XmlPlan};
use super::source::Source;
use super::tag::{Attribute, Checker, Splitter, Tag};
use super::tree::{DOCUMENT, Tree};
use super::{TRUNCATED, UNKNOWN_ELEMENT, WRONG_ROOT};
use crate::format::nested::{broken, shown};
use crate::format::{FormatError, Layout, Limits, Next};
use crate::id::RecordNo;
use crate::record::{Place, WireRecord};

/// A known element that has not ended yet.
#[derive(Debug)]
struct Open {
    node: usize,
    /// Where its `<` stands, in decoded and, for records, in raw bytes.
    at: u64,
    raw_at: u64,
    /// Which of the node's children to look at first.
    hint: usize,
    /// Which of them was the last.
    last: Option<usize>,
    /// Different from that of every other element.
    serial: u64,
    has_attributes: bool,
    has_children: bool,
    has_text: bool,
}

/// The state between two tokens.
pub(super) struct Walk {
    tree: Tree,
    limits: Limits,
    refuse_unknown: bool,
    trim: bool,
    open: Vec<Open>,
    /// Open elements inside the innermost known one.
    ignored: usize,
    root_ended: bool,
    /// How many known elements have begun.
    serial: u64,
    /// By node, the serial of the parent it was last seen in.
    seen: Vec<u64>,
    /// Text of the innermost open element since its last child.
    text: Vec<u8>,
    scratch: Vec<u8>,
    checker: Checker,
    namespaces: Namespaces,
    drafts: Drafts,
    carry: Carry,
    /// Whether records wait for shared values that come later.
    is_waiting: bool,
    waiting: Waiting,
    given: u64,
}

impl Walk {
    /// Before the first token.
    pub(super) fn new(plan: &XmlPlan, layout: &Layout, limits: &Limits) -> Self {
        let tree = Tree::new(layout);
        let seen = vec![0; tree.len()];
        Self {
            drafts: Drafts::new(&tree, limits),
            carry: Carry::new(tree.kinds.len()),
            is_waiting: plan.shared == SharedValues::Anywhere,
            waiting: Waiting::default(),
            tree,
            limits: limits.clone(),
            refuse_unknown: plan.unknown == UnknownElements::Refuse,
            trim: plan.trim,
            open: Vec::new(),
            ignored: 0,
            root_ended: false,
            serial: 0,
            seen,
            text: Vec::new(),
            scratch: Vec::new(),
            checker: Checker::default(),
            namespaces: Namespaces::new(plan.demanded_namespace()),
            given: 0,
        }
    }

    /// A start tag.
    pub(super) fn start(&mut self, tag: Tag<'_>, source: &mut Source) -> Result<(), FormatError> {
        let depth = self.open.len() + self.ignored + 1;
        if depth > self.limits.xml_depth {
            return Err(over("xml_depth", self.limits.xml_depth as u64, tag.at));
        }
        let Some(name) = qualified(tag.name) else {
            let text = format!("`{}` is not an element's name", shown(tag.name));
            return Err(malformed(tag.at, text));
        };
        if self.root_ended {
            let text = format!("a second root element `{}` begins", shown(tag.name));
            return Err(malformed(tag.at, text));
        }
        if !tag.attributes.is_empty() {
            self.checker.check(tag, &self.limits)?;
            self.declare(tag, depth)?;
        }
        let wanted = self.namespace(name, tag.at)?;
        if self.ignored > 0 {
            self.ignored += 1;
            self.carry_start(tag)?;
            return self.check_values(tag);
        }
        match self.enter(name.local) {
            Some(_) if !wanted => Err(wrong_namespace(name, tag.at)),
            Some(node) => {
                self.refuse_second(node, tag.at)?;
                self.open_known(node, tag, source)
            }
            None => self.open_unknown(name, tag),
        }
    }

    fn declare(&mut self, tag: Tag<'_>, depth: usize) -> Result<(), FormatError> {
        let mut attributes = Splitter::new(tag.attributes, tag.at);
        while let Some(attribute) = attributes.next()? {
            let Some(prefix) = attribute.declares() else {
                continue;
            };
            self.value(&attribute, tag.at)?;
            if self.scratch.is_empty() && !prefix.is_empty() || prefix == "xmlns" {
                let text = format!("the prefix `{}` cannot be declared so", shown(prefix));
                return Err(malformed(tag.at, text));
            }
            let uri = &self.scratch;
            self.namespaces
                .declare(prefix, uri, depth, &self.limits, tag.at)?;
        }
        Ok(())
    }

    fn namespace(&self, name: QualifiedName<'_>, at: u64) -> Result<bool, FormatError> {
        self.namespaces
            .is_wanted(name.prefix)
            .ok_or_else(|| undeclared(name.prefix, at))
    }

    /// Notes a child of the innermost known element; its number when it is known too.
    fn enter(&mut self, local: &str) -> Option<usize> {
        let Some(parent) = self.open.last_mut() else {
            return self.tree.child(DOCUMENT, local, 0).map(|(node, _)| node);
        };
        parent.has_children = true;
        parent.has_text |= !is_blank(&self.text);
        self.text.clear();
        let (node, position) = self.tree.child(parent.node, local, parent.hint)?;
        parent.hint = position;
        parent.last = Some(position);
        Some(node)
    }

    /// An element that values are taken from may stand once in its parent.
    fn refuse_second(&mut self, node: usize, at: u64) -> Result<(), FormatError> {
        let Some(once) = &self.tree.node(node).once else {
            return Ok(());
        };
        let parent = self.open.last().map_or(0, |open| open.serial);
        match self.seen.get_mut(node) {
            Some(seen) if *seen == parent => self.drafts.repeated(once, at),
            Some(seen) => {
                *seen = parent;
                Ok(())
            }
            None => Ok(()),
        }
    }

    fn open_known(
        &mut self,
        node: usize,
        tag: Tag<'_>,
        source: &mut Source,
    ) -> Result<(), FormatError> {
        let kind = self.tree.node(node).kind;
        if let Some(kind) = kind {
            self.drafts.begin(kind, &self.tree);
            self.carry.begin(kind);
        }
        self.serial += 1;
        self.open.push(Open {
            serial: self.serial,
            node,
            at: tag.at,
            raw_at: kind.map_or(tag.at, |_| source.raw_offset(tag.at)),
            hint: 0,
            last: None,
            has_attributes: false,
            has_children: false,
            has_text: false,
        });
        if tag.attributes.is_empty() {
            Ok(())
        } else {
            self.attributes(node, tag)
        }
    }

    fn attributes(&mut self, node: usize, tag: Tag<'_>) -> Result<(), FormatError> {
        let mut attributes = Splitter::new(tag.attributes, tag.at);
        while let Some(attribute) = attributes.next()? {
            if attribute.declares().is_some() {
                continue;
            }
            self.value(&attribute, tag.at)?;
            if let Some(open) = self.open.last_mut() {
                open.has_attributes = true;
            }
            if !attribute.name.prefix.is_empty() {
                self.namespace(attribute.name, tag.at)?;
                continue;
            }
            let known = &self.tree.node(node).attributes;
            let local = attribute.name.local;
            match known.iter().find(|(name, _)| name == local) {
                Some((_, captures)) => {
                    self.drafts.keep(captures, &self.scratch, tag.at)?;
                }
                None => self.unknown("the attribute", local, tag.at)?,
            }
        }
        Ok(())
    }

    /// Leaves an attribute's value in `scratch`.
    fn value(&mut self, attribute: &Attribute<'_>, at: u64) -> Result<(), FormatError> {
        self.scratch.clear();
        let name = attribute.name.local;
        if has_noncharacter(attribute.value) {
            return Err(noncharacter(at));
        }
        push_attribute(&mut self.scratch, attribute.value).map_err(|bad| match bad {
            BadValue::LessThan => {
                let text = format!("the value of the attribute `{}` has a `<`", shown(name));
                malformed(at, text)
            }
            BadValue::OpenReference => {
                let text = format!("an `&` in the attribute `{}` has no `;`", shown(name));
                malformed(at, text)
            }
            BadValue::Reference(reference) => bad_reference(reference, at),
        })
    }

    fn check_values(&mut self, tag: Tag<'_>) -> Result<(), FormatError> {
        let mut attributes = Splitter::new(tag.attributes, tag.at);
        while let Some(attribute) = attributes.next()? {
            if attribute.declares().is_none() {
                self.value(&attribute, tag.at)?;
                self.namespace(attribute.name, tag.at)?;
            }
        }
        Ok(())
    }

    fn open_unknown(&mut self, name: QualifiedName<'_>, tag: Tag<'_>) -> Result<(), FormatError> {
        if self.open.is_empty() {
            let text = format!(
                "the root element is `{}`, expected `{}`",
                shown(name.local),
                self.tree.roots()
            );
            return Err(broken(&WRONG_ROOT, tag.at, text));
        }
        self.ignored = 1;
        self.check_values(tag)?;
        if self.carry(tag)? {
            return Ok(());
        }
        self.unknown("the element", name.local, tag.at)
    }

    /// Something no field wants: its record is refused, or the content when it is in none.
    fn unknown(&mut self, what: &str, name: &str, at: u64) -> Result<(), FormatError> {
        if !self.refuse_unknown {
            return Ok(());
        }
        let mut open = self.open.iter().rev();
        match open.find_map(|open| self.tree.node(open.node).kind) {
            Some(kind) => {
                self.drafts.unknown(kind, what, name);
                Ok(())
            }
            None => Err(broken(
                &UNKNOWN_ELEMENT,
                at,
                format!("{what} `{}` is in no field of the mapping", shown(name)),
            )),
        }
    }

    /// An end tag, or the second half of an empty one; `end` is the byte after it.
    pub(super) fn end(
        &mut self,
        end: u64,
        source: &mut Source,
        record: &mut WireRecord,
    ) -> Result<Option<Next>, FormatError> {
        self.namespaces.close(self.open.len() + self.ignored);
        if self.ignored > 0 {
            self.ignored -= 1;
            self.carry_end();
            return Ok(None);
        }
        let Some(mut open) = self.open.pop() else {
            return Err(malformed(end, "an end tag without a start tag"));
        };
        self.keep_text(&mut open)?;
        self.text.clear();
        self.root_ended = self.open.is_empty();
        let next = self.end_record(&open, end, source, record)?;
        if self.is_waiting {
            self.hand_on(open.node);
        }
        self.drafts.forget(&self.tree.node(open.node).clears);
        Ok(next)
    }

    /// An element with child elements and only white space has no text at all.
    fn keep_text(&mut self, open: &mut Open) -> Result<(), FormatError> {
        open.has_text |= !is_blank(&self.text);
        let captures = &self.tree.node(open.node).text;
        if captures.is_empty() {
            return Ok(());
        }
        if open.has_children {
            return if open.has_text {
                self.drafts.mixed(captures, &self.tree, open.at)
            } else {
                Ok(())
            };
        }
        let text = if self.trim {
            trimmed(&self.text)
        } else {
            &self.text
        };
        self.drafts.keep(captures, text, open.at)
    }

    fn end_record(
        &mut self,
        open: &Open,
        end: u64,
        source: &mut Source,
        record: &mut WireRecord,
    ) -> Result<Option<Next>, FormatError> {
        let Some(index) = self.tree.node(open.node).kind else {
            return Ok(None);
        };
        let Some(kind) = self.tree.kinds.get(index) else {
            return Ok(None);
        };
        if kind.leaf && end - open.at > self.limits.record_bytes as u64 {
            let limit = self.limits.record_bytes as u64;
            return Err(over("record_bytes", limit, open.at));
        }
        if kind.skip_empty && !(open.has_attributes || open.has_children || open.has_text) {
            return Ok(None);
        }
        self.keep_carried(index, open.at)?;
        self.given += 1;
        let place = Place {
            record: RecordNo(self.given),
            offset: open.raw_at,
            length: source.raw_offset(end).saturating_sub(open.raw_at),
        };
        let next = self.drafts.finish(index, place, &self.tree, record);
        if self.is_waiting && matches!(next, Next::Record) {
            self.hold(record, open.at)?;
            return Ok(None);
        }
        Ok(Some(next))
    }

    /// Character data, raw.
    pub(super) fn text(&mut self, text: &str, at: u64) -> Result<(), FormatError> {
        if self.open.is_empty() {
            return if is_blank(text.as_bytes()) {
                Ok(())
            } else {
                Err(malformed(at, "text stands outside the root element"))
            };
        }
        if memchr::memmem::find(text.as_bytes(), b"]]>").is_some() {
            return Err(malformed(at, "`]]>` stands in text"));
        }
        self.carry.raw(&[text]);
        self.characters(text, at)
    }

    /// The content of a CDATA section.
    pub(super) fn cdata(&mut self, text: &str, at: u64) -> Result<(), FormatError> {
        if self.open.is_empty() {
            return Err(malformed(
                at,
                "a CDATA section stands outside the root element",
            ));
        }
        self.carry.raw(&["<![CDATA[", text, "]]>"]);
        self.characters(text, at)
    }

    fn characters(&mut self, text: &str, at: u64) -> Result<(), FormatError> {
        let limit = self.limits.xml_text_bytes;
        if text.len() > limit {
            return Err(over("xml_text_bytes", limit as u64, at));
        }
        if has_noncharacter(text) {
            return Err(noncharacter(at));
        }
        if self.ignored == 0 {
            push_lines(&mut self.text, text);
        }
        self.bound_text(at)
    }

    /// A reference in text: what stands between `&` and `;`.
    pub(super) fn reference(&mut self, name: &str, at: u64) -> Result<(), FormatError> {
        if self.open.is_empty() {
            return Err(malformed(at, "a reference stands outside the root element"));
        }
        let c = resolve(name).ok_or_else(|| bad_reference(name, at))?;
        self.carry.raw(&["&", name, ";"]);
        if self.ignored == 0 {
            push_char(&mut self.text, c);
        }
        self.bound_text(at)
    }

    /// Many small pieces are no way around the limit of one text.
    fn bound_text(&self, at: u64) -> Result<(), FormatError> {
        let limit = self.limits.xml_text_bytes;
        if self.text.len() > limit {
            return Err(over("xml_text_bytes", limit as u64, at));
        }
        self.bound_carried(at)
    }

    /// A comment or processing instruction: bounded and of allowed characters, else nothing.
    pub(super) fn aside(&mut self, raw: [&str; 3], at: u64) -> Result<(), FormatError> {
        let [_, text, _] = raw;
        let limit = self.limits.xml_text_bytes;
        if text.len() > limit {
            return Err(over("xml_text_bytes", limit as u64, at));
        }
        if has_noncharacter(text) {
            return Err(noncharacter(at));
        }
        self.carry.raw(&raw);
        self.bound_carried(at)
    }

    /// The content ended: exactly one root element must have.
    pub(super) fn finish(&self, at: u64) -> Result<(), FormatError> {
        if self.root_ended {
            return Ok(());
        }
        let text = match self.open.last() {
            Some(open) => format!(
                "the content ends inside `{}`, {} levels deep",
                self.tree.node(open.node).name,
                self.open.len() + self.ignored
            ),
            None => "the content ends before a root element".to_owned(),
        };
        Err(broken(&TRUNCATED, at, text))
    }
}

fn trimmed(text: &[u8]) -> &[u8] {
    match std::str::from_utf8(text) {
        Ok(text) => text.trim_matches(SPACE).as_bytes(),
        // Only whole characters are ever pushed.
        Err(_) => text,
    }
}
