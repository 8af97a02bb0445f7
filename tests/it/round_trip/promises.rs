//! The promises of a generated file, set to what they must equal.
//!
//! Everything is worked out here a second time, from nothing but what the mapping declares, so
//! that a wrong total of the product's own disagrees.

use std::collections::BTreeSet;

use dukou::mapping::{ControlPlan, Counted, FieldKind, Filter, Hash, Mapping, Total};
use dukou::value::Value;

use super::Item;
use super::generate::Maker;

/// Fields that a control needs in every row, by kind and field: one that is equal to others, or
/// numbered.
pub(super) fn needed(mapping: &Mapping) -> BTreeSet<(usize, usize)> {
    let compared = |control: &&ControlPlan| {
        matches!(control.total, Total::Equal { .. } | Total::Sequence { .. })
    };
    let fields = mapping
        .controls
        .iter()
        .filter(compared)
        .flat_map(|control| {
            let counted = control.counted.iter();
            let promise = control
                .declared
                .map(|promise| (promise.record, promise.field));
            counted
                .filter_map(|counted| Some((counted.record, counted.field?)))
                .chain(promise)
        });
    fields.collect()
}

/// Items without what a control knows of the others: totals, numbers after a known first one, and
/// of equal values all but the first of a file or group. Only what no dataset stores.
pub(super) fn without_promises(mapping: &Mapping, items: &[Item]) -> Vec<Item> {
    let mut lacking = items.to_vec();
    for control in &mapping.controls {
        match control.total {
            Total::Count | Total::Sum | Total::Hash(_) => {
                let declared = control.declared;
                let of = declared
                    .iter()
                    .map(|promise| (promise.record, promise.field));
                take(mapping, &mut lacking, of.collect());
            }
            Total::Sequence { start } if start.is_some() || control.declared.is_some() => {
                take(mapping, &mut lacking, fields(control));
            }
            Total::Sequence { .. } => {}
            Total::Equal { .. } => {
                // The first of the list stands first in its group, as far as kinds are listed so.
                take(mapping, &mut lacking, fields(control).split_off(1));
            }
        }
    }
    lacking
}

fn fields(control: &ControlPlan) -> Vec<(usize, usize)> {
    let counted = control.counted.iter();
    counted
        .filter_map(|counted| Some((counted.record, counted.field?)))
        .collect()
}

fn take(mapping: &Mapping, items: &mut [Item], fields: Vec<(usize, usize)>) {
    for (record, field) in fields {
        let field = &mapping.records[record].fields[field];
        if field.column.is_none() {
            for item in items.iter_mut().filter(|item| item.kind == record) {
                item.local.remove(&field.name);
            }
        }
    }
}

