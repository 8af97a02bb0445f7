//! Texts, numbers, booleans and nulls on their way into records.

use super::super::codes::shown;
use super::super::number::plain;
use super::super::plan::JsonType;
use super::super::tree::ROOT;
use super::super::window::Token;
use super::super::{NULL, NUMBER, TYPE};
use super::{JsonReader, text_of};
use crate::format::{FormatError, Next};
use crate::record::WireRecord;

impl JsonReader {
    /// A text, number, boolean (`kind`) or null was taken.
    pub(super) fn scalar(
        &mut self,
        node: Option<usize>,
        token: &Token,
        kind: Option<JsonType>,
        record: &mut WireRecord,
    ) -> Result<Option<Next>, FormatError> {
        let end = self.window.at();
        let Some(number) = node else {
            self.ended()?;
            return Ok(None);
        };
        let own = self.tree.node(number).kind;
        let raw_at = own.map_or(token.at, |_| self.window.raw_offset(token.at));
        let is_empty = self.keep(number, token, kind)?;
        self.ended()?;
        match own {
            Some(own) => self.give(own, (token.at, raw_at, end), is_empty, record),
            None => Ok(None),
        }
    }

    /// Keeps what a scalar is for all that want it; whether it is `null` or `""`.
    fn keep(
        &mut self,
        number: usize,
        token: &Token,
        kind: Option<JsonType>,
    ) -> Result<bool, FormatError> {
        let node = self.tree.node(number);
        let (is_record, skips) = match node.kind.and_then(|kind| self.tree.kinds.get(kind)) {
            Some(kind) => (true, kind.skip_empty),
            None => (false, false),
        };
        let Some(kind) = kind else {
            if is_record && !skips {
                let text = format!("`{}` is null, expected a record", node.label);
                self.trouble_of(number, &NULL, text, token.at)?;
            }
            let captures = &self.tree.node(number).captures;
            self.drafts.keep_null(captures, &self.tree, token.at)?;
            return Ok(true);
        };
        let is_empty = kind == JsonType::Text && token.range.is_empty();
        if let Some(expected) = node.container() {
            if is_record && is_empty && skips {
                return Ok(true);
            }
            if number == ROOT {
                self.wrong_type(number, kind.noun(), expected, token.at)?;
            } else if is_record {
                let text = format!("`{}` is {}, expected {expected}", node.label, kind.noun());
                self.trouble_of(number, &TYPE, text, token.at)?;
            } else {
                self.wrong_type(number, kind.noun(), expected, token.at)?;
            }
            return Ok(is_empty);
        }
        self.keep_scalar(number, token, kind)?;
        Ok(is_empty)
    }

    fn keep_scalar(
        &mut self,
        number: usize,
        token: &Token,
        kind: JsonType,
    ) -> Result<(), FormatError> {
        let node = self.tree.node(number);
        if node.captures.is_empty() {
            return Ok(());
        }
        let text = text_of(&self.window, &self.scratch, token);
        if kind != JsonType::Number {
            return self
                .drafts
                .keep(&node.captures, &self.tree, (text, kind), token.at);
        }
        if let Some(text) = plain(text) {
            return self
                .drafts
                .keep(&node.captures, &self.tree, (&text, kind), token.at);
        }
        let text = format!(
            "`{}` is `{}`, which takes more than 64 digits to write out",
            node.label,
            shown(text)
        );
        let carries = node.carries && node.kind.is_none();
        self.trouble_in(number, &NUMBER, text, token.at, carries)
    }
}
