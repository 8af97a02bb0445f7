//! Elements with nothing but text in them, taken where they lie in the buffer.
//!
//! Most of a message is `<Name>text</Name>`, four tokens each; here they are one. The one
//! invariant: what is taken is what the tokenizer would have made of it, and whatever is unusual
//! (attributes, references, a line end to be changed, an unwanted name, an edge of the buffer) is
//! left to the tokenizer whole.

use super::super::chars::{has_noncharacter, is_space};
use super::super::source::Source;
use super::{Walk, trimmed};
use crate::format::FormatError;

/// White space, then one element.
struct Leaf<'a> {
    name: &'a str,
    text: &'a str,
    /// Where its `<` stands.
    start: usize,
    end: usize,
}

impl Walk {
    /// Takes all such elements that come next; gives how many bytes they were. To be called only
    /// where an element has just begun or ended; `at` is where that is.
    pub(in super::super) fn leaves(
        &mut self,
        at: u64,
        source: &mut Source,
    ) -> Result<u64, FormatError> {
        let mut taken = 0;
        while let Some(bytes) = self.leaf(at + taken, source)? {
            taken += bytes;
        }
        Ok(taken)
    }

    /// Takes one; gives how many bytes it was.
    fn leaf(&mut self, at: u64, source: &mut Source) -> Result<Option<u64>, FormatError> {
        if self.ignored > 0 || self.open.len() >= self.limits.xml_depth {
            return Ok(None);
        }
        let Some(leaf) = Leaf::first(source.ahead(), self.limits.xml_text_bytes) else {
            return Ok(None);
        };
        if !self.is_leaf(leaf.name) || self.namespaces.is_wanted("") != Some(true) {
            return Ok(None);
        }
        let Some(node) = self.enter(leaf.name) else {
            return Ok(None);
        };
        let begins = at + leaf.start as u64;
        self.refuse_second(node, begins)?;
        let text = leaf.text.as_bytes();
        let text = if self.trim { trimmed(text) } else { text };
        (self.drafts).keep(&self.tree.node(node).text, text, begins)?;
        let end = leaf.end;
        source.take(end);
        Ok(Some(end as u64))
    }

    /// Whether the innermost element knows a child of that name that is no more than its text.
    fn is_leaf(&self, name: &str) -> bool {
        let child = self
            .open
            .last()
            .and_then(|open| self.tree.child(open.node, name, open.hint));
        child.is_some_and(|(node, _)| {
            let node = self.tree.node(node);
            node.children.is_empty() && node.kind.is_none() && node.clears.is_empty()
        })
    }
}

impl<'a> Leaf<'a> {
    fn first(ahead: &'a [u8], text_bytes: usize) -> Option<Self> {
        let start = ahead.iter().position(|byte| !is_space(*byte))?;
        let tag = ahead.get(start..)?.strip_prefix(b"<")?;
        let (name, rest) = tag.split_at_checked(memchr::memchr(b'>', tag)?)?;
        let rest = rest.strip_prefix(b">")?;
        let (text, rest) = rest.split_at_checked(memchr::memchr2(b'<', b'&', rest)?)?;
        let rest = rest.strip_prefix(b"</")?;
        let rest = rest.strip_prefix(name)?.strip_prefix(b">")?;
        if text.len() > text_bytes || memchr::memchr2(b'\r', b']', text).is_some() {
            return None;
        }
        let text = std::str::from_utf8(text).ok()?;
        (!has_noncharacter(text)).then_some(Self {
            name: std::str::from_utf8(name).ok()?,
            text,
            start,
            end: ahead.len() - rest.len(),
        })
    }
}
