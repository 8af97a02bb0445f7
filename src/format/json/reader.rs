//! Tokens of a document, turned into records.

mod faults;
mod scalar;

use std::io::Read;

use super::codes::{malformed, over, shown, shown_byte};
use super::draft::Drafts;
use super::names::{Mark, Names};
use super::plan::{JsonPlan, JsonType, UnknownMembers};
use super::tree::{ROOT, Tree};
use super::window::{Token, Window, truncated};
use super::{DUPLICATE_MEMBER, TYPE, UNKNOWN_MEMBER, WRONG_ROOT};
use crate::format::nested::broken;
use crate::format::{FormatError, Layout, Limits, Next};
use crate::id::RecordNo;
use crate::record::{Place, WireRecord};

/// Reads records from one JSON document, or from one a line.
///
/// A record is given at its end: records inside it come before it, and are numbered so. A shared
/// value must stand before the records that share it. `End` is given only when the whole content
/// has been proven to be JSON; a broken line of several is refused alone.
pub struct JsonReader {
    window: Window,
    tree: Tree,
    drafts: Drafts,
    names: Names,
    limits: Limits,
    is_lines: bool,
    refuse_unknown: bool,
    state: State,
    frames: Vec<Frame>,
    /// How many objects and arrays have begun.
    serial: u64,
    /// By node, the serial of the object it was last seen in.
    seen: Vec<u64>,
    scratch: Vec<u8>,
    given: u64,
    /// Where the line at hand begins, and how many records had been given before it.
    line_raw_at: u64,
    line_given: u64,
}

/// An object or array that has not ended yet.
#[derive(Debug, Clone, Copy)]
struct Frame {
    is_object: bool,
    node: Option<usize>,
    kind: Option<usize>,
    at: u64,
    raw_at: u64,
    /// Which of the node's children to look at first.
    hint: usize,
    serial: u64,
    count: usize,
    mark: Mark,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum State {
    /// Before the outermost value, or before that of a line.
    Before,
    /// After `{` or `[`.
    Opened,
    /// After a value inside the innermost frame.
    Between,
    /// After the outermost value.
    After,
}

impl JsonReader {
    pub(in crate::format) fn open(
        plan: &JsonPlan,
        layout: &Layout,
        limits: &Limits,
        content: Box<dyn Read + Send>,
    ) -> Result<Self, FormatError> {
        let tree = Tree::new(layout);
        Ok(Self {
            window: Window::open(content, plan.encoding, limits)?,
            drafts: Drafts::new(&tree, plan, limits),
            names: Names::default(),
            limits: limits.clone(),
            is_lines: plan.lines,
            refuse_unknown: plan.unknown == UnknownMembers::Refuse,
            state: State::Before,
            frames: Vec::new(),
            serial: 0,
            seen: vec![0; tree.nodes().len()],
            scratch: Vec::new(),
            given: 0,
            line_raw_at: 0,
            line_given: 0,
            tree,
        })
    }

    pub(in crate::format) fn next(&mut self, record: &mut WireRecord) -> Result<Next, FormatError> {
        loop {
            match self.step(record) {
                Ok(None) => {}
                Ok(Some(next)) => return Ok(next),
                Err(error) => {
                    let error = self.raw(error);
                    return self.after_broken_line(error);
                }
            }
        }
    }

    /// Reads on by one value, bracket or end.
    fn step(&mut self, record: &mut WireRecord) -> Result<Option<Next>, FormatError> {
        match self.state {
            State::Before => {
                if self.window.skip_space(true)?.is_none() {
                    if self.is_lines {
                        return Ok(Some(Next::End));
                    }
                    return Err(truncated(self.window.at(), "it has no value"));
                }
                self.line_raw_at = self.window.raw_offset(self.window.at());
                self.line_given = self.given;
                self.value(Some(ROOT), record)
            }
            State::Opened | State::Between => self.inside(record),
            State::After => match self.window.skip_space(true)? {
                None => Ok(Some(Next::End)),
                Some(byte) => {
                    let text = format!("{} stands after the end", shown_byte(byte));
                    Err(malformed(self.window.at(), text))
                }
            },
        }
    }