impl Maker<'_> {
    /// Numbers first: an equality may repeat one; then totals, of what is final.
    pub(super) fn keep_promises(&mut self) {
        let rank = |control: &&ControlPlan| match control.total {
            Total::Sequence { .. } => 0,
            Total::Equal { .. } => 1,
            _ => 2,
        };
        let mut controls: Vec<&ControlPlan> = self.mapping.controls.iter().collect();
        controls.sort_by_key(rank);
        for control in controls {
            for group in self.groups(control) {
                match &control.total {
                    Total::Sequence { start } => self.follow(control, *start, &group),
                    Total::Equal { context } => self.equal(control, context.as_deref(), &group),
                    total => self.promise(control, total, &group),
                }
            }
        }
    }

    /// Whether a file must have a record of a kind, and one alone, for what it promises.
    pub(super) fn promises(&self, kind: usize) -> bool {
        self.mapping.controls.iter().any(|control| {
            let is_of_the_file = control.within.is_none() && !control.is_optional;
            let promise = control.declared.as_ref().filter(|_| is_of_the_file);
            promise.is_some_and(|promise| promise.record == kind)
        })
    }

    /// The items of each group that a control speaks of, in the order of the file.
    fn groups(&self, control: &ControlPlan) -> Vec<Vec<usize>> {
        let all = 0..self.items.len();
        let Some(within) = control.within else {
            return vec![all.collect()];
        };
        let heads = all
            .clone()
            .filter(|at| self.items[*at].kind == within.group);
        heads
            .map(|head| all.clone().filter(|at| self.is_within(*at, head)).collect())
            .collect()
    }

    fn is_within(&self, at: usize, outer: usize) -> bool {
        let mut above = Some(at);
        while let Some(one) = above {
            if outer == one {
                return true;
            }
            above = self.inside[one];
        }
        false
    }

    /// The items of a group that a control counts, each with how.
    fn counted<'c>(&self, control: &'c ControlPlan, group: &[usize]) -> Vec<(usize, &'c Counted)> {
        let mut found = Vec::new();
        for at in group {
            let own = control
                .counted
                .iter()
                .filter(|counted| counted.record == self.items[*at].kind);
            found.extend(
                own.filter(|counted| self.fits(*at, &counted.filters))
                    .map(|counted| (*at, counted)),
            );
        }
        found
    }

    fn fits(&self, at: usize, filters: &[Filter]) -> bool {
        filters.iter().all(|filter| {
            let field = &self.mapping.records[self.items[at].kind].fields[filter.field];
            filter.values.contains(&self.seen(at, field))
        })
    }

    fn value(&self, at: usize, field: usize) -> Value {
        self.seen(at, &self.mapping.records[self.items[at].kind].fields[field])
    }

    fn put(&mut self, at: usize, field: usize, value: Value) {
        let field = &self.mapping.records[self.items[at].kind].fields[field];
        if !matches!(field.kind, FieldKind::Fixed(_) | FieldKind::SameAs(_)) {
            self.set(at, field, value);
        }
    }

    fn promise(&mut self, control: &ControlPlan, total: &Total, group: &[usize]) {
        let Some(declared) = control.declared else {
            return;
        };
        let field = &self.mapping.records[declared.record].fields[declared.field];
        let sum = Value::Int(self.total(control, total, group));
        for at in group {
            if self.items[*at].kind != declared.record {
                continue;
            }
            let may_be_silent = control.is_optional && !field.required && !self.is_promised;
            let value = if may_be_silent && self.choices.one_in(4) {
                self.null(field, declared.record)
            } else {
                sum.clone()
            };
            self.set(*at, field, value);
        }
    }

    fn total(&self, control: &ControlPlan, total: &Total, group: &[usize]) -> i64 {
        let mut sum = 0_i128;
        for (at, counted) in self.counted(control, group) {
            let value = counted
                .field
                .map_or(Value::Int(1), |field| self.value(at, field));
            let is_minus = match counted.minus_filters.as_slice() {
                [] => counted.is_minus,
                filters => counted.is_minus != self.fits(at, filters),
            };
            let number = match (total, &value) {
                (_, Value::Null(_)) => 0,
                (Total::Hash(hash), value) => digits(hash, value),
                (_, value) => i128::from(value.as_int().expect("a number is summed")),
            };
            sum += if is_minus { -number } else { number };
        }
        if let Total::Hash(Hash {
            modulus: Some(modulus),
            ..
        }) = total
        {
            sum %= i128::from(*modulus);
        }
        i64::try_from(sum).expect("generated numbers leave room for sums")
    }

    fn follow(&mut self, control: &ControlPlan, start: Option<i64>, group: &[usize]) {
        let mut next = start.unwrap_or(1);
        if let Some(declared) = control.declared {
            // Small, so that the numbers after it have room.
            let first = i64::try_from(self.choices.below(1000)).expect("small");
            next = start.unwrap_or(first);
            for at in group {
                if self.items[*at].kind == declared.record {
                    self.put(*at, declared.field, Value::Int(next));
                }
            }
        }
        for (at, counted) in self.counted(control, group) {
            if let Some(field) = counted.field {
                self.put(at, field, Value::Int(next));
                next += 1;
            }
        }
    }

    fn equal(&mut self, control: &ControlPlan, context: Option<&str>, group: &[usize]) {
        let counted = self.counted(control, group);
        let mut fields = counted
            .into_iter()
            .filter_map(|(at, counted)| Some((at, counted.field?)));
        let Some((first, field)) = fields.next() else {
            return;
        };
        let value = self.value(first, field);
        let value = match context {
            Some(name) => self.surroundings_agree(name, value),
            None => value,
        };
        self.put(first, field, value.clone());
        for (at, field) in fields {
            self.put(at, field, value.clone());
        }
    }
}

/// The number that the digits of a value make.
fn digits(hash: &Hash, value: &Value) -> i128 {
    let text = match value {
        Value::Int(number) => number.to_string(),
        other => other.as_text().expect("digits are hashed").to_owned(),
    };
    let part = match (hash.first_digits, hash.last_digits) {
        (Some(first), _) => text.get(..first),
        (None, Some(last)) => text.len().checked_sub(last).and_then(|at| text.get(at..)),
        (None, None) => None,
    };
    // A shorter number is taken as a whole.
    let part = part.unwrap_or(&text);
    part.parse().expect("digits")
}
