//! The promises of a generated file, set to what they must equal.

use std::collections::BTreeSet;

use dukou::mapping::{Mapping, Total};
use dukou::value::Value;

use super::generate::Maker;

/// Fields that a sum adds, by kind and field: a row without one would make the sum unreadable.
pub(super) fn summed(mapping: &Mapping) -> BTreeSet<(usize, usize)> {
    let totals = mapping.controls.iter().map(|control| control.total);
    totals
        .filter_map(|total| match total {
            Total::Sum { record, field } => Some((record, field)),
            Total::Count { .. } => None,
        })
        .collect()
}

impl Maker<'_> {
    pub(super) fn keep_promises(&mut self) {
        for control in &self.mapping.controls {
            let declared = control.declared;
            let promise = &self.mapping.records[declared.record].fields[declared.field];
            for at in 0..self.items.len() {
                if self.items[at].kind != declared.record {
                    continue;
                }
                let total = self.total(control.total, control.within.then_some(at));
                let is_silent = !promise.required
                    && !self.summed.contains(&(declared.record, declared.field))
                    && self.choices.one_in(4);
                let value = if is_silent {
                    self.null(promise, declared.record)
                } else {
                    Value::Int(total)
                };
                self.set(at, promise, value);
            }
        }
    }

    fn total(&self, total: Total, within: Option<usize>) -> i64 {
        let wanted = match total {
            Total::Count { record } | Total::Sum { record, .. } => record,
        };
        let items = (0..self.items.len())
            .filter(|at| self.items[*at].kind == wanted && self.is_within(*at, within));
        items
            .map(|at| match total {
                Total::Count { .. } => 1,
                Total::Sum { record, field } => {
                    let field = &self.mapping.records[record].fields[field];
                    self.get(at, field).as_int().expect("a summed field is set")
                }
            })
            .sum()
    }

    fn is_within(&self, at: usize, outer: Option<usize>) -> bool {
        let mut above = Some(at);
        while let Some(one) = above {
            if outer.is_none_or(|outer| outer == one) {
                return true;
            }
            above = self.inside[one];
        }
        false
    }
}
