//! What only XML has: values that a record takes from one beside it, which may come later, and
//! elements that are carried as they stand.

use dukou::format::xml::{SharedValues, XmlPlan};
use dukou::format::{FieldSource, FormatPlan};
use dukou::mapping::{FieldPlan, FieldSourcePlan};

use super::generate::Maker;
use super::shape::{absolute, absolute_in};

/// An element that no mapping knows, at the beginning of its record.
pub(super) const CARRIED: &str = "<?after  20?><Carried>1</Carried>";

impl Maker<'_> {
    /// Whether a field is everything that no other wants.
    pub(super) fn is_rest(&self, kind: usize, field: &FieldPlan) -> bool {
        let FieldSourcePlan::Slot(slot) = field.source else {
            return false;
        };
        let first = self
            .mapping
            .layout
            .records
            .get(kind)
            .and_then(|record| record.slots[slot].first());
        matches!(first, Some(FieldSource::Xml(field)) if field.is_rest())
    }

    /// Whether one kind of record stands neither in another nor around it.
    pub(super) fn is_beside(&self, kind: usize, other: usize) -> bool {
        let mut outer = Some(kind);
        while let Some(at) = outer {
            if at == other {
                return false;
            }
            outer = self.mapping.layout.parent(at);
        }
        true
    }

    /// The kind that is not around a record and has a value at a path of its own.
    pub(super) fn beside(&self, kind: usize, path: &str) -> Option<(usize, usize)> {
        let waits = |plan: &XmlPlan| plan.shared == SharedValues::Anywhere;
        if !matches!(&self.mapping.format, FormatPlan::Xml(plan) if waits(plan)) {
            return None;
        }
        let records = self.mapping.layout.records.iter().enumerate();
        records
            .filter(|(other, _)| self.is_beside(kind, *other))
            .find_map(|(other, record)| {
                let is_it = |slot: &Vec<FieldSource>| {
                    let own = slot.first().filter(|own| absolute(own).is_none());
                    let own =
                        own.filter(|own| !matches!(own, FieldSource::Xml(own) if own.is_rest()));
                    own.and_then(|own| absolute_in(&record.select, own))
                        .is_some_and(|own| own == path)
                };
                Some((other, record.slots.iter().position(is_it)?))
            })
    }

    /// Whether records beside a kind take a value of its own.
    pub(super) fn is_shared_by_others(&self, kind: usize) -> bool {
        (0..self.mapping.layout.records.len()).any(|taker| {
            let slots = 0..self.mapping.layout.records[taker].slots.len();
            let mut twins = slots.filter_map(|slot| self.twin(taker, slot));
            twins.any(|(other, _)| other == kind && self.is_beside(taker, kind))
        })
    }

    /// Gives all records what they take from one beside them.
    pub(super) fn share_beside(&mut self) {
        for at in 0..self.items.len() {
            let kind = self.items[at].kind;
            for field in &self.mapping.records[kind].fields {
                let FieldSourcePlan::Slot(slot) = field.source else {
                    continue;
                };
                let Some((other, own)) = self.twin(kind, slot) else {
                    continue;
                };
                if other == kind || !self.is_beside(kind, other) {
                    continue;
                }
                let fields = &self.mapping.records[other].fields;
                let owner = fields
                    .iter()
                    .find(|field| field.source == FieldSourcePlan::Slot(own));
                if let (Some(owner), Some(from)) = (owner, self.last[other]) {
                    let value = self.get(from, owner);
                    self.set(at, field, value);
                }
            }
        }
    }
}
