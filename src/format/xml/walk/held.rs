//! Records that wait for the end of the document, because a value that they share may come later.
//!
//! A shared value still ends with the nearest element that holds both: there it is handed to the
//! records that wait for it. The records are given in their order, after the root has ended.

use std::collections::VecDeque;

use super::super::codes::over;
use super::super::tree::Tree;
use super::Walk;
use crate::format::nested::Kept;
use crate::format::{FormatError, Next};
use crate::record::WireRecord;

/// A record, and which of its slots would take which shared values.
#[derive(Debug)]
struct Held {
    record: WireRecord,
    missing: Vec<(usize, Vec<usize>)>,
}

/// All that wait.
#[derive(Debug, Default)]
pub(super) struct Waiting {
    held: VecDeque<Held>,
    bytes: usize,
}

impl Walk {
    /// Keeps a record back.
    pub(super) fn hold(&mut self, record: &WireRecord, at: u64) -> Result<(), FormatError> {
        let missing = missing(&self.tree, record);
        // What a record takes beside its bytes is not more than that.
        self.waiting.bytes += record.len() + 32 * record.slots() + 256;
        let limit = self.limits.xml_held_bytes;
        if self.waiting.bytes > limit {
            return Err(over("xml_held_bytes", limit as u64, at));
        }
        let record = record.clone();
        self.waiting.held.push_back(Held { record, missing });
        Ok(())
    }

    /// Hands shared values to the records that wait for them, before the values end.
    pub(super) fn hand_on(&mut self, node: usize) {
        let ending = &self.tree.node(node).clears;
        for held in &mut self.waiting.held {
            held.missing.retain(|(slot, sources)| {
                let ended = sources.iter().filter(|source| ending.contains(source));
                let value = { ended }.find_map(|source| self.drafts.shared(*source));
                if let Some(value) = value {
                    held.record.set(*slot, value);
                }
                value.is_none()
            });
        }
    }

    /// The next record that waited, once the root has ended.
    pub(in super::super) fn released(&mut self, record: &mut WireRecord) -> Option<Next> {
        if !self.root_ended {
            return None;
        }
        *record = self.waiting.held.pop_front()?.record;
        Some(Next::Record)
    }
}

/// The slots without a value that could be shared.
fn missing(tree: &Tree, record: &WireRecord) -> Vec<(usize, Vec<usize>)> {
    let slots = tree
        .kinds
        .get(record.kind())
        .map_or(&[][..], |kind| &kind.slots);
    let shared = |sources: &Vec<Kept>| -> Vec<usize> {
        let index = |kept: &Kept| match kept {
            Kept::Shared(index) => Some(*index),
            Kept::Local(_) => None,
        };
        sources.iter().filter_map(index).collect()
    };
    let slots = slots.iter().enumerate();
    slots
        .filter(|(slot, _)| matches!(record.text(*slot), Ok(None)))
        .map(|(slot, sources)| (slot, shared(sources)))
        .filter(|(_, sources)| !sources.is_empty())
        .collect()
}
