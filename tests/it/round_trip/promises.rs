//! The promises of a generated file, set to what they must equal.

use std::collections::BTreeSet;

use dukou::mapping::{ControlPlan, Mapping, Total};
use dukou::value::Value;

use super::generate::Maker;

/// Fields that a sum adds, by kind and field: a row without one would make the sum unreadable.
pub(super) fn summed(mapping: &Mapping) -> BTreeSet<(usize, usize)> {
    let sums = mapping.controls.iter();
    let counted = sums
        .filter(|control| matches!(control.total, Total::Sum))
        .flat_map(|control| &control.counted);
    counted
        .filter_map(|counted| Some((counted.record, counted.field?)))
        .collect()
}

impl Maker<'_> {
    pub(super) fn keep_promises(&mut self) {
        for control in &self.mapping.controls {
            let Some(declared) = control.declared else {
                continue;
            };
            let promise = &self.mapping.records[declared.record].fields[declared.field];
            for at in 0..self.items.len() {
                if self.items[at].kind != declared.record {
                    continue;
                }
                let total = self.total(control, control.within.map(|_| at));
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

    fn total(&self, control: &ControlPlan, within: Option<usize>) -> i64 {
        let items = (0..self.items.len()).filter(|at| self.is_within(*at, within));
        items
            .flat_map(|at| {
                let counted = control.counted.iter();
                counted
                    .filter(move |counted| counted.record == self.items[at].kind)
                    .map(move |counted| (at, counted))
            })
            .map(|(at, counted)| {
                let value = counted.field.map_or(1, |field| {
                    let field = &self.mapping.records[counted.record].fields[field];
                    self.get(at, field).as_int().expect("a summed field is set")
                });
                if counted.is_minus { -value } else { value }
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
