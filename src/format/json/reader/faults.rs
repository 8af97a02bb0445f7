//! What is wrong with a value, and whom it spoils: its record, its line or the whole content.

use super::super::codes::{malformed, shown_byte};
use super::super::escape::{BadText, push_unescaped};
use super::super::window::Token;
use super::super::{ENCODING, MALFORMED, TEXT, TRUNCATED};
use super::{JsonReader, State};
use crate::diag::Code;
use crate::format::nested::broken;
use crate::format::{FormatError, Next, Refusal};
use crate::id::RecordNo;
use crate::record::{Place, Reject};

impl JsonReader {
    /// Resolves the escapes of a text into `scratch`, and proves that it is text; `node` is what
    /// the text is the value of.
    pub(super) fn resolve(
        &mut self,
        token: &Token,
        node: Option<usize>,
    ) -> Result<(), FormatError> {
        if !token.is_ascii
            && let Err(wrong) = std::str::from_utf8(self.window.bytes(&token.range))
        {
            let byte = self.window.bytes(&token.range).get(wrong.valid_up_to());
            let text = format!(
                "{} is not UTF-8 here",
                byte.copied().map_or_else(String::new, shown_byte)
            );
            let at = token.at + 1 + wrong.valid_up_to() as u64;
            return self.bad_text(node, text, at);
        }
        if !token.has_escape {
            return Ok(());
        }
        self.scratch.clear();
        let Err(bad) = push_unescaped(&mut self.scratch, self.window.bytes(&token.range)) else {
            return Ok(());
        };
        let at = |offset: usize| token.at + 1 + offset as u64;
        match bad {
            BadText::Escape(offset) => {
                Err(malformed(at(offset), "a `\\` begins no escape of JSON"))
            }
            BadText::Surrogate(offset) => {
                let text = "a text has half a surrogate pair, expected both or none";
                self.bad_text(node, text.to_owned(), at(offset))
            }
            BadText::Nul(offset) => {
                let text = "a text has the character U+0000";
                self.bad_text(node, text.to_owned(), at(offset))
            }
        }
    }

    pub(super) fn bad_text(
        &mut self,
        node: Option<usize>,
        detail: String,
        at: u64,
    ) -> Result<(), FormatError> {
        match node {
            Some(node) => {
                let is_shared = self.tree.node(node).carries;
                self.trouble_in(node, &TEXT, detail, at, is_shared)
            }
            None => self.trouble(&TEXT, None, detail, at, false),
        }
    }

    /// A fault of the record that the value of a node is.
    pub(super) fn trouble_of(
        &mut self,
        node: usize,
        code: &'static Code,
        detail: String,
        at: u64,
    ) -> Result<(), FormatError> {
        self.trouble_in(node, code, detail, at, false)
    }

    /// A fault at the value of a node, which may be a record itself.
    pub(super) fn trouble_in(
        &mut self,
        node: usize,
        code: &'static Code,
        detail: String,
        at: u64,
        is_grave: bool,
    ) -> Result<(), FormatError> {
        match self.tree.node(node).kind {
            Some(kind) => {
                let field = None;
                self.drafts.refuse(
                    kind,
                    Refusal {
                        code,
                        field,
                        detail,
                    },
                );
                Ok(())
            }
            None => self.trouble(code, None, detail, at, is_grave),
        }
    }

    /// A fault inside the innermost open record refuses it; a grave one, or one outside of all
    /// records, the whole content.
    pub(super) fn trouble(
        &mut self,
        code: &'static Code,
        field: Option<String>,
        detail: String,
        at: u64,
        is_grave: bool,
    ) -> Result<(), FormatError> {
        let mut frames = self.frames.iter().rev();
        match frames.find_map(|frame| frame.kind) {
            Some(kind) if !is_grave => {
                self.drafts.refuse(
                    kind,
                    Refusal {
                        code,
                        field,
                        detail,
                    },
                );
                Ok(())
            }
            _ => Err(broken(code, at, detail)),
        }
    }

    /// The same complaint with its offset in the raw content.
    pub(super) fn raw(&mut self, mut error: FormatError) -> FormatError {
        match &mut error {
            // The decoder below says raw offsets already.
            FormatError::Malformed { code, .. } if code.id == ENCODING.id => {}
            FormatError::Malformed { offset, .. } | FormatError::Limit { offset, .. } => {
                *offset = self.window.raw_offset(*offset);
            }
            FormatError::Read(_) | FormatError::Workbook { .. } => {}
        }
        error
    }

    /// A line that is no document is refused alone: a line end never stands inside one. A cut last
    /// line, and a line of which records were given already, spoil the whole content.
    pub(super) fn after_broken_line(&mut self, error: FormatError) -> Result<Next, FormatError> {
        let FormatError::Malformed { code, detail, .. } = &error else {
            return Err(error);
        };
        let is_stream = code.id == ENCODING.id;
        if !self.is_lines || is_stream || self.given > self.line_given {
            return Err(error);
        }
        let (code, detail) = (*code, detail.clone());
        let has_line_end = self.window.skip_line()?;
        if !has_line_end && [MALFORMED.id, TRUNCATED.id].contains(&code.id) {
            return Err(error);
        }
        self.frames.clear();
        self.names.clear();
        self.drafts.forget_all();
        self.state = State::Before;
        self.given += 1;
        let offset = self.line_raw_at;
        let end = self.window.at() - u64::from(has_line_end);
        let place = Place {
            record: RecordNo(self.given),
            offset,
            length: self.window.raw_offset(end).saturating_sub(offset),
        };
        Ok(Next::Refused(Reject {
            code,
            place,
            field: None,
            detail,
        }))
    }
}