    /// Reads on inside the innermost frame.
    fn inside(&mut self, record: &mut WireRecord) -> Result<Option<Next>, FormatError> {
        let Some(frame) = self.frames.last().copied() else {
            self.state = State::After;
            return Ok(None);
        };
        let end = if frame.is_object { b'}' } else { b']' };
        let byte = self.significant()?;
        if byte == end {
            self.window.take();
            return self.close(record);
        }
        if self.state == State::Between {
            if byte != b',' {
                let text = format!(
                    "{} stands where `,` or `{}` is expected",
                    shown_byte(byte),
                    char::from(end)
                );
                return Err(malformed(self.window.at(), text));
            }
            self.window.take();
            self.significant()?;
        }
        let node = if frame.is_object {
            self.member(frame)?
        } else {
            frame.node.and_then(|node| self.tree.node(node).each)
        };
        self.value(node, record)
    }

    /// The next byte that is no white space; the content cannot end here.
    fn significant(&mut self) -> Result<u8, FormatError> {
        match self.window.skip_space(!self.is_lines)? {
            Some(b'\n') => Err(malformed(
                self.window.at(),
                "the line ends before its document does",
            )),
            Some(byte) => Ok(byte),
            None => Err(truncated(
                self.window.at(),
                "an object or array is still open",
            )),
        }
    }

    /// Reads a name and its colon; gives the node of its value, when there is one.
    fn member(&mut self, frame: Frame) -> Result<Option<usize>, FormatError> {
        let byte = self.significant()?;
        if byte != b'"' {
            let text = format!(
                "{} stands where a name in quotes is expected",
                shown_byte(byte)
            );
            return Err(malformed(self.window.at(), text));
        }
        let name = self.window.text()?;
        self.resolve(&name, None)?;
        let node = self.name(frame, &name)?;
        let byte = self.significant()?;
        if byte != b':' {
            let text = format!("{} stands where `:` is expected", shown_byte(byte));
            return Err(malformed(self.window.at(), text));
        }
        self.window.take();
        Ok(node)
    }

    fn name(&mut self, frame: Frame, token: &Token) -> Result<Option<usize>, FormatError> {
        self.count_member(token.at)?;
        let name = text_of(&self.window, &self.scratch, token);
        let found = frame
            .node
            .and_then(|node| self.tree.child(node, name, frame.hint));
        let Some((node, position)) = found else {
            let is_unwanted = self.refuse_unknown && frame.node.is_some();
            let (code, text) = if !self.names.note(frame.mark, name) {
                (&DUPLICATE_MEMBER, twice(name))
            } else if is_unwanted {
                let text = format!("the name `{}` is in no field of the mapping", shown(name));
                (&UNKNOWN_MEMBER, text)
            } else {
                return Ok(None);
            };
            self.trouble(code, None, text, token.at, false)?;
            return Ok(None);
        };
        if let Some(frame) = self.frames.last_mut() {
            frame.hint = position + 1;
        }
        let is_new = match self.seen.get_mut(node) {
            Some(seen) => std::mem::replace(seen, frame.serial) != frame.serial,
            None => true,
        };
        if !is_new {
            let text = twice(name);
            let carries = self.tree.node(node).carries;
            self.trouble(&DUPLICATE_MEMBER, None, text, token.at, carries)?;
        }
        Ok(Some(node))
    }

    fn count_member(&mut self, at: u64) -> Result<(), FormatError> {
        let Some(frame) = self.frames.last_mut() else {
            return Ok(());
        };
        frame.count += 1;
        if frame.count > self.limits.json_members {
            return Err(over("json_members", self.limits.json_members, at));
        }
        Ok(())
    }

    /// Reads a value, or the bracket that begins it.
    fn value(
        &mut self,
        node: Option<usize>,
        record: &mut WireRecord,
    ) -> Result<Option<Next>, FormatError> {
        let byte = self.significant()?;
        match byte {
            b'{' | b'[' => {
                self.begin(node, byte == b'{')?;
                return Ok(None);
            }
            _ => {}
        }
        if let Some(own) = node.and_then(|node| self.tree.node(node).kind) {
            self.drafts.begin(own, &self.tree);
        }
        match byte {
            b'"' => {
                let token = self.window.text()?;
                self.resolve(&token, node)?;
                self.scalar(node, &token, Some(JsonType::Text), record)
            }
            b'-' | b'0'..=b'9' => {
                let token = self.window.number()?;
                self.scalar(node, &token, Some(JsonType::Number), record)
            }
            _ => {
                let token = self.window.word()?;
                let is_null = self.window.bytes(&token.range) == b"null";
                let kind = (!is_null).then_some(JsonType::Boolean);
                self.scalar(node, &token, kind, record)
            }
        }
    }

