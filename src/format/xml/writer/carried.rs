//! Writes the elements that a record carries as they stand, each where it stood.
//!
//! A carried element goes before the first known element that the layout has behind the one it came
//! after, and at the latest before the end of the element it stands in. So a document that has known
//! elements in the layout's order is written as it was read.

use std::io::Write;

use super::super::carried::{Piece, pieces};
use super::{Content, Kind, XmlWriter, unwritable};
use crate::format::WriteError;
use crate::format::nested::shown;

/// An element waiting for its place.
pub(super) struct Carried {
    /// Nodes from the record to the element it stands in.
    holders: Vec<usize>,
    /// What it came after, by the order of writing.
    after: Option<usize>,
    raw: String,
}

/// What is written next.
#[derive(Clone, Copy)]
pub(super) enum Before {
    /// A child of the innermost element.
    Child(usize),
    /// Its end.
    End,
}

/// Of each node, when it is written first: record by record, field by field.
pub(super) fn order(kinds: &[Kind], nodes: usize) -> Vec<usize> {
    let mut order = vec![usize::MAX - 1; nodes];
    let chains = kinds.iter().flat_map(|kind| {
        let fields = kind.slots.iter().flatten().map(|target| &target.chain);
        std::iter::once(&kind.chain).chain(fields)
    });
    for (next, node) in chains.flatten().enumerate() {
        if let Some(place) = order.get_mut(*node) {
            *place = next.min(*place);
        }
    }
    order
}

impl<W: Write> XmlWriter<W> {
    /// The record that was just opened gets what it carries.
    pub(super) fn take_carried(
        &mut self,
        kind: &Kind,
        fields: &[Option<&str>],
    ) -> Result<(), WriteError> {
        let text = kind.rest.and_then(|rest| *fields.get(rest)?);
        let (Some(text), Some(record)) = (text, kind.chain.last()) else {
            return Ok(());
        };
        let Some(pieces) = pieces(text) else {
            let text = "`*` is no list of carried elements as they were read";
            return Err(unwritable(&kind.name, text));
        };
        for piece in pieces {
            let carried = self.placed(*record, &piece).ok_or_else(|| {
                let text = format!(
                    "`*` has `{}` in `{}` after `{}`, which the mapping does not know there",
                    shown(piece.raw),
                    piece.holders.join("/"),
                    piece.after.unwrap_or_default()
                );
                unwritable(&kind.name, text)
            })?;
            if let Some(level) = self.levels.last_mut() {
                level.carried.push_back(carried);
            }
        }
        Ok(())
    }

    fn placed(&self, record: usize, piece: &Piece<'_>) -> Option<Carried> {
        let mut at = record;
        let mut holders = Vec::new();
        for name in &piece.holders {
            at = self.tree.child(at, name, 0)?.0;
            holders.push(at);
        }
        let after = match piece.after {
            None => None,
            Some(name) => Some(self.order_of(self.tree.child(at, name, 0)?.0)),
        };
        Some(Carried {
            holders,
            after,
            raw: piece.raw.to_owned(),
        })
    }

    /// Writes what stands in the innermost element before what comes next.
    pub(super) fn write_carried(&mut self, before: Before, record: &str) -> Result<(), WriteError> {
        let Some(owner) = self.owner() else {
            return Ok(());
        };
        let here: Vec<usize> = self
            .levels
            .iter()
            .skip(owner + 1)
            .map(|level| level.node)
            .collect();
        let next = match before {
            Before::End => usize::MAX,
            Before::Child(node) => self.order_of(node),
        };
        loop {
            let carried = self.levels.get_mut(owner).map(|level| &mut level.carried);
            let Some(carried) = carried else {
                return Ok(());
            };
            let is_due = |piece: &Carried| {
                piece.holders == here && piece.after.is_none_or(|after| after < next)
            };
            let Some(piece) = carried
                .iter()
                .position(is_due)
                .and_then(|at| carried.remove(at))
            else {
                return Ok(());
            };
            self.raw(&piece.raw, record)?;
        }
    }

    fn order_of(&self, node: usize) -> usize {
        self.order.get(node).copied().unwrap_or_default()
    }

    /// The innermost record, if anything waits in it.
    fn owner(&self) -> Option<usize> {
        let owner = self.levels.iter().rposition(|level| level.kind.is_some())?;
        let waits = self
            .levels
            .get(owner)
            .is_some_and(|level| !level.carried.is_empty());
        waits.then_some(owner)
    }

    /// The innermost element ends: all that stands in it comes before. Of a record this is also what
    /// stands in elements that were never begun.
    pub(super) fn close_carried(&mut self) -> Result<(), WriteError> {
        if self.owner().is_none() {
            return Ok(());
        }
        let record = self.owner_name();
        self.write_carried(Before::End, &record)?;
        let depth = self.levels.len();
        let next = |writer: &Self| {
            let level = writer.levels.last().filter(|level| level.kind.is_some())?;
            level.carried.front().map(|piece| piece.holders.clone())
        };
        while let Some(holders) = next(self) {
            for node in holders {
                self.open(node, None, &record)?;
            }
            self.write_carried(Before::End, &record)?;
            self.close_to(depth)?;
        }
        Ok(())
    }

    fn owner_name(&self) -> String {
        let kind = self.levels.iter().rev().find_map(|level| level.kind);
        let kind = kind.and_then(|kind| self.kinds.get(kind));
        kind.map(|kind| kind.name.clone()).unwrap_or_default()
    }

    fn raw(&mut self, raw: &str, record: &str) -> Result<(), WriteError> {
        if self
            .levels
            .last()
            .is_some_and(|level| level.content == Content::Text)
        {
            let text = "`*` has an element where text stands";
            return Err(unwritable(record, text));
        }
        self.begin_content();
        let bytes = self.plan.encoding.encode(raw);
        let bytes = bytes.map_err(|error| unwritable(record, format!("`*`: {error}")))?;
        self.batch.bytes.extend_from_slice(&bytes);
        Ok(())
    }
}