    fn begin(&mut self, node: Option<usize>, is_object: bool) -> Result<(), FormatError> {
        let at = self.window.at();
        if self.frames.len() >= self.limits.json_depth {
            return Err(over("json_depth", self.limits.json_depth, at));
        }
        let kind = node.and_then(|node| self.tree.node(node).kind);
        if let Some(kind) = kind {
            self.drafts.begin(kind, &self.tree);
        }
        self.serial += 1;
        self.frames.push(Frame {
            is_object,
            node,
            kind,
            at,
            raw_at: kind.map_or(at, |_| self.window.raw_offset(at)),
            hint: 0,
            serial: self.serial,
            count: 0,
            mark: self.names.open(),
        });
        let found = if is_object { "an object" } else { "an array" };
        if let Some(number) = node {
            let wanted = &self.tree.node(number);
            let expected = match wanted.container() {
                None if wanted.captures.is_empty() => found,
                None => "a text, number or boolean",
                Some(container) => container,
            };
            if expected != found {
                self.wrong_type(number, found, expected, at)?;
                // What it holds is not what the paths mean.
                if let Some(frame) = self.frames.last_mut() {
                    frame.node = None;
                }
            }
        }
        self.window.take();
        self.state = State::Opened;
        Ok(())
    }

    fn wrong_type(
        &mut self,
        node: usize,
        found: &str,
        expected: &str,
        at: u64,
    ) -> Result<(), FormatError> {
        let wanted = self.tree.node(node);
        let text = format!("`{}` is {found}, expected {expected}", wanted.label);
        if node == ROOT {
            let text = format!("the content is {found}, expected {expected}");
            return Err(broken(&WRONG_ROOT, at, text));
        }
        // A record of the wrong type spoils itself only; what leads to records or is shared spoils
        // the whole.
        let carries = wanted.carries && wanted.kind.is_none();
        self.trouble(&TYPE, None, text, at, carries)
    }

    /// A `}` or `]` was taken.
    fn close(&mut self, record: &mut WireRecord) -> Result<Option<Next>, FormatError> {
        let Some(frame) = self.frames.pop() else {
            return Ok(None);
        };
        self.names.close(frame.mark);
        let end = self.window.at();
        self.ended()?;
        let is_empty = frame.is_object && frame.count == 0;
        let next = match frame.kind {
            Some(kind) => self.give(kind, (frame.at, frame.raw_at, end), is_empty, record)?,
            None => None,
        };
        if let Some(node) = frame.node {
            self.drafts.forget(&self.tree.node(node).clears);
        }
        Ok(next)
    }

    /// A value has ended: what may come now.
    fn ended(&mut self) -> Result<(), FormatError> {
        self.state = match (self.frames.is_empty(), self.is_lines) {
            (false, _) => State::Between,
            (true, false) => State::After,
            (true, true) => {
                match self.window.skip_space(false)? {
                    None | Some(b'\n') => {}
                    Some(byte) => {
                        let text = format!("{} stands after the line's document", shown_byte(byte));
                        return Err(malformed(self.window.at(), text));
                    }
                }
                State::Before
            }
        };
        Ok(())
    }

    /// Ends a record: `span` is where it begins, here and in the raw content, and where it ends.
    fn give(
        &mut self,
        kind: usize,
        (at, raw_at, end): (u64, u64, u64),
        is_empty: bool,
        record: &mut WireRecord,
    ) -> Result<Option<Next>, FormatError> {
        let Some(known) = self.tree.kinds.get(kind) else {
            return Ok(None);
        };
        if known.leaf && end - at > self.limits.record_bytes as u64 {
            return Err(over("record_bytes", self.limits.record_bytes, at));
        }
        if known.skip_empty && is_empty {
            return Ok(None);
        }
        self.given += 1;
        let place = Place {
            record: RecordNo(self.given),
            offset: raw_at,
            length: self.window.raw_offset(end).saturating_sub(raw_at),
        };
        Ok(Some(self.drafts.finish(kind, place, &self.tree, record)))
    }
}

fn twice(name: &[u8]) -> String {
    format!("the name `{}` stands twice in an object", shown(name))
}

/// The text of a token whose escapes, if any, are resolved in `scratch`.
fn text_of<'a>(window: &'a Window, scratch: &'a [u8], token: &Token) -> &'a [u8] {
    if token.has_escape {
        scratch
    } else {
        window.bytes(&token.range)
    }
}
